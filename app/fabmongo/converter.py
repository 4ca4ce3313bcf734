"""From a document's fields to a form: one table from kind of column to form field."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from typing import Any

from flask_appbuilder.forms import DynamicForm
from wtforms import BooleanField, validators

from app.fabmongo import fields as ff
from app.fabmongo import values
from app.fabmongo.columns import choices_of, kind_of, label_of
from app.fabmongo.formats import formats
from app.fabmongo.free import JsonField, PlaceField
from app.fabmongo.labels import T
from app.fabmongo.nested import DocumentCheck, EmbeddedModel, NestedField, NestedListField, NoCsrf
from app.fabmongo.uploads import UploadField
from app.fabmongo.widgets import CheckboxListWidget

DEEPEST = 3
"""Embedded documents within each other that a form shows; a document that holds itself has no end."""

LINES: dict[str, tuple[Callable[[str], Any], Callable[[Any], str]]] = {
    "integer": (values.number, str),
    "float": (lambda text: values.number(text, float), repr),
    "decimal": (lambda text: values.number(text, decimal.Decimal), str),
    "date": (values.day, lambda day: formats().edit_date(day)),
    "datetime": (values.moment, values.moment_text),
    "uuid": (values.identifier, str),
}
"""Kinds whose lists are written one a line: how a line is read, and how it is written."""

REQUIRED = T("ต้องกรอกช่องนี้", "This field is required.")


class MongoFormConverter:
    """Builds WTForms classes from an interface.

    `select_url(column)` gives the address that a reference's select asks; it is called while a
    form is rendered, so it may use the request.
    """

    def __init__(self, datamodel: Any, select_url: Callable[[str], str], depth: int = 0) -> None:
        self.datamodel = datamodel
        self.select_url = select_url
        self.depth = depth

    def create_form(
        self,
        columns: list[str],
        labels: dict[str, Any] | None = None,
        descriptions: dict[str, Any] | None = None,
        extra_validators: dict[str, list[Any]] | None = None,
        extra_fields: dict[str, Any] | None = None,
    ) -> type[DynamicForm]:
        """A form class with the named columns, in their order."""
        properties: dict[str, Any] = {}
        for name in columns:
            made = (extra_fields or {}).get(name) or self.form_field(
                name,
                (labels or {}).get(name),
                (descriptions or {}).get(name),
                (extra_validators or {}).get(name, []),
            )
            if made is not None:
                properties[name] = made
        return type("DocumentForm", (DynamicForm,), properties)

    def form_field(
        self, name: str, label: Any = None, description: Any = None, extra: Any = ()
    ) -> Any:
        """The unbound form field of one column, or None for a kind that no form can edit yet."""
        field = self.datamodel.field(name)
        kind = self.datamodel.kind(name)
        maker = getattr(self, f"_{kind}", None)
        if maker is None:
            return None
        common = {
            "label": label or label_of(name, field),
            "description": description or getattr(field, "help_text", "") or "",
            "validators": [*self._validators(field, kind), *extra],
            "default": field.default,
        }
        return maker(name, field, common)

    def _validators(self, field: Any, kind: str) -> list[Any]:
        if kind == "boolean":
            return []
        presence: Any = validators.Optional()
        if field.required:
            presence = validators.DataRequired(REQUIRED)
            if kind in ("integer", "float", "decimal"):
                presence = validators.InputRequired(REQUIRED)
        found = [presence]
        longest = getattr(field, "max_length", None)
        if longest and kind in ("string", "text"):
            found.append(
                validators.Length(
                    max=longest,
                    message=T("ยาวเกิน {n} ตัวอักษร", "Longer than {n} characters.", n=longest),
                )
            )
        low, high = getattr(field, "min_value", None), getattr(field, "max_value", None)
        if low is not None or high is not None:
            found.append(
                validators.NumberRange(
                    min=low, max=high,
                    message=T("ต้องอยู่ระหว่าง {low} ถึง {high}", "Must be between {low} and {high}.",
                              low="-" if low is None else low, high="-" if high is None else high),
                )
            )
        return found

    def _string(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return ff.TextField(code=bool(getattr(field, "code", False)), **common)

    _object_id = _string

    def _uuid(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return ff.UuidField(**common)

    def _text(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return ff.LongTextField(**common)

    def _integer(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return ff.NumberField(convert=int, **common)

    def _float(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return ff.NumberField(convert=float, **common)

    def _decimal(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return ff.NumberField(convert=decimal.Decimal, **common)

    def _boolean(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return BooleanField(**common)

    def _date(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return ff.DayField(**common)

    def _datetime(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return ff.MomentField(**common)

    def _enum(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        choices = [("", ""), *choices_of(field)]
        return ff.ChoiceField(
            choices=choices, enum_class=getattr(field, "_enum_cls", None), **common
        )

    _choice = _enum

    def _enum_list(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return ff.ChoicesField(
            choices=choices_of(field.field), enum_class=field.field._enum_cls,
            widget=CheckboxListWidget(), **common,
        )

    def _list(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        kind = kind_of(field.field)
        if kind in ("string", "text", "choice"):
            return ff.LinesField(**common)
        if kind not in LINES:
            return self._dict(name, field, common)
        convert, write = LINES[kind]
        return ff.LinesField(convert=convert, write=write, **common)

    def _dict(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return JsonField(column=field, lookup=self._lookup, **common)

    def _lookup(self, document: Any, key: str) -> Any:
        """A document inside the scope of the person, or None."""
        return getattr(self.datamodel, "interface_class", type(self.datamodel))(document).get(key)

    def _point(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return PlaceField(**common)

    def _embedded(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return self._nested(NestedField, name, field.document_type, common)

    def _embedded_list(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return self._nested(NestedListField, name, field.field.document_type, common)

    def _nested(self, field_class: Any, name: str, document: Any, common: dict[str, Any]) -> Any:
        inside = EmbeddedModel(document, self.datamodel)
        if self.depth >= DEEPEST:
            return None
        converter = type(self)(inside, lambda column: self.select_url(f"{name}.{column}"), self.depth + 1)
        return field_class(form_class=converter.nested_form(), document=document, **common)

    def nested_form(self) -> Any:
        """A form class for an embedded document, which checks what the document's own fields check."""
        columns = self.datamodel.get_user_columns_list()
        checks = {name: [DocumentCheck(self.datamodel.field(name))] for name in columns}
        made = self.create_form(columns, extra_validators=checks)
        return type("NestedForm", (made,), {"Meta": NoCsrf})

    def _file(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return UploadField(column=field, **common) if self.depth == 0 else None

    _image = _file

    def _reference(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return self._related(ff.RelatedField, name, common)

    def _reference_list(self, name: str, field: Any, common: dict[str, Any]) -> Any:
        return self._related(ff.RelatedManyField, name, common)

    def _related(self, field_class: Any, name: str, common: dict[str, Any]) -> Any:
        return field_class(
            interface=self.datamodel.get_related_interface(name),
            select_url=lambda: self.select_url(name),
            **common,
        )
