"""Taking turns: every system answers a page once a round, so that what disturbs the machine disturbs all of them."""

from __future__ import annotations

import statistics
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.client import Answer, Client, form_with
from benchmarks.counting import COMMANDS, WORKER
from benchmarks.systems import Server

Turn = Callable[[bool], float | list[str]]
"""One request: its seconds, or with True the names of its commands; may raise NotThere."""

WARM_UP = 3
IDLE_SAMPLES, MEANWHILE_EXPORTS = 30, 3
FEWEST, SECONDS_A_PAGE = 7, 6.0
"""A slow page is measured until its seconds are used up, but this often at least."""


class NotThere(Exception):
    """The system has no such page."""


@dataclass
class Series:
    """Seconds of one page of one system, and the MongoDB commands that one of them sent."""

    seconds: list[float] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    missing: str = ""
    """Why nothing could be measured."""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        if len(self.seconds) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.seconds, n=4)
        return low, high


def visit(client: Client, path: str, holds: str = "", count: bool = False) -> Answer:
    """Open a page; raises NotThere on 404 and RuntimeError unless it is a page that holds `holds`."""
    answer = client.get(path, **({"X-Bench-Count": "1"} if count else {}))
    if answer.status == 404:
        raise NotThere("not there")
    if answer.status != 200 or holds not in answer.text:
        raise RuntimeError(f"{path} answered {answer.status} without what was looked for")
    return answer


def take_turns(turns: dict[str, Turn], rounds: int) -> dict[str, Series]:
    """Measure each system's turn up to `rounds` times in alternation, after a warm-up that counts its commands."""
    found = {name: Series() for name in turns}
    for name, turn in turns.items():
        try:
            for _ in range(WARM_UP - 1):
                turn(False)
            found[name].commands = list(turn(True))  # type: ignore[arg-type]
        except NotThere as reason:
            found[name].missing = str(reason)
    for number in range(rounds):
        for name, turn in turns.items():
            series = found[name]
            if not series.missing and (number < FEWEST or sum(series.seconds) < SECONDS_A_PAGE):
                series.seconds.append(float(turn(False)))  # type: ignore[arg-type]
    return found


def reading(client: Client, path: Callable[[], str], holds: str = "") -> Turn:
    """A turn that opens a page."""

    def turn(count: bool) -> float | list[str]:
        answer = visit(client, path(), holds, count)
        return commands_of(answer) if count else answer.seconds

    return turn


def saving(client: Client, path: str) -> Turn:
    """A turn that changes one field of a record by its form; only the post is timed."""

    def turn(count: bool) -> float | list[str]:
        fields = dict(form_with(visit(client, path).text, "religion"))
        fields["religion"] = "คริสต์" if fields["religion"] == "พุทธ" else "พุทธ"
        answer = client.post(path, [*fields.items()], **({"X-Bench-Count": "1"} if count else {}))
        if answer.status not in (302, 303):
            raise RuntimeError(f"{path} was not saved: {answer.status}")
        return commands_of(answer) if count else answer.seconds

    return turn


def commands_of(answer: Answer) -> list[str]:
    return [name for name in answer.headers.get(COMMANDS, "").split(",") if name]


@dataclass
class Export:
    """Exports of one system: seconds, rows, growth of memory, and another person's list meanwhile."""

    seconds: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    rows: int = 0
    megabytes: float = 0.0
    idle: list[float] = field(default_factory=list)
    meanwhile: list[float] = field(default_factory=list)
    missing: str = ""


def export_times(server: Server, client: Client, lao: str, found: Export) -> None:
    """One more export, with the growth of the worker's memory over what it held before."""
    pid = int(visit(client, server.list(), count=True).headers[WORKER])
    before = _reset_peak(pid)
    answer = client.get(server.export(lao))
    if answer.status != 200:
        found.missing = "not there" if answer.status == 404 else f"answered {answer.status}"
        return
    found.megabytes = max(found.megabytes, (_status(pid, "VmHWM") - before) / 1024)
    found.seconds.append(answer.seconds)
    found.first.append(answer.first)
    found.rows = answer.body.rstrip().count(b"\n")


def list_meanwhile(server: Server, exporter: Client, reader: Client, lao: str, found: Export) -> None:
    """The reader's list page idle (before and after), and while the exporter exports in another thread.

    Sampling goes on through whole exports: a system may first wait for the database and then keep its process busy.
    """
    window, done = exporter.twin(), threading.Event()

    def export() -> None:
        try:
            for _ in range(MEANWHILE_EXPORTS):
                window.get(server.export(lao))
        finally:
            done.set()

    found.idle += [visit(reader, server.list()).seconds for _ in range(IDLE_SAMPLES)]
    thread = threading.Thread(target=export)
    thread.start()
    while not done.is_set():
        found.meanwhile.append(visit(reader, server.list()).seconds)
    thread.join()
    window.close()
    found.idle += [visit(reader, server.list()).seconds for _ in range(IDLE_SAMPLES)]


def _reset_peak(pid: int) -> int:
    """Let the kernel forget the peak of a process's memory; returns what it holds now, in kB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _status(pid, "VmRSS")


def _status(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise LookupError(name)
