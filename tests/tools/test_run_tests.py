"""tools/run-tests counts tests, not programs, and no failure gets lost."""

import importlib.machinery
import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PATH = str(ROOT / "tools" / "run-tests")
loader = importlib.machinery.SourceFileLoader("run_tests", PATH)
run_tests = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
writes = sys.dont_write_bytecode
sys.dont_write_bytecode = True  # no cache beside a command
loader.exec_module(run_tests)
sys.dont_write_bytecode = writes

CMOCKA = """[==========] tests: Running 4 test(s).
[ RUN      ] one
[       OK ] one
[==========] tests: 4 test(s) run.
[  PASSED  ] {0} test(s).
"""
SKIPPED = "[  SKIPPED ] tests: 1 test(s), listed below:\n"
FAILED = "[  FAILED  ] tests: 2 test(s), listed below:\n[  FAILED  ] one\n[  FAILED  ] two\n"


def counts(status, output):
    count = run_tests.count_case(status, output)
    return count.passed, count.failed, count.skipped


class CountCase(unittest.TestCase):
    def test_a_cmocka_program_counts_as_its_tests(self):
        self.assertEqual(counts("run", CMOCKA.format(4)), (4, 0, 0))

    def test_several_groups_in_one_program_are_summed(self):
        self.assertEqual(counts("run", CMOCKA.format(4) + CMOCKA.format(3)), (7, 0, 0))

    def test_failed_and_skipped_ones_count_as_such(self):
        self.assertEqual(counts("fail", CMOCKA.format(2) + FAILED), (2, 2, 0))
        self.assertEqual(counts("run", CMOCKA.format(3) + SKIPPED), (3, 0, 1))

    def test_another_program_counts_as_one(self):
        self.assertEqual(counts("run", "12 inputs\n"), (1, 0, 0))

    def test_a_crash_is_a_failure_whatever_passed_before_it(self):
        self.assertEqual(counts("fail", ""), (0, 1, 0))
        self.assertEqual(counts("fail", CMOCKA.format(4) + "ERROR: LeakSanitizer\n"), (4, 1, 0))

    def test_a_program_that_could_not_be_run_is_a_failure(self):
        self.assertEqual(counts("notrun", ""), (0, 1, 0))


class PythonFiles(unittest.TestCase):
    def run_file(self, text):
        with tempfile.TemporaryDirectory(dir=ROOT / "tests") as folder:
            path = Path(folder) / "test_sample.py"
            path.write_text(text)
            done = subprocess.run([sys.executable, PATH, "--one-python-file", str(path)],
                                  capture_output=True, text=True)
        return done.stdout.splitlines()[-1] if done.stdout else None

    def test_passed_failed_and_skipped_are_told_apart(self):
        self.assertEqual(self.run_file(
            "import unittest\n"
            "class T(unittest.TestCase):\n"
            "    def test_a(self): pass\n"
            "    def test_b(self): self.fail('x')\n"
            "    def test_c(self): raise ValueError('x')\n"
            "    @unittest.skip('x')\n"
            "    def test_d(self): pass\n"), "counts 1 2 1")

    def test_a_file_that_cannot_be_imported_is_a_failure(self):
        self.assertEqual(self.run_file("import there_is_no_such_module\n"), "counts 0 1 0")

    def test_a_file_that_ends_the_interpreter_has_no_count(self):
        self.assertIsNone(self.run_file("import os\nos._exit(0)\n"))


class TimeLimit(unittest.TestCase):
    """In an interpreter of its own, since all its children are ended."""

    def run_file(self, text, seconds):
        with tempfile.TemporaryDirectory(dir=ROOT / "tests") as folder:
            path = Path(folder) / "test_sample.py"
            path.write_text(text.replace("FOLDER", folder))
            script = (
                "import importlib.machinery, importlib.util, sys\n"
                "sys.dont_write_bytecode = True\n"
                f"loader = importlib.machinery.SourceFileLoader('run_tests', {PATH!r})\n"
                "run_tests = importlib.util.module_from_spec("
                "importlib.util.spec_from_loader('run_tests', loader))\n"
                "loader.exec_module(run_tests)\n"
                f"command = [sys.executable, {PATH!r}, '--one-python-file', {str(path)!r}]\n"
                f"count = run_tests.run_python_file(command, 'sample', {seconds})\n"
                "print(count.passed, count.failed, count.skipped)\n")
            done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True,
                                  timeout=600)
            pids = [int(p.read_text()) for p in Path(folder).glob("pid*")]
        self.assertEqual(done.returncode, 0, done.stderr)
        for pid in pids:
            self.assertFalse(Path(f"/proc/{pid}").exists(), f"process {pid} is still there")
        return done.stdout, done.stderr, len(pids)

    HANGS = ("import os, time, unittest\n"
             "class T(unittest.TestCase):\n"
             "    def test_a(self): pass\n"
             "    def test_b(self): time.sleep(600)\n")

    def test_what_hangs_is_killed_and_named(self):
        for seconds in (3, 15, 75):  # until that is enough to get there
            said, errors, _ = self.run_file(self.HANGS, seconds)
            if "test_b" in said:
                break
        self.assertIn(f"sample: killed after {seconds} s in test_sample.T.test_b", said)
        self.assertEqual(said.splitlines()[-1], "0 1 0")
        self.assertIn("line 4 in test_b", errors)

    # A daemon with a child of its own, in another session, as a server with its functions.
    LEAVES = ("import os, subprocess, unittest\n"
              "class T(unittest.TestCase):\n"
              "    def test_a(self):\n"
              "        subprocess.Popen(['sh', '-c', 'echo $$ > FOLDER/pid1; sleep 600 & "
              "echo $! > FOLDER/pid2; echo; wait'], start_new_session=True,\n"
              "                         stdout=subprocess.PIPE).stdout.readline()\n")

    def test_what_a_file_leaves_behind_is_killed_and_told(self):
        said, _, count = self.run_file(self.LEAVES, 300)
        self.assertEqual(count, 2)
        self.assertEqual(said.splitlines()[-1], "1 0 0")
        self.assertIn("sample: was still running and is killed: sleep 600", said)


if __name__ == "__main__":
    unittest.main()
