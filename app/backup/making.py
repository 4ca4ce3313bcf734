"""Making a backup: one moment of the whole database into one file, which is there whole or not at all."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from pymongo import MongoClient
from pymongo.database import Database

from app.backup.container import begin
from app.backup.marker import refuse_unfinished
from app.backup.records import RecordWriter
from app.backup.sealing import Secret
from app.backup.snapshot import Snapshot, StructureChanged, Tell, history_kept
from app.backup.structure import Collection, structure_of
from app.errors import Problem

Raw = dict[str, Any]
SUFFIX = ".lecbackup"
ATTEMPTS = 3
"""How often a backup begins anew because a collection or index was made meanwhile."""
SLOWEST = 20_000_000
"""Bytes of documents a second; a backup that may outlast the history at this speed is announced as such."""


@dataclass(frozen=True)
class Order:
    """What to back up and how. about: what the manifest says of the program that made it."""

    database: str
    target: Path
    secret: Secret | None
    about: Raw
    history: int | None = None
    leave_out: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Made:
    """A finished backup; `bytes` and `sha256` are the file's."""

    path: Path
    bytes: int
    sha256: str
    documents: int
    collections: int
    files: int
    cluster_time: Any
    seconds: float


def file_name(database: str, now: datetime) -> str:
    """The name of a backup put into a folder: lec-20261201T020000Z.lecbackup."""
    return f"{database}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"


def make_backup(client: MongoClient[Raw], order: Order, tell: Tell) -> Made:
    """Write the backup. Raises Problem with a sentence on whatever keeps it from being whole; no file is left then."""
    began = time.monotonic()
    database = client[order.database]
    refuse_unfinished(database)
    _refuse_target(order.target)
    size = _refuse_full(database, order.target)
    with history_kept(client, order.history) as window:
        if size / SLOWEST > window:
            tell(
                f"ฐานข้อมูลใหญ่ ({size / 1e6:,.0f} MB): ถ้าใช้เวลาเกิน {window} วินาทีจะสำรองไม่สำเร็จ ดู --history / "
                f"A large database ({size / 1e6:,.0f} MB): a backup of more than {window} s will fail; see --history."
            )
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return _write(client, order, window, began)
            except StructureChanged:
                tell(f"โครงสร้างฐานข้อมูลเปลี่ยน เริ่มใหม่ / The structure changed meanwhile: begun anew ({attempt}).")
    raise Problem(
        f"โครงสร้างฐานข้อมูลเปลี่ยนระหว่างสำรองทั้ง {ATTEMPTS} ครั้ง: รอให้ flask init เสร็จก่อน แล้วสั่งอีกครั้ง",
        f"Collections or indexes were made during each of {ATTEMPTS} attempts: wait until `flask init` or a migration "
        "has ended, then run this again.",
    )


def _write(client: MongoClient[Raw], order: Order, window: int, began: float) -> Made:
    database = client[order.database]
    before = structure_of(database, order.leave_out)
    stored = [one for one in before if not one.is_view]
    if not stored:
        raise Problem(
            f"ฐานข้อมูล {order.database} ว่างเปล่า ไม่มีอะไรให้สำรอง: ตรวจสอบ MONGODB_URI",
            f"The database {order.database} is empty, there is nothing to back up: see MONGODB_URI.",
        )
    with client.start_session(snapshot=True) as session, _draft(order.target) as file:
        moment = Snapshot(database, session, stored[0].name, window)
        chunks, stream = begin(file, order.secret)
        writer = RecordWriter(stream)
        writer.manifest(_manifest(client, order, before, moment))
        for one in stored:
            writer.collection(one.name, moment.batches(one.name))
        if structure_of(database, order.leave_out) != before:
            raise StructureChanged
        writer.summary({"ended": datetime.now(UTC)})
        stream.close()
        chunks.end()
    documents = {section.name: section.documents for section in writer.sections}
    return Made(
        order.target, chunks.size, chunks.sha256, sum(documents.values()), len(stored),
        sum(count for name, count in documents.items() if name.endswith(".files")),
        moment.cluster_time, time.monotonic() - began,
    )  # fmt: skip


def _manifest(client: MongoClient[Raw], order: Order, structure: list[Collection], moment: Snapshot) -> Raw:
    return {
        "product": "LEC",
        **order.about,
        "mongodb": client.server_info()["version"],
        "database": order.database,
        "cluster_time": moment.cluster_time,
        "begun": datetime.now(UTC),
        "left_out": sorted(order.leave_out),
        "collections": [one.as_row() for one in structure],
    }


@contextmanager
def _draft(target: Path) -> Iterator[BinaryIO]:
    """A file under another name in the same folder, only its owner's; it gets its name when all is on disk."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse_target(target)
        draft.rename(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Problem(
            f"เขียนไฟล์สำรอง {target} ไม่ได้ ({reason}): ตรวจสอบที่ว่างและสิทธิ์ของโฟลเดอร์",
            f"The backup {target} could not be written ({reason}): see the free space and the folder's rights.",
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def _refuse_target(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise Problem(
            f"มีไฟล์ {target} อยู่แล้ว: จะไม่เขียนทับ โปรดใช้ชื่ออื่น",
            f"{target} is there already and is not overwritten: give another name.",
        )
    if not target.parent.is_dir():
        raise Problem(
            f"ไม่มีโฟลเดอร์ {target.parent}: สร้างโฟลเดอร์ก่อน", f"There is no folder {target.parent}: make it first."
        )


def _refuse_full(database: Database[Raw], target: Path) -> int:
    """Look for room for what the database takes on its own disk, where it is compressed too; bytes of documents."""
    stats = database.command("dbStats")
    room = os.statvfs(target.parent)
    free, needed = room.f_bavail * room.f_frsize, int(stats["storageSize"])
    if free < needed:
        raise Problem(
            f"ที่ว่างใน {target.parent} ไม่พอ: มี {free / 1e6:,.0f} MB ต้องมีอย่างน้อย {needed / 1e6:,.0f} MB",
            f"Too little room in {target.parent}: {free / 1e6:,.0f} MB free, at least {needed / 1e6:,.0f} MB needed.",
        )
    return int(stats["dataSize"])
