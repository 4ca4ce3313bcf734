"""The first page: the round, the figures of the person's area, and what waits to be done."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_appbuilder import IndexView, expose
from flask_login import current_user

from app.fabmongo.labels import T
from app.formats import day_text
from app.services import home


class HomeView(IndexView):
    """Sends strangers to the sign-in page and shows everybody else their work."""

    route_base = ""
    default_view = "index"

    @expose("/")
    def index(self) -> Any:
        if not current_user.is_authenticated:
            return redirect(self.appbuilder.get_url_for_login)
        overview = home.overview(current_user)
        return self.render_template(
            "home.html",
            round=_round(overview),
            cards=_cards(overview),
            todo=_todo(self.appbuilder, overview),
        )


def _round(overview: home.Overview) -> dict[str, Any] | None:
    if overview.round is None:
        return None
    standing = overview.standing
    return {
        "label": str(overview.round),
        "census_date": day_text(overview.round.census_date),
        "closes": day_text(overview.round.closes_on) if overview.round.closes_on else None,
        "state": T(standing.th, standing.en) if standing else "",
    }


def _cards(overview: home.Overview) -> list[dict[str, Any]]:
    round_code = overview.round.code if overview.round else ""
    states = url_for("SubmissionView.list", _flt_0_round=round_code)
    return [
        {
            "label": T("มีจำนวนนักเรียนแล้ว", "Schools with a count"),
            "value": f"{overview.reported:,}/{overview.expected:,}",
            "hint": T("สถานศึกษาในรอบนี้", "of the schools in this round"),
            "url": states,
        },
        {
            "label": T("นักเรียนที่นับได้", "Students counted"),
            "value": f"{overview.students:,}",
            "hint": T("ณ วันที่ของรอบ", "as at the census date"),
            "url": url_for("ReportView.list"),
        },
        {
            "label": T("ยังไม่มีจำนวนนักเรียน", "Schools without a count"),
            "value": f"{overview.missing:,}",
            "hint": T("ยังไม่มีข้อมูล ไม่ใช่ศูนย์", "missing, which is not zero"),
            "url": url_for("SubmissionView.list", _flt_6_total="", _flt_0_round=round_code),
        },
    ]


def _todo(appbuilder: Any, overview: home.Overview) -> list[dict[str, Any]]:
    found = []
    if overview.round and overview.not_started:
        found.append(
            {
                "text": T("สถานศึกษาที่ยังไม่เริ่มบันทึก {n} แห่ง", "Schools that have not started: {n}",
                          n=f"{overview.not_started:,}"),
                "url": url_for(
                    "SubmissionView.list", _flt_0_state="not_started", _flt_0_round=overview.round.code
                ),
                "tone": "warning",
            }
        )
    if overview.round and overview.returned:
        found.append(
            {
                "text": T("สถานศึกษาที่ถูกส่งกลับให้แก้ไข {n} แห่ง", "Schools returned for correction: {n}",
                          n=f"{overview.returned:,}"),
                "url": url_for("SubmissionView.list", _flt_0_state="returned", _flt_0_round=overview.round.code),
                "tone": "danger",
            }
        )
    return found
