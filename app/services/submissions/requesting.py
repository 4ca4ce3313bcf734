"""Opening a round from its page: what it will do, asking for it, doing it in the background, how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app import jobs
from app.clock import stored_now
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import SchoolKind
from app.errors import Problem
from app.fabmongo.scope import Actor, Area
from app.services.areas import require_country
from app.services.claims import HALTED, NOT_HALTED, halt
from app.services.faults import is_transient
from app.services.submissions.opening import Opened, find_round, must_report, open_round

Raw = dict[str, Any]

SILENT_FOR = timedelta(minutes=2)
"""An opening of which nothing was heard for so long has lost its worker."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Schools that must report in a round by kind, in the order of SchoolKind, and how many have a submission."""

    by_kind: dict[SchoolKind, int]
    there: int

    @property
    def total(self) -> int:
        return sum(self.by_kind.values())

    @property
    def missing(self) -> int:
        return max(self.total - self.there, 0)


@dataclass(frozen=True, slots=True)
class Opener:
    """Who asked for the opening, for the traces of what it makes."""

    username: str
    area: Area | None = None


def expected(round_: Round) -> Expected:
    """What opening `round_` now would do."""
    groups = School._get_collection().aggregate(
        [{"$match": must_report(round_.to_mongo()["census_date"])}, {"$group": {"_id": "$kind", "n": {"$sum": 1}}}]
    )
    numbers = {group["_id"]: int(group["n"]) for group in groups}
    by_kind = {kind: numbers[kind.value] for kind in SchoolKind if kind.value in numbers}
    return Expected(by_kind, Submission._get_collection().count_documents({"round_code": round_.pk}))


def request_opening(actor: Actor, round_code: str) -> None:
    """Put the opening of a round on the queue; one that is under way already is left to go on.

    Raises Problem: "forbidden" unless the actor is of the whole country, "not_found" without such a round.
    """
    require_country(actor)
    find_round(round_code)
    now = stored_now()
    asked = Round._get_collection().update_one(
        {"_id": round_code, "$or": [{"opening_on": None}, {"opening_seen": {"$lt": now - SILENT_FOR}}, HALTED]},
        {
            "$set": {"opening_on": now, "opening_seen": now, "opening_done": 0,
                     "opening_by": getattr(actor, "username", None)},
            "$unset": {"opening_total": "", "fault": ""},
        },
    )  # fmt: skip
    if asked.matched_count:
        jobs.enqueue_stored("rounds.open", round_code)


def carry_out(round_code: str) -> Opened | None:
    """Do an opening that was asked for, telling how far it is; None where none is, or it is halted. Safe to repeat.

    An error that goes away by itself is raised, and the sweep starts it anew; a mistake of the program halts it.
    """
    try:
        return _carry_out(round_code)
    except Problem:
        raise
    except Exception as error:
        if is_transient(error):
            raise
        halt(Round._get_collection(), {"_id": round_code}, error)
        return None


def _carry_out(round_code: str) -> Opened | None:
    rounds, mine = Round._get_collection(), {"_id": round_code, "opening_on": {"$ne": None}, **NOT_HALTED}
    round_ = rounds.find_one(mine)
    if round_ is None:
        return None
    total = School._get_collection().count_documents(must_report(round_["census_date"]))

    def tell(done: int) -> None:
        seen = {"opening_done": done, "opening_total": total, "opening_seen": stored_now()}
        rounds.update_one(mine, {"$set": seen})

    tell(0)
    opener = Opener(round_.get("opening_by") or "system", Area("country"))
    opened = open_round(opener, round_code, tell)
    done = {"opened_on": stored_now(), "opened_by": opener.username, "opened_schools": total}
    traces = dict.fromkeys(("opening_on", "opening_seen", "opening_done", "opening_total", "opening_by"), "")
    rounds.update_one(mine, {"$set": done, "$unset": traces})
    return opened


def sweep_openings(now: datetime | None = None) -> int:
    """Queue the openings that lost their worker or never reached one; returns how many."""
    late = {**NOT_HALTED, "opening_on": {"$ne": None}, "opening_seen": {"$lt": (now or stored_now()) - SILENT_FOR}}
    codes = [row["_id"] for row in Round._get_collection().find(late, {"_id": 1})]
    for code in codes:
        Round._get_collection().update_one({"_id": code}, {"$set": {"opening_seen": stored_now()}})
        jobs.enqueue_stored("rounds.open", code)
    return len(codes)
