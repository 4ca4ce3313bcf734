"""Extensions of rounds."""

from __future__ import annotations

from app.documents.extensions import Extension
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.services.extensions import ExtensionRules
from app.views.base import LecView


class ExtensionView(LecView):
    """The Department opens a round again for an LAO or a school until a day; these see what they were given."""

    datamodel = MongoInterface(Extension, ExtensionRules())
    route_base = "/extensions"
    menu_label = T("การขยายเวลา", "Extensions")
    add_label = T("ขยายเวลา", "Extend")
    lead = T(
        "เปิดระบบให้ อปท. หรือสถานศึกษาบางแห่งบันทึกต่อหลังวันปิดระบบ จนถึงสิ้นวันที่กำหนด",
        "Keeps a round open for an LAO or a school after its closing date, until the end of a day.",
    )
    empty_text = T("ยังไม่มีการขยายเวลา", "Nothing has been extended.")
    list_columns = ["lao", "school", "round", "until", "reason"]
    search_columns = ["round", "lao", "school", "until", "district", "province"]
    show_columns = ["round", "lao", "school", "until", "reason", "created_by", "created_on", "changed_by", "changed_on"]
    add_fieldsets = edit_fieldsets = [
        (T("ขยายเวลา", "Extension"), {"fields": ["round", "until", "lao", "school", "reason"], "two_columns": True})
    ]
