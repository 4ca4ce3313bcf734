"""Writing to those who are behind: a draft that an officer reads and sends like any other notice."""

from __future__ import annotations

from datetime import date

from app.clock import thai_today
from app.documents.rounds import Round
from app.enums import Level, NoticeUrgency, SubmissionState
from app.services.areas import Place
from app.services.notices import save_draft
from app.services.notices.access import Officer
from app.thai import format_date

BEHIND = (SubmissionState.NOT_STARTED, SubmissionState.IN_PROGRESS, SubmissionState.RETURNED)
"""States of an LAO that has not handed everything in; see `notices.progress.lao_state`."""


def draft_reminder(actor: Officer, round_: Round, place: Place) -> str:
    """Store a draft to the LAOs of `place` that are behind, and give its id. Raises Problem as `save_draft` does."""
    recipients = to_those_behind(round_, place.level, place.code)
    return save_draft(actor, {**reminder_text(round_, round_.closes_on), **recipients})


def reminder_text(round_: Round, last_day: date | None) -> dict[str, object]:
    """The fields of a reminder's letter about a round; the places in braces are filled for each LAO."""
    closes = f" ภายในวันที่ {format_date(last_day)}" if last_day else ""
    about = f"ปีการศึกษา {round_.academic_year} (ครั้งที่ {round_.number})"
    return {
        "urgency": NoticeUrgency.URGENT,
        "dated": thai_today(),
        "deadline": last_day,
        "subject": f"แจ้งเตือนการส่งข้อมูลนักเรียนในระบบ LEC {about}",
        "addressee": "{ผู้บริหาร}",
        "opening": [
            f"ตามที่เปิดให้บันทึกข้อมูลนักเรียน {about} นั้น ขณะนี้ {{อปท}} ยังส่งข้อมูลไม่ครบทุกสถานศึกษา",
        ],
        "orders": [f"โปรดตรวจสอบ รับรอง และส่งข้อมูลของสถานศึกษาที่ยังเหลือ{closes}"],
        "closing": ["หากส่งข้อมูลครบแล้ว ขออภัยมา ณ โอกาสนี้"],
    }


def to_those_behind(round_: Round, level: Level, code: str) -> dict[str, object]:
    """The fields of a letter's recipients: the LAOs of an area that have not handed everything in."""
    return {
        "round": round_.code,
        "area_level": str(level),
        "area_code": code,
        "states": [str(state) for state in BEHIND],
        "reporting": True,
    }
