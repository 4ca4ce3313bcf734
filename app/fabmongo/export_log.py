"""Who took rows out as a file: an audit entry, written before the first byte, and the page that lists them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from bson import ObjectId
from flask import url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from pymongo.errors import PyMongoError

from app.fabmongo import audit, scope
from app.fabmongo.columns import label_of
from app.fabmongo.display import shown
from app.fabmongo.labels import T

log = logging.getLogger(__name__)

EXPORTS_SHOWN = 200


def begin(document: Any, what: str, form: str, columns: list[str], filters: Iterable[Any]) -> ObjectId:
    """Store the entry of an export and return its key; where that fails, nothing may be given out.

    `what` names the list. Of the filters it keeps column and comparison, never a value: that may be an ID number.
    """
    actor = scope.current_actor()
    area = getattr(actor, "area", None)
    raw = audit.entry(document, None, "export", actor, 0)
    raw |= {
        "_id": ObjectId(),
        "list": what,
        "format": form,
        "columns": list(columns),
        "filters": [[flt.column_name, flt.arg_name or "search"] for flt in filters],
        "area": {**area.codes} if area is not None else {},
        "rows": 0,
        "whole": False,
    }
    audit.record(raw, None)
    key: ObjectId = raw["_id"]
    return key


def counted(key: ObjectId, blocks: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """The same blocks of rows; how many rows went out, and whether it was all, is put on the entry at the end."""
    rows, whole = 0, False
    try:
        for block in blocks:
            rows += len(block)
            yield block
        whole = True
    finally:
        try:
            entries = audit.AuditEntry._get_collection()
            entries.update_one({"_id": key}, {"$set": {"rows": rows, "whole": whole}})
        except PyMongoError as error:
            log.error("the length of an export was not recorded: %s", type(error).__name__)


def finished(key: ObjectId, rows: int) -> None:
    """Put on the entry how many rows a file holds that was written as a whole before it goes out."""
    try:
        audit.AuditEntry._get_collection().update_one({"_id": key}, {"$set": {"rows": rows, "whole": True}})
    except PyMongoError as error:
        log.error("the length of an export was not recorded: %s", type(error).__name__)


def exports_filter(document: Any) -> dict[str, Any] | None:
    """The exports of a document's rows that the acting person may know of: those by people of their own area."""
    actor = scope.current_actor()
    area = actor.area if actor is not None else None
    if area is None or scope.read_filter(document) is None:
        return None
    wanted: dict[str, Any] = {"of": document._get_collection_name(), "verb": "export"}
    code = area.codes.get(area.level)
    if code:
        return {**wanted, f"area.{area.level}": code}
    return wanted if scope.read_filter(document) == {} else None


class ExportLogMixin:
    """The page /exports/ of a view, for whoever may see its deleted records too."""

    datamodel: Any
    endpoint: Any
    list_title: Any
    label_columns: Any
    render_template: Any

    @expose("/exports/", methods=["GET"])
    @has_access
    @permission_name("delete")
    def exports(self) -> Any:
        """Who took which list out as a file, newest first."""
        wanted = exports_filter(self.datamodel.obj)
        entries = audit.AuditEntry._get_collection()
        found = entries.find(wanted).sort("at", -1).limit(EXPORTS_SHOWN) if wanted is not None else []
        return self.render_template(
            "fabmongo/exports.html", title=T("การส่งออก", "Exports"), heading=str(self.list_title),
            rows=[self._export_row(raw) for raw in found], back_url=url_for(f"{self.endpoint}.list"),
        )  # fmt: skip

    def _export_row(self, raw: dict[str, Any]) -> dict[str, Any]:
        """An entry as its template wants it."""
        names = dict.fromkeys(str(self._column_label(name)) for name, _ in raw.get("filters") or ())
        return {
            "at": shown(raw["at"]),
            "by": raw.get("by") or "-",
            "origin": raw.get("origin") or "",
            "format": str(raw.get("format") or "").upper(),
            "rows": raw.get("rows") or 0,
            "whole": bool(raw.get("whole")),
            "filters": ", ".join(names),
        }

    def _column_label(self, name: str) -> Any:
        if not name:
            return T("ช่องค้นหา", "Search box")
        return self.label_columns.get(name) or label_of(name, self.datamodel.field(name))
