"""Signed papers of schools of other affiliation, and the names on their certified lists."""

from __future__ import annotations

from mongoengine import (
    DateTimeField,
    DictField,
    Document,
    EnumField,
    FileField,
    IntField,
    ListField,
    ReferenceField,
    StringField,
)

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import EvidenceKind, Grade, RunState, Sex
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope

KEEPERS = ("country", "lao")
"""Who writes for schools of other affiliation, which have no account of their own."""


class Evidence(AreaPathMixin, LecDocument):
    """A scan of a signed form, as it came."""

    meta = {"collection": "evidence", "ordering": ["-created_on"], "indexes": ["submission", "lao"]}
    scope = PathScope(province="province_code", district="district_code", lao="lao_code", write=KEEPERS)
    singular = T("หลักฐาน", "Evidence")
    path_source = "submission"
    path_fields = ("school", "lao", "district", "province")

    submission = ReferenceField(
        Submission, db_field="submission_code", required=True, verbose_name=T("การรายงานข้อมูล", "Submission")
    )
    kind = EnumField(EvidenceKind, required=True, verbose_name=T("เอกสาร", "Paper"))
    scan = FileField(
        collection_name="evidence_scans", required=True, accepts=("pdf", "jpg", "png"),
        verbose_name=T("ไฟล์สแกน", "Scan"),
        help_text=T("ไฟล์ PDF, JPG หรือ PNG ไม่เกิน 10 MB", "PDF, JPG or PNG, 10 MB at most"),
    )
    note = StringField(max_length=300, verbose_name=T("หมายเหตุ", "Note"))
    school = ReferenceField(School, db_field="school_code", derived=True, verbose_name=T("สถานศึกษา", "School"))
    lao = ReferenceField(Lao, db_field="lao_code", derived=True, verbose_name=T("อปท.", "LAO"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return str(T(self.kind.th, self.kind.en))


class ListedStudent(AreaPathMixin, LecDocument):
    """One name of a certified list (LEC-2): evidence for a count, not a roster."""

    meta = {
        "collection": "listed_students",
        "ordering": ["line"],
        "indexes": [("submission", "line"), ("submission", "national_id"), ("lao", "submission"), "national_id"],
    }
    scope = PathScope(province="province_code", district="district_code", lao="lao_code", write=KEEPERS)
    singular = T("รายชื่อในแบบรับรอง", "Name on a certified list")
    path_source = "submission"
    path_fields = ("school", "lao", "district", "province")

    submission = ReferenceField(
        Submission, db_field="submission_code", required=True, verbose_name=T("การรายงานข้อมูล", "Submission")
    )
    line = IntField(required=True, min_value=1, verbose_name=T("ลำดับ", "No."))
    student_no = StringField(max_length=20, code=True, verbose_name=T("เลขประจำตัว", "Student number"))
    title = StringField(required=True, max_length=30, verbose_name=T("คำนำหน้า", "Title"))
    first_name = StringField(required=True, max_length=80, verbose_name=T("ชื่อ", "First name"))
    last_name = StringField(required=True, max_length=80, verbose_name=T("นามสกุล", "Last name"))
    sex = EnumField(Sex, required=True, verbose_name=T("เพศ", "Sex"))
    national_id = StringField(
        max_length=13, code=True, secret=True, verbose_name=T("เลขประจำตัวประชาชน", "National ID")
    )
    grade = EnumField(Grade, required=True, verbose_name=T("ชั้น", "Grade"))
    room = StringField(max_length=10, code=True, verbose_name=T("ห้อง", "Room"))
    school = ReferenceField(School, db_field="school_code", derived=True, verbose_name=T("สถานศึกษา", "School"))
    lao = ReferenceField(Lao, db_field="lao_code", derived=True, verbose_name=T("อปท.", "LAO"))
    district = ReferenceField(
        District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District")
    )
    province = ReferenceField(
        Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province")
    )

    def __str__(self) -> str:
        return f"{self.title}{self.first_name} {self.last_name}"


class ListUpload(Document):
    """The last file with names that was sent for a submission: waiting, read, or what became of it.

    Reached through its submission only. A newer file takes its place, whatever state it is in; then the worker that
    still reads the older one finds that its claim is gone. names: how many were stored. refused: the first rows that
    cannot be taken, {row, th, en}, of `refused_rows`. The file itself goes as soon as it was read.
    `worker`, `lease_until`, `idle`, `fault`: see services/claims.py.
    """

    meta = {
        "collection": "list_uploads",
        "indexes": [
            {"fields": ("submission",), "unique": True}, ("state", "lease_until"), ("requested_by", "state"),
            "requested_on",
        ],
    }

    submission = StringField(required=True)
    state = EnumField(RunState, required=True, default=RunState.WAITING)
    file = FileField(collection_name="list_files")
    file_name = StringField()
    file_bytes = IntField()
    requested_by = StringField(required=True)
    requested_on = DateTimeField(required=True)
    started_on = DateTimeField()
    finished_on = DateTimeField()
    names = IntField()
    refused_rows = IntField()
    refused = ListField(DictField())
    error_th = StringField()
    error_en = StringField()
    attempts = IntField(default=0)
    idle = IntField(default=0)
    lease_until = DateTimeField()
    rests_until = DateTimeField()
    worker = StringField()
    fault = DictField()
