"""What tools write from the API's model is as they would write it now."""

import importlib.util
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@unittest.skipUnless(importlib.util.find_spec("botocore"),
                     "botocore is not installed: tools/install-test-clients")
class Generated(unittest.TestCase):
    def check(self, tool):
        done = subprocess.run([sys.executable, str(ROOT / "tools" / tool), "--check"],
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_tables_of_the_model_are_current(self):
        self.check("generate-api-model")

    def test_the_reference_of_the_operations_is_current(self):
        self.check("generate-reference")


if __name__ == "__main__":
    unittest.main()
