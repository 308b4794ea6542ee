"""A server that is killed while a task is in flight, for each kind of task: the task goes on after the next
start, as the same call, and its history tells of one.

Jobs of .sync: test_jobs.py; children and map runs killed again and again: test_children.py,
test_map_run.py; everything at random: test_crash.py.
"""

import json
import os
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import postgresql  # noqa: E402: found by the lines above
from server import GAIT, SECONDS_MAX, Client, Server, lines_of, until  # noqa: E402

ROLE = "arn:aws:iam::123456789012:role/r"
MODELS = Path(GAIT).parent / "aws-models"

# Notes its request id, and goes on with the first call as long as the test.
FUNCTION = """
import os, pathlib, time
def handler(event, context):
    seen = pathlib.Path(event["log"])
    with seen.open("a") as log:
        log.write(context.aws_request_id + "\\n")
    if len(seen.read_text().split()) == 1:
        while seen.exists():
            time.sleep(0.1)
    return event["n"]
"""
# Ends once its file is there.
JOB = """
import os, sys, time
from awsglue.utils import getResolvedOptions
while not os.path.exists(getResolvedOptions(sys.argv, ["file"])["file"]):
    time.sleep(0.05)
"""


class Endpoint:
    """Holds back its first answer to each kind of request, but the looks after a job; notes them all."""

    def __init__(self):
        self.seen, self.lock, self.release = {}, threading.Lock(), threading.Event()
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                what = self.headers.get("X-Amz-Target", self.path)
                with endpoint.lock:
                    requests = endpoint.seen.setdefault(what, [])
                    requests.append(body)
                    is_held = len(requests) == 1 and "GetQuery" not in what
                if is_held:
                    endpoint.release.wait(SECONDS_MAX)
                    self.close_connection = True
                    return
                answer = json.dumps(ANSWERS.get(what, {"fine": True})).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # who is killed hangs up
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    def requests(self, what):
        with self.lock:
            return list(self.seen.get(what, []))


ANSWERS = {
    "AmazonAthena.StartQueryExecution": {"QueryExecutionId": "q"},
    "AmazonAthena.GetQueryExecution": {"QueryExecution": {"QueryExecutionId": "q",
                                                          "Status": {"State": "SUCCEEDED"}}},
    "DynamoDB_20120810.GetItem": {"Item": {}},
    "DynamoDB_20120810.TransactWriteItems": {},
}


def task(resource, parameters=None, **more):
    prefix = "" if resource.startswith("arn:") else "arn:aws:states:::"
    state = {"Type": "Task", "Resource": prefix + resource, "End": True, **more}
    if parameters is not None:
        state["Parameters"] = parameters
    return {"StartAt": "T", "States": {"T": state}}


class Case:
    """How a task is begun, when it is in flight, and what has to be true in the end."""

    def __init__(self, definition, in_flight, check=None, given=None, go_on=None):
        self.definition, self.in_flight, self.check = definition, in_flight, check
        self.given, self.go_on = given or {}, go_on


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
@unittest.skipUnless(MODELS.exists(), f"no AWS service models at {MODELS}")
class Restart(unittest.TestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory(prefix="gait-restart-")
        self.addCleanup(home.cleanup)
        self.home = Path(home.name)
        for name, file, text in (("functions/slow", "handler.py", FUNCTION), ("data/s3/code", "job.py", JOB)):
            (self.home / name).mkdir(parents=True)
            (self.home / name / file).write_text(text)
        (self.home / "functions/slow/function.json").write_text('{"timeout": 900}')
        self.endpoint = Endpoint()
        self.addCleanup(lambda: self.endpoint.close())
        self.config = {
            "aws": {"timeoutSeconds": 600, "services": {name: {"endpoint": self.endpoint.url} for name in ("dynamodb", "athena")}},
            "connections": {"c": {"AuthorizationType": "API_KEY", "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "v"}}}},
            "glue": {"jobs": {"load": {"Role": "r", "Command": {
                "Name": "pythonshell", "ScriptLocation": "s3://code/job.py"}}}}}
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("AWS_", "PG"))}
        patch = mock.patch.dict(os.environ, clean, clear=True)
        patch.start()
        self.addCleanup(patch.stop)
        self.server = None
        self.activity, self.items, self.leaf = (
            "arn:aws:states:us-east-1:123456789012:activity:" + name for name in ("work", "items", "leaf"))

    def start_server(self):
        (self.home / "config.json").write_text(json.dumps(self.config))
        self.server = Server("--data", str(self.home / "data"), "--functions", str(self.home / "functions"),
                             "--config", str(self.home / "config.json"), variables={"HOME": str(self.home)})
        self.addCleanup(self.server.kill)

    def machine(self, name, definition):
        return self.server.call("CreateStateMachine", name=name, roleArn=ROLE,
                                definition=json.dumps(definition))["stateMachineArn"]

    def events(self, arn, kind):
        return [event for event in self.server.history(arn) if event["type"] == kind]

    def has(self, kind):
        return lambda arn: bool(self.events(arn, kind))

    def asked(self, what, times=1):
        return lambda arn: len(self.endpoint.requests(what)) >= times

    # -------------------------------------------------------------------------------- the kinds

    def function(self, resource, parameters, name):
        log = self.home / (name + ".log")

        def check(told, arn):
            ids = log.read_text().split()
            self.assertEqual((len(ids), len(set(ids))), (2, 1), "called twice under one request id")
            self.assertEqual(json.loads(told["output"]), 7)

        more = {"OutputPath": "$.Payload"} if parameters else {}
        return Case(task(resource, parameters, **more), lambda arn: lines_of(log), check,
                    {"n": 7, "log": str(log)})

    def request(self, resource, parameters, what, token=None):
        def check(told, arn):
            requests = self.endpoint.requests(what)
            self.assertEqual(len(requests), 2)
            self.assertEqual(requests[0], requests[1])
            if token:
                self.assertRegex(json.loads(requests[0])[token], "^[0-9a-f-]{36}$")

        return Case(task(resource, parameters), self.asked(what), check)

    def cases(self):
        item = {"TableName": "t", "Key": {"id": {"S": "1"}}}
        put = {"TransactItems": [{"Put": {"TableName": "t", "Item": {"id": {"S": "1"}}}}]}
        leaf = self.machine("leaf", {"StartAt": "L", "States": {
            "L": {"Type": "Task", "Resource": self.leaf, "ResultPath": None, "End": True}}})
        carrier = self.machine("carrier", {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
        return {
            "function": self.function("arn:aws:lambda:us-east-1:123456789012:function:slow", None, "arn"),
            "lambda:invoke": self.function("lambda:invoke", {"FunctionName": "slow", "Payload.$": "$"},
                                           "invoke"),
            "aws-sdk": self.request("aws-sdk:dynamodb:transactWriteItems", put,
                                    "DynamoDB_20120810.TransactWriteItems", "ClientRequestToken"),
            "optimized": self.request("dynamodb:getItem", item, "DynamoDB_20120810.GetItem"),
            "http": Case(task("http:invoke", {
                "ApiEndpoint": self.endpoint.url + "/http", "Method": "POST", "RequestBody": {"a": 1},
                "Authentication": {"ConnectionArn": "c"}}), self.asked("/http"), lambda told, arn:
                self.assertEqual(self.endpoint.requests("/http"), ['{"a":1}'] * 2)),
            # its submission is lost with the server: begun again under the same token
            "sync, not yet submitted": self.request(
                "athena:startQueryExecution.sync", {"QueryString": "select 1"},
                "AmazonAthena.StartQueryExecution", "ClientRequestToken"),
            "token": Case(task("aws-sdk:sfn:startExecution.waitForTaskToken", {
                "StateMachineArn": carrier, "Name.$": "$$.Execution.Name", "Input.$": "States.JsonToString($$.Task)"}),
                self.has("TaskSubmitted"), self.check_output("by token"), go_on=self.send_token),
            "activity": Case(task(self.activity, {"n": 1}), self.take_activity,
                             self.check_output("by worker"), go_on=self.end_activity),
            "child": Case(task("states:startExecution.sync:2", {"StateMachineArn": leaf, "Input": {"n": 3}}),
                          self.has("TaskSubmitted"), lambda told, arn:
                          self.assertEqual(json.loads(told["output"])["Output"], {"n": 3}),
                          go_on=lambda arn: self.do_work(self.leaf, 1)),
            "map run": Case({"StartAt": "M", "States": {"M": {
                "Type": "Map", "End": True, "ItemsPath": "$.items", "MaxConcurrency": 2, "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "W", "States": {"W": {"Type": "Task", "Resource": self.items,
                                                     "ResultPath": None, "End": True}}}}}},
                self.has("MapRunStarted"), self.check_map_run, {"items": [1, 2, 3, 4, 5]},
                go_on=lambda arn: self.do_work(self.items, 5)),
        }

    def check_output(self, wanted):
        return lambda told, arn: self.assertEqual(json.loads(told["output"]), wanted)

    def check_map_run(self, told, arn):
        self.assertEqual(json.loads(told["output"]), [1, 2, 3, 4, 5])
        self.assertEqual(len(self.events(arn, "MapRunStarted")), 1)

    def send_token(self, arn):
        scheduled = self.events(arn, "TaskScheduled")[0]["taskScheduledEventDetails"]
        token = json.loads(json.loads(scheduled["parameters"])["Input"])["Token"]
        self.server.call("SendTaskSuccess", taskToken=token, output='"by token"')

    def do_work(self, activity, count):
        for _ in range(count):
            token = self.server.call("GetActivityTask", activityArn=activity)["taskToken"]
            self.server.call("SendTaskSuccess", taskToken=token, output="1")

    def take_activity(self, arn):
        worker = Client(self.server.port)
        self.token = worker.call("GetActivityTask", activityArn=self.activity)["taskToken"]
        worker.close()
        return bool(self.token)

    def end_activity(self, _):
        self.server.call("SendTaskHeartbeat", taskToken=self.token)
        self.server.call("SendTaskSuccess", taskToken=self.token, output='"by worker"')

    # ------------------------------------------------------------------------------------- tests

    def run_cases(self, cases):
        """Begins all, kills the server once they are in flight, and looks how they end."""
        started = {}
        for number, (name, case) in enumerate(cases.items()):
            machine = self.machine(f"case-{number}", case.definition)
            started[name] = self.server.call("StartExecution", stateMachineArn=machine,
                                             input=json.dumps(case.given))["executionArn"]
        for name, arn in started.items():
            until(lambda n=name, a=arn: cases[n].in_flight(a), f"{name} is in flight")
        for name, arn in started.items():
            told = self.server.call("DescribeExecution", executionArn=arn)
            self.assertEqual(told["status"], "RUNNING", (name, told))
        self.server.kill()
        self.start_server()
        for name, arn in started.items():
            if cases[name].go_on:
                cases[name].go_on(arn)
        for name, arn in started.items():
            with self.subTest(name):
                told = self.server.wait(arn)
                self.assertEqual(told["status"], "SUCCEEDED", told)
                events = self.server.history(arn)
                self.assertEqual([e["id"] for e in events], list(range(1, len(events) + 1)))
                types = [e["type"] for e in events]
                for once in ("TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded",
                             "LambdaFunctionScheduled", "LambdaFunctionSucceeded", "ActivityScheduled",
                             "ActivityStarted", "TaskStateEntered"):
                    self.assertLessEqual(types.count(once), 1, types)
                if cases[name].check:
                    cases[name].check(told, arn)

    def test_each_kind_of_task_goes_on(self):
        self.start_server()
        for name in ("work", "items", "leaf"):
            self.server.call("CreateActivity", name=name)
        self.run_cases(self.cases())
        code, said = self.server.stop()
        self.assertEqual(code, 0, said)

    def test_a_local_job_is_told_as_cut_off_and_can_be_retried(self):
        """Its process goes with the server: the run has failed, and Retry starts another one."""
        self.start_server()
        go = self.home / "go"
        machine = self.machine("job", task(
            "glue:startJobRun.sync", {"JobName": "load", "Arguments": {"--file": str(go)}},
            Retry=[{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 2}]))
        arn = self.server.call("StartExecution", stateMachineArn=machine)["executionArn"]
        self.server.wait_for_event(arn, "TaskSubmitted")
        self.server.kill()
        self.start_server()
        go.touch()
        told = self.server.wait(arn)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(len(self.events(arn, "TaskSubmitted")), 2)


@unittest.skipUnless(postgresql.programs(), "no PostgreSQL server is installed here")
class RestartStatement(Restart):
    """Statements of the local Redshift Data API; the others' tests are the class above's."""

    test_each_kind_of_task_goes_on = None
    test_a_local_job_is_told_as_cut_off_and_can_be_retried = None

    def test_a_statement_goes_on_as_cut_off(self):
        """The statement's session is gone with the server; what describes it after that says so."""
        database = postgresql.Server()
        self.addCleanup(database.stop)
        self.config["redshift-data"] = {"connection": " ".join(
            f"{name}={database.environment[variable]}" for name, variable in (
                ("host", "PGHOST"), ("user", "PGUSER"), ("dbname", "PGDATABASE")))}
        self.start_server()
        self.server.call("CreateActivity", name="work")
        machine = self.machine("statement", {"StartAt": "Run", "States": {
            "Run": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:redshiftdata:executeStatement",
                    "Parameters": {"Database": "dev", "Sql": "select pg_sleep(600)"}, "Next": "Work"},
            "Work": {"Type": "Task", "Resource": self.activity, "ResultPath": None, "Next": "Look"},
            "Look": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:redshiftdata:describeStatement",
                     "Parameters": {"Id.$": "$.Id"}, "End": True}}})
        arn = self.server.call("StartExecution", stateMachineArn=machine, input="{}")["executionArn"]
        self.server.wait_for_event(arn, "ActivityScheduled")
        self.server.kill()
        self.start_server()
        self.do_work(self.activity, 1)
        told = self.server.wait(arn)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(json.loads(told["output"])["Status"], "FAILED")


if __name__ == "__main__":
    unittest.main()
