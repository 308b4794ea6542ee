"""What Step Functions says to requests that it refuses, word by word."""

import json
import os
import unittest

from server import GAIT, ApiError, Server

ROLE = "arn:aws:iam::123456789012:role/r"


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--memory")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def refused(self, operation, **arguments):
        with self.assertRaises(ApiError) as refused:
            self.server.call(operation, **arguments)
        return refused.exception.name, refused.exception.message

    def waiting_task(self):
        """A token of a task that a worker has taken."""
        activity = self.server.call("CreateActivity", name="work")["activityArn"]
        machine = self.server.call(
            "CreateStateMachine", name="works", roleArn=ROLE, definition=json.dumps(
                {"StartAt": "S", "States": {"S": {"Type": "Task", "Resource": activity, "End": True}}}))
        self.server.call("StartExecution", stateMachineArn=machine["stateMachineArn"])
        return self.server.call("GetActivityTask", activityArn=activity)["taskToken"]

    def test_an_output_that_is_not_json_is_told_as_an_input_is(self):
        token = self.waiting_task()
        for text, words in (
                ("text", "Unrecognized token 'text': was expecting (JSON String, Number, Array, Object "
                         "or token 'null', 'true' or 'false')\n at [Source: (String)\"text\"; line: 1, "
                         "column: 5]"),
                ("", "No content to map due to end-of-input\n at [Source: (String)\"\"; line: 1, "
                     "column: 1]")):
            with self.subTest(text):
                self.assertEqual(
                    self.refused("SendTaskSuccess", taskToken=token, output=text),
                    ("InvalidOutput", f"Invalid Output: '{words}'"))
        self.assertEqual(self.refused("SendTaskSuccess", taskToken="x", output="text"),
                         ("InvalidToken", "Invalid Token: 'Invalid token'"))
        self.server.call("SendTaskSuccess", taskToken=token, output="1")

    def test_inputs_and_outputs_are_measured_in_bytes(self):
        machine = self.server.call(
            "CreateStateMachine", name="passes", roleArn=ROLE, definition=json.dumps(
                {"StartAt": "S", "States": {"S": {"Type": "Pass", "End": True}}}))["stateMachineArn"]
        fits = '"' + "\u00e9" * (131072 - 1) + '"'  # 2 bytes each: 262,144 with the quotes
        self.server.call("StartExecution", stateMachineArn=machine, input=fits)
        for operation, member, arguments in (
                ("StartExecution", "input", {"stateMachineArn": machine}),
                ("SendTaskSuccess", "output", {"taskToken": "t"})):
            with self.subTest(operation):
                name, message = self.refused(operation, **arguments, **{member: fits + " "})
                self.assertEqual(name, "ValidationException")
                self.assertIn(f"at '{member}' failed to satisfy constraint: Member must have length "
                              "less than or equal to 262144", message)

    def test_a_state_machine_is_described_by_the_label_of_its_map_too(self):
        one = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
        many = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **one}
        arn = self.server.call(
            "CreateStateMachine", name="maps", roleArn=ROLE, definition=json.dumps(
                {"StartAt": "S", "States": {"S": {"Type": "Map", "Label": "all", "End": True,
                                                  "ItemProcessor": many}}}))["stateMachineArn"]
        plain = self.server.call("DescribeStateMachine", stateMachineArn=arn)
        self.assertNotIn("label", plain)
        self.assertEqual(self.server.call("DescribeStateMachine", stateMachineArn=arn + "/all"),
                         {**plain, "stateMachineArn": arn + "/all", "label": "all"})
        for wrong in ("/al", "/all2", "2/all", "/"):
            with self.subTest(wrong):
                self.assertEqual(
                    self.refused("DescribeStateMachine", stateMachineArn=arn + wrong),
                    ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn + wrong}'"))
        self.assertEqual(self.refused("StartExecution", stateMachineArn=arn + "/all")[0],
                         "ValidationException")


if __name__ == "__main__":
    unittest.main()
