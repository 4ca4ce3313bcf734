"""Picking up imports that a dead worker left, or that never reached one."""

from __future__ import annotations

from app import jobs
from app.documents.imports import ImportRun
from app.errors import Problem
from app.services import claims
from app.services.imports.working import WORKING, fail

MAX_IDLE = 5
"""Attempts without any progress after which an import fails; one that moves on may be cut off as often as it likes."""


def sweep() -> int:
    """Put every import whose lease has run out on the queue again; returns how many."""
    return claims.sweep(
        ImportRun._get_collection(),
        {"state": {"$in": WORKING}},
        hopeless=lambda run: run.get("idle", 0) >= MAX_IDLE,
        give_up=_give_up,
        hand_over=lambda key: jobs.enqueue_stored("imports.work", key),
    )


def _give_up(claim: claims.Claim) -> None:
    gave_up = Problem(
        f"ระบบเริ่มงานนี้ {MAX_IDLE} ครั้งแล้วแต่ไม่คืบหน้า โปรดนำเข้าไฟล์ใหม่อีกครั้ง หากยังไม่สำเร็จโปรดแจ้งผู้ดูแลระบบ",
        f"This was started {MAX_IDLE} times and got nowhere. Import the file anew; if that fails too, "
        "tell the administrator.",
    )
    fail(claim, gave_up)
