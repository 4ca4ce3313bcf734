"""The first line of the record: from here on each database says in which form it is."""

from __future__ import annotations

from app.migrations.migration import Context, Migration
from app.migrations.state import BASE


def run(context: Context) -> None:
    """Nothing is rewritten: that it ran is what it records."""


MIGRATION = Migration(
    name="0001_base_line",
    version=BASE,
    th="บันทึกว่าฐานข้อมูลนี้เก็บข้อมูลในรูปแบบใด ไม่เปลี่ยนข้อมูลใด ๆ",
    en="Records in which form this database is; changes no row.",
    run=run,
)
