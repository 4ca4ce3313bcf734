"""A OneRoster 1.2 zip as another system writes one: students and a teacher, a homeroom for each grade and room."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence

from app.enums import Grade
from tests.factories.rosters.files import Expected, RosterFile
from tests.factories.rosters.lines import Raw

LAYOUT = "oneroster"
UNTITLED = 9
"""Every so many'th student has no title, which the binding itself does not know and LEC needs."""

_CEDS = {"K3": "KG", **{f"P{n}": f"{n:02}" for n in range(1, 7)}, **{f"M{n}": f"{n + 6:02}" for n in range(1, 7)}}
_TABLES = ("orgs", "users", "roles", "classes", "enrollments", "demographics")
_FIELDS = ("national_id", "title", "first_name", "last_name", "sex", "birth_date", "grade", "room", "admitted_on")


def make_oneroster(people: Sequence[Raw], school: Raw) -> RosterFile:
    """The zip of raw students at a raw school, with what should come of it."""
    rooms = sorted({(row["grade"], row["room"]) for row in people})
    tables = {
        "manifest": [["propertyName", "value"], ["manifest.version", "1.0"], ["oneroster.version", "1.2"],
                     *([f"file.{name}", "bulk"] for name in _TABLES)],
        "orgs": [["sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId"],
                 ["o1", "", "", school["name_th"], "school", school["_id"], ""]],
        "classes": [["sourcedId", "status", "dateLastModified", "title", "grades", "classType", "schoolSourcedId"],
                    *([_room(*key), "", "", f"{Grade(key[0]).th}/{key[1]}", _CEDS.get(key[0], ""), "homeroom", "o1"]
                      for key in rooms)],
        "users": [["sourcedId", "status", "dateLastModified", "enabledUser", "username", "userIds", "givenName",
                   "familyName", "identifier", "grades", "primaryOrgSourcedId", "metadata.title", "metadata.grade"],
                  *(_user(place, row) for place, row in enumerate(people)),
                  ["t1", "", "", "true", "teacher", "", "ครู", "ทดสอบ", "", "", "o1", "นาย", ""]],
        "roles": [["sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId"],
                  *([f"r{place}", f"u{place}", "primary", "student", "o1"] for place in range(len(people))),
                  ["rt", "t1", "primary", "teacher", "o1"]],
        "enrollments": [["sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId",
                         "userSourcedId", "role", "primary", "beginDate", "endDate"],
                        *(_enrolment(place, row) for place, row in enumerate(people))],
        "demographics": [["sourcedId", "status", "dateLastModified", "birthDate", "sex"],
                         *([f"u{place}", "", "", f"{row['birth_date']:%Y-%m-%d}", row["sex"]]
                           for place, row in enumerate(people))],
    }  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            archive.writestr(f"{name}.csv", text.getvalue())
    return RosterFile("oneroster.zip", out.getvalue(), LAYOUT, "oneroster", (), _expected(people, school))


def _room(grade: str, room: str) -> str:
    return f"c-{grade}-{room}"


def _user(place: int, row: Raw) -> list[str]:
    title = "" if place % UNTITLED == 0 else row["title"]
    number, grade = row["national_id"], row["grade"]
    return [f"u{place}", "", "", "true", f"user{place}", f"{{nationalId:{number}}}", row["first_name"],
            row["last_name"], "", _CEDS.get(grade, ""), "o1", title, Grade(grade).th]  # fmt: skip


def _enrolment(place: int, row: Raw) -> list[str]:
    return [f"e{place}", "", "", _room(row["grade"], row["room"]), "o1", f"u{place}", "student", "true",
            f"{row['admitted_on']:%Y-%m-%d}", ""]  # fmt: skip


def _expected(people: Sequence[Raw], school: Raw) -> Expected:
    untitled = [place for place in range(len(people)) if place % UNTITLED == 0]
    taken = [row for place, row in enumerate(people) if place not in untitled]
    return Expected(
        rows=len(people), taken=len(taken), refused=len(untitled), asked={}, answers={}, repairs={},
        faults=[(0, place + 2, "title") for place in untitled],
        values={
            row["national_id"]: {name: row[name] for name in _FIELDS} | {"school_code": school["_id"]} for row in taken
        },
    )  # fmt: skip
