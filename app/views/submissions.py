"""Submissions: what each school reports in a round."""

from __future__ import annotations

from app.documents.submissions import Submission
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.views.base import LecView


class SubmissionView(LecView):
    """The state and the counts of every school in every round."""

    datamodel = MongoInterface(Submission)
    route_base = "/submissions"
    menu_label = T("การรายงานข้อมูล", "Submissions")
    base_permissions = ["can_list", "can_show"]
    lead = T(
        "จำนวนนักเรียนของแต่ละสถานศึกษาในแต่ละรอบ จำนวนที่ว่างคือยังไม่มีข้อมูล ไม่ใช่ศูนย์",
        "Each school's counts in each round. An empty count is missing, it is not zero.",
    )
    empty_text = T(
        "เมื่อเปิดรอบการเก็บข้อมูล สถานศึกษาในพื้นที่จะแสดงที่นี่", "The schools of your area appear here once a round is open."
    )
    list_columns = ["school", "round", "state", "source", "male", "female", "total"]
    search_columns = ["round", "school", "kind", "state", "source", "lao", "district", "province", "total"]
    show_columns = [
        "school", "round", "kind", "state", "source", "proclamation", "male", "female", "total",
        "counted_on", "lao", "district", "province", "changed_by", "changed_on",
    ]
    base_order = ("round", "desc")
