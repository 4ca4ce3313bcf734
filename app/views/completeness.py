"""Completeness: who has handed in and who is behind, from the country down to a school."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import abort, redirect, request, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.documents.rounds import Round
from app.enums import Level, SubmissionState
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.services import completeness
from app.services.areas import Place, find_place_inside, names_above
from app.services.rounds import current_round, standing_of

AUTHORS = (Level.COUNTRY, Level.PROVINCE, Level.DISTRICT)
"""Levels that write notices."""


TONES = {
    SubmissionState.NOT_STARTED: "", SubmissionState.IN_PROGRESS: "info", SubmissionState.CERTIFIED: "info",
    SubmissionState.VERIFIED: "info", SubmissionState.SUBMITTED: "success", SubmissionState.RETURNED: "danger",
    SubmissionState.ACCEPTED: "success",
}  # fmt: skip


class CompletenessView(BaseView):
    """One page for every level: the figures of a place and of what lies right below it."""

    route_base = "/completeness"
    default_view = "list"
    menu_label = T("ความครบถ้วน", "Completeness")
    base_permissions = ["can_list", "can_remind"]

    @expose("/list/", methods=["GET"])
    @has_access
    def list(self) -> Any:
        """`?round=2567-2&area=province:30`; without them the round of the day and the person's own area."""
        round_ = self._round(request.args.get("round", ""))
        if round_ is None:
            return self.render_template("completeness/page.html", overview=None)
        place = self._place(request.args.get("area", ""))
        found = completeness.read(current_actor(), round_, place)
        return self.render_template(
            "completeness/page.html",
            overview=found,
            standing=standing_of(round_),
            rounds=Round.objects.order_by("-opens_on", "-pk").limit(12),
            crumbs=self._crumbs(place),
            behind_only=request.args.get("behind") == "1",
            may_remind=self._may_remind(place) and not found.numbers.complete,
            levels=Level,
            certification_url=self._certification(round_, place),
            states=tuple(SubmissionState),
            tones=TONES,
        )

    @expose("/remind", methods=["POST"])
    @has_access
    @permission_name("remind")
    def remind(self) -> Any:
        """Write a draft to the LAOs of a place that are behind, and open it: the officer reads it before it is sent."""
        round_, place = self._round(request.form.get("round", "")), self._place(request.form.get("area", ""))
        if round_ is None or not self._may_remind(place):
            abort(404)
        return redirect(url_for("NoticeView.edit", pk=completeness.draft_reminder(current_actor(), round_, place)))

    def _certification(self, round_: Round, place: Place) -> str:
        """The LAO's own certification, for whoever may see it."""
        if place.level is not Level.LAO or not self.appbuilder.sm.has_access("can_show", "CertificationView"):
            return ""
        return url_for("CertificationView.page", round_code=round_.code, lao_code=place.code)

    def _may_remind(self, place: Place) -> bool:
        area = current_actor().area
        return (
            area is not None and area.level in AUTHORS and place.level is not Level.SCHOOL
            and self.appbuilder.sm.has_access("can_remind", self.class_permission_name)
        )  # fmt: skip

    def _round(self, code: str) -> Round | None:
        if not code:
            return current_round()
        found: Round | None = Round.objects(pk=code[:20]).first()
        return found or abort(404)

    def _place(self, key: str) -> Place:
        """The place asked for, if it lies in the person's area; without one, that area itself."""
        area = current_actor().area
        if area is None:
            abort(403)
        level, _, code = key.partition(":") if key else (area.level, "", area.codes.get(area.level, ""))
        place: Place = find_place_inside(area, level, code) or abort(404)
        # Names of places are Thai; the whole country is a phrase of ours.
        return replace(place, name=str(T(place.level.th, place.level.en))) if place.level is Level.COUNTRY else place

    def _crumbs(self, place: Place) -> Sequence[dict[str, str]]:
        """The places above this one that the person may open, widest first."""
        area = current_actor().area
        levels = [level for level in Level if level.order < place.level.order]
        names = ["", *names_above(place)]
        found = []
        for level, name in zip(levels, names, strict=False):
            code = place.codes.get(level, "")
            if level.order >= Level(area.level).order:
                found.append({"name": name or str(T(level.th, level.en)), "key": f"{level}:{code}"})
        return found
