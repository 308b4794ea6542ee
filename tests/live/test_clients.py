"""boto3, the AWS CLI and the AWS SDK for JavaScript drive a live server through every operation of
the API's model and every error that it names. What no test reaches fails; what cannot happen here
is listed in docs/reference/operations.json, with the reason."""

import json
import os
import resource
import select
import socket
import unittest

import clients
from server import ApiError, GAIT, ROOT, SECONDS_MAX, Server, until

REGION_ACCOUNT = "us-east-1:123456789012"
STATES = f"arn:aws:states:{REGION_ACCOUNT}:"
ROLE = "arn:aws:iam::123456789012:role/r"
PASS = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
WAIT = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 3600, "End": True}}})
FAIL = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E"}}})
MAP = json.dumps({"StartAt": "A", "States": {"A": {
    "Type": "Map", "End": True, "Label": "Items", "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 3600, "End": True}}}}}})

# Errors that no request is answered with, and the reasons: as the reference tells users.
REFERENCE = ROOT / "docs" / "reference" / "operations.json"
NEVER = {(n["operation"], n["error"]): n["why"] for n in json.loads(REFERENCE.read_text())["never"]}
# Errors that are answered, after more than a test can do.
BEYOND_A_TEST = {
    ("CreateStateMachine", "StateMachineLimitExceeded"): "takes 100,000 state machines",
    ("StartExecution", "ExecutionLimitExceeded"): "takes 1,000,000 open executions",
    ("RedriveExecution", "ExecutionLimitExceeded"): "takes 1,000,000 open executions",
}


class Drive:
    """One client's calls, and which pairs of operation and error they met ("" where there was none)."""

    def __init__(self, client, server):
        self.client, self.quick, self.reached = client, server, set()

    def do(self, operation, **arguments):
        output = self.client.call(operation, **arguments)
        self.reached.add((operation, ""))
        return output

    def refused(self, code, operation, **arguments):
        try:
            output = self.client.call(operation, **arguments)
        except clients.Refused as error:
            if error.code != code:
                raise AssertionError(f"{operation} should be refused by {code}: {error}") from None
            if not error.message:
                raise AssertionError(f"{operation}: {code} has no message") from None
            self.reached.add((operation, code))
        else:
            raise AssertionError(f"{operation} should be refused by {code}: {output}")

    def machine(self, name, definition=PASS, **others):
        return self.do("CreateStateMachine", name=name, definition=definition, roleArn=ROLE,
                       **others)["stateMachineArn"]

    def start(self, machine, **others):
        return self.do("StartExecution", stateMachineArn=machine, **others)["executionArn"]

    def deleting(self, name):
        """A state machine, an execution that keeps it from going, and a version and an alias of it."""
        machine = self.machine(name, WAIT)
        version = self.do("PublishStateMachineVersion", stateMachineArn=machine)["stateMachineVersionArn"]
        routes = [{"stateMachineVersionArn": version, "weight": 100}]
        alias = self.do("CreateStateMachineAlias", name="live", routingConfiguration=routes)
        execution = self.start(machine)
        self.do("DeleteStateMachine", stateMachineArn=machine)
        return machine, execution, routes, alias["stateMachineAliasArn"]


# ------------------------------------------------------------------------------ what is driven

def machines(d):
    arn = d.machine("m1", tracingConfiguration={"enabled": True}, tags=[{"key": "a", "value": "b"}])
    told = d.do("DescribeStateMachine", stateMachineArn=arn)
    assert told["definition"] == PASS and told["tracingConfiguration"] == {"enabled": True}, told
    assert arn in [m["stateMachineArn"] for m in d.do("ListStateMachines")["stateMachines"]]
    d.do("UpdateStateMachine", stateMachineArn=arn, definition=FAIL)
    d.do("DeleteStateMachine", stateMachineArn=d.machine("m2"))
    d.refused("StateMachineDoesNotExist", "DescribeStateMachine", stateMachineArn=STATES + "stateMachine:m2")
    d.refused("InvalidArn", "DescribeStateMachine", stateMachineArn="m1")
    d.refused("InvalidArn", "DeleteStateMachine", stateMachineArn="m1")
    d.refused("ValidationException", "DeleteStateMachine", stateMachineArn="x" * 257)
    d.refused("InvalidToken", "ListStateMachines", nextToken="none of ours")
    new = {"name": "m3", "definition": PASS, "roleArn": ROLE}
    bad_log = {"level": "ALL", "destinations": [{}, {}]}
    bad_key = {"type": "CUSTOMER_MANAGED_KMS_KEY"}
    for code, wrong in (
            ("InvalidArn", {"roleArn": "nobody"}), ("InvalidDefinition", {"definition": "{}"}),
            ("InvalidName", {"name": "a b"}), ("InvalidLoggingConfiguration", {"loggingConfiguration": bad_log}),
            ("StateMachineAlreadyExists", {"name": "m1"}), ("ValidationException", {"versionDescription": "d"}),
            ("TooManyTags", {"tags": [{"key": str(i), "value": ""} for i in range(51)]}),
            ("InvalidEncryptionConfiguration", {"encryptionConfiguration": bad_key})):
        d.refused(code, "CreateStateMachine", **{**new, **wrong})
    for code, wrong in (
            ("InvalidArn", {"stateMachineArn": "m1"}), ("InvalidDefinition", {"definition": "{}"}),
            ("InvalidLoggingConfiguration", {"loggingConfiguration": bad_log}),
            ("MissingRequiredParameter", {"definition": None}),
            ("StateMachineDoesNotExist", {"stateMachineArn": STATES + "stateMachine:none"}),
            ("ValidationException", {"versionDescription": "d"}),
            ("InvalidEncryptionConfiguration", {"encryptionConfiguration": bad_key})):
        arguments = {"stateMachineArn": arn, "definition": PASS, **wrong}
        d.refused(code, "UpdateStateMachine", **{k: v for k, v in arguments.items() if v})


def deleting_machines(d):
    machine, execution, routes, alias = d.deleting("going")
    again = {"name": "going", "definition": WAIT, "roleArn": ROLE}
    d.refused("StateMachineDeleting", "CreateStateMachine", **again)
    d.refused("StateMachineDeleting", "UpdateStateMachine", stateMachineArn=machine, definition=PASS)
    d.refused("StateMachineDeleting", "StartExecution", stateMachineArn=machine)
    d.refused("StateMachineDeleting", "PublishStateMachineVersion", stateMachineArn=machine)
    d.refused("StateMachineDeleting", "CreateStateMachineAlias", name="x", routingConfiguration=routes)
    d.refused("StateMachineDeleting", "UpdateStateMachineAlias", stateMachineAliasArn=alias,
              description="x")
    d.refused("StateMachineDeleting", "ListStateMachineAliases", stateMachineArn=machine)
    d.refused("StateMachineDeleting", "StartSyncExecution", stateMachineArn=machine)
    d.do("StopExecution", executionArn=execution)


def versions(d):
    arn = d.machine("v")
    made = d.do("PublishStateMachineVersion", stateMachineArn=arn, description="first")
    version = made["stateMachineVersionArn"]
    listed = d.do("ListStateMachineVersions", stateMachineArn=arn)["stateMachineVersions"]
    assert [v["stateMachineVersionArn"] for v in listed] == [version], listed
    for operation in ("PublishStateMachineVersion", "ListStateMachineVersions"):
        d.refused("InvalidArn", operation, stateMachineArn="v")
        d.refused("ValidationException", operation, stateMachineArn="x" * 257)
    d.refused("InvalidToken", "ListStateMachineVersions", stateMachineArn=arn, nextToken="x")
    d.refused("ConflictException", "PublishStateMachineVersion", stateMachineArn=arn, revisionId="x")
    d.refused("StateMachineDoesNotExist", "PublishStateMachineVersion", stateMachineArn=arn + "x")
    d.do("CreateStateMachineAlias", name="a", routingConfiguration=[
        {"stateMachineVersionArn": version, "weight": 100}])
    d.refused("ConflictException", "DeleteStateMachineVersion", stateMachineVersionArn=version)
    d.do("DeleteStateMachineAlias", stateMachineAliasArn=arn + ":a")
    d.do("DeleteStateMachineVersion", stateMachineVersionArn=version)
    d.refused("InvalidArn", "DeleteStateMachineVersion", stateMachineVersionArn="v")
    d.refused("ValidationException", "DeleteStateMachineVersion", stateMachineVersionArn="")


def aliases(d):
    arn = d.machine("a")
    version = d.do("PublishStateMachineVersion", stateMachineArn=arn)["stateMachineVersionArn"]
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = d.do("CreateStateMachineAlias", name="a", routingConfiguration=routes)["stateMachineAliasArn"]
    assert d.do("DescribeStateMachineAlias", stateMachineAliasArn=alias)["routingConfiguration"] == routes
    d.do("UpdateStateMachineAlias", stateMachineAliasArn=alias, description="d")
    listed = d.do("ListStateMachineAliases", stateMachineArn=arn)["stateMachineAliases"]
    assert [a["stateMachineAliasArn"] for a in listed] == [alias], listed
    missing = [{"stateMachineVersionArn": arn + ":7", "weight": 100}]
    d.refused("ResourceNotFound", "CreateStateMachineAlias", name="b", routingConfiguration=missing)
    d.refused("ConflictException", "CreateStateMachineAlias", name="a", routingConfiguration=routes,
              description="another")
    d.refused("ValidationException", "CreateStateMachineAlias", name="b", routingConfiguration=[
        {"stateMachineVersionArn": version, "weight": 99}])
    for operation in ("DescribeStateMachineAlias", "UpdateStateMachineAlias", "DeleteStateMachineAlias"):
        also = {"description": "x"} if operation.startswith("Update") else {}
        d.refused("InvalidArn", operation, stateMachineAliasArn="a", **also)
        d.refused("ValidationException", operation, stateMachineAliasArn="x" * 257, **also)
        if not operation.startswith("Delete"):
            d.refused("ResourceNotFound", operation, stateMachineAliasArn=arn + ":none", **also)
    d.refused("InvalidArn", "ListStateMachineAliases", stateMachineArn="a")
    d.refused("InvalidToken", "ListStateMachineAliases", stateMachineArn=arn, nextToken="x")
    d.refused("StateMachineDoesNotExist", "ListStateMachineAliases", stateMachineArn=arn + "x")
    d.refused("ResourceNotFound", "ListStateMachineAliases", stateMachineArn=arn + ":7")


def quotas_of_versions_and_aliases(d):
    """The preparation goes by a quick connection; the refusals by the client."""
    arn = d.machine("many")
    while True:
        version = d.quick.call("PublishStateMachineVersion", stateMachineArn=arn)
        number = int(version["stateMachineVersionArn"].rpartition(":")[2])
        routes = [{"stateMachineVersionArn": version["stateMachineVersionArn"], "weight": 100}]
        if number <= 100:
            d.quick.call("CreateStateMachineAlias", name=f"a{number}", routingConfiguration=routes)
        text = PASS.replace("{", '{"Comment":"%d",' % number, 1)
        d.quick.call("UpdateStateMachine", stateMachineArn=arn, definition=text)
        if number == 1000:
            break
    d.refused("ServiceQuotaExceededException", "PublishStateMachineVersion", stateMachineArn=arn)
    d.refused("ServiceQuotaExceededException", "UpdateStateMachine", stateMachineArn=arn,
              definition=FAIL, publish=True)
    d.refused("ServiceQuotaExceededException", "CreateStateMachineAlias", name="last",
              routingConfiguration=routes)


def executions(d):
    arn = d.machine("e", WAIT, tracingConfiguration={"enabled": True})
    passing = d.machine("e-pass")
    execution = d.start(arn, name="one", input='{"a":1}', traceHeader="Root=1-2-3")
    told = d.do("DescribeExecution", executionArn=execution)
    assert (told["status"], told["traceHeader"]) == ("RUNNING", "Root=1-2-3"), told
    events = d.do("GetExecutionHistory", executionArn=execution)["events"]
    assert events[0]["type"] == "ExecutionStarted", events
    machine = d.do("DescribeStateMachineForExecution", executionArn=execution)
    assert machine["stateMachineArn"] == arn, machine
    assert machine["tracingConfiguration"] == {"enabled": True}, machine
    listed = d.do("ListExecutions", stateMachineArn=arn)["executions"]
    assert [e["executionArn"] for e in listed] == [execution], listed
    d.do("StopExecution", executionArn=execution)
    for code, wrong in (
            ("ExecutionAlreadyExists", {"stateMachineArn": arn, "name": "one"}),
            ("InvalidArn", {"stateMachineArn": "e"}), ("InvalidExecutionInput", {"input": "{"}),
            ("InvalidName", {"name": "a b"}), ("StateMachineDoesNotExist", {"stateMachineArn": arn + "x"}),
            ("ValidationException", {"stateMachineArn": ""})):
        d.refused(code, "StartExecution", **{"stateMachineArn": passing, **wrong})
    for operation in ("DescribeExecution", "GetExecutionHistory", "DescribeStateMachineForExecution",
                      "StopExecution"):
        d.refused("InvalidArn", operation, executionArn="e")
        d.refused("ExecutionDoesNotExist", operation, executionArn=STATES + "execution:e:none")
    d.refused("ValidationException", "StopExecution", executionArn=execution, error="x" * 257)
    d.refused("InvalidToken", "GetExecutionHistory", executionArn=execution, nextToken="x")
    express = d.machine("e-express", type="EXPRESS")
    for code, wrong in (
            ("InvalidArn", {"stateMachineArn": "e"}), ("InvalidToken", {"nextToken": "x"}),
            ("StateMachineDoesNotExist", {"stateMachineArn": arn + "x"}),
            ("StateMachineTypeNotSupported", {"stateMachineArn": express}),
            ("ValidationException", {"mapRunArn": STATES + "mapRun:e/l:none"})):
        arguments = {"stateMachineArn": arn, **wrong}
        d.refused(code, "ListExecutions", **{k: v for k, v in arguments.items() if v})


def express_executions(d):
    arn, standard = d.machine("s", type="EXPRESS"), d.machine("s-standard")
    told = d.do("StartSyncExecution", stateMachineArn=arn, input='{"a":1}', traceHeader="Root=1-2-3")
    assert (told["status"], told["output"]) == ("SUCCEEDED", '{"a":1}'), told
    assert told["traceHeader"] == "Root=1-2-3", told
    for code, wrong in (
            ("InvalidArn", {"stateMachineArn": "s"}), ("InvalidExecutionInput", {"input": "{"}),
            ("InvalidName", {"name": "a b"}), ("StateMachineDoesNotExist", {"stateMachineArn": arn + "x"}),
            ("StateMachineTypeNotSupported", {"stateMachineArn": standard})):
        d.refused(code, "StartSyncExecution", **{"stateMachineArn": arn, **wrong})


def activities(d):
    arn = d.do("CreateActivity", name="act")["activityArn"]
    assert d.do("DescribeActivity", activityArn=arn)["name"] == "act"
    assert arn in [a["activityArn"] for a in d.do("ListActivities")["activities"]]
    definition = json.dumps({"StartAt": "A", "States": {"A": {
        "Type": "Task", "Resource": arn, "HeartbeatSeconds": 3600, "End": True}}})
    machine = d.machine("activity", definition)
    execution = d.start(machine, input="7")
    task = d.do("GetActivityTask", activityArn=arn, workerName="w")
    assert task["input"] == "7", task
    token = task["taskToken"]
    d.do("SendTaskHeartbeat", taskToken=token)
    d.refused("InvalidOutput", "SendTaskSuccess", taskToken=token, output="{")
    d.do("SendTaskSuccess", taskToken=token, output="8")
    assert d.quick.wait(execution)["output"] == "8"
    other = d.start(machine)
    d.do("SendTaskFailure", taskToken=d.do("GetActivityTask", activityArn=arn)["taskToken"], error="E")
    assert d.quick.wait(other)["error"] == "E"
    for operation, also in (("SendTaskHeartbeat", {}), ("SendTaskFailure", {}),
                            ("SendTaskSuccess", {"output": "1"})):
        d.refused("TaskTimedOut", operation, taskToken=token, **also)
        d.refused("InvalidToken", operation, taskToken="none of ours", **also)
    d.do("DeleteActivity", activityArn=arn)
    for operation in ("DescribeActivity", "GetActivityTask"):
        d.refused("ActivityDoesNotExist", operation, activityArn=arn)
    for operation in ("DescribeActivity", "GetActivityTask", "DeleteActivity"):
        d.refused("InvalidArn", operation, activityArn="act")
    d.refused("InvalidToken", "ListActivities", nextToken="x")
    for code, wrong in (
            ("InvalidName", {"name": "a b"}),
            ("TooManyTags", {"tags": [{"key": str(i), "value": ""} for i in range(51)]}),
            ("InvalidEncryptionConfiguration",
             {"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}})):
        d.refused(code, "CreateActivity", **{"name": "act", **wrong})
    d.do("CreateActivity", name="act")
    d.refused("ActivityAlreadyExists", "CreateActivity", name="act", encryptionConfiguration={
        "type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k"})


def a_thousand_workers(d):
    arn = d.do("CreateActivity", name="crowded")["activityArn"]
    body = json.dumps({"activityArn": arn}).encode()
    request = (b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.GetActivityTask\r\n"
               b"Content-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n" % len(body))
    workers = []
    answers = select.poll()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        for _ in range(1001):
            workers.append(socket.create_connection(("127.0.0.1", d.quick.port), timeout=SECONDS_MAX))
            answers.register(workers[-1], select.POLLIN)
            workers[-1].sendall(request + body)
        # One of them, whichever, is answered at once: all the others are waiting then.
        answered = {descriptor for descriptor, _ in answers.poll(1000 * SECONDS_MAX)}
        told = next(w for w in workers if w.fileno() in answered).recv(4096)
        assert b"ActivityWorkerLimitExceeded" in told, told
        d.refused("ActivityWorkerLimitExceeded", "GetActivityTask", activityArn=arn)
    finally:
        for worker in workers:
            worker.close()


def ten_thousand_activities(d):
    try:
        for number in range(10001):
            d.quick.call("CreateActivity", name=f"n{number}")
    except ApiError as error:
        assert error.name.endswith("ActivityLimitExceeded"), error
    d.refused("ActivityLimitExceeded", "CreateActivity", name="one-more")


def tags(d):
    arn = d.machine("t")
    d.do("TagResource", resourceArn=arn, tags=[{"key": "a", "value": "b"}])
    assert d.do("ListTagsForResource", resourceArn=arn)["tags"] == [{"key": "a", "value": "b"}]
    d.do("UntagResource", resourceArn=arn, tagKeys=["a"])
    d.refused("TooManyTags", "TagResource", resourceArn=arn, tags=[
        {"key": str(i), "value": ""} for i in range(51)])
    for operation, also in (("TagResource", {"tags": []}), ("UntagResource", {"tagKeys": []}),
                            ("ListTagsForResource", {})):
        d.refused("InvalidArn", operation, resourceArn="t", **also)
        d.refused("ResourceNotFound", operation, resourceArn=arn + "x", **also)


def test_state(d):
    state = json.dumps({"Type": "Pass", "End": True})
    told = d.do("TestState", definition=state, roleArn=ROLE, input='{"a":1}', inspectionLevel="TRACE")
    assert (told["status"], told["output"]) == ("SUCCEEDED", '{"a":1}'), told
    for code, wrong in (("InvalidArn", {"roleArn": "nobody"}), ("InvalidDefinition", {"definition": "{}"}),
                        ("InvalidExecutionInput", {"input": "{"}), ("ValidationException", {"variables": "7"})):
        d.refused(code, "TestState", **{"definition": state, "roleArn": ROLE, **wrong})


def validation(d):
    told = d.do("ValidateStateMachineDefinition", definition=PASS)
    assert told["result"] == "OK", told
    told = d.do("ValidateStateMachineDefinition", definition="{}")
    assert told["result"] == "FAIL" and told["diagnostics"], told
    d.refused("ValidationException", "ValidateStateMachineDefinition", definition="")


def redrive(d):
    failing, passing = d.machine("r", FAIL), d.machine("r-pass")
    execution, ended = d.start(failing), d.start(passing)
    d.quick.wait(execution)
    d.quick.wait(ended)
    d.do("RedriveExecution", executionArn=execution)
    assert d.quick.wait(execution)["redriveCount"] == 1
    d.refused("ExecutionNotRedrivable", "RedriveExecution", executionArn=ended)
    d.refused("ExecutionDoesNotExist", "RedriveExecution", executionArn=STATES + "execution:r:none")
    d.refused("InvalidArn", "RedriveExecution", executionArn="r")
    d.refused("ValidationException", "RedriveExecution", executionArn="x" * 257)


def map_runs(d):
    execution = d.start(d.machine("map", MAP), input="[1, 2]")
    runs = until(lambda: d.do("ListMapRuns", executionArn=execution)["mapRuns"], "a map run")
    assert len(runs) == 1, runs
    run = runs[0]["mapRunArn"]
    assert d.do("DescribeMapRun", mapRunArn=run)["status"] == "RUNNING"
    d.do("UpdateMapRun", mapRunArn=run, maxConcurrency=1)
    d.do("StopExecution", executionArn=execution)
    d.refused("ExecutionDoesNotExist", "ListMapRuns", executionArn=STATES + "execution:map:none")
    d.refused("InvalidArn", "ListMapRuns", executionArn="map")
    d.refused("InvalidToken", "ListMapRuns", executionArn=execution, nextToken="x")
    for operation, also in (("DescribeMapRun", {}), ("UpdateMapRun", {"maxConcurrency": 1})):
        d.refused("InvalidArn", operation, mapRunArn="map", **also)
        d.refused("ResourceNotFound", operation, mapRunArn=run + "0", **also)
    d.refused("ValidationException", "UpdateMapRun", mapRunArn=run, maxConcurrency=-1)
    d.refused("ResourceNotFound", "ListExecutions", mapRunArn=run + "0")


DRIVES = (machines, deleting_machines, versions, aliases, quotas_of_versions_and_aliases, executions,
          express_executions, activities, a_thousand_workers, tags, test_state, validation, redrive,
          map_runs, ten_thousand_activities)
# What the server says that it cannot do yet is not driven, and told as skipped: operations, and
# pairs of operation and error.
LATER = {redrive: {"RedriveExecution"},
         map_runs: {"ListMapRuns", "DescribeMapRun", "UpdateMapRun",
                    ("ListExecutions", "ResourceNotFound")}}


def is_never(operation, error):
    return not {("*", error), (operation, error)}.isdisjoint({*NEVER, *BEYOND_A_TEST})


class Outcomes:
    """All drives of one client on one server: what failed, what was skipped, what was reached."""

    def __init__(self, client_class):
        self.failures, self.later = {}, {}
        server = Server("--memory")
        client = client_class(f"http://127.0.0.1:{server.port}")
        drive = Drive(client, server)
        try:
            for run in DRIVES:
                try:
                    run(drive)
                except clients.Refused as error:
                    if error.code == "UnknownOperationException" and run in LATER:
                        self.later[run] = error.message
                    else:
                        self.failures[run] = error
                except Exception as error:  # told by the drive's own test
                    self.failures[run] = error
        finally:
            client.close()
            self.ended = server.stop()
        self.reached = drive.reached


class Clients(unittest.TestCase):
    client_class = None

    @classmethod
    def setUpClass(cls):
        if cls.client_class is None:
            raise unittest.SkipTest("what the three clients share")
        if cls.client_class.missing:
            raise unittest.SkipTest(cls.client_class.missing)
        if clients.boto3 is None:
            raise unittest.SkipTest("the API's model comes with botocore: tools/install-test-clients")
        if not os.access(GAIT, os.X_OK):
            raise unittest.SkipTest(f"no program at {GAIT}")
        cls.outcomes = Outcomes(cls.client_class)

    def test_every_operation_and_error_of_the_model_is_reached(self):
        model = clients.botocore.session.get_session().get_service_model("stepfunctions")
        later = set().union(*(LATER[run] for run in self.outcomes.later))
        pairs = set()
        for operation in model.operation_names:
            if operation not in later:
                pairs.add((operation, ""))
                pairs |= {(operation, e.name) for e in model.operation_model(operation).error_shapes}
        unexpected = {p for p in pairs if p[1] and is_never(*p)}
        missed = pairs - unexpected - later - self.outcomes.reached
        self.assertEqual(sorted(missed), [], "no test reaches these")
        self.assertEqual(sorted(unexpected & self.outcomes.reached), [], "this happens after all")
        unknown = {p for p in {*NEVER, *BEYOND_A_TEST} if p[0] != "*" and p[0] not in later} - pairs
        self.assertEqual(unknown, set(), "not in the model")

    def test_the_server_stops_without_a_complaint(self):
        self.assertEqual(self.outcomes.ended[0], 0, self.outcomes.ended[1])


def driven(run):
    def test(self):
        if run in self.outcomes.later:
            self.skipTest(self.outcomes.later[run])
        if run in self.outcomes.failures:
            raise self.outcomes.failures[run]
    return test


for one in DRIVES:
    setattr(Clients, f"test_{one.__name__.removeprefix('test_')}_are_as_in_aws", driven(one))


class ByBoto(Clients):
    client_class = clients.Boto


class ByCli(Clients):
    client_class = clients.Cli


class ByJavaScript(Clients):
    client_class = clients.JavaScript


def load_tests(loader, standard, pattern):
    """Without the class that they share."""
    return unittest.TestSuite(loader.loadTestsFromTestCase(c) for c in (ByBoto, ByCli, ByJavaScript))


if __name__ == "__main__":
    unittest.main()
