"""How values, fields, deeds and states of an import are written on its pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.documents.schools import School
from app.documents.students import Student
from app.enums import Grade, ImportDeed, ImportRowState, ImportState
from app.fabmongo.display import enum_label, shown
from app.fabmongo.labels import T
from app.formats import moment_text
from app.rules.imports import fields, questions, repairs
from app.rules.imports.cells import without_ids
from app.rules.national_id import mask
from app.services.corrections import COLUMNS
from app.services.imports.pages import CODES

NUMBER = "national_id"
TONES = {
    ImportDeed.NEW: "success", ImportDeed.CHANGED: "info", ImportDeed.MOVED: "info", ImportDeed.UNCHANGED: "",
    ImportDeed.MISSING: "warning", ImportDeed.ASKED: "warning", ImportDeed.REFUSED: "danger",
}  # fmt: skip
STATE_TONES = {
    ImportState.READING: "info", ImportState.MAPPING: "warning", ImportState.PREVIEW: "warning",
    ImportState.APPLYING: "info", ImportState.APPLIED: "success", ImportState.UNDOING: "info",
    ImportState.UNDONE: "", ImportState.FAILED: "danger", ImportState.CANCELLED: "",
}  # fmt: skip
ROW_TONES = {ImportRowState.AGAIN: "warning", ImportRowState.APPLIED: "success", ImportRowState.UNDONE: ""}
HINTS = {
    ImportDeed.NEW: T("ยังไม่มีในทะเบียน จะเพิ่มให้", "Not on the roster yet: will be added"),
    ImportDeed.CHANGED: T("มีแล้ว ข้อมูลบางช่องต่างไป", "On the roster, some fields differ"),
    ImportDeed.MOVED: T("อยู่ในทะเบียนของแห่งอื่นใน อปท.", "On another roster of the LAO"),
    ImportDeed.UNCHANGED: T("ตรงกับทะเบียน ไม่ต้องทำอะไร", "Agree with the roster"),
    ImportDeed.MISSING: T("ไม่ถูกจำหน่ายโดยอัตโนมัติ", "Never discharged by an import"),
    ImportDeed.ASKED: T("ตอบคำถามก่อนจึงบันทึกได้", "Answer the questions first"),
    ImportDeed.REFUSED: T("แก้ไขในหน้านี้ได้ทันที", "Can be put right on this page"),
}


def field_label(name: str) -> Any:
    """A field of a file, or a raw field of a student, as people call it."""
    if name in fields.LABELS:
        return T(*fields.LABELS[name])
    if name in COLUMNS:
        return COLUMNS[name][1].verbose_name
    return name


def value_text(name: str, value: Any, schools: dict[str, str]) -> str:
    """A stored value of a raw field; an ID number is masked."""
    if value is None or value == "":
        return ""
    if name == "school_code":
        return schools.get(str(value), str(value))
    column, field = COLUMNS.get(name, ("", None))
    if field is None:
        return str(value)
    if name == NUMBER:
        return mask(str(value))
    return without_ids(str(shown(getattr(Student._from_son({name: value}), column), field)))


def typed_text(name: str, text: Any) -> str:
    """A text of the file as a list may show it: no ID number can be read, whatever column it stands in."""
    if name == NUMBER:
        return mask(str(text)) if text else ""
    return str(text or "") if name in CODES else without_ids(str(text or ""))


def repair_label(kind: str) -> Any:
    """What was put right, as people call it."""
    return T(*repairs.KINDS[kind]) if kind in repairs.KINDS else kind


def question_of(kind: str) -> Any:
    """The kind of question with its texts and options; None for one that is not known."""
    return questions.KINDS.get(kind)


def grade_label(code: str | None) -> str:
    """A grade's name; its code where an older version stored another one."""
    if not code:
        return ""
    try:
        return str(enum_label(Grade(code)))
    except ValueError:
        return str(code)


def school_names(codes: Iterable[str | None]) -> dict[str, str]:
    """Names of schools by their codes; what is no code has no name."""
    found = School._get_collection().find({"_id": {"$in": sorted({code for code in codes if code})}}, {"name_th": 1})
    return {row["_id"]: row.get("name_th") or row["_id"] for row in found}


def moment(when: datetime | None) -> str:
    """A moment in Thailand's time; nothing where there is none."""
    return moment_text(when) if when else ""
