"""Counts and times the commands that this process sends to MongoDB."""

from __future__ import annotations

from pymongo import monitoring

from app.monitoring.counting import OTHER, count_command

QUIET = frozenset(("hello", "ismaster", "isMaster", "ping", "endSessions", "saslStart", "saslContinue"))
NAMES = frozenset(
    "find getMore aggregate count distinct insert update delete findAndModify bulkWrite commitTransaction "
    "abortTransaction createIndexes listIndexes dropIndexes listCollections collMod killCursors explain "
    "serverStatus dbStats collStats".split()
)
MICRO = 1_000_000


class CommandMetrics(monitoring.CommandListener):
    """Of each command its name alone, and how long it took; never what it holds."""

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Counted when it ends."""

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        self._count(event.command_name, "ok", event.duration_micros)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        self._count(event.command_name, "failed", event.duration_micros)

    def _count(self, name: str, end: str, micros: int) -> None:
        if name not in QUIET:
            count_command(name if name in NAMES else OTHER, end, micros / MICRO)


_registered: list[CommandMetrics] = []


def init_command_metrics() -> None:
    """Count the commands of every client that is made from now on; repeating it is harmless."""
    if not _registered:
        _registered.append(CommandMetrics())
        monitoring.register(_registered[0])
