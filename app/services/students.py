"""Rosters: what must hold of a student, and the counts that follow each change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.schools import School
from app.documents.students import Student
from app.enums import Level, SchoolKind
from app.errors import Problem
from app.fabmongo.errors import WriteRefused
from app.fabmongo.labels import T
from app.fabmongo.reasons import reason_of
from app.fabmongo.writes import WriteRules, changes
from app.rules import rosters
from app.rules.digests import ROSTER_FIELDS
from app.rules.findings import Finding
from app.rules.students import validate_student
from app.services import corrections, findings
from app.services.locks import rounds_taking_entries
from app.services.names import normalise
from app.services.rounds import open_of
from app.services.submissions import note_roster_change, recount

Raw = dict[str, Any]

COLUMNS = {str(field.db_field): name for name, field in Student._fields.items()}
"""Raw field name -> column of forms."""


COUNTED = ("school_code", "grade", "sex", "admitted_on", "left_on", "status")
"""Raw fields on which the count of a school depends; a change of any other leaves it as it is."""

SCHOOL_FIELDS = ("kind", "status", "closed_on", "grades", "lao_code")


class StudentRules(WriteRules):
    """One way of writing names and numbers, the rules of a record, and counts in the same transaction."""

    def needs_reason(self, actor: Any, document: Student | None) -> Any:
        """Whoever it is, the DLA included: the register of a round that corrects says why of everything."""
        asking = next((row["_id"] for row in _open_rounds(actor, document) if rosters.needs_reason(row)), None)
        return None if asking is None else T(REASON_TH, REASON_EN, code=asking)

    def before_write(self, actor: Any, document: Student, before: Raw | None) -> None:
        _check_policy(actor, document, before, document.to_mongo())
        normalise(document)
        raw = document.to_mongo()
        school = _school(document, raw.get("school_code"))
        if errors := errors_of(raw, school):
            raise _refusal(errors)

    def after_write(self, actor: Any, document: Student, before: Raw | None, session: ClientSession | None) -> None:
        raw, old = document.to_mongo(), before or {}
        if any(raw.get(name) != old.get(name) for name in COUNTED):
            recount({raw["school_code"], old.get("school_code")} - {None}, session, rounds=_rounds(document))
        elif any(raw.get(name) != old.get(name) for name in ROSTER_FIELDS):
            note_roster_change([raw["school_code"]], session, rounds=_rounds(document))
        corrections.register(_rounds(document), actor, before, raw, reason_of(document), session)
        findings.note_change({raw["school_code"], old.get("school_code")} - {None})

    def before_delete(self, actor: Any, document: Student) -> None:
        _check_policy(actor, document, document.to_mongo(), None)

    def after_delete(self, actor: Any, document: Student, session: ClientSession | None) -> None:
        raw, rounds = document.to_mongo(), _rounds(document)
        recount([raw["school_code"]], session, rounds=rounds)
        corrections.register(rounds, actor, raw, None, reason_of(document), session)
        findings.note_change([raw["school_code"]])


REASON_TH = "รอบ {code} ให้ระบุเหตุผลของการแก้ไขทุกครั้ง เหตุผลนี้จะอยู่ในประวัติ และในทะเบียนการแก้ไขหากเป็นรอบแก้ไข"
REASON_EN = "Round {code} wants a reason for every change. It stays in the history, and in the register of corrections."


def _rounds(document: Student | None) -> list[Raw]:
    """The raw rounds that take entries of anybody, read once for a write."""
    kept: list[Raw] | None = getattr(document, "_unclosed", None)
    if kept is None:
        kept = rounds_taking_entries()
        if document is not None:
            document._unclosed = kept
    return kept


def _open_rounds(actor: Any, document: Student | None) -> list[Raw]:
    """Those of them that take entries of the schools the student was and is at, by their dates or by an extension.

    Where no school is chosen yet, as on an empty form: of any school of the actor's area.
    """
    places = _places(document) if document is not None else []
    if places:
        return open_of(_rounds(document), places)
    codes = actor.area.codes if actor.area is not None else {}
    return open_of(_rounds(document), [{f"{level}_code": code for level, code in codes.items()}], within=True)


def _places(document: Student) -> list[Raw]:
    """Raw codes of the school a student is stored at and of the one that is chosen now."""
    stored = getattr(document, "_stored", None) or {}
    code = document.to_mongo().get("school_code")
    found = [stored] if stored.get("school_code") else []
    if code and code != stored.get("school_code"):
        found.append({"lao_code": (_school_of(document, code) or {}).get("lao_code"), "school_code": code})
    return found


def _check_policy(actor: Any, document: Student, before: Raw | None, after: Raw | None) -> None:
    """Raise Problem where an open round does not let its people do this; the DLA, which sets that, is not bound."""
    if actor.area.level == Level.COUNTRY:
        return
    check_policy(_open_rounds(actor, document), before, after)


def _school_of(student: Student, code: str | None) -> Raw | None:
    """The rules' part of the student's raw school, as the form has read it, or read once for a write."""
    chosen = student._data.get("school")
    if isinstance(chosen, School) and chosen.pk == code and chosen.kind is not None and chosen._data.get("lao"):
        return dict(chosen.to_mongo())
    known: Raw | None = getattr(student, "_school_read", None)
    if known is None or known["_id"] != code:
        known = School._get_collection().find_one({"_id": code}, dict.fromkeys(SCHOOL_FIELDS, 1))
        student._school_read = known
    return known


def _school(student: Student, code: str | None) -> Raw:
    """`_school_of`; raises Problem where a school is missing or has no roster here."""
    found = _school_of(student, code)
    if found is None:
        raise Problem("ยังไม่ได้เลือกสถานศึกษา โปรดเลือกจากรายการ", "Choose the school from the list.", "school")
    check_has_roster(found)
    return found


def check_has_roster(school: Raw) -> None:
    """Raise Problem where a raw school is of another affiliation: those have no roster here."""
    if school["kind"] == SchoolKind.OTHER.value:
        raise Problem(
            "สถานศึกษาสังกัดอื่นส่งเฉพาะจำนวนนักเรียน ไม่มีทะเบียนรายคนในระบบนี้ โปรดเลือกสถานศึกษาสังกัด อปท.",
            "A school of another affiliation reports counts only. Choose a school of the LAO's own.",
            "school",
        )


def errors_of(raw: Raw, school: Raw, today: date | None = None) -> list[Finding]:
    """What keeps a raw student from being stored at a raw school (its `SCHOOL_FIELDS`), whoever writes and how."""
    found = validate_student(raw, school, today=today or thai_today())
    return [finding for finding in found if finding.severity == "error"]


def check_policy(rounds: Iterable[Raw], before: Raw | None, after: Raw | None) -> None:
    """Raise Problem where one of some raw rounds, open at the student's schools, does not let people do this."""
    both = changes(before, after) if before and after else {}
    changed = {path: corrections.COLUMNS[path][0] for path in both if path in corrections.COLUMNS}
    for round_ in rounds:
        rosters.check_policy(round_, before, after, changed)


def _refusal(errors: list[Finding]) -> WriteRefused:
    """All errors at once; the first of each field is the one shown there."""
    fields: dict[str, Any] = {}
    for finding in errors:
        fields.setdefault(COLUMNS.get(finding.field, finding.field), T(finding.th, finding.en))
    text = T("ยังไม่ได้บันทึก โปรดแก้ไขช่องที่มีข้อความสีแดง", "Not saved yet. Please correct the fields marked in red.")
    return WriteRefused(text, fields)
