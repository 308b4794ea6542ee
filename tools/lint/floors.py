#!/usr/bin/env python3
"""No room includes a room above it (ARCHITECTURE.md, the floors).

    tools/lint/floors.py [ROOT]
"""

import posixpath
import re
import sys

import tree

# Which rooms a room may include, besides itself. Nothing else is allowed.
FLOORS = {
    "base": set(),
    "json": {"base"},
    "expr": {"base", "json"},
    "asl": {"base", "json", "expr"},
    "engine": {"base", "json", "expr", "asl"},
    "graph": {"base", "json", "expr", "asl"},
    "store": {"base", "json", "expr", "asl", "engine"},
    "net": {"base"},
    "integrations": {"base", "json", "expr", "asl", "engine", "net"},
    "runtime": {"base", "json", "expr", "asl", "engine", "net", "store", "integrations"},
    "api": {"base", "json", "expr", "asl", "engine", "net", "store", "integrations", "runtime"},
    "console": {"base", "json", "expr", "asl", "engine", "net", "store", "integrations", "runtime",
                "api"},
    "embed": {"base", "json", "expr", "asl", "engine", "net", "store", "integrations", "runtime",
              "gait"},
    "cli": {"base", "json", "expr", "asl", "graph", "engine", "net", "store", "integrations",
            "runtime", "api", "console", "embed", "gait"},
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<(gait/[^>]+)>)', re.MULTILINE)


def room_of_include(includer, target):
    """The room that an include names, seen from the file `includer` (relative to src/)."""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(includer), target))
    if target.startswith("."):
        return beside.split("/")[0]
    if "/" not in target:
        return includer.split("/")[0]
    first = target.split("/")[0]
    # "states/states.h" from engine/step.c is a folder of the same room.
    return first if first in FLOORS or first == "gait" else includer.split("/")[0]


def check_text(name, text):
    """Problems of one file: name relative to the root, such as src/json/parse.c."""
    problems = []
    inside = name.removeprefix("src/")
    room = inside.split("/")[0]
    public = name.startswith("include/")
    if not public and room not in FLOORS:
        return [f"{name}:1: '{room}' is no room: add it to the floors of tools/lint/floors.py"]
    for match in INCLUDE.finditer(text):
        target = match.group(1) or match.group(2)
        line = text.count("\n", 0, match.start()) + 1
        if public:
            if not target.startswith("gait/"):
                problems.append(f"{name}:{line}: a public header may not include '{target}'")
            continue
        other = room_of_include(inside, target)
        if other != room and other not in FLOORS[room]:
            problems.append(f"{name}:{line}: {room} may not include {other} ('{target}')")
    return problems


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else tree.ROOT
    names = tree.c_files(root, ("src/", "include/"))
    problems = [p for name in names for p in check_text(name, tree.read(root, name))]
    tree.finish(problems, f"{len(names)} files")


if __name__ == "__main__":
    main()
