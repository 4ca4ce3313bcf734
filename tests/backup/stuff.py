"""An odd database to back up, and what of it must come back."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

import bson
import gridfs
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.database import Database

from app.backup.making import Made, Order, make_backup
from app.backup.restoring import Restored, restore
from app.backup.sealing import Secret
from app.backup.versions import about
from app.migrations.declared import newest

Raw = dict[str, Any]
KEY = Secret(bytes(range(32)), random=True)


def twice(key: int) -> RawBSONDocument:
    """A document that holds the same name twice, as a driver that does not look may store it."""
    inside = b"\x10a\x00\x01\x00\x00\x00\x10a\x00\x02\x00\x00\x00"
    body = b"\x10_id\x00" + key.to_bytes(4, "little") + inside + b"\x00"
    return RawBSONDocument((len(body) + 4).to_bytes(4, "little") + body)


def out_of_range(key: int) -> RawBSONDocument:
    """A date that Python cannot hold: 300,000 years from now."""
    body = b"\x10_id\x00" + key.to_bytes(4, "little") + b"\x09when\x00" + (9_223_372_036_854_775).to_bytes(8, "little")
    return RawBSONDocument((len(body) + 5).to_bytes(4, "little") + body + b"\x00")


def fill_oddly(database: Database[Raw]) -> None:
    """All kinds of values, indexes, options, files and views that a database may hold."""
    odd = [
        {"_id": 3, "nan": float("nan"), "inf": float("-inf"), "money": Decimal128("1.10"), "empty": {}, "none": None},
        {"_id": 4, "long": Int64(5), "code": Code("x", {"a": 1}), "re": Regex("^ก", "i"), "ends": [MinKey(), MaxKey()]},
        {"_id": 5, "bin": Binary(b"\x00\xff", 5), "ts": {"at": Timestamp(0, 0)}, "ref": DBRef("a", ObjectId())},
        {"_id": 6, "$set": 1, "a.b": {"$c": 2}, "": "no name", "zero": -0.0},
        {"_id": {"z": 1, "a": [1, {"b": 2}]}, "big": "ก" * 1_000_000},
    ]
    database.odd.insert_many([twice(1), out_of_range(2), *odd])  # type: ignore[list-item]
    database.odd.insert_one({"_id": 7, "most": b"x" * (16 * 1024 * 1024 - 64)})
    database.people.insert_many([{"n": n, "name": f"คน {n}", "left": datetime(2024, 1, 1)} for n in range(3000)])
    database.people.insert_one({"n": "ไม่ใช่เลข"})
    database.command("collMod", "people", validator={"n": {"$type": "int"}}, validationAction="error")
    database.people.create_index([("n", 1)], unique=True, name="by_n")
    database.people.create_index([("name", "text")], default_language="none")
    database.people.create_index("left", expireAfterSeconds=10**9, partialFilterExpression={"n": {"$gt": 5}})
    database.people.create_index([("name", 1)], collation={"locale": "th"})
    database.create_collection("empty")
    database.create_collection("words", collation={"locale": "th", "strength": 2})
    database.words.insert_one({"_id": "ก"})
    database.create_collection("adults", viewOn="people", pipeline=[{"$match": {"n": {"$gt": 2000}}}])
    gridfs.GridFSBucket(database, "scans").upload_from_stream("a.pdf", b"%PDF" + b"\x01\x02" * 400_000)


def contents(database: Database[Raw]) -> dict[str, Any]:
    """Everything that can be told of a database: documents byte by byte in their order, options, indexes."""
    told: dict[str, Any] = {}
    for row in sorted(database.list_collections(), key=lambda row: row["name"]):
        name = row["name"]
        if name.startswith("system."):
            continue
        digest = hashlib.sha256(b"".join(database[name].find_raw_batches()))  # type: ignore[arg-type]
        indexes = [] if row["type"] == "view" else [bson.encode(one) for one in database[name].list_indexes()]
        told[name] = (row["type"], bson.encode(row["options"]), digest.hexdigest(), sorted(indexes))
    return told


def back_up(client: MongoClient[Raw], name: str, target: Path, secret: Secret | None = None, **more: Any) -> Made:
    return make_backup(client, Order(name, target, secret, about("0.1.0", "1.0"), **more), print)


def restore_to(client: MongoClient[Raw], name: str, path: Path, secret: Secret | None = None) -> Restored:
    return restore(client, name, path, secret, newest().major, lambda manifest: None, print)
