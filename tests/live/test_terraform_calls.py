"""What Terraform's AWS provider asks, call by call: what it reads back must be what it gave, or its
next plan is not empty. The order of calls and the members that are sent and compared are those of the
provider's resources aws_sfn_state_machine, aws_sfn_alias, aws_sfn_activity and aws_lambda_function
(version 6). Plain HTTP: neither Terraform nor an SDK is needed; test_terraform.py has the real ones.

    GAIT=build/gait python3 -m unittest tests.live.test_terraform_calls
"""

import base64
import hashlib
import http.client
import io
import json
import unittest
import zipfile

import server

ROLE = "arn:aws:iam::123456789012:role/any"
LOG_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states:*"


def definition(comment="first", **state):
    """As templatefile() and heredocs give them: with their line ends, a blank line, and beyond ASCII."""
    state = state or {"Type": "Pass", "Result": "é ${x} 😀", "End": True}
    text = json.dumps({"StartAt": "A", "Comment": comment, "States": {"A": state}}, indent=3,
                      ensure_ascii=False)
    return text + "\n\n"


def zipped(text):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as out:
        out.writestr("handler.py", text)
    return data.getvalue()


class Provider(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = server.Server("--memory")
        cls.call = staticmethod(cls.server.call)

    @classmethod
    def tearDownClass(cls):
        status, said = cls.server.stop()
        assert status == 0, said

    def refused(self, error_name, operation, /, **arguments):
        """The provider tells what is gone by the error's type."""
        with self.assertRaises(server.ApiError) as caught:
            self.call(operation, **arguments)
        self.assertEqual((caught.exception.status, caught.exception.name), (400, error_name))

    def tags(self, arn):
        listed = self.call("ListTagsForResource", resourceArn=arn)["tags"]
        return {tag["key"]: tag["value"] for tag in listed}


class StateMachines(Provider):
    serial = 0

    def plan(self, text, kind="STANDARD"):
        told = self.call("ValidateStateMachineDefinition", definition=text, type=kind)
        self.assertEqual((told["result"], told["diagnostics"]), ("OK", []))

    def create(self, **members):
        type(self).serial += 1
        text = members.get("definition", definition())
        self.plan(text, members.get("type", "STANDARD"))
        made = self.call("CreateStateMachine", **{
            "definition": text, "name": "machine-%d" % self.serial, "roleArn": ROLE,
            "type": "STANDARD", **members})
        return made["stateMachineArn"]

    def read(self, arn):
        """A refresh: what the provider keeps of it."""
        shown = self.call("DescribeStateMachine", stateMachineArn=arn)
        versions = self.call("ListStateMachineVersions", stateMachineArn=arn)
        shown["versions"] = [one["stateMachineVersionArn"] for one in versions["stateMachineVersions"]]
        shown["tags"] = self.tags(arn)
        return shown

    def update(self, arn, **members):
        self.call("UpdateStateMachine", **{
            "definition": definition(), "roleArn": ROLE, "stateMachineArn": arn, **members})
        shown = self.read(arn)
        for name, value in members.items():
            if name in shown:
                self.assertEqual(shown[name], value, name)
        return shown

    def delete(self, arn):
        """The provider polls until the machine is no longer found."""
        self.call("DeleteStateMachine", stateMachineArn=arn)

        def gone():
            try:
                shown = self.call("DescribeStateMachine", stateMachineArn=arn)
            except server.ApiError as error:
                self.assertEqual(error.name, "StateMachineDoesNotExist")
                return True
            self.assertEqual(shown["status"], "DELETING")
            return False

        server.until(gone, f"the deletion of {arn}")

    def test_a_plain_one_is_read_back_with_what_the_provider_leaves_to_the_service(self):
        arn = self.create()
        shown = self.read(arn)
        self.assertEqual(shown["definition"], definition())
        self.assertEqual((shown["type"], shown["status"], shown["roleArn"]),
                         ("STANDARD", "ACTIVE", ROLE))
        self.assertEqual(shown["loggingConfiguration"], {"level": "OFF", "includeExecutionData": False})
        self.assertEqual(shown["tracingConfiguration"], {"enabled": False})
        self.assertEqual(shown["encryptionConfiguration"], {"type": "AWS_OWNED_KEY"})
        self.assertEqual((shown["versions"], shown["tags"]), ([], {}))
        self.assertEqual(self.read(arn), shown)
        self.delete(arn)
        self.create(name=shown["name"], type="EXPRESS")  # another type is another machine

    def test_every_block_is_read_back_as_it_was_given(self):
        given = {
            "type": "EXPRESS",
            "loggingConfiguration": {"level": "ALL", "includeExecutionData": True, "destinations": [
                {"cloudWatchLogsLogGroup": {"logGroupArn": LOG_GROUP}}]},
            "tracingConfiguration": {"enabled": True},
            "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/own",
                                        "kmsDataKeyReusePeriodSeconds": 600},
        }
        arn = self.create(tags=[{"key": "team", "value": "a b"}, {"key": "empty", "value": ""}],
                          **given)
        shown = self.read(arn)
        for name, value in given.items():
            self.assertEqual(shown[name], value, name)
        self.assertEqual(shown["tags"], {"team": "a b", "empty": ""})
        self.delete(arn)

    def test_an_update_keeps_the_blocks_that_it_does_not_name(self):
        logging = {"level": "ERROR", "includeExecutionData": False, "destinations": [
            {"cloudWatchLogsLogGroup": {"logGroupArn": LOG_GROUP}}]}
        arn = self.create(loggingConfiguration=logging, tracingConfiguration={"enabled": True})
        self.plan(definition("second"))
        shown = self.update(arn, definition=definition("second"))
        self.assertEqual(shown["loggingConfiguration"], logging)
        self.assertEqual(shown["tracingConfiguration"], {"enabled": True})
        shown = self.update(arn, loggingConfiguration={"level": "OFF", "includeExecutionData": False},
                            tracingConfiguration={"enabled": False}, roleArn=ROLE + "-2")
        self.assertEqual(shown["definition"], definition())
        self.delete(arn)

    def test_the_newest_version_is_listed_first(self):
        arn = self.create(publish=True)
        self.assertEqual(self.read(arn)["versions"], [arn + ":1"])
        # The provider sends no words of a version, and an empty text for none.
        shown = self.update(arn, definition=definition("second"), publish=True, versionDescription="")
        self.assertEqual(shown["versions"], [arn + ":2", arn + ":1"])
        revision = shown["revisionId"]
        shown = self.update(arn, definition=definition("second"), publish=True, versionDescription="")
        self.assertEqual((shown["versions"], shown["revisionId"]), ([arn + ":2", arn + ":1"], revision))
        self.delete(arn)
        self.refused("StateMachineDoesNotExist", "DescribeStateMachine", stateMachineArn=arn)

    def test_tags_are_changed_beside_the_machine(self):
        arn = self.create(tags=[{"key": "old", "value": "1"}, {"key": "kept", "value": "2"}])
        self.call("UntagResource", resourceArn=arn, tagKeys=["old"])
        self.call("TagResource", resourceArn=arn, tags=[{"key": "new", "value": "3"},
                                                        {"key": "kept", "value": "4"}])
        self.assertEqual(self.read(arn)["tags"], {"new": "3", "kept": "4"})
        self.delete(arn)

    def test_a_definition_that_is_wrong_fails_the_plan_with_what_is_wrong(self):
        told = self.call("ValidateStateMachineDefinition", type="STANDARD",
                         definition=definition(Type="Pass", Next="Nowhere"))
        self.assertEqual(told["result"], "FAIL")
        for diagnostic in told["diagnostics"]:
            self.assertEqual(diagnostic["severity"], "ERROR")
            self.assertTrue(diagnostic["code"] and diagnostic["message"])

    def test_deletion_is_waited_for_while_an_execution_runs(self):
        arn = self.create(definition=definition(Type="Wait", Seconds=3600, End=True))
        run = self.call("StartExecution", stateMachineArn=arn)["executionArn"]
        self.call("DeleteStateMachine", stateMachineArn=arn)
        self.assertEqual(self.call("DescribeStateMachine", stateMachineArn=arn)["status"], "DELETING")
        # The provider tries again after this very error, when it replaces a machine.
        self.refused("StateMachineDeleting", "CreateStateMachine", name=arn.rpartition(":")[2],
                     definition=definition(), roleArn=ROLE, type="STANDARD")
        self.call("StopExecution", executionArn=run)
        self.delete(arn)
        self.create(name=arn.rpartition(":")[2])

    def test_what_was_removed_behind_its_back_is_gone_for_the_refresh(self):
        arn = self.create()
        self.call("DeleteStateMachine", stateMachineArn=arn)
        self.refused("StateMachineDoesNotExist", "DescribeStateMachine", stateMachineArn=arn)

    def test_the_data_source_finds_it_by_its_name_over_the_pages(self):
        arn = self.create()
        for _ in range(3):
            self.create()
        found, page = [], {}
        while True:
            page = self.call("ListStateMachines", maxResults=2,
                             **({"nextToken": page["nextToken"]} if page else {}))
            found += [one["stateMachineArn"] for one in page["stateMachines"]]
            if "nextToken" not in page:
                break
        self.assertEqual(found.count(arn), 1)


class Aliases(Provider):
    def test_an_alias_is_made_moved_listed_and_removed(self):
        machine = self.call("CreateStateMachine", definition=definition(), name="aliased",
                            roleArn=ROLE, type="STANDARD", publish=True)["stateMachineArn"]
        self.call("UpdateStateMachine", definition=definition("second"), roleArn=ROLE, publish=True,
                  stateMachineArn=machine, versionDescription="")
        first = [{"stateMachineVersionArn": machine + ":1", "weight": 100}]
        both = [{"stateMachineVersionArn": machine + ":1", "weight": 90},
                {"stateMachineVersionArn": machine + ":2", "weight": 10}]
        # No description is an empty one.
        arn = self.call("CreateStateMachineAlias", name="live", description="",
                        routingConfiguration=first)["stateMachineAliasArn"]
        shown = self.call("DescribeStateMachineAlias", stateMachineAliasArn=arn)
        self.assertEqual((shown["stateMachineAliasArn"], shown["name"], shown["description"],
                          shown["routingConfiguration"]), (machine + ":live", "live", "", first))
        self.call("UpdateStateMachineAlias", stateMachineAliasArn=arn, routingConfiguration=both)
        self.call("UpdateStateMachineAlias", stateMachineAliasArn=arn, description="for callers")
        shown = self.call("DescribeStateMachineAlias", stateMachineAliasArn=arn)
        self.assertEqual((shown["description"], shown["routingConfiguration"]), ("for callers", both))
        listed = self.call("ListStateMachineAliases", stateMachineArn=machine)
        self.assertEqual([one["stateMachineAliasArn"] for one in listed["stateMachineAliases"]], [arn])
        self.call("DeleteStateMachineAlias", stateMachineAliasArn=arn)
        self.refused("ResourceNotFound", "DescribeStateMachineAlias", stateMachineAliasArn=arn)
        self.call("DeleteStateMachine", stateMachineArn=machine)


class Activities(Provider):
    def test_an_activity_is_made_tagged_found_and_removed(self):
        encryption = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/own",
                      "kmsDataKeyReusePeriodSeconds": 60}
        plain = self.call("CreateActivity", name="plain")["activityArn"]
        arn = self.call("CreateActivity", name="sealed", tags=[{"key": "a", "value": "1"}],
                        encryptionConfiguration=encryption)["activityArn"]
        shown = self.call("DescribeActivity", activityArn=arn)
        self.assertEqual((shown["name"], shown["encryptionConfiguration"]), ("sealed", encryption))
        self.assertGreater(shown["creationDate"], 0)
        self.assertEqual(self.call("DescribeActivity", activityArn=plain)["encryptionConfiguration"],
                         {"type": "AWS_OWNED_KEY"})
        self.call("UntagResource", resourceArn=arn, tagKeys=["a"])
        self.call("TagResource", resourceArn=arn, tags=[{"key": "b", "value": "2"}])
        self.assertEqual((self.tags(arn), self.tags(plain)), ({"b": "2"}, {}))
        listed = self.call("ListActivities")["activities"]
        self.assertEqual([one["name"] for one in listed if one["activityArn"] == arn], ["sealed"])
        for one in (arn, plain):
            self.call("DeleteActivity", activityArn=one)
            self.refused("ActivityDoesNotExist", "DescribeActivity", activityArn=one)


class Functions(Provider):
    """REST, as the Lambda API has it."""

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port,
                                                timeout=2 * server.SECONDS_MAX)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null"), answer.headers
        finally:
            connection.close()

    def done(self, status, method, path, body=None):
        told = self.ask(method, path, body)
        self.assertEqual(told[0], status, told[1])
        return told[1]

    def create(self, name, package, **members):
        return self.done(201, "POST", "/2015-03-31/functions", {
            "FunctionName": name, "Code": {"ZipFile": base64.b64encode(package).decode()},
            "Description": "", "MemorySize": 128, "PackageType": "Zip", "Publish": False, "Role": ROLE,
            "Timeout": 10, "Handler": "handler.handler", "Runtime": "python3.12", **members})

    def read(self, name):
        shown = self.done(200, "GET", "/2015-03-31/functions/" + name)
        versions = self.done(200, "GET", "/2015-03-31/functions/%s/versions?MaxItems=10000" % name)
        signing = self.done(200, "GET", "/2020-06-30/functions/%s/code-signing-config" % name)
        self.assertEqual(signing, {"CodeSigningConfigArn": None, "FunctionName": None})
        shown["newest"] = versions["Versions"][-1]["Version"]
        return shown

    def gone(self, method, path):
        status, told, headers = self.ask(method, path)
        self.assertEqual((status, headers["x-amzn-ErrorType"]), (404, "ResourceNotFoundException"))
        self.assertIn("Function not found", told["Message"])

    def test_a_function_is_made_of_a_zip_changed_published_and_removed(self):
        package = zipped("def handler(event, context): return 1\n")
        self.create("made", package, Tags={"team": "a"}, Environment={"Variables": {"AB": "c"}})
        shown = self.read("made")
        told = shown["Configuration"]
        # What the provider waits for, and what it compares with its defaults.
        self.assertEqual((told["State"], told["LastUpdateStatus"]), ("Active", "Successful"))
        self.assertEqual((told["Architectures"], told["EphemeralStorage"], told["TracingConfig"],
                          told["PackageType"], told["SnapStart"]["ApplyOn"]),
                         (["x86_64"], {"Size": 512}, {"Mode": "PassThrough"}, "Zip", "None"))
        self.assertEqual(told["LoggingConfig"],
                         {"LogFormat": "Text", "LogGroup": "/aws/lambda/made"})
        self.assertEqual(told["CodeSha256"],
                         base64.b64encode(hashlib.sha256(package).digest()).decode())
        self.assertEqual((told["Environment"], shown["Tags"], shown["newest"]),
                         ({"Variables": {"AB": "c"}}, {"team": "a"}, "$LATEST"))
        for absent in ("Concurrency", "DeadLetterConfig", "VpcConfig", "Layers", "KMSKeyArn"):
            self.assertNotIn(absent, {**told, **shown})

        self.done(200, "PUT", "/2015-03-31/functions/made/configuration", {
            "Environment": {"Variables": {}}, "Timeout": 20, "Layers": [], "FileSystemConfigs": [],
            "DeadLetterConfig": {"TargetArn": ""}, "ImageConfig": {},
            "VpcConfig": {"Ipv6AllowedForDualStack": False, "SecurityGroupIds": [], "SubnetIds": []}})
        package = zipped("def handler(event, context): return 2\n")
        self.done(200, "PUT", "/2015-03-31/functions/made/code",
                  {"ZipFile": base64.b64encode(package).decode()})
        version = self.done(201, "POST", "/2015-03-31/functions/made/versions", {})["Version"]
        shown = self.read("made")
        self.assertEqual((shown["Configuration"]["Timeout"], shown["newest"], version), (20, "1", "1"))
        self.assertNotIn("Environment", shown["Configuration"])
        self.assertEqual(self.done(200, "POST", "/2015-03-31/functions/made/invocations", {}), 2)

        arn = shown["Configuration"]["FunctionArn"]
        self.done(204, "POST", "/2017-03-31/tags/" + arn, {"Tags": {"team": "b", "more": ""}})
        self.done(204, "DELETE", "/2017-03-31/tags/%s?tagKeys=team" % arn)
        self.assertEqual(self.read("made")["Tags"], {"more": ""})
        self.done(204, "DELETE", "/2015-03-31/functions/made")
        self.gone("GET", "/2015-03-31/functions/made")

    def test_a_function_that_is_not_there_has_no_code_signing_either(self):
        self.gone("GET", "/2020-06-30/functions/nobody/code-signing-config")
        self.gone("DELETE", "/2020-06-30/functions/nobody/code-signing-config")

    def test_code_signing_can_be_taken_away_and_not_given(self):
        self.create("unsigned", zipped("def handler(event, context): return 1\n"))
        self.done(204, "DELETE", "/2020-06-30/functions/unsigned/code-signing-config")
        status, _, headers = self.ask("PUT", "/2020-06-30/functions/unsigned/code-signing-config",
                                      {"CodeSigningConfigArn": "arn:aws:lambda:us-east-1:123456789012"
                                                               ":code-signing-config:csc-1"})
        self.assertEqual((status, headers["x-amzn-ErrorType"]), (404, "UnknownOperationException"))

    def test_what_is_not_done_here_is_refused_by_name(self):
        self.create("plain", zipped("def handler(event, context): return 1\n"))
        for name, value in (("DeadLetterConfig", {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:q"}),
                            ("Layers", ["arn:aws:lambda:us-east-1:123456789012:layer:l:1"]),
                            ("ImageConfig", {"Command": ["run"]})):
            told = self.done(400, "PUT", "/2015-03-31/functions/plain/configuration", {name: value})
            self.assertEqual(told["message"], name + " is not supported here")

    def test_an_alias_is_moved_with_an_empty_routing(self):
        self.create("aliased", zipped("def handler(event, context): return 1\n"), Publish=True)
        place = "/2015-03-31/functions/aliased/aliases"
        self.done(201, "POST", place, {"Name": "live", "FunctionVersion": "1", "Description": ""})
        self.done(200, "PUT", place + "/live", {"FunctionVersion": "$LATEST", "Description": "",
                                                "RoutingConfig": {}})
        self.assertEqual(self.done(200, "GET", place + "/live")["FunctionVersion"], "$LATEST")
        self.done(204, "DELETE", place + "/live")


if __name__ == "__main__":
    unittest.main()
