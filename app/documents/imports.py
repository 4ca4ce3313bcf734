"""Imports of rosters: the file and how far it is, the schools in it, its rows, and layouts that people saved."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    DynamicField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
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
from app.enums import Grade, ImportDeed, ImportRowState, ImportState, Level
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope

KEEPERS = ("country", "lao", "school")
"""Who keeps rosters, and so who imports them."""


class ImportColumn(EmbeddedDocument):
    """One column of a sheet that is read: its place counted from 0, its heading, and the field it fills."""

    place = IntField(required=True)
    heading = StringField()
    field = StringField(required=True)


class ImportSheet(EmbeddedDocument):
    """How a sheet is read: the row of its header (the last, counted from 0) and its columns.

    unused: headings that are not read. facts: field -> text found above the header, such as the school.
    """

    index = IntField(required=True)
    name = StringField()
    layout = StringField()
    header = IntField(required=True)
    columns = EmbeddedDocumentListField(ImportColumn)
    unused = ListField(StringField())
    facts = DictField()


class ImportQuestion(EmbeddedDocument):
    """What the file leaves open, asked once for all the rows it touches; the answers are in `ImportRun.answers`."""

    key = StringField(required=True)
    field = StringField()
    kind = StringField(required=True)
    rows = IntField()
    samples = ListField(StringField())


class ImportRun(LecDocument):
    """One file on its way into rosters, for one school or for the schools of one LAO (or wider, without codes).

    Numbers of rows by deed: `numbers` {deed: rows}; `left_out`, `applied` and `again` are parts of those. `worker` is
    the token of the claim that may go on until `lease_until`; `cursor` says how far the present work is; `idle`
    counts the attempts since it last moved; `fault` {trace, kind, on} halts it (services/claims.py). `cleared_on`: the
    file and the rows are gone since then.
    """

    meta = {
        "collection": "import_runs",
        "ordering": ["-requested_on"],
        "indexes": [
            ("state", "lease_until"), "-requested_on", ("province", "-requested_on"), ("district", "-requested_on"),
            ("lao", "-requested_on"), ("school", "-requested_on"), "file_sha256", ("requested_by", "served_on"),
        ],
    }  # fmt: skip
    scope = PathScope(
        province="province_code", district="district_code", lao="lao_code", school="school_code", write=KEEPERS
    )
    singular = T("การนำเข้าทะเบียนนักเรียน", "Roster import")
    search_fields = ("file_name", "requested_by")

    file = FileField(collection_name="import_files", derived=True, verbose_name=T("ไฟล์ต้นฉบับ", "Original file"))
    file_name = StringField(derived=True, verbose_name=T("ไฟล์", "File"))
    file_bytes = IntField(derived=True, verbose_name=T("ขนาด (ไบต์)", "Size (bytes)"))
    file_sha256 = StringField(derived=True)
    file_kind = StringField(derived=True, verbose_name=T("ชนิดไฟล์", "Kind of file"))
    layout = StringField(derived=True, verbose_name=T("รูปแบบ", "Layout"))
    sheets = EmbeddedDocumentListField(ImportSheet, derived=True)
    questions = EmbeddedDocumentListField(ImportQuestion, derived=True)
    answers = DictField(derived=True)
    reason = StringField(max_length=500, derived=True, verbose_name=T("เหตุผล", "Reason"))
    level = EnumField(Level, required=True, derived=True, verbose_name=T("ระดับ", "Level"))
    school = ReferenceField(School, db_field="school_code", derived=True, verbose_name=T("สถานศึกษา", "School"))
    lao = ReferenceField(Lao, db_field="lao_code", derived=True, verbose_name=T("อปท.", "LAO"))
    district = ReferenceField(District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District"))
    province = ReferenceField(Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province"))
    state = EnumField(
        ImportState, required=True, default=ImportState.READING, derived=True, verbose_name=T("สถานะ", "State")
    )
    numbers = DictField(derived=True, verbose_name=T("จำนวนแถว", "Rows"))
    rows = IntField(default=0, derived=True, verbose_name=T("แถวข้อมูล", "Rows of data"))
    left_out = IntField(default=0, derived=True, verbose_name=T("ไม่นำเข้า", "Left out"))
    applied = IntField(default=0, derived=True, verbose_name=T("บันทึกแล้ว", "Written"))
    again = IntField(default=0, derived=True, verbose_name=T("ต้องดูอีกครั้ง", "To be looked at again"))
    progress_done = IntField(default=0, derived=True)
    progress_total = IntField(default=0, derived=True)
    error_th = StringField(derived=True)
    error_en = StringField(derived=True)
    cancel_requested = BooleanField(derived=True)
    requested_by = StringField(required=True, derived=True, verbose_name=T("ผู้นำเข้า", "Imported by"))
    requested_on = DateTimeField(required=True, derived=True, verbose_name=T("ส่งไฟล์เมื่อ", "Uploaded on"))
    applied_by = StringField(derived=True, verbose_name=T("ผู้ยืนยัน", "Applied by"))
    applied_on = DateTimeField(derived=True, verbose_name=T("ยืนยันเมื่อ", "Applied on"))
    undone_by = StringField(derived=True, verbose_name=T("ผู้ย้อนกลับ", "Undone by"))
    undone_on = DateTimeField(derived=True, verbose_name=T("ย้อนกลับเมื่อ", "Undone on"))
    started_on = DateTimeField(derived=True)
    served_on = DateTimeField(private=True)
    finished_on = DateTimeField(derived=True, verbose_name=T("เสร็จเมื่อ", "Finished on"))
    attempts = IntField(default=0, derived=True)
    idle = IntField(default=0, derived=True)
    fault = DictField(private=True)
    cleared_on = DateTimeField(derived=True)
    lease_until = DateTimeField(derived=True)
    rests_until = DateTimeField(derived=True)
    worker = StringField(derived=True)
    cursor = DynamicField(derived=True)

    def __str__(self) -> str:
        return str(self.file_name or self.pk)


class ImportSchool(Document):
    """One school of one run: `before` and `after` are counts {grade: {"male": n, "female": n}} of who studies there.

    Reached through its run only. `state`: planned, again or applied, all of the school together; `error_*` say why
    nothing of it could be written.
    """

    meta = {"collection": "import_schools", "auto_create_index": False, "indexes": [("run", "school_code")]}

    id = StringField(primary_key=True, help_text="<run>/<school code>")
    run = ObjectIdField(required=True)
    school_code = StringField(required=True)
    name = StringField()
    state = EnumField(ImportRowState, default=ImportRowState.PLANNED)
    numbers = DictField()
    before = DictField()
    after = DictField()
    cursor = IntField()
    error_th = StringField()
    error_en = StringField()


class ImportRow(Document):
    """One row of the file, or one student missing from it; reached through its run only.

    n: place in the file over all sheets, from 1 (missing students come after the rows). sheet: its index; row: its
    number in the sheet as people count, from 1. typed: field -> text as in the file; edits: field -> text put right on
    the page. values: raw student fields as they would be stored, only those that the file (or a fix) says something
    about. student: the document's key, for a new student already chosen, so that no attempt can store it twice.
    version: the student's at the preview; after_version: once written. changes: raw field -> [old, new], of a move
    with the codes of the school; it is what an undo puts back. by_hand: fields of `changes` that a person corrected
    after an import; they are kept as they are unless `overrule`. repairs: {field, kind, before, after}. troubles:
    {field, value, th, en}. questions: keys of the run's questions that must be answered before the row is sure;
    depends: keys that would touch it, should another row raise them.
    """

    meta = {
        "collection": "import_rows",
        "auto_create_index": False,
        "strict": False,
        "indexes": [
            {"fields": ("run", "n"), "unique": True},
            ("run", "deed", "n"),
            ("run", "school_code", "n"),
            ("run", "student"),
        ],
    }

    run = ObjectIdField(required=True)
    n = IntField(required=True)
    sheet = IntField()
    row = IntField()
    school_code = StringField()
    deed = EnumField(ImportDeed, required=True)
    state = EnumField(ImportRowState, required=True, default=ImportRowState.PLANNED)
    left_out = BooleanField()
    student = ObjectIdField()
    student_name = StringField()
    grade = EnumField(Grade)
    version = IntField()
    after_version = IntField()
    from_school = StringField()
    typed = DictField()
    edits = DictField()
    values = DictField()
    changes = DictField()
    by_hand = ListField(StringField())
    overrule = BooleanField()
    repairs = ListField(DictField())
    troubles = ListField(DictField())
    questions = ListField(StringField())
    depends = ListField(StringField())


class ImportHead(Document):
    """The beginning of one sheet of the file of a run, packed; see services/imports/kept.py."""

    meta = {"collection": "import_heads", "auto_create_index": False, "indexes": [("run", "index")]}

    id = StringField(primary_key=True, help_text="<run>/<index of the sheet>")
    run = ObjectIdField(required=True)
    index = IntField(required=True)
    data = BinaryField(required=True)


class ImportCells(Document):
    """The cells of rows `first` to `last`, from 0, of one sheet of the file of a run, packed as the beginnings are."""

    meta = {"collection": "import_cells", "auto_create_index": False, "indexes": [("run", "sheet", "first")]}

    run = ObjectIdField(required=True)
    sheet = IntField(required=True)
    first = IntField(required=True)
    last = IntField(required=True)
    data = BinaryField(required=True)


class ReadingTurn(Document):
    """The one file of an account that is read at the moment: `job` is the key of a row of the collection `of`."""

    meta = {"collection": "reading_turns", "auto_create_index": False}

    username = StringField(primary_key=True)
    of = StringField(required=True)
    job = DynamicField(required=True)
    since = DateTimeField(required=True)


class ImportLayout(AreaPathMixin, LecDocument):
    """A mapping of columns that people of an LAO saved for files of the same kind: what a layout file declares."""

    meta = {"collection": "import_layouts", "indexes": ["lao"], "ordering": ["name"]}
    scope = PathScope(province="province_code", district="district_code", lao="lao_code", write=("country", "lao"))
    singular = T("รูปแบบไฟล์", "Layout of files")
    path_source = "lao"
    path_fields = ("district", "province")

    name = StringField(required=True, max_length=80, verbose_name=T("ชื่อรูปแบบ", "Name"))
    columns = EmbeddedDocumentListField(ImportColumn, derived=True, verbose_name=T("คอลัมน์", "Columns"))
    lao = ReferenceField(Lao, db_field="lao_code", required=True, verbose_name=T("อปท.", "LAO"))
    district = ReferenceField(District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District"))
    province = ReferenceField(Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province"))

    def __str__(self) -> str:
        return str(self.name)
