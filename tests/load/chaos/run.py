"""The run itself: start, write, break, repair, wait for quiet, compare."""

from __future__ import annotations

import heapq
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mongoengine
from pymongo.errors import PyMongoError
from redis import RedisError

from app import create_app
from tests.devservers.program import keep_running
from tests.load.chaos import checking
from tests.load.chaos.askers import Importer, Officer
from tests.load.chaos.events import FAKETIME, SEEN_WITHIN, Event, Kind, can_happen, drawn, judge
from tests.load.chaos.journal import Journal
from tests.load.chaos.report import Outcome
from tests.load.chaos.shape import Shape
from tests.load.chaos.stack import Stack
from tests.load.chaos.watching import Watch
from tests.load.chaos.world import Ground, World, make_world
from tests.load.chaos.writers import ApiWriter, Client, FormWriter

BEGAN = time.monotonic()
LOOK = 0.1
WARM_UP = 5.0
DATABASE_PATIENCE = 60.0
"""Seconds that an event of the database waits for the one before to be healed, so that a majority always lives."""


def say(text: str) -> None:
    """How far it is, beside the result."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", file=sys.stderr, flush=True)


class Run:
    """One run; `chance` decides all that chance may."""

    def __init__(self, stack: Stack, world: World, seed: int) -> None:
        self.stack, self.world, self.chance = stack, world, random.Random(seed)
        self.journal, self.outcome = Journal(), Outcome()
        self.clients = clients_of(stack, world, self.journal, seed)
        self.watch = Watch(stack)
        self._undo: list[tuple[float, int, Event, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def go(self, seconds: float, events: int) -> None:
        """The whole of it, but for the comparison."""
        self.watch.start()
        for client in self.clients:
            client.start()
        self._pass(WARM_UP)
        self._break(seconds, events)
        while self._undo:
            self._look()
        say("all is repaired; the writers end")
        for client in self.clients:
            client.stopping.set()
        self._until(lambda: not any(client.is_alive() for client in self.clients), 450)
        self._be_quiet()
        self.watch.stopping.set()

    def _break(self, seconds: float, number: int) -> None:
        kinds, begin = drawn(number, self.chance, can_happen), time.monotonic()
        moments = sorted(self.chance.uniform(0, seconds) for _ in kinds) if number else []
        for moment, kind in zip(moments, kinds, strict=True):
            self._until(lambda due=begin + moment: time.monotonic() >= due, seconds)  # type: ignore[misc]
            if kind.of_database:
                self._until(self.stack.mongo.is_healthy, DATABASE_PATIENCE)
            self._begin(kind)
        self._until(lambda: time.monotonic() >= begin + seconds, seconds)
        self.outcome.seconds = time.monotonic() - begin

    def _begin(self, kind: Kind) -> None:
        began = time.monotonic()
        hit, undo = kind.begin(self.stack, self.chance)
        event = Event(kind, began, hit)
        self.outcome.events.append(event)
        say(f"event {len(self.outcome.events)}: {kind.name}: {hit}")
        heapq.heappush(self._undo, (began + self.chance.uniform(*kind.seconds), next(self._numbers), event, undo))

    def _look(self) -> None:
        """One look of the supervisor; puts right what is due."""
        for name in keep_running(self.stack.programs):
            say(f"started anew: {name}")
        while self._undo and self._undo[0][0] <= time.monotonic():
            _, _, event, undo = heapq.heappop(self._undo)
            undo()
            event.ended = time.monotonic()
        time.sleep(LOOK)

    def _pass(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self._until(lambda: time.monotonic() >= end, seconds + 1)

    def _until(self, reached: Callable[[], bool], seconds: float) -> bool:
        end = time.monotonic() + seconds + 1
        while not reached() and time.monotonic() < end:
            self._look()
        return reached()

    def _be_quiet(self) -> None:
        """Wait until nothing is under way; what never ends is a difference."""
        began, left = time.monotonic(), ["?"]
        db = mongoengine.get_db()

        def still() -> bool:
            try:
                left[:] = checking.unfinished(db, self.stack)
            except (PyMongoError, RedisError) as error:
                left[:] = [type(error).__name__]
            return not left

        if not self._until(still, self.stack.shape.quiet_within):
            self.outcome.differences += [f"stuck: {text}" for text in left]
        self.outcome.quiet_after = time.monotonic() - began
        self._pass(SEEN_WITHIN / 6)  # for the last looks of the monitoring

    def compare(self) -> Outcome:
        outcome, db = self.outcome, mongoengine.get_db()
        for client in self.clients:
            if client.is_alive():
                outcome.differences.append(f"{client.name} did not end")
        outcome.differences += checking.differences(db, self.stack, self.world, self.journal)
        self._gaps()
        for event in outcome.events:
            samples = self.watch.between(event.began, event.ended + SEEN_WITHIN)
            event.seen = judge(event, self.watch.before(event.began), samples)
        outcome.figures = figures(db, self.stack, self.journal)
        outcome.remarks += remarks(self.stack, outcome)
        return outcome

    def _gaps(self) -> None:
        outcome, saves = self.outcome, self.journal.saves
        for event in outcome.events:
            gap = self.journal.longest_gap(event.began, event.ended + 15)
            outcome.gaps[event.kind.name] = max(gap, outcome.gaps.get(event.kind.name, 0.0))
        if saves:
            outcome.longest = self.journal.longest_gap(min(saves), max(saves))


def clients_of(stack: Stack, world: World, journal: Journal, seed: int) -> list[Client]:
    numbers = itertools.count(1)
    made: list[Client] = []
    of_kind = ((FormWriter, world.form_writers), (ApiWriter, world.api_writers), (Importer, world.importers))
    for kind, grounds in of_kind:
        made += [
            kind(f"{kind.__name__}-{place}", stack.port, next(numbers), ground, journal, seed)
            for place, ground in enumerate(grounds)
        ]
    name, password = world.officer
    officer = Ground("", name, password, [], world.form_writers[0].ids)
    return [*made, Officer(stack.port, next(numbers), officer, journal, seed, letter_each=8)]


def figures(db: Any, stack: Stack, journal: Journal) -> dict[str, object]:
    letters = Counter(
        row["state"] if row["state"] == "sent" else (row.get("error") or {}).get("kind") or row["state"]
        for row in db.deliveries.find({}, {"state": 1, "error": 1})
    )
    with stack.queue_client() as client:
        unacked = int(client.hlen("unacked"))
    return {
        "saves without a whole answer": sum(len(value.unknown) for value in journal.values.values()),
        "students added": sum(journal.added.values()),
        "imports": dict(Counter(row["state"] for row in db.import_runs.find({}, {"state": 1}))),
        "reports": dict(Counter(row["state"] for row in db.report_runs.find({}, {"state": 1}))),
        "letters": dict(letters),
        "entries in the history": db.audit_entries.estimated_document_count(),
        "restarts": {one.name: one.restarts for one in stack.programs if one.restarts},
        "tasks that killed workers held, which the queue gives out again after its time": unacked,
    }


def remarks(stack: Stack, outcome: Outcome) -> list[str]:
    found = [
        f"a worker may hold a letter for {stack.shape.mail_lease.total_seconds():.0f} s, and waits between tries are "
        f"{stack.shape.mail_pace} of production's"
    ]
    if not stack.disk.mounted:
        found.append("no file system may be mounted here: the full disk was a limit on what programs may write")
    if not FAKETIME:
        found.append("libfaketime is not installed: no clock was wrong")
    names = sorted({event.kind.name for event in outcome.events if event.seen is None})
    return found + [f"the monitoring has nothing by which it could see: {name}" for name in names]


def run(folder: Path, shape: Shape, seconds: float, events: int, seed: int) -> tuple[Outcome, Journal]:
    """Everything, in a folder of its own; the process must be one that has no other database."""
    with Stack(folder, shape) as stack:
        app = create_app(stack.settings)
        world = make_world(app, shape, seed)
        stack.start_programs()
        say(f"ready: {len(stack.programs)} programs")
        this = Run(stack, world, seed)
        try:
            this.go(seconds, events)
            outcome = this.compare()
        finally:
            mongoengine.disconnect_all()
    return outcome, this.journal
