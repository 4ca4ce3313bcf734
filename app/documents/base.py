"""What every LEC document shares: who wrote it and when, and the codes of its own area."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import DateTimeField, Document, StringField

from app.fabmongo.labels import T


class LecDocument(Document):
    """A document with the traces of its last writer; the shared write path fills them in."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "auto_create_index": False, "strict": False}

    created_by = StringField(verbose_name=T("ผู้บันทึก", "Created by"), audit=True)
    created_on = DateTimeField(verbose_name=T("บันทึกเมื่อ", "Created on"), audit=True)
    changed_by = StringField(verbose_name=T("ผู้แก้ไขล่าสุด", "Changed by"), audit=True)
    changed_on = DateTimeField(verbose_name=T("แก้ไขเมื่อ", "Changed on"), audit=True)


class AreaPathMixin:
    """Copies the codes of an area path from the reference named in `path_source`."""

    path_source = "lao"
    path_fields: tuple[str, ...] = ("district", "province")

    def clean(self) -> None:
        """Keep the denormalised path equal to its source's; runs before every validation."""
        source: Any = getattr(self, self.path_source)
        for name in self.path_fields:
            setattr(self, name, source._data.get(name) if source is not None else None)
