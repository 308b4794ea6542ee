"""HTTP Tasks whose connections are EventBridge's: described by it, with a secret of Secrets Manager, by
an endpoint that plays both.

    GAIT=build/gait python3 -m unittest tests.live.test_connections
"""
import base64
import json
import os
import tempfile
import threading
import unittest
from pathlib import Path

from tests.live.server import GAIT, SECONDS_MAX, Server, until
from tests.live.test_apis import Endpoint, Machines

ARN = "arn:aws:events:eu-west-1:123456789012:connection/{}/0000"
SECRETS = ["s3cret-password", "s3cret-value", "s3cret-client", "s3cret-header", "s3cret-token"]
HEADER = {"key": "X-More", "value": "s3cret-header", "is_value_secret": True}


class World:
    """Who is called, and EventBridge and Secrets Manager."""

    def __init__(self):
        self.is_open = threading.Event()  # until it is cleared, AWS answers
        self.is_open.set()
        self.secrets = {
            "basic": {"username": "me", "password": "s3cret-password"},
            "key": {"api_key_name": "X-Key", "api_key_value": "s3cret-value",
                    "invocation_http_parameters": {"header_parameters": [HEADER]}},
            "oauth": {"client_id": "me", "client_secret": "s3cret-client", "http_method": "POST",
                      "authorization_endpoint": "URL/token"},
            "nested": {"client_parameters": {"client_id": "me", "client_secret": "s3cret-client"},
                       "authorization_endpoint": "URL/token", "http_method": "POST",
                       "o_auth_http_parameters": {"body_parameters": [
                           {"key": "scope", "value": "all"}]}},
            "unread": {"username": "me"}, "lost": None, "gone": {}, "broken": "{no JSON",
            "file": {"username": "me", "password": {"file": "/etc/hostname"}},
        }
        self.kinds = {"key": "API_KEY", "oauth": "OAUTH_CLIENT_CREDENTIALS",
                      "nested": "OAUTH_CLIENT_CREDENTIALS"}

    def answer(self, seen):
        target = seen["headers"].get("X-Amz-Target", "")
        if target:
            self.is_open.wait(SECONDS_MAX)
        if target.endswith("DescribeConnection"):
            return self.describe(json.loads(seen["body"])["Name"])
        if target.endswith("GetSecretValue"):
            return self.secret(json.loads(seen["body"])["SecretId"].split("/")[1])
        if seen["path"] == "/token":
            return 200, {"access_token": "s3cret-token", "expires_in": 3600}, {}
        return 200, {"asked": True}, {}

    def describe(self, name):
        if name not in self.secrets:
            return 400, {"__type": "ResourceNotFoundException", "message": "no such connection"}, {}
        return 200, {
            "Name": name, "AuthorizationType": self.kinds.get(name, "BASIC"),
            "ConnectionState": "DEAUTHORIZED" if name == "gone" else "AUTHORIZED",
            "SecretArn": f"arn:aws:secretsmanager:eu-west-1:1:secret:events!connection/{name}/x"}, {}

    def secret(self, name):
        secret = self.secrets[name]
        if secret is None:
            return 400, {"__type": "ResourceNotFoundException", "message": "no such secret"}, {}
        text = secret if isinstance(secret, str) else json.dumps(secret)
        return 200, {"SecretString": text.replace("URL", self.url)}, {}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Connections(Machines):
    def setUp(self):
        self.world = World()
        self.sink = Endpoint(self.world.answer)
        self.world.url = f"http://127.0.0.1:{self.sink.port}"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        config = Path(folder.name) / "config.json"
        config.write_text(json.dumps({"aws": {"endpoint": self.world.url, "timeoutSeconds": 600}}))
        self.data = Path(folder.name) / "data"
        self.server = Server("--data", str(self.data), "--config", str(config))

    def tearDown(self):
        self.world.is_open.set()
        status, said = self.server.stop()
        self.sink.close()
        stored = b"".join(p.read_bytes() for p in self.data.rglob("*") if p.is_file())
        self.assertEqual(status, 0)
        for secret in SECRETS:
            self.assertNotIn(secret, said)
            self.assertNotIn(secret.encode(), stored)

    def parameters(self, name):
        return {"ApiEndpoint": self.world.url + "/api", "Method": "POST",
                "InvocationConfig": {"ConnectionArn": ARN.format(name)}}

    def call(self, name):
        """(description, the headers that the endpoint got)"""
        del self.sink.seen[:]
        told, _ = self.run_task("http:invoke", self.parameters(name))
        return told, next((seen["headers"] for seen in self.sink.seen if seen["path"] == "/api"), None)

    def targets(self):
        return [seen["headers"]["X-Amz-Target"].split(".")[-1] for seen in self.sink.seen
                if "X-Amz-Target" in seen["headers"]]

    def test_each_kind_is_sent_as_its_secret_says(self):
        told, headers = self.call("basic")
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(headers["Authorization"],
                         "Basic " + base64.b64encode(b"me:s3cret-password").decode())
        self.assertEqual(self.targets(), ["DescribeConnection", "GetSecretValue"])
        self.assertIn("/eu-west-1/", self.sink.seen[0]["headers"]["Authorization"])
        told, headers = self.call("key")
        self.assertEqual((headers["X-Key"], headers["X-More"]), ("s3cret-value", "s3cret-header"))
        for name in ("oauth", "nested"):
            told, headers = self.call(name)
            self.assertEqual(headers["Authorization"], "Bearer s3cret-token", told)
        token = next(seen for seen in self.sink.seen if seen["path"] == "/token")
        self.assertEqual(token["body"],
                         "grant_type=client_credentials&client_id=me&client_secret=s3cret-client"
                         "&scope=all")

    def test_it_is_asked_for_once(self):
        self.world.is_open.clear()
        arns = [self.start("http:invoke", self.parameters("basic")) for _ in range(10)]
        for arn in arns:
            self.server.wait_for_event(arn, "TaskStarted")
        until(lambda: self.targets() == ["DescribeConnection"], "the question")
        self.world.is_open.set()
        self.assertEqual({self.server.wait(arn)["status"] for arn in arns}, {"SUCCEEDED"})
        self.assertEqual(self.targets(), ["DescribeConnection", "GetSecretValue"])
        self.assertEqual(len(self.sink.seen), 12)

    def test_one_that_cannot_be_used(self):
        for name, error in (("absent", "ResourceNotFound"), ("lost", "InvalidConnectionState"),
                            ("unread", "InvalidConnectionState"), ("gone", "InvalidConnectionState"),
                            ("broken", "InvalidConnectionState"), ("file", "InvalidConnectionState")):
            told, headers = self.call(name)
            self.assertEqual(told["error"], "Events.ConnectionResource." + error, told)
            self.assertIn(name, told["cause"])
            self.assertIsNone(headers)
        self.world.secrets["unread"]["password"] = "s3cret-password"  # failures are not kept
        self.assertEqual(self.call("unread")[0]["status"], "SUCCEEDED")

    def test_a_task_that_is_stopped_while_it_is_asked_for(self):
        self.world.is_open.clear()
        arn = self.start("http:invoke", self.parameters("basic"))
        until(lambda: "DescribeConnection" in self.targets(), "the question")
        self.server.call("StopExecution", executionArn=arn)
        self.assertEqual(self.server.wait(arn)["status"], "ABORTED")
        other = self.start("http:invoke", self.parameters("basic"))
        self.server.wait_for_event(other, "TaskStarted")
        self.world.is_open.set()
        self.assertEqual(self.server.wait(other)["status"], "SUCCEEDED")
        self.assertEqual([seen["path"] for seen in self.sink.seen].count("/api"), 1)


if __name__ == "__main__":
    unittest.main()
