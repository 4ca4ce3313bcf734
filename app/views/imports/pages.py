"""What the templates of one import are given: its facts, its progress, and its preview."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.documents.imports import ImportRun, ImportSchool
from app.enums import Grade, ImportDeed, ImportRowState, ImportState, Level
from app.fabmongo.display import enum_label
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.services.imports import pages as stored
from app.services.imports.planning.storing import WRITES
from app.services.students import StudentRules
from app.services.turns import Reading, waits_for_own
from app.views.imports import mapping, rows, texts
from app.views.imports.rows import Asked, May

ACTIVE = (ImportState.READING, ImportState.APPLYING, ImportState.UNDOING)
UNDOABLE = (ImportState.APPLIED, ImportState.CANCELLED, ImportState.FAILED, ImportState.PREVIEW)
MOST_SCHOOLS = 200
SUMMED = ("b_male", "b_female", "before", "a_male", "a_female", "after")
STEPS = {
    ImportState.READING: T("กำลังอ่านไฟล์และเทียบกับทะเบียน", "The file is read and compared with the roster"),
    ImportState.APPLYING: T("กำลังบันทึกลงทะเบียน", "The roster is being written"),
    ImportState.UNDOING: T("กำลังย้อนกลับการนำเข้า", "The import is being undone"),
}
CANCEL_ASKS = {
    ImportState.READING: T("ยกเลิกการนำเข้าไฟล์นี้ใช่หรือไม่ ยังไม่มีอะไรถูกบันทึก", "Cancel this import? Nothing has been written."),
    ImportState.APPLYING: T(
        "หยุดการบันทึกใช่หรือไม่ สถานศึกษาที่บันทึกเสร็จแล้วจะคงอยู่ และย้อนกลับได้ภายหลัง",
        "Stop writing? Schools that are done stay written, and can be undone later.",
    ),
}


def about(run: ImportRun, may_act: bool) -> dict[str, Any]:
    """The facts of a run and the addresses of what may be done with it."""
    active = run.state in ACTIVE
    return {
        "pk": str(run.pk), "file": run.file_name or "", "where": _where(run), "state": run.state.value,
        "state_label": enum_label(run.state), "tone": texts.STATE_TONES[run.state], "active": active,
        "fault": run.fault, "step": _step(run), "done": run.progress_done or 0, "total": run.progress_total or 0,
        "by": run.requested_by, "on": texts.moment(run.requested_on), "rows": run.rows or 0,
        "applied": run.applied or 0, "applied_by": run.applied_by or "", "applied_on": texts.moment(run.applied_on),
        "undone_by": run.undone_by or "", "undone_on": texts.moment(run.undone_on), "reason": run.reason or "",
        "error": T(run.error_th, run.error_en or run.error_th) if run.error_th else "",
        "may_act": may_act, "cancelling": bool(run.cancel_requested),
        "may_cancel": may_act and run.state in (*CANCEL_ASKS, ImportState.MAPPING, ImportState.PREVIEW)
        and (not run.cancel_requested or bool(run.fault)),
        "cancel_ask": CANCEL_ASKS.get(run.state, CANCEL_ASKS[ImportState.READING]),
        "may_undo": may_act and run.state in UNDOABLE and bool(run.applied) and not run.cleared_on,
        "original": url_for(".original", pk=run.pk) if may_act and run.file and not run.cleared_on else "",
        "layout": mapping.layout_name(run), "unused": [name for sheet in run.sheets for name in sheet.unused],
        "cleared": texts.moment(run.cleared_on), "kind": (run.file_kind or "").upper(), "list_url": url_for(".list"),
    }  # fmt: skip


def reading_of(run: ImportRun) -> Reading:
    """The job that reads the file of a run."""
    return Reading(ImportRun._get_collection_name(), run.pk)


def _where(run: ImportRun) -> str:
    raw = run.to_mongo()
    if raw.get("school_code"):
        return texts.school_names({raw["school_code"]}).get(raw["school_code"], raw["school_code"])
    if run.level is Level.LAO and run.lao is not None:
        return str(T("สถานศึกษาของ {lao}", "Schools of {lao}", lao=run.lao))
    return str(T("หลายสถานศึกษา", "Several schools"))


def _step(run: ImportRun) -> Any:
    if run.cancel_requested:
        return T("กำลังยกเลิก", "Cancelling")
    if run.state is ImportState.READING and not run.worker and waits_for_own(run.requested_by, reading_of(run)):
        return T("รอไฟล์ก่อนหน้าของท่าน ระบบอ่านทีละไฟล์", "It waits for another file of yours: one is read at a time")
    if not run.started_on and run.state is ImportState.READING:
        return T("รอคิวงาน", "Waiting in the queue")
    return STEPS.get(run.state, "")


# -- preview -------------------------------------------------------------------------------


def preview(run: ImportRun, asked: Asked, may: May, actor: Any) -> dict[str, Any]:
    """The preview: numbers, questions, schools and one page of rows; repairs only where all rows are asked for."""
    found, after = rows.page(run, asked, may)
    schools = stored.schools(run)
    names = texts.school_names(
        [row.school_code for row in schools]
        + [row.get(name) for row in found for name in ("school_code", "from_school")]
    )
    kept, marks = rows.kept_out(run), stored.marked(run)
    whole = not asked.narrows
    return {
        "asked": asked, "cards": _cards(run, asked), "marks": _marks(marks, asked),
        "questions": asked_questions(run), "summary": summary(run, kept),
        "repairs": rows.repairs(run) if whole else [],
        "schools": [_school(row, names) for row in schools[:MOST_SCHOOLS]], "more_schools": len(schools) > MOST_SCHOOLS,
        "rows": rows.shown(run, found, names, may), "after": after, "whole": whole,
        "kind_label": texts.repair_label(asked.kind) if asked.kind else "",
        "same": _same(run) if whole else None,
        "back": asked.query(after=asked.after), "reason_hint": StudentRules().needs_reason(actor, None) or "",
    }  # fmt: skip


def _number(run: ImportRun, deed: ImportDeed) -> int:
    return int((run.numbers or {}).get(deed.value) or 0)


def _cards(run: ImportRun, asked: Asked) -> list[dict[str, Any]]:
    return [
        {
            "deed": deed.value, "label": enum_label(deed), "hint": texts.HINTS[deed], "value": _number(run, deed),
            "tone": texts.TONES[deed], "on": asked.deed == deed.value,
            "query": Asked(deed="" if asked.deed == deed.value else deed.value).query(),
        }
        for deed in ImportDeed
        if _number(run, deed) or deed in (ImportDeed.NEW, ImportDeed.CHANGED, ImportDeed.REFUSED)
    ]  # fmt: skip


def _marks(numbers: dict[str, int], asked: Asked) -> list[dict[str, Any]]:
    labels = {
        "again": T("ข้อมูลในระบบเปลี่ยน ต้องดูอีกครั้ง", "Changed meanwhile: look again"),
        "remarked": T("มีข้อสังเกตให้ตรวจ", "With a remark to look at"),
        "by_hand": T("แก้ไขด้วยมือแล้ว จะไม่ถูกทับ", "Corrected by hand: kept"),
        "left_out": T("ไม่นำเข้า", "Left out"),
    }
    return [
        {
            "mark": mark, "label": label, "value": numbers[mark], "on": asked.mark == mark,
            "query": Asked(mark="" if asked.mark == mark else mark).query(),
        }
        for mark, label in labels.items()
        if numbers[mark] or asked.mark == mark
    ]  # fmt: skip


def asked_questions(run: ImportRun) -> list[dict[str, Any]]:
    """The questions of a run with their options, those without an answer first."""
    found = []
    for one in run.questions:
        kind = texts.question_of(one.kind)
        options = [] if kind is None else [{"value": row[0], "label": T(row[1], row[2])} for row in kind.options]
        answer = (run.answers or {}).get(one.key) or ""
        label = next((row["label"] for row in options if row["value"] == answer), answer)
        found.append(
            {
                "key": one.key, "field": texts.field_label(one.field or ""), "rows": one.rows or 0,
                "samples": [texts.typed_text(one.field or "", text) for text in one.samples],
                "title": T(kind.th, kind.en) if kind else one.kind, "options": options, "answer": answer,
                "answered": bool(answer), "answer_label": label,
                "suggested": answer or (kind.suggested if kind else "") or "",
            }
        )  # fmt: skip
    return sorted(found, key=lambda row: bool(row["answered"]))


def summary(run: ImportRun, kept: dict[str, int]) -> dict[str, Any]:
    """What an apply would write, and what stands in its way (an empty text: nothing)."""
    counts = {deed.value: max(0, _number(run, deed) - kept.get(deed.value, 0)) for deed in WRITES}
    open_questions = sum(1 for one in run.questions if not (run.answers or {}).get(one.key))
    written = sum(counts.values())
    why: Any = ""
    if open_questions:
        why = T("ตอบคำถาม {n} ข้อข้างบนก่อน", "Answer the {n} questions above first.", n=open_questions)
    elif not written:
        why = T(
            "ไม่มีอะไรต้องบันทึก ข้อมูลในไฟล์ตรงกับทะเบียนแล้ว หรือแถวที่ต่างถูกรับไม่ได้หรือถูกเว้นไว้",
            "There is nothing to write: the file agrees with the roster, or what differs is refused or left out.",
        )
    return {**counts, "written": written, "why_not": why}


def _same(run: ImportRun) -> dict[str, Any] | None:
    """The applied import of this very file that the reader may see, if there is one."""
    interface = MongoInterface(ImportRun)
    query = interface.base_query().where(
        {"file_sha256": run.file_sha256, "state": ImportState.APPLIED.value, "_id": {"$ne": run.pk}}
    )
    found = next(iter(interface.find(query, page=0, size=1)), None) if run.file_sha256 else None
    if found is None:
        return None
    return {"by": found.applied_by or found.requested_by, "on": texts.moment(found.applied_on),
            "url": url_for(".show", pk=found.pk)}  # fmt: skip


def _school(row: ImportSchool, names: dict[str, str]) -> dict[str, Any]:
    grades = sorted({*(row.before or {}), *(row.after or {})}, key=_order)
    lines = [_line(grade, row) for grade in grades]
    numbers = row.numbers or {}
    total = {name: sum(line[name] for line in lines) for name in SUMMED}
    return {
        "code": row.school_code, "name": row.name or names.get(row.school_code, row.school_code),
        "numbers": [
            {"label": enum_label(deed), "value": numbers[deed.value], "tone": texts.TONES[deed],
             "query": Asked(deed=deed.value, school=row.school_code).query()}
            for deed in ImportDeed if numbers.get(deed.value)
        ],
        "grades": lines, "total": {**total, "change": total["after"] - total["before"]},
        "query": Asked(school=row.school_code).query(),
        "state": row.state.value, "state_label": enum_label(row.state), "tone": texts.ROW_TONES.get(row.state, ""),
        "planned": row.state is ImportRowState.PLANNED,
        "error": T(row.error_th, row.error_en or row.error_th) if row.error_th else "",
    }  # fmt: skip


def _order(code: str) -> int:
    try:
        return int(Grade(code).order)
    except ValueError:
        return 99


def _line(grade: str, row: ImportSchool) -> dict[str, Any]:
    before, after = (row.before or {}).get(grade) or {}, (row.after or {}).get(grade) or {}
    sides = {"b_male": before.get("male") or 0, "b_female": before.get("female") or 0,
             "a_male": after.get("male") or 0, "a_female": after.get("female") or 0}  # fmt: skip
    old, new = sides["b_male"] + sides["b_female"], sides["a_male"] + sides["a_female"]
    return {"grade": texts.grade_label(grade), "before": old, "after": new, "change": new - old, **sides}
