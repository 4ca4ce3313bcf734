"""What the search form shows: the quick box, a row for each column, and the filters in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, request
from markupsafe import Markup
from wtforms.widgets import html_params

from app.fabmongo import chooser
from app.fabmongo.arguments import here, place_names, travelling, without_filters
from app.fabmongo.columns import choices_of, label_of
from app.fabmongo.filters import MongoFilters
from app.fabmongo.labels import T, language
from app.fabmongo.related import names_in_scope
from app.fabmongo.search import FilterWords
from app.fabmongo.widgets import BLANK, options

GRID = "fabmongo/search_grid.html"
HINTS = {
    "date": T("เช่น 10/06/2567", "such as 10/06/2567"),
    "datetime": T("เช่น 10/06/2567 หรือ 10/06/2567 14:30", "such as 10/06/2567 or 10/06/2567 14:30"),
    "point": T("เช่น 13.75, 100.5, 5", "such as 13.75, 100.5, 5"),
}
"""What is typed for the kinds where one would not know, if nothing else is known."""

Named = Mapping[tuple[str, str], str]
"""(column, key) -> name of a record that the rows on this page refer to."""


def search_panel(view: Any, filters: MongoFilters, named: Named | None = None) -> dict[str, Any]:
    """The argument of the search widget's template; the template says its shape."""
    return {
        "quick": _quick(view),
        "grid": _grid(view, filters),
        "active": _active(view, filters, named or {}),
        "reset_url": without_filters(view),
    }


def columns_panel(view: Any, columns: list[str], filters: Any) -> dict[str, Any] | None:
    """What the chooser of a list's columns shows; None where there is nothing to choose."""
    above = chooser.parents(filters)
    names = [name for name in dict.fromkeys([*columns, *chooser.offered(view)]) if name not in above]
    if len(names) < 2:
        return None
    argument = chooser.argument_of(view)
    gone: dict[str, Any] = {argument: None}
    return {
        "id": f"columns-{type(view).__name__}",
        "argument": argument,
        "rows": [{"name": name, "label": view.label_columns.get(name), "shown": name in columns} for name in names],
        "own": ",".join(name for name in view.list_columns if name not in above),
        "chosen": bool(chooser.chosen(view)),
        "kept": travelling(without=argument),
        "reset_url": here(**gone),
    }


def _grid(view: Any, filters: MongoFilters) -> Markup:
    """The rows of the form, a condition and an input for each column: alike for everybody who reads a language.

    Nothing in it depends on the person or the request's values, so each view keeps it as HTML.
    """
    offered = filters.get_search_filters()
    kept: dict[Any, Markup] = view.__dict__.setdefault("_fabmongo_grids", {})
    key = (language(), request.script_root, tuple(offered))
    if key not in kept:
        columns = [_column(view, name, found) for name, found in offered.items()]
        html = current_app.jinja_env.get_template(GRID).render(columns=columns) if columns else ""
        kept[key] = Markup(html)  # noqa: S704 - a template made and escaped it
    return kept[key]


def _column(view: Any, name: str, offered: list[Any]) -> dict[str, Any]:
    only_yes = not any(flt.takes_value for flt in offered)
    return {
        "name": name,
        "label": view.label_columns.get(name),
        "filters": [
            {"index": i, "label": flt.name, "many": flt.takes_many, "bare": not flt.takes_value and not only_yes}
            for i, flt in enumerate(offered)
        ],
        "input": _yes(view, name) if only_yes else _input(view, name),
    }


def _yes(view: Any, name: str) -> Markup:
    """The input of a column of which one can only ask whether it holds anything."""
    attributes = {"class": "form-control", "name": f"_flt_0_{name}", "aria-label": str(view.label_columns.get(name))}
    choice = options([("1", T("ใช่", "Yes"), False)])
    return Markup("<select {}>{}{}</select>").format(html_params(**attributes), BLANK, choice)


def _quick(view: Any) -> dict[str, Any] | None:
    document = view.datamodel.obj
    names = getattr(document, "search_fields", ())
    if not names:
        return None
    labels = " · ".join(str(label_of(name, document._fields[name])) for name in names)
    return {
        "name": "q",
        "value": request.args.get("q", ""),
        "placeholder": T("ค้นหา: {labels}", "Search: {labels}", labels=labels),
    }


def _input(view: Any, name: str) -> Markup:
    kind = view.datamodel.kind(name)
    attributes: dict[str, Any] = {
        "class": "form-control",
        "name": f"_flt_0_{name}",
        "aria-label": str(view.label_columns.get(name)),
    }
    if kind in ("reference", "reference_list"):
        attributes |= {
            "class": "form-control ajax-select",
            "data-url": view.select_url(name),
            "data-allow-clear": "true",
            "data-placeholder": str(T("พิมพ์เพื่อค้นหา", "Type to search")),
        }
        return Markup("<select {}></select>").format(html_params(**attributes))
    if kind in ("enum", "choice", "enum_list", "boolean"):
        choices = options((value, text, False) for value, text in _pairs(view, name, kind))
        return Markup("<select {}>{}{}</select>").format(html_params(**attributes), BLANK, choices)
    if kind in HINTS:
        attributes["placeholder"] = str(HINTS[kind])
    return Markup('<input type="text" {}>').format(html_params(**attributes))


def _pairs(view: Any, name: str, kind: str) -> list[tuple[str, Any]]:
    """(stored text, label) of each choice of an enum, a choice or a yes/no column."""
    if kind == "boolean":
        return [("1", T("ใช่", "Yes")), ("0", T("ไม่ใช่", "No"))]
    field = view.datamodel.field(name)
    return choices_of(field.field if kind == "enum_list" else field)


def _active(view: Any, filters: MongoFilters, named: Named) -> list[dict[str, Any]]:
    found = []
    offered = filters.get_search_filters()
    chosen = [
        (flt, values)
        for flt, values in filters.get_filters_values()
        if not isinstance(flt, FilterWords) and not flt.is_related_view
    ]
    named = _with_names(view, {(flt.column_name, value) for flt, values in chosen for value in values}, named)
    for flt, values in chosen:
        index = offered.get(flt.column_name, []).index(flt)
        found.append(
            {
                "label": view.label_columns.get(flt.column_name),
                "op": flt.name,
                "value": ", ".join(_value_text(view, flt.column_name, value, named) for value in values)
                if flt.takes_value
                else "",
                "remove_url": here(without=(f"_flt_{index}_{flt.column_name}", *place_names(type(view).__name__))),
            }
        )
    return found


def _with_names(view: Any, asked: set[tuple[str, str]], named: Named) -> Named:
    """The names of all records that filters ask for; those that the rows of this very page do not say are looked up."""
    unknown = {(name, value) for name, value in asked - named.keys() if value and view.datamodel.is_relation(name)}
    return {**names_in_scope(view.datamodel, unknown), **named} if unknown else named


def _value_text(view: Any, name: str, value: str, named: Named) -> str:
    kind = view.datamodel.kind(name)
    if kind in ("reference", "reference_list"):
        return named.get((name, value), value)
    if kind in ("enum", "choice", "enum_list", "boolean"):
        return str(dict(_pairs(view, name, kind)).get(value, value))
    return value
