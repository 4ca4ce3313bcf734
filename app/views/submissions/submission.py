"""Submissions: what each school reports in a round, and the steps that people take with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder.actions import action
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_login import current_user

from app.documents.submissions import Submission
from app.enums import Level, Step
from app.errors import Problem
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.related import prefetch
from app.services import submissions
from app.services.locks import level_of
from app.views.base import LecView
from app.views.submissions import pages

STATUS = {"invalid": 400, "forbidden": 403, "not_found": 404, "conflict": 409}
FOR_LEVELS = {
    "accept_many": {Level.COUNTRY},
    "verify_many": {Level.LAO},
    "return_many": {Level.LAO, Level.DISTRICT, Level.PROVINCE, Level.COUNTRY},
}
"""Bulk actions and the levels to which they are of use."""


class SubmissionView(LecView):
    """The state and the counts of every school in every round."""

    datamodel = MongoInterface(Submission)
    route_base = "/submissions"
    menu_label = T("การรายงานข้อมูล", "Submissions")
    base_permissions = ["can_list", "can_show", "can_step"]
    lead = T(
        "จำนวนนักเรียนของแต่ละสถานศึกษาในแต่ละรอบ จำนวนที่ว่างคือยังไม่มีข้อมูล ไม่ใช่ศูนย์",
        "Each school's counts in each round. An empty count is missing, it is not zero.",
    )
    empty_text = T(
        "เมื่อเปิดรอบการเก็บข้อมูล สถานศึกษาในพื้นที่จะแสดงที่นี่", "The schools of your area appear here once a round is open."
    )
    formatters_columns = {"caution": pages.caution_tag}
    label_columns = {"caution": T("ข้อควรทราบ", "Caution")}
    list_columns = ["school", "round", "state", "source", "male", "female", "total", "caution"]
    search_columns = [
        "round", "school", "kind", "state", "source", "roster_changed", "list_differs", "lao", "district", "province",
        "total",
    ]
    show_columns = [
        "school", "round", "kind", "state", "source", "proclamation", "male", "female", "total",
        "counted_on", "lao", "district", "province", "changed_by", "changed_on",
    ]
    base_order = ("round", "desc")

    # -- one submission --------------------------------------------------------------------

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        """The chain with the place of the submission in it, the count, what may be done now, and the history."""
        item = self._reachable(pk)
        self.update_redirect()
        return self._page(item, {}, {})

    @expose("/step/<pk>", methods=["POST"])
    @has_access
    def step(self, pk: str) -> Any:
        """One step; where it is refused the page says why and keeps what was typed."""
        step, typed = Step.from_text(request.form.get("step", "")), request.form
        seen = typed.get("seen", "")
        try:
            if step is None:
                raise Problem("ไม่รู้จักขั้นตอนนี้ โปรดเปิดหน้านี้ใหม่", "There is no such step. Reload the page.", "step")
            submissions.take_step(
                current_user, pk, step, typed.get("text", ""), name=typed.get("name", ""),
                position=typed.get("position", ""), seen=int(seen) if seen.isdecimal() and len(seen) < 10 else None,
            )  # fmt: skip
        except Problem as problem:
            return self._refused(pk, problem)
        flash(str(T(f"{step.th}แล้ว", f"Done: {step.en}.")), "success")
        return redirect(url_for(".show", pk=pk))

    @expose("/zero/<pk>", methods=["POST"])
    @has_access
    @permission_name("step")
    def zero(self, pk: str) -> Any:
        """Record a zero with its reason, or take it back where `clear` is sent."""
        try:
            if request.form.get("clear"):
                submissions.clear_zero(current_user, pk)
            else:
                submissions.record_zero(current_user, pk, request.form.get("reason", ""))
        except Problem as problem:
            return self._refused(pk, problem)
        flash(str(T("บันทึกแล้ว", "Saved.")), "success")
        return redirect(url_for(".show", pk=pk))

    def _refused(self, pk: str, problem: Problem) -> Any:
        errors = {problem.field or "": str(T(problem.th, problem.en))}
        return self._page(self._reachable(pk), request.form.to_dict(), errors), STATUS[problem.kind]

    def _page(self, item: Submission, typed: dict[str, str], errors: dict[str, str]) -> str:
        prefetch([item], [*self.show_columns, "proclamation"])
        history = submissions.history_of(item.pk)
        text: str = self.render_template(
            "submissions/show.html",
            **pages.about(item, history, current_user, may_act=self.may("step")),
            typed=typed,
            errors=errors,
            list_url=url_for(".list"),
        )
        return text

    # -- many ------------------------------------------------------------------------------

    def _get_list_widget(self, filters: Any, actions: Any = None, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]
        level = level_of(current_user)
        mine = {name: one for name, one in self.actions.items() if level in FOR_LEVELS.get(name, ())}
        found: dict[str, Any] = super()._get_list_widget(filters, actions or mine, **kwargs)
        return found

    @action(
        "verify_many",
        T("ยืนยันว่าตรวจสอบแล้ว", "Verify"),
        T(
            "ยืนยันว่าตรวจสอบข้อมูลของสถานศึกษาที่เลือกแล้วใช่หรือไม่ (เฉพาะสถานศึกษาในสังกัดที่รับรองแล้ว)",
            "Say that you have checked the chosen schools? (Own schools that are certified.)",
        ),
        single=False,
    )
    def verify_many(self, items: Sequence[Submission]) -> Any:
        return self._results(submissions.verify_many(current_user, _keys(items)), Step.VERIFY)

    @action(
        "accept_many",
        T("รับข้อมูล", "Accept"),
        T(
            "รับข้อมูลของสถานศึกษาที่เลือกใช่หรือไม่ เมื่อรับแล้วจะแก้ไขไม่ได้จนกว่าจะปลดล็อก",
            "Accept the chosen schools' data? They cannot change after that until they are unlocked.",
        ),
        single=False,
    )
    def accept_many(self, items: Sequence[Submission]) -> Any:
        return self._results(submissions.accept_many(current_user, _keys(items)), Step.ACCEPT)

    @action("return_many", T("ส่งกลับให้แก้ไข", "Return for correction"), single=False)
    def return_many(self, items: Sequence[Submission]) -> Any:
        """Asks for the one reason first."""
        return self._reason(items, {})

    @expose("/returning", methods=["POST"])
    @has_access
    @permission_name("step")
    def returning(self) -> Any:
        """Return the submissions `rowid` with the reason `text`."""
        pks = list(dict.fromkeys(request.form.getlist("rowid")))[: self.bulk_limit]
        try:
            done = submissions.return_many(current_user, pks, request.form.get("text", ""))
        except Problem as problem:
            items = self.datamodel.get_many(pks, self._base_filters)
            return self._reason(items, {"text": str(T(problem.th, problem.en))}), STATUS[problem.kind]
        return self._results(done, Step.RETURN)

    def _reason(self, items: Sequence[Submission], errors: dict[str, str]) -> str:
        prefetch(list(items), ["school"])
        text: str = self.render_template(
            "submissions/return.html", rows=[pages.brief(item) for item in items], errors=errors,
            action_url=url_for(".returning"), list_url=url_for(".list"),
        )  # fmt: skip
        return text

    def _results(self, outcomes: Sequence[submissions.Outcome], step: Step) -> str:
        items = {item.pk: item for item in self.datamodel.get_many([one.code for one in outcomes], self._base_filters)}
        prefetch(list(items.values()), ["school"])
        rows = [
            {
                **(pages.brief(items[one.code]) if one.code in items else {"school": one.code, "url": ""}),
                "done": one.done,
                "why": T(one.th, one.en) if one.th else "",
            }
            for one in outcomes
        ]
        text: str = self.render_template(
            "submissions/results.html", step=T(step.th, step.en), rows=rows, list_url=url_for(".list")
        )
        return text


def _keys(items: Sequence[Submission]) -> list[str]:
    return [str(item.pk) for item in items]


