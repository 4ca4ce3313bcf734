"""Education service area offices and parent agencies of schools of other affiliation."""

from __future__ import annotations

from mongoengine import DENY, EmailField, EnumField, ReferenceField, StringField

from app.documents.areas import Province
from app.documents.base import LecDocument
from app.enums import AgencyKind
from app.fabmongo.labels import T
from app.fabmongo.scope import SharedScope


class Agency(LecDocument):
    """An office or agency a school of other affiliation belongs to (สังกัด)."""

    meta = {"collection": "agencies", "ordering": ["code"], "indexes": ["name_th", "province"]}
    scope = SharedScope()
    singular = T("หน่วยงานต้นสังกัด", "Agency")
    search_fields = ("name_th", "code")

    code = StringField(
        primary_key=True, max_length=20, regex=r"^[0-9A-Za-z-]+$",
        verbose_name=T("รหัสหน่วยงาน", "Agency code"),
        help_text=T("ตัวอักษรอังกฤษ ตัวเลข และขีด เช่น SPP-3003", "Letters, digits and hyphens, such as SPP-3003"),
    )
    name_th = StringField(required=True, max_length=200, verbose_name=T("ชื่อหน่วยงาน", "Name"))
    kind = EnumField(AgencyKind, required=True, verbose_name=T("ประเภท", "Kind"))
    province = ReferenceField(
        Province, db_field="province_code", reverse_delete_rule=DENY, verbose_name=T("จังหวัด", "Province")
    )
    email = EmailField(verbose_name=T("อีเมล", "E-mail"))
    phone = StringField(max_length=40, code=True, verbose_name=T("โทรศัพท์", "Telephone"))

    def __str__(self) -> str:
        return str(self.name_th)
