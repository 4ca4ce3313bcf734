"""Students and children on the rosters of schools, colleges and child development centres."""

from __future__ import annotations

from mongoengine import (
    DENY,
    DateField,
    EnumField,
    FloatField,
    ReferenceField,
    StringField,
)

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.schools import School
from app.enums import Grade, Sex, StudentStatus
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class Student(AreaPathMixin, LecDocument):
    """A person on a school's roster; the same person keeps the document when moving schools."""

    meta = {
        "collection": "students",
        # With the record's key at the end an index gives a page in order of its column, ties and all.
        "indexes": [
            {"fields": ("school", "national_id"), "unique": True},
            ("school", "grade", "room", "student_no"),
            ("school", "last_name", "id"),
            ("lao", "last_name", "id"),
            ("district", "last_name", "id"),
            ("province", "last_name", "id"),
            ("last_name", "id"),
            "national_id",
        ],
    }
    scope = PathScope(
        province="province_code", district="district_code", lao="lao_code", school="school_code",
        write=("country", "lao", "school"),
    )
    singular = T("นักเรียน", "Student")
    search_fields = ("first_name", "last_name", "national_id", "student_no")
    search_anchored = True  # six million students: a prefix is a range of an index, a part of a name is not
    path_source = "school"
    path_fields = ("lao", "district", "province")

    national_id = StringField(
        required=True, max_length=13, code=True, secret=True,
        verbose_name=T("เลขประจำตัวประชาชน", "National ID"),
        help_text=T("13 หลัก หรือ G ตามด้วย 12 หลัก", "13 digits, or G and 12 digits"),
    )
    student_no = StringField(
        max_length=20, code=True, verbose_name=T("เลขประจำตัวนักเรียน", "Student number")
    )
    title = StringField(required=True, max_length=30, verbose_name=T("คำนำหน้า", "Title"))
    first_name = StringField(required=True, max_length=80, verbose_name=T("ชื่อ", "First name"))
    last_name = StringField(required=True, max_length=80, verbose_name=T("นามสกุล", "Last name"))
    sex = EnumField(Sex, required=True, verbose_name=T("เพศ", "Sex"))
    birth_date = DateField(required=True, verbose_name=T("วันเกิด", "Date of birth"))
    nationality = StringField(max_length=40, default="ไทย", verbose_name=T("สัญชาติ", "Nationality"))
    religion = StringField(max_length=40, verbose_name=T("ศาสนา", "Religion"))
    weight_kg = FloatField(min_value=1, max_value=300, verbose_name=T("น้ำหนัก (กก.)", "Weight (kg)"))
    height_cm = FloatField(min_value=30, max_value=250, verbose_name=T("ส่วนสูง (ซม.)", "Height (cm)"))
    school = ReferenceField(
        School, db_field="school_code", required=True, reverse_delete_rule=DENY, verbose_name=T("สถานศึกษา", "School")
    )
    grade = EnumField(Grade, required=True, verbose_name=T("ชั้น", "Grade"))
    room = StringField(max_length=10, code=True, verbose_name=T("ห้อง", "Room"))
    status = EnumField(
        StudentStatus, required=True, default=StudentStatus.STUDYING,
        verbose_name=T("สถานภาพ", "Status"),
    )
    admitted_on = DateField(required=True, verbose_name=T("วันที่เข้าเรียน", "Admitted on"))
    left_on = DateField(
        verbose_name=T("วันที่ออก", "Left on"),
        help_text=T("เว้นว่างไว้หากยังเรียนอยู่", "Leave empty while still studying"),
    )
    lao = ReferenceField(Lao, db_field="lao_code", derived=True, verbose_name=T("อปท.", "LAO"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return f"{self.title}{self.first_name} {self.last_name}"
