"""What the SDKs' settings do to calls of AWS: logins at IAM Identity Center, certificates, proxies,
FIPS and dual-stack endpoints.

    GAIT=build/gait python3 -m unittest tests.live.test_aws_settings
"""

import hashlib
import json
import os
import shutil
import socketserver
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, Server  # noqa: E402: found by the line above

ROLE = "arn:aws:iam::123456789012:role/r"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "env-secret"}


class Fake:
    """IAM Identity Center and DynamoDB: what is asked of them, and by whom."""

    def __init__(self, certificate=None):
        self.seen = []
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path.partition("?")[0]
                fake.seen.append((path, dict(self.headers), body))
                answer = json.dumps(fake.answer(path)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

        class Listener(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a handshake that the client has ended

        self.server = Listener(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                     do_handshake_on_connect=False)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"

    @staticmethod
    def answer(path):
        return {
            "/token": {"accessToken": "new-secret", "expiresIn": 3600, "tokenType": "Bearer",
                       "refreshToken": "next-secret"},
            "/federation/credentials": {"roleCredentials": {
                "accessKeyId": "AKIDSSO", "secretAccessKey": "sso-secret",
                "sessionToken": "session-secret", "expiration": 4070908800000}},
        }.get(path, {"TableNames": ["t"]})

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Proxy(socketserver.ThreadingTCPServer):
    """Writes down where it should connect to, and refuses."""

    daemon_threads = True

    def __init__(self):
        self.wanted = []
        proxy = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                line = self.rfile.readline().decode()
                while self.rfile.readline().strip():
                    pass
                proxy.wanted.append(line.split()[:2])
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        super().__init__(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def close(self):
        self.shutdown()
        self.server_close()
        self.thread.join()


@unittest.skipUnless(os.access(GAIT, os.X_OK), "there is no server: set GAIT")
class Settings(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        kept = mock.patch.dict(os.environ)  # without the proxies of whoever runs the tests
        kept.start()
        self.addCleanup(kept.stop)
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            del os.environ[name]

    def run_task(self, action, variables, parameters=None):
        """The end of an execution with one aws-sdk Task, by a server with these variables."""
        server = Server("--memory", variables={"HOME": self.folder, "AWS_MAX_ATTEMPTS": "1",
                                               "AWS_EC2_METADATA_DISABLED": "true", **variables})
        try:
            machine = server.call("CreateStateMachine", name="m", roleArn=ROLE, definition=json.dumps(
                {"StartAt": "A", "States": {"A": {
                    "Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{action}",
                    "Parameters": parameters or {}, "End": True}}}))
            execution = server.call("StartExecution", stateMachineArn=machine["stateMachineArn"])
            told = server.wait(execution["executionArn"])
            history = json.dumps(server.history(execution["executionArn"]))
        finally:
            _, said = server.stop()
        self.assertNotIn("-secret", said)
        self.assertNotIn("-secret", history)
        return told

    def fake(self, **options):
        fake = Fake(**options)
        self.addCleanup(fake.close)
        return fake

    def proxy(self):
        proxy = Proxy()
        self.addCleanup(proxy.close)
        return proxy

    # ------------------------------------------------------------------ IAM Identity Center

    def log_in(self, **token):
        cache = Path(self.folder) / ".aws" / "sso" / "cache"
        cache.mkdir(parents=True)
        (cache.parent.parent / "config").write_text(
            "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\n"
            "sso_role_name = Developer\n[sso-session corp]\nsso_region = eu-west-1\n"
            "sso_start_url = https://corp.awsapps.com/start\n")
        path = cache / (hashlib.sha1(b"corp").hexdigest() + ".json")
        path.write_text(json.dumps({
            "startUrl": "https://corp.awsapps.com/start", "region": "eu-west-1",
            "accessToken": "old-secret", "expiresAt": "2020-01-01T00:00:00Z", **token}))
        return path

    def test_a_login_is_renewed_and_its_role_signs(self):
        fake = self.fake()
        path = self.log_in(refreshToken="refresh-secret", clientId="id",
                           clientSecret="client-secret",
                           registrationExpiresAt="2099-01-01T00:00:00Z")
        told = self.run_task("dynamodb:listTables",
                             {"AWS_ENDPOINT_URL": fake.url, "AWS_PROFILE": "dev"})
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual([path for path, _, _ in fake.seen],
                         ["/token", "/federation/credentials", "/"])
        self.assertEqual(json.loads(fake.seen[0][2]), {
            "clientId": "id", "clientSecret": "client-secret", "grantType": "refresh_token",
            "refreshToken": "refresh-secret"})
        self.assertEqual(fake.seen[1][1]["x-amz-sso_bearer_token"], "new-secret")
        self.assertIn("Credential=AKIDSSO/", fake.seen[2][1]["Authorization"])
        kept = json.loads(path.read_text())
        self.assertEqual((kept["accessToken"], kept["refreshToken"], kept["clientId"]),
                         ("new-secret", "next-secret", "id"))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual([entry.name for entry in path.parent.iterdir()], [path.name])

    def test_a_login_that_has_ended_says_what_to_do(self):
        fake = self.fake()
        self.log_in()
        told = self.run_task("dynamodb:listTables",
                             {"AWS_ENDPOINT_URL": fake.url, "AWS_PROFILE": "dev"})
        self.assertEqual(told["error"], "DynamoDb.SdkClientException")
        self.assertIn("`aws sso login --profile dev`", told["cause"])
        self.assertEqual(fake.seen, [])

    # ------------------------------------------------------------------------- certificates

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl to make certificates")
    def test_the_certificates_of_a_company_are_trusted_where_they_are_named(self):
        def openssl(*options):
            subprocess.run(["openssl", *options], cwd=self.folder, check=True, capture_output=True)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out",
                "own.pem", "-days", "2", "-subj", "/CN=own", "-addext", "subjectAltName=IP:127.0.0.1")
        bundle = self.folder + "/own.pem"
        fake = self.fake(certificate=(bundle, self.folder + "/key.pem"))
        variables = {**KEYS, "AWS_ENDPOINT_URL": fake.url}
        told = self.run_task("dynamodb:listTables", variables)
        self.assertEqual(told.get("error"), "DynamoDb.SdkClientException", told)
        self.assertEqual(fake.seen, [])
        told = self.run_task("dynamodb:listTables", {**variables, "AWS_CA_BUNDLE": bundle})
        self.assertEqual(told["status"], "SUCCEEDED", told)
        (Path(self.folder) / ".aws").mkdir()
        (Path(self.folder) / ".aws" / "config").write_text(f"[default]\nca_bundle = {bundle}\n")
        told = self.run_task("dynamodb:listTables", variables)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        told = self.run_task("dynamodb:listTables", {**variables, "AWS_CA_BUNDLE": "/nowhere"})
        self.assertIn("AWS_CA_BUNDLE: /nowhere: No such file", told["cause"])

    # ------------------------------------------------------------------ endpoints and proxies

    def where(self, action, **variables):
        """The host that a proxy is asked to connect to."""
        proxy = self.proxy()
        told = self.run_task(action, {**KEYS, "HTTPS_PROXY": proxy.url, **variables})
        self.assertEqual(told["status"], "FAILED")
        return [target for method, target in proxy.wanted if method == "CONNECT"]

    def test_calls_go_to_the_endpoints_that_are_asked_for(self):
        region = {"AWS_USE_FIPS_ENDPOINT": "true"}
        self.assertEqual(self.where("sqs:listQueues"), ["sqs.us-east-1.amazonaws.com:443"])
        self.assertEqual(self.where("sqs:listQueues", **region),
                         ["sqs-fips.us-east-1.amazonaws.com:443"])
        self.assertEqual(self.where("sqs:listQueues", AWS_USE_DUALSTACK_ENDPOINT="true"),
                         ["sqs.us-east-1.api.aws:443"])

    def test_credentials_come_from_such_endpoints_too(self):
        config = Path(self.folder) / ".aws"
        config.mkdir()
        (config / "config").write_text(
            "[default]\naws_access_key_id = A\naws_secret_access_key = env-secret\n"
            "[profile r]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = default\n"
            "use_fips_endpoint = true\n")
        proxy = self.proxy()
        self.run_task("sqs:listQueues", {"AWS_PROFILE": "r", "HTTPS_PROXY": proxy.url})
        self.assertEqual(proxy.wanted[0], ["CONNECT", "sts-fips.us-east-1.amazonaws.com:443"])

    def test_nobody_is_asked_where_there_is_no_such_endpoint(self):
        proxy = self.proxy()
        told = self.run_task("sqs:listQueues", {
            **KEYS, "HTTPS_PROXY": proxy.url, "AWS_USE_FIPS_ENDPOINT": "true",
            "AWS_ENDPOINT_URL_SQS": "https://sqs.example.com"})
        self.assertIn("FIPS endpoints are asked for (AWS_USE_FIPS_ENDPOINT)", told["cause"])
        self.assertEqual(proxy.wanted, [])

    def test_some_hosts_need_no_proxy(self):
        proxy = self.proxy()
        told = self.run_task("sqs:listQueues", {
            **KEYS, "HTTPS_PROXY": proxy.url, "NO_PROXY": "invalid",
            "AWS_ENDPOINT_URL_SQS": "https://sqs.invalid"})
        self.assertEqual(told["error"], "Sqs.SdkClientException")
        self.assertEqual(proxy.wanted, [])


if __name__ == "__main__":
    unittest.main()
