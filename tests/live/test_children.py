"""Executions started by a Task (states:startExecution): shapes, links, cascades, and nothing started
twice or lost when the server is killed at any moment."""

import json
import os
import random
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, SECONDS_MAX, ApiError, Server, until  # noqa: E402: found by the line above

KILLS = int(os.environ.get("GAIT_SOAK_KILLS", "8"))
ROLE = "arn:aws:iam::123456789012:role/r"
START = "arn:aws:states:::states:startExecution"


def one(state):
    return {"StartAt": "S", "States": {"S": {"End": True, **state}}}


def start(machine, pattern="", **more):
    given = {"StateMachineArn": machine, **more.pop("parameters", {})}
    return {"Type": "Task", "Resource": START + pattern, "Parameters": given, **more}


class Base(unittest.TestCase):
    options = ("--memory",)

    def setUp(self):
        self.server = Server(*self.options)
        self.addCleanup(lambda: self.server.kill())

    def machine(self, name, definition, **more):
        return self.server.call("CreateStateMachine", name=name, definition=json.dumps(definition),
                                roleArn=ROLE, **more)["stateMachineArn"]

    def run_one(self, machine, given=None):
        arn = self.server.call("StartExecution", stateMachineArn=machine,
                               input=json.dumps(given or {}))["executionArn"]
        return arn, self.server.wait(arn)

    def executions(self, machine, **more):
        return self.server.call("ListExecutions", stateMachineArn=machine, **more)["executions"]

    def types(self, arn):
        return [event["type"] for event in self.server.history(arn)]


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Children(Base):
    def test_request_response_goes_on_at_once(self):
        child = self.machine("child", one({"Type": "Wait", "Seconds": 3600}))
        parent = self.machine("parent", one(start(child, parameters={"Name": "n", "Input": {"a": 1}})))
        arn, told = self.run_one(parent)
        output = json.loads(told["output"])
        self.assertEqual(list(output), ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata",
                                        "StartDate"])
        self.assertEqual(output["ExecutionArn"], child.replace("stateMachine", "execution") + ":n")
        described = self.server.call("DescribeExecution", executionArn=output["ExecutionArn"])
        self.assertEqual(described["input"], '{"a":1}')
        self.assertEqual(described["status"], "RUNNING")
        self.assertEqual(round(described["startDate"] * 1000), output["StartDate"])

    def test_sync_gives_texts_and_sync_2_values(self):
        child = self.machine("child", one({"Type": "Pass"}))
        for pattern, given, output in ((".sync", '{"x":1}', '{"x":1}'), (".sync:2", {"x": 1}, {"x": 1})):
            parent = self.machine("parent" + pattern[-1], one(start(
                child, pattern, parameters={"Input.$": "$.in", "TraceHeader": "t"})))
            arn, told = self.run_one(parent, {"in": {"x": 1}})
            result = json.loads(told["output"])
            self.assertEqual((result["Input"], result["Output"]), (given, output))
            self.assertEqual(result["Status"], "SUCCEEDED")
            self.assertEqual(result["TraceHeader"], "t")
            self.assertEqual(list(result), sorted(result))
            self.assertEqual(self.types(arn)[2:6],
                             ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"])

    def test_a_failed_child_fails_the_task_with_its_description(self):
        child = self.machine("child", one({"Type": "Wait", "Seconds": 3600}) | {"TimeoutSeconds": 1})
        failing = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E", "Cause": "C"}}}
        other = self.machine("failing", failing)
        for machine, status, error in ((child, "TIMED_OUT", None), (other, "FAILED", "E")):
            parent = self.machine("p-" + status, one(start(machine, ".sync:2")))
            arn, told = self.run_one(parent)
            self.assertEqual(told["error"], "States.TaskFailed")
            cause = json.loads(told["cause"])
            self.assertEqual((cause["Status"], cause.get("Error")), (status, error))
            self.assertEqual(cause["Input"], {})

    def test_what_the_api_refuses_is_an_error_of_the_service(self):
        child = self.machine("child", one({"Type": "Wait", "Seconds": 3600}))
        express = self.machine("express", one({"Type": "Pass"}), type="EXPRESS")
        self.server.call("StartExecution", stateMachineArn=child, name="taken", input="{}")
        cases = (
            (child, "", {"Name": "taken", "Input": {"other": 1}}, "ExecutionAlreadyExistsException"),
            (child + "-no", "", {}, "StateMachineDoesNotExistException"),
            ("arn:aws:x", "", {}, "InvalidArnException"),
            (child, "", {"Name": "a b"}, "InvalidNameException"),
            (child, "", {"Input": "{"}, "InvalidExecutionInputException"),
            (express, ".sync", {}, "StateMachineTypeNotSupportedException"),
            (child + "-no", ".sync", {}, "StateMachineDoesNotExistException"),
        )
        for index, (machine, pattern, parameters, error) in enumerate(cases):
            parent = self.machine(f"p{index}", one(start(machine, pattern, parameters=parameters)))
            arn, told = self.run_one(parent)
            self.assertEqual(told["error"], "StepFunctions." + error)
            self.assertRegex(told["cause"], r"\(Service: AWSStepFunctions; Status Code: 400; Error Code: "
                             + error.removesuffix("Exception") + r"; Request ID: [0-9a-f-]{36}; Proxy: null\)$")
            self.assertEqual(self.types(arn)[4], "TaskSubmitFailed" if pattern else "TaskFailed")

    def test_an_express_child_is_started(self):
        express = self.machine("express", one({"Type": "Pass"}), type="EXPRESS")
        parent = self.machine("parent", one(start(express)))
        _, told = self.run_one(parent)
        self.assertIn(":express:express:", json.loads(told["output"])["ExecutionArn"])

    def test_versions_and_aliases(self):
        child = self.machine("child", one({"Type": "Pass", "Result": 1}), publish=True)
        self.server.call("UpdateStateMachine", stateMachineArn=child,
                         definition=json.dumps(one({"Type": "Pass", "Result": 2})))
        alias = self.server.call("CreateStateMachineAlias", name="live", routingConfiguration=[
            {"stateMachineVersionArn": child + ":1", "weight": 100}])["stateMachineAliasArn"]
        for target, output in ((child, 2), (child + ":1", 1), (alias, 1)):
            parent = self.machine("p-" + target.split(":")[-1], one(start(target, ".sync:2")))
            _, told = self.run_one(parent)
            result = json.loads(told["output"])
            self.assertEqual(result["Output"], output)
            self.assertEqual(result.get("StateMachineAliasArn"), alias if target == alias else None)

    def test_the_token_reaches_the_child_and_ends_the_task(self):
        child = self.machine("child", one({"Type": "Wait", "Seconds": 3600}))
        for pattern in (".waitForTaskToken", ".sync"):
            parent = self.machine("p" + pattern[1:5], one(start(
                child, pattern, parameters={"Input": {"token.$": "$$.Task.Token"}})))
            arn = self.server.call("StartExecution", stateMachineArn=parent, input="{}")["executionArn"]
            started = self.server.wait_for_event(arn, "TaskSubmitted")[0]
            inner = json.loads(started["taskSubmittedEventDetails"]["output"])["ExecutionArn"]
            told = self.server.call("DescribeExecution", executionArn=inner)
            self.server.call("SendTaskSuccess", taskToken=json.loads(told["input"])["token"], output="7")
            self.assertEqual(self.server.wait(arn)["output"], "7")
            self.assertEqual(self.server.call("DescribeExecution", executionArn=inner)["status"], "RUNNING")

    def test_stop_and_timeout_reach_the_children_below(self):
        leaf = self.machine("leaf", one({"Type": "Wait", "Seconds": 3600}))
        middle = self.machine("middle", one(start(leaf, ".sync")))
        top = self.machine("top", one(start(middle, ".sync")))
        arn = self.server.call("StartExecution", stateMachineArn=top, input="{}")["executionArn"]
        until(lambda: self.executions(leaf), "the lowest child")
        self.server.call("StopExecution", executionArn=arn)
        for machine in (middle, leaf):
            until(lambda m=machine: self.executions(m)[0]["status"] == "ABORTED", "the stop")
        timing = self.machine("timing", one(start(leaf, ".sync", TimeoutSeconds=1)))
        arn, told = self.run_one(timing)
        self.assertEqual(told["error"], "States.Timeout")
        until(lambda: not self.executions(leaf, statusFilter="RUNNING"), "the children's stop")

    def test_a_request_response_child_outlives_its_parent(self):
        leaf = self.machine("leaf", one({"Type": "Wait", "Seconds": 3600}))
        parent = self.machine("parent", {"StartAt": "A", "States": {
            "A": start(leaf, Next="B"), "B": {"Type": "Wait", "Seconds": 3600, "End": True}}})
        arn = self.server.call("StartExecution", stateMachineArn=parent, input="{}")["executionArn"]
        self.server.wait_for_event(arn, "WaitStateEntered")
        self.server.call("StopExecution", executionArn=arn)
        self.assertEqual(self.executions(leaf)[0]["status"], "RUNNING")

    def test_many_children_of_a_map(self):
        leaf = self.machine("leaf", one({"Type": "Pass"}))
        each = {"StartAt": "E", "States": {"E": start(leaf, ".sync:2", parameters={"Input": {"n.$": "$"}},
                                                      OutputPath="$.Output.n", End=True)}}
        mapped = self.machine("mapped", one({"Type": "Map", "ItemsPath": "$.items",
                                             "ItemProcessor": each}))
        _, told = self.run_one(mapped, {"items": list(range(200))})
        self.assertEqual(json.loads(told["output"]), list(range(200)))
        self.assertEqual(len(self.executions(leaf, maxResults=1000)), 200)


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Crashes(Base):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.options = ("--data", str(Path(folder.name) / "data"))
        super().setUp()
        self.random = random.Random(7)
        self.asked = 0

    def crash(self):
        self.server.kill()
        self.server = Server(*self.options)

    def test_a_restarted_parent_finds_its_child(self):
        activity = self.server.call("CreateActivity", name="work")["activityArn"]
        leaf = self.machine("leaf", one({"Type": "Task", "Resource": activity}))
        parent = self.machine("parent", one(start(leaf, ".sync:2")))
        arn = self.server.call("StartExecution", stateMachineArn=parent, input="{}")["executionArn"]
        self.server.wait_for_event(arn, "TaskSubmitted")
        self.crash()
        token = self.server.call("GetActivityTask", activityArn=activity)["taskToken"]
        self.server.call("SendTaskSuccess", taskToken=token, output="1")
        self.assertEqual(self.server.wait(arn)["status"], "SUCCEEDED")
        self.assertEqual(self.types(arn).count("TaskSubmitted"), 1)
        self.assertEqual(len(self.executions(leaf)), 1)

    def test_a_child_that_ended_meanwhile_is_found(self):
        leaf = self.machine("leaf", one({"Type": "Wait", "SecondsPath": "$.s"}))
        parent = self.machine("parent", one(start(leaf, ".sync", parameters={"Input.$": "$"})))
        for delay in (0.0, 0.002, 0.005, 0.01, 0.02, 0.05):
            arn = self.server.call("StartExecution", stateMachineArn=parent, input='{"s":0}')["executionArn"]
            time.sleep(delay)
            self.crash()
            self.assertEqual(self.server.wait(arn)["status"], "SUCCEEDED")

    def test_a_child_given_up_in_a_crash_is_stopped(self):
        leaf = self.machine("leaf", one({"Type": "Wait", "Seconds": 3600}))
        parent = self.machine("parent", one(start(leaf, ".sync")))
        for delay in (0.0, 0.001, 0.002, 0.004):
            arn = self.server.call("StartExecution", stateMachineArn=parent, input="{}")["executionArn"]
            self.server.wait_for_event(arn, "TaskSubmitted")
            stopping = threading.Timer(delay, self.server.process.kill)
            stopping.start()
            try:
                self.server.call("StopExecution", executionArn=arn)
            except (ConnectionError, ApiError):
                pass
            stopping.join()
            self.crash()
            if self.server.call("DescribeExecution", executionArn=arn)["status"] == "RUNNING":
                self.server.call("StopExecution", executionArn=arn)
            until(lambda: not self.executions(leaf, statusFilter="RUNNING"), "the child's stop")

    def start_some(self, parents, started, count):
        """Starts executions until the server is gone, which it is killed for a moment after so many."""
        killer, end = None, time.monotonic() + SECONDS_MAX
        while time.monotonic() < end:
            count -= 1
            if count == 0:
                killer = threading.Timer(self.random.uniform(0, 0.3), self.server.process.kill)
                killer.start()
            parent = self.random.choice(parents)
            self.asked += 1  # also where the answer is lost: it may have been started
            n = self.asked
            try:
                arn = self.server.call("StartExecution", stateMachineArn=parent,
                                       input=json.dumps({"n": n}))["executionArn"]
            except ConnectionError:
                break
            started[arn] = n
            time.sleep(0.002)
        self.assertIsNotNone(killer, "the server is too slow to start that many")
        killer.join()

    def test_each_parent_has_one_child_whatever_is_killed(self):
        leaf = self.machine("leaf", {"StartAt": "A", "States": {
            "A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": {"Type": "Pass", "End": True}}})
        quick = self.machine("quick", one({"Type": "Pass"}))
        parents = [self.machine(f"parent-{name}-{index}", one(start(
            machine, pattern, parameters={"Input.$": "$"}, OutputPath=path)))
            for index, (pattern, path) in enumerate(((".sync:2", "$.Output.n"), ("", "$.ExecutionArn")))
            for name, machine in (("leaf", leaf), ("quick", quick))]
        started = {}
        for _ in range(KILLS):
            self.start_some(parents, started, self.random.randint(3, 60))
            self.crash()
        wanted = {leaf: {}, quick: {}}
        for arn, n in started.items():
            told = self.server.wait(arn)
            self.assertEqual(told["status"], "SUCCEEDED", told)
            machine = leaf if ":parent-leaf-" in arn else quick
            wanted[machine][n] = wanted[machine].get(n, 0) + 1
            if "-0:" in arn:
                self.assertEqual(json.loads(told["output"]), n)
        for machine, children in wanted.items():
            found, page = {}, {}
            while page is not None:
                answer = self.server.call("ListExecutions", stateMachineArn=machine, maxResults=1000, **page)
                for item in answer["executions"]:
                    told = self.server.wait(item["executionArn"])
                    n = json.loads(told["input"])["n"]
                    found[n] = found.get(n, 0) + 1
                page = {"nextToken": answer["nextToken"]} if "nextToken" in answer else None
            self.assertEqual({n: c for n, c in found.items() if n in children}, children)
            self.assertTrue(all(count == 1 for count in found.values()), found)
        self.assertGreater(len(started), KILLS)


if __name__ == "__main__":
    unittest.main()
