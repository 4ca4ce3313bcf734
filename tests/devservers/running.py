"""Runs run.py as a person would, in a data folder and on a port of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.devservers.guards import answers_ready
from tests.devservers.proc import wait_gone, with_variable

ROOT = Path(__file__).resolve().parents[2]
NOT_INHERITED = ("MONGODB_URI", "REDIS_URL", "LEC_ENV", "SECRET_KEY", "SMTP_URL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data_dir: Path, port: int, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {**kept, "LEC_DATA_DIR": str(data_dir), "PORT": str(port), **more}


def run_to_its_end(data_dir: Path, port: int, **more: str) -> tuple[int, list[str]]:
    """The exit code and the lines of a run.py that is expected to give up by itself."""
    ended = subprocess.run(
        [sys.executable, "run.py"],
        cwd=ROOT,
        env=environment(data_dir, port, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.returncode, ended.stdout.splitlines()


class RunningStack:
    """One run.py and what it started."""

    def __init__(self, data_dir: Path, port: int, **more: str) -> None:
        """Start it and wait until it says that it is ready. more: added to its environment."""
        self.data_dir = data_dir
        self.port = port
        self.output = data_dir.parent / "run.out"
        begun = time.monotonic()
        with open(self.output, "w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "run.py"],
                cwd=ROOT,
                env=environment(data_dir, port, **more),
                stdout=output,
                stderr=output,
            )
        while "LEC is ready" not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() - begun < 60, self.output.read_text()
            time.sleep(0.1)
        self.seconds_to_ready = time.monotonic() - begun
        assert answers_ready(port)

    def addresses(self) -> dict[str, str]:
        return dict(json.loads((self.data_dir / "servers.json").read_text()))

    def children(self) -> dict[int, str]:
        everybody = with_variable(f"LEC_DATA_DIR={self.data_dir}")
        return {pid: command for pid, command in everybody.items() if pid != self.process.pid}

    def child(self, part: str) -> int:
        """The process that was started first of those with `part` in their command line."""
        return min(pid for pid, command in self.children().items() if part in command)

    def end(self, signum: int) -> int:
        self.process.send_signal(signum)
        return self.process.wait(60)


@contextmanager
def running(data_dir: Path, port: int, **more: str) -> Iterator[RunningStack]:
    stack = RunningStack(data_dir, port, **more)
    try:
        yield stack
    finally:
        stack.process.kill()
        stack.process.wait()
        assert wait_gone(stack.children())
