"""Schools: whose they are, how they close, and codes that are never used twice."""

from __future__ import annotations

from typing import Any

from mongoengine.connection import get_db
from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.corrections import Correction
from app.documents.evidence import Evidence, ListedStudent
from app.documents.findings import StoredFinding
from app.documents.proclamations import Proclamation
from app.documents.schools import School
from app.documents.steps import SubmissionStep
from app.documents.students import Student
from app.documents.submissions import Submission
from app.enums import Level, SchoolKind, SchoolStatus
from app.errors import Problem
from app.fabmongo.security.models import User
from app.fabmongo.writes import WriteRules, is_restored
from app.services.submissions import add_school
from app.services.submissions.steps import mark_stale
from app.thai import normalise_code, normalise_name

Raw = dict[str, Any]

RETIRED = "retired_codes"
"""Codes of deleted schools, one row each: {_id: code, name_th, retired_on, retired_by}."""

_PATH = ("lao_code", "district_code", "province_code")
_FOLLOWERS = (Student, Submission, SubmissionStep, Evidence, ListedStudent, StoredFinding, Correction)
"""What goes along with a school to another LAO, and is nobody else's to see from then on."""
_OFFICE_ONLY = {
    "kind": "kind", "lao_code": "lao", "agency_code": "agency",
    "status": "status", "closed_on": "closed_on", "successor_code": "successor",
}  # fmt: skip
"""Raw field -> column that the school itself does not change: its LAO does."""


class SchoolRules(WriteRules):
    """What must hold of a school, and what follows from adding, moving and deleting one."""

    def before_write(self, actor: Any, document: School, before: Raw | None) -> None:
        document.name_th = normalise_name(document.name_th or "")
        if before is None:
            document.code = normalise_code(document.code or "")
            if not is_restored(document):  # a deleted school that comes back is the one the code belongs to
                _refuse_retired(document.code)
        raw = document.to_mongo()
        if before is not None:
            _check_change(actor, raw, before)
        _check_affiliation(raw)
        _check_status(raw)

    def after_write(self, actor: Any, document: School, before: Raw | None, session: ClientSession | None) -> None:
        raw = document.to_mongo()
        if before is None:
            get_db()[RETIRED].delete_one({"_id": raw["_id"]}, session=session)
            if raw.get("status") == SchoolStatus.OPEN.value:
                add_school(actor, raw, session)
            return
        mine = {"school_code": raw["_id"]}
        if raw["kind"] != before["kind"]:
            Submission._get_collection().update_many(mine, {"$set": {"kind": raw["kind"]}}, session=session)
        if raw["lao_code"] != before["lao_code"]:
            path = {"$set": {name: raw[name] for name in _PATH}}
            for follower in _FOLLOWERS:
                follower._get_collection().update_many(mine, path, session=session)
            rounds = Submission._get_collection().distinct("round_code", mine, session=session)
            laos = (before["lao_code"], raw["lao_code"])
            mark_stale([f"{code}:{lao}" for code in rounds for lao in laos], session)
            codes = {f"area_codes.{name.removesuffix('_code')}": raw[name] for name in _PATH}
            people = {"area_level": Level.SCHOOL.value, "area_code": raw["_id"]}
            User._get_collection().update_many(people, {"$set": codes}, session=session)

    def before_delete(self, actor: Any, document: School) -> None:
        if _is_school(actor):
            raise _for_the_office("code")
        mine, successor = {"school_code": document.pk}, {"successor_code": document.pk}
        used = (
            (Student, mine, "นักเรียน", "students"),
            (Submission, {**mine, "total": {"$gte": 0}}, "จำนวนนักเรียนที่รายงานแล้ว", "reported counts"),
            (ListedStudent, mine, "รายชื่อตามแบบรับรอง", "names on certified lists"),
            (Evidence, mine, "แบบรับรองที่ลงนาม", "signed papers"),
            (Proclamation, {"$or": [{"schools": document.pk}, successor]}, "ประกาศ", "proclamations"),
            (School, successor, "สถานศึกษาที่รวมเข้ามา", "schools merged into it"),
        )
        for owner, where, th, en in used:
            if owner._get_collection().find_one(where, {"_id": 1}):
                raise Problem(
                    f"ลบสถานศึกษานี้ไม่ได้ เพราะมี{th} หากเลิกหรือรวมแล้ว โปรดบันทึกประกาศแทนการลบ",
                    f"Not deleted: there are {en} of this school. If it closed or merged, record the proclamation.",
                    kind="conflict",
                )

    def after_delete(self, actor: Any, document: School, session: ClientSession | None) -> None:
        row = {"name_th": document.name_th, "retired_on": stored_now(), "retired_by": getattr(actor, "username", None)}
        get_db()[RETIRED].update_one({"_id": document.pk}, {"$setOnInsert": row}, upsert=True, session=session)
        Submission._get_collection().delete_many({"school_code": document.pk}, session=session)


def _refuse_retired(code: str) -> None:
    if get_db()[RETIRED].find_one({"_id": code}, {"_id": 1}):
        raise Problem(
            f"รหัส {code} เคยเป็นของสถานศึกษาที่ลบไปแล้ว จึงใช้ซ้ำไม่ได้ โปรดใช้รหัสอื่น",
            f"The code {code} belonged to a school that was deleted and is never used again. Use another.",
            "code",
        )


def _check_change(actor: Any, raw: Raw, before: Raw) -> None:
    changed = [name for name in _OFFICE_ONLY if raw.get(name) != before.get(name)]
    if changed and _is_school(actor):
        raise _for_the_office(_OFFICE_ONLY[changed[0]])
    if raw.get("kind") != before["kind"] and SchoolKind.OTHER.value in (raw.get("kind"), before["kind"]):
        _refuse_other_kind(raw["_id"])
    if "status" in changed:
        _refuse_against_proclamation(raw)


def _refuse_other_kind(code: str) -> None:
    """Own schools have rosters, schools of other affiliation have counts: neither can become the other."""
    counted = Submission._get_collection().find_one({"school_code": code, "total": {"$gte": 0}}, {"_id": 1})
    holders = (Student, ListedStudent, Evidence)
    if counted or any(one._get_collection().find_one({"school_code": code}, {"_id": 1}) for one in holders):
        raise Problem(
            "เปลี่ยนระหว่างสังกัด อปท. กับสังกัดอื่นไม่ได้ เพราะมีนักเรียนหรือจำนวนที่รายงานแล้ว โปรดเพิ่มสถานศึกษาใหม่",
            "It cannot change between own and other affiliation: it has students or reported counts. Add a new school.",
            "kind",
        )


def _refuse_against_proclamation(raw: Raw) -> None:
    found = Proclamation._get_collection().find_one({"schools": raw["_id"]}, {"number": 1})
    if found is not None:
        raise Problem(
            f"สถานะนี้เป็นไปตามประกาศ {found['number']} หากประกาศผิด โปรดแก้ไขหรือลบประกาศ",
            f"This status follows from proclamation {found['number']}. If that is wrong, correct or delete it.",
            "status",
        )


def _check_affiliation(raw: Raw) -> None:
    if raw.get("kind") == SchoolKind.OTHER.value:
        if not raw.get("agency_code"):
            raise Problem(
                "สถานศึกษาสังกัดอื่นต้องระบุสังกัด โปรดเลือกจากรายการ",
                "A school of another affiliation needs its agency. Choose it from the list.",
                "agency",
            )
    elif raw.get("kind") and raw.get("agency_code"):
        raise Problem(
            "สถานศึกษาของ อปท. ไม่ต้องระบุสังกัด โปรดเว้นว่าง หรือเลือกประเภทเป็นสังกัดอื่น",
            "An LAO's own school has no other affiliation. Leave this empty, or choose another kind.",
            "agency",
        )


def _check_status(raw: Raw) -> None:
    status = SchoolStatus(raw.get("status") or SchoolStatus.OPEN)
    is_open, successor = status is SchoolStatus.OPEN, raw.get("successor_code")
    if is_open and (raw.get("closed_on") or successor):
        raise Problem(
            "สถานศึกษาที่เปิดสอนต้องไม่มีวันที่ยุบ เลิก รวม และไม่มีสถานศึกษาที่รวมกับ โปรดเปลี่ยนสถานะหรือเว้นว่าง",
            "An open school has no closing date and no successor. Change the status, or leave these empty.",
            "closed_on" if raw.get("closed_on") else "successor",
        )
    if not is_open and not raw.get("closed_on"):
        raise Problem(
            f"สถานะ “{status.th}” ต้องมีวันที่ โปรดกรอกวันที่ตามประกาศ",
            f"“{status.en}” needs a date. Enter the date of the proclamation.",
            "closed_on",
        )
    if status is SchoolStatus.MERGED and (not successor or successor == raw.get("_id")):
        raise Problem(
            "โปรดเลือกสถานศึกษาอื่นที่รวมเข้าไป", "Choose the other school it was merged into.", "successor"
        )
    if status is SchoolStatus.CLOSED and successor:
        raise Problem(
            "สถานศึกษาที่เลิกไม่มีสถานศึกษาที่รวมกับ โปรดเว้นว่าง หรือเลือกสถานะ “รวม”",
            "A closed school has no successor. Leave it empty, or choose the status “merged”.",
            "successor",
        )


def _is_school(actor: Any) -> bool:
    return actor is not None and actor.area is not None and actor.area.level == Level.SCHOOL


def _for_the_office(field: str) -> Problem:
    return Problem(
        "ข้อมูลนี้ อปท. เป็นผู้แก้ไข โปรดแจ้งกองการศึกษาของ อปท.",
        "Only the LAO changes this. Tell its education division.",
        field,
        "forbidden",
    )
