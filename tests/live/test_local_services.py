"""Workflows whose data services are this machine: S3 on a folder, the Redshift Data API on a
PostgreSQL, Glue jobs as processes. Nobody has configured an endpoint."""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import postgresql  # noqa: E402: found by the lines above
from server import GAIT, ApiError, Server, until  # noqa: E402

ROLE = "arn:aws:iam::123456789012:role/r"
MODELS = Path(GAIT).parent / "aws-models"


def task(resource, arguments, **more):
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Arguments": arguments,
            **({} if "Next" in more else {"End": True}), **more}


def machine(**states):
    return {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
@unittest.skipUnless(MODELS.exists(), f"no AWS service models at {MODELS}")
class Local(unittest.TestCase):
    environment = {}

    def setUp(self):
        self.home = tempfile.TemporaryDirectory(prefix="gait-local-")
        self.addCleanup(self.home.cleanup)
        self.data = Path(self.home.name)
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("AWS_", "PG"))}
        patch = mock.patch.dict(os.environ, clean | self.environment, clear=True)
        patch.start()
        self.addCleanup(patch.stop)
        self.server = Server("--data", self.home.name)
        self.addCleanup(lambda: self.server.stop())
        self.machines = 0

    def start(self, definition, value=None):
        self.machines += 1
        made = self.server.call("CreateStateMachine", name=f"m{self.machines}", roleArn=ROLE,
                                definition=json.dumps(definition))
        return self.server.call("StartExecution", stateMachineArn=made["stateMachineArn"],
                                input=json.dumps(value))["executionArn"]

    def run_to_end(self, definition, value=None):
        return self.server.wait(self.start(definition, value))

    def output(self, definition, value=None):
        told = self.run_to_end(definition, value)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        return json.loads(told["output"])

    def call(self, resource, **arguments):
        return self.output(machine(A=task(resource, arguments)))

    def failure(self, resource, **arguments):
        told = self.run_to_end(machine(A=task(resource, arguments)))
        self.assertEqual(told["status"], "FAILED", told)
        return told["error"], told["cause"]


class S3(Local):
    def test_what_one_state_puts_the_next_one_gets(self):
        self.call("aws-sdk:s3:createBucket", Bucket="sales")
        put = self.call("aws-sdk:s3:putObject", Bucket="sales", Key="2026/a.json", Body={"n": 1})
        got = self.call("aws-sdk:s3:getObject", Bucket="sales", Key="2026/a.json")
        self.assertEqual((got["Body"], got["ETag"]), ('{"n":1}', put["ETag"]))
        self.assertEqual((self.data / "s3/sales/2026/a.json").read_text(), '{"n":1}')
        listed = self.call("aws-sdk:s3:listObjectsV2", Bucket="sales", Prefix="2026/")
        self.assertEqual([one["Key"] for one in listed["Contents"]], ["2026/a.json"])

    def test_failures_are_named_as_s3_names_them(self):
        error, cause = self.failure("aws-sdk:s3:getObject", Bucket="none", Key="a")
        self.assertEqual(error, "S3.NoSuchBucketException")
        self.assertRegex(cause, r"^The specified bucket does not exist \(Service: S3, "
                                r"Status Code: 404, Request ID: [^)]+\)")
        self.call("aws-sdk:s3:createBucket", Bucket="sales")
        error, _ = self.failure("aws-sdk:s3:getObject", Bucket="sales", Key="a")
        self.assertEqual(error, "S3.NoSuchKeyException")
        error, _ = self.failure("aws-sdk:s3:getObject", Bucket="sales", Key="../../gait.db")
        self.assertEqual(error, "S3.S3Exception")

    def test_what_is_not_done_is_refused_when_the_machine_is_made(self):
        with self.assertRaises(ApiError) as refused:
            self.start(machine(A=task("aws-sdk:s3:createMultipartUpload",
                                      {"Bucket": "b", "Key": "k"})))
        self.assertIn("s3:createMultipartUpload is not done by the local service",
                      refused.exception.message)

    def test_a_value_of_a_wrong_type_fails_as_in_aws(self):
        error, cause = self.failure("aws-sdk:s3:getObject", Bucket="sales",
                                    Key="{% {'a': 1} %}")  # a literal is refused at creation
        self.assertEqual(error, "States.Runtime")
        self.assertIn("could not be used to start the Task", cause)


class Glue(Local):
    def setUp(self):
        super().setUp()
        code = self.data / "s3" / "code"
        code.mkdir(parents=True)
        (code / "job.py").write_text(
            "import os, sys, time\n"
            "from awsglue.utils import getResolvedOptions\n"
            "o = getResolvedOptions(sys.argv, ['seconds', 'fail'])\n"
            "end = time.monotonic() + float(o['seconds'])\n"
            "while time.monotonic() < end and os.path.exists(__file__):\n"  # which goes with the test
            "    time.sleep(0.05)\n"
            "if o['fail'] == 'yes':\n    raise ValueError('no such table')\n"
            "print('done')\n")
        self.call("aws-sdk:glue:createJob", Name="load", Role="r", Command={
            "Name": "pythonshell", "ScriptLocation": "s3://code/job.py"},
            DefaultArguments={"--seconds": "0", "--fail": "no"},
            ExecutionProperty={"MaxConcurrentRuns": 5})

    def test_a_job_is_awaited(self):
        run = self.call("glue:startJobRun.sync", JobName="load", Arguments={"--seconds": "0.2"})
        self.assertEqual((run["JobName"], run["JobRunState"]), ("load", "SUCCEEDED"))
        log = self.data / "glue/logs/load" / (run["Id"] + ".log")
        self.assertEqual(log.read_text(), "done\n")

    def test_a_job_that_fails_fails_its_task(self):
        error, cause = self.failure("glue:startJobRun.sync", JobName="load",
                                    Arguments={"--fail": "yes"})
        self.assertEqual(error, "States.TaskFailed")
        self.assertEqual(json.loads(cause)["ErrorMessage"], "ValueError: no such table")

    def test_a_job_that_is_not_there_is_named(self):
        error, cause = self.failure("glue:startJobRun", JobName="none")
        self.assertEqual(error, "Glue.EntityNotFoundException")
        self.assertIn("Failed to start job run due to missing metadata", cause)

    def test_stopping_the_execution_stops_the_job(self):
        arn = self.start(machine(A=task("glue:startJobRun.sync",
                                        {"JobName": "load", "Arguments": {"--seconds": "600"}})))
        self.server.wait_for_event(arn, "TaskSubmitted")
        runs = self.wait_for_runs(["RUNNING"])
        self.server.call("StopExecution", executionArn=arn)
        self.wait_for_runs(["STOPPED"])
        self.assertEqual(len(runs), 1)

    def test_a_job_that_was_cut_off_has_failed(self):
        arn = self.start(machine(A=task("glue:startJobRun.sync",
                                        {"JobName": "load", "Arguments": {"--seconds": "600"}})))
        self.server.wait_for_event(arn, "TaskSubmitted")
        self.wait_for_runs(["RUNNING"])
        self.server.kill()
        self.server = Server("--data", self.home.name)
        told = self.server.wait(arn)
        self.assertEqual((told["status"], told.get("error")), ("FAILED", "States.TaskFailed"), told)
        self.assertIn("Gait ended while the job ran", told["cause"])

    def wait_for_runs(self, states):
        def found():
            runs = self.call("aws-sdk:glue:getJobRuns", JobName="load")["JobRuns"]
            return runs if [run["JobRunState"] for run in runs] == states else None

        return until(found, f"the runs are {states}")


@unittest.skipUnless(postgresql.programs(), "no PostgreSQL server is installed here")
class RedshiftData(Local):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = postgresql.Server()
        cls.addClassCleanup(cls.database.stop)
        cls.environment = cls.database.environment

    def execute(self, sql, **more):
        """Runs a statement to its end; its description."""
        operation = "batchExecuteStatement" if isinstance(sql, list) else "executeStatement"
        more["Sqls" if isinstance(sql, list) else "Sql"] = sql
        return self.output(machine(
            Run=task(f"aws-sdk:redshiftdata:{operation}", {"Database": "dev", **more},
                     Assign={"id": "{% $states.result.Id %}"}, Next="Look"),
            Look=task("aws-sdk:redshiftdata:describeStatement", {"Id": "{% $id %}"}, Next="Ended"),
            Ended={"Type": "Choice", "Default": "Wait", "Choices": [
                {"Condition": "{% $states.input.Status in ['FINISHED', 'FAILED', 'ABORTED'] %}",
                 "Next": "Done"}]},
            Wait={"Type": "Wait", "Seconds": 1, "Next": "Look"},
            Done={"Type": "Succeed"}))

    def rows(self, description):
        return self.call("aws-sdk:redshiftdata:getStatementResult", Id=description["Id"])

    def test_values_have_their_types(self):
        told = self.execute("select :n::int as n, 'x'::text as t, null::text as z, 1.5::float8 d, "
                            "true b, 12.50::numeric(6,2) m", Parameters=[{"Name": "n", "Value": "7"}])
        self.assertEqual((told["Status"], told["HasResultSet"], told["ResultRows"]),
                         ("FINISHED", True, 1))
        result = self.rows(told)
        self.assertEqual(result["Records"], [[{"LongValue": 7}, {"StringValue": "x"},
                                              {"IsNull": True}, {"DoubleValue": 1.5},
                                              {"BooleanValue": True}, {"StringValue": "12.50"}]])
        columns = {one["Name"]: one for one in result["ColumnMetadata"]}
        self.assertEqual([columns[name]["TypeName"] for name in "ntdbm"],
                         ["int4", "varchar", "float8", "bool", "numeric"])
        self.assertEqual((columns["m"]["Precision"], columns["m"]["Scale"]), (6, 2))

    def test_parameters_are_bound_not_spliced(self):
        evil = "'; drop table kept; --"
        self.execute("create table kept (v text)")
        self.execute("insert into kept values (:v)", Parameters=[{"Name": "v", "Value": evil}])
        result = self.rows(self.execute("select v from kept"))
        self.assertEqual(result["Records"], [[{"StringValue": evil}]])

    def test_a_failing_statement_says_why(self):
        told = self.execute("select * from nowhere")
        self.assertEqual(told["Status"], "FAILED")
        self.assertEqual(told["Error"],
                         'ERROR: relation "nowhere" does not exist\n  Position: 15')

    def test_a_batch_is_one_transaction(self):
        told = self.execute(["create table pair (v int)", "insert into pair values (1),(2)",
                             "select count(*) c from pair"])
        self.assertEqual(told["Status"], "FINISHED", told)
        self.assertEqual([one["ResultRows"] for one in told["SubStatements"]], [0, 2, 1])
        count = self.rows(told["SubStatements"][2])
        self.assertEqual(count["Records"], [[{"LongValue": 2}]])
        told = self.execute(["delete from pair", "select nonsense", "select 1"])
        self.assertEqual([one["Status"] for one in told["SubStatements"]],
                         ["FINISHED", "FAILED", "ABORTED"])
        self.assertEqual(self.rows(self.execute("select count(*) from pair"))["Records"],
                         [[{"LongValue": 2}]])

    def test_a_running_statement_can_be_cancelled(self):
        started = self.call("aws-sdk:redshiftdata:executeStatement", Database="dev",
                            Sql="select pg_sleep(600)", StatementName="slow")

        def become(name):
            told = self.call("aws-sdk:redshiftdata:describeStatement", Id=started["Id"])["Status"]
            self.assertNotIn(told, {"FINISHED", "FAILED"})
            return told == name

        until(lambda: become("STARTED"), "the statement's begin")
        self.call("aws-sdk:redshiftdata:cancelStatement", Id=started["Id"])
        until(lambda: become("ABORTED"), "the statement's end")
        listed = self.call("aws-sdk:redshiftdata:listStatements", StatementName="slow")
        self.assertEqual([one["Id"] for one in listed["Statements"]], [started["Id"]])

    def test_long_results_come_in_pages(self):
        told = self.execute("select i, repeat('x', 200) from generate_series(1, 2000) i")
        numbers, token = [], {}
        while True:
            page = self.call("aws-sdk:redshiftdata:getStatementResult", Id=told["Id"], **token)
            numbers += [record[0]["LongValue"] for record in page["Records"]]
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        self.assertEqual(numbers, list(range(1, 2001)))

    def test_a_row_may_be_longer_than_a_page(self):
        told = self.execute("select i, repeat('x', i * 100000) from generate_series(1, 2) i "
                            "union all select 3, 'y' order by 1")
        lengths, token = [], {}
        while True:
            page = self.call("aws-sdk:redshiftdata:getStatementResult", Id=told["Id"], **token)
            lengths.append([len(record[1]["StringValue"]) for record in page["Records"]])
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        self.assertEqual(lengths, [[100000], [200000], [1]])

    def test_a_large_result_is_kept_and_one_beyond_the_limit_fails(self):
        sql = "select i, repeat('x', 250) from generate_series(1, {}) i"
        told = self.execute(sql.format(50000))
        self.assertEqual((told["Status"], told["ResultRows"]), ("FINISHED", 50000), told)
        self.assertGreater(told["ResultSize"], 12 << 20)
        self.assertEqual(self.rows(told)["Records"][0][0], {"LongValue": 1})
        told = self.execute(sql.format(90000))
        self.assertEqual((told["Status"], told["HasResultSet"]), ("FAILED", True), told)
        self.assertEqual(self.rows(self.execute("select 1"))["Records"], [[{"LongValue": 1}]])

    def test_the_same_token_is_the_same_statement(self):
        ids = {self.call("aws-sdk:redshiftdata:executeStatement", Database="dev", Sql="select 1",
                         ClientToken="one")["Id"] for _ in range(3)}
        self.assertEqual(len(ids), 1)

    def test_a_statement_that_was_cut_off_has_failed(self):
        started = self.call("aws-sdk:redshiftdata:executeStatement", Database="dev",
                            Sql="select pg_sleep(600)")
        self.server.kill()
        self.server = Server("--data", self.home.name)
        told = self.call("aws-sdk:redshiftdata:describeStatement", Id=started["Id"])
        self.assertEqual((told["Status"], told["Error"]),
                         ("FAILED", "ERROR: Gait ended while the statement ran"))


class WithoutPostgreSQL(Local):
    def test_the_error_says_how_to_configure_one(self):
        error, cause = self.failure("aws-sdk:redshiftdata:executeStatement", Sql="select 1")
        self.assertEqual(error, "RedshiftData.SdkClientException")
        self.assertIn("AWS_ENDPOINT_URL_REDSHIFT_DATA", cause)


if __name__ == "__main__":
    unittest.main()
