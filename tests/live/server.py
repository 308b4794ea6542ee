"""A `gait serve` of the tests' own, on a free port of loopback, and a client without dependencies."""

import atexit
import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GAIT = os.environ.get("GAIT", str(ROOT / "build" / "gait"))
# How long a test waits for something that will come, on however slow a machine. No test is right or
# wrong by how long a thing takes: what is to be seen is waited for, or brought about.
SECONDS_MAX = 300
IDLE_SECONDS_MAX = 5  # the server closes connections, but none so young


def until(condition, what="what is waited for", seconds=SECONDS_MAX):
    """What the condition gives as soon as that is true."""
    end, pause = time.monotonic() + seconds, 0.002
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(pause)
        pause = min(2 * pause, 0.05)
    return found


def lines_of(path):
    """The lines of a file that is being written, but for one that is not whole yet; none without it."""
    try:
        text = Path(path).read_text()
    except FileNotFoundError:
        return []
    return text[:text.rfind("\n") + 1].splitlines()


class ApiError(Exception):
    def __init__(self, status, body):
        self.status = status
        self.name = body.get("__type", "").split("#")[-1]
        self.message = body.get("message", "")
        super().__init__(f"{self.name}: {self.message}")


class Client:
    """Calls the API at a port of loopback, on one connection that is kept while it is used."""

    def __init__(self, port):
        self.port = port
        self.connection, self.called_at = None, 0

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def call(self, operation, **arguments):
        """One API call on a connection that is kept; ApiError for AWS's errors, OSError for none."""
        if time.monotonic() - self.called_at > IDLE_SECONDS_MAX:
            self.close()
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                         timeout=2 * SECONDS_MAX)
        try:
            self.connection.request("POST", "/", json.dumps(arguments), {
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "AWSStepFunctions." + operation})
            answer = self.connection.getresponse()
            body = json.loads(answer.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise ConnectionError(str(error)) from error
        self.called_at = time.monotonic()
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

    def wait(self, arn, seconds=SECONDS_MAX):
        """The execution's description once it has ended."""
        def ended():
            told = self.call("DescribeExecution", executionArn=arn)
            return told if told["status"] != "RUNNING" else None
        return until(ended, f"the end of {arn}", seconds)

    def wait_for_event(self, arn, kind, count=1):
        """The events of that type, once there are so many."""
        def found():
            events = [event for event in self.history(arn) if event["type"] == kind]
            return events if len(events) >= count else None
        return until(found, f"{kind} of {arn}")


class Program:
    """A program that tells its port by its first line of standard output. What it says goes to files,
    so that it never waits for a reader; it is killed at the latest when the interpreter ends."""

    def __init__(self, command, environment=None, folder=None, standard_input=subprocess.DEVNULL,
                 port=r"://\S+:(\d+)"):
        self.files, self.texts = (tempfile.TemporaryFile(), tempfile.TemporaryFile()), None
        self.process = subprocess.Popen(command, env=environment, cwd=folder, stdin=standard_input,
                                        stdout=self.files[0], stderr=self.files[1])
        atexit.register(self.kill_program)
        try:
            until(lambda: self.process.poll() is not None or "\n" in self.printed(),
                  f"the first line of {command}")
            found = re.search(port, self.printed())
            if not found:
                self.process.wait(SECONDS_MAX)
                raise RuntimeError(f"no server: {self.printed()}{self.said()}")
        except BaseException:
            self.kill_program()
            raise
        self.port = int(found.group(1))

    def text(self, which):
        if self.texts:
            return self.texts[which]
        file = self.files[which].fileno()  # whose position is the program's, too
        return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")

    def printed(self):
        """What it has written to standard output up to now."""
        return self.text(0)

    def said(self):
        """What it has written to standard error up to now."""
        return self.text(1)

    def kill_program(self):
        if self.texts:
            return
        atexit.unregister(self.kill_program)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()
        self.texts = self.printed(), self.said()
        for file in self.files:
            file.close()

    def stop_program(self, how=signal.SIGTERM):
        """A graceful stop; returns the exit status and what was said on standard error."""
        if self.process.poll() is None and how is not None:
            self.process.send_signal(how)
        try:
            self.process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill_program()
            raise AssertionError(f"the server has not stopped within {SECONDS_MAX} s; it said: "
                                 f"{self.said()[-2000:]}") from None
        self.kill_program()
        return self.process.returncode, self.said()


class Server(Program, Client):
    """Stopped by the process id that it started."""

    def __init__(self, *options, variables=None, folder=None, is_quiet=True):
        environment = {k: v for k, v in os.environ.items()
                       if not k.startswith(("GAIT_", "AWS_"))}
        environment.update(variables or {})
        Program.__init__(self, [GAIT, "serve", "--listen", "127.0.0.1:0",
                                *(["--quiet"] if is_quiet else []), *options], environment, folder)
        Client.__init__(self, self.port)

    def kill(self):
        self.close()
        self.kill_program()

    def stop(self):
        """A graceful stop; returns the exit status and what was said on standard error."""
        self.close()
        return self.stop_program()
