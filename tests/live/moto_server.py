"""A moto_server of a test's own, which plays AWS's services, where moto is installed."""

import importlib.util
import sys

from server import Program

IS_HERE = bool(importlib.util.find_spec("moto") and importlib.util.find_spec("flask")
               and importlib.util.find_spec("boto3"))
WHY_NOT = "moto is not installed for this Python: tools/install-test-clients"
# moto_server with a port that the system chooses, so that nobody else can have taken it.
SCRIPT = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print("http://127.0.0.1:%d" % server.get_host_and_port()[1], flush=True)
server._thread.join()
"""


class Moto(Program):
    def __init__(self):
        super().__init__([sys.executable, "-c", SCRIPT])
        self.url = f"http://127.0.0.1:{self.port}"
