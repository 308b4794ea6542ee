"""Execution logs that go to CloudWatch Logs, played by an endpoint of the tests' own."""

import json
import os
import signal
import sys
import tempfile
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, Server, lines_of, until  # noqa: E402: found by the line above

ROLE = "arn:aws:iam::123456789012:role/r"
GROUP = "/aws/vendedlogs/states/x"
MODELS = Path(GAIT).parent / "aws-models"
STATES = {"StartAt": "A", "States": {
    "A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "End": True}}}
EVENTS = 2 + 2 * len(STATES["States"])


class CloudWatch:
    """Log groups and streams as the service has them; refuses what it would refuse."""

    def __init__(self):
        self.streams, self.groups, self.calls, self.lock = {}, {GROUP}, [], threading.Lock()
        self.refusals = 0  # how many puts are answered 400 first
        self.gate = threading.Event()  # while it is closed nothing is answered
        self.gate.set()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                operation = self.headers["X-Amz-Target"].split(".")[-1]
                service.gate.wait()
                with service.lock:
                    service.calls.append(operation)
                    status, answer = getattr(service, operation)(given)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # of servers that have ended without an answer
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self):
        self.gate.set()
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def refuse(name, message):
        return 400, {"__type": name, "message": message}

    def CreateLogStream(self, given):
        if given["logGroupName"] not in self.groups:
            return self.refuse("ResourceNotFoundException", "The specified log group does not exist.")
        if given["logStreamName"] in self.streams:
            return self.refuse("ResourceAlreadyExistsException", "The specified log stream already exists")
        self.streams[given["logStreamName"]] = []
        return 200, {}

    def PutLogEvents(self, given):
        if self.refusals:
            self.refusals -= 1
            return self.refuse("InvalidParameterException", "not these")
        if given["logGroupName"] not in self.groups or given["logStreamName"] not in self.streams:
            return self.refuse("ResourceNotFoundException", "The specified log stream does not exist.")
        times = [event["timestamp"] for event in given["logEvents"]]
        if times != sorted(times) or len(times) > 10000:
            return self.refuse("InvalidParameterException", "Log events must be in chronological order")
        self.streams[given["logStreamName"]] += [json.loads(e["message"]) for e in given["logEvents"]]
        return 200, {"nextSequenceToken": "t"}

    def records(self):
        with self.lock:
            return [record for records in self.streams.values() for record in records]


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
@unittest.skipUnless(MODELS.exists(), f"no AWS service models at {MODELS}")
class CloudWatchLogs(unittest.TestCase):
    def setUp(self):
        home = tempfile.TemporaryDirectory(prefix="gait-cloudwatch-")
        self.addCleanup(home.cleanup)
        self.data = Path(home.name) / "data"
        self.service = CloudWatch()
        self.addCleanup(lambda: self.service.close())
        self.config = {"aws": {"services": {"cloudwatchlogs": {"endpoint": self.service.url}}}}
        self.server = None

    is_quiet = True

    def start(self, **config):
        path = self.data.parent / "config.json"
        path.write_text(json.dumps(self.config | config))
        self.server = Server("--data", str(self.data), "--config", str(path),
                             variables={"HOME": str(self.data.parent)}, is_quiet=self.is_quiet)
        self.addCleanup(self.server.kill)

    def run_many(self, count, group=GROUP):
        machine = self.server.call(
            "CreateStateMachine", name="m", roleArn=ROLE, definition=json.dumps(STATES),
            loggingConfiguration={"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {
                "logGroupArn": f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*"}}]})
        return [self.server.call("StartExecution", stateMachineArn=machine["stateMachineArn"])["executionArn"]
                for _ in range(count)]

    def files(self):
        return [json.loads(line) for path in self.data.glob("logs/**/*.jsonl")
                for line in lines_of(path)]

    def wait_for_records(self, count):
        until(lambda: len(self.service.records()) >= count, f"{count} records")

    def test_each_execution_is_told_in_its_order(self):
        self.start()
        self.service.gate.clear()
        arns = self.run_many(200)
        for arn in arns:
            self.server.wait(arn)
        self.service.gate.set()  # now 200 wait, which few requests can hold
        self.wait_for_records(200 * EVENTS)
        told = {arn: [] for arn in arns}
        for record in self.service.records():
            told[record["execution_arn"]].append(int(record["id"]))
        self.assertEqual(list(told.values()), [list(range(1, EVENTS + 1))] * 200)
        self.assertRegex(next(iter(self.service.streams)), r"^states/m/\d{4}-\d\d-\d\d-\d\d/00000000$")
        self.assertLess(self.service.calls.count("PutLogEvents"), 20)
        code, said = self.server.stop()
        self.assertEqual(code, 0, said)
        self.assertEqual(len(self.service.records()), 200 * EVENTS)
        self.assertEqual(len(self.files()), 200 * EVENTS)  # and in the files

    def test_there_alone(self):
        self.start(logs={"to": "cloudwatch"})
        self.run_many(1)
        self.wait_for_records(EVENTS)
        self.server.stop()
        self.assertEqual(self.files(), [])

    def test_what_is_refused_is_lost_and_told(self):
        self.start()
        self.service.refusals = 1
        self.run_many(1)
        until(lambda: "not these" in self.server.said(), "the complaint")
        self.run_many(1)
        self.wait_for_records(EVENTS)
        _, said = self.server.stop()
        self.assertIn("log records do not reach CloudWatch Logs", said)
        self.assertIn("not these", said)

    def test_a_group_that_is_not_there(self):
        self.start()
        arn, = self.run_many(1, "/aws/other")
        self.assertEqual(self.server.wait(arn)["status"], "SUCCEEDED")
        until(lambda: "The specified log group does not exist." in self.server.said(), "the complaint")
        self.assertIn("CreateLogStream", self.service.calls)

    def stop_while_records_wait(self):
        """Stops the server while none of its records has been taken; they are all on their way."""
        self.service.gate.clear()
        self.start()
        self.run_many(20)
        until(lambda: len(self.files()) == 20 * EVENTS, "all records in the files")
        self.server.process.send_signal(signal.SIGTERM)
        until(lambda: "stopping" in self.server.said(), "the stop")

    def test_what_waits_at_the_end_is_sent(self):
        self.is_quiet = False
        for number in range(5):  # until the machine needs no five seconds, which are the server's limit
            self.data = self.data.parent / f"data-{number}"
            self.service.streams.clear()
            self.stop_while_records_wait()
            self.service.gate.set()
            code, said = self.server.stop_program(None)
            self.assertEqual(code, 0, said)
            if "lost" not in said:
                break
        self.assertNotIn("lost", said)
        self.assertEqual(len(self.service.records()), 20 * EVENTS)

    def test_an_endpoint_that_does_not_answer_cannot_keep_the_server(self):
        self.is_quiet = False
        self.stop_while_records_wait()
        code, said = self.server.stop_program(None)
        self.assertEqual(code, 0, said)
        self.assertIn(f"the server ends ({20 * EVENTS} lost)", said)


if __name__ == "__main__":
    unittest.main()
