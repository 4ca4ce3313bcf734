"""Extensions: a round stays open longer for one LAO or one school, until a day."""

from __future__ import annotations

from mongoengine import DENY, DateField, ReferenceField, StringField

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.rounds import Round
from app.documents.schools import School
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class Extension(AreaPathMixin, LecDocument):
    """A later last day of a round for an LAO, or for one of its schools where one is named."""

    meta = {
        "collection": "extensions",
        "ordering": ["-until"],
        "indexes": [("round", "lao"), "district", "province"],
    }
    scope = PathScope(
        province="province_code", district="district_code", lao="lao_code", school=("lao_code", "lao"),
        write=("country",),
    )
    singular = T("การขยายเวลา", "Extension")

    round = ReferenceField(
        Round, db_field="round_code", required=True, reverse_delete_rule=DENY, verbose_name=T("รอบ", "Round")
    )
    lao = ReferenceField(
        Lao, db_field="lao_code", required=True, reverse_delete_rule=DENY, verbose_name=T("อปท.", "LAO")
    )
    school = ReferenceField(
        School, db_field="school_code", verbose_name=T("เฉพาะสถานศึกษา", "Only for the school"),
        help_text=T("เว้นว่างไว้หากขยายให้ทั้ง อปท.", "Leave empty for the whole LAO"),
    )
    until = DateField(required=True, verbose_name=T("ถึงวันที่", "Until"))
    reason = StringField(required=True, max_length=500, long=True, verbose_name=T("เหตุผล", "Reason"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return f"{self.lao} {self.until}"
