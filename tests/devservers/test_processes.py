"""Children never outlive the process that started them, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.devservers.processes import Child, wait_until
from tests.devservers.proc import alive, wait_gone

ROOT = Path(__file__).resolve().parents[2]
PARENT = """
import sys, time
from pathlib import Path
from app.devservers.processes import Child
child = Child("sleeper", ["sleep", "600"], Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "sleeper.log")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent, parent.stdout:
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    assert wait_gone([child])


def test_stopping_ends_what_the_child_started_too(tmp_path: Path) -> None:
    child = Child("shell", ["sh", "-c", "sleep 600 & echo $!; wait"], tmp_path / "shell.log")
    assert wait_until(lambda: child.output() != "", child, 5)
    grandchild = int(child.output())
    child.stop(patience=5)
    assert child.exit_code() == -signal.SIGTERM
    assert wait_gone([grandchild])


def test_a_child_deaf_to_sigterm_is_killed_when_patience_ends(tmp_path: Path) -> None:
    child = Child("deaf", ["sh", "-c", "trap '' TERM; echo on; while :; do sleep 0.1; done"], tmp_path / "deaf.log")
    assert wait_until(lambda: child.output() != "", child, 5)
    begun = time.monotonic()
    child.stop(patience=0.5)
    assert child.exit_code() == -signal.SIGKILL
    assert time.monotonic() - begun < 5


def test_the_last_words_are_those_of_this_start(tmp_path: Path) -> None:
    log = tmp_path / "echo.log"
    for words in ("first", "second"):
        child = Child("echo", ["echo", words], log)
        assert child.wait(5) == 0
        assert child.output() == f"{words}\n"
    assert log.read_text() == "first\nsecond\n"


def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "big.log"
    log.touch()
    os.truncate(log, 6_000_000)
    child = Child("echo", ["echo", "new"], log)
    assert child.wait(5) == 0
    assert log.read_text() == "new\n"
    assert (tmp_path / "big.log.1").stat().st_size == 6_000_000
