"""A `gait serve` of the tests' own, on a free port of loopback, and a client without dependencies."""

import http.client
import json
import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GAIT = os.environ.get("GAIT", str(ROOT / "build" / "gait"))
READY_SECONDS = 20


class ApiError(Exception):
    def __init__(self, status, body):
        self.status = status
        self.name = body.get("__type", "").split("#")[-1]
        self.message = body.get("message", "")
        super().__init__(f"{self.name}: {self.message}")


class Client:
    """Calls the API at a port of loopback, on one connection that is kept."""

    def __init__(self, port):
        self.port = port
        self.connection = None

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def call(self, operation, **arguments):
        """One API call on a connection that is kept; ApiError for AWS's errors, OSError for none."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            self.connection.request("POST", "/", json.dumps(arguments), {
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "AWSStepFunctions." + operation})
            answer = self.connection.getresponse()
            body = json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise ConnectionError(str(error)) from error
        if answer.status != 200:
            raise ApiError(answer.status, body)
        return body

    def history(self, arn):
        events, token = [], {}
        while True:
            page = self.call("GetExecutionHistory", executionArn=arn, maxResults=1000, **token)
            events += page["events"]
            if "nextToken" not in page:
                return events
            token = {"nextToken": page["nextToken"]}

    def wait(self, arn, seconds=60):
        """The execution's description once it has ended."""
        end = time.monotonic() + seconds
        while True:
            told = self.call("DescribeExecution", executionArn=arn)
            if told["status"] != "RUNNING" or time.monotonic() > end:
                return told
            time.sleep(0.05)


class Server(Client):
    """Stopped by the process id that it started."""

    def __init__(self, *options, variables=None):
        environment = {k: v for k, v in os.environ.items()
                       if not k.startswith(("GAIT_", "AWS_"))}
        environment.update(variables or {})
        self.process = subprocess.Popen(
            [GAIT, "serve", "--listen", "127.0.0.1:0", "--quiet", *options], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], READY_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        found = re.search(r"127\.0\.0\.1:(\d+)", line)
        if not found:
            self.process.kill()
            raise RuntimeError(f"no server: {line}{self.process.communicate()[1]}")
        super().__init__(int(found.group(1)))

    def kill(self):
        self.close()
        self.process.kill()
        self.process.communicate()

    def stop(self):
        """A graceful stop; returns the exit status and what was said on standard error."""
        self.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said
