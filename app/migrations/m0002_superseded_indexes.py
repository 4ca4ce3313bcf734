"""Indexes that former versions declared and later ones replaced; making what is declared removes nothing."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database
from pymongo.errors import OperationFailure

from app.migrations.migration import Context, Migration
from app.migrations.state import Version

SUPERSEDED: dict[str, tuple[str, ...]] = {
    # replaced by the same with _id at their end, by which lists page
    "students": (
        "last_name_1", "school_code_1_last_name_1", "lao_code_1_last_name_1", "district_code_1_last_name_1",
        "province_code_1_last_name_1",
    ),
    "corrections": (
        "round_code_1_school_code_1_made_on_-1", "round_code_1_lao_code_1_made_on_-1",
        "round_code_1_district_code_1_made_on_-1", "round_code_1_province_code_1_made_on_-1",
    ),
    "notices": ("reminder_1",),  # a reminder's key is its notice's own
}  # fmt: skip
"""Collection → names, collected from every version before this one."""
INDEX_NOT_FOUND = 27  # MongoDB's error code


def run(context: Context) -> None:
    """Drop those that are there. No program of any version that may still run beside this one needs them."""
    for collection, name in _there(context.database):
        try:
            context.database[collection].drop_index(name)
        except OperationFailure as error:
            if error.code != INDEX_NOT_FOUND:
                raise
        context.note(1)


def count(database: Database[dict[str, Any]]) -> int:
    """How many are there."""
    return len(_there(database))


def _there(database: Database[dict[str, Any]]) -> list[tuple[str, str]]:
    found = []
    for collection, names in SUPERSEDED.items():
        stored = database[collection].index_information()
        found += [(collection, name) for name in names if name in stored]
    return found


MIGRATION = Migration(
    name="0002_superseded_indexes",
    version=Version(1, 1),
    th="ลบดัชนีของรุ่นก่อนที่มีดัชนีใหม่แทนแล้ว ไม่เปลี่ยนข้อมูลใด ๆ",
    en="Drops indexes of former versions that others have replaced; changes no row.",
    run=run,
    count=count,
    touches=tuple(SUPERSEDED),
)
