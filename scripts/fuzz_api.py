#!/usr/bin/env python3
"""Asks a real server whatever its OpenAPI document allows, and much that it does not, and looks at every answer.

`just fuzz-api` builds the server and installs Schemathesis, which does the asking. The server runs on a database of its
own, on a free port, with the offline model, and ends with this program.
"""

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "target" / "debug" / "raconteur"
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")

# Every check but these, each for its reason.
EXCLUDED_CHECKS = {
    "positive_data_acceptance": "what fits the schema may be refused for what it says: a password may be wrong",
}
# What makes a person: no run may depend on who is there already.
ACCOUNT = {"email": "ada@example.org", "password": "correct horse battery staple"}


def main():
    arguments, others = parse_arguments()
    # A closed terminal and `kill` end the server too.
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="raconteur-fuzz-") as folder:
        with Server(Path(folder)) as server:
            code = fuzz(server.address, arguments.max_examples, others)
            server.check()
    sys.exit(code)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="Any other argument goes to `schemathesis run`; with a --seed it asks something else each time.",
    )
    parser.add_argument(
        "--max-examples", type=int, default=20, metavar="COUNT", help="for each operation (default: %(default)s)"
    )
    return parser.parse_known_args()


class Server:
    """A server that ends with the block, whatever happens in it."""

    def __init__(self, folder):
        self.log = folder / "log"
        environment = {
            "PORT": "0",
            "BCRYPT_COST": "4",
            "DATABASE_URL": f"sqlite://{folder}/raconteur.db",
        }
        with self.log.open("w") as log:
            # In a folder and an environment without anybody's settings.
            self.process = subprocess.Popen(
                [SERVER, "serve"], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )

    def __enter__(self):
        for line in self.process.stdout:
            if found := re.search(r"listening\s+(http://\S+)", line):
                self.address = found[1]
                return self
        self.process.wait()
        fail(f"the server did not start:\n{self.log.read_text()}")

    def check(self):
        """It still serves, and nothing went wrong inside that no answer showed."""
        with urlopen(f"{self.address}/readyz", timeout=10):
            pass
        errors = [line for line in self.log.read_text().splitlines() if "ERROR" in line]
        if errors:
            fail("the server's log has errors:\n" + "\n".join(errors))

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()


def fuzz(address, max_examples, others):
    """Returns the exit code of Schemathesis."""
    command = [
        SCHEMATHESIS,
        "run",
        f"{address}/api/openapi.json",
        f"--header=Authorization: Bearer {register(address)}",
        f"--exclude-checks={','.join(EXCLUDED_CHECKS)}",
        f"--max-examples={max_examples}",
        "--request-timeout=30",
        *others,
    ]
    if not any(argument.startswith("--seed") for argument in others):
        # What one run finds the next one finds too.
        command.append("--generation-deterministic")
    # It may leave files behind.
    return subprocess.run(command, cwd=ROOT / "target").returncode


def register(address):
    """Makes an account and returns its access token."""
    body, headers = json.dumps(ACCOUNT).encode(), {"Content-Type": "application/json"}
    with urlopen(Request(f"{address}/api/auth/register", body, headers), timeout=10) as answer:
        return json.load(answer)["access"]


def fail(reason):
    sys.exit(f"fuzz-api: {reason}")


if __name__ == "__main__":
    main()
