"""tools/install-test-clients installs what is pinned, once, and without a network says what is skipped."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class InstallTestClients(unittest.TestCase):
    """In a copy of the folders that it knows, with a Python and an npm that only note their calls."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "project"
        (self.root / "tools").mkdir(parents=True)
        (self.root / "tests" / "live" / "js").mkdir(parents=True)
        shutil.copy(ROOT / "tools" / "install-test-clients", self.root / "tools")
        shutil.copy(ROOT / "tests" / "requirements.txt", self.root / "tests")
        (self.root / "tests" / "live" / "js" / "package-lock.json").write_text("{}")
        self.programs = Path(folder.name) / "bin"
        self.programs.mkdir()
        self.calls = Path(folder.name) / "calls"
        self.program("node", "echo v18")
        self.program("python3", 'if [ "$1" = -V ]; then exit; fi; mkdir -p "$3/bin";'
                                ' cp "$0" "$3/bin/python"; exit 0')
        self.program("npm", "mkdir tests/live/js/node_modules")

    def program(self, name, text):
        path = self.programs / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.calls}\n{text}\n')
        path.chmod(0o755)

    def install(self):
        """What was said, and which programs were called for something."""
        self.calls.write_text("")
        path = f"{self.programs}:{os.environ['PATH']}"
        done = subprocess.run([str(self.root / "tools" / "install-test-clients")],
                              env=dict(os.environ, PATH=path), capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        calls = [c for c in self.calls.read_text().splitlines() if c[-2:] not in ("-V", "on")]
        return done.stderr, calls

    def test_what_is_pinned_is_installed_once(self):
        said, calls = self.install()
        self.assertEqual(said, "")
        self.assertEqual(calls[0], "python3 -m venv build/test-clients")
        self.assertIn("--require-hashes", calls[1])
        self.assertIn("npm ci", calls[2])
        self.assertEqual(self.install(), ("", []))

    def test_other_pins_are_installed_anew(self):
        self.install()
        with open(self.root / "tests" / "requirements.txt", "a") as file:
            file.write("# changed\n")
        _, calls = self.install()
        self.assertEqual([c.split()[0] for c in calls], ["python3", "python3"])

    def test_what_cannot_be_fetched_is_told_and_tried_again(self):
        self.program("npm", "echo no network; exit 1")
        for _ in range(2):
            said, _ = self.install()
            self.assertIn("no network", said)
            self.assertIn("Tests with the AWS SDK for JavaScript are skipped", said)
            self.assertFalse((self.root / "tests" / "live" / "js" / "node_modules").exists())
        self.assertTrue((self.root / "build" / "test-clients" / "made-from").exists())


if __name__ == "__main__":
    unittest.main()
