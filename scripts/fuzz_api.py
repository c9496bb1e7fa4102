#!/usr/bin/env python3
"""Asks a real server whatever its OpenAPI document allows, and much that it does not, and looks at every answer.

`just fuzz-api` builds the server and installs Schemathesis, which does the asking. The server runs on a database of its
own, on a free port, with the offline model, and ends with this program.

A long run may find a text that is accepted though it is longer than its `maxLength`, because of blanks around it: they
are taken off before it is counted. No schema can say so, and a client that goes by the document is on the safe side.
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
# What Schemathesis is told of single operations.
CONFIG = """
[[operations]]
include-operation-id = "getGeneration"
# No answer that it reads names one.
parameters = {{ "path.id" = "{generation}" }}
"""
# What ends the session that everything else is asked in: it comes last, what ends the least of it first.
ENDING = ["endSession", "endSessions", "logOut", "deleteMe"]
ACCOUNT = {"email": "ada@example.org", "password": "correct horse battery staple"}


def main():
    arguments, others = parse_arguments()
    # A closed terminal and `kill` end the server too.
    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="raconteur-fuzz-") as folder:
        folder = Path(folder)
        with Server(folder) as server:
            client = Client(server.address)
            (folder / "schemathesis.toml").write_text(CONFIG.format(generation=client.reply()))
            options = [f"--max-examples={arguments.max_examples}", *others]
            # First what the rest may delete.
            codes = [
                schemathesis(folder, client, ["--include-operation-id=getGeneration", *options]),
                schemathesis(folder, client, [*(f"--exclude-operation-id={name}" for name in ENDING), *options]),
                *(schemathesis(folder, client, [f"--include-operation-id={name}", *options]) for name in ENDING),
            ]
            server.check()
    # Not the highest of them: what a signal ends has a negative one.
    sys.exit(1 if any(codes) else 0)


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
            "RATE_LIMIT": "off",
            # Whoever asks more by hand asks for longer than a token usually lasts.
            "ACCESS_TOKEN_LIFETIME": "1d",
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


class Client:
    """Somebody who has just registered."""

    def __init__(self, address):
        self.address, self.access = address, None
        self.access = json.loads(self.post("/api/auth/register", ACCOUNT))["access"]

    def post(self, path, body):
        headers = {"Content-Type": "application/json"}
        if self.access:
            headers["Authorization"] = f"Bearer {self.access}"
        with urlopen(Request(self.address + path, json.dumps(body).encode(), headers), timeout=30) as answer:
            return answer.read()

    def reply(self):
        """Has something answered, and returns the id of the generation."""
        conversation = json.loads(self.post("/api/conversations", {}))["id"]
        events = self.post("/api/chat/stream", {"conversation_id": conversation, "prompt": "What is your price?"})
        return re.search(rb'"generation_id":"([^"]+)"', events)[1].decode()


def schemathesis(folder, client, options):
    """Runs it, and returns its exit code. What it keeps for a next run goes with the folder."""
    command = [
        SCHEMATHESIS,
        "run",
        f"{client.address}/api/openapi.json",
        f"--header=Authorization: Bearer {client.access}",
        f"--exclude-checks={','.join(EXCLUDED_CHECKS)}",
        "--request-timeout=30",
        *options,
    ]
    if not any(option.startswith("--seed") for option in options):
        # What one run finds the next one finds too.
        command.append("--generation-deterministic")
    return subprocess.run(command, cwd=folder).returncode


def fail(reason):
    sys.exit(f"fuzz-api: {reason}")


if __name__ == "__main__":
    main()
