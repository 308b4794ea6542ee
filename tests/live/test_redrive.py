"""RedriveExecution: an execution that failed, was stopped or timed out goes on where it was, also when
the server is killed around it."""

import http.client
import json
import os
import random
import re
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, SECONDS_MAX, ApiError, Client, Server, until  # noqa: E402: found by the line above

ROLE = "arn:aws:iam::123456789012:role/r"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:flaky"
KILLS = int(os.environ.get("GAIT_SOAK_KILLS", "20")) // 2

# Fails until its file is there: what a redrive is for.
HANDLER = """
import os
def lambda_handler(event, context):
    if not os.path.exists(event["file"]):
        raise RuntimeError("not yet")
    return event["value"]
"""


def flaky(**more):
    return {"Type": "Task", "Resource": FUNCTION, "End": True, **more}


BRANCHES = {"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Assign": {"kept": 7}, "Next": "P"},
    "P": {"Type": "Parallel", "Next": "Z", "Branches": [
        {"StartAt": "D", "States": {"D": {"Type": "Pass", "Result": "done", "End": True}}},
        {"StartAt": "M", "States": {"M": {
            "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": True,
            "ItemSelector": {"file.$": "$$.Map.Item.Value.file", "value.$": "$$.Map.Item.Value.value"},
            "ItemProcessor": {"StartAt": "F", "States": {"F": flaky()}}}}}]},
    "Z": {"Type": "Pass", "Parameters": {"kept.$": "$kept", "all.$": "$",
                                         "count.$": "$$.Execution.RedriveCount"}, "End": True}}}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Redrive(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name)
        place = self.path / "functions" / "flaky"
        place.mkdir(parents=True)
        (place / "handler.py").write_text(HANDLER)
        (place / "function.json").write_text('{"timeout": 300}')
        self.server = self.start()
        self.addCleanup(lambda: self.server.kill())

    def start(self):
        return Server("--data", str(self.path / "data"), "--functions", str(self.path / "functions"))

    def restart(self):
        self.server.kill()
        self.server = self.start()

    def create(self, name, definition, **more):
        return self.server.call("CreateStateMachine", name=name, definition=json.dumps(definition),
                                roleArn=ROLE, **more)["stateMachineArn"]

    def execute(self, machine, given, **more):
        return self.server.call("StartExecution", stateMachineArn=machine, input=json.dumps(given),
                                **more)["executionArn"]

    def redrive(self, arn, **more):
        return self.server.call("RedriveExecution", executionArn=arn, **more)["redriveDate"]

    def refused(self, name, call, *arguments, **more):
        with self.assertRaises(ApiError) as caught:
            call(*arguments, **more)
        self.assertEqual(caught.exception.name, name)
        return caught.exception.message

    def check_history(self, arn):
        events = self.server.history(arn)
        self.assertEqual([e["id"] for e in events], list(range(1, len(events) + 1)))
        for event in events[1:]:
            self.assertLess(event["previousEventId"], event["id"])
        return events

    def test_a_failed_branch_goes_on_after_a_restart(self):
        machine = self.create("branches", BRANCHES)
        ready, late = self.path / "ready", self.path / "late"
        ready.touch()
        items = [{"file": str(ready), "value": 1}, {"file": str(late), "value": 2},
                 {"file": str(ready), "value": 3}]
        arn = self.execute(machine, {"items": items})
        told = self.server.wait(arn)
        self.assertEqual((told["status"], told["redriveStatus"], told["redriveCount"]),
                         ("FAILED", "REDRIVABLE", 0))
        self.assertNotIn("redriveDate", told)
        self.restart()
        late.touch()
        date = self.redrive(arn)
        told = self.server.wait(arn)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(json.loads(told["output"]),
                         {"kept": 7, "all": ["done", [1, 2, 3]], "count": 1})
        self.assertEqual((told["redriveCount"], told["redriveDate"]), (1, date))
        self.assertEqual(told["redriveStatusReason"], "Execution is SUCCEEDED and cannot be redriven")
        events = self.check_history(arn)
        redriven = [e for e in events if e["type"] == "ExecutionRedriven"]
        self.assertEqual([e["executionRedrivenEventDetails"] for e in redriven], [{"redriveCount": 1}])
        again = events[redriven[0]["id"]:]
        self.assertEqual(again[0]["type"], "LambdaFunctionScheduled")
        self.assertEqual(again[0]["previousEventId"], redriven[0]["id"])
        self.assertNotIn("TaskStateEntered", [e["type"] for e in again if "2" in str(
            e.get("stateEnteredEventDetails", {}).get("input"))])
        self.assertIn(2, [json.loads(e["lambdaFunctionScheduledEventDetails"]["input"])["value"]
                          for e in again if e["type"] == "LambdaFunctionScheduled"])
        listed = self.server.call("ListExecutions", stateMachineArn=machine)["executions"][0]
        self.assertEqual((listed["redriveCount"], listed["redriveDate"]), (1, date))

    def test_only_unsuccessful_standard_executions_are_redriven(self):
        wait = self.create("wait", {"StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": 600, "End": True}}})
        running = self.execute(wait, {})
        self.assertIn("RUNNING", self.refused("ExecutionNotRedrivable", self.redrive, running))
        passes = self.create("pass", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
        over = self.execute(passes, {})
        self.server.wait(over)
        self.assertEqual(self.refused("ExecutionNotRedrivable", self.redrive, over),
                         "Execution is SUCCEEDED and cannot be redriven")
        self.refused("ExecutionDoesNotExist", self.redrive, over + "x")
        self.refused("InvalidArn", self.redrive, "nonsense")
        self.refused("InvalidArn", self.redrive, over.replace(":execution:", ":express:") + ":run")
        self.assertEqual(self.server.call("DescribeExecution", executionArn=running)["status"], "RUNNING")

    def test_a_stopped_execution_waits_again(self):
        machine = self.create("pause", {"StartAt": "W", "States": {
            "W": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "X"},
            "X": {"Type": "Wait", "Seconds": 3600, "Next": "Y"}, "Y": {"Type": "Succeed"}}})
        for seconds in (1, 5, 25):  # until it is stopped before it has waited
            arn = self.execute(machine, {"seconds": seconds})
            self.server.call("StopExecution", executionArn=arn, error="E", cause="C")
            if len(self.server.history(arn)) == 3:
                break
        self.restart()
        self.redrive(arn)
        told = self.server.call("DescribeExecution", executionArn=arn)
        self.assertEqual((told["status"], told["redriveCount"]), ("RUNNING", 1))
        self.assertNotIn("stopDate", told)
        self.restart()
        until(lambda: len(self.server.history(arn)) >= 6, "the next Wait")
        self.assertEqual([e["type"] for e in self.check_history(arn)], [
            "ExecutionStarted", "WaitStateEntered", "ExecutionAborted", "ExecutionRedriven",
            "WaitStateExited", "WaitStateEntered"])
        self.server.call("StopExecution", executionArn=arn)
        self.redrive(arn)
        self.assertEqual(self.server.call("DescribeExecution", executionArn=arn)["redriveCount"], 2)

    def test_a_client_token_redrives_once(self):
        machine = self.create("fails", {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}})
        arn = self.execute(machine, {})
        self.server.wait(arn)
        self.redrive(arn, clientToken="one")
        self.server.wait(arn)
        self.redrive(arn, clientToken="one")
        self.restart()
        self.redrive(arn, clientToken="one")
        told = self.server.wait(arn)
        self.assertEqual((told["redriveCount"], told["status"]), (1, "FAILED"))
        for n in range(11):
            self.redrive(arn, clientToken=f"t{n}")
            self.server.wait(arn)
        self.redrive(arn, clientToken="one")  # only the last ten are remembered
        self.assertEqual(self.server.wait(arn)["redriveCount"], 13)
        for line in ("ExecutionsRedriven", "RedrivenExecutionsFailed"):  # since the restart
            until(lambda line=line: re.search(rf'(?m)^[a-z_]*{line}\w*{{.*:fails"}} 12$', self.metrics()), line)
        listed = self.server.call("ListExecutions", stateMachineArn=machine, redriveFilter="REDRIVEN")
        self.assertEqual(len(listed["executions"]), 1)
        listed = self.server.call("ListExecutions", stateMachineArn=machine,
                                  redriveFilter="NOT_REDRIVEN")
        self.assertEqual(listed["executions"], [])

    def metrics(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=SECONDS_MAX)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return text

    def test_the_execution_has_all_its_time_again(self):
        machine = self.create("slow", {"TimeoutSeconds": 1, "StartAt": "V", "States": {
            "V": {"Type": "Pass", "Next": "W"}, "W": {"Type": "Wait", "Seconds": 3600, "End": True}}})
        arn = self.execute(machine, {})
        self.assertEqual(self.server.wait(arn)["status"], "TIMED_OUT")
        self.redrive(arn)
        self.assertEqual(self.server.wait(arn)["status"], "TIMED_OUT")
        at = {event["type"]: event["timestamp"] for event in self.server.history(arn)}  # the last of each
        self.assertGreaterEqual(round(at["ExecutionTimedOut"] - at["ExecutionRedriven"], 3), 1)

    def test_many_redrives_at_once_are_one(self):
        machine = self.create("pause", {"StartAt": "W", "States": {
            "W": {"Type": "Wait", "Seconds": 600, "End": True}}})
        arn = self.execute(machine, {})
        self.server.call("StopExecution", executionArn=arn)
        outcomes = []

        def redrive():
            client = Client(self.server.port)
            try:
                client.call("RedriveExecution", executionArn=arn)
                outcomes.append("redriven")
            except ApiError as error:
                outcomes.append(error.name)
            client.close()

        threads = [threading.Thread(target=redrive) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(outcomes), ["ExecutionNotRedrivable"] * 7 + ["redriven"])
        self.assertEqual(self.server.call("DescribeExecution", executionArn=arn)["redriveCount"], 1)

    def test_no_acknowledged_redrive_is_lost(self):
        """Killed again and again around redrives: each that was acknowledged has happened."""
        chance = random.Random(7)
        machine = self.create("branches", BRANCHES)
        late = self.path / "late"
        items = [{"file": str(late), "value": n} for n in range(3)]
        started, acknowledged = [], {}
        for _ in range(12):
            started.append(self.execute(machine, {"items": items}))
        for arn in started:
            self.server.wait(arn)
        for kill in range(KILLS):
            timer = threading.Timer(chance.uniform(0.02, 0.4), self.server.process.kill)
            timer.start()
            try:
                while True:
                    arn = chance.choice(started)
                    try:
                        self.redrive(arn, clientToken=f"{kill}-{time.monotonic_ns()}")
                        acknowledged[arn] = acknowledged.get(arn, 0) + 1
                    except ApiError as error:
                        self.assertEqual(error.name, "ExecutionNotRedrivable")
            except ConnectionError:
                pass
            timer.join()
            self.restart()
        late.touch()
        for arn in started:
            told = self.server.wait(arn)
            self.assertGreaterEqual(told["redriveCount"], acknowledged.get(arn, 0))
            if told["status"] != "SUCCEEDED":
                self.assertEqual(told["status"], "FAILED", told)
                self.redrive(arn)
                told = self.server.wait(arn)
            self.assertEqual(told["status"], "SUCCEEDED", told)
            self.assertEqual(json.loads(told["output"])["all"], ["done", [0, 1, 2]])
            events = self.check_history(arn)
            counts = [e["executionRedrivenEventDetails"]["redriveCount"] for e in events
                      if e["type"] == "ExecutionRedriven"]
            self.assertEqual(counts, list(range(1, told["redriveCount"] + 1)))
        code, said = self.server.stop()
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
