"""The list's place in the address bar: page, size, order and filters, read without trusting them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import flash, g, request, url_for
from werkzeug.datastructures import MultiDict

from app.fabmongo import chooser
from app.fabmongo.errors import BadValue
from app.fabmongo.filters import MongoFilters
from app.fabmongo.query import Query
from app.fabmongo.search import FilterWords

SAFE = "!$'()*,/:;?@"
"""What Werkzeug, too, leaves as it is in the arguments of an address."""

LASTING = ("_flt_", "_oc_", "_od_", "_cols_", "psize_")
"""How the arguments begin that a new search leaves as they are."""
PLAIN = "plain"
"""An argument that says: this list as it is, not the saved view it is opened with."""
LED = "_fabmongo_led"
"""Set on `g` where the bare address of the list leads to a saved view."""
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
    if direction in ("asc", "desc") and column in chooser.order_columns(view):
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


def fitting(view: Any, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of some arguments that say what a view's list shows, whoever wrote them.

    These are filters, quick words, columns, order and rows a page; whatever does not fit the list as it is now is left
    out. The place in it (the page) is not part of what it shows.
    """
    given: MultiDict[str, str] = MultiDict(pairs)
    name = type(view).__name__
    found: list[tuple[str, str]] = []
    for argument, values in given.lists():
        flt = _asked(view._filters, argument)
        if flt is not None:
            found += [(argument, value) for value in values if value or not flt.takes_value]
    columns = chooser.asked(view, given.getlist(chooser.argument_of(view)))
    words = given.get("q", "").strip()
    if getattr(view.datamodel.obj, "search_fields", ()) and words:
        found.append(("q", words))
    if columns:
        found.append((chooser.argument_of(view), ",".join(columns)))
    order, direction = given.get(f"_oc_{name}", ""), given.get(f"_od_{name}", "asc")
    if order in chooser.order_columns(view) and direction in ("asc", "desc"):
        found += [(f"_oc_{name}", order), (f"_od_{name}", direction)]
    size = given.get(f"psize_{name}", "")
    if size.isdecimal() and 1 <= int(size[:4]) <= MAX_PAGE_SIZE:
        found.append((f"psize_{name}", str(int(size))))
    return found


def ask_for_a_secret(datamodel: Any, pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether arguments hold what was typed to find a row by a masked value."""
    secret = tuple(name for name in datamodel.get_columns_list() if datamodel.is_secret(name))
    quick = set(secret) & set(getattr(datamodel.obj, "search_fields", ()))
    return any(
        (name == "q" and bool(quick)) or (name.startswith("_flt_") and name.endswith(secret))
        for name, value in pairs
        if value.strip()
    )


def travelling(without: str = "", only: str | tuple[str, ...] = "") -> list[tuple[str, str]]:
    """This request's arguments for the hidden fields of a GET form: all but one, or those that start with `only`.

    A cursor never travels: its page is found again by the number.
    """
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if value and name != without and name.startswith(only) and not name.startswith(CURSOR)
    ]
    return kept if kept or not g.get(LED) else [(PLAIN, "1")]


def query_of(pairs: Iterable[tuple[str, str]]) -> str:
    """Arguments as an address holds them."""
    return urlencode(list(pairs), safe=SAFE)


def bare() -> str:
    """This page's address without arguments, unless that would lead the person to a saved view."""
    return f"{_own_path()}?{PLAIN}=1" if g.get(LED) else _own_path()


def without_filters(view: Any) -> str:
    """This list from its start with nothing searched for; order and columns stay."""
    return here(without=("_flt_", *place_names(type(view).__name__)), q=None)


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
    query = query_of((key, value) for key, value in arguments.items(multi=True) if value is not None)
    return f"{_own_path()}?{query}" if query else bare()


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
