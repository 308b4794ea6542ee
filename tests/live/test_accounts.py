"""One server for clients of several accounts: whose access key id is twelve digits is of that account."""

import http.client
import json
import os
import tempfile
import unittest
from pathlib import Path

from server import GAIT, ApiError, Server

ROLE = "arn:aws:iam::222222222222:role/r"
PASS = json.dumps({"StartAt": "S", "States": {"S": {"Type": "Pass", "Result": 7, "End": True}}})


class Signer:
    """Signs with a key that no server without credentials checks."""

    def __init__(self, server, key):
        self.port, self.key = server.port, key

    def call(self, operation, **arguments):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", "/", json.dumps(arguments), {
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": "AWSStepFunctions." + operation,
                "Authorization": f"AWS4-HMAC-SHA256 Credential={self.key}/20260101/us-east-1/states/"
                                 "aws4_request, SignedHeaders=host, Signature=00"})
            answer = connection.getresponse()
            body = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise ApiError(answer.status, body)
        return body

    def names(self, operation, member):
        """All pages of a list, one item each."""
        names, token = [], {}
        while True:
            page = self.call(operation, maxResults=1, **token)
            names += [item["name"] for item in page[member]]
            if "nextToken" not in page:
                return names
            token = {"nextToken": page["nextToken"]}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Accounts(unittest.TestCase):
    def setUp(self):
        self.server = Server("--memory")
        self.addCleanup(self.server.stop)
        self.one, self.two = (Signer(self.server, digit * 12) for digit in "12")
        self.any = Signer(self.server, "test")

    def machine(self, client, name, definition=PASS):
        return client.call("CreateStateMachine", name=name, roleArn=ROLE,
                           definition=definition)["stateMachineArn"]

    def test_what_is_made_has_the_accounts_arn(self):
        for client, account in ((self.one, "1" * 12), (self.two, "2" * 12), (self.any, "123456789012")):
            with self.subTest(account):
                arn = self.machine(client, "m")
                self.assertEqual(arn, f"arn:aws:states:us-east-1:{account}:stateMachine:m")
                self.assertEqual(client.call("CreateActivity", name="a")["activityArn"],
                                 f"arn:aws:states:us-east-1:{account}:activity:a")
                execution = client.call("StartExecution", stateMachineArn=arn, name="e")["executionArn"]
                self.assertEqual(execution, f"arn:aws:states:us-east-1:{account}:execution:m:e")
                self.assertEqual(self.server.wait(execution)["output"], "7")

    def test_lists_show_ones_own(self):
        for name in ("b", "c"):
            self.machine(self.one, name)
            self.one.call("CreateActivity", name=name)
        for name in ("a", "d"):
            self.machine(self.two, name)
            self.two.call("CreateActivity", name=name)
        for operation, member in (("ListStateMachines", "stateMachines"),
                                  ("ListActivities", "activities")):
            with self.subTest(operation):
                self.assertEqual(self.one.names(operation, member), ["b", "c"])
                self.assertEqual(self.two.names(operation, member), ["a", "d"])
                self.assertEqual(self.any.names(operation, member), ["b", "c", "a", "d"])
                token = self.one.call(operation, maxResults=1)["nextToken"]
                with self.assertRaises(ApiError) as refused:
                    self.two.call(operation, nextToken=token)
                self.assertEqual(refused.exception.name, "InvalidToken")

    def test_what_is_no_account_number_is_the_servers(self):
        for key in ("22222222222", "2222222222222", "22222222222x", ""):
            with self.subTest(key):
                arn = self.machine(Signer(self.server, key), "m")
                self.assertEqual(arn, "arn:aws:states:us-east-1:123456789012:stateMachine:m")

    def test_a_workflow_starts_an_execution_of_another_account(self):
        inner = self.machine(self.two, "inner")
        outer = self.machine(self.one, "outer", json.dumps({"StartAt": "S", "States": {"S": {
            "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": inner, "Name": "e"},
            "Credentials": {"RoleArn": ROLE}, "ResultSelector": {"arn.$": "$.ExecutionArn"},
            "End": True}}}))
        execution = self.one.call("StartExecution", stateMachineArn=outer)["executionArn"]
        told = self.server.wait(execution)
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(json.loads(told["output"]),
                         {"arn": "arn:aws:states:us-east-1:222222222222:execution:inner:e"})


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class WithCredentials(unittest.TestCase):
    def test_a_key_that_has_to_be_proven_names_no_account(self):
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "gait.json"
            config.write_text(json.dumps({"credentials": [{
                "accessKeyId": "AKIA", "secretAccessKey": "secret", "name": "n",
                "policy": {"Version": "2012-10-17", "Statement": {
                    "Effect": "Allow", "Action": "states:*", "Resource": "*"}}}]}))
            server = Server("--memory", "--config", str(config))
            self.addCleanup(server.stop)
            with self.assertRaises(ApiError):
                Signer(server, "2" * 12).call("CreateActivity", name="a")


if __name__ == "__main__":
    unittest.main()
