"""Explaining a finding: a sentence for a warning, a reason of the Ministry's list for a person at two schools."""

from __future__ import annotations

from typing import Any

from app.clock import stored_now
from app.documents.findings import StoredFinding
from app.enums import DuplicateReason, Level, Severity
from app.errors import Problem
from app.fabmongo import audit
from app.rules.catalogue import ACROSS
from app.services.areas import scope_filter
from app.services.findings.storing import EXPLAINED, EXPLANATION, GONE

Raw = dict[str, Any]

LONGEST = 500


def may_explain(actor: Any) -> bool:
    """Whether the actor answers for schools: their own people and their LAO's do, the offices above read."""
    return actor.area is not None and actor.area.level in (Level.LAO, Level.SCHOOL)


def explain(actor: Any, key: str, text: str, resolution: DuplicateReason | str | None = None) -> StoredFinding:
    """Store why a warning is as it should be, and return the finding as it is now. Explaining again replaces it.

    Raises Problem: "not_found" outside the actor's area, "forbidden" for who only reads, "conflict" where the finding
    is put right by now; on explanation or resolution where they are missing, and for errors, which are corrected.
    """
    granted = scope_filter(actor, StoredFinding)
    row = StoredFinding._get_collection().find_one({"$and": [{"_id": key}, granted]}) if granted is not None else None
    if row is None:
        raise Problem("ไม่พบรายการนี้ในพื้นที่ของท่าน", "This is not in your area.", kind="not_found")
    if not may_explain(actor):
        raise Problem(
            "ผู้ชี้แจงคือสถานศึกษาหรือ อปท. เท่านั้น", "Only the school or its LAO explains.", kind="forbidden"
        )
    fields = _checked(row, " ".join(text.split()), resolution)
    fields |= {"state": EXPLAINED, "explained_by": getattr(actor, "username", None), "explained_on": stored_now()}
    _write(actor, row, fields)
    return StoredFinding.objects.get(pk=key)


def _checked(row: Raw, text: str, resolution: DuplicateReason | str | None) -> Raw:
    if row["state"] == GONE:
        raise Problem(
            "รายการนี้แก้ไขเรียบร้อยแล้ว ไม่ต้องชี้แจง", "This has been put right; nothing is left to explain.", kind="conflict"
        )
    if row["severity"] != Severity.WARNING.value:
        raise Problem(
            "รายการนี้ชี้แจงไม่ได้ โปรดแก้ไขข้อมูลให้ถูกต้อง" if row["severity"] == Severity.ERROR.value
            else "รายการนี้แจ้งให้ทราบเท่านั้น ไม่ต้องชี้แจง",
            "This cannot be explained, only corrected." if row["severity"] == Severity.ERROR.value
            else "This only tells you something; it needs no explanation.",
        )  # fmt: skip
    reason = DuplicateReason.from_text(str(resolution)) if resolution else None
    if row["rule"] == ACROSS.code and reason is None:
        raise Problem("โปรดเลือกผลการตรวจสอบจากรายการ", "Choose what was found from the list.", "resolution")
    if not text and (row["rule"] != ACROSS.code or reason is DuplicateReason.OTHER):
        raise Problem("โปรดเขียนคำชี้แจงสั้น ๆ", "Write a short explanation.", "explanation")
    if len(text) > LONGEST:
        raise Problem(
            f"คำชี้แจงยาวเกิน {LONGEST} ตัวอักษร โปรดเขียนให้สั้นลง",
            f"Longer than {LONGEST} characters. Shorten it.",
            "explanation",
        )
    return {"explanation": text or None, "resolution": reason.value if row["rule"] == ACROSS.code and reason else None}


def _write(actor: Any, row: Raw, fields: Raw) -> None:
    """The explanation and its trace in one transaction; a finding that went meanwhile is not brought back."""
    version = (row.get(audit.VERSION) or 0) + 1
    changed = {name: (row.get(name), fields.get(name)) for name in ("state", *EXPLANATION[:2])}
    collection = StoredFinding._get_collection()

    def work(session: Any) -> None:
        done = collection.update_one(
            {"_id": row["_id"], "state": {"$ne": GONE}}, {"$set": {**fields, audit.VERSION: version}}, session=session
        )
        if not done.matched_count:
            raise Problem(
                "รายการนี้แก้ไขเรียบร้อยแล้ว ไม่ต้องชี้แจง", "This has been put right meanwhile.", kind="conflict"
            )
        audit.record(audit.entry(StoredFinding, row["_id"], "change", actor, version, changed), session)

    with collection.database.client.start_session() as session:
        session.with_transaction(work)


