"""Embedded documents on a form: one as a group of fields, several as rows to add, remove and move."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import render_template
from flask_wtf import FlaskForm
from markupsafe import Markup
from mongoengine.errors import ValidationError
from wtforms import Field
from wtforms.validators import StopValidation

from app.fabmongo.columns import kind_of
from app.fabmongo.interface_parts import EmbeddedColumns
from app.fabmongo.labels import T
from app.fabmongo.refusals import reason

INSIDE = T("มีช่องที่ต้องแก้ไขในส่วนนี้", "Something in this part must be corrected.")
ROW_KEY = re.compile(r"\d{1,4}|n\d{1,15}", re.ASCII)
MOST_ROWS = 500


class NoCsrf(FlaskForm.Meta):
    """The form around an embedded one carries the token."""

    csrf = False


class EmbeddedModel(EmbeddedColumns):
    """What the form converter asks of an interface, for an embedded document."""

    def __init__(self, document: Any, owner: Any) -> None:
        self.obj = document
        self.interface_class = getattr(owner, "interface_class", type(owner))

    def get_related_interface(self, name: str) -> Any:
        return self.interface_class(self.get_related_model(name))


class DocumentCheck:
    """Asks the document's own field whether it takes a value: addresses, patterns and the like."""

    def __init__(self, column: Any) -> None:
        self.column = column

    def __call__(self, form: Any, field: Any) -> None:
        if field.data in (None, "", [], {}) or kind_of(self.column) in ("embedded", "embedded_list"):
            return
        try:
            self.column._validate(field.data)
        except ValidationError as error:
            raise StopValidation(str(reason(self.column, error))) from None


class Row:
    """One embedded document on a form, under a prefix; `item` is the stored one, if there is one."""

    def __init__(self, field: Any, name: str, formdata: Any, item: Any, key: str = "") -> None:
        self.key, self.name, self.item, self.document = key, name, item, field.document
        posted = formdata is not None and any(one.startswith(f"{name}-") for one in formdata)
        data = formdata if posted else None
        self.form = field.form_class(formdata=data, obj=item, prefix=f"{name}-")
        # A stored row may hold nothing but defaults: it is not a row that was left blank.
        self.kept = bool(formdata.get(f"{name}-_kept")) if posted else item is not None and self.is_empty()
        self.dropped = posted and bool(formdata.get(f"{name}-_drop"))

    def is_empty(self) -> bool:
        """Whether every field is empty or has its default."""
        fresh = type(self.form)(formdata=None)
        return all(_is_empty(one, fresh._fields[name]) for name, one in self.form._fields.items())

    @property
    def present(self) -> bool:
        """Whether the document is to be stored."""
        return not self.dropped and (self.kept or not self.is_empty())

    def made(self) -> Any:
        """The embedded document that the row stands for; what the form does not show is as it was."""
        found = self.document() if self.item is None else type(self.item)._from_son(self.item.to_mongo())
        for name, one in self.form._fields.items():
            one.populate_obj(found, name)
        return found

    def fields(self) -> Iterator[Any]:
        return iter(self.form)


def _is_empty(field: Any, fresh: Any) -> bool:
    if field.process_errors or getattr(field, "refused", False):
        return False
    if isinstance(field, (NestedField, NestedListField)):
        return not any(row.present for row in field.rows)
    if isinstance(field.data, bool):
        return not field.data or field.data == fresh.data
    return field.data in (None, "", [], {}) or field.data == fresh.data


class Nested(Field):
    """What a single embedded document and a list of them have in common."""

    nested = True
    template = "fabmongo/nested.html"
    rows: list[Row]

    def __init__(self, *args: Any, form_class: Any, document: Any, **kwargs: Any) -> None:
        self.form_class, self.document = form_class, document
        self.rows = []
        super().__init__(*args, **kwargs)
        self.on_form = True

    def widget(self, field: Any, **kwargs: Any) -> Markup:
        return Markup(render_template(self.template, field=field))  # noqa: S704 - a template escapes

    def nested_errors(self) -> list[tuple[str, str]]:
        """(id of the input, "label: text") of every fault inside."""
        found: list[tuple[str, str]] = []
        for row in self.rows:
            for one in row.fields():
                inner = getattr(one, "nested_errors", None)
                found += inner() if inner else [(one.id, f"{one.label.text}: {text}") for text in one.errors]
        return found

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        self.errors = list(self.process_errors)
        # Every row is asked, also after the first that is at fault.
        if sum(not row.form.validate() for row in self.rows if self.counts(row)):
            self.errors.append(str(INSIDE))
        elif self.flags.required and not any(self.counts(row) for row in self.rows):
            self.errors.append(str(T("ต้องมีอย่างน้อยหนึ่งรายการ", "At least one is needed.")))
        return not self.errors

    def counts(self, row: Row) -> bool:
        return row.present


class NestedField(Nested):
    """One embedded document."""

    def process(self, formdata: Any, data: Any = ..., extra_filters: Any = None) -> None:
        if data is ... or data is None or not hasattr(data, "_fields"):
            data = None
        self.process_errors: list[str] = []
        self.object_data = data
        self.rows = [Row(self, self.name, formdata, data)]
        self.data = data

    def counts(self, row: Row) -> bool:
        return bool(self.flags.required) or row.present

    def populate_obj(self, obj: Any, name: str) -> None:
        row = self.rows[0]
        setattr(obj, name, row.made() if self.counts(row) else None)


class NestedListField(Nested):
    """A list of embedded documents; `<name>-_row` says which rows there are, in their order."""

    @property
    def blank_key(self) -> str:
        """The key of rows in the template, which the script replaces; lists within lists have their own."""
        return f"__row{self.name.count('__row')}__"

    def process(self, formdata: Any, data: Any = ..., extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        items = list(data or []) if data is not ... else []
        self.object_data = self.data = items
        keys = formdata.getlist(f"{self.name}-_row") if formdata is not None else []
        if not keys:
            self.rows = [Row(self, f"{self.name}-{i}", None, item, str(i)) for i, item in enumerate(items)]
            return
        self.rows = []
        for key in list(dict.fromkeys(key for key in keys if ROW_KEY.fullmatch(key)))[:MOST_ROWS]:
            item = items[int(key)] if key.isdigit() and int(key) < len(items) else None
            self.rows.append(Row(self, f"{self.name}-{key}", formdata, item, key))

    def shown_rows(self) -> list[Row]:
        """The rows on the page: an empty one at the end serves where no script runs."""
        taken = {row.key for row in self.rows}
        key = next(f"n{i}" for i in range(MOST_ROWS + 1) if f"n{i}" not in taken)
        shown = [row for row in self.rows if row.present or row.form.errors]
        return [*shown, Row(self, f"{self.name}-{key}", None, None, key)]

    def blank_row(self) -> Row:
        """The row that the script copies."""
        return Row(self, f"{self.name}-{self.blank_key}", None, None, self.blank_key)

    def populate_obj(self, obj: Any, name: str) -> None:
        setattr(obj, name, [row.made() for row in self.rows if row.present])
