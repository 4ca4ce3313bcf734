"""Counts the MongoDB commands of one request, for whichever system answers it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from pymongo import monitoring

QUIET = {"hello", "ismaster", "isMaster", "ping", "endSessions", "killCursors"}
ASK, COMMANDS, WORKER = "HTTP_X_BENCH_COUNT", "X-Bench-Commands", "X-Bench-Worker"


class Listener(monitoring.CommandListener):
    """Notes the commands that a thread sends while it is asked to."""

    def __init__(self) -> None:
        self.local = threading.local()

    def started(self, event: Any) -> None:
        names = getattr(self.local, "names", None)
        if names is not None and event.command_name not in QUIET:
            target = event.command.get(event.command_name)
            names.append(f"{event.command_name}:{target}" if isinstance(target, str) else event.command_name)

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


LISTENER = Listener()
# Clients made from now on report to it: this module is imported before any client is made.
monitoring.register(LISTENER)


class Counted:
    """WSGI middleware: a request with X-Bench-Count is answered with the commands sent before its headers."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if ASK not in environ:
            return self.app(environ, start_response)
        LISTENER.local.names = []

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            names, LISTENER.local.names = LISTENER.local.names or [], None
            extra = [(COMMANDS, ",".join(names)), (WORKER, str(os.getpid()))]
            return start_response(status, [*headers, *extra], *rest)

        return self.app(environ, start)
