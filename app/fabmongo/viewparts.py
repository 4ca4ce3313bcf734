"""Small parts of the generated views: their widgets, and how refusals reach a form."""

from __future__ import annotations

from typing import Any

from flask import request, session
from flask_appbuilder.widgets import FormWidget, ListWidget, RenderTemplateWidget, ShowWidget

from app.fabmongo.errors import WriteRefused

HISTORY_LENGTH = 300


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


class ShortHistory:
    """Keeps the way back in the session short: a long address would drop the whole cookie.

    The cookie can be read by whoever gets at the computer, so a secret searched for is not in it.
    """

    def update_redirect(self) -> None:
        path = request.full_path.rstrip("?")
        kept = len(path) <= HISTORY_LENGTH and not self._asks_for_a_secret()
        session["page_history"] = [path if kept else request.path]

    def _asks_for_a_secret(self) -> bool:
        datamodel: Any = getattr(self, "datamodel", None)
        if datamodel is None:
            return False
        secret = [name for name in datamodel.get_columns_list() if datamodel.is_secret(name)]
        quick = set(secret) & set(getattr(datamodel.obj, "search_fields", ()))
        return any(
            (name == "q" and quick) or (name.startswith("_flt_") and name.endswith(tuple(secret)))
            for name in request.args
        )


def put_on(form: Any, refusal: WriteRefused) -> None:
    """Set a refusal's texts as errors of the fields, and of the form where it has no such field."""
    for name, text in refusal.fields.items():
        if name in form._fields:
            form._fields[name].errors = [*form._fields[name].errors, str(text)]
        else:
            form.form_errors.append(str(text))
    if not refusal.fields:
        form.form_errors.append(str(refusal.message))
