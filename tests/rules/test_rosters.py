"""What a change of a student is, what it does to counts, and what the policy of a round lets people do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import CorrectionDeed
from app.errors import Problem
from app.rules.census import counts_at
from app.rules.rosters import check_policy, deed_of, effects_of, needs_reason

CENSUS = date(2024, 6, 10)
HERE: dict[str, Any] = {
    "school_code": "1", "admitted_on": datetime(2024, 5, 16), "left_on": None, "status": "studying", "room": "1",
}  # fmt: skip
COLUMNS = {
    "school_code": "school", "left_on": "left_on", "status": "status", "room": "room", "first_name": "first_name",
}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "deed"),
    [
        (None, HERE, "add"),
        (HERE, None, "remove"),
        (HERE, HERE | {"room": "2"}, "change"),
        (HERE, HERE | {"school_code": "2", "left_on": datetime(2024, 7, 1)}, "move"),
        (HERE, HERE | {"left_on": datetime(2024, 7, 1)}, "discharge"),
        (HERE, HERE | {"status": "graduated"}, "discharge"),
        (HERE, HERE | {"status": "absent_long"}, "change"),
        (HERE | {"left_on": datetime(2024, 7, 1)}, HERE, "change"),
    ],
)
def test_each_deed_has_its_name(before: Any, after: Any, deed: str) -> None:
    assert deed_of(before, after) is CorrectionDeed(deed)


days = st.none() | st.dates(date(2024, 6, 1), date(2024, 6, 20)).map(lambda day: datetime(day.year, day.month, day.day))
rows = st.none() | st.fixed_dictionaries({"school_code": st.sampled_from("12"), "admitted_on": days, "left_on": days})


@given(rows, rows)
def test_effects_are_the_difference_of_the_counts_and_create_nobody(before: Any, after: Any) -> None:
    effects = effects_of(before, after, CENSUS)

    def at(row: Any, school: str) -> int:
        return bool(row) and row["school_code"] == school and counts_at(row["admitted_on"], row["left_on"], CENSUS)

    for school in "12":
        assert effects.get(school, 0) == at(after, school) - at(before, school)
    assert all(effect in (-1, 0, 1) for effect in effects.values())


def test_after_the_census_date_nobody_comes_into_a_count_and_nobody_leaves_it() -> None:
    late = HERE | {"admitted_on": datetime(2024, 6, 11)}
    assert effects_of(None, late, CENSUS) == {"1": 0}
    assert effects_of(HERE, HERE | {"left_on": datetime(2024, 6, 11)}, CENSUS) == {"1": 0}
    assert effects_of(HERE, HERE | {"left_on": datetime(2024, 6, 10)}, CENSUS) == {"1": -1}


def changed(before: Any, after: Any) -> dict[str, str]:
    return {name: column for name, column in COLUMNS.items() if before.get(name) != after.get(name)}


@pytest.mark.parametrize(
    ("policy", "after", "column"),
    [
        ({"may_change": False}, {"room": "2"}, "room"),
        ({"may_change": False}, {"left_on": datetime(2024, 7, 1), "status": "moved"}, None),
        ({"may_discharge": False}, {"left_on": datetime(2024, 7, 1)}, "left_on"),
        ({"may_discharge": False}, {"school_code": "2"}, "school"),
        ({"may_discharge": False}, {"status": "discharged"}, "status"),
        ({"may_discharge": False}, {"status": "absent_long", "room": "3"}, None),
        ({"open_fields": ["room"]}, {"room": "2"}, None),
        ({"open_fields": ["room"]}, {"first_name": "ก"}, "first_name"),
        ({"open_fields": ["room"]}, {"left_on": datetime(2024, 7, 1)}, None),
        ({"open_fields": []}, {"first_name": "ก", "room": "2"}, None),
        ({}, {"first_name": "ก", "school_code": "2"}, None),
    ],
)
def test_the_policy_names_the_round_the_rule_and_who_can_help(policy: Any, after: Any, column: str | None) -> None:
    after = HERE | after
    if column is None:
        check_policy({"_id": "2567-2", **policy}, HERE, after, changed(HERE, after))
        return
    with pytest.raises(Problem, match=r"2567-2.*เงื่อนไขของรอบ.*กรมส่งเสริมการปกครองท้องถิ่น") as refused:
        check_policy({"_id": "2567-2", **policy}, HERE, after, changed(HERE, after))
    assert (refused.value.field, refused.value.kind) == (column, "forbidden")
    assert "Department of Local Administration" in refused.value.en


@pytest.mark.parametrize(("rule", "before", "after"), [("may_add", None, HERE), ("may_remove", HERE, None)])
def test_adding_and_removing_have_rules_of_their_own(rule: str, before: Any, after: Any) -> None:
    others = dict.fromkeys(("may_add", "may_change", "may_discharge", "may_remove"), False) | {rule: True}
    check_policy({"_id": "2567-2", **others}, before, after, {})
    with pytest.raises(Problem, match="2567-2"):
        check_policy({"_id": "2567-2", rule: False}, before, after, {})


def test_a_correction_always_wants_a_reason_and_a_census_where_it_says_so() -> None:
    assert needs_reason({"kind": "correction"}) and needs_reason({"kind": "correction", "needs_reason": False})
    assert needs_reason({"kind": "census", "needs_reason": True}) and not needs_reason({"kind": "census"})
