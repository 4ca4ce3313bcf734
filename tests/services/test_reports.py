"""Count reports against a count by hand, on a real MongoDB."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.documents.reports import ReportRow, ReportRun
from app.enums import CountSource, RunState
from app.errors import Problem
from app.fabmongo.scope import Area
from app.reports import tables
from app.services.areas import search_places
from app.services.reports import BuildSettings, build, building, cancel_report, counting, request_report, sweep
from app.services.reports.sweeping import MAX_IDLE
from tests.factories import reports as census
from tests.factories.places import Places, make_places
from tests.factories.reports import Officer

Raw = dict[str, Any]
SMALL = BuildSettings(lease_seconds=30, chunk=3)


@pytest.fixture
def places(db: Database[Raw]) -> Places:
    places = make_places(db)
    census.fill_rosters(db, places)
    census.certify(db, places.takhop_sao, places.round_2, {"K2": (3, 4), "P1": (10, 0)})
    census.certify(db, places.buriram_sao, places.round_2, {"P6": (7, 8)})
    return places


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def ask(places: Places, area: Area | None = None, round_code: str = "2567-2") -> ReportRun:
    return request_report(Officer(places.country), round_code, area or places.country)


def built(places: Places, area: Area | None = None, round_code: str = "2567-2") -> ReportRun:
    run = ask(places, area, round_code)
    assert build(str(run.pk), SMALL) is RunState.DONE
    run.reload()
    return run


def cells(run: ReportRun) -> dict[tuple[str, str, str], int]:
    """School rows as (school, grade, sex) -> persons, without zeros."""
    found = {}
    for row in tables.schools(run):
        for count in row.counts:
            for sex, number in (("male", count.male), ("female", count.female)):
                if number:
                    found[row.code, str(count.grade), sex] = number
    return found


# -- the numbers ---------------------------------------------------------------------------


def test_a_report_equals_a_count_by_hand(db: Database[Raw], places: Places) -> None:
    run = built(places)
    by_hand = census.count_by_hand(db, places.round_2)
    assert cells(run) == dict(by_hand)
    assert run.total == by_hand.total() > 100
    assert (run.male, run.female) == tuple(
        sum(n for key, n in by_hand.items() if key[2] == sex) for sex in ("male", "female")
    )


@pytest.mark.parametrize("level", ["province", "district", "lao", "school"])
def test_a_report_of_a_part_counts_that_part_only(db: Database[Raw], places: Places, level: str) -> None:
    lao = places.takhop_sao
    run = built(places, lao.area(level))
    code = {"school": lao.own, "lao": lao.code, "district": lao.district, "province": lao.province}[level]
    assert cells(run) == dict(census.count_by_hand(db, places.round_2, **{f"{level}_code": code}))
    assert run.total == sum(cells(run).values())


def test_every_level_is_the_sum_of_the_level_below(places: Places) -> None:
    run = built(places)
    todo, levels = [tables.head(run).top], set()
    while todo:
        row = todo.pop()
        assert row is not None
        below = tables.children(run, row.path)
        todo += below
        if not below:
            continue
        levels.add(str(row.level))
        for name in ("male", "female", "total"):
            assert (getattr(row, name) or 0) == sum(getattr(part, name) or 0 for part in below)
        assert row.schools == sum(part.schools for part in below)
        assert row.schools_missing == sum(part.schools_missing for part in below)
        assert (row.total or 0) == sum(count.total for count in row.counts)
    assert levels == {"country", "province", "district", "lao"}


def test_a_school_that_sent_no_list_is_missing_and_not_zero(places: Places) -> None:
    run = built(places)
    rows = {row.code: row for row in tables.schools(run)}
    silent = rows[places.korat_city.other]
    assert silent.missing
    assert (silent.male, silent.female, silent.total, silent.counts) == (None, None, None, ())
    assert run.schools_missing == 3
    assert run.schools == 15


def test_an_empty_roster_is_missing_until_a_proclamation_makes_it_zero(db: Database[Raw], places: Places) -> None:
    lao = places.korat_pao
    db.students.delete_many({"school_code": {"$in": [lao.own, lao.centre]}})
    census.close(db, lao.own, date(2024, 5, 1))
    census.report(db, lao, lao.own, places.round_2, source="proclamation", total=0, male=0, female=0)
    rows = {row.code: row for row in tables.schools(built(places, lao.area()))}
    assert rows[lao.own].total == 0
    assert rows[lao.own].source is CountSource.PROCLAMATION
    assert rows[lao.centre].missing


def test_an_area_whose_schools_are_all_missing_has_no_number(db: Database[Raw], places: Places) -> None:
    lao = places.korat_pao
    db.students.delete_many({"lao_code": lao.code})
    run = built(places, lao.area())
    top = tables.head(run).top
    assert top is not None
    assert (top.total, top.schools_missing) == (None, 3)
    assert run.total is None


def test_a_school_closed_before_the_census_is_left_out_unless_it_has_something_to_say(
    db: Database[Raw], places: Places
) -> None:
    lao = places.korat_pao
    db.students.delete_many({"school_code": lao.centre})
    census.close(db, lao.other, date(2020, 3, 31))
    census.close(db, lao.centre, date(2024, 7, 1), "merged")  # after the census date: it still had to report
    census.close(db, lao.own, date(2024, 6, 10))  # closed, but its roster still counts: no pupil may vanish
    rows = {row.code: row for row in tables.schools(built(places, lao.area()))}
    assert set(rows) == {lao.own, lao.centre}
    assert rows[lao.own].total


def test_counts_of_another_round_do_not_count(places: Places) -> None:
    run = built(places, round_code=places.round_1)
    assert run.schools_missing == 5


def test_names_stay_as_they_were_when_the_report_was_made(db: Database[Raw], places: Places) -> None:
    run = built(places, places.takhop_tambon.area())
    db.laos.update_one({"_id": places.takhop_tambon.code}, {"$set": {"name_th": "ชื่อใหม่"}})
    head = tables.head(ReportRun.objects.get(pk=run.pk))
    names = head.area_names(next(tables.schools(run)))
    assert names == ("จังหวัดนครราชสีมา", "อำเภอปักธงชัย", "ทต.ตะขบ")
    assert run.area_name == "ทต.ตะขบ"


def test_an_area_without_schools_gives_an_empty_report(db: Database[Raw], places: Places) -> None:
    db.schools.delete_many({"lao_code": places.korat_pao.code})
    run = built(places, places.korat_pao.area())
    assert (run.state, run.schools, run.total) == (RunState.DONE, 0, None)


# -- asking --------------------------------------------------------------------------------


def test_nobody_gets_a_report_outside_the_own_area(places: Places) -> None:
    officer = Officer(places.takhop_sao.area())
    for area in (places.country, places.takhop_sao.area("district"), places.takhop_tambon.area()):
        with pytest.raises(Problem) as caught:
            request_report(officer, places.round_2, area)
        assert caught.value.kind == "forbidden"
    assert ReportRun.objects.count() == 0


def test_whether_a_place_elsewhere_exists_is_not_told(places: Places) -> None:
    officer, told = Officer(places.takhop_sao.area()), set()
    for code in (places.buriram_sao.code, "9999999"):
        with pytest.raises(Problem) as caught:
            request_report(officer, places.round_2, Area("lao", {"lao": code}))
        told.add((caught.value.th, caught.value.en, caught.value.field, caught.value.kind))
    assert len(told) == 1


def test_a_forged_path_does_not_widen_the_area(places: Places) -> None:
    forged = Area("lao", {"lao": places.buriram_sao.code, "district": places.pak_thong_chai, "province": places.korat})
    with pytest.raises(Problem, match="ในพื้นที่ที่ท่านดูแล"):
        request_report(Officer(Area("province", {"province": places.korat})), places.round_2, forged)


@pytest.mark.parametrize(
    ("round_code", "area", "field"),
    [
        ("2599-1", Area("country"), "round"),
        ("2567-2", Area("lao", {"lao": "9999999"}), "area"),
        ("2567-2", Area("planet", {}), "area"),
    ],
)
def test_what_does_not_exist_is_refused_with_its_field(places: Places, round_code: str, area: Area, field: str) -> None:
    with pytest.raises(Problem) as caught:
        request_report(Officer(places.country), round_code, area)
    assert caught.value.field == field


def test_asking_twice_gives_the_run_that_waits_and_a_new_one_after_its_end(places: Places) -> None:
    first = ask(places)
    assert ask(places).pk == first.pk
    assert ask(places, places.takhop_sao.area()).pk != first.pk
    assert build(str(first.pk)) is RunState.DONE
    assert ask(places).pk != first.pk


def test_two_people_asking_at_the_same_moment_get_one_run(app: Flask, places: Places) -> None:
    together, found = Barrier(4), []

    def work() -> None:
        with app.app_context():
            together.wait()
            found.append(ask(places).pk)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_places_are_found_by_name_and_code_inside_the_own_area_only(places: Places) -> None:
    district = places.takhop_sao.area("district")
    found = search_places(district, "ตะขบ")
    assert {place.code for place in found if place.level == "lao"} == {"5301401", "6301408"}
    assert {place.codes["district"] for place in found if place.level != "district"} == {places.pak_thong_chai}
    assert search_places(district, "31") == []
    assert [place.code for place in search_places(district)] == [places.pak_thong_chai, "5301401", "6301408"]
    assert [place.name for place in search_places(places.country)][:2] == ["ทั้งประเทศ", "จังหวัดนครราชสีมา"]
    assert search_places(None, "ตะขบ") == []
    assert search_places(places.country, ".*") == []


# -- stopping, dying, starting again ---------------------------------------------------------


def test_a_waiting_run_is_cancelled_at_once(places: Places) -> None:
    run = ask(places)
    assert cancel_report(Officer(places.country), run)
    run.reload()
    assert run.state is RunState.CANCELLED
    assert build(str(run.pk)) is None
    assert not cancel_report(Officer(places.country), run)


def test_a_running_run_stops_after_its_chunk_and_leaves_no_rows(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(places)
    count = building.school_rows

    def cancelled_meanwhile(*args: Any) -> Any:
        cancel_report(Officer(places.country), run)
        return count(*args)

    monkeypatch.setattr(building, "school_rows", cancelled_meanwhile)
    assert build(str(run.pk), SMALL) is RunState.CANCELLED
    assert ReportRow.objects(run=run.pk).count() == 0


def test_only_people_of_the_area_may_cancel(places: Places) -> None:
    run = ask(places)
    with pytest.raises(Problem, match="นอกพื้นที่"):
        cancel_report(Officer(places.takhop_sao.area()), run)


class Died(BaseException):
    """The worker is gone: nothing after it runs, no error handling either."""


def die_after(monkeypatch: pytest.MonkeyPatch, chunks: int) -> None:
    left = [chunks]
    count = building.school_rows

    def fatal(*args: Any) -> Any:
        if not left[0]:
            raise Died
        left[0] -= 1
        return count(*args)

    monkeypatch.setattr(building, "school_rows", fatal)


def test_a_dead_workers_run_is_finished_once_by_the_next(
    db: Database[Raw], places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(places)
    with monkeypatch.context() as patch:
        die_after(patch, chunks=2)
        with pytest.raises(Died):
            build(str(run.pk), BuildSettings(lease_seconds=0.2, chunk=3))
    run.reload()
    assert (run.state, run.progress_done, run.progress_total) == (RunState.RUNNING, 6, 15)
    assert build(str(run.pk)) is None, "the lease of the dead worker still holds"
    db.report_runs.update_one({"_id": run.pk}, {"$set": {"lease_until": datetime.now(UTC) - timedelta(seconds=1)}})
    assert sweep() == 1
    assert build(str(run.pk), SMALL) is RunState.DONE
    assert build(str(run.pk), SMALL) is None
    run.reload()
    assert (run.attempts, run.progress_done, run.total) == (2, 15, sum(cells(run).values()))
    assert cells(run) == dict(census.count_by_hand(db, places.round_2))
    assert len(list(tables.schools(run))) == 15


def test_a_worker_that_lost_its_lease_writes_nothing_more(
    db: Database[Raw], places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(places)
    count = building.school_rows
    overtaken: list[RunState | None] = []

    def slow(*args: Any) -> Any:
        if not overtaken:
            overtaken.append(None)
            db.report_runs.update_one({"_id": run.pk}, {"$set": {"lease_until": datetime(2024, 1, 1)}})
            overtaken.append(build(str(run.pk), SMALL))
        return count(*args)

    monkeypatch.setattr(building, "school_rows", slow)
    assert build(str(run.pk), SMALL) is None
    assert overtaken[-1] is RunState.DONE
    assert len(list(tables.schools(run))) == 15


def test_the_sweeper_leaves_living_runs_alone_and_gives_up_on_hopeless_ones(db: Database[Raw], places: Places) -> None:
    fresh, hopeless = ask(places), ask(places, places.takhop_sao.area())
    late = {"lease_until": datetime(2024, 1, 1), "attempts": 9, "idle": MAX_IDLE, "state": "running"}
    db.report_runs.update_one({"_id": hopeless.pk}, {"$set": late})
    assert sweep() == 0
    fresh.reload()
    hopeless.reload()
    assert (fresh.state, hopeless.state) == (RunState.WAITING, RunState.FAILED)
    assert "โปรดขอรายงานใหม่" in hopeless.error
    assert ask(places, places.takhop_sao.area()).pk != hopeless.pk


def test_a_run_that_never_reached_a_worker_is_queued_again_but_not_twice(db: Database[Raw], places: Places) -> None:
    run = ask(places)
    db.report_runs.update_one({"_id": run.pk}, {"$set": {"lease_until": datetime(2024, 1, 1)}})
    assert (sweep(), sweep()) == (1, 0)


def test_an_error_that_passes_gives_the_run_back_and_a_deleted_round_fails_it(
    db: Database[Raw], places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ask(places)
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(building, "school_rows", _out_of_memory)
        build(str(run.pk), SMALL)
    run.reload()
    assert run.state is RunState.WAITING
    assert build(str(run.pk), SMALL) is None, "it rests for a while"
    db.report_runs.update_one({"_id": run.pk}, {"$unset": {"rests_until": ""}})
    db.rounds.delete_one({"_id": places.round_2})
    assert build(str(run.pk), SMALL) is RunState.FAILED
    stored = db.report_runs.find_one({"_id": run.pk})
    assert stored is not None
    assert "2567-2" in stored["error"]


def _out_of_memory(*_: Any) -> Any:
    raise MemoryError


def test_a_chunk_is_stored_whole_with_its_mark_or_not_at_all(db: Database[Raw], places: Places) -> None:
    """The last row of the first chunk cannot be stored, so the rows before it are not there either."""
    run = ask(places)
    third = list(db.schools.find().sort("_id").limit(3))[-1]
    db.report_rows.insert_one({"_id": f"{run.pk}/{counting.path_of(third)}", "run": "in the way"})
    assert build(str(run.pk), SMALL) is None
    assert db.report_rows.count_documents({"run": run.pk}) == 0
    run.reload()
    assert (run.state, run.progress_done, run.cursor) == (RunState.RUNNING, 0, None)
    assert run.fault["kind"] == "BulkWriteError"


def test_a_report_is_cut_off_as_often_as_it_likes_while_it_moves(db: Database[Raw], places: Places) -> None:
    run = ask(places)
    assert build(str(run.pk), SMALL) is RunState.DONE
    moving = ask(places, places.takhop_sao.area())
    late = {"lease_until": datetime(2024, 1, 1), "attempts": 50, "idle": 1, "state": "running"}
    db.report_runs.update_one({"_id": moving.pk}, {"$set": late})
    assert sweep() == 1
    moving.reload()
    assert moving.state is RunState.WAITING


@pytest.mark.parametrize("run_id", ["", "no-id", "0" * 24])
def test_an_unknown_run_is_nobodys_work(places: Places, run_id: str) -> None:
    assert build(run_id) is None
