"""Count reports: the list of runs, asking for one, its page with progress, table and chart, and its downloads."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

from flask import (
    Response,
    abort,
    flash,
    jsonify,
    redirect,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_login import current_user

from app.documents.reports import ReportRun
from app.documents.rounds import Round
from app.enums import Level, RunState
from app.errors import Problem
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.scope import Area
from app.formats import day_text
from app.reports import csv, tables, xlsx
from app.services import areas, reports
from app.views.base import LecView
from app.views.reports import pages

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATUS = {"invalid": 400, "forbidden": 403, "not_found": 404, "conflict": 409}


def _number_text(number: object) -> str:
    return f"{number:,}" if isinstance(number, int) else "–"


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
    list_columns = ["area_name", "round", "state", "requested_by", "requested_on", "total", "unverified"]
    search_columns = ["round", "state", "level", "requested_by", "requested_on", "province", "district", "lao"]
    base_order = ("requested_on", "desc")
    formatters_columns = dict.fromkeys(("total", "unverified"), _number_text)

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
        place = areas.find_place_inside(current_user.area, area.level, area.codes.get(area.level, ""))
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
        found = areas.search_places(current_user.area, request.args.get("q", "")[:100])
        return jsonify(results=[{"id": place.key, "text": _place_text(place)} for place in found])

    # -- one run ---------------------------------------------------------------------------

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        run = self._reachable(pk)
        result = pages.finished(run) if run.state is RunState.DONE and not run.cleared_on else {}
        self.update_redirect()
        return self.render_template("reports/show.html", run=pages.about(run, self.may("add")), pk=pk, **result)

    @expose("/<pk>/progress", methods=["GET"])
    @has_access
    @permission_name("show")
    def progress(self, pk: str) -> Any:
        """The part of the page that changes; once the run has ended it tells the page to load anew."""
        run = {**pages.about(self._reachable(pk), self.may("add")), "just_finished": True}
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
        return self.render_template("reports/_rows.html", rows=pages.below(run, parent), pk=pk)

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
        return pages.named(send_file(out, mimetype=XLSX), head, "xlsx")

    @expose("/<pk>/csv", methods=["GET"])
    @has_access
    @permission_name("show")
    def csv_file(self, pk: str) -> Any:
        run = self._done(pk)
        head = tables.head(run)
        text = stream_with_context(csv.stream(head, tables.schools(run)))
        return pages.named(Response(text, content_type="text/csv; charset=utf-8"), head, "csv")

    # -- parts -----------------------------------------------------------------------------

    def _done(self, pk: str) -> ReportRun:
        run: ReportRun = self._reachable(pk)
        if run.state is not RunState.DONE:
            raise Problem(
                "รายงานนี้ยังไม่เสร็จ โปรดเปิดหน้ารายงานเพื่อดูความคืบหน้า",
                "This report is not finished. Open its page to see how far it is.",
                kind="conflict",
            )
        if run.cleared_on is not None:
            raise Problem(
                "แถวของรายงานนี้ถูกลบตามกำหนดเวลาเก็บรักษาแล้ว โปรดเปิดหน้ารายงานแล้วกด “จัดทำใหม่”",
                "The rows of this report were removed, as the time of keeping says. Build it again from its page.",
                kind="conflict",
            )
        return run


def _area(key: str) -> Area:
    """The area of a form value "lao:5301401"; the person's own without one."""
    if not key:
        own: Area = current_user.area or Area("")
        return own
    level, _, code = key.partition(":")
    return Area(level, {level: code})


def _place_text(place: areas.Place) -> str:
    if place.level is Level.COUNTRY:
        return str(T(Level.COUNTRY.th, Level.COUNTRY.en))
    return f"{place.name} ({place.code}) {place.hint}".strip()


def _latest_round() -> str:
    newest = Round.objects.first()
    return str(newest.code) if newest else ""
