"""Optimized integrations against a moto_server: queues, topics, buses and tables, callbacks through a
queue, and what a definition may not say."""

import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import moto_server  # noqa: E402: found by the line above
from server import GAIT, ApiError, Server, until  # noqa: E402

ROLE = "arn:aws:iam::123456789012:role/r"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
@unittest.skipUnless(moto_server.IS_HERE, moto_server.WHY_NOT)
class Integrations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import boto3
        cls.moto = moto_server.Moto()
        cls.addClassCleanup(cls.moto.kill_program)
        cls.url = cls.moto.url
        cls.server = Server("--memory", variables={
            **KEYS, "AWS_ENDPOINT_URL": cls.url, "AWS_EC2_METADATA_DISABLED": "true"})
        cls.client = staticmethod(lambda service: boto3.client(
            service, endpoint_url=cls.url, region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test"))
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def create(self, state):
        type(self).count += 1
        definition = {"StartAt": "S", "States": {"S": {"Type": "Task", "End": True, **state}}}
        return self.server.call("CreateStateMachine", name=f"m{self.count}", roleArn=ROLE,
                                definition=json.dumps(definition))["stateMachineArn"]

    def start(self, state, given=None):
        return self.server.call("StartExecution", stateMachineArn=self.create(state),
                                input=json.dumps(given or {}))["executionArn"]

    def run_one(self, state, given=None):
        return self.server.wait(self.start(state, given))

    def queue(self, name):
        return self.client("sqs").create_queue(QueueName=name)["QueueUrl"]

    def receive(self, url):
        client = self.client("sqs")
        return until(lambda: client.receive_message(QueueUrl=url).get("Messages"),
                     "a message")[0]["Body"]

    def test_a_queue_gets_json_as_text(self):
        url = self.queue("json")
        told = self.run_one({"Resource": "arn:aws:states:::sqs:sendMessage",
                             "Parameters": {"QueueUrl": url, "MessageBody": {"n.$": "$.n"}}}, {"n": 7})
        self.assertEqual(told["status"], "SUCCEEDED", told)
        output = json.loads(told["output"])
        self.assertEqual(list(output), sorted(output))
        self.assertLessEqual({"MD5OfMessageBody", "MessageId", "SdkHttpMetadata"}, set(output))
        self.assertEqual(json.loads(self.receive(url)), {"n": 7})

    def test_a_queue_that_is_not_there(self):
        told = self.run_one({"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {
            "QueueUrl": self.url + "/123456789012/nobody", "MessageBody": "x"}})
        self.assertEqual(told["status"], "FAILED")
        self.assertTrue(told["error"].startswith("SQS."), told["error"])
        self.assertIn("(Service: AmazonSQS; Status Code: 400; Error Code: ", told["cause"])

    def test_a_callback_through_a_queue(self):
        url = self.queue("callback")
        for send, status in (("SendTaskSuccess", "SUCCEEDED"), ("SendTaskFailure", "FAILED")):
            arn = self.start({"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                              "Parameters": {"QueueUrl": url, "MessageBody": {"t.$": "$$.Task.Token"}}})
            token = json.loads(self.receive(url))["t"]
            self.client("sqs").purge_queue(QueueUrl=url)
            more = {"output": "1"} if status == "SUCCEEDED" else {"error": "E", "cause": "C"}
            self.server.call(send, taskToken=token, **more)
            self.assertEqual(self.server.wait(arn)["status"], status)

    def test_a_topic_of_the_endpoint(self):
        url = self.queue("topic")
        topic = self.client("sns").create_topic(Name="t")["TopicArn"]
        self.client("sns").subscribe(TopicArn=topic, Protocol="sqs",
                                     Endpoint="arn:aws:sqs:us-east-1:123456789012:topic")
        told = self.run_one({"Resource": "arn:aws:states:::sns:publish",
                             "Parameters": {"TopicArn": topic, "Message": {"hello": 1}}})
        self.assertEqual(told["status"], "SUCCEEDED", told)
        self.assertEqual(json.loads(json.loads(self.receive(url))["Message"]), {"hello": 1})

    def test_events_say_who_sent_them(self):
        url = self.queue("events")
        events = self.client("events")
        events.put_rule(Name="r", EventPattern=json.dumps({"source": ["here"]}))
        events.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:123456789012:events"}])
        arn = self.start({"Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [
            {"Source": "here", "DetailType": "d", "Detail": {"a": 1}, "Resources": ["mine"]}]}})
        told = self.server.wait(arn)
        self.assertEqual(list(json.loads(told["output"])), ["Entries", "FailedEntryCount"])
        event = json.loads(self.receive(url))
        self.assertEqual(event["detail"], {"a": 1})
        self.assertEqual(event["resources"], ["mine", told["stateMachineArn"], arn])

    def test_items_of_a_table(self):
        self.client("dynamodb").create_table(
            TableName="t", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        item = {"id": {"S": "1"}, "yes": {"BOOL": True}, "none": {"NULL": True}, "set": {"SS": ["a"]},
                "at": {"S": "2024-01-01T00:00:00Z"}}
        told = self.run_one({"Resource": "arn:aws:states:::dynamodb:putItem",
                             "Parameters": {"TableName": "t", "Item": item}})
        self.assertEqual(told["status"], "SUCCEEDED", told)
        told = self.run_one({"Resource": "arn:aws:states:::dynamodb:getItem",
                             "Parameters": {"TableName": "t", "Key": {"id": {"S.$": "$.id"}}}}, {"id": "1"})
        self.assertEqual(json.loads(told["output"])["Item"], item)
        told = self.run_one({"Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": {
            "TableName": "t", "Item": item, "ConditionExpression": "attribute_not_exists(id)"}})
        self.assertEqual(told["error"], "DynamoDB.ConditionalCheckFailedException")
        self.assertIn("(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: "
                      "ConditionalCheckFailedException; ", told["cause"])
        told = self.run_one({"Resource": "arn:aws:states:::dynamodb:deleteItem",
                             "Parameters": {"TableName": "nobody", "Key": {"id": {"S": "1"}}}})
        self.assertEqual(told["error"], "DynamoDB.ResourceNotFoundException")

    def test_what_a_definition_may_not_say(self):
        cases = (
            ("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "b", "Colour": 1},
             'The field "Colour" is not supported by Step Functions at /States/S/Parameters'),
            ("sqs:sendMessage", {"QueueUrl": "q"}, "The field 'MessageBody' is required but was missing"),
            ("sqs:fly", {}, "SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::sqs:fly "
             "is not recognized. The value is not a valid resource ARN, or the resource is not "
             "available in this region. at /States/S/Resource"),
            ("s3:getObject", {}, "The resource provided arn:aws:states:::s3:getObject is not"),
            ("sqs:sendMessage.sync", {}, "arn:aws:states:::sqs:sendMessage.sync is not recognized"),
            ("glue:startJobRun.waitForTaskToken", {"JobName": "j"}, "is not recognized"),
        )
        for resource, parameters, words in cases:
            with self.subTest(resource), self.assertRaises(ApiError) as refused:
                self.create({"Resource": "arn:aws:states:::" + resource, "Parameters": parameters})
            self.assertEqual(refused.exception.name, "InvalidDefinition")
            self.assertIn(words, refused.exception.message)

    def test_what_only_the_data_tells_fails_before_the_task(self):
        arn = self.start({"Resource": "arn:aws:states:::sqs:sendMessage",
                          "Parameters": {"QueueUrl.$": "$.q", "MessageBody": "b"}}, {"q": 7})
        told = self.server.wait(arn)
        self.assertEqual(told["error"], "States.Runtime")
        self.assertEqual(told["cause"], (
            "An error occurred while executing the state 'S' (entered at the event id #2). The "
            "Parameters '{\"QueueUrl\":7,\"MessageBody\":\"b\"}' could not be used to start the Task: "
            "[The value for the field 'QueueUrl' must be a STRING]"))
        self.assertNotIn("TaskScheduled", [e["type"] for e in self.server.history(arn)])


if __name__ == "__main__":
    unittest.main()
