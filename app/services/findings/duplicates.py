"""People who are at two schools at the same time, on rosters and on certified lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from pymongo.client_session import ClientSession

from app.rules.catalogue.across import Stay, across
from app.rules.catalogue.roster import Found
from app.services.findings.reading import Now, Rosters, read_elsewhere

Raw = dict[str, Any]

_A_DAY = timedelta(days=1)


def found_across(
    now: Now, rosters: Rosters, codes: Sequence[str], session: ClientSession | None = None
) -> Iterator[tuple[str, Found]]:
    """(school code, found) for each person of these schools whom another school has at the same time."""
    own = [*_stays(now, rosters.students, False), *_stays(now, rosters.listed, True)]
    if not own:
        return
    by_number = defaultdict(list)
    for number, stay, _ in own:
        by_number[number].append(stay)
    students, listed = read_elsewhere(now, by_number, codes, session)
    for number, stay, _ in [*_stays(now, {"": students}, False), *_stays(now, {"": listed}, True)]:
        by_number[number].append(stay)
    for number, stay, row in own:
        if len(by_number[number]) > 1 and (told := across(stay, by_number[number])):
            yield stay.school, Found(told[0], row, told[1], of_list=stay.school in rosters.listed)


def _stays(now: Now, rows: dict[str, list[Raw]], listed: bool) -> Iterator[tuple[str, Stay, Raw]]:
    for row in (row for group in rows.values() for row in group):
        # A certified list says who was there on the census date, and no more than that.
        since, until = (now.since, now.since + _A_DAY) if listed else (row.get("admitted_on"), row.get("left_on"))
        if since is not None and row.get("national_id"):
            province = now.provinces.get(row.get("province_code") or "", ("", ""))
            yield row["national_id"], Stay(row["school_code"], province, since, until), row
