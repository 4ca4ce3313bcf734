"""Which columns a list shows, and in which order: its own, or those that the address names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import g, request

from app.fabmongo.files import FILES

LONGEST = 2000
"""Characters of the argument that are looked at."""
UNREAD = (*FILES, "none", "unknown")
"""Kinds that a list cannot read for all its rows at once; only a view itself puts a column of them on its list."""


def argument_of(view: Any) -> str:
    """The name of the argument that holds a list's columns: `_cols_StudentView=first_name,last_name`."""
    return f"_cols_{type(view).__name__}"


def page_columns(view: Any) -> list[str]:
    """The columns of the generic show page, where the person may open it.

    A page that a view draws itself shows what it chooses.
    """
    from app.fabmongo.views import MongoModelView

    generic = getattr(type(view), "show", None) is MongoModelView.show
    return list(view.show_columns) if generic and view.may("show") else []


def offered(view: Any) -> list[str]:
    """The columns to choose from: the list's own, then what the person may see on the show page."""

    def found() -> list[str]:
        more = [name for name in page_columns(view) if view.datamodel.kind(name) not in UNREAD]
        return list(dict.fromkeys([*view.list_columns, *more]))

    return _once(view, "offered", found)


def _once(view: Any, what: str, make: Callable[[], list[str]]) -> list[str]:
    """What a view gives to the person of this request: each saved view of a list asks for it again."""
    kept: dict[tuple[int, str], list[str]] = g.setdefault("_fabmongo_columns", {})
    if (id(view), what) not in kept:
        kept[id(view), what] = make()
    return kept[id(view), what]


def asked(view: Any, values: Iterable[str]) -> list[str]:
    """The offered columns among those that an argument's values name, each once; the rest is ignored."""
    known = set(offered(view))
    return [name for name in dict.fromkeys(",".join(values)[:LONGEST].split(",")) if name in known]


def chosen(view: Any) -> list[str]:
    """The columns that this request's address names; none is the list's own."""
    return asked(view, request.args.getlist(argument_of(view)))


def columns_of(view: Any, filters: Any) -> list[str]:
    """The columns a list shows.

    Below its own record a list does not repeat that record's name, so more is wanted; and all lists there are read
    together, so it shows none that is computed from whole documents.
    """
    above, names = parents(filters), chosen(view)
    names = names if set(names) - set(above) else list(view.list_columns)
    return [name for name in names if not above or view.datamodel.kind(name) not in UNREAD]


def parents(filters: Any) -> list[str]:
    """The columns by which a list hangs below another record."""
    return [flt.column_name for flt in filters.filters if flt.is_related_view]


def order_columns(view: Any) -> list[str]:
    """The columns a list can be ordered by: those a view declares, else all that can be chosen and ordered."""
    if type(view).order_columns:
        return list(view.order_columns)

    def found() -> list[str]:
        more = view.datamodel.get_order_columns_list(offered(view))
        return list(dict.fromkeys([*view.order_columns, *more]))

    return _once(view, "order", found)
