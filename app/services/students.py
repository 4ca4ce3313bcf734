"""Rosters: what must hold of a student, and the counts that follow each change."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.schools import School
from app.documents.students import Student
from app.enums import Level, SchoolKind
from app.errors import Problem
from app.fabmongo.errors import WriteRefused
from app.fabmongo.labels import T
from app.fabmongo.writes import WriteRules
from app.rules import national_id, titles
from app.rules.digests import ROSTER_FIELDS
from app.rules.findings import Finding
from app.rules.students import validate_student
from app.services.rounds import current_round, standing_of
from app.services.submissions import note_roster_change, recount
from app.thai import normalise_code, normalise_name

Raw = dict[str, Any]

COLUMNS = {str(field.db_field): name for name, field in Student._fields.items()}
"""Raw field name -> column of forms."""


COUNTED = ("school_code", "grade", "sex", "admitted_on", "left_on", "status")
"""Raw fields on which the count of a school depends; a change of any other leaves it as it is."""

SCHOOL_FIELDS = ("kind", "status", "closed_on", "grades")


class StudentRules(WriteRules):
    """One way of writing names and numbers, the rules of a record, and counts in the same transaction."""

    def before_write(self, actor: Any, document: Student, before: Raw | None) -> None:
        check_policy(actor, "add" if before is None else "change")
        normalise(document)
        raw = document.to_mongo()
        school = _school(document, raw.get("school_code"))
        findings = validate_student(raw, school, today=thai_today())
        errors = [finding for finding in findings if finding.severity == "error"]
        if errors:
            raise _refusal(errors)

    def after_write(self, actor: Any, document: Student, before: Raw | None, session: ClientSession | None) -> None:
        raw, old = document.to_mongo(), before or {}
        if any(raw.get(name) != old.get(name) for name in COUNTED):
            recount({raw["school_code"], old.get("school_code")} - {None}, session)
        elif any(raw.get(name) != old.get(name) for name in ROSTER_FIELDS):
            note_roster_change([raw["school_code"]], session)

    def before_delete(self, actor: Any, document: Student) -> None:
        check_policy(actor, "remove")

    def after_delete(self, actor: Any, document: Student, session: ClientSession | None) -> None:
        recount([document.to_mongo()["school_code"]], session)


DEEDS = {"add": ("เพิ่ม", "added"), "change": ("แก้ไข", "changed"), "remove": ("ลบ", "removed")}


def check_policy(actor: Any, deed: str) -> None:
    """Raise Problem where the round that is open now does not let its people add, change or remove students.

    The DLA, which sets the policy, is not bound by it.
    """
    now = current_round()
    if actor.area.level == Level.COUNTRY or now is None or getattr(now, f"may_{deed}"):
        return
    if standing_of(now).phase != "open":
        return
    th, en = DEEDS[deed]
    raise Problem(
        f"{now} ไม่เปิดให้{th}นักเรียน หากจำเป็นโปรดติดต่อกรมส่งเสริมการปกครองท้องถิ่น",
        f"In this round students cannot be {en}. If it is needed, ask the Department of Local Administration.",
        kind="forbidden",
    )


def normalise(student: Student) -> None:
    """Write number, names and title in their stored form; an empty sex follows from the title."""
    student.national_id = national_id.normalise(student.national_id or "")
    student.title = titles.full_title(student.title or "")
    student.first_name = normalise_name(student.first_name or "")
    student.last_name = normalise_name(student.last_name or "")
    student.student_no = normalise_code(student.student_no or "") or None
    student.room = normalise_code(student.room or "") or None
    if student.sex is None:
        student.sex = titles.sex_of_title(student.title)


def _school(student: Student, code: str | None) -> Raw:
    """The rules' part of the student's raw school, as the form has read it or read now."""
    found: Raw | None
    chosen = student._data.get("school")
    if isinstance(chosen, School) and chosen.pk == code and chosen.kind is not None:
        found = chosen.to_mongo()
    else:
        found = School._get_collection().find_one({"_id": code}, dict.fromkeys(SCHOOL_FIELDS, 1))
    if found is None:
        raise Problem("ยังไม่ได้เลือกสถานศึกษา โปรดเลือกจากรายการ", "Choose the school from the list.", "school")
    if found["kind"] == SchoolKind.OTHER.value:
        raise Problem(
            "สถานศึกษาสังกัดอื่นส่งเฉพาะจำนวนนักเรียน ไม่มีทะเบียนรายคนในระบบนี้ โปรดเลือกสถานศึกษาสังกัด อปท.",
            "A school of another affiliation reports counts only. Choose a school of the LAO's own.",
            "school",
        )
    return found


def _refusal(errors: list[Finding]) -> WriteRefused:
    """All errors at once; the first of each field is the one shown there."""
    fields: dict[str, Any] = {}
    for finding in errors:
        fields.setdefault(COLUMNS.get(finding.field, finding.field), T(finding.th, finding.en))
    text = T("ยังไม่ได้บันทึก โปรดแก้ไขช่องที่มีข้อความสีแดง", "Not saved yet. Please correct the fields marked in red.")
    return WriteRefused(text, fields)
