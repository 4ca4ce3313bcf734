"""What must hold of evidence and of names on a certified list; the submission notes each change."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession

from app.documents.evidence import Evidence, ListedStudent
from app.documents.submissions import Submission
from app.enums import SchoolKind
from app.errors import Problem
from app.fabmongo.writes import WriteRules
from app.rules import national_id
from app.services.evidence.comparing import note_comparison
from app.services.names import normalise
from app.services.submissions.counting import CHANGEABLE, locked

Raw = dict[str, Any]


class EvidenceRules(WriteRules):
    """A paper belongs to a school of other affiliation; after somebody has vouched for the count it stays."""

    def before_write(self, actor: Any, document: Evidence, before: Raw | None) -> None:
        for code in {_code(raw) for raw in (document.to_mongo(), before) if raw}:
            open_submission(code)

    def before_delete(self, actor: Any, document: Evidence) -> None:
        open_submission(_code(document.to_mongo()))


class ListedStudentRules(WriteRules):
    """A name is written one way; what the list adds up to is noted in the same transaction."""

    def before_write(self, actor: Any, document: ListedStudent, before: Raw | None) -> None:
        code = _code(document.to_mongo())
        open_submission(code)
        if before is not None and before.get("submission_code") != code:
            raise Problem(
                "ย้ายรายชื่อไปยังการรายงานอื่นไม่ได้ โปรดลบแล้วเพิ่มใหม่ในสถานศึกษาที่ถูกต้อง",
                "A name cannot move to another submission. Delete it and add it to the right school.",
                "submission",
            )
        normalise(document)
        document.national_id = document.national_id or None  # a list may lack numbers, a roster may not
        if document.national_id and (wrong := national_id.problem(document.national_id)):
            raise Problem(wrong.th, wrong.en, "national_id")
        if document.line is None:
            document.line = next_line(code)

    def after_write(self, actor: Any, document: Any, before: Raw | None, session: ClientSession | None) -> None:
        note_comparison(_code(document.to_mongo()), session)

    def before_delete(self, actor: Any, document: ListedStudent) -> None:
        open_submission(_code(document.to_mongo()))

    def after_delete(self, actor: Any, document: Any, session: ClientSession | None) -> None:
        note_comparison(_code(document.to_mongo()), session)


def open_submission(code: str) -> Raw:
    """The raw submission of a school of other affiliation that may still change; raises Problem."""
    found: Raw | None = Submission._get_collection().find_one({"_id": code})
    if found is None or found.get("kind") != SchoolKind.OTHER.value:
        raise Problem(
            "หลักฐานและรายชื่อรับรองใช้กับสถานศึกษาสังกัดอื่นเท่านั้น โปรดเลือกการรายงานของสถานศึกษาสังกัดอื่น",
            "Papers and certified lists belong to schools of other affiliation. Choose such a school's submission.",
            "submission",
        )
    if found["state"] not in CHANGEABLE:
        raise locked(found)
    return found


def next_line(code: str) -> int:
    """The number of the next line of a list."""
    last = ListedStudent._get_collection().find_one({"submission_code": code}, {"line": 1}, sort=[("line", -1)])
    return int(last["line"]) + 1 if last else 1


def _code(raw: Raw) -> str:
    return str(raw.get("submission_code") or "")
