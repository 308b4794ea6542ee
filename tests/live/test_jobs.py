"""Jobs of the optimized integrations (.sync), against an endpoint that plays AWS: jobs that end well,
badly and late, that are stopped, that time out, that cannot be submitted or described; and a server
that is killed in the middle."""

import json
import os
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, SECONDS_MAX, Server, until  # noqa: E402: found by the line above

ROLE = "arn:aws:iam::123456789012:role/r"
ENDED = {"good": 0, "bad": 1}


class Fake:
    """Services whose operations are told apart by X-Amz-Target (AWS JSON) or by their path (REST)."""

    def __init__(self):
        self.jobs, self.calls, self.lock = {}, [], threading.Lock()
        self.refusals = {}  # operation: how many times it is answered with an error first
        self.held = {}  # operation: an event that its answer waits for
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                size = int(self.headers.get("Content-Length") or 0)
                given = json.loads(self.rfile.read(size) or b"{}")
                target = self.headers.get("X-Amz-Target", "").split(".")[-1]
                status, answer = fake.answer(target or self.path.strip("/"), given)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("x-amzn-RequestId", "11111111-2222-3333-4444-555555555555")
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_DELETE = do_POST

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # who is killed hangs up
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def names(self):
        with self.lock:
            return [name for name, _ in self.calls]

    def answer(self, operation, given):
        with self.lock:
            self.calls.append((operation, given))
            if self.refusals.get(operation, 0) > 0:
                self.refusals[operation] -= 1
                return 400, {"__type": "InternalThing", "message": "not now"}
        if operation in self.held:
            self.held[operation].wait(SECONDS_MAX)
        return getattr(self, operation.replace("/", "_").lower())(given)

    def begin(self, kind, name):
        """A job whose name says how it ends ("good-...", "bad-...") and after how many looks, or when told."""
        with self.lock:
            job = f"{kind}-{len(self.jobs) + 1}"
            parts = name.split("-")
            looks = 1 << 30 if parts[1] == "held" else int(parts[1])
            self.jobs[job] = {"name": name, "end": parts[0], "looks": looks, "stopped": False}
            return job

    def let_end(self):
        """Those that are held ("good-held") end at the next look."""
        with self.lock:
            for job in self.jobs.values():
                job["looks"] = 0

    def look(self, job, running, good, bad, stopped):
        with self.lock:
            state = self.jobs[job]
            if state["stopped"]:
                return stopped
            state["looks"] -= 1
            return running if state["looks"] >= 0 else good if state["end"] == "good" else bad

    def stop(self, job):
        with self.lock:
            self.jobs[job]["stopped"] = True

    # ---- Glue
    def startjobrun(self, given):
        return 200, {"JobRunId": self.begin("jr", given["JobName"])}

    def getjobrun(self, given):
        return 200, {"JobRun": {"Id": given["RunId"], "JobName": given["JobName"], "StartedOn": 1700000000.5,
                                "JobRunState": self.look(given["RunId"], "RUNNING", "SUCCEEDED",
                                                         "FAILED", "STOPPED")}}

    def batchstopjobrun(self, given):
        self.stop(given["JobRunIds"][0])
        return 200, {"SuccessfulSubmissions": [], "Errors": []}

    # ---- SageMaker
    def createtrainingjob(self, given):
        name = given["TrainingJobName"]
        job = self.begin("training", name)
        self.jobs[name] = self.jobs.pop(job)
        return 200, {"TrainingJobArn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/" + name}

    def describetrainingjob(self, given):
        name = given["TrainingJobName"]
        return 200, {"TrainingJobName": name, "TrainingJobStatus": self.look(
            name, "InProgress", "Completed", "Failed", "Stopped")}

    def stoptrainingjob(self, given):
        self.stop(given["TrainingJobName"])
        return 200, {}

    # ---- Athena
    def startqueryexecution(self, given):
        return 200, {"QueryExecutionId": self.begin("query", given["QueryString"])}

    def getqueryexecution(self, given):
        job = given["QueryExecutionId"]
        return 200, {"QueryExecution": {"QueryExecutionId": job, "Status": {"State": self.look(
            job, "QUEUED", "SUCCEEDED", "FAILED", "CANCELLED")}}}

    def stopqueryexecution(self, given):
        self.stop(given["QueryExecutionId"])
        return 200, {}

    # ---- Batch (REST)
    def v1_submitjob(self, given):
        return 200, {"jobName": given["jobName"], "jobId": self.begin("batch", given["jobName"])}

    def v1_describejobs(self, given):
        job = given["jobs"][0]
        return 200, {"jobs": [{"jobId": job, "jobName": self.jobs[job]["name"], "createdAt": 1700000000123,
                               "jobQueue": "q", "jobDefinition": "d", "startedAt": 1,
                               "status": self.look(job, "RUNNABLE", "SUCCEEDED", "FAILED", "FAILED")}]}

    def v1_terminatejob(self, given):
        self.stop(given["jobId"])
        return 200, {}

    # ---- ECS
    def runtask(self, given):
        return 200, {"tasks": [{"taskArn": self.begin("task", given["taskDefinition"]),
                                "lastStatus": "PROVISIONING"}], "failures": []}

    def describetasks(self, given):
        job = given["tasks"][0]
        state = self.look(job, "RUNNING", "STOPPED", "STOPPED", "STOPPED")
        code = ENDED[self.jobs[job]["end"]] if not self.jobs[job]["stopped"] else 137
        return 200, {"tasks": [{"taskArn": job, "lastStatus": state, "createdAt": 1700000000.25,
                                "containers": [{"name": "c", "exitCode": code}]}], "failures": []}

    def stoptask(self, given):
        self.stop(given["task"])
        return 200, {}

    # ---- CodeBuild
    def startbuild(self, given):
        return 200, {"build": {"id": self.begin("build", given["projectName"]), "buildStatus": "IN_PROGRESS"}}

    def batchgetbuilds(self, given):
        job = given["ids"][0]
        return 200, {"builds": [{"id": job, "buildStatus": self.look(
            job, "IN_PROGRESS", "SUCCEEDED", "FAILED", "STOPPED")}]}

    def stopbuild(self, given):
        self.stop(given["id"])
        return 200, {"build": {"id": given["id"]}}

    # ---- EMR
    def addjobflowsteps(self, given):
        return 200, {"StepIds": [self.begin("s", given["Steps"][0]["Name"])]}

    def describestep(self, given):
        job = given["StepId"]
        return 200, {"Step": {"Id": job, "Status": {"State": self.look(
            job, "PENDING", "COMPLETED", "FAILED", "CANCELLED")}}}

    def cancelsteps(self, given):
        self.stop(given["StepIds"][0])
        return 200, {"CancelStepsInfoList": []}

    @staticmethod
    def page(given, kind):
        """Two pages, the second of which has what is looked for."""
        if "Marker" not in given:
            return 200, {kind: [{"Id": "i-1", "Name": "MASTER"}, {"Id": "i-2"}], "Marker": "more"}
        return 200, {kind: [{"Id": "i-3", "Name": "Core"}, {"Id": "i-4", "Name": "Core"}]}

    def listinstancegroups(self, given):
        return self.page(given, "InstanceGroups")

    def listinstancefleets(self, given):
        return self.page(given, "InstanceFleets")

    def modifyinstancegroups(self, _):
        return 200, {}

    modifyinstancefleet = modifyinstancegroups


TRAINING = {"RoleArn": ROLE, "AlgorithmSpecification": {"TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://b/p"}, "StoppingCondition": {},
            "ResourceConfig": {"VolumeSizeInGB": 1, "InstanceCount": 1, "InstanceType": "ml.m5.large"}}

# resource: (parameters of a job's name, how to find its end in the result, the operation that stops it)
KINDS = {
    "glue:startJobRun": (lambda n: {"JobName": n}, ("JobRunState", "SUCCEEDED", "FAILED"),
                         "BatchStopJobRun"),
    "sagemaker:createTrainingJob": (lambda n: {"TrainingJobName": n, **TRAINING},
                                    ("TrainingJobStatus", "Completed", "Failed"), "StopTrainingJob"),
    "athena:startQueryExecution": (lambda n: {"QueryString": n},
                                   ("QueryExecution.Status.State", "SUCCEEDED", "FAILED"),
                                   "StopQueryExecution"),
    "batch:submitJob": (lambda n: {"JobName": n, "JobQueue": "q", "JobDefinition": "d"},
                        ("Status", "SUCCEEDED", "FAILED"), "v1/terminatejob"),
    "ecs:runTask": (lambda n: {"TaskDefinition": n}, ("LastStatus", "STOPPED", "STOPPED"), "StopTask"),
    "codebuild:startBuild": (lambda n: {"ProjectName": n}, ("Build.BuildStatus", "SUCCEEDED", "FAILED"),
                             "StopBuild"),
    "elasticmapreduce:addStep": (lambda n: {"ClusterId": "j-1", "Step": {
        "Name": n, "HadoopJarStep": {"Jar": "x.jar"}}}, ("Step.Status.State", "COMPLETED", "FAILED"),
        "CancelSteps"),
}


def find(value, path):
    for part in path.split("."):
        value = value[part]
    return value


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Jobs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.fake = Fake()
        self.addCleanup(lambda: self.fake.close())
        config = Path(folder.name) / "gait.json"
        config.write_text(json.dumps({"aws": {"endpoint": self.fake.url, "timeoutSeconds": 600}}))
        self.options = ("--data", str(Path(folder.name) / "data"), "--config", str(config))
        self.server = Server(*self.options)
        self.addCleanup(lambda: self.server.kill())

    def start(self, resource, name, pattern=".sync", **more):
        state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}{pattern}",
                 "Parameters": KINDS[resource][0](name), "End": True, **more}
        machine = self.server.call(
            "CreateStateMachine", name=f"m{time.monotonic_ns()}", roleArn=ROLE,
            definition=json.dumps({"StartAt": "S", "States": {"S": state}}))["stateMachineArn"]
        return self.server.call("StartExecution", stateMachineArn=machine, input="{}")["executionArn"]

    def modify(self, kind, **more):
        """What becomes of a fleet or group that is modified by its name."""
        machine = self.server.call(
            "CreateStateMachine", name=f"m{time.monotonic_ns()}", roleArn=ROLE,
            definition=json.dumps({"StartAt": "S", "States": {"S": {
                "Type": "Task", "End": True, "Parameters": {"ClusterId": "j-1", **more},
                "Resource": f"arn:aws:states:::elasticmapreduce:modifyInstance{kind}ByName"}}}))
        arn = self.server.call("StartExecution", stateMachineArn=machine["stateMachineArn"])
        return self.server.wait(arn["executionArn"])

    def test_fleets_and_groups_are_modified_by_their_names(self):
        told = self.modify("Group", InstanceGroupName="Core", InstanceGroup={"InstanceCount": 8})
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertIn("SdkHttpMetadata", told["output"])
        told = self.modify("Fleet", InstanceFleetName="Core", InstanceFleet={"TargetSpotCapacity": 0})
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(self.fake.calls, [
            ("ListInstanceGroups", {"ClusterId": "j-1"}),
            ("ListInstanceGroups", {"ClusterId": "j-1", "Marker": "more"}),
            ("ModifyInstanceGroups", {"ClusterId": "j-1", "InstanceGroups": [
                {"InstanceGroupId": "i-3", "InstanceCount": 8}]}),
            ("ListInstanceFleets", {"ClusterId": "j-1"}),
            ("ListInstanceFleets", {"ClusterId": "j-1", "Marker": "more"}),
            ("ModifyInstanceFleet", {"ClusterId": "j-1", "InstanceFleet": {
                "InstanceFleetId": "i-3", "TargetSpotCapacity": 0}})])

    def test_what_no_fleet_and_no_group_is_called(self):
        told = self.modify("Group", InstanceGroupName="None", InstanceGroup={"InstanceCount": 8})
        self.assertEqual(told["error"], "ElasticMapReduce.AmazonElasticMapReduceException")
        self.assertIn("'None'", told["cause"])
        self.assertNotIn("ModifyInstanceGroups", self.fake.names())
        self.fake.refusals["ListInstanceFleets"] = 9
        told = self.modify("Fleet", InstanceFleetName="Core", InstanceFleet={})
        self.assertTrue(told["error"].startswith("ElasticMapReduce."), told)
        told = self.modify("Group", InstanceGroupName="Core", InstanceGroup={
            "InstanceGroupId": "i-1"})
        self.assertEqual(told["error"], "States.Runtime")

    def types(self, arn):
        return [event["type"] for event in self.server.history(arn)]

    def test_jobs_end_well_and_badly(self):
        started = {(kind, end): self.start(kind, f"{end}-1") for kind in KINDS for end in ENDED}
        for (kind, end), arn in started.items():
            told = self.server.wait(arn)
            path, good, bad = KINDS[kind][1]
            events = self.server.history(arn)
            self.assertEqual([e["type"] for e in events][2:5],
                             ["TaskScheduled", "TaskStarted", "TaskSubmitted"], kind)
            self.assertIn("SdkHttpMetadata", events[4]["taskSubmittedEventDetails"]["output"])
            if end == "good":
                self.assertEqual(told["status"], "SUCCEEDED", (kind, told))
                result = json.loads(told["output"])
                self.assertEqual(find(result, path), good, kind)
                self.assertEqual(list(result), sorted(result), kind)
            else:
                self.assertEqual(told["error"], "States.TaskFailed", (kind, told))
                self.assertEqual(find(json.loads(told["cause"]), path), bad, kind)

    def test_times_are_milliseconds(self):
        told = self.server.wait(self.start("glue:startJobRun", "good-0"))
        self.assertEqual(json.loads(told["output"])["StartedOn"], 1700000000500)
        told = self.server.wait(self.start("batch:submitJob", "good-0"))
        self.assertEqual(json.loads(told["output"])["CreatedAt"], 1700000000123)

    def test_a_stopped_execution_cancels_its_job(self):
        started = {kind: self.start(kind, "good-held") for kind in KINDS}
        for kind, arn in started.items():
            self.server.wait_for_event(arn, "TaskSubmitted")
            self.server.call("StopExecution", executionArn=arn)
            until(lambda k=kind: KINDS[k][2] in self.fake.names(), KINDS[kind][2])
        until(lambda: all(job["stopped"] for job in self.fake.jobs.values()), "the stop of all")

    def test_a_task_that_times_out_cancels_its_job(self):
        for seconds in (1, 5, 25):  # until the job is submitted before that
            arn = self.start("glue:startJobRun", "good-held", TimeoutSeconds=seconds)
            self.assertEqual(self.server.wait(arn)["error"], "States.Timeout")
            if "TaskSubmitted" in self.types(arn):
                break
        until(lambda: "BatchStopJobRun" in self.fake.names(), "BatchStopJobRun")

    def test_request_response_does_not_wait(self):
        told = self.server.wait(self.start("glue:startJobRun", "good-held", pattern=""))
        self.assertEqual(json.loads(told["output"])["JobRunId"], "jr-1")
        self.assertNotIn("GetJobRun", self.fake.names())

    def test_a_refused_submission(self):
        self.fake.refusals["StartJobRun"] = 9
        arn = self.start("glue:startJobRun", "good-0")
        told = self.server.wait(arn)
        self.assertEqual(self.types(arn)[4], "TaskSubmitFailed")
        self.assertEqual(told["error"], "Glue.AWSGlueException")
        self.assertEqual(told["cause"], "not now (Service: AWSGlue; Status Code: 400; Error Code: "
                         "InternalThing; Request ID: 11111111-2222-3333-4444-555555555555; Proxy: null)")

    def test_a_job_that_cannot_be_described_for_a_while(self):
        self.fake.refusals["GetJobRun"] = 2
        told = self.server.wait(self.start("glue:startJobRun", "good-0"))
        self.assertEqual(told["status"], "SUCCEEDED")
        self.fake.refusals["GetJobRun"] = 100
        told = self.server.wait(self.start("glue:startJobRun", "good-0"))
        self.assertEqual(told["error"], "Glue.AWSGlueException")

    def test_a_restart_finds_the_jobs_again(self):
        started = {kind: self.start(kind, "good-held") for kind in KINDS}
        for arn in started.values():
            self.server.wait_for_event(arn, "TaskSubmitted")
        self.server.kill()
        submitted = len(self.fake.jobs)
        self.server = Server(*self.options)
        self.fake.let_end()
        for kind, arn in started.items():
            self.assertEqual(self.server.wait(arn)["status"], "SUCCEEDED", kind)
            self.assertEqual(self.types(arn).count("TaskSubmitted"), 1)
        self.assertEqual((submitted, len(self.fake.jobs)), (len(KINDS), len(KINDS)))

    def test_a_request_that_is_made_again_is_told_by_its_token(self):
        first = self.fake.held["StartQueryExecution"] = threading.Event()
        self.addCleanup(first.set)
        arn = self.start("athena:startQueryExecution", "good-0")
        until(lambda: "StartQueryExecution" in self.fake.names(), "the request")
        self.server.kill()
        self.fake.held.clear()
        self.server = Server(*self.options)
        self.assertEqual(self.server.wait(arn)["status"], "SUCCEEDED")
        tokens = {given["ClientRequestToken"] for name, given in self.fake.calls
                  if name == "StartQueryExecution"}
        self.assertEqual((len(tokens), self.fake.names().count("StartQueryExecution")), (1, 2))

    def test_a_graceful_stop_leaves_jobs_alone(self):
        arn = self.start("glue:startJobRun", "good-held")
        self.server.wait_for_event(arn, "TaskSubmitted")
        code, said = self.server.stop()
        self.assertEqual(code, 0, said)
        self.assertNotIn("BatchStopJobRun", self.fake.names())
        self.server = Server(*self.options)
        self.fake.let_end()
        self.assertEqual(self.server.wait(arn)["status"], "SUCCEEDED")

    def test_a_token_ends_the_task_and_leaves_the_job(self):
        state = {"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync", "End": True,
                 "Parameters": {"JobName": "good-held", "JobQueue": "q", "JobDefinition": "d",
                                "Parameters": {"token.$": "$$.Task.Token"}}}
        machine = self.server.call(
            "CreateStateMachine", name="token", roleArn=ROLE,
            definition=json.dumps({"StartAt": "S", "States": {"S": state}}))["stateMachineArn"]
        arn = self.server.call("StartExecution", stateMachineArn=machine, input="{}")["executionArn"]
        self.server.wait_for_event(arn, "TaskSubmitted")
        token = self.fake.calls[0][1]["parameters"]["token"]
        self.server.call("SendTaskSuccess", taskToken=token, output='"done"')
        self.assertEqual(self.server.wait(arn)["output"], '"done"')
        looks = self.fake.names().count("v1/describejobs")
        # As many looks after another job, which was begun later, as would be after this one.
        other = self.start("batch:submitJob", "good-3")
        self.assertEqual(self.server.wait(other)["status"], "SUCCEEDED")
        of_this = [given for name, given in self.fake.calls if name == "v1/describejobs"
                   and given["jobs"] == ["batch-1"]]
        self.assertLessEqual(len(of_this), looks + 1)  # one may have been on its way
        self.assertNotIn("v1/terminatejob", self.fake.names())


if __name__ == "__main__":
    unittest.main()
