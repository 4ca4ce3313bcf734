"""The page of a list that its address asks for: by key where a link brought a cursor, else by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request

from app.fabmongo import arguments
from app.fabmongo.keyset import BadCursor, Place, cursor_of, place_of
from app.fabmongo.rows import Page

LONGEST = 600
"""Characters of a cursor in an address; where the boundary row's value makes it longer, the link goes by number."""


def read(view: Any, columns: Sequence[str], filters: Any, order: tuple[str, str], number: int, size: int) -> Page:
    """The page of a view's list that the request asks for."""
    at = place(view, order, number, size)
    page: Page = view.datamodel.rows(columns, filters, *order, page=number, page_size=size, place=at)
    return page


def place(view: Any, order: tuple[str, str], number: int, size: int) -> Place | None:
    """Where the request's cursor for a view's list points; None without one, or with one of another list."""
    cursor = request.args.get(arguments.CURSOR + type(view).__name__)
    if not cursor or not view.datamodel.pages_by_key(*order):
        return None
    try:
        return place_of(cursor, view.datamodel.sort_keys(*order), _bound(view, number, size))
    except BadCursor:
        return None  # The number says which page is meant.


def cursors(view: Any, order: tuple[str, str], page: Page, size: int) -> dict[str, str]:
    """The cursors `prev_at` and `next_at` for the links beside a page, "" where there are none."""
    return {
        "prev_at": _cursor(view, order, page, size, back=True) if page.before else "",
        "next_at": _cursor(view, order, page, size, back=False) if page.after else "",
    }


def _cursor(view: Any, order: tuple[str, str], page: Page, size: int, back: bool) -> str:
    if page.ends is None:
        return ""
    bound = _bound(view, max(page.number - 1, 0) if back else page.number + 1, size)
    cursor = cursor_of(page.ends[0 if back else 1], view.datamodel.sort_keys(*order), bound, back)
    return cursor if len(cursor) <= LONGEST else ""


def _bound(view: Any, number: int, size: int) -> list[Any]:
    """What a cursor belongs to: this list of this record's page, with these filters, this size and this number."""
    asked = sorted(pair for pair in request.args.items(multi=True) if pair[0] == "q" or pair[0].startswith("_flt_"))
    return [type(view).__name__, request.path, asked, size, number]
