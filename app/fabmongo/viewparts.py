"""Small parts of the generated views: their widgets, and how refusals reach a form."""

from __future__ import annotations

import re
from typing import Any

from flask import request, session, url_for
from flask_appbuilder.widgets import FormWidget, ListWidget, RenderTemplateWidget, ShowWidget
from werkzeug.routing import BuildError

from app.fabmongo import arguments
from app.fabmongo.errors import WriteRefused

HISTORY_LENGTH = 300
_MARK = "pk-of-the-row"
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


class RowUrl:
    """The address of one page of a view for a record's key; made once for a list, not once a row."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        try:
            self._pattern: str | None = url_for(endpoint, pk=_MARK)
        except BuildError:
            self._pattern = None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def __call__(self, pk: str) -> str:
        if self._pattern is None:
            return ""
        if _PLAIN_KEY.match(pk):
            return self._pattern.replace(_MARK, pk)
        return url_for(self._endpoint, pk=pk)


class MongoListWidget(ListWidget):
    template = "fabmongo/list_widget.html"

    def __call__(self, **kwargs: Any) -> Any:
        args = {**self.template_args, **kwargs}
        view = args.get("view")
        endpoint = view.endpoint if view else args.get("modelview_name")
        urls = {name: RowUrl(f"{endpoint}.{name}") for name in ("show", "edit", "delete")}
        return super().__call__(**kwargs, row_urls=urls)


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
        # A place in the list is kept by its number: meanwhile the rows around it may change.
        placed = any(name.startswith(arguments.CURSOR) for name in request.args)
        path = arguments.here(without=arguments.CURSOR) if placed else request.full_path.rstrip("?")
        kept = len(path) <= HISTORY_LENGTH and not self._asks_for_a_secret()
        session["page_history"] = [path if kept else request.path]

    def _asks_for_a_secret(self) -> bool:
        datamodel: Any = getattr(self, "datamodel", None)
        return datamodel is not None and arguments.ask_for_a_secret(datamodel, request.args.items(multi=True))


def put_on(form: Any, refusal: WriteRefused) -> None:
    """Set a refusal's texts as errors of the fields, and of the form where it has no such field."""
    for name, text in refusal.fields.items():
        if name in form._fields:
            form._fields[name].errors = [*form._fields[name].errors, str(text)]
        else:
            form.form_errors.append(str(text))
    if not refusal.fields:
        form.form_errors.append(str(refusal.message))
