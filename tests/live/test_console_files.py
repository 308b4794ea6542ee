"""What the server sends of the console without a browser: files, types, caching, and what guards the page."""

import gzip
import http.client
import json
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import server  # noqa: E402


class ConsoleFilesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gait = server.Server("--memory")

    @classmethod
    def tearDownClass(cls):
        cls.gait.stop()

    def ask(self, path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.gait.port, timeout=server.SECONDS_MAX)
        try:
            connection.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            body = answer.read()
            if answer.getheader("Content-Encoding") == "gzip" and body:
                body = gzip.decompress(body)
            return answer, body
        finally:
            connection.close()

    def page(self):
        answer, body = self.ask("/console/")
        if b'id="root"' not in body:
            self.skipTest("this gait was built without the console")
        return answer, body.decode()

    def test_the_root_leads_to_the_console(self):
        answer, _ = self.ask("/")
        self.assertEqual((answer.status, answer.getheader("Location")), (302, "/console/"))

    def test_only_this_origin_is_allowed_and_no_frame(self):
        answer, _ = self.ask("/console/")
        policy = answer.getheader("Content-Security-Policy")
        self.assertIn("default-src 'none'", policy)
        self.assertIn("script-src 'self';", policy)
        self.assertIn("frame-ancestors 'none'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertNotIn("http", policy)
        self.assertEqual(answer.getheader("X-Content-Type-Options"), "nosniff")

    def test_the_page_has_no_script_of_its_own_and_asks_no_other_host(self):
        _, body = self.page()
        for script in re.findall(r"<script[^>]*>(.*?)</script>", body, re.DOTALL):
            self.assertEqual(script.strip(), "")
        self.assertNotIn("style=", body)
        self.assertNotRegex(body, r'(src|href)="(https?:)?//')

    def test_every_file_that_the_page_names_is_there_and_may_be_kept_for_ever(self):
        _, body = self.page()
        names = re.findall(r'(?:src|href)="(/console/assets/[^"]+)"', body)
        self.assertGreaterEqual(len(names), 2)
        for name in names:
            answer, content = self.ask(name)
            self.assertEqual(answer.status, 200, name)
            self.assertIn("immutable", answer.getheader("Cache-Control"))
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            self.assertTrue(answer.getheader("Content-Type").startswith(kind), name)
            self.assertTrue(content)

    def test_what_has_not_changed_is_not_sent_again(self):
        answer, _ = self.page()
        tag = answer.getheader("ETag")
        again, body = self.ask("/console/", If_None_Match=tag)
        self.assertEqual((again.status, body), (304, b""))
        other, body = self.ask("/console/", If_None_Match='"another"')
        self.assertEqual(other.status, 200)
        self.assertTrue(body)
        self.assertEqual(answer.getheader("Cache-Control"), "no-cache")

    def test_the_router_s_paths_give_the_page_and_lost_files_give_404(self):
        _, page = self.page()
        for path in ("/console/executions", "/console/machines/arn%3Aaws%3Astates", "/console/../etc/passwd", "/console/%2e%2e/x"):
            answer, body = self.ask(path)
            self.assertEqual((answer.status, body.decode()), (200, page), path)
        for path in ("/console/assets/", "/console/assets/index-old.js", "/console/api/", "/console/api/nothing"):
            self.assertEqual(self.ask(path)[0].status, 404, path)

    def test_a_head_has_no_body(self):
        answer, body = self.ask("/console/", "HEAD")
        self.assertEqual((answer.status, body), (200, b""))

    def test_other_methods_are_not_the_console_s(self):
        self.assertEqual(self.ask("/console/", "DELETE")[0].status, 404)

    def test_the_session_says_where_one_is(self):
        answer, body = self.ask("/console/api/session")
        told = json.loads(body)
        self.assertEqual(answer.getheader("Cache-Control"), "no-store")
        self.assertEqual((told["region"], told["account"], told["isLoginRequired"]), ("us-east-1", "123456789012", False))
        self.assertIsInstance(told["paths"], list)


if __name__ == "__main__":
    unittest.main()
