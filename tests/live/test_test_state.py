"""TestState, as a client sees it: the cases of tests/cases/test_state, and tasks that really run.

    GAIT=build/gait python3 -m unittest tests.live.test_test_state

Each case says what it shows, a request (its definition as an object), and the answer, or the error
with its message (null: any). Without a program everything is skipped.
"""
import json
import os
import socket
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, ROOT, SECONDS_MAX, Server, until  # noqa: E402: found by the line above

CASES = sorted((ROOT / "tests" / "cases" / "test_state").glob("*.json"))
ROLE = "arn:aws:iam::123456789012:role/r"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"
HANDLER = """
import time
def handler(event, context):
    if isinstance(event, dict) and "mark" in event:
        open(event["mark"], "w").close()
    if isinstance(event, dict) and "seconds" in event:
        time.sleep(event["seconds"])
    if isinstance(event, dict) and "raise" in event:
        raise ValueError(event["raise"])
    return {"got": event}
"""


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class TestState(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        place = Path(cls.folder.name) / "functions" / "echo"
        place.mkdir(parents=True)
        (place / "handler.py").write_text(HANDLER)
        (place / "function.json").write_text('{"timeout": 300}')
        cls.functions = str(place.parent)
        cls.server, cls.url = cls.serve()

    @classmethod
    def serve(cls):
        server = Server("--memory", "--functions", cls.functions)
        return server, f"http://127.0.0.1:{server.port}"

    @classmethod
    def tearDownClass(cls):
        status, said = cls.server.stop()
        cls.folder.cleanup()
        assert status == 0, f"the server ended with {status}: {said}"

    def call(self, request):
        """(HTTP status, answer)"""
        body = dict(request)
        if not isinstance(body["definition"], str):
            body["definition"] = json.dumps(body["definition"])
        asked = urllib.request.Request(
            self.url, json.dumps(body).encode(),
            {"X-Amz-Target": "AWSStepFunctions.TestState",
             "Content-Type": "application/x-amz-json-1.0"})
        try:
            with urllib.request.urlopen(asked, timeout=SECONDS_MAX) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def test_cases(self):
        self.assertGreater(len(CASES), 20)
        for path in CASES:
            case = json.loads(path.read_text())
            with self.subTest(path.stem, shows=case["shows"]):
                status, answer = self.call(case["request"])
                if "answer" in case:
                    self.assertEqual((status, answer), (200, case["answer"]))
                    continue
                self.assertEqual(status, 400)
                self.assertEqual(answer["__type"].split("#")[-1], case["error"]["type"])
                if case["error"]["message"] is not None:
                    self.assertEqual(answer["message"], case["error"]["message"])

    def task(self, **more):
        return {"Type": "Task", "Resource": FUNCTION + "echo", "End": True, **more}

    @unittest.skipUnless((Path(GAIT).parent / "aws-models").exists(), "no AWS service models")
    def test_a_mocked_job_is_held_against_what_watches_it(self):
        def mocked(resource, arguments, result, **mode):
            return self.call({"definition": {
                "Type": "Task", "QueryLanguage": "JSONata", "Resource": "arn:aws:states:::" + resource,
                "Arguments": arguments, "End": True}, "mock": {"result": json.dumps(result), **mode}})

        child, machine = {"Output": {"n": 1}}, {"StateMachineArn": ROLE}
        status, answer = mocked("states:startExecution.sync:2", machine, child)
        self.assertEqual((status, answer["message"]), (
            400, "Mock result schema validation error: The field 'ExecutionArn' is required but was missing"))
        for mode in ("PRESENT", "NONE"):
            status, answer = mocked("states:startExecution.sync:2", machine, child, fieldValidationMode=mode)
            self.assertEqual((status, json.loads(answer["output"])), (200, child))
        status, answer = mocked("glue:startJobRun.sync", {"JobName": "j"}, {"Attempt": "1"})
        self.assertEqual((status, answer["message"]), (
            400, "Mock result schema validation error: Field 'Attempt' must be a number"))
        status, answer = mocked("sqs:sendMessage.waitForTaskToken", {
            "QueueUrl": "https://q", "MessageBody": "{% $states.context.Task.Token %}"}, ["anything"])
        self.assertEqual((status, answer["output"]), (200, '["anything"]'))

    def test_a_function_really_runs(self):
        status, answer = self.call({
            "definition": self.task(ResultSelector={"r.$": "$.got"}), "roleArn": ROLE,
            "input": '{"n": 1}', "inspectionLevel": "DEBUG"})
        self.assertEqual(status, 200)
        self.assertEqual(answer, {
            "output": '{"r":{"n":1}}', "status": "SUCCEEDED", "inspectionData": {
                "input": '{"n": 1}', "afterInputPath": '{"n": 1}', "afterParameters": '{"n": 1}',
                "result": '{"got":{"n":1}}', "afterResultSelector": '{"r":{"n":1}}',
                "afterResultPath": '{"r":{"n":1}}'}})

    def test_a_function_that_raises_can_be_caught(self):
        _, answer = self.call({
            "definition": self.task(Catch=[{"ErrorEquals": ["ValueError"], "Next": "B"}]),
            "roleArn": ROLE, "input": '{"raise": "no"}', "inspectionLevel": "DEBUG"})
        self.assertEqual((answer["status"], answer["error"], answer["nextState"]),
                         ("CAUGHT_ERROR", "ValueError", "B"))
        self.assertEqual(answer["inspectionData"]["errorDetails"], {"catchIndex": 0})
        self.assertEqual(json.loads(answer["cause"])["errorMessage"], "no")

    def test_a_task_times_out(self):
        _, answer = self.call({
            "definition": self.task(TimeoutSeconds=1), "roleArn": ROLE, "input": '{"seconds": 250}'})
        self.assertEqual(answer, {"error": "States.Timeout", "status": "FAILED"})

    def test_a_wait_waits(self):
        began = time.monotonic()
        _, answer = self.call({"definition": {"Type": "Wait", "Seconds": 1, "Next": "B"}})
        self.assertEqual(answer["nextState"], "B")
        self.assertGreaterEqual(time.monotonic() - began, 0.9)

    def test_the_context_is_an_express_executions(self):
        _, answer = self.call({
            "definition": {"Type": "Pass", "QueryLanguage": "JSONata", "End": True,
                           "Output": "{% $states.context %}"}, "roleArn": ROLE, "input": "[1]"})
        context = json.loads(answer["output"])
        execution, machine = context["Execution"], context["StateMachine"]
        self.assertEqual(set(execution), {"Id", "Input", "Name", "RoleArn", "StartTime"})
        self.assertEqual(execution["Input"], [1])
        self.assertTrue(execution["Id"].endswith(f":express:{machine['Name']}:{execution['Name']}"))
        self.assertEqual(context["State"]["Name"], "StateName")

    def test_many_at_once(self):
        answers = []

        def one(n):
            answers.append(self.call({
                "definition": self.task(), "roleArn": ROLE, "input": json.dumps({"n": n})})[1])

        threads = [threading.Thread(target=one, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(json.loads(a["output"])["got"]["n"] for a in answers),
                         list(range(16)))

    def slow(self, mark):
        """An event for which the function makes a file and then goes on for minutes."""
        return {"mark": f"{self.folder.name}/{mark}", "seconds": 250}

    def wait_for_call(self, mark):
        until(Path(self.folder.name, mark).exists, "the function's call")

    def hold(self, url, definition, **more):
        """A client that asks and does not read the answer."""
        host, port = url[7:].split(":")
        body = json.dumps({"definition": json.dumps(definition), **more})
        client = socket.create_connection((host, int(port)))
        client.sendall((
            "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.TestState\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        return client

    def test_a_client_that_hangs_up_takes_its_test_along(self):
        for n in range(4):
            with self.hold(self.url, self.task(), roleArn=ROLE, input=json.dumps(self.slow(f"h{n}"))):
                self.wait_for_call(f"h{n}")
        self.assertEqual(self.call({"definition": {"Type": "Succeed"}})[1]["status"], "SUCCEEDED")

    def test_a_server_that_stops_gives_up_its_tests(self):
        server, url = self.serve()
        clients = [self.hold(url, {"Type": "Wait", "Seconds": 250, "End": True}),
                   self.hold(url, self.task(), roleArn=ROLE, input=json.dumps(self.slow("s")))]
        self.wait_for_call("s")
        status, said = server.stop()
        self.assertEqual(status, 0, said)
        for client in clients:
            client.close()


if __name__ == "__main__":
    unittest.main()
