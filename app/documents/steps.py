"""Steps: the history of a submission, one row for each move and comment."""

from __future__ import annotations

from mongoengine import DateTimeField, EnumField, IntField, ReferenceField, StringField

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import Level, Step, SubmissionState
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class SubmissionStep(AreaPathMixin, LecDocument):
    """Who moved or commented on a submission, when, and what it counted then. Written by services, never changed."""

    meta = {
        "collection": "submission_steps",
        "ordering": ["-taken_on", "-id"],
        "indexes": [("submission", "-taken_on"), ("lao", "-taken_on")],
    }
    scope = PathScope(
        province="province_code", district="district_code", lao="lao_code", school="school_code",
        write=(),
    )
    singular = T("ประวัติการรายงาน", "Step")
    path_source = "submission"
    path_fields = ("school", "lao", "district", "province")

    submission = ReferenceField(
        Submission, db_field="submission_code", required=True, derived=True,
        verbose_name=T("การรายงานข้อมูล", "Submission"),
    )
    step = EnumField(Step, required=True, derived=True, verbose_name=T("ขั้นตอน", "Step"))
    before = EnumField(SubmissionState, derived=True, verbose_name=T("จากสถานะ", "From"))
    after = EnumField(SubmissionState, derived=True, verbose_name=T("เป็นสถานะ", "To"))
    text = StringField(max_length=1000, derived=True, verbose_name=T("เหตุผลหรือความเห็น", "Reason or comment"))
    total = IntField(derived=True, verbose_name=T("จำนวนขณะนั้น", "Count at that time"))
    taken_by = StringField(derived=True, verbose_name=T("ผู้ดำเนินการ", "By"))
    taken_on = DateTimeField(required=True, derived=True, verbose_name=T("เมื่อ", "On"))
    level = EnumField(Level, derived=True, verbose_name=T("ระดับ", "Level"))
    school = ReferenceField(School, db_field="school_code", derived=True, verbose_name=T("สถานศึกษา", "School"))
    lao = ReferenceField(Lao, db_field="lao_code", derived=True, verbose_name=T("อปท.", "LAO"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return str(T(self.step.th, self.step.en))
