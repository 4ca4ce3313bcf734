"""Small parts of the generated views: their widgets, and how refusals reach a form."""

from __future__ import annotations

from typing import Any

from flask_appbuilder.widgets import FormWidget, ListWidget, RenderTemplateWidget, ShowWidget

from app.fabmongo.errors import WriteRefused


class MongoListWidget(ListWidget):
    template = "fabmongo/list_widget.html"


class MongoShowWidget(ShowWidget):
    template = "fabmongo/show_widget.html"


class MongoFormWidget(FormWidget):
    template = "fabmongo/form_widget.html"


class MongoSearchWidget(RenderTemplateWidget):
    template = "fabmongo/search_widget.html"


class NoMatch:
    """Filters one of which cannot be met: they are shown as typed and match no row."""

    def __init__(self, filters: Any) -> None:
        self._inner = filters

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def get_joined_filters(self, other: Any) -> NoMatch:
        return self

    def apply_all(self, query: Any) -> Any:
        return query.nothing()


def put_on(form: Any, refusal: WriteRefused) -> None:
    """Set a refusal's texts as errors of the fields, and of the form where it has no such field."""
    for name, text in refusal.fields.items():
        if name in form._fields:
            form._fields[name].errors = [*form._fields[name].errors, str(text)]
        else:
            form.form_errors.append(str(text))
    if not refusal.fields:
        form.form_errors.append(str(refusal.message))
