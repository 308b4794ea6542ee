"""The Lambda API as boto3 sees it.

    GAIT=build/gait python3 -m unittest tests.live.test_lambda

GAIT_LAMBDA_SERVER names build/api_lambda_server in place of the whole server; what needs workflows
is skipped then. Without boto3 or a server everything is skipped.
"""
import base64
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
import zipfile
from pathlib import Path

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError
except ImportError:
    boto3 = None

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, SECONDS_MAX, Program, until  # noqa: E402: found by the line above

ROLE = "arn:aws:iam::123456789012:role/lambda-role"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
ECHO = "def handler(event, context):\n    return event\n"


def zipped(files):
    """A zip of {name: text, bytes or (ZipInfo, text)}."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in files.items():
            if isinstance(text, tuple):
                out.writestr(*text)
            else:
                out.writestr(name, text)
    return data.getvalue()


def entry(name, mode):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


class Server:
    """A server over a data folder of its own, each time on a free port."""

    def __init__(self, folder):
        self.folder, self.words = folder, ""
        self.start()

    def start(self):
        functions = Path(self.folder, "functions")
        functions.mkdir(exist_ok=True)
        data = str(Path(self.folder, "data"))
        command = [gait(), "serve", "--listen", "127.0.0.1:0", "--data", data,
                   "--functions", str(functions), "--region", "us-east-1"]
        if alone():
            self.program = Program([alone(), data, str(functions)], standard_input=subprocess.PIPE,
                                   port=r"(\d+)")
        else:
            self.program = Program(command)
        self.port = self.program.port

    def client(self, service):
        return boto3.client(service, endpoint_url="http://127.0.0.1:%d" % self.port,
                            region_name="us-east-1", aws_access_key_id="test",
                            aws_secret_access_key="test",
                            config=Config(retries={"total_max_attempts": 1},
                                          read_timeout=2 * SECONDS_MAX))

    def stop(self, how=signal.SIGTERM):
        if alone() and how == signal.SIGTERM:
            self.program.process.stdin.close()
            how = None
        status, said = self.program.stop_program(how)
        self.words += said
        return status


def gait():
    return GAIT if os.access(GAIT, os.X_OK) else None


def alone():
    return os.environ.get("GAIT_LAMBDA_SERVER")


@unittest.skipIf(boto3 is None, "boto3 is not installed")
@unittest.skipIf(not gait() and not alone(), "there is no gait to test: set GAIT")
class LambdaCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="gait-lambda-test-")
        cls.server = Server(cls.folder)
        cls.client = cls.server.client("lambda")
        cls.serial = 0

    @classmethod
    def tearDownClass(cls):
        status = cls.server.stop()
        shutil.rmtree(cls.folder)
        assert status == 0, cls.server.words
        assert "Sanitizer" not in cls.server.words, cls.server.words

    def name(self):
        type(self).serial += 1
        return "function-%d" % self.serial

    def create(self, code=ECHO, name=None, **more):
        name = name or self.name()
        files = code if isinstance(code, dict) else {"handler.py": code}
        zip_file = code if isinstance(code, bytes) else zipped(files)
        arguments = {"FunctionName": name, "Runtime": "python3.12", "Handler": "handler.handler",
                     "Role": ROLE, "Code": {"ZipFile": zip_file}, "Timeout": 300}
        arguments.update(more)
        self.client.create_function(**arguments)
        return name

    def invoke(self, name, payload=None, **more):
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(payload), **more)
        return json.loads(answer["Payload"].read())

    def refused(self, error_name, status, call, *args, **kwargs):
        with self.assertRaises(ClientError) as caught:
            call(*args, **kwargs)
        response = caught.exception.response
        self.assertEqual((response["Error"]["Code"],
                          response["ResponseMetadata"]["HTTPStatusCode"]), (error_name, status))
        return response["Error"]["Message"]

    def in_data(self, *parts):
        return Path(self.folder, "data", "lambda", *parts)


class Functions(LambdaCase):
    def test_a_function_is_created_from_a_zip_and_invoked(self):
        answer = self.client.create_function(
            FunctionName="made", Runtime="python3.12", Handler="app.main", Role=ROLE,
            Code={"ZipFile": zipped({"app.py": "import os\ndef main(e, c): return "
                                     "[e, os.environ['A1'], c.function_version]\n"})},
            Environment={"Variables": {"A1": "b"}}, Description="what it does", MemorySize=256)
        self.assertEqual(answer["FunctionArn"], ARN + "made")
        self.assertEqual((answer["State"], answer["LastUpdateStatus"], answer["Version"]),
                         ("Active", "Successful", "$LATEST"))
        self.assertEqual((answer["Timeout"], answer["MemorySize"]), (3, 256))
        self.assertRegex(answer["LastModified"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$")
        self.assertEqual(self.invoke("made", {"x": 1}), [{"x": 1}, "b", "$LATEST"])

    def test_waiters_see_it_active(self):
        name = self.create()
        for waiter in ("function_active_v2", "function_updated_v2", "function_exists"):
            self.client.get_waiter(waiter).wait(FunctionName=name)

    def test_code_sha_and_size_are_the_zips(self):
        import hashlib
        package = zipped({"handler.py": ECHO})
        name = self.create(package)
        shown = self.client.get_function_configuration(FunctionName=name)
        digest = base64.b64encode(hashlib.sha256(package).digest()).decode()
        self.assertEqual((shown["CodeSha256"], shown["CodeSize"]), (digest, len(package)))

    def test_the_package_can_be_fetched(self):
        package = zipped({"handler.py": ECHO})
        name = self.create(package, Tags={"team": "a b"})
        shown = self.client.get_function(FunctionName=name)
        self.assertEqual(shown["Configuration"]["FunctionName"], name)
        self.assertEqual(shown["Tags"], {"team": "a b"})
        with urllib.request.urlopen(shown["Code"]["Location"]) as answer:
            self.assertEqual(answer.read(), package)

    def test_node_and_custom_runtimes_run(self):
        node = self.create({"index.mjs": "export const main = async (e) => ({got: e})"},
                           Runtime="nodejs20.x", Handler="index.main")
        self.assertEqual(self.invoke(node, 1), {"got": 1})
        script = ("#!/bin/sh\nset -e\nA=http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation\n"
                  "while true; do\n"
                  "  I=$(curl -sD - -o /dev/null $A/next | tr -d '\\r' | "
                  "awk 'tolower($1)==\"lambda-runtime-aws-request-id:\" {print $2}')\n"
                  "  curl -s -X POST $A/$I/response -d '\"from sh\"' >/dev/null\ndone\n")
        own = self.create({"bootstrap": (entry("bootstrap", 0o100755), script)},
                          Runtime="provided.al2023", Handler="any")
        self.assertEqual(self.invoke(own), "from sh")

    def test_folders_links_and_unicode_names_are_unpacked(self):
        name = self.create({
            "handler.py": "import lib.deep.part, os\ndef handler(e, c): return "
                          "[lib.deep.part.X, open('l\\u00e9.txt').read(), open('link').read(), "
                          "os.access('tool', os.X_OK)]\n",
            "lib/deep/part.py": "X = 7\n", "lé.txt": "text",
            "link": (entry("link", 0o120777), "lé.txt"),
            "tool": (entry("tool", 0o100755), "")})
        self.assertEqual(self.invoke(name), [7, "text", "text", True])

    def test_a_name_is_taken_once(self):
        name = self.create()
        message = self.refused("ResourceConflictException", 409, self.create, name=name)
        self.assertEqual(message, "Function already exist: " + name)

    def test_lists_come_in_pages(self):
        names = sorted(self.create(name="page-%02d" % i) for i in range(7))
        Path(self.folder, "functions", "page-folder").mkdir()
        Path(self.folder, "functions", "page-folder", "handler.py").write_text(ECHO)
        pages = self.client.get_paginator("list_functions").paginate(
            PaginationConfig={"PageSize": 3})
        listed = [f["FunctionName"] for page in pages for f in page["Functions"]]
        self.assertEqual([n for n in listed if n.startswith("page-")], names + ["page-folder"])
        self.assertEqual(sorted(set(listed)), listed)

    def test_a_functions_folder_is_shown_invoked_and_not_changed(self):
        folder = Path(self.folder, "functions", "by-hand")
        folder.mkdir()
        (folder / "handler.py").write_text(ECHO)
        shown = self.client.get_function(FunctionName="by-hand")["Configuration"]
        self.assertEqual((shown["Runtime"], shown["State"]), ("python3.12", "Active"))
        self.assertEqual(self.invoke("by-hand", [1]), [1])
        message = self.refused("InvalidParameterValueException", 400, self.client.delete_function,
                               FunctionName="by-hand")
        self.assertIn("functions folder", message)
        self.create("def handler(e, c): return 'created'\n", name="by-hand")
        self.assertEqual(self.invoke("by-hand"), "created")
        self.client.delete_function(FunctionName="by-hand")
        self.assertEqual(self.invoke("by-hand", 2), 2)

    def test_deleted_is_gone(self):
        name = self.create()
        self.assertEqual(self.invoke(name, 1), 1)
        self.client.delete_function(FunctionName=name)
        message = self.refused("ResourceNotFoundException", 404, self.client.get_function,
                               FunctionName=name)
        self.assertEqual(message, "Function not found: " + ARN + name)
        self.refused("ResourceNotFoundException", 404, self.client.invoke, FunctionName=name)
        self.refused("ResourceNotFoundException", 404, self.client.delete_function,
                     FunctionName=name)
        self.assertFalse(self.in_data(name).exists())
        self.create("def handler(e, c): return 'anew'\n", name=name)
        self.assertEqual(self.invoke(name), "anew")

    def test_code_is_updated(self):
        name = self.create("def handler(e, c): return 1\n")
        self.assertEqual(self.invoke(name), 1)
        before = self.client.get_function_configuration(FunctionName=name)
        new = zipped({"handler.py": "def handler(e, c): return 2\n"})
        dry = self.client.update_function_code(FunctionName=name, ZipFile=new, DryRun=True)
        self.assertNotEqual(dry["CodeSha256"], before["CodeSha256"])
        self.assertEqual(self.invoke(name), 1)
        after = self.client.update_function_code(FunctionName=name, ZipFile=new)
        self.assertEqual(after["CodeSha256"], dry["CodeSha256"])
        self.assertNotEqual(after["RevisionId"], before["RevisionId"])
        self.assertEqual(self.invoke(name), 2)
        self.refused("PreconditionFailedException", 412, self.client.update_function_code,
                     FunctionName=name, ZipFile=new, RevisionId=before["RevisionId"])

    def test_configuration_is_updated(self):
        name = self.create("import os\ndef handler(e, c): return os.environ.get('V1')\n",
                           Environment={"Variables": {"V1": "old"}})
        self.assertEqual(self.invoke(name), "old")
        answer = self.client.update_function_configuration(
            FunctionName=name, Environment={"Variables": {"V1": "new"}}, Timeout=9)
        self.assertEqual((answer["Timeout"], answer["Environment"]), (9, {"Variables": {"V1": "new"}}))
        self.assertEqual(self.invoke(name), "new")

    def test_tags_are_kept(self):
        name = self.create(Tags={"a": "1", "b": "2"})
        self.client.tag_resource(Resource=ARN + name, Tags={"b": "3", "c": "4"})
        self.client.untag_resource(Resource=ARN + name, TagKeys=["a"])
        self.assertEqual(self.client.list_tags(Resource=ARN + name)["Tags"], {"b": "3", "c": "4"})

    def test_names_are_read_in_every_form(self):
        name = self.create()
        for form in (name, name + ":$LATEST", ARN + name, ARN + name + ":$LATEST",
                     "123456789012:function:" + name, "function:" + name):
            self.assertEqual(self.invoke(form, 5), 5)
        self.refused("ValidationException", 400, self.client.get_function, FunctionName="a b")
        self.refused("InvalidParameterValueException", 400, self.client.get_function,
                     FunctionName=name + ":1", Qualifier="2")

    def test_what_is_not_supported_is_refused_by_name(self):
        def refused(**more):
            return self.refused("InvalidParameterValueException", 400, self.create, **more)
        self.assertIn("S3Bucket", refused(Code={"S3Bucket": "bbb", "S3Key": "k"}))
        self.assertIn("ImageUri", refused(Code={"ImageUri": "x"}, PackageType="Image"))
        self.assertIn("Layers", refused(Layers=["arn:aws:lambda:us-east-1:123456789012:layer:a:1"]))
        self.assertIn("DeadLetterConfig", refused(DeadLetterConfig={"TargetArn": "arn:aws:sqs:a:b:c"}))
        self.assertIn("Value java21 at 'runtime' failed to satisfy constraint: Member must satisfy "
                      "enum value set", refused(Runtime="java21"))
        self.assertIn("AWS_REGION", refused(Environment={"Variables": {"AWS_REGION": "x"}}))
        self.assertIn("4KB", refused(Environment={"Variables": {"BIG": "x" * 5000}}))
        self.refused("UnknownOperationException", 404, self.client.get_account_settings)

    def test_constraints_are_told_as_aws_does(self):
        message = self.refused("ValidationException", 400, self.create, Timeout=901,
                               Role="arn:aws:iam::1:role/x")
        self.assertEqual(
            message, "2 validation errors detected: Value 'arn:aws:iam::1:role/x' at 'role' failed to "
            "satisfy constraint: Member must satisfy regular expression pattern: "
            "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+; Value '901' at "
            "'timeout' failed to satisfy constraint: Member must have value less than or equal to 900")


class Invocations(LambdaCase):
    def test_an_error_is_unhandled(self):
        name = self.create("def handler(e, c): raise ValueError('bad')\n")
        answer = self.client.invoke(FunctionName=name)
        error = json.loads(answer["Payload"].read())
        self.assertEqual((answer["StatusCode"], answer["FunctionError"]), (200, "Unhandled"))
        self.assertEqual((error["errorType"], error["errorMessage"]), ("ValueError", "bad"))

    def test_a_timeout_is_told(self):
        name = self.create("import time\ndef handler(e, c): time.sleep(60)\n", Timeout=1)
        answer = self.client.invoke(FunctionName=name)
        self.assertEqual(answer["FunctionError"], "Unhandled")
        self.assertIn("Task timed out after 1.00 seconds",
                      json.loads(answer["Payload"].read())["errorMessage"])

    def test_the_logs_tail_comes_along(self):
        name = self.create("def handler(e, c):\n    print('x' * 5000)\n    print('the end')\n")
        answer = self.client.invoke(FunctionName=name, LogType="Tail")
        tail = base64.b64decode(answer["LogResult"]).decode()
        self.assertEqual(len(tail), 4096)
        self.assertIn("the end\n", tail)
        self.assertNotIn("LogResult", self.client.invoke(FunctionName=name))

    def test_an_event_is_accepted_and_runs(self):
        mark = Path(self.folder, "mark")
        name = self.create("def handler(e, c): open(e, 'w').write('ran')\n")
        answer = self.client.invoke(FunctionName=name, InvocationType="Event",
                                    Payload=json.dumps(str(mark)))
        self.assertEqual((answer["StatusCode"], answer["Payload"].read()), (202, b""))
        until(lambda: mark.exists() and mark.read_text() == "ran", "the function's call")

    def test_a_dry_run_runs_nothing(self):
        name = self.create("raise SystemExit('it ran')\n")
        self.assertEqual(self.client.invoke(FunctionName=name, InvocationType="DryRun")["StatusCode"],
                         204)
        self.refused("ResourceNotFoundException", 404, self.client.invoke,
                     FunctionName="nobody", InvocationType="DryRun")

    def test_the_client_context_reaches_the_function(self):
        name = self.create("def handler(e, c): return c.client_context.custom['k']\n")
        context = base64.b64encode(b'{"custom": {"k": "v"}}').decode()
        self.assertEqual(self.invoke(name, ClientContext=context), "v")
        self.refused("InvalidRequestContentException", 400, self.client.invoke,
                     FunctionName=name, ClientContext="!!!")

    def test_payloads_are_json_of_at_most_6_mib(self):
        name = self.create()
        message = self.refused("InvalidRequestContentException", 400, self.client.invoke,
                               FunctionName=name, Payload=b"{not json")
        self.assertTrue(message.startswith("Could not parse request body into json: Could not parse "
                                           "payload into json: Unexpected character ('n'"), message)
        big = "x" * (6 * 1024 * 1024 - 2)
        self.assertEqual(self.invoke(name, big), big)
        self.refused("RequestTooLargeException", 413, self.client.invoke, FunctionName=name,
                     Payload=json.dumps(big + "y"))
        self.assertEqual(self.client.invoke(FunctionName=name)["Payload"].read(), b"{}")

    def test_a_function_that_is_not_there(self):
        message = self.refused("ResourceNotFoundException", 404, self.client.invoke,
                               FunctionName="nobody")
        self.assertEqual(message, "Function not found: " + ARN + "nobody:$LATEST")


class Versions(LambdaCase):
    def setUp(self):
        self.fn = self.create("def handler(e, c): return ['one', c.function_version, "
                              "c.invoked_function_arn]\n")

    def change(self, word):
        self.client.update_function_code(FunctionName=self.fn, ZipFile=zipped(
            {"handler.py": "def handler(e, c): return [%r, c.function_version]\n" % word}))

    def test_a_version_keeps_its_code(self):
        first = self.client.publish_version(FunctionName=self.fn, Description="the first")
        self.assertEqual((first["Version"], first["FunctionArn"], first["Description"]),
                         ("1", ARN + self.fn + ":1", "the first"))
        for i in range(4):
            self.change("change %d" % i)
        self.assertEqual(self.invoke(self.fn)[0], "change 3")
        self.assertEqual(self.invoke(self.fn, Qualifier="1"), ["one", "1", ARN + self.fn + ":1"])
        packages = sorted(p.name for p in self.in_data(self.fn).iterdir() if p.is_dir())
        self.assertEqual(packages, ["1", "4", "5"])  # the version's, the last two of $LATEST

    def test_an_unchanged_function_keeps_its_version(self):
        one = self.client.publish_version(FunctionName=self.fn)
        self.assertEqual(self.client.publish_version(FunctionName=self.fn)["Version"], one["Version"])
        self.change("two")
        self.assertEqual(self.client.publish_version(FunctionName=self.fn)["Version"], "2")
        listed = self.client.list_versions_by_function(FunctionName=self.fn)["Versions"]
        self.assertEqual([v["Version"] for v in listed], ["$LATEST", "1", "2"])
        page = self.client.list_versions_by_function(FunctionName=self.fn, MaxItems=2)
        rest = self.client.list_versions_by_function(FunctionName=self.fn, Marker=page["NextMarker"])
        self.assertEqual([v["Version"] for v in page["Versions"] + rest["Versions"]],
                         ["$LATEST", "1", "2"])
        everything = self.client.list_functions(FunctionVersion="ALL")["Functions"]
        self.assertIn(ARN + self.fn + ":2", [f["FunctionArn"] for f in everything])

    def test_publish_with_create_and_update(self):
        name = self.name()
        answer = self.client.create_function(
            FunctionName=name, Runtime="python3.12", Handler="handler.handler", Role=ROLE,
            Code={"ZipFile": zipped({"handler.py": ECHO})}, Publish=True)
        self.assertEqual((answer["Version"], answer["FunctionArn"]), ("1", ARN + name + ":1"))
        answer = self.client.update_function_code(
            FunctionName=name, ZipFile=zipped({"handler.py": "\n" + ECHO}), Publish=True)
        self.assertEqual(answer["Version"], "2")

    def test_an_alias_names_a_version(self):
        self.client.publish_version(FunctionName=self.fn)
        self.change("two")
        self.client.publish_version(FunctionName=self.fn)
        made = self.client.create_alias(FunctionName=self.fn, Name="live", FunctionVersion="1")
        self.assertEqual(made["AliasArn"], ARN + self.fn + ":live")
        self.assertEqual(self.invoke(self.fn, Qualifier="live"),
                         ["one", "1", ARN + self.fn + ":live"])
        self.client.update_alias(FunctionName=self.fn, Name="live", FunctionVersion="2",
                                 RevisionId=made["RevisionId"])
        answer = self.client.invoke(FunctionName=self.fn + ":live")
        self.assertEqual(answer["ExecutedVersion"], "2")
        self.assertEqual(self.client.get_alias(FunctionName=self.fn, Name="live")["FunctionVersion"],
                         "2")
        shown = self.client.get_function(FunctionName=self.fn, Qualifier="live")["Configuration"]
        self.assertEqual((shown["Version"], shown["FunctionArn"]), ("2", made["AliasArn"]))
        self.refused("PreconditionFailedException", 412, self.client.update_alias,
                     FunctionName=self.fn, Name="live", RevisionId=made["RevisionId"])

    def test_aliases_are_refused_listed_and_deleted(self):
        self.client.publish_version(FunctionName=self.fn)
        for name in ("a", "b"):
            self.client.create_alias(FunctionName=self.fn, Name=name, FunctionVersion="1")
        message = self.refused("ResourceConflictException", 409, self.client.create_alias,
                               FunctionName=self.fn, Name="a", FunctionVersion="1")
        self.assertEqual(message, "Alias already exists: " + ARN + self.fn + ":a")
        self.refused("ResourceNotFoundException", 404, self.client.create_alias,
                     FunctionName=self.fn, Name="c", FunctionVersion="99")
        self.refused("ValidationException", 400, self.client.create_alias,
                     FunctionName=self.fn, Name="12", FunctionVersion="1")
        listed = self.client.list_aliases(FunctionName=self.fn)["Aliases"]
        self.assertEqual([a["Name"] for a in listed], ["a", "b"])
        self.refused("ResourceConflictException", 409, self.client.delete_function,
                     FunctionName=self.fn, Qualifier="1")
        self.client.delete_alias(FunctionName=self.fn, Name="a")
        self.client.delete_alias(FunctionName=self.fn, Name="b")
        message = self.refused("ResourceNotFoundException", 404, self.client.get_alias,
                               FunctionName=self.fn, Name="a")
        self.assertEqual(message, "Cannot find alias arn: " + ARN + self.fn + ":a")
        self.client.delete_function(FunctionName=self.fn, Qualifier="1")
        self.refused("ResourceNotFoundException", 404, self.client.invoke, FunctionName=self.fn,
                     Qualifier="1")
        self.assertEqual(self.invoke(self.fn)[0], "one")

    def test_weights_share_the_calls(self):
        self.client.publish_version(FunctionName=self.fn)
        self.change("two")
        self.client.publish_version(FunctionName=self.fn)
        self.client.create_alias(FunctionName=self.fn, Name="canary", FunctionVersion="1",
                                 RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
        seen = {self.invoke(self.fn, Qualifier="canary")[1] for _ in range(60)}
        self.assertEqual(seen, {"1", "2"})


class Packages(LambdaCase):
    def refused_package(self, package):
        name = self.name()
        message = self.refused("InvalidParameterValueException", 400, self.create, package, name)
        self.refused("ResourceNotFoundException", 404, self.client.get_function, FunctionName=name)
        incoming = self.in_data(".incoming")
        self.assertEqual(list(incoming.iterdir()) if incoming.exists() else [], [])
        return message

    def test_what_is_not_a_zip(self):
        for junk in (b"no zip", b"PK\x03\x04" + b"\0" * 100, zipped({"a": "b" * 9999})[:-40]):
            self.assertIn("Could not unzip uploaded file. Please check your file, then try to upload "
                          "again.", self.refused_package(junk))
        self.refused_package(zipped({}))

    def test_entries_cannot_leave(self):
        outside = Path(self.folder, "data", "lambda", "escaped")
        for path in ("../escaped", "a/../../escaped", "/tmp/gait-escaped", "..", "a/..",
                     "a\\..\\..\\escaped", "../" * 30 + "tmp/gait-escaped"):
            message = self.refused_package(zipped({"handler.py": ECHO,
                                                   "x": (entry(path, 0o100644), "evil")}))
            self.assertRegex(message, "would leave|relative path")
        self.assertFalse(outside.exists())
        self.assertFalse(Path("/tmp/gait-escaped").exists())

    def test_links_cannot_leave(self):
        for target in ("/etc/passwd", "../x", "a/../../x", "a/..", "", ".."):
            self.refused_package(zipped({"handler.py": ECHO,
                                         "l": (entry("l", 0o120777), target)}))

    def test_nothing_is_written_through_links(self):
        self.refused_package(zipped({"1": (entry("d/", 0o40755), ""),
                                     "2": (entry("l", 0o120777), "d"),
                                     "3": (entry("l/file", 0o100644), "through")}))
        self.refused_package(zipped({"1": (entry("f", 0o100644), ""),
                                     "2": (entry("l", 0o120777), "f"),
                                     "3": (entry("l", 0o100644), "through")}))

    def test_devices_and_sockets_are_refused(self):
        for kind in (0o020000, 0o060000, 0o140000):
            message = self.refused_package(zipped({"p": (entry("p", kind | 0o644), "")}))
            self.assertIn("neither a file nor a folder nor a link", message)

    def test_a_bomb_is_stopped(self):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as out:
            with out.open("zeros", "w", force_zip64=True) as big:
                for _ in range(300):
                    big.write(b"\0" * (1 << 20))
        message = self.refused_package(data.getvalue())
        self.assertEqual(message, "Unzipped size must be smaller than 262144000 bytes")

    def test_a_zip_of_50_mb_is_taken_and_others_are_served_meanwhile(self):
        name = self.create()
        noise = os.urandom(49 * 1024 * 1024)
        big = self.create({"handler.py": "import os\ndef handler(e, c): return "
                           "os.path.getsize('noise')\n",
                           "noise": (entry("noise", 0o100644), noise)})
        self.assertEqual(self.invoke(big), len(noise))
        self.assertEqual(self.invoke(name, 1), 1)
        self.refused("RequestTooLargeException", 413, self.create,
                     {"noise": (entry("noise", 0o100644), noise + noise[:4 * 1024 * 1024])})

    def test_odd_requests_are_answered(self):
        for method, path, body in (
                ("GET", "/2015-03-31/functions/%00", None), ("GET", "/2015-03-31/functions/%", None),
                ("GET", "/2015-03-31/functions/..%2f..", None), ("PATCH", "/2015-03-31/functions", None),
                ("GET", "/2015-03-31/functions?MaxItems=99999999999999999999", None),
                ("GET", "/lambda-packages/a/..%2f1.zip", None),
                ("GET", "/lambda-packages/a/-1.zip", None),
                ("POST", "/2015-03-31/functions", b"[" * 5000), ("POST", "/2015-03-31/functions", b"[]"),
                ("POST", "/2015-03-31/functions", b'{"FunctionName":1}'),
                ("POST", "/2015-03-31/functions", b'{"FunctionName":"a","Code":7,"Role":[]}'),
                ("POST", "/2015-03-31/functions",
                 b'{"FunctionName":"a","Runtime":"python3.12","Handler":"a.b","Code":{"ZipFile":"%%%%"},'
                 b'"Role":"arn:aws:iam::123456789012:role/r"}')):
            request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.server.port, path),
                                             data=body, method=method)
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(request, timeout=SECONDS_MAX)
            self.assertIn(caught.exception.code, (400, 404), path)
            self.assertTrue(caught.exception.headers["x-amzn-ErrorType"])
            caught.exception.close()


class Restarts(LambdaCase):
    def test_functions_survive(self):
        name = self.create("def handler(e, c): return 'kept'\n", Tags={"t": "1"})
        self.client.publish_version(FunctionName=name)
        self.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        self.in_data(".incoming", "left").mkdir(parents=True)
        self.in_data(name, "77", "code").mkdir(parents=True)
        for how in (signal.SIGTERM, signal.SIGKILL):
            before = self.client.get_function(FunctionName=name)
            self.server.stop(how)
            self.server.start()
            type(self).client = self.server.client("lambda")
            after = self.client.get_function(FunctionName=name)
            for answer in (before, after):
                answer.pop("ResponseMetadata")
                answer["Code"].pop("Location")
            self.assertEqual(after, before)
            self.assertEqual(self.invoke(name, Qualifier="live"), "kept")
        self.assertFalse(self.in_data(".incoming").exists())
        self.assertFalse(self.in_data(name, "77").exists())

    def test_it_stops_while_calls_run_and_packages_unpack(self):
        mark = Path(self.folder, "mark")
        name = self.create("import time\ndef handler(e, c):\n    open(%r, 'w').close()\n"
                           "    time.sleep(600)\n" % str(mark), Timeout=900)
        noise = os.urandom(20 * 1024 * 1024)

        def quietly(call, *args, **kwargs):
            try:
                call(*args, **kwargs)
            except Exception:
                pass
        threads = [threading.Thread(target=quietly, args=(self.client.invoke,),
                                    kwargs={"FunctionName": name}),
                   threading.Thread(target=quietly, args=(self.create,),
                                    kwargs={"code": {"n": (entry("n", 0o100644), noise)}})]
        for thread in threads:
            thread.start()
        until(lambda: mark.exists(), "the call")
        incoming = self.in_data(".incoming")
        until(lambda: not threads[1].is_alive() or any(incoming.glob("*")), "the package")
        self.assertEqual(self.server.stop(), 0)
        for thread in threads:
            thread.join(SECONDS_MAX)
            self.assertFalse(thread.is_alive())
        self.server.start()
        type(self).client = self.server.client("lambda")
        self.assertEqual(self.client.get_function(FunctionName=name)["Configuration"]["Timeout"], 900)


@unittest.skipIf(alone(), "workflows need the whole server")
class Workflows(LambdaCase):
    def run_machine(self, states, data):
        sfn = self.server.client("stepfunctions")
        made = sfn.create_state_machine(
            name=self.name(), roleArn=ROLE,
            definition=json.dumps({"StartAt": next(iter(states)), "States": states}))
        started = sfn.start_execution(stateMachineArn=made["stateMachineArn"], input=json.dumps(data))

        def ended():
            found = sfn.describe_execution(executionArn=started["executionArn"])
            return found if found["status"] != "RUNNING" else None

        return until(ended, "the execution's end")

    def test_a_task_calls_a_created_function(self):
        name = self.create("def handler(e, c): return {'twice': 2 * e['n']}\n")
        for resource in (ARN + name, ARN + name + ":$LATEST"):
            found = self.run_machine({"T": {"Type": "Task", "Resource": resource, "End": True}},
                                     {"n": 4})
            self.assertEqual((found["status"], json.loads(found["output"])),
                             ("SUCCEEDED", {"twice": 8}))

    def test_lambda_invoke_calls_an_alias(self):
        name = self.create("def handler(e, c): return e\n", Publish=True)
        self.client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        found = self.run_machine({"T": {
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": name + ":live", "Payload.$": "$"}, "End": True}}, {"n": 4})
        output = json.loads(found["output"])
        self.assertEqual((output["Payload"], output["ExecutedVersion"]), ({"n": 4}, "1"))

    def test_a_function_may_come_after_its_workflow(self):
        states = {"T": {"Type": "Task", "Resource": ARN + "later", "End": True}}
        found = self.run_machine(states, {})
        self.assertEqual((found["status"], found["error"]),
                         ("FAILED", "Lambda.ResourceNotFoundException"))
        self.create(name="later")
        self.assertEqual(self.run_machine(states, {"a": 1})["output"], '{"a":1}')


if __name__ == "__main__":
    unittest.main()
