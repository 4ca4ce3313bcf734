"""A certified list from a spreadsheet: all of its names replace the list, or none do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.evidence import ListedStudent
from app.documents.submissions import Submission
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.rules.imports.terms import Cell
from app.rules.name_list import ListedName, Refused, read_names
from app.services.evidence.comparing import note_comparison
from app.services.evidence.rules import open_submission
from app.services.imports.files.reading import Book, Limits
from app.services.transactions import in_transaction

Raw = dict[str, Any]

LIMITS = Limits(
    bytes=5 * 2**20, unpacked=60 * 2**20, rows=5_000, cells=200_000, characters=4_000_000, memory=512 * 2**20, cpu=20,
    wait=30,
)  # fmt: skip
"""A list is of one school, and somebody waits for it."""
_PATH = ("school_code", "lao_code", "district_code", "province_code")


def keepable(actor: Actor, submission_code: str) -> Raw:
    """The raw submission whose list the actor may replace.

    Raises Problem: "forbidden" out of reach, "conflict" where somebody has vouched for the count.
    """
    submission = open_submission(submission_code)
    granted = ListedStudent.scope.writes(actor.area) if actor.area is not None else None
    if granted is None or any(submission.get(name) != value for name, value in granted.items()):
        raise Problem(
            "สถานศึกษานี้อยู่นอกพื้นที่ที่ท่านดูแล จึงนำเข้าไม่ได้",
            "This school lies outside your area, so nothing was imported.",
            kind="forbidden",
        )
    return submission


def replace_list(
    actor: Actor, submission_code: str, book: Book, stored: Callable[[int, ClientSession], None] | None = None
) -> tuple[int, list[Refused]]:
    """Replace the list of a submission by the names of the first sheet: (names stored, refused rows).

    Where a row is refused nothing is stored. stored: called with their number in the transaction that writes them; what
    it raises takes them back. Raises Problem as `keepable` does, and on field file where there are no names.
    """
    submission = keepable(actor, submission_code)
    names, refused = read_names(_cells(book))
    refused += _doubled(names)
    if refused:
        return 0, sorted(refused, key=lambda one: one.row)
    if not names:
        raise Problem("ไม่พบรายชื่อในไฟล์", "There is no name in the file.", "file")
    rows = [_row(submission, line, name, actor) for line, name in enumerate(names, start=1)]

    def work(session: ClientSession) -> None:
        _replace(submission_code, rows, session)
        if stored is not None:
            stored(len(rows), session)

    in_transaction(work)
    return len(rows), []


def _replace(code: str, rows: list[Raw], session: ClientSession) -> None:
    # Written first, so that two imports at once, or a certification meanwhile, meet in this row.
    touched = Submission._get_collection().update_one({"_id": code}, {"$set": {"list_male": 0}}, session=session)
    if not touched.matched_count:
        raise Problem("ไม่พบการรายงานนี้แล้ว", "This submission is gone.", kind="not_found")
    open_submission(code)
    listed = ListedStudent._get_collection()
    listed.delete_many({"submission_code": code}, session=session)
    listed.insert_many([{**row, "_id": ObjectId()} for row in rows], session=session)
    note_comparison(code, session)


def _cells(book: Book) -> Iterator[tuple[Cell, ...]]:
    """The rows of the first sheet one by one, the empty ones too: their numbers are told to people."""
    expected = 0
    for sheet, number, cells in book.rows():
        if sheet != book.heads[0].index:
            return
        for _ in range(expected, number):
            yield ()
        yield cells
        expected = number + 1


def _doubled(names: list[ListedName]) -> list[Refused]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        if name.national_id is None:
            continue
        first = seen.setdefault(name.national_id, name.row)
        if first != name.row:
            found.append(
                Refused(
                    name.row,
                    f"เลขประจำตัวประชาชนซ้ำกับแถวที่ {first} โปรดตรวจสอบ",
                    f"The same ID number stands in row {first}. Check both.",
                )
            )
    return found


def _row(submission: Raw, line: int, name: ListedName, actor: Actor) -> Raw:
    row = {
        "submission_code": submission["_id"], "line": line, "student_no": name.student_no, "title": name.title,
        "first_name": name.first_name, "last_name": name.last_name, "sex": name.sex.value,
        "national_id": name.national_id, "grade": name.grade.value, "room": name.room,
        **{path: submission.get(path) for path in _PATH},
        "created_by": getattr(actor, "username", None), "created_on": stored_now(),
    }  # fmt: skip
    return {field: value for field, value in row.items() if value is not None}
