"""Students and children on the rosters."""

from __future__ import annotations

from app.documents.students import Student
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.services.students import StudentRules
from app.views.base import LecView


class StudentView(LecView):
    """Rosters; an ID number is shown in full only on the form of whoever may change it."""

    datamodel = MongoInterface(Student, StudentRules())
    route_base = "/students"
    list_template = "imports/students.html"
    menu_label = T("นักเรียน", "Students")
    add_label = T("เพิ่มนักเรียน", "Add a student")
    lead = T(
        "ทะเบียนนักเรียนและเด็กเล็กของสถานศึกษาสังกัด อปท.",
        "Rosters of the LAOs' own schools, colleges and child development centres.",
    )
    joined_columns = ("last_name",)
    empty_text = T("ยังไม่มีนักเรียนในทะเบียน", "There is no student on the roster yet.")
    list_columns = [
        "first_name", "last_name", "national_id", "school", "grade", "room", "sex", "status",
    ]
    search_columns = [
        "first_name", "last_name", "national_id", "student_no", "school", "lao", "grade", "room",
        "sex", "status", "birth_date", "admitted_on", "left_on",
    ]
    show_fieldsets = [
        (
            T("ตัวบุคคล", "Person"),
            {"fields": ["national_id", "title", "first_name", "last_name", "sex", "birth_date",
                        "nationality", "religion", "weight_kg", "height_cm"]},
        ),
        (
            T("การเรียน", "Studies"),
            {"fields": ["school", "student_no", "grade", "room", "status", "admitted_on",
                        "left_on", "lao"]},
        ),
        (T("การบันทึก", "Record"), {"fields": ["changed_by", "changed_on", "created_by", "created_on"],
                                      "hide_empty": True}),
    ]
    add_fieldsets = edit_fieldsets = [
        (
            T("ตัวบุคคล", "Person"),
            {"fields": ["national_id", "title", "first_name", "last_name", "sex", "birth_date",
                        "nationality", "religion"], "two_columns": True},
        ),
        (
            T("การเรียน", "Studies"),
            {"fields": ["school", "student_no", "grade", "room", "admitted_on", "status",
                        "left_on"], "two_columns": True},
        ),
        (T("สุขภาพ", "Health"), {"fields": ["weight_kg", "height_cm"], "two_columns": True}),
    ]
