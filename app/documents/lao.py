"""Local administrative organisations (อปท.), with the names they had before."""

from __future__ import annotations

from mongoengine import (
    DENY,
    BooleanField,
    DateTimeField,
    EmailField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    EnumField,
    FloatField,
    ReferenceField,
    StringField,
)

from app.documents.areas import District, Province
from app.documents.base import LecDocument
from app.enums import LaoType
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class FormerName(EmbeddedDocument):
    """A name or type an LAO had until a day."""

    name_th = StringField(required=True, verbose_name=T("ชื่อเดิม", "Former name"))
    type = EnumField(LaoType, verbose_name=T("ประเภทเดิม", "Former type"))
    until = DateTimeField(verbose_name=T("ใช้ถึง", "Until"))

    def __str__(self) -> str:
        return f"{self.type.abbr if self.type else ''}{self.name_th}"


class Lao(LecDocument):
    """An LAO; `code` is seven digits T PP AA NN and is the key, for names are not unique."""

    meta = {
        "collection": "laos",
        "ordering": ["code"],
        "indexes": ["province", "district", "name_th", "type"],
    }
    scope = PathScope(
        province="province_code", district="district_code", lao="_id", school=("_id", "lao"),
        write=("country",),
    )
    singular = T("องค์กรปกครองส่วนท้องถิ่น", "Local administrative organisation")
    search_fields = ("name_th", "code")

    code = StringField(
        primary_key=True, regex=r"^\d{7}$", code=True, verbose_name=T("รหัส อปท.", "LAO code")
    )
    name_th = StringField(required=True, max_length=120, verbose_name=T("ชื่อ", "Name"))
    type = EnumField(LaoType, required=True, verbose_name=T("ประเภท", "Type"))
    district = ReferenceField(
        District,
        db_field="district_code",
        required=True,
        reverse_delete_rule=DENY,
        verbose_name=T("อำเภอ", "District"),
    )
    province = ReferenceField(
        Province, db_field="province_code", required=True, derived=True,
        verbose_name=T("จังหวัด", "Province"),
    )
    email = EmailField(
        verbose_name=T("อีเมลสารบรรณ", "E-mail for letters"),
        help_text=T("หนังสือแจ้งจะส่งไปที่อีเมลนี้", "Notices are sent to this address"),
    )
    phone = StringField(max_length=40, code=True, verbose_name=T("โทรศัพท์", "Telephone"))
    latitude = FloatField(min_value=-90, max_value=90, verbose_name=T("ละติจูด", "Latitude"))
    longitude = FloatField(min_value=-180, max_value=180, verbose_name=T("ลองจิจูด", "Longitude"))
    area_km2 = FloatField(min_value=0, verbose_name=T("พื้นที่ (ตร.กม.)", "Area (km²)"))
    active = BooleanField(default=True, verbose_name=T("ยังคงอยู่", "Active"))
    former_names = EmbeddedDocumentListField(
        FormerName, derived=True, verbose_name=T("ชื่อเดิม", "Former names")
    )

    def clean(self) -> None:
        """The province follows from the district, so the two can never disagree."""
        self.province = self.district._data.get("province") if self.district else None

    def __str__(self) -> str:
        return f"{self.type.abbr if self.type else ''}{self.name_th}"
