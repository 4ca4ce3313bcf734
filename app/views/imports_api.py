"""Imports of rosters for programs: send a file, poll, read the preview, answer, mend, apply, undo, fetch results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from flask import Response, request, send_file, url_for
from flask_appbuilder.api import expose

from app.documents.imports import ImportRun
from app.documents.students import Student
from app.enums import ImportDeed
from app.errors import Problem
from app.fabmongo import export_log
from app.fabmongo.api.answers import STATUS_OF_KIND, ApiError, plain_error, reply
from app.fabmongo.api.base import endpoint
from app.fabmongo.api.bodies import read_body, refuse_strange
from app.fabmongo.api.filing import NO_FILE, PART
from app.fabmongo.api.listing import MAX_PAGE_SIZE, PAGE_SIZE, bad
from app.fabmongo.api.model import MongoModelRestApi
from app.fabmongo.api.reading import record_json
from app.fabmongo.labels import T
from app.fabmongo.reasons import LONGEST, sent_reason
from app.fabmongo.scope import current_actor
from app.services.imports import deciding, editing, pages, results, uploading
from app.services.imports.actors import check_keeps, keeps
from app.views import imports_docs
from app.views.imports import RosterImportView
from app.views.imports_json import error_of, question_json, row_json, school_json

FORM = ("school", "lao", "layout", "reason")
"""Parts of the upload besides the file."""
MULTIPART = T("ไฟล์ต้องส่งเป็น multipart/form-data", "The file must come as multipart/form-data.")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RESULTS = {"accepted": results.write_accepted, "refused": results.write_refused}
LONGEST_TEXT = 300
"""Characters of a cell that is typed anew."""


class RosterImportApi(MongoModelRestApi):
    """Beside the pages of imports and with their permissions: `can_add` sends and decides, `can_show` reads."""

    view = RosterImportView
    resource_name = "imports"
    list_columns = [
        "file_name", "state", "school", "lao", "rows", "numbers", "applied", "requested_by", "requested_on",
        "applied_on",
    ]  # fmt: skip
    show_columns = [
        "file_name", "file_bytes", "file_kind", "layout", "sheets", "reason", "level", "school", "lao", "district",
        "province", "state", "numbers", "rows", "left_out", "applied", "again", "progress_done", "progress_total",
        "cancel_requested", "requested_by", "requested_on", "applied_by", "applied_on", "undone_by", "undone_on",
        "finished_on",
    ]  # fmt: skip

    def own_paths(self) -> dict[str, Any]:
        return imports_docs.paths()

    def own_schemas(self) -> dict[str, Any]:
        return imports_docs.schemas()

    # -- sending and reading ---------------------------------------------------------------

    @expose("/", methods=["POST"])
    @endpoint("add")
    def post(self) -> Response:
        """Take a file; it is read in the background, and its address tells how far that is."""
        if request.mimetype != "multipart/form-data":
            raise ApiError(415, MULTIPART)
        posted = request.files.get(PART)
        if posted is None or not posted.filename:
            raise ApiError(400, NO_FILE, {PART: NO_FILE})
        refuse_strange(request.form, FORM, FORM)
        sent = {name: request.form.get(name, "").strip() or None for name in FORM}
        sent["reason"] = sent["reason"] or sent_reason() or None
        _check_reason(sent["reason"])
        with _in_words():
            run = uploading.start(current_actor(), posted.filename, cast(BinaryIO, posted.stream), **sent)
        return self._taken(str(run.pk))

    @expose("/<pk>/schools", methods=["GET"])
    @endpoint("show")
    def schools(self, pk: str) -> Response:
        """The schools of an import with their numbers, and their counts by grade before and after."""
        return reply(200, {"result": [school_json(one.to_mongo()) for one in pages.schools(self._reachable(pk))]})

    @expose("/<pk>/rows", methods=["GET"])
    @endpoint("show")
    def rows(self, pk: str) -> Response:
        """One page of rows in the order of the file; `next` is `after` of the next one."""
        run, asked = self._reachable(pk), _asked_rows()
        size = asked.pop("limit")
        found = pages.page(run, **asked, limit=size + 1, open_numbers=self._whole(run))
        following = found[size - 1]["n"] if len(found) > size else None
        return reply(200, {"next": following, "result": [row_json(row) for row in found[:size]]})

    @expose("/<pk>/files/<kind>", methods=["GET"])
    @endpoint("add")
    def get_file(self, pk: str, kind: str) -> Response:
        """The rows written, with their keys in LEC, or the rows refused, in the layout of the file: an XLSX."""
        run = self._reachable(pk)
        if kind not in RESULTS:
            raise plain_error(404)
        out = TemporaryFile()  # noqa: SIM115 - the server closes it when the last byte is sent
        with _in_words():
            check_keeps(current_actor(), run._stored)
            noted = export_log.begin(Student, "RosterImportApi", "xlsx", [kind], [])
            RESULTS[kind](run, out)
        export_log.finished(noted, results.rows_in(run, kind))
        out.seek(0)
        response = send_file(out, XLSX, as_attachment=True, download_name=f"import-{kind}.xlsx", max_age=0)
        response.headers["Cache-Control"] = "private, no-store"
        return response

    # -- deciding --------------------------------------------------------------------------

    @expose("/<pk>/columns", methods=["POST"])
    @endpoint("add")
    def columns(self, pk: str) -> Response:
        """Say what the columns are; the file is read again."""
        run, body = self._reachable(pk), read_body()
        refuse_strange(body, ("sheets", "save_as"), ("sheets", "save_as"))
        sheets, name = _sheets(body.get("sheets")), body.get("save_as")
        if name is not None and not (isinstance(name, str) and 0 < len(name.strip()) <= 80):
            raise bad("save_as", "ต้องเป็นข้อความไม่เกิน 80 ตัวอักษร", "must be a text of at most 80 characters.")
        with _in_words():
            editing.set_columns(current_actor(), run, sheets, save_as=name)
        return self._taken(pk)

    @expose("/<pk>/answers", methods=["POST"])
    @endpoint("add")
    def answers(self, pk: str) -> Response:
        """Answer questions about the whole file; its rows are planned anew."""
        run, body = self._reachable(pk), read_body()
        reason = _reason(body)
        given = _texts("answers", body.pop("answers", None))
        refuse_strange(body, (), ())
        with _in_words():
            editing.answer(current_actor(), run, given, reason=reason)
        return self._taken(pk)

    @expose("/<pk>/rows/<row>", methods=["POST"])
    @endpoint("add")
    def row(self, pk: str, row: str) -> Response:
        """Put one row right, leave it out or take it in again, let it replace what was corrected by hand."""
        run, body = self._reachable(pk), read_body()
        key = self._row_of(run, row)["_id"]
        refuse_strange(body, ("typed", "left_out", "overrule"), ("typed", "left_out", "overrule"))
        for name in ("left_out", "overrule"):
            if name in body and not isinstance(body[name], bool):
                raise bad(name, "ต้องเป็น true หรือ false", "must be true or false.")
        typed = _texts("typed", body["typed"]) if "typed" in body else None
        with _in_words():
            if typed is not None:
                editing.fix_row(current_actor(), run, key, typed)
            if "left_out" in body:
                editing.leave_out(current_actor(), run, [key], body["left_out"])
            if "overrule" in body:
                editing.overrule(current_actor(), run, key, body["overrule"])
        return reply(200, {"id": row, "result": row_json(self._row_of(run, row))})

    @expose("/<pk>/apply", methods=["POST"])
    @endpoint("add")
    def apply(self, pk: str) -> Response:
        """Write what the preview shows, in the background."""
        run, reason = self._reachable(pk), _reason(_optional_body())
        with _in_words():
            deciding.apply(current_actor(), run, reason)
        return self._taken(pk)

    @expose("/<pk>/cancel", methods=["POST"])
    @endpoint("add")
    def cancel(self, pk: str) -> Response:
        """End an import before it is applied, or stop while it is: schools that are written stay written."""
        run = self._reachable(pk)
        _nothing_more(_optional_body())
        with _in_words():
            if not deciding.cancel(current_actor(), run):
                raise plain_error(409)
        return self._taken(pk)

    @expose("/<pk>/undo", methods=["POST"])
    @endpoint("add")
    def undo(self, pk: str) -> Response:
        """Put back what an import changed, as long as nobody has touched its students since."""
        run = self._reachable(pk)
        _nothing_more(_optional_body())
        with _in_words():
            deciding.undo(current_actor(), run)
        return self._taken(pk)

    # -- parts -----------------------------------------------------------------------------

    def _taken(self, pk: str) -> Response:
        """202 and the import as it is now, to be polled at `Location`."""
        response = self._answer(self._reachable(pk), 202)
        response.headers["Location"] = url_for(f"{self.endpoint}.get", pk=pk)
        return response

    def _values(self, item: Any) -> dict[str, Any]:
        values = record_json(ImportRun, item._stored, list(self.show_columns or ()), full=False)
        halted = (item._stored.get("fault") or {}).get("trace")
        return values | {"questions": question_json(item), "error": error_of(item._stored), "halted": halted}

    def _row_of(self, run: Any, key: str) -> dict[str, Any]:
        found = pages.row_of(run, key, open_numbers=self._whole(run))
        if found is None:
            raise plain_error(404)
        return found

    def _whole(self, run: Any) -> bool:
        """Whether this person sees whole ID numbers: as on the roster, who may write it does."""
        return self.may("add") and keeps(current_actor(), run._stored)


@contextmanager
def _in_words() -> Iterator[None]:
    """Turns a Problem of the services into the API's refusal."""
    try:
        yield
    except Problem as problem:
        text = T(problem.th, problem.en)
        fields = {problem.field: text} if problem.field else {}
        raise ApiError(STATUS_OF_KIND.get(problem.kind, 422), text, fields) from None


def _asked_rows() -> dict[str, Any]:
    """Which rows the request asks for, as `editing.page` takes it."""
    known = {"deed", "school", "search", "repaired", "after", "page_size", "_l_"}
    for name in request.args:
        if name not in known:
            raise bad(name[:80], "ไม่มีพารามิเตอร์นี้", "there is no such parameter.")
    deed = request.args.get("deed")
    if deed is not None and deed not in {one.value for one in ImportDeed}:
        raise bad("deed", "ไม่มีผลแบบนี้", "is none of the deeds.")
    return {
        "deed": deed,
        "school": request.args.get("school") or None,
        "words": request.args.get("search", "")[:200],
        "repaired": request.args.get("repaired") in ("1", "true"),
        "after": _number("after", 0, 10**9),
        "limit": max(_number("page_size", PAGE_SIZE, MAX_PAGE_SIZE), 1),
    }


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= most):
        raise bad(name, f"ต้องเป็น 0 ถึง {most}", f"must be 0 to {most}.")
    return int(text)


def _texts(name: str, given: Any) -> dict[str, str]:
    """An object of texts, none of them longer than a cell may be; raises ApiError(400)."""
    good = isinstance(given, dict) and all(
        isinstance(text, str) and len(text) <= LONGEST_TEXT and len(key) <= LONGEST_TEXT for key, text in given.items()
    )
    if not good:
        raise bad(name, "ต้องเป็นวัตถุของข้อความ", "must be an object of texts.")
    return dict(given)


def _sheets(given: Any) -> list[dict[str, Any]]:
    """Sheets as `set_columns` takes them, of JSON in which places of columns are keys; raises ApiError(400)."""
    try:
        return [
            {
                "index": _whole_number(one["index"]), "header": _whole_number(one["header"]),
                "columns": {_whole_number(int(place)): str(field) for place, field in one["columns"].items()},
            }
            for one in given
        ]  # fmt: skip
    except (TypeError, KeyError, ValueError, AttributeError):
        raise bad("sheets", "ต้องเป็นรายการของ index, header, columns", "must be a list of these objects.") from None


def _whole_number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**20:
        raise ValueError(value)
    return value


def _optional_body() -> dict[str, Any]:
    return read_body() if request.get_data(cache=True) else {}


def _reason(body: dict[str, Any]) -> str | None:
    """The reason of a request, taken out of its body; what else is there is refused, but for answers."""
    reason = sent_reason(body) or None
    _nothing_more({name: value for name, value in body.items() if name != "answers"})
    _check_reason(reason)
    return reason


def _check_reason(reason: str | None) -> None:
    if reason and len(reason) > LONGEST:
        raise bad("reason", f"ยาวเกิน {LONGEST} ตัวอักษร", f"is longer than {LONGEST} characters.")


def _nothing_more(body: dict[str, Any]) -> None:
    refuse_strange(body, (), ())
