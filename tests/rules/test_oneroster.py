"""Joining the tables of OneRoster: who is a student, where, since when."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Grade
from app.rules.imports import oneroster
from app.rules.imports.oneroster import EXTENSIONS, GRADES, HEADINGS, Joined, NotARoster, TooMany
from app.rules.imports.terms import FIELDS

Table = Sequence[Sequence[str]]
Tables = Mapping[str, Table]

LAYOUT = Path(oneroster.__file__).parent / "layouts" / "oneroster.toml"
USERS: Table = (
    ("sourcedId", "status", "userIds", "givenName", "familyName", "identifier", "grades", "primaryOrgSourcedId"),
    ("u1", "active", "{nationalId:1100000000008}", "ก", "ข", "00123", "01", "o1"),
)
ROLES: Table = (("sourcedId", "userSourcedId", "role", "orgSourcedId"), ("r1", "u1", "student", "o2"))
ORGS: Table = (("sourcedId", "name", "identifier"), ("o1", "หนึ่ง", "0001"), ("o2", "สอง", "0002"), ("o3", "สาม", "0003"))
ENROLLED = ("sourcedId", "status", "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate",
            "endDate")  # fmt: skip
CLASSES: Table = (
    ("sourcedId", "title", "classType", "grades", "termSourcedIds"),
    ("home", "ป.1/3", "homeroom", "01", "t1"),
    ("maths", "คณิต", "scheduled", "02", "t1"),
)
TERMS: Table = (("sourcedId", "endDate"), ("t1", "2024-10-10"))


def joined(most: int = 1000, **tables: Table) -> list[dict[str, object]]:
    def table(name: str) -> Iterable[Sequence[str]]:
        return tables.get(name, ())

    found = Joined(table, most).students()
    return [dict(zip(HEADINGS, cells, strict=True)) | {"row": row} for row, cells in found]


def only(**tables: Table) -> dict[str, object]:
    [one] = joined(**{"users": USERS, "orgs": ORGS, **tables})
    return one


def enrolled(*rows: Sequence[str]) -> Table:
    return (ENROLLED, *rows)


def user(**fields: str) -> Table:
    return (*zip(*{"sourcedId": "u1", **fields}.items(), strict=True),)


def test_a_student_is_joined_from_all_tables() -> None:
    one = only(
        classes=CLASSES,
        enrollments=enrolled(("e", "active", "home", "o2", "u1", "student", "true", "2024-05-16", "")),
        demographics=(("sourcedId", "birthDate", "sex"), ("u1", "2017-01-31T00:00:00", "male")),
    )
    assert one == {
        "row": 1, "sourcedId": "u1", "nationalId": "1100000000008", "studentNo": "00123", "title": "", "givenName": "ก",
        "familyName": "ข", "sex": "male", "birthDate": "2017-01-31", "nationality": "", "religion": "", "weightKg": "",
        "heightCm": "", "grade": "P1", "room": "3", "studentStatus": "", "beginDate": "2024-05-16", "endDate": "",
        "schoolCode": "0002", "schoolName": "สอง",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "national", "number"),
    [
        ({"userIds": "{LDAP:x},{ nationalId : 1100000000008 }", "identifier": "7"}, "1100000000008", "7"),
        ({"userIds": "{national_id:1100000000008}", "identifier": "1100000000008"}, "1100000000008", ""),
        ({"identifier": "1-1000-00000-00-8"}, "1-1000-00000-00-8", ""),
        ({"identifier": "๑๑๐๐๐๐๐๐๐๐๐๐๘"}, "๑๑๐๐๐๐๐๐๐๐๐๐๘", ""),
        ({"identifier": "G123456789012"}, "G123456789012", ""),
        ({"identifier": "00123"}, "", "00123"),
        ({"userIds": "nonsense{", "identifier": ""}, "", ""),
    ],
)
def test_the_national_id_is_told_from_the_student_number(fields: dict[str, str], national: str, number: str) -> None:
    one = only(users=user(**fields))
    assert (one["nationalId"], one["studentNo"]) == (national, number)


def test_only_students_by_any_table_that_tells_roles() -> None:
    teacher = (*ROLES, ("r2", "u1", "teacher", "o2"))
    assert only(roles=teacher)["schoolCode"] == "0002"
    assert joined(users=USERS, roles=(ROLES[0], ("r1", "u1", "teacher", "o1"))) == []
    assert joined(users=USERS, enrollments=enrolled(("e", "", "home", "o1", "u1", "teacher", "", "", ""))) == []
    assert joined(users=user(role="teacher")) == []
    assert len(joined(users=user(role="Student"))) == 1
    assert len(joined(users=USERS)) == 1


def test_the_school_is_the_enrolments_then_the_roles_then_the_users() -> None:
    place = enrolled(("e", "active", "x", "o3", "u1", "student", "", "", ""))
    assert only(enrollments=place, roles=ROLES)["schoolCode"] == "0003"
    assert only(roles=ROLES)["schoolCode"] == "0002"
    assert only()["schoolCode"] == "0001"
    assert only(users=user(role="student", orgSourcedIds="o2, o1"))["schoolName"] == "สอง"


def test_of_several_enrolments_the_homeroom_and_the_first_day_count() -> None:
    rows = [
        ("e1", "active", "maths", "o2", "u1", "student", "true", "2023-05-16", "2023-12-31"),
        ("e2", "active", "home", "o2", "u1", "student", "false", "2024-05-16", ""),
        ("e3", "active", "maths", "o3", "u1", "student", "true", "2024-06-01", ""),
        ("e4", "tobedeleted", "home", "o3", "u1", "student", "true", "2024-07-01", ""),
    ]
    for order in (rows, rows[::-1]):
        one = only(enrollments=enrolled(*order), classes=CLASSES)
        assert (one["schoolCode"], one["room"]) == ("0002", "3")
        assert (one["beginDate"], one["endDate"]) == ("2023-05-16", "")


def test_the_end_of_a_term_is_not_leaving() -> None:
    place = ("e", "active", "home", "o1", "u1", "student", "true", "2024-05-16")
    tables = {"classes": CLASSES, "academicSessions": TERMS}
    assert only(**tables, enrollments=enrolled((*place, "2024-10-10")))["endDate"] == ""
    assert only(**tables, enrollments=enrolled((*place, "2024-08-01")))["endDate"] == "2024-08-01"
    own = user(**{"metadata.status": "moved"})
    found = only(**tables, users=own, enrollments=enrolled((*place, "2024-10-10")))
    assert (found["endDate"], found["studentStatus"]) == ("2024-10-10", "moved")


def test_deleted_students_are_discharged_and_deleted_rows_of_other_tables_not_read() -> None:
    gone = {"status": "tobedeleted"}
    assert only(users=user(**gone))["studentStatus"] == "discharged"
    assert only(users=user(**gone, **{"metadata.status": "graduated"}))["studentStatus"] == "graduated"
    assert only(users=user(**gone, **{"metadata.status": "studying"}))["studentStatus"] == "discharged"
    orgs = (("sourcedId", "status", "identifier"), ("o1", "ToBeDeleted", "0001"))
    assert only(orgs=orgs)["schoolCode"] == ""


def test_the_columns_of_lec_go_before_what_is_derived() -> None:
    values = {name: f"x-{name}" for name in EXTENSIONS}
    for prefix in ("metadata.", "METADATA.", "metadata.lec."):
        one = only(
            users=user(identifier="7", grades="01", **{f"{prefix}{name}": text for name, text in values.items()})
        )
        assert {name: one["studentStatus" if name == "status" else name] for name in EXTENSIONS} == values


def test_grades_are_codes_of_lec_or_as_they_are() -> None:
    assert set(GRADES.values()) <= {grade.value for grade in Grade}
    for told, grade in {"01": "P1", "12": "M6", "kg": "K3", "K2": "K2", "PK": "PK", "07,08": "M1", "": ""}.items():
        assert only(users=user(grades=told))["grade"] == grade


def test_a_table_without_users_is_no_roster_and_too_many_are_refused() -> None:
    for users in ((), ((),), (("id", "name"), ("1", "2"))):
        with pytest.raises(NotARoster):
            joined(users=users)
    for tables in (
        {"orgs": ORGS},
        {"enrollments": enrolled(*[("e", "", "", "", str(n), "student") for n in range(9)])},
    ):
        with pytest.raises(TooMany):
            joined(2, users=USERS, **tables)
    with pytest.raises(TooMany):
        joined(2, users=(USERS[0], *[USERS[1]] * 3))


WORDS = st.sampled_from(["", "u1", "o1", "student", "tobedeleted", "{a:b}", "2024-01-01", "ป.1/2", "true"])
ROWS = st.lists(st.lists(WORDS, max_size=10), max_size=6)
OTHERS = st.sampled_from(["orgs", "classes", "enrollments", "roles", "demographics", "academicSessions"])


@given(st.dictionaries(OTHERS, ROWS), ROWS)
def test_any_tables_give_rows_of_one_width(tables: Tables, rows: Table) -> None:
    heads = {"enrollments": ENROLLED, "roles": ROLES[0], "classes": CLASSES[0], "orgs": ORGS[0]}
    full = {name: (heads.get(name, ("sourcedId", "status")), *table) for name, table in tables.items()}
    for one in joined(users=(USERS[0], *rows), **full):
        assert one["sourcedId"]
        assert len(one) == len(HEADINGS) + 1


def test_the_layout_reads_every_heading_of_the_join_but_the_key() -> None:
    layout = tomllib.loads(LAYOUT.read_text("utf-8"))
    headings = [heading for column in layout["columns"] for heading in column["headings"]]
    assert ["sourcedId", *sorted(headings)] == ["sourcedId", *sorted(HEADINGS[1:])]
    assert {column["field"] for column in layout["columns"]} <= set(FIELDS)
    assert set(layout["needs"]) <= set(FIELDS)


def test_a_hundred_thousand_students_are_joined() -> None:
    many = range(100_000)
    users = (USERS[0], *((f"u{n}", "active", "", "ก", "ข", f"{n:013}", "01", "o1") for n in many))
    places = enrolled(*((f"e{n}", "active", "home", "o1", f"u{n}", "student", "true", "2024-05-16", "") for n in many))
    people = (("sourcedId", "birthDate", "sex"), *((f"u{n}", "2017-01-31", "male") for n in many))
    assert (
        len(joined(200_000, users=users, enrollments=places, demographics=people, classes=CLASSES, orgs=ORGS))
        == 100_000
    )
