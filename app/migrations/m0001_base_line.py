"""The stored data as they are when versions begin to be counted: nothing is rewritten."""

from app.migrations.migration import Migration

MIGRATION = Migration(
    1, (1, 0),
    "เริ่มนับรุ่นของข้อมูล ไม่เปลี่ยนข้อมูลใด ๆ",
    "The version of stored data begins to be counted; no row is changed.",
)  # fmt: skip
