"""What the drill compares with would find a difference: each kind of loss is made here, and named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bson.timestamp import Timestamp
from pymongo.database import Database

from tests.load.drilling.truth import compare, truth_of
from tests.load.drilling.writers import Writer, differences

Db = Database[dict[str, Any]]
MOMENT = Timestamp(100, 0)


@pytest.fixture
def filled(db: Db) -> Db:
    db.students.insert_many([{"_id": n, "national_id": str(n), "drill": {"w": 2 - n}} for n in range(2)])
    db.users.insert_one({"_id": 1, "session_epoch": 3})
    for name in ("waiting", "sent"):
        db.deliveries.insert_one({"_id": name, "notice_id": name, "state": name, "history": []})
    db.drill_writes.insert_many([{"writer": "w", "n": n, "key": 0} for n in (1, 2)])
    db.audit_entries.insert_many([{"by": "w", "version": n} for n in (1, 2)])
    return db


LOSSES: dict[str, Callable[[Db], Any]] = {
    "students": lambda db: db.students.update_one({"_id": 1}, {"$set": {"room": "2"}}),
    "roles": lambda db: db.roles.delete_one({}),
    "users": lambda db: db.users.update_one({}, {"$set": {"password": "x"}}),
    "deliveries": lambda db: db.deliveries.delete_one({"_id": "sent"}),
    "strange": lambda db: db.strange.insert_one({}),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_difference_is_named(filled: Db, app: Any, name: str) -> None:
    before = truth_of(filled, None)
    assert before.collections["students"][0] == 2
    LOSSES[name](filled)
    found = compare(before, truth_of(filled, None))
    assert any(line.startswith(f"{name}: ") for line in found)
    filled.strange.drop()


def test_what_a_restore_changes_on_purpose_must_have_been_changed(filled: Db) -> None:
    before = truth_of(filled, None)
    assert {line.partition(":")[0] for line in compare(before, truth_of(filled, None))} == {"users", "deliveries"}
    filled.users.update_one({}, {"$inc": {"session_epoch": 5000}})
    held = {"state": "failed", "error": {"kind": "uncertain"}}
    filled.deliveries.update_one({"_id": "waiting"}, {"$set": held, "$push": {"history": {"outcome": "restored"}}})
    assert compare(before, truth_of(filled, None)) == []


@pytest.mark.parametrize(
    ("acknowledged", "words"),
    [
        ([(1, 90), (2, 100)], None),
        ([(1, 90), (2, 100), (3, 100)], "1 writes are there and should not be, or the reverse"),
        ([(1, 90), (2, 101)], "1 writes are there and should not be, or the reverse"),
    ],
)
def test_a_write_too_many_or_too_few_is_named(
    filled: Db, acknowledged: list[tuple[int, int]], words: str | None
) -> None:
    writer = Writer("w", [(number, Timestamp(at, 0)) for number, at in acknowledged])
    _, wrong = differences(filled, [writer], MOMENT)
    assert [line.partition(": ")[2] for line in wrong] == ([words] if words else [])


def test_half_a_write_is_named(filled: Db) -> None:
    writer = Writer("w", [(1, MOMENT), (2, MOMENT)])
    filled.audit_entries.delete_one({"version": 2})
    filled.students.update_one({"_id": 0}, {"$set": {"drill.w": 1}})
    _, wrong = differences(filled, [writer], MOMENT)
    assert wrong == ["w: 1 writes lack their history", "w: a pupil is not as its last write left it"]
