"""What may be put right in a cell without asking: every kind has a name, and every case is listed."""

from __future__ import annotations

KINDS: dict[str, tuple[str, str]] = {
    "invisible": ("ตัดอักขระที่มองไม่เห็นออก", "Invisible characters removed"),
    "spaces": ("จัดช่องว่าง", "Spaces put in order"),
    "spelling": ("จัดลำดับสระและวรรณยุกต์", "Vowels and tone marks put in order"),
    "thai-digits": ("เลขไทยเป็นเลขอารบิก", "Thai digits to Arabic digits"),
    "separators": ("ตัดช่องว่างและขีดคั่นในเลขออก", "Spaces and hyphens removed from a number"),
    "leading-zeros": ("เติมเลข 0 ข้างหน้าที่หายไป (เลขหลักสุดท้ายตรง)", "Lost leading zeros put back (the check digit fits)"),
    "scientific": ("เลขยกกำลังเป็นเลขเต็ม", "Scientific notation written out"),
    "number-form": ("ตัดรูปแบบตัวเลขของตารางคำนวณออก", "A spreadsheet's way of writing a number undone"),
    "letters": ("ตัวอักษรเล็กเป็นตัวใหญ่", "Small letters to capitals"),
    "unit": ("ตัดหน่วยหรือคำประกอบออก", "Unit or word beside a number removed"),
    "era": ("ปี ค.ศ. เป็น พ.ศ.", "Common era to Buddhist era"),
    "be-in-date-cell": ("เซลล์วันที่เก็บปี พ.ศ. ไว้แทน ค.ศ.", "A date cell held a Buddhist-era year"),
    "excel-serial": ("เลขลำดับวันของตารางคำนวณเป็นวันที่", "A spreadsheet's day number to a date"),
    "two-digit-year": ("ปีสองหลักเป็นปีเต็มตามคำตอบ", "Two-digit year written out as answered"),
    "excel-year": ("ปีที่ตารางคำนวณอ่านผิดแก้ตามคำตอบ", "A year misread by the spreadsheet, put right as answered"),
    "day-month": ("วันและเดือนสลับกัน แก้ตามคำตอบ", "Month before day, put right as answered"),
    "date-form": ("จัดรูปแบบวันที่", "Date written another way"),
    "short-title": ("คำนำหน้าย่อเป็นคำเต็ม", "Short title written out"),
    "title-split": ("แยกคำนำหน้าออกจากชื่อ", "Title taken off the name"),
    "name-split": ("แยกชื่อกับนามสกุล", "First and last name taken apart"),
    "sex-from-title": ("เพศตามคำนำหน้า", "Sex taken from the title"),
    "sex-form": ("เพศที่เขียนแบบอื่น", "Sex written another way"),
    "grade-form": ("ชั้นที่เขียนแบบอื่น", "Grade written another way"),
    "status-form": ("สถานภาพที่เขียนแบบอื่น", "Status written another way"),
    "blank-mark": ("ขีดหรือคำที่หมายถึงไม่มีข้อมูล", "A dash or a word that stands for nothing"),
    "merged": ("เติมค่าจากเซลล์ที่ผสานกัน", "Filled from merged cells"),
}
"""kind -> what was done, in Thai and in English."""
