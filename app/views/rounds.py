"""Collection rounds."""

from __future__ import annotations

from app.documents.rounds import Round
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.services.rounds import RoundRules
from app.views.base import LecView


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
    list_columns = ["code", "academic_year", "number", "kind", "census_date", "opens_on", "closes_on"]
    show_columns = [
        "academic_year", "number", "kind", "census_date", "opens_on", "closes_on", "may_add",
        "may_change", "may_remove", "changed_by", "changed_on",
    ]
    add_fieldsets = edit_fieldsets = [
        (
            T("รอบ", "Round"),
            {"fields": ["academic_year", "number", "kind", "census_date", "opens_on", "closes_on"],
             "two_columns": True},
        ),
        (
            T("สิ่งที่ทำได้ในรอบนี้", "What may be done in this round"),
            {"fields": ["may_add", "may_change", "may_remove"]},
        ),
    ]
