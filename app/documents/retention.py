"""What was removed because it was old: one row for each night and kind."""

from __future__ import annotations

from mongoengine import DateField, DateTimeField, EnumField, IntField, StringField

from app.documents.base import LecDocument
from app.enums import RetentionKind
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class RetentionRun(LecDocument):
    """What one night removed of one kind; `key` is "<day>/<kind>", so that a second attempt of a night adds to it.

    Without `finished_on` the night ended before all was removed, and the next one goes on.
    """

    meta = {"collection": "retention_runs", "ordering": ["-day", "kind"], "indexes": ["-day"]}
    scope = PathScope(write=())
    singular = T("การลบข้อมูลตามกำหนด", "Removing of old data")

    key = StringField(primary_key=True, derived=True, verbose_name=T("รหัส", "Key"))
    day = DateField(required=True, derived=True, verbose_name=T("คืนวันที่", "Night of"))
    kind = EnumField(RetentionKind, required=True, derived=True, verbose_name=T("สิ่งที่ลบ", "What"))
    before = DateTimeField(derived=True, verbose_name=T("เก่ากว่า", "Older than"))
    removed = IntField(default=0, derived=True, verbose_name=T("ลบแล้ว (รายการ)", "Removed"))
    finished_on = DateTimeField(derived=True, verbose_name=T("เสร็จเมื่อ", "Finished on"))
    error = StringField(derived=True, verbose_name=T("ข้อผิดพลาด", "Error"))

    def __str__(self) -> str:
        return str(self.key)
