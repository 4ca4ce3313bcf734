"""An LAO's own certification of a round, naming the certifying officer."""

from __future__ import annotations

from mongoengine import DENY, BooleanField, DateTimeField, IntField, ReferenceField, StringField

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.rounds import Round
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class Certification(AreaPathMixin, LecDocument):
    """One LAO in one round; `code` is "<round>:<lao>". Its sums and digest are those of the day it was given."""

    meta = {
        "collection": "certifications",
        "ordering": ["-certified_on"],
        "indexes": [("round", "lao"), ("round", "district"), ("round", "province")],
    }
    scope = PathScope(province="province_code", district="district_code", lao="lao_code", write=())
    singular = T("การรับรองของ อปท.", "Certification of the LAO")

    code = StringField(primary_key=True, derived=True, verbose_name=T("รหัส", "Code"))
    round = ReferenceField(
        Round, db_field="round_code", required=True, reverse_delete_rule=DENY, derived=True,
        verbose_name=T("รอบ", "Round"),
    )
    lao = ReferenceField(Lao, db_field="lao_code", required=True, derived=True, verbose_name=T("อปท.", "LAO"))
    officer_name = StringField(required=True, max_length=200, verbose_name=T("ผู้รับรอง", "Certifying officer"))
    officer_position = StringField(required=True, max_length=200, verbose_name=T("ตำแหน่ง", "Position"))
    certified_by = StringField(derived=True, verbose_name=T("บันทึกโดย", "Recorded by"))
    certified_on = DateTimeField(derived=True, verbose_name=T("รับรองเมื่อ", "Certified on"))
    schools = IntField(min_value=0, derived=True, verbose_name=T("สถานศึกษา", "Schools"))
    male = IntField(min_value=0, derived=True, verbose_name=T("ชาย", "Boys"))
    female = IntField(min_value=0, derived=True, verbose_name=T("หญิง", "Girls"))
    total = IntField(min_value=0, derived=True, verbose_name=T("รวม", "Total"))
    digest = StringField(derived=True, code=True, verbose_name=T("ลายนิ้วมือของข้อมูล", "Digest"))
    stale = BooleanField(
        default=False, derived=True, verbose_name=T("ต้องรับรองใหม่", "Needs a new one"),
        help_text=T("มีข้อมูลเปลี่ยนหลังรับรอง", "Something changed since"),
    )
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return str(self.officer_name)
