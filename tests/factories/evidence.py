"""What a school of another affiliation sends in: its certified list, and the signed paper that goes with it."""

from __future__ import annotations

from random import Random
from tempfile import TemporaryFile
from typing import Any

from pymongo.database import Database

from app.enums import Grade, Sex
from app.fabmongo.scope import Actor
from app.rules.name_list import Refused
from app.services.evidence import note_comparison
from app.services.evidence.importing import LIMITS, replace_list
from app.services.imports.files.reading import open_book, path_of
from tests.factories.people import IdNumbers, some_students

Raw = dict[str, Any]
TITLES = {Sex.MALE: "เด็กชาย", Sex.FEMALE: "เด็กหญิง"}


def send_list(db: Database[Raw], code: str, counts: dict[Grade, tuple[int, int]]) -> None:
    """Store names of so many boys and girls by grade, and a paper, with the submission `code` of such a school."""
    row = db.submissions.find_one({"_id": code})
    assert row is not None
    path = {name: row[name] for name in ("school_code", "lao_code", "district_code", "province_code")}
    people = [
        (grade, sex) for grade, pair in counts.items() for sex, n in zip(Sex, pair, strict=True) for _ in range(n)
    ]
    names = some_students(len(people), seed=int(row["school_code"]))
    numbers = IdNumbers(Random(int(row["school_code"])))
    db.listed_students.insert_many(
        [
            {
                "submission_code": code, "line": line, "title": TITLES[sex], "sex": sex.value, "grade": grade.value,
                "first_name": name["first_name"], "last_name": name["last_name"], "national_id": numbers.thai(), **path,
            }
            for line, ((grade, sex), name) in enumerate(zip(people, names, strict=True), start=1)
        ]
    )  # fmt: skip
    db.evidence.insert_one({"submission_code": code, "kind": "lec-2", **path})
    note_comparison(code)


def import_list(actor: Actor, code: str, data: bytes) -> tuple[int, list[Refused]]:
    """What a worker does with a file of names, without what is kept of its upload."""
    with TemporaryFile() as file:
        file.write(data)
        file.flush()
        with open_book(path_of(file), limits=LIMITS) as book:
            return replace_list(actor, code, book)
