"""From an uploaded file to a stored preview: what would be done with each row."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from app.fabmongo.security.models import User
from tests.commands import CommandCounter
from tests.factories.places import Places
from tests.services.imports.planned import (
    SHORT,
    TEMPLATE,
    WHOLE_LAO,
    deeds,
    person,
    planned,
    roster,
    rows_of,
    table,
    texts,
)

Raw = dict[str, Any]


@pytest.fixture
def students(places: Places) -> list[Raw]:
    """Twelve students of ทต.ตะขบ's own school, not stored."""
    return roster(places.takhop_tambon, places.takhop_tambon.own, 12)


@pytest.fixture
def stored(db: Database[Raw], students: list[Raw]) -> list[Raw]:
    """The same, stored."""
    db.students.insert_many([row | {"_v": 3} for row in students])
    return list(db.students.find().sort("_id", 1))


def there(counts: Raw) -> int:
    return sum(number for grade in counts.values() for number in grade.values())


def school_of(db: Database[Raw], run: Any, code: str) -> Raw:
    found = db.import_schools.find_one({"_id": f"{run.pk}/{code}"})
    assert found is not None
    return found


def reasons(row: Raw) -> str:
    return " ".join(trouble["en"] for trouble in row.get("troubles", ()))


def test_everybody_is_new_to_an_empty_roster(db: Database[Raw], clerk: User, own: str, students: list[Raw]) -> None:
    run = planned(clerk, table(students), school=own)
    assert (run.error_th, run.state.value, run.numbers, run.rows) == (None, "preview", {"new": 12}, 12)
    row = rows_of(db, run)[0]
    assert row["values"]["birth_date"] == students[0]["birth_date"]
    assert isinstance(row["student"], ObjectId)
    assert (row["n"], row["row"], row["school_code"]) == (1, 2, own)
    school = school_of(db, run, own)
    assert (school["before"], school["numbers"], there(school["after"])) == ({}, {"new": 12}, 12)
    assert db.students.count_documents({}) == 0


def test_the_roster_as_it_is_changes_nothing(db: Database[Raw], clerk: User, own: str, stored: list[Raw]) -> None:
    run = planned(clerk, table(stored), school=own)
    assert run.numbers == {"unchanged": 12}
    school = school_of(db, run, own)
    assert school["before"] == school["after"]
    row = rows_of(db, run)[0]
    assert all("typed" not in row for row in rows_of(db, run) if not row.get("depends"))
    assert (row["student"], row["version"]) == (stored[0]["_id"], 3)


def test_a_change_is_told_field_by_field_and_counted(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    rows = [texts(row) for row in stored]
    rows[0] |= {"room": "9", "grade": "ป.3" if stored[0]["grade"] != "P3" else "ป.1"}
    run = planned(clerk, table(rows), school=own)
    row = rows_of(db, run)[0]
    assert run.numbers == {"changed": 1, "unchanged": 11}
    assert row["changes"]["room"] == [stored[0]["room"], "9"]
    assert row["changes"].keys() == {"room", "grade"}
    school = school_of(db, run, own)
    assert there(school["before"]) == there(school["after"]) == 12
    assert school["before"] != school["after"]


def test_what_the_file_lacks_or_leaves_empty_changes_nothing(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    rows = [texts(row) | {"room": "", "student_no": ""} for row in stored]
    assert planned(clerk, table(rows, SHORT), school=own).numbers == {"unchanged": 12}


def test_zeros_that_a_spreadsheet_took_from_a_student_number_change_nothing(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    db.students.update_many({}, [{"$set": {"student_no": {"$concat": ["00", "$student_no"]}}}])
    assert planned(clerk, table(stored), school=own).numbers == {"unchanged": 12}


def test_who_is_not_in_the_file_is_listed_and_nothing_more(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    db.students.update_one({"_id": stored[0]["_id"]}, {"$set": {"left_on": datetime(2024, 6, 1), "status": "moved"}})
    run = planned(clerk, table(stored[3:]), school=own)
    missing = [row for row in rows_of(db, run) if row["deed"] == "missing"]
    assert {row["student"] for row in missing} == {row["_id"] for row in stored[1:3]}
    assert [row["n"] for row in missing] == [10, 11]
    assert (run.rows, run.numbers) == (9, {"unchanged": 9, "missing": 2})
    school = school_of(db, run, own)
    assert school["before"] == school["after"]


def test_a_student_of_another_school_of_the_lao_moves(
    db: Database[Raw], places: Places, clerk: User, own: str, stored: list[Raw]
) -> None:
    centre = places.takhop_tambon.centre
    db.students.update_one({"_id": stored[0]["_id"]}, {"$set": {"school_code": centre}})
    run = planned(clerk, table(stored), school=own)
    row = rows_of(db, run)[0]
    assert (row["deed"], row["from_school"], row["student"]) == ("moved", centre, stored[0]["_id"])
    assert row["changes"] == {"school_code": [centre, own]}
    assert there(school_of(db, run, own)["after"]) == 12


def test_a_student_of_another_lao_is_new_here(
    db: Database[Raw], places: Places, clerk: User, own: str, stored: list[Raw]
) -> None:
    far = {"school_code": places.buriram_sao.own, **places.buriram_sao.path}
    db.students.update_one({"_id": stored[0]["_id"]}, {"$set": far})
    row = rows_of(db, planned(clerk, table(stored), school=own))[0]
    assert row["deed"] == "new"
    assert row["student"] != stored[0]["_id"]


def test_a_school_user_moves_nobody_from_a_school_next_door(
    db: Database[Raw], places: Places, own: str, stored: list[Raw]
) -> None:
    db.students.update_one({"_id": stored[0]["_id"]}, {"$set": {"school_code": places.takhop_tambon.centre}})
    teacher = person(db, "teacher", places.takhop_tambon.area("school"))
    run = planned(teacher, table(stored))
    assert (run.level.value, run.school.pk, rows_of(db, run)[0]["deed"]) == ("school", own, "new")


def test_who_left_elsewhere_is_new_and_who_is_on_two_rosters_is_refused(
    db: Database[Raw], places: Places, clerk: User, own: str, stored: list[Raw]
) -> None:
    home = places.takhop_tambon
    one, two = stored[0], stored[1]
    db.students.update_one({"_id": one["_id"]}, {"$set": {"school_code": home.centre, "left_on": datetime(2024, 6, 1)}})
    db.students.update_one({"_id": two["_id"]}, {"$set": {"school_code": home.centre}})
    db.students.insert_one({**two, "_id": ObjectId(), "school_code": home.other})
    first, second = rows_of(db, planned(clerk, table(stored[:2]), school=own))[:2]
    assert first["deed"] == "new"
    assert second["deed"] == "refused"
    assert home.centre in reasons(second)


def test_who_is_on_this_roster_and_another_one_is_the_one_here(
    db: Database[Raw], places: Places, clerk: User, own: str, stored: list[Raw]
) -> None:
    for code in (places.takhop_tambon.centre, places.takhop_tambon.other):
        db.students.insert_one({**stored[0], "_id": ObjectId(), "school_code": code})
    row = rows_of(db, planned(clerk, table(stored), school=own))[0]
    assert (row["deed"], row["student"]) == ("unchanged", stored[0]["_id"])


def test_who_leaves_with_the_file_is_counted_before_and_not_after(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    db.students.delete_one({"_id": stored[1]["_id"]})
    rows = [texts(row) for row in stored]
    for row in rows[:2]:
        row |= {"left_on": "01/06/2567", "status": "จำหน่าย"}
    run = planned(clerk, table(rows), school=own)
    school = school_of(db, run, own)
    assert deeds(db, run)[:3] == ["changed", "new", "unchanged"]
    assert (there(school["before"]), there(school["after"])) == (11, 10)


def test_a_number_replaces_a_g_code_and_never_the_reverse(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    g_code = "G123456789012"
    db.students.update_one({"_id": stored[0]["_id"]}, {"$set": {"national_id": g_code}})
    rows = [texts(row) for row in stored]
    rows[1]["national_id"] = "G999999999999"
    run = planned(clerk, table(rows), school=own)
    first, second = rows_of(db, run)[:2]
    assert (first["deed"], first["changes"]) == ("changed", {"national_id": [g_code, stored[0]["national_id"]]})
    assert (second["deed"], second["student"]) == ("unchanged", stored[1]["_id"])


def test_without_numbers_students_are_found_by_student_number_and_names(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    fields = [name for name in TEMPLATE if name != "national_id"]
    rows = [texts(row) for row in stored]
    rows[0]["room"] = "8"
    rows[1]["first_name"] = "ไม่มีในทะเบียน"
    run = planned(clerk, table(rows, ["national_id", *fields]).replace(b"\r\n,", b"\r\n,"), school=own)
    by_id = rows_of(db, run)[0]
    assert by_id["deed"] == "changed"
    blank = [row | {"national_id": ""} for row in rows]
    first, second, third = rows_of(db, planned(clerk, table(blank), school=own))[:3]
    assert (first["deed"], first["student"]) == ("changed", stored[0]["_id"])
    assert second["deed"] == "refused"
    assert "needs an ID number" in reasons(second)
    assert third["deed"] == "unchanged"


def test_a_number_that_belongs_to_somebody_else_is_refused_and_the_number_is_not_told(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    rows = [texts(row) for row in stored]
    rows[0] |= {"first_name": "คนละ", "last_name": "คนกัน", "birth_date": "01/01/2555"}
    run = planned(clerk, table(rows), school=own)
    row = rows_of(db, run)[0]
    assert row["deed"] == "refused"
    assert "belongs to another student" in reasons(row)
    assert stored[0]["national_id"] not in str(row["troubles"])
    assert stored[0]["_id"] in {row["student"] for row in rows_of(db, run) if row["deed"] == "missing"}


def test_doubles_are_refused_and_name_the_first_row(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    rows = [*(texts(row) for row in students), texts(students[0]), texts(students[1]) | {"room": "77"}]
    run = planned(clerk, table(rows), school=own)
    same, other = rows_of(db, run)[-2:]
    assert run.numbers == {"new": 12, "refused": 2}
    assert "The same as row 2" in reasons(same)
    assert "The same person as row 3 with other data" in reasons(other)
    assert same["troubles"][0]["same_as"] == 1


def test_an_error_of_the_record_refuses_the_row_as_the_form_does(
    db: Database[Raw], clerk: User, own: str, students: list[Raw]
) -> None:
    rows = [texts(row) for row in students]
    rows[0]["grade"] = "ม.6"
    rows[1]["national_id"] = "1234567890123"
    rows[2]["sex"] = "หญิง" if students[2]["sex"] == "male" else "ชาย"
    run = planned(clerk, table(rows), school=own)
    refused = rows_of(db, run)[:3]
    assert [row["deed"] for row in refused] == ["refused"] * 3
    assert [row["troubles"][0]["field"] for row in refused[:2]] == ["grade", "national_id"]
    assert "1234567890123" not in str(refused[1]["troubles"])
    assert run.numbers == {"refused": 3, "new": 9}


def test_the_policy_of_an_open_round_binds_the_lao_and_not_the_dla(
    db: Database[Raw], places: Places, clerk: User, own: str, students: list[Raw]
) -> None:
    db.rounds.update_one({"_id": places.round_2}, {"$set": {"may_add": False}})
    row = rows_of(db, planned(clerk, table(students), school=own))[0]
    assert row["deed"] == "refused"
    assert "Students may be added" in reasons(row)
    dla = person(db, "dla", places.country)
    assert planned(dla, table(students), school=own).numbers == {"new": 12}


def test_only_the_fields_that_a_round_opens_may_change(
    db: Database[Raw], places: Places, clerk: User, own: str, stored: list[Raw]
) -> None:
    db.rounds.update_one({"_id": places.round_2}, {"$set": {"open_fields": ["room"]}})
    rows = [texts(row) for row in stored]
    rows[0]["room"], rows[1]["student_no"] = "9", "777"
    assert deeds(db, planned(clerk, table(rows), school=own))[:3] == ["changed", "refused", "unchanged"]


def test_whoever_moves_is_bound_by_the_rounds_of_the_school_that_is_left(
    db: Database[Raw], places: Places, clerk: User, own: str, stored: list[Raw]
) -> None:
    centre = places.takhop_tambon.centre
    db.students.update_one({"_id": stored[0]["_id"]}, {"$set": {"school_code": centre}})
    # The first round is over but for that school, and lets nobody move or be discharged.
    db.rounds.update_one({"_id": "2567-1"}, {"$set": {"may_discharge": False, "may_change": False}})
    assert deeds(db, planned(clerk, table(stored), school=own))[0] == "moved"
    db.extensions.insert_one({"round_code": "2567-1", "school_code": centre, "until": datetime(2099, 1, 1)})
    assert deeds(db, planned(clerk, table(stored), school=own))[0] == "refused"


def test_what_a_person_corrected_after_an_import_is_kept(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    key = stored[0]["_id"]
    entry = {"of": "students", "key": key, "at": datetime.now(UTC), "by": "somebody"}
    db.audit_entries.insert_many(
        [
            {**entry, "version": 1, "verb": "add", "via": "import:0"},
            {**entry, "version": 2, "verb": "change", "changes": {"room": ["1", stored[0]["room"]]}},
            {**entry, "version": 3, "verb": "change", "changes": {"student_no": ["1", "2"]}, "via": "import:1"},
        ]
    )
    rows = [texts(row) for row in stored]
    rows[0]["room"] = "old"
    row = rows_of(db, planned(clerk, table(rows), school=own))[0]
    assert (row["deed"], row["by_hand"]) == ("unchanged", ["room"])
    assert row["changes"] == {"room": [stored[0]["room"], "old"]}
    rows[0]["student_no"] = "555"
    row = rows_of(db, planned(clerk, table(rows), school=own))[0]
    assert (row["deed"], row["by_hand"], row["changes"].keys()) == ("changed", ["room"], {"room", "student_no"})


def test_whom_a_person_moved_by_hand_is_not_moved_back(
    db: Database[Raw], places: Places, clerk: User, own: str, stored: list[Raw]
) -> None:
    key, centre = stored[0]["_id"], places.takhop_tambon.centre
    db.students.update_one({"_id": key}, {"$set": {"school_code": centre}})
    entry = {"of": "students", "key": key, "at": datetime.now(UTC)}
    db.audit_entries.insert_one({**entry, "version": 1, "verb": "add", "via": "import:0"})
    db.audit_entries.insert_one({**entry, "version": 2, "verb": "change", "changes": {"school_code": [own, centre]}})
    row = rows_of(db, planned(clerk, table([texts(stored[0]) | {"room": "99"}, *stored[1:]]), school=own))[0]
    assert (row["deed"], row["by_hand"]) == ("unchanged", ["room", "school_code"])


def test_of_a_student_whom_no_import_brought_nothing_counts_as_corrected(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw]
) -> None:
    entry = {"of": "students", "key": stored[0]["_id"], "at": datetime.now(UTC), "version": 2, "verb": "change"}
    db.audit_entries.insert_one({**entry, "changes": {"room": ["old", stored[0]["room"]]}})
    rows = [texts(stored[0]) | {"room": "old"}, *stored[1:]]
    row = rows_of(db, planned(clerk, table(rows), school=own))[0]
    assert (row["deed"], row.get("by_hand")) == ("changed", None)


# -- schools -------------------------------------------------------------------------------


def test_a_file_of_a_whole_lao_goes_to_the_schools_its_rows_name(
    db: Database[Raw], places: Places, clerk: User, students: list[Raw]
) -> None:
    home = places.takhop_tambon
    db.schools.insert_one(
        {"_id": "0301400001", "name_th": "โรงเรียนศูนย์นำหน้า", "kind": "school", "status": "open", **home.path}
    )
    rows = [texts(row) for row in students]
    rows[1]["school_code"] = "301400001"
    rows[2]["school_code"] = places.buriram_sao.own
    rows[3]["school_code"] = home.other
    rows[4]["school_code"] = ""
    run = planned(clerk, table(rows, WHOLE_LAO))
    found = rows_of(db, run)
    assert (run.level.value, run.lao.pk) == ("lao", home.code)
    assert found[0]["school_code"] == home.own
    assert (found[1]["school_code"], found[1]["deed"]) == ("0301400001", "new")
    assert found[1]["repairs"][-1]["after"] == "0301400001"
    assert [row["deed"] for row in found[2:5]] == ["refused"] * 3
    assert "no such school in the area" in reasons(found[2])
    assert "counts only" in reasons(found[3])
    assert "does not say which school" in reasons(found[4])
    assert run.numbers == {"new": 9, "refused": 3}


def test_schools_of_one_name_are_told_apart_by_code_only(
    db: Database[Raw], places: Places, clerk: User, students: list[Raw]
) -> None:
    home = places.takhop_tambon
    same = {"kind": "school", "status": "open", **home.path}
    db.schools.insert_many(
        [
            {"_id": "30140901", "name_th": "โรงเรียนบ้านหนองทดสอบ", **same},
            {"_id": "30140902", "name_th": "โรงเรียนบ้านหนองทดสอบ", **same},
            {"_id": "30140903", "name_th": "โรงเรียนบ้านเดี่ยว", **same},
        ]
    )
    rows = [texts(row) for row in students[:2]]
    rows[0]["school_name"], rows[1]["school_name"] = "บ้านหนองทดสอบ", "ร.ร.บ้านเดี่ยว"
    first, second = rows_of(db, planned(clerk, table(rows, ("school_name", *TEMPLATE))))[:2]
    assert first["deed"] == "refused"
    assert "30140901, 30140902" in reasons(first)
    assert (second["deed"], second["school_code"]) == ("new", "30140903")


def test_a_file_of_another_school_is_not_taken_for_the_chosen_one(
    db: Database[Raw], places: Places, clerk: User, own: str, students: list[Raw]
) -> None:
    rows = [texts(row) | {"school_code": places.takhop_tambon.centre} for row in students[:2]]
    rows[1]["school_code"] = "99999999"
    found = rows_of(db, planned(clerk, table(rows, WHOLE_LAO), school=own))
    assert [row["deed"] for row in found] == ["refused", "new"]
    assert "names another school" in reasons(found[0])


def test_the_commands_of_a_chunk_are_few_whatever_is_in_it(
    db: Database[Raw], clerk: User, own: str, stored: list[Raw], commands: CommandCounter
) -> None:
    from app.services.imports.planning import stages as planning

    rows = [texts(row) | {"room": "5"} for row in stored]
    run = planned(clerk, table(rows), school=own)
    assert run.numbers == {"changed": 12}
    with commands.counting() as sent:
        planned(clerk, table(rows), school=own)
    few = len(sent)
    more = roster_of(db, own, 300)
    with commands.counting() as sent:
        run = planned(clerk, table([texts(row) | {"room": "5"} for row in more]), school=own)
    assert run.numbers["changed"] == 300
    assert len(sent) <= few + 3, sent
    assert planning.CHUNK >= 1000


def roster_of(db: Database[Raw], code: str, size: int) -> list[Raw]:
    places = Places()
    db.students.delete_many({})
    db.students.insert_many([row | {"_v": 1} for row in roster(places.takhop_tambon, code, size, seed=9)])
    return list(db.students.find())
