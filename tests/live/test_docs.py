"""The examples of README and docs/ do what the pages say. What is in a page's fenced blocks is run
from its top to its end in one shell, in an empty folder (with `examples` of the project in it),
and against the server that the page itself starts, on a free port in place of 8083.

    ```sh                      a script: it must end well
    ```console                 lines that begin with `$ ` are commands, and what follows is what they
                               say; `...` stands for any text
    ```python                  a script
    ```json                    parses; a definition of a state machine is valid
    <!-- file: NAME -->        before a block: its text is that file
    <!-- configuration -->     before a block: it is a configuration file
    <!-- not run: WHY -->      before a block: it is shown only

Blocks without a name are not looked at. A page that wants a program that is not there is skipped.
`python3 tests/live/test_docs.py PAGE` runs one page and shows all that was said."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GAIT = os.environ.get("GAIT", str(ROOT / "build" / "gait"))
CLIENTS = ROOT / "build" / "test-clients" / "bin"
PAGES = ["README.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]
PROGRAMS = ("aws", "curl", "moto_server", "node", "psql", "zip")
PAGE_SECONDS_MAX = 1200  # on a machine with much else to do
PASS = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}'
# A terminal as README sets it up.
TERMINAL = {
    "AWS_ENDPOINT_URL_SFN": "http://127.0.0.1:8083",
    "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:8083",
    "AWS_ACCESS_KEY_ID": "any",
    "AWS_SECRET_ACCESS_KEY": "any",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
}
NOT_KEPT = ("GAIT_", "AWS_", "SFN_", "PG")
NOTE = r"(?:^<!-- (?P<note>[^>]*?) -->\n+)?"
BLOCK = re.compile(NOTE + r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
SERVER = re.compile(r"^(?:\w+=\S+ )*gait serve\b.*&$", re.M)

# A page's shell: ends with its first command that fails, tells where that was, and leaves no server.
PRELUDE = r"""
set -euo pipefail
trap 'for job in $(jobs -p); do kill "$job" || true; done 2>>"$DOCS/errors"; wait' EXIT
ready() {  # the server that was begun just now listens
    until (exec 3<>"/dev/tcp/127.0.0.1/$DOCS_PORT") 2>>"$DOCS/errors"; do
        kill -0 $! 2>>"$DOCS/errors" || { echo "the server has ended"; return 1; }
        sleep 0.1
    done
}
"""


def blocks(text):
    """(kind, note, text, line) of each fenced block."""
    for found in BLOCK.finditer(text):
        line = text.count("\n", 0, found.start("text"))
        yield found["kind"], found["note"] or "", found["text"], line


def console(text):
    """(command, what it says) of each `$ ` line; a line that ends in a backslash goes on."""
    commands = []
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command += "\n" + next(lines)
            commands.append((command, []))
        elif commands:
            commands[-1][1].append(line)
    return [(command, "\n".join(said)) for command, said in commands]


def is_as_told(told, said):
    pattern = ".*".join(re.escape(part) for part in told.strip().split("..."))
    return re.fullmatch(pattern, said.strip(), re.S) is not None


def awaited(script):
    return SERVER.sub(lambda found: found[0] + "\nready", script)


class Page:
    """A page as one script. `saying` are the outputs that it tells: (line, told, file)."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.script, self.saying, self.definitions, self.configurations = [PRELUDE], [], [], []
        self.runs = False
        for kind, note, text, line in blocks((ROOT / name).read_text()):
            self.add(kind, note, text, line)

    def add(self, kind, note, text, line):
        place = f"{self.name}:{line}"
        if note.startswith("file: "):
            self.at(place, f"cat > '{note[6:]}' <<'DOCS_END'\n{text}DOCS_END")
        if kind == "json":
            value = json.loads(text)
            if "StartAt" in value:
                self.definitions.append((place, text))
            elif note == "configuration":
                self.configurations.append((place, text))
        if note.startswith(("file: ", "not run: ")):
            return
        if kind == "sh":
            self.run(place, awaited(text))
        elif kind == "python":
            self.run(place, f"python3 - <<'DOCS_END'\n{text}DOCS_END")
        elif kind == "console":
            for command, told in console(text):
                file = f"{self.folder}/said.{len(self.saying)}"
                is_server = SERVER.match(command)
                self.run(place, f"{command[:-1]}>'{file}' &\nready" if is_server else
                         f"{{ {command}\n}} >'{file}' 2>&1")
                self.saying.append((place, told, file))

    def at(self, place, script):
        self.script.append(f"echo '{place}' >\"$DOCS/place\"\n{script}")

    def run(self, place, script):
        self.runs = True
        self.at(place, script)

    def missing(self, path):
        """Programs that the page uses and that are not there; the models of AWS's services, too."""
        text = "\n".join(self.script[1:])
        missing = [program for program in PROGRAMS if re.search(rf"(?:^|[|(;&]|\s){program} ", text)
                   and not shutil.which(program, path=path)]
        models = Path(GAIT).resolve().parent / "aws-models"
        if "arn:aws:states:::" in text and not models.exists():
            missing.append(str(models))
        return missing


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def run_page(script, folder, environment):
    """Exit status and all that was said. The port may be another's by the time that the server
    wants it: then with another one, from the beginning."""
    for _ in range(5):
        work = Path(tempfile.mkdtemp(dir=folder))
        (work / "examples").symlink_to(ROOT / "examples")
        port = str(free_port())
        env = {name: value.replace("127.0.0.1:8083", f"127.0.0.1:{port}")
               for name, value in environment.items()}
        env.update(HOME=str(work), GAIT_LISTEN=f"127.0.0.1:{port}", DOCS_PORT=port)
        process = subprocess.Popen(["bash", "-c", script.replace("8083", port)], cwd=work, env=env,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, start_new_session=True)
        try:
            said, _ = process.communicate(timeout=PAGE_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said = process.communicate()[0] + f"\nnot done after {PAGE_SECONDS_MAX} s"
        said = said.replace(port, "8083")
        if "ddress already in use" not in said:
            break
    return process.returncode, said, port


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Docs(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        programs = self.folder / "bin"
        programs.mkdir()
        (programs / "gait").symlink_to(GAIT)
        path = f"{programs}:{CLIENTS}:{os.environ['PATH']}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(NOT_KEPT)}
        self.environment = {**kept, **TERMINAL, "PATH": path, "GAIT": GAIT, "DOCS": str(self.folder),
                            "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"}

    def check_page(self, name):
        page = Page(name, self.folder)
        for place, text in page.definitions:
            done = subprocess.run([GAIT, "validate", "-"], input=text, capture_output=True,
                                  text=True)
            self.assertEqual(done.returncode, 0, f"{place}: {done.stdout}")
        for place, text in page.configurations:
            self.check_configuration(place, text)
        if not page.runs:
            return
        missing = page.missing(self.environment["PATH"])
        if missing:
            self.skipTest(f"{name} needs {', '.join(missing)}")
        status, said, port = run_page("\n".join(page.script), self.folder, self.environment)
        if __name__ == "__main__" and len(sys.argv) > 1:
            print(said)
        last = (self.folder / "place").read_text().strip()
        told = "".join(Path(f).read_text() for _, _, f in page.saying[-1:] if Path(f).exists())
        self.assertEqual(status, 0, f"{last}: {said}{told}")
        for place, told, file in page.saying:
            output = Path(file).read_text().replace(port, "8083")
            self.assertTrue(is_as_told(told, output),
                            f"{place} tells\n{told}\nbut this is said:\n{output}")

    def check_configuration(self, place, text):
        config = self.folder / "configuration.json"
        config.write_text(text)
        done = subprocess.run([GAIT, "run", "-", "--config", str(config)], input=PASS,
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, f"{place}: {done.stderr}")


def page_test(page):
    return lambda self: self.check_page(page)


def test_name(page):
    return "test_" + re.sub(r"\W", "_", page.removesuffix(".md").lower())


for page_name in PAGES:
    setattr(Docs, test_name(page_name), page_test(page_name))

if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *(f"Docs.{test_name(page)}" for page in sys.argv[1:])])
