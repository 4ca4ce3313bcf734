"""What a count report says of its own numbers: which are not verified, and which zeros no proclamation says."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

from app.documents.reports import ReportRun
from app.enums import Caution, CountSource, Level, RunState, SubmissionState
from app.reports import tables
from app.reports.rows import Row
from app.services.reports import BuildSettings, build, request_report
from app.services.reports.sums import sum_up
from tests.factories import reports as census
from tests.factories.places import LaoPlaces, Places, make_places
from tests.factories.reports import Officer

Raw = dict[str, Any]
S = SubmissionState
VOUCHED = {S.VERIFIED, S.SUBMITTED, S.ACCEPTED}
NAMES = ("unverified", "schools_unverified", "schools_no_proclamation")


@pytest.fixture
def places(db: Database[Raw]) -> Places:
    places = make_places(db)
    census.fill_rosters(db, places)
    return places


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def built(places: Places, lao: LaoPlaces | None = None) -> tuple[ReportRun, Row, dict[str, Row]]:
    """A finished run of an LAO or the country, its own row, and its schools by code."""
    area = lao.area() if lao else places.country
    run = request_report(Officer(places.country), places.round_2, area)
    assert build(str(run.pk), BuildSettings(lease_seconds=30, chunk=3)) is RunState.DONE
    run.reload()
    top = tables.head(run).top
    assert top is not None
    return run, top, {row.code: row for row in tables.schools(run)}


@pytest.mark.parametrize("state", S)
def test_a_count_of_another_affiliation_is_unverified_until_the_lao_has_verified_it(
    db: Database[Raw], places: Places, state: SubmissionState
) -> None:
    lao = places.takhop_sao
    census.certify(db, lao, places.round_2, {"K2": (3, 4), "P1": (10, 0)}, state=state.value)
    run, top, schools = built(places, lao)
    number = 0 if state in VOUCHED else 17
    assert schools[lao.other].total == 17
    assert schools[lao.other].unverified == top.unverified == run.unverified == number
    assert top.cautions[Caution.UNVERIFIED] == (1 if number else 0)
    assert schools[lao.other].present == ([Caution.UNVERIFIED] if number else [])


def test_an_own_schools_roster_is_no_unverified_count(db: Database[Raw], places: Places) -> None:
    lao = places.korat_pao
    census.report(db, lao, lao.own, places.round_2, source="roster", total=9)
    _, top, schools = built(places, lao)
    assert (schools[lao.own].unverified, schools[lao.own].present) == (0, [])
    assert (schools[lao.other].unverified, schools[lao.other].present) == (None, []), "nothing is known of it"
    assert top.unverified == 0


@pytest.mark.parametrize("state", ["in_progress", "verified"])
def test_a_zero_with_a_reason_is_a_zero_and_says_that_no_proclamation_does(
    db: Database[Raw], places: Places, state: str
) -> None:
    lao = places.korat_pao
    db.students.delete_many({"school_code": lao.own})
    zero = {"counts": [{"grade": "P1", "male": 0, "female": 0}], "total": 0, "state": state}
    census.report(db, lao, lao.own, places.round_2, source="reason", **zero)
    census.report(db, lao, lao.other, places.round_2, source="reason", **zero)
    _, top, schools = built(places, lao)
    assert schools[lao.own].total == schools[lao.other].total == 0
    assert schools[lao.own].present == [Caution.NO_PROCLAMATION]
    unverified = [Caution.UNVERIFIED] if state == "in_progress" else []
    assert schools[lao.other].present == [*unverified, Caution.NO_PROCLAMATION]
    assert schools[lao.own].source is CountSource.REASON
    assert top.cautions == {Caution.UNVERIFIED: len(unverified), Caution.NO_PROCLAMATION: 2}
    assert (top.schools_missing, top.unverified) == (0, 0)


def test_a_zero_by_proclamation_has_one(db: Database[Raw], places: Places) -> None:
    lao = places.korat_pao
    db.students.delete_many({"school_code": lao.own})
    census.report(db, lao, lao.own, places.round_2, source="proclamation", total=0)
    _, top, schools = built(places, lao)
    assert (schools[lao.own].total, schools[lao.own].present) == (0, [])
    assert top.cautions[Caution.NO_PROCLAMATION] == 0


def test_every_level_is_the_sum_of_the_level_below(db: Database[Raw], places: Places) -> None:
    for number, (lao, state) in enumerate(zip(places.laos, S, strict=False), start=1):
        census.certify(db, lao, places.round_2, {"P1": (number, 10 * number)}, state=state.value)
    db.students.delete_many({"school_code": places.korat_city.own})
    census.report(db, places.korat_city, places.korat_city.own, places.round_2, source="reason", total=0)
    run, top, _ = built(places)
    todo, levels = [top], set()
    while todo:
        row = todo.pop()
        below = tables.children(run, row.path)
        todo += below
        if not below:
            continue
        levels.add(row.level)
        assert (row.unverified or 0) == sum(part.unverified or 0 for part in below)
        for caution in Caution:
            assert row.cautions[caution] == sum(part.cautions[caution] for part in below)
    assert levels == set(Level) - {Level.SCHOOL}
    by_hand = [
        sum(count["male"] + count["female"] for count in row["counts"])
        for row in db.submissions.find({"source": "certified_list"})
        if row["state"] not in VOUCHED
    ]
    assert (top.unverified, top.cautions[Caution.UNVERIFIED]) == (sum(by_hand), len(by_hand))
    assert 0 < sum(by_hand) == run.unverified
    assert top.cautions[Caution.NO_PROCLAMATION] == 1


def test_a_run_from_before_they_were_kept_reads_as_not_known(db: Database[Raw], places: Places) -> None:
    census.certify(db, places.takhop_sao, places.round_2, {"P1": (10, 0)})
    run, before, _ = built(places, places.takhop_sao)
    db.report_rows.update_many({"run": run.pk}, {"$unset": dict.fromkeys(NAMES, "")})
    top = tables.head(run).top
    assert top is not None
    assert before.unverified == 10
    assert (top.total, top.unverified, top.cautions, top.present) == (before.total, None, {}, [])


# -- the sums alone ------------------------------------------------------------------------

number = st.integers(0, 3000)


@st.composite
def raw_schools(draw: st.DrawFn) -> list[Raw]:
    """Raw school rows in up to 3 x 3 x 3 areas; some have no count, some were stored before cautions were kept."""
    found = []
    for place, steps in enumerate(draw(st.lists(st.tuples(*[st.integers(1, 3)] * 3), max_size=12))):
        row: Raw = {"path": "/".join(["TH", *map(str, steps), f"s{place}"]), "schools_missing": 1, "counts": []}
        if draw(st.booleans()):
            male, female = draw(number), draw(number)
            flag = draw(st.sampled_from([0, 1, None]))
            kept = {} if flag is None else {"unverified": flag * (male + female), "schools_unverified": flag}
            row |= {"schools_missing": 0, "male": male, "female": female, **kept}
        found.append(row)
    return found


@given(raw_schools())
def test_the_sums_of_any_schools_agree_level_by_level(rows: list[Raw]) -> None:
    sums = sum_up(rows, "TH")
    for path, own in sums.items():
        below = [part for other, part in sums.items() if other.rpartition("/")[0] == path]
        inside = [row for row in rows if row["path"].startswith(path + "/")]
        assert own.unverified == sum(row.get("unverified", 0) for row in inside) <= own.male + own.female
        assert own.cautions["schools_unverified"] == sum(row.get("schools_unverified", 0) for row in inside)
        assert own.cautions["schools_unverified"] + own.missing <= own.schools
        if below:
            assert own.unverified == sum(part.unverified for part in below)
            for name in own.cautions:
                assert own.cautions[name] == sum(part.cautions[name] for part in below)


def test_the_cautions_of_every_count_there_can_be() -> None:
    for kind, state, source in product(("school", "centre", "college", "other"), S, CountSource):
        found = Caution.of(kind, state, source)
        assert (Caution.UNVERIFIED in found) == (kind == "other" and state not in VOUCHED)
        assert (Caution.NO_PROCLAMATION in found) == (source == "reason")
        assert Caution.of(kind, state.value, source.value) == found, "stored texts read the same"
        assert Caution.of(kind, state, None) == ()
