"""Functions and endpoints that misbehave, all at once: each failure has its name in the history, nothing is
stuck, and no process, descriptor or memory stays behind.

    GAIT_TEST_FAULTS=10000 GAIT=build/gait python3 -m unittest tests.live.test_faults
"""
import asyncio
import json
import os
import re
import socket
import struct
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, SECONDS_MAX, Client, Server, until  # noqa: E402: found by the line above

CALLS = int(os.environ.get("GAIT_TEST_FAULTS", "600"))
END_SECONDS_MAX = 2 * SECONDS_MAX + CALLS // 10  # all are begun first
CLIENTS = 8
PROCESSES_MAX = 3
ROLE = "arn:aws:iam::123456789012:role/r"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:"
MODELS = Path(GAIT).parent / "aws-models"

PYTHON = {
    "good": "return event",
    "raises": "raise ValueError('no')",
    "exits": "os._exit(3)",
    "killed": "os.kill(os.getpid(), 9)",
    "segfaults": "os.kill(os.getpid(), 11)",
    "hangs": "time.sleep(600)",
    "spins": "while True: pass",
    "loud": "os.write(1, b'x' * (10 << 20)); print(); return 'said'",
    "wide": "return 'x' * (10 << 20)",
    "long": "return 'x' * 300000",
    "forks": "\n    for _ in range(4):\n        if os.fork() == 0:\n            time.sleep(600)\n    os._exit(0)",
    "parent": "\n    if os.fork() == 0:\n        time.sleep(600); os._exit(0)\n    return 'child left'",
    "greedy": "x = bytearray(1 << 20) * 400; time.sleep(200); return len(x)",
    "unserializable": "return {1, 2}",
}
LIMITS = {"hangs": {"timeout": 1}, "spins": {"timeout": 1}, "greedy": {"memory": 128}}
NODE = {
    "node-rejects": "throw new TypeError('bad')",
    "node-exits": "process.exit(7)",
    "node-circular": "const a = {}; a.a = a; return a",
}
# Answers what is no JSON.
BOOTSTRAP = """#!/usr/bin/env python3
import http.client, os
api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = api.getresponse()
    answer.read()
    request = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    api.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", b"{not json")
    api.getresponse().read()
"""

# What a function's failure is called, and what its cause says. None: it succeeds.
FUNCTIONS = {
    "good": None,
    "raises": ("ValueError", '"errorMessage": ?"no"'),
    "exits": ("Runtime.ExitError", "Runtime exited with error: exit status 3"),
    "killed": ("Runtime.ExitError", "signal: killed"),
    "segfaults": ("Runtime.ExitError", "signal: segmentation fault"),
    "hangs": ("Sandbox.Timedout", "Task timed out after 1.00 seconds"),
    "spins": ("Sandbox.Timedout", "Task timed out after 1.00 seconds"),
    "loud": None,
    "wide": ("Function.ResponseSizeTooLarge", "payload size"),
    "long": ("States.DataLimitExceeded", "size exceeding the maximum number of bytes"),
    "forks": ("Runtime.ExitError", "Runtime exited without providing a reason"),
    "parent": None,
    "greedy": ("Runtime.ExitError", "signal: killed"),
    "unserializable": ("Runtime.MarshalError", "not JSON serializable"),
    "node-rejects": ("TypeError", "bad"),
    "node-exits": ("Runtime.ExitError", "Runtime exited with error: exit status 7"),
    "node-circular": ("Error", "Unable to stringify response body"),
    "not-json": ("Lambda.Unknown", "not JSON"),
    "absent": ("Lambda.ResourceNotFoundException", "Function not found"),
}

# What endpoints do, and what becomes of it in an HTTP Task, an aws-sdk Task and an optimized one.
ENDPOINTS = {
    "good": (None, None),
    "stall": (("States.Http.Socket", ""), ("SdkClientException", "Read timed out")),
    "reset": (("States.Http.Socket", ""), ("SdkClientException", "Connection reset")),
    "close": (("States.Http.Socket", ""), ("SdkClientException", "failed to respond|reset")),
    "half": (("States.Http.Socket", ""), ("SdkClientException", "")),
    "garbage": (("States.Http.Socket", ""), ("SdkClientException", "")),
    "status500": (("States.Http.StatusCode.500", ""), ("(DynamoDb|AmazonDynamoDB)Exception", "Status Code: 500")),
    "status429": (("States.Http.StatusCode.429", ""), ("(DynamoDb|AmazonDynamoDB)Exception", "Status Code: 429")),
    "notjson": (None, ("SdkClientException", "unmarshall")),
    "refuse": (("States.Http.Socket", ""), ("SdkClientException", "Connection refused")),
}


class Endpoint:
    """Does what the path's last part, or the table's name, says."""

    def __init__(self):
        self.loop, ready = asyncio.new_event_loop(), threading.Event()
        threading.Thread(target=self.run, args=(ready,), daemon=True).start()
        ready.wait()

    def run(self, ready):
        async def serve():
            server = await asyncio.start_server(self.accept, "127.0.0.1", 0, backlog=1024)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await server.serve_forever()
        self.loop.run_until_complete(serve())

    async def accept(self, reader, writer):
        try:
            while await self.answer(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    async def answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lengths = [line.split(":")[1] for line in head.split("\r\n")
                   if line.lower().startswith("content-length:")]
        body = await reader.readexactly(int(lengths[0]) if lengths else 0)
        path = head.split(" ")[1]
        what = json.loads(body)["TableName"] if path == "/" else path.strip("/")
        if what == "stall":
            await reader.read()
        elif what == "reset":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                       struct.pack("ii", 1, 0))
            writer.transport.abort()
        elif what == "half":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        elif what == "garbage":
            writer.write(b"\x00\x01 this is not HTTP at all\r\n\r\n")
        elif what != "close":
            status = int(what[6:]) if what.startswith("status") else 200
            text = b"{not json" if what == "notjson" else b'{"message": "as asked"}' if status != 200 else b"{}"
            writer.write(b"HTTP/1.1 %d Told\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                         % (status, len(text), text))
            await writer.drain()
            return True
        await writer.drain()
        return False


def task(resource, parameters=None, **more):
    state = {"Type": "Task", "Resource": resource, "End": True, **more}
    if parameters is not None:
        state["Parameters"] = parameters
    return json.dumps({"StartAt": "T", "States": {"T": state}})


def failure(events):
    """The details of the event that says that the task has failed."""
    for event in events:
        if event["type"] in ("TaskFailed", "LambdaFunctionFailed"):
            return next(value for key, value in event.items() if key.endswith("EventDetails"))
    return {"error": None, "cause": None}


def is_sanitized():
    """AddressSanitizer keeps up to 256 MiB of what was freed."""
    return b"__asan_init" in Path(GAIT).read_bytes()


def processes_below(pid):
    """{process: (parent, state, command)} of all descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            command, rest = text[text.index("(") + 1:].rsplit(")", 1)
            state, parent = rest.split()[:2]
            parents[int(entry.name)] = (int(parent), state, command)
    def is_below(one):
        while one in parents:
            one = parents[one][0]
            if one == pid:
                return True
        return False
    return {one: told for one, told in parents.items() if is_below(one)}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
@unittest.skipUnless(MODELS.exists(), f"no AWS service models at {MODELS}")
class Faults(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory(prefix="gait-faults-")
        folder = Path(cls.home.name)
        for name, body in PYTHON.items():
            cls.function(folder, name, "handler.py",
                         f"import os, time\ndef lambda_handler(event, context):\n    {body}\n")
        for name, body in NODE.items():
            cls.function(folder, name, "index.mjs", f"export const handler = async () => {{ {body}; }};\n")
        cls.function(folder, "not-json", "bootstrap", BOOTSTRAP).chmod(0o755)
        cls.endpoint = Endpoint()
        cls.url = f"http://127.0.0.1:{cls.endpoint.port}"
        cls.taken = socket.socket()  # and nobody listens: it refuses
        cls.taken.bind(("127.0.0.1", 0))
        cls.nobody = f"http://127.0.0.1:{cls.taken.getsockname()[1]}"
        cls.server = cls.serve("patient", 60)
        cls.impatient = cls.serve("impatient", 2)  # for endpoints that never answer

    @classmethod
    def serve(cls, name, seconds):
        folder = Path(cls.home.name)
        config = folder / (name + ".json")
        config.write_text(json.dumps({
            "functions": {"processesMax": PROCESSES_MAX},
            "http": {"timeoutSeconds": seconds},
            "aws": {"timeoutSeconds": seconds, "services": {"dynamodb": {"endpoint": cls.url},
                                                            "sqs": {"endpoint": cls.nobody}}},
            "connections": {"c": {"AuthorizationType": "API_KEY", "AuthParameters": {
                "ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "v"}}}}}))
        return Server("--data", str(folder / name), "--functions", str(folder / "functions"),
                      "--config", str(config), variables={"HOME": cls.home.name})

    @classmethod
    def tearDownClass(cls):
        ends = [server.stop() for server in (cls.server, cls.impatient)]
        cls.taken.close()
        cls.home.cleanup()
        assert [code for code, _ in ends] == [0, 0], ends

    @staticmethod
    def function(folder, name, file, text):
        place = folder / "functions" / name
        place.mkdir(parents=True)
        (place / file).write_text(text)
        (place / "function.json").write_text(json.dumps({"timeout": 300, **LIMITS.get(name, {})}))
        return place / file

    def cases(self):
        """{name: (definition, what is expected)}."""
        cases = {}
        for name, expected in FUNCTIONS.items():
            cases["function-" + name] = (
                task(f"arn:aws:lambda:us-east-1:123456789012:function:{name}"), expected)
            cases["invoke-" + name] = (
                task("arn:aws:states:::lambda:invoke", {"FunctionName": name, "Payload.$": "$"}), expected)
        for name, (http, aws) in ENDPOINTS.items():
            url = self.nobody + "/" if name == "refuse" else f"{self.url}/{name}"
            cases["http-" + name] = (task("arn:aws:states:::http:invoke", {
                "ApiEndpoint": url, "Method": "GET", "Authentication": {"ConnectionArn": "c"}}), http)
            for kind in ("aws-sdk:dynamodb", "dynamodb"):
                if name == "refuse":
                    cases["aws-sdk-" + name] = (task("arn:aws:states:::aws-sdk:sqs:listQueues", {}), aws)
                    continue
                cases[f"{kind.replace(':', '-')}-{name}"] = (
                    task(f"arn:aws:states:::{kind}:getItem",
                         {"TableName": name, "Key": {"id": {"S": "1"}}}), aws)
        return cases

    @staticmethod
    def fault(client, arn, expected):
        """What is wrong with how the execution ended; None for nothing."""
        told = client.wait(arn, END_SECONDS_MAX)
        events = client.history(arn)
        said = {name: told.get(name) for name in ("status", "error", "cause")}
        if expected is None:
            return None if told["status"] == "SUCCEEDED" else said
        if told["status"] != "FAILED" or not re.search(expected[0] + "$", told["error"]) or \
                not re.search(expected[1], told["cause"]):
            return said
        failed = failure(events)
        if (failed["error"], failed["cause"]) != (told["error"], told["cause"]) or \
                events[-1]["type"] != "ExecutionFailed":
            return [said, events]
        return None

    def run_rounds(self, server, cases, count):
        """Starts `count` executions, each case in turn, from several clients, and checks how each one ends."""
        names = list(cases)

        def work(worker):
            client = Client(server.port)
            started = []
            for number in range(worker, count, CLIENTS):
                name = names[number % len(names)]
                started.append((name, client.call("StartExecution", stateMachineArn=MACHINE + name,
                                                  input="{}")["executionArn"]))
            wrong = {name: fault for name, arn in started
                     if (fault := self.fault(client, arn, cases[name][1]))}
            client.close()
            return wrong

        with ThreadPoolExecutor(CLIENTS) as pool:
            wrong = {name: fault for one in pool.map(work, range(CLIENTS)) for name, fault in one.items()}
        self.assertEqual(wrong, {})

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def resident_mib(self):
        text = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) / 1024

    def test_each_failure_is_told_and_leaves_nothing_behind(self):
        every = self.cases()
        for server in (self.server, self.impatient):
            for name, (definition, _) in every.items():
                server.call("CreateStateMachine", name=name, roleArn=ROLE, definition=definition)
        silent = {name: case for name, case in every.items() if name.endswith("-stall")}
        self.run_rounds(self.impatient, silent, max(CALLS * len(silent) // len(every), len(silent)))
        cases = {name: case for name, case in every.items() if name not in silent}
        self.run_rounds(self.server, cases, 2 * len(cases))
        before = self.descriptors(), self.resident_mib()
        began = time.monotonic()
        self.run_rounds(self.server, cases, max(CALLS, len(cases)))
        # Idle connections and warm processes come and go: they are bounded, not counted.
        until(lambda: self.descriptors() < before[0] + 60, "descriptors are given back")
        after = self.descriptors(), self.resident_mib()
        print(f"faults: {CALLS} calls in {time.monotonic() - began:.1f} s, descriptors {before[0]} -> "
              f"{after[0]}, resident {before[1]:.0f} -> {after[1]:.0f} MiB")
        kept_mib = 300 if is_sanitized() else 64 + CALLS / 100
        self.assertLess(after[1], before[1] + kept_mib)
        self.server.close()  # a connection that was idle for so long is gone
        for server in (self.server, self.impatient):
            for name in every:
                self.assertEqual(server.call("ListExecutions", stateMachineArn=MACHINE + name,
                                             statusFilter="RUNNING")["executions"], [])
        pid = self.server.process.pid

        def below_without_zombies():
            below = processes_below(pid)
            # What a function does not wait for is the function's: here "parent" has such children.
            return None if any(one[0] == pid and one[1] == "Z" for one in below.values()) else below

        below = until(below_without_zombies, "processes that have ended are reaped")
        # At most processesMax warm processes of a function; the children that "parent" leaves at each call live
        # as long as its process, as in Lambda's sandbox.
        calls_of_parent = 2 * (3 + CALLS // len(cases))
        self.assertLessEqual(len(below), PROCESSES_MAX * len(FUNCTIONS) + calls_of_parent)


if __name__ == "__main__":
    unittest.main()
