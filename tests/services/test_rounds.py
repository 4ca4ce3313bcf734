"""Rounds: the current one, those that still take entries, and what may change of one."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pymongo.database import Database

from app.clock import thai_today
from app.documents.rounds import Round
from app.enums import RoundKind
from app.fabmongo.errors import WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.services.accounts import SYSTEM
from app.services.rounds import RoundRules, current_round, standing_of, unclosed_rounds
from app.services.submissions import open_round
from tests.factories.places import Places, make_places

Raw = dict[str, Any]
ROUNDS = MongoInterface(Round, RoundRules())


@pytest.fixture
def places(db: Database[Raw]) -> Places:
    return make_places(db)


def a_round(**changes: Any) -> Round:
    fields = {
        "academic_year": 2568, "number": 1, "kind": RoundKind.CENSUS,
        "census_date": date(2025, 6, 10), "opens_on": date(2025, 6, 10), "closes_on": date(2025, 7, 31),
    }  # fmt: skip
    return Round(**{**fields, **changes})


def refused(round_: Round, add: bool = True) -> str:
    """The column of a refused write."""
    with acting_as(SYSTEM), pytest.raises(WriteRefused) as error:
        (ROUNDS.add if add else ROUNDS.edit)(round_)
    (column,) = error.value.fields
    return column


def loaded(code: str) -> Round:
    with acting_as(SYSTEM):
        found: Round = ROUNDS.get(code)
    return found


@pytest.mark.parametrize(
    ("today", "code"),
    [
        (date(2024, 6, 9), None), (date(2024, 6, 10), "2567-1"),
        (date(2024, 11, 4), "2567-1"), (date(2024, 11, 5), "2567-2"),
    ],
)  # fmt: skip
def test_the_current_round_is_the_one_opened_last(places: Places, today: date, code: str | None) -> None:
    found = current_round(today)
    assert (found.pk if found else None) == code


@pytest.mark.parametrize(
    ("today", "codes"),
    [
        (date(2024, 6, 1), ["2567-1", "2567-2"]),
        (date(2024, 7, 31), ["2567-1", "2567-2"]),
        (date(2024, 8, 1), ["2567-2"]),
    ],
)
def test_a_round_takes_entries_until_its_last_day_is_over(places: Places, today: date, codes: list[str]) -> None:
    assert [row["_id"] for row in unclosed_rounds(today)] == codes


def test_the_standing_is_a_sentence(places: Places) -> None:
    assert "ยังไม่กำหนด" in standing_of(Round.objects.get(pk="2567-2"), date(2024, 12, 1)).th


def test_today_is_thailands() -> None:
    assert (thai_today() - datetime.now(UTC).date()).days in (0, 1)


def test_a_new_round_gets_its_code(places: Places, db: Database[Raw]) -> None:
    with acting_as(SYSTEM):
        ROUNDS.add(a_round())
    assert db.rounds.find_one({"_id": "2568-1"}) is not None


def test_a_correction_takes_the_census_date_of_its_year(places: Places, db: Database[Raw]) -> None:
    correction = {"academic_year": 2567, "kind": RoundKind.CORRECTION, "number": 3, "closes_on": None}
    with acting_as(SYSTEM):
        ROUNDS.add(a_round(**correction, census_date=None))
    row = db.rounds.find_one({"_id": "2567-3"})
    assert row is not None and row["census_date"] == datetime(2024, 6, 10)
    assert refused(a_round(**{**correction, "number": 4, "census_date": date(2024, 11, 10)})) == "census_date"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"academic_year": 2567}, "number"),
        ({"kind": RoundKind.CORRECTION}, "kind"),
        ({"closes_on": date(2025, 6, 9)}, "closes_on"),
    ],
)
def test_a_round_that_cannot_be_is_refused_on_its_field(places: Places, changes: Raw, column: str) -> None:
    assert refused(a_round(**changes)) == column


def test_year_and_number_stay(places: Places) -> None:
    round_ = loaded("2567-2")
    round_.number = 3
    assert refused(round_, add=False) == "number"


def test_the_census_date_stays_once_something_rests_on_it(places: Places) -> None:
    round_ = loaded("2567-1")
    round_.census_date = date(2024, 6, 11)
    assert refused(round_, add=False) == "census_date"


def test_an_opened_round_is_not_deleted_and_an_unopened_one_is(places: Places, db: Database[Raw]) -> None:
    open_round(SYSTEM, "2567-1")
    with acting_as(SYSTEM):
        with pytest.raises(WriteRefused, match="วันปิดระบบ"):
            ROUNDS.delete(loaded("2567-1"))
        ROUNDS.delete(loaded("2567-2"))
    assert db.rounds.distinct("_id") == ["2567-1"]


@pytest.mark.parametrize("owner", ["report_runs", "notices"])
def test_a_round_that_a_report_or_a_notice_names_is_not_deleted(places: Places, db: Database[Raw], owner: str) -> None:
    db[owner].insert_one({"round_code": "2567-2"})
    with acting_as(SYSTEM), pytest.raises(WriteRefused):
        ROUNDS.delete(loaded("2567-2"))
    assert db.rounds.count_documents({"_id": "2567-2"}) == 1
