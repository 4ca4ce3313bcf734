"""Two people at one form: what the form began with, what changed meanwhile, and whose value is whose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bson import json_util
from bson.binary import UuidRepresentation
from bson.errors import BSONError
from itsdangerous import BadData, URLSafeSerializer

from app.fabmongo import audit
from app.fabmongo.display import shown
from app.fabmongo.errors import NotDeleted
from app.fabmongo.labels import T

OPTIONS = json_util.JSONOptions(uuid_representation=UuidRepresentation.STANDARD, tz_aware=False)

FIELD = "_base"
"""Name of the hidden input that carries what the form began with."""

SHOWN_VERSION = "_version"
"""Name of the hidden input that carries the version of the record a page shows."""


@dataclass(frozen=True)
class Difference:
    """One column on which the typed and the stored value differ; both as a person reads them."""

    name: str
    label: Any
    mine: Any
    stored: Any


@dataclass(frozen=True)
class Conflict:
    """A stale save: who saved meanwhile, when, and the differences that are left to decide."""

    by: str
    at: Any
    differences: list[Difference]


def _serializer(secret: Any) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="fabmongo-base")


def base_of(item: Any, columns: list[str], secret: Any) -> str:
    """What a form begins with: the version and the raw values of its columns, signed."""
    stored = getattr(item, "_stored", None) or {}
    names = [item._fields[name].db_field for name in columns if name in item._fields]
    kept = {name: stored.get(name) for name in names}
    kept[audit.VERSION] = stored.get(audit.VERSION)
    return str(_serializer(secret).dumps([str(item.pk), json_util.dumps(kept, json_options=OPTIONS)]))


def read_base(text: str | None, pk: str, secret: Any) -> dict[str, Any] | None:
    """The raw values that `base_of` wrote for this record; None where the text is absent or not ours."""
    try:
        key, kept = _serializer(secret).loads(text or "")
        return dict(json_util.loads(kept, json_options=OPTIONS)) if key == pk else None
    except (BadData, BSONError, ValueError, TypeError):
        return None


def keep_untouched(item: Any, columns: list[str], base: dict[str, Any]) -> list[str]:
    """Put back the stored value of each column that was not changed on the form; returns those that were.

    A background job may have written a column since the form was opened: only what a person typed is theirs.
    """
    typed, stored = item.to_mongo(), item._stored
    fresh = type(item)._from_son(stored)
    mine = []
    for name in columns:
        field = item._fields.get(name)
        if field is None:
            continue
        if typed.get(field.db_field) == base.get(field.db_field) or field.db_field not in base:
            if typed.get(field.db_field) != stored.get(field.db_field):  # What is loaded already stays loaded.
                item._data[name] = fresh._data.get(name)
        else:
            mine.append(name)
    return mine


def conflict_of(item: Any, columns: list[str], base: dict[str, Any], labels: dict[str, Any]) -> Conflict:
    """Compare a form's item (typed values) with what is stored now."""
    stored = type(item)._from_son(item._stored)
    differences = []
    for name in columns:
        field = item._fields.get(name)
        if field is None or item.to_mongo().get(field.db_field) == item._stored.get(field.db_field):
            continue
        mine, theirs = (_readable(getattr(one, name), field) for one in (item, stored))
        differences.append(Difference(name, labels.get(name, name), mine, theirs))
    entries = audit.history(type(item), item.pk, limit=1, since=base.get(audit.VERSION) or 0)
    last = entries[0] if entries else {}
    return Conflict(str(last.get("by") or "-"), last.get("at"), differences)


def version_of(item: Any) -> int:
    """How often people have written a loaded record."""
    return int((getattr(item, "_stored", None) or {}).get(audit.VERSION) or 0)


def refuse_unseen(item: Any, shown_version: str | None) -> None:
    """Raise Stale where the page on which somebody chose to delete showed an older state; a page may say none."""
    if shown_version is not None and shown_version != str(version_of(item)):
        raise NotDeleted()


def _readable(value: Any, field: Any) -> Any:
    text = shown(value, None if getattr(field, "secret", False) else field)
    return text if text != "" else T("(ว่าง)", "(empty)")
