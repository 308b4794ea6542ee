#!/usr/bin/env python3
"""clang-tidy (.clang-tidy) over every source file of src/ that the build compiles.

    tools/lint/tidy.py [--jobs N] [--build FOLDER] [FILE...]

A file that was found well is not looked at again until it, a header, its flags or the settings
change: the build folder's tidy/ remembers.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tree

HERE = tree.ROOT / "tools" / "lint"


def surroundings():
    """A digest of all that a file's verdict may depend on, besides itself and its flags."""
    digest = hashlib.sha256()
    version = subprocess.run(["clang-tidy", "--version"], stdout=subprocess.PIPE, check=True)
    digest.update(version.stdout)
    headers = [name for name in tree.c_files() if name.endswith(".h")]
    for name in [".clang-tidy", "tools/lint/analyzer.h", "tools/lint/tidy.py", *headers]:
        digest.update(name.encode() + b"\0" + (tree.ROOT / name).read_bytes() + b"\0")
    return digest.digest()


def knowledge(path):
    """Arguments that tell the analyzer what it cannot see."""
    if path.endswith("src/base/status.c"):
        return []
    return ["--extra-arg=-include", f"--extra-arg={HERE / 'analyzer.h'}"]


def look_at(entry, around, build):
    path = entry["file"]
    digest = hashlib.sha256(around + entry["command"].encode() + open(path, "rb").read())
    remembered = build / "tidy" / digest.hexdigest()
    if remembered.exists():
        return ""
    # FORTIFY_SOURCE makes macros of functions under clang, which banned.h could then not poison.
    done = subprocess.run(["clang-tidy", "-p", str(build), "--quiet",
                           "--extra-arg=-U_FORTIFY_SOURCE", *knowledge(path), path], cwd=tree.ROOT,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode == 0:
        remembered.touch()
        return ""
    return done.stdout or done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--build", type=Path, default=tree.ROOT / "build", metavar="FOLDER")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    wanted = {os.path.abspath(name) for name in arguments.files}
    source = str(tree.ROOT / "src") + os.sep
    entries = [e for e in json.loads((arguments.build / "compile_commands.json").read_text())
               if e["file"].startswith(source) and os.path.exists(e["file"])
               and (not wanted or e["file"] in wanted)]
    (arguments.build / "tidy").mkdir(exist_ok=True)
    around = surroundings()
    with ThreadPoolExecutor(arguments.jobs) as pool:
        outputs = list(pool.map(lambda entry: look_at(entry, around, arguments.build), entries))
    tree.finish([output for output in outputs if output], f"{len(entries)} files")


if __name__ == "__main__":
    main()
