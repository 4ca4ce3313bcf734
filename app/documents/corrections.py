"""The correction register: what was changed in the base of a round that only corrects it, by whom and why."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    EnumField,
    IntField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.rounds import Round
from app.documents.schools import School
from app.enums import CorrectionDeed
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class ChangedField(EmbeddedDocument):
    """One field as people read it, before and after; a secret value is masked."""

    field = StringField(required=True, verbose_name=T("ช่อง", "Field"))
    before = StringField(verbose_name=T("เดิม", "Before"))
    after = StringField(verbose_name=T("ใหม่", "After"))

    def __str__(self) -> str:
        return f"{self.field}: {self.before or '–'} → {self.after or '–'}"


class Correction(AreaPathMixin, LecDocument):
    """One change of a roster while a correction round was open. Written with the change, never changed itself."""

    meta = {
        "collection": "corrections",
        "ordering": ["-made_on", "-id"],
        "indexes": [
            ("school", "-made_on"),
            ("lao", "-made_on"),
            ("district", "-made_on"),
            ("province", "-made_on"),
            ("round", "-made_on"),
            "-made_on",
        ],
    }
    scope = PathScope(
        province="province_code", district="district_code", lao="lao_code", school="school_code",
        write=(),
    )
    singular = T("ทะเบียนการแก้ไข", "Correction")
    path_source = "school"
    path_fields = ("lao", "district", "province")

    round = ReferenceField(Round, db_field="round_code", required=True, derived=True, verbose_name=T("รอบ", "Round"))
    school = ReferenceField(
        School, db_field="school_code", required=True, derived=True, verbose_name=T("สถานศึกษา", "School")
    )
    student_id = ObjectIdField(derived=True)
    student_name = StringField(derived=True, verbose_name=T("นักเรียน", "Student"))
    deed = EnumField(CorrectionDeed, required=True, derived=True, verbose_name=T("การแก้ไข", "What was done"))
    fields = EmbeddedDocumentListField(ChangedField, derived=True, verbose_name=T("เดิมและใหม่", "Before and after"))
    effect = IntField(derived=True, verbose_name=T("ผลต่อจำนวน", "Effect on the count"))
    reason = StringField(derived=True, max_length=500, verbose_name=T("เหตุผล", "Reason"))
    made_by = StringField(derived=True, verbose_name=T("ผู้แก้ไข", "By"))
    made_on = DateTimeField(required=True, derived=True, verbose_name=T("เมื่อ", "On"))
    lao = ReferenceField(Lao, db_field="lao_code", derived=True, verbose_name=T("อปท.", "LAO"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return str(self.student_name)
