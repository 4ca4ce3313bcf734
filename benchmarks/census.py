"""`python -m benchmarks.census [--out FILE]`: a round of 50,000 schools, 1,000,000 students, beside raw queries."""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mongoengine.connection import get_db

import config
from app import create_app, db
from app.devservers.mongo import EmbeddedMongo
from app.devservers.valkey import EmbeddedValkey
from app.rules.census import census_match
from app.services.accounts import SYSTEM, renew_account
from app.services.roles import sync_roles
from app.services.submissions import open_round
from benchmarks import counting  # noqa: F401 (its listener must stand before any client is made)
from benchmarks.client import Client
from benchmarks.measure import visit
from benchmarks.report import machine
from benchmarks.run import bench_folder
from benchmarks.seed import CENSUS_COUNTRY, ROUND, is_seeded, seed
from benchmarks.systems import Product, environment

Raw = dict[str, Any]
TURNS = 40
OPENINGS = 3


@dataclass(frozen=True)
class Line:
    """Seconds of one thing LEC does and of the raw query below it; `bar` is the most seconds it may take."""

    what: str
    own: float
    raw: float
    bar: float

    def row(self) -> str:
        verdict = "met" if self.own <= self.bar else f"missed by {self.own / self.bar:.2f} ×"
        cells = (_time(self.own), _time(self.raw), f"{self.own / self.raw:.2f} ×", _time(self.bar), verdict)
        return f"| {self.what} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.census", description=__doc__)
    parser.add_argument("--out", type=Path, help="file for the Markdown, besides the terminal")
    given = parser.parse_args()
    text = run(bench_folder() / "census", lambda line: print(line, file=sys.stderr, flush=True))
    print(text)
    if given.out:
        given.out.write_text(text, encoding="utf-8")


def run(folder: Path, say: Callable[[str], None]) -> str:
    """Seed where it is needed, measure, and give the Markdown; the data stays in `folder`."""
    mongo, valkey = EmbeddedMongo(folder / "mongo", database="lec_bench"), EmbeddedValkey(folder / "valkey")
    with mongo, valkey:
        env = environment(mongo.uri, valkey.url, folder, secrets.token_hex(32))
        app = create_app(config.load(env))
        if not is_seeded(CENSUS_COUNTRY):
            say("seeding")
            seed(CENSUS_COUNTRY)
        db.ensure_indexes()
        lines = [_opening(say)]
        with app.app_context():
            manager = app.extensions["appbuilder"].sm
            manager.sync_permissions()
            sync_roles(manager)
            lao = _typical_lao()
            people = [renew_account(manager, role, f"bench-{role}", area) for role, area in (("dla", ""), ("lao", lao))]
        server = Product(folder / "log", env)
        try:
            server.wait_ready()
            dla, officer = (server.sign_in(person.username, person.password) for person in people)
            say("pages")
            lines.append(_page("completeness of the country", dla, "/completeness/list/", 0.3, _raw_completeness))
            lines.append(_page("an LAO's home page", officer, "/", 0.1, lambda: _raw_home(lao)))
        finally:
            server.stop()
    return _markdown(lines)


def _opening(say: Callable[[str], None]) -> Line:
    """Opening the round of all schools; raw: one aggregation over the students and one insert of finished rows."""
    submissions, own, raw = get_db().submissions, [], []
    for number in range(OPENINGS):
        say(f"opening {number + 1}")
        submissions.delete_many({})
        start = time.perf_counter()
        opened = open_round(SYSTEM, ROUND)
        own.append(time.perf_counter() - start)
        if opened.created != CENSUS_COUNTRY.schools:
            raise RuntimeError(f"{opened.created} submissions were opened")
        rows = list(submissions.find())
        submissions.delete_many({})
        start = time.perf_counter()
        _count_students()
        submissions.insert_many(rows, ordered=False)
        raw.append(time.perf_counter() - start)
    again = open_round(SYSTEM, ROUND)
    if again.created:
        raise RuntimeError("opening again created submissions")
    what = f"opening a round of {CENSUS_COUNTRY.schools:,} schools"
    return Line(what, statistics.median(own), statistics.median(raw), 60.0)


def _count_students() -> None:
    group = {"_id": {"s": "$school_code", "g": "$grade", "x": "$sex"}, "n": {"$sum": 1}}
    census = get_db().rounds.find_one({"_id": ROUND})["census_date"]
    for _ in get_db().students.aggregate([{"$match": census_match(census)}, {"$group": group}]):
        pass


def _page(what: str, client: Client, path: str, bar: float, raw: Callable[[], None]) -> Line:
    """Medians of a page over HTTP and of the raw query, taking turns."""
    visit(client, path)
    own, floor = [], []
    for _ in range(TURNS):
        own.append(visit(client, path).seconds)
        start = time.perf_counter()
        raw()
        floor.append(time.perf_counter() - start)
    return Line(what, statistics.median(own), statistics.median(floor), bar)


def _raw_completeness() -> None:
    group = {"_id": {"p": "$province_code", "s": "$state"}, "n": {"$sum": 1}, "students": {"$sum": "$total"}}
    list(get_db().submissions.aggregate([{"$match": {"round_code": ROUND}}, {"$group": group}]))


def _raw_home(lao: str) -> None:
    group = {"_id": "$state", "n": {"$sum": 1}, "students": {"$sum": "$total"}}
    list(get_db().submissions.aggregate([{"$match": {"round_code": ROUND, "lao_code": lao}}, {"$group": group}]))


def _typical_lao() -> str:
    laos = list(get_db().submissions.aggregate([{"$sortByCount": "$lao_code"}]))
    return str(laos[len(laos) // 2]["_id"])


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 2 else f"{seconds * 1000:.0f} ms"


def _markdown(lines: list[Line]) -> str:
    rows = "\n".join(line.row() for line in lines)
    return f"""# Benchmarks of the census

`make bench-census` wrote this on {datetime.now(UTC):%Y-%m-%d} on {machine()}.

{CENSUS_COUNTRY.students:,} students and {CENSUS_COUNTRY.schools:,} schools in one MongoDB. Pages are measured over
HTTP, from sending to the last byte, under gunicorn with one worker process; beside each the raw query that it cannot do
without.
Medians of {TURNS} turns, of {OPENINGS} for opening.

| what | LEC | raw query | ratio | bar | |
|---|--:|--:|--:|--:|---|
{rows}
"""


if __name__ == "__main__":
    main()
