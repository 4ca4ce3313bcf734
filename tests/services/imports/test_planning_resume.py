"""Planning that is cut off, asked, cancelled or not possible: what is left then, and how it goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from app.documents.imports import ImportRun
from app.errors import Problem
from app.fabmongo.security.models import User
from app.services.claims import Claim, LeaseLost, is_free
from app.services.imports import uploading
from app.services.imports.planning import finishing, sheets, storing
from app.services.imports.planning import stages as planning
from tests.factories.places import Places
from tests.services.imports.planned import (
    WHOLE_LAO,
    claimed,
    person,
    planned,
    roster,
    rows_of,
    table,
    texts,
    uploaded,
    worked,
)

Raw = dict[str, Any]
SIZE = 35
TOLD = ("n", "row", "school_code", "deed", "state", "student_name", "values", "changes", "troubles", "questions")


@pytest.fixture
def data(db: Database[Raw], places: Places) -> bytes:
    """New, changed, missing, doubled and refused students of two schools."""
    home = places.takhop_tambon
    db.schools.update_one({"_id": home.centre}, {"$set": {"kind": "school", "grades": ["P1", "P2", "P3"]}})
    mine, theirs = roster(home, home.own, 20), roster(home, home.centre, 15, seed=4)
    db.students.insert_many([row | {"_v": 1} for row in (*mine[:10], *theirs[:6])])
    rows = [texts(row) for row in (*mine[2:], *theirs[1:])]
    rows[0]["room"] = "changed"
    rows[3]["grade"] = "ม.6"
    rows += [rows[5], rows[20] | {"room": "other"}]
    return table(rows, WHOLE_LAO)


class Cut(Exception):
    """The worker is gone at this moment."""


def told(db: Database[Raw], run: Any) -> list[Any]:
    """What a preview says, without keys that are chosen anew for each run."""
    rows = [{name: row.get(name) for name in TOLD} for row in rows_of(db, run)]
    schools = db.import_schools.find({"run": run.pk}, {"_id": 0, "run": 0}).sort("school_code", 1)
    return [rows, list(schools), run.numbers, run.rows, run.state]


def expire(run: Any) -> None:
    """Let the lease of a dead worker run out."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    ImportRun._get_collection().update_one({"_id": run.pk}, {"$set": {"lease_until": past}})


def go_on(run: Any) -> Any:
    expire(run)
    planning.plan(claimed(run))
    run.reload()
    return run


@pytest.mark.parametrize("after", range(6))
def test_a_worker_cut_off_between_chunks_is_followed_by_one_that_goes_on(
    db: Database[Raw], clerk: User, data: bytes, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    whole = told(db, planned(clerk, data))
    monkeypatch.setattr(planning, "CHUNK", 7)
    add, calls = storing._add_rows, []

    def cut(*args: Any) -> None:
        if len(calls) == after:
            raise Cut
        calls.append(args)
        add(*args)

    run = uploaded(clerk, data)
    monkeypatch.setattr(storing, "_add_rows", cut)
    if after <= 4:
        with pytest.raises(Cut):
            planning.plan(claimed(run))
        assert db.import_rows.count_documents({"run": run.pk}) <= 7 * after
        monkeypatch.setattr(storing, "_add_rows", add)
    assert told(db, go_on(run)) == whole


def test_a_chunk_and_the_mark_of_how_far_the_work_is_stand_or_fall_together(
    db: Database[Raw], clerk: User, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = told(db, planned(clerk, data))
    monkeypatch.setattr(planning, "CHUNK", 7)
    update, calls = Claim.update, []

    def cut(claim: Claim, change: Raw, session: Any = None) -> None:
        update(claim, change, session)
        calls.append(change)
        if len(calls) == 3:
            raise Cut

    run = uploaded(clerk, data)
    monkeypatch.setattr(Claim, "update", cut)
    with pytest.raises(Cut):
        planning.plan(claimed(run))
    monkeypatch.setattr(Claim, "update", update)
    assert told(db, go_on(run)) == whole


@pytest.mark.parametrize("place", ["_begin", "_add_schools", "_add_missing", "numbers_of", "questions_of"])
def test_finishing_may_be_cut_off_anywhere_and_is_done_anew(
    db: Database[Raw], clerk: User, data: bytes, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    whole = told(db, planned(clerk, data))
    monkeypatch.setattr(finishing, "SCHOOLS", 1)
    monkeypatch.setattr(finishing, "MISSING_AT_ONCE", 1)
    real, calls = getattr(finishing, place), []

    def cut(*args: Any) -> Any:
        found = real(*args)
        calls.append(args)
        if len(calls) == (2 if place in ("_add_schools", "_add_missing") else 1):
            raise Cut
        return found

    run = uploaded(clerk, data)
    monkeypatch.setattr(finishing, place, cut)
    with pytest.raises(Cut):
        planning.plan(claimed(run))
    monkeypatch.setattr(finishing, place, real)
    assert told(db, go_on(run)) == whole


def test_who_lost_the_claim_writes_nothing_more(
    db: Database[Raw], clerk: User, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = uploaded(clerk, data)
    first = claimed(run)
    expire(run)
    second = Claim.take(ImportRun._get_collection(), {"_id": run.pk, **is_free()}, 30)
    assert second is not None
    with pytest.raises(LeaseLost):
        planning.plan(first)
    assert db.import_rows.count_documents({}) == 0
    planning.plan(second)
    run.reload()
    assert run.state.value == "preview"


def test_cancelling_stops_between_chunks(
    db: Database[Raw], clerk: User, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CHUNK", 5)
    run = uploaded(clerk, data)
    add = storing._add_rows

    def and_cancel(*args: Any) -> None:
        db.import_runs.update_one({"_id": run.pk}, {"$set": {"cancel_requested": True}})
        add(*args)

    monkeypatch.setattr(storing, "_add_rows", and_cancel)
    planning.plan(claimed(run))
    run.reload()
    assert (run.state.value, run.worker, run.cursor) == ("cancelled", None, None)
    assert db.import_rows.count_documents({"run": run.pk}) <= 10


# -- what cannot be planned ----------------------------------------------------------------


def test_a_file_that_is_none_fails_with_a_reason(clerk: User) -> None:
    run = planned(clerk, b"PK\x03\x04" + b"\x00" * 300)
    assert run.state.value == "failed"
    assert run.error_th
    assert run.error_en


def test_a_person_who_lost_the_area_stops_the_import(
    db: Database[Raw], places: Places, clerk: User, data: bytes
) -> None:
    run = uploaded(clerk, data)
    db.users.update_one({"username": "clerk"}, {"$set": {"area_codes": dict(places.buriram_sao.area().codes)}})
    assert worked(run).state.value == "failed"
    assert db.import_rows.count_documents({}) == 0


def test_an_unknown_file_waits_for_its_columns(db: Database[Raw], clerk: User, places: Places) -> None:
    rows = roster(places.takhop_tambon, places.takhop_tambon.own, 3)
    lines = [["รหัสบัตร ปชช.", "ชื่อเล่น-จริง", "แซ่"]]
    lines += [[row["national_id"], row["first_name"], row["last_name"]] for row in rows]
    run = planned(clerk, "\n".join(",".join(line) for line in lines).encode())
    assert run.state.value == "mapping"
    assert run.sheets[0].columns
    assert run.cursor is None
    assert db.import_rows.count_documents({}) == 0


# -- taking a file in ----------------------------------------------------------------------


def test_the_area_of_an_import_is_the_persons_own_or_inside_it(db: Database[Raw], places: Places, clerk: User) -> None:
    home, far = places.takhop_tambon, places.buriram_sao
    run = uploaded(clerk, b"x")
    assert (run.level.value, run.to_mongo()["lao_code"], run.to_mongo()["province_code"]) == ("lao", home.code, "30")
    run = uploaded(clerk, b"x", school=home.centre)
    assert (run.level.value, run.to_mongo()["school_code"]) == ("school", home.centre)
    for where in ({"school": far.own}, {"lao": far.code}, {"school": "0"}, {"school": home.other}):
        with pytest.raises(Problem) as error:
            uploaded(clerk, b"x", **where)
        assert error.value.field in {None, "school", "lao"}
    teacher = person(db, "teacher", home.area("school"))
    with pytest.raises(Problem):
        uploaded(teacher, b"x", school=home.centre)
    with pytest.raises(Problem):
        uploaded(teacher, b"x", lao=home.code)
    with pytest.raises(Problem):
        uploaded(person(db, "province", home.area("province")), b"x")
    assert db.import_runs.count_documents({}) == 2


def test_what_is_too_large_or_empty_leaves_nothing(
    db: Database[Raw], clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MOST_BYTES", 300_000)
    for data in (b"", b"x" * 300_001):
        with pytest.raises(Problem) as error:
            uploaded(clerk, data)
        assert error.value.field == "file"
    assert db.import_runs.count_documents({}) == 0
    assert db["import_files.files"].count_documents({}) == 0
    assert db["import_files.chunks"].count_documents({}) == 0


def test_a_run_whose_queue_is_down_is_there_for_the_sweeper(
    db: Database[Raw], clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> str:
        raise Problem("ระบบงานเบื้องหลังไม่ตอบ", "The queue does not answer.")

    monkeypatch.setattr(uploading.jobs, "enqueue", down)
    run = uploaded(clerk, b"x")
    assert (run.state.value, run.worker) == ("reading", None)
    assert run.lease_until is not None


def test_a_name_is_kept_without_its_folder(clerk: User) -> None:
    run = uploading.start(clerk, "C:\\งาน\\..\\รายชื่อ\u202egpj.xlsx", b"x")
    assert run.file_name == "รายชื่อgpj.xlsx"


def test_what_the_run_keeps_of_a_sheet_is_the_plan_again(clerk: User, data: bytes) -> None:
    run = planned(clerk, data)
    raw = run.to_mongo()
    for sheet in raw["sheets"]:
        assert sheets.stored(sheets.plans_of(raw)[sheet["index"]]) == sheet
