"""`gait graph` as a shell sees it. The program is build/gait, or what GAIT names."""

import os
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GAIT = os.environ.get("GAIT", str(ROOT / "build" / "gait"))
WORKFLOW = ROOT / "examples" / "etl" / "workflow-robust.asl.json"


def graph(*arguments, text=""):
    return subprocess.run([GAIT, "graph", *map(str, arguments)], input=text, text=True,
                          capture_output=True, timeout=600)


@unittest.skipUnless(os.access(GAIT, os.X_OK), f"no program at {GAIT}")
class Graph(unittest.TestCase):
    def test_svg_is_the_default_and_well_formed(self):
        done = graph(WORKFLOW)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        root = ElementTree.fromstring(done.stdout)
        texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
        self.assertTrue({"Start", "ExtractEachFile", "LoadTables", "lambda: invoke"} <= texts)

    def test_the_files_ending_says_the_format(self):
        with tempfile.TemporaryDirectory() as folder:
            for ending, begin in ((".svg", "<svg "), (".mmd", "flowchart TD"), (".dot", "digraph")):
                path = Path(folder) / f"g{ending}"
                self.assertEqual(graph(WORKFLOW, "-o", path).returncode, 0)
                self.assertTrue(path.read_text().startswith(begin))
            self.assertEqual(graph(WORKFLOW, "-o", Path(folder) / "g.png").returncode, 2)
            self.assertEqual(graph(WORKFLOW, "-o", Path(folder) / "none" / "g.svg").returncode, 1)

    def test_a_definition_with_errors_is_not_drawn(self):
        done = graph("-", text='{"StartAt":"A","States":{}}')
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("standard input:1:16: error ", done.stderr)

    def test_wrong_usage_is_told(self):
        for arguments in ((), ("a", "b"), ("--format", "gif", "a"), ("--nothing", "a")):
            self.assertEqual(graph(*arguments).returncode, 2)
        self.assertIn("usage: gait graph", graph("--help").stdout)


if __name__ == "__main__":
    unittest.main()
