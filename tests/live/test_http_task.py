"""HTTP Tasks against an endpoint of the tests' own: what is sent, what becomes of answers, who may be
asked, and that no secret of a connection is ever told.

    GAIT=build/gait python3 -m unittest tests.live.test_http_task
"""
import base64
import json
import os
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.live.server import GAIT, ROOT, SECONDS_MAX, ApiError, Server, until

ROLE = "arn:aws:iam::123456789012:role/r"
ARN = "arn:aws:events:us-east-1:123456789012:connection/{}/00000000-0000-0000-0000-000000000000"
SECRETS = ["s3cret-password", "s3cret-key-value", "s3cret-client", "s3cret-header", "s3cret-query",
           "s3cret-body", "s3cret-token"]


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", content_type="application/json", **headers):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        path = self.path.split("?")[0]
        seen = {"method": self.command, "path": self.path, "body": body,
                "headers": {k.lower(): v for k, v in self.headers.items()}}
        self.server.seen.append(seen)
        name = "do_" + path.strip("/").split("/")[0].replace("-", "_")
        getattr(self, name, self.do_missing)(seen)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = handle_any

    def do_missing(self, _):
        self.answer(404, b'{"why": "nothing here"}')

    def do_echo(self, seen):
        self.answer(200, json.dumps({"method": seen["method"]}).encode(), X_Two="1", x_two="2")

    def do_status(self, seen):
        self.answer(int(seen["path"].split("/")[2]), b"s3cret-free")

    def do_text(self, _):
        self.answer(200, "grüß".encode(), "text/plain; charset=utf-8")

    def do_badjson(self, _):
        self.answer(200, b"{not json")

    def do_binary(self, _):
        self.answer(200, b"GIF89a", "image/gif")

    def do_latin(self, _):
        self.answer(200, b"gr\xfc\xdf", "text/plain")

    def do_huge(self, _):
        self.answer(200, b"x" * 300000, "text/plain")

    def do_empty(self, _):
        self.answer(204)

    def do_redirect(self, _):
        self.answer(302, b"", Location="/echo")

    def do_stall(self, _):
        self.server.release.wait(SECONDS_MAX)
        self.close_connection = True

    def do_second(self, seen):
        """Only those answered that are not the first."""
        if len([s for s in self.server.seen if s["path"] == "/second"]) == 1:
            self.server.asked.set()
            self.do_stall(seen)
        else:
            self.answer(200, b'{"second": true}')

    def do_reset(self, _):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def do_garbage(self, _):
        self.wfile.write(b"this is not HTTP at all\r\n\r\n")
        self.close_connection = True

    def do_half(self, _):
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        self.close_connection = True

    def do_token(self, seen):
        with self.server.lock:
            self.server.tokens += 1
            number = self.server.tokens
        if "wrong" in seen["body"]:
            self.answer(403, b'{"error": "s3cret-client is wrong"}')
            return
        time.sleep(0.2)
        self.answer(200, json.dumps({"access_token": f"s3cret-token-{number}", "token_type": "Bearer",
                                     "expires_in": self.server.expires_in}).encode())

    def do_guarded(self, seen):
        token = seen["headers"].get("authorization", "")
        is_fine = token.startswith("Bearer s3cret-token-") and token[20:] not in self.server.revoked
        self.answer(200 if is_fine else 401, b'{"fine": true}')


class Sink(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Endpoint)
        self.seen, self.tokens, self.expires_in, self.revoked = [], 0, 3600, set()
        self.release, self.lock, self.asked = threading.Event(), threading.Lock(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass


def configuration(url, folder, seconds):
    secret = Path(folder) / "client-secret"
    secret.write_text("s3cret-client\n")
    oauth = {"ClientParameters": {"ClientID": "me", "ClientSecret": {"file": str(secret)}},
             "AuthorizationEndpoint": url + "/token", "HttpMethod": "POST",
             "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all"}]}}
    wrong = dict(oauth, ClientParameters={"ClientID": "wrong", "ClientSecret": "s3cret-client"})
    more = {"HeaderParameters": [{"Key": "X-Both", "Value": "s3cret-header", "IsValueSecret": True}],
            "QueryStringParameters": [{"Key": "both", "Value": "s3cret-query"}],
            "BodyParameters": [{"Key": "Both", "Value": "s3cret-body"}]}
    return {
        "http": {"timeoutSeconds": seconds},
        "connections": {
            "basic": {"AuthorizationType": "BASIC", "AuthParameters": {"BasicAuthParameters": {
                "Username": "me", "Password": {"env": "TEST_HTTP_PASSWORD"}}}},
            "unset": {"AuthorizationType": "BASIC", "AuthParameters": {"BasicAuthParameters": {
                "Username": "me", "Password": {"env": "TEST_HTTP_IS_NOT_SET"}}}},
            "key": {"AuthorizationType": "API_KEY", "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "s3cret-key-value"},
                "InvocationHttpParameters": more}},
            "oauth": {"AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
                      "AuthParameters": {"OAuthParameters": oauth}},
            "slow": {"AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": {
                "OAuthParameters": dict(oauth, AuthorizationEndpoint=url + "/stall")}},
            "wrong": {"AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
                      "AuthParameters": {"OAuthParameters": wrong}},
        }}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class TestHttpTask(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sink = Sink()
        cls.url = f"http://127.0.0.1:{cls.sink.server_address[1]}"
        cls.folder = tempfile.TemporaryDirectory()
        for name, seconds in (("config", 60), ("impatient", 1)):
            path = Path(cls.folder.name) / (name + ".json")
            path.write_text(json.dumps(configuration(cls.url, cls.folder.name, seconds)))
        cls.data = Path(cls.folder.name) / "data"
        os.environ["TEST_HTTP_PASSWORD"] = "s3cret-password"
        cls.options = ["--data", str(cls.data), "--config", cls.folder.name + "/config.json"]
        cls.server = Server(*cls.options)
        cls.machines = 0

    @classmethod
    def tearDownClass(cls):
        cls.sink.release.set()
        status, said = cls.server.stop()
        cls.sink.shutdown()
        cls.sink.server_close()
        stored = b"".join(p.read_bytes() for p in cls.data.rglob("*") if p.is_file())
        cls.folder.cleanup()
        assert status == 0, said
        for secret in SECRETS:
            assert secret not in said, secret
            assert secret.encode() not in stored, secret

    def machine(self, parameters, kind="EXPRESS", server=None, **more):
        type(self).machines += 1
        definition = {"StartAt": "Call", "States": {"Call": {
            "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": parameters,
            "End": True, **more}}}
        return (server or self.server).call(
            "CreateStateMachine", name=f"m{self.machines}", roleArn=ROLE, type=kind,
            definition=json.dumps(definition))["stateMachineArn"]

    def parameters(self, path="/echo", method="GET", connection="basic", **more):
        return {"ApiEndpoint": self.url + path, "Method": method,
                "Authentication": {"ConnectionArn": ARN.format(connection)}, **more}

    def run_task(self, *args, **more):
        """(answer of StartSyncExecution, output)"""
        del self.sink.seen[:]
        arn = self.machine(self.parameters(*args, **more))
        answer = self.server.call("StartSyncExecution", stateMachineArn=arn, input="{}")
        return answer, json.loads(answer["output"]) if "output" in answer else None

    def assert_fails(self, answer, error, cause=None):
        self.assertEqual((answer["status"], answer.get("error")), ("FAILED", error), answer)
        if cause is not None:
            self.assertEqual(answer.get("cause"), cause)
        for secret in SECRETS:
            self.assertNotIn(secret, json.dumps(answer))

    # ------------------------------------------------------------------------------- what is sent

    def test_a_call_and_its_result(self):
        _, output = self.run_task(QueryParameters={"q": "a b&c", "list": [1, "two"], "yes": True},
                                  Headers={"X-One": "1", "x-many": ["a", "b"]})
        self.assertEqual(output["StatusCode"], 200)
        self.assertEqual(output["StatusText"], "OK")
        self.assertEqual(output["ResponseBody"], {"method": "GET"})
        self.assertEqual(output["Headers"]["content-type"], ["application/json"])
        self.assertEqual(output["Headers"]["x-two"], ["1", "2"])
        self.assertEqual(sorted(output), ["Headers", "ResponseBody", "StatusCode", "StatusText"])
        sent, = self.sink.seen
        self.assertEqual(sent["path"], "/echo?q=a%20b%26c&list=1&list=two&yes=true")
        self.assertEqual(sent["headers"]["user-agent"], "Amazon|StepFunctions|HttpInvoke|us-east-1")
        self.assertEqual(sent["headers"]["range"], "bytes=0-262144")
        self.assertEqual(sent["headers"]["authorization"],
                         "Basic " + base64.b64encode(b"me:s3cret-password").decode())
        self.assertEqual(sent["headers"]["x-one"], "1")
        for absent in ("accept", "accept-encoding", "content-type", "expect"):
            self.assertNotIn(absent, sent["headers"])

    def test_every_method(self):
        for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
            _, output = self.run_task(method=method)
            self.assertEqual(self.sink.seen[0]["method"], method)
            self.assertEqual(output["ResponseBody"], "" if method == "HEAD" else {"method": method})
            self.assertNotIn("content-type", self.sink.seen[0]["headers"])

    def test_a_body_is_json_unless_it_says_otherwise(self):
        self.run_task(method="POST", RequestBody={"a": [1, {"b": None}]})
        self.assertEqual(self.sink.seen[0]["body"], '{"a":[1,{"b":null}]}')
        self.assertEqual(self.sink.seen[0]["headers"]["content-type"],
                         "application/json; charset=UTF-8")
        self.run_task(method="POST", RequestBody="<a/>", Headers={"Content-Type": "text/xml"})
        self.assertEqual((self.sink.seen[0]["body"], self.sink.seen[0]["headers"]["content-type"]),
                         ("<a/>", "text/xml"))

    def test_forms(self):
        body = {"a": ["x y", 1], "m": {"k": True}, "n": None}
        for form, expected in (("INDICES", "a%5B0%5D=x%20y&a%5B1%5D=1&m%5Bk%5D=true&n="),
                               ("REPEAT", "a=x%20y&a=1&m%5Bk%5D=true&n="),
                               ("COMMAS", "a=x%20y,1&m%5Bk%5D=true&n="),
                               ("BRACKETS", "a%5B%5D=x%20y&a%5B%5D=1&m%5Bk%5D=true&n=")):
            self.run_task(method="POST", RequestBody=body,
                          Headers={"content-type": "application/x-www-form-urlencoded"},
                          Transform={"RequestBodyEncoding": "URL_ENCODED",
                                     "RequestEncodingOptions": {"ArrayFormat": form}})
            self.assertEqual(self.sink.seen[0]["body"], expected)

    def test_the_connections_data_wins(self):
        self.run_task(method="POST", connection="key", QueryParameters={"both": "mine", "q": "1"},
                      Headers={"x-both": "mine", "X-Mine": "m"},
                      RequestBody={"Both": "mine", "Own": 1})
        sent, = self.sink.seen
        self.assertEqual(sent["path"], "/echo?q=1&both=s3cret-query")
        self.assertEqual(sent["headers"]["x-key"], "s3cret-key-value")
        self.assertEqual(sent["headers"]["x-both"], "s3cret-header")
        self.assertEqual(json.loads(sent["body"]), {"Both": "s3cret-body", "Own": 1})

    def test_a_text_cannot_be_merged_with_body_parameters(self):
        answer, _ = self.run_task(method="POST", connection="key", RequestBody="text")
        self.assert_fails(answer, "States.Runtime")
        self.assertEqual(self.sink.seen, [])

    def test_invocation_config_is_the_newer_name(self):
        parameters = self.parameters()
        parameters["InvocationConfig"] = parameters.pop("Authentication")
        arn = self.machine(parameters)
        answer = self.server.call("StartSyncExecution", stateMachineArn=arn, input="{}")
        self.assertEqual(answer["status"], "SUCCEEDED")

    # ----------------------------------------------------------------------------------- answers

    def test_statuses_are_errors(self):
        for status, reason in ((400, "Bad Request"), (404, "Not Found"), (429, "Too Many Requests"),
                               (500, "Internal Server Error"), (302, "Found")):
            answer, _ = self.run_task(path=f"/status/{status}")
            self.assert_fails(answer, f"States.Http.StatusCode.{status}", reason)

    def test_bodies(self):
        for path, expected in (("/text", "grüß"), ("/badjson", "{not json"), ("/empty", "")):
            _, output = self.run_task(path=path)
            self.assertEqual(output["ResponseBody"], expected)

    def test_what_cannot_be_a_result(self):
        for path, error in (("/binary", "States.Runtime"), ("/latin", "States.Runtime"),
                            ("/huge", "States.DataLimitExceeded")):
            answer, _ = self.run_task(path=path)
            self.assert_fails(answer, error)

    def test_endpoints_that_do_not_answer(self):
        for path in ("/reset", "/garbage", "/half"):
            answer, _ = self.run_task(path=path)
            self.assert_fails(answer, "States.Http.Socket")

    def test_a_port_that_refuses(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            arn = self.machine(dict(self.parameters(),
                                    ApiEndpoint=f"http://127.0.0.1:{taken.getsockname()[1]}/"))
            answer = self.server.call("StartSyncExecution", stateMachineArn=arn, input="{}")
        self.assert_fails(answer, "States.Http.Socket")

    def test_redirects_are_not_followed(self):
        answer, _ = self.run_task(path="/redirect")
        self.assert_fails(answer, "States.Http.StatusCode.302")
        self.assertEqual(len(self.sink.seen), 1)

    def test_a_task_that_times_out_first(self):
        arn = self.machine(self.parameters(path="/stall"), TimeoutSeconds=1)
        answer = self.server.call("StartSyncExecution", stateMachineArn=arn, input="{}")
        self.assert_fails(answer, "States.Timeout")

    # ---------------------------------------------------------------------------- what is refused

    def test_headers_that_are_not_ours_to_set(self):
        for name in ("Authorization", "host", "X-Amz-Date", "x-forwarded-for", "TE"):
            answer, _ = self.run_task(Headers={name: "x"})
            self.assert_fails(answer, "States.Runtime")
            self.assertEqual(self.sink.seen, [])

    def test_headers_cannot_smuggle(self):
        for headers in ({"X": "a\r\nY: b"}, {"X\r\nY": "a"}, {"X Y": "a"}, {"X": "\u0000"}):
            answer, _ = self.run_task(Headers=headers)
            self.assert_fails(answer, "States.Runtime")
            self.assertEqual(self.sink.seen, [])

    def test_link_local_and_metadata_addresses(self):
        for host in ("169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]",
                     "2852039166", "0xA9FEA9FE", "100.100.100.200", "0.0.0.0"):
            arn = self.machine(dict(self.parameters(), ApiEndpoint=f"https://{host}/latest"))
            began = time.monotonic()
            answer = self.server.call("StartSyncExecution", stateMachineArn=arn, input="{}")
            self.assert_fails(answer, "States.Runtime")
            self.assertLess(time.monotonic() - began, 30)  # who was asked would have 60

    def test_plain_http_is_for_loopback(self):
        for url in ("http://192.0.2.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1",
                    "https://me:secret@127.0.0.1/", "https:///x", "https://a b/"):
            arn = self.machine(dict(self.parameters(), ApiEndpoint=url))
            answer = self.server.call("StartSyncExecution", stateMachineArn=arn, input="{}")
            self.assert_fails(answer, "States.Runtime")

    def test_required_fields_are_wanted_at_creation(self):
        for missing in ("ApiEndpoint", "Method"):
            parameters = self.parameters()
            del parameters[missing]
            with self.assertRaises(ApiError) as refused:
                self.machine(parameters)
            self.assertEqual(refused.exception.name, "InvalidDefinition")
            self.assertIn(f"The field '{missing}' is required but was missing",
                          refused.exception.message)
        parameters = self.parameters()
        del parameters["Authentication"]
        with self.assertRaises(ApiError) as refused:
            self.machine(parameters)
        self.assertEqual(refused.exception.name, "InvalidDefinition")

    def test_patterns_that_it_has_not(self):
        with self.assertRaises(ApiError) as refused:
            self.server.call("CreateStateMachine", name="token", roleArn=ROLE, definition=json.dumps({
                "StartAt": "A", "States": {"A": {
                    "Type": "Task", "Resource": "arn:aws:states:::http:invoke.waitForTaskToken",
                    "Parameters": self.parameters(), "End": True}}}))
        self.assertEqual(refused.exception.name, "InvalidDefinition")

    # -------------------------------------------------------------------------------- connections

    def test_a_connection_that_is_not_there(self):
        answer, _ = self.run_task(connection="absent")
        self.assert_fails(answer, "Events.ConnectionResource.ResourceNotFound")

    def test_a_secret_that_is_not_there(self):
        answer, _ = self.run_task(connection="unset")
        self.assert_fails(answer, "Events.ConnectionResource.InvalidConnectionState",
                          "the environment variable 'TEST_HTTP_IS_NOT_SET' is not set")

    def test_a_token_is_asked_for_once_and_again_when_refused(self):
        arn = self.machine(self.parameters(path="/guarded", connection="oauth"), kind="STANDARD")
        del self.sink.seen[:]
        self.sink.tokens = 0
        self.sink.revoked.clear()

        def run(count):
            started = [self.server.call("StartExecution", stateMachineArn=arn)["executionArn"]
                       for _ in range(count)]
            for execution in started:
                told = self.server.wait(execution)
                self.assertEqual(told["status"], "SUCCEEDED", told)

        run(20)
        self.assertEqual(self.sink.tokens, 1)
        asked = next(s for s in self.sink.seen if s["path"] == "/token")
        self.assertEqual(asked["body"], "grant_type=client_credentials&client_id=me"
                         "&client_secret=s3cret-client&scope=all")
        self.assertEqual(asked["headers"]["content-type"], "application/x-www-form-urlencoded")
        self.sink.revoked.add("1")
        run(10)
        self.assertEqual(self.sink.tokens, 2)
        self.sink.revoked.update(["2", "3"])
        self.sink.tokens = 2
        execution = self.server.call("StartExecution", stateMachineArn=arn)["executionArn"]
        told = self.server.wait(execution)
        self.assertEqual((told["status"], told["error"]), ("FAILED", "States.Http.StatusCode.401"))
        self.assertEqual(self.sink.tokens, 3)

    def test_a_task_may_give_up_while_it_waits_for_its_token(self):
        arn = self.machine(self.parameters(path="/guarded", connection="slow"), TimeoutSeconds=1)
        answer = self.server.call("StartSyncExecution", stateMachineArn=arn, input="{}")
        self.assert_fails(answer, "States.Timeout")

    def test_who_never_answers_is_given_up(self):
        impatient = Server("--memory", "--config", self.folder.name + "/impatient.json")
        self.addCleanup(impatient.stop)
        for parameters, error in (
                (self.parameters(path="/stall"), "States.Http.Socket"),
                (self.parameters(path="/guarded", connection="slow"),
                 "Events.ConnectionResource.InvalidConnectionState")):
            arn = self.machine(parameters, server=impatient)
            answer = impatient.call("StartSyncExecution", stateMachineArn=arn, input="{}")
            self.assert_fails(answer, error)

    def test_a_client_that_is_refused(self):
        answer, _ = self.run_task(path="/guarded", connection="wrong")
        self.assert_fails(answer, "Events.ConnectionResource.InvalidConnectionState")

    # ------------------------------------------------------------------------------------ telling

    def ask_test_state(self, **more):
        definition = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True,
                      "Parameters": self.parameters(method="POST", connection="key",
                                                    QueryParameters={"q": "1"},
                                                    Headers={"X-Mine": "m"},
                                                    RequestBody={"Own": 1})}
        return self.server.call("TestState", definition=json.dumps(definition), roleArn=ROLE,
                                **more)

    def test_trace_shows_what_was_sent_without_secrets(self):
        told = self.ask_test_state(inspectionLevel="TRACE")["inspectionData"]
        self.assertEqual(told["request"], {
            "protocol": "http", "method": "POST", "url": self.url + "/echo?q=1",
            "headers": "[X-Mine: m, User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, "
                       "Range: bytes=0-262144]", "body": '{"Own":1}'})
        self.assertEqual(told["response"]["statusCode"], "200")
        self.assertEqual(told["response"]["statusMessage"], "OK")
        self.assertEqual(told["response"]["protocol"], "http")
        self.assertEqual(told["response"]["body"], '{"method": "POST"}')
        self.assertIn("Content-Type: application/json", told["response"]["headers"])
        for secret in SECRETS:
            self.assertNotIn(secret, json.dumps(told))

    def test_trace_reveals_secrets_when_asked(self):
        told = self.ask_test_state(inspectionLevel="TRACE", revealSecrets=True)["inspectionData"]
        self.assertEqual(told["request"], {
            "protocol": "http", "method": "POST", "url": self.url + "/echo?q=1&both=s3cret-query",
            "headers": "[X-Mine: m, X-Key: s3cret-key-value, X-Both: s3cret-header, User-Agent: "
                       "Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144]",
            "body": '{"Own":1,"Both":"s3cret-body"}'})

    def test_trace_of_what_is_no_text(self):
        definition = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True,
                      "Parameters": self.parameters("/latin")}
        told = self.server.call("TestState", definition=json.dumps(definition), roleArn=ROLE,
                                inspectionLevel="TRACE")
        self.assertEqual(told["error"], "States.Runtime")
        self.assertEqual(told["inspectionData"]["response"]["body"], "gr\ufffd\ufffd")

    def test_debug_does_not_show_it(self):
        told = self.ask_test_state(inspectionLevel="DEBUG", revealSecrets=True)["inspectionData"]
        self.assertNotIn("request", told)
        self.assertNotIn("response", told)

    def test_no_secret_is_in_the_history(self):
        arn = self.machine(self.parameters(method="POST", connection="key"), kind="STANDARD")
        execution = self.server.call("StartExecution", stateMachineArn=arn)["executionArn"]
        self.assertEqual(self.server.wait(execution)["status"], "SUCCEEDED")
        events = self.server.history(execution)
        self.assertEqual([e["type"] for e in events[2:5]],
                         ["TaskScheduled", "TaskStarted", "TaskSucceeded"])
        self.assertEqual(events[2]["taskScheduledEventDetails"]["resourceType"], "http")
        for secret in SECRETS:
            self.assertNotIn(secret, json.dumps(events))

    # -------------------------------------------------------------------------------- a restart

    def test_a_task_in_flight_is_called_again_after_a_restart(self):
        del self.sink.seen[:]
        arn = self.machine(self.parameters(path="/second"), kind="STANDARD")
        execution = self.server.call("StartExecution", stateMachineArn=arn)["executionArn"]
        self.assertTrue(self.sink.asked.wait(SECONDS_MAX))
        self.server.kill()
        type(self).server = Server(*self.options)
        told = self.server.wait(execution)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(json.loads(told["output"])["ResponseBody"], {"second": True})
        self.assertEqual(len([e for e in self.server.history(execution)
                              if e["type"] == "TaskScheduled"]), 1)

    # ---------------------------------------------------------------------------------- in numbers

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def test_no_descriptor_is_lost(self):
        arns = [self.machine(self.parameters(path=path))
                for path in ("/echo", "/reset", "/status/500", "/half")]

        def round_of_calls(count):
            for number in range(count):
                self.server.call("StartSyncExecution", stateMachineArn=arns[number % len(arns)],
                                 input="{}")

        round_of_calls(40)
        before = self.descriptors()
        round_of_calls(int(os.environ.get("GAIT_TEST_HTTP_CALLS", "400")))
        until(lambda: self.descriptors() <= before + 2, "descriptors are given back")


class TestConfiguration(unittest.TestCase):
    def test_a_connection_that_is_wrong_keeps_the_server_from_starting(self):
        for connection, words in (
                ({"AuthorizationType": "NONE", "AuthParameters": {}}, "'AuthorizationType' must be"),
                ({"AuthorizationType": "BASIC", "AuthParameters": {"BasicAuthParameters": {
                    "Username": "u"}}}, "has no member 'Password'"),
                ({"AuthorizationType": "BASIC", "AuthParameters": {"BasicAuthParameters": {
                    "Username": "u", "Password": {"env": "A", "file": "B"}}}}, "'Password' must be"),
                ({"AuthorizationType": "BASIC", "Secret": 1, "AuthParameters": {}},
                 "has no member 'Secret'")):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump({"connections": {"mine": connection}}, file)
                file.flush()
                with self.assertRaises(RuntimeError) as refused:
                    Server("--memory", "--config", file.name)
                self.assertIn("connection 'mine'", str(refused.exception))
                self.assertIn(words, str(refused.exception))


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class TestExample(unittest.TestCase):
    def test_it_runs(self):
        done = subprocess.run([ROOT / "examples" / "http-task" / "run-demo"], capture_output=True,
                              text=True, env={**os.environ, "GAIT": GAIT},
                              timeout=2 * SECONDS_MAX, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
