#!/usr/bin/env python3
"""Replays cases recorded from AWS in the engine alone, in virtual time, and compares histories.

    replay.py --tool build/engine_replay [--cases DIR] [--filter TEXT] [--category C] [-v]

What a task answered is taken from the recorded history itself, so that cases that need other
services test the engine too. Comparing is done by the recorder's own rules (DIR/../run.py). The
exit status is 1 when a case differs, and 0 with a word about it when the cases are not there.
"""
import argparse
import collections
import copy
import glob
import importlib.util
import json
import os
import subprocess
import sys
import types

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULT_CASES = os.path.join(HERE, "..", "..", "..", "shared", "conformance", "cases")
ACCOUNT, SECOND_ACCOUNT, REGION = "123456789012", "222222222222", "us-east-1"
START_MS = 1700000000000
# What the history of a case proves that only a whole server can answer.
NOT_ENGINE = {
    "unproven": "not recorded from AWS",
}
# Where the engine does better than AWS did; each is checked to fail by name.
DEVIATIONS = {
    "test_max_concurrency_path_negative": "AWS hangs after ExecutionStarted",
}
# Cases that still differ, and why: one that begins to agree must leave this list.
PENDING = {}
OUTCOMES = {
    "TaskStarted": "started", "TaskSubmitted": "submitted", "TaskSucceeded": "succeeded",
    "TaskFailed": "failed", "TaskTimedOut": "timed out",
    "LambdaFunctionStarted": "started", "LambdaFunctionSucceeded": "succeeded",
    "LambdaFunctionFailed": "failed", "LambdaFunctionTimedOut": "timed out",
    "ActivityStarted": "started", "ActivitySucceeded": "succeeded",
    "ActivityFailed": "failed", "ActivityTimedOut": "timed out",
    "MapRunSucceeded": "succeeded", "MapRunFailed": "failed",
}
SCHEDULED = ("TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled", "MapRunStarted")


def load_rules(path):
    """The recorder's run.py as a module; it needs boto3 only to call servers, which we do not."""
    for name in ("boto3", "botocore", "botocore.config", "botocore.exceptions"):
        if name not in sys.modules:
            sys.modules[name] = types.ModuleType(name)
    sys.modules["botocore.exceptions"].ParamValidationError = Exception
    sys.modules["botocore.exceptions"].ClientError = Exception
    spec = importlib.util.spec_from_file_location("conformance_run", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def account_of(step):
    return SECOND_ACCOUNT if step.get("account") else ACCOUNT


class Missing(Exception):
    pass


class Place(str):
    """Stands for what a server would have answered."""


class Answers:
    """Mixed into the recorder's Case: calls are answered by made-up but consistent values."""

    def __init__(self, data):
        options = types.SimpleNamespace(account=ACCOUNT, region=REGION, timeout=30,
                                        ignore_sdk_metadata=False)
        env = types.SimpleNamespace(opts=options, account=ACCOUNT, region=REGION)
        super().__init__(env, data)
        self.machines, self.executions_started, self.matches = {}, {}, []
        self.deleted_activities = []

    def uid(self, n):
        return self.uids.setdefault(n, "%08x" % (0xA1B2C3D0 + int(n)))

    def lookup(self, path):
        if path.split("/")[0] in self.results or path.split("/")[0].split(":")[0] in (
                "account", "account2", "region", "uid", "now"):
            return super().lookup(path)
        raise Missing(path)

    def step_into(self, value, seg):
        try:
            return super().step_into(value, seg)
        except (KeyError, IndexError, TypeError, ValueError):
            if isinstance(value, dict) and seg.endswith("Arn"):
                return Place("arn:aws:%s:%s:%s:%s" % (value.get("service", "any"), REGION,
                                                      ACCOUNT, value.get("", "value")))
            if isinstance(value, (dict, Place)):
                return Place("%s-%s" % (value.get("", "value") if isinstance(value, dict)
                                        else value, seg.strip("@:")))
            raise Missing(seg)

    def resolve_or_keep(self, x):
        try:
            return self.resolve(x)
        except Missing:
            return x

    def walk(self, steps):
        for step in steps:
            handler = getattr(self, "see_" + step["do"], None)
            result = handler(step) if handler else None
            if "id" in step:
                self.results[step["id"]] = result if result is not None else {"": step["id"]}
            self.walk(step.get("steps", []))

    def see_lambda(self, step):
        name = self.resolve(step["name"])
        return {"": step["id"], "FunctionName": name,
                "FunctionArn": "arn:aws:lambda:%s:%s:function:%s" % (
                    REGION, account_of(step), name)}

    def see_match(self, step):
        self.matches.append((step["key"], step["value"]))

    def see_call(self, step):
        handler = getattr(self, "see_op_" + step["op"], None)
        if step["service"] != "stepfunctions" or not handler:
            return {"": step.get("id", "call"), "service": step["service"]}
        return dict(handler(step, self.resolve_or_keep(step.get("args") or {})),
                    **{"": step.get("id", "call")})

    def see_op_create_state_machine(self, step, args):
        arn = "arn:aws:states:%s:%s:stateMachine:%s" % (REGION, account_of(step),
                                                        args.get("name"))
        self.machines[arn] = dict(args)
        return {"stateMachineArn": arn, "stateMachineVersionArn": arn + ":1"}

    def see_op_update_state_machine(self, step, args):
        machine = self.machines.get(args.get("stateMachineArn"))
        if machine:
            machine.update({k: args[k] for k in ("definition", "roleArn") if k in args})
        return {}

    def see_op_create_activity(self, step, args):
        return {"activityArn": "arn:aws:states:%s:%s:activity:%s" % (
            REGION, ACCOUNT, args.get("name"))}

    def see_op_delete_activity(self, step, args):
        self.deleted_activities.append(args.get("activityArn"))
        return {}

    def see_op_start_execution(self, step, args):
        arn = args.get("stateMachineArn", "")
        name = args.get("name") or "00000000-0000-4000-8000-%012d" % len(
            self.executions_started)
        execution = "arn:aws:states:%s:%s:execution:%s:%s" % (
            REGION, ACCOUNT, arn.split(":")[6] if arn.count(":") >= 6 else "?", name)
        machine = self.machines.get(arn)
        if machine:
            self.executions_started[execution] = dict(
                machine, executionName=name, input=args.get("input", "{}"),
                machineArn=arn, missing=list(self.deleted_activities))
        return {"executionArn": execution}

    def see_op_get_execution_history(self, step, args):
        return {"history": args.get("executionArn")}


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"),
                                                           ensure_ascii=False)


def as_value(recorded):
    """The recorder parsed texts that hold objects; others are still text."""
    if not isinstance(recorded, str):
        return recorded
    try:
        return json.loads(recorded)
    except ValueError:
        return recorded  # a placeholder for a whole output


def details_of(event):
    return next((v for k, v in event.items() if k.endswith("EventDetails")), {})


def map_run_result(events, succeeded, definition):
    """The run's result, which the Map's exit alone tells: at its ResultPath, where there is one."""
    left = next(details_of(e) for e in events
                if e["type"] == "MapStateExited" and e["id"] > succeeded["id"])
    value = as_value(left["output"])
    for name in result_path_of(json.loads(definition), left["name"]):
        value = value[name]
    return value


def result_path_of(workflow, state_name):
    state = workflow.get("States", {}).get(state_name, {})
    return [name for name in (state.get("ResultPath") or "$").split(".")[1:] if name]


def attempts_of(events, definition):
    """{state: [attempt, ...]} in the order of scheduling: what each task answered."""
    results = collections.defaultdict(list)
    attempt_of, state_of = {}, {}
    for event in events:
        kind, parent = event["type"], event["previousEventId"]
        if kind.endswith("StateEntered"):
            state_of[event["id"]] = details_of(event)["name"]
        elif parent in state_of:
            state_of[event["id"]] = state_of[parent]
        if kind in SCHEDULED:
            attempt_of[event["id"]] = []
            results[state_of.get(parent)].append(attempt_of[event["id"]])
        elif kind in OUTCOMES and parent in attempt_of:
            attempt = attempt_of[event["id"]] = attempt_of[parent]
            step = step_of(event)
            if kind == "MapRunSucceeded":  # its result is told by the state's exit alone
                step["value"] = map_run_result(events, event, definition)
            if step:
                attempt.append(step)
    return dict(results)


def step_of(event):
    details, kind = details_of(event), OUTCOMES[event["type"]]
    if kind == "started":
        if event["type"] != "ActivityStarted":
            return None
        return {k: v for k, v in (("kind", kind), ("worker", details.get("workerName"))) if v}
    if kind in ("submitted", "succeeded"):
        return {"kind": kind, "value": as_value(details.get("output", "null"))}
    if kind == "failed":
        step = {"kind": kind}
        for member in ("error", "cause"):
            if member in details:
                step[member] = as_text(details[member])
        return step
    return None


def sorted_attempts_of(events):
    """Histories whose branch events were sorted by the recorder: outcomes in order of kind."""
    entered = [details_of(e)["name"] for e in events if e["type"] == "TaskStateEntered"]
    ends = [step_of(e) for e in events if e["type"] in OUTCOMES]
    ends = [e for e in ends if e and e["kind"] in ("succeeded", "failed")]
    results = collections.defaultdict(list)
    for name, end in zip(entered, ends):
        results[name].append([end])
    return dict(results)


def run_tool(tool, request):
    done = subprocess.run([tool], input=json.dumps(request), capture_output=True, text=True,
                          timeout=60)
    if done.returncode:
        raise RuntimeError("engine_replay: exit %d: %s" % (done.returncode,
                                                           done.stderr.strip()[-300:]))
    return json.loads(done.stdout)


def histories_of(case):
    """(key, execution, expected) of each recorded history of an execution that we know."""
    for key, value in case.matches:
        expected = case.data["expected"].get(key)
        if key in case.data["unmatched"] or not isinstance(expected, dict):
            continue
        if not isinstance(expected.get("events"), list) or not expected["events"]:
            continue
        try:
            answer = case.resolve(value)
        except Missing:
            continue
        execution = case.executions_started.get(
            answer.get("history") if isinstance(answer, dict) else None)
        if execution and isinstance(execution.get("definition"), str):
            yield key, answer["history"], execution, expected


def request_for(execution_arn, execution, expected):
    events = expected["events"]
    is_sorted = any(not isinstance(e["id"], int) for e in events)
    return {
        "definition": execution["definition"], "input": execution["input"],
        "executionArn": execution_arn, "executionName": execution["executionName"],
        "machineArn": execution["machineArn"],
        "machineName": execution.get("name", ""), "roleArn": execution.get("roleArn", ""),
        "region": REGION, "startTimeMs": START_MS,
        "missingActivities": execution["missing"],
        "isExpress": execution.get("type") == "EXPRESS",
        "results": sorted_attempts_of(events) if is_sorted
                   else attempts_of(events, execution["definition"]),
    }


def compare(rules, case, key, expected, actual):
    expected = {"events": copy.deepcopy(expected["events"])}
    comparison = rules.Comparison(case)
    return comparison.check(key, expected, {"events": actual})


def check_case(rules, tool, case_type, data):
    """A list of (key, problems), or a reason to skip."""
    if data["category"] in NOT_ENGINE:
        return NOT_ENGINE[data["category"]]
    case = case_type(data)
    case.walk(data["steps"])
    found = list(histories_of(case))
    if not found:
        return "no history of a started execution"
    outcomes = []
    for key, arn, execution, expected in found:
        answer = run_tool(tool, request_for(arn, execution, expected))
        if not answer["events"]:
            outcomes.append((key, [("definition", "; ".join(answer["diagnostics"])[:300])]))
            continue
        if any(name in data["id"] for name in DEVIATIONS):
            end = details_of(answer["events"][-1]).get("error")
            outcomes.append((key, [] if end == "States.Runtime" else [("end", str(end))]))
            continue
        outcomes.append((key, compare(rules, case, key, expected, answer["events"])))
    return outcomes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", required=True)
    parser.add_argument("--cases", default=DEFAULT_CASES)
    parser.add_argument("--filter", default="")
    parser.add_argument("--category", action="append")
    parser.add_argument("-v", action="store_true", help="show every difference")
    options = parser.parse_args()
    files = sorted(glob.glob(os.path.join(options.cases, "*.json")))
    if not files:
        print("conformance replay: skipped, no cases at %s" % options.cases)
        return 0
    rules = load_rules(os.path.join(options.cases, "..", "run.py"))
    case_type = type("ReplayCase", (Answers, rules.Case), {})
    counts, skipped = collections.defaultdict(collections.Counter), collections.Counter()
    for file in files:
        with open(file) as stream:
            data = json.load(stream)
        if options.filter not in data["id"] or (
                options.category and data["category"] not in options.category):
            continue
        outcomes = check_case(rules, options.tool, case_type, data)
        if isinstance(outcomes, str):
            skipped[outcomes] += 1
            continue
        problems = [p for _, found in outcomes for p in found]
        if any(data["id"].endswith(name) for name in PENDING):
            counts[data["category"]].update(pending=bool(problems), failed=not problems)
            if not problems:
                print("FAIL [%s] %s agrees now: take it off the list" % (data["category"],
                                                                         data["id"]))
            continue
        counts[data["category"]].update(passed=not problems, failed=bool(problems))
        if problems:
            print("FAIL [%s] %s" % (data["category"], data["id"]))
            for problem in problems if options.v else problems[:3]:
                print("     %s: %s" % problem)
    return summarise(counts, skipped)


def summarise(counts, skipped):
    print("\n%-24s %6s %6s %7s" % ("category", "passed", "failed", "pending"))
    total = collections.Counter()
    for category in sorted(counts):
        count = counts[category]
        total.update(count)
        print("%-24s %6d %6d %7d" % (category, count["passed"], count["failed"],
                                     count["pending"]))
    for reason, count in sorted(skipped.items()):
        print("not for the engine alone: %d (%s)" % (count, reason))
    print("conformance replay: %d passed, %d failed, %d pending" % (
        total["passed"], total["failed"], total["pending"]))
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
