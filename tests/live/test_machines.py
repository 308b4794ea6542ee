"""State machines, versions, aliases, tags and validation against the live server, through boto3, as
AWS documents and answers them. The program is build/gait, or what GAIT names."""

import json
import os
import sys
import tempfile
import unittest
import uuid
from pathlib import Path

try:
    import boto3
    import botocore.config
    import botocore.exceptions
except ImportError:
    boto3 = None

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, Server, until  # noqa: E402: found by the line above

ROLE = "arn:aws:iam::000000000000:role/tester"
LOGS = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/states/g:*"


def definition(comment="", **state):
    state = state or {"Type": "Pass", "End": True}
    return json.dumps({"Comment": comment, "StartAt": "A", "States": {"A": state}})


@unittest.skipUnless(boto3, "boto3 is not installed: pip install boto3")
@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.start_server()

    @classmethod
    def start_server(cls):
        cls.server = Server("--data", cls.folder.name)
        cls.sfn = boto3.client(
            "stepfunctions", endpoint_url=f"http://127.0.0.1:{cls.server.port}",
            region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
            config=botocore.config.Config(inject_host_prefix=False, parameter_validation=False,
                                          retries={"total_max_attempts": 1}))

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.folder.cleanup()

    def create(self, **arguments):
        arguments = {"name": "m" + uuid.uuid4().hex[:12], "definition": definition(),
                     "roleArn": ROLE, **arguments}
        return self.sfn.create_state_machine(**arguments)

    def machine(self, **arguments):
        return self.create(**arguments)["stateMachineArn"]

    def refused(self, operation, **arguments):
        """The error's code and message."""
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            getattr(self.sfn, operation)(**arguments)
        error = caught.exception.response["Error"]
        return error["Code"], error["Message"]

    def start(self, arn, **arguments):
        return self.sfn.start_execution(stateMachineArn=arn, **arguments)["executionArn"]

    def finish(self, arn):
        def ended():
            told = self.sfn.describe_execution(executionArn=arn)
            return told if told["status"] != "RUNNING" else None

        return until(ended, f"the end of {arn}")


class Creating(Live):
    def test_what_is_created_is_described_whole(self):
        text = definition("spaces  kept", Type="Pass", End=True)
        made = self.create(name="whole", definition=text)
        arn = "arn:aws:states:us-east-1:123456789012:stateMachine:whole"
        self.assertEqual(made["stateMachineArn"], arn)
        self.assertNotIn("stateMachineVersionArn", made)
        told = self.sfn.describe_state_machine(stateMachineArn=arn)
        created = told.pop("creationDate")
        told.pop("ResponseMetadata")
        self.assertEqual(created, made["creationDate"])
        self.assertEqual(told, {
            "stateMachineArn": arn, "name": "whole", "status": "ACTIVE", "type": "STANDARD",
            "definition": text, "roleArn": ROLE,
            "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
            "tracingConfiguration": {"enabled": False},
            "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}})

    def test_metadata_only_hides_the_definition(self):
        told = self.sfn.describe_state_machine(stateMachineArn=self.machine(),
                                               includedData="METADATA_ONLY")
        self.assertEqual(told["definition"], "{}")

    def test_variable_references_are_told_by_state(self):
        text = json.dumps({"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Assign": {"x": 1, "y": 2}, "Next": "B"},
            "B": {"Type": "Pass", "Parameters": {"y.$": "$y", "x.$": "$x"}, "End": True}}})
        told = self.sfn.describe_state_machine(stateMachineArn=self.machine(definition=text))
        self.assertEqual(told["variableReferences"], {"B": ["x", "y"]})

    def test_the_same_request_again_is_answered_alike(self):
        first = self.create(name="again", tags=[{"key": "a", "value": "1"}])
        second = self.create(name="again", roleArn=ROLE + "2", tags=[{"key": "b", "value": "2"}])
        self.assertEqual(first["creationDate"], second["creationDate"])
        arn = first["stateMachineArn"]
        self.assertEqual(self.sfn.describe_state_machine(stateMachineArn=arn)["roleArn"], ROLE)
        self.assertEqual(self.sfn.list_tags_for_resource(resourceArn=arn)["tags"],
                         [{"key": "a", "value": "1"}])

    def test_any_other_request_for_the_name_is_refused(self):
        arn = self.machine(name="taken")
        for other in ({"definition": definition().replace(":", " :")}, {"type": "EXPRESS"},
                      {"tracingConfiguration": {"enabled": True}}, {"publish": True},
                      {"loggingConfiguration": {"level": "OFF", "includeExecutionData": True}}):
            with self.subTest(other=other):
                self.assertEqual(
                    self.refused("create_state_machine", **{
                        "name": "taken", "definition": definition(), "roleArn": ROLE, **other}),
                    ("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'"))

    def test_bad_input_is_refused_in_aws_words(self):
        good = {"name": "bad", "definition": definition(), "roleArn": ROLE}
        log = {"cloudWatchLogsLogGroup": {"logGroupArn": LOGS}}
        cases = [
            ({"name": "a b"}, "InvalidName", "Invalid Name: 'a b'"),
            ({"roleArn": "nobody"}, "InvalidArn", "Invalid Role Arn: 'nobody'"),
            ({"definition": '{"StartAt":"A"}'}, "InvalidDefinition",
             "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are "
             "required: [States] at /'"),
            ({"versionDescription": "d"}, "ValidationException",
             "Version description can only be set when publish is true"),
            ({"loggingConfiguration": {"level": "ALL"}}, "InvalidLoggingConfiguration",
             "Invalid Logging Configuration: Must specify exactly one Log Destination."),
            ({"loggingConfiguration": {"level": "ALL", "destinations": [log, log]}},
             "InvalidLoggingConfiguration",
             "Invalid Logging Configuration: Must specify exactly one Log Destination."),
            ({"loggingConfiguration": {"level": "ALL", "destinations": [
                {"cloudWatchLogsLogGroup": {"logGroupArn": LOGS[:-2]}}]}},
             "InvalidLoggingConfiguration",
             "Invalid Logging Configuration: Log Group ARN must be provided with '*' qualifier."),
            ({"encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}},
             "InvalidEncryptionConfiguration", None),
            ({"tags": [{"key": f"k{i}", "value": ""} for i in range(51)]}, "TooManyTags", None),
        ]
        for wrong, code, message in cases:
            with self.subTest(wrong=wrong):
                got = self.refused("create_state_machine", **{**good, **wrong})
                self.assertEqual(got[0], code)
                if message:
                    self.assertEqual(got[1], message)
        self.assertEqual(self.refused("describe_state_machine", stateMachineArn=(
            "arn:aws:states:us-east-1:123456789012:stateMachine:bad"))[0],
            "StateMachineDoesNotExist")

    def test_configurations_are_returned_as_given(self):
        logging = {"level": "ERROR", "includeExecutionData": True,
                   "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": LOGS}}]}
        key = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k",
               "kmsDataKeyReusePeriodSeconds": 60}
        told = self.sfn.describe_state_machine(stateMachineArn=self.machine(
            type="EXPRESS", loggingConfiguration=logging, tracingConfiguration={"enabled": True},
            encryptionConfiguration=key))
        self.assertEqual((told["type"], told["loggingConfiguration"], told["tracingConfiguration"],
                          told["encryptionConfiguration"]),
                         ("EXPRESS", logging, {"enabled": True}, key))

    def test_arns_of_other_things_are_refused(self):
        for arn, problem in (
                ("x", "Invalid ARN prefix: x"),
                ("arn:aws:states:us-east-1:0:activity:a",
                 "Resource type not valid in this context: activity")):
            self.assertEqual(self.refused("describe_state_machine", stateMachineArn=arn),
                             ("InvalidArn", f"Invalid Arn: '{problem}'"))


class Updating(Live):
    def test_a_revision_comes_with_the_first_real_change(self):
        arn = self.machine()
        self.assertNotIn("revisionId", self.sfn.update_state_machine(
            stateMachineArn=arn, definition=definition()))
        first = self.sfn.update_state_machine(stateMachineArn=arn, definition=definition("2"))
        self.assertRegex(first["revisionId"], "^[0-9a-f-]{36}$")
        same = self.sfn.update_state_machine(stateMachineArn=arn, definition=definition("2"),
                                             roleArn=ROLE)
        self.assertEqual(same["revisionId"], first["revisionId"])
        second = self.sfn.update_state_machine(stateMachineArn=arn, roleArn=ROLE + "2")
        self.assertNotEqual(second["revisionId"], first["revisionId"])
        told = self.sfn.describe_state_machine(stateMachineArn=arn)
        self.assertEqual((told["revisionId"], told["roleArn"], told["definition"]),
                         (second["revisionId"], ROLE + "2", definition("2")))

    def test_nothing_to_update_is_refused(self):
        self.assertEqual(
            self.refused("update_state_machine", stateMachineArn=self.machine()),
            ("MissingRequiredParameter",
             "Either the definition, the role ARN, the LoggingConfiguration, or the "
             "TracingConfiguration must be specified"))

    def test_a_missing_machine_is_named(self):
        arn = "arn:aws:states:us-east-1:123456789012:stateMachine:none"
        for operation, more in (("update_state_machine", {"roleArn": ROLE}),
                                ("describe_state_machine", {}),
                                ("publish_state_machine_version", {})):
            self.assertEqual(
                self.refused(operation, stateMachineArn=arn, **more),
                ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'"))

    def test_an_execution_remembers_its_revision(self):
        arn = self.machine()
        before = self.start(arn)
        logging = {"level": "OFF", "includeExecutionData": True}
        revision = self.sfn.update_state_machine(
            stateMachineArn=arn, definition=definition("2"), roleArn=ROLE + "2",
            loggingConfiguration=logging)["revisionId"]
        after = self.start(arn)
        self.sfn.update_state_machine(stateMachineArn=arn, definition=definition("3"))
        told = self.sfn.describe_state_machine_for_execution(executionArn=before)
        self.assertEqual((told["definition"], told["roleArn"], told["stateMachineArn"]),
                         (definition(), ROLE, arn))
        self.assertNotIn("revisionId", told)
        self.assertNotIn("creationDate", told)
        told = self.sfn.describe_state_machine_for_execution(executionArn=after)
        self.assertEqual((told["definition"], told["roleArn"], told["revisionId"],
                          told["loggingConfiguration"]),
                         (definition("2"), ROLE + "2", revision, logging))
        self.assertIn("updateDate", told)


class Deleting(Live):
    def test_a_missing_machine_is_deleted_gladly(self):
        self.sfn.delete_state_machine(
            stateMachineArn="arn:aws:states:us-east-1:123456789012:stateMachine:none")

    def test_versions_and_aliases_go_too(self):
        made = self.create(publish=True)
        arn, version = made["stateMachineArn"], made["stateMachineVersionArn"]
        alias = self.sfn.create_state_machine_alias(name="live", routingConfiguration=[
            {"stateMachineVersionArn": version, "weight": 100}])["stateMachineAliasArn"]
        self.sfn.delete_state_machine(stateMachineArn=arn)
        for asked in (arn, version):
            self.assertEqual(self.refused("describe_state_machine", stateMachineArn=asked)[0],
                             "StateMachineDoesNotExist")
        self.assertEqual(
            self.refused("describe_state_machine_alias", stateMachineAliasArn=alias)[0],
            "ResourceNotFound")

    def test_a_machine_that_runs_is_deleting_until_its_executions_have_ended(self):
        wait = definition(Type="Wait", Seconds=3600, End=True)
        arn = self.machine(name="busy", definition=wait)
        execution = self.start(arn)
        self.sfn.delete_state_machine(stateMachineArn=arn)
        self.assertEqual(self.sfn.describe_state_machine(stateMachineArn=arn)["status"],
                         "DELETING")
        for operation, more in (("start_execution", {}), ("update_state_machine",
                                                          {"roleArn": ROLE})):
            self.assertEqual(self.refused(operation, stateMachineArn=arn, **more)[0],
                             "StateMachineDeleting")
        self.assertEqual(self.refused("create_state_machine", name="busy", definition=wait,
                                      roleArn=ROLE)[0], "StateMachineDeleting")
        self.sfn.stop_execution(executionArn=execution)
        self.assertEqual(self.refused("describe_state_machine", stateMachineArn=arn)[0],
                         "StateMachineDoesNotExist")
        self.create(name="busy", definition=wait)

    def test_a_qualified_arn_is_refused(self):
        version = self.create(publish=True)["stateMachineVersionArn"]
        self.assertEqual(self.refused("delete_state_machine", stateMachineArn=version)[0],
                         "ValidationException")


class Listing(Live):
    def test_machines_come_by_name_in_pages(self):
        for name in ("c", "a", "b", "a-b", "B"):
            self.create(name=name)
        names, token = [], {}
        while True:
            page = self.sfn.list_state_machines(maxResults=2, **token)
            self.assertLessEqual(len(page["stateMachines"]), 2)
            names += [m["name"] for m in page["stateMachines"]]
            if "nextToken" not in page:
                break
            token = {"nextToken": page["nextToken"]}
        self.assertEqual(names, ["B", "a", "a-b", "b", "c"])

    def test_a_made_up_token_is_refused(self):
        for token in ("AAAA", "?", "A" * 40):
            self.assertEqual(self.refused("list_state_machines", nextToken=token),
                             ("InvalidToken", "Invalid Token: 'Invalid token'"))

    def test_the_page_size_has_bounds(self):
        self.assertEqual(self.refused("list_state_machines", maxResults=1001),
                         ("ValidationException",
                          "1 validation error detected: Value '1001' at 'maxResults' failed to "
                          "satisfy constraint: Member must have value less than or equal to 1000"))


class Versions(Live):
    def test_a_revision_is_published_once(self):
        arn = self.machine()
        first = self.sfn.publish_state_machine_version(stateMachineArn=arn, description="one")
        again = self.sfn.publish_state_machine_version(stateMachineArn=arn, description="two")
        self.assertEqual(first["stateMachineVersionArn"], f"{arn}:1")
        self.assertEqual(again["stateMachineVersionArn"], f"{arn}:1")
        self.assertEqual(again["creationDate"], first["creationDate"])
        told = self.sfn.describe_state_machine(stateMachineArn=f"{arn}:1")
        self.assertEqual((told["stateMachineArn"], told["description"]), (f"{arn}:1", "one"))

    def test_a_version_keeps_its_definition(self):
        arn = self.create(publish=True)["stateMachineArn"]
        made = self.sfn.update_state_machine(stateMachineArn=arn, definition=definition("2"),
                                             publish=True, versionDescription="second")
        self.assertEqual(made["stateMachineVersionArn"], f"{arn}:2")
        texts = [self.sfn.describe_state_machine(stateMachineArn=f"{arn}:{n}")["definition"]
                 for n in (1, 2)]
        self.assertEqual(texts, [definition(), definition("2")])

    def test_a_stale_revision_is_a_conflict(self):
        arn = self.machine()
        self.sfn.publish_state_machine_version(stateMachineArn=arn, revisionId="INITIAL")
        revision = self.sfn.update_state_machine(stateMachineArn=arn,
                                                 definition=definition("2"))["revisionId"]
        self.assertEqual(
            self.refused("publish_state_machine_version", stateMachineArn=arn,
                         revisionId="INITIAL"),
            ("ConflictException",
             "Failed to publish the State Machine version for revision INITIAL. The current State "
             f"Machine revision is {revision}."))
        self.sfn.publish_state_machine_version(stateMachineArn=arn, revisionId=revision)

    def test_versions_are_listed_newest_first_and_numbers_are_not_used_again(self):
        arn = self.create(publish=True)["stateMachineArn"]
        for n in range(2, 13):
            self.sfn.update_state_machine(stateMachineArn=arn, definition=definition(str(n)),
                                          publish=True)
        self.sfn.delete_state_machine_version(stateMachineVersionArn=f"{arn}:12")
        self.sfn.delete_state_machine_version(stateMachineVersionArn=f"{arn}:12")
        made = self.sfn.publish_state_machine_version(stateMachineArn=arn)
        self.assertEqual(made["stateMachineVersionArn"], f"{arn}:13")
        numbers, token = [], {}
        while True:
            page = self.sfn.list_state_machine_versions(stateMachineArn=arn, maxResults=5, **token)
            numbers += [int(v["stateMachineVersionArn"].split(":")[-1])
                        for v in page["stateMachineVersions"]]
            if "nextToken" not in page:
                break
            token = {"nextToken": page["nextToken"]}
        self.assertEqual(numbers, [13] + list(range(11, 0, -1)))

    def test_executions_of_a_version_tell_it(self):
        arn = self.create(publish=True)["stateMachineArn"]
        told = self.finish(self.start(f"{arn}:1"))
        self.assertEqual((told["stateMachineArn"], told["stateMachineVersionArn"]),
                         (arn, f"{arn}:1"))
        for missing in (f"{arn}:2", f"{arn}:01", f"{arn}:nobody"):
            self.assertEqual(self.refused("start_execution", stateMachineArn=missing),
                             ("StateMachineDoesNotExist",
                              f"State Machine Does Not Exist: '{missing}'"))


class Aliases(Live):
    def setUp(self):
        self.arn = self.create(publish=True)["stateMachineArn"]
        self.sfn.update_state_machine(stateMachineArn=self.arn, definition=definition("2"),
                                      publish=True)

    def routing(self, *weights):
        return [{"stateMachineVersionArn": f"{self.arn}:{i + 1}", "weight": weight}
                for i, weight in enumerate(weights)]

    def alias(self, name="live", weights=(100,), **arguments):
        return self.sfn.create_state_machine_alias(
            name=name, routingConfiguration=self.routing(*weights),
            **arguments)["stateMachineAliasArn"]

    def test_an_alias_is_described_and_changed(self):
        arn = self.alias(description="d")
        self.assertEqual(arn, f"{self.arn}:live")
        told = self.sfn.describe_state_machine_alias(stateMachineAliasArn=arn)
        self.assertEqual((told["name"], told["description"], told["routingConfiguration"]),
                         ("live", "d", self.routing(100)))
        self.assertEqual(told["creationDate"], told["updateDate"])
        changed = self.sfn.update_state_machine_alias(stateMachineAliasArn=arn,
                                                      routingConfiguration=self.routing(40, 60))
        told = self.sfn.describe_state_machine_alias(stateMachineAliasArn=arn)
        self.assertEqual((told["description"], told["routingConfiguration"], told["updateDate"]),
                         ("d", self.routing(40, 60), changed["updateDate"]))

    def test_the_same_alias_again_is_fine_and_another_is_a_conflict(self):
        self.assertEqual(self.alias(), self.alias())
        self.assertEqual(
            self.refused("create_state_machine_alias", name="live",
                         routingConfiguration=self.routing(50, 50)),
            ("ConflictException",
             "Failed to create alias because an alias with the same name and a different routing "
             "configuration already exists."))

    def test_routing_is_judged_in_aws_words(self):
        one, two = f"{self.arn}:1", f"{self.arn}:2"
        other = self.create(publish=True)["stateMachineVersionArn"]
        for routes, code, message in (
                ([(one, 50), (one, 50)], "ValidationException",
                 "Routing configuration must contain distinct state machine version ARNs. "
                 f"Received: [{one}, {one}]"),
                ([(one, 70), (two, 29)], "ValidationException",
                 "Sum of routing configuration weights must equal 100. Received: [70, 29]"),
                ([(self.arn, 100)], "ValidationException",
                 "Routing configuration must contain state machine version ARNs. "
                 f"Received: [{self.arn}]"),
                ([(one, 50), (other, 50)], "ValidationException", None),
                ([(self.arn + ":9", 100)], "ResourceNotFound", None),
                ([(one, 101)], "ValidationException",
                 "1 validation error detected: Value '101' at 'routingConfiguration.1.member."
                 "weight' failed to satisfy constraint: Member must have value less than or equal "
                 "to 100")):
            with self.subTest(routes=routes):
                got = self.refused("create_state_machine_alias", name="bad", routingConfiguration=[
                    {"stateMachineVersionArn": v, "weight": w} for v, w in routes])
                self.assertEqual(got[0], code)
                if message:
                    self.assertEqual(got[1], message)

    def test_executions_follow_the_weights(self):
        arn = self.alias(weights=(25, 75))
        counts = {1: 0, 2: 0}
        for _ in range(100):
            told = self.sfn.describe_execution(executionArn=self.start(arn))
            self.assertEqual(told["stateMachineAliasArn"], arn)
            counts[int(told["stateMachineVersionArn"].split(":")[-1])] += 1
        self.assertTrue(1 <= counts[1] <= 60, counts)  # by chance in 10^12 tries not

    def test_a_version_in_use_is_not_deleted(self):
        self.alias("b")
        arn = self.alias("a")
        self.assertEqual(
            self.refused("delete_state_machine_version", stateMachineVersionArn=f"{self.arn}:1"),
            ("ConflictException",
             "Version to be deleted must not be referenced by an alias. Current list of aliases "
             "referencing this version: [a, b]"))
        self.sfn.delete_state_machine_alias(stateMachineAliasArn=arn)
        self.sfn.delete_state_machine_alias(stateMachineAliasArn=arn)
        self.sfn.delete_state_machine_alias(stateMachineAliasArn=f"{self.arn}:b")
        self.sfn.delete_state_machine_version(stateMachineVersionArn=f"{self.arn}:1")

    def test_aliases_are_listed_in_pages_and_by_version(self):
        for name in ("c", "a", "b"):
            self.alias(name)
        self.alias("d", weights=(0, 100))
        names, token = [], {}
        while True:
            page = self.sfn.list_state_machine_aliases(stateMachineArn=self.arn, maxResults=3,
                                                       **token)
            names += [a["stateMachineAliasArn"].split(":")[-1] for a in page["stateMachineAliases"]]
            if "nextToken" not in page:
                break
            token = {"nextToken": page["nextToken"]}
        self.assertEqual(names, ["a", "b", "c", "d"])
        page = self.sfn.list_state_machine_aliases(stateMachineArn=f"{self.arn}:2")
        self.assertEqual(len(page["stateMachineAliases"]), 1)

    def test_missing_ones_and_empty_updates_are_refused(self):
        arn = f"{self.arn}:nobody"
        self.assertEqual(
            self.refused("describe_state_machine_alias", stateMachineAliasArn=arn)[0],
            "ResourceNotFound")
        self.assertEqual(self.refused("update_state_machine_alias", stateMachineAliasArn=arn,
                                      description="x")[0], "ResourceNotFound")
        self.assertEqual(self.refused("update_state_machine_alias",
                                      stateMachineAliasArn=self.alias())[0], "ValidationException")


class Tags(Live):
    def tags(self, arn):
        return self.sfn.list_tags_for_resource(resourceArn=arn)["tags"]

    def test_machines_and_activities_are_tagged(self):
        activity = self.sfn.create_activity(name="act")["activityArn"]
        for arn in (self.machine(), activity):
            self.sfn.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"},
                                                         {"key": "b", "value": ""}])
            self.sfn.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "2"}])
            self.assertEqual(self.tags(arn), [{"key": "a", "value": "2"},
                                              {"key": "b", "value": ""}])
            self.sfn.untag_resource(resourceArn=arn, tagKeys=["a", "a", "none"])
            self.assertEqual(self.tags(arn), [{"key": "b", "value": ""}])

    def test_fifty_tags_are_the_most(self):
        arn = self.machine(tags=[{"key": str(i), "value": ""} for i in range(50)])
        self.sfn.tag_resource(resourceArn=arn, tags=[{"key": "1", "value": "again"}])
        self.assertEqual(self.refused("tag_resource", resourceArn=arn,
                                      tags=[{"key": "x", "value": ""}])[0], "TooManyTags")

    def test_a_version_has_no_tags(self):
        version = self.create(publish=True)["stateMachineVersionArn"]
        for operation, more in (("tag_resource", {"tags": [{"key": "a", "value": ""}]}),
                                ("untag_resource", {"tagKeys": ["a"]}),
                                ("list_tags_for_resource", {})):
            self.assertEqual(self.refused(operation, resourceArn=version, **more),
                             ("ResourceNotFound", f"Resource not found: '{version}'"))


class Activities(Live):
    def test_making_one_again_answers_with_the_one_that_is_there(self):
        made = self.sfn.create_activity(name="again", tags=[{"key": "a", "value": "1"}])
        again = self.sfn.create_activity(name="again")
        self.assertEqual((made["activityArn"], made["creationDate"]),
                         (again["activityArn"], again["creationDate"]))
        self.assertEqual(self.sfn.list_tags_for_resource(resourceArn=made["activityArn"])["tags"],
                         [{"key": "a", "value": "1"}])

    def test_one_of_another_encryption_is_refused(self):
        self.sfn.create_activity(name="sealed")
        code, message = self.refused("create_activity", name="sealed", encryptionConfiguration={
            "type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k"})
        self.assertEqual(code, "ActivityAlreadyExists", message)
        self.sfn.create_activity(name="sealed",
                                 encryptionConfiguration={"type": "AWS_OWNED_KEY"})

    def test_fifty_tags_are_the_most(self):
        tags = [{"key": f"k{i}", "value": ""} for i in range(51)]
        self.assertEqual(self.refused("create_activity", name="many", tags=tags)[0], "TooManyTags")
        self.sfn.create_activity(name="many", tags=tags[:50])


class Validation(Live):
    def validate(self, text, **arguments):
        told = self.sfn.validate_state_machine_definition(definition=text, **arguments)
        return told["result"], told["diagnostics"], told["truncated"]

    def test_a_good_definition_is_ok(self):
        self.assertEqual(self.validate(definition()), ("OK", [], False))

    def test_every_error_is_told_up_to_the_maximum(self):
        bad = json.dumps({"StartAt": "A", "States": {
            "A": {"Type": "Pass", "Next": "X"}, "B": {"Type": "Pass", "Next": "Y"}}})
        result, found, truncated = self.validate(bad)
        self.assertEqual((result, truncated), ("FAIL", False))
        self.assertGreater(len(found), 1)
        self.assertEqual(found[0], {
            "severity": "ERROR", "code": "MISSING_TRANSITION_TARGET",
            "message": "Missing 'Next' target: X", "location": "/States/A/Next"})
        result, one, truncated = self.validate(bad, maxResults=1)
        self.assertEqual((result, one, truncated), ("FAIL", found[:1], True))

    def test_text_that_is_not_json_is_told_by_its_place(self):
        result, found, _ = self.validate("not a definition")
        self.assertEqual((result, found[0]["code"]), ("FAIL", "INVALID_JSON_DESCRIPTION"))

    def test_express_has_its_own_rules(self):
        text = definition(Type="Task", End=True,
                          Resource="arn:aws:states:us-east-1:000000000000:activity:a")
        self.assertEqual(self.validate(text, type="EXPRESS")[0], "FAIL")


class Durability(Live):
    def test_what_was_acknowledged_survives_a_kill(self):
        arn = self.create(name="lasting", publish=True,
                          tags=[{"key": "k", "value": "v"}])["stateMachineArn"]
        revision = self.sfn.update_state_machine(stateMachineArn=arn, definition=definition("2"),
                                                 publish=True)["revisionId"]
        alias = self.sfn.create_state_machine_alias(name="live", routingConfiguration=[
            {"stateMachineVersionArn": f"{arn}:2", "weight": 100}])["stateMachineAliasArn"]
        self.server.kill()
        self.start_server()
        told = self.sfn.describe_state_machine(stateMachineArn=arn)
        self.assertEqual((told["revisionId"], told["definition"]), (revision, definition("2")))
        self.assertEqual(len(self.sfn.list_state_machine_versions(
            stateMachineArn=arn)["stateMachineVersions"]), 2)
        self.assertEqual(self.sfn.list_tags_for_resource(resourceArn=arn)["tags"],
                         [{"key": "k", "value": "v"}])
        self.assertEqual(self.finish(self.start(alias))["status"], "SUCCEEDED")


del Live  # a base, not tests of its own

if __name__ == "__main__":
    unittest.main()
