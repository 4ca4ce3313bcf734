"""The lines at the head of a printed or downloaded report, in Thai, and its file name."""

from __future__ import annotations

import re
from datetime import datetime

from app.clock import thai_time
from app.enums import Caution
from app.reports.rows import Head, Row
from app.thai import format_date

MISSING = "ยังไม่มีข้อมูล"


def lines(head: Head) -> list[str]:
    """Title, round and census date, area, and who made it when."""
    made = f"จัดทำโดย {head.requested_by} เมื่อ {moment(head.finished_on or head.requested_on)}"
    return [
        "รายงานจำนวนนักเรียน",
        f"{head.round_name} ข้อมูล ณ วันที่ {format_date(head.census_date, style='long')}",
        f"พื้นที่: {head.area_name}",
        f"{made}{_missing(head)}{_cautions(head)}",
    ]


def moment(value: datetime) -> str:
    """A stored moment (UTC) as Thai local time in the Buddhist era."""
    local = thai_time(value)
    return f"{format_date(local.date())} เวลา {local:%H:%M} น."


def file_names(head: Head, suffix: str) -> tuple[str, str]:
    """(ASCII name, Thai name) of a download."""
    code = head.top.code if head.top else ""
    thai = re.sub(r'[\s\\/:*?"<>|\x00-\x1f]+', "-", head.area_name).strip("-")  # what no file system takes
    return (
        f"lec-count-{head.round_code}-{code or 'country'}.{suffix}",
        f"จำนวนนักเรียน-{head.round_code}-{thai}.{suffix}",
    )


def cautions(row: Row) -> str:
    """What must be said of a school's count, in Thai, "" where there is nothing."""
    return ", ".join(caution.th for caution in row.present)


def _cautions(head: Head) -> str:
    top = head.top
    if top is None:
        return ""
    schools = {caution: f"{number:,} แห่ง" for caution, number in top.cautions.items() if number}
    said = {
        Caution.UNVERIFIED: f"ในจำนวนนี้ยังไม่ตรวจสอบ {top.unverified or 0:,} คน",
        Caution.NO_PROCLAMATION: Caution.NO_PROCLAMATION.th,
    }
    return "".join(f" · {said[caution]} {number}" for caution, number in schools.items())


def _missing(head: Head) -> str:
    count = head.top.schools_missing if head.top else 0
    return f" · ยังไม่มีข้อมูล {count:,} แห่ง (ไม่นับเป็นศูนย์)" if count else ""
