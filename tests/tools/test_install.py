"""`make install` gives a program, a library and headers that another program can be built with."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"
DEFINITION = '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"b":1},"End":true}}}'

# Has functions with the names of ours: an embedding program must be free to.
OWN_NAMES = """
#include <gait/gait.h>
#include <stdio.h>
#include <string.h>
int json_parse(void);
int buf_init(void);
int json_parse(void) { return 1; }
int buf_init(void) { return 2; }
int main(void)
{
    const char *text = "%s";
    gait_error error;
    gait_machine *machine = gait_machine_parse(text, strlen(text), NULL, &error);
    if (!machine) {
        puts(error.message);
        return 1;
    }
    gait_run_options options = GAIT_RUN_OPTIONS;
    gait_result *result;
    if (gait_run(machine, &options, &result, &error) != GAIT_OK) {
        puts(error.message);
        return 1;
    }
    printf("%%s %%s %%d\\n", gait_result_status(result), gait_result_output(result),
           json_parse() + buf_init());
    gait_result_free(result);
    gait_machine_free(machine);
    return 0;
}
""" % DEFINITION.replace('"', '\\"')


@unittest.skipUnless((BUILD / "libgait.so").exists() and (BUILD / "gait").exists(),
                     "build/ holds no finished build")
class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.prefix = cls.folder / "stage" / "opt" / "gait"
        subprocess.run(["cmake", "--install", str(BUILD), "--prefix", "/opt/gait"], check=True,
                       env=dict(os.environ, DESTDIR=str(cls.folder / "stage")),
                       stdout=subprocess.DEVNULL)

    def flags(self, *arguments):
        env = dict(os.environ, PKG_CONFIG_PATH=str(self.prefix / "lib" / "pkgconfig"))
        done = subprocess.run(["pkg-config", *arguments, "gait"], env=env, check=True,
                              capture_output=True, text=True)
        return done.stdout.split()

    def build_and_run(self, name, flags, environment=None):
        source = self.folder / f"{name}.c"
        source.write_text(OWN_NAMES)
        program = self.folder / name
        done = subprocess.run(["cc", "-o", str(program), str(source), *flags],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = subprocess.run([str(program)], capture_output=True, text=True, cwd=self.folder,
                              env=dict(os.environ, **(environment or {})))
        self.assertEqual((done.returncode, done.stdout), (0, 'SUCCEEDED {"b":1} 3\n'), done.stderr)

    def test_the_installed_program_runs_a_workflow(self):
        definition = self.folder / "pass.json"
        definition.write_text(DEFINITION)
        done = subprocess.run([str(self.prefix / "bin" / "gait"), "run", str(definition)],
                              cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        self.assertEqual((done.returncode, done.stdout), (0, '{"b":1}\n'), done.stderr)

    @unittest.skipUnless((BUILD / "aws-models").exists(), "built with GAIT_AWS_MODELS=OFF")
    def test_the_aws_service_models_are_where_the_installed_program_looks(self):
        program = self.prefix / "bin" / "gait"
        models = program.parent.parent / "share" / "gait" / "aws-models"
        self.assertEqual(models.read_bytes(), (BUILD / "aws-models").read_bytes())

    def test_the_shared_library_serves_a_program_with_names_like_ours(self):
        self.build_and_run("shared", self.flags("--cflags", "--libs"),
                           {"LD_LIBRARY_PATH": str(self.prefix / "lib")})

    def test_the_static_library_serves_a_program_with_names_like_ours(self):
        archive = str(self.prefix / "lib" / "libgait.a")
        wanted = self.flags("--static", "--cflags", "--libs")
        wanted[wanted.index("-lgait")] = archive  # which is not what -l would prefer
        self.build_and_run("static", wanted)

    def compile_example(self, name):
        program = self.folder / f"example_{name}"
        done = subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-o", str(program),
                               str(ROOT / "examples" / "embed" / f"{name}.c"),
                               *self.flags("--cflags", "--libs")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return str(program)

    def run_example(self, *command):
        env = dict(os.environ, LD_LIBRARY_PATH=str(self.prefix / "lib"))
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True,
                              timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_the_example_of_a_run_works_with_the_installed_library(self):
        lines = self.run_example(self.compile_example("main"))
        self.assertEqual(lines[-1], 'SUCCEEDED {"name":"Ada","greeting":"hello"}')

    def test_the_example_of_durable_executions_goes_on_after_it_was_killed(self):
        program = self.compile_example("durable")
        env = dict(os.environ, LD_LIBRARY_PATH=str(self.prefix / "lib"))
        first = subprocess.Popen(["stdbuf", "-oL", program, "orders", "7", "8"], cwd=self.folder,
                                 env=env, stdout=subprocess.PIPE, text=True)
        seen = [first.stdout.readline().strip() for _ in range(2)]
        self.assertEqual(sorted(seen), ["order-7: Pay (task 1)", "order-8: Pay (task 1)"])
        first.kill()
        ended_first, _ = first.communicate()  # none, unless a second has passed in the meantime
        lines = self.run_example(program, "orders", "8", "9")
        ends = sorted({line for line in [*ended_first.splitlines(), *lines] if "SUCCEEDED" in line})
        self.assertEqual(ends, [
            'order-%d: SUCCEEDED {"order":"%d","receipt":true,"shipped":true}' % (n, n)
            for n in (7, 8, 9)])
        self.assertIn("order-9: Pay (task 1)", lines)

    def test_only_the_public_interface_can_be_seen(self):
        nm = shutil.which("nm")
        for arguments in (["-D", "--defined-only", str(self.prefix / "lib" / "libgait.so")],
                          ["-g", "--defined-only", str(self.prefix / "lib" / "libgait.a")]):
            done = subprocess.run([nm, *arguments], check=True, capture_output=True, text=True)
            names = [line.split()[-1] for line in done.stdout.splitlines() if len(line.split()) == 3]
            self.assertIn("gait_run", names)
            self.assertEqual([n for n in names if not n.startswith("gait_")], [])


if __name__ == "__main__":
    unittest.main()
