"""The first page: the round, the figures of the person's area, and what waits to be done."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_appbuilder import IndexView, expose
from flask_login import current_user

from app.enums import Level
from app.enums import SubmissionState as S
from app.fabmongo.labels import T
from app.fabmongo.scope import Area
from app.formats import day_text
from app.rules.completeness import HANDED_IN
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
            todo=_todo(overview, current_user.area),
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
    return [
        {
            "label": T("ส่งข้อมูลแล้ว", "Handed in"),
            "value": f"{overview.count(*HANDED_IN):,}/{overview.expected:,}",
            "hint": T("สถานศึกษาในรอบนี้", "of the schools in this round"),
            "url": url_for("CompletenessView.list"),
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


def _todo(overview: home.Overview, area: Area | None) -> list[dict[str, Any]]:
    """What waits for this person, the most pressing first."""
    if overview.round is None or area is None:
        return []
    round_code, level = overview.round.code, area.level
    found = []

    def add(number: int, th: str, en: str, url: str, tone: str = "warning") -> None:
        if number:
            found.append({"text": T(f"{th} {{n}} แห่ง", f"{en}: {{n}}", n=f"{number:,}"), "url": url, "tone": tone})

    def with_state(state: S) -> str:
        if level == Level.SCHOOL:
            return url_for("SubmissionView.show", pk=f"{round_code}:{area.codes['school']}")
        return url_for("SubmissionView.list", _flt_0_state=str(state), _flt_0_round=round_code)

    add(overview.count(S.RETURNED), "สถานศึกษาที่ถูกส่งกลับให้แก้ไข", "Schools returned for correction",
        with_state(S.RETURNED), "danger")  # fmt: skip
    if overview.errors:
        text = T("สิ่งที่ตรวจพบและต้องแก้ไข {n} รายการ", "Findings to be put right: {n}", n=f"{overview.errors:,}")
        found.append({"text": text, "url": url_for("FindingView.list"), "tone": "danger"})
    changed = url_for("SubmissionView.list", _flt_0_roster_changed="1", _flt_0_round=round_code)
    add(overview.changed, "สถานศึกษาที่ทะเบียนเปลี่ยนหลังรับรอง ต้องรับรองใหม่", "Changed since certification", changed)
    differing = url_for("SubmissionView.list", _flt_0_list_differs="1", _flt_0_round=round_code)
    add(overview.differing, "สถานศึกษาสังกัดอื่นที่จำนวนไม่ตรงกับรายชื่อ", "Count and certified list differ", differing)
    add(overview.count(S.NOT_STARTED), "สถานศึกษาที่ยังไม่เริ่มบันทึก", "Schools that have not started",
        with_state(S.NOT_STARTED))  # fmt: skip
    if level == Level.SCHOOL and overview.count(S.IN_PROGRESS):
        text = T("ตรวจสอบจำนวนนักเรียน แล้วรับรองข้อมูล", "Check the count, then certify it")
        found.append({"text": text, "url": with_state(S.IN_PROGRESS), "tone": "warning"})
    if level == Level.LAO:
        add(overview.count(S.IN_PROGRESS), "สถานศึกษาที่กำลังบันทึก รอการรับรอง", "Being recorded, to be certified",
            with_state(S.IN_PROGRESS), "")  # fmt: skip
    if level == Level.LAO:
        add(overview.count(S.CERTIFIED), "สถานศึกษาที่รับรองแล้ว รอ อปท. ตรวจสอบ", "Certified, to be verified by the LAO",
            with_state(S.CERTIFIED), "")  # fmt: skip
        if overview.ready:
            page = url_for("CertificationView.page", round_code=round_code, lao_code=area.codes["lao"])
            text = T("ตรวจสอบครบทุกแห่งแล้ว รับรองและส่งข้อมูลได้", "Everything is verified: certify and submit")
            found.append({"text": text, "url": page, "tone": "success"})
    if level == Level.COUNTRY:
        add(overview.count(S.SUBMITTED), "สถานศึกษาที่ส่งแล้ว รอรับข้อมูล", "Submitted, to be accepted",
            with_state(S.SUBMITTED), "")  # fmt: skip
    return found
