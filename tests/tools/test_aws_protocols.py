"""The requests that Gait makes of AWS operations are those that botocore makes of the same
parameters, and it reads the same out of answers.

Parameters and answers are made from each operation's model (every member that there is, with
values that need care), so that every protocol and every kind of member is met; besides, some
operations are sent by a whole botocore client, with all that its customizations add."""

import base64
import datetime
import importlib.machinery
import importlib.util
import itertools
import json
import os
import random
import subprocess
import unittest
import urllib.parse
from pathlib import Path
from xml.etree import ElementTree

try:
    import botocore
    import botocore.loaders
    import botocore.model
    import botocore.parsers
    import botocore.serialize
    import botocore.session
except ImportError:
    botocore = None

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("GAIT_BUILD", ROOT / "build"))
TOOL = BUILD / "integrations_aws"
MODELS = BUILD / "aws-models"
# Operations of a service in the comparison of all services; GAIT_AWS_OPERATIONS=all: every one.
OPERATIONS_EACH = os.environ.get("GAIT_AWS_OPERATIONS", "3")
DEPTH_MAX = 4
TIME = datetime.datetime(2024, 2, 29, 13, 14, 15, tzinfo=datetime.timezone.utc)
TIME_TEXT = "2024-02-29T13:14:15Z"


def load_compiler():
    loader = importlib.machinery.SourceFileLoader("compiler", str(ROOT / "tools/compile-aws-models"))
    spec = importlib.util.spec_from_loader("compiler", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class Tool:
    """A running integrations_aws, which answers line by line."""

    def __init__(self):
        self.process = subprocess.Popen([TOOL, MODELS], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"integrations_aws ended: {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        assert self.process.wait(timeout=300) == 0


class Values:
    """Makes values of shapes: as botocore takes them, and as Step Functions does."""

    def __init__(self, compiler, service, seed):
        self.compiler, self.service, self.random = compiler, service, random.Random(seed)

    def name(self, shape, member):
        return self.compiler.member_name(self.service, shape.name, member)

    def structure(self, shape, depth=0):
        """None for a union none of whose members can be made."""
        theirs, ours = {}, {}
        is_union = getattr(shape, "is_tagged_union", False)
        members = list(shape.members.items())
        if is_union:
            self.random.shuffle(members)
        for name, member in members:
            made = self.value(member, depth + 1)
            if made is not None and not (is_union and theirs):
                theirs[name], ours[self.name(shape, name)] = made
        return (theirs, ours) if theirs or not is_union else None

    def value(self, shape, depth):
        kind = shape.type_name
        if getattr(shape, "is_document_type", False):
            document = {"a": [1, "two", None, {"b": True}]}
            return document, document
        if depth > DEPTH_MAX and kind in ("structure", "list", "map"):
            return None
        if kind == "structure":
            return self.structure(shape, depth)
        if kind == "list":
            made = [self.value(shape.member, depth + 1) for _ in range(2)]
            return None if None in made else ([m[0] for m in made], [m[1] for m in made])
        if kind == "map":
            keys = shape.key.enum[:2] or ["k 1", "k&2"]
            if shape.serialization.get("location") == "headers":
                keys = ["one", "two"]
            made = {key: self.value(shape.value, depth + 1) for key in keys}
            if None in made.values():
                return None
            return {k: m[0] for k, m in made.items()}, {k: m[1] for k, m in made.items()}
        return self.scalar(shape, kind)

    def scalar(self, shape, kind):
        location = shape.serialization.get("location")
        if kind in ("string", "character"):
            if shape.serialization.get("jsonvalue") or shape.metadata.get("jsonvalue"):
                return None
            if shape.name == "ChecksumAlgorithm" and self.service == "s3":
                text = self.random.choice(["CRC32", "SHA1", "SHA256", "CRC32C"])
            elif shape.enum:
                text = self.random.choice(shape.enum)
            elif shape.serialization.get("hostLabel"):
                text = "label-1"
            elif location in ("header", "headers"):
                text = "header text"
            elif location == "uri":
                text = "a b/c+d~é"
            else:
                text = self.random.choice(["plain", "<&\"'> é\t", "a=b&c d+e%", ""])
            return text, text
        if kind == "blob":
            if shape.serialization.get("streaming") or shape.metadata.get("streaming"):
                return b'"stream \\"x\\""', 'stream "x"'
            return "bytes é".encode(), "bytes é"
        if kind == "boolean":
            value = self.random.random() < 0.5
            return value, value
        if kind in ("integer", "long"):
            value = self.random.choice([0, 1, 23, 24, 300, 70000] + [2**40] * (kind == "long"))
            return value, value
        if kind in ("float", "double"):
            value = self.random.choice([0.5, 1.25, 3.0, -2.0])
            return value, value
        if kind == "timestamp":
            return TIME, TIME_TEXT
        raise NotImplementedError(kind)


def as_step_functions_gives(compiler, service, shape, value):
    """A parsed answer of botocore, spelled as Step Functions spells it."""
    kind = shape.type_name
    if value is None or getattr(shape, "is_document_type", False):
        return value
    if kind == "structure":
        return {compiler.member_name(service, shape.name, name):
                as_step_functions_gives(compiler, service, member, value[name])
                for name, member in shape.members.items() if value.get(name) is not None}
    if kind == "list":
        return [as_step_functions_gives(compiler, service, shape.member, item) for item in value]
    if kind == "map":
        return {key: as_step_functions_gives(compiler, service, shape.value, item)
                for key, item in value.items() if item is not None}
    if kind == "timestamp":
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind == "blob" and isinstance(value, bytes):
        return value.decode()
    return value


def canonical_xml(text):
    def walk(node):
        return (node.tag, sorted(node.attrib.items()), (node.text or "") if not len(node) else "",
                [walk(child) for child in node])
    return walk(ElementTree.fromstring(text))


def canonical_body(protocol, body):
    if isinstance(body, dict):  # query, before it is encoded
        return sorted((key, form_text(value)) for key, value in body.items())
    if protocol in ("query", "ec2"):
        return sorted(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
    if protocol == "smithy-rpc-v2-cbor":
        parser = botocore.parsers.RpcV2CBORParser()
        return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) if body else None
    for read in (lambda: json.loads(body), lambda: canonical_xml(body)):
        try:
            return read()
        except (ValueError, ElementTree.ParseError):
            pass
    return body


def form_text(value):
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def canonical_query(query):
    if isinstance(query, dict):
        pairs = []
        for key, value in query.items():
            pairs += [(key, form_text(v)) for v in (value if isinstance(value, list) else [value])]
        return sorted(pairs)
    return sorted(urllib.parse.parse_qsl(query, keep_blank_values=True))


# Not of the protocol: who calls, when, what a transport adds, and tokens made up at random.
OTHER_HEADERS = {"user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "authorization",
                 "x-amz-date", "x-amz-content-sha256", "content-length", "expect",
                 "x-amz-security-token", "x-amz-checksum-mode"}


def canonical_headers(pairs, known=None):
    headers = {}
    for name, value in pairs:
        name = name.lower()
        value = value.decode() if isinstance(value, bytes) else str(value)
        if name not in OTHER_HEADERS and (known is None or name in known):
            try:
                value = json.dumps(float(value)) if "." in value else value
            except ValueError:
                pass
            headers[name] = value
    return headers


@unittest.skipUnless(botocore and botocore.__version__ == "1.43.11", "needs botocore 1.43.11")
@unittest.skipUnless(TOOL.exists() and MODELS.exists(), f"{BUILD} holds no integrations_aws")
class AwsProtocols(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.compiler = load_compiler()
        # Without what botocore adds to models for its own customizations (SourceRegion, ...).
        cls.loader = botocore.loaders.Loader(include_default_extras=False)
        cls.tool = Tool()
        cls.addClassCleanup(cls.tool.close)
        cls.services = {}
        for folder in sorted(cls.loader.list_available_services("service-2")):
            data = cls.loader.load_service_model(folder, "service-2")
            if folder == "s3":
                data["shapes"]["Expires"]["type"] = "timestamp"  # as botocore's extras have it
            model = botocore.model.ServiceModel(data, folder)
            name = cls.compiler.service_name(model.metadata["serviceId"]).lower()
            cls.services.setdefault(name, model)

    def operations(self):
        """(service, its model, operation, protocol): a few of every service, always the same."""
        for service, model in self.services.items():
            names = list(model.operation_names)
            if OPERATIONS_EACH != "all":
                names = random.Random(service).sample(names, min(int(OPERATIONS_EACH), len(names)))
            protocols = [model.resolved_protocol]
            if "smithy-rpc-v2-cbor" in model.metadata.get("protocols", ()):
                protocols.append("smithy-rpc-v2-cbor")
            for name, protocol in itertools.product(names, protocols):
                operation = model.operation_model(name)
                is_offered = name not in self.compiler.NOT_OFFERED_OPERATIONS.get(
                    service, "").split()
                if is_offered and not (operation.has_event_stream_input
                                       or operation.has_event_stream_output):
                    yield service, model, operation, protocol

    def ask_request(self, service, name, parameters, **by):
        made = self.tool.ask(service=service, action=self.compiler.lower_first(name),
                             parameters=parameters, **by)
        self.assertNotIn("failure", made, f"{service} {name}: {made.get('failure')}")
        return made

    # ------------------------------------------------------------------------------------ requests

    def compare_request(self, service, operation, protocol, theirs, made):
        what = f"{service} {operation.name} ({protocol})"
        body = base64.b64decode(made["body"])
        self.assertEqual(made["method"], theirs["method"], what)
        path, _, query = theirs["url_path"].partition("?")
        self.assertEqual(made["path"], path or "/", what)
        self.assertEqual(canonical_query(made["query"]),
                         sorted(canonical_query(theirs["query_string"]) + canonical_query(query)),
                         what)
        self.assertEqual(made["hostPrefix"], theirs.get("host_prefix") or "", what)
        headers = canonical_headers(theirs["headers"].items())
        self.assertEqual(canonical_headers(made["headers"], headers), headers, what)
        self.assertEqual(canonical_body(protocol, body), canonical_body(protocol, theirs["body"]),
                         what)

    def test_requests_are_those_of_botocores_serializers(self):
        counts = {}
        for service, _, operation, protocol in self.operations():
            for seed in range(2):
                values = Values(self.compiler, service, f"{service} {operation.name} {seed}")
                theirs, ours = ({}, {})
                if operation.input_shape is not None:
                    theirs, ours = values.structure(operation.input_shape)
                if any(v == "" for v in theirs.values()):
                    theirs, ours = filled(operation, theirs, ours, values)
                serializer = botocore.serialize.create_serializer(protocol, False)
                if service == "route53":
                    continue  # its ids lose their paths, which the serializer knows nothing of
                expected = serializer.serialize_to_request(theirs, operation)
                made = self.ask_request(service, operation.name, ours,
                                        protocol=self.compiler.PROTOCOLS.index(protocol))
                self.compare_request(service, operation, protocol, expected, made)
            counts[protocol] = counts.get(protocol, 0) + 1
        self.assertEqual(set(counts), set(self.compiler.PROTOCOLS))
        self.assertGreater(sum(counts.values()), 1000)

    # ------------------------------------------------------------------------------------- answers

    def answer_of(self, operation, protocol, values):
        """(status, headers, body) of an answer that holds all that the output's model has."""
        shape = operation.output_shape
        headers = [("x-amzn-RequestId", "id-1")]
        if shape is None:
            return 200, headers, b"<Response/>" if protocol in ("query", "ec2") else b""
        theirs, _ = values.structure(shape)
        if protocol in ("json", "smithy-rpc-v2-cbor"):
            serializer = botocore.serialize.create_serializer(protocol, False)
            if protocol == "json":
                body = {}
                serializer._serialize(body, theirs, shape)
                return 200, headers, json.dumps(body).encode()
            return 200, headers, serializer._serialize_body_params(theirs, shape)
        if protocol in ("query", "ec2"):
            return 200, headers, xml_answer(operation, protocol, theirs)
        body_members = {}
        serializer = botocore.serialize.create_serializer(protocol, False)
        for name, value in theirs.items():
            member = shape.members[name]
            location = member.serialization.get("location")
            wire = member.serialization.get("name", name)
            if location == "header":
                text = serializer._convert_header_value(member, value)
                headers.append((wire, text))
            elif location == "headers":
                headers += [(wire + key, str(item)) for key, item in value.items()]
            elif location is None:
                body_members[name] = value
        payload = shape.serialization.get("payload")
        if payload is None:
            target, value = shape, body_members
        elif shape.members[payload].type_name in ("blob", "string"):
            raw = body_members.get(payload, b"")
            return 200, headers, raw.encode() if isinstance(raw, str) else raw
        else:
            target, value = shape.members[payload], body_members.get(payload)
        if value is None:
            return 200, headers, b""
        if protocol == "rest-json":
            body = {}
            serializer._serialize(body, value, target, None if target is shape else "root")
            return 200, headers, json.dumps(body if target is shape else body["root"]).encode()
        return 200, headers, xml_of(target, value, "Root")

    def test_answers_read_as_botocore_reads_them(self):
        counts = {}
        for service, model, operation, protocol in self.operations():
            if service == "s3" and operation.name in ("GetBucketLocation", "GetBucketNotification"):
                continue  # read by a customization; one element for two members (deprecated)
            values = Values(self.compiler, service, f"{service} {operation.name} answer")
            status, headers, body = self.answer_of(operation, protocol, values)
            shape = operation.output_shape
            parser = botocore.parsers.create_parser(protocol)
            parsed = parser.parse({"status_code": status, "body": body,
                                   "headers": botocore.awsrequest.HeadersDict(headers)}, shape)
            parsed.pop("ResponseMetadata", None)
            expected = (as_step_functions_gives(self.compiler, service, shape, parsed)
                        if shape is not None else {})
            made = self.tool.ask(service=service, action=self.compiler.lower_first(operation.name),
                                 protocol=self.compiler.PROTOCOLS.index(protocol),
                                 response={"status": status, "headers": headers,
                                           "body": base64.b64encode(body).decode()})
            what = f"{service} {operation.name} ({protocol}): {body[:2000]}"
            self.assertEqual(made.get("output"), expected, f"{what} {made.get('failure')}")
            self.assertEqual(made["requestId"], "id-1", what)
            counts[protocol] = counts.get(protocol, 0) + 1
        self.assertEqual(set(counts), set(self.compiler.PROTOCOLS))
        self.assertGreater(sum(counts.values()), 1000)

    # ---------------------------------------------------------------------------------- by clients

    def test_requests_are_those_that_botocores_clients_send(self):
        session = botocore.session.Session()
        services, seen = set(), 0
        for service, operations in WHOLE_REQUESTS.items():
            model = self.services[service]
            client = session.create_client(
                model.service_name, region_name="us-east-1", aws_access_key_id="a",
                aws_secret_access_key="b", endpoint_url="http://sink.test",
                config=botocore.config.Config(inject_host_prefix=True,
                                              s3={"addressing_style": "path"}))
            sent = []
            client.meta.events.register_last("before-send", lambda request, **_: (
                sent.append(request), stop())[1])
            for name, ours in operations:
                theirs = as_botocore_takes(self.compiler, service,
                                           model.operation_model(name).input_shape, ours)
                sent.clear()
                try:
                    client._make_api_call(name, theirs)
                except Stopped:
                    pass
                self.compare_whole(service, name, sent[0], self.ask_request(service, name, ours))
                services.add(service)
                seen += 1
        self.assertGreaterEqual(len(services), 25)
        self.assertGreaterEqual(seen, 60)

    def compare_whole(self, service, name, sent, made):
        what = f"{service} {name}"
        protocol = self.services[service].resolved_protocol
        url = urllib.parse.urlsplit(sent.url)
        headers = canonical_headers(sent.headers.items())
        body = sent.body if sent.body is not None else b""
        body = body.read() if hasattr(body, "read") else body
        body = body.encode() if isinstance(body, str) else body
        self.assertEqual(made["method"], sent.method, what)
        self.assertEqual(made["hostPrefix"] + "sink.test", url.hostname, what)
        self.assertEqual(made["path"], url.path, what)
        query = [pair for pair in canonical_query(url.query) if pair != ("encoding-type", "url")]
        self.assertEqual(canonical_query(made["query"]), query, what)
        self.assertEqual(canonical_headers(made["headers"], headers), headers, what)
        ours = base64.b64decode(made["body"])
        self.assertEqual(canonical_body(protocol, ours), canonical_body(protocol, body), what)

    # ----------------------------------------------------------------------------------- endpoints

    def test_endpoints_are_those_of_the_rule_sets(self):
        regions = ["us-east-1", "eu-west-1", "ap-southeast-2", "cn-north-1", "us-gov-west-1",
                   "us-gov-east-1", "us-iso-east-1", "eusc-de-east-1"]
        provider = importlib.import_module("botocore.endpoint_provider")
        exceptions = importlib.import_module("botocore.exceptions")
        partitions = self.loader.load_data("partitions")
        refused = set()
        for service, model in sorted(self.services.items()):
            rules = self.loader.load_service_model(model.service_name, "endpoint-rule-set-1")
            resolver = provider.EndpointProvider(rules, partitions)
            signing = model.metadata.get("signingName", model.metadata["endpointPrefix"])
            for region, fips, dual in itertools.product(regions, (False, True), (False, True)):
                what = f"{service} {region} FIPS {fips} dual stack {dual}"
                given = {"Region": region, "UseFIPS": fips, "UseDualStack": dual}
                made = self.tool.ask(service=service, region=region, variant=fips + 2 * dual)
                try:
                    answer = resolver.resolve_endpoint(
                        **{k: v for k, v in given.items() if k in resolver.ruleset.parameters})
                except exceptions.EndpointProviderError as error:
                    is_by_operation = "required parameter" in str(error)
                    if (fips or dual) and not is_by_operation:
                        words = " and ".join(["FIPS"] * fips + ["dual-stack"] * dual)
                        self.assertEqual(made, {
                            "failure": f"{model.metadata['serviceId']} has no {words} endpoint in "
                                       f"the region '{region}'"}, what)
                        refused.add(service)
                    continue
                self.assertEqual("https://" + made["host"] + made["path"], answer.url.rstrip("/"),
                                 what)
                schemes = {scheme["name"]: scheme
                           for scheme in answer.properties.get("authSchemes", ())}
                scheme = schemes.get("sigv4", {})
                self.assertEqual((made["signingRegion"], made["signingName"]),
                                 (scheme.get("signingRegion", region),
                                  scheme.get("signingName", signing)), what)
            self.check_endpoints_of_operations(service, model, resolver)
        self.assertIn("cloudfrontkeyvaluestore", refused)
        self.assertNotIn("dynamodb", refused)

    def check_endpoints_of_operations(self, service, model, resolver):
        """Rule sets tell some operations apart by constants in the model."""
        exceptions = importlib.import_module("botocore.exceptions")
        for name in model.operation_names:
            constants = {param.name: param.value
                         for param in model.operation_model(name).static_context_parameters
                         if param.name in resolver.ruleset.parameters}
            for region, fips in itertools.product(("us-east-1", "cn-north-1"), (False, True)):
                given = {"Region": region, "UseFIPS": fips, "UseDualStack": False, **constants}
                try:
                    answer = constants and resolver.resolve_endpoint(
                        **{k: v for k, v in given.items() if k in resolver.ruleset.parameters})
                except exceptions.EndpointProviderError:
                    continue
                if answer:
                    made = self.tool.ask(service=service, region=region, variant=int(fips),
                                         action=self.compiler.lower_first(name))
                    self.assertEqual("https://" + made["host"] + made["path"],
                                     answer.url.rstrip("/"), f"{service} {name} {region}")

    # ------------------------------------------------------------------------------------ failures

    def fail_with(self, service, action, status, body, headers=()):
        return self.tool.ask(service=service, action=action,
                             response={"status": status, "headers": [list(h) for h in headers],
                                       "body": base64.b64encode(body).decode()})

    def test_failures_have_step_functions_names(self):
        rows = [
            ("sfn", "sendTaskSuccess", 400, b'{"__type":"com.amazonaws.swf#InvalidToken",'
             b'"message":"Invalid Token: \'Invalid token\'"}', [("x-amzn-RequestId", "R")],
             "Sfn.InvalidTokenException",
             "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: R) "
             "(SDK Attempt Count: 1)"),
            ("dynamodb", "putItem", 400, b'{"__type":"com.amazon.coral.validate#ValidationException'
             b'","message":"m"}', [("x-amzn-RequestId", "R")], "DynamoDb.DynamoDbException",
             "m (Service: DynamoDb, Status Code: 400, Request ID: R) (SDK Attempt Count: 1)"),
            ("s3", "listObjects", 404, b"<Error><Code>NoSuchBucket</Code><Message>The specified "
             b"bucket does not exist</Message><RequestId>R</RequestId><HostId>H</HostId></Error>",
             [], "S3.NoSuchBucketException",
             "The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: R, "
             "Extended Request ID: H) (SDK Attempt Count: 1)"),
            ("s3", "headObject", 404, b"", [("x-amz-request-id", "R"), ("x-amz-id-2", "H")],
             "S3.NoSuchKeyException", "null (Service: S3, Status Code: 404, Request ID: R, "
             "Extended Request ID: H) (SDK Attempt Count: 1)"),
            ("s3", "copyObject", 200, b"<?xml version='1.0'?><Error><Code>InternalError</Code>"
             b"<Message>We</Message></Error>", [], "S3.S3Exception",
             "We (Service: S3, Status Code: 200, Request ID: null) (SDK Attempt Count: 1)"),
            ("ec2", "describeInstances", 400, b"<Response><Errors><Error><Code>InvalidInstanceID"
             b"</Code><Message>no</Message></Error></Errors><RequestID>R</RequestID></Response>",
             [], "Ec2.Ec2Exception",
             "no (Service: Ec2, Status Code: 400, Request ID: R) (SDK Attempt Count: 1)"),
            ("sns", "publish", 404, b"<ErrorResponse xmlns='http://x/'><Error><Type>Sender</Type>"
             b"<Code>NotFound</Code><Message>no</Message></Error><RequestId>R</RequestId>"
             b"</ErrorResponse>", [], "Sns.NotFoundException",
             "no (Service: Sns, Status Code: 404, Request ID: R) (SDK Attempt Count: 1)"),
            ("lambda", "invoke", 404, b'{"Message":"no","Type":"User"}',
             [("x-amzn-ErrorType", "ResourceNotFoundException:http://x/")],
             "Lambda.ResourceNotFoundException",
             "no (Service: Lambda, Status Code: 404, Request ID: null) (SDK Attempt Count: 1)"),
            ("sqs", "sendMessage", 400, b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist",'
             b'"message":"no"}', [("x-amzn-query-error",
                                   "AWS.SimpleQueueService.NonExistentQueue;Sender")],
             "Sqs.QueueDoesNotExistException",
             "no (Service: Sqs, Status Code: 400, Request ID: null) (SDK Attempt Count: 1)"),
            ("cloudwatch", "putMetricData", 400, b"\xa2f__typexIcom.amazonaws.cloudwatch.v2010_08_01"
             b"#InvalidParameterValueException......gmessagebno", [],
             "CloudWatch.CloudWatchException", None),
            ("s3", "getObject", 502, b"<html><body>Bad Gateway</body></html>", [],
             "S3.S3Exception", "null (Service: S3, Status Code: 502, Request ID: null) "
             "(SDK Attempt Count: 1)"),
            ("dynamodb", "getItem", 500, b"\x00\xff not json", [], "DynamoDb.DynamoDbException",
             "null (Service: DynamoDb, Status Code: 500, Request ID: null) "
             "(SDK Attempt Count: 1)"),
        ]
        for service, action, status, body, headers, error, cause in rows:
            made = self.fail_with(service, action, status, body, headers)
            self.assertEqual(made.get("error"), error, (service, action, made))
            if cause:
                self.assertEqual(made["cause"], cause)

    def test_garbage_in_a_success_is_a_failure_in_words(self):
        for service, action, body in (
                ("dynamodb", "getItem", b"{"), ("dynamodb", "getItem", b"[]"),
                ("s3", "listObjects", b"<a><b></a>"), ("sns", "publish", b"\xff\xfe"),
                ("cloudwatch", "getMetricData", b"\xbf\x61"),
                ("s3", "listObjects", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
                ("s3", "listObjects", b"<a>" * 1000 + b"</a>" * 1000),
                ("cloudwatch", "getMetricData", b"\x81" * 1000 + b"\x01")):
            made = self.fail_with(service, action, 200, body)
            self.assertIn("failure", made, (service, action, body[:40]))

    def test_a_bucket_s_location_is_the_whole_answer(self):
        body = (b'<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1'
                b"</LocationConstraint>")
        made = self.fail_with("s3", "getBucketLocation", 200, body)
        self.assertEqual(made["output"], {"LocationConstraint": "eu-west-1"})


class Stopped(Exception):
    pass


def stop():
    raise Stopped


def filled(operation, theirs, ours, values):
    """A path's label must not be empty, nor an enumeration's only value."""
    for name, member in operation.input_shape.members.items():
        if theirs.get(name) == "" and (member.serialization.get("location") == "uri"):
            theirs[name] = ours[values.name(operation.input_shape, name)] = "x"
    return theirs, ours


def as_botocore_takes(compiler, service, shape, value):
    """Parameters as Step Functions takes them, as botocore does."""
    kind = shape.type_name
    if kind == "structure":
        names = {compiler.member_name(service, shape.name, name): name for name in shape.members}
        return {names[name]: as_botocore_takes(compiler, service, shape.members[names[name]], item)
                for name, item in value.items()}
    if kind == "list":
        return [as_botocore_takes(compiler, service, shape.member, item) for item in value]
    if kind == "map":
        return {key: as_botocore_takes(compiler, service, shape.value, item)
                for key, item in value.items()}
    if kind == "blob":
        is_stream = shape.serialization.get("streaming") or shape.metadata.get("streaming")
        if is_stream or not isinstance(value, str):
            return json.dumps(value, separators=(",", ":")).encode()
        return value.encode()
    return value


def xml_of(shape, value, name):
    """An element of an answer; the serializer's form is the same but for flattened lists."""
    root = ElementTree.Element("Wrapper")
    add_xml(root, shape, value, name)
    return ElementTree.tostring(root[0])


def add_xml(parent, shape, value, name):
    kind = shape.type_name
    if kind == "list" and shape.serialization.get("flattened"):
        for item in value:
            add_xml(parent, shape.member, item, shape.member.serialization.get("name", name))
        return
    if kind == "map" and shape.serialization.get("flattened"):
        for key, item in value.items():
            add_entry(parent, shape, key, item, name)
        return
    node = ElementTree.SubElement(parent, name)
    if kind == "structure":
        for member, item in value.items():
            target = shape.members[member]
            if target.serialization.get("xmlAttribute"):
                node.set("{http://www.w3.org/2001/XMLSchema-instance}type", item)
            else:
                add_xml(node, target, item, target.serialization.get("name", member))
    elif kind == "list":
        for item in value:
            add_xml(node, shape.member, item, shape.member.serialization.get("name", "member"))
    elif kind == "map":
        for key, item in value.items():
            add_entry(node, shape, key, item, "entry")
    elif kind == "blob":
        node.text = base64.b64encode(value).decode()
    elif kind == "timestamp":
        node.text = TIME_TEXT
    elif kind == "boolean":
        node.text = "true" if value else "false"
    else:
        node.text = str(value)


def add_entry(parent, shape, key, value, name):
    entry = ElementTree.SubElement(parent, name)
    add_xml(entry, shape.key, key, shape.key.serialization.get("name", "key"))
    add_xml(entry, shape.value, value, shape.value.serialization.get("name", "value"))


def xml_answer(operation, protocol, value):
    shape = operation.output_shape
    root = ElementTree.Element(operation.name + "Response")
    wrapper = shape.serialization.get("resultWrapper")
    add_xml(root, shape, value, wrapper or "inner")
    if not wrapper:  # ec2: the members are the root's own
        inner = root[0]
        root.remove(inner)
        root.extend(list(inner))
    return ElementTree.tostring(root)


WHOLE_REQUESTS = {
    "dynamodb": [("PutItem", {"TableName": "t", "Item": {"id": {"S": "1"}, "b": {"Bool": True},
                                                         "n": {"Nul": True}, "s": {"Ss": ["a"]},
                                                         "bytes": {"B": "x"}}}),
                 ("GetItem", {"TableName": "t", "Key": {"id": {"S": "1"}}, "ConsistentRead": True}),
                 ("Query", {"TableName": "t", "KeyConditionExpression": "id = :i",
                            "ExpressionAttributeValues": {":i": {"N": "5"}}, "Limit": 3})],
    "s3": [("PutObject", {"Bucket": "b", "Key": "a/b c+d", "Body": "text",
                          "Metadata": {"k": "v"}, "ContentType": "text/plain"}),
           ("GetObject", {"Bucket": "b", "Key": "k", "Range": "bytes=0-1",
                          "IfModifiedSince": "2024-01-02T03:04:05Z"}),
           ("ListObjectsV2", {"Bucket": "b", "Prefix": "a b/", "MaxKeys": 5}),
           ("DeleteObjects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "a<&"},
                                                                    {"Key": "b"}], "Quiet": True}}),
           ("PutBucketTagging", {"Bucket": "b", "Tagging": {"TagSet": [{"Key": "k",
                                                                        "Value": "v"}]}}),
           ("PutBucketAcl", {"Bucket": "b", "AccessControlPolicy": {
               "Grants": [{"Grantee": {"Type": "CanonicalUser", "Id": "i"},
                           "Permission": "READ"}]}}),
           ("HeadObject", {"Bucket": "b", "Key": "k"}), ("ListBuckets", {})],
    "s3control": [("GetPublicAccessBlock", {"AccountId": "123456789012"}),
                  ("CreateAccessPoint", {"AccountId": "123456789012", "Name": "name",
                                         "Bucket": "bucket"})],
    "sqs": [("SendMessage", {"QueueUrl": "http://sink.test/1/q", "MessageBody": "é \" \n",
                             "MessageAttributes": {"a": {"DataType": "Binary",
                                                         "BinaryValue": "x"}}}),
            ("SendMessageBatch", {"QueueUrl": "http://sink.test/1/q",
                                  "Entries": [{"Id": "1", "MessageBody": "m"}]})],
    "sns": [("Publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m &=+ é",
                         "MessageAttributes": {"a": {"DataType": "String", "StringValue": "x"}}}),
            ("CreateTopic", {"Name": "t", "Tags": [{"Key": "k", "Value": "v"}],
                             "Attributes": {"DisplayName": "d"}})],
    "sfn": [("StartExecution", {"StateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:m",
                                "Input": "{}"}),
            ("StartSyncExecution", {"StateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:m"}),
            ("SendTaskFailure", {"TaskToken": "t", "Cause": "c"})],
    "lambda": [("Invoke", {"FunctionName": "f", "Payload": {"a": [1, None]}, "LogType": "Tail",
                           "Qualifier": "1"}),
               ("ListFunctions", {"MaxItems": 3}),
               ("CreateFunction", {"FunctionName": "f", "Role": "arn:aws:iam::123456789012:role/r",
                                   "Code": {"ZipFile": "zip"}, "Timeout": 5})],
    "eventbridge": [("PutEvents", {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}",
                                                "Time": "2024-01-02T03:04:05Z"}]}),
                    ("PutRule", {"Name": "n", "ScheduleExpression": "rate(1 day)"})],
    "kinesis": [("PutRecord", {"StreamName": "s", "Data": {"a": 1}, "PartitionKey": "p"}),
                ("PutRecords", {"StreamName": "s", "Records": [{"Data": "x",
                                                                "PartitionKey": "p"}]})],
    "firehose": [("PutRecord", {"DeliveryStreamName": "s", "Record": {"Data": "x\n"}})],
    "kms": [("Encrypt", {"KeyId": "k", "Plaintext": "secret"}),
            ("GenerateDataKey", {"KeyId": "k", "NumberOfBytes": 32})],
    "secretsmanager": [("CreateSecret", {"Name": "n", "SecretString": "s",
                                         "ClientRequestToken": "t" * 32}),
                       ("GetSecretValue", {"SecretId": "n"})],
    "ssm": [("GetParameter", {"Name": "/a/b", "WithDecryption": True}),
            ("PutParameter", {"Name": "/a/b", "Value": "v", "Type": "String"})],
    "sts": [("GetCallerIdentity", {}),
            ("GetFederationToken", {"Name": "name", "DurationSeconds": 900})],
    "iam": [("CreateUser", {"UserName": "u", "Tags": [{"Key": "k", "Value": "v"}]}),
            ("ListRoles", {"PathPrefix": "/a/", "MaxItems": 5})],
    "ec2": [("DescribeInstances", {"Filters": [{"Name": "vpc-id", "Values": ["a", "b"]}],
                                   "MaxResults": 5}),
            ("CreateTags", {"Resources": ["i-1"], "Tags": [{"Key": "k", "Value": "v"}]}),
            ("CreateVpc", {"CidrBlock": "10.0.0.0/16", "DryRun": True})],
    "rds": [("StopDBInstance", {"DbInstanceIdentifier": "d"}),
            ("DescribeDBInstances", {"Filters": [{"Name": "engine", "Values": ["x"]}]})],
    "cloudformation": [("CreateStack", {"StackName": "s", "TemplateBody": "{}", "Parameters": [
        {"ParameterKey": "k", "ParameterValue": "v"}], "ClientRequestToken": "t"}),
                       ("DescribeStacks", {"StackName": "s"})],
    "autoscaling": [("SetDesiredCapacity", {"AutoScalingGroupName": "g", "DesiredCapacity": 2,
                                            "HonorCooldown": False})],
    "cloudwatch": [("PutMetricData", {"Namespace": "n", "MetricData": [
        {"MetricName": "m", "Value": 1.5, "Timestamp": "2024-01-02T03:04:05Z",
         "Dimensions": [{"Name": "a", "Value": "b"}]}]}),
                   ("GetMetricData", {"StartTime": "2024-01-02T03:04:05Z",
                                      "EndTime": "2024-01-02T04:04:05Z", "MetricDataQueries": [
                                          {"Id": "a", "Expression": "SUM(x)"}]})],
    "cloudwatchlogs": [("PutLogEvents", {"LogGroupName": "g", "LogStreamName": "s", "LogEvents": [
        {"Timestamp": 1700000000000, "Message": "m"}]}),
                       ("StartQuery", {"LogGroupName": "g", "StartTime": 1, "EndTime": 2,
                                       "QueryString": "fields @message"})],
    "route53": [("ChangeResourceRecordSets", {"HostedZoneId": "/hostedzone/Z1", "ChangeBatch": {
        "Changes": [{"Action": "UPSERT", "ResourceRecordSet": {
            "Name": "a.test", "Type": "A", "Ttl": 60,
            "ResourceRecords": [{"Value": "192.0.2.1"}]}}]}}),
                ("ListHostedZones", {"MaxItems": "5"})],
    "cloudfront": [("CreateInvalidation", {"DistributionId": "d", "InvalidationBatch": {
        "CallerReference": "c", "Paths": {"Quantity": 1, "Items": ["/*"]}}})],
    "glue": [("StartJobRun", {"JobName": "j", "Arguments": {"--a": "b"}, "Timeout": 10}),
             ("GetJobRun", {"JobName": "j", "RunId": "r"})],
    "batch": [("SubmitJob", {"JobName": "j", "JobQueue": "q", "JobDefinition": "d",
                             "ContainerOverrides": {"Environment": [{"Name": "a",
                                                                     "Value": "b"}]}})],
    "ecs": [("RunTask", {"TaskDefinition": "t", "Cluster": "c", "LaunchType": "FARGATE",
                         "ClientToken": "t"})],
    "athena": [("StartQueryExecution", {"QueryString": "select 1", "ClientRequestToken": "t" * 32,
                                        "WorkGroup": "w"})],
    "redshiftdata": [("ExecuteStatement", {"Sql": "select 1", "Database": "d",
                                           "ClientToken": "t", "Parameters": [
                                               {"Name": "a", "Value": "b"}]})],
    "sesv2": [("SendEmail", {"FromEmailAddress": "a@test", "Destination": {
        "ToAddresses": ["b@test"]}, "Content": {"Simple": {"Subject": {"Data": "s"},
                                                           "Body": {"Text": {"Data": "t"}}}}})],
    "ses": [("SendEmail", {"Source": "a@test", "Destination": {"ToAddresses": ["b@test"]},
                           "Message": {"Subject": {"Data": "s"},
                                       "Body": {"Text": {"Data": "t"}}}})],
    "apigateway": [("GetRestApis", {"Limit": 5}),
                   ("CreateRestApi", {"Name": "n", "EndpointConfiguration": {
                       "Types": ["REGIONAL"]}})],
    "bedrockruntime": [("InvokeModel", {"ModelId": "anthropic.claude:1", "Body": {"a": 1},
                                        "ContentType": "application/json"})],
    "scheduler": [("CreateSchedule", {"Name": "n", "ScheduleExpression": "rate(1 day)",
                                      "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {
                                          "Arn": "arn:aws:sqs:us-east-1:123456789012:q",
                                          "RoleArn": "arn:aws:iam::123456789012:role/r"},
                                      "ClientToken": "t"})],
    "sagemaker": [("CreateTransformJob", {"TransformJobName": "j", "ModelName": "m",
                                          "TransformInput": {"DataSource": {"S3DataSource": {
                                              "S3DataType": "S3Prefix", "S3Uri": "s3://b/k"}}},
                                          "TransformOutput": {"S3OutputPath": "s3://b/o"},
                                          "TransformResources": {"InstanceType": "ml.m4.xlarge",
                                                                 "InstanceCount": 1}})],
    "glacier": [("InitiateJob", {"AccountId": "-", "VaultName": "v",
                                 "JobParameters": {"Type": "inventory-retrieval"}})],
    "computeoptimizer": [("GetEnrollmentStatus", {})],
}


if __name__ == "__main__":
    unittest.main()
