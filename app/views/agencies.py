"""Education service areas and parent agencies."""

from __future__ import annotations

from app.documents.agencies import Agency
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.views.base import LecView


class AgencyView(LecView):
    """Offices that schools of other affiliation belong to."""

    datamodel = MongoInterface(Agency)
    route_base = "/agencies"
    menu_label = T("หน่วยงานต้นสังกัด", "Agencies")
    add_label = T("เพิ่มหน่วยงาน", "Add an agency")
    lead = T(
        "สำนักงานเขตพื้นที่การศึกษาและหน่วยงานที่สถานศึกษาสังกัดอื่นขึ้นอยู่",
        "Education service area offices and the agencies that schools of other affiliation belong to.",
    )
    list_columns = ["name_th", "code", "kind", "province", "email"]
