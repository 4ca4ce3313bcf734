"""Refusals of the data interface, in words fit for people, bound to fields where possible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_appbuilder.exceptions import DatabaseException

from app.fabmongo.labels import T

Text = Any
"""A str or a lazy bilingual text."""


class WriteRefused(DatabaseException):
    """A write that was not done. `fields` maps column names to texts; `message` is for the page."""

    def __init__(self, message: Text, fields: Mapping[str, Text] | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.fields = dict(fields or {})

    def __str__(self) -> str:
        return str(self.message)


class OutOfScope(WriteRefused):
    """The row, or the place it would move to, lies outside the person's area."""

    def __init__(self) -> None:
        super().__init__(
            T(
                "ข้อมูลนี้อยู่นอกพื้นที่ที่ท่านดูแล จึงบันทึกไม่ได้ หากควรอยู่ในพื้นที่ของท่าน โปรดแจ้งผู้ดูแลระบบ",
                "This record lies outside your area, so it was not saved. "
                "If it should be in your area, tell the administrator.",
            )
        )


class Stale(WriteRefused):
    """Somebody else saved the record after it was read for this write."""

    def __init__(self, message: Text = None) -> None:
        super().__init__(
            message
            or T(
                "มีผู้อื่นบันทึกรายการนี้ไปก่อนแล้ว ท่านจึงยังไม่ได้บันทึก โปรดเทียบค่าทั้งสองแล้วบันทึกอีกครั้ง",
                "Somebody else saved this record first, so yours is not saved yet. Compare both and save again.",
            )
        )


class NotDeleted(Stale):
    """Somebody else saved the record after it was read by whoever wants to delete it."""

    def __init__(self) -> None:
        super().__init__(
            T(
                "มีผู้อื่นแก้ไขรายการนี้หลังจากที่ท่านเปิดดู จึงยังไม่ได้ลบ โปรดดูค่าปัจจุบันแล้วลบอีกครั้งหากยังต้องการ",
                "Somebody changed this record after you read it, so it was not deleted. Look at it as it is now, "
                "and delete again if you still want to.",
            )
        )


class BadValue(ValueError):
    """A typed value that cannot be what its column holds; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text
