"""The functions of examples/etl, called as the workflows call them: the table is right, a rerun
gives the same one, and no row is lost."""

import csv
import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import postgresql  # noqa: E402: found by the line above

ETL = ROOT / "examples" / "etl"
REASONS = {"duplicate order id", "no order id", "no price", "no store or category", "not UTF-8",
           "unknown header", "wrong date", "wrong number of columns", "wrong price",
           "wrong quantity"}


def load_module(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(function, event):
    """As the Lambda runtime does: by way of JSON, and by the handler that function.json names."""
    settings = json.loads((ETL / "functions" / function / "function.json").read_text())
    module, _, name = settings["handler"].partition(".")
    handler = load_module(function, ETL / "functions" / function / (module + ".py"))
    answer = getattr(handler, name)(json.loads(json.dumps(event)), None)
    return json.loads(json.dumps(answer))


def call_node(event):
    script = ("import(process.argv[1]).then(m => m.handler(JSON.parse(process.argv[2])))"
              ".then(a => console.log(JSON.stringify(a)),"
              " e => console.log(JSON.stringify({errorType: e.name, errorMessage: e.message})))")
    done = subprocess.run(["node", "-e", script, str(ETL / "functions/validateFile/index.mjs"),
                           json.dumps(event)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class Etl(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.warehouse = self.folder / "warehouse.sqlite"
        self.input = json.loads((ETL / "input.json").read_text())
        self.input |= {"staging": str(self.folder / "staging"), "warehouse": str(self.warehouse)}
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        patch = mock.patch.dict(os.environ, clean, clear=True)
        patch.start()
        self.addCleanup(patch.stop)
        printed = mock.patch("sys.stdout")
        printed.start()
        self.addCleanup(printed.stop)

    def run_verbatim(self):
        transformed = call("transformData", call("extractData", self.input))
        return transformed, call("loadData", transformed)

    def check(self, *arguments):
        return subprocess.run([sys.executable, str(ETL / "check.py"), "--warehouse",
                               str(self.warehouse), *arguments], capture_output=True, text=True)

    def rows(self, sql):
        with sqlite3.connect(self.warehouse) as connection:
            return connection.execute(sql).fetchall()

    def test_the_loaded_table_is_right(self):
        self.run_verbatim()
        done = self.check("--staging", str(self.folder / "staging"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM monthly_sales"), [(36,)])

    def test_the_check_notices_a_wrong_table(self):
        self.run_verbatim()
        with sqlite3.connect(self.warehouse) as connection:
            connection.execute("UPDATE monthly_sales SET units = units + 1 WHERE month = '2026-02'"
                               " AND store = 'Braga' AND category = 'toys'")
        done = self.check()
        self.assertEqual(done.returncode, 1)
        self.assertIn("2026-02 Braga toys: expected", done.stdout)

    def test_the_check_notices_a_lost_row(self):
        self.run_verbatim()
        rejects = self.folder / "staging" / "rejects.csv"
        rejects.write_text("".join(rejects.read_text().splitlines(keepends=True)[:-1]))
        self.assertEqual(self.check("--staging", str(rejects.parent)).returncode, 1)

    def test_every_way_to_be_bad_is_in_the_data_and_kept_aside_with_its_reason(self):
        transformed, _ = self.run_verbatim()
        self.assertEqual(set(transformed["rejects"]["reasons"]), REASONS)
        totals = transformed["totals"]
        self.assertEqual(totals["good"] + totals["rejected"], totals["extracted"])
        with open(transformed["rejects"]["path"], encoding="utf-8", newline="") as file:
            aside = list(csv.DictReader(file))
        self.assertEqual(len(aside), totals["rejected"])
        lines = (ETL / self.input["bucket"] / "sales/2026-01.csv").read_bytes().split(b"\n")
        wrong_price = next(r for r in aside if r["reason"] == "wrong price"
                           and r["file"] == "sales/2026-01.csv")
        order = json.loads(wrong_price["content"])[0].encode()
        self.assertTrue(lines[int(wrong_price["line"]) - 1].startswith(order))

    def test_a_rerun_gives_the_same_table(self):
        self.run_verbatim()
        first = self.rows("SELECT * FROM monthly_sales ORDER BY 1, 2, 3, 4")
        self.run_verbatim()
        self.assertEqual(self.rows("SELECT * FROM monthly_sales ORDER BY 1, 2, 3, 4"), first)

    def test_another_source_is_left_alone(self):
        transformed, _ = self.run_verbatim()
        with sqlite3.connect(self.warehouse) as connection:
            connection.execute("INSERT INTO monthly_sales VALUES ('other','2026-01','X','y',1,2,3)")
        call("loadData", transformed)
        self.assertEqual(self.rows("SELECT count(*) FROM monthly_sales WHERE source = 'other'"), [(1,)])

    def test_a_load_that_fails_leaves_the_table_as_it_was(self):
        transformed, _ = self.run_verbatim()
        before = self.rows("SELECT * FROM monthly_sales ORDER BY 1, 2, 3, 4")
        with open(transformed["sales"]["path"], "a") as file:
            file.write("a row of,three,fields\n")
        with self.assertRaises(sqlite3.Error):
            call("loadData", transformed)
        self.assertEqual(self.rows("SELECT * FROM monthly_sales ORDER BY 1, 2, 3, 4"), before)

    def test_file_by_file_with_a_bad_one_set_aside_gives_the_same_table(self):
        listing = call("listFiles", self.input)
        self.assertEqual(listing["count"], 5)
        extracted = []
        for key in listing["files"]:
            verdict = call_node({"bucket": self.input["bucket"], "file": key})
            if "errorType" in verdict:
                self.assertEqual((key, verdict["errorType"]), ("sales/old-till.csv", "WrongHeader"))
                extracted.append({"file": key, "setAside": verdict["errorType"]})
            else:
                extracted += call("extractData", self.input | {"files": [key]})["extracted"]
        transformed = call("transformData", self.input | {"source": "data/bucket/sales/",
                                                          "extracted": extracted})
        self.assertEqual(transformed["totals"]["filesSetAside"], 1)
        call("loadData", transformed)
        answer = call("loadData", transformed | {"load": "rejects"})
        done = self.check("--staging", str(self.folder / "staging"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM sales_rejects"), [(answer["rows"],)])

    def test_a_busy_bucket_refuses_once(self):
        handler = load_module("extractData", ETL / "functions/extractData/handler.py")
        with self.assertRaises(handler.SlowDown):
            handler.lambda_handler(self.input | {"refuseOnce": True}, None)
        self.assertEqual(len(handler.lambda_handler(self.input | {"refuseOnce": True}, None)
                             ["extracted"]), 5)

    def test_a_bucket_that_is_not_there_is_refused_by_name(self):
        handler = load_module("extractData", ETL / "functions/extractData/handler.py")
        with self.assertRaisesRegex(handler.NoSuchBucket, "data/nowhere"):
            handler.lambda_handler(self.input | {"bucket": "data/nowhere"}, None)

    def test_the_fingerprint_changes_with_the_files(self):
        bucket = self.folder / "bucket"
        shutil.copytree(ETL / self.input["bucket"], bucket)
        event = self.input | {"bucket": str(bucket)}
        before = call("listFiles", event)
        self.assertEqual(call("listFiles", event), before)
        with open(bucket / "sales" / "2026-03.csv", "a") as file:
            file.write("more\n")
        self.assertNotEqual(call("listFiles", event)["fingerprint"], before["fingerprint"])


class Data(unittest.TestCase):
    def test_the_generator_writes_the_committed_files(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, str(ETL / "data/generate.py"), folder], check=True)
            for path in sorted((ETL / "data/bucket/sales").iterdir()):
                self.assertEqual((Path(folder) / "sales" / path.name).read_bytes(),
                                 path.read_bytes(), path.name)

    def test_the_workflows_name_only_functions_that_are_there(self):
        folders = {p.name for p in (ETL / "functions").iterdir()}
        named = set()

        def walk(value):
            if isinstance(value, dict):
                resource = value.get("Resource", "")
                if ":function:" in resource or resource.startswith("arn:aws:lambda:"):
                    named.add(resource.rpartition(":")[2])
                named.update([value["FunctionName"]] if "FunctionName" in value else [])
                value = list(value.values())
            for child in value if isinstance(value, list) else []:
                walk(child)
        for name in ("workflow.asl.json", "workflow-robust.asl.json"):
            walk(json.loads((ETL / name).read_text()))
        self.assertEqual(named, folders)


@unittest.skipUnless(postgresql.programs(), "no PostgreSQL server is installed here")
class PostgreSQL(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = postgresql.Server()
        cls.addClassCleanup(cls.server.stop)
        cls.folder = cls.server.folder

    def setUp(self):
        patch = mock.patch.dict(os.environ, self.server.environment)
        patch.start()
        self.addCleanup(patch.stop)
        printed = mock.patch("sys.stdout")
        printed.start()
        self.addCleanup(printed.stop)

    def transform(self):
        event = json.loads((ETL / "input.json").read_text())
        event |= {"staging": f"{self.folder}/staging", "warehouse": "/nonexistent/x.sqlite"}
        return call("transformData", call("extractData", event))

    def test_both_tables_are_right_and_a_rerun_gives_the_same(self):
        for _ in range(2):
            transformed = self.transform()
            answer = call("loadData", transformed)
            self.assertEqual((answer["engine"], answer["rows"]), ("postgresql", 36))
            aside = call("loadData", transformed | {"load": "rejects"})
            done = subprocess.run([sys.executable, str(ETL / "check.py"), "--staging",
                                   f"{self.folder}/staging"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            count = subprocess.run(["psql", "-XAtc", "SELECT count(*) FROM sales_rejects"],
                                   capture_output=True, text=True, check=True)
            self.assertEqual(int(count.stdout), aside["rows"])

    def test_a_load_that_fails_says_why(self):
        transformed = self.transform()
        with open(transformed["sales"]["path"], "a") as file:
            file.write("a row of,three,fields\n")
        handler = load_module("loadData", ETL / "functions/loadData/handler.py")
        with self.assertRaisesRegex(handler.LoadFailed, "missing data for column"):
            handler.lambda_handler(transformed, None)


if __name__ == "__main__":
    unittest.main()
