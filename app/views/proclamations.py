"""Proclamations of merger, dissolution and closure."""

from __future__ import annotations

from app.documents.proclamations import Proclamation
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.services.proclamations import ProclamationRules
from app.views.base import LecView


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
    list_columns = ["number", "kind", "announced_on", "effective_on", "lao", "schools"]
    search_columns = ["number", "kind", "announced_on", "effective_on", "lao", "schools", "authority"]
    empty_text = T(
        "เมื่อได้รับแจ้งประกาศยุบ รวม หรือเลิกสถานศึกษา ให้บันทึกที่นี่",
        "Record here every proclamation of merger, dissolution or closure you are notified of.",
    )
    add_fieldsets = edit_fieldsets = [
        (
            T("ประกาศ", "Proclamation"),
            {"fields": ["number", "kind", "announced_on", "effective_on", "authority"], "two_columns": True},
        ),
        (
            T("สถานศึกษา", "Schools"),
            {"fields": ["lao", "schools", "successor", "note"], "two_columns": True},
        ),
    ]
