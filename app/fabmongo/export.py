"""Every row of a list as CSV or XLSX: the list's own scope, filters and order, read and written piece by piece."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

import xlsxwriter
from flask import Response, abort, flash, redirect, request, send_file, session, stream_with_context, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.fabmongo import arguments, chooser, export_log
from app.fabmongo.cells import Cell, Row, Table, chunks
from app.fabmongo.files import FILES
from app.fabmongo.formats import formats
from app.fabmongo.labels import T
from app.fabmongo.query import Query
from app.fabmongo.safe_text import formula_safe

XLSX_ROWS = 1_048_575
"""What a sheet holds below its header."""
XLSX_TEXT = 32_767
"""Characters a cell of a sheet holds."""
EXACT_INTEGER = 2**53
"""Up to here a sheet, which knows floats only, keeps an integer's digits."""
BOM = "\ufeff"  # without it Excel reads Thai in the wrong encoding
CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def csv_pieces(head: list[str], blocks: Iterable[list[Row]]) -> Iterator[str]:
    """Text of the file: BOM and header, then a piece for each block of rows."""
    out = io.StringIO()
    writer = csv.writer(out)
    out.write(BOM)
    for block in chain([[tuple[Cell, ...](head)]], blocks):
        writer.writerows([formula_safe(cell) if cell.__class__ is str else cell for cell in row] for row in block)
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def write_xlsx(out: BinaryIO, title: str, head: list[str], blocks: Iterable[list[Row]]) -> None:
    """A workbook of one sheet, row by row; every text is a string cell, so nothing in it is a formula."""
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']+", " ", title).strip()[:31] or None)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(len(head) - 1, 0), 18)
        bold = book.add_format({"bold": True})
        for column, text in enumerate(head):
            sheet.write_string(0, column, text[:XLSX_TEXT], bold)
        for line, row in enumerate(chain.from_iterable(blocks), start=1):
            for column, cell in enumerate(row):
                _write_cell(sheet, line, column, cell)


def _write_cell(sheet: Any, line: int, column: int, cell: Cell) -> None:
    if cell == "":
        return
    if isinstance(cell, str):
        sheet.write_string(line, column, cell[:XLSX_TEXT])
    elif math.isfinite(cell) and abs(float(cell)) <= EXACT_INTEGER:
        sheet.write_number(line, column, cell)
    else:
        sheet.write_string(line, column, str(cell))


class ExportMixin(export_log.ExportLogMixin):
    """The route /export of a MongoModelView, for whoever may list.

    Columns chosen on the list are those of the file, in that order. Otherwise `export_columns` may name them; without
    it they are the list's and then those of the generic show page, if the person may open it. Formatters of the list
    make HTML and are not asked.
    """

    datamodel: Any
    endpoint: Any
    route_base: Any
    list_title: Any
    list_columns: Any
    show_columns: Any
    label_columns: Any
    may: Any
    _filters: Any
    _base_filters: Any
    export_columns: list[str] | None = None

    @expose("/export", methods=["GET"])
    @has_access
    @permission_name("list")
    def export(self) -> Any:
        """`?format=csv` (the default) or `xlsx`, and the list's own arguments."""
        suffix = request.args.get("format", CSV)
        if suffix not in TYPES:
            abort(404)
        query = self._wanted()
        if query is None or (suffix == XLSX and self._too_long(query)):
            return redirect(_with_arguments(url_for(f"{self.endpoint}.list")))
        names = self._exported()
        head = [str(self.label_columns.get(name, name)) for name in names]
        blocks = chunks(self.datamodel, query, arguments.order_of(self), Table(self.datamodel, names))
        noted = export_log.begin(self.datamodel.obj, self.endpoint, suffix, names, self._filters.filters)
        blocks = export_log.counted(noted, blocks)
        # Read before the answer begins: what the database refuses becomes an error page, not half a file.
        first = list(islice(blocks, 1))
        if suffix == XLSX:
            return self._named(_workbook(str(self.list_title), head, chain(first, blocks)), suffix)
        pieces = stream_with_context(csv_pieces(head, chain(first, blocks)))
        return self._named(Response(pieces, content_type=TYPES[CSV]), suffix)

    def export_url(self, suffix: str) -> str:
        """The address of this list's export, with the arguments of the page it stands on."""
        return _with_arguments(url_for(f"{self.endpoint}.export"), format=suffix)

    def _wanted(self) -> Query | None:
        """The list's query; None where a filter cannot be met, which the list will say."""
        filters, told = self._filters, list(session.get("_flashes", ()))
        if arguments.read_filters(filters):
            query: Query = self.datamodel.scoped(filters.get_joined_filters(self._base_filters))
            return query
        session["_flashes"] = told  # the list reads the same arguments and would say it twice
        return None

    def _too_long(self, query: Query) -> bool:
        if query.empty:
            return False
        collection = self.datamodel.obj._get_collection()
        if collection.count_documents(query.filter, limit=XLSX_ROWS + 1) <= XLSX_ROWS:
            return False
        flash(str(TOO_LONG), "warning")
        return True

    def _exported(self) -> list[str]:
        names = chooser.chosen(self) or self.export_columns or [*self.list_columns, *chooser.page_columns(self)]
        return [name for name in dict.fromkeys(names) if self.datamodel.kind(name) not in FILES]

    def _named(self, response: Response, suffix: str) -> Response:
        """The response as a download with an ASCII name and one with the list's title and the day."""
        today = (datetime.now(UTC) + formats().utc_offset).date()
        name = re.sub(r'[\s\\/:*?"<>|\x00-\x1f]+', "-", f"{self.list_title} {formats().format_date(today)}").strip("-")
        plain = re.sub(r"[^a-z0-9]+", "-", str(self.route_base).lower()).strip("-") or "export"
        response.headers.set(
            "Content-Disposition", "attachment", filename=f"{plain}-{today.isoformat()}.{suffix}",
            **{"filename*": f"UTF-8''{quote(f'{name}.{suffix}')}"},
        )  # fmt: skip
        return response


def _with_arguments(address: str, **more: str) -> str:
    """An address with this request's arguments but those of paging and format."""
    # Not through url_for's own arguments, among which a request could name another host.
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name != "format" and not name.startswith(("page_", "psize_", arguments.CURSOR))
    ]
    query = urlencode([*kept, *more.items()])
    return f"{address}?{query}" if query else address


def _workbook(title: str, head: list[str], blocks: Iterable[list[Row]]) -> Response:
    out = TemporaryFile()  # noqa: SIM115 - the server closes it when the last byte is sent
    write_xlsx(out, title, head, blocks)
    out.seek(0)
    return send_file(out, mimetype=TYPES[XLSX])


TOO_LONG = T(
    "ไฟล์ XLSX เก็บได้ไม่เกิน 1,048,575 แถว แต่รายการนี้มีมากกว่านั้น โปรดกรองให้น้อยลง หรือดาวน์โหลดเป็น CSV ซึ่งไม่จำกัดจำนวนแถว",
    "An XLSX file holds at most 1,048,575 rows and this list has more. Narrow it by filters, or download CSV, "
    "which has no limit.",
)
