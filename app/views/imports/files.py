"""The files that an import leaves: what was written, and what was refused, to be mended and sent again."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import quote

from flask import Response, abort, send_file, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.documents.imports import ImportRun
from app.documents.students import Student
from app.fabmongo import export_log
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.services.imports.actors import check_keeps
from app.services.imports.results import rows_in
from app.views.imports import calls

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {
    "accepted": (T("แถวที่บันทึกแล้ว", "Rows that were written"), "นำเข้าแล้ว"),
    "refused": (T("แถวที่รับไม่ได้ พร้อมเหตุผล", "Refused rows with the reasons"), "รับไม่ได้"),
}
HINTS = {
    "accepted": T("มีรหัสของนักเรียนแต่ละคนในระบบ", "With each student's key in LEC."),
    "refused": T("รูปแบบเดียวกับไฟล์เดิม แก้ไขแล้วส่งเข้ามาใหม่ได้เลย", "In the layout of your file: mend it and send it again."),
}


def results(run: ImportRun) -> list[dict[str, Any]]:
    """The files of a run that have something in them."""
    if run.cleared_on:
        return []
    there = {kind: rows_in(run, kind) for kind in KINDS}
    return [
        {"label": KINDS[kind][0], "hint": HINTS[kind], "rows": number,
         "url": url_for(f".{kind}", pk=run.pk)}
        for kind, number in there.items() if number
    ]  # fmt: skip


class ResultFilesMixin:
    """Two downloads, for whoever may import: they hold whole ID numbers, as the roster's own form does."""

    _reachable: Any

    @expose("/<pk>/accepted", methods=["GET"])
    @has_access
    @permission_name("add")
    def accepted(self, pk: str) -> Any:
        return self._result(self._reachable(pk), "accepted")

    @expose("/<pk>/refused", methods=["GET"])
    @has_access
    @permission_name("add")
    def refused(self, pk: str) -> Any:
        return self._result(self._reachable(pk), "refused")

    @expose("/<pk>/original", methods=["GET"])
    @has_access
    @permission_name("add")
    def original(self, pk: str) -> Any:
        """The file as it was sent, as long as it is kept."""
        run = self._reachable(pk)
        check_keeps(current_actor(), run._stored)
        if run.cleared_on or not run.file:
            abort(404)
        noted = export_log.begin(Student, "RosterImportView", Path(run.file_name or "").suffix[1:5], ["original"], [])
        response = send_file(run.file.get(), mimetype="application/octet-stream", max_age=0)
        export_log.finished(noted, run.rows or 0)
        return _named(response, "import_original", run.file_name or "file")

    def _result(self, run: ImportRun, kind: str) -> Any:
        check_keeps(current_actor(), run._stored)
        if not any(one["url"].endswith(f"/{kind}") for one in results(run)):
            abort(404)
        noted = export_log.begin(Student, "RosterImportView", "xlsx", [kind], [])
        out = TemporaryFile()  # noqa: SIM115 - the server closes it when the last byte is sent
        (calls.write_accepted if kind == "accepted" else calls.write_refused)(run, out)
        export_log.finished(noted, rows_in(run, kind))
        out.seek(0)
        stem = (run.file_name or "file").rpartition(".")[0] or "file"
        response = send_file(out, mimetype=XLSX, max_age=0)
        return _named(response, f"import_{kind}.xlsx", f"{KINDS[kind][1]}_{stem}.xlsx")


def _named(response: Response, plain: str, name: str) -> Response:
    """The response as a download that no cache keeps, with an ASCII file name and its own one."""
    response.headers.set("Content-Disposition", "attachment", filename=plain, **{"filename*": f"UTF-8''{quote(name)}"})
    response.headers["Cache-Control"] = "private, no-store"
    return response
