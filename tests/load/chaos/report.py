"""What a chaos run tells at its end: kinds of events in a table, figures, differences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.load.chaos.events import Event
from tests.load.chaos.journal import Journal


@dataclass
class Outcome:
    """All that is said, and what decides the exit code: `differences` and unseen events."""

    events: list[Event] = field(default_factory=list)
    gaps: dict[str, float] = field(default_factory=dict)
    """Kind -> seconds of the longest time without a successful save around one of its events."""
    longest: float = 0.0
    seconds: float = 0.0
    quiet_after: float = 0.0
    figures: dict[str, object] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @property
    def unseen(self) -> list[Event]:
        return [event for event in self.events if event.seen is False]

    @property
    def is_good(self) -> bool:
        return not self.differences and not self.unseen


def lines(outcome: Outcome, journal: Journal) -> Iterator[str]:
    yield "| event | times | seen by the monitoring | longest time without a save |"
    yield "|---|--:|--:|--:|"
    for name, events in _by_kind(outcome.events):
        yield f"| {name} | {len(events)} | {_seen(events)} | {outcome.gaps.get(name, 0):.1f} s |"
    yield ""
    yield f"{len(outcome.events)} events in {outcome.seconds:.0f} s; quiet {outcome.quiet_after:.0f} s after the end"
    yield f"saves acknowledged: {len(journal.saves):,}; longest time without one: {outcome.longest:.1f} s"
    for name, value in outcome.figures.items():
        yield f"{name}: {value}"
    for (who, how), number in sorted(journal.answers.items()):
        yield f"answers to {who}: {how} × {number}"
    for remark in outcome.remarks:
        yield f"NOTE: {remark}"
    for event in outcome.unseen:
        yield f"NOT SEEN: {event.kind.name} ({event.hit})"
    for text in outcome.differences[:60]:
        yield f"DIFFERENCE: {text}"
    yield f"differences: {len(outcome.differences) or 'none'}, events not seen: {len(outcome.unseen) or 'none'}"


def _by_kind(events: Iterable[Event]) -> list[tuple[str, list[Event]]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.kind.name, []).append(event)
    return sorted(found.items())


def _seen(events: list[Event]) -> str:
    if all(event.seen is None for event in events):
        return "no metric for it"
    return f"{sum(event.seen is True for event in events)} of {len(events)}"
