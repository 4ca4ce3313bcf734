"""The list's place in the address bar: page, size, order and filters, read without trusting them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import flash, g, request, url_for
from werkzeug.datastructures import MultiDict

from app.fabmongo.errors import BadValue
from app.fabmongo.filters import MongoFilters
from app.fabmongo.query import Query
from app.fabmongo.search import FilterWords

SAFE = "!$'()*,/:;?@"
"""What Werkzeug, too, leaves as it is in the arguments of an address."""

CURSOR = "at_"
"""Begins the argument with a page's cursor; the view's name follows, as in those of its number and size."""

MAX_PAGE = 1_000_000
MAX_PAGE_SIZE = 100
FILTER_ARGUMENT = re.compile(r"_flt_(\d{1,2})_(\w+)\Z", re.ASCII)


def bounded(name: str, default: int, low: int, high: int) -> int:
    """An integer argument kept between two bounds; the default where it is no number."""
    try:
        return min(max(int(request.args.get(name, default)), low), high)
    except ValueError:
        return default


def page_of(view: Any) -> tuple[int, int]:
    """(page counted from 0, rows a page) of a view's list."""
    name = type(view).__name__
    return (
        bounded(f"page_{name}", 0, 0, MAX_PAGE),
        bounded(f"psize_{name}", view.page_size, 1, MAX_PAGE_SIZE),
    )


def order_of(view: Any) -> tuple[str, str]:
    """(column, "asc" or "desc") asked for, if the view orders by it, else the view's own order."""
    name = type(view).__name__
    column = request.args.get(f"_oc_{name}", "")
    direction = request.args.get(f"_od_{name}", "asc")
    if column in view.order_columns and direction in ("asc", "desc"):
        return column, direction
    return view.base_order or ("", "")


def _asked(filters: MongoFilters, name: str) -> Any:
    """The filter that an argument of this name puts, or None."""
    match = FILTER_ARGUMENT.match(name)
    offered = filters.get_search_filters().get(match[2], ()) if match else ()
    return offered[int(match[1])] if match and int(match[1]) < len(offered) else None


def all_offered(filters: MongoFilters, given: MultiDict[str, str]) -> bool:
    """Whether every filter named in `given` is one that the list offers: an unknown one would leave more rows."""
    return all(_asked(filters, name) is not None for name in given if name.startswith("_flt_"))


def read_filters(filters: MongoFilters, given: MultiDict[str, str] | None = None) -> bool:
    """Put the request's filters, or those in `given`, on `filters`; False when one holds a value that cannot be."""
    possible = True
    filters.clear_filters()
    given = request.args if given is None else given
    for name, values in given.lists():
        flt = _asked(filters, name)
        if flt is not None and (any(values) or not flt.takes_value):
            possible = _usable(flt, values) and possible
            filters._add_filter(flt, values)
    words = given.get("q", "").strip()
    if words:
        filters._add_filter(FilterWords("", filters.datamodel), words)
    return possible


def _usable(flt: Any, values: list[str]) -> bool:
    try:
        for value in values:
            if value != "":
                flt.apply(Query(), value)
    except BadValue as error:
        flash(str(error.text), "danger")
        return False
    return True


def here(without: str | tuple[str, ...] = (), **changes: Any) -> str:
    """This page's address with some arguments changed and those starting with `without` gone."""
    arguments: MultiDict[str, Any] = MultiDict(
        (key, value)
        for key, value in request.args.items(multi=True)
        if not key.startswith(without)
    )
    for key, value in changes.items():
        arguments[key] = value
    # Not through url_for's own arguments, among which a request could name another host.
    query = urlencode([(key, value) for key, value in arguments.items(multi=True) if value is not None], safe=SAFE)
    return f"{_own_path()}?{query}" if query else _own_path()


def _own_path() -> str:
    """This page's address without its arguments, built once: a list links to itself two dozen times."""
    kept: tuple[str, str] | None = g.get("_fabmongo_path")
    if kept is None or kept[0] != request.full_path:
        kept = g._fabmongo_path = (request.full_path, url_for(request.endpoint or "", **(request.view_args or {})))
    return kept[1]


def place_names(view_name: str) -> tuple[str, str]:
    """The arguments that say where in a list one is: whatever changes the list takes them away."""
    return f"page_{view_name}", CURSOR + view_name


def link_page(page: int, view_name: str, cursor: str = "") -> str:
    """Template filter: the address of another page of this list, by key where its cursor is known."""
    changes: dict[str, Any] = {f"page_{view_name}": page, CURSOR + view_name: cursor or None}
    return here(**changes)


def link_page_size(size: int, view_name: str) -> str:
    """Template filter: this list from its start with another number of rows a page."""
    changes: dict[str, Any] = {f"psize_{view_name}": size}
    return here(without=place_names(view_name), **changes)


def link_order(column: str, view_name: str) -> str:
    """Template filter: this list from its start, ordered by a column; again turns it round."""
    again = request.args.get(f"_oc_{view_name}") == column
    down = again and request.args.get(f"_od_{view_name}") == "asc"
    return here(
        without=place_names(view_name),
        **{f"_oc_{view_name}": column, f"_od_{view_name}": "desc" if down else "asc"},
    )
