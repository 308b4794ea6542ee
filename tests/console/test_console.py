"""The console in a real browser, against a live server: each scenario of scenarios/ is one test.
GAIT_CONSOLE_SLOWDOWN=6 makes the page's processor so many times slower."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))
import server  # noqa: E402

SECONDS_MAX = 1200  # of one scenario: what hangs is ended; each thing that it waits for has less
CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
SCENARIOS = sorted(path.stem for path in (HERE / "scenarios").glob("*.mjs"))
# Scenarios that want a server of their own: its options, or a configuration.
CREDENTIALS = {"credentials": [{
    "accessKeyId": "AKIACONSOLE", "secretAccessKey": "a secret of the console's tests", "name": "console",
    "policy": {"Version": "2012-10-17",
               "Statement": {"Effect": "Allow", "Action": "states:*", "Resource": "*"}}}]}
CONFIGURATIONS = {"login": CREDENTIALS}


def why_not():
    """Why the console cannot be driven here; None when it can."""
    if not any(map(os.path.exists, CHROMIUMS)):
        return "there is no chromium"
    if not shutil.which("node"):
        return "there is no node"
    if not (server.ROOT / "console" / "node_modules" / "playwright-core").is_dir():
        return "console/node_modules has no playwright-core: the build installs it by npm"
    if not os.path.exists(server.GAIT):
        return f"there is no {server.GAIT}"
    return None


def has_console(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/console/") as answer:
        return b'id="root"' in answer.read() or answer.headers.get("Content-Encoding") == "gzip"


@unittest.skipIf(why_not(), why_not() or "")
class ConsoleTest(unittest.TestCase):
    maxDiff = None

    def drive(self, scenario):
        with tempfile.TemporaryDirectory() as folder:
            options = ["--memory"]
            if scenario in CONFIGURATIONS:
                path = Path(folder) / "gait.json"
                path.write_text(json.dumps(CONFIGURATIONS[scenario]))
                path.chmod(0o600)
                options += ["--config", str(path)]
            gait = server.Server(*options)
            try:
                if not has_console(gait.port):
                    self.skipTest("this gait was built without the console")
                command = ["node", str(HERE / "run.mjs"), scenario, f"http://127.0.0.1:{gait.port}"]
                if os.environ.get("GAIT_CONSOLE_PICTURES"):
                    command.append(os.environ["GAIT_CONSOLE_PICTURES"])
                done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                      timeout=SECONDS_MAX)
                self.assertEqual(done.returncode, 0, f"{scenario}:\n{done.stdout}{done.stderr}")
            finally:
                gait.stop()


def add_tests():
    for scenario in SCENARIOS:
        def test(self, scenario=scenario):
            self.drive(scenario)
        test.__doc__ = f"scenarios/{scenario}.mjs"
        setattr(ConsoleTest, "test_" + scenario.replace("-", "_"), test)


add_tests()

if __name__ == "__main__":
    unittest.main()
