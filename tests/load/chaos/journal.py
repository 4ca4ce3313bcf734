"""What the writers were told: each acknowledged save, each whose answer was lost, and each other answer."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass
class Value:
    """One field of one record that one writer alone writes."""

    key: str
    acknowledged: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Written without a whole answer, ever."""
    since: list[str] = field(default_factory=list)
    """Of those, the ones after the last acknowledged."""

    def may_be(self) -> set[str]:
        """What may be stored at the end; without any acknowledged save the first value may too (None is not in it)."""
        return {*self.acknowledged[-1:], *self.since}


@dataclass
class Journal:
    """Shared by all writers. Times are seconds of the monotonic clock."""

    values: dict[str, Value] = field(default_factory=dict)
    added: dict[str, bool] = field(default_factory=dict)
    """ID number of each student added by a form -> whether that was acknowledged."""
    saves: list[float] = field(default_factory=list)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    """Answers that nothing excuses, such as 500."""
    imports: dict[str, dict[str, str]] = field(default_factory=dict)
    """Run -> {ID number: room} that the file says, for those told to be applied."""
    reports: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def value(self, key: str) -> Value:
        with self.lock:
            return self.values.setdefault(key, Value(key))

    def saved(self, value: Value, token: str) -> None:
        with self.lock:
            value.acknowledged.append(token)
            value.since.clear()
            self.saves.append(time.monotonic())

    def not_known(self, value: Value, token: str) -> None:
        with self.lock:
            value.unknown.append(token)
            value.since.append(token)

    def answered(self, what: str, how: str) -> None:
        with self.lock:
            self.answers[what, how] += 1

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)

    def longest_gap(self, begin: float, end: float) -> float:
        """Seconds of the longest time without an acknowledged save that touches begin to end."""
        with self.lock:
            times = sorted(self.saves)
        around = [begin, *(moment for moment in times if begin <= moment <= end), end]
        before = [moment for moment in times if moment < begin][-1:]
        after = [moment for moment in times if moment > end][:1]
        if before and len(around) > 1:
            around[0] = before[0]
        if after:
            around[-1] = after[0]
        return max((late - early for early, late in pairwise(around)), default=0.0)
