"""Keeping what was found: the same finding stays the same document, and keeps its explanation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.findings import StoredFinding
from app.enums import FindingState, Severity
from app.rules.catalogue.roster import Found, is_of_submission

Raw = dict[str, Any]

OPEN, EXPLAINED, GONE = FindingState.OPEN.value, FindingState.EXPLAINED.value, FindingState.GONE.value
EXPLANATION = ("explanation", "resolution", "explained_by", "explained_on")
SEEN_AGAIN = timedelta(hours=12)
"""A finding that has not changed is written again only to note, twice a day at most, that it still stands."""

_PATH = ("lao_code", "district_code", "province_code")


@dataclass(frozen=True, slots=True)
class Stored:
    """How many findings stand, and the schools whose own finding about a shared person may be another now."""

    standing: int
    partners: set[str]


def key_of(found: Found, school_code: str, round_code: str | None) -> str:
    """The key by which a finding is known again: rule, school, student, grade or field, and the round of a count."""
    student = str(found.student["_id"]) if found.student else ""
    of_round = round_code if is_of_submission(found.finding) else ""
    parts = (found.finding.rule, school_code, student, found.finding.about or found.finding.field, of_round)
    return ":".join(part for part in parts if part)


def fields_of(found: Found, school: Mapping[str, Any], round_code: str | None) -> Raw:
    """The stored fields of a finding of a raw school, without its state."""
    finding, student = found.finding, found.student
    fields: Raw = {
        "rule": finding.rule, "severity": finding.severity.value, "field": finding.field or None,
        "text_th": finding.th, "text_en": finding.en, "school_code": school["_id"],
        "round_code": round_code if found.of_list or is_of_submission(finding) else None,
        **{name: school.get(name) for name in _PATH},
    }  # fmt: skip
    if student is not None:
        names = (student.get(name) or "" for name in ("title", "first_name", "last_name"))
        fields |= {"student_id": student["_id"], "student_name": "{}{} {}".format(*names)}
    if found.others:
        fields["other_schools"] = list(found.others)
    return {name: value for name, value in fields.items() if value is not None}


def store(found: Mapping[str, Raw], codes: Sequence[str], session: ClientSession | None = None) -> Stored:
    """Make the findings of the schools `codes` those in `found` (key -> fields); the rest is put right by now."""
    collection, now = StoredFinding._get_collection(), stored_now()
    before = {row["_id"]: row for row in collection.find({"school_code": {"$in": list(codes)}}, session=session)}
    updates: list[UpdateOne] = []
    partners: set[str] = set()
    for key, fields in found.items():
        row = before.get(key)
        updates += _kept(key, fields, row, now)
        if row is None or row["state"] == GONE:
            partners.update(fields.get("other_schools", ()))
    for key, row in before.items():
        if key not in found and row["state"] != GONE:
            gone = {"state": GONE, "changed_on": now}
            updates.append(UpdateOne({"_id": key, "state": {"$ne": GONE}}, {"$set": gone}))
            partners.update(row.get("other_schools") or ())
    if updates:
        collection.bulk_write(updates, ordered=True, session=session)
    return Stored(len(found), partners - set(codes))


def _kept(key: str, fields: Raw, row: Raw | None, now: datetime) -> Iterable[UpdateOne]:
    """The writes that make a finding stand, none where it stands already as it is."""
    seen = {**fields, "last_found_on": now}
    if row is None:
        first = {"state": OPEN, "first_found_on": now, "created_on": now}
        return [UpdateOne({"_id": key}, {"$set": seen, "$setOnInsert": first}, upsert=True)]
    if row["state"] == GONE:
        again = {**seen, "state": OPEN, "first_found_on": now}
        return [UpdateOne({"_id": key}, {"$set": again, "$unset": dict.fromkeys(EXPLANATION, "")})]
    writes = []
    changed = any(row.get(name) != value for name, value in fields.items())
    if changed or row.get("last_found_on") is None or now - row["last_found_on"] > SEEN_AGAIN:
        writes.append(UpdateOne({"_id": key}, {"$set": seen}))
    if fields["severity"] == Severity.ERROR.value and row["state"] == EXPLAINED:
        # The rule weighs more than it did: words are no longer enough.
        writes.append(UpdateOne({"_id": key, "state": EXPLAINED}, {"$set": {"state": OPEN}}))
    return writes
