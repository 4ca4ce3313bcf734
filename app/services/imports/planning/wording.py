"""Why rows are refused: (Thai, English) sentences that say what to do."""

from __future__ import annotations

NO_NUMBER = (
    "ไม่พบนักเรียนคนนี้ในทะเบียนของสถานศึกษา และแถวไม่มีเลขประจำตัวประชาชนที่ต้องใช้เพิ่มนักเรียนใหม่ โปรดเติมเลข 13 หลัก หรือรหัส G",
    "Nobody on the school's roster fits this row, and a new student needs an ID number. "
    "Add the 13 digits or the G-code.",
)
SOMEBODY_ELSE = (
    "เลขนี้เป็นของนักเรียนอีกคนในทะเบียน (ชื่อ นามสกุล และวันเกิดต่างกันทั้งหมด) โปรดตรวจสอบเลขกับบัตรหรือทะเบียนบ้าน "
    "หากเลขในทะเบียนผิด โปรดแก้ไขในทะเบียนก่อน",
    "This ID number belongs to another student here: first name, last name and date of birth all differ. "
    "Check the number; if the roster is wrong, correct it there first.",
)
SEVERAL_ALIKE = (
    "มีนักเรียนในทะเบียนมากกว่าหนึ่งคนที่ตรงกับแถวนี้ โปรดเติมเลขประจำตัวประชาชนของคนที่ต้องการ",
    "More than one student on the roster fits this row. Add the ID number of the one that is meant.",
)

LEFT_HERE = (
    "ทะเบียนบันทึกว่าออกจากสถานศึกษาแล้ว แต่ยังมีชื่อในไฟล์ และไฟล์ไม่ได้บอกสถานภาพ การนำเข้านี้จึงยังถือว่าออกแล้ว "
    "หากยังเรียนอยู่ โปรดแก้ไขสถานภาพและวันที่ออกในหน้านักเรียน หรือใส่ “กำลังศึกษา” ในช่องสถานภาพของไฟล์แล้วนำเข้าอีกครั้ง",
    "The roster says this student has left, the file still lists them and states no status, so they stay as having "
    "left. If they study here, change status and leaving date on the student's page, or write “กำลังศึกษา” as the "
    "status in the file and import it again.",
)
LEFT_BY_HAND = (
    "ไฟล์ระบุว่ายังเรียนอยู่ แต่มีผู้บันทึกด้วยมือว่าออกแล้ว การนำเข้านี้จึงยังถือว่าออกแล้ว หากยังเรียนอยู่ ให้เลือกใช้ค่าจากไฟล์แทน",
    "The file says this student is there, but somebody recorded by hand that they have left, so they stay so. "
    "If they study here, choose to use the file's value.",
)


def on_several(codes: list[str]) -> tuple[str, str]:
    """A person who is on several other rosters, of whom nobody knows which one to move."""
    listed = ", ".join(codes[:8])
    return (
        f"คนนี้ยังเรียนอยู่ในทะเบียนมากกว่าหนึ่งแห่ง ({listed}) จึงไม่รู้ว่าย้ายมาจากที่ใด โปรดจำหน่ายรายการที่ซ้ำก่อน",
        f"This person still studies on several rosters ({listed}), so it is not known from which to move. "
        "Discharge the doubles first.",
    )
