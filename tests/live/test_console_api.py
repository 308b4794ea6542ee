"""What the web console asks beside the Step Functions API: docs/internals/console-api.md."""

import http.client
import json
import os
import sys
import time
import unittest
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from server import GAIT, SECONDS_MAX, Server, until  # noqa: E402: found by the line above

ROLE = "arn:aws:iam::123456789012:role/r"
PASS = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}
FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "Cause": "by Ünal"}}}
WAIT = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "Next": "P"},
                                   "P": {"Type": "Pass", "End": True}}}
SPREAD = {"StartAt": "Each", "States": {"Each": {
    "Type": "Map", "ToleratedFailurePercentage": 100, "End": True, "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Three", "States": {
            "Three": {"Type": "Choice", "Default": "P",
                      "Choices": [{"Variable": "$", "NumericEquals": 3, "Next": "F"}]},
            "P": {"Type": "Pass", "End": True}, "F": {"Type": "Fail", "Error": "Three"}}}}}}


class Stream:
    """Server-sent events as they come: (event, data) pairs."""

    def __init__(self, port, query):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
        self.connection.request("GET", "/console/api/events?" + urllib.parse.urlencode(query))
        self.answer = self.connection.getresponse()

    def next(self):
        event, data = None, None
        end = time.monotonic() + SECONDS_MAX  # the stream's beat would keep it up for ever
        while time.monotonic() < end:
            line = self.answer.readline().decode().rstrip("\n")
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                data = json.loads(line[6:])
            elif not line and event:
                return event, data
            elif not line and self.answer.closed:
                raise EOFError
        raise TimeoutError("the stream tells nothing")

    def close(self):
        self.connection.close()


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class ConsoleApi(unittest.TestCase):
    def setUp(self):
        self.server = Server("--memory")
        self.addCleanup(self.server.stop)
        self.machines = {name: self.server.call(
            "CreateStateMachine", name=name, roleArn=ROLE,
            definition=json.dumps(definition))["stateMachineArn"]
            for name, definition in (("passing", PASS), ("failing", FAIL), ("waiting", WAIT))}

    def start(self, machine, name, value=None):
        arn = self.server.call("StartExecution", stateMachineArn=self.machines[machine], name=name,
                               input=json.dumps(value, ensure_ascii=False))["executionArn"]
        if machine != "waiting":
            self.server.wait(arn)
        return arn

    def ask(self, path, body=None, **query):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=SECONDS_MAX)
        self.addCleanup(connection.close)
        target = f"/console/api/{path}"
        if body is None:
            connection.request("GET", target + "?" + urllib.parse.urlencode(query))
        else:
            connection.request("POST", target, json.dumps(body))
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text)

    def get(self, path, **query):
        code, answer = self.ask(path, **query)
        self.assertEqual(code, 200, answer)
        return answer

    def names(self, **query):
        return [one["name"] for one in self.get("search", **query)["executions"]]

    def test_the_session_names_what_is_here(self):
        session = self.get("session")
        self.assertEqual(set(session["paths"]), {"counts", "search", "events", "metrics",
                                                 "evaluate", "map-runs"})
        self.assertEqual(self.ask("nothing")[0], 404)

    def test_executions_are_counted_by_status(self):
        for name in "abc":
            self.start("passing", name)
        self.start("waiting", "w")
        counts = {one["stateMachineArn"].rpartition(":")[2]: one["counts"]
                  for one in self.get("counts")["machines"]}
        self.assertEqual((counts["passing"]["SUCCEEDED"], counts["passing"]["RUNNING"]), (3, 0))
        self.assertEqual(counts["waiting"]["RUNNING"], 1)

    def test_text_is_found_wherever_it_is(self):
        self.start("passing", "one", {"order": "Größe 42"})
        self.start("passing", "two", {"order": "other"})
        self.start("failing", "three", {"order": "third"})
        self.assertEqual(self.names(), ["three", "two", "one"])
        for text, name, place in (("größe 42", "one", "input"), ("OTHER", "two", "input"),
                                  ("thre", "three", "name"), ("broken", "three", "error"),
                                  ("by Ünal", "three", "cause")):
            found = [one for one in self.get("search", q=text)["executions"]
                     if one["name"] == name]
            self.assertEqual([one["match"]["in"] for one in found], [place], text)
            self.assertIn(text.lower(), found[0]["match"]["excerpt"].lower())
        self.assertEqual(self.names(q="nowhere"), [])

    def test_times_beyond_all_time_are_none(self):
        self.start("passing", "p")
        for name in ("before", "after"):
            self.assertEqual(self.names(**{name: "9" * 18}), ["p"], name)
            self.assertEqual(self.names(**{name: "9" * 400}), ["p"], name)

    def test_a_text_is_found_in_any_of_its_repetitions(self):
        texts = ["aab" * n + "aaab" + "abab" * n for n in range(1, 6)] + ["AbAcAb", "", "ababac"]
        for index, text in enumerate(texts):
            self.start("passing", f"x-{index}", text)
        for wanted in ("aabaaab", "aaabab", "ababac", "babab", "ACAB", "aabaabaabaaab", "q"):
            found = {one["name"]: one["match"] for one in self.get("search", q=wanted)["executions"]
                     if one["match"]["in"] != "name"}
            self.assertEqual(set(found), {f"x-{index}" for index, text in enumerate(texts)
                                          if wanted.lower() in text.lower()}, wanted)
            for match in found.values():
                self.assertIn(wanted.lower(), match["excerpt"].lower())

    def test_a_text_to_be_found_has_a_length(self):
        self.start("passing", "long", "a" * 1100)
        self.assertEqual(self.names(q="a" * 1024), ["long"])
        code, refusal = self.ask("search", q="a" * 1025)
        self.assertEqual((code, refusal["__type"].rpartition("#")[2], refusal["message"]),
                         (400, "ValidationException",
                          "q is a text of at most 1024 bytes; this one has 1025"))

    def test_a_search_in_much_text_goes_on_page_after_page(self):
        for index in range(60):
            self.start("passing", f"big-{index}", "b" * 220000 + f"<{index}>")
        names, token, pages = [], {}, 0
        while not pages or token:
            page = self.get("search", q="bb<3", **token)
            names += [one["name"] for one in page["executions"]]
            token = {"token": page["nextToken"]} if "nextToken" in page else {}
            self.assertEqual(page["isComplete"], not token)
            pages += 1
        self.assertGreater(pages, 1)
        self.assertEqual(sorted(names), sorted(
            f"big-{index}" for index in range(60) if str(index).startswith("3")))

    def test_filters_and_pages(self):
        for i in range(7):
            self.start("passing", f"p{i}")
        self.start("failing", "f")
        self.assertEqual(self.names(status="FAILED"), ["f"])
        self.assertEqual(len(self.names(status="FAILED,SUCCEEDED")), 8)
        self.assertEqual(len(self.names(machine=self.machines["passing"])), 7)
        self.assertEqual(self.names(after=int(time.time()) + 10), [])
        names, token = [], {}
        while True:
            page = self.get("search", limit=3, **token)
            names += [one["name"] for one in page["executions"]]
            if "nextToken" not in page:
                break
            token = {"token": page["nextToken"]}
        self.assertEqual(names, ["f", "p6", "p5", "p4", "p3", "p2", "p1", "p0"])
        code, refusal = self.ask("search", limit=3, token="AAAA")
        self.assertEqual((code, refusal["__type"].rpartition("#")[2]), (400, "InvalidToken"))

    def test_an_execution_is_told_as_it_goes(self):
        arn = self.start("waiting", "w")
        stream = Stream(self.server.port, {"execution": arn})
        self.addCleanup(stream.close)
        self.assertEqual(stream.next()[1]["status"], "RUNNING")
        event, data = stream.next()
        self.assertEqual((event, [one["type"] for one in data["events"]]),
                         ("history", ["ExecutionStarted", "WaitStateEntered"]))
        self.server.call("StopExecution", executionArn=arn, error="E", cause="c")
        event, data = stream.next()
        self.assertEqual((event, [one["type"] for one in data["events"]]),
                         ("history", ["ExecutionAborted"]))
        event, data = stream.next()
        self.assertEqual((event, data["status"]), ("status", "ABORTED"))
        # It is the history that GetExecutionHistory tells, and `after` goes on from there.
        again = Stream(self.server.port, {"execution": arn, "after": 2})
        self.addCleanup(again.close)
        told = [again.next() for _ in range(2)]
        self.assertIn(("history", {"events": self.server.history(arn)[2:]}), told)

    def start_with_tasks(self):
        """An execution whose first task has ended and whose second goes on: 300 items between."""
        activity = self.server.call("CreateActivity", name="worker")["activityArn"]
        task = {"Type": "Task", "Resource": activity}
        definition = {"StartAt": "One", "States": {
            "One": {**task, "Next": "Each"},
            "Each": {"Type": "Map", "Next": "Two", "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"}, **PASS}},
            "Two": {**task, "End": True}}}
        self.machines["tasks"] = self.server.call(
            "CreateStateMachine", name="tasks", roleArn=ROLE,
            definition=json.dumps(definition))["stateMachineArn"]
        arn = self.server.call("StartExecution", stateMachineArn=self.machines["tasks"],
                               input="{}")["executionArn"]
        yield arn
        token = self.server.call("GetActivityTask", activityArn=activity)["taskToken"]
        self.server.call("SendTaskSuccess", taskToken=token, output=json.dumps([0] * 300))
        self.server.call("GetActivityTask", activityArn=activity)
        yield arn

    def test_an_execution_that_goes_from_task_to_task_is_told_as_it_goes(self):
        steps = self.start_with_tasks()
        arn = next(steps)
        stream = Stream(self.server.port, {"execution": arn})
        self.addCleanup(stream.close)
        ids = []

        def read(until_id):
            while not ids or ids[-1] < until_id:
                _, data = stream.next()
                ids.extend(one["id"] for one in data.get("events", []))

        read(3)
        next(steps)
        last = self.server.call("GetExecutionHistory", executionArn=arn, reverseOrder=True,
                                maxResults=1)["events"][0]["id"]
        self.assertGreater(last, 1200)
        read(last)
        self.assertEqual(ids, list(range(1, last + 1)))

    def test_the_history_of_what_still_runs_has_all_its_pages(self):
        arn = list(self.start_with_tasks())[0]
        whole = self.server.history(arn)
        self.assertEqual(whole[-1]["type"], "ActivityStarted")
        for size, is_reverse in ((100, False), (100, True), (len(whole) - 600, False), (600, True)):
            told, token = [], {}
            while not told or token:
                page = self.server.call("GetExecutionHistory", executionArn=arn, maxResults=size,
                                        reverseOrder=is_reverse, **token)
                self.assertTrue(page["events"], "no page is empty")
                told += page["events"]
                token = {"nextToken": page["nextToken"]} if "nextToken" in page else {}
            self.assertEqual(told[::-1] if is_reverse else told, whole)

    def test_a_list_is_told_what_begins_and_ends(self):
        streams = [Stream(self.server.port, query) for query in
                   ({}, {"machine": self.machines["failing"]})]
        for stream in streams:
            self.addCleanup(stream.close)
        self.start("passing", "other")
        self.start("failing", "mine")
        self.assertEqual(streams[0].next()[1]["name"], "other")
        event, row = streams[1].next()
        self.assertEqual((event, row["name"]), ("execution", "mine"))

    def test_a_long_history_comes_whole(self):
        states = {f"S{i}": {"Type": "Pass", **({"Next": f"S{i + 1}"} if i < 999 else {"End": True})}
                  for i in range(1000)}
        self.machines["long"] = self.server.call(
            "CreateStateMachine", name="long", roleArn=ROLE,
            definition=json.dumps({"StartAt": "S0", "States": states}))["stateMachineArn"]
        arn = self.start("long", "x")
        stream = Stream(self.server.port, {"execution": arn})
        self.addCleanup(stream.close)
        ids = []
        while len(ids) < 2002:
            event, data = stream.next()
            ids += [one["id"] for one in data["events"]] if event == "history" else []
        self.assertEqual(ids, list(range(1, 2003)))

    def test_minutes_are_counted(self):
        for name in "ab":
            self.start("passing", name)
        self.start("failing", "c")
        def sums(**query):
            points = self.get("metrics", minutes=30, **query)["points"]
            self.assertEqual(len(points), 30)
            return [sum(point[name] for point in points)
                    for name in ("started", "succeeded", "failed", "transitions")]

        # An end is counted once it is durable: a moment after it can be read.
        until(lambda: sum(sums()[1:3]) >= 3, "all ends are counted")
        self.assertEqual(sums(), [3, 2, 1, 3])
        self.assertEqual(sums(machine=self.machines["failing"]), [1, 0, 1, 1])

    def test_map_runs_of_all_executions_are_listed(self):
        self.assertEqual(self.get("map-runs"), {"mapRuns": []})
        self.machines["spread"] = self.server.call(
            "CreateStateMachine", name="spread", roleArn=ROLE,
            definition=json.dumps(SPREAD))["stateMachineArn"]
        started = [self.start("spread", f"s{i}", [0, 1, 3] if i == 2 else [0] * i)
                   for i in range(5)]
        rows, token = [], {}
        while True:
            page = self.get("map-runs", limit=2, **token)
            self.assertLessEqual(len(page["mapRuns"]), 2)
            rows += page["mapRuns"]
            if "nextToken" not in page:
                break
            token = {"token": page["nextToken"]}
        # Those of one millisecond may stand in any order.
        dates = [row["startDate"] for row in rows]
        self.assertEqual(dates, sorted(dates, reverse=True))
        by_execution = {row["executionArn"]: row for row in rows}
        self.assertEqual(len(rows), len(started))
        self.assertEqual([by_execution[arn]["total"] for arn in started], [0, 1, 3, 3, 4])
        failed = by_execution[started[2]]
        told = self.server.call("ListMapRuns", executionArn=started[2])["mapRuns"][0]
        self.assertEqual({name: failed[name] for name in told}, told)
        self.assertEqual((failed["status"], failed["succeeded"], failed["unsuccessful"],
                          failed["redriveCount"]), ("SUCCEEDED", 2, 1, 0))
        code, refusal = self.ask("map-runs", token=token["token"][:-4] + "AAAA")
        self.assertEqual((code, refusal["__type"].rpartition("#")[2]), (400, "InvalidToken"))

    def test_expressions_are_evaluated(self):
        for language, expression, result in (
                ("jsonata", "$states.input.a + $x", {"result": 3}),
                ("jsonata", "nothing", {"isUndefined": True}),
                ("jsonpath", "$.b[*].c", {"result": [1, 2]}),
                ("intrinsic", "States.Format('{}!', $.a)", {"result": "1!"})):
            code, answer = self.ask("evaluate", {
                "language": language, "expression": expression, "variables": {"x": 2},
                "data": {"a": 1, "b": [{"c": 1}, {"c": 2}]}})
            self.assertEqual((code, answer), (200, result))

    def test_wrong_expressions_are_explained(self):
        code, answer = self.ask("evaluate", {"language": "jsonata", "expression": "1 +",
                                             "data": None})
        self.assertEqual((code, answer["error"]["name"]), (200, "States.QueryEvaluationError"))
        self.assertGreater(answer["error"]["position"], 0)
        code, answer = self.ask("evaluate", {"language": "jsonata", "data": None, "expression":
                                             "($f := function($n) { $f($n + 1) }; $f(0))"})
        self.assertIn("error", answer)  # time is up, and the server is still there
        # Each of these looks at two million values: no limit but the clock's ends them.
        path = "$[?(@.a in $[*].b)]"
        code, answer = self.ask("evaluate", {
            "language": "intrinsic", "expression": f"States.Array({', '.join([path] * 400)})",
            "data": [{"a": -1, "b": i} for i in range(1000)]})
        self.assertEqual((code, answer["error"]["name"]), (200, "States.IntrinsicFailure"))
        self.assertIn("takes too long", answer["error"]["message"])
        self.assertEqual(self.ask("evaluate", {"language": "sql", "expression": "1"})[0], 400)
        self.assertEqual(self.ask("evaluate", {"language": "jsonata", "expression": 1})[0], 400)


if __name__ == "__main__":
    unittest.main()
