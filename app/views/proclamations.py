"""Proclamations of merger, dissolution and closure, and moving the students of a merged school."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_login import current_user

from app.documents.proclamations import Proclamation
from app.errors import Problem
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.services import proclamations
from app.services.proclamations import Moved, ProclamationRules, Roster
from app.views.base import LecView

NAMED = 10
"""Students named in a message; more are counted."""


def roster_of(item: Proclamation) -> Roster:
    """How far the moving of a proclamation's students is."""
    return proclamations.roster_of(item._stored)


class ProclamationView(LecView):
    """Recording a proclamation sets its schools' counts to a stored zero."""

    datamodel = MongoInterface(Proclamation, ProclamationRules())
    route_base = "/proclamations"
    menu_label = T("ประกาศยุบ รวม เลิก", "Proclamations")
    add_label = T("บันทึกประกาศ", "Record a proclamation")
    lead = T(
        "เมื่อบันทึกประกาศ ระบบจะปิดสถานศึกษาและบันทึกจำนวนนักเรียนเป็น 0 ให้",
        "Recording a proclamation closes its schools and stores their counts as 0.",
    )
    show_template = "proclamations/show.html"
    extra_args = {"roster_of": roster_of}
    list_columns = ["number", "kind", "announced_on", "effective_on", "lao", "schools"]
    search_columns = ["number", "kind", "announced_on", "effective_on", "lao", "schools", "authority"]
    empty_text = T(
        "เมื่อได้รับแจ้งประกาศยุบ รวม หรือเลิกสถานศึกษา ให้บันทึกที่นี่",
        "Record here every proclamation of merger, dissolution or closure you are notified of.",
    )
    add_fieldsets = edit_fieldsets = [
        (
            T("ประกาศ", "Proclamation"),
            {"fields": ["number", "kind", "announced_on", "effective_on", "authority", "scan"], "two_columns": True},
        ),
        (
            T("สถานศึกษา", "Schools"),
            {"fields": ["lao", "schools", "successor", "note"], "two_columns": True},
        ),
    ]

    @expose("/<pk>/move", methods=["POST"])
    @has_access
    @permission_name("edit")
    def move(self, pk: str) -> Any:
        """Move the students of the merged schools to the successor."""
        return self._moved(pk, proclamations.move_students, T("ย้ายนักเรียนแล้ว {n} คน", "{n} students were moved."))

    @expose("/<pk>/move_back", methods=["POST"])
    @has_access
    @permission_name("edit")
    def move_back(self, pk: str) -> Any:
        """Put the students that were moved back on their rosters."""
        return self._moved(pk, proclamations.move_back, T("ย้ายนักเรียนกลับแล้ว {n} คน", "{n} students were moved back."))

    def _moved(self, pk: str, work: Callable[[Any, Any], Moved], done: Any) -> Any:
        item = self._reachable(pk)
        try:
            found = work(current_user, item.pk)
        except Problem as problem:
            flash(str(T(problem.th, problem.en)), "danger")
        else:
            flash(str(done).format(n=f"{found.number:,}"), "success")
            if found.stay:
                flash(_who_stays(found.stay), "warning")
        return redirect(url_for(".show", pk=pk))


def _who_stays(names: tuple[str, ...]) -> str:
    named = ", ".join(names[:NAMED])
    text = T(
        "{n} คนอยู่ที่เดิม เพราะมีชื่ออยู่ในทะเบียนอีกแห่งแล้วหรือถูกแก้ไขหลังการย้าย โปรดตรวจสอบทีละคน: {named}",
        "{n} stay, for they are on the other roster already or were changed since. Look at each: {named}",
        n=f"{len(names):,}", named=named + (" …" if len(names) > NAMED else ""),
    )  # fmt: skip
    return str(text)
