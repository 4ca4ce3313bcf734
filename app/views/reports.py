"""Count reports: the list of runs, asking for one, its page with progress, table and chart, and its downloads."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any
from urllib.parse import quote

from flask import Response, abort, flash, jsonify, redirect, request, send_file, stream_with_context, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_login import current_user

from app.documents.reports import ReportRun
from app.documents.rounds import Round
from app.enums import Level, RunState
from app.errors import Problem
from app.fabmongo.display import enum_label
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T, language
from app.fabmongo.scope import Area
from app.formats import day_text, moment_text
from app.headers import csp_nonce
from app.reports import chart, csv, tables, titles, tree, xlsx
from app.reports.rows import Head, Row
from app.services import reports
from app.views.base import LecView

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATUS = {"invalid": 400, "forbidden": 403, "not_found": 404, "conflict": 409}
ACTIVE = (RunState.WAITING, RunState.RUNNING)


class ReportView(LecView):
    """Runs of the person's area; a run out of reach does not exist."""

    datamodel = MongoInterface(ReportRun)
    route_base = "/reports"
    menu_label = T("รายงานจำนวนนักเรียน", "Count reports")
    add_label = T("จัดทำรายงานใหม่", "New report")
    lead = T(
        "จำนวนนักเรียน ณ วันที่ของรอบ แยกตามสถานศึกษา ชั้น และเพศ รวมถึงระดับ อปท. อำเภอ จังหวัด และประเทศ",
        "Students as at the round's census date by school, grade and sex, summed up to the country.",
    )
    empty_text = T("ยังไม่มีรายงาน กด “จัดทำรายงานใหม่” เพื่อเริ่ม", "No reports yet. Press “New report” to begin.")
    base_permissions = ["can_list", "can_show", "can_add"]
    exclude_route_methods = {"edit", "delete"}
    list_columns = ["area_name", "round", "state", "requested_by", "requested_on", "total"]
    search_columns = ["round", "state", "level", "requested_by", "requested_on", "province", "district", "lao"]
    base_order = ("requested_on", "desc")
    formatters_columns = {"total": lambda number: f"{number:,}" if isinstance(number, int) else "–"}

    # -- asking ----------------------------------------------------------------------------

    @expose("/new", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """The form; a good one starts the run and leads to its page."""
        if request.method == "GET":
            return self._form({"round": _latest_round(), "area": ""}, {})
        values = {"round": request.form.get("round", ""), "area": request.form.get("area", "")}
        try:
            run = reports.request_report(current_user, values["round"], _area(values["area"]))
        except Problem as problem:
            return self._form(values, {problem.field or "": str(T(problem.th, problem.en))}), STATUS[problem.kind]
        return redirect(url_for(".show", pk=run.pk))

    def _form(self, values: dict[str, str], errors: dict[str, str]) -> str:
        area = _area(values["area"])
        place = reports.find_place(area.level, area.codes.get(area.level, ""))
        rounds = [{"value": row.code, "label": f"{row} ({day_text(row.census_date)})"} for row in Round.objects]
        text: str = self.render_template(
            "reports/new.html",
            rounds=rounds,
            values=values,
            errors=errors,
            area_url=url_for(".areas"),
            areas=[{"value": place.key, "label": _place_text(place)}] if place else [],
            action_url=url_for(".add"),
            list_url=url_for(".list"),
        )
        return text

    @expose("/areas", methods=["GET"])
    @has_access
    @permission_name("add")
    def areas(self) -> Any:
        """Choices of the form's area select, inside the person's own area."""
        found = reports.search_places(current_user.area, request.args.get("q", "")[:100])
        return jsonify(results=[{"id": place.key, "text": _place_text(place)} for place in found])

    # -- one run ---------------------------------------------------------------------------

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        run = self._reachable(pk)
        finished = _finished(run) if run.state is RunState.DONE else {}
        self.update_redirect()
        return self.render_template("reports/show.html", run=self._run(run), pk=pk, **finished)

    @expose("/<pk>/progress", methods=["GET"])
    @has_access
    @permission_name("show")
    def progress(self, pk: str) -> Any:
        """The part of the page that changes; once the run has ended it tells the page to load anew."""
        run = {**self._run(self._reachable(pk)), "just_finished": True}
        return self.render_template("reports/_progress.html", run=run)

    @expose("/<pk>/cancel", methods=["POST"])
    @has_access
    @permission_name("add")
    def cancel(self, pk: str) -> Any:
        if not reports.cancel_report(current_user, self._reachable(pk)):
            flash(str(T("รายงานนี้จบไปก่อนแล้ว", "This report had already ended.")), "info")
        return redirect(url_for(".show", pk=pk))

    @expose("/<pk>/again", methods=["POST"])
    @has_access
    @permission_name("add")
    def again(self, pk: str) -> Any:
        """A new run of the same round and area."""
        raw = self._reachable(pk).to_mongo()
        area = Area(raw["level"], {raw["level"]: raw.get(f"{raw['level']}_code", "")})
        return redirect(url_for(".show", pk=reports.request_report(current_user, raw["round_code"], area).pk))

    @expose("/<pk>/children", methods=["GET"])
    @has_access
    @permission_name("show")
    def children(self, pk: str) -> Any:
        """Table rows one level below the place at `?parent=`."""
        run = self._done(pk)
        parent = tables.row_at(run, request.args.get("parent", ""))
        if parent is None:
            abort(404)
        return self.render_template("reports/_rows.html", rows=_below(run, parent), pk=pk)

    # -- downloads -------------------------------------------------------------------------

    @expose("/<pk>/xlsx", methods=["GET"])
    @has_access
    @permission_name("show")
    def xlsx_file(self, pk: str) -> Any:
        run = self._done(pk)
        head = tables.head(run)
        out = TemporaryFile()  # noqa: SIM115 - the server closes it when the last byte is sent
        xlsx.write(out, head, tables.areas(run), tables.schools(run))
        out.seek(0)
        return _named(send_file(out, mimetype=XLSX), head, "xlsx")

    @expose("/<pk>/csv", methods=["GET"])
    @has_access
    @permission_name("show")
    def csv_file(self, pk: str) -> Any:
        run = self._done(pk)
        head = tables.head(run)
        text = stream_with_context(csv.stream(head, tables.schools(run)))
        return _named(Response(text, content_type="text/csv; charset=utf-8"), head, "csv")

    # -- parts -----------------------------------------------------------------------------

    def _done(self, pk: str) -> ReportRun:
        run: ReportRun = self._reachable(pk)
        if run.state is not RunState.DONE:
            raise Problem(
                "รายงานนี้ยังไม่เสร็จ โปรดเปิดหน้ารายงานเพื่อดูความคืบหน้า",
                "This report is not finished. Open its page to see how far it is.",
                kind="conflict",
            )
        return run

    def _run(self, run: ReportRun) -> dict[str, Any]:
        active = run.state in ACTIVE
        return {
            "title": T("รายงานจำนวนนักเรียน {area}", "Count report: {area}", area=run.area_name),
            "area": " ".join([run.area_name, *reversed(run.above)]),
            "round": run.round, "census_date": day_text(run.census_date),
            "started_by": run.requested_by, "started_at": moment_text(run.requested_on),
            "finished_at": moment_text(run.finished_on) if run.finished_on else "",
            "state": str(run.state), "state_label": enum_label(run.state), "error": run.error,
            "active": active, "done": run.progress_done or 0, "total": run.progress_total, "step": _step(run),
            "progress_url": url_for(".progress", pk=run.pk), "list_url": url_for(".list"),
            "cancel_url": url_for(".cancel", pk=run.pk) if active and not run.cancel_requested and self.may("add") else "",
            "again_url": url_for(".again", pk=run.pk) if self.may("add") else "",
        }  # fmt: skip


def _step(run: ReportRun) -> Any:
    if run.cancel_requested:
        return T("กำลังยกเลิก", "Cancelling")
    return T("รอคิวงาน", "Waiting in the queue") if run.state is RunState.WAITING else T("กำลังนับ", "Counting")


def _finished(run: ReportRun) -> dict[str, Any]:
    """Totals, table, chart and downloads; of the table only the report's own area and the level below it."""
    head = tables.head(run)
    if head.top is None or not head.top.schools:
        return {"totals": None, "nothing": True}
    top = head.top
    files = [("XLSX", ".xlsx_file"), ("CSV", ".csv_file")]
    return {
        "totals": {"boys": top.male, "girls": top.female, "total": top.total, "schools": top.schools,
                   "missing": top.schools_missing},
        "rows": [*tree.lines([top], top.path), *_below(run, top)],
        "chart_svg": _chart(head, top) if top.counts else "",
        "downloads": [{"label": label, "url": url_for(name, pk=run.pk)} for label, name in files],
    }  # fmt: skip


def _below(run: ReportRun, row: Row) -> list[tree.TreeRow]:
    top = tables.top_path(run)
    return tree.grades(row, top) if row.level is Level.SCHOOL else tree.lines(tables.children(run, row.path), top)


def _chart(head: Head, top: Row) -> str:
    title = T("จำนวนนักเรียนตามชั้น {area}", "Students by grade: {area}", area=head.area_name)
    labels = (str(T("ชาย", "Boys")), str(T("หญิง", "Girls")))
    return chart.by_grade(top.counts, str(title), labels, csp_nonce(), language() == "th")


def _named(response: Response, head: Head, suffix: str) -> Response:
    ascii_name, thai_name = titles.file_names(head, suffix)
    response.headers.set(
        "Content-Disposition", "attachment", filename=ascii_name, **{"filename*": f"UTF-8''{quote(thai_name)}"}
    )
    return response


def _area(key: str) -> Area:
    """The area of a form value "lao:5301401"; the person's own without one."""
    if not key:
        own: Area = current_user.area or Area("country")
        return own
    level, _, code = key.partition(":")
    return Area(level, {level: code})


def _place_text(place: reports.Place) -> str:
    if place.level is Level.COUNTRY:
        return str(T(Level.COUNTRY.th, Level.COUNTRY.en))
    return f"{place.name} ({place.code}) {place.hint}".strip()


def _latest_round() -> str:
    newest = Round.objects.first()
    return str(newest.code) if newest else ""
