"""The text a new notice begins with: the structure of a round's opening letter, to be changed by the officer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.enums import Level, NoticeUrgency
from app.notices.letter import thai_date
from app.thai import to_thai_digits

_OFFICES = {
    Level.COUNTRY: ("กรมส่งเสริมการปกครองท้องถิ่น", "อธิบดีกรมส่งเสริมการปกครองท้องถิ่น"),
    Level.PROVINCE: ("ศาลากลางจังหวัด{name}", "ผู้ว่าราชการจังหวัด{name}"),
    Level.DISTRICT: ("ที่ว่าการอำเภอ{name}", "นายอำเภอ{name}"),
}
_ORDERS = (
    "ตรวจสอบและแก้ไขข้อมูลนักเรียนหรือเด็กเล็กของสถานศึกษาในสังกัดให้ถูกต้องครบถ้วน ในฐานข้อมูล {census} "
    "โดยปฏิบัติตามแนวทางของรอบนี้อย่างเคร่งครัด",
    "แจ้งสถานศึกษาสังกัดอื่นในพื้นที่ให้ส่งจำนวนนักเรียนพร้อมแบบรับรองรายชื่อนักเรียน และใช้ตรวจสอบจำนวนนักเรียนก่อนบันทึกในระบบ",
    "ประสานสำนักงานเขตพื้นที่การศึกษาหรือหน่วยงานต้นสังกัด เพื่อให้ได้รับแจ้งประกาศยุบ รวม หรือเลิกสถานศึกษาทุกครั้ง "
    "แล้วบันทึกประกาศและกรอกจำนวนนักเรียนของสถานศึกษานั้นเป็นเลข 0 (เลขอารบิก) ในระบบ",
)


def starting_text(level: Level, name: str, round_: Mapping[str, Any] | None) -> dict[str, Any]:
    """Fields of a new notice for an office of `level` in the area `name`, about a raw `rounds` document.

    Shape: the fields of `save_draft` that can be proposed; the officer reads and changes them before sending.
    """
    office, position = (text.format(name=name) for text in _OFFICES.get(level, ("", "")))
    title = "ระบบสารสนเทศทางการศึกษาท้องถิ่น (LEC)"
    when = _when(round_)
    census = f"ณ วันที่ {thai_date(round_['census_date'])}" if round_ else "ตามวันที่กำหนดของรอบ"
    opens = f" ตั้งแต่วันที่ {thai_date(round_['opens_on'])}" if round_ else ""
    return {
        "urgency": NoticeUrgency.URGENT.value,
        "office": office,
        "subject": f"ขอให้ปรับปรุงข้อมูลนักเรียนใน{title}{when}",
        "addressee": "{ผู้บริหาร}",
        "opening": [
            f"ด้วย{title} เปิดให้บันทึกและปรับปรุงข้อมูลนักเรียนหรือเด็กเล็ก{when}{opens} "
            "ข้อมูลนี้เป็นฐานในการพิจารณาจัดสรรงบประมาณด้านการศึกษาให้แก่องค์กรปกครองส่วนท้องถิ่น "
            "จำนวนที่ขาดหายหรือคลาดเคลื่อนจึงมีผลต่องบประมาณที่ {อปท} จะได้รับ",
            "เพื่อให้ข้อมูลถูกต้องครบถ้วน ขอให้ {อปท} ดำเนินการ ดังนี้",
        ],
        "orders": [order.format(census=census) for order in _ORDERS],
        "closing": ["จึงเรียนมาเพื่อทราบและดำเนินการ"],
        "deadline": round_.get("closes_on") if round_ else None,
        "signer_position": position,
    }


def _when(round_: Mapping[str, Any] | None) -> str:
    if round_ is None:
        return ""
    year, number = (to_thai_digits(str(round_[name])) for name in ("academic_year", "number"))
    return f" ประจำปีการศึกษา {year} (ครั้งที่ {number})"
