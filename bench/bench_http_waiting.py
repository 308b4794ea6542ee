#!/usr/bin/env python3
"""Memory of a server with many HTTP Tasks that wait for an endpoint which does not answer.

    bench/bench_http_waiting.py [--gait build/gait] [--tasks 10000]
"""
import argparse
import asyncio
import json
import os
import re
import resource
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "live"))
ROLE = "arn:aws:iam::123456789012:role/r"
SECONDS_MAX = 50  # a task waits for 60


class Silence:
    """An endpoint that reads requests and never answers."""

    def __init__(self):
        self.port, self.requests = 0, 0
        self.ready = threading.Event()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.run, daemon=True).start()
        self.ready.wait()

    def run(self):
        self.loop.run_until_complete(self.serve())

    async def serve(self):
        server = await asyncio.start_server(self.accept, "127.0.0.1", 0, backlog=4096)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await server.serve_forever()

    async def accept(self, reader, writer):
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
            await reader.read()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        writer.close()


def resident_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def say(bench, value, unit):
    print(json.dumps({"bench": bench, "value": round(value, 1), "unit": unit}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gait", default=str(ROOT / "build" / "gait"))
    parser.add_argument("--tasks", type=int, default=10000)
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.environ["GAIT"] = options.gait
    from server import Client, Server
    silence = Silence()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.json"
        config.write_text(json.dumps({"connections": {"c": {
            "AuthorizationType": "API_KEY", "AuthParameters": {"ApiKeyAuthParameters": {
                "ApiKeyName": "X-Key", "ApiKeyValue": "v"}}}}}))
        server = Server("--data", folder + "/data", "--config", str(config))
        try:
            machine = server.call("CreateStateMachine", name="m", roleArn=ROLE, definition=json.dumps(
                {"StartAt": "T", "States": {"T": {
                    "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": True,
                    "Parameters": {"ApiEndpoint": f"http://127.0.0.1:{silence.port}/",
                                   "Method": "POST", "RequestBody.$": "$",
                                   "Authentication": {"ConnectionArn": "c"}}}}}))["stateMachineArn"]
            idle = resident_mib(server.process.pid)
            began = time.monotonic()

            def start_many(count):
                client = Client(server.port)
                for _ in range(count):
                    client.call("StartExecution", stateMachineArn=machine, input='{"a":1}')
                client.close()

            with ThreadPoolExecutor(8) as pool:
                list(pool.map(start_many, [options.tasks // 8] * 8))
            wanted = options.tasks // 8 * 8
            while silence.requests < wanted and time.monotonic() - began < SECONDS_MAX:
                time.sleep(0.05)
            if silence.requests < wanted:
                sys.exit(f"only {silence.requests} of {wanted} requests came")
            say("http_waiting_seconds", time.monotonic() - began, "s")
            say("http_waiting_idle", idle, "MiB")
            say("http_waiting", resident_mib(server.process.pid), "MiB")
            health = time.monotonic()
            server.call("ListStateMachines")
            say("http_waiting_answer", 1000 * (time.monotonic() - health), "ms")
        finally:
            server.kill()


if __name__ == "__main__":
    main()
