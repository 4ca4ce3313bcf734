"""Restoring a backup into an empty database: all of it, or a database that is marked as not whole.

Before the first document a mark is stored that names what will be written; each collection's UUID is added to it before
anything is put into it. A restore that was broken off begins anew by dropping exactly those collections.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient, ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

from app.backup.checking import Contents, check_file, reading
from app.backup.marker import KEY, MARKER
from app.backup.records import Section, SectionSum, documents_of
from app.backup.refusals import damaged
from app.backup.sealing import Secret
from app.backup.snapshot import Tell
from app.backup.structure import VALIDATION
from app.errors import Problem

Raw = dict[str, Any]
RENEWED_EVERY = 5.0
SILENT = timedelta(seconds=60)
_LONG_AGO = datetime(2000, 1, 1)
"""A restore that has not renewed its mark for so long is dead."""
AT_ONCE = 8 * 1024 * 1024
"""Bytes of documents in one insert."""


@dataclass(frozen=True)
class Restored:
    """What a restore wrote, and the seconds of its parts."""

    contents: Contents
    seconds: float
    parts: dict[str, float]


def restore(
    client: MongoClient[Raw], name: str, path: Path, secret: Secret | None, schema: int,
    settle: Callable[[Raw], None], tell: Tell,
) -> Restored:  # fmt: skip
    """Check the whole file, write it, compare, index, `settle(manifest)`, and take the mark away.

    Raises Problem where the file is not whole, the database is not empty, or something else writes into it.
    """
    began, parts = time.monotonic(), dict[str, float]()
    database = client[name]
    _refuse_filled(database)
    contents = check_file(path, secret, schema)
    parts["check"] = time.monotonic() - began
    mark = Mark(database, contents)
    with mark.given_up_on_failure():
        mark.clear_former(tell)
        for what, work in (
            ("write", lambda: _write(database, path, secret, contents, mark)),
            ("compare", lambda: _compare(database, contents, mark)),
            ("indexes", lambda: _complete(database, contents.manifest, mark)),
            ("settle", lambda: settle(contents.manifest)),
        ):
            start = time.monotonic()
            work()
            parts[what] = time.monotonic() - start
        mark.remove()
    return Restored(contents, time.monotonic() - began, parts)


class Mark:
    """The document that says a restore has begun, held by one process at a time."""

    def __init__(self, database: Database[Raw], contents: Contents) -> None:
        """Take the mark. Raises Problem where another restore holds it and is alive."""
        self._database, self._rows, self._token = database, database[MARKER], secrets.token_hex(8)
        planned = [row["name"] for row in contents.manifest["collections"]]
        now = _now()
        mine = {"holder": self._token, "renewed": now}
        try:
            self._rows.insert_one({"_id": KEY, "begun": now, "planned": planned, "written": {}, **mine})
            self._former: Raw = {}
        except DuplicateKeyError:
            taken = self._rows.find_one_and_update(
                {"_id": KEY, "renewed": {"$lt": now - SILENT}},
                {"$set": mine, "$addToSet": {"planned": {"$each": planned}}},
                return_document=ReturnDocument.BEFORE,
            )
            if taken is None:
                raise _busy() from None
            self._former = taken
        self._renewed = time.monotonic()

    def clear_former(self, tell: Tell) -> None:
        """Drop what a restore that was broken off wrote; raises Problem where there is anything else."""
        written, planned = self._former.get("written", {}), set(self._former.get("planned", ()))
        own, strange = list[str](), list[str]()
        for row in self._database.list_collections():
            name, uuid = row["name"], bytes(row.get("info", {}).get("uuid", b"")).hex()
            if name == MARKER or name.startswith("system."):
                continue
            is_view = row.get("type") == "view"
            noted = bool(uuid) and written.get(_escaped(name)) == uuid
            empty = name in planned and (is_view or self._database[name].find_one({}, {"_id": 1}) is None)
            (own if noted or empty else strange).append(name)
        if strange:
            if not self._former:
                self._rows.drop()
            raise _filled(strange)
        for name in own:
            self._database.drop_collection(name)
        if own:
            tell(f"ลบส่วนที่กู้คืนค้างไว้ {len(own)} รายการ / Dropped {len(own)} collections of a restore broken off.")
        self._change({"$set": {"written": {}}})

    def note(self, name: str) -> None:
        """Write down that the collection of this name is the restore's own."""
        row = next(iter(self._database.list_collections(filter={"name": name})))
        self._change({"$set": {f"written.{_escaped(name)}": bytes(row["info"]["uuid"]).hex()}})

    def renew(self) -> None:
        """Say that this process lives, every few seconds. Raises Problem where another took over."""
        if time.monotonic() - self._renewed > RENEWED_EVERY:
            self._change({"$set": {"renewed": _now()}})
            self._renewed = time.monotonic()

    def remove(self) -> None:
        """The database is whole."""
        self._change({"$set": {"renewed": _now()}})
        self._rows.drop()

    @contextmanager
    def given_up_on_failure(self) -> Iterator[None]:
        """The mark stays after a failure, but the next restore need not wait until this one counts as dead."""
        try:
            yield
        except BaseException:
            with suppress(PyMongoError):
                self._rows.update_one({"_id": KEY, "holder": self._token}, {"$set": {"renewed": _LONG_AGO}})
            raise

    def _change(self, change: Raw) -> None:
        if not self._rows.update_one({"_id": KEY, "holder": self._token}, change).matched_count:
            raise _busy()


def _write(database: Database[Raw], path: Path, secret: Secret | None, contents: Contents, mark: Mark) -> None:
    """Make the collections without indexes and rules, and put the documents in as they are."""
    options = {row["name"]: row["options"] for row in contents.manifest["collections"]}
    with reading(path, secret) as (records, _):
        if records.manifest != contents.manifest:
            raise damaged("ไฟล์เปลี่ยนระหว่างกู้คืน", "it was changed during the restore")
        for name, batches in records.collections():
            kept = {key: value for key, value in options[name].items() if key not in (*VALIDATION, "temp")}
            database.create_collection(name, check_exists=False, **kept)
            mark.note(name)
            for documents in _portions(batches):
                database[name].insert_many(documents)
                mark.renew()


def _portions(batches: Iterator[bytes]) -> Iterator[list[RawBSONDocument]]:
    waiting, size = list[RawBSONDocument](), 0
    for batch in batches:
        for document in documents_of(batch):
            waiting.append(RawBSONDocument(document))
            size += len(document)
            if size >= AT_ONCE:
                yield waiting
                waiting, size = [], 0
    if waiting:
        yield waiting


def _compare(database: Database[Raw], contents: Contents, mark: Mark) -> None:
    """Read everything back: number, order and every byte must be the backup's."""
    for wanted in contents.sections:
        passing = SectionSum(wanted.name)
        for batch in database[wanted.name].find_raw_batches({}):
            passing.add(cast(bytes, batch))
            mark.renew()
        if passing.section() != wanted:
            raise _differs(wanted, passing.section())


def _complete(database: Database[Raw], manifest: Raw, mark: Mark) -> None:
    """Indexes, rules of validation, and views."""
    for row in manifest["collections"]:
        name, options = row["name"], row["options"]
        if row["kind"] == "view":
            database.create_collection(name, check_exists=False, **options)
            continue
        if row["indexes"]:
            database.command("createIndexes", name, indexes=row["indexes"])
        if rules := {key: options[key] for key in VALIDATION if key in options}:
            database.command("collMod", name, **rules)
        mark.renew()


def _refuse_filled(database: Database[Raw]) -> None:
    """Before the file is read through: most often it is the wrong database, and that is known at once."""
    if database[MARKER].find_one({"_id": KEY}, {"_id": 1}) is not None:
        return
    names = [name for name in database.list_collection_names() if not name.startswith("system.") and name != MARKER]
    if names:
        raise _filled(names)


def _filled(names: list[str]) -> Problem:
    shown = ", ".join(sorted(names)[:3])
    return Problem(
        f"ฐานข้อมูลไม่ว่าง (มี {len(names)} รายการ เช่น {shown}): กู้คืนได้เฉพาะในฐานข้อมูลว่าง โปรดระบุฐานข้อมูลใหม่ใน MONGODB_URI",
        f"The database is not empty ({len(names)} collections, such as {shown}): a restore goes into an empty one "
        "only. Name a new database in MONGODB_URI.",
        kind="conflict",
    )


def _busy() -> Problem:
    return Problem(
        "มีการกู้คืนอื่นทำงานอยู่ หรือเพิ่งหยุดไปไม่ถึง 1 นาที: รอหนึ่งนาทีแล้วสั่งใหม่",
        "Another restore is at work here, or ended less than a minute ago: wait a minute, then run this again.",
        kind="conflict",
    )


def _differs(wanted: Section, found: Section) -> Problem:
    return Problem(
        f"ข้อมูลที่กู้คืนของ {wanted.name} ไม่ตรงกับไฟล์ ({found.documents:,} จาก {wanted.documents:,}): "
        "ปิดโปรแกรมอื่นที่เขียนฐานข้อมูลนี้ แล้วสั่งกู้คืนอีกครั้ง",
        f"What was restored of {wanted.name} is not what the file holds ({found.documents:,} of "
        f"{wanted.documents:,} documents): stop whatever else writes into this database, then restore again.",
    )


def _escaped(name: str) -> str:
    """A collection's name as the name of a field."""
    return name.encode().hex()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
