"""The table of optimized integrations says only what AWS's service models say too, and
docs/integrations.md lists exactly what is in it."""

import importlib.util
import json
import os
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOOL = Path(os.environ.get("GAIT_BUILD", ROOT / "build")) / "integrations_table"
# aws-sdk names that are not botocore's
BOTOCORE = {"eventbridge": "events", "bedrockruntime": "bedrock-runtime",
            "emrcontainers": "emr-containers", "emrserverless": "emr-serverless"}
# What is carried out beside the table, and is in the document too.
OTHERS = {("lambda", "invoke"): {"", "waitForTaskToken"}, ("http", "invoke"): {""},
          ("apigateway", "invoke"): {"", "waitForTaskToken"}, ("eks", "call"): {""},
          ("eks", "runJob"): {"", "sync"},
          ("states", "startExecution"): {"", "sync", "sync:2", "waitForTaskToken"}}


def rows():
    done = subprocess.run([TOOL], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@unittest.skipUnless(TOOL.exists(), f"no program at {TOOL}")
@unittest.skipUnless(importlib.util.find_spec("botocore"),
                     "botocore is not installed: tools/install-test-clients")
class Models(unittest.TestCase):
    def setUp(self):
        import botocore.session
        self.session = botocore.session.get_session()
        self.models = {}

    def operation(self, row, action):
        name = BOTOCORE.get(row["sdk"], row["sdk"])
        if name not in self.models:
            self.models[name] = self.session.get_service_model(name)
        return self.models[name].operation_model(action[0].upper() + action[1:])

    def member(self, shape, name):
        found = {member.lower(): value for member, value in shape.members.items()}
        self.assertIn(name.lower(), found, shape)
        return found[name.lower()]

    def walk(self, shape, path):
        """The shape at "Jobs[0].Status"."""
        for part in filter(None, path.split(".")):
            shape = self.member(shape, part.removesuffix("[0]"))
            if part.endswith("[0]"):
                self.assertEqual(shape.type_name, "list", path)
                shape = shape.member
        return shape

    def check_source(self, row, source, described):
        """Where a field's value comes from is there."""
        kind, _, path = source.partition(".")
        if source.startswith("=") or not path:
            return
        request = self.operation(row, row["request"]["action"])
        if kind == "p" and "parameters" in row:
            self.assertIn(path, [name.lstrip("*") for name in row["parameters"].split()])
        elif kind == "p":
            self.walk(request.input_shape, path)
        elif kind == "s" and "output" in row and path in [field[0] for field in row["output"]]:
            pass
        elif kind == "s":
            self.walk(request.output_shape, path)
        else:
            self.walk(described.output_shape, path)

    def check_operation(self, row, operation):
        model = self.operation(row, operation["action"])
        for name, source, is_list in operation.get("fields", []):
            shape = self.member(model.input_shape, name)
            self.assertEqual(shape.type_name == "list", is_list, (operation, name))
            self.check_source(row, source, model)
        given = {name.lower() for name, _, _ in operation.get("fields", [])}
        if given:
            self.assertLessEqual({name.lower() for name in model.input_shape.required_members}, given)
        return model

    def test_operations_and_their_members_exist(self):
        for row in rows():
            with self.subTest(service=row["service"], action=row["name"]):
                self.check_operation(row, row["request"])
                for _, source, _ in row.get("output", []):
                    path = source.partition(".")[2]
                    self.walk(self.operation(row, row["request"]["action"]).output_shape, path)

    def test_jobs_are_described_and_cancelled_as_their_services_say(self):
        for row in rows():
            if "job" not in row:
                continue
            with self.subTest(service=row["service"], action=row["name"]):
                job = row["job"]
                described = self.check_operation(row, job["describe"])
                if "cancel" in job:
                    self.check_operation(row, job["cancel"])
                for source in [job.get("result", "d")] + [f[1] for f in job.get("output", [])]:
                    self.check_source(row, source, described)
                status = self.walk(described.output_shape, job["status"].partition(".")[2])
                known = set(getattr(status, "enum", []) or [])
                if known:  # ECS's is any text
                    final = set(job["succeeded"].split() + job["failed"].split())
                    self.assertLessEqual(final, known)

    def test_idempotency_tokens_are_members_of_the_request(self):
        for row in rows():
            if "token" in row:
                shape = self.operation(row, row["request"]["action"]).input_shape
                self.assertEqual(self.member(shape, row["token"]).type_name, "string", row)

    def test_lists_that_names_are_looked_up_in(self):
        for row in rows():
            if "lookup" in row:
                lookup = row["lookup"]
                model = self.check_operation(row, lookup["list"])
                item = self.walk(model.output_shape, lookup["items"] + "[0]")
                self.assertLessEqual({"Id", "Name"}, set(item.members))
                self.assertIn("Marker", model.input_shape.members)
                self.assertIn("Marker", model.output_shape.members)
                given = self.operation(row, row["request"]["action"]).input_shape
                shape = next(self.member(given, name) for name, source, _ in
                             row["request"]["fields"] if source == "p." + lookup["into"])
                self.member(getattr(shape, "member", shape), lookup["as"])

    def test_only_jobs_can_be_waited_for(self):
        for row in rows():
            self.assertEqual("sync" in row["patterns"], "job" in row, row)


@unittest.skipUnless(TOOL.exists(), f"no program at {TOOL}")
class Document(unittest.TestCase):
    def test_lists_what_can_be_called_with_its_patterns(self):
        text = (ROOT / "docs" / "integrations.md").read_text()
        told = {}
        for line in text.splitlines():
            found = re.match(r"\| `([a-z-]+)` \| (.+?) \|(.*?)\|", line)
            if not found:
                continue
            patterns = {""} | set(re.findall(r"`\.([A-Za-z:2]+)`", found[3]))
            for action in re.findall(r"`([A-Za-z]+)`", found[2]):
                told[found[1], action] = patterns
        table = {(row["service"], row["name"]): set(row["patterns"]) for row in rows()}
        self.assertEqual(told, table | OTHERS)


if __name__ == "__main__":
    unittest.main()
