"""Who changed what, when and from where: one entry for each write of a person, in its transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import has_request_context, request
from mongoengine import DateTimeField, DictField, Document, DynamicField, IntField, StringField
from pymongo.client_session import ClientSession

from app.fabmongo.columns import is_private
from app.fabmongo.labels import T

VERSION = "_v"
"""Raw field that counts the writes of people; a background recount leaves it alone."""

VERBS = {
    "add": T("เพิ่ม", "Added"),
    "change": T("แก้ไข", "Changed"),
    "delete": T("ลบ", "Deleted"),
    "restore": T("เรียกคืน", "Restored"),
    "export": T("ส่งออก", "Exported"),
}


class AuditEntry(Document):
    """One write. `changes` maps raw fields to [old, new]; `stored` is the whole row that was deleted.

    `via` says what carried out many writes at once for the person, "import:<run>"; a write by hand has none.

    An export of a list has no key and version 0; what it holds is said in `export_log.begin`.

    It has no scope of its own: it is reached through the record it is about, or, when that is
    gone, through the scope of the record as it was.
    """

    meta = {
        "collection": "audit_entries",
        "auto_create_index": False,
        "strict": False,
        "indexes": [("of", "key", "-version"), ("of", "verb", "-at")],
    }

    of = StringField(required=True)
    key = DynamicField()
    version = IntField(required=True)
    verb = StringField(required=True, choices=list(VERBS))
    at = DateTimeField(required=True)
    by = StringField()
    origin = StringField()
    changes = DictField()
    stored = DictField()
    reason = StringField()
    via = StringField()


def origin() -> str:
    """Where a write comes from: the address of the browser, or the terminal."""
    return str(request.remote_addr or "") if has_request_context() else "terminal"


def entry(
    document_class: Any, key: Any, verb: str, actor: Any, version: int,
    changes: dict[str, tuple[Any, Any]] | None = None, stored: Any = None, reason: str | None = None,
) -> dict[str, Any]:
    """The raw form of an entry; traces of the writer are left out, for the entry says it already.

    What is private to a person is in no entry.
    """
    fields = document_class._fields.values()
    private = {f.db_field for f in fields if is_private(f)}
    silent = {f.db_field for f in fields if getattr(f, "audit", False)} | private | {VERSION}
    raw: dict[str, Any] = {
        "of": document_class._get_collection_name(),
        "key": key,
        "version": version,
        "verb": verb,
        "at": datetime.now(UTC).replace(tzinfo=None),
        "by": getattr(actor, "username", None),
        "origin": origin(),
    }
    if changes is not None:
        raw["changes"] = {name: list(pair) for name, pair in changes.items() if name not in silent}
    if reason is not None:
        raw["reason"] = reason
    if stored is not None:
        raw["stored"] = {name: value for name, value in stored.items() if name not in private}
    return raw


def record(raw: dict[str, Any], session: ClientSession | None) -> None:
    """Store an entry beside the write it is about."""
    AuditEntry._get_collection().insert_one(raw, session=session)


def history(document_class: Any, key: Any, limit: int = 100, since: int | None = None) -> list[dict[str, Any]]:
    """The entries of one record as stored, newest first; `since`: those after a version."""
    query: dict[str, Any] = {"of": document_class._get_collection_name(), "key": key}
    if since is not None:
        query["version"] = {"$gt": since}
    cursor = AuditEntry._get_collection().find(query).sort([("version", -1), ("_id", -1)]).limit(limit)
    return list(cursor)
