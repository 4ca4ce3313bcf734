"""The history of a record, and bringing back what was: an earlier value, or a deleted record."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from flask import abort, flash, redirect, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.fabmongo import audit, scope
from app.fabmongo.columns import label_of
from app.fabmongo.display import shown
from app.fabmongo.errors import Stale, WriteRefused
from app.fabmongo.labels import T

DELETED_SHOWN = 200
_VIA = {"import": T("จากการนำเข้าไฟล์", "by importing a file")}
"""What carried out a write for the person, by the first word of an entry's `via`."""


class HistoryMixin:
    """Pages of a MongoModelView: /history/<pk>, /deleted/, and the two ways back, both by POST.

    A way back is an ordinary write: scope, rules and references are checked, and it is in the history too.
    """

    datamodel: Any
    endpoint: Any
    show_title: Any
    list_title: Any
    render_template: Any
    may: Any
    _reachable: Any
    _reason_first: Any

    @expose("/history/<pk>", methods=["GET"])
    @has_access
    @permission_name("show")
    def history(self, pk: str) -> Any:
        """Who changed what, newest first."""
        item = self._reachable(pk)
        entries = [self._entry(raw, type(item)) for raw in audit.history(self.datamodel.obj, item.pk)]
        return self.render_template(
            "fabmongo/history.html", title=T("ประวัติการแก้ไข", "History"), heading=str(item), entries=entries,
            pk=pk, back_url=url_for(f"{self.endpoint}.show", pk=pk), may_edit=self.may("edit"), view=self,
        )  # fmt: skip

    def _entry(self, raw: dict[str, Any], document: Any) -> dict[str, Any]:
        """An entry as its template wants it."""
        changes = (raw.get("changes") or {}).items()
        return {
            "id": str(raw["_id"]),
            "verb": audit.VERBS[raw["verb"]],
            "at": shown(raw["at"]),
            "by": raw.get("by") or "-",
            "origin": raw.get("origin") or "",
            "reason": raw.get("reason") or "",
            "via": _VIA.get(str(raw.get("via") or "").partition(":")[0], ""),
            "changes": [self._change(document, path, old, new) for path, (old, new) in changes],
        }

    def _change(self, document: Any, path: str, old: Any, new: Any) -> dict[str, Any]:
        fields = document._fields
        name = next((name for name, field in fields.items() if field.db_field == path), path)
        field = fields.get(name)
        return {
            "path": path,
            "label": label_of(name, field),
            "old": self._readable(document, path, old, field),
            "new": self._readable(document, path, new, field),
            "back": field is not None and not getattr(field, "derived", False),
        }

    def _readable(self, document: Any, path: str, value: Any, field: Any) -> Any:
        """A raw value as text: enums by their label, references by their name, secrets masked."""
        if value is None or field is None:
            return "" if value is None else str(value)
        marked = {"_cls": document._class_name} if document._meta.get("allow_inheritance") else {}
        item = document._from_son({**marked, path: value})
        name = next(name for name, known in document._fields.items() if known.db_field == path)
        return shown(getattr(item, name), field)

    @expose("/restore/<pk>/<entry>/<path>", methods=["POST"])
    @has_access
    @permission_name("edit")
    def restore_value(self, pk: str, entry: str, path: str) -> Any:
        """Give one column the value it had before an entry."""
        item = self._reachable(pk)
        raw = self._find_entry({"key": item.pk}, entry)
        field = next((f for f in type(item)._fields.values() if f.db_field == path), None)
        if path not in (raw.get("changes") or {}) or field is None or getattr(field, "derived", False):
            abort(404)
        before = {**item._stored, path: raw["changes"][path][0]}
        restored = self.datamodel.obj._from_son({k: v for k, v in before.items() if v is not None})
        restored._stored = item._stored
        back = url_for(f"{self.endpoint}.history", pk=pk)
        question = self._reason_first(restored, T("ใช้ค่าเดิม", "Restore the earlier value"), back)
        if question is not None:
            return question
        self._write(lambda: self.datamodel.edit(restored), T("เรียกคืนค่าเดิมแล้ว", "The earlier value is back."))
        return redirect(back)

    @expose("/deleted/", methods=["GET"])
    @has_access
    @permission_name("delete")
    def deleted(self) -> Any:
        """Deleted records of the person's area that are not there again, newest first."""
        rows = [
            {
                "id": str(raw["_id"]),
                "name": str(self.datamodel.obj._from_son(raw["stored"])),
                "at": shown(raw["at"]),
                "by": raw.get("by") or "-",
            }
            for raw in self._deleted_entries()
        ]
        return self.render_template(
            "fabmongo/deleted.html", title=T("รายการที่ลบไป", "Deleted records"), heading=str(self.list_title),
            rows=rows, back_url=url_for(f"{self.endpoint}.list"), may_add=self.may("add"), view=self,
        )  # fmt: skip

    def _deleted_entries(self) -> list[dict[str, Any]]:
        collection = self.datamodel.obj._get_collection()
        query = self._deleted_query()
        if query is None:
            return []
        found = list(audit.AuditEntry._get_collection().find(query).sort("at", -1).limit(DELETED_SHOWN))
        there = set(collection.distinct("_id", {"_id": {"$in": [raw["key"] for raw in found]}}))
        latest: dict[Any, dict[str, Any]] = {}
        for raw in found:
            latest.setdefault(raw["key"], raw)
        return [raw for key, raw in latest.items() if key not in there]

    def _deleted_query(self) -> dict[str, Any] | None:
        """Deletions whose record, as it was, lies where the person may write."""
        granted = scope.write_filter(self.datamodel.obj)
        if granted is None:
            return None
        inside = {f"stored.{name}": value for name, value in granted.items()}
        return {"of": self.datamodel.obj._get_collection_name(), "verb": "delete", **inside}

    @expose("/undelete/<entry>", methods=["POST"])
    @has_access
    @permission_name("add")
    def undelete(self, entry: str) -> Any:
        """Bring a deleted record back under its old key."""
        query = self._deleted_query()
        if query is None or not self.may("delete"):
            abort(404)
        raw = self._find_entry(query, entry)
        item = self.datamodel.obj._from_son(raw["stored"])
        item._restored_version = raw["version"]
        back = url_for(f"{self.endpoint}.deleted")
        question = self._reason_first(item, T("เรียกคืน", "Restore"), back)
        if question is not None:
            return question
        if not self._write(lambda: self.datamodel.add(item), T("เรียกคืนรายการแล้ว", "The record is back.")):
            return redirect(back)
        return redirect(url_for(f"{self.endpoint}.show", pk=item.pk))

    def _find_entry(self, query: dict[str, Any], entry: str) -> dict[str, Any]:
        if not ObjectId.is_valid(entry):
            abort(404)
        of = self.datamodel.obj._get_collection_name()
        raw = audit.AuditEntry._get_collection().find_one({**query, "of": of, "_id": ObjectId(entry)})
        if raw is None:
            abort(404)
        return dict(raw)

    def _write(self, write: Any, done: Any) -> bool:
        try:
            write()
        except Stale as stale:
            flash(str(stale.message), "danger")
            return False
        except WriteRefused as refusal:
            reasons = [str(text) for text in refusal.fields.values()] or [str(refusal.message)]
            flash(" ".join(reasons), "danger")
            return False
        flash(str(done), "success")
        return True
