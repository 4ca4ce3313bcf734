"""Counts the commands a piece of code sends to MongoDB."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import monitoring

QUIET = {"hello", "ismaster", "isMaster", "ping", "endSessions", "killCursors"}
WATCHED = "lec_restore"
"""Looked at every few seconds by each process, whatever page it shows (app/backup/guard.py): no page pays for it."""


class Sent(list[str]):
    """Names of commands with their collections; `bodies` are the commands themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[dict[str, Any]] = []


class CommandCounter(monitoring.CommandListener):
    """Register once, before the client is made; `counting` gives the names sent by this thread."""

    def __init__(self) -> None:
        self._local = threading.local()

    def started(self, event: Any) -> None:
        names = getattr(self._local, "names", None)
        if names is not None and event.command_name not in QUIET:
            if event.command.get(event.command_name) == WATCHED:
                return
            names.append(f"{event.command_name} {event.command.get(event.command_name)}")
            names.bodies.append(dict(event.command))

    def succeeded(self, event: Any) -> None:
        """Only starts are counted."""

    def failed(self, event: Any) -> None:
        """Only starts are counted."""

    @contextmanager
    def counting(self) -> Iterator[Sent]:
        self._local.names = Sent()
        try:
            yield self._local.names
        finally:
            self._local.names = None


COMMANDS = CommandCounter()
