"""apigateway:invoke and eks:call, eks:runJob against endpoints of the tests' own: what is sent and who
has signed it, what becomes of answers, whose certificates are trusted, and jobs that are watched,
deleted and found again after a crash.

    GAIT=build/gait python3 -m unittest tests.live.test_apis
"""
import base64
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.live.server import GAIT, ApiError, Server, until

ROLE = "arn:aws:iam::123456789012:role/r"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDTEST", "AWS_SECRET_ACCESS_KEY": "s3cret-key",
        "AWS_SESSION_TOKEN": "s3cret-session"}


class Endpoint(ThreadingHTTPServer):
    """Answers by its `answer(request)`, which gives a status, a body and headers."""

    def __init__(self, answer, certificate=None):
        self.seen, self.answer = [], answer
        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # who does not trust us hangs up

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        parts = urlsplit(self.path)
        seen = {"method": self.command, "url": self.path, "path": parts.path, "body": body,
                "query": parse_qs(parts.query), "headers": self.headers}
        self.server.seen.append(seen)
        status, answer, headers = self.server.answer(seen)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json" if not isinstance(answer, str)
                         else "text/plain")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = handle_any


class Machines(unittest.TestCase):
    def machine(self, resource, parameters, **more):
        definition = {"StartAt": "T", "States": {"T": {
            "Type": "Task", "Resource": "arn:aws:states:::" + resource, "Parameters": parameters,
            "End": True, **more}}}
        type(self).count = getattr(type(self), "count", 0) + 1
        return self.server.call("CreateStateMachine", name=f"m{self.count}", roleArn=ROLE,
                                definition=json.dumps(definition))["stateMachineArn"]

    def start(self, *args, **more):
        arn = self.machine(*args, **more)
        return self.server.call("StartExecution", stateMachineArn=arn)["executionArn"]

    def run_task(self, *args, **more):
        """(description, output)"""
        told = self.server.wait(self.start(*args, **more))
        for secret in ("s3cret-key", "s3cret-session", "k8s-aws-v1"):
            self.assertNotIn(secret, json.dumps(told))
        return told, json.loads(told["output"]) if "output" in told else None


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class ApiGateway(Machines):
    @classmethod
    def setUpClass(cls):
        cls.sink = Endpoint(cls.answer)
        cls.folder = tempfile.TemporaryDirectory()
        config = Path(cls.folder.name) / "config.json"
        config.write_text(json.dumps({
            "apigateway": {"apis": {"abc123": f"http://127.0.0.1:{cls.sink.port}/local"}}}))
        cls.server = Server("--memory", "--config", str(config), variables=KEYS)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.sink.close()
        cls.folder.cleanup()

    def setUp(self):
        del self.sink.seen[:]

    @staticmethod
    def answer(seen):
        if seen["path"].endswith("/forbidden"):
            return 403, {"message": "Missing Authentication Token"}, {}
        return 200, {"method": seen["method"]}, {"X-Many": "a", "x-Other": "b"}

    def parameters(self, **more):
        return {"ApiEndpoint": f"http://127.0.0.1:{self.sink.port}", "Method": "GET", **more}

    def test_a_call_and_its_result(self):
        _, output = self.run_task("apigateway:invoke", self.parameters(
            Stage="prod", Path="bills/add", QueryParameters={"billId": ["1 2", "3"]},
            Headers={"X-Key": ["v1", "v2"]}, RequestBody={}))
        self.assertEqual(output["ResponseBody"], {"method": "GET"})
        self.assertEqual((output["StatusCode"], output["StatusText"]), (200, "OK"))
        self.assertEqual(output["Headers"]["X-Many"], ["a"])
        seen, = self.sink.seen
        self.assertEqual(seen["url"], "/prod/bills/add?billId=1%202&billId=3")
        self.assertEqual(seen["headers"].get_all("X-Key"), ["v1", "v2"])
        self.assertEqual(seen["body"], "")
        self.assertNotIn("Authorization", seen["headers"])

    def test_nulls_are_left_out_unless_they_are_allowed(self):
        body = {"a": None, "b": [{"c": None, "d": 1}, None]}
        self.run_task("apigateway:invoke", self.parameters(Method="POST", RequestBody=body))
        self.run_task("apigateway:invoke", self.parameters(Method="POST", RequestBody=body,
                                                           AllowNullValues=True))
        self.assertEqual([json.loads(seen["body"]) for seen in self.sink.seen],
                         [{"b": [{"d": 1}, None]}, body])
        self.assertEqual(self.sink.seen[0]["headers"]["Content-Type"],
                         "application/json; charset=UTF-8")

    def check_signature(self, seen, region):
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        parts = dict(part.strip().split("=", 1) for part in
                     seen["headers"]["Authorization"].split(" ", 1)[1].split(","))
        names = parts["SignedHeaders"].split(";")
        self.assertIn("host", names)
        request = AWSRequest(seen["method"], f"http://{seen['headers']['Host']}{seen['url']}",
                             data=seen["body"].encode(),
                             headers={name: seen["headers"][name] for name in names})
        request.context["timestamp"] = seen["headers"]["X-Amz-Date"]
        auth = SigV4Auth(Credentials("AKIDTEST", "s3cret-key", "s3cret-session"), "execute-api",
                         region)
        canonical = auth.canonical_request(request)
        wanted = auth.signature(auth.string_to_sign(request, canonical), request)
        self.assertEqual(parts["Signature"], wanted)
        self.assertIn(f"/{region}/execute-api/", parts["Credential"])

    def test_it_is_signed_for_the_api(self):
        for kind in ("IAM_ROLE", "RESOURCE_POLICY"):
            del self.sink.seen[:]
            told, _ = self.run_task("apigateway:invoke", self.parameters(
                ApiEndpoint="abc123.execute-api.eu-central-1.amazonaws.com", Method="POST",
                Stage="prod", Path="/a b/ü", QueryParameters={"q": ["x y", "z"], "a": ["1"]},
                RequestBody={"k": "ü"}, AuthType=kind))
            self.assertEqual(told["status"], "SUCCEEDED", told)
            seen, = self.sink.seen
            self.assertEqual(seen["path"], "/local/prod/a%20b/%C3%BC")
            self.assertEqual(seen["headers"]["X-Amz-Security-Token"], "s3cret-session")
            self.check_signature(seen, "eu-central-1")

    def test_errors_are_named_by_their_status(self):
        told, _ = self.run_task("apigateway:invoke", self.parameters(Path="forbidden"))
        self.assertEqual((told["error"], json.loads(told["cause"])),
                         ("ApiGateway.403", {"message": "Missing Authentication Token"}))
        told, _ = self.run_task("apigateway:invoke", {"ApiEndpoint": "http://127.0.0.1:1",
                                                      "Method": "GET"})
        self.assertEqual(told["error"], "ApiGateway.SdkClientException")

    def test_what_is_wrong_calls_nobody(self):
        for wrong in ({"AuthType": "IAM_AUTH"}, {"Method": "TRACE"},
                      {"Headers": {"Authorization": "x"}}, {"Headers": {"X-Amz-Date": "x"}},
                      {"ApiEndpoint": "http://example.com"}):
            told, _ = self.run_task("apigateway:invoke", self.parameters(**wrong))
            self.assertEqual(told["error"], "States.Runtime", told)
        self.assertEqual(self.sink.seen, [])

    def test_what_it_has_not_is_refused_at_creation(self):
        for wrong in ({"Method": "GET"}, self.parameters(Transform={})):
            with self.assertRaises(ApiError):
                self.machine("apigateway:invoke", wrong)

    def test_the_task_waits_for_its_token(self):
        arn = self.start("apigateway:invoke.waitForTaskToken", self.parameters(
            Method="POST", Headers={"TaskToken.$": "States.Array($$.Task.Token)"}))
        self.server.wait_for_event(arn, "TaskSubmitted")
        token = self.sink.seen[0]["headers"]["TaskToken"]
        self.server.call("SendTaskSuccess", taskToken=token, output='"done"')
        self.assertEqual(self.server.wait(arn)["output"], '"done"')


class Cluster:
    """Of Kubernetes: jobs whose names say how they end and after how many looks ("held": when told)."""

    def __init__(self):
        self.jobs, self.refused = {}, None

    def job(self, name):
        job = self.jobs[name]
        job["looks"] -= 1
        status = {} if job["looks"] >= 0 else {"conditions": [
            {"type": "Complete" if name.startswith("good") else "Failed", "status": "True"}]}
        return {"kind": "Job", "metadata": {"name": name, "namespace": "default"}, "status": status}

    def answer(self, seen):
        parts = seen["path"].strip("/").split("/")
        if not seen["headers"].get("Authorization", "").startswith("Bearer k8s-aws-v1."):
            return 401, {"kind": "Status", "message": "Unauthorized", "code": 401}, {}
        if parts[-1] == "jobs" and seen["method"] == "POST":
            name = json.loads(seen["body"])["metadata"]["name"]
            if name in self.jobs:
                return 409, {"kind": "Status", "reason": "AlreadyExists"}, {}
            looks = name.split("-")[1]
            self.jobs[name] = {"looks": 1 << 30 if looks == "held" else int(looks)}
            return 201, {"kind": "Job", "metadata": {"name": name, "namespace": "default"}}, {}
        if parts[-2] == "jobs":
            if seen["method"] == "DELETE":
                self.jobs.pop(parts[-1], None)
                return 200, {}, {}
            return (200, self.job(parts[-1]), {}) if parts[-1] in self.jobs else (404, {}, {})
        if parts[-1] == "pods":
            return 200, {"items": [{"metadata": {"name": "pod-1"}, "spec": {
                "containers": [{"name": "one"}, {"name": "two"}, {"name": "bad"}]}}]}, {}
        if parts[-1] == "log":
            container = seen["query"]["container"][0]
            return {"one": (200, '{"pi": 3.14}\n', {}), "two": (200, "plain\n", {}),
                    "bad": (400, {"message": "waiting"}, {})}[container]
        return 404, {"kind": "Status", "message": "not found", "code": 404}, {}


def certificates(folder):
    """An authority, a server's certificate, and an authority that did not sign it."""
    def openssl(*options):
        subprocess.run(["openssl", *options], cwd=folder, check=True, capture_output=True)
    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", name + ".key", "-out",
                name + ".pem", "-days", "2", "-subj", "/CN=" + name)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr",
            "-subj", "/CN=kubernetes")
    (Path(folder) / "san").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", "server.pem", "-days", "2", "-extfile", "san")
    return (folder + "/server.pem", folder + "/server.key")


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
@unittest.skipUnless(shutil.which("openssl"), "there is no openssl to make certificates")
class Kubernetes(Machines):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        certificate = certificates(cls.folder.name)
        cls.cluster = Cluster()
        cls.sink = Endpoint(cls.cluster.answer, certificate)
        cls.options = ["--data", cls.folder.name + "/data"]
        cls.server = Server(*cls.options, variables=KEYS)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.sink.close()
        cls.folder.cleanup()

    def setUp(self):
        del self.sink.seen[:]

    def parameters(self, authority="ca", **more):
        pem = (Path(self.folder.name) / (authority + ".pem")).read_bytes()
        return {"ClusterName": "blue", "Endpoint": f"https://127.0.0.1:{self.sink.port}",
                "CertificateAuthority": base64.b64encode(pem).decode(), **more}

    def job(self, name, **more):
        return self.parameters(Job={"apiVersion": "batch/v1", "kind": "Job",
                                    "metadata": {"name": name}}, **more)

    def test_a_call_and_its_result(self):
        _, output = self.run_task("eks:call", self.parameters(
            Method="GET", Path="/api/v1/namespaces/default/pods",
            QueryParameters={"labelSelector": ["job-name=x"]}))
        self.assertEqual((output["StatusCode"], output["StatusText"]), (200, "OK"))
        self.assertEqual(output["ResponseBody"]["items"][0]["metadata"], {"name": "pod-1"})
        self.assertEqual(self.sink.seen[0]["url"],
                         "/api/v1/namespaces/default/pods?labelSelector=job-name%3Dx")

    def test_the_token_is_a_presigned_request_of_sts(self):
        from botocore.auth import SigV4QueryAuth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials
        self.run_task("eks:call", self.parameters(Method="GET", Path="/api"))
        token = self.sink.seen[0]["headers"]["Authorization"].removeprefix("Bearer k8s-aws-v1.")
        self.assertNotRegex(token, "[+/=]")
        url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.assertEqual((parts.scheme, parts.netloc), ("https", "sts.us-east-1.amazonaws.com"))
        self.assertEqual(query["Action"], "GetCallerIdentity")
        self.assertEqual(query["X-Amz-SignedHeaders"], "host;x-k8s-aws-id")
        auth = SigV4QueryAuth(Credentials("AKIDTEST", "s3cret-key", "s3cret-session"), "sts",
                              "us-east-1", expires=int(query["X-Amz-Expires"]))
        request = AWSRequest("GET", url.partition("&X-Amz-Signature=")[0],
                             headers={"x-k8s-aws-id": "blue", "host": parts.netloc})
        request.context["timestamp"] = query["X-Amz-Date"]
        canonical = auth.canonical_request(request)
        self.assertEqual(query["X-Amz-Signature"],
                         auth.signature(auth.string_to_sign(request, canonical), request))

    def test_errors_are_named_by_their_status(self):
        told, _ = self.run_task("eks:call", self.parameters(Method="GET", Path="/nothing/here"))
        self.assertEqual(told["error"], "EKS.404")
        self.assertEqual(json.loads(told["cause"]), {
            "ResponseBody": {"kind": "Status", "message": "not found", "code": 404},
            "StatusCode": 404, "StatusText": "Not Found"})

    def test_only_the_given_authority_is_trusted(self):
        told, _ = self.run_task("eks:call", self.parameters("other", Method="GET", Path="/api"))
        self.assertEqual(told["error"], "EKS.SdkClientException", told)
        self.assertEqual(self.sink.seen, [])

    def test_what_is_wrong_calls_nobody(self):
        for wrong in ({"Method": "TRACE", "Path": "/"},
                      {"Method": "GET", "Path": "/", "CertificateAuthority": "bm9uZQ=="},
                      {"Method": "GET", "Path": "/", "Endpoint": "http://example.com"}):
            told, _ = self.run_task("eks:call", {**self.parameters(), **wrong})
            self.assertEqual(told["error"], "States.Runtime", told)
        self.assertEqual(self.sink.seen, [])

    def test_a_job_that_is_only_begun(self):
        _, output = self.run_task("eks:runJob", self.job("good-0-begun"))
        self.assertEqual((output["StatusCode"], output["ResponseBody"]["kind"]), (201, "Job"))

    def test_a_job_and_its_logs(self):
        told, output = self.run_task("eks:runJob.sync", self.job(
            "good-1-logs", LogOptions={"RetrieveLogs": True,
                                       "LogParameters": {"tailLines": ["6"]}}))
        self.assertEqual(output["metadata"]["name"], "good-1-logs")
        pod = output["logs"]["pods"]["pod-1"]["containers"]
        self.assertEqual(pod["one"], {"log": {"pi": 3.14}})
        self.assertEqual(pod["two"], {"log": "plain\n"})
        self.assertEqual(pod["bad"]["error"], "EKS.400")
        self.assertEqual(self.sink.seen[-1]["query"],
                         {"tailLines": ["6"], "container": ["bad"]})
        _, output = self.run_task("eks:runJob.sync", self.job(
            "good-0-raw", LogOptions={"RetrieveLogs": True, "RawLogs": True}))
        pod = output["logs"]["pods"]["pod-1"]["containers"]
        self.assertEqual(pod["one"], {"log": '{"pi": 3.14}\n'})

    def test_a_job_that_fails(self):
        told, _ = self.run_task("eks:runJob.sync", self.job("bad-1-x"))
        self.assertEqual(told["error"], "States.TaskFailed")
        self.assertEqual(json.loads(told["cause"])["metadata"]["name"], "bad-1-x")

    def test_a_job_that_cannot_be_made(self):
        self.run_task("eks:runJob", self.job("good-0-twice"))
        told, _ = self.run_task("eks:runJob.sync", self.job("good-0-twice"))
        self.assertEqual(told["error"], "EKS.409")

    def test_a_stopped_task_deletes_its_job(self):
        arn = self.start("eks:runJob.sync", self.job("good-held-stopped"))
        self.server.wait_for_event(arn, "TaskSubmitted")
        self.server.call("StopExecution", executionArn=arn)
        until(lambda: "good-held-stopped" not in self.cluster.jobs, "the job is deleted")
        deleted, = [seen for seen in self.sink.seen if seen["method"] == "DELETE"]
        self.assertEqual(deleted["query"], {"propagationPolicy": ["Background"]})

    def test_a_killed_server_watches_its_job_again(self):
        arn = self.start("eks:runJob.sync", self.job("good-held-killed"))
        until(lambda: any(seen["url"].endswith("/good-held-killed") for seen in self.sink.seen),
              "the job is watched")
        self.server.kill()
        type(self).server = Server(*self.options, variables=KEYS)
        self.cluster.jobs["good-held-killed"]["looks"] = 0
        self.assertEqual(self.server.wait(arn)["status"], "SUCCEEDED")
        self.assertEqual([seen["method"] for seen in self.sink.seen].count("POST"), 1)


if __name__ == "__main__":
    unittest.main()
