"""Submissions: what one school reports in one round, the unit of collection."""

from __future__ import annotations

from mongoengine import (
    DENY,
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    EnumField,
    IntField,
    ReferenceField,
    StringField,
)

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.proclamations import Proclamation
from app.documents.rounds import Round
from app.documents.schools import School
from app.enums import Caution, CountSource, Grade, SchoolKind, SubmissionState
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class GradeCount(EmbeddedDocument):
    """Boys and girls of one grade, in persons."""

    grade = EnumField(Grade, required=True, verbose_name=T("ชั้น", "Grade"))
    male = IntField(required=True, min_value=0, verbose_name=T("ชาย", "Boys"))
    female = IntField(required=True, min_value=0, verbose_name=T("หญิง", "Girls"))


class Submission(AreaPathMixin, LecDocument):
    """One school in one round; `code` is "<round>:<school>". No counts is missing, not zero."""

    meta = {
        "collection": "submissions",
        "indexes": [
            ("round", "lao", "state"),
            ("round", "district", "state"),
            ("round", "province", "state"),
            # All that the completeness of the country needs, so that no submission itself is read for it.
            ("round", "province", "lao", "state", "total", "submitted_on"),
            ("school", "round"),
        ],
    }
    scope = PathScope(
        province="province_code", district="district_code", lao="lao_code", school="school_code",
        write=("country", "lao", "school"),
    )
    singular = T("การรายงานข้อมูล", "Submission")
    path_source = "school"
    path_fields = ("lao", "district", "province")

    code = StringField(primary_key=True, derived=True, verbose_name=T("รหัส", "Code"))
    round = ReferenceField(
        Round, db_field="round_code", required=True, reverse_delete_rule=DENY, verbose_name=T("รอบ", "Round")
    )
    school = ReferenceField(
        School, db_field="school_code", required=True, verbose_name=T("สถานศึกษา", "School")
    )
    kind = EnumField(SchoolKind, derived=True, verbose_name=T("ประเภท", "Kind"))
    state = EnumField(
        SubmissionState, required=True, default=SubmissionState.NOT_STARTED,
        verbose_name=T("สถานะ", "State"),
    )
    source = EnumField(CountSource, verbose_name=T("ที่มาของจำนวน", "Source of the count"))
    proclamation = ReferenceField(
        Proclamation, verbose_name=T("ประกาศ", "Proclamation")
    )
    counts = EmbeddedDocumentListField(GradeCount, verbose_name=T("จำนวนนักเรียน", "Counts"))
    male = IntField(min_value=0, derived=True, verbose_name=T("ชาย", "Boys"))
    female = IntField(min_value=0, derived=True, verbose_name=T("หญิง", "Girls"))
    total = IntField(min_value=0, derived=True, verbose_name=T("รวม", "Total"))
    counted_on = DateTimeField(derived=True, verbose_name=T("นับเมื่อ", "Counted on"))
    zero_reason = StringField(
        max_length=500, derived=True, verbose_name=T("เหตุผลที่เป็นศูนย์", "Why it is zero without a proclamation")
    )
    state_by = StringField(derived=True, verbose_name=T("ผู้เปลี่ยนสถานะ", "State set by"))
    state_on = DateTimeField(derived=True, verbose_name=T("เปลี่ยนสถานะเมื่อ", "State set on"))
    submitted_on = DateTimeField(derived=True, verbose_name=T("ส่งเมื่อ", "Submitted on"))
    state_note = StringField(derived=True, max_length=1000, verbose_name=T("เหตุผลที่ส่งกลับ", "Why it was returned"))
    certified_name = StringField(derived=True, max_length=200, verbose_name=T("ผู้รับรอง", "Certified by"))
    certified_position = StringField(derived=True, max_length=200, verbose_name=T("ตำแหน่ง", "Position"))
    certified_on = DateTimeField(derived=True, verbose_name=T("รับรองเมื่อ", "Certified on"))
    digest = StringField(derived=True, code=True, verbose_name=T("ลายนิ้วมือของทะเบียน", "Digest of the roster"))
    roster_changed = BooleanField(
        derived=True, verbose_name=T("ทะเบียนเปลี่ยนหลังรับรอง", "Changed since certification")
    )
    requested_on = DateTimeField(derived=True, verbose_name=T("ขอข้อมูลเมื่อ", "Requested on"))
    list_male = IntField(min_value=0, derived=True, verbose_name=T("ชายตามรายชื่อ", "Boys on the list"))
    list_female = IntField(min_value=0, derived=True, verbose_name=T("หญิงตามรายชื่อ", "Girls on the list"))
    list_differs = BooleanField(derived=True, verbose_name=T("จำนวนไม่ตรงกับรายชื่อ", "Count and list differ"))
    lao = ReferenceField(Lao, db_field="lao_code", derived=True, verbose_name=T("อปท.", "LAO"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What must be said beside the count."""
        return Caution.of(self.kind, self.state, self.source)

    @property
    def caution(self) -> str:
        """The same as people read it in lists and files, "" where there is nothing to say."""
        return ", ".join(str(T(one.th, one.en)) for one in self.cautions)

    def __str__(self) -> str:
        return f"{self.school} ({self.to_mongo().get('round_code')})"
