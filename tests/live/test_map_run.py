"""Distributed Maps: child executions, map runs, their counters and thresholds, and what a crash leaves."""

import gzip
import json
import os
import random
import sys
import tempfile
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, ApiError, Server, until  # noqa: E402: found by the line above

ROLE = "arn:aws:iam::123456789012:role/r"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"
KILLS = int(os.environ.get("GAIT_SOAK_KILLS", "20")) // 2

# Writes a line for each call, and fails for the items of a file until it is gone.
HANDLER = """
import json, os, time
def lambda_handler(event, context):
    with open(event["log"], "a") as log:
        log.write(json.dumps(event["n"]) + "\\n")
    time.sleep(event.get("sleep", 0))
    bad = event.get("bad")
    if bad and os.path.exists(bad):
        raise RuntimeError("bad item")
    return event["n"] * 2
"""


def processor(state, kind="STANDARD", **states):
    return {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}, "StartAt": "Item",
            "States": {"Item": state, **states}}


def map_of(state, kind="STANDARD", states=None, **more):
    return {"StartAt": "M", "States": {"M": {
        "Type": "Map", "Label": "Items", "ItemProcessor": processor(state, kind, **(states or {})),
        "End": True, **more}}}


def s3_of(objects):
    """An endpoint for S3 with one bucket, which gives and takes objects as they are."""
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, status, body=b""):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            key = self.path.split("?")[0].removeprefix("/bucket/")
            self.answer(*((200, objects[key]) if key in objects else (404,)))

        def do_PUT(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            objects[self.path.split("?")[0].removeprefix("/bucket/")] = body
            self.answer(200)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


PASS = {"Type": "Pass", "End": True}
CALL = {"Type": "Task", "Resource": FUNCTION, "End": True}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class MapRuns(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name)
        place = self.path / "functions" / "work"
        place.mkdir(parents=True)
        (place / "handler.py").write_text(HANDLER)
        (place / "function.json").write_text('{"timeout": 300}')
        self.log = self.path / "log"
        self.server = self.start()
        self.addCleanup(lambda: self.server.kill())
        self.machines = 0

    def start(self):
        return Server("--data", str(self.path / "data"), "--functions", str(self.path / "functions"))

    def run_machine(self, definition, given):
        self.machines += 1
        machine = self.server.call("CreateStateMachine", name=f"m{self.machines}",
                                   definition=json.dumps(definition), roleArn=ROLE)
        return self.server.call("StartExecution", stateMachineArn=machine["stateMachineArn"],
                                input=json.dumps(given))["executionArn"]

    def map_run(self, execution):
        runs = until(lambda: self.server.call("ListMapRuns", executionArn=execution)["mapRuns"], "a map run")
        return runs[0]["mapRunArn"]

    def describe(self, execution):
        return self.server.call("DescribeMapRun", mapRunArn=self.map_run(execution))

    def children(self, execution, **more):
        listed, token = [], {}
        while True:
            page = self.server.call("ListExecutions", mapRunArn=self.map_run(execution), **more, **token)
            listed += page["executions"]
            if "nextToken" not in page:
                return listed
            token = {"nextToken": page["nextToken"]}

    def wait_for_run(self, execution, status, **items):
        """The map run once it has that status and these counts of items."""
        def found():
            run = self.describe(execution)
            has = {name: run["itemCounts"][name] for name in items}
            return run if (run["status"], has) == (status, items) else None
        return until(found, f"a map run that is {status} with {items}")

    def check_counts(self, execution, **wanted):
        counts = self.describe(execution)["itemCounts"]
        self.assertEqual({k: v for k, v in counts.items() if v and k != "resultsWritten"}, wanted)

    def test_each_item_is_an_execution(self):
        for kind in ("STANDARD", "EXPRESS"):
            with self.subTest(kind):
                arn = self.run_machine(map_of(PASS, kind, ItemSelector={
                    "value.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index"}), ["a", "b", "c"])
                told = self.server.wait(arn)
                self.assertEqual(told["status"], "SUCCEEDED", told)
                self.assertEqual([(i["index"], i["value"]) for i in json.loads(told["output"])],
                                 [(0, "a"), (1, "b"), (2, "c")])
                self.assertEqual([e["type"] for e in self.server.history(arn)], [
                    "ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapRunStarted",
                    "MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded"])
                self.check_counts(arn, succeeded=3, total=3)
                run = self.describe(arn)
                self.assertEqual((run["status"], run["executionArn"]), ("SUCCEEDED", arn))
                self.assertRegex(run["mapRunArn"], r":mapRun:m\d+/Items:[0-9a-f-]{36}$")
                children = self.children(arn)
                self.assertEqual({c["status"] for c in children}, {"SUCCEEDED"})
                part = "execution" if kind == "STANDARD" else "express"
                for child in children:
                    self.assertRegex(child["executionArn"], rf":{part}:m\d+/Items:")
                    told = self.server.call("DescribeExecution", executionArn=child["executionArn"])
                    self.assertEqual(told["mapRunArn"], run["mapRunArn"])
                    self.assertEqual(told["input"], told["output"])
                    self.assertTrue(told["stateMachineArn"].endswith("/Items"))

    def test_nothing_to_iterate_over(self):
        told = self.server.wait(self.run_machine(map_of(PASS), []))
        self.assertEqual((told["status"], told["output"]), ("SUCCEEDED", "[]"))

    def test_items_are_batched(self):
        arn = self.run_machine(map_of(PASS, ItemBatcher={
            "MaxItemsPerBatch": 3, "BatchInput": {"all.$": "$.name"}}, ItemsPath="$.l"),
            {"name": "n", "l": list(range(7))})
        self.assertEqual(json.loads(self.server.wait(arn)["output"]), [
            {"BatchInput": {"all": "n"}, "Items": part} for part in ([0, 1, 2], [3, 4, 5], [6])])
        self.check_counts(arn, succeeded=7, total=7)
        self.assertEqual(self.describe(arn)["executionCounts"]["total"], 3)
        self.assertEqual(sorted(c["itemCount"] for c in self.children(arn)), [1, 3, 3])
        arn = self.run_machine(map_of(PASS, ItemBatcher={"MaxInputBytesPerBatch": 10}), ["abcd"] * 3)
        self.assertEqual([len(b["Items"]) for b in json.loads(self.server.wait(arn)["output"])], [1, 1, 1])

    def test_as_many_at_a_time_as_wanted(self):
        activity = self.server.call("CreateActivity", name="work")["activityArn"]
        arn = self.run_machine(map_of({"Type": "Task", "Resource": activity, "End": True}, MaxConcurrency=2),
                               list(range(5)))
        seen = self.wait_for_run(arn, "RUNNING", running=2, pending=3)
        self.assertEqual(seen["maxConcurrency"], 2)

        def do_one():
            token = self.server.call("GetActivityTask", activityArn=activity)["taskToken"]
            self.server.call("SendTaskSuccess", taskToken=token, output="1")

        do_one()  # and the next one begins
        self.wait_for_run(arn, "RUNNING", running=2, pending=2, succeeded=1)
        self.server.call("UpdateMapRun", mapRunArn=seen["mapRunArn"], maxConcurrency=5,
                         toleratedFailurePercentage=50)
        seen = self.wait_for_run(arn, "RUNNING", running=4, pending=0)
        for _ in range(4):
            do_one()
        self.assertEqual((seen["maxConcurrency"], seen["toleratedFailurePercentage"]), (5, 50))
        self.assertEqual(self.server.wait(arn)["status"], "SUCCEEDED")
        with self.assertRaises(ApiError) as refused:
            self.server.call("UpdateMapRun", mapRunArn=seen["mapRunArn"], maxConcurrency=1)
        self.assertEqual(refused.exception.name, "ValidationException")

    def test_failures_are_tolerated_up_to_a_threshold(self):
        fails = {"Type": "Choice", "Default": "Good", "Choices": [
            {"Variable": "$", "NumericLessThan": 2, "Next": "Bad"}]}
        others = {"Good": PASS, "Bad": {"Type": "Fail", "Error": "E"}}
        rows = [({}, "FAILED"), ({"ToleratedFailureCount": 1}, "FAILED"),
                ({"ToleratedFailureCount": 2}, "SUCCEEDED"),
                ({"ToleratedFailurePercentage": 49}, "FAILED"),
                ({"ToleratedFailurePercentage": 50}, "SUCCEEDED"),
                ({"ToleratedFailurePercentage": 50, "ToleratedFailureCount": 1}, "FAILED")]
        for kind in ("STANDARD", "EXPRESS"):
            for settings, status in rows:
                with self.subTest(kind, **settings):
                    arn = self.run_machine(map_of(fails, kind, others, **settings), [0, 1, 2, 3])
                    told = self.server.wait(arn)
                    self.assertEqual(told["status"], status, told)
                    if status == "FAILED":
                        self.assertEqual(told["error"], "States.ExceedToleratedFailureThreshold")
                        self.assertIn("MapRunFailed", [e["type"] for e in self.server.history(arn)])
                        self.assertEqual(self.describe(arn)["status"], "FAILED")
                    else:
                        self.assertEqual(json.loads(told["output"]), [2, 3])
                        self.check_counts(arn, succeeded=2, failed=2, total=4)

    def test_stopping_the_parent_stops_the_children(self):
        arn = self.run_machine(map_of({"Type": "Wait", "Seconds": 600, "End": True}), [1, 2, 3])
        self.wait_for_run(arn, "RUNNING", running=3)
        self.server.call("StopExecution", executionArn=arn)
        self.wait_for_run(arn, "ABORTED", aborted=3, total=3)
        until(lambda: {c["status"] for c in self.children(arn)} == {"ABORTED"}, "the children's stop")
        self.check_counts(arn, aborted=3, total=3)
        # Redriven before and after: the same map run goes on.
        self.server.call("RedriveExecution", executionArn=arn)
        self.assertEqual(self.wait_for_run(arn, "RUNNING", running=3)["redriveCount"], 1)
        self.assertEqual(self.server.history(arn)[-1]["type"], "MapRunRedriven")
        with self.assertRaises(ApiError) as refused:
            self.server.call("RedriveExecution", executionArn=self.children(arn)[0]["executionArn"])
        self.assertEqual(refused.exception.name, "ExecutionNotRedrivable")

    def test_a_redrive_runs_what_was_unsuccessful(self):
        for kind in ("STANDARD", "EXPRESS"):
            with self.subTest(kind):
                self.log.write_text("")
                bad = self.path / "bad"
                bad.touch()
                items = [{"n": n, "log": str(self.log), **({"bad": str(bad)} if n % 3 == 0 else {})}
                         for n in range(9)]
                arn = self.run_machine(map_of(CALL, kind, ToleratedFailureCount=2), items)
                told = self.server.wait(arn)
                self.assertEqual(told["status"], "FAILED", told)
                good = [c for c in self.children(arn) if c["status"] == "SUCCEEDED"]
                bad.unlink()
                self.server.kill()
                self.server = self.start()
                self.server.call("RedriveExecution", executionArn=arn)
                told = self.server.wait(arn)
                self.assertEqual(told["status"], "SUCCEEDED", told)
                self.assertEqual(json.loads(told["output"]), [2 * n for n in range(9)])
                self.check_counts(arn, succeeded=9, total=9)
                calls = [json.loads(line) for line in self.log.read_text().splitlines()]
                self.assertGreaterEqual(len(calls), 12)
                again = {c["name"] for c in self.children(arn)} & {c["name"] for c in good}
                self.assertEqual(len(again), len(good))

    def test_what_waits_for_its_redrive_is_pending_redrive(self):
        activity = self.server.call("CreateActivity", name="work")["activityArn"]
        arn = self.run_machine(map_of({"Type": "Task", "Resource": activity, "End": True},
                                      MaxConcurrency=1, ToleratedFailureCount=2), [0, 1, 2])

        def end(operation, **more):
            token = self.server.call("GetActivityTask", activityArn=activity)["taskToken"]
            self.server.call(operation, taskToken=token, **more)

        for _ in range(3):
            end("SendTaskFailure", error="E")
        self.assertEqual(self.server.wait(arn)["status"], "FAILED")
        self.assertEqual(self.children(arn, statusFilter="PENDING_REDRIVE"), [])
        self.server.call("RedriveExecution", executionArn=arn)
        until(lambda: self.children(arn, statusFilter="RUNNING"), "a child that is redriven")
        waiting = self.children(arn, statusFilter="PENDING_REDRIVE")
        self.assertEqual([child["status"] for child in waiting], ["PENDING_REDRIVE"] * 2)
        self.assertEqual(self.children(arn, statusFilter="FAILED"), [])
        self.assertEqual(self.describe(arn)["executionCounts"]["pendingRedrive"], 2)
        told = self.server.call("DescribeExecution", executionArn=waiting[0]["executionArn"])
        self.assertEqual((told["status"], told["error"]), ("PENDING_REDRIVE", "E"))
        with self.assertRaises(ApiError) as refused:
            self.server.call("ListExecutions", statusFilter="PENDING_REDRIVE",
                             stateMachineArn=self.server.call("DescribeExecution",
                                                              executionArn=arn)["stateMachineArn"])
        self.assertEqual(refused.exception.name, "ValidationException")
        for _ in range(3):
            end("SendTaskSuccess", output="{}")
        self.assertEqual(self.server.wait(arn)["status"], "SUCCEEDED")
        self.assertEqual(len(self.children(arn, statusFilter="SUCCEEDED")), 3)

    def test_maps_nest(self):
        inner = {"Type": "Map", "Label": "Inner", "End": True, "ItemProcessor": processor(PASS)}
        inner["ItemProcessor"]["StartAt"] = "Deep"
        inner["ItemProcessor"]["States"] = {"Deep": PASS}
        arn = self.run_machine(map_of(inner), [[1, 2], [3]])
        self.assertEqual(json.loads(self.server.wait(arn)["output"]), [[1, 2], [3]])
        self.assertEqual(len(self.server.call("ListMapRuns", executionArn=self.children(arn)[0][
            "executionArn"])["mapRuns"]), 1)

    def test_one_map_run_after_the_other(self):
        definition = {"StartAt": "A", "States": {
            "A": {"Type": "Map", "Label": "A", "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                "StartAt": "I", "States": {"I": PASS}}, "Next": "B"},
            "B": {"Type": "Map", "Label": "B", "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "J", "States": {"J": PASS}}, "End": True}}}
        arn = self.run_machine(definition, [1, 2])
        self.assertEqual(self.server.wait(arn)["output"], "[1,2]")
        first = self.server.call("ListMapRuns", executionArn=arn, maxResults=1)
        second = self.server.call("ListMapRuns", executionArn=arn, maxResults=1,
                                  nextToken=first["nextToken"])
        self.assertEqual(["/B:" in first["mapRuns"][0]["mapRunArn"],
                          "/A:" in second["mapRuns"][0]["mapRunArn"]], [True, True])
        self.assertNotIn("nextToken", second)

    def bucket(self, **files):
        folder = self.path / "data" / "s3" / "bucket"
        for name, text in files.items():
            place = folder / name.replace("__", ".").replace("_of_", "/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        return folder

    def read(self, action, parameters, **config):
        arn = self.run_machine(map_of(PASS, "EXPRESS", ItemReader={
            "Resource": "arn:aws:states:::s3:" + action, "ReaderConfig": config,
            "Parameters": {"Bucket": "bucket", **parameters}}), {})
        told = self.server.wait(arn)
        return json.loads(told["output"]) if told["status"] == "SUCCEEDED" else (
            told["error"], told["cause"])

    def get(self, key, **config):
        return self.read("getObject", {"Key": key}, **config)

    def test_items_are_read_from_objects(self):
        self.bucket(lines__jsonl='{"n":1}\n\n{"n":2}\n', rows__csv='A,B\r\n1,"x, ""y"""\r\n2\r\n',
                    pipe__csv="1|2\n", list__json='{"a":{"b":[7,8,9]}}', bad__jsonl="{}\n{oops\n",
                    tree_of_one__txt="1", tree_of_two__txt="22")
        self.assertEqual(self.get("lines.jsonl", InputType="JSONL"), [{"n": 1}, {"n": 2}])
        self.assertEqual(self.get("rows.csv", InputType="CSV", CSVHeaderLocation="FIRST_ROW"),
                         [{"A": "1", "B": 'x, "y"'}, {"A": "2", "B": ""}])
        self.assertEqual(self.get("pipe.csv", InputType="CSV", CSVDelimiter="PIPE",
                                  CSVHeaderLocation="GIVEN", CSVHeaders=["x", "y"]),
                         [{"x": "1", "y": "2"}])
        self.assertEqual(self.get("list.json", InputType="JSON", ItemsPointer="/a/b", MaxItems=2), [7, 8])
        listed = self.read("listObjectsV2", {"Prefix": "tree/"})
        self.assertEqual([(i["Key"], i["Size"]) for i in listed], [("tree/one.txt", 1), ("tree/two.txt", 2)])
        self.assertIsInstance(listed[0]["LastModified"], int)
        for key, config, cause in [
                ("list.json", {"InputType": "JSON"}, "Attempting to map over non-iterable node."),
                ("gone.json", {"InputType": "JSON"}, "The specified key does not exist."),
                ("bad.jsonl", {"InputType": "JSONL"}, "Line 2 is not valid JSON"),
                ("rows.csv", {"InputType": "PARQUET"}, "PARQUET")]:
            error, said = self.get(key, **config)
            self.assertEqual(error, "States.ItemReaderFailed")
            self.assertIn(cause, said)

    def test_results_are_written_to_objects(self):
        folder = self.bucket(rows__csv="n\n1\n2\n3\n")
        states = {"Good": PASS, "Bad": {"Type": "Fail", "Error": "E", "Cause": "C"}}
        choice = {"Type": "Choice", "Default": "Good", "Choices": [
            {"Variable": "$.n", "StringEquals": "2", "Next": "Bad"}]}
        arn = self.run_machine(map_of(choice, "STANDARD", states, ToleratedFailureCount=1, ItemReader={
            "Resource": "arn:aws:states:::s3:getObject", "Parameters": {
                "Bucket": "bucket", "Key": "rows.csv"},
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}}, ResultWriter={
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "bucket", "Prefix": "results"}}), {})
        told = self.server.wait(arn)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        output = json.loads(told["output"])
        self.assertEqual(output["MapRunArn"], self.map_run(arn))
        manifest = json.loads((folder / output["ResultWriterDetails"]["Key"]).read_text())
        self.assertEqual(manifest["DestinationBucket"], "bucket")
        files = {name: [json.loads((folder / f["Key"]).read_text()) for f in listed]
                 for name, listed in manifest["ResultFiles"].items()}
        self.assertEqual([e["Output"] for e in files["SUCCEEDED"][0]], ['{"n":"1"}', '{"n":"3"}'])
        failed = files["FAILED"][0][0]
        self.assertEqual((failed["Status"], failed["Error"], failed["Input"]), ("FAILED", "E", '{"n":"2"}'))
        self.assertEqual(files["PENDING"], [])

    def test_an_inventorys_files_may_be_compressed(self):
        folder = self.bucket(manifest__json=json.dumps({
            "fileFormat": "CSV", "fileSchema": "Bucket, Key",
            "files": [{"key": "one.csv.gz"}, {"key": "two.csv"}]}), two__csv='"b","last"\n')
        rows = "".join(f'"b","{n:06}"\n' for n in range(2000))
        (folder / "one.csv.gz").write_bytes(gzip.compress(rows.encode()))
        read = self.get("manifest.json", InputType="MANIFEST")
        self.assertEqual([item["Key"] for item in read], [f"{n:06}" for n in range(2000)] + ["last"])
        (folder / "one.csv.gz").write_bytes(gzip.compress(bytes(70 << 20)))
        error, cause = self.get("manifest.json", InputType="MANIFEST")
        self.assertEqual(error, "States.ItemReaderFailed")
        self.assertIn("more than the maximum of 67108864 bytes", cause)

    def test_an_object_has_a_maximum(self):
        folder = self.bucket(small__csv="n\n1\n")
        with open(folder / "large.csv", "wb") as file:
            file.truncate((64 << 20) + 1)
        error, cause = self.get("large.csv", InputType="CSV", CSVHeaderLocation="FIRST_ROW")
        self.assertEqual(error, "States.ItemReaderFailed")
        self.assertIn("at most 67108864 can be read at once", cause)

    def written_as(self, **config):
        """The texts of a map run's result files, by their names; the second of three items fails."""
        folder = self.bucket(pairs__jsonl='[1,"a\\nb"]\n[2]\n[3]\n')
        states = {"Good": PASS, "Bad": {"Type": "Fail", "Error": "E", "Cause": "C"}}
        choice = {"Type": "Choice", "Default": "Good", "Choices": [
            {"Variable": "$[0]", "NumericEquals": 2, "Next": "Bad"}]}
        arn = self.run_machine(map_of(choice, "STANDARD", states, ToleratedFailureCount=1, ItemReader={
            "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSONL"},
            "Parameters": {"Bucket": "bucket", "Key": "pairs.jsonl"}}, ResultWriter={
                "Resource": "arn:aws:states:::s3:putObject", "WriterConfig": config,
                "Parameters": {"Bucket": "bucket", "Prefix": "lines"}}), {})
        told = self.server.wait(arn)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        manifest = json.loads((folder / json.loads(told["output"])["ResultWriterDetails"]["Key"]).read_text())
        texts = {}
        for listed in sum(manifest["ResultFiles"].values(), []):
            texts[listed["Key"].rsplit("/")[-1]] = text = (folder / listed["Key"]).read_text()
            self.assertEqual(listed["Size"], len(text.encode()))
        return texts

    def test_results_are_written_as_lines(self):
        texts = self.written_as(OutputType="JSONL", Transformation="COMPACT")
        self.assertEqual(sorted(texts), ["FAILED_0.jsonl", "SUCCEEDED_0.jsonl"])
        self.assertEqual(texts["SUCCEEDED_0.jsonl"], '[1,"a\\nb"]\n[3]\n')
        texts = self.written_as(OutputType="JSONL", Transformation="FLATTEN")
        self.assertEqual(texts["SUCCEEDED_0.jsonl"], '1\n"a\\nb"\n3\n')
        texts = self.written_as(OutputType="JSONL", Transformation="NONE")
        self.assertEqual([json.loads(line)["Output"] for line in texts["SUCCEEDED_0.jsonl"].splitlines()],
                         ['[1,"a\\nb"]', "[3]"])

    def test_what_failed_is_written_as_it_is_whatever_the_transformation(self):
        for transformation in ("NONE", "COMPACT", "FLATTEN"):
            texts = self.written_as(OutputType="JSON", Transformation=transformation)
            failed, = json.loads(texts["FAILED_0.json"])
            self.assertEqual((failed["Status"], failed["Error"], failed["Cause"], failed["Input"]),
                             ("FAILED", "E", "C", "[2]"), transformation)
        self.assertEqual(json.loads(texts["SUCCEEDED_0.json"]), [1, "a\nb", 3])

    def test_objects_of_an_endpoint_are_bytes_both_ways(self):
        objects = {"manifest.json": json.dumps({"fileFormat": "CSV", "fileSchema": "Bucket, Key", "files": [
            {"key": "one.csv.gz"}]}).encode(), "one.csv.gz": gzip.compress('"b","ä"\n'.encode())}
        service = s3_of(objects)
        self.addCleanup(service.server_close)
        self.addCleanup(service.shutdown)
        self.server.kill()
        config = self.path / "config.json"
        config.write_text(json.dumps({"aws": {"services": {"s3": {
            "endpoint": f"http://127.0.0.1:{service.server_address[1]}"}}}}))
        self.server = Server("--data", str(self.path / "data"), "--config", str(config),
                             variables={"HOME": str(self.path)})
        arn = self.run_machine(map_of(PASS, "EXPRESS", ItemReader={
            "Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "MANIFEST"},
            "Parameters": {"Bucket": "bucket", "Key": "manifest.json"}}, ResultWriter={
                "Resource": "arn:aws:states:::s3:putObject",
                "WriterConfig": {"OutputType": "JSONL", "Transformation": "COMPACT"},
                "Parameters": {"Bucket": "bucket", "Prefix": "out"}}), {})
        told = self.server.wait(arn)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        manifest = json.loads(objects[json.loads(told["output"])["ResultWriterDetails"]["Key"]])
        written, = manifest["ResultFiles"]["SUCCEEDED"]
        self.assertEqual(objects[written["Key"]].decode(), '{"Bucket":"b","Key":"ä"}\n')

    def test_what_is_not_there(self):
        arn = self.run_machine(map_of(PASS), [1])
        self.server.wait(arn)
        run = self.map_run(arn)
        for operation in ("DescribeMapRun", "UpdateMapRun"):
            with self.assertRaises(ApiError) as refused:
                self.server.call(operation, mapRunArn=run[:-1] + "x")
            self.assertEqual(refused.exception.name, "ResourceNotFound")
            with self.assertRaises(ApiError) as refused:
                self.server.call(operation, mapRunArn=arn)
            self.assertEqual(refused.exception.name, "InvalidArn")

    def test_a_thousand_children(self):
        began = time.monotonic()
        arn = self.run_machine(map_of(PASS, "STANDARD"), list(range(1000)))
        told = self.server.wait(arn)
        self.assertEqual(json.loads(told["output"]), list(range(1000)))
        print(f"map run: 1000 STANDARD children in {time.monotonic() - began:.2f} s")

    def test_a_killed_server_goes_on_with_its_map_runs(self):
        """Killed again and again: each item has one result, and no Standard child is started twice."""
        chance = random.Random(11)
        for kind in ("STANDARD", "EXPRESS"):
            items = [{"n": n, "log": str(self.log), "sleep": 0.01} for n in range(120)]
            arns = [self.run_machine(map_of(CALL, kind, MaxConcurrency=12), items),
                    self.run_machine(map_of({"Type": "Wait", "Seconds": 1, "End": True}, kind,
                                            MaxConcurrency=30, ItemSelector={"n.$": "$$.Map.Item.Value.n"}),
                                     items)]
            for _ in range(KILLS):
                time.sleep(chance.uniform(0.05, 0.5))
                self.server.kill()
                self.server = self.start()
            for arn, wanted in zip(arns, ([2 * n for n in range(120)], [{"n": n} for n in range(120)])):
                told = self.server.wait(arn)
                self.assertEqual(told["status"], "SUCCEEDED", (kind, told))
                self.assertEqual(json.loads(told["output"]), wanted)
                self.check_counts(arn, succeeded=120, total=120)
                children = self.children(arn, maxResults=50)
                self.assertEqual(len(children), 120)
                self.assertEqual(len({c["name"] for c in children}), 120)
                types = [e["type"] for e in self.server.history(arn)]
                self.assertEqual(types.count("MapRunStarted"), 1)
                self.assertEqual(types[-1], "ExecutionSucceeded")
        code, said = self.server.stop()
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
