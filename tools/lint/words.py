#!/usr/bin/env python3
"""Names and white space: what docs/style.md asks of every file, and of every function that a room
shows to others.

    tools/lint/words.py [BUILD-FOLDER]     exported names are read from its archives
"""

import re
import sys
from pathlib import Path

import symbols
import tree

EMPTY_NAMES = {"util", "utils", "common", "misc", "helper", "helpers", "stuff"}
TEXT_ENDINGS = (".c", ".h", ".py", ".md", ".json", ".cmake", ".txt", ".mjs", ".js", ".yml", ".yaml",
                ".sh", ".in", ".map", ".csv")

# What the exported functions of a room begin with; or else with the name of a header of the room
# (shard.h declares shard_step), or of a type that such a header defines (queue_add for a queue).
PREFIXES = {
    "base": ("str_", "buf_", "arena_", "map_", "utf8_", "utf16_", "time_", "text_", "digest_",
             "uuid_", "entropy_", "java_random_", "error_", "invariant_", "fail", "hmac_",
             "base64_", "hex_"),
    "json": ("json_",),
    "expr": ("jsonpath_", "intrinsic_", "jsonata_", "expr_"),
    "asl": ("asl_",),
    "graph": ("graph_",),
    "engine": ("engine_",),
    "store": ("store_",),
    "net": ("net_",),
    "integrations": ("integrations_", "integration_", "lambda_", "sns_", "aws_",
                     "optimized_", "sdk_", "http_", "kubernetes_"),
    "runtime": ("runtime_",),
    "api": ("api_", "auth_"),
    "console": ("console_",),
    "embed": ("gait_", "embed_"),
    "cli": ("cli_",),
}
TYPE = re.compile(r"^(?:typedef )?(?:struct|union|enum) (\w+) \{", re.MULTILINE)
INSTRUMENTATION = re.compile(r"^_*(?:asan|ubsan|gcov|odr)_|^__")


def check_name(name):
    words = set(re.split(r"[-_./]", name.lower().rpartition("/")[2]))
    found = words & EMPTY_NAMES
    return [f"{name}:1: '{found.pop()}' says nothing: name the file by its subject"] if found else []


def check_text(name, text):
    problems = []
    makefile = name.rpartition("/")[2] == "Makefile"
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line and not makefile:
            problems.append(f"{name}:{number}: a tab")
        if line.endswith("\r"):
            problems.append(f"{name}:{number}: a carriage return")
        elif line != line.rstrip():
            problems.append(f"{name}:{number}: white space at the end of the line")
    if text and not text.endswith("\n"):
        problems.append(f"{name}:{text.count(chr(10)) + 1}: no newline at the end of the file")
    return problems


def header_words(room, names, read=lambda name: tree.read(tree.ROOT, name)):
    """Names of the room's headers, and of the types that they define."""
    found = set()
    for name in names:
        if name.startswith(f"src/{room}/") and name.endswith(".h"):
            found.add(name.rpartition("/")[2].removesuffix(".h"))
            found.update(TYPE.findall(read(name)))
    return found


def check_exports(room, defined, header_names=()):
    prefixes = PREFIXES.get(room)
    if prefixes is None:
        return [f"'{room}' is no room: add its prefixes to tools/lint/words.py"]
    allowed = prefixes + tuple(name + "_" for name in header_names)
    return [f"src/{room}: {source} exports '{symbol}', which begins with neither "
            + " nor ".join(prefixes) + " nor the name of a header or type there"
            for symbol, source in sorted(defined.items())
            if not (symbol + "_").startswith(allowed) and not INSTRUMENTATION.match(symbol)]


def check_twice(rooms):
    """A name that two rooms export is a trap: which one is linked depends on the order."""
    owners, problems = {}, []
    for room, (defined, _) in rooms.items():
        for symbol in defined:
            if symbol in owners and not INSTRUMENTATION.match(symbol):
                problems.append(f"src/{room} and src/{owners[symbol]} both export '{symbol}'")
            owners.setdefault(symbol, room)
    return problems


def check_libgait(build):
    """Only gait_* may be seen in what is installed."""
    problems = []
    for name in ("libgait.a", "libgait.so"):
        path = build / name
        if path.exists():
            defined, _ = symbols.of_file(path) if name.endswith(".a") else symbols.of_shared(path)
            problems += [f"{name} exports '{symbol}'" for symbol in sorted(defined)
                         if not symbol.startswith("gait_")]
    return problems


def main():
    build = Path(sys.argv[1]) if len(sys.argv) > 1 else tree.ROOT / "build"
    names = [n for n in tree.files() if not n.startswith(tree.DATA_FOLDERS)]
    problems = [p for n in names for p in check_name(n)]
    for name in names:
        last = name.rpartition("/")[2]
        if name.endswith(TEXT_ENDINGS) or ("." not in last and last != "LICENSE"):
            problems += check_text(name, tree.read(tree.ROOT, name))
    rooms = symbols.of_rooms(build)
    for room, (defined, _) in rooms.items():
        problems += check_exports(room, defined, header_words(room, names))
    problems += check_twice(rooms)
    problems += check_libgait(build)
    tree.finish(problems, f"{len(names)} files")


if __name__ == "__main__":
    main()
