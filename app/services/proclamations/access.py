"""Whose proclamation it is, and whether the school it names can take its students."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

from app.documents.proclamations import Proclamation
from app.documents.students import Student
from app.enums import Grade, SchoolKind, SchoolStatus
from app.errors import Problem
from app.fabmongo.scope import matches

Raw = dict[str, Any]

_PATH = ("lao_code", "district_code", "province_code")


def own_proclamation(actor: Any, proclamation_id: Any) -> Raw:
    """The raw proclamation, where the actor may change it."""
    granted = Proclamation.scope.writes(actor.area) if actor.area is not None else None
    try:
        key = ObjectId(proclamation_id)
    except (InvalidId, TypeError):
        key = None
    found: Raw | None = None
    if granted is not None and key is not None:
        found = Proclamation._get_collection().find_one({"$and": [{"_id": key}, granted]})
    if found is None:
        raise Problem(
            "ไม่พบประกาศนี้ในพื้นที่ของท่าน โปรดเลือกจากรายการประกาศ",
            "This proclamation is not in your area. Choose from the list of proclamations.",
            kind="not_found",
        )
    return found


def check_takes(actor: Any, school: Raw | None, rows: list[Raw]) -> Raw:
    """The raw successor; raises Problem where it cannot take these raw students from this actor."""
    name = school["name_th"] if school else ""
    if school is None or school.get("status") != SchoolStatus.OPEN.value or school["kind"] == SchoolKind.OTHER.value:
        raise Problem(
            f"สถานศึกษาที่รวมเข้าไป {name} รับนักเรียนไม่ได้ เพราะไม่เปิดสอน หรือเป็นสังกัดอื่นซึ่งไม่มีทะเบียนรายคน โปรดแก้ไขประกาศ",
            f"The successor {name} takes no students: it is not open, or of another affiliation, which has no roster. "
            "Correct the proclamation.",
            kind="conflict",
        )
    if not matches({name: school.get(name) for name in _PATH}, Student.scope.writes(actor.area)):
        raise Problem(
            f"{name} อยู่นอกพื้นที่ของท่าน โปรดให้กรมส่งเสริมการปกครองท้องถิ่นย้ายนักเรียนให้",
            f"{name} lies outside your area. Ask the Department of Local Administration to move the students.",
            kind="forbidden",
        )
    taught = set(school.get("grades") or ())
    needed = {Grade(row["grade"]) for row in rows} - {Grade(code) for code in taught}
    unknown = sorted(needed, key=lambda one: one.order)
    if taught and unknown:
        raise Problem(
            f"{name} ยังไม่เปิดสอนชั้น {', '.join(one.th for one in unknown)} จึงยังไม่ได้ย้ายใคร "
            "โปรดเพิ่มชั้นที่เปิดสอนของสถานศึกษานั้นก่อน",
            f"{name} does not teach {', '.join(one.en for one in unknown)}, so nobody was moved. "
            "Add these grades to that school first.",
            kind="conflict",
        )
    return school


def check_gives_back(actor: Any, rows: list[Raw]) -> None:
    """Raise Problem "forbidden" where the actor may not write one of these raw students at the school that has it."""
    granted = Student.scope.writes(actor.area) if actor.area is not None else None
    if not all(matches(row, granted) for row in rows):
        raise Problem(
            "นักเรียนที่ย้ายไปแล้วอยู่ในสถานศึกษานอกพื้นที่ของท่าน โปรดให้กรมส่งเสริมการปกครองท้องถิ่นย้ายกลับให้ก่อน",
            "The students that were moved are at a school outside your area. "
            "Ask the Department of Local Administration to move them back first.",
            kind="forbidden",
        )
