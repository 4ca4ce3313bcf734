"""The results as Markdown: each bar with its ratio, then medians and spread, commands, exports."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Export, Series
from benchmarks.run import (
    DEEP_KEY,
    DEEP_SKIP,
    EDIT,
    LIST,
    PREFIX,
    SAVE,
    SCHOOL,
    SHOW,
    Results,
)
from benchmarks.seed import LAOS, PANEL, SEED, VERSION
from benchmarks.systems import ByHand, FlaskAdmin, Product

LEC, HAND, ADMIN = Product.name, ByHand.name, FlaskAdmin.name
SYSTEMS = (LEC, HAND, ADMIN)
COMMAND_BOUNDS = {LIST: 5, SHOW: 5, EDIT: 5, SAVE: 8}
MORE_MEMORY_MB = 30.0


@dataclass(frozen=True)
class Bar:
    """What was promised: a measured number, its bound, and how both are written."""

    what: str
    value: float | None
    bound: float
    unit: str = "×"

    def row(self) -> str:
        if self.value is None:
            return f"| {self.what} | not there | {self.bound:g} {self.unit} | not there |"
        measured = f"{self.value:.0f}" if self.unit == "commands" else f"{self.value:.2f}"
        met = "met" if self.value <= self.bound else f"missed by {self.value / self.bound:.2f} ×"
        return f"| {self.what} | {measured} {self.unit} | {self.bound:g} {self.unit} | {met} |"


def markdown(results: Results) -> str:
    """The whole report."""
    parts = [_head(results), _bars(results), _medians(results), _exports(results), _commands(results)]
    return "\n".join(parts)


def bars(results: Results) -> Iterator[Bar]:
    """Every bar of the project with what was measured."""
    pages = results.pages
    for role in ("lao", "dla"):
        first = pages[role, LIST][LEC]
        yield Bar(f"{role}: list / Flask-Admin's", _ratio(first, pages[role, LIST][ADMIN]), 1.0)
        if (role, DEEP_KEY) in pages:
            yield Bar(f"{role}: {DEEP_KEY} / own first page", _ratio(pages[role, DEEP_KEY][LEC], first), 1.3)
            yield Bar(f"{role}: {DEEP_SKIP} / own first page", _ratio(pages[role, DEEP_SKIP][LEC], first), 1.3)
        yield Bar(f"{role}: {PREFIX} / own first page", _ratio(pages[role, PREFIX][LEC], first), 1.5)
        yield Bar(f"{role}: {SCHOOL} / own first page", _ratio(pages[role, SCHOOL][LEC], first), 1.5)
        for page, bound in ((EDIT, 2.0), (SAVE, 2.5)):
            own, theirs = pages[role, page][LEC], pages[role, page][ADMIN]
            yield Bar(f"{role}: {page} / Flask-Admin's", _ratio(own, theirs), bound)
        for page, bound in COMMAND_BOUNDS.items():
            sent = pages[role, page][LEC]
            yield Bar(f"{role}: commands of {page}", float(len(sent.commands)), bound, "commands")
    yield from _export_bars(results.exports)


def _export_bars(exports: dict[str, Export]) -> Iterator[Bar]:
    own, hand = exports[LEC], exports[HAND]
    there = bool(own.seconds)
    took = statistics.median(own.seconds) / statistics.median(hand.seconds) if there else None
    yield Bar("export / the hand-written one", took, 2.0)
    yield Bar("export: more memory", own.megabytes if there else None, MORE_MEMORY_MB, "MB")
    slower = statistics.median(own.meanwhile) / statistics.median(own.idle) if own.meanwhile else None
    yield Bar("another user's list during an export / idle", slower, 2.0)


def _ratio(one: Series, other: Series) -> float | None:
    return one.median / other.median if one.seconds and other.seconds else None


def _head(results: Results) -> str:
    country = results.country
    people = "\n".join(
        f"- **{p.role}**: {p.rows:,} students in the area; prefix {p.prefix}: {p.prefix_rows:,} rows; "
        f"school: {p.school_rows:,} rows."
        for p in country.people
    )
    seeding = f", seeded in {country.seeded_in:.0f} s" if country.seeded_in else ""
    return f"""# Benchmarks

`make bench` wrote this on {datetime.now(UTC):%Y-%m-%d} in {results.seconds:.0f} s on {machine()}.

{PANEL.students:,} students, {PANEL.schools:,} schools, {LAOS:,} LAOs (seed {SEED}, version {VERSION}{seeding}) in one
MongoDB. LEC with its real settings, the same pages by hand (Flask, pymongo, one template) and Flask-Admin 2.2
(MongoEngine, `select_related`, AJAX selects), each under gunicorn with one worker process of eight threads, take turns:
every system answers a page once a round. Times are from sending to the last byte, in ms. Only LEC checks permissions,
CSRF, rules and references, counts the school's submission in the save's transaction, and searches 13 columns.

{people}
- the export: the {country.big_rows:,} students of one city, eight columns.
"""


def _bars(results: Results) -> str:
    rows = "\n".join(bar.row() for bar in bars(results))
    return f"## Bars\n\n| what | measured | bar | |\n|---|--:|--:|---|\n{rows}\n"


def _medians(results: Results) -> str:
    head = "| page | " + " | ".join(SYSTEMS) + " | LEC / by hand | LEC / Flask-Admin |\n|---|--:|--:|--:|--:|--:|"
    rows = []
    for (role, page), series in results.pages.items():
        cells = [_cell(series[name]) for name in SYSTEMS]
        ratios = [_ratio(series[LEC], series[name]) for name in (HAND, ADMIN)]
        cells += [f"{ratio:.2f}" if ratio else "–" for ratio in ratios]
        rows.append(f"| {role}: {page} | {' | '.join(cells)} |")
    note = "Median, quartiles in brackets, number of turns.\n"
    return f"## Medians\n\n{note}\n{head}\n" + "\n".join(rows) + "\n"


def _cell(series: Series) -> str:
    if series.missing:
        return series.missing
    low, high = series.quartiles
    return f"{series.median * 1000:.1f} ({low * 1000:.1f}–{high * 1000:.1f}, {len(series.seconds)})"


def _exports(results: Results) -> str:
    head = "| | rows | seconds | first byte | more memory, MB | other's list: idle, ms | meanwhile, ms | 95 % |"
    rows = []
    for name in SYSTEMS:
        own = results.exports[name]
        if not own.seconds:
            rows.append(f"| {name} | {own.missing} | | | | | | |")
            continue
        times = [statistics.median(own.seconds), statistics.median(own.first)]
        slowest = statistics.quantiles(own.meanwhile, n=20)[-1]
        lists = [1000 * value for value in (statistics.median(own.idle), statistics.median(own.meanwhile), slowest)]
        rows.append(
            f"| {name} | {own.rows:,} | {times[0]:.2f} | {times[1]:.2f} | {own.megabytes:.1f} "
            f"| {lists[0]:.1f} | {lists[1]:.1f} | {lists[2]:.1f} |"
        )
    return f"## Export of CSV\n\n{head}\n|---|--:|--:|--:|--:|--:|--:|--:|\n" + "\n".join(rows) + "\n"


def _commands(results: Results) -> str:
    head = "| page | " + " | ".join(SYSTEMS) + " | LEC's, in order |\n|---|--:|--:|--:|---|"
    rows = []
    for (role, page), series in results.pages.items():
        counts = " | ".join("–" if series[n].missing else str(len(series[n].commands)) for n in SYSTEMS)
        rows.append(f"| {role}: {page} | {counts} | {', '.join(series[LEC].commands)} |")
    return f"## MongoDB commands a page\n\n{head}\n" + "\n".join(rows) + "\n"


def machine() -> str:
    """What it ran on, and how busy that was."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    load = Path("/proc/loadavg").read_text().split()[1]
    return f"{len(os.sched_getaffinity(0))} cores and {pages / 2**30:.0f} GiB of memory (load {load})"
