"""`gait run` as a shell sees it: output, exit status, functions, time, signals, the live tree. The
program is build/gait, or what GAIT names."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import tempfile
import textwrap
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GAIT = os.environ.get("GAIT", str(ROOT / "build" / "gait"))
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
SECONDS_MAX = 600  # what takes so long has gone wrong, however slow the machine is
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"


def waiting(seconds):
    return {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}}


def calling(name, **more):
    task = {"Type": "Task", "Resource": FUNCTION + name, "End": True, **more}
    return {"StartAt": "T", "States": {"T": task}}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Run(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def function(self, name, code):
        place = self.path / "functions" / name
        place.mkdir(parents=True)
        (place / "handler.py").write_text(textwrap.dedent(code))
        (place / "function.json").write_text('{"timeout": 900}')

    def command(self, definition, *options):
        text = definition if isinstance(definition, str) else json.dumps(definition)
        (self.path / "w.asl.json").write_text(text)
        return [GAIT, "run", str(self.path / "w.asl.json"), "--data", str(self.path / "data"), *options]

    def gait(self, definition, *options, text=b""):
        return subprocess.run(self.command(definition, *options), input=text, capture_output=True,
                              timeout=SECONDS_MAX)

    def assertRefused(self, done, words):
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(done.stdout, b"")
        self.assertIn(words, done.stderr.decode())

    # -- limits

    def failure(self, definition, *options):
        done = self.gait(definition, "--quiet", *options)
        self.assertEqual(done.returncode, 1, done)
        told = json.loads(done.stdout or done.stderr)
        return told["error"], told["cause"]

    def test_a_result_path_that_nests_too_deep_fails_the_state(self):
        error, cause = self.failure({"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Result": 1, "ResultPath": "$" + ".a" * 600, "Next": "B"},
            "B": {"Type": "Pass", "ResultPath": "$.x" + ".b" * 400, "End": True}}})
        self.assertEqual(error, "States.ResultPathMatchFailure")
        self.assertTrue(cause.endswith("the result would nest deeper than the maximum of 1000"), cause)

    def test_a_list_of_results_that_nests_too_deep_fails_the_state(self):
        branch = {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}}
        error, _ = self.failure({"StartAt": "P", "States": {"P": {
            "Type": "Parallel", "End": True, "Branches": [branch]}}}, "--input", "[" * 1000 + "]" * 1000)
        self.assertEqual(error, "States.DataLimitExceeded")

    # -- input and output

    def test_the_output_is_one_line_of_json(self):
        done = self.gait(PASS, "--input", ' {"a" : [1, 2.50]} ')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b'{"a":[1,2.50]}\n', b""))

    def test_input_comes_from_text_file_or_standard_input(self):
        (self.path / "in.json").write_text('"from a file"')
        self.assertEqual(self.gait(PASS).stdout, b"{}\n")
        self.assertEqual(self.gait(PASS, "--input", f"@{self.path}/in.json").stdout,
                         b'"from a file"\n')
        self.assertEqual(self.gait(PASS, "--input", "-", text=b"null").stdout, b"null\n")

    def test_a_failed_execution_tells_error_and_cause_and_exits_1(self):
        done = self.gait({"StartAt": "F", "States": {
            "F": {"Type": "Fail", "Error": "Oh", "Cause": "no \"way\""}}})
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertEqual(json.loads(done.stderr),
                         {"status": "FAILED", "error": "Oh", "cause": 'no "way"'})

    def test_the_history_is_what_get_execution_history_returns(self):
        done = self.gait(PASS, "--history", "-", "--name", "mine")
        history, output = done.stdout.splitlines()
        events = json.loads(history)["events"]
        self.assertEqual([e["type"] for e in events],
                         ["ExecutionStarted", "PassStateEntered", "PassStateExited",
                          "ExecutionSucceeded"])
        self.assertEqual([e["id"] for e in events], [1, 2, 3, 4])
        self.assertEqual(output, b"{}")
        path = self.path / "h.json"
        self.gait(PASS, "--history", str(path))
        self.assertEqual(len(json.loads(path.read_text())["events"]), 4)

    def test_names_are_in_the_context_object(self):
        definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, "Parameters": {
            "n.$": "$$.Execution.Name", "m.$": "$$.StateMachine.Name"}}}}
        done = self.gait(definition, "--name", "mine")
        self.assertEqual(json.loads(done.stdout), {"n": "mine", "m": "w"})

    # -- bad input

    def test_a_definition_at_fault_is_refused_with_its_place(self):
        done = self.gait('{"StartAt": "A",\n "States": {"A": {"Type": "Pass", "Next": "B"}}}')
        self.assertRefused(done, "w.asl.json:2:35: error MISSING_TRANSITION_TARGET")

    def test_input_that_is_not_json_is_refused_with_its_place(self):
        self.assertRefused(self.gait(PASS, "--input", "{oops"), "input:1:2: ")

    def test_input_past_the_payload_limit_is_refused(self):
        big = json.dumps("x" * (256 * 1024))
        self.assertRefused(self.gait(PASS, "--input", "-", text=big.encode()), "262144")

    def test_a_function_that_is_not_there_is_refused_by_name(self):
        self.function("thereIsOne", "def lambda_handler(event, context): return 1")
        done = self.gait(calling("thereIsOn"))
        self.assertRefused(done, "'thereIsOn'")
        self.assertIn("'thereIsOne'", done.stderr.decode())

    def test_what_only_a_server_can_do_is_refused(self):
        task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Parameters": {"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}}, "End": True}
        self.assertRefused(self.gait({"StartAt": "T", "States": {"T": task}}), "waitForTaskToken")

    def test_wrong_usage_exits_2(self):
        for options in (["--nonsense"], ["--type", "FAST"], ["second.json"],
                        ["--name", "no spaces"]):
            self.assertRefused(self.gait(PASS, *options), "")
        missing = subprocess.run([GAIT, "run", "/nonexistent"], capture_output=True)
        self.assertRefused(missing, "/nonexistent")

    # -- limits

    def config(self, **members):
        (self.path / "gait.json").write_text(json.dumps(members))
        return "--config", str(self.path / "gait.json")

    def test_limits_are_aws_s_unless_the_configuration_says_otherwise(self):
        big = json.dumps("x" * (256 * 1024)).encode()
        done = self.gait(PASS, "--input", "-", *self.config(limits={"payloadBytesMax": 300000}), text=big)
        self.assertEqual(done.stdout.strip(), big)
        done = self.gait(PASS, "--input", '"12345678"', *self.config(limits={"payloadBytesMax": 8}))
        self.assertRefused(done, "the maximum is 8")
        loop = {"StartAt": "A", "States": {
            "A": {"Type": "Choice", "Default": "A", "Choices": [
                {"Variable": "$.done", "IsPresent": True, "Next": "B"}]},
            "B": {"Type": "Succeed"}}}
        history = self.path / "h.json"
        self.gait(loop, "--history", str(history), *self.config(limits={"historyEventsMax": 100}))
        self.assertEqual(len(json.loads(history.read_text())["events"]), 100)

    def test_wrong_limits_are_refused_by_name(self):
        for limits, words in (({"payloadBytesMax": 0}, "payloadBytesMax"),
                              ({"payloadBytesMax": "many"}, "payloadBytesMax"),
                              ({"nonsense": 1}, "nonsense"), ([], "limits")):
            self.assertRefused(self.gait(PASS, *self.config(limits=limits)), words)

    # -- functions

    def test_functions_run_and_their_errors_are_retried_and_caught(self):
        self.function("flaky", """
            import os
            def lambda_handler(event, context):
                path = event["counter"]
                tries = int(open(path).read()) + 1 if os.path.exists(path) else 1
                open(path, "w").write(str(tries))
                if tries < 3:
                    raise ValueError("try %d" % tries)
                return {"tries": tries, "name": context.function_name}
        """)
        definition = calling("flaky", Retry=[{"ErrorEquals": ["ValueError"], "IntervalSeconds": 3600}])
        done = self.gait(definition, "--virtual-time",  # none of the three hours really passes
                         "--input", json.dumps({"counter": str(self.path / "n")}))
        self.assertEqual(json.loads(done.stdout), {"tries": 3, "name": "flaky"})

    def test_a_task_really_times_out_in_virtual_time(self):
        self.function("slow", "import time\ndef lambda_handler(e, c): time.sleep(900)")
        done = self.gait(calling("slow", TimeoutSeconds=1), "--virtual-time")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(json.loads(done.stderr)["error"], "States.Timeout")

    # -- time, signals, terminal

    def test_a_year_passes_at_once_in_virtual_time(self):
        done = self.gait(waiting(31536000), "--virtual-time", "--history", "-")
        events = json.loads(done.stdout.splitlines()[0])["events"]
        self.assertGreaterEqual(events[-1]["timestamp"] - events[0]["timestamp"], 31536000)

    def test_a_wait_takes_its_time_otherwise(self):
        begin = time.monotonic()
        self.assertEqual(self.gait(waiting(1)).returncode, 0)
        self.assertGreaterEqual(time.monotonic() - begin, 1)

    def test_ctrl_c_stops_the_execution(self):
        path, mark = self.path / "h.json", self.path / "mark"
        self.function("mark", f"def lambda_handler(e, c): open({str(mark)!r}, 'w').close()")
        definition = waiting(3600)
        definition["States"]["T"] = {"Type": "Task", "Resource": FUNCTION + "mark", "Next": "W"}
        definition["StartAt"] = "T"
        running = subprocess.Popen(self.command(definition, "--history", str(path)),
                                   stderr=subprocess.PIPE)
        self.addCleanup(running.kill)
        end = time.monotonic() + SECONDS_MAX
        while not mark.exists():
            self.assertLess(time.monotonic(), end, "the execution does not begin")
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=SECONDS_MAX)
        self.assertEqual(running.returncode, 1)
        self.assertEqual(json.loads(told)["status"], "ABORTED")
        last = json.loads(path.read_text())["events"][-1]
        self.assertEqual((last["type"], last["previousEventId"]), ("ExecutionAborted", 0))

    def test_a_terminal_shows_a_tree_without_control_characters_of_names(self):
        definition = {"StartAt": "bad\u001b[2Jname", "States": {
            "bad\u001b[2Jname": {"Type": "Pass", "End": True}}}
        shown = self.shown(definition)
        self.assertIn("execution", shown)
        self.assertNotIn("\x1b[2J", shown)
        self.assertIn("\x1b[32m", shown)

    def test_colours_are_left_out_where_nobody_wants_them(self):
        shown = self.shown(PASS, NO_COLOR="1")
        self.assertIn("✔ A", shown)
        self.assertNotRegex(shown, "\x1b\\[\\d*m")
        self.assertEqual(self.shown(PASS, TERM="dumb"), "")

    def shown(self, definition, **variables):
        """What a terminal gets."""
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}
        master, slave = pty.openpty()
        running = subprocess.Popen(self.command(definition), stdout=subprocess.PIPE, stderr=slave,
                                   env={**environment, **variables})
        os.close(slave)
        shown = b""
        with contextlib.suppress(OSError):  # EIO: the program has ended, and nothing is left
            while more := os.read(master, 65536):
                shown += more
        os.close(master)
        output, _ = running.communicate(timeout=SECONDS_MAX)
        self.assertEqual(output, b"{}\n")
        return shown.decode()


if __name__ == "__main__":
    unittest.main()
