"""`gait validate` and `gait json` as a shell sees them: output, exit status, bad input. The program
is build/gait, or what GAIT names."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GAIT = os.environ.get("GAIT", str(ROOT / "build" / "gait"))
PASS = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}'


def gait(*arguments, text=b""):
    data = text.encode() if isinstance(text, str) else text
    return subprocess.run([GAIT, *arguments], input=data, capture_output=True, timeout=600)


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Validate(unittest.TestCase):
    def test_a_valid_definition_says_nothing(self):
        done = gait("validate", "-", text=PASS)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_a_finding_is_one_line_with_its_place(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "d.json"
            path.write_text('{\n "StartAt": "A",\n "States": {\n'
                            '  "A": {"Type": "Pass", "Next": "B"}}}\n')
            done = gait("validate", str(path))
        self.assertEqual(done.returncode, 1)
        first, second = done.stdout.decode().splitlines()
        self.assertEqual(first, f"{path}:4:25: error MISSING_TRANSITION_TARGET "
                                "Missing 'Next' target: B (/States/A/Next)")
        self.assertEqual(second, f"{path}:1:1: error MISSING_END_STATE "
                                 "Workflow has no terminal state")

    def test_warnings_do_not_fail(self):
        text = PASS.replace('"End"', '"Result":"$.x","End"')
        done = gait("validate", "-", text=text)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"warning PASS_RESULT_IS_STATIC", done.stdout)

    def test_json_has_what_the_api_has_and_the_place(self):
        done = gait("validate", "--json", "-", text='{"StartAt":"A"}')
        self.assertEqual(json.loads(done.stdout), {
            "file": "standard input", "result": "FAIL", "truncated": False,
            "diagnostics": [{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED",
                             "message": "These fields are required: [States]", "location": "/",
                             "line": 1, "column": 1}]})
        self.assertEqual(done.returncode, 1)

    def test_express_workflows_have_their_restrictions(self):
        text = PASS.replace('"Pass"',
                            '"Task","Resource":"arn:aws:states:us-east-1:1:activity:w"')
        self.assertEqual(gait("validate", "-", text=text).returncode, 0)
        done = gait("validate", "--type", "EXPRESS", "-", text=text)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"Express state machine does not support Activity ARN", done.stdout)

    def test_several_files_are_all_checked(self):
        with tempfile.TemporaryDirectory() as folder:
            good, bad = Path(folder) / "good", Path(folder) / "bad"
            good.write_text(PASS)
            bad.write_text("[]")
            done = gait("validate", str(bad), str(good), str(Path(folder) / "none"))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"Expected value of type Object", done.stdout)
        self.assertIn(b"No such file", done.stderr)

    def test_a_name_cannot_forge_a_line(self):
        text = json.dumps({"StartAt": "A", "States": {"A\n\x1b[31mB": {"Type": "Succeed"}}})
        done = gait("validate", "-", text=text)
        self.assertNotIn(b"\x1b", done.stdout)
        self.assertEqual(len(done.stdout.splitlines()), 2)

    def test_bad_usage(self):
        for arguments in (["validate"], ["validate", "--nope", "-"],
                          ["validate", "--type", "FAST", "-"]):
            self.assertEqual(gait(*arguments).returncode, 2, arguments)

    def test_help(self):
        done = gait("validate", "--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"usage: gait validate FILE...", done.stdout)

    def test_hostile_text_gets_an_answer(self):
        for text in (b"", b"\x00", b"\xff\xfe", b"[" * 1000000, b'{"a":' * 300000,
                     b'{"StartAt":' + b"9" * 2000 + b"}", b"x" * (3 << 20),
                     b'{"StartAt":"\\ud800","States":{"\\ud800":{"Type":"Succeed"}}}'):
            done = gait("validate", "-", text=text)
            self.assertIn(done.returncode, (0, 1), text[:20])
            if done.returncode == 1:
                self.assertTrue(done.stdout or done.stderr, text[:20])


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Json(unittest.TestCase):
    def test_prints_compactly(self):
        done = gait("json", text=' { "a" : [ 1.50 , null ] } ')
        self.assertEqual((done.returncode, done.stdout), (0, b'{"a":[1.50,null]}\n'))

    def test_check_prints_nothing(self):
        done = gait("json", "--check", text="[1]")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_pretty(self):
        done = gait("json", "--pretty", "-", text='{"a":[1]}')
        self.assertEqual(json.loads(done.stdout), {"a": [1]})
        self.assertIn(b"\n  ", done.stdout)

    def test_bad_text_is_told_with_its_place(self):
        done = gait("json", text='{"a":1,\n}')
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertTrue(done.stderr.startswith(b"standard input:2:1: "), done.stderr)

    def test_a_missing_file(self):
        done = gait("json", "/nowhere/at/all")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"No such file", done.stderr)

    def test_bad_usage(self):
        self.assertEqual(gait("json", "a", "b").returncode, 2)
        self.assertEqual(gait("json", "--nope").returncode, 2)

    def test_help(self):
        self.assertEqual(gait("json", "--help").returncode, 0)


if __name__ == "__main__":
    unittest.main()
