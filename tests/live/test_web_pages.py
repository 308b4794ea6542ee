"""What a web page of another site can do to a server without credentials: nothing."""

import base64
import http.client
import io
import json
import os
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, SECONDS_MAX, Server  # noqa: E402: found by the line above


def create_function_request():
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as files:
        files.writestr("app.py", "def main(event, context): return event\n")
    return json.dumps({"FunctionName": "f", "Runtime": "python3.12", "Handler": "app.main",
                       "Role": "arn:aws:iam::123456789012:role/r",
                       "Code": {"ZipFile": base64.b64encode(package.getvalue()).decode()}})


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class WebPages(unittest.TestCase):
    def serve(self, *options):
        server = Server("--memory", *options)
        self.addCleanup(server.stop)
        return server

    def ask(self, server, method, path, body=None, **headers):
        """Status, headers and body; a Host given replaces the true one."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS_MAX)
        self.addCleanup(connection.close)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def test_a_form_of_another_site_creates_no_function(self):
        server = self.serve()
        request = create_function_request()
        path = "/2015-03-31/functions"
        status, headers, _ = self.ask(server, "POST", path, request, Content_Type="text/plain",
                                      Origin="https://evil.example", Sec_Fetch_Site="cross-site",
                                      Sec_Fetch_Mode="no-cors")
        self.assertEqual(status, 403)
        self.assertNotIn("Access-Control-Allow-Origin", headers)
        self.assertEqual(json.loads(self.ask(server, "GET", path)[2])["Functions"], [])
        self.assertEqual(self.ask(server, "POST", path, request)[0], 201)

    def test_no_preflight_succeeds(self):
        status, headers, _ = self.ask(self.serve(), "OPTIONS", "/", Origin="https://evil.example",
                                      Access_Control_Request_Method="POST",
                                      Access_Control_Request_Headers="x-amz-target")
        self.assertGreaterEqual(status, 400)
        self.assertFalse([name for name in headers if name.lower().startswith("access-control")])

    def test_a_name_that_anybody_can_point_here_is_refused_everywhere(self):
        server = self.serve()
        for path in ("/", "/console/", "/console/api/session", "/console/api/counts", "/metrics",
                     "/2015-03-31/functions"):
            status, _, body = self.ask(server, "GET", path, Host="evil.example:8083")
            self.assertEqual(status, 403, path)
            self.assertIn("--allowed-hosts", json.loads(body)["message"])
        self.assertEqual(self.ask(server, "GET", "/health", Host="evil.example")[0], 200)

    def test_names_that_clients_use_are_served(self):
        server = self.serve()
        for host in ("localhost:8083", "sync-localhost:8083", "sync-127.0.0.1:8083", "gait:8083",
                     "[::1]:8083", "host.docker.internal:8083"):
            self.assertEqual(self.ask(server, "GET", "/console/api/counts", Host=host)[0], 200, host)

    def test_a_name_can_be_allowed(self):
        server = self.serve("--allowed-hosts", "gait.example.org, .corp.example")
        for host, status in (("gait.example.org", 200), ("a.corp.example:443", 200),
                             ("corp.example", 403), ("www.example.org", 403)):
            self.assertEqual(self.ask(server, "GET", "/console/api/counts", Host=host)[0], status,
                             host)
        self.assertEqual(self.ask(server, "POST", "/console/api/evaluate", "{}",
                                  Origin="https://www.example.org")[0], 403)
        self.assertNotEqual(self.ask(server, "POST", "/console/api/evaluate", "{}",
                                     Origin="https://gait.example.org")[0], 403)

    def test_a_link_to_the_console_can_be_followed(self):
        self.assertEqual(self.ask(self.serve(), "GET", "/console/", Sec_Fetch_Site="cross-site",
                                  Sec_Fetch_Mode="navigate")[0], 200)

    def test_with_credentials_the_signature_decides(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
            json.dump({"credentials": [{
                "accessKeyId": "AKID", "secretAccessKey": "secret", "name": "n",
                "policy": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}]},
                config)
            config.flush()
            server = self.serve("--config", config.name)
            self.assertEqual(self.ask(server, "GET", "/console/api/session",
                                      Host="gait.example.org")[0], 200)
            self.assertEqual(self.ask(server, "GET", "/metrics", Host="gait.example.org")[0], 403)
            self.assertEqual(self.ask(server, "POST", "/", "{}",
                                      X_Amz_Target="AWSStepFunctions.ListActivities")[0], 400)


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class TwoServersOfOneFolder(unittest.TestCase):
    def test_their_functions_are_their_own(self):
        """Both may be started where the other one is: --memory takes no lock of the folder."""
        request, path = create_function_request(), "/2015-03-31/functions"
        with tempfile.TemporaryDirectory() as data:
            servers = [Server("--memory", "--data", data) for _ in range(2)]
            for server in servers:
                self.addCleanup(server.stop)
                connection = http.client.HTTPConnection("127.0.0.1", server.port,
                                                        timeout=SECONDS_MAX)
                connection.request("POST", path, request)
                self.assertEqual(connection.getresponse().status, 201)
                connection.close()
            self.assertFalse((Path(data) / "lambda").exists())


if __name__ == "__main__":
    unittest.main()
