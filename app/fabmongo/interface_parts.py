"""Columns of an embedded document, asked for with the words of the data interface."""

from __future__ import annotations

from typing import Any

from app.fabmongo.columns import kind_of

NOT_ON_FORMS = ("object_id", "file", "image")


class EmbeddedColumns:
    """The part of a data interface that is about columns, over an embedded document class `obj`."""

    obj: Any

    def field(self, name: str) -> Any:
        """The declared field of a column, or None."""
        return self.obj._fields.get(name)

    def kind(self, name: str) -> str:
        """One word of `columns.kind_of`."""
        return kind_of(self.field(name))

    def get_user_columns_list(self) -> list[str]:
        """Columns a person fills in."""
        return [
            name
            for name, field in ((name, self.obj._fields[name]) for name in self.obj._fields_ordered)
            if name != "_cls" and not getattr(field, "audit", False) and not getattr(field, "derived", False)
            and kind_of(field) not in NOT_ON_FORMS
        ]  # fmt: skip

    def get_related_model(self, name: str) -> Any:
        """The document that a reference column points at."""
        field: Any = self.field(name)
        return (field.field if self.kind(name) == "reference_list" else field).document_type
