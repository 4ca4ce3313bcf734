"""Indexes beside what the documents declare: named, and dropped on demand; never the keys', never other people's."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.db import ensure_indexes
from app.indexes import indexes

Raw = dict[str, Any]


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(args=["indexes", *arguments])


def test_missing_undeclared_and_different_are_named_and_dropped_on_demand(app: Flask, db: Database[Raw]) -> None:
    ensure_indexes()
    assert {one.standing for one in indexes(db)} == {"declared"}
    db.others.create_index("theirs")
    db.schools.create_index("former", name="former_1")
    db.students.drop_index("national_id_1")
    db.students.create_index("national_id", name="national_id_1", sparse=True)
    db.audit_entries.drop_index("of_1_verb_1_at_-1")
    try:
        found = {(one.collection, one.name): one.standing for one in indexes(db) if one.standing != "declared"}
        assert found == {
            ("schools", "former_1"): "undeclared", ("students", "national_id_1"): "different",
            ("audit_entries", "of_1_verb_1_at_-1"): "missing",
        }  # fmt: skip
        refused = run(app, "--drop-undeclared")
        assert refused.exit_code == 1 and "former_1" in db.schools.index_information()
        assert "dropped  schools  former_1" in run(app, "--drop-undeclared", "--yes").output
        assert "former_1" not in db.schools.index_information()
        assert {"_id_", "theirs_1"} <= set(db.others.index_information())
        assert {one.standing for one in indexes(db)} == {"declared", "missing", "different"}
    finally:
        db.others.drop()
        db.students.drop_index("national_id_1")
        ensure_indexes()
    assert {one.standing for one in indexes(db)} == {"declared"}


def test_a_conflict_of_options_is_a_sentence(app: Flask, db: Database[Raw]) -> None:
    from app.errors import Problem

    ensure_indexes()
    db.students.drop_index("national_id_1")
    db.students.create_index("national_id", name="national_id_1", sparse=True)
    try:
        with pytest.raises(Problem, match="flask --app app indexes"):
            ensure_indexes()
    finally:
        db.students.drop_index("national_id_1")
        ensure_indexes()
