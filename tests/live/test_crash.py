"""Crash soak: executions of mixed kinds while the server is killed again and again. Every execution
whose start was acknowledged ends right, with a gap-free history, and no acknowledged callback is lost."""

import json
import os
import random
import sys
import tempfile
import textwrap
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, SECONDS_MAX, ApiError, Client, Server  # noqa: E402: found by the line above

KILLS = int(os.environ.get("GAIT_SOAK_KILLS", "24"))
ROLE = "arn:aws:iam::123456789012:role/r"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:double"


def one(state, name="S", **others):
    return {"StartAt": name, "States": {name: {"End": True, **state}, **others}}


def double(**more):
    return {"Type": "Task", "Resource": FUNCTION, **more}


# name: (definition, what its output must be for the input {"n": N})
KINDS = {
    "passes": ({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "ResultPath": "$.a", "Result": 1, "Next": "B"},
        "B": {"Type": "Pass", "ResultPath": "$.b", "Result": 2, "End": True}}},
        lambda n: {"n": n, "a": 1, "b": 2}),
    "wait": (one({"Type": "Wait", "Seconds": 1}), lambda n: {"n": n}),
    "function": (one(double(Parameters={"n.$": "$.n"})), lambda n: 2 * n),
    "retry": (one(double(Parameters={"n.$": "$.n", "fail.$": "$$.State.RetryCount"},
                         Retry=[{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "BackoffRate": 1,
                                 "MaxAttempts": 5}])), lambda n: 2 * n),
    "caught": (one({"Type": "Task", "Resource": FUNCTION, "Parameters": {"n": "x"},
                    "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "C"}]},
                   C={"Type": "Pass", "End": True}), lambda n: {"n": n}),
    "parallel": (one({"Type": "Parallel", "Branches": [
        one(double(Parameters={"n.$": "$.n"}), "T"), one({"Type": "Wait", "Seconds": 1}, "W")]}),
        lambda n: [2 * n, {"n": n}]),
    "map": (one({"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ItemProcessor":
                 one(double(Parameters={"n.$": "$"}), "T")}), lambda n: [2 * i for i in range(5)]),
    "redriven": (one(double(Parameters={"n.$": "$.n", "fail.$": "$$.Execution.RedriveCount"})),
                 lambda n: 2 * n),
    "distributed": (one({"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2,
                         "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED",
                                                               "ExecutionType": "STANDARD"},
                                           **one(double(Parameters={"n.$": "$"}), "T")}}),
                    lambda n: [2 * i for i in range(5)]),
    "activity": (None, lambda n: {"done": n}),
}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class CrashSoak(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name)
        place = self.path / "functions" / "double"
        place.mkdir(parents=True)
        (place / "handler.py").write_text(textwrap.dedent("""
            class Flaky(Exception):
                pass
            def lambda_handler(event, context):
                if "fail" in event and event["fail"] < 2:
                    raise Flaky("again")
                return 2 * int(event["n"])
        """))
        (place / "function.json").write_text('{"timeout": 300}')
        self.server = self.start()
        self.addCleanup(lambda: self.server.kill())
        self.random = random.Random(42)
        self.machines = {}
        self.started = {}  # ARN: (kind, n), acknowledged

    def start(self):
        return Server("--data", str(self.path / "data"), "--functions", str(self.path / "functions"))

    def create(self):
        activity = self.server.call("CreateActivity", name="work")["activityArn"]
        for name, (definition, _) in KINDS.items():
            definition = definition or one({"Type": "Task", "Resource": activity,
                                            "HeartbeatSeconds": 3, "Retry": [
                                                {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 50,
                                                 "IntervalSeconds": 1, "BackoffRate": 1}]})
            self.machines[name] = self.server.call(
                "CreateStateMachine", name=name, definition=json.dumps(definition),
                roleArn=ROLE)["stateMachineArn"]
        return activity

    def start_some(self, count):
        """Starts executions until the server is gone, which it is killed for a moment after `count` of
        them. What was answered must never be lost."""
        killer, end = None, time.monotonic() + SECONDS_MAX
        while time.monotonic() < end:
            count -= 1
            if count == 0:
                killer = threading.Timer(self.random.uniform(0, 0.1), self.server.process.kill)
                killer.start()
            kind = self.random.choice(list(KINDS))
            n = len(self.started) + 1
            has_items = kind in ("map", "distributed")
            given = {"n": n, "items": list(range(5))} if has_items else {"n": n}
            try:
                self.redrive_one()
                arn = self.server.call("StartExecution", stateMachineArn=self.machines[kind],
                                       input=json.dumps(given))["executionArn"]
            except ConnectionError:
                break
            self.started[arn] = (kind, n)
            time.sleep(0.003)
        self.assertIsNotNone(killer, "the server is too slow to start that many")
        killer.join()

    def redrive_one(self):
        """Now and then: of those that fail until they have been redriven twice."""
        failing = [arn for arn, (kind, _) in self.started.items() if kind == "redriven"]
        if failing and self.random.random() < 0.2:
            try:
                self.server.call("RedriveExecution", executionArn=self.random.choice(failing))
            except ApiError as error:
                self.assertEqual(error.name, "ExecutionNotRedrivable")

    def work(self, activity, stop):
        """A worker: an acknowledged success must count, whatever happens to the server after it."""
        while not stop.is_set():
            worker = Client(self.server.port)
            try:
                task = worker.call("GetActivityTask", activityArn=activity, workerName="w")
                if task.get("taskToken"):
                    n = json.loads(task["input"])["n"]
                    worker.call("SendTaskSuccess", taskToken=task["taskToken"],
                                output=json.dumps({"done": n}))
            except (ConnectionError, ApiError):
                time.sleep(0.05)
            worker.close()

    def check(self, arn, kind, n):
        told = self.server.wait(arn)
        while kind == "redriven" and told["status"] == "FAILED":
            self.assertLess(told["redriveCount"], 2)
            self.server.call("RedriveExecution", executionArn=arn)
            told = self.server.wait(arn)
        events = self.server.history(arn)
        self.assertEqual(told["status"], "SUCCEEDED", (kind, arn, events[-3:]))
        self.assertEqual(json.loads(told["output"]), KINDS[kind][1](n), kind)
        self.assertEqual([e["id"] for e in events], list(range(1, len(events) + 1)), kind)
        for event in events[1:]:
            self.assertLess(event["previousEventId"], event["id"], kind)
        self.assertEqual(events[-1]["type"], "ExecutionSucceeded")

    def test_nothing_acknowledged_is_lost(self):
        activity = self.create()
        stop = threading.Event()
        worker = threading.Thread(target=self.work, args=(activity, stop), daemon=True)
        worker.start()
        counts = [1 + 29 * (n % 24) // 23 for n in range(KILLS)]  # from 1 to 30, in disorder
        self.random.shuffle(counts)
        for count in counts:
            self.start_some(count)
            self.server.kill()  # it is dead, and is reaped
            self.server = self.start()
        self.assertGreaterEqual(len(self.started), sum(counts) - KILLS)
        for arn, (kind, n) in self.started.items():
            self.check(arn, kind, n)
        stop.set()
        code, said = self.server.stop()
        self.assertEqual(code, 0, said)
        worker.join(SECONDS_MAX)
        self.assertFalse(worker.is_alive())
        print(f"crash soak: {KILLS} kills, {len(self.started)} executions, all ended right")


if __name__ == "__main__":
    unittest.main()
