"""Asking a school of other affiliation for its signed LEC-1 and LEC-2: a letter with both forms, by the outbox."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from mongoengine.connection import get_connection
from pymongo.client_session import ClientSession

from app.clock import stored_now, thai_today
from app.documents.notices import Delivery, Notice
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import Level, NoticeState, NoticeUrgency, SchoolKind
from app.errors import Problem
from app.fabmongo.scope import Area
from app.notices.errors import PermanentFailure
from app.notices.letter import Recipient
from app.notices.message import checked_address
from app.rules.census import as_day
from app.services.notices import Found, wake_up
from app.services.notices.access import Officer
from app.services.notices.sending import new_delivery
from app.thai import format_date

Raw = dict[str, Any]

_PATH = ("lao_code", "district_code", "province_code")


def request_papers(actor: Officer, submission_code: str) -> None:
    """Send the request to the school's own address; pressing again on the same day sends nothing more.

    Raises Problem: "forbidden" or "not_found" out of reach, on a school without a usable address.
    """
    submission = _own(actor, submission_code)
    school = School._get_collection().find_one({"_id": submission["school_code"]}) or {}
    _check_address(school)
    round_ = Round._get_collection().find_one({"_id": submission["round_code"]}) or {}
    notice = _notice(submission, school, round_, actor)
    with get_connection().start_session() as session:
        session.with_transaction(lambda active: _outbox(active, notice, submission, school, actor))
    wake_up()


def _own(actor: Officer, code: str) -> Raw:
    area: Area | None = actor.area
    granted = Submission.scope.writes(area) if area is not None else None
    found = None if granted is None else Submission._get_collection().find_one({"$and": [{"_id": code}, granted]})
    if found is None or found.get("kind") != SchoolKind.OTHER.value:
        raise Problem(
            "ไม่พบสถานศึกษาสังกัดอื่นนี้ในพื้นที่ของท่าน",
            "This school of other affiliation is not in your area.",
            kind="not_found",
        )
    return dict(found)


def _check_address(school: Raw) -> None:
    try:
        checked_address(school.get("email"))
    except PermanentFailure:
        raise Problem(
            "สถานศึกษานี้ยังไม่มีอีเมลที่ใช้ได้ โปรดเพิ่มอีเมลในข้อมูลสถานศึกษา หรือพิมพ์แบบส่งให้ทางอื่น",
            "This school has no usable e-mail address. Add one to the school, or print the forms.",
            "email",
        ) from None


def _outbox(session: ClientSession, notice: Raw, submission: Raw, school: Raw, actor: Officer) -> None:
    stamp, notices = stored_now(), Notice._get_collection()
    if notices.find_one({"once": notice["once"]}, {"_id": 1}, session=session):
        raise Problem(
            "วันนี้ส่งคำขอถึงสถานศึกษานี้แล้ว ดูผลการส่งได้ที่หนังสือถึง อปท.",
            "This school was asked today already. See the deliveries for what came of it.",
            kind="conflict",
        )
    notices.insert_one(notice, session=session)
    lao, district, province = (submission.get(name) or "" for name in _PATH)
    to_school = Found(Recipient(lao, school["name_th"], ""), school["email"], district, province)
    row = new_delivery(notice, to_school, actor, stamp) | {"submission_code": submission["_id"]}
    Delivery._get_collection().insert_one(row, session=session)
    Submission._get_collection().update_one(
        {"_id": submission["_id"]}, {"$set": {"requested_on": stamp}}, session=session
    )


def _notice(submission: Raw, school: Raw, round_: Raw, actor: Officer) -> Raw:
    about = f"ปีการศึกษา {round_['academic_year']} (ครั้งที่ {round_['number']})"
    census, stamp = format_date(as_day(round_["census_date"])), stored_now()
    today = thai_today()
    row = {
        "_id": ObjectId(),
        "once": f"request:{submission['_id']}:{today.isoformat()}",
        "urgency": str(NoticeUrgency.NORMAL),
        "dated": stamp.replace(hour=0, minute=0, second=0, microsecond=0),
        "subject": f"ขอข้อมูลจำนวนนักเรียนและแบบรับรองรายชื่อนักเรียน {about}",
        "addressee": f"ผู้อำนวยการ{school['name_th']}",
        "attachments": ["แบบ LEC-1 และ LEC-2"],
        "opening": [
            f"{{อปท}} ขอความร่วมมือจัดส่งข้อมูลจำนวนนักเรียน ณ วันที่ {census} พร้อมรายชื่อตามแบบรับรองรายชื่อนักเรียน "
            "ที่กรมส่งเสริมการปกครองท้องถิ่นกำหนด เพื่อใช้ตรวจสอบก่อนบันทึกในระบบสารสนเทศทางการศึกษาท้องถิ่น (LEC)",
        ],
        "orders": [
            "กรอกแบบ LEC-1 และ LEC-2 ที่แนบมา ให้ผู้ให้ข้อมูลและผู้รับรองลงนาม",
            "ส่งไฟล์สแกนที่ลงนามแล้ว และไฟล์รายชื่อ (Excel) ถ้ามี กลับมายังองค์กรปกครองส่วนท้องถิ่น",
        ],
        "recipients": {"area_level": str(Level.LAO), "area_code": submission["lao_code"], "states": []},
        "round_code": submission["round_code"],
        "state": str(NoticeState.SENDING),
        "total": 1,
        "sent_count": 0,
        "failed_count": 0,
        "author_level": str(Level.LAO),
        "sent_by": actor.username,
        "sent_on": stamp,
        "created_by": actor.username,
        "created_on": stamp,
        "changed_on": stamp,
    }
    return row | {name: submission[name] for name in _PATH[1:] if submission.get(name)}
