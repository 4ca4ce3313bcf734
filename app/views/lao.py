"""Local administrative organisations."""

from __future__ import annotations

from app.documents.lao import Lao
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.services.lao import LaoRules
from app.views.base import LecView
from app.views.schools import SchoolView


class LaoView(LecView):
    """LAOs with their schools."""

    datamodel = MongoInterface(Lao, LaoRules())
    route_base = "/lao"
    menu_label = T("อปท.", "LAOs")
    lead = T(
        "ทะเบียนองค์กรปกครองส่วนท้องถิ่น อีเมลในหน้านี้คือที่ที่หนังสือแจ้งจะไปถึง",
        "The register of local administrative organisations; notices go to the e-mail given here.",
    )
    add_label = T("เพิ่ม อปท.", "Add an LAO")
    list_columns = ["name_th", "type", "code", "district", "province", "email"]
    show_columns = [
        "code", "name_th", "type", "district", "province", "email", "phone", "latitude",
        "longitude", "area_km2", "active", "former_names", "changed_by", "changed_on",
    ]
    search_columns = ["name_th", "code", "type", "district", "province", "email", "active"]
    add_fieldsets = [
        (T("อปท.", "LAO"), {"fields": ["code", "name_th", "type", "district", "active"], "two_columns": True}),
        (T("ติดต่อ", "Contact"), {"fields": ["email", "phone"], "two_columns": True}),
        (T("ที่ตั้ง", "Location"), {"fields": ["latitude", "longitude", "area_km2"], "two_columns": True}),
    ]
    edit_fieldsets = [
        (T("อปท.", "LAO"), {"fields": ["name_th", "type", "district", "active"], "two_columns": True}),
        *add_fieldsets[1:],
    ]
    related_views = [SchoolView]
