"""How far the demo's schools are in both rounds: round 1 nearly done, round 2 under way."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from pymongo import UpdateOne

from app.demo.pak_thong_chai import LAOS
from app.demo.people import adult
from app.demo.schools import HOME, NEIGHBOUR
from app.documents.certifications import Certification
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import CountSource, Grade, SchoolKind, SubmissionState
from app.rules.digests import submissions_digest
from app.rules.transitions import FROZEN
from app.services.submissions.certifying import certification_code
from app.services.submissions.counting import count_fields

Raw = dict[str, Any]

FIRST, SECOND = "2567-1", "2567-2"
"""Codes of the two rounds."""

_CERTIFIED_ON = {FIRST: datetime(2024, 7, 24, 3), SECOND: datetime(2024, 11, 14, 3)}

_S = SubmissionState

_CYCLE = (
    _S.NOT_STARTED, _S.SUBMITTED, _S.IN_PROGRESS, _S.ACCEPTED, _S.NOT_STARTED, _S.RETURNED, _S.VERIFIED, _S.CERTIFIED
)  # fmt: skip


def record_rounds(rng: random.Random) -> None:
    """Set the states of both rounds and the certified lists of schools of other affiliation, a few left missing.

    The rounds must be open. The same generator state gives the same rows, so it may be repeated.
    """
    grades = {row["_id"]: row["grades"] for row in School._get_collection().find({}, {"grades": 1})}
    lists = {code: _certified(rng, grades[code]) for code in sorted(grades)}
    updates = []
    for row in Submission._get_collection().find({"round_code": {"$in": [FIRST, SECOND]}}).sort("_id", 1):
        state = _S.ACCEPTED if row["round_code"] == FIRST else _second_state(row["lao_code"])
        change = _change(row, lists[row["school_code"]], state)
        if change:
            updates.append(UpdateOne({"_id": row["_id"]}, {"$set": change}))
    if updates:
        Submission._get_collection().bulk_write(updates, ordered=False)
    _certify()


def _certify() -> None:
    """Give each LAO that has handed in everything its certification, by a made-up officer."""
    for key, rows in _by_lao().items():
        if not all(row["state"] in (_S.SUBMITTED, _S.ACCEPTED) for row in rows):
            continue
        path = {name: rows[0][name] for name in ("round_code", "lao_code", "district_code", "province_code")}
        given = {
            "officer_name": adult(random.Random(key)),  # noqa: S311 (a made-up person, not a secret)
            "officer_position": "ปลัดองค์กรปกครองส่วนท้องถิ่น",
            "certified_by": "demo",
            "certified_on": _CERTIFIED_ON[path["round_code"]],
            "schools": len(rows),
            **{name: sum(row.get(name) or 0 for row in rows) for name in ("male", "female", "total")},
            "digest": submissions_digest(rows),
            "stale": False,
        }
        Certification._get_collection().update_one({"_id": key}, {"$set": path | given}, upsert=True)


def _by_lao() -> dict[str, list[Raw]]:
    found: dict[str, list[Raw]] = {}
    for row in Submission._get_collection().find({"round_code": {"$in": [FIRST, SECOND]}}).sort("_id", 1):
        found.setdefault(certification_code(row["round_code"], row["lao_code"]), []).append(row)
    return found


def _second_state(lao_code: str) -> SubmissionState:
    if lao_code in (HOME, NEIGHBOUR):
        return _S.IN_PROGRESS
    place = next(place for place, lao in enumerate(LAOS) if lao.code == lao_code)
    return _CYCLE[place % len(_CYCLE)]


def _change(row: Raw, certified: list[Raw], state: SubmissionState) -> Raw:
    """What to set: nothing for a school that has not begun; a list that never came stays missing."""
    if row.get("source") == CountSource.PROCLAMATION.value:
        return {"state": (_S.ACCEPTED if state is _S.ACCEPTED else _S.IN_PROGRESS).value}
    if state is _S.NOT_STARTED:
        return {}
    if row["kind"] != SchoolKind.OTHER.value:
        return {"state": state.value} if row.get("source") else {}
    if not _list_came(row, state):
        return {}
    fields = count_fields(certified, CountSource.CERTIFIED_LIST)
    if row["round_code"] == SECOND and state in FROZEN:  # its names come with it, see send_papers
        fields |= {"list_male": fields["male"], "list_female": fields["female"], "list_differs": False}
    return {"state": state.value, **fields}


def _list_came(row: Raw, state: SubmissionState) -> bool:
    """Whoever has handed in round 2 has every list; who is at work lacks some, and in round 1 a few never came."""
    number = int(row["school_code"])
    if state is _S.IN_PROGRESS:
        return number % 3 != 0
    return row["round_code"] != FIRST or number % 11 != 0


def _certified(rng: random.Random, grades: list[str]) -> list[Raw]:
    """A plausible list: 6 to 24 pupils a grade."""
    known = [grade for grade in Grade if grade.value in grades]
    return [{"grade": grade.value, "male": rng.randint(3, 12), "female": rng.randint(3, 12)} for grade in known]
