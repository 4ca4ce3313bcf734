"""Checks of one student's record against itself, its school and the census date: the catalogue's student rules."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from app.enums import Grade
from app.rules.ages import USUAL_AGES, AgeRange
from app.rules.catalogue import dates, identity, placement
from app.rules.catalogue.case import Case
from app.rules.catalogue.terms import Settings, weighed
from app.rules.census import as_day
from app.rules.findings import Finding

_CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (*identity.CHECKS, *dates.CHECKS, *placement.CHECKS)


def validate_student(
    values: Mapping[str, Any],
    school: Mapping[str, Any],
    *,
    today: date,
    census_date: date | None = None,
    ages: Mapping[Grade, AgeRange] = USUAL_AGES,
    settings: Settings | None = None,
) -> list[Finding]:
    """All findings of one record, of every severity, in the order of the rules; empty if there are none.

    values, school: raw field names and values (codes as text or enum members, dates as date or datetime). Without a
    census date, ages are taken on `today` and nothing is said about the round. settings: severities other than the
    declared ones, and rules that are not in use.
    """
    case = Case(values, school, as_day(today), as_day(census_date) if census_date else None, ages)
    found = [finding for check in _CHECKS for finding in check(case)]
    return list(weighed(found, settings)) if settings and found else found
