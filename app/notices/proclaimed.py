"""The letter that tells an LAO of a proclamation recorded, corrected or undone for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from app.enums import NoticeUrgency, ProclamationKind
from app.notices.letter import thai_date

Deed = Literal["recorded", "corrected", "undone"]
_DEEDS = {"recorded": "บันทึก", "corrected": "แก้ไข", "undone": "ยกเลิก"}


def proclaimed_text(
    proclamation: Mapping[str, Any], names: Mapping[str, str], deed: Deed, in_force: bool, today: date
) -> dict[str, Any]:
    """Fields of the notice about a raw proclamation. names: school code -> name; in_force: whether it is by `today`."""
    kind = ProclamationKind(proclamation["kind"])
    schools = ", ".join(names.get(code, code) for code in proclamation["schools"])
    effective = thai_date(proclamation["effective_on"])
    title = f"ประกาศ{kind.th}สถานศึกษา เลขที่ {proclamation['number']}"
    return {
        "urgency": NoticeUrgency.URGENT.value,
        "office": "กรมส่งเสริมการปกครองท้องถิ่น",
        "dated": today,
        "subject": f"แจ้งการ{_DEEDS[deed]}{title}"[:300],
        "addressee": "{ผู้บริหาร}",
        "opening": [
            f"ด้วยมีการ{_DEEDS[deed]}{title} ลงวันที่ {thai_date(proclamation['announced_on'])} "
            f"ของ{proclamation['authority']} "
            f"มีผลตั้งแต่วันที่ {effective} ในระบบสารสนเทศทางการศึกษาท้องถิ่น (LEC) "
            f"สำหรับสถานศึกษาในพื้นที่ {{อปท}} ดังนี้ {schools}"
        ],
        "orders": _orders(proclamation, names, kind, deed, in_force, effective),
        "closing": ["จึงเรียนมาเพื่อทราบ และโปรดตรวจสอบความถูกต้องในระบบ"],
        "signer_position": "ระบบสารสนเทศทางการศึกษาท้องถิ่น (LEC)",
    }


def _orders(
    proclamation: Mapping[str, Any], names: Mapping[str, str], kind: ProclamationKind, deed: Deed, in_force: bool,
    effective: str,
) -> list[str]:
    if deed == "undone":
        return [
            "ระบบเปิดสถานศึกษาข้างต้นอีกครั้ง ยกเลิกจำนวน 0 ที่บันทึกตามประกาศ และย้ายนักเรียนที่ย้ายตามประกาศกลับทะเบียนเดิม",
            "โปรดตรวจสอบทะเบียนและจำนวนนักเรียนของสถานศึกษาข้างต้น",
        ]
    closed = (
        "ระบบปิดสถานศึกษาข้างต้นและบันทึกจำนวนนักเรียนเป็นเลข 0 ในรอบที่รับข้อมูลแล้ว"
        if in_force
        else f"เมื่อถึงวันที่ {effective} ระบบจะปิดสถานศึกษาข้างต้นและบันทึกจำนวนนักเรียนเป็นเลข 0 ให้"
    )
    if kind is not ProclamationKind.MERGER:
        return [closed]
    successor = names.get(proclamation.get("successor_code") or "", "สถานศึกษาที่รับนักเรียน")
    return [closed, f"โปรดย้ายนักเรียนในทะเบียนเดิมไปยัง {successor} ที่หน้าประกาศในระบบ"]
