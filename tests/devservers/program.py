"""A program that a test may kill, freeze and start again, and a supervisor that does what systemd would."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.devservers.processes import Child


@dataclass
class Program:
    """One program with its log; `restart_after` is systemd's RestartSec. Start it from a main thread."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    patience: float = 10
    restart_after: float = 2.0
    child: Child | None = None
    restarts: int = 0
    before_restart: Callable[[], None] | None = None
    """Done once, between the end and the next start."""
    _due: float | None = None

    @property
    def pid(self) -> int:
        assert self.child is not None, f"{self.name} is not started"
        return self.child.pid

    def launch(self, **changed: str) -> None:
        """Start it; `changed` are variables of this life alone."""
        self.child = Child(self.name, list(self.command), self.log, {**self.env, **changed})

    def kill(self) -> None:
        """As a power cut would: the program and all that it started in its session."""
        assert self.child is not None
        self.child.kill()

    def freeze(self) -> None:
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        if self.child is not None:
            self.thaw()
            self.child.stop(self.patience)

    def is_running(self) -> bool:
        return self.child is not None and self.child.exit_code() is None

    def watch(self, now: float) -> bool:
        """Start it anew `restart_after` seconds after its end; whether it was started just now."""
        if self.child is None or self.child.exit_code() is None:
            return False
        if self._due is None:
            self.child.kill()  # what it left in its session, as systemd does
            self._due = now + self.restart_after
        if now < self._due:
            return False
        self._due = None
        if self.before_restart is not None:
            self.before_restart()
            self.before_restart = None
        self.restarts += 1
        self.launch()
        return True


def keep_running(programs: Iterable[Program]) -> list[str]:
    """One look of a supervisor (Restart=always); the names of those that were started anew."""
    now = time.monotonic()
    return [program.name for program in programs if program.watch(now)]
