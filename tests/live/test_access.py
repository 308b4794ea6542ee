"""Who may call, and what: the live server with credentials, as boto3 and as plain HTTP see it. The
program is build/gait, or what GAIT names."""

import datetime
import http.client
import json
import os
import random
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

try:
    import boto3
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
    from botocore.config import Config
    from botocore.exceptions import ClientError
except ImportError:
    boto3 = None

sys.path.insert(0, str(Path(__file__).resolve().parent))

import server  # noqa: E402: found by the line above
from server import GAIT, SECONDS_MAX, until  # noqa: E402

REGION, ACCOUNT = "us-east-1", "123456789012"
STATES = f"arn:aws:states:{REGION}:{ACCOUNT}:"
MACHINE = STATES + "stateMachine:"
PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
TARGET = "AWSStepFunctions."

ALL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
STARTER = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["states:Start*", "states:Describe*"], "Resource": MACHINE + "open*"},
        {"Effect": "Allow", "Action": "states:DescribeExecution", "Resource": STATES + "execution:open*"},
        {"Effect": "Deny", "Action": "states:StartExecution", "Resource": MACHINE + "open-not"},
    ],
}
CREDENTIALS = {
    "credentials": [
        {"accessKeyId": "AKIDADMIN", "secretAccessKey": "admin/secret+1", "name": "admin", "policy": ALL},
        {"accessKeyId": "AKIDSTART", "secretAccessKey": "start-secret", "name": "starter", "policy": STARTER},
        {
            "accessKeyId": "AKIDLAMBDA",
            "secretAccessKey": "lambda-secret",
            "name": "caller",
            "policy": {
                "Statement": {
                    "Effect": "Allow",
                    "Action": "lambda:ListFunctions",
                    "Resource": f"arn:aws:lambda:*:{ACCOUNT}:function:*",
                }
            },
        },
    ]
}


class Server(server.Server):
    """`gait serve` on a free port, with a configuration."""

    def __init__(self, folder, config, *flags):
        path = Path(folder) / "config.json"
        path.write_text(json.dumps(config))
        path.chmod(0o600)
        keys = {k: v for k, v in os.environ.items() if k in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        super().__init__("--memory", "--config", str(path), *flags, folder=folder, variables=keys, is_quiet=False)
        self.scheme = "https" if "https://" in self.printed() else "http"
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"

    def client(self, key, secret, service="stepfunctions", **more):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=more.pop("region", REGION),
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}, inject_host_prefix=False),
            **more,
        )

    def send(self, headers, body="{}", method="POST", path="/", context=None):
        kind = http.client.HTTPSConnection if self.scheme == "https" else http.client.HTTPConnection
        more = {"context": context} if context else {}
        connection = kind("127.0.0.1", self.port, timeout=SECONDS_MAX, **more)
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if text.startswith("{") else text

    def signed(self, operation, body="{}", key="AKIDADMIN", secret="admin/secret+1", when=None, path="/", more=()):
        """Headers of a request that botocore has signed, at a time of our choice."""
        request = botocore.awsrequest.AWSRequest(
            method="POST",
            url=self.url + path,
            data=body,
            headers={"X-Amz-Target": TARGET + operation, "Content-Type": "application/x-amz-json-1.0", **dict(more)},
        )
        signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(key, secret), "states", REGION)
        signer_time(signer, request, when or datetime.datetime.now(datetime.timezone.utc))
        return {**dict(request.headers), "Host": f"127.0.0.1:{self.port}"}


def signer_time(signer, request, when):
    """Signs as botocore's add_auth does, which reads the clock itself."""
    request.context["timestamp"] = when.strftime("%Y%m%dT%H%M%SZ")
    signer._modify_request_before_signing(request)
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    signer._inject_signature_to_request(request, signature)


def kind(body):
    return body["__type"].split("#")[1]


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
@unittest.skipUnless(boto3, "boto3 is not installed")
class Access(unittest.TestCase):
    maxDiff = None

    def serve(self, config=CREDENTIALS, *flags):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        started = Server(folder.name, config, *flags)
        self.addCleanup(started.stop)
        return started

    def refused(self, code, message, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"], {"Code": code, "Message": message})

    def test_right_key_works(self):
        server = self.serve()
        admin = server.client("AKIDADMIN", "admin/secret+1")
        made = admin.create_state_machine(name="m", definition=PASS, roleArn=ROLE)
        started = admin.start_execution(stateMachineArn=made["stateMachineArn"], input='{"ü": "☃"}')
        self.assertEqual(
            admin.describe_execution(executionArn=started["executionArn"])["input"], '{"ü": "☃"}'
        )

    def test_who_is_not_known_is_told_so(self):
        server = self.serve()
        invalid = "The security token included in the request is invalid."
        wrong = (
            "The request signature we calculated does not match the signature you provided. Check your "
            "AWS Secret Access Key and signing method. Consult the service documentation for details."
        )
        self.refused("UnrecognizedClientException", invalid, server.client("AKIDNOBODY", "x").list_state_machines)
        self.refused(
            "UnrecognizedClientException",
            invalid,
            server.client("AKIDADMIN", "admin/secret+1", aws_session_token="t").list_state_machines,
        )
        self.refused("InvalidSignatureException", wrong, server.client("AKIDADMIN", "x").list_state_machines)
        self.refused(
            "InvalidSignatureException",
            "Credential should be scoped to a valid region, not 'eu-west-1'. ",
            server.client("AKIDADMIN", "admin/secret+1", region="eu-west-1").list_state_machines,
        )
        status, body = server.send({"X-Amz-Target": TARGET + "ListStateMachines"})
        self.assertEqual((status, kind(body)), (400, "MissingAuthenticationTokenException"))
        self.assertEqual(body["message"], "Missing Authentication Token")

    def test_policies_decide(self):
        server = self.serve()
        admin = server.client("AKIDADMIN", "admin/secret+1")
        for name in ("open", "open-not", "shut"):
            admin.create_state_machine(name=name, definition=PASS, roleArn=ROLE)
        starter = server.client("AKIDSTART", "start-secret")
        run = starter.start_execution(stateMachineArn=MACHINE + "open", name="x")
        self.assertEqual(starter.describe_execution(executionArn=run["executionArn"])["name"], "x")
        user = f"User: arn:aws:iam::{ACCOUNT}:user/starter is not authorized to perform: states:"
        no_allow = " because no identity-based policy allows the states:"
        self.refused(
            "AccessDeniedException",
            f"{user}StartExecution on resource: {MACHINE}shut{no_allow}StartExecution action",
            starter.start_execution,
            stateMachineArn=MACHINE + "shut",
        )
        self.refused(
            "AccessDeniedException",
            f"{user}StartExecution on resource: {MACHINE}open-not with an explicit deny in an identity-based policy",
            starter.start_execution,
            stateMachineArn=MACHINE + "open-not",
        )
        self.refused(
            "AccessDeniedException",
            f"{user}ListStateMachines on resource: {MACHINE}*{no_allow}ListStateMachines action",
            starter.list_state_machines,
        )
        self.refused(
            "AccessDeniedException",
            f"{user}CreateStateMachine on resource: {MACHINE}open2{no_allow}CreateStateMachine action",
            starter.create_state_machine,
            name="open2",
            definition=PASS,
            roleArn=ROLE,
        )

    def test_a_tasks_end_is_judged_by_its_state_machine(self):
        allowed = {"Statement": {"Effect": "Allow", "Action": "states:SendTask*", "Resource": MACHINE + "mine"}}
        worker = {"accessKeyId": "AKIDWORK", "secretAccessKey": "work-secret", "name": "worker", "policy": allowed}
        server = self.serve({"credentials": [*CREDENTIALS["credentials"], worker]})
        admin, by = server.client("AKIDADMIN", "admin/secret+1"), server.client("AKIDWORK", "work-secret")
        activity = admin.create_activity(name="a")["activityArn"]
        state = {"Type": "Task", "Resource": activity, "HeartbeatSeconds": 60, "End": True}
        text = json.dumps({"StartAt": "A", "States": {"A": state}})
        def denied(action, machine):
            return (
                f"User: arn:aws:iam::{ACCOUNT}:user/worker is not authorized to perform: states:{action} on "
                f"resource: {MACHINE}{machine} because no identity-based policy allows the states:{action} action"
            )

        for name in ("mine", "other"):
            made = admin.create_state_machine(name=name, definition=text, roleArn=ROLE)
            run = admin.start_execution(stateMachineArn=made["stateMachineArn"])
            token = admin.get_activity_task(activityArn=activity)["taskToken"]
            for action, call, more in (
                ("SendTaskHeartbeat", by.send_task_heartbeat, {}),
                ("SendTaskFailure", by.send_task_failure, {"error": "E"}),
                ("SendTaskSuccess", by.send_task_success, {"output": "1"}),
            ):
                if name == "other":
                    self.refused("AccessDeniedException", denied(action, name), call, taskToken=token, **more)
                elif action != "SendTaskSuccess":
                    call(taskToken=token, **more)
                else:  # an ended one is still of that machine
                    words = "Task Timed Out: 'Provided task does not exist anymore'"
                    self.refused("TaskTimedOut", words, call, taskToken=token, **more)
            told = admin.describe_execution(executionArn=run["executionArn"])
            self.assertEqual(told["status"], "FAILED" if name == "mine" else "RUNNING")
        self.refused("AccessDeniedException", denied("SendTaskSuccess", "*"), by.send_task_success,
                     taskToken="none of ours", output="1")

    def test_changed_on_the_way(self):
        server = self.serve()
        headers = server.signed("ListStateMachines", '{"maxResults": 1}')
        self.assertEqual(server.send(headers, '{"maxResults": 1}')[0], 200)
        for changed, body, path in (
            ({}, '{"maxResults": 2}', "/"),
            ({"X-Amz-Target": TARGET + "ListActivities"}, '{"maxResults": 1}', "/"),
            ({"X-Amz-Date": "20260101T000000Z"}, '{"maxResults": 1}', "/"),
            ({"Content-Type": "application/json"}, '{"maxResults": 1}', "/"),
            ({"Host": "example.org"}, '{"maxResults": 1}', "/"),
            ({}, '{"maxResults": 1}', "/?x=1"),
            ({}, '{"maxResults": 1}', "/y"),
        ):
            status, answer = server.send({**headers, **changed}, body, path=path)
            self.assertEqual((status, kind(answer)), (400, "InvalidSignatureException"), (changed, body, path))

    def test_spellings_of_path_query_and_headers(self):
        server = self.serve()
        for path in ("/", "/?b=2&a=1&a=0", "/a%20b/c", "/%E2%98%83", "/?k=%E2%98%83&e=", "/~x/-_.", "/a//b/../c/"):
            headers = server.signed("ListActivities", path=path, more={"X-Custom": "  a   b  "})
            self.assertEqual(server.send(headers, path=path)[0], 200, path)

    def test_many_requests_signed_by_botocore(self):
        """What another implementation signs is accepted, and one changed character is not."""
        server = self.serve()
        dice = random.Random(20150830)
        text = lambda n: "".join(dice.choice("aZ0 -._~/%+&=?é☃𝄞\"\\") for _ in range(dice.randrange(n)))
        quote = urllib.parse.quote
        for _ in range(150):
            path = "/" + "/".join(quote(text(8), safe="~") for _ in range(dice.randrange(4)))
            pairs = [(quote(text(6), safe="~"), quote(text(6), safe="~")) for _ in range(dice.randrange(4))]
            path += "?" + "&".join(f"{k}={v}" for k, v in pairs) if pairs else ""
            body = json.dumps({"nextUnknown": text(40)}, ensure_ascii=dice.random() < 0.5).encode()
            value = "  ".join(dice.choice("abc,;:") * dice.randrange(1, 3) for _ in range(3))
            headers = server.signed("ListActivities", body, path=path, more={"X-Odd": value})
            self.assertEqual(server.send(headers, body, path=path)[0], 200, (path, body, value))
            status, answer = server.send({**headers, "X-Odd": value + "x"}, body, path=path)
            self.assertEqual((status, kind(answer)), (400, "InvalidSignatureException"))

    def test_clock_skew(self):
        server = self.serve()
        # Five minutes are allowed (to the millisecond: tests/unit/api/test_sigv4.c); time passes here.
        for seconds, word in ((-150, None), (290, None), (-310, "Signature expired: "), (450, "Signature not yet current: ")):
            when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
            status, body = server.send(server.signed("ListActivities", when=when))
            if word:
                self.assertEqual(kind(body), "InvalidSignatureException")
                self.assertTrue(body["message"].startswith(word + when.strftime("%Y%m%dT%H%M%SZ")), body)
            else:
                self.assertEqual(status, 200, body)

    def test_one_request_again_and_again(self):
        server = self.serve(CREDENTIALS, "--replay-seconds", "200")
        headers = server.signed("ListActivities")
        self.assertEqual([server.send(headers)[0] for _ in range(3)], [200, 200, 200])
        server = self.serve(CREDENTIALS, "--replay-seconds", "1")
        headers = server.signed("ListActivities")
        self.assertEqual(server.send(headers)[0], 200)

        def refused():
            status, body = server.send(headers)
            return body if status != 200 else None

        body = until(refused, "a signature is not taken for ever")
        self.assertEqual(kind(body), "InvalidSignatureException")
        self.assertTrue(body["message"].startswith("Signature already used"), body)
        self.assertEqual(server.send(server.signed("ListActivities"))[0], 200)

    def test_rate_is_limited_by_key(self):
        server = self.serve(CREDENTIALS, "--rate-limit", "1", "--replay-seconds", "200")
        headers = server.signed("ListActivities")
        self.assertEqual([server.send(headers)[0] for _ in range(2)], [200, 200])

        def answers_at_once():
            """What several clients are answered at the same time."""
            with ThreadPoolExecutor(8) as pool:
                return list(pool.map(lambda _: server.send(headers), range(8)))

        throttled = until(lambda: [a for a in answers_at_once() if a[0] != 200], "a limit")
        for status, body in throttled:
            self.assertEqual((status, kind(body), body["message"]), (400, "ThrottlingException", "Rate exceeded"))
        self.refused_for_policy(server)
        until(lambda: server.send(headers)[0] == 200, "a key may call again")

    def refused_for_policy(self, server):
        """Another key has a bucket of its own."""
        with self.assertRaises(ClientError) as caught:
            server.client("AKIDSTART", "start-secret").list_activities()
        self.assertEqual(caught.exception.response["Error"]["Code"], "AccessDeniedException")

    def test_health_is_open_and_metrics_are_for_loopback(self):
        server = self.serve()
        self.assertEqual(server.send({}, None, "GET", "/health")[0], 200)
        self.assertEqual(server.send({}, None, "GET", "/metrics")[0], 200)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        token = Path(folder.name) / "token"
        token.write_text("s3cret\n")
        server = self.serve(CREDENTIALS, "--metrics-token-file", str(token))
        self.assertEqual(server.send({}, None, "GET", "/metrics")[0], 403)
        self.assertEqual(server.send({"Authorization": "Bearer s3creT"}, None, "GET", "/metrics")[0], 403)
        self.assertEqual(server.send({"Authorization": "Bearer s3cret"}, None, "GET", "/metrics")[0], 200)

    def test_the_lambda_api_has_the_same_door(self):
        server = self.serve()
        status, body = server.send({}, None, "GET", "/2015-03-31/functions/")
        self.assertEqual((status, body), (403, {"message": "Missing Authentication Token"}))
        caller = server.client("AKIDLAMBDA", "lambda-secret", "lambda")
        self.assertEqual(caller.list_functions()["Functions"], [])
        self.refused(
            "AccessDeniedException",
            f"User: arn:aws:iam::{ACCOUNT}:user/caller is not authorized to perform: lambda:InvokeFunction on "
            f"resource: arn:aws:lambda:{REGION}:{ACCOUNT}:function:f because no identity-based policy allows "
            "the lambda:InvokeFunction action",
            caller.invoke,
            FunctionName="f",
        )
        with self.assertRaises(ClientError) as caught:
            server.client("AKIDADMIN", "admin/secret+1", "lambda").invoke(FunctionName=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f")
        self.assertEqual(caught.exception.response["Error"]["Code"], "ResourceNotFoundException")

    def test_secrets_stay_out_of_logs(self):
        server = self.serve()
        server.client("AKIDADMIN", "admin/secret+1").list_activities()
        with self.assertRaises(ClientError):
            server.client("AKIDADMIN", "wrong-secret").list_activities()
        code, words = server.stop()
        self.assertEqual(code, 0)
        self.assertNotIn("secret", words)

    def test_what_is_wrong_in_the_configuration_is_named(self):
        good = CREDENTIALS["credentials"][0]
        for entry, words in (
            ({**good, "secretAccessKey": ""}, "credentials[0]: 'secretAccessKey' must be a string"),
            ({**good, "secretAccessKeyFile": "x"}, "credentials[0]: there must be one of"),
            ({k: v for k, v in good.items() if k != "policy"}, "credentials[0]: 'policy' is missing"),
            ({**good, "polcy": 1}, "credentials[0]: there is no member 'polcy'"),
            (
                {**good, "policy": {"Statement": {"Effect": "Allow", "Action": "states:*", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "x"}}}}},
                "credentials[0]: policy: Statement[0].Condition: the operator 'DateLessThan' is not supported",
            ),
        ):
            with self.assertRaises(RuntimeError) as caught:
                self.serve({"credentials": [entry]})
            self.assertIn(words, str(caught.exception))
            self.assertNotIn("admin/secret+1", str(caught.exception))

    def test_beyond_loopback_somebody_checks(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        with self.assertRaises(RuntimeError) as caught:
            self.serve({}, "--listen", "0.0.0.0:0")
        self.assertIn("nothing checks who calls", str(caught.exception))
        server = self.serve(CREDENTIALS, "--listen", "0.0.0.0:0")
        server.client("AKIDADMIN", "admin/secret+1").list_activities()
        self.assertIn("in the clear", server.stop()[1])

    def test_a_secrets_file_that_others_can_read_is_warned_of(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "key"
        path.write_text("filed-secret\n")
        path.chmod(0o644)
        entry = {"accessKeyId": "AKIDFILE", "secretAccessKeyFile": str(path), "name": "f", "policy": ALL}
        server = self.serve({"credentials": [entry]})
        server.client("AKIDFILE", "filed-secret").list_activities()
        words = server.stop()[1]
        self.assertIn("chmod 600", words)
        self.assertNotIn("filed-secret", words)


def make_certificate(folder, name="cert", days="30"):
    certificate, key = Path(folder) / f"{name}.pem", Path(folder) / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days]
        + ["-subj", "/CN=gait", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    key.chmod(0o600)
    return str(certificate), str(key)


class Tls(Access):
    """All of the above by HTTPS, and what only HTTPS has."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.certificate, cls.key = make_certificate(cls.folder.name)
        os.environ["AWS_CA_BUNDLE"] = cls.certificate

    @classmethod
    def tearDownClass(cls):
        del os.environ["AWS_CA_BUNDLE"]
        cls.folder.cleanup()

    def serve(self, config=CREDENTIALS, *flags):
        server = super().serve(config, "--tls-cert", self.certificate, "--tls-key", self.key, *flags)
        plain = server.send
        context = ssl.create_default_context(cafile=self.certificate)
        server.send = lambda *a, **k: plain(*a, **{"context": context, **k})
        return server

    def test_beyond_loopback_somebody_checks(self):
        server = self.serve(CREDENTIALS, "--listen", "0.0.0.0:0")
        server.client("AKIDADMIN", "admin/secret+1").list_activities()
        self.assertNotIn("in the clear", server.stop()[1])

    def test_large_and_late_answers(self):
        server = self.serve()
        admin = server.client("AKIDADMIN", "admin/secret+1")
        made = admin.create_state_machine(name="big", definition=PASS, roleArn=ROLE)
        text = json.dumps("x" * 200_000)
        runs = [admin.start_execution(stateMachineArn=made["stateMachineArn"], input=text) for _ in range(5)]
        for run in runs:
            self.assertEqual(admin.describe_execution(executionArn=run["executionArn"])["input"], text)
        wait = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}})
        late = admin.create_state_machine(name="late", definition=wait, roleArn=ROLE, type="EXPRESS")
        done = admin.start_sync_execution(stateMachineArn=late["stateMachineArn"])
        self.assertEqual(done["status"], "SUCCEEDED")

    @unittest.skipUnless((Path(GAIT).parent / "aws-models").exists(), "built without the AWS models")
    def test_tasks_reach_the_server_itself(self):
        """Without an endpoint that names it, and signed like everybody else's calls."""
        for key, secret, error in (
            ("AKIDADMIN", "admin/secret+1", None),
            ("AKIDLAMBDA", "lambda-secret", "Sfn.SfnException"),  # in no shape of the model
        ):
            variables = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
            with unittest.mock.patch.dict(os.environ, variables):
                server = self.serve()
            admin = server.client("AKIDADMIN", "admin/secret+1")
            task = {"Type": "Task", "End": True, "Parameters": {}}
            task["Resource"] = "arn:aws:states:::aws-sdk:sfn:listActivities"
            lists = json.dumps({"StartAt": "L", "States": {"L": task}})
            made = admin.create_state_machine(name="lists", definition=lists, roleArn=ROLE, type="EXPRESS")
            done = admin.start_sync_execution(stateMachineArn=made["stateMachineArn"])
            self.assertEqual(done.get("error"), error, done)
            if error:
                self.assertIn("is not authorized to perform: states:ListActivities", done["cause"])
            server.stop()

    def test_plain_http_gets_no_answer_and_old_tls_neither(self):
        server = self.serve()
        with socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS_MAX) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertNotIn(b"200", connection.recv(1000))
        context = ssl.create_default_context(cafile=self.certificate)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.assertEqual(server.send({}, None, "GET", "/health", context=context)[0], 200)
        try:
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")
        except ValueError:
            return
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            server.send({}, None, "GET", "/health", context=context)

    def test_bad_certificates_are_refused_at_start(self):
        other = make_certificate(self.folder.name, "other")
        nothing = Path(self.folder.name) / "nothing.pem"
        nothing.write_text("nothing")
        locked = Path(self.folder.name) / "locked.key"
        subprocess.run(
            ["openssl", "pkey", "-in", self.key, "-aes128", "-passout", "pass:abcd", "-out", locked],
            check=True,
            capture_output=True,
        )
        for certificate, key, words in (
            (self.certificate, other[1], "is not that of the certificate"),
            (str(nothing), self.key, "holds no certificate in PEM"),
            (self.certificate, str(nothing), "holds no private key in PEM"),
            (self.certificate, str(locked), "is protected by a passphrase"),
            ("/does/not/exist", self.key, "cannot read /does/not/exist"),
        ):
            with self.assertRaises(RuntimeError) as caught:
                super().serve(CREDENTIALS, "--tls-cert", certificate, "--tls-key", key)
            self.assertIn(words, str(caught.exception))
        with self.assertRaises(RuntimeError) as caught:
            super().serve(CREDENTIALS, "--tls-cert", self.certificate)
        self.assertIn("go together", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
