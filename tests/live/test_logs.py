"""Logs, metrics and status events of the live server, as boto3 and a browser see them.

    GAIT=build/gait python3 -m unittest tests.live.test_logs

Without boto3 or a server everything is skipped.
"""
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import unittest
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

try:
    import boto3
    from botocore.config import Config
except ImportError:
    boto3 = None

sys.path.insert(0, str(Path(__file__).resolve().parent))

import server  # noqa: E402: found by the line above
from server import GAIT, lines_of, until  # noqa: E402

ROLE = "arn:aws:iam::123456789012:role/workflow-role"
PASS = {"StartAt": "Log", "States": {"Log": {"Type": "Pass", "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "why"}}}
FOREVER = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": True}}}
LATE = dict(FOREVER, TimeoutSeconds=1)


class Server(server.Server):
    """A server on a free port over a data folder of its own."""

    def __init__(self, folder, config=None):
        self.folder = Path(folder)
        path = self.folder / "config.json"
        path.write_text(json.dumps(config or {}))
        super().__init__("--data", str(self.folder / "data"), "--functions",
                         str(self.folder / "functions"), "--config", str(path), is_quiet=False)
        self.client = boto3.client(
            "stepfunctions", endpoint_url="http://127.0.0.1:%d" % self.port,
            region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, inject_host_prefix=False))

    def metrics(self):
        with urllib.request.urlopen("http://127.0.0.1:%d/metrics" % self.port) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return answer.read().decode()

    def create(self, name, definition, level=None, data=True, kind="STANDARD",
               group="/aws/vendedlogs/states/x", **more):
        if level:
            more["loggingConfiguration"] = {
                "level": level, "includeExecutionData": data, "destinations": [
                    {"cloudWatchLogsLogGroup": {"logGroupArn":
                     "arn:aws:logs:us-east-1:123456789012:log-group:%s:*" % group}}]}
        return self.client.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=ROLE, type=kind,
            **more)["stateMachineArn"]

    def records(self, name, group="aws/vendedlogs/states/x"):
        """All records of a machine, in the order in which they were written."""
        folder = self.folder / "data" / "logs" / group / "states" / name
        return [json.loads(line) for path in sorted(folder.glob("*/*.jsonl"))
                for line in lines_of(path)]

    def wait_records(self, name, count, group="aws/vendedlogs/states/x"):
        def found():
            records = self.records(name, group)
            return records if len(records) >= count else None

        return until(found, "%d records of %s" % (count, name))

    def wait_end(self, arn):
        def ended():
            told = self.client.describe_execution(executionArn=arn)
            return told if told["status"] != "RUNNING" else None

        return until(ended, "the end of " + arn)


class Target:
    """Where status events are sent; the first `refusals` requests are answered 503."""

    def __init__(self, refusals=0):
        target = self
        self.events, self.requests, self.refusals = [], 0, refusals
        self.lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with target.lock:
                    target.requests += 1
                    code = 503 if target.requests <= target.refusals else 200
                    if code == 200:
                        target.events.append(json.loads(body))
                self.send_response(code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d/hook" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, arn, count):
        """The events of an execution, RUNNING first (their order on the way is not promised)."""
        def found():
            events = [e for e in list(self.events) if e["detail"]["executionArn"] == arn]
            return events if len(events) >= count else None

        return sorted(until(found, "%d events of %s" % (count, arn)), key=lambda e: e["detail"]["status"] != "RUNNING")

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@unittest.skipIf(boto3 is None, "boto3 is not installed")
@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Case(unittest.TestCase):
    config = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="gait-logs-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.start(self.config)

    def start(self, config=None):
        self.server = Server(self.folder, config)
        self.client = self.server.client
        self.addCleanup(self.stop)

    def stop(self):
        if self.server:
            stopped, self.server = self.server, None
            status, said = stopped.stop()
            self.assertEqual(status, 0, said)
            return stopped
        return None

    def run_one(self, machine, text="{}", **more):
        arn = self.client.start_execution(stateMachineArn=machine, input=text,
                                          **more)["executionArn"]
        return arn


class Logs(Case):
    def test_all_with_data(self):
        arn = self.run_one(self.server.create("all", PASS, "ALL"), '{"a": 1}')
        records = self.server.wait_records("all", 4)
        self.assertEqual([r["type"] for r in records],
                         ["ExecutionStarted", "PassStateEntered", "PassStateExited",
                          "ExecutionSucceeded"])
        self.assertEqual(records[0]["details"],
                         {"input": '{"a": 1}', "inputDetails": {"truncated": False},
                          "roleArn": ROLE})
        self.assertEqual([(r["id"], r["previous_event_id"]) for r in records],
                         [("1", "0"), ("2", "0"), ("3", "2"), ("4", "3")])
        for r in records:
            self.assertEqual(r["execution_arn"], arn)
            self.assertEqual(r["redrive_count"], "0")
            self.assertRegex(r["event_timestamp"], r"^\d{13}$")
        history = self.client.get_execution_history(executionArn=arn)["events"]
        self.assertEqual([r["event_timestamp"] for r in records],
                         ["%d" % round(e["timestamp"].timestamp() * 1000) for e in history])

    def test_without_data(self):
        self.run_one(self.server.create("bare", PASS, "ALL", data=False), '{"secret": 1}')
        records = self.server.wait_records("bare", 4)
        self.assertNotIn("secret", json.dumps(records))
        self.assertEqual([r["details"] for r in records],
                         [{"roleArn": ROLE}, {"name": "Log"}, {"name": "Log"}, {}])

    def test_levels(self):
        for level, types in (("ERROR", ["FailStateEntered", "ExecutionFailed"]),
                             ("FATAL", ["ExecutionFailed"])):
            self.run_one(self.server.create(level, FAIL, level))
            records = self.server.wait_records(level, len(types))
            self.assertEqual([r["type"] for r in records], types)
            self.assertEqual(records[-1]["details"], {"cause": "why", "error": "E"})

    def test_off_and_success_write_nothing(self):
        for name, definition, level in (("off", FAIL, "OFF"), ("none", FAIL, None),
                                        ("fine", PASS, "ERROR")):
            self.server.wait_end(self.run_one(self.server.create(name, definition, level)))
        self.run_one(self.server.create("last", PASS, "ALL"))
        self.server.wait_records("last", 4)
        for name in ("off", "none", "fine"):
            self.assertEqual(self.server.records(name), [])

    def test_an_update_takes_effect_at_once(self):
        machine = self.server.create("changed", PASS)
        self.server.wait_end(self.run_one(machine))
        self.client.update_state_machine(stateMachineArn=machine, loggingConfiguration={
            "level": "ALL", "includeExecutionData": False, "destinations": [
                {"cloudWatchLogsLogGroup": {"logGroupArn":
                 "arn:aws:logs:us-east-1:123456789012:log-group:other:*"}}]})
        arn = self.run_one(machine)
        records = self.server.wait_records("changed", 4, "other")
        self.assertEqual({r["execution_arn"] for r in records}, {arn})

    def test_a_version_logs_as_it_was_published(self):
        machine = self.server.create("versioned", PASS, "ALL")
        version = self.client.publish_state_machine_version(
            stateMachineArn=machine)["stateMachineVersionArn"]
        self.client.update_state_machine(stateMachineArn=machine, loggingConfiguration={
            "level": "OFF", "includeExecutionData": False})
        self.server.wait_end(self.run_one(machine))
        arn = self.run_one(version)
        self.assertEqual({r["execution_arn"] for r in self.server.wait_records("versioned", 4)},
                         {arn})

    def test_express(self):
        machine = self.server.create("quick", PASS, "ALL", kind="EXPRESS")
        arn = self.run_one(machine, '{"n": 1}')
        records = self.server.wait_records("quick", 4)
        self.assertEqual({r["execution_arn"] for r in records}, {arn})
        self.assertIn(":express:quick:", arn)
        self.assertEqual(records[-1]["details"],
                         {"output": '{"n": 1}', "outputDetails": {"truncated": False}})
        answer = self.client.start_sync_execution(stateMachineArn=machine, input="{}")
        records = self.server.wait_records("quick", 8)
        self.assertEqual(records[-1]["execution_arn"], answer["executionArn"])

    def test_many_executions_keep_their_own_order(self):
        machine = self.server.create("many", PASS, "ALL")
        for _ in range(200):
            self.run_one(machine)
        seen = {}
        for record in self.server.wait_records("many", 800):
            seen.setdefault(record["execution_arn"], []).append(record["id"])
        self.assertEqual(len(seen), 200)
        self.assertTrue(all(ids == ["1", "2", "3", "4"] for ids in seen.values()))

    def test_stopping_writes_what_waits(self):
        machine = self.server.create("stopped", PASS, "ALL")
        for _ in range(50):
            self.server.wait_end(self.run_one(machine))
        self.assertEqual(len(self.stop().records("stopped")), 200)

    def test_a_folder_that_cannot_be_written_stops_no_execution(self):
        Path(self.folder, "data", "logs").write_text("not a folder")
        arn = self.run_one(self.server.create("blocked", PASS, "ALL"))
        self.assertEqual(self.server.wait_end(arn)["status"], "SUCCEEDED")
        self.assertIn("execution logs cannot be written", self.stop().said())


class LogsToStdout(Case):
    config = {"logs": {"to": "stdout"}}

    def test_records_are_lines_of_standard_output(self):
        self.server.wait_end(self.run_one(self.server.create("out", FAIL, "FATAL")))
        _, *lines = self.stop().printed().splitlines()  # after the one that says where it serves
        records = [json.loads(line) for line in lines]
        self.assertEqual([r["type"] for r in records], ["ExecutionFailed"])
        self.assertFalse(Path(self.folder, "data", "logs").exists())


class Metrics(Case):
    def value(self, text, name, machine=None):
        label = r'\{StateMachineArn="%s"\}' % re.escape(machine) if machine else ""
        found = re.search(r"^%s%s (\d+)$" % (name, label), text, re.M)
        return found and int(found.group(1))

    def test_executions_are_counted_by_machine(self):
        passes, fails = self.server.create("passes", PASS), self.server.create("fails", FAIL)
        waits, late = self.server.create("waits", FOREVER), self.server.create("late", LATE)
        for _ in range(3):
            self.server.wait_end(self.run_one(passes))
        self.server.wait_end(self.run_one(fails))
        self.server.wait_end(self.run_one(late))
        self.client.stop_execution(executionArn=self.run_one(waits))
        self.run_one(waits)
        wanted = {("ExecutionsStarted", passes): 3, ("ExecutionsSucceeded", passes): 3,
                  ("ExecutionsFailed", passes): 0, ("ExecutionTime_count", passes): 3,
                  ("ExecutionsFailed", fails): 1, ("ExecutionsTimedOut", late): 1,
                  ("ExecutionsAborted", waits): 1, ("ExecutionsStarted", waits): 2,
                  ("OpenExecutionCount", None): 1}

        def counted(text):
            return {key: self.value(text, *key) for key in wanted}

        # An end is counted once it is durable: a moment after it can be read.
        with contextlib.suppress(AssertionError):
            until(lambda: counted(self.server.metrics()) == wanted)
        text = self.server.metrics()
        self.assertEqual(counted(text), wanted)
        self.assertIn("# HELP ExecutionsStarted ", text)
        self.assertIn("# TYPE ExecutionTime histogram", text)


class Events(Case):
    def setUp(self):
        self.target = Target()
        self.addCleanup(self.target.close)
        self.config = {"events": {"target": self.target.url}}
        super().setUp()

    def test_running_and_succeeded(self):
        machine = self.server.create("told", PASS)
        arn = self.run_one(machine, '{"a": 1}')
        running, succeeded = self.target.of(arn, 2)
        described = self.server.wait_end(arn)
        start = round(described["startDate"].timestamp() * 1000)
        self.assertEqual(running["detail"], {
            "executionArn": arn, "stateMachineArn": machine, "name": arn.split(":")[-1],
            "status": "RUNNING", "startDate": start, "stopDate": None, "input": '{"a": 1}',
            "output": None, "stateMachineVersionArn": None, "stateMachineAliasArn": None,
            "redriveCount": 0, "redriveDate": None, "redriveStatus": "NOT_REDRIVABLE",
            "redriveStatusReason": "Execution is RUNNING and cannot be redriven",
            "inputDetails": {"included": True}, "outputDetails": None, "error": None,
            "cause": None})
        self.assertEqual(
            {k: v for k, v in running.items() if k not in ("id", "detail", "time")},
            {"version": "0", "detail-type": "Step Functions Execution Status Change",
             "source": "aws.states", "account": "123456789012", "region": "us-east-1",
             "resources": [arn]})
        self.assertRegex(running["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertNotEqual(running["id"], succeeded["id"])
        detail = succeeded["detail"]
        self.assertEqual(detail["status"], "SUCCEEDED")
        self.assertEqual(detail["input"], '{"a": 1}')
        self.assertEqual(detail["output"], described["output"])
        self.assertEqual(detail["outputDetails"], {"included": True})
        self.assertEqual(detail["stopDate"], round(described["stopDate"].timestamp() * 1000))

    def test_other_ends(self):
        failed = self.run_one(self.server.create("failing", FAIL))
        late = self.run_one(self.server.create("late", LATE))
        stopped = self.run_one(self.server.create("stopped", FOREVER))
        self.client.stop_execution(executionArn=stopped, error="Mine", cause="because")
        for arn, status, error, cause in ((failed, "FAILED", "E", "why"),
                                          (late, "TIMED_OUT", "States.Timeout", None),
                                          (stopped, "ABORTED", "Mine", "because")):
            detail = self.target.of(arn, 2)[1]["detail"]
            self.assertEqual((detail["status"], detail["error"], detail["cause"]),
                             (status, error, cause))
            self.assertIsNone(detail["output"])
            self.assertEqual(detail["redriveStatus"], "REDRIVABLE")
            self.assertIsNone(detail["redriveStatusReason"])

    def test_express_sends_none(self):
        self.client.start_sync_execution(
            stateMachineArn=self.server.create("quick", PASS, kind="EXPRESS"))
        arn = self.run_one(self.server.create("slow", PASS))
        self.target.of(arn, 2)
        self.assertEqual({e["detail"]["executionArn"] for e in self.target.events}, {arn})

    def test_a_version_is_named(self):
        machine = self.server.create("versions", PASS)
        version = self.client.publish_state_machine_version(
            stateMachineArn=machine)["stateMachineVersionArn"]
        running, ended = self.target.of(self.run_one(version), 2)
        for event in (running, ended):
            self.assertEqual(event["detail"]["stateMachineVersionArn"], version)
            self.assertEqual(event["detail"]["stateMachineArn"], machine)


class EventsToATargetThatIsDown(Case):
    def setUp(self):
        self.target = Target(refusals=3)
        self.addCleanup(self.target.close)
        self.config = {"events": {"target": self.target.url, "pauseMs": 10}}
        super().setUp()

    def test_they_are_sent_again(self):
        arn = self.run_one(self.server.create("again", PASS))
        self.target.of(arn, 2)
        until(lambda: "gait_status_events_delivered_total 2" in self.server.metrics(), "both answers")
        self.assertEqual(self.target.requests, 5)


@unittest.skipIf(not shutil.which("python3"), "no python3 for functions")
class EventsToAFunction(Case):
    config = {"events": {"target": "function:hook", "pauseMs": 10}}

    def setUp(self):
        super().setUp()
        folder = Path(self.folder, "functions", "hook")
        folder.mkdir(parents=True)
        folder.joinpath("lambda_function.py").write_text(
            "import json\n"
            "def lambda_handler(event, context):\n"
            "    with open(%r, 'a') as f:\n"
            "        f.write(json.dumps(event) + '\\n')\n" % str(Path(self.folder, "events")))
        folder.joinpath("function.json").write_text('{"timeout": 300}')

    def test_a_function_gets_them(self):
        arn = self.run_one(self.server.create("called", FAIL))
        path = Path(self.folder, "events")
        until(lambda: len(lines_of(path)) >= 2, "two calls")
        lines = lines_of(path)
        self.assertEqual({(e["detail"]["executionArn"], e["detail"]["status"])
                          for e in map(json.loads, lines)}, {(arn, "RUNNING"), (arn, "FAILED")})


if __name__ == "__main__":
    unittest.main()
