"""What people put right in a preview, who may, and two of them at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from app.errors import Problem
from app.fabmongo.security.models import User
from app.services.imports import editing, pages
from app.services.imports.planning import replanning
from tests.factories.places import Places
from tests.services.imports.planned import SHORT, person, planned, roster, rows_of, table, texts, worked

Raw = dict[str, Any]
QUESTION = "admitted_on:admitted-on"


@pytest.fixture
def students(places: Places, own: str) -> list[Raw]:
    return roster(places.takhop_tambon, own, 8)


def kind_of(call: Callable[[], Any]) -> str:
    with pytest.raises(Problem) as error:
        call()
    return error.value.kind


# -- answers -------------------------------------------------------------------------------


def test_new_students_without_admission_dates_wait_for_one_answer(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    db.students.insert_one(students[0] | {"_v": 1})
    run = planned(clerk, table(students, SHORT), school=own)
    assert run.numbers == {"unchanged": 1, "asked": 7}
    question = run.questions[0]
    assert (question.key, question.kind, question.rows) == (QUESTION, "admitted-on", 7)
    assert question.samples[0].startswith("16/05/25")
    editing.answer(clerk, run, {QUESTION: "16/05/2567"})
    run.reload()
    assert run.state.value == "reading"
    run = worked(run)
    assert (run.state.value, run.numbers) == ("preview", {"unchanged": 1, "new": 7})
    assert rows_of(db, run)[1]["values"]["admitted_on"] == datetime(2024, 5, 16)
    editing.answer(clerk, run, {QUESTION: "01/06/2567"}, reason="ตรวจแล้ว")
    run = worked(run)
    assert rows_of(db, run)[1]["values"]["admitted_on"] == datetime(2024, 6, 1)
    assert (run.reason, [each.key for each in run.questions]) == ("ตรวจแล้ว", [QUESTION])


def test_an_answer_is_worked_on_for_whoever_gave_it(
    db: Database[Raw], places: Places, clerk: User, own: str, students: list[Raw]
) -> None:
    run = planned(clerk, table(students, SHORT), school=own)
    db.users.update_one({"username": "clerk"}, {"$set": {"active": False}})
    editing.answer(person(db, "colleague", places.takhop_tambon.area()), run, {QUESTION: "16/05/2567"})
    assert worked(run).numbers == {"new": 8}


def test_an_answer_must_be_one_and_to_a_question_of_the_run(clerk: User, own: str, students: list[Raw]) -> None:
    run = planned(clerk, table(students, SHORT), school=own)
    for answers in ({QUESTION: "someday"}, {"birth_date:two-digit-era": "be"}, {"x": "y"}):
        with pytest.raises(Problem):
            editing.answer(clerk, run, answers)
    run.reload()
    assert run.state.value == "preview"


def test_dates_of_two_digit_years_are_asked_of_all_rows_at_once(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    rows = [texts(row) for row in students]
    for row in rows[:3]:
        row["birth_date"] = row["birth_date"][:-4] + row["birth_date"][-2:]
    run = planned(clerk, table(rows), school=own)
    assert run.numbers == {"asked": 3, "new": 5}
    question = next(each for each in run.questions if each.kind == "two-digit-era")
    assert question.rows == 3
    assert rows[0]["birth_date"] in question.samples
    editing.answer(clerk, run, {question.key: "be"})
    run = worked(run)
    assert run.numbers == {"new": 8}
    assert rows_of(db, run)[0]["values"]["birth_date"] == students[0]["birth_date"]


def test_answers_planned_anew_in_several_pieces_give_the_same(
    db: Database[Raw], clerk: User, own: str, students: list[Raw], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replanning, "CHUNK", 3)
    rows = [*students, students[1]]
    run = planned(clerk, table(rows, SHORT), school=own)
    assert run.numbers == {"asked": 8, "refused": 1}
    editing.answer(clerk, run, {QUESTION: "16/05/2567"})
    run = worked(run)
    assert run.numbers == {"new": 8, "refused": 1}
    assert len({row["student"] for row in rows_of(db, run) if row["deed"] == "new"}) == 8


# -- rows ----------------------------------------------------------------------------------


def test_a_refused_row_that_is_put_right_is_planned_at_once(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    rows = [texts(row) for row in students]
    rows[0]["national_id"] = "123"
    run = planned(clerk, table(rows), school=own)
    row = rows_of(db, run)[0]
    assert row["deed"] == "refused"
    fixed = editing.fix_row(clerk, run, row["_id"], {"national_id": students[0]["national_id"]})
    run.reload()
    assert (fixed.deed.value, fixed.edits) == ("new", {"national_id": students[0]["national_id"]})
    assert run.numbers == {"new": 8}
    school = db.import_schools.find_one({"run": run.pk})
    assert school is not None
    assert school["numbers"] == {"new": 8}
    editing.fix_row(clerk, run, row["_id"], {"national_id": "123"})
    assert "edits" not in rows_of(db, run)[0]


def test_an_unchanged_row_can_be_put_right_too(db: Database[Raw], clerk: User, own: str, students: list[Raw]) -> None:
    db.students.insert_many(row | {"_v": 1} for row in students)
    run = planned(clerk, table(students), school=own)
    row = rows_of(db, run)[0]
    db.import_rows.update_one({"_id": row["_id"]}, {"$unset": {"typed": "", "depends": ""}})
    fixed = editing.fix_row(clerk, run, row["_id"], {"room": "12"})
    assert (fixed.deed.value, fixed.changes) == ("changed", {"room": [students[0]["room"], "12"]})
    fixed = editing.fix_row(clerk, run, row["_id"], {"room": students[0]["room"]})
    assert fixed.deed.value == "unchanged"


def test_a_fix_finds_the_missing_student_and_frees_a_double(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    db.students.insert_many(row | {"_v": 1} for row in students)
    rows = [texts(row) for row in students]
    born = rows[0]["birth_date"]
    rows[0] |= {"national_id": students[1]["national_id"], "birth_date": rows[1]["birth_date"]}
    run = planned(clerk, table(rows), school=own)
    assert run.numbers["missing"] == 1
    first, second = rows_of(db, run)[:2]
    assert second["deed"] == "refused"
    editing.fix_row(clerk, run, first["_id"], {"national_id": students[0]["national_id"], "birth_date": born})
    run.reload()
    assert run.numbers == {"unchanged": 8}
    assert rows_of(db, run)[1]["student"] is not None


def test_a_row_left_out_stays_in_the_numbers_and_out_of_the_counts(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    run = planned(clerk, table(students), school=own)
    keys = [row["_id"] for row in rows_of(db, run)[:2]]
    editing.leave_out(clerk, run, keys, True)
    run.reload()
    school = db.import_schools.find_one({"run": run.pk})
    assert school is not None
    assert (run.numbers, run.left_out) == ({"new": 8}, 2)
    assert sum(sum(grade.values()) for grade in school["after"].values()) == 6
    editing.leave_out(clerk, run, [str(key) for key in keys], False)
    run.reload()
    assert run.left_out == 0


def test_of_two_rows_about_one_person_the_other_stands_once_one_is_left_out(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    run = planned(clerk, table([students[0], texts(students[0]) | {"room": "77"}]), school=own)
    first, second = rows_of(db, run)
    assert (first["deed"], second["deed"]) == ("new", "refused")
    editing.leave_out(clerk, run, [first["_id"]], True)
    assert [row["deed"] for row in rows_of(db, run)] == ["new", "new"]


def test_what_a_person_corrected_can_be_overruled(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    key = db.students.insert_one(students[0] | {"_v": 2}).inserted_id
    entry = {"of": "students", "key": key, "at": datetime.now(UTC)}
    db.audit_entries.insert_many(
        [
            {**entry, "version": 1, "verb": "add", "via": "import:0"},
            {**entry, "version": 2, "verb": "change", "changes": {"room": ["5", students[0]["room"]]}},
        ]
    )
    run = planned(clerk, table([texts(students[0]) | {"room": "5"}]), school=own)
    row = rows_of(db, run)[0]
    assert (row["deed"], row["by_hand"]) == ("unchanged", ["room"])
    editing.overrule(clerk, run, row["_id"], True)
    assert (rows_of(db, run)[0]["deed"], rows_of(db, run)[0]["overrule"]) == ("changed", True)
    editing.overrule(clerk, run, row["_id"], False)
    assert rows_of(db, run)[0]["deed"] == "unchanged"


def test_nobody_reaches_rows_of_another_area_or_another_run(
    db: Database[Raw], places: Places, clerk: User, own: str, students: list[Raw]
) -> None:
    run, other = (planned(clerk, table(students), school=own) for _ in range(2))
    row = rows_of(db, run)[0]
    neighbour = person(db, "neighbour", places.takhop_sao.area())
    province = person(db, "province", places.takhop_tambon.area("province"))
    teacher = person(db, "teacher", places.takhop_tambon.area("school", places.takhop_tambon.centre))
    for actor in (neighbour, province, teacher):
        assert kind_of(lambda a=actor: editing.fix_row(a, run, row["_id"], {"room": "1"})) == "forbidden"
        assert kind_of(lambda a=actor: editing.leave_out(a, run, [row["_id"]], True)) == "forbidden"
        assert kind_of(lambda a=actor: editing.overrule(a, run, row["_id"], True)) == "forbidden"
        assert kind_of(lambda a=actor: editing.answer(a, run, {})) == "forbidden"
        assert kind_of(lambda a=actor: editing.set_columns(a, run, [])) == "forbidden"
    for key in (row["_id"], ObjectId(), "no key", None):
        assert kind_of(lambda k=key: editing.fix_row(clerk, other, k, {"room": "1"})) == "not_found"
        assert kind_of(lambda k=key: editing.leave_out(clerk, other, [k], True)) == "not_found"
    assert rows_of(db, run)[0] == row
    assert pages.row_of(other, row["_id"]) is None


def test_a_fix_cannot_move_a_row_out_of_the_area(
    db: Database[Raw], places: Places, clerk: User, own: str, students: list[Raw]
) -> None:
    run = planned(clerk, table(students, ("school_code", *SHORT, "admitted_on")))
    row = rows_of(db, run)[0]
    fixed = editing.fix_row(clerk, run, row["_id"], {"school_code": places.buriram_sao.own})
    assert (fixed.deed.value, fixed.school_code) == ("refused", None)


def test_rows_change_in_a_preview_only(db: Database[Raw], clerk: User, own: str, students: list[Raw]) -> None:
    run = planned(clerk, table(students), school=own)
    row = rows_of(db, run)[0]
    for state in ("reading", "applying", "applied", "undone", "failed", "cancelled", "mapping"):
        db.import_runs.update_one({"_id": run.pk}, {"$set": {"state": state}})
        assert kind_of(lambda: editing.fix_row(clerk, run, row["_id"], {"room": "1"})) == "conflict"
        assert kind_of(lambda: editing.leave_out(clerk, run, [row["_id"]], True)) == "conflict"
        assert kind_of(lambda: editing.answer(clerk, run, {})) == "conflict"
    db.import_runs.update_one({"_id": run.pk}, {"$set": {"state": "preview"}})
    db.import_rows.update_one({"_id": row["_id"]}, {"$set": {"state": "applied"}})
    assert kind_of(lambda: editing.fix_row(clerk, run, row["_id"], {"room": "1"})) == "not_found"
    assert kind_of(lambda: editing.set_columns(clerk, run, [])) == "conflict"


def test_what_began_meanwhile_is_not_changed_any_more(
    db: Database[Raw], clerk: User, own: str, students: list[Raw], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = planned(clerk, table(students, SHORT), school=own)
    touched_by = editing.touched_by

    def and_somebody_applies(keys: list[str]) -> Raw:
        db.import_runs.update_one({"_id": run.pk}, {"$set": {"state": "applying"}})
        return touched_by(keys)

    monkeypatch.setattr(editing, "touched_by", and_somebody_applies)
    assert kind_of(lambda: editing.answer(clerk, run, {QUESTION: "16/05/2567"})) == "conflict"
    stored = db.import_runs.find_one({"_id": run.pk}) or {}
    assert (stored["state"], stored.get("answers")) == ("applying", None)


def test_fixes_of_two_people_at_once_are_both_kept_and_a_stale_one_is_refused(
    app: Flask, db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    run = planned(clerk, table(students), school=own)
    key = rows_of(db, run)[0]["_id"]

    def fix(texts: dict[str, str]) -> None:
        with app.app_context():
            editing.fix_row(clerk, run, key, texts)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(fix, [{"room": "7"}, {"religion": "คริสต์"}]))
    assert rows_of(db, run)[0]["edits"] == {"room": "7", "religion": "คริสต์"}
    assert kind_of(lambda: editing.fix_row(clerk, run, key, {"room": "8"}, seen={})) == "conflict"
    assert rows_of(db, run)[0]["edits"]["room"] == "7"


# -- columns -------------------------------------------------------------------------------


CHOSEN = {
    0: "national_id", 1: "title", 2: "first_name", 3: "last_name", 4: "birth_date", 5: "grade", 6: "admitted_on",
}  # fmt: skip


def unknown(students: list[Raw]) -> bytes:
    lines = [["ก", "ข", "ค", "ง", "จ", "ฉ", "ช"]]
    for row in students:
        text = texts(row)
        lines.append([text.get(name, "") for name in CHOSEN.values()])
    return "\n".join(",".join(line) for line in lines).encode()


def test_chosen_columns_are_read_and_the_layout_is_known_from_then_on(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    run = planned(clerk, unknown(students), school=own)
    assert run.state.value == "mapping"
    editing.set_columns(clerk, run, [{"index": 0, "header": 0, "columns": CHOSEN}], save_as="ไฟล์ของเรา")
    run.reload()
    run = worked(run)
    assert (run.state.value, run.numbers) == ("preview", {"new": 8})
    layout = db.import_layouts.find_one({})
    assert layout is not None
    assert (layout["name"], layout["lao_code"], run.layout) == ("ไฟล์ของเรา", "5301401", str(layout["_id"]))
    again = planned(clerk, unknown(students), school=own)
    assert (again.state.value, again.numbers, again.layout) == ("preview", {"new": 8}, str(layout["_id"]))


@pytest.mark.parametrize(
    "sheet",
    [
        {"index": 5, "header": 0, "columns": CHOSEN},
        {"index": 0, "header": 99, "columns": CHOSEN},
        {"index": 0, "header": 0, "columns": {0: "grade"}},
        {"index": 0, "header": 0, "columns": {**CHOSEN, 6: "grade"}},
        {"index": 0, "header": 0, "columns": {**CHOSEN, 6: "school"}},
        {"index": 0},
    ],
)
def test_columns_that_make_no_sense_are_refused(clerk: User, own: str, students: list[Raw], sheet: Raw) -> None:
    run = planned(clerk, unknown(students), school=own)
    with pytest.raises(Problem) as error:
        editing.set_columns(clerk, run, [sheet])
    assert error.value.field == "columns"
    run.reload()
    assert run.state.value == "mapping"


def test_a_school_user_saves_no_layout(db: Database[Raw], places: Places, students: list[Raw]) -> None:
    teacher = person(db, "teacher", places.takhop_tambon.area("school"))
    run = planned(teacher, unknown(students))
    sheet = {"index": 0, "header": 0, "columns": CHOSEN}
    assert kind_of(lambda: editing.set_columns(teacher, run, [sheet], save_as="ของเรา")) == "forbidden"
    assert db.import_layouts.count_documents({}) == 0


# -- the database changed, pages -----------------------------------------------------------


def test_a_school_planned_anew_marks_the_rows_whose_plan_is_another(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    db.students.insert_many(row | {"_v": 1} for row in students[:4])
    rows = [texts(row) | {"room": "9"} for row in students]
    run = planned(clerk, table(rows), school=own)
    new = [row["student"] for row in rows_of(db, run) if row["deed"] == "new"]
    db.students.update_one({"national_id": students[0]["national_id"]}, {"$set": {"room": "9"}, "$inc": {"_v": 1}})
    db.students.update_one({"national_id": students[1]["national_id"]}, {"$set": {"religion": "x"}, "$inc": {"_v": 1}})
    db.students.delete_one({"national_id": students[2]["national_id"]})
    editing.leave_out(clerk, run, [rows_of(db, run)[3]["_id"]], True)
    db.students.update_one({"national_id": students[3]["national_id"]}, {"$set": {"room": "9"}, "$inc": {"_v": 1}})
    run.reload()
    assert replanning.replan_school(run.to_mongo(), own, None) == 2
    found = rows_of(db, run)
    assert [row["deed"] for row in found[:4]] == ["unchanged", "changed", "new", "unchanged"]
    assert [row["state"] for row in found[:4]] == ["again", "planned", "again", "planned"]
    assert found[1]["version"] == 2
    assert [row["student"] for row in found[4:]] == new
    run.reload()
    assert (run.again, run.numbers) == (2, {"unchanged": 2, "changed": 1, "new": 5})
    school = db.import_schools.find_one({"run": run.pk})
    assert school is not None
    assert school["state"] == "again"


def test_pages_filter_go_on_after_a_row_and_mask_numbers(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    rows = [texts(row) for row in students]
    rows[0]["title"] = "ด.ช." if students[0]["sex"] == "male" else "ด.ญ."
    rows[3]["grade"] = "ม.6"
    run = planned(clerk, table(rows), school=own)
    first = pages.page(run, limit=3)
    assert [row["n"] for row in first] == [1, 2, 3]
    assert [row["n"] for row in pages.page(run, after=3, limit=3)] == [4, 5, 6]
    assert [row["n"] for row in pages.page(run, deed="refused")] == [4]
    assert 1 in [row["n"] for row in pages.page(run, repaired=True)]
    assert len(pages.page(run, school=own)) == 7 + 1
    assert pages.page(run, school="0") == pages.page(run, again=True) == pages.page(run, by_hand=True) == []
    assert len(pages.page(run, left_out=False)) == 8
    assert students[2]["first_name"] in pages.page(run, words=students[2]["first_name"])[0]["student_name"]
    assert pages.page(run, words=".*") == []
    numbers = {row["national_id"] for row in students}
    assert not any(number in str(pages.page(run)) for number in numbers)
    assert any(number in str(pages.page(run, open_numbers=True)) for number in numbers)
    assert [school.school_code for school in pages.schools(run)] == [own]
