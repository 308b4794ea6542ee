"""What `gait` says of wrong usage, of files that are not there and of configuration files: what is
wrong, where, and what to do, with the exit status that --help tells. The program is build/gait, or
what GAIT names."""

import json
import os
import re
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GAIT = os.environ.get("GAIT", str(ROOT / "build" / "gait"))
COMMANDS = ("run", "serve", "validate", "graph", "jsonata", "jsonpath", "json")
PASS = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
WIDTH = 100


def gait(*arguments, text="", variables=None):
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GAIT_", "AWS_"))}
    return subprocess.run([GAIT, *map(str, arguments)], input=text, capture_output=True, text=True,
                          timeout=600, env={**environment, **(variables or {})})


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Case(unittest.TestCase):
    def assertRefused(self, done, *words, status=2):
        self.assertEqual((done.returncode, done.stdout), (status, ""), done)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)


class Help(Case):
    def test_the_list_of_commands_is_complete(self):
        told = gait("help")
        self.assertEqual(re.findall(r"^  (\w+) ", told.stdout, re.M), list(COMMANDS))
        self.assertEqual(gait("--help").stdout, told.stdout)
        self.assertEqual(gait("-h").stdout, told.stdout)
        self.assertEqual((gait().returncode, gait().stderr), (2, told.stdout))

    def test_each_command_tells_its_help_in_three_ways(self):
        for command in COMMANDS:
            told = gait(command, "--help")
            self.assertEqual((told.returncode, told.stderr), (0, ""), command)
            self.assertTrue(told.stdout.startswith(f"usage: gait {command} "), command)
            self.assertIn("Exit status: 0 ", told.stdout)
            self.assertEqual(gait(command, "-h").stdout, told.stdout)
            self.assertEqual(gait("help", command).stdout, told.stdout)

    def test_help_fits_and_options_are_aligned(self):
        for command in COMMANDS:
            lines = gait(command, "--help").stdout.splitlines()
            self.assertLessEqual(max(map(len, lines)), WIDTH, command)
            texts = [re.match(r"  -\S+(?: \S+)?  +(?=\S)", line) for line in lines]
            self.assertEqual(len({found.end() for found in texts if found}), 1, command)

    def test_a_command_that_is_not_there(self):
        self.assertRefused(gait("nonsense"), "'nonsense'", "`gait help`")
        self.assertRefused(gait("help", "nonsense"), "'nonsense'")


class Options(Case):
    def test_options_that_are_not_there(self):
        for command in COMMANDS:
            for option in ("--nonsense", "-x"):
                self.assertRefused(gait(command, option), f"gait {command}: there is no option '{option}'",
                                   f"`gait {command} --help`")

    def test_options_without_their_value(self):
        for command, option in (("run", "--input"), ("serve", "--listen"), ("serve", "--config"),
                                ("validate", "--type"), ("graph", "-o"), ("jsonata", "--input")):
            self.assertRefused(gait(command, option), f"{option} wants ")

    def test_words_that_are_missing_or_too_many(self):
        self.assertRefused(gait("run"), "DEFINITION is missing")
        self.assertRefused(gait("graph", "a", "b"), "one FILE at a time, not 2")
        self.assertRefused(gait("validate"), "FILE is missing")
        self.assertRefused(gait("serve", "here"), "'here'")

    def test_values_of_the_wrong_kind(self):
        for option, value, words in (
                ("--account", "12", "12 digits"), ("--region", "Mars One", "us-east-1"),
                ("--retention-days", "0", "a whole number from 1"), ("--region", "", "must not be empty"),
                ("--listen", "8083", "ADDRESS:PORT"), ("--aws-models", "/nowhere", "No such file"),
                ("--mock", "/nowhere", "No such file"), ("--tls-cert", "/nowhere", "--tls-key")):
            self.assertRefused(gait("serve", "--memory", option, value), words)
        self.assertRefused(gait("serve", variables={"GAIT_MEMORY": "perhaps"}), "GAIT_MEMORY: ", "true or false")

    def test_addresses_that_cannot_be_served_at(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            self.assertRefused(gait("serve", "--memory", "--listen", f"127.0.0.1:{port}"),
                               str(port), "in use")
        self.assertRefused(gait("serve", "--memory", "--listen", "0.0.0.0:0"), "--insecure")


class InFolder(Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name)
        self.definition = self.file("ok.json", PASS)

    def file(self, name, content):
        path = self.path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path


class Files(InFolder):
    def test_files_that_are_not_there(self):
        for arguments, status in ((("run", "/nowhere"), 2), (("validate", "/nowhere"), 1),
                                  (("graph", "/nowhere"), 1), (("json", "/nowhere"), 1),
                                  (("run", self.definition, "--input", "@/nowhere"), 2),
                                  (("run", self.definition, "--config", "/nowhere"), 2),
                                  (("run", self.definition, "--functions", "/nowhere"), 2),
                                  (("run", self.definition, "--history", "/nowhere/h"), 2),
                                  (("serve", "--config", "/nowhere"), 2)):
            self.assertRefused(gait(*arguments), "/nowhere", "No such file", status=status)

    def test_json_that_is_wrong_is_told_with_its_place(self):
        bad = self.file("bad.json", '{"a": 1,\n}')
        for arguments, status in ((("run", bad), 2), (("validate", bad), None), (("graph", bad), 1),
                                  (("json", bad), 1), (("run", self.definition, "--input", f"@{bad}"), 2),
                                  (("run", self.definition, "--config", bad), 2),
                                  (("run", self.definition, "--mock", bad, "--test-case", "x"), 2),
                                  (("serve", "--config", bad), 2), (("serve", "--memory", "--mock", bad), 2)):
            done = gait(*arguments)
            said = done.stdout + done.stderr
            self.assertEqual(done.returncode, 1 if status is None else status, arguments)
            self.assertIn(f"{bad}:2:", said)
            self.assertEqual(len(said.splitlines()), 1, said)

    def test_a_data_folder_that_is_a_file(self):
        self.assertRefused(gait("serve", "--listen", "127.0.0.1:0", "--data", self.definition),
                           str(self.definition))

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_a_data_folder_without_rights(self):
        closed = self.path / "closed"
        closed.mkdir(mode=0o555)
        self.assertRefused(gait("serve", "--listen", "127.0.0.1:0", "--data", closed), str(closed), "denied")


class Configuration(InFolder):
    def refused(self, content, *words):
        path = self.file("gait.json", content)
        for command in (("serve", "--memory", "--listen", "127.0.0.1:0"), ("run", self.definition)):
            self.assertRefused(gait(*command, "--config", path), "gait.json: ", *words)

    def test_members_that_nobody_reads_are_refused(self):
        self.refused({"lisen": "127.0.0.1:1"}, "'lisen'", "docs/configuration.md")
        self.refused({"sns": {"topic": {}}}, "'sns' has no member 'topic'")
        self.refused({"sns": {"topics": {"orders": {"subscription": []}}}},
                     "'orders' has no member 'subscription', only 'subscriptions'")
        self.refused({"functions": {"processMax": 1}}, "'functions' has no member 'processMax'")

    def test_values_of_the_wrong_kind_are_refused(self):
        self.refused([], "must be an object")
        self.refused({"credentials": {}}, "'credentials' must be an array")
        self.refused({"glue": []}, "'glue' must be an object")
        self.refused({"functions": {"processesMax": "2"}}, "'functions.processesMax' must be a number")
        self.refused({"functions": {"queueMax": 1e9}}, "from 0 to 1000000")

    def test_settings_have_their_kinds_there_too(self):
        for content, words in (({"data": {}}, "'data'"), ({"quiet": "perhaps"}, "'quiet': wants true or false"),
                               ({"retention-days": -1}, "'retention-days': wants a whole number"),
                               ({"account": "x"}, "'account': wants the 12 digits")):
            path = self.file("gait.json", content)
            self.assertRefused(gait("serve", "--config", path), words)

    def test_time_limits_of_http_tasks_are_at_most_those_of_aws(self):
        for seconds in (0, 61, -1):
            path = self.file("gait.json", {"http": {"timeoutSeconds": seconds}})
            for command in (("serve", "--memory", "--listen", "127.0.0.1:0"), ("run", self.definition)):
                self.assertRefused(gait(*command, "--config", path), "'timeoutSeconds' is between 0.001 and 60")

    def test_functions_may_have_their_folder_and_their_limits(self):
        code = self.path / "code" / "hello" / "handler.py"
        code.parent.mkdir(parents=True)
        code.write_text("def handler(event, context):\n    return 'hello'\n")
        task = {"Type": "Task", "Resource": "arn:aws:lambda:hello", "End": True}
        workflow = self.file("w.json", {"StartAt": "T", "States": {"T": task}})
        folder = str(self.path / "code")
        for functions in (folder, {"folder": folder, "processesMax": 1}):
            config = self.file("gait.json", {"functions": functions})
            done = gait("run", workflow, "--quiet", "--data", self.path / "data",
                        variables={"GAIT_CONFIG": str(config)})
            self.assertEqual(done.stdout, '"hello"\n', done.stderr)


if __name__ == "__main__":
    unittest.main()
