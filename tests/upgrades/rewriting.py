"""A migration of tests that rewrites every student: each gets its key once more, and a count of how often."""

from __future__ import annotations

import time
from typing import Any

from app.migrations.declared import newest
from app.migrations.migration import Context, Migration
from app.migrations.state import Version


def _change(row: dict[str, Any]) -> dict[str, Any]:
    time.sleep(0.0005)
    return {"$set": {"upgraded": str(row["_id"])}, "$inc": {"times": 1}}


def _run(context: Context) -> None:
    context.rewrite("students", {"upgraded": None}, _change)


MIGRATION = Migration(
    "9999_upgraded", Version(newest().major, newest().minor + 1), "ทดลอง", "A trial.", _run,
    lambda database: database.students.count_documents({"upgraded": None}), ("students",),
)  # fmt: skip
