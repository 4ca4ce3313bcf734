"""Findings of the validation rules, and the rules' settings."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EnumField,
    IntField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.rounds import Round
from app.documents.schools import School
from app.enums import DuplicateReason, FindingState, RunState, Severity
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope, SharedScope


class RuleSetting(LecDocument):
    """How much a validation rule weighs, and its thresholds; `code` is the rule's."""

    meta = {"collection": "rule_settings", "ordering": ["code"]}
    scope = SharedScope()
    singular = T("กฎการตรวจสอบ", "Validation rule")

    code = StringField(primary_key=True, derived=True, verbose_name=T("รหัสกฎ", "Code"))
    title_th = StringField(derived=True, verbose_name=T("กฎ", "Rule"))
    title_en = StringField(derived=True, verbose_name=T("กฎ (อังกฤษ)", "Rule (English)"))
    severity = EnumField(Severity, required=True, verbose_name=T("ระดับ", "Severity"))
    active = BooleanField(default=True, verbose_name=T("ใช้งาน", "In use"))
    thresholds = DictField(verbose_name=T("เกณฑ์", "Thresholds"))

    def __str__(self) -> str:
        return str(T(self.title_th or self.code, self.title_en or self.code))


class StoredFinding(AreaPathMixin, LecDocument):
    """What a rule found about a school or one record; `key` makes it the same one when it is found again."""

    meta = {
        "collection": "findings",
        "ordering": ["severity", "rule"],
        "indexes": [
            ("school", "state", "severity"),
            ("lao", "state", "severity"),
            ("district", "state", "severity"),
            ("province", "state", "severity"),
        ],
    }
    scope = PathScope(
        province="province_code", district="district_code", lao="lao_code", school="school_code",
        write=(),
    )
    singular = T("สิ่งที่ตรวจพบ", "Finding")
    path_source = "school"
    path_fields = ("lao", "district", "province")

    key = StringField(primary_key=True, derived=True, verbose_name=T("รหัส", "Key"))
    rule = StringField(required=True, derived=True, verbose_name=T("กฎ", "Rule"))
    severity = EnumField(Severity, required=True, derived=True, verbose_name=T("ระดับ", "Severity"))
    state = EnumField(
        FindingState, required=True, default=FindingState.OPEN, derived=True, verbose_name=T("สถานะ", "State")
    )
    text_th = StringField(required=True, derived=True, verbose_name=T("สิ่งที่พบ", "Finding"))
    text_en = StringField(required=True, derived=True, verbose_name=T("สิ่งที่พบ (อังกฤษ)", "Finding (English)"))
    field = StringField(derived=True, verbose_name=T("ช่อง", "Field"))
    round = ReferenceField(Round, db_field="round_code", derived=True, verbose_name=T("รอบ", "Round"))
    school = ReferenceField(
        School, db_field="school_code", required=True, derived=True, verbose_name=T("สถานศึกษา", "School")
    )
    student_id = ObjectIdField(derived=True)
    student_name = StringField(derived=True, verbose_name=T("นักเรียน", "Student"))
    other_schools = ListField(StringField(), derived=True)
    """Codes of the schools that have the same person; shown to nobody whose area does not hold them."""
    explanation = StringField(max_length=500, derived=True, verbose_name=T("คำชี้แจง", "Explanation"))
    resolution = EnumField(DuplicateReason, derived=True, verbose_name=T("ผลการตรวจสอบ", "Resolution"))
    explained_by = StringField(derived=True, verbose_name=T("ผู้ชี้แจง", "Explained by"))
    explained_on = DateTimeField(derived=True, verbose_name=T("ชี้แจงเมื่อ", "Explained on"))
    first_found_on = DateTimeField(derived=True, verbose_name=T("พบครั้งแรก", "First found"))
    last_found_on = DateTimeField(derived=True, verbose_name=T("พบล่าสุด", "Last found"))
    lao = ReferenceField(Lao, db_field="lao_code", derived=True, verbose_name=T("อปท.", "LAO"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return str(T(self.text_th, self.text_en))


class FindingCheck(LecDocument):
    """A check of an area that is asked for, under way or done; `key` is "<level>:<code>". Reached by services alone."""

    meta = {"collection": "finding_checks"}

    key = StringField(primary_key=True)
    state = EnumField(RunState)
    cursor = StringField()
    """The last school that is done."""
    done = IntField()
    total = IntField()
    worker = StringField()
    lease_until = DateTimeField()
    rests_until = DateTimeField()
    attempts = IntField()
    idle = IntField()
    fault = DictField(private=True)
    started_on = DateTimeField()
    finished_on = DateTimeField()
