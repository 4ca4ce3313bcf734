"""Picking up runs that a dead worker left, or that never reached one."""

from __future__ import annotations

from app import jobs
from app.documents.reports import ReportRun
from app.enums import RunState
from app.services import claims
from app.services.reports.building import stop
from app.services.reports.requests import OPEN

MAX_ATTEMPTS = 5
GAVE_UP = f"ระบบเริ่มทำรายงานนี้ {MAX_ATTEMPTS} ครั้งแล้วแต่ไม่เสร็จ โปรดขอรายงานใหม่ หากยังไม่สำเร็จโปรดแจ้งผู้ดูแลระบบ"


def sweep() -> int:
    """Put every unfinished run whose lease has run out into the queue again; returns how many.

    A run that was started MAX_ATTEMPTS times fails instead.
    """
    return claims.sweep(
        ReportRun._get_collection(),
        {"state": {"$in": OPEN}},
        hopeless=lambda run: run.get("attempts", 0) >= MAX_ATTEMPTS,
        give_up=lambda claim: stop(claim, RunState.FAILED, GAVE_UP),
        hand_over=lambda key: jobs.enqueue("reports.build", key),
        fields={"state": RunState.WAITING.value},
    )
