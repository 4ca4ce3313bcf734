"""Picking up imports that a dead worker left, or that never reached one."""

from __future__ import annotations

from app import jobs
from app.documents.imports import ImportHead, ImportRun
from app.enums import ImportState
from app.errors import Problem
from app.services import claims
from app.services.imports.working import WORKING, fail

MAX_IDLE = 5
"""Attempts without any progress after which an import fails; one that moves on may be cut off as often as it likes."""


def sweep() -> int:
    """Put every import whose lease has run out on the queue again; returns how many."""
    _read_again()
    return claims.sweep(
        ImportRun._get_collection(),
        {"state": {"$in": WORKING}},
        hopeless=lambda run: run.get("idle", 0) >= MAX_IDLE,
        give_up=_give_up,
        hand_over=lambda key: jobs.enqueue_stored("imports.work", key),
    )


def _read_again() -> None:
    """Have files whose columns are to be chosen read once more where a former version kept no beginnings of them."""
    runs = ImportRun._get_collection()
    mapping = {"state": ImportState.MAPPING.value, "file": {"$ne": None}}
    keys = runs.distinct("_id", mapping)
    kept = set(ImportHead._get_collection().distinct("run", {"run": {"$in": keys}}))
    if missing := [key for key in keys if key not in kept]:
        change = {"$set": {"state": ImportState.READING.value}, "$unset": dict.fromkeys((*claims.LIVE, "cursor"), "")}
        runs.update_many({"_id": {"$in": missing}, **mapping}, change)


def _give_up(claim: claims.Claim) -> None:
    undoing = claim.job["state"] == ImportState.UNDOING.value
    fail(claim, _UNDO_GAVE_UP if undoing else _GAVE_UP)


_GAVE_UP = Problem(
    f"ระบบเริ่มงานนี้ {MAX_IDLE} ครั้งแล้วแต่ไม่คืบหน้า โปรดนำเข้าไฟล์ใหม่อีกครั้ง หากยังไม่สำเร็จโปรดแจ้งผู้ดูแลระบบ",
    f"This was started {MAX_IDLE} times and got nowhere. Import the file anew; if that fails too, "
    "tell the administrator.",
)
_UNDO_GAVE_UP = Problem(
    f"ระบบเริ่มย้อนกลับ {MAX_IDLE} ครั้งแล้วแต่ไม่คืบหน้า ส่วนที่ย้อนกลับแล้วคงอยู่ "
    "กด “ย้อนกลับ” อีกครั้งเพื่อทำส่วนที่เหลือ หากยังไม่สำเร็จโปรดแจ้งผู้ดูแลระบบ",
    f"The undo was started {MAX_IDLE} times and got nowhere. What is undone stays so: press “Undo” again for the rest; "
    "if that fails too, tell the administrator.",
)
