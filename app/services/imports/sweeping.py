"""Picking up imports that a dead worker left, or that never reached one."""

from __future__ import annotations

from typing import Any

from app import jobs
from app.clock import stored_now
from app.documents.imports import ImportRun
from app.errors import Problem
from app.services.claims import PICK_UP_WITHIN, Claim, LeaseLost
from app.services.imports.working import WORKING, fail

Raw = dict[str, Any]

MAX_IDLE = 5
"""Attempts without any progress after which an import fails; one that moves on may be cut off as often as it likes."""


def sweep() -> int:
    """Put every import whose lease has run out on the queue again; returns how many."""
    now = stored_now()
    due = {"state": {"$in": WORKING}, "$or": [{"lease_until": {"$lt": now}}, {"lease_until": None}]}
    return sum(_pick_up(run) for run in ImportRun._get_collection().find(due, {"idle": 1, "lease_until": 1}))


def _pick_up(run: Raw) -> bool:
    # The lease in the condition: whoever renewed it meanwhile is alive and keeps the run.
    same = {"_id": run["_id"], "state": {"$in": WORKING}, "lease_until": run.get("lease_until")}
    if run.get("idle", 0) >= MAX_IDLE:
        _give_up(same)
        return False
    later = {"$set": {"lease_until": stored_now() + PICK_UP_WITHIN}, "$unset": {"worker": ""}}
    if not ImportRun._get_collection().update_one(same, later).modified_count:
        return False
    jobs.enqueue("imports.work", str(run["_id"]))
    return True


def _give_up(same: Raw) -> None:
    claim = Claim.take(ImportRun._get_collection(), same, PICK_UP_WITHIN.total_seconds())
    if claim is None:
        return
    gave_up = Problem(
        f"ระบบเริ่มงานนี้ {MAX_IDLE} ครั้งแล้วแต่ไม่คืบหน้า โปรดนำเข้าไฟล์ใหม่อีกครั้ง หากยังไม่สำเร็จโปรดแจ้งผู้ดูแลระบบ",
        f"This was started {MAX_IDLE} times and got nowhere. Import the file anew; if that fails too, "
        "tell the administrator.",
    )
    try:
        fail(claim, gave_up)
    except LeaseLost:
        return
