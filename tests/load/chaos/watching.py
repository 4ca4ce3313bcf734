"""What an operator would have seen: /readyz, /metrics and heartbeats, looked at each second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import redis
from prometheus_client.parser import text_string_to_metric_families

from app.monitoring.heartbeats import read_heartbeats
from tests.load.chaos.http import Connection, Lost
from tests.load.chaos.stack import Stack

EVERY = 1.0
PATIENCE = 5.0


@dataclass(frozen=True)
class Sample:
    """One look. `ready` is what /readyz said, or the reason why it said nothing; `numbers` are metrics by their name
    with labels; `alive` is heartbeat name -> (start, clock less our own in seconds), None where Valkey is away.
    What was not asked is empty."""

    at: float
    ready: dict[str, Any] | str
    numbers: dict[str, float]
    alive: dict[str, tuple[str, float]] | None = field(repr=False, default=None)

    def total(self, name: str, **labels: str) -> float:
        """The sum of a metric over all labels that are not given."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        return sum(
            value for key, value in self.numbers.items()
            if key.partition("{")[0] == name and all(one in key for one in wanted)
        )  # fmt: skip

    def has(self, name: str) -> bool:
        return any(key.partition("{")[0] == name for key in self.numbers)

    def says_down(self, server: str) -> bool:
        return isinstance(self.ready, dict) and server in self.ready.get("down", ())


class Watch:
    """Looks until it is told to stop; `samples` are in the order of time.

    Each of the three is asked by a thread of its own, so that one that waits for its answer hides nothing from the
    others; a sample holds the answer of one.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        asked = {"ready": self._ready, "numbers": self._numbers, "alive": self._alive}
        self._threads = [threading.Thread(target=self._ask, args=pair, daemon=True) for pair in asked.items()]
        self._http = Connection(stack.port, "127.0.0.1", PATIENCE)
        self._metrics = Connection(stack.port, "127.0.0.1", PATIENCE)
        self._metrics.bearer = stack.metrics_token
        self.samples: list[Sample] = []
        self.stopping = threading.Event()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def _ask(self, what: str, ask: Callable[[], Any]) -> None:
        while not self.stopping.wait(EVERY):
            answer = ask()
            empty: dict[str, Any] = {"ready": {}, "numbers": {}, "alive": {}}
            self.samples.append(Sample(time.monotonic(), **{**empty, what: answer}))

    def between(self, begin: float, end: float) -> list[Sample]:
        return [sample for sample in list(self.samples) if begin <= sample.at <= end]

    def before(self, moment: float) -> Sample | None:
        """The last look before a moment that saw everything there is to see."""
        earlier = [one for one in list(self.samples) if one.at < moment]
        alive = [one.alive for one in earlier if one.alive]
        numbers = [one.numbers for one in earlier if one.numbers]
        return Sample(moment, {}, (numbers or [{}])[-1], alive[-1]) if alive else None

    def _ready(self) -> dict[str, Any] | str:
        try:
            answer = self._http.get("/readyz")
            found: dict[str, Any] = answer.json()
        except (Lost, ValueError) as error:
            return str(error)
        return found

    def _numbers(self) -> dict[str, float]:
        try:
            answer = self._metrics.get("/metrics")
        except Lost:
            return {}
        return dict(_parsed(answer.text)) if answer.status == 200 else {}

    def _alive(self) -> dict[str, tuple[str, float]] | None:
        try:
            with self._stack.queue_client() as client:
                found = read_heartbeats(client)
        except redis.RedisError:
            return None
        now = time.time()
        return {one.name: (one.started.isoformat(), one.at.timestamp() - now) for one in found}


def _parsed(text: str) -> Iterator[tuple[str, float]]:
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            yield f"{sample.name}{{{labels}}}", sample.value
