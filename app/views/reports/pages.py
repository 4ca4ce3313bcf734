"""What the report's templates are given: a run's facts, a finished run's numbers, and named downloads."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, current_app, url_for

from app.documents.reports import ReportRun
from app.enums import Caution, Level, RunState
from app.fabmongo.display import enum_label
from app.fabmongo.labels import T, language
from app.formats import day_text, moment_text
from app.reports import chart, tables, titles, tree
from app.reports.rows import Head, Row


def about(run: ReportRun, may_act: bool) -> dict[str, Any]:
    """The facts of a run and the addresses of what may be done with it."""
    active = run.state in (RunState.WAITING, RunState.RUNNING)
    return {
        "title": T("รายงานจำนวนนักเรียน {area}", "Count report: {area}", area=run.area_name),
        "area": " ".join([run.area_name, *reversed(run.above)]),
        "round": _round_text(run), "census_date": day_text(run.census_date),
        "started_by": run.requested_by, "started_at": moment_text(run.requested_on),
        "finished_at": moment_text(run.finished_on) if run.finished_on else "",
        "state": str(run.state), "state_label": enum_label(run.state), "error": run.error,
        "active": active, "fault": run.fault,
        "done": run.progress_done or 0, "total": run.progress_total, "step": _step(run),
        "progress_url": url_for(".progress", pk=run.pk), "list_url": url_for(".list"),
        "cancel_url": url_for(".cancel", pk=run.pk)
        if may_act and active and (not run.cancel_requested or run.fault) else "",
        "cleared": moment_text(run.cleared_on) if run.cleared_on and run.state is RunState.DONE else "",
        "kept": {"total": run.total, "boys": run.male, "girls": run.female, "schools": run.schools},
        "again_url": url_for(".again", pk=run.pk) if may_act else "",
    }  # fmt: skip


def _round_text(run: ReportRun) -> Any:
    year, _, number = run.to_mongo()["round_code"].partition("-")  # the round itself may be gone
    return T("ปีการศึกษา {year} ครั้งที่ {number}", "Academic year {year}, round {number}", year=year, number=number)


def _step(run: ReportRun) -> Any:
    if run.cancel_requested:
        return T("กำลังยกเลิก", "Cancelling")
    return T("รอคิวงาน", "Waiting in the queue") if run.state is RunState.WAITING else T("กำลังนับ", "Counting")


def finished(run: ReportRun) -> dict[str, Any]:
    """Totals, table, chart and downloads; of the table only the report's own area and the level below it."""
    head = tables.head(run)
    if head.top is None or not head.top.schools:
        return {"totals": None, "nothing": True}
    top = head.top
    files = [("XLSX", ".xlsx_file"), ("CSV", ".csv_file")]
    return {
        "totals": {"boys": top.male, "girls": top.female, "total": top.total, "schools": top.schools,
                   "missing": top.schools_missing, "unverified": top.unverified,
                   "schools_unverified": top.cautions.get(Caution.UNVERIFIED),
                   "no_proclamation": top.cautions.get(Caution.NO_PROCLAMATION)},
        "rows": [*tree.lines([top], top.path), *below(run, top)],
        "chart_svg": _chart(head, top) if top.counts else "",
        "downloads": [{"label": label, "url": url_for(name, pk=run.pk)} for label, name in files],
    }  # fmt: skip


def below(run: ReportRun, row: Row) -> list[tree.TreeRow]:
    """Table lines one level below a row: areas, schools, or a school's grades."""
    top = tables.top_path(run)
    return tree.grades(row, top) if row.level is Level.SCHOOL else tree.lines(tables.children(run, row.path), top)


def _chart(head: Head, top: Row) -> str:
    title = T("จำนวนนักเรียนตามชั้น {area}", "Students by grade: {area}", area=head.area_name)
    labels = (str(T("ชาย", "Boys")), str(T("หญิง", "Girls")))
    csp_nonce: Any = current_app.jinja_env.globals["csp_nonce"]
    return chart.by_grade(top.counts, str(title), labels, csp_nonce(), language() == "th")


def named(response: Response, head: Head, suffix: str) -> Response:
    """The response as a download with an ASCII file name and a Thai one."""
    ascii_name, thai_name = titles.file_names(head, suffix)
    response.headers.set(
        "Content-Disposition", "attachment", filename=ascii_name, **{"filename*": f"UTF-8''{quote(thai_name)}"}
    )
    return response
