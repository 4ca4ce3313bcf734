"""Child processes that write to a log file and never outlive the process that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
KEPT_LOG_BYTES = 5_000_000
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded now: a forked child must not load anything


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it ends, however it ends.

    Linux only. It is the *thread* that forked whose end counts, so children must be started from a main thread.
    """
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _tied_to(parent: int) -> Callable[[], None]:
    def prepare() -> None:
        die_with_parent()
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return prepare


class Child:
    """A running child in its own session (Ctrl-C in the terminal does not reach it), logging to one file."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        """Start `command` in the project's root. env: added to this process's environment. Raises OSError."""
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        _keep_small(log)
        with open(log, "ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_tied_to(os.getpid()),  # one C call and nothing that takes a lock: safe beside threads
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """The exit code, or None when it still runs after `seconds`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self.exit_code()

    def stop(self, patience: float) -> None:
        """SIGTERM; after `patience` seconds SIGKILL, to whatever it started in its session too."""
        if self.exit_code() is None:
            self._process.terminate()
            self.wait(patience)
        self.kill()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def output(self) -> str:
        """What it has written since it was started."""
        with open(self.log, "rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def last_line(self) -> str:
        lines = [line.strip() for line in self.output().splitlines() if line.strip()]
        return lines[-1][:300] if lines else ""


def wait_until(ready: Callable[[], bool], child: Child, seconds: float, pause: float = 0.02) -> bool:
    """Ask `ready` until it is true; False when the child ended or `seconds` went by."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        if child.wait(pause) is not None:
            return False
    return False


def _keep_small(log: Path) -> None:
    if log.exists() and log.stat().st_size > KEPT_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
