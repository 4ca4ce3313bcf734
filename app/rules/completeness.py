"""How complete a round is in an area: how many schools stand where, and who has handed everything in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from app.enums import SubmissionState
from app.rules.census import as_day

HANDED_IN = frozenset({SubmissionState.SUBMITTED, SubmissionState.ACCEPTED})
"""States in which a school's count has left the LAO."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """Schools of an area in one round. All numbers are schools, but `laos*` are LAOs and `students` persons.

    states: schools by state; a state without schools may be absent. missing: schools without any count (never zero).
    unverified_students: persons in counts that no LAO has verified. on_time: handed in by the round's last day.
    laos: LAOs that have schools in the round; laos_done: those that have handed in every one.
    """

    states: Mapping[SubmissionState, int] = field(default_factory=dict)
    missing: int = 0
    students: int = 0
    unverified_students: int = 0
    on_time: int = 0
    laos: int = 0
    laos_done: int = 0

    @property
    def expected(self) -> int:
        return sum(self.states.values())

    @property
    def handed_in(self) -> int:
        return sum(self.states.get(state, 0) for state in HANDED_IN)

    @property
    def late(self) -> int:
        """Handed in after the last day."""
        return self.handed_in - self.on_time

    @property
    def complete(self) -> bool:
        """Whether every school that must report has handed in; an area without schools is not."""
        return 0 < self.expected == self.handed_in

    @property
    def percent(self) -> int:
        """Handed in of expected, rounded down: 100 only when nothing is left."""
        return 100 * self.handed_in // self.expected if self.expected else 0


def total(parts: Iterable[Completeness]) -> Completeness:
    """The sum of areas that do not overlap."""
    states: dict[SubmissionState, int] = {}
    numbers = dict.fromkeys(("missing", "students", "unverified_students", "on_time", "laos", "laos_done"), 0)
    for part in parts:
        for state, number in part.states.items():
            states[state] = states.get(state, 0) + number
        for name in numbers:
            numbers[name] += getattr(part, name)
    return Completeness(states, **numbers)


def first_late_moment(closes_on: date | None, ahead: timedelta) -> datetime | None:
    """The stored moment (UTC, no zone) from which handing in is late: midnight after the last day, `ahead` of UTC.

    None where no last day is set: nothing is late.
    """
    if closes_on is None:
        return None
    return datetime.combine(as_day(closes_on) + timedelta(days=1), time()) - ahead


def reminder_is_due(closes_on: date | None, today: date, days_before: Iterable[int]) -> bool:
    """Whether people are reminded `today`: one of the days before the last day; 0 is the last day itself."""
    return closes_on is not None and (as_day(closes_on) - as_day(today)).days in set(days_before)
