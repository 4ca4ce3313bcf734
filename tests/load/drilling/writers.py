"""People who write while the backup is made: each write is one transaction over three collections, and is logged."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bson.timestamp import Timestamp
from pymongo import MongoClient

Raw = dict[str, Any]
LOG = "drill_writes"
PAUSE = 0.002


@dataclass
class Writer:
    """One writer. acknowledged: (its number, the moment MongoDB gave it), in the order of the acknowledgements."""

    name: str
    acknowledged: list[tuple[int, Timestamp]] = field(default_factory=list)


class Writers:
    """Threads that write until they are stopped: `with Writers(uri, 3) as them`."""

    def __init__(self, uri: str, number: int) -> None:
        self._uri, self._stop = uri, threading.Event()
        self.all = [Writer(f"writer-{n}") for n in range(number)]
        self._threads = [threading.Thread(target=self._write, args=(one,)) for one in self.all]
        self.failures: list[BaseException] = []

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self.failures:
            raise self.failures[0]

    def _write(self, writer: Writer) -> None:
        try:
            with MongoClient[Raw](self._uri) as client:
                database = client.get_default_database()
                keys = [row["_id"] for row in database.students.find({}, {"_id": 1}).sort("_id", -1).limit(50)]
                number = 0
                while not self._stop.is_set():
                    number += 1
                    key = keys[number % len(keys)]
                    with client.start_session() as session:
                        session.with_transaction(lambda active: self._one(database, active, writer, number, key))  # noqa: B023
                        moment = session.operation_time
                    assert moment is not None
                    writer.acknowledged.append((number, moment))
                    time.sleep(PAUSE)
        except BaseException as error:
            self.failures.append(error)

    @staticmethod
    def _one(database: Any, session: Any, writer: Writer, number: int, key: Any) -> None:
        mark = f"{writer.name}:{number}"
        database[LOG].insert_one({"_id": mark, "writer": writer.name, "n": number, "key": key}, session=session)
        database.students.update_one({"_id": key}, {"$set": {f"drill.{writer.name}": number}}, session=session)
        entry = {
            "of": "students", "key": key, "version": number, "verb": "change", "at": datetime(2026, 12, 1),
            "by": writer.name, "changes": {}, "via": mark,
        }  # fmt: skip
        database.audit_entries.insert_one(entry, session=session)


def differences(database: Any, writers: list[Writer], moment: Timestamp) -> tuple[int, list[str]]:
    """(acknowledged writes before the moment, what is wrong): all of those and no later one, each whole."""
    wrong, before = [], 0
    for writer in writers:
        wanted = {number for number, at in writer.acknowledged if at <= moment}
        before += len(wanted)
        stored = {row["n"] for row in database[LOG].find({"writer": writer.name})}
        entries = {row["version"] for row in database.audit_entries.find({"by": writer.name}, {"version": 1})}
        if stored != wanted:
            wrong.append(f"{writer.name}: {len(stored ^ wanted)} writes are there and should not be, or the reverse")
        if entries != stored:
            wrong.append(f"{writer.name}: {len(entries ^ stored)} writes lack their history")
        last: dict[Any, int] = {}
        for row in database[LOG].find({"writer": writer.name}):
            last[row["key"]] = max(row["n"], last.get(row["key"], 0))
        for row in database.students.find({"_id": {"$in": list(last)}}):
            if row["drill"][writer.name] != last[row["_id"]]:
                wrong.append(f"{writer.name}: a pupil is not as its last write left it")
    return before, wrong
