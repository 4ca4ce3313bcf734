"""Applying a previewed import: all of a school or nothing, what changed meanwhile shown again, nothing doubled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from bson import ObjectId

from app.documents.students import Student
from app.enums import ImportState
from app.errors import Problem
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.services import imports
from app.services.imports import planning
from app.services.imports.writing import batches
from app.services.students import StudentRules
from tests.services.imports.conftest import Ground, work_out

Raw = dict[str, Any]
STUDENTS = MongoInterface(Student, StudentRules())
TRACES = ("created_by", "created_on", "changed_by", "changed_on")
WHY = "ไฟล์ต้นปี"


def by_form(ground: Ground, student: Raw, **changes: Any) -> None:
    """A write by hand."""
    with acting_as(ground.officer):
        found = STUDENTS.get(student["_id"])
        found._reason = "แก้ด้วยมือ"
        for name, value in changes.items():
            setattr(found, name, value)
        STUDENTS.edit(found)


def apply(ground: Ground, run: Any, who: str = "lao") -> ImportState | None:
    imports.apply(ground.people[who], run, WHY)
    return work_out(run)


@pytest.fixture
def again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The schools that were planned anew; the planning itself is another part's."""
    asked: list[str] = []
    monkeypatch.setattr(planning, "replan_school", lambda run, code, session: asked.append(code))
    return asked


def test_new_changed_and_moved_students_are_written_as_a_form_writes_them(ground: Ground) -> None:
    home, plan = ground.home, ground.plan()
    new = ground.fresh(3)
    for raw in new:
        plan.new(home.own, raw)
    changed, moved = ground.roster(home.own)[0], ground.roster(home.centre)[0]
    plan.change(changed, room="9", first_name="เปลี่ยน")
    plan.move(moved, home.own)
    run = plan.store()
    before = ground.total(home.own), ground.total(home.centre)
    assert apply(ground, run) is ImportState.APPLIED

    stored = {row["national_id"]: row for row in ground.roster(home.own)}
    for raw in new:
        found = stored[raw["national_id"]]
        assert (found["_v"], found["created_by"]) == (1, "lao")
        kept = {name: value for name, value in raw.items() if value is not None and name not in ("_id", "_v")}
        assert {name: found.get(name) for name in kept} == kept
        Student._from_son(found).validate()
    assert (stored[changed["national_id"]]["room"], stored[changed["national_id"]]["_v"]) == ("9", 1)
    assert stored[moved["national_id"]]["_id"] == moved["_id"]
    entries = list(ground.db.audit_entries.find({"of": "students"}))
    assert sorted(entry["verb"] for entry in entries) == ["add"] * 3 + ["change"] * 2
    assert {(entry["via"], entry["by"], entry["reason"]) for entry in entries} == {(f"import:{run.pk}", "lao", WHY)}
    deeds = sorted(row["deed"] for row in ground.db.corrections.find())
    assert deeds == ["add"] * 3 + ["change"] + ["move"] * 2
    assert ground.total(home.own) > before[0] and ground.total(home.centre) == before[1] - 1
    done = ground.run(run)
    assert (done["applied"], done["progress_done"], done["progress_total"]) == (5, 5, 5)
    assert not {"worker", "lease_until", "cursor"} & set(done)
    assert {row["state"] for row in ground.db.import_rows.find()} == {"applied"}


def test_the_same_writes_by_form_leave_the_same_history(ground: Ground) -> None:
    one, other = ground.roster(ground.home.own)[:2]
    by_form(ground, one, room="7", first_name="ใหม่")
    plan = ground.plan()
    plan.change(other, room="7", first_name="ใหม่")
    apply(ground, plan.store())
    entries = [ground.db.audit_entries.find_one({"key": row["_id"]}) or {} for row in (one, other)]
    changes = [entry["changes"] for entry in entries]
    assert set(changes[0]) == set(changes[1]) == {"room", "first_name"}
    assert set(entries[1]) - set(entries[0]) == {"via"}
    rows = [ground.db.corrections.find_one({"student_id": row["_id"]}) or {} for row in (one, other)]
    assert set(rows[0]) == set(rows[1]) and rows[0]["deed"] == rows[1]["deed"]
    stored = [ground.db.students.find_one({"_id": row["_id"]}) or {} for row in (one, other)]
    assert set(stored[0]) == set(stored[1]) and stored[0]["_v"] == stored[1]["_v"]


@pytest.mark.parametrize("touch", ["changed", "deleted", "taken"])
def test_what_changed_after_the_preview_keeps_its_school_out_and_the_others_go_on(
    ground: Ground, again: list[str], touch: str
) -> None:
    home, plan = ground.home, ground.plan()
    student, new = ground.roster(home.own)[0], ground.fresh(1)[0]
    plan.change(student, room="9")
    plan.new(home.own, new)
    plan.change(ground.roster(home.centre)[0], room="9")
    run = plan.store()
    if touch == "changed":
        by_form(ground, student, student_no="777")
    elif touch == "deleted":
        ground.db.students.delete_one({"_id": student["_id"]})
    else:
        ground.db.students.insert_one(new | {"_id": ObjectId()})
    roster = ground.roster(home.own)
    assert apply(ground, run) is ImportState.PREVIEW
    assert again == [home.own]
    assert ground.roster(home.own) == roster
    assert ground.roster(home.centre)[0]["room"] == "9"
    states = {row["school_code"]: row["state"] for row in ground.db.import_schools.find()}
    assert states == {home.own: "again", home.centre: "applied"}


@pytest.mark.parametrize(
    "school", [{"status": "closed", "closed_on": datetime(2020, 1, 1)}, {"grades": ["M1"]}, {"lao_code": "9999999"}]
)
def test_a_school_that_became_another_one_after_the_preview_is_looked_at_again(
    ground: Ground, again: list[str], school: Raw
) -> None:
    home, plan = ground.home, ground.plan()
    if "lao_code" in school:
        plan.move(ground.roster(home.centre)[0], home.own)
    else:
        plan.new(home.own, ground.fresh(1)[0])
    run = plan.store()
    roster = ground.roster(home.own)
    ground.db.schools.update_one({"_id": home.own}, {"$set": {**school, "changed_on": datetime(2024, 7, 1)}})
    assert apply(ground, run) is ImportState.PREVIEW
    assert (again, ground.roster(home.own)) == ([home.own], roster)


def test_what_was_looked_at_again_is_written_by_the_next_yes(ground: Ground, again: list[str]) -> None:
    home, plan = ground.home, ground.plan()
    student = ground.roster(home.own)[0]
    row = plan.change(student, room="9")
    run = plan.store()
    by_form(ground, student, student_no="777")
    assert apply(ground, run) is ImportState.PREVIEW
    ground.db.import_rows.update_one({"_id": row["_id"]}, {"$set": {"version": 1, "state": "again"}})
    assert apply(ground, run) is ImportState.APPLIED
    assert ground.roster(home.own)[0]["room"] == "9"


def test_values_corrected_by_hand_stay_unless_they_are_overruled(ground: Ground) -> None:
    plan = ground.plan()
    kept, taken = ground.roster(ground.home.own)[:2]
    plan.change(kept, by_hand=("room",), room="9", student_no="1")
    plan.change(taken, by_hand=("room",), room="9")["overrule"] = True
    apply(ground, plan.store())
    first, second = ground.roster(ground.home.own)[:2]
    assert (first["room"], first["student_no"]) == (kept["room"], "1")
    assert second["room"] == "9"


def test_rows_left_out_are_not_written(ground: Ground) -> None:
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])["left_out"] = True
    run = plan.store()
    with pytest.raises(Problem) as caught:
        imports.apply(ground.officer, run, WHY)
    assert (caught.value.kind, caught.value.en[:16]) == ("conflict", "Nothing to write")


def test_a_round_that_corrects_wants_a_reason(ground: Ground) -> None:
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])
    run = plan.store()
    with pytest.raises(Problem) as caught:
        imports.apply(ground.officer, run)
    assert caught.value.field == "reason"
    assert ground.run(run)["state"] == "preview"


def test_open_questions_and_other_areas_are_refused(ground: Ground) -> None:
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])
    run = plan.store(questions=[{"key": "birth_date:two-digit-era", "kind": "two-digit-era"}])
    for who, kind in (("lao", "conflict"), ("neighbour", "forbidden"), ("province", "forbidden"), ("far", "forbidden")):
        with pytest.raises(Problem) as caught:
            imports.apply(ground.people[who], run, WHY)
        assert caught.value.kind == kind
        if who != "lao":
            with pytest.raises(Problem):
                imports.cancel(ground.people[who], run)


def test_a_student_outside_the_area_keeps_the_whole_school_out(ground: Ground) -> None:
    sao = ground.people.places.takhop_sao
    ground.db.students.insert_one(ground.fresh(1, 9)[0] | {"school_code": sao.own, **sao.path, "_id": ObjectId()})
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])
    plan.move(ground.roster(sao.own)[0], ground.home.own)
    run = plan.store()
    roster = ground.roster(ground.home.own)
    assert apply(ground, run) is ImportState.PREVIEW
    assert ground.roster(ground.home.own) == roster
    school = ground.db.import_schools.find_one({}) or {}
    assert "นอกพื้นที่" in school["error_th"] and school["error_en"]


def test_the_policy_of_a_round_holds_when_it_is_written(ground: Ground) -> None:
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])
    run = plan.store()
    ground.db.rounds.update_one({"_id": "2567-2"}, {"$set": {"may_add": False}})
    assert apply(ground, run) is ImportState.PREVIEW
    assert "2567-2" in (ground.db.import_schools.find_one({}) or {})["error_th"]
    assert len(ground.roster(ground.home.own)) == 8
    assert apply(ground, run, "dla") is ImportState.APPLIED


def test_an_accepted_count_refuses_its_school_and_the_others_go_on(ground: Ground) -> None:
    home, plan = ground.home, ground.plan()
    for code in (home.own, home.centre):
        plan.new(code, ground.fresh(1, school=code)[0] | {"admitted_on": datetime(2024, 5, 16)})
    run = plan.store()
    ground.db.submissions.update_one({"_id": f"2567-2:{home.own}"}, {"$set": {"state": "accepted"}})
    assert apply(ground, run) is ImportState.APPLIED
    assert (len(ground.roster(home.own)), len(ground.roster(home.centre))) == (8, 5)
    assert ground.db.audit_entries.count_documents({"of": "students"}) == 1
    texts = {row["school_code"]: row.get("error_th") for row in ground.db.import_schools.find()}
    assert texts[home.own] and not texts[home.centre]


def test_whoever_lost_the_account_or_the_area_meanwhile_writes_nothing(ground: Ground) -> None:
    for change in ({"active": False}, {"area_codes": {"lao": "6301408"}}):
        plan = ground.plan()
        plan.new(ground.home.own, ground.fresh(1)[0])
        run = plan.store()
        imports.apply(ground.officer, run, WHY)
        ground.db.users.update_one({"username": "lao"}, {"$set": change})
        assert work_out(run) is ImportState.FAILED
        assert ground.run(run)["error_th"]
        ground.officer.save()
        ground.db.users.update_one({"username": "lao"}, {"$set": {"active": True}})
    assert len(ground.roster(ground.home.own)) == 8


def test_a_large_school_goes_in_batches_that_resume_and_double_nothing(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_IN_TRANSACTION", 7)
    plan = ground.plan()
    for raw in ground.fresh(40):
        plan.new(ground.home.own, raw)
    run = plan.store()
    imports.apply(ground.officer, run, WHY)
    store, calls = batches._store, list[int]()

    def cut(*given: Any) -> None:
        calls.append(1)
        if len(calls) % 2 == 0:
            raise MemoryError("the worker died")
        store(*given)

    monkeypatch.setattr(batches, "_store", cut)
    for _ in range(9):
        try:
            work_out(run)
            break
        except MemoryError:
            assert ground.run(run)["idle"] <= 1
    assert ground.run(run)["state"] == "applied"
    assert len(ground.roster(ground.home.own)) == 48
    assert ground.db.audit_entries.count_documents({"of": "students"}) == 40
    assert ground.db.corrections.count_documents({}) == 40
    counted = ground.db.students.count_documents(
        {"school_code": ground.home.own, "admitted_on": {"$lte": datetime(2024, 6, 10)}, "left_on": None}
    )
    assert ground.total(ground.home.own) >= counted > 8


def test_a_large_school_is_looked_through_before_its_first_batch(
    ground: Ground, again: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_IN_TRANSACTION", 3)
    plan = ground.plan()
    for raw in ground.fresh(10):
        plan.new(ground.home.own, raw)
    student = ground.roster(ground.home.own)[-1]
    plan.change(student, room="9")
    run = plan.store()
    by_form(ground, student, student_no="777")
    assert apply(ground, run) is ImportState.PREVIEW
    assert len(ground.roster(ground.home.own)) == 8 and again == [ground.home.own]


def test_a_cancelled_import_keeps_whole_schools_and_counts(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    home, plan = ground.home, ground.plan()
    for code in (home.own, home.centre):
        for raw in ground.fresh(5, school=code):
            plan.new(code, raw)
    run = plan.store()
    imports.apply(ground.officer, run, WHY)
    store = batches._store

    def cancelled_meanwhile(*given: Any) -> None:
        imports.cancel(ground.officer, run)
        store(*given)

    monkeypatch.setattr(batches, "_store", cancelled_meanwhile)
    assert work_out(run) is ImportState.CANCELLED
    assert sorted((len(ground.roster(home.own)), len(ground.roster(home.centre)))) in ([4, 13], [8, 9])
    assert ground.run(run)["applied"] == 5
    assert not imports.cancel(ground.officer, run)


def test_a_preview_is_cancelled_at_once(ground: Ground) -> None:
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])
    run = plan.store()
    assert imports.cancel(ground.officer, run)
    assert ground.run(run)["state"] == "cancelled"
    with pytest.raises(Problem):
        imports.apply(ground.officer, run, WHY)


def test_the_history_says_that_a_file_brought_the_change(ground: Ground) -> None:
    plan = ground.plan()
    student = ground.roster(ground.home.own)[0]
    plan.change(student, room="9")
    apply(ground, plan.store())
    page = ground.people.browser("lao").get(f"/students/history/{student['_id']}")
    assert "จากการนำเข้าไฟล์" in page.text and WHY in page.text


def test_schools_in_which_nothing_is_to_be_written_are_done_and_undone_with_the_others(ground: Ground) -> None:
    """The second upload of a file of several schools, which changes two of them: the normal case of the season."""
    first = ground.plan()
    for raw in ground.fresh(4, 21):
        first.new(ground.home.own, raw)
    for raw in ground.fresh(4, 22, ground.home.centre):
        first.new(ground.home.centre, raw)
    run = first.store()
    imports.apply(ground.officer, run, WHY)
    assert work_out(run) is ImportState.APPLIED

    second = ground.plan()
    for student in ground.roster(ground.home.centre):
        second.unchanged(student)
    for student in ground.roster(ground.home.own)[:2]:
        second.change(student, room="7")
    run = second.store()
    imports.apply(ground.officer, run, WHY)
    assert work_out(run) is ImportState.APPLIED
    assert ground.run(run)["applied"] == 2
    assert {row["state"] for row in ground.db.import_schools.find({"run": run.pk})} == {"applied"}

    imports.undo(ground.officer, run)
    assert work_out(run) is ImportState.UNDONE
    assert not [row for row in ground.roster(ground.home.own) if row.get("room") == "7"]
    assert {row["state"] for row in ground.db.import_schools.find({"run": run.pk})} == {"undone"}


def test_an_undo_that_was_given_up_half_way_is_undone_further_by_its_person(ground: Ground) -> None:
    plan = ground.plan()
    for raw in ground.fresh(3, 31):
        plan.new(ground.home.own, raw)
    for student in ground.roster(ground.home.centre):
        plan.unchanged(student)
    run = plan.store()
    imports.apply(ground.officer, run, WHY)
    assert work_out(run) is ImportState.APPLIED
    imports.undo(ground.officer, run)
    given_up = {"state": "applied", "error_th": "ไม่คืบหน้า"}  # as versions before left it
    ground.db.import_runs.update_one({"_id": run.pk}, {"$set": given_up, "$unset": {"cursor": "", "lease_until": ""}})
    imports.undo(ground.officer, run)
    assert work_out(run) is ImportState.UNDONE
    assert len(ground.roster(ground.home.own)) == 8
