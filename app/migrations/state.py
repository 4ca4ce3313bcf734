"""The one document that says in which form a database's rows are, and who changes it now."""

from __future__ import annotations

import re
import secrets
import socket
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

Raw = dict[str, Any]

COLLECTION = "installation"
"""No document class stands for it and it has no scope, so no view, form or API can reach it."""
KEY = "schema"
LEASE_SECONDS = 20.0


class Version(NamedTuple):
    """The version of a stored form. Versions of one major can be read and written by each other's programs."""

    major: int
    minor: int

    @classmethod
    def of(cls, text: str) -> Version:
        """Read "1.2". Raises ValueError for anything else."""
        found = re.fullmatch(r"(\d{1,6})\.(\d{1,6})", text)
        if found is None:
            raise ValueError("a schema version is major.minor")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


BASE = Version(1, 0)
"""The form of every database from before versions were written down, and of an empty one."""


class LeaseLost(Exception):
    """Another process has the migration now."""


def state(database: Database[Raw]) -> Raw:
    """The stored document: version, app_version, applied, running, lease; {} where there is none yet. One command."""
    return database[COLLECTION].find_one({"_id": KEY}) or {}


def version_in(stored: Raw) -> Version:
    """The version that a stored document names."""
    return Version.of(stored["version"]) if stored.get("version") else BASE


def schema_version(database: Database[Raw]) -> str:
    """The version of a database's stored form, such as "1.1"; "1.0" for one from before they were written down."""
    return str(version_in(state(database)))


class Lease:
    """The right to change the form of the stored rows: one process's, as long as it renews it.

    Moments are the database's own, so that machines whose clocks differ agree on them.
    """

    def __init__(self, database: Database[Raw], seconds: float = LEASE_SECONDS) -> None:
        self.database, self.seconds = database, seconds
        self.machine = socket.gethostname()[:100]
        self.holder = secrets.token_hex(8)
        self._mine = {"_id": KEY, "lease.holder": self.holder}

    def take(self) -> bool:
        """Whether it is this process's now: nobody had it, or whoever had it was silent for too long."""
        self._exist()
        free = {"_id": KEY, "$or": [{"lease": None}, {"$expr": {"$lt": ["$lease.until", "$$NOW"]}}]}
        lease = {
            "holder": {"$literal": self.holder}, "machine": {"$literal": self.machine},
            "since": "$$NOW", "until": self._until(),
        }  # fmt: skip
        return bool(self.database[COLLECTION].update_one(free, [{"$set": {"lease": lease}}]).matched_count)

    def renew(self) -> None:
        """Keep it. Raises LeaseLost where another process has it."""
        change = [{"$set": {"lease.until": self._until()}}]
        if not self.database[COLLECTION].update_one(self._mine, change).matched_count:
            raise LeaseLost

    def change(self, change: Raw, session: ClientSession | None = None) -> Raw:
        """Change the stored document as its holder and give it back. Raises LeaseLost as `renew` does."""
        found: Raw | None = self.database[COLLECTION].find_one_and_update(
            self._mine, change, return_document=ReturnDocument.AFTER, session=session
        )
        if found is None:
            raise LeaseLost
        return found

    def give_back(self) -> None:
        """Let the next one take it at once; nothing where it is another's by now."""
        self.database[COLLECTION].update_one(self._mine, {"$unset": {"lease": ""}})

    def _until(self) -> Raw:
        return {"$add": ["$$NOW", int(self.seconds * 1000)]}

    def _exist(self) -> None:
        fresh = {"version": str(BASE), "applied": [], "created_on": datetime.now(UTC)}
        try:
            self.database[COLLECTION].update_one({"_id": KEY}, {"$setOnInsert": fresh}, upsert=True)
        except DuplicateKeyError:
            return  # another process made it in the same moment
