"""Terraform, or OpenTofu, with its AWS provider against the live server: the example is planned, applied,
planned again (empty), changed, imported, found missing, replaced and destroyed. Skipped without them:

    GAIT_TERRAFORM            the program; else tofu or terraform of PATH
    GAIT_TERRAFORM_PROVIDERS  a filesystem mirror that holds hashicorp/aws: its folders are named after
                              the registry, as `terraform providers mirror` makes them
    GAIT_TERRAFORM_DOWNLOAD   1: the program may download the provider instead

What the provider asks is asked without it in test_terraform_calls.py, wherever the tests run.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

import server

EXAMPLE = server.ROOT / "examples" / "terraform"
PROGRAM = os.environ.get("GAIT_TERRAFORM") or shutil.which("tofu") or shutil.which("terraform")
PROVIDERS = os.environ.get("GAIT_TERRAFORM_PROVIDERS")
MAY_DOWNLOAD = os.environ.get("GAIT_TERRAFORM_DOWNLOAD") == "1"
COMMAND_SECONDS = 900  # the provider is a large program, started for each command
NO_CHANGES, CHANGES = 0, 2
ARN = "arn:aws:states:us-east-1:123456789012:"
# What the resources are imported by.
IMPORTED = {
    "aws_lambda_function.greet": "greet",
    "aws_sfn_activity.sign": ARN + "activity:sign",
    "aws_sfn_state_machine.greet": ARN + "stateMachine:greet",
    "aws_sfn_state_machine.greet_quickly": ARN + "stateMachine:greet-quickly",
}


class Workspace:
    """A copy of a folder of configuration, and the program that works on it."""

    def __init__(self, source, port):
        self.folder = Path(tempfile.mkdtemp(prefix="gait-terraform-"))
        self.place = self.folder / "configuration"
        shutil.copytree(source, self.place, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
        settings = self.folder / "settings.tfrc"
        settings.write_text("" if not PROVIDERS else
                            'provider_installation {\n  filesystem_mirror {\n    path = %s\n  }\n}\n'
                            % json.dumps(os.path.abspath(PROVIDERS)))
        self.environment = {k: v for k, v in os.environ.items()
                            if not k.startswith(("TF_", "AWS_", "GAIT_"))}
        self.environment.update({
            "TF_CLI_CONFIG_FILE": str(settings), "TF_IN_AUTOMATION": "1", "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true",
            "TF_VAR_endpoint": "http://127.0.0.1:%d" % port})

    def run(self, *words, statuses=(0,)):
        command = [PROGRAM, words[0], *(["-no-color"] if words[0] != "version" else []), *words[1:]]
        done = subprocess.run(command, cwd=self.place, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=COMMAND_SECONDS, check=False)
        if done.returncode not in statuses:
            raise AssertionError("%s: exit %d\n%s" % (" ".join(words), done.returncode, done.stdout))
        return done

    def plan(self):
        done = self.run("plan", "-detailed-exitcode", statuses=(NO_CHANGES, CHANGES))
        return done.returncode, done.stdout

    def apply(self):
        return self.run("apply", "-auto-approve").stdout

    def outputs(self):
        return {k: v["value"] for k, v in json.loads(self.run("output", "-json").stdout).items()}

    def provider_version(self):
        told = self.run("version", "-json").stdout
        selected = json.loads(told[told.index("{"):])["provider_selections"]
        version = next(v for k, v in selected.items() if k.endswith("/hashicorp/aws"))
        return tuple(int(n) for n in re.findall(r"\d+", version)[:3])

    def replace(self, name, old, new):
        path = self.place / name
        text = path.read_text()
        assert text.count(old) == 1, (name, old)
        path.write_text(text.replace(old, new))

    def remove(self):
        shutil.rmtree(self.folder)


@unittest.skipUnless(PROGRAM, "there is no tofu or terraform: set GAIT_TERRAFORM")
@unittest.skipUnless(PROVIDERS or MAY_DOWNLOAD, "no AWS provider: set GAIT_TERRAFORM_PROVIDERS, or "
                     "GAIT_TERRAFORM_DOWNLOAD=1 to download it")
class TerraformCase(unittest.TestCase):
    def setUp(self):
        self.gait = server.Server("--memory")
        self.addCleanup(self.gait.stop)

    def workspace(self, source):
        made = Workspace(source, self.gait.port)
        self.addCleanup(made.remove)
        return made

    def assert_unchanged(self, workspace):
        status, told = workspace.plan()
        self.assertEqual(status, NO_CHANGES, told)

    def run_machine(self, arn, **given):
        run = self.gait.call("StartExecution", stateMachineArn=arn, input=json.dumps(given))
        ended = self.gait.wait(run["executionArn"])
        self.assertEqual(ended["status"], "SUCCEEDED", ended)
        return json.loads(ended["output"])


class Example(TerraformCase):
    def zip(self, workspace):
        with zipfile.ZipFile(workspace.place / "greet.zip", "w") as out:
            out.write(workspace.place / "greet" / "handler.py", "handler.py")

    def test_from_nothing_to_nothing(self):
        example = self.workspace(EXAMPLE)
        self.zip(example)
        example.run("init")
        if example.provider_version() < (5, 29):
            example.environment["TF_VAR_runtime"] = "python3.8"  # the newest that it knows
        self.assertEqual(example.plan()[0], CHANGES)
        example.apply()
        self.assert_unchanged(example)
        told = example.outputs()
        self.assertEqual(told, {"state_machine": ARN + "stateMachine:greet",
                                "express_state_machine": ARN + "stateMachine:greet-quickly",
                                "activity": ARN + "activity:sign"})
        self.assertEqual(self.run_machine(told["state_machine"], name="you"), {"text": "Hello, you"})

        self.change(example)
        self.assertEqual(self.run_machine(told["state_machine"], name="you"), {"text": "Hi: you"})
        self.adopt(example)
        self.miss(example)
        self.exchange(example)
        example.run("destroy", "-auto-approve")
        for operation, member in (("ListStateMachines", "stateMachines"),
                                  ("ListActivities", "activities")):
            self.assertEqual(self.gait.call(operation)[member], [])

    def change(self, example):
        """In place: the definition, tags, a block, the function's code and environment."""
        example.environment["TF_VAR_greeting"] = "Hi"
        example.replace("main.tf", 'project = "greetings"', 'owner = "us"')
        example.replace("main.tf", '"ERROR"', '"ALL"')
        example.replace("greet.asl.json", "who is named", "whoever is named, also in ${\"é\"}")
        example.replace("greet/handler.py", "%s, %s", "%s: %s")
        self.zip(example)
        self.assertIn("4 changed, 0 destroyed", example.apply())
        self.assert_unchanged(example)

    def adopt(self, example):
        """What is there is imported into an empty state, and is as the configuration says."""
        for state in example.place.glob("*.tfstate*"):
            state.unlink()
        for address, name in IMPORTED.items():
            example.run("import", address, name)
        status, told = example.plan()
        if status == CHANGES:  # a function's own zip cannot be read back: its hash is set once
            self.assertIn("0 to add, 1 to change, 0 to destroy", told)
            self.assertIn("aws_lambda_function.greet will be updated", told)
        example.apply()
        self.assert_unchanged(example)

    def miss(self, example):
        """What was removed behind Terraform's back is made again."""
        self.gait.call("DeleteStateMachine", stateMachineArn=IMPORTED["aws_sfn_state_machine.greet"])
        self.gait.call("DeleteActivity", activityArn=IMPORTED["aws_sfn_activity.sign"])
        self.assertIn("2 added, 0 changed, 0 destroyed", example.apply())
        self.assert_unchanged(example)

    def exchange(self, example):
        """Another type is another machine under the same name."""
        example.replace("main.tf", 'type       = "EXPRESS"', 'type       = "STANDARD"')
        self.assertIn("1 added, 0 changed, 1 destroyed", example.apply())
        self.assert_unchanged(example)


class Released(TerraformCase):
    def test_an_alias_follows_the_versions(self):
        example = self.workspace(EXAMPLE / "released")
        done = example.run("init", statuses=(0, 1))
        if done.returncode == 1 and "hashicorp/aws" in done.stdout and PROVIDERS:
            self.skipTest("the provider is older than 6.0: " + done.stdout[-300:])
        self.assertEqual(done.returncode, 0, done.stdout)
        example.apply()
        self.assert_unchanged(example)
        told = example.outputs()
        machine = ARN + "stateMachine:answer"
        self.assertEqual(told, {"alias": machine + ":live", "versions": [machine + ":1"]})
        self.assertEqual(self.run_machine(told["alias"]), 42)

        example.environment["TF_VAR_answer"] = "43"
        example.apply()
        self.assert_unchanged(example)
        self.assertEqual(example.outputs()["versions"], [machine + ":2", machine + ":1"])
        self.assertEqual(self.run_machine(told["alias"]), 43)
        example.run("destroy", "-auto-approve")
        self.assertEqual(self.gait.call("ListStateMachines")["stateMachines"], [])


CONSOLE = server.ROOT / "console"
BUNDLER = CONSOLE / "node_modules" / ".bin" / "esbuild"
WRITE = """
const { exportForms } = require(process.argv[1]);
const machines = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const form = exportForms.find((one) => one.title === 'Terraform');
process.stdout.write(machines.map((machine) => form.write(machine)).join('\\n'));
"""


def texts():
    """Definitions whose text is easily lost: ends of lines, indents, what looks like a template."""
    plain = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, "Result":
             "${a} %{if} $${b} %%{c} ASL ASL_ \n \" \\ \u0041 é😀 $$ %% $"}}}
    lines = json.dumps(plain, indent=2, ensure_ascii=False)
    return {"plain": lines, "one-line": json.dumps(plain), "ended": lines + "\n",
            "twice-ended": lines + "\n\n", "carriage-returns": lines.replace("\n", "\r\n"),
            "indented": "\n".join("    " + line for line in lines.split("\n")),
            "tabs": json.dumps(plain, indent="\t")}


@unittest.skipUnless(BUNDLER.exists() and shutil.which("node"), "the console's packages are not there")
class Export(TerraformCase):
    """What the console exports applies as it is, and makes the same machines."""

    def machines(self):
        role = "arn:aws:iam::123456789012:role/any"
        for name, text in texts().items():
            self.gait.call("CreateStateMachine", name=name, definition=text, roleArn=role)
        self.gait.call("CreateStateMachine", name="7-told", definition=texts()["plain"], roleArn=role,
                  type="EXPRESS", tracingConfiguration={"enabled": True}, loggingConfiguration={
                      "level": "ALL", "includeExecutionData": True, "destinations": [
                          {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:"
                                                      "123456789012:log-group:/aws/states:*"}}]})
        return self.shown()

    def shown(self):
        members = ("name", "type", "definition", "roleArn", "loggingConfiguration",
                   "tracingConfiguration", "stateMachineArn")
        shown = [self.gait.call("DescribeStateMachine", stateMachineArn=one["stateMachineArn"])
                 for one in self.gait.call("ListStateMachines")["stateMachines"]]
        return sorted(({m: one[m] for m in members} for one in shown), key=lambda one: one["name"])

    def test_the_export_makes_the_machines_that_were_exported(self):
        machines = self.machines()
        example = self.workspace(EXAMPLE)
        settings = (example.place / "main.tf").read_text()
        bundle = example.folder / "export.cjs"
        subprocess.run([str(BUNDLER), "src/asl/export.ts", "--bundle", "--format=cjs", "--platform=node",
                        "--alias:@=./src", "--log-level=warning", "--outfile=%s" % bundle],
                       cwd=CONSOLE, check=True, timeout=COMMAND_SECONDS)
        written = subprocess.run(["node", "-e", WRITE, str(bundle)], input=json.dumps(machines),
                                 stdout=subprocess.PIPE, text=True, check=True,
                                 timeout=COMMAND_SECONDS).stdout
        (example.place / "main.tf").write_text(settings[:settings.index("locals {")] + written)
        for machine in machines:
            self.gait.call("DeleteStateMachine", stateMachineArn=machine["stateMachineArn"])
        self.assertEqual(self.shown(), [])
        example.run("init")
        example.apply()
        self.assertEqual(self.shown(), machines)
        self.assert_unchanged(example)


if __name__ == "__main__":
    unittest.main()
