#!/usr/bin/env python3
"""Runs the reference's JSONata suite against `gait jsonata --jsonl`.

usage: jsonata_suite.py GAIT [SUITE_DIRECTORY]

The suite's files hold cases: expr or expr-file, data or dataset, bindings, timelimit, depth, and
what is expected: result, undefinedResult, code (with token) or error. Without the directory there
is nothing to check, which is said; the exit status is 77 then (ctest's "skipped")."""

import json
import math
import os
import subprocess
import sys


def same(a, b):
    """JSON equality with numbers by value; a boolean is no number."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or math.isclose(a, b, rel_tol=1e-15)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return type(a) is type(b) and a == b


def same_unordered(a, b):
    if not isinstance(a, list) or not isinstance(b, list) or len(a) != len(b):
        return same(a, b)
    left = list(b)
    for item in a:
        match = next((i for i, other in enumerate(left) if same(item, other)), None)
        if match is None:
            return False
        left.pop(match)
    return True


def cases_of(directory):
    for name in sorted(os.listdir(directory)):
        if not name.endswith(".json"):
            continue
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            content = json.load(file)
        for number, case in enumerate(content if isinstance(content, list) else [content]):
            case.setdefault("id", f"{name}#{number}")
            yield case


def request_of(case, number, directory):
    request = {"id": number, "expr": case.get("expr")}
    if "expr-file" in case:
        with open(os.path.join(directory, case["expr-file"]), encoding="utf-8") as file:
            request["expr"] = file.read()
    if case.get("dataset"):
        path = os.path.join(directory, "datasets", case["dataset"] + ".json")
        with open(path, encoding="utf-8") as file:
            request["data"] = json.load(file)
    elif "data" in case:
        request["data"] = case["data"]
    for key in ("bindings", "timelimit", "depth"):
        if key in case:
            request[key] = case[key]
    if "timelimit" in case and "code" not in case and "error" not in case:
        request["timelimit"] *= 100  # whatever else the machine has to do
    return request


def wrong(case, answer):
    """Why the answer is not what the case expects; None when it is."""
    error = answer.get("error")
    expected_error = case.get("error", {})
    code = case.get("code", expected_error.get("code"))
    if code or expected_error:
        if not error:
            return f"expected error {code}"
        if code and error.get("code") != code:
            return f"expected error {code}"
        if "token" in case and error.get("token") != case["token"]:
            return f"expected token {case['token']!r}"
        if "message" in expected_error and error.get("message") != expected_error["message"]:
            return f"expected message {expected_error['message']!r}"
        return None
    if error:
        return "unexpected error"
    if case.get("undefinedResult"):
        return None if answer.get("undefined") else "expected undefined"
    compare = same_unordered if case.get("unordered") else same
    if "result" not in answer or not compare(answer["result"], case.get("result")):
        return f"expected {json.dumps(case.get('result'))[:200]}"
    return None


def main():
    gait = sys.argv[1]
    directory = sys.argv[2] if len(sys.argv) > 2 else "../shared/jsonata-suite"
    if not os.path.isdir(directory):
        print(f"skipped: there is no suite at {directory}")
        return 77
    cases = list(cases_of(directory))
    lines = [json.dumps(request_of(case, i, directory)) for i, case in enumerate(cases)]
    run = subprocess.run([gait, "jsonata", "--jsonl"], input="\n".join(lines) + "\n",
                         capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    failures = 0
    for i, case in enumerate(cases):
        answer = answers[i] if i < len(answers) else {"error": {"message": "no answer"}}
        why = wrong(case, answer)
        if why:
            failures += 1
            print(f"{case['id']}: {case.get('expr', case.get('expr-file'))!r}\n    {why}\n"
                  f"    got {json.dumps(answer)[:300]}")
    if run.returncode or run.stderr:
        print(run.stderr[:2000], f"exit status {run.returncode}")
    print(f"{len(cases) - failures} of {len(cases)} cases pass")
    return 1 if failures or run.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
