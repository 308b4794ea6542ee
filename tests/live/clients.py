"""AWS's own clients of Step Functions behind one interface: boto3, the AWS CLI and the SDK for
JavaScript (tools/install-test-clients). call(operation, **input) returns the output or raises Refused."""

import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from unittest import mock

from server import SECONDS_MAX

try:
    import boto3
    import botocore.config
    import botocore.exceptions
    import botocore.session
    from botocore import xform_name
except ImportError:
    boto3 = None
try:
    import awscli.clidriver
except ImportError:
    awscli = None

JAVASCRIPT = Path(__file__).resolve().parent / "js"


class Refused(Exception):
    def __init__(self, code, message):
        self.code, self.message = code, message
        super().__init__(f"{code}: {message}")


class Boto:
    missing = None if boto3 else "boto3 is not installed: tools/install-test-clients"

    def __init__(self, endpoint):
        self.client = boto3.client(
            "stepfunctions", endpoint_url=endpoint, region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test",
            config=botocore.config.Config(inject_host_prefix=False, parameter_validation=False,
                                          read_timeout=SECONDS_MAX, connect_timeout=SECONDS_MAX,
                                          retries={"total_max_attempts": 1}))

    def call(self, operation, **arguments):
        try:
            output = getattr(self.client, xform_name(operation))(**arguments)
        except botocore.exceptions.ClientError as error:
            told = error.response["Error"]
            raise Refused(told["Code"], told["Message"]) from None
        output.pop("ResponseMetadata")
        return output

    def close(self):
        self.client.close()


class Cli:
    """The program's own main function: it starts in the time of a call, and a process takes a second."""

    missing = None if boto3 and awscli else "the AWS CLI is not installed: tools/install-test-clients"
    ERROR = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation: (.*)", re.DOTALL)

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.folder = tempfile.TemporaryDirectory()
        config = Path(self.folder.name) / "config"
        config.write_text("[default]\nregion = us-east-1\noutput = json\n"
                          "parameter_validation = false\n")
        self.environment = mock.patch.dict(os.environ, {
            "AWS_CONFIG_FILE": str(config), "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test", "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "AWS_MAX_ATTEMPTS": "1"})
        self.environment.start()
        self.driver = awscli.clidriver.create_clidriver()

    def call(self, operation, **arguments):
        output, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(said):
            code = self.driver.main(["--endpoint-url", self.endpoint, "--cli-read-timeout", str(SECONDS_MAX),
                                     "--cli-connect-timeout", str(SECONDS_MAX), "stepfunctions",
                                     xform_name(operation, "-"),
                                     "--cli-input-json", json.dumps(arguments)])
        if code == 0:
            return json.loads(output.getvalue() or "{}")
        told = self.ERROR.search(said.getvalue())
        if not told:
            raise RuntimeError(f"aws ended with {code}: {said.getvalue()}")
        raise Refused(told.group(1), told.group(2).rstrip("\n"))

    def close(self):
        self.environment.stop()
        self.folder.cleanup()


class JavaScript:
    missing = (None if shutil.which("node") and (JAVASCRIPT / "node_modules").is_dir() else
               "the AWS SDK for JavaScript is not installed: tools/install-test-clients")

    def __init__(self, endpoint):
        self.process = subprocess.Popen(["node", str(JAVASCRIPT / "sfn.mjs"), endpoint], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def call(self, operation, **arguments):
        self.process.stdin.write(json.dumps({"operation": operation, "input": arguments}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Refused(answer["error"], answer["message"])
        return answer["output"]

    def close(self):
        self.process.communicate(timeout=SECONDS_MAX)
