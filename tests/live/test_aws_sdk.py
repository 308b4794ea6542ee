"""aws-sdk Tasks against an endpoint that plays AWS's services and misbehaves on request, and against
moto_server where it is installed: what is asked, with whose signature, and how it fails.

    GAIT=build/gait python3 -m unittest tests.live.test_aws_sdk
"""

import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

sys.path.insert(0, str(Path(__file__).resolve().parent))

import moto_server  # noqa: E402: found by the line above
from server import GAIT, SECONDS_MAX, ApiError, Server, until  # noqa: E402

ROLE = "arn:aws:iam::123456789012:role/r"
OTHER_ROLE = "arn:aws:iam::999999999999:role/other"
SECRETS = {"test": "test", "AKIDENV": "env-secret", "AKIDCONTAINER": "container-secret",
           "AKIDPROCESS": "process-secret", "AKIDROLE": "role-secret", "AKIDWEB": "web-secret"}


def signature(secret, method, path, query, headers, signed, body, scope, when):
    """Signature Version 4, computed once more from the documents."""
    def mac(key, text):
        return hmac.new(key, text.encode(), hashlib.sha256).digest()

    digest = headers.get("x-amz-content-sha256") or hashlib.sha256(body).hexdigest()
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in signed)
    canonical = "\n".join([method, path, query, lines, ";".join(signed), digest])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", when, "/".join(scope),
                         hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in scope:
        key = mac(key, part)
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


class Fake:
    """DynamoDB whose table's name says how it behaves; STS; a container's credentials."""

    def __init__(self):
        self.seen, self.lock, self.turn = [], threading.Lock(), {}
        self.release = threading.Event()  # those who are stalled
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fake.answer(self, body)

            do_GET = do_PUT = do_POST

        class Listener(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self.server = Listener(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    def requests(self, table):
        with self.lock:
            return [seen for seen in self.seen if seen["table"] == table]

    @staticmethod
    def send(handler, status, body, kind="application/x-amz-json-1.0", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("x-amzn-RequestId", "REQUEST1")
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    def check(self, handler, body):
        """The access key whose signature this is; None for a wrong one, "" for none at all."""
        claim = handler.headers.get("Authorization", "")
        if not claim.startswith("AWS4-HMAC-SHA256 "):
            return ""
        parts = dict(part.strip().split("=", 1) for part in claim.split(" ", 1)[1].split(","))
        key, *scope = parts["Credential"].split("/")
        headers = {name.lower(): value for name, value in handler.headers.items()}
        path, _, query = handler.path.partition("?")
        wanted = signature(SECRETS.get(key, ""), handler.command, path, query, headers,
                           parts["SignedHeaders"].split(";"), body, scope, headers["x-amz-date"])
        return key if wanted == parts["Signature"] else None

    def answer(self, handler, body):
        if handler.path.startswith("/container"):
            self.note(handler, "container", handler.headers.get("Authorization"))
            self.send(handler, 200, {
                "AccessKeyId": "AKIDCONTAINER", "SecretAccessKey": "container-secret",
                "Token": "container-token", "Expiration": "2099-01-01T00:00:00Z"})
        elif b"Action=AssumeRole" in body:
            self.assume(handler, body)
        else:
            given = json.loads(body or b"{}")
            table = given.get("TableName", "")
            self.note(handler, table, self.check(handler, body))
            getattr(self, "table_" + table.split("-")[0])(handler, table)

    def note(self, handler, table, key):
        with self.lock:
            self.turn[table] = self.turn.get(table, 0) + 1
            self.seen.append({"table": table, "key": key, "path": handler.path,
                              "headers": dict(handler.headers.items())})

    def assume(self, handler, body):
        given = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        is_web = given["Action"] == "AssumeRoleWithWebIdentity"
        self.note(handler, given["Action"] + " " + given["RoleArn"], self.check(handler, body))
        if given["RoleArn"].endswith("/forbidden"):
            self.send(handler, 403, b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>"
                      b"not allowed</Message></Error><RequestId>R</RequestId></ErrorResponse>",
                      "text/xml")
            return
        key, secret = ("AKIDWEB", "web-secret") if is_web else ("AKIDROLE", "role-secret")
        action = given["Action"]
        self.send(handler, 200, (
            f"<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId>"
            f"<SecretAccessKey>{secret}</SecretAccessKey><SessionToken>role-token</SessionToken>"
            f"<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></{action}Result>"
            f"</{action}Response>").encode(), "text/xml")

    # How tables behave.

    def table_good(self, handler, _):
        self.send(handler, 200, {"Item": {"id": {"S": "1"}}})

    def table_missing(self, handler, _):
        self.send(handler, 400, {
            "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
            "message": "Requested resource not found"})

    def table_strange(self, handler, _):
        self.send(handler, 400, {"__type": "SomethingNew", "message": "hm"})

    def table_broken(self, handler, _):
        self.send(handler, 500, {"__type": "InternalServerError", "message": "oops"})

    def table_throttled(self, handler, table):
        if self.turn[table] < 3:
            self.send(handler, 429, {"__type": "ThrottlingException", "message": "slower"})
        else:
            self.table_good(handler, table)

    def table_garbage(self, handler, _):
        self.send(handler, 200, b"<html>not JSON")

    def table_long(self, handler, _):
        self.send(handler, 200, b'{"Item":{"id":{"S":"' + b"x" * (9 << 20) + b'"}}}')

    def table_closed(self, handler, _):
        handler.close_connection = True

    def table_reset(self, handler, _):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                      b"\x01\x00\x00\x00\x00\x00\x00\x00")
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        handler.close_connection = True

    def table_stalled(self, handler, _):
        self.release.wait(SECONDS_MAX)
        handler.close_connection = True


def definition(action, parameters, **more):
    return json.dumps({"StartAt": "Call", "States": {"Call": {
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:" + action,
        "Parameters": parameters, "End": True, **more}}})


class WithServer(unittest.TestCase):
    variables, config = {}, {"aws": {"timeoutSeconds": 600}}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.fake = Fake()
        path = os.path.join(cls.folder, "config.json")
        Path(path).write_text(json.dumps(cls.config))
        cls.server = Server("--memory", "--config", path, variables={
            "HOME": cls.folder, "AWS_EC2_METADATA_DISABLED": "true",
            **{name: value.replace("FAKE", cls.fake.url).replace("FOLDER", cls.folder)
               for name, value in cls.variables.items()}})
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        status, said = cls.server.stop()
        cls.fake.close()
        shutil.rmtree(cls.folder)
        assert status == 0, said
        assert not any(secret in said for secret in SECRETS.values() if secret != "test"), said

    def start(self, text):
        type(self).count += 1
        machine = self.server.call("CreateStateMachine", name=f"m{self.count}", definition=text,
                                   roleArn=ROLE)
        return self.server.call("StartExecution", stateMachineArn=machine["stateMachineArn"])

    def run_task(self, action, parameters, **more):
        arn = self.start(definition(action, parameters, **more))["executionArn"]
        return self.server.wait(arn), self.server.history(arn)

    def get(self, table, **more):
        return self.run_task("dynamodb:getItem",
                             {"TableName": table, "Key": {"id": {"S": "1"}}}, **more)

    def assert_failed(self, told, events, error, cause):
        self.assertEqual(told["status"], "FAILED")
        self.assertEqual((told["error"], told["cause"]), (error, cause))
        failed = next(e for e in events if e["type"] == "TaskFailed")["taskFailedEventDetails"]
        self.assertEqual(failed, {"resourceType": "aws-sdk:dynamodb", "resource": "getItem",
                                  "error": error, "cause": cause})


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
class Calls(WithServer):
    variables = {"AWS_ENDPOINT_URL": "FAKE"}

    def test_calls_and_tells_of_it(self):
        told, events = self.get("good")
        self.assertEqual(json.loads(told["output"]), {"Item": {"Id": {"S": "1"}}}
                         if '"Id"' in told["output"] else {"Item": {"id": {"S": "1"}}})
        self.assertEqual([e["type"] for e in events[2:5]],
                         ["TaskScheduled", "TaskStarted", "TaskSucceeded"])
        scheduled = events[2]["taskScheduledEventDetails"]
        self.assertEqual((scheduled["resourceType"], scheduled["resource"], scheduled["region"]),
                         ("aws-sdk:dynamodb", "getItem", "us-east-1"))

    def test_signs_for_an_emulator_without_credentials(self):
        self.get("good-unsigned")
        seen = self.fake.requests("good-unsigned")[0]
        self.assertEqual(seen["key"], "test")
        self.assertEqual(seen["headers"]["X-Amz-Target"], "DynamoDB_20120810.GetItem")
        self.assertIn("/us-east-1/dynamodb/aws4_request", seen["headers"]["Authorization"])

    def test_gives_the_services_errors_their_names(self):
        self.assert_failed(
            *self.get("missing"), "DynamoDb.ResourceNotFoundException",
            "Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: "
            "REQUEST1) (SDK Attempt Count: 1)")
        self.assert_failed(
            *self.get("strange"), "DynamoDb.DynamoDbException",
            "hm (Service: DynamoDb, Status Code: 400, Request ID: REQUEST1) "
            "(SDK Attempt Count: 1)")

    def test_tries_three_times_what_may_succeed(self):
        told, _ = self.get("throttled")
        self.assertEqual(told["status"], "SUCCEEDED")
        self.assertEqual(len(self.fake.requests("throttled")), 3)
        told, events = self.get("broken")
        self.assert_failed(
            told, events, "DynamoDb.InternalServerErrorException",
            "oops (Service: DynamoDb, Status Code: 500, Request ID: REQUEST1) "
            "(SDK Attempt Count: 3)")
        self.assertEqual(len(self.fake.requests("broken")), 3)

    def test_survives_endpoints_that_misbehave(self):
        told, events = self.get("reset")
        self.assert_failed(told, events, "DynamoDb.SdkClientException",
                           "Unable to execute HTTP request: Connection reset (SDK Attempt Count: 3)")
        self.assertGreaterEqual(len(self.fake.requests("reset")), 3)
        # Which of both is told depends on how fast the end of the connection is seen.
        self.assertRegex(self.get("closed")[0]["cause"],
                         "(The target server failed to respond|Connection reset) .SDK Attempt "
                         "Count: 3.$")
        for table in "garbage", "long":
            with self.subTest(table):
                told, _ = self.get(table)
                self.assertEqual(told["error"], "DynamoDb.SdkClientException")
                self.assertTrue(told["cause"].endswith("(SDK Attempt Count: 1)"), told["cause"])

    def test_a_timeout_of_the_task_ends_the_call(self):
        told, _ = self.get("stalled-task", TimeoutSeconds=1)
        self.assertEqual((told["status"], told["error"]), ("FAILED", "States.Timeout"))

    def test_refuses_parameters_that_do_not_fit(self):
        parameters = {"TableName": "good", "Key": {}, "Nonsense": 1}
        with self.assertRaises(ApiError) as refused:
            self.start(definition("dynamodb:getItem", parameters))
        self.assertIn('The field "Nonsense" is not supported by Step Functions at '
                      '/States/Call/Parameters', refused.exception.message)
        given = json.loads(definition("dynamodb:getItem", {}))
        given["States"]["Call"].pop("Parameters")
        given["States"]["Before"] = {"Type": "Pass", "Result": parameters, "Next": "Call"}
        given["StartAt"] = "Before"
        arn = self.start(json.dumps(given))["executionArn"]
        told = self.server.wait(arn)
        self.assertEqual((told["status"], told["error"]), ("FAILED", "States.Runtime"))
        self.assertIn("could not be used to start the Task: [The field \"Nonsense\" is not supported "
                      "by Step Functions]", told["cause"])
        self.assertNotIn("TaskScheduled", [e["type"] for e in self.server.history(arn)])

    def test_refuses_what_does_not_exist_in_awss_words(self):
        for action in "dynamodb:fly", "nosuch:getItem", "dynamodb:GetItem":
            with self.subTest(action), self.assertRaises(ApiError) as refused:
                self.start(definition(action, {}))
            self.assertEqual(refused.exception.name, "InvalidDefinition")
            self.assertIn(
                f"The resource provided arn:aws:states:::aws-sdk:{action} is not recognized. The "
                "value is not a valid resource ARN, or the resource is not available in this "
                "region.", refused.exception.message)

    def test_a_token_is_waited_for_after_the_call(self):
        arn = self.start(definition("dynamodb:getItem.waitForTaskToken", {
            "TableName.$": "States.Format('good-{}', $$.Execution.Name)",
            "Key": {"id": {"S.$": "$$.Task.Token"}}}))["executionArn"]
        self.server.wait_for_event(arn, "TaskSubmitted")
        events = self.server.history(arn)
        self.assertEqual(events[-1]["type"], "TaskSubmitted")
        token = json.loads(
            events[2]["taskScheduledEventDetails"]["parameters"])["Key"]["id"]["S"]
        self.server.call("SendTaskSuccess", taskToken=token, output='"done"')
        self.assertEqual(self.server.wait(arn)["output"], '"done"')

    def test_many_at_once(self):
        arns = []
        machine = self.server.call("CreateStateMachine", name="many", roleArn=ROLE, definition=
                                   definition("dynamodb:getItem", {
                                       "TableName": "good-many", "Key": {"id": {"S": "1"}}}))
        for _ in range(300):
            arns.append(self.server.call("StartExecution", stateMachineArn=machine[
                "stateMachineArn"])["executionArn"])
        self.assertEqual({self.server.wait(arn)["status"] for arn in arns}, {"SUCCEEDED"})
        self.assertEqual(len(self.fake.requests("good-many")), 300)
        open_files = os.listdir(f"/proc/{self.server.process.pid}/fd")
        self.assertLess(len(open_files), 200)  # 128 connections to one host at most

    def test_step_functions_is_this_server(self):
        machine = self.server.call("CreateStateMachine", name="child", roleArn=ROLE, definition=
                                   json.dumps({"StartAt": "P", "States": {
                                       "P": {"Type": "Pass", "End": True}}}))
        told, _ = self.run_task("sfn:startExecution",
                                {"StateMachineArn": machine["stateMachineArn"], "Name": "one"})
        self.assertEqual(told["status"], "SUCCEEDED", told)
        child = json.loads(told["output"])["ExecutionArn"]
        self.assertEqual(self.server.wait(child)["status"], "SUCCEEDED")


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
class Impatient(WithServer):
    variables = {"AWS_ENDPOINT_URL": "FAKE"}
    config = {"aws": {"timeoutSeconds": 1}}

    def test_gives_up_an_endpoint_that_does_not_answer(self):
        def given_up():
            told, events = self.get("stalled")
            # a machine that stands still for a second may not even see that it is connected
            return (told, events) if "connect timed out" not in told["cause"] else None

        self.assert_failed(
            *until(given_up), "DynamoDb.SdkClientException",
            "Unable to execute HTTP request: Read timed out (SDK Attempt Count: 3)")
        until(lambda: len(self.fake.requests("stalled")) >= 3, "three attempts")


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
class Environment(WithServer):
    variables = {"AWS_ENDPOINT_URL_DYNAMODB": "FAKE/prefix", "AWS_ENDPOINT_URL_STS": "FAKE",
                 "AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "env-secret",
                 "AWS_SESSION_TOKEN": "env-token"}

    def test_signs_with_the_keys_of_the_environment(self):
        told, events = self.get("good")
        self.assertEqual(told["status"], "SUCCEEDED")
        seen = self.fake.requests("good")[0]
        self.assertEqual(seen["key"], "AKIDENV")
        self.assertEqual(seen["path"], "/prefix/")
        self.assertEqual(seen["headers"]["X-Amz-Security-Token"], "env-token")
        self.assertNotIn("env-secret", json.dumps([told, events]))

    def test_assumes_the_role_of_the_task_once(self):
        for _ in range(3):
            told, events = self.get("good-role", Credentials={"RoleArn": OTHER_ROLE})
            self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual({seen["key"] for seen in self.fake.requests("good-role")}, {"AKIDROLE"})
        asked = self.fake.requests("AssumeRole " + OTHER_ROLE)
        self.assertEqual([seen["key"] for seen in asked], ["AKIDENV"])
        self.assertEqual(events[2]["taskScheduledEventDetails"]["taskCredentials"],
                         {"roleArn": OTHER_ROLE})
        self.assertNotIn("role-secret", json.dumps(events))

    def test_a_role_that_may_not_be_assumed(self):
        told, _ = self.get("good-no", Credentials={"RoleArn": OTHER_ROLE + "/forbidden"})
        self.assertEqual(told["error"], "DynamoDb.SdkClientException")
        self.assertIn("not allowed (Service: Sts, Status Code: 403", told["cause"])


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
class Container(WithServer):
    variables = {"AWS_ENDPOINT_URL_DYNAMODB": "FAKE",
                 "AWS_CONTAINER_CREDENTIALS_FULL_URI": "FAKE/container",
                 "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let-me-in"}

    def test_asks_its_container_once(self):
        for _ in range(3):
            self.get("good")
        self.assertEqual({seen["key"] for seen in self.fake.requests("good")}, {"AKIDCONTAINER"})
        self.assertEqual([seen["key"] for seen in self.fake.requests("container")], ["let-me-in"])


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
class Process(WithServer):
    variables = {"AWS_PROFILE": "p", "AWS_CONFIG_FILE": "FOLDER/config"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (Path(cls.folder) / "config").write_text(
            "[profile p]\nservices = here\ncredential_process = cat "
            f"'{cls.folder}/keys'\n[services here]\ndynamodb =\n"
            f"  endpoint_url = {cls.fake.url}\n")
        (Path(cls.folder) / "keys").write_text(json.dumps(
            {"Version": 1, "AccessKeyId": "AKIDPROCESS", "SecretAccessKey": "process-secret"}))

    def test_runs_the_process_of_the_profile(self):
        told, _ = self.get("good")
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(self.fake.requests("good")[0]["key"], "AKIDPROCESS")


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
class WebIdentity(WithServer):
    variables = {"AWS_ENDPOINT_URL": "FAKE", "AWS_ROLE_ARN": OTHER_ROLE,
                 "AWS_WEB_IDENTITY_TOKEN_FILE": "FOLDER/token"}

    def test_shows_its_token(self):
        (Path(self.folder) / "token").write_text("the-token\n")
        told, _ = self.get("good")
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(self.fake.requests("good")[0]["key"], "AKIDWEB")
        self.assertEqual(self.fake.requests(
            "AssumeRoleWithWebIdentity " + OTHER_ROLE)[0]["key"], "")


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
class Nothing(WithServer):
    """Neither endpoints nor credentials."""

    def test_says_how_to_get_some(self):
        told, _ = self.run_task("sqs:listQueues", {})
        self.assertEqual(told["error"], "Sqs.SdkClientException")
        for words in ("AWS_ENDPOINT_URL_SQS=http://", "moto_server", "AWS_ACCESS_KEY_ID",
                      "the metadata service of EC2 is disabled", "docs/aws.md"):
            self.assertIn(words, told["cause"])

    def test_a_run_alone_has_no_step_functions(self):
        environment = {"PATH": os.environ["PATH"], "HOME": self.folder,
                       "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run([GAIT, "run", "-", "--quiet"], env=environment, text=True,
                              input=definition("sfn:listStateMachines", {}), timeout=SECONDS_MAX,
                              capture_output=True)
        self.assertEqual(done.returncode, 1)
        for words in "Sfn.SdkClientException", "`gait serve`", "AWS_ENDPOINT_URL_SFN=http://":
            self.assertIn(words, done.stderr)


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
class Refused(WithServer):
    variables = {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
                 "AWS_ENDPOINT_URL_SQS": "http://nobody.invalid:9324",
                 "AWS_ENDPOINT_URL_SNS": "ftp://here"}

    def test_nobody_listens(self):
        told, _ = self.get("good")
        self.assertEqual(told["cause"], "Unable to execute HTTP request: Connect to 127.0.0.1:1 "
                                        "failed: Connection refused (SDK Attempt Count: 3)")

    def test_the_name_is_not_known(self):
        told, _ = self.run_task("sqs:listQueues", {})
        self.assertEqual((told["error"], told["cause"]), (
            "Sqs.SdkClientException", "Unable to execute HTTP request: nobody.invalid: Name or "
                                      "service not known (SDK Attempt Count: 3)"))

    def test_the_endpoint_is_no_url(self):
        told, _ = self.run_task("sns:listTopics", {})
        self.assertIn("is 'ftp://here', which is no URL", told["cause"])


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
@unittest.skipUnless(moto_server.IS_HERE, moto_server.WHY_NOT)
class Moto(unittest.TestCase):
    """SQS and DynamoDB as people have them on a laptop."""

    def test_a_queue_and_a_table(self):
        aws = moto_server.Moto()
        server = Server("--memory", variables={"AWS_ENDPOINT_URL": aws.url, "HOME": "/nonexistent"})
        try:
            states = {
                "Table": ("dynamodb:createTable", {
                    "TableName": "t", "BillingMode": "PAY_PER_REQUEST",
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}),
                "Put": ("dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "a"}}}),
                "Get": ("dynamodb:getItem", {"TableName": "t", "Key": {"id": {"S": "a"}}}),
                "Queue": ("sqs:createQueue", {"QueueName": "q"}),
                "Send": ("sqs:sendMessage", {"QueueUrl.$": "$.Queue.QueueUrl", "MessageBody": "m"}),
                "Bucket": ("s3:createBucket", {"Bucket": "some-bucket"}),
                "Object": ("s3:putObject", {"Bucket": "some-bucket", "Key": "a/../b c.txt",
                                            "Body": {"x": 1}}),
                "Read": ("s3:getObject", {"Bucket": "some-bucket", "Key": "a/../b c.txt"}),
            }
            names = list(states)
            text = json.dumps({"StartAt": names[0], "States": {
                name: {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:" + action,
                       "Parameters": parameters, "ResultPath": "$." + name,
                       **({"Next": names[i + 1]} if i + 1 < len(names) else {"End": True})}
                for i, (name, (action, parameters)) in enumerate(states.items())}})
            machine = server.call("CreateStateMachine", name="m", definition=text, roleArn=ROLE)
            arn = server.call("StartExecution", stateMachineArn=machine["stateMachineArn"])[
                "executionArn"]
            told = server.wait(arn)
            self.assertEqual(told["status"], "SUCCEEDED", told)
            output = json.loads(told["output"])
            self.assertEqual(output["Get"]["Item"], {"id": {"S": "a"}})
            self.assertIn("MessageId", output["Send"])
            self.assertEqual(json.loads(output["Read"]["Body"]), {"x": 1})
        finally:
            server.stop()
            aws.kill_program()


if __name__ == "__main__":
    unittest.main()
