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
    list_columns = ["name_th", "code", "type", "district", "province", "email"]
    show_columns = [
        "code", "name_th", "type", "district", "province", "email", "phone", "latitude",
        "longitude", "area_km2", "active", "former_names", "changed_by", "changed_on",
    ]
    search_columns = ["name_th", "code", "type", "district", "province", "email", "active"]
    related_views = [SchoolView]
