"""What was removed because it was older than it is kept: a list to be read by the Department."""

from __future__ import annotations

from app.documents.retention import RetentionRun
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.views.base import LecView


class RetentionView(LecView):
    """One row for each night and kind; written by the background alone."""

    datamodel = MongoInterface(RetentionRun)
    route_base = "/retention"
    menu_label = T("การลบข้อมูลตามกำหนด", "Removing of old data")
    lead = T(
        "ทุกคืนระบบลบสิ่งที่เก่ากว่ากำหนดเวลาเก็บรักษา ตามค่าที่ผู้ดูแลเครื่องแม่ข่ายตั้งไว้ คืนที่ยังไม่เสร็จจะทำต่อในคืนถัดไป",
        "Each night removes what is older than it is kept, by the settings of whoever runs the servers. "
        "What a night did not finish is the next one's.",
    )
    empty_text = T("ยังไม่เคยมีการลบตามกำหนด", "Nothing was removed so far.")
    base_permissions = ["can_list", "can_show"]
    exclude_route_methods = {"history", "restore_value", "deleted", "undelete"}
    list_columns = ["day", "kind", "removed", "before", "finished_on", "error"]
    search_columns = ["day", "kind", "removed", "error"]
    show_columns = ["day", "kind", "removed", "before", "finished_on", "error"]
    base_order = ("day", "desc")
