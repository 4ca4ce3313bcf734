"""What people read when a file cannot be read: what is wrong with it and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from app.errors import Problem

_SAVE_TH = "โปรดเปิดด้วย Excel แล้วบันทึกเป็น .xlsx จากนั้นนำเข้าใหม่"
_SAVE_EN = "Open it in Excel, save it as .xlsx and upload that."
_USE_TH = "โปรดใช้ไฟล์ .xlsx .xls .ods .csv หรือ OneRoster (.zip)"
_USE_EN = "Use a file of the kind .xlsx, .xls, .ods, .csv, or a OneRoster .zip."

_LOOKS: Mapping[str, tuple[str, str]] = {
    "pdf": ("เอกสาร PDF", "a PDF document"),
    "word": ("เอกสาร Word", "a Word document"),
    "slides": ("งานนำเสนอ PowerPoint", "a PowerPoint presentation"),
    "image": ("รูปภาพ", "a picture"),
    "archive": (
        "ไฟล์บีบอัดที่ไม่ใช่ตาราง หากมีตารางอยู่ข้างใน โปรดแตกไฟล์ก่อน",
        "a packed archive; unpack it if the table lies inside",
    ),
    "program": ("โปรแกรม", "a program"),
    "database": ("ฐานข้อมูล", "a database"),
    "binary": ("ข้อมูลที่ไม่ใช่ข้อความ", "data that is no text"),
}  # fmt: skip
"""What a file is that is no table at all."""

_RESAVE: Mapping[str, tuple[str, str]] = {
    "page": ("หน้าเว็บ (HTML) ที่ตั้งชื่อเป็นไฟล์ตาราง", "a web page (HTML) that is named like a spreadsheet"),
    "xml": ("ไฟล์ XML", "an XML file"),
    "numbers": ("ไฟล์ของ Apple Numbers", "a file of Apple Numbers"),
    "old": ("ไฟล์ Excel รุ่นเก่ามาก (ก่อน Excel 97)", "a file of a very old Excel, before 97"),
}
"""What Excel, or the program it is of, can turn into a workbook."""

_TEXTS: Mapping[str, tuple[str, str]] = {
    "empty": ("ไฟล์ว่างเปล่า ไม่มีข้อมูลใด ๆ โปรดเลือกไฟล์ใหม่", "The file is empty. Choose another one."),
    "nothing": (
        "ไม่มีแผ่นงานใดในไฟล์ที่มีข้อมูล โปรดตรวจสอบว่าเลือกไฟล์ถูกต้อง",
        "No sheet of the file holds anything. Check that it is the right file.",
    ),
    "password": (
        "ไฟล์ตั้งรหัสผ่านไว้ จึงอ่านไม่ได้ โปรดเปิดด้วย Excel เอารหัสผ่านออก (ไฟล์ > ข้อมูล > ป้องกันสมุดงาน) บันทึก แล้วนำเข้าใหม่",
        "The file is locked with a password. Open it in Excel, remove the password (File > Info > Protect Workbook), "
        "save and upload it again.",
    ),
    "damaged": (
        f"ไฟล์ชำรุดหรือไม่ครบ อาจดาวน์โหลดไม่เสร็จ โปรดดาวน์โหลดใหม่ หรือ{_SAVE_TH.removeprefix('โปรด')}",
        f"The file is damaged or cut off; perhaps its download was not finished. Fetch it again, or: {_SAVE_EN}",
    ),
    "rows": (
        "ไฟล์มีมากกว่า {most:,} แถว หรือมีข้อมูลอยู่ไกลด้านล่างตาราง โปรดลบแถวที่ไม่ใช้ หรือแยกเป็นหลายไฟล์",
        "The file has more than {most:,} rows, or a cell far below the table. Delete rows that are not needed, or "
        "split the file.",
    ),
    "columns": (
        "แผ่นงานมีมากกว่า {most:,} คอลัมน์ หรือมีข้อมูลอยู่ไกลด้านขวาของตาราง โปรดลบคอลัมน์ที่ไม่ใช้แล้วบันทึก",
        "A sheet has more than {most:,} columns, or a cell far to the right of the table. Delete columns that are not "
        "needed and save.",
    ),
    "sheets": (
        "ไฟล์มีมากกว่า {most:,} แผ่นงาน โปรดเก็บเฉพาะแผ่นงานรายชื่อนักเรียน",
        "The file has more than {most:,} sheets. Keep only those with students.",
    ),
    "merged": (
        "ไฟล์มีเซลล์ที่ผสานกันมากเกินไป โปรดยกเลิกการผสานเซลล์แล้วบันทึก",
        "The file has too many merged cells. Unmerge them and save.",
    ),
    "cells": (
        "ไฟล์มีเซลล์ที่มีข้อมูลมากกว่า {most:,} เซลล์ อาจมีค่าที่คัดลอกซ้ำไว้เต็มแผ่นงาน โปรดลบคอลัมน์และแถวที่ไม่ใช้ หรือแยกเป็นหลายไฟล์",
        "The file has more than {most:,} filled cells; perhaps a value was copied over a whole sheet. Delete columns "
        "and rows that are not needed, or split the file.",
    ),
    "characters": (
        "ข้อความในไฟล์รวมกันยาวกว่า {most:,} ตัวอักษร อาจมีข้อความยาวที่คัดลอกซ้ำไว้หลายเซลล์ โปรดลบคอลัมน์ที่ไม่ใช้ หรือแยกเป็นหลายไฟล์",
        "The texts of the file are longer than {most:,} characters together; perhaps a long text was copied into many "
        "cells. Delete columns that are not needed, or split the file.",
    ),
    "quote": (
        "ไฟล์ CSV มีเครื่องหมายคำพูด (\") ที่ไม่ปิด เริ่มที่บรรทัด {line:,} โปรดแก้ไขบรรทัดนั้น หรือส่งออกไฟล์ใหม่",
        "The CSV file has a quotation mark (\") that is not closed; it begins in line {line:,}. Correct that "
        "line or export the file again.",
    ),
    "bytes": (
        "ไฟล์ใหญ่เกินไป ต้องไม่เกิน {megabytes:,} MB โปรดแยกเป็นหลายไฟล์",
        "The file is too large: at most {megabytes:,} MB. Split it.",
    ),
    "unpacked": (
        f"ไฟล์นี้เมื่อแตกออกแล้วใหญ่เกินไป อาจมีรูปภาพหรือข้อมูลที่ไม่จำเป็น {_SAVE_TH}",
        f"Unpacked, the file is too large; perhaps it holds pictures or data that are not needed. {_SAVE_EN}",
    ),
    "memory": (
        "ไฟล์ต้องใช้หน่วยความจำมากเกินไป อาจมีข้อมูลอยู่ไกลจากตาราง โปรดลบแถวและคอลัมน์ที่ไม่ใช้ หรือแยกเป็นหลายไฟล์",
        "The file needs too much memory; perhaps a cell lies far from the table. Delete unused rows and columns, or "
        "split the file.",
    ),
    "time": (
        "อ่านไฟล์ไม่เสร็จในเวลาที่กำหนด โปรดแยกเป็นหลายไฟล์ หรือลบส่วนที่ไม่ใช้แล้วนำเข้าใหม่",
        "Reading the file took too long. Split it, or delete what is not needed, and upload it again.",
    ),
    "roster": (
        "ไฟล์ OneRoster ไม่ครบ ไม่พบ users.csv หรือคอลัมน์ sourcedId โปรดส่งออกใหม่",
        "The OneRoster file is not complete: it has no users.csv with a column sourcedId. Export it again.",
    ),
}  # fmt: skip


def problem_of(code: str, numbers: Mapping[str, int]) -> Problem:
    """The sentences for a refusal of the reader, see `sheet_reader/refusing.py`; an unknown code is a damaged file."""
    looks = code.removeprefix("looks-")
    if looks in _LOOKS:
        th, en = _LOOKS[looks]
        return Problem(f"ไฟล์นี้ไม่ใช่ตาราง แต่เป็น{th} {_USE_TH}", f"This is not a spreadsheet but {en}. {_USE_EN}", "file")
    if looks in _RESAVE:
        th, en = _RESAVE[looks]
        return Problem(f"ไฟล์นี้เป็น{th} {_SAVE_TH}", f"This is {en}. {_SAVE_EN}", "file")
    th, en = _TEXTS.get(code, _TEXTS["damaged"])
    told = {"most": 0, "line": 0, "megabytes": numbers.get("most", 0) // 2**20, **numbers}
    return Problem(th.format(**told), en.format(**told), "file")
