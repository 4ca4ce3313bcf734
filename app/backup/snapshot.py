"""Reading all collections as they were at one moment, without stopping anybody, as raw BSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bson.timestamp import Timestamp
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from app.errors import Problem

Raw = dict[str, Any]
WINDOW = "minSnapshotHistoryWindowInSeconds"
USUAL_WINDOW = 300
UNAUTHORIZED, TOO_OLD, CHANGED = 13, 239, 246
"""MongoDB's error codes: no right; the moment is older than its history; a collection was made or changed since."""


class StructureChanged(Exception):
    """Collections or indexes were made or removed during the backup: what was read is not one moment's."""


class Snapshot:
    """One moment of a database. cluster_time: which one; every read sees the documents as they were then."""

    def __init__(self, database: Database[Raw], session: ClientSession, first: str, window: int) -> None:
        """first: a collection, whose reading fixes the moment."""
        self._database, self._session, self._window = database, session, window
        with self._in_words():
            answer = database.command("find", first, limit=1, projection={"_id": 1}, session=session)
        self.cluster_time: Timestamp = answer["cursor"]["atClusterTime"]

    def batches(self, name: str) -> Iterator[bytes]:
        """The documents of a collection in their stored order, BSON after BSON, at most about 16 MB at a time.

        Raises Problem where the backup outlives MongoDB's history, StructureChanged where it must begin anew.
        """
        with self._in_words():
            yield from self._database[name].find_raw_batches({}, session=self._session)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OperationFailure as error:
            if error.code == CHANGED:
                raise StructureChanged from error
            if error.code == TOO_OLD:
                raise outlived(self._window) from error
            if error.code == UNAUTHORIZED:
                raise no_right() from error
            raise


def outlived(window: int) -> Problem:
    return Problem(
        f"การสำรองข้อมูลใช้เวลานานกว่าที่ MongoDB เก็บประวัติไว้ ({window} วินาที) จึงไม่ได้ไฟล์: "
        "สั่งอีกครั้งด้วย --history 7200 หรือใช้ mongodump --oplog",
        f"The backup took longer than MongoDB keeps its history ({window} s), so there is no file: run it again with "
        "--history 7200, or use mongodump --oplog.",
    )


def no_right() -> Problem:
    return Problem(
        "บัญชี MongoDB ไม่มีสิทธิ์พอ: การสำรองต้องมีสิทธิ์ read และการกู้คืนต้องมี readWrite กับ dbAdmin ของฐานข้อมูลนี้",
        "The MongoDB account lacks a right: a backup needs the role read, a restore readWrite and "
        "dbAdmin on the database.",
    )


@contextmanager
def history_kept(client: MongoClient[Raw], seconds: int | None) -> Iterator[int]:
    """Ask the primary to keep its history for so many seconds meanwhile; gives how long it keeps it.

    Raises Problem where it was asked for and the account may not. The former value is put back.
    """
    usual = _window_of(client)
    if seconds is None or seconds <= usual:
        yield usual
        return
    try:
        client.admin.command({"setParameter": 1, WINDOW: seconds})
    except OperationFailure as error:
        raise Problem(
            f"บัญชี MongoDB ตั้งค่า {WINDOW} ไม่ได้: ให้ผู้ดูแล MongoDB ตั้งเป็น {seconds} แล้วสั่งโดยไม่มี --history",
            f"The MongoDB account may not set {WINDOW}: let MongoDB's administrator set it to {seconds} on every "
            "member, then run this without --history.",
        ) from error
    try:
        yield seconds
    finally:
        with suppress(PyMongoError):
            client.admin.command({"setParameter": 1, WINDOW: usual})


def _window_of(client: MongoClient[Raw]) -> int:
    """How many seconds of history are kept; the usual number where the account may not ask."""
    try:
        return int(client.admin.command({"getParameter": 1, WINDOW: 1})[WINDOW])
    except OperationFailure:
        return USUAL_WINDOW


Tell = Callable[[str], None]
"""Says a line to the person at the terminal while it goes on."""
