"""The one path of a person's write: scope, rules, references, document and follow-ups together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mongoengine import DENY
from mongoengine.connection import get_connection
from mongoengine.errors import ValidationError
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from app.fabmongo import audit, files, reasons, scope
from app.fabmongo.columns import is_private, label_of
from app.fabmongo.embedded import new_references
from app.fabmongo.errors import NotDeleted, OutOfScope, Stale, WriteRefused
from app.fabmongo.labels import T
from app.fabmongo.refusals import duplicate, in_use, invalid


class WriteRules:
    """What an application adds to the writes of one document; all do nothing by default.

    `actor` is the acting person, `before` the stored form (None for a new document). The checks
    raise WriteRefused or an exception with th, en and field. `after_*` run inside the transaction.
    """

    def needs_reason(self, actor: Any, document: Any) -> Any:
        """A text that says why a write of `document` needs a reason, or None where it needs none.

        document: what is added, changed or deleted; None for the empty form of a new one.
        """
        return None

    def before_write(self, actor: Any, document: Any, before: Any) -> None: ...

    def after_write(
        self, actor: Any, document: Any, before: Any, session: ClientSession
    ) -> None: ...

    def before_delete(self, actor: Any, document: Any) -> None: ...

    def after_delete(self, actor: Any, document: Any, session: ClientSession) -> None: ...


def is_restored(document: Any) -> bool:
    """Whether a new document is a deleted one that is being brought back."""
    return getattr(document, "_restored_version", None) is not None


def insert(interface: Any, document: Any) -> None:
    """Store a new document, or raise WriteRefused."""
    actor = scope.current_actor()
    _stamp(document, actor, "created")
    raw = _checked(interface, actor, document, None)
    restored = getattr(document, "_restored_version", None)
    raw[audit.VERSION] = (restored or 0) + 1

    def work(session: ClientSession) -> None:
        result = interface.obj._get_collection().insert_one(raw, session=session)
        if document.pk is None:
            document.pk = result.inserted_id
        verb = "add" if restored is None else "restore"
        why = reasons.reason_of(document)
        note = audit.entry(type(document), raw["_id"], verb, actor, raw[audit.VERSION], reason=why)
        audit.record(note, session)
        interface.rules.after_write(actor, document, None, session)

    with files.stored(document, None, raw):
        _run(interface, work)
    document._created = False
    document._stored = raw


def update(interface: Any, document: Any) -> None:
    """Store what changed since the document was loaded, or raise WriteRefused."""
    actor = scope.current_actor()
    before = getattr(document, "_stored", None)
    granted = scope.write_filter(interface.obj)
    if before is None or granted is None or not scope.matches(before, granted):
        raise OutOfScope()
    if not changes(before, _raw_form(document, before)):
        return
    _stamp(document, actor, "changed")
    raw = _checked(interface, actor, document, before)
    version = before.get(audit.VERSION)
    raw[audit.VERSION] = (version or 0) + 1
    changed = changes(before, raw)
    collection, mine = interface.obj._get_collection(), {"_id": before["_id"], **granted}

    def work(session: ClientSession) -> None:
        # A version that is not there yet is None, which matches its absence.
        found = collection.update_one({**mine, audit.VERSION: version}, _operation(changed), session=session)
        if found.matched_count == 0:
            raise Stale() if collection.find_one(mine, {"_id": 1}, session=session) else _gone()
        note = audit.entry(
            type(document), before["_id"], "change", actor, raw[audit.VERSION], changed,
            reason=reasons.reason_of(document),
        )  # fmt: skip
        audit.record(note, session)
        interface.rules.after_write(actor, document, before, session)

    with files.stored(document, before, raw):
        _run(interface, work)
    document._stored = raw


def remove(interface: Any, document: Any) -> None:
    """Delete a loaded document to which nothing refers, or raise WriteRefused; Stale where it changed since."""
    actor = scope.current_actor()
    granted = scope.write_filter(interface.obj)
    loaded = getattr(document, "_stored", None)
    stored = loaded or document.to_mongo()
    if granted is None or not scope.matches(stored, granted):
        raise OutOfScope()
    reasons.require(interface.rules, actor, document)
    _guard(lambda: interface.rules.before_delete(actor, document))
    _check_unused(interface.obj, document.pk)

    collection, mine = interface.obj._get_collection(), {"_id": stored["_id"], **granted}
    unchanged = {audit.VERSION: loaded.get(audit.VERSION)} if loaded else {}

    def work(session: ClientSession) -> None:
        # What is kept for restoring is the row as it goes: a recount may have written since it was loaded.
        row = collection.find_one_and_delete({**mine, **unchanged}, session=session)
        if row is None:
            raise _not_deleted(collection.find_one(mine, {"_id": 1}, session=session))
        version = (row.get(audit.VERSION) or 0) + 1
        why = reasons.reason_of(document)
        audit.record(audit.entry(type(document), row["_id"], "delete", actor, version, stored=row, reason=why), session)
        interface.rules.after_delete(actor, document, session)

    _run(interface, work)


def _not_deleted(there: Any) -> WriteRefused:
    if there is None:
        return WriteRefused(T("รายการนี้ถูกลบไปก่อนแล้ว", "This record had already been deleted."))
    return NotDeleted()


def _gone() -> WriteRefused:
    return WriteRefused(
        T(
            "รายการนี้ถูกลบหรือย้ายออกนอกพื้นที่ของท่านระหว่างที่ท่านแก้ไข จึงยังไม่ได้บันทึก",
            "This record was removed or moved out of your area while you were editing, so nothing was saved.",
        )
    )


def changes(before: Any, after: Any) -> dict[str, tuple[Any, Any]]:
    """Raw field → (old, new) for every stored field that differs; audit traces included.

    Nothing is nothing, however it is stored: absent, None, or an empty list.
    """
    names = [*after, *(name for name in before if name not in after)]
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new and not (_blank(old) and _blank(new))}


def _blank(value: Any) -> bool:
    return value is None or value in ([], {})


def _operation(changed: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    sets = {name: new for name, (_, new) in changed.items() if new is not None}
    unsets = {name: "" for name, (_, new) in changed.items() if new is None}
    return {
        verb: part for verb, part in (("$set", sets), ("$unset", unsets)) if part
    }


def _stamp(document: Any, actor: Any, verb: str) -> None:
    """Audit traces are set here and nowhere else: a default that reads the user would recurse."""
    for name, value in (
        (f"{verb}_by", getattr(actor, "username", None)),
        (f"{verb}_on", datetime.now(UTC).replace(tzinfo=None, microsecond=0)),
    ):
        if name in document._fields:
            setattr(document, name, value)


def _checked(interface: Any, actor: Any, document: Any, before: Any) -> Any:
    """The raw form of a document that may be written: valid, in scope, with reachable references."""
    granted = scope.write_filter(interface.obj)
    if granted is None:
        raise OutOfScope()
    _check_references(interface, document, before)
    reasons.require(interface.rules, actor, document)
    _guard(lambda: interface.rules.before_write(actor, document, before))
    try:
        document.validate(clean=True)
    except ValidationError as error:
        raise invalid(type(document), error) from error
    raw = _raw_form(document, before or {})
    if before is not None and raw.get("_id") != before["_id"]:
        raise WriteRefused(T("เปลี่ยนรหัสของรายการไม่ได้", "The key of a record cannot change."))
    if not scope.matches(raw, granted):
        raise OutOfScope()
    return raw


def _raw_form(document: Any, before: Any) -> dict[str, Any]:
    """The form to store: the document's, with the stored fields that it does not declare left as they are.

    An older or a newer version of the application may have written those. What is private is left as it is, too.
    """
    fields = document._fields.values()
    private = {field.db_field for field in fields if is_private(field)}
    own = {name: value for name, value in document.to_mongo().items() if name not in private}
    declared = {field.db_field for field in fields} - private
    return {**{name: value for name, value in before.items() if name not in declared}, **own}


def _check_references(interface: Any, document: Any, before: Any) -> None:
    """Each reference set or changed, however deep inside, must point at a row the person can read."""
    raw = document.to_mongo()
    refused = {}
    for name, field in type(document)._fields.items():
        if getattr(field, "derived", False):
            continue
        fresh = new_references(field, raw.get(field.db_field), (before or {}).get(field.db_field))
        for target, keys in fresh.items():
            if len(type(interface)(target).get_many(keys)) < len(keys):
                refused[name] = T(
                    "ไม่พบ{label}ที่เลือกในพื้นที่ของท่าน โปรดเลือกใหม่",
                    "{label}: what was chosen is not in your area. Choose again.",
                    label=label_of(name, field),
                )
    gone = T("ไฟล์นี้ไม่มีแล้ว โปรดเลือกไฟล์ใหม่", "This file is no longer there. Choose another.")
    refused.update(dict.fromkeys(files.missing(document, before), gone))
    if refused:
        raise WriteRefused(next(iter(refused.values())), refused)


def _check_unused(document_class: Any, pk: Any) -> None:
    for (owner, name), rule in (document_class._meta.get("delete_rules") or {}).items():
        if rule == DENY:
            path = owner._fields[name].db_field
            if owner._get_collection().find_one({path: pk}, {"_id": 1}):
                raise in_use(owner)


def _guard(check: Callable[[], None]) -> None:
    """Turn an application's own refusal, an exception with th, en and field, into WriteRefused."""
    try:
        check()
    except WriteRefused:
        raise
    except Exception as error:
        if not (hasattr(error, "th") and hasattr(error, "en")):
            raise
        text = T(error.th, error.en)
        field = getattr(error, "field", None)
        raise WriteRefused(text, {field: text} if field else None) from error


def _run(interface: Any, work: Callable[[ClientSession], None]) -> None:
    """Do `work` in one transaction: the row, its audit entry and what the rules add stand or fall together."""
    alias = interface.obj._meta.get("db_alias", "default")
    try:
        with get_connection(alias).start_session() as session:
            session.with_transaction(lambda active: _guard(lambda: work(active)))
    except DuplicateKeyError as error:
        raise duplicate(interface.obj, error) from error
