"""A program that migrates a database slowly, to be killed in the middle: URI, name of the database, pause of a row."""

from __future__ import annotations

import sys
import time
from typing import Any

from pymongo import MongoClient

from app.migrations.migration import Context, Migration
from app.migrations.running import run_pending
from app.migrations.state import Version

ROWS = 400


def doubling(pause: float) -> Migration:
    """Every row gets `double`, twice its `n`, and a count of how often it was written."""

    def double(row: dict[str, Any]) -> dict[str, Any]:
        time.sleep(pause)
        return {"$set": {"double": 2 * row["n"]}, "$inc": {"written": 1}}

    def run(context: Context) -> None:
        context.rewrite("things", {"double": None}, double)

    return Migration(
        "0003_double", Version(1, 2), "ทดลอง", "A trial.", run, lambda db: db.things.count_documents({"double": None}),
        ("things",),
    )  # fmt: skip


if __name__ == "__main__":
    uri, name, pause = sys.argv[1], sys.argv[2], float(sys.argv[3])
    with MongoClient(uri) as client:
        run_pending(client[name], "0.0.1", print, migrations=[doubling(pause)], lease_seconds=1, chunk=10)
