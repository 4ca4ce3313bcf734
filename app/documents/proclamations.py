"""Proclamations of merger, dissolution and closure (ประกาศ ยุบ รวม เลิก)."""

from __future__ import annotations

from mongoengine import (
    DENY,
    DateField,
    Document,
    EnumField,
    FileField,
    IntField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.schools import School
from app.enums import ProclamationKind
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class Proclamation(AreaPathMixin, LecDocument):
    """A proclamation an LAO was notified of; the only source of a zero without a reason."""

    meta = {
        "collection": "proclamations",
        "ordering": ["-announced_on"],
        "indexes": [
            {"fields": ("lao", "number"), "unique": True},
            "district",
            "province",
            "schools",
            "-announced_on",
        ],
    }
    scope = PathScope(
        province="province_code", district="district_code", lao="lao_code",
        write=("country", "lao"),
    )
    singular = T("ประกาศยุบ รวม เลิก", "Proclamation")
    search_fields = ("number", "authority")

    number = StringField(required=True, max_length=60, verbose_name=T("เลขที่ประกาศ", "Number"))
    kind = EnumField(ProclamationKind, required=True, verbose_name=T("เรื่อง", "Kind"))
    announced_on = DateField(required=True, verbose_name=T("ลงวันที่", "Announced on"))
    effective_on = DateField(required=True, verbose_name=T("มีผลตั้งแต่", "Effective from"))
    authority = StringField(required=True, max_length=200, verbose_name=T("ผู้ประกาศ", "Authority"))
    lao = ReferenceField(
        Lao, db_field="lao_code", required=True, reverse_delete_rule=DENY, verbose_name=T("อปท.", "LAO")
    )
    schools = ListField(
        ReferenceField(School, reverse_delete_rule=DENY), required=True, verbose_name=T("สถานศึกษา", "Schools")
    )
    successor = ReferenceField(
        School, db_field="successor_code", verbose_name=T("รวมกับสถานศึกษา", "Merged into")
    )
    scan = FileField(
        collection_name="proclamation_scans", accepts=("pdf", "jpg", "png"),
        verbose_name=T("สำเนาประกาศ", "Scan"),
        help_text=T("ไฟล์ PDF, JPG หรือ PNG ไม่เกิน 10 MB", "PDF, JPG or PNG, 10 MB at most"),
    )
    note = StringField(max_length=1000, long=True, verbose_name=T("หมายเหตุ", "Note"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return str(self.number)


class StudentMove(Document):
    """One student moved by a merger: between which schools, and the version of the student that the move made.

    For undoing alone. It has no scope, so no page and no program reaches it.
    """

    meta = {
        "collection": "student_moves", "auto_create_index": False, "strict": False,
        "indexes": [{"fields": ("proclamation", "student"), "unique": True}],
    }  # fmt: skip

    proclamation = ObjectIdField(required=True)
    student = ObjectIdField(required=True)
    source = StringField(required=True)
    target = StringField(required=True)
    version = IntField(required=True)
