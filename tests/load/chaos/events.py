"""What is broken in a chaos run, for how long, and by which sign an operator should have seen it."""

from __future__ import annotations

import os
import random
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.devservers.program import Program
from tests.load.chaos.stack import Stack
from tests.load.chaos.watching import Sample

AHEAD = "+300"
"""Seconds of a clock that is wrong."""
FAKETIME = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
SEEN_WITHIN = 30.0
"""Seconds after the end of an event in which its sign must show: a scrape, and beats of a heart, come at intervals."""

Undo = Callable[[], None]
Sign = Callable[[Sample, Sample, str], bool]
"""(before, now, what was hit) -> whether `now` shows it."""


@dataclass(frozen=True)
class Kind:
    """`begin` breaks something and gives its name and what puts it right, which follows after `seconds`.

    `needs` is the metric without which nobody can say whether the sign shows; "" where /readyz and heartbeats do.
    """

    name: str
    weight: int
    seconds: tuple[float, float]
    begin: Callable[[Stack, random.Random], tuple[str, Undo]]
    sign: Sign
    needs: str = ""
    of_database: bool = False


def _nothing() -> None:
    """A supervisor puts it right."""


# -- MongoDB -------------------------------------------------------------------------------------


def _kill_primary(stack: Stack, chance: random.Random) -> tuple[str, Undo]:
    member = stack.mongo.primary()
    member.kill()
    return member.name, _nothing


def _freeze_primary(stack: Stack, chance: random.Random) -> tuple[str, Undo]:
    member = stack.mongo.primary()
    member.freeze()
    return member.name, member.thaw


def _database_is_away(before: Sample, now: Sample, hit: str) -> bool:
    away = isinstance(now.ready, str) or now.says_down("mongodb")
    return away or _rises(before, now, "lec_database_commands_total", end="failed") or _is_down(now, "mongodb")


# -- LEC's own programs --------------------------------------------------------------------------


def _kill_worker(stack: Stack, chance: random.Random) -> tuple[str, Undo]:
    worker = chance.choice([one for one in stack.workers if one.is_running()])
    worker.kill()
    return worker.name, _nothing


def _worker_began_anew(before: Sample, now: Sample, hit: str) -> bool:
    def start(sample: Sample) -> str | None:
        return next((began for name, (began, _) in (sample.alive or {}).items() if name.startswith(f"{hit}@")), None)

    return bool(now.alive) and start(now) != start(before)


def _kill_web_child(stack: Stack, chance: random.Random) -> tuple[str, Undo]:
    pids = children_of(stack.web.pid)
    if not pids:
        return "web", _nothing  # the master itself starts anew at this moment
    with suppress(ProcessLookupError):
        os.kill(chance.choice(pids), signal.SIGKILL)
    return "web", _nothing


def children_of(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _process_began(before: Sample, now: Sample, hit: str) -> bool:
    return _rises(before, now, "lec_process_starts_total", program="web")


def _clock_ahead(stack: Stack, chance: random.Random) -> tuple[str, Undo]:
    """One worker goes on five minutes ahead of everybody; its monotonic clock stays right, as after a bad NTP step."""
    worker = chance.choice([one for one in stack.workers if one.is_running()])
    worker.kill()
    worker.launch(LD_PRELOAD=str(FAKETIME[0]), FAKETIME=AHEAD, FAKETIME_DONT_FAKE_MONOTONIC="1", FAKETIME_NO_CACHE="1")
    return worker.name, lambda: _begin_anew(worker)


def _begin_anew(worker: Program) -> None:
    worker.stop()
    worker.launch()


def _clocks_differ(before: Sample, now: Sample, hit: str) -> bool:
    return now.total("lec_clock_difference_seconds") > 200


# -- Valkey --------------------------------------------------------------------------------------


def _kill_valkey(stack: Stack, chance: random.Random) -> tuple[str, Undo]:
    stack.valkey.kill()
    return "valkey", _nothing


def _lose_valkey(stack: Stack, chance: random.Random) -> tuple[str, Undo]:
    stack.valkey.before_restart = stack.forget_valkey
    stack.valkey.kill()
    return "valkey", _nothing


def _queue_is_away(before: Sample, now: Sample, hit: str) -> bool:
    """It does not answer, or answers and has begun later than before."""
    begun = "lec_valkey_start_time_seconds"
    later = now.has(begun) and before.has(begun) and now.total(begun) > before.total(begun) + 1
    return now.says_down("redis") or _is_down(now, "valkey") or later


# -- mail ----------------------------------------------------------------------------------------


def _mail(change: Callable[[Stack], None]) -> Callable[[Stack, random.Random], tuple[str, Undo]]:
    def begin(stack: Stack, chance: random.Random) -> tuple[str, Undo]:
        change(stack)
        return "smtp", stack.mail.on

    return begin


def _mail_fails(before: Sample, now: Sample, hit: str) -> bool:
    return any(_rises(before, now, "lec_mails_total", end=end) for end in ("temporary", "uncertain"))


def _mail_is_slow(before: Sample, now: Sample, hit: str) -> bool:
    """More than two seconds a letter since the event began."""
    seconds, letters = (
        now.total(name, task="notices.deliver") - before.total(name, task="notices.deliver")
        for name in ("lec_task_seconds_sum", "lec_task_seconds_count")
    )
    return letters > 0 and seconds / letters > 2


# -- disk ----------------------------------------------------------------------------------------


def _fill_disk(stack: Stack, chance: random.Random) -> tuple[str, Undo]:
    pids = [pid for one in (stack.web, stack.beat, *stack.workers) for pid in (one.pid, *children_of(one.pid))]
    stack.disk.fill(pids)
    return "data folder", lambda: stack.disk.empty(pids)


def _disk_is_full(before: Sample, now: Sample, hit: str) -> bool:
    return now.has("lec_data_free_bytes") and now.total("lec_data_free_bytes") < 1_000_000


# -- reading metrics -----------------------------------------------------------------------------


def _rises(before: Sample, now: Sample, name: str, **labels: str) -> bool:
    return now.has(name) and now.total(name, **labels) > before.total(name, **labels)


def _is_down(now: Sample, server: str) -> bool:
    return any(name.startswith("lec_up{") and f'"{server}"' in name and not up for name, up in now.numbers.items())


KINDS = (
    Kind("kill -9 of a worker", 13, (0, 0), _kill_worker, _worker_began_anew),
    Kind("kill -9 of a web process", 10, (0, 0), _kill_web_child, _process_began, "lec_process_starts_total"),
    Kind("kill -9 of Valkey", 5, (0, 0), _kill_valkey, _queue_is_away),
    Kind("kill -9 of the primary", 6, (0, 0), _kill_primary, _database_is_away, of_database=True),
    Kind("Valkey without its data", 4, (0, 0), _lose_valkey, _queue_is_away),
    Kind("SMTP off", 4, (8, 20), _mail(lambda stack: stack.mail.off()), _mail_fails, "lec_mails_total"),
    Kind("SMTP drops after DATA", 3, (5, 10), _mail(lambda stack: stack.mail.hang_up_after_data()), _mail_fails,
         "lec_mails_total"),
    Kind("disk of the data folder full", 4, (6, 12), _fill_disk, _disk_is_full, "lec_data_free_bytes"),
    Kind("primary frozen", 4, (20, 20), _freeze_primary, _database_is_away, of_database=True),
    Kind("clock of a worker 5 minutes ahead", 3, (25, 40), _clock_ahead, _clocks_differ,
         "lec_clock_difference_seconds"),
    Kind("SMTP slow", 2, (10, 20), _mail(lambda stack: stack.mail.slow()), _mail_is_slow, "lec_task_seconds_count"),
    Kind("SMTP drops at the recipient", 2, (5, 10), _mail(lambda stack: stack.mail.hang_up_at_recipient()),
         _mail_fails, "lec_mails_total"),
)  # fmt: skip
"""In the order in which a short run takes them; weights add up to 60."""


@dataclass
class Event:
    """One that happened: moments of the monotonic clock, and whether the monitoring saw it (None: not to be said)."""

    kind: Kind
    began: float
    hit: str
    ended: float = 0.0
    seen: bool | None = None


def drawn(number: int, chance: random.Random, possible: Callable[[Kind], bool]) -> deque[Kind]:
    """So many kinds by their weights, each at least once where there is room, in an order of chance."""
    kinds = [kind for kind in KINDS if possible(kind)]
    taken = kinds[:number]
    rest = _by_weight(kinds, number - len(taken))
    found = [*taken, *rest]
    chance.shuffle(found)
    return deque(found)


def _by_weight(kinds: list[Kind], number: int) -> Iterator[Kind]:
    """Go on where the kinds themselves end: whoever is furthest behind its share comes next."""
    given = {kind.name: 1 for kind in kinds}
    for _ in range(number):
        kind = min(kinds, key=lambda one: given[one.name] / one.weight)
        given[kind.name] += 1
        yield kind


def can_happen(kind: Kind) -> bool:
    return kind.begin is not _clock_ahead or bool(FAKETIME)


def judge(event: Event, before: Sample | None, samples: list[Sample]) -> bool | None:
    """Whether the sign showed; None where the monitoring does not have the metric."""
    if before is None or (event.kind.needs and not any(sample.has(event.kind.needs) for sample in samples)):
        return None
    return any(event.kind.sign(before, sample, event.hit) for sample in samples)
