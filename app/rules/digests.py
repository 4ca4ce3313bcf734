"""Fingerprints: of the students behind a certified count, and of the submissions behind an LAO's certification."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.rules.census import as_day

Raw = Mapping[str, Any]

ROSTER_FIELDS = (
    "_id", "national_id", "title", "first_name", "last_name", "sex", "birth_date", "grade", "room",
)  # fmt: skip
"""Raw fields of a student that a certification vouches for."""

SUBMISSION_FIELDS = ("_id", "digest", "source", "male", "female", "total")
"""Raw fields of a submission that an LAO's certification vouches for, besides its counts."""


def roster_digest(rows: Iterable[Raw]) -> str:
    """SHA-256 over the counting students (raw rows in any order), as 64 hexadecimal digits."""
    return _digest([_text(row.get(name)) for name in ROSTER_FIELDS] for row in rows)


def submissions_digest(rows: Iterable[Raw]) -> str:
    """SHA-256 over raw submissions with their counts, in any order."""
    return _digest(
        [
            *(_text(row.get(name)) for name in SUBMISSION_FIELDS),
            *(f"{count['grade']}={count['male']}+{count['female']}" for count in row.get("counts") or ()),
        ]
        for row in rows
    )


def _digest(rows: Iterable[list[str]]) -> str:
    """One line a row, its values apart by a character that no name holds; sorted, so that order means nothing."""
    found = hashlib.sha256()
    for line in sorted("\x1f".join(values) for values in rows):
        found.update(line.encode() + b"\x1e")
    return found.hexdigest()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return as_day(value).isoformat() if isinstance(value, date) else str(value)
