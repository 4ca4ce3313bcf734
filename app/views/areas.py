"""Provinces and districts."""

from __future__ import annotations

from app.documents.areas import District, Province
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.services.areas import DistrictRules
from app.views.base import LecView


class ProvinceView(LecView):
    """Provinces, by their DOPA codes."""

    datamodel = MongoInterface(Province)
    route_base = "/provinces"
    menu_label = T("จังหวัด", "Provinces")
    add_label = T("เพิ่มจังหวัด", "Add a province")
    lead = T("ชื่อและรหัสจังหวัดตามกรมการปกครอง", "Names and codes of the Department of Provincial Administration.")
    list_columns = ["name_th", "code", "name_en"]


class DistrictView(LecView):
    """Districts, by their DOPA codes."""

    datamodel = MongoInterface(District, DistrictRules())
    route_base = "/districts"
    menu_label = T("อำเภอ", "Districts")
    add_label = T("เพิ่มอำเภอ", "Add a district")
    lead = T("ชื่อและรหัสอำเภอตามกรมการปกครอง", "Names and codes of the Department of Provincial Administration.")
    list_columns = ["name_th", "code", "province", "name_en"]
