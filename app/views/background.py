"""A calm line on pages whose work waits for a worker that is not there."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_login import current_user

from app.fabmongo.labels import T
from app.queues import QUEUES
from app.services.background import is_served, known_liveness

QUEUE_LABELS = {
    "interactive": T("รายงานและการเปิดรอบ", "reports and openings of rounds"),
    "imports": T("การนำเข้าไฟล์", "files that are brought in"),
    "mail": T("หนังสือทางอีเมล", "e-mails"),
    "checks": T("การตรวจสอบข้อมูล", "checks of the data"),
    "sweeping": T("การทำต่อและงานตามเวลา", "taking work up again, and periodic work"),
}
"""What waits where `queue` has no worker."""


def waiting_line(queue: str) -> Any:
    """What to tell somebody whose work waits in `queue`; None while a worker serves it."""
    if is_served(queue):
        return None
    return T(
        "ขณะนี้ระบบงานเบื้องหลังหยุดอยู่ งานนี้จึงรอก่อน ข้อมูลไม่สูญหาย และจะทำต่อเองเมื่อระบบกลับมา",
        "The background service is not running at the moment, so this waits. Nothing is lost; it goes on by itself.",
    )


def standstill_line() -> Any:
    """For the department: which background work stands still; None where all goes on, and for everybody else."""
    if not current_user.is_authenticated or "dla" not in current_user.role_names:
        return None
    state = known_liveness()
    if state is None:
        return T(
            "คิวงานเบื้องหลัง (Valkey) ไม่ตอบ: งานเบื้องหลังทั้งหมดหยุดรอ ข้อมูลที่บันทึกไว้ไม่สูญหาย",
            "The queue (Valkey) does not answer: all background work waits. What was saved is not lost.",
        )
    parts = [QUEUE_LABELS[queue] for queue in QUEUES if queue in state.missing_queues]
    if not state.beat:
        parts.append(T("ตารางงานตามเวลา (beat)", "the schedule of periodic work (beat)"))
    if not parts:
        return None
    return T(
        "ไม่มีโปรแกรมทำงานเบื้องหลังสำหรับ: {parts} งานรออยู่และไม่สูญหาย โปรดแจ้งผู้ดูแลเครื่องแม่ข่าย",
        "Nothing serves: {parts}. The work waits and is not lost. Tell whoever runs the servers.",
        parts=", ".join(str(part) for part in parts),
    )


def init_background_lines(app: Flask) -> None:
    """Give the templates `waiting_line(queue)` and `standstill_line()`."""
    app.jinja_env.globals.update(waiting_line=waiting_line, standstill_line=standstill_line)
