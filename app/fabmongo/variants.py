"""Document inheritance: which class a new record gets, and the columns that a subclass adds."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_appbuilder.forms import DynamicForm
from mongoengine.base import get_document

from app.fabmongo.columns import label_of
from app.fabmongo.converter import MongoFormConverter

CLASS = "_class"
"""Name of the argument in the address that says which class to add."""


def variants_of(interface: Any) -> dict[str, Any]:
    """Class name → class of everything that an interface stores; one entry where there is no inheritance."""
    base = interface.obj
    names = getattr(base, "_subclasses", ()) if base._meta.get("allow_inheritance") else ()
    found = [get_document(name) for name in names] or [base]
    return {one.__name__: one for one in found if not one._meta.get("abstract")}


def more_columns(interface: Any, document: Any) -> list[str]:
    """The columns a person fills in that a subclass has and the interface's own document has not."""
    if document is interface.obj:
        return []
    known = set(interface.get_columns_list())
    return [name for name in type(interface)(document).get_user_columns_list() if name not in known]


class VariantsMixin:
    """A view of a base document lists all its subclasses; forms and pages have the columns of each one's own."""

    datamodel: Any
    select_url: Any
    add_columns: Any
    edit_columns: Any
    show_columns: Any
    add_form: Any
    edit_form: Any
    label_columns: Any
    description_columns: Any
    validators_columns: Any
    add_title: Any
    _variant_forms: dict[Any, type[DynamicForm]]

    def variants(self) -> dict[str, Any]:
        """Class name → class of everything that may be added here; one entry where there is no inheritance."""
        return variants_of(self.datamodel)

    def variant_label(self, document: Any) -> Any:
        """What people call the class."""
        own = document.__dict__.get("singular")
        inherited = getattr(document, "singular", None) if document is self.datamodel.obj else None
        return own or inherited or document.__name__

    def asked_variant(self) -> Any:
        """The class to add: named in the address, or the only one; None where it is still to be chosen."""
        known = self.variants()
        name = request.args.get(CLASS)
        if name is None:
            return next(iter(known.values())) if len(known) == 1 else None
        if name not in known:
            abort(404)
        return known[name]

    def _more_columns(self, document: Any) -> list[str]:
        """The columns that a subclass has and the view's document has not."""
        return more_columns(self.datamodel, document)

    def columns_for(self, document: Any, columns: list[str]) -> list[str]:
        """The columns of a form or a page for a class."""
        more = self._more_columns(document)
        for name in more:
            self.label_columns.setdefault(name, label_of(name, document._fields[name]))
        return [*columns, *(name for name in more if name not in columns)]

    def form_for(self, document: Any, adding: bool) -> type[DynamicForm]:
        """The form class for a class of document."""
        plain: type[DynamicForm] = self.add_form if adding else self.edit_form
        if not self._more_columns(document):
            return plain
        forms = self.__dict__.setdefault("_variant_forms", {})
        if (document, adding) not in forms:
            converter = MongoFormConverter(type(self.datamodel)(document), self.select_url)
            more = converter.create_form(
                self._more_columns(document), self.label_columns, self.description_columns, self.validators_columns
            )
            forms[document, adding] = type("DocumentForm", (more, plain), {})
        found: type[DynamicForm] = forms[document, adding]
        return found

    def _get_show_widget(self, pk: Any, item: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        widgets: dict[str, Any] = super()._get_show_widget(pk, item, *args, **kwargs)  # type: ignore[misc]
        more = self._more_columns(type(item))
        if more:
            shown = widgets["show"].template_args
            columns = self.columns_for(type(item), self.show_columns)
            shown["include_columns"] = columns
            shown["value_columns"] = self.datamodel.get_values_item(item, columns)
            if shown.get("fieldsets"):
                shown["fieldsets"] = [*shown["fieldsets"], (self.variant_label(type(item)), {"fields": more})]
        return widgets
