"""Schools, colleges and child development centres of LAOs, and schools of other affiliation."""

from __future__ import annotations

from mongoengine import (
    DENY,
    DateField,
    EmailField,
    EnumField,
    ListField,
    ReferenceField,
    StringField,
)

from app.documents.agencies import Agency
from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.enums import Grade, SchoolKind, SchoolStatus
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class School(AreaPathMixin, LecDocument):
    """An educational institution; `code` is never reused, not even after it is closed."""

    meta = {
        "collection": "schools",
        "ordering": ["code"],
        "indexes": [
            ("lao", "kind", "status"),
            ("district", "kind"),
            ("province", "kind"),
            "name_th",
            "agency",
        ],
    }
    scope = PathScope(
        province="province_code", district="district_code", lao="lao_code", school="_id",
        write=("country", "lao", "school"),
    )
    singular = T("สถานศึกษา", "School")
    search_fields = ("name_th", "code")

    code = StringField(
        primary_key=True, regex=r"^\d{8,10}$", code=True,
        verbose_name=T("รหัสสถานศึกษา", "School code"),
        help_text=T("ตัวเลข 8–10 หลัก ใช้ซ้ำไม่ได้", "8 to 10 digits, never used twice"),
    )
    name_th = StringField(
        required=True, max_length=150, verbose_name=T("ชื่อสถานศึกษา", "Name")
    )
    kind = EnumField(SchoolKind, required=True, verbose_name=T("ประเภท", "Kind"))
    lao = ReferenceField(
        Lao, db_field="lao_code", required=True, reverse_delete_rule=DENY, verbose_name=T("อปท.", "LAO"),
        help_text=T(
            "เจ้าของสถานศึกษา หรือ อปท. ที่สถานศึกษาสังกัดอื่นตั้งอยู่",
            "The owner, or the LAO in whose area a school of other affiliation lies",
        ),
    )
    agency = ReferenceField(
        Agency, db_field="agency_code", reverse_delete_rule=DENY, verbose_name=T("สังกัด", "Affiliation"),
        help_text=T("เฉพาะสถานศึกษาสังกัดอื่น", "For schools of other affiliation only"),
    )
    status = EnumField(
        SchoolStatus, required=True, default=SchoolStatus.OPEN, verbose_name=T("สถานะ", "Status")
    )
    closed_on = DateField(verbose_name=T("วันที่ยุบ/เลิก/รวม", "Closed or merged on"))
    successor = ReferenceField(
        "self", db_field="successor_code", verbose_name=T("รวมกับ", "Merged into")
    )
    grades = ListField(EnumField(Grade), verbose_name=T("ชั้นที่เปิดสอน", "Grades taught"))
    head_name = StringField(max_length=120, verbose_name=T("ผู้บริหารสถานศึกษา", "Head"))
    email = EmailField(verbose_name=T("อีเมล", "E-mail"))
    phone = StringField(max_length=40, code=True, verbose_name=T("โทรศัพท์", "Telephone"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return str(self.name_th)
