"""Collection rounds: an academic year, a number, the census date and when entry is open."""

from __future__ import annotations

from mongoengine import BooleanField, DateField, DateTimeField, DictField, EnumField, IntField, ListField, StringField

from app.documents.base import LecDocument
from app.enums import RoundKind
from app.fabmongo.labels import T
from app.fabmongo.scope import SharedScope


class Round(LecDocument):
    """A round; its code is "<academic year BE>-<number>", for example "2567-2"."""

    meta = {"collection": "rounds", "ordering": ["-academic_year", "-number"]}
    scope = SharedScope()
    singular = T("รอบการเก็บข้อมูล", "Round")
    search_fields = ("code",)

    code = StringField(
        primary_key=True, regex=r"^\d{4}-\d$", derived=True, verbose_name=T("รหัสรอบ", "Round code")
    )
    academic_year = IntField(
        required=True, min_value=2550, max_value=2700,
        verbose_name=T("ปีการศึกษา (พ.ศ.)", "Academic year (BE)"),
    )
    number = IntField(required=True, min_value=1, max_value=9, verbose_name=T("ครั้งที่", "Number"))
    kind = EnumField(RoundKind, required=True, verbose_name=T("ชนิด", "Kind"))
    census_date = DateField(
        required=True, verbose_name=T("ข้อมูล ณ วันที่", "Census date"),
        help_text=T("รอบแก้ไขใช้วันเดียวกับรอบแรก", "A correction keeps the first round's date"),
    )
    opens_on = DateField(required=True, verbose_name=T("วันเปิดระบบ", "Opens on"))
    closes_on = DateField(
        verbose_name=T("วันปิดระบบ", "Closes on"),
        help_text=T("เว้นว่างไว้หากยังไม่กำหนด", "Leave empty while not decided"),
    )
    may_add = BooleanField(default=True, verbose_name=T("เพิ่มนักเรียนได้", "Students may be added"))
    may_change = BooleanField(default=True, verbose_name=T("แก้ไขนักเรียนได้", "Students may be changed"))
    may_discharge = BooleanField(
        default=True, verbose_name=T("จำหน่ายหรือย้ายนักเรียนได้", "Students may be discharged or moved")
    )
    may_remove = BooleanField(default=True, verbose_name=T("ลบนักเรียนได้", "Students may be removed"))
    open_fields = ListField(
        StringField(max_length=40), verbose_name=T("ช่องที่แก้ไขได้", "Fields that may be changed"),
        help_text=T("เว้นว่างไว้หากแก้ไขได้ทุกช่อง", "Leave empty where every field may be changed"),
    )
    remind_days = ListField(
        IntField(min_value=0, max_value=60), default=lambda: [7, 3, 1, 0],
        verbose_name=T("เตือนก่อนวันปิดกี่วัน", "Days before the end on which LAOs are reminded"),
        help_text=T("เช่น 7, 3, 1, 0 เว้นว่างไว้หากไม่ต้องเตือน", "Such as 7, 3, 1, 0; empty for no reminders"),
    )
    needs_reason = BooleanField(
        default=False, verbose_name=T("การแก้ไขทุกครั้งต้องมีเหตุผล", "Every change needs a reason"),
        help_text=T("รอบแก้ไขต้องมีเหตุผลเสมอ", "A correction round always needs one"),
    )

    opened_on = DateTimeField(derived=True, verbose_name=T("เปิดรอบเมื่อ", "Opened on"))
    opened_by = StringField(derived=True, verbose_name=T("ผู้เปิดรอบ", "Opened by"))
    opened_schools = IntField(min_value=0, derived=True, verbose_name=T("สถานศึกษาที่ต้องรายงาน", "Schools to report"))
    opening_on = DateTimeField(derived=True, verbose_name=T("สั่งเปิดรอบเมื่อ", "Opening asked for on"))
    opening_by = StringField(derived=True, verbose_name=T("ผู้สั่งเปิดรอบ", "Opening asked for by"))
    opening_seen = DateTimeField(derived=True, verbose_name=T("ทำงานล่าสุดเมื่อ", "Last sign of life"))
    opening_done = IntField(min_value=0, derived=True, verbose_name=T("เปิดแล้ว", "Done so far"))
    fault = DictField(private=True)
    opening_total = IntField(min_value=0, derived=True, verbose_name=T("ทั้งหมด", "Of all"))

    def clean(self) -> None:
        """The code follows from year and number while the round is new."""
        if not self.code and self.academic_year and self.number:
            self.code = f"{self.academic_year}-{self.number}"

    def __str__(self) -> str:
        return str(T("ปีการศึกษา {year} ครั้งที่ {number}", "Academic year {year}, round {number}",
                     year=self.academic_year, number=self.number))
