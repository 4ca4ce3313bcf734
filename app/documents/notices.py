"""Notices, built the way an official letter is, and their deliveries, one for each LAO."""

from __future__ import annotations

from mongoengine import (
    DENY,
    BooleanField,
    DateField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    EnumField,
    IntField,
    ListField,
    ReferenceField,
    StringField,
)

from app.documents.areas import District, Province
from app.documents.base import AreaPathMixin, LecDocument
from app.documents.lao import Lao
from app.documents.rounds import Round
from app.documents.submissions import Submission
from app.enums import DeliveryState, Level, NoticeState, NoticeUrgency, SubmissionState
from app.fabmongo.labels import T
from app.fabmongo.scope import PathScope

AUTHORS = ("country", "province", "district")
"""Levels whose officers write notices; an LAO receives them."""


class RecipientRule(EmbeddedDocument):
    """Which LAOs get a notice: those of an area, and of these the ones whose round is in a state.

    `area_code` is empty for the whole country. No `states` means every LAO of the area.
    """

    area_level = EnumField(Level, required=True, verbose_name=T("ระดับพื้นที่", "Area level"))
    area_code = StringField(max_length=10, verbose_name=T("รหัสพื้นที่", "Area code"))
    states = ListField(EnumField(SubmissionState), verbose_name=T("สถานะของ อปท.", "State of the LAO"))
    reporting = BooleanField(verbose_name=T("เฉพาะ อปท. ที่ต้องรายงานในรอบ", "Only LAOs with schools in the round"))


class Notice(LecDocument):
    """A letter to many LAOs. It is changed as a draft only; what was sent stays as it was sent."""

    meta = {
        "collection": "notices",
        "ordering": ["-dated", "-id"],
        "indexes": [
            "district",
            "province",
            ("state", "-dated"),
            "-dated",
            {"fields": ("once",), "unique": True, "sparse": True},
        ],
    }
    scope = PathScope(province="province_code", district="district_code", write=AUTHORS)
    singular = T("หนังสือแจ้ง", "Notice")
    search_fields = ("number", "subject")

    number = StringField(max_length=80, verbose_name=T("ที่", "Number"))
    urgency = EnumField(
        NoticeUrgency, required=True, default=NoticeUrgency.NORMAL, verbose_name=T("ชั้นความเร็ว", "Urgency")
    )
    office = StringField(max_length=500, long=True, verbose_name=T("ส่วนราชการเจ้าของหนังสือ", "Sender's heading"))
    dated = DateField(required=True, verbose_name=T("ลงวันที่", "Dated"))
    subject = StringField(required=True, max_length=300, verbose_name=T("เรื่อง", "Subject"))
    addressee = StringField(required=True, max_length=500, verbose_name=T("เรียน", "Addressee"))
    references = ListField(StringField(max_length=500), verbose_name=T("อ้างถึง", "References"))
    attachments = ListField(StringField(max_length=500), verbose_name=T("สิ่งที่ส่งมาด้วย", "Attachments"))
    opening = ListField(StringField(max_length=6000), verbose_name=T("ความนำ", "Opening"))
    orders = ListField(StringField(max_length=6000), verbose_name=T("ข้อสั่งการ", "Orders"))
    closing = ListField(StringField(max_length=6000), verbose_name=T("คำลงท้าย", "Closing"))
    deadline = DateField(verbose_name=T("ภายในวันที่", "Deadline"))
    signer_name = StringField(max_length=200, verbose_name=T("ผู้ลงนาม", "Signed by"))
    signer_position = StringField(max_length=300, verbose_name=T("ตำแหน่งผู้ลงนาม", "Position"))
    contact = StringField(max_length=500, long=True, verbose_name=T("ผู้ประสานงาน", "Contact"))
    round = ReferenceField(
        Round, db_field="round_code", reverse_delete_rule=DENY, verbose_name=T("รอบ", "Round")
    )
    recipients = EmbeddedDocumentField(RecipientRule, required=True, verbose_name=T("ผู้รับ", "Recipients"))

    state = EnumField(
        NoticeState, required=True, default=NoticeState.DRAFT, derived=True, verbose_name=T("สถานะ", "State")
    )
    once = StringField(derived=True, verbose_name=T("รหัสกันซ้ำ", "Key against doubles"))
    """Names what may be written once only, such as the automatic reminder of a round and day."""
    sent_by = StringField(derived=True, verbose_name=T("ผู้ส่ง", "Sent by"))
    sent_on = DateTimeField(derived=True, verbose_name=T("สั่งส่งเมื่อ", "Sent on"))
    finished_on = DateTimeField(derived=True, verbose_name=T("ส่งครบเมื่อ", "Finished on"))
    total = IntField(min_value=0, default=0, derived=True, verbose_name=T("ผู้รับทั้งหมด", "Recipients"))
    sent_count = IntField(min_value=0, default=0, derived=True, verbose_name=T("ส่งแล้ว", "Sent"))
    failed_count = IntField(min_value=0, default=0, derived=True, verbose_name=T("ไม่สำเร็จ", "Failed"))
    author_level = EnumField(Level, required=True, derived=True, verbose_name=T("ระดับผู้ส่ง", "Author's level"))
    district = ReferenceField(District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District"))
    province = ReferenceField(Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province"))

    def __str__(self) -> str:
        return f"{self.number} {self.subject}" if self.number else str(self.subject)


class DeliveryError(EmbeddedDocument):
    """Why a delivery did not go out; `kind` is temporary, permanent or uncertain."""

    kind = StringField(required=True, choices=("temporary", "permanent", "uncertain"))
    text = StringField(required=True)

    def __str__(self) -> str:
        return str(self.text)


class DeliveryEvent(EmbeddedDocument):
    """One line of a delivery's history; `outcome` is sent, temporary, permanent, uncertain or again."""

    at = DateTimeField(required=True, verbose_name=T("เมื่อ", "At"))
    outcome = StringField(required=True, verbose_name=T("ผล", "Outcome"))
    text = StringField(verbose_name=T("รายละเอียด", "Details"))


class Delivery(AreaPathMixin, LecDocument):
    """One notice to one LAO; the key "<notice id>:<LAO code>" makes a second one impossible.

    The head of the letter is copied so that an LAO, which may not read notices, sees what it got.
    """

    meta = {
        "collection": "deliveries",
        "ordering": ["-dated", "code"],
        "indexes": [
            {"fields": ("notice", "lao"), "unique": True},
            ("notice", "state"),
            ("lao", "-dated"),
            ("district", "-dated"),
            ("province", "-dated"),
            ("state", "next_attempt_on"),
            ("state", "lease_until"),
        ],
    }
    scope = PathScope(province="province_code", district="district_code", lao="lao_code", write=AUTHORS)
    singular = T("การส่งหนังสือ", "Delivery")
    search_fields = ("subject", "number", "lao_name")

    code = StringField(primary_key=True, derived=True, verbose_name=T("รหัส", "Code"))
    submission = ReferenceField(
        Submission, db_field="submission_code", derived=True, verbose_name=T("การรายงานข้อมูล", "Submission")
    )
    """Set where an LAO asks a school for its papers, which then go along as attachments."""
    notice = ReferenceField(
        Notice, db_field="notice_id", required=True, derived=True, verbose_name=T("หนังสือ", "Notice")
    )
    lao = ReferenceField(Lao, db_field="lao_code", required=True, derived=True, verbose_name=T("อปท.", "LAO"))
    lao_name = StringField(derived=True, verbose_name=T("ชื่อ อปท.", "LAO's name"))
    address = StringField(derived=True, verbose_name=T("ที่อยู่อีเมล", "Address"))
    number = StringField(derived=True, verbose_name=T("ที่", "Number"))
    subject = StringField(derived=True, verbose_name=T("เรื่อง", "Subject"))
    urgency = EnumField(NoticeUrgency, derived=True, verbose_name=T("ชั้นความเร็ว", "Urgency"))
    dated = DateField(derived=True, verbose_name=T("ลงวันที่", "Dated"))
    deadline = DateField(derived=True, verbose_name=T("ภายในวันที่", "Deadline"))

    state = EnumField(
        DeliveryState,
        required=True,
        default=DeliveryState.WAITING,
        derived=True,
        verbose_name=T("สถานะ", "State"),
    )
    attempts = IntField(min_value=0, default=0, derived=True, verbose_name=T("ครั้งที่ลอง", "Attempts"))
    next_attempt_on = DateTimeField(derived=True, verbose_name=T("จะลองอีกเมื่อ", "Next attempt"))
    queued_until = DateTimeField(derived=True, verbose_name=T("อยู่ในคิวถึง", "Queued until"))
    lease = StringField(derived=True, verbose_name=T("ผู้ถืองาน", "Lease"))
    lease_until = DateTimeField(derived=True, verbose_name=T("ถืองานถึง", "Lease until"))
    handed_on = DateTimeField(derived=True, verbose_name=T("เริ่มส่งข้อความเมื่อ", "Handed over on"))
    message_id = StringField(derived=True, code=True, verbose_name=T("Message-ID", "Message-ID"))
    error = EmbeddedDocumentField(DeliveryError, derived=True, verbose_name=T("ข้อผิดพลาด", "Error"))
    sent_on = DateTimeField(derived=True, verbose_name=T("ส่งเมื่อ", "Sent on"))
    history = EmbeddedDocumentListField(DeliveryEvent, derived=True, verbose_name=T("ประวัติ", "History"))
    cleared_on = DateTimeField(derived=True, verbose_name=T("ลบประวัติเก่าเมื่อ", "Old history removed on"))
    district = ReferenceField(District, db_field="district_code", derived=True, verbose_name=T("อำเภอ", "District"))
    province = ReferenceField(Province, db_field="province_code", derived=True, verbose_name=T("จังหวัด", "Province"))

    def __str__(self) -> str:
        return f"{self.subject} – {self.lao_name}"
