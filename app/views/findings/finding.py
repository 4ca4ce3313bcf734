"""Findings: the page of a school and of an LAO, checking on demand, explaining, and the list for the offices above."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.documents.findings import StoredFinding
from app.enums import FindingState, Level
from app.errors import Problem
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.services import findings
from app.views.base import LecView
from app.views.findings import pages
from app.views.findings.settings import RULE_LABELS

# A document knows nothing of the rules, so what a rule is called is told to its field here.
StoredFinding.rule.choices = RULE_LABELS


class FindingView(LecView):
    """What the rules found and is not put right; people of schools and LAOs explain, the offices above read."""

    datamodel = MongoInterface(StoredFinding)
    route_base = "/findings"
    default_view = "start"
    base_permissions = ["can_list", "can_show", "can_check", "can_explain"]
    base_filters = [["state", datamodel.FilterNotEqual, FindingState.GONE.value]]
    menu_label = T("สิ่งที่ตรวจพบ", "Findings")
    lead = T(
        "ข้อมูลที่ระบบตรวจพบว่าต้องแก้ไข ต้องชี้แจง หรือควรทราบ กดที่รายการเพื่อดูรายละเอียดของสถานศึกษา",
        "Data that must be corrected or explained. Choose one to see its school's page.",
    )
    empty_text = T("ไม่พบสิ่งที่ต้องแก้ไข", "Nothing was found that must be corrected.")
    list_columns = ["rule", "severity", "state", "school", "student_name", "text_th", "explanation"]
    search_columns = ["rule", "severity", "state", "school", "lao", "district", "province", "round", "last_found_on"]
    order_columns = ["rule", "severity", "state", "school"]
    show_columns = ["rule", "severity", "state", "school", "student_name", "text_th"]

    @expose("/")
    @has_access
    @permission_name("list")
    def start(self) -> Any:
        """The page of one's own school or LAO; the list for everybody else."""
        area = current_actor().area
        if area.level in (Level.SCHOOL, Level.LAO):
            return redirect(pages.place_url(f"{area.level}:{area.codes[area.level]}"))
        return redirect(url_for(".list"))

    @expose("/place")
    @has_access
    @permission_name("list")
    def place(self) -> Any:
        """All findings of one LAO or school, by weight and rule."""
        self.update_redirect()
        return self._place(request.args, {})

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> Any:
        """A finding stands on its school's page."""
        raw = self._reachable(pk).to_mongo()
        page = pages.place_url(f"{Level.SCHOOL}:{raw['school_code']}", rule=raw["rule"])
        return redirect(f"{page}#{pk}")

    @expose("/check", methods=["POST"])
    @has_access
    @permission_name("check")
    def check(self) -> Any:
        """Check a school now, or an LAO in the background."""
        level, _, code = request.form.get("area", "").partition(":")
        key = findings.request_check(current_actor(), level, code)
        if level == Level.SCHOOL:
            flash(str(T("ตรวจสอบข้อมูลแล้ว", "The data has been checked.")), "success")
        return redirect(pages.place_url(key))

    @expose("/progress")
    @has_access
    @permission_name("list")
    def progress(self) -> Any:
        """The live part of a place's page; when the check is done it asks for the whole page."""
        found = self._overview(request.args)
        return self.render_template("findings/_progress.html", check=pages.progress_of(found.place.key), alone=True)

    @expose("/<pk>/explain", methods=["POST"])
    @has_access
    @permission_name("explain")
    def explain(self, pk: str) -> Any:
        """Store an explanation and go back to where it was written; a refused one stays in its box."""
        form = request.form
        text, resolution = form.get("explanation", ""), form.get("resolution", "")
        try:
            findings.explain(current_actor(), pk, text, resolution)
        except Problem as problem:
            if problem.kind != "invalid":
                raise
            failed = {"key": pk, "text": text, "resolution": resolution, "error": str(T(problem.th, problem.en))}
            return self._place(form, failed), 400
        flash(str(T("บันทึกคำชี้แจงแล้ว", "The explanation was saved.")), "success")
        asked = self._asked(form)
        return redirect(f"{pages.place_url(self._overview(form).place.key, **asked)}#{pk}")

    # -- parts -----------------------------------------------------------------------------

    @staticmethod
    def _asked(values: Any) -> dict[str, str]:
        rule = values.get("rule", "")
        known = any(rule == code for code, _ in RULE_LABELS)
        return {"explained": "hide" if values.get("explained") == "hide" else "", "rule": rule if known else ""}

    def _overview(self, values: Any) -> findings.Overview:
        level, _, code = values.get("area", "").partition(":")
        asked = self._asked(values)
        return findings.overview(
            current_actor(), level, code, hide_explained=bool(asked["explained"]), rule=asked["rule"]
        )

    def _place(self, values: Any, failed: dict[str, str]) -> str:
        found, may = self._overview(values), self.appbuilder.sm.has_access
        explains = findings.may_explain(current_actor()) and may("can_explain", self.class_permission_name)
        page = pages.place_page(found, self._asked(values), may, explains, failed)
        text: str = self.render_template("findings/place.html", list_url=url_for(".list"), **page)
        return text
