"""Rows of a chunk of schools: the roster counted by the census rule, or the counts of other affiliations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson import ObjectId

from app.documents.rounds import Round
from app.documents.submissions import Submission
from app.enums import Caution, CountSource, Level, SchoolKind, SchoolStatus
from app.errors import Problem
from app.rules.census import as_day
from app.services.submissions.counting import roster_counts

Raw = dict[str, Any]

TOP = "TH"
_PATH = (Level.PROVINCE, Level.DISTRICT, Level.LAO)
_ZEROS = (CountSource.PROCLAMATION.value, CountSource.REASON.value)
_EVIDENCE = (CountSource.CERTIFIED_LIST.value, *_ZEROS)


@dataclass(slots=True)
class Census:
    """The round and its census date as the run keeps it."""

    round_code: str
    day: datetime

    @classmethod
    def of(cls, run: Raw) -> Census:
        """Raises Problem where the round is gone: nothing can be counted without its submissions."""
        if Round.objects(pk=run["round_code"]).first() is None:
            raise Problem(
                f"รอบ {run['round_code']} ถูกลบไปแล้ว จึงทำรายงานไม่ได้",
                f"Round {run['round_code']} has been deleted, so the report cannot be made.",
            )
        return cls(run["round_code"], run["census_date"])


@dataclass(slots=True)
class _Found:
    """What is known of a chunk: counts from rosters, and submissions, each by school code."""

    rosters: dict[str, list[Raw]] = field(default_factory=dict)
    submissions: dict[str, Raw] = field(default_factory=dict)


def school_rows(run_id: ObjectId, schools: list[Raw], census: Census) -> list[Raw]:
    """Raw report rows of the schools that take part in the round.

    A school closed on or before the census date, with nothing counted and nothing reported, takes no part.
    """
    codes = [school["_id"] for school in schools]
    own = [school["_id"] for school in schools if school["kind"] != SchoolKind.OTHER.value]
    found = _Found(roster_counts(own, census.day), _submissions(codes, census))
    taking_part = [school for school in schools if _takes_part(school, found, census)]
    return [_row(run_id, school, found) for school in taking_part]


def path_of(school: Raw) -> str:
    """Codes from the top down to the school, with "/" between them."""
    return "/".join([TOP, *(school[f"{level}_code"] for level in _PATH), school["_id"]])


def _submissions(codes: list[str], census: Census) -> dict[str, Raw]:
    wanted = {"round_code": census.round_code, "school_code": {"$in": codes}}
    fields = {"school_code": 1, "state": 1, "source": 1, "counts": 1, "total": 1}
    return {row["school_code"]: row for row in Submission._get_collection().find(wanted, fields)}


def _takes_part(school: Raw, found: _Found, census: Census) -> bool:
    if school.get("status") in (None, SchoolStatus.OPEN.value):
        return True
    closed_on = school.get("closed_on")
    if closed_on is not None and as_day(closed_on) > as_day(census.day):
        return True
    return school["_id"] in found.rosters or school["_id"] in found.submissions


def _row(run_id: ObjectId, school: Raw, found: _Found) -> Raw:
    path = path_of(school)
    row: Raw = {
        "_id": f"{run_id}/{path}",
        "run": run_id,
        "path": path,
        "parent": path.rpartition("/")[0],
        "level": Level.SCHOOL.value,
        "code": school["_id"],
        "name": school["name_th"],
        "kind": school["kind"],
        "schools": 1,
    }
    source, counts = _counts(school, found)
    if counts is None:
        return {**row, "missing": True, "schools_missing": 1, "counts": [], **_cautions(())}
    state = found.submissions.get(school["_id"], {}).get("state")
    cautions = Caution.of(school["kind"], state, source)
    male, female = (sum(count[sex] for count in counts) for sex in ("male", "female"))
    return {
        **row,
        "source": source,
        "missing": False,
        "schools_missing": 0,
        "counts": counts,
        "male": male,
        "female": female,
        "total": male + female,
        "unverified": male + female if Caution.UNVERIFIED in cautions else 0,
        **_cautions(cautions),
    }


def _cautions(found: tuple[Caution, ...]) -> Raw:
    """1 or 0 for each caution, to be added up to numbers of schools."""
    return {f"schools_{caution}": int(caution in found) for caution in Caution}


def _counts(school: Raw, found: _Found) -> tuple[str | None, list[Raw] | None]:
    """Source and counts of a school; no counts where nothing is known, an empty list for an explicit zero."""
    reported = found.submissions.get(school["_id"])
    if school["kind"] == SchoolKind.OTHER.value:
        return _reported(reported, _EVIDENCE)
    roster = found.rosters.get(school["_id"])
    if roster:
        return CountSource.ROSTER.value, roster
    # An empty roster is not a zero: only a proclamation or a recorded reason makes it one.
    return _reported(reported, _ZEROS)


def _reported(submission: Raw | None, sources: tuple[str, ...]) -> tuple[str | None, list[Raw] | None]:
    if submission is None or submission.get("source") not in sources:
        return None, None
    counts = submission.get("counts") or []
    if not counts and submission.get("total") is None:
        return None, None
    return submission["source"], [
        {"grade": count["grade"], "male": count["male"], "female": count["female"]} for count in counts
    ]
