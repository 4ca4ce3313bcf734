"""Provinces and districts, by the codes of the Department of Provincial Administration (DOPA)."""

from __future__ import annotations

from mongoengine import DENY, ReferenceField, StringField

from app.documents.base import LecDocument
from app.fabmongo.labels import T
from app.fabmongo.scope import SharedScope


class Province(LecDocument):
    """A province; `code` is two DOPA digits."""

    meta = {"collection": "provinces", "ordering": ["code"], "indexes": ["name_th"]}
    scope = SharedScope()
    singular = T("จังหวัด", "Province")
    search_fields = ("name_th", "name_en", "code")

    code = StringField(
        primary_key=True, regex=r"^\d{2}$", code=True, verbose_name=T("รหัสจังหวัด", "Province code")
    )
    name_th = StringField(required=True, max_length=80, verbose_name=T("ชื่อจังหวัด", "Name in Thai"))
    name_en = StringField(max_length=80, verbose_name=T("ชื่ออังกฤษ", "Name in English"))

    def __str__(self) -> str:
        return str(self.name_th)


class District(LecDocument):
    """A district (อำเภอ/เขต); `code` is four DOPA digits, the first two the province's."""

    meta = {"collection": "districts", "ordering": ["code"], "indexes": ["province", "name_th"]}
    scope = SharedScope()
    singular = T("อำเภอ", "District")
    search_fields = ("name_th", "name_en", "code")

    code = StringField(
        primary_key=True, regex=r"^\d{4}$", code=True, verbose_name=T("รหัสอำเภอ", "District code")
    )
    name_th = StringField(required=True, max_length=80, verbose_name=T("ชื่ออำเภอ", "Name in Thai"))
    name_en = StringField(max_length=80, verbose_name=T("ชื่ออังกฤษ", "Name in English"))
    province = ReferenceField(
        Province,
        db_field="province_code",
        required=True,
        reverse_delete_rule=DENY,
        verbose_name=T("จังหวัด", "Province"),
    )

    def __str__(self) -> str:
        return str(self.name_th)
