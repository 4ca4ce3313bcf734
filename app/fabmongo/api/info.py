"""What a resource tells about itself: columns, kinds, labels in every language, filters, permissions."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import force_locale

from app.fabmongo.api.kinds import api_kind, inner_of
from app.fabmongo.api.listing import MAX_PAGE_SIZE
from app.fabmongo.columns import choices_of, label_of


def in_languages(text: Any) -> dict[str, str]:
    """A text in each language of the application."""
    found = {}
    for code in current_app.config["LANGUAGES"]:
        with force_locale(code):
            found[code] = str(text)
    return found


def info_of(api: Any) -> dict[str, Any]:
    """The answer of `_info` for the person of this request."""
    document = api.datamodel.obj
    return {
        "resource": api.resource_name,
        "label": in_languages(getattr(document, "singular", document.__name__)),
        "key": api.datamodel.get_pk_name(),
        "permissions": [name for name in ("list", "show", "add", "edit", "delete") if api.may(name)],
        "max_page_size": MAX_PAGE_SIZE,
        "columns": [_column(api, name) for name in api.datamodel.get_columns_list() if _is_told(api, name)],
    }


def _is_told(api: Any, name: str) -> bool:
    return name in {*api.show_columns, *api.list_columns, *api.add_columns, *api.edit_columns}


def _column(api: Any, name: str) -> dict[str, Any]:
    field = api.datamodel.field(name)
    told: dict[str, Any] = {
        "name": name,
        "kind": api_kind(field),
        "label": in_languages(label_of(name, field)),
        "required": bool(field.required),
        "add": name in api.add_columns,
        "edit": name in api.edit_columns,
        "order": name in api.order_columns,
        "secret": bool(getattr(field, "secret", False)),
        "filters": [{"name": flt.arg_name, "label": in_languages(flt.name)} for flt in api.offered.get(name, [])],
    }
    if getattr(field, "help_text", None):
        told["help"] = in_languages(field.help_text)
    chosen = inner_of(field) if told["kind"] == "enum_list" else field
    if told["kind"] in ("enum", "enum_list", "choice"):
        told["choices"] = [{"value": value, "label": in_languages(label)} for value, label in choices_of(chosen)]
    return told
