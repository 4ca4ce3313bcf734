"""The LAO's own certification of a round: how far its schools are, the form, the statement to print."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_login import current_user

from app.clock import thai_time
from app.documents.certifications import Certification
from app.enums import Level, SchoolKind, SubmissionState
from app.errors import Problem
from app.fabmongo.display import enum_label
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.formats import day_text, moment_text
from app.notices.letter import recipient_of, thai_date
from app.services import submissions
from app.services.locks import level_of
from app.services.rounds import current_round
from app.thai import to_thai_digits
from app.views.base import LecView
from app.views.submissions.pages import TONES
from app.views.submissions.submission import STATUS

Raw = dict[str, Any]


class CertificationView(LecView):
    """Certifications of the LAOs in one's area; an LAO certifies on the page of its round."""

    datamodel = MongoInterface(Certification)
    route_base = "/certifications"
    menu_label = T("การรับรองของ อปท.", "Certification of the LAO")
    base_permissions = ["can_list", "can_show", "can_certify"]
    lead = T(
        "อปท. รับรองข้อมูลของสถานศึกษาทุกแห่งในพื้นที่ และส่งข้อมูลพร้อมกันทั้ง อปท.",
        "An LAO certifies the data of all schools in its area, and thereby submits them together.",
    )
    empty_text = T("ยังไม่มี อปท. ใดรับรองข้อมูล", "No LAO has certified yet.")
    list_template = "certifications/list.html"
    list_columns = ["lao", "round", "officer_name", "certified_on", "schools", "total", "stale"]
    search_columns = ["round", "lao", "stale", "certified_on", "district", "province"]
    base_order = ("certified_on", "desc")

    def _get_list_widget(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super()._get_list_widget(*args, **kwargs)
        found["list"].template_args["own_url"] = _own_url()
        return found

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        raw = self._reachable(pk).to_mongo()
        return redirect(url_for(".page", round_code=raw["round_code"], lao_code=raw["lao_code"]))

    @expose("/<round_code>/<lao_code>", methods=["GET"])
    @has_access
    @permission_name("show")
    def page(self, round_code: str, lao_code: str) -> Any:
        """Schools by state, sums, what is missing, the form, the statement."""
        self.update_redirect()
        return self._page(round_code, lao_code, {}, {})

    @expose("/<round_code>/<lao_code>/certify", methods=["POST"])
    @has_access
    def certify(self, round_code: str, lao_code: str) -> Any:
        typed = request.form.to_dict()
        try:
            submissions.certify_lao(
                current_user, round_code, lao_code, typed.get("officer_name", ""), typed.get("officer_position", "")
            )
        except Problem as problem:
            errors = {problem.field or "": str(T(problem.th, problem.en))}
            return self._page(round_code, lao_code, typed, errors), STATUS[problem.kind]
        flash(str(T("รับรองและส่งข้อมูลแล้ว", "Certified and submitted.")), "success")
        return redirect(url_for(".page", round_code=round_code, lao_code=lao_code))

    @expose("/<round_code>/<lao_code>/withdraw", methods=["POST"])
    @has_access
    @permission_name("certify")
    def withdraw(self, round_code: str, lao_code: str) -> Any:
        try:
            number = submissions.withdraw_lao(current_user, round_code, lao_code)
        except Problem as problem:
            return self._page(round_code, lao_code, {}, {"": str(T(problem.th, problem.en))}), STATUS[problem.kind]
        flash(str(T("เรียกคืนแล้ว {n} แห่ง", "Taken back: {n} schools.", n=number)), "success")
        return redirect(url_for(".page", round_code=round_code, lao_code=lao_code))

    def _page(self, round_code: str, lao_code: str, typed: dict[str, str], errors: dict[str, str]) -> str:
        standing = submissions.standing_of_lao(current_user, round_code, lao_code)
        text: str = self.render_template(
            "certifications/show.html", **_context(standing, self.may("certify")), typed=typed, errors=errors,
            list_url=url_for(".list"),
        )  # fmt: skip
        return text


def _own_url() -> str:
    """Where an LAO's own officer certifies the current round."""
    now = current_round() if level_of(current_user) is Level.LAO else None
    if now is None:
        return ""
    return url_for("CertificationView.page", round_code=now.code, lao_code=current_user.area.codes["lao"])


def _context(standing: submissions.LaoStanding, may_certify: bool) -> Raw:
    """Context of certifications/show.html."""
    round_code, lao = standing.round["_id"], standing.lao
    own = level_of(current_user) is Level.LAO and current_user.area.codes.get("lao") == lao.pk
    lock = standing.lock if own else None
    acting = own and may_certify and lock is None
    path = {"round_code": round_code, "lao_code": lao.pk}
    missing = {row["_id"] for row in standing.missing}
    to_verify = standing.states[SubmissionState.CERTIFIED]
    return {
        "lao": str(lao), "full_name": recipient_of(lao.to_mongo()).name,
        "round": T("ปีการศึกษา {year} ครั้งที่ {number}", "Academic year {year}, round {number}",
                   year=standing.round["academic_year"], number=standing.round["number"]),
        "census_date": day_text(standing.round["census_date"]),
        "totals": {name: standing.total(name) for name in ("male", "female", "total")},
        "schools": len(standing.rows),
        "ready": len(standing.rows) - len(standing.missing),
        "without_count": sum(row.get("total") is None for row in standing.rows),
        "states": [
            {"label": enum_label(state), "tone": TONES[state], "number": standing.states[state]}
            for state in SubmissionState if standing.states[state]
        ],
        "rows": [_row(row, row["_id"] in missing) for row in standing.rows],
        "current": standing.current,
        "given": _given(standing),
        "lock": {"text": T(lock.th, lock.en), "who": T(lock.who_th, lock.who_en)} if lock else None,
        "certify_url": url_for(".certify", **path) if acting and standing.rows and not standing.missing else "",
        "withdraw_url": url_for(".withdraw", **path) if acting and standing.states[SubmissionState.SUBMITTED] else "",
        "own": own, "to_verify": to_verify,
        "verify_url": url_for("SubmissionView.list", _flt_0_state="certified", _flt_0_round=round_code)
        if acting and to_verify else "",
    }  # fmt: skip


def _row(row: Raw, missing: bool) -> Raw:
    state = SubmissionState(row["state"])
    other = row.get("kind") == SchoolKind.OTHER.value
    return {
        "name": row["name_th"], "kind": enum_label(SchoolKind(row["kind"])) if row.get("kind") else "", "other": other,
        "state": enum_label(state), "tone": TONES[state], "missing": missing, "changed": row.get("roster_changed"),
        "male": row.get("male"), "female": row.get("female"), "total": row.get("total"),
        "url": url_for("SubmissionView.show", pk=row["_id"]),
    }  # fmt: skip


def _given(standing: submissions.LaoStanding) -> Raw | None:
    """The certification with the words of its statement, whose digits are Thai as on paper."""
    given = standing.certification
    if given is None:
        return None
    numbers = {name: to_thai_digits(f"{given[name]:,}") for name in ("schools", "male", "female", "total")}
    return {
        **{name: given[name] for name in ("officer_name", "officer_position", "certified_by", "total", "schools")},
        "on": moment_text(given["certified_on"]), "stale": given["stale"], "digest": given["digest"],
        "numbers": numbers,
        "day": thai_date(thai_time(given["certified_on"]).date()),
        "census_day": thai_date(standing.round["census_date"]),
        "year": to_thai_digits(str(standing.round["academic_year"])),
        "number": to_thai_digits(str(standing.round["number"])),
    }  # fmt: skip
