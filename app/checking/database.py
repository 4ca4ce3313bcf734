"""The lines about MongoDB: address, rights, clock, space, indexes, form of the rows."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError, ServerSelectionTimeoutError

from app.checking.lines import Line, clock_line, shown_address, space_line
from app.errors import Problem
from app.indexes import indexes
from app.migrations import admit, schema_version
from config import Settings

Raw = dict[str, Any]
NAME = "MongoDB"
SELECT_MS, ANSWER_MS, WHOLE_SECONDS = 5000, 5000, 14.0
AUTHENTICATION_FAILED = 18  # MongoDB's error code


def check_database(settings: Settings) -> list[Line]:
    """All lines about MongoDB by a connection of its own, within WHOLE_SECONDS."""
    address = shown_address(settings.mongodb_uri)
    try:
        client: MongoClient[Raw] = MongoClient(
            settings.mongodb_uri, serverSelectionTimeoutMS=SELECT_MS, connectTimeoutMS=3000, socketTimeoutMS=ANSWER_MS,
            appname="lec-check",
        )  # fmt: skip
        with client, pymongo.timeout(WHOLE_SECONDS):
            try:
                hello: Raw = client.admin.command("hello")
                ahead = (hello["localTime"].replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
                version = client.admin.command("buildInfo")["version"]
            except ServerSelectionTimeoutError:
                return [_unreachable(address, client)]
            return [_server(address, version, hello), *_inside(client[settings.database_name], ahead)]
    except PyMongoError as error:
        return [_refused(address, error)]


def _server(address: str, version: str, hello: Raw) -> Line:
    seen = f"{address} version {version}"
    if hello.get("msg") == "isdbgrid":
        return Line(NAME, "ok", f"{seen}, mongos")
    if "setName" not in hello:
        return Line(
            NAME, "mend", f"{seen}, ทำงานเดี่ยว / stands alone",
            "เปิด mongod ด้วย --replSet แล้วสั่ง rs.initiate() / start mongod with --replSet, then run rs.initiate()",
        )  # fmt: skip
    state = "primary" if hello.get("isWritablePrimary") else "secondary"
    return Line(NAME, "ok", f"{seen}, replica set {hello['setName']} ({len(hello.get('hosts', []))}), {state}")


def _unreachable(address: str, client: MongoClient[Raw]) -> Line:
    known = client.topology_description.server_descriptions().values()
    states = ", ".join(f"{one.address[0]}:{one.address[1]} {one.server_type_name}" for one in known)
    return Line(
        NAME, "mend", f"{address} ไม่มี primary ที่ตอบ / no primary answers ({states})",
        "เปิดเครื่องแม่ข่าย ตรวจ replicaSet และเครือข่าย / start the server; check replicaSet, rs.status() and the network",
    )  # fmt: skip


def _refused(address: str, error: PyMongoError) -> Line:
    if isinstance(error, OperationFailure) and error.code == AUTHENTICATION_FAILED:
        remedy = "แก้ชื่อผู้ใช้ รหัสผ่าน หรือ authSource / mend user, password or authSource in MONGODB_URI"
        return Line(NAME, "mend", f"{address} ไม่รับชื่อผู้ใช้หรือรหัสผ่าน / refuses user or password", remedy)
    remedy = "ตรวจ MONGODB_URI และเครือข่าย / check MONGODB_URI and the network"
    return Line(NAME, "mend", f"{address} ไม่ตอบ / does not answer ({_reason(error)})", remedy)


def _inside(database: Database[Raw], ahead: float) -> Iterator[Line]:
    yield clock_line(f"{NAME} clock", ahead)
    parts: list[tuple[str, Callable[[Database[Raw]], Line]]] = [
        ("rights", _rights), ("space", _space), ("indexes", _indexes), ("schema", _schema),
    ]  # fmt: skip
    for word, look in parts:
        try:
            yield look(database)
        except PyMongoError as error:
            remedy = "ให้สิทธิ์ readWrite แก่บัญชี หรือดู log / give the account readWrite on the database, or see mongod's log"
            yield Line(f"{NAME} {word}", "mend", f"ทำไม่ได้ / failed ({_reason(error)})", remedy)


def _rights(database: Database[Raw]) -> Line:
    """Write, read, index and a transaction in a collection of its own, which is gone afterwards."""
    own = database[f"lec_check_{secrets.token_hex(6)}"]
    try:
        own.insert_one({"_id": 1})
        own.create_index("tried")
        with database.client.start_session() as session, session.start_transaction():
            own.update_one({"_id": 1}, {"$set": {"tried": True}}, session=session)
            own.insert_one({"_id": 2}, session=session)
        own.find_one({"tried": True})
    finally:
        own.drop()
    return Line(f"{NAME} rights", "ok", "อ่าน เขียน สร้างดัชนี ธุรกรรม / read, write, index, transaction")


def _space(database: Database[Raw]) -> Line:
    told = database.command("dbStats")
    data = f", {database.name} {told['dataSize'] / 1e6:,.1f} MB"
    total = float(told.get("fsTotalSize", 0))
    if not total:
        return Line(f"{NAME} space", "warning", f"ไม่ทราบพื้นที่ว่าง / free space is not told{data}", "see the shards")
    return space_line(f"{NAME} space", total - float(told["fsUsedSize"]), total, data)


def _indexes(database: Database[Raw]) -> Line:
    count = {"missing": 0, "different": 0, "undeclared": 0, "declared": 0}
    for one in indexes(database):
        count[one.standing] += 1
    seen = ", ".join(f"{number} {word}" for word, number in count.items() if number)
    if count["missing"] or count["different"] or count["undeclared"]:
        remedy = "สั่ง flask --app app init และดู flask --app app indexes / run init, then see indexes"
        return Line(f"{NAME} indexes", "warning", seen, remedy)
    return Line(f"{NAME} indexes", "ok", seen)


def _schema(database: Database[Raw]) -> Line:
    try:
        pending = admit(database) == "pending"
    except Problem as problem:
        return Line(f"{NAME} schema", "mend", f"{problem.th} / {problem.en}", "ติดตั้งรุ่นใหม่ / install the newer version")
    seen = f"version {schema_version(database)}"
    if pending:
        return Line(f"{NAME} schema", "warning", f"{seen}, รอปรับรุ่น / migrations wait", "flask --app app init")
    return Line(f"{NAME} schema", "ok", seen)


def _reason(error: PyMongoError) -> str:
    """A word for an error; never its text, which may hold values."""
    details = getattr(error, "details", None) or {}
    return str(details.get("codeName") or type(error).__name__)
