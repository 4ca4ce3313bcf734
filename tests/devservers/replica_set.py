"""A replica set of three real mongods on loopback, whose members a test may kill, freeze and start again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from app.devservers.mongo import REPLICA_SET, find_mongod
from tests.devservers.program import Program
from tests.notices.smtp import free_port

Client = MongoClient[dict[str, Any]]


class ReplicaSet:
    """Use it as a context manager, in a main thread. `parameters` are server parameters by name."""

    def __init__(self, folder: Path, members: int = 3, parameters: Mapping[str, Any] | None = None) -> None:
        self.ports = [free_port() for _ in range(members)]
        own = {"diagnosticDataCollectionEnabled": "false", **(parameters or {})}
        self.members = [
            Program(name, _command(folder / name, port, own), folder / f"{name}.log")
            for name, port in ((f"mongod-{number}", port) for number, port in enumerate(self.ports))
        ]
        self._folder = folder

    @property
    def hosts(self) -> list[str]:
        return [f"127.0.0.1:{port}" for port in self.ports]

    def uri(self, database: str = "lec") -> str:
        """For MONGODB_URI."""
        return f"mongodb://{','.join(self.hosts)}/{database}?replicaSet={REPLICA_SET}"

    def __enter__(self) -> Self:
        try:
            for member in self.members:
                (self._folder / member.name).mkdir(parents=True, exist_ok=True)
                member.launch()
            self._initiate()
            self.wait_healthy(60)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """All at once and without ceremony: the data go with the test."""
        for member in self.members:
            if member.child is not None:
                member.thaw()
                member.kill()

    def states(self) -> dict[str, str]:
        """Member name -> "PRIMARY", "SECONDARY", …, as a majority's view; {} where nobody answers."""
        for port in self.ports:
            try:
                with _direct(port, 1000) as client:
                    found = client.admin.command("replSetGetStatus")["members"]
            except PyMongoError:
                continue
            states = {self._name_of(one["name"]): str(one["stateStr"]) for one in found}
            if "PRIMARY" in states.values():
                return states
        return {}

    def primary(self, seconds: float = 60) -> Program:
        """The member that takes writes. Raises TimeoutError where none does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for port, member in zip(self.ports, self.members, strict=True):
                if member.is_running() and _is_primary(port):
                    return member
            time.sleep(0.1)
        raise TimeoutError("the replica set has no primary")

    def is_healthy(self) -> bool:
        """One primary, and every other member follows it."""
        found = sorted(self.states().values())
        return found == ["PRIMARY", *["SECONDARY"] * (len(self.members) - 1)]

    def wait_healthy(self, seconds: float) -> None:
        """Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not self.is_healthy():
            if time.monotonic() > end:
                raise TimeoutError(f"the replica set is not whole: {self.states()}")
            time.sleep(0.1)

    def _name_of(self, host: str) -> str:
        return self.members[self.hosts.index(host)].name

    def _initiate(self) -> None:
        wanted = {"_id": REPLICA_SET, "members": [{"_id": n, "host": host} for n, host in enumerate(self.hosts)]}
        end = time.monotonic() + 30
        while True:
            try:
                with _direct(self.ports[0], 2000) as client:
                    client.admin.command("replSetInitiate", wanted)
                return
            except PyMongoError:  # it, or another member, does not listen yet
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)


def _command(folder: Path, port: int, parameters: Mapping[str, Any]) -> list[str]:
    given = [word for name, value in parameters.items() for word in ("--setParameter", f"{name}={value}")]
    return [
        *(find_mongod(), "--dbpath", str(folder), "--replSet", REPLICA_SET, "--quiet"),
        *("--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket"),
        *("--networkMessageCompressors", "snappy,zstd", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
        *given,
    ]


def _direct(port: int, milliseconds: int) -> Client:
    """A client of one member alone, which waits so long for anything."""
    return MongoClient(
        f"mongodb://127.0.0.1:{port}/?directConnection=true", serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds, socketTimeoutMS=milliseconds,
    )  # fmt: skip


def _is_primary(port: int) -> bool:
    try:
        with _direct(port, 500) as client:
            return bool(client.admin.command("hello")["isWritablePrimary"])
    except PyMongoError:
        return False
