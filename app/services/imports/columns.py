"""Columns that a person chose for an unknown file, and layouts of an LAO made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId

from app.clock import stored_now
from app.documents.imports import ImportLayout
from app.errors import Problem
from app.fabmongo.scope import matches
from app.rules.imports import fields, recognising
from app.rules.imports.terms import FIELDS, SheetHead, SheetPlan
from app.services.imports.kept import heads_of
from app.services.imports.planning import sheets

Raw = dict[str, Any]


def chosen(run: Raw, told: Sequence[Mapping[str, Any]]) -> Raw:
    """Raw fields of a run whose sheets are read as a person says. Raises Problem on field columns."""
    if not told:
        raise Problem("โปรดเลือกแผ่นงานอย่างน้อยหนึ่งแผ่น", "Choose at least one sheet.", "columns")
    heads = {head.index: head for head in beginnings(run["_id"])}
    if len(told) > len(heads):  # before each of them is looked at, which takes a while
        raise _strange()
    plans = [_plan(heads, sheet) for sheet in told]
    if len({plan.index for plan in plans}) < len(plans):
        raise Problem("เลือกแผ่นงานเดียวกันซ้ำ", "A sheet is chosen twice.", "columns")
    return {**sheets.beginning(sorted(plans, key=lambda plan: plan.index), list(heads.values())), "layout": None}


def beginnings(run: Any) -> list[SheetHead]:
    """The beginnings of the sheets of a run, as they were read. Raises Problem on field file where none are kept."""
    if found := heads_of(run):
        return found
    raise Problem(
        "ไฟล์นี้อ่านโดยโปรแกรมรุ่นก่อน จึงยังเลือกคอลัมน์ไม่ได้ หากไฟล์รอเลือกคอลัมน์อยู่ ระบบจะอ่านใหม่เองภายในหนึ่งนาที โปรดโหลดหน้านี้ใหม่ "
        "มิฉะนั้นโปรดส่งไฟล์ใหม่",
        "A former version read this file, so its columns cannot be chosen yet. If it waits for that, it is read again "
        "within a minute: reload this page. Otherwise upload it again.",
        "file",
    )


def _plan(heads: Mapping[int, SheetHead], told: Mapping[str, Any]) -> SheetPlan:
    try:
        head, header = heads[int(told["index"])], int(told["header"])
        columns = {int(place): str(name) for place, name in told["columns"].items() if name}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _strange() from None
    if any(not 0 <= place < max(map(len, head.top), default=0) for place in columns):
        raise _strange()
    names = list(columns.values())
    if unknown := [name for name in names if name not in FIELDS]:
        raise Problem(f"ไม่รู้จักช่อง “{unknown[0][:40]}”", f"Unknown field “{unknown[0][:40]}”.", "columns")
    if doubled := [name for name in names if names.count(name) > 1]:
        th, en = fields.label(doubled[0])
        raise Problem(
            f"เลือก “{th}” ไว้มากกว่าหนึ่งคอลัมน์ โปรดเลือกคอลัมน์เดียว", f"“{en}” is chosen for more than one column.", "columns"
        )
    if not fields.enough(names):
        raise Problem(
            "โปรดเลือกคอลัมน์ที่บอกว่าแต่ละแถวเป็นใคร: เลขประจำตัวประชาชน หรือชื่อและนามสกุล",
            "Choose the columns that say who a row is about: ID number, or first and last name.",
            "columns",
        )
    if not -1 <= header < len(head.top):
        raise Problem("ไม่มีแถวหัวตารางนี้ในแผ่นงาน", "The sheet has no such header row.", "columns")
    return recognising.plan_of(head, header, columns)


def _strange() -> Problem:
    return Problem("ไม่มีแผ่นงานหรือคอลัมน์นี้ในไฟล์", "The file has no such sheet or column.", "columns")


def save(actor: Any, run: Raw, told: Sequence[Raw], name: str) -> str:
    """Keep the headings of the chosen columns as a layout of the run's LAO; its code. Raises Problem on save_as."""
    path = {key: run[key] for key in ("lao_code", "district_code", "province_code") if run.get(key)}
    granted = ImportLayout.scope.writes(actor.area) if actor.area is not None else None
    if "lao_code" not in path or not matches(path, granted):
        raise Problem(
            "บันทึกรูปแบบไฟล์ได้เฉพาะเจ้าหน้าที่ของ อปท. ในการนำเข้าของ อปท. หรือสถานศึกษาใน อปท. นั้น",
            "Layouts are saved by people of an LAO, for imports of that LAO or its schools.",
            "save_as",
            "forbidden",
        )
    text = name.strip()[:80]
    columns = [column for sheet in told for column in sheet["columns"] if column["heading"]]
    if not text or not columns:
        raise Problem(
            "บันทึกเป็นรูปแบบไม่ได้ เพราะไม่มีชื่อ หรือไฟล์ไม่มีหัวคอลัมน์",
            "Without a name, or without headings in the file, there is no layout to keep.",
            "save_as",
        )
    once = {column["heading"]: column for column in columns}
    layouts, now = ImportLayout._get_collection(), stored_now()
    traces = {"changed_by": actor.username, "changed_on": now}
    made = {"_id": ObjectId(), "created_by": actor.username, "created_on": now}
    where = {"lao_code": path["lao_code"], "name": text}
    layouts.update_one(
        where, {"$set": {**path, **traces, "columns": list(once.values())}, "$setOnInsert": made}, upsert=True
    )
    found = layouts.find_one(where, {"_id": 1})
    return str((found or made)["_id"])
