"""Schools, colleges and child development centres."""

from __future__ import annotations

from app.documents.schools import School
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.services.schools import SchoolRules
from app.views.base import LecView
from app.views.corrections import CorrectionView
from app.views.findings import FindingView
from app.views.students import StudentView
from app.views.submissions import SubmissionView


class SchoolView(LecView):
    """Institutions with their submissions and rosters."""

    datamodel = MongoInterface(School, SchoolRules())
    route_base = "/schools"
    show_template = "imports/school.html"
    menu_label = T("สถานศึกษา", "Schools")
    add_label = T("เพิ่มสถานศึกษา", "Add a school")
    lead = T(
        "โรงเรียน วิทยาลัย ศูนย์พัฒนาเด็กเล็กของ อปท. และสถานศึกษาสังกัดอื่นในพื้นที่",
        "Schools, colleges and child development centres of LAOs, and schools of other affiliation.",
    )
    list_columns = ["name_th", "code", "kind", "lao", "agency", "status"]
    search_columns = [
        "name_th", "code", "kind", "status", "lao", "district", "province", "agency", "grades",
    ]
    show_fieldsets = [
        (
            T("ข้อมูลสถานศึกษา", "School"),
            {"fields": ["code", "name_th", "kind", "agency", "grades", "status", "closed_on", "successor"]},
        ),
        (T("พื้นที่", "Area"), {"fields": ["lao", "district", "province"]}),
        (T("ติดต่อ", "Contact"), {"fields": ["head_name", "phone", "email"]}),
        (T("การบันทึก", "Record"), {"fields": ["changed_by", "changed_on", "created_by", "created_on"],
                                      "hide_empty": True}),
    ]
    add_fieldsets = [
        (
            T("ข้อมูลสถานศึกษา", "School"),
            {"fields": ["code", "name_th", "kind", "lao", "agency", "grades"], "two_columns": True},
        ),
        (T("ติดต่อ", "Contact"), {"fields": ["head_name", "phone", "email"], "two_columns": True}),
    ]
    edit_fieldsets = [
        (
            T("ข้อมูลสถานศึกษา", "School"),
            {"fields": ["name_th", "kind", "lao", "agency", "grades"], "two_columns": True},
        ),
        (
            T("สถานะ", "Status"),
            {"fields": ["status", "closed_on", "successor"], "two_columns": True},
        ),
        (T("ติดต่อ", "Contact"), {"fields": ["head_name", "phone", "email"], "two_columns": True}),
    ]
    related_views = [SubmissionView, FindingView, StudentView, CorrectionView]
