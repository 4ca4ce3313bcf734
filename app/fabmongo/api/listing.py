"""A list as it is asked for: plain parameters or Flask-AppBuilder's rison, each filter inside the scope."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import prison  # type: ignore[import-untyped]
from flask import request

from app.fabmongo.api.answers import ApiError
from app.fabmongo.api.parsing import stored_moment
from app.fabmongo.errors import BadValue
from app.fabmongo.filter_base import two_ends
from app.fabmongo.formats import formats
from app.fabmongo.keyset import BadCursor, Keys, beside, cursor_of, place_of
from app.fabmongo.labels import T
from app.fabmongo.query import Query
from app.fabmongo.search import words_clause
from app.fabmongo.values import DAY, stretch

PAGE_SIZE = 25
MAX_PAGE_SIZE = 100
LONGEST = 200
"""Characters of a filter's value: MongoDB refuses patterns that are far longer."""
FILTER = re.compile(r"filter\[(\w{1,80})\]\[(\w{1,20})\]\Z", re.ASCII)
PLAIN = {"q", "search", "order", "page_size", "cursor", "columns", "_l_"}
RISON = {"filters", "order_column", "order_direction", "page", "page_size", "columns", "select_columns"}
MOMENT = re.compile(r"[-\d]{10}[T ]\d\d:\d\d(?P<s>:\d\d(?P<part>\.\d{1,6})?)?(?:Z|[-+]\d\d:?\d\d)?", re.ASCII)
UNITS = (timedelta(minutes=1), timedelta(seconds=1), timedelta(milliseconds=1))
ISO_DAY = T("ต้องเป็นวันที่ ค.ศ. เช่น 2024-06-10", "Must be a date such as 2024-06-10.")
ISO_MOMENT = T(
    "ต้องเป็นวันที่หรือเวลา ค.ศ. เช่น 2024-06-10 หรือ 2024-06-10T08:30:00Z",
    "Must be a date or a moment such as 2024-06-10 or 2024-06-10T08:30:00Z.",
)
SAME = {"eq": ("rel_o_m", "rel_m_m"), "neq": ("nrel_o_m",)}
"""Plain names for what Flask-AppBuilder calls differently on references."""


@dataclass
class Asked:
    """What a request asks of a list; nothing in it has been checked against the columns yet."""

    filters: list[tuple[str, str, list[str]]] = field(default_factory=list)
    search: str = ""
    order: str = ""
    page_size: int = PAGE_SIZE
    cursor: str = ""
    columns: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """The column that rows are ordered by before their key, "asc" or "desc", and the keys that this means."""

    column: str
    direction: str
    keys: Keys

    def next_cursor(self, raw: Any, resource: str) -> str:
        """The cursor of the page that follows the stored row `raw`."""
        return cursor_of(raw, self.keys, ["api", resource])

    def after(self, query: Query, cursor: str, resource: str) -> Query:
        """`query` from where the cursor points; raises ApiError(400) on one that is not of this list."""
        try:
            return beside(query, self.keys, place_of(cursor, self.keys, ["api", resource]))
        except BadCursor:
            text = T("cursor นี้ไม่ใช่ของรายการนี้", "This cursor does not belong to this list and order.")
            raise ApiError(400, text, {"cursor": text}) from None


def bad(name: str, th: str, en: str) -> ApiError:
    """A 400 about one parameter."""
    text = T("{name}: " + th, "{name}: " + en, name=name)
    return ApiError(400, text, {name: text})


def read_list_request() -> Asked:
    """The list this request asks for; raises ApiError(400) on what it cannot mean."""
    asked = Asked()
    if request.args.get("q"):
        _read_rison(asked, request.args["q"])
    for name in request.args:
        match = FILTER.match(name)
        if match:
            asked.filters.append((match[1], match[2], request.args.getlist(name)))
        elif name not in PLAIN:
            raise bad(name[:80], "ไม่มีพารามิเตอร์นี้", "there is no such parameter.")
    asked.search = request.args.get("search", "")
    asked.order = request.args.get("order", asked.order)
    asked.cursor = request.args.get("cursor", "")
    if "page_size" in request.args:
        asked.page_size = _size(request.args["page_size"])
    if "columns" in request.args:
        asked.columns = [name for name in request.args["columns"].split(",") if name]
    return asked


def _size(value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise bad("page_size", "ต้องเป็น 1 ถึง 100", "must be 1 to 100.")
    return int(text)


def _read_rison(asked: Asked, text: str) -> None:
    """Flask-AppBuilder's `q`: filters [{col, opr, value}], order_column, order_direction, page_size, columns."""
    try:
        given = prison.loads(text)
    except Exception:
        # Its parser raises whatever it stumbles over.
        raise bad("q", "ไม่ใช่ rison", "not rison.") from None
    if not isinstance(given, dict):
        raise bad("q", "ต้องเป็นวัตถุ", "must be an object.")
    strange = [str(name) for name in given if name not in RISON]
    if strange or given.get("page") not in (None, 0):
        raise bad("q", "มีส่วนที่ไม่รู้จัก หน้าต่อไปใช้ cursor", "holds an unknown part; further pages go by cursor.")
    filters, columns = given.get("filters") or [], given.get("columns") or given.get("select_columns") or []
    if not isinstance(filters, list) or not isinstance(columns, list):
        raise bad("q", "filters และ columns ต้องเป็นรายการ", "filters and columns must be lists.")
    asked.filters += [_rison_filter(one) for one in filters]
    asked.columns = [str(name) for name in columns]
    if given.get("order_column"):
        down = given.get("order_direction") == "desc"
        asked.order = ("-" if down else "") + str(given["order_column"])
    if given.get("page_size") is not None:
        asked.page_size = _size(given["page_size"])


def _rison_filter(one: Any) -> tuple[str, str, list[str]]:
    if not isinstance(one, dict) or set(one) - {"col", "opr", "value"} or not {"col", "opr"} <= set(one):
        raise bad("q", "ตัวกรองต้องมี col, opr, value", "a filter is an object of col, opr and value.")
    value = one.get("value")
    values = value if isinstance(value, list) else [value]
    if any(isinstance(part, (dict, list)) for part in values):
        raise bad(str(one["col"])[:80], "ค่าต้องเป็นข้อความหรือตัวเลข", "the value must be text or a number.")
    return str(one["col"]), str(one["opr"]), [_as_text(part) for part in values]


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def order_of(asked: Asked, interface: Any, orderable: list[str], default: tuple[str, str]) -> Order:
    """The order asked for, else the default (column, "asc" or "desc"), else by key."""
    column, direction = asked.order.removeprefix("-"), "desc" if asked.order.startswith("-") else "asc"
    if not column:
        column, direction = default[0] or interface.get_pk_name(), default[1] or "asc"
    elif column not in orderable:
        raise bad("order", "เรียงตามช่องนี้ไม่ได้", "this column is none to order by.")
    return Order(column, direction, interface.sort_keys(column, direction))


def narrowed(query: Query, asked: Asked, offered: dict[str, list[Any]], document: Any) -> Query:
    """`query` with the filters and the search words asked for; raises ApiError(400)."""
    for column, name, values in asked.filters:
        flt = _filter(offered.get(column, []), name)
        if flt is None:
            raise bad(f"filter[{column}][{name}]", "ไม่มีตัวกรองนี้", "there is no such filter.")
        try:
            query = _applied(query, flt, values)
        except BadValue as error:
            raise ApiError(400, error.text, {column: error.text}) from None
        except (ValueError, TypeError, ArithmeticError, AttributeError):
            raise bad(column, "ค่านี้ใช้กับตัวกรองไม่ได้", "this value cannot be compared.") from None
    if asked.search:
        if len(asked.search) > LONGEST or not getattr(document, "search_fields", ()):
            raise bad("search", "ค้นหาแบบนี้ไม่ได้", "cannot be searched for here.")
        query = query.where(words_clause(document, asked.search))
    return query


def _filter(offered: list[Any], name: str) -> Any:
    """The filter of a column called `name`, by Flask-AppBuilder's word or its plain synonym."""
    names = (name, *SAME.get(name, ()))
    return next((flt for flt in offered if flt.arg_name in names), None)


def _applied(query: Query, flt: Any, values: list[str]) -> Query:
    if not flt.takes_value:
        return flt.apply(query, "")
    if any(value == "" or len(value) > LONGEST * 20 for value in values):
        raise BadValue(T("ต้องมีค่า และไม่ยาวเกินไป", "Needs a value, and not too long a one."))
    if flt.arg_name in ("sw", "ct", "nct") and any(len(value) > LONGEST for value in values):
        raise BadValue(T("ข้อความยาวเกินไป", "The text is too long."))
    wanted = [_typed(flt, value) for value in values]
    return flt.apply(query, wanted[0]) if len(wanted) == 1 else flt.apply_many(query, wanted)


def _typed(flt: Any, text: str) -> Any:
    """A day or a moment in ISO form, whatever form people type on the pages; every other value stays text."""
    if flt.datamodel.kind(flt.column_name) not in ("date", "datetime"):
        return text
    return [_span(flt, part) for part in two_ends(text)] if flt.arg_name == "bt" else _span(flt, text.strip())


def _span(flt: Any, text: str) -> Any:
    """A whole day, or as long a stretch as the moment is exact: a minute, a second or a millisecond."""
    is_moment = flt.datamodel.kind(flt.column_name) == "datetime"
    try:
        if is_moment and len(text) > len("2024-06-10"):
            found = MOMENT.fullmatch(text)
            if not found:
                raise ValueError(text)
            return stretch(flt.field, stored_moment(text), UNITS[bool(found["s"]) + bool(found["part"])])
        start = datetime.combine(date.fromisoformat(text), time())
        # A day of a moment is the people's day, as in the filters of the pages.
        return stretch(flt.field, start - formats().utc_offset if is_moment else start, DAY)
    except (ValueError, OverflowError):
        raise BadValue(ISO_MOMENT if is_moment else ISO_DAY) from None
