"""The production web under `deploy/gunicorn.conf.py`: loads new code without a refused request, and ends in order."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import config
from tests.devservers.proc import alive
from tests.devservers.running import ROOT, environment, free_port

pytestmark = pytest.mark.timeout(400)


class Visitor(threading.Thread):
    """Asks for the sign-in page again and again, with a connection of its own each time; notes what went wrong."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port, self.done = port, threading.Event()
        self.answers, self.faults, self.longest = 0, list[str](), 0.0

    def run(self) -> None:
        while not self.done.is_set():
            begun = time.monotonic()
            try:
                status = _status(self.port)
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(repr(error))
            else:
                self.answers += 1
                if status != 200:
                    self.faults.append(str(status))
            self.longest = max(self.longest, time.monotonic() - begun)


def _status(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", "/login/")
        return connection.getresponse().status


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return _status(port) == 200
    return False


def _wait(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def web(settings: config.Settings, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The web as `deploy/` starts it, and its port; whatever is left of it is killed."""
    port, pid_file = free_port(), tmp_path / "web.pid"
    env = environment(tmp_path, port, LEC_ENV="testing", **settings.server_addresses())
    command = [str(Path(sys.executable).with_name("gunicorn")), "-c", "deploy/gunicorn.conf.py", "--workers", "2"]
    command += ["--bind", f"127.0.0.1:{port}", "--pid", str(pid_file), "app:create_app()"]
    with (tmp_path / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(lambda: _answers(port))
        yield process, port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_reload_answers_every_request_and_leaves_one_master(web: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = web
    visitors = [Visitor(port) for _ in range(3)]
    for visitor in visitors:
        visitor.start()

    master = process.pid
    for _ in range(2):  # a master that replaced another can itself be replaced
        before = set(_children(master))
        os.kill(master, signal.SIGUSR2)
        _wait(lambda seen=(master, before): bool(set(_children(seen[0])) - seen[1]))
        (following,) = set(_children(master)) - before
        if master == process.pid:
            process.wait(120)
        _wait(lambda old=master: not alive(old))
        master = following
        _wait(lambda new=master: len(_children(new)) == 2)
        time.sleep(1)  # the new master looks once a second whether it is alone

    for visitor in visitors:
        visitor.done.set()
        visitor.join(30)
    print(f"longest wait {max(visitor.longest for visitor in visitors):.2f} s")
    assert [visitor.faults for visitor in visitors] == [[], [], []]
    assert all(visitor.answers for visitor in visitors)
    os.kill(master, signal.SIGTERM)
    _wait(lambda: not alive(master))
    assert not _answers(port)


def test_sigterm_lets_the_request_end_that_is_being_answered(web: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = web
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.putrequest("POST", "/login/")
        connection.putheader("Content-Length", "4")
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.endheaders()
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.send(b"a=b&")
        assert connection.getresponse().status == 400, "answered (without a token: refused), not cut off"
    assert process.wait(120) == 0
