"""Notices for tests: one complete set of fields, a stored draft, and officers who act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from app.fabmongo.scope import Area
from app.services import notices


@dataclass(frozen=True)
class Acting:
    """A person for the services: a name and an area."""

    username: str
    area: Area | None


DISTRICT = Acting("district", Area("district", {"province": "30", "district": "3014"}))
PROVINCE = Acting("province", Area("province", {"province": "30"}))
DLA = Acting("dla", Area("country"))
LAO = Acting("lao", Area("lao", {"province": "30", "district": "3014", "lao": "5301401"}))
FAR = Acting("far", Area("province", {"province": "31"}))


def notice_fields(**changes: Any) -> dict[str, Any]:
    """The fields of a notice of the district office to all its LAOs, with `changes`."""
    return {
        "number": "นม ๐๐๒๓.๒๖/ว ๑๖๐๓",
        "urgency": "most_urgent",
        "office": "ที่ว่าการอำเภอทดสอบ\nถนนทดสอบ",
        "dated": date(2024, 11, 5),
        "subject": "ขอให้ปรับปรุงข้อมูลนักเรียน",
        "addressee": "{ผู้บริหาร}",
        "references": ["หนังสืออำเภอทดสอบ ที่ ว ๑๔๒๐ ลงวันที่ ๔ ตุลาคม ๒๕๖๗"],
        "attachments": ["แบบรับรองรายชื่อนักเรียน จำนวน ๑ ฉบับ"],
        "opening": ["ขอให้ {อปท} ดำเนินการ ดังนี้"],
        "orders": ["ตรวจสอบข้อมูล", "แจ้งสถานศึกษาสังกัดอื่น", "บันทึกประกาศยุบ รวม เลิก"],
        "closing": ["จึงเรียนมาเพื่อทราบและดำเนินการ"],
        "deadline": date(2024, 11, 29),
        "signer_name": "",
        "signer_position": "นายอำเภอทดสอบ",
        "contact": "กลุ่มงานทดสอบ โทร. ๐ ๔๔๔๔ ๔๔๔๔",
        "round": "2567-2",
        "area_level": "district",
        "area_code": "3014",
        "states": [],
        **changes,
    }


def make_draft(actor: Acting = DISTRICT, **changes: Any) -> str:
    """The id of a stored draft; the places must exist."""
    return notices.save_draft(actor, notice_fields(**changes))


def raw_notice(**changes: Any) -> dict[str, Any]:
    """A raw `notices` document for the builders, without a database."""
    fields = notice_fields()
    for name in ("area_level", "area_code", "states", "round"):
        del fields[name]
    return {**fields, **changes}
