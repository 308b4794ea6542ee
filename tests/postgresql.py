"""A PostgreSQL server of a test's own, which listens on a socket in a folder of its own."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def programs():
    """The folder of initdb and pg_ctl, or None."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists() and shutil.which("psql"):
            return folder
    return None


class Server:
    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="gait-pg-")
        self.folder = self.home.name
        os.chmod(self.folder, 0o777)
        self.user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] \
            if os.geteuid() == 0 else []  # the server refuses to run as root
        self.run("initdb", "-D", f"{self.folder}/db", "-U", "gait", "-A", "trust", "-N",
                 "-E", "UTF8", "--locale=C")
        self.run("pg_ctl", "-D", f"{self.folder}/db", "-w", "-t", "300", "-l", f"{self.folder}/log", "-o",
                 f"-c listen_addresses= -k {self.folder} -c fsync=off", "start")
        self.environment = {"PGHOST": self.folder, "PGUSER": "gait", "PGDATABASE": "postgres"}

    def run(self, name, *arguments):
        subprocess.run([*self.user, str(programs() / name), *arguments], check=True, cwd="/",
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def stop(self):
        self.run("pg_ctl", "-D", f"{self.folder}/db", "-m", "immediate", "stop")
        self.home.cleanup()
