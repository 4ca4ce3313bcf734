"""The page of jobs: all background work of the country, for whoever runs the installation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.errors import Problem
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.formats import moment_text
from app.queues import FORMER
from app.services import jobs_overview
from app.services.background import Background, read_background
from app.services.jobs_overview import STATES, JobLine
from app.views.background import QUEUE_LABELS

KIND_LABELS = {
    "import": T("นำเข้าทะเบียน", "Import"),
    "list": T("รายชื่อตามแบบรับรอง", "Certified list"),
    "report": T("รายงาน", "Report"),
    "check": T("ตรวจสอบข้อมูล", "Check"),
    "opening": T("เปิดรอบ", "Opening of a round"),
    "notice": T("หนังสือแจ้ง", "Notice"),
}
STATE_LABELS = {
    "halted": T("หยุดเพราะข้อผิดพลาดของโปรแกรม", "Halted by a mistake of the program"),
    "failed": T("ไม่สำเร็จ", "Failed"),
    "stuck": T("ค้าง", "Stuck"),
    "running": T("กำลังทำ", "Running"),
    "waiting": T("รอคิว", "Waiting"),
}
SHORT_STATES = {**STATE_LABELS, "halted": T("หยุดรอแก้ไข", "Halted")}
TONES = {"halted": "danger", "failed": "danger", "stuck": "warning", "running": "info", "waiting": ""}
PAGES = {"import": "RosterImportView.show", "report": "ReportView.show", "opening": "RoundView.show",
         "notice": "NoticeView.show"}  # fmt: skip
MINUTE, HOUR, DAY = 60, 3600, 86400


class JobsView(BaseView):
    """One list of everything that workers do or should do, and the queues above it."""

    route_base = "/jobs"
    default_view = "list"
    menu_label = T("งานเบื้องหลัง", "Background jobs")
    base_permissions = ["can_list", "can_act"]

    @expose("/", methods=["GET"])
    @has_access
    def list(self) -> Any:
        """`?kind=import&state=stuck`; anything else than what the page offers is no filter."""
        kind, state = request.args.get("kind", ""), request.args.get("state", "")
        kind, state = (kind if kind in KIND_LABELS else ""), (state if state in STATES else "")
        lines = jobs_overview.read_jobs(current_actor())
        of_kind = [line for line in lines if kind in ("", line.kind)]
        return self.render_template(
            "jobs/page.html",
            lines=[_shown(line) for line in of_kind if state in ("", line.state)],
            kind=kind, state=state, kinds=KIND_LABELS, states=SHORT_STATES,
            counts={name: sum(line.state == name for line in of_kind) for name in STATES}, all_counted=len(of_kind),
            queues=_queues(background := read_background()),
            beat=background is not None and background.alive.beat, answers=background is not None,
        )  # fmt: skip

    @expose("/<kind>/<key>/retry", methods=["POST"])
    @has_access
    @permission_name("act")
    def retry(self, kind: str, key: str) -> Any:
        done = T("ให้ทำต่อแล้ว", "It goes on.")
        return self._act(jobs_overview.retry_job, kind, key, done)

    @expose("/<kind>/<key>/stop", methods=["POST"])
    @has_access
    @permission_name("act")
    def stop(self, kind: str, key: str) -> Any:
        done = T("สั่งหยุดแล้ว", "It was told to stop.")
        return self._act(jobs_overview.stop_job, kind, key, done)

    def _act(self, action: Callable[[Any, str, str], bool], kind: str, key: str, done: Any) -> Any:
        if kind not in KIND_LABELS:
            abort(404)
        try:
            if action(current_actor(), kind, key):
                flash(str(done), "success")
            else:
                flash(str(T("งานนี้เปลี่ยนไปแล้ว จึงไม่ได้ทำอะไร", "This job has changed; nothing was done.")), "info")
        except Problem as problem:
            flash(str(T(problem.th, problem.en)), "danger")
        shown = [request.form.get(f"shown_{name}") or None for name in ("kind", "state")]
        return redirect(url_for(".list", kind=shown[0], state=shown[1]))


def _shown(line: JobLine) -> dict[str, Any]:
    """What the template needs of a job."""
    page = PAGES.get(line.kind)
    return {
        "kind": line.kind, "key": line.key, "kind_label": KIND_LABELS[line.kind], "title": line.title,
        "url": url_for(page, pk=line.key) if page else "", "state_label": SHORT_STATES[line.state],
        "state": line.state, "tone": TONES[line.state], "by": line.by,
        "since": moment_text(line.since) if line.since else "", "done": line.done, "total": line.total,
        "attempts": line.attempts, "worker": line.worker, "reason": T(*line.reason) if any(line.reason) else "",
        "trace": line.trace, "error": line.error, "may_retry": line.may_retry, "may_stop": line.may_stop,
    }  # fmt: skip


def _queues(background: Background | None) -> list[dict[str, Any]]:
    """A card for each queue; none where the queue does not answer."""
    if background is None:
        return []
    return [
        {
            "name": queue.name, "label": QUEUE_LABELS.get(queue.name, queue.name), "length": queue.length,
            "oldest": duration_text(queue.oldest_seconds) if queue.length and queue.oldest_seconds else "",
            "workers": background.alive.serving(queue.name),
        }
        for queue in background.queues
        if queue.name != FORMER or queue.length
    ]  # fmt: skip


def duration_text(seconds: float) -> Any:
    """Seconds in the largest unit that fits: "3 min"."""
    for unit, th, en in ((DAY, "วัน", "d"), (HOUR, "ชม.", "h"), (MINUTE, "นาที", "min")):
        if seconds >= unit:
            return T(f"{{n}} {th}", f"{{n}} {en}", n=int(seconds // unit))
    return T("{n} วินาที", "{n} s", n=int(seconds))
