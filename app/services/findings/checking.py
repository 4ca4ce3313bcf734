"""Checking schools against the catalogue, and keeping what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pymongo.client_session import ClientSession

from app.rules.catalogue.roster import Found
from app.services.findings.duplicates import found_across
from app.services.findings.reading import Now, Rosters, read_now, read_rosters
from app.services.findings.storing import Stored, fields_of, key_of, store

Raw = dict[str, Any]

BATCH = 200
"""Schools at a time: a dozen commands, and at most some ten thousand students in memory."""


def check_schools(school_codes: Iterable[str], session: ClientSession | None = None) -> int:
    """Compute the findings of schools anew; returns how many stand. Safe to repeat; a school that is gone has none.

    Where a person shared with another school appears or disappears, that school is checked too, so that both are told.
    """
    codes = sorted(set(school_codes))
    now, standing, partners = read_now(session), 0, set[str]()
    for batch in _batches(codes):
        stored = check_batch(now, batch, session)
        standing += stored.standing
        partners |= stored.partners
    for batch in _batches(sorted(partners - set(codes))):
        check_batch(now, batch, session)
    return standing


def check_batch(now: Now, codes: Sequence[str], session: ClientSession | None = None) -> Stored:
    """Check some schools as things are `now`; the schools they share people with are left to the caller."""
    rosters = read_rosters(now, codes, session)
    found: dict[str, Raw] = {}
    for code, each in _found(now, rosters, codes, session):
        found[key_of(each, code, now.round_code)] = fields_of(each, rosters.schools[code], now.round_code)
    return store(found, codes, session)


def _found(
    now: Now, rosters: Rosters, codes: Sequence[str], session: ClientSession | None
) -> Iterator[tuple[str, Found]]:
    for code, school in rosters.schools.items():
        students = rosters.students.get(code, [])
        for each in now.checker.school(school, students, rosters.submissions.get(code), rosters.before.get(code)):
            yield code, each
    for code, each in found_across(now, rosters, codes, session):
        for one in now.checker.weighed(each):
            yield code, one


def _batches(codes: list[str]) -> Iterator[list[str]]:
    return (codes[start : start + BATCH] for start in range(0, len(codes), BATCH))
