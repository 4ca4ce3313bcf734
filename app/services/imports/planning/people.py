"""The students that rows of a file are about: looked up for a whole chunk of rows at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from pymongo.client_session import ClientSession

from app.documents.students import Student
from app.fabmongo.audit import AuditEntry
from app.fabmongo.scope import Filter
from app.rules.imports.matching import TOLD_APART, Roster
from app.rules.national_id import is_g_code

Raw = dict[str, Any]

MOST_KEPT = 50_000
"""Students of whole rosters that are kept between chunks."""
_G_CODES = {"$gte": "G", "$lt": "H"}


class People:
    """Students inside what the acting person may write."""

    def __init__(self, granted: Filter | None, session: ClientSession | None = None) -> None:
        self.granted: Raw = granted if granted is not None else {"_id": None}
        self.session = session
        self.rosters: dict[tuple[str, bool], Roster] = {}

    def by_number(self, numbers: Collection[str]) -> dict[str, list[Raw]]:
        """Number -> the raw students who have it, on whatever roster; one command."""
        found: dict[str, list[Raw]] = {}
        if numbers:
            for row in self._find({"national_id": {"$in": list(numbers)}, **self.granted}):
                found.setdefault(row["national_id"], []).append(row)
        return found

    def whole(self, keys: Collection[Any]) -> dict[Any, Raw]:
        """Key -> raw student; one command."""
        return {row["_id"]: row for row in self._find({"_id": {"$in": list(keys)}})} if keys else {}

    def learn(self, wanted: Iterable[tuple[str, bool]]) -> None:
        """Read rosters of schools: (code, whole), where not whole only those of G-codes; two commands at most."""
        new = set(wanted) - self.rosters.keys()
        if sum(roster.size for roster in self.rosters.values()) > MOST_KEPT:
            self.rosters.clear()
        for whole in (True, False):
            codes = sorted(code for code, kind in new if kind is whole)
            if not codes:
                continue
            where: Raw = {"school_code": {"$in": codes}} | ({} if whole else {"national_id": _G_CODES})
            rows: dict[str, list[Raw]] = {code: [] for code in codes}
            for row in self._find(where, {**TOLD_APART, "school_code": 1}):
                rows[row["school_code"]].append(row)
            self.rosters |= {(code, whole): Roster(found) for code, found in rows.items()}

    def roster(self, code: str, whole: bool) -> Roster:
        """A roster that `learn` has read."""
        return self.rosters[code, whole]

    def by_hand(self, keys: Collection[Any]) -> dict[Any, set[str]]:
        """Key -> raw fields of a student whose last change is a person's, made after an import; one command."""
        if not keys:
            return {}
        where = {"of": Student._get_collection_name(), "key": {"$in": list(keys)}}
        wanted = {"key": 1, "via": 1, "changes": 1}
        in_order = [("key", 1), ("version", 1)]
        entries = AuditEntry._get_collection().find(where, wanted, session=self.session).sort(in_order)
        found: dict[Any, set[str]] = {}
        for entry in entries:
            key, names = entry["key"], set(entry.get("changes") or ())
            if str(entry.get("via") or "").startswith("import:"):
                found[key] = found.get(key, set()) - names
            elif key in found:
                found[key] |= names
        return found

    def _find(self, where: Raw, fields: Raw | None = None) -> Any:
        return Student._get_collection().find(where, fields, session=self.session)


def wants(number: str | None) -> bool:
    """Whether a row that no student has the number of can be about anybody on the roster, not only those of G-codes."""
    return not number or is_g_code(number)
