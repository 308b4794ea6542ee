"""Mocked tasks, as Step Functions Local has them, in `gait serve` and `gait run`.

    GAIT=build/gait python3 -m unittest tests.live.test_mocks
"""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from tests.live.server import GAIT, ROOT, SECONDS_MAX, ApiError, Server

ROLE = "arn:aws:iam::123456789012:role/r"
RETRY = [{"ErrorEquals": ["Busy"], "MaxAttempts": 5, "IntervalSeconds": 1, "BackoffRate": 1.0}]


def task(resource, **more):
    return {"Type": "Task", "Resource": resource, **more}


def one(state, name="T"):
    return {"StartAt": name, "States": {name: {**state, "End": True}}}


INVOKE = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": "f"})
MACHINES = {
    "retried": one({**INVOKE, "Retry": RETRY}),
    "mapped": one({"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": one(INVOKE, "In")}),
    "runs": one({"Type": "Map", "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        **one(INVOKE, "In")}}),
    "parallel": one({"Type": "Parallel", "Branches": [one(INVOKE, "A"), one(INVOKE, "B")]}),
    "token": one(task("arn:aws:states:::sqs:sendMessage.waitForTaskToken", Parameters={
        "QueueUrl": "u", "MessageBody": {"t.$": "$$.Task.Token"}})),
    "job": one(task("arn:aws:states:::glue:startJobRun.sync", Parameters={"JobName": "j"})),
    "arn": one(task("arn:aws:lambda:us-east-1:123456789012:function:f")),
    "activity": one(task("arn:aws:states:us-east-1:123456789012:activity:a")),
    "caught": {"StartAt": "T", "States": {
        "T": {**INVOKE, "Catch": [{"ErrorEquals": ["Bad"], "ResultPath": "$.e", "Next": "C"}],
              "End": True}, "C": {"Type": "Pass", "End": True}}},
    "mixed": {"StartAt": "T", "States": {"T": {**INVOKE, "Next": "R"}, "R": task(
        "arn:aws:lambda:us-east-1:123456789012:function:real", End=True)}},
    "waits": {"StartAt": "T", "States": {
        "T": {**INVOKE, "ResultPath": "$.first", "Next": "W"},
        "W": task("arn:aws:states:us-east-1:123456789012:activity:b", ResultPath=None, Next="C"),
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.first", "NumericLessThan": 3,
                                             "Next": "T"}], "Default": "E"},
        "E": {"Type": "Succeed"}}},
}
BUSY = {"Throw": {"Error": "Busy", "Cause": "later"}}
CONFIG = {
    "StateMachines": {
        **{name: {"TestCases": {"Case": {"T": response}}} for name, response in (
            ("retried", "Retried"), ("token", "Any"), ("job", "Any"), ("arn", "Any"),
            ("activity", "Any"), ("caught", "Bad"), ("mixed", "Any"), ("waits", "Count"))},
        "mapped": {"TestCases": {"Case": {"In": "Sequence"}, "Short": {"In": "Any"}}},
        "runs": {"TestCases": {'A "case"': {"In": "Any"}}},
        "parallel": {"TestCases": {"Case": {"A": "Any", "B": "Sequence"}, "Half": {"A": "Any"}}},
    },
    "MockedResponses": {
        "Any": {"0": {"Return": {"any": [1, None]}}},
        "Bad": {"0": {"Throw": {"Error": "Bad"}}},
        "Retried": {"0": BUSY, "1-2": BUSY, "3": {"Return": "done"}},
        "Sequence": {"0": {"Return": "zero"}, "1-2": {"Return": "more"}},
        "Count": {"0": {"Return": 1}, "1": {"Return": 2}, "2": {"Return": 3}},
        "Unused": {},
    }}
CONFIG["StateMachines"]["retried"]["TestCases"]["NoSuchState"] = {"Other": "Any"}


def names(events):
    return [e["type"] for e in events]


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class TestServe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.file = Path(cls.folder.name) / "mocks.json"
        cls.file.write_text(json.dumps(CONFIG))
        function = Path(cls.folder.name) / "functions" / "real"
        function.mkdir(parents=True)
        (function / "handler.py").write_text("def handler(event, context):\n    return 'real'\n")
        (function / "function.json").write_text('{"timeout": 300}')
        cls.options = ["--data", cls.folder.name + "/data", "--mock", str(cls.file), "--functions",
                       str(function.parent)]
        cls.server = Server(*cls.options)
        cls.arns = {}
        cls.server.call("CreateActivity", name="a")
        cls.activity = cls.server.call("CreateActivity", name="b")["activityArn"]
        for name, definition in MACHINES.items():
            cls.arns[name] = cls.server.call("CreateStateMachine", name=name, roleArn=ROLE,
                                             definition=json.dumps(definition))["stateMachineArn"]

    @classmethod
    def tearDownClass(cls):
        status, said = cls.server.stop()
        cls.folder.cleanup()
        assert status == 0, said

    def run_case(self, machine, case="Case", input="{}"):
        started = self.server.call("StartExecution", stateMachineArn=f"{self.arns[machine]}#{case}",
                                   input=input)
        told = self.server.wait(started["executionArn"])
        return told, self.server.history(started["executionArn"])

    def test_the_events_are_those_of_a_real_call(self):
        told, events = self.run_case("caught")
        self.assertEqual(told["stateMachineArn"], self.arns["caught"])
        self.assertEqual(json.loads(told["output"]), {"e": {"Error": "Bad", "Cause": None}})
        self.assertEqual(names(events), ["ExecutionStarted", "TaskStateEntered", "TaskScheduled",
                                         "TaskStarted", "TaskFailed", "TaskStateExited",
                                         "PassStateEntered", "PassStateExited",
                                         "ExecutionSucceeded"])
        self.assertEqual(json.loads(events[2]["taskScheduledEventDetails"]["parameters"]),
                         {"FunctionName": "f"})

    def test_each_invocation_has_its_answer(self):
        told, events = self.run_case("retried")
        self.assertEqual((told["status"], told["output"]), ("SUCCEEDED", '"done"'))
        self.assertEqual(names(events).count("TaskFailed"), 3)

    def test_iterations_and_branches_count_on(self):
        told, _ = self.run_case("mapped", input="[1,2,3]")
        self.assertEqual(json.loads(told["output"]), ["zero", "more", "more"])
        told, _ = self.run_case("parallel")
        self.assertEqual(json.loads(told["output"]), [{"any": [1, None]}, "zero"])

    def test_children_of_a_map_run_are_mocked_and_count_for_themselves(self):
        told, _ = self.run_case("runs", 'A "case"', "[1,2,3]")
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(json.loads(told["output"]), [{"any": [1, None]}] * 3)

    def test_past_the_last_answer_the_execution_fails(self):
        told, _ = self.run_case("mapped", "Short", "[1,2]")
        self.assertEqual((told["status"], told["error"]), ("FAILED", "States.Runtime"))
        self.assertIn("The mocked response 'Any' says nothing of invocation 1 of the state 'In'",
                      told["cause"])

    def test_tokens_and_jobs_are_submitted_first(self):
        for machine in ("token", "job"):
            told, events = self.run_case(machine)
            self.assertEqual(json.loads(told["output"]), {"any": [1, None]})
            self.assertEqual(names(events)[2:6], ["TaskScheduled", "TaskStarted", "TaskSubmitted",
                                                  "TaskSucceeded"])

    def test_functions_and_activities(self):
        for machine, family in (("arn", "LambdaFunction"), ("activity", "Activity")):
            told, events = self.run_case(machine)
            self.assertEqual(told["status"], "SUCCEEDED", told)
            self.assertEqual(names(events)[2:5], [family + "Scheduled", family + "Started",
                                                  family + "Succeeded"])

    def test_what_is_not_mocked_is_called(self):
        told, _ = self.run_case("mixed")
        self.assertEqual(told["output"], '"real"')
        told, _ = self.run_case("parallel", "Half")
        self.assertEqual((told["status"], told["error"]),
                         ("FAILED", "Lambda.ResourceNotFoundException"))
        started = self.server.call("StartExecution", stateMachineArn=self.arns["caught"])
        self.assertEqual(self.server.wait(started["executionArn"])["error"],
                         "Lambda.ResourceNotFoundException")

    def test_a_machine_that_the_file_does_not_have(self):
        arn = self.server.call("CreateStateMachine", name="express", roleArn=ROLE, type="EXPRESS",
                               definition=json.dumps(MACHINES["caught"]))["stateMachineArn"]
        with self.assertRaises(ApiError) as refused:
            self.server.call("StartSyncExecution", stateMachineArn=arn + "#Case")
        self.assertIn("has no state machine 'express'", refused.exception.message)

    def test_cases_that_do_not_fit(self):
        for machine, case, words in (("retried", "Other", "has no test case 'Other'; it has: Case, "
                                      "NoSuchState"),
                                     ("retried", "NoSuchState", "no Task state of that name")):
            with self.assertRaises(ApiError) as refused:
                self.run_case(machine, case)
            self.assertEqual(refused.exception.name, "ValidationException")
            self.assertIn(words, refused.exception.message)

    def test_a_restart_forgets_neither_the_case_nor_the_count(self):
        started = self.server.call("StartExecution", stateMachineArn=self.arns["waits"] + "#Case")
        for n in (1, 2):
            work = self.server.call("GetActivityTask", activityArn=self.activity)
            self.assertEqual(json.loads(work["input"]), {"first": n})
            self.server.kill()
            type(self).server = Server(*self.options)
            self.server.call("SendTaskSuccess", taskToken=work["taskToken"], output="1")
        work = self.server.call("GetActivityTask", activityArn=self.activity)
        self.server.call("SendTaskSuccess", taskToken=work["taskToken"], output="1")
        told = self.server.wait(started["executionArn"])
        self.assertEqual((told["status"], told.get("output")), ("SUCCEEDED", '{"first":3}'), told)


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class TestSync(unittest.TestCase):
    def test_an_express_machine_with_a_version(self):
        config = {"StateMachines": {"express": {"TestCases": {"Case": {"T": "Any"}}}},
                  "MockedResponses": CONFIG["MockedResponses"]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(config, file)
            file.flush()
            os.environ["SFN_MOCK_CONFIG"] = file.name
            try:
                server = Server("--memory")
            finally:
                del os.environ["SFN_MOCK_CONFIG"]
            try:
                made = server.call("CreateStateMachine", name="express", roleArn=ROLE, publish=True,
                                   type="EXPRESS", definition=json.dumps(MACHINES["caught"]))
                for arn in (made["stateMachineArn"], made["stateMachineVersionArn"]):
                    told = server.call("StartSyncExecution", stateMachineArn=arn + "#Case")
                    self.assertEqual((told["status"], told["output"], told["stateMachineArn"]),
                                     ("SUCCEEDED", '{"any":[1,null]}', arn))
            finally:
                server.stop()

    def test_without_mocks_there_are_no_cases(self):
        server = Server("--memory")
        try:
            arn = server.call("CreateStateMachine", name="m", roleArn=ROLE,
                              definition=json.dumps(one({"Type": "Pass"})))["stateMachineArn"]
            with self.assertRaises(ApiError) as refused:
                server.call("StartExecution", stateMachineArn=arn + "#Case")
            self.assertEqual(refused.exception.name, "StateMachineDoesNotExist")
        finally:
            server.stop()


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class TestRun(unittest.TestCase):
    def run_gait(self, machine, *more, config=CONFIG):
        with tempfile.TemporaryDirectory() as folder:
            definition = Path(folder) / f"{machine}.json"
            definition.write_text(json.dumps(MACHINES[machine]))
            file = Path(folder) / "mocks.json"
            file.write_text(config if isinstance(config, str) else json.dumps(config))
            return subprocess.run([GAIT, "run", str(definition), "--mock", str(file), "--data",
                                   folder + "/data", *more], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, timeout=SECONDS_MAX, check=False)

    def test_a_case_runs(self):
        done = self.run_gait("retried", "--test-case", "Case", "--virtual-time")
        self.assertEqual((done.returncode, done.stdout), (0, '"done"\n'), done.stderr)
        done = self.run_gait("token", "--test-case", "Case")
        self.assertEqual((done.returncode, done.stdout), (0, '{"any":[1,null]}\n'), done.stderr)

    def test_what_is_not_mocked_must_be_there(self):
        done = self.run_gait("parallel", "--test-case", "Half")
        self.assertEqual(done.returncode, 1)
        done = self.run_gait("mixed", "--test-case", "Case")
        self.assertEqual(done.returncode, 2)
        self.assertIn("the test case does not mock the state 'R'", done.stderr)

    def test_files_that_are_wrong(self):
        broken = [
            ("{", "mocks.json:1:2:"),
            ([], "must be an object"),
            ({"StateMachines": {}, "MockedResponses": {}, "More": 1}, "no member 'More'"),
            ({"StateMachines": {"m": {"TestCases": {"C": {"T": "None"}}}}, "MockedResponses": {}},
             "gives the state 'T' the mocked response 'None', which is not in"),
            ({"StateMachines": {}, "MockedResponses": {"R": {"0-2": BUSY, "1": BUSY}}},
             "'0-2' and '1' in the mocked response 'R' overlap"),
            ({"StateMachines": {}, "MockedResponses": {"R": {"first": BUSY}}}, "'first'"),
            ({"StateMachines": {}, "MockedResponses": {"R": {"2-1": BUSY}}}, "'2-1'"),
            ({"StateMachines": {}, "MockedResponses": {"R": {"0": {"Return": 1, **BUSY}}}},
             "exactly one member, 'Return' or 'Throw'"),
            ({"StateMachines": {}, "MockedResponses": {"R": {"0": {"Throw": {"Cause": "c"}}}}},
             "'Throw' of '0' in the mocked response 'R'"),
        ]
        for config, words in broken:
            done = self.run_gait("retried", "--test-case", "Case", config=config)
            self.assertEqual(done.returncode, 2, config)
            self.assertIn(words, done.stderr)


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class TestExample(unittest.TestCase):
    def test_its_cases_run(self):
        done = subprocess.run([ROOT / "examples" / "mocks" / "run-cases"], capture_output=True,
                              text=True, env={**os.environ, "GAIT": GAIT},
                              timeout=2 * SECONDS_MAX, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        paid = '{"item":"book","charge":{"StatusCode":200,"Payload":{"paid":true}},' \
               '"answer":"confirmed"}'
        self.assertEqual(done.stdout.splitlines(), [f"HappyPath: {paid}", f"BusyAtFirst: {paid}",
                                                    'Broken: "sorry"'])


if __name__ == "__main__":
    unittest.main()
