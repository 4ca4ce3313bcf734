"""Count reports: who asked for which area and round, how far it is, and one row for each school and each area."""

from __future__ import annotations

from mongoengine import (
    DENY,
    BooleanField,
    DateField,
    DateTimeField,
    DictField,
    Document,
    EmbeddedDocumentListField,
    EnumField,
    IntField,
    ListField,
    ObjectIdField,
    ReferenceField,
    StringField,
)

from app.documents.areas import District, Province
from app.documents.base import LecDocument
from app.documents.lao import Lao
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.submissions import GradeCount
from app.enums import CountSource, Level, RunState, SchoolKind
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope


class ReportRun(LecDocument):
    """One count report of one area in one round, as at the census date kept in it.

    `above` holds the names of the areas around the run's own, widest first, as they were when it was asked for.
    `active_key` exists only while the run waits or runs: its unique index lets no second, identical run in.
    `cursor` is the code of the last school whose row is stored; `worker` is the token of the claim that may go on.
    """

    meta = {
        "collection": "report_runs",
        "ordering": ["-requested_on"],
        "indexes": [
            {"fields": ("active_key",), "unique": True, "sparse": True},
            ("state", "lease_until"),
            "-requested_on",
            ("province", "-requested_on"),
            ("district", "-requested_on"),
            ("lao", "-requested_on"),
            ("school", "-requested_on"),
            ("requested_by", "served_on"),
        ],
    }
    scope = PathScope(province="province_code", district="district_code", lao="lao_code", school="school_code")
    singular = T("รายงานจำนวนนักเรียน", "Count report")
    search_fields = ("area_name", "requested_by")

    round = ReferenceField(
        Round, db_field="round_code", required=True, reverse_delete_rule=DENY, derived=True,
        verbose_name=T("รอบ", "Round"),
    )
    census_date = DateField(derived=True, verbose_name=T("ข้อมูล ณ วันที่", "Census date"))
    level = EnumField(Level, required=True, derived=True, verbose_name=T("ระดับ", "Level"))
    area_name = StringField(derived=True, verbose_name=T("พื้นที่", "Area"))
    above = ListField(StringField(), derived=True, verbose_name=T("อยู่ใน", "Lies in"))
    province = ReferenceField(Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province"))
    district = ReferenceField(District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District"))
    lao = ReferenceField(Lao, db_field="lao_code", derived=True, verbose_name=T("อปท.", "LAO"))
    school = ReferenceField(School, db_field="school_code", derived=True, verbose_name=T("สถานศึกษา", "School"))
    requested_by = StringField(required=True, derived=True, verbose_name=T("ผู้ขอ", "Requested by"))
    requested_on = DateTimeField(required=True, derived=True, verbose_name=T("ขอเมื่อ", "Requested on"))
    state = EnumField(RunState, required=True, default=RunState.WAITING, derived=True, verbose_name=T("สถานะ", "State"))
    progress_done = IntField(default=0, derived=True, verbose_name=T("ทำแล้ว (แห่ง)", "Schools done"))
    progress_total = IntField(derived=True, verbose_name=T("ทั้งหมด (แห่ง)", "Schools in all"))
    started_on = DateTimeField(derived=True, verbose_name=T("เริ่มเมื่อ", "Started on"))
    finished_on = DateTimeField(derived=True, verbose_name=T("เสร็จเมื่อ", "Finished on"))
    error = StringField(derived=True, verbose_name=T("สาเหตุที่ไม่สำเร็จ", "Why it failed"))
    cancel_requested = BooleanField(derived=True, verbose_name=T("ขอยกเลิก", "Cancel requested"))
    schools = IntField(derived=True, verbose_name=T("สถานศึกษา (แห่ง)", "Schools"))
    schools_missing = IntField(derived=True, verbose_name=T("ยังไม่มีข้อมูล (แห่ง)", "Schools without data"))
    male = IntField(derived=True, verbose_name=T("ชาย", "Boys"))
    female = IntField(derived=True, verbose_name=T("หญิง", "Girls"))
    total = IntField(derived=True, verbose_name=T("รวม", "Total"))
    unverified = IntField(derived=True, verbose_name=T("ยังไม่ตรวจสอบ (คน)", "Not verified (students)"))
    active_key = StringField(derived=True)
    attempts = IntField(default=0, derived=True, verbose_name=T("จำนวนครั้งที่เริ่มทำ", "Attempts"))
    idle = IntField(default=0, derived=True)
    served_on = DateTimeField(private=True)
    fault = DictField(private=True)
    rows_cleared = BooleanField(private=True)
    cleared_on = DateTimeField(derived=True)
    """Since then the rows are removed, for they were older than they are kept; the totals stay."""
    lease_until = DateTimeField(derived=True)
    rests_until = DateTimeField(derived=True)
    worker = StringField(derived=True)
    cursor = StringField(derived=True)

    def __str__(self) -> str:
        return f"{self.area_name} ({self.to_mongo().get('round_code')})"


class ReportRow(Document):
    """One place of one run: a school, or the sum of an area, with the names it had then.

    `path` is the codes from the top, "TH/30/3014/5301401/1030140001", so sorting by it puts an area before its parts.
    A school without counts has `missing` and no numbers; an area has no numbers where all its schools are missing.
    `unverified` of the total are students in counts that no LAO has verified; `schools_unverified` and
    `schools_no_proclamation` are the schools with such a count or with a zero that no proclamation says. Rows of runs
    from before these were kept have none of the three.
    A row has no scope of its own: it is reached through its run only.
    """

    meta = {
        "collection": "report_rows",
        "auto_create_index": False,
        "indexes": [("run", "path"), ("run", "parent", "path")],
    }

    id = StringField(primary_key=True, help_text="<run>/<path>")
    run = ObjectIdField(required=True)
    path = StringField(required=True)
    parent = StringField()
    level = EnumField(Level, required=True)
    code = StringField(required=True)
    name = StringField(required=True)
    kind = EnumField(SchoolKind)
    source = EnumField(CountSource)
    missing = BooleanField()
    schools = IntField(required=True)
    schools_missing = IntField(required=True)
    schools_unverified = IntField()
    schools_no_proclamation = IntField()
    counts = EmbeddedDocumentListField(GradeCount)
    male = IntField()
    female = IntField()
    total = IntField()
    unverified = IntField()
