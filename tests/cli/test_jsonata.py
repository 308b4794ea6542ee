"""`gait jsonata` as a shell sees it, and the reference's suite through it. The program is build/gait,
or what GAIT names; the suite is ../shared/jsonata-suite, or what JSONATA_SUITE names."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GAIT = os.environ.get("GAIT", str(ROOT / "build" / "gait"))
SUITE = os.environ.get("JSONATA_SUITE", str(ROOT.parent / "shared" / "jsonata-suite"))
sys.path.insert(0, str(ROOT / "tests"))
import jsonata_suite  # noqa: E402


def gait(*arguments, text="", **more):
    return subprocess.run([GAIT, "jsonata", *arguments], input=text, capture_output=True,
                          text=True, timeout=600, **more)


def ask(*requests, options=()):
    """The answers to requests, each a line."""
    lines = [r if isinstance(r, str) else json.dumps(r) for r in requests]
    done = gait(*options, "--jsonl", text="\n".join(lines) + "\n")
    assert done.returncode == 0 and done.stderr == "", done
    return [json.loads(line) for line in done.stdout.splitlines()]


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Command(unittest.TestCase):
    def test_an_expression_reads_standard_input(self):
        done = gait("$sum(a.b)", text='{"a": [{"b": 1}, {"b": 2.5}]}')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "3.5\n", ""))

    def test_an_expression_reads_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "in.json"
            path.write_text('{"a": "é"}')
            done = gait("--input", str(path), "a & '!'")
        self.assertEqual((done.returncode, done.stdout), (0, '"é!"\n'))

    def test_all_matches_of_a_long_text_take_one_pass_over_it(self):
        done = gait("$match($, /é/)[-1].index", text=json.dumps("é," * 300_000), preexec_fn=lambda:
                    resource.setrlimit(resource.RLIMIT_CPU, (20, 20)))  # one pass takes less than 1
        self.assertEqual((done.returncode, done.stdout), (0, "599998\n"))

    def test_undefined_prints_nothing(self):
        done = gait("nothing", text="{}")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_no_input_at_all_is_undefined(self):
        done = gait("[$exists($), 1 + 1]", text="")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "[false,2]\n", ""))

    def test_a_fault_has_its_code(self):
        done = gait("1 + a", text='{"a": "x"}')
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(done.stderr, "gait jsonata: T2002: The right side of the \"+\" operator "
                                      "must evaluate to a number\n")

    def test_a_syntax_fault_has_its_column(self):
        done = gait("[1, 2", text="{}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("S0203", done.stderr)
        self.assertIn("column 6", done.stderr)

    def test_input_that_is_not_json_has_its_place(self):
        done = gait("$", text='{"a":\n tru}')
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("standard input:2:"), done.stderr)

    def test_wrong_usage_is_status_2(self):
        for arguments in ([], ["a", "b"], ["--jsonl", "a"], ["--none"], ["--jsonl", "--input", "x"]):
            self.assertEqual(gait(*arguments).returncode, 2, arguments)

    def test_help_is_complete(self):
        done = gait("--help")
        self.assertEqual(done.returncode, 0)
        for option in ("--input", "--jsonl", "--aws", "--help", "timelimit", "depth", "bindings"):
            self.assertIn(option, done.stdout)


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Lines(unittest.TestCase):
    def test_each_request_has_an_answer(self):
        self.assertEqual(
            ask({"id": 1, "expr": "a + $x", "data": {"a": 1}, "bindings": {"x": 2}},
                {"id": "two", "expr": "nothing", "data": {}},
                {"id": 3, "expr": "$"},
                {"id": 4, "expr": "$", "data": None}),
            [{"id": 1, "result": 3}, {"id": "two", "undefined": True},
             {"id": 3, "undefined": True}, {"id": 4, "result": None}])

    def test_an_error_tells_code_token_position_and_message(self):
        answer, = ask({"id": 1, "expr": '1 + "a"'})
        self.assertEqual(answer["error"], {
            "code": "T2002", "token": "+", "position": 3,
            "message": 'The right side of the "+" operator must evaluate to a number'})

    def test_depth_and_time_are_limits(self):
        endless = "($f := function($n){$n + $f($n + 1)}; $f(1))"
        loop = "($f := function(){$f()}; $f())"
        deep, slow = ask({"id": 1, "expr": endless, "depth": 300},
                         {"id": 2, "expr": loop, "timelimit": 50})
        self.assertEqual((deep["error"]["code"], slow["error"]["code"]), ("U1001", "U1001"))

    def test_bad_lines_are_answered_and_the_next_is_served(self):
        answers = ask("not json", "[]", {"id": 3}, {"id": 4, "expr": 5},
                      {"id": 5, "expr": "1"})
        self.assertTrue(all("error" in a for a in answers[:4]), answers)
        self.assertEqual([a["id"] for a in answers], [None, None, 3, 4, 5])
        self.assertEqual(answers[4]["result"], 1)

    def test_any_text_survives(self):
        nul, half, pair = ask({"id": 1, "expr": "$", "data": "a\u0000b"},
                              '{"id": 2, "expr": "$", "data": "\\ud800"}',
                              '{"id": 3, "expr": "$length(a & b)", "data": '
                              '{"a": "\\ud83d", "b": "\\ude00"}}')
        self.assertEqual(nul["result"], "a\0b")
        self.assertEqual(half["result"], "\ud800")
        self.assertEqual(pair["result"], 1)

    def test_the_dialect_of_step_functions(self):
        requests = [{"id": 1, "expr": "$partition([1..3], 2)"}, {"id": 2, "expr": "$eval('1')"}]
        aws = ask(*requests, options=["--aws"])
        self.assertEqual(aws[0]["result"], [[1, 2], [3]])
        self.assertEqual(aws[1]["error"]["code"], "T1006")
        reference = ask(*requests)
        self.assertEqual(reference[0]["error"]["code"], "T1006")
        self.assertEqual(reference[1]["result"], 1)


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
@unittest.skipUnless(os.path.isdir(SUITE), f"no suite at {SUITE}")
class Reference(unittest.TestCase):
    def test_the_suite_passes(self):
        cases = list(jsonata_suite.cases_of(SUITE))
        answers = ask(*(jsonata_suite.request_of(c, i, SUITE) for i, c in enumerate(cases)))
        self.assertEqual(len(answers), len(cases))
        wrong = [f"{case['id']}: {why}" for case, answer in zip(cases, answers)
                 if (why := jsonata_suite.wrong(case, answer))]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
