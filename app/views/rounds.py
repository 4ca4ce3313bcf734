"""Collection rounds: their policy, opening one, and how far the opening is."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_login import current_user

from app.documents.rounds import Round
from app.documents.students import Student
from app.errors import Problem
from app.fabmongo.display import enum_label
from app.fabmongo.fields import ChoicesField
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.widgets import CheckboxListWidget
from app.services import submissions
from app.services.rounds import OPEN_FIELDS, RoundRules, standing_of
from app.views.base import LecView

POLICY = ["may_add", "may_change", "open_fields", "may_discharge", "may_remove", "needs_reason"]
LABELS = {name: Student._fields[name].verbose_name for name in OPEN_FIELDS}


def open_fields_box() -> Any:
    """Ticks for the fields of a student that the round leaves open."""
    field = Round.open_fields
    return ChoicesField(
        field.verbose_name, description=field.help_text, choices=list(LABELS.items()), enum_class=str,
        widget=CheckboxListWidget(),
    )  # fmt: skip


def in_words(names: Any) -> Any:
    """The labels of open fields, from their names with commas between."""
    found = [str(LABELS.get(name, name)) for name in str(names or "").split(", ") if name]
    return ", ".join(found) or T("ทุกช่อง", "Every field")


def opening_of(round_: Round, may_open: bool) -> dict[str, Any]:
    """What the page says of the opening: under way, done, or what it would do."""
    about: dict[str, Any] = {
        "active": round_.opening_on is not None, "done": round_.opening_done or 0, "total": round_.opening_total,
        "fault": round_.fault,
        "opened_on": round_.opened_on, "schools": round_.opened_schools,
        "progress_url": url_for("RoundView.progress", pk=round_.pk),
    }  # fmt: skip
    if may_open and (not about["active"] or round_.fault):
        found = submissions.expected(round_)
        kinds = [(enum_label(kind), number) for kind, number in found.by_kind.items()]
        about |= {"kinds": kinds, "expected": found, "open_url": url_for("RoundView.open", pk=round_.pk)}
    return about


class RoundView(LecView):
    """Rounds with their census date and policy."""

    datamodel = MongoInterface(Round, RoundRules())
    route_base = "/rounds"
    menu_label = T("รอบการเก็บข้อมูล", "Rounds")
    add_label = T("เพิ่มรอบ", "Add a round")
    lead = T(
        "รอบที่ 2 แก้ไขข้อมูล ณ วันเดิมของรอบที่ 1 ไม่ใช่การนับใหม่",
        "Round 2 corrects the data as at the census date of round 1; it is not a new count.",
    )
    show_template = "rounds/show.html"
    extra_args = {"opening_of": opening_of, "standing_of": standing_of}
    add_form_extra_fields = edit_form_extra_fields = {"open_fields": open_fields_box()}
    formatters_columns = {"open_fields": in_words}
    list_columns = ["code", "academic_year", "number", "kind", "census_date", "opens_on", "closes_on"]
    show_fieldsets = [
        (
            T("รอบ", "Round"),
            {"fields": ["academic_year", "number", "kind", "census_date", "opens_on", "closes_on"]},
        ),
        (T("สิ่งที่ทำได้ในรอบนี้", "What may be done in this round"), {"fields": POLICY}),
        (
            T("การบันทึก", "Record"),
            {"fields": ["opened_on", "opened_by", "changed_by", "changed_on"], "hide_empty": True},
        ),
    ]
    add_fieldsets = edit_fieldsets = [
        (
            T("รอบ", "Round"),
            {"fields": ["academic_year", "number", "kind", "census_date", "opens_on", "closes_on"],
             "two_columns": True},
        ),
        (
            T("สิ่งที่สถานศึกษาและ อปท. ทำได้ในรอบนี้", "What schools and LAOs may do in this round"),
            {"fields": POLICY},
        ),
    ]

    @expose("/<pk>/open", methods=["POST"])
    @has_access
    @permission_name("open")
    def open(self, pk: str) -> Any:
        """Ask for the opening; the page then shows how far it is."""
        round_ = self._reachable(pk)
        try:
            submissions.request_opening(current_user, round_.pk)
        except Problem as problem:
            flash(str(T(problem.th, problem.en)), "warning")
        return redirect(url_for(".show", pk=pk))

    @expose("/<pk>/progress", methods=["GET"])
    @has_access
    @permission_name("show")
    def progress(self, pk: str) -> Any:
        """The part of the page that changes; once all is done it tells the page to load anew."""
        return self.render_template("rounds/_opening.html", opening=opening_of(self._reachable(pk), False), alone=True)
