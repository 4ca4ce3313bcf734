"""Closed lists of the domain: text values for storage, each member with its Thai and English label."""

from enum import StrEnum
from typing import Self


class TextEnum(StrEnum):
    """A stored code with labels: `Member = (value, th, en[, abbr])`.

    `str(member)` is the stored value. `abbr` is the short Thai form and equals `th` where none is given.
    `order` is the place in the list, counted from 0; comparing members with `<` compares codes, so sort by `order`.
    """

    th: str
    en: str
    abbr: str
    order: int

    def __new__(cls, value: str, th: str = "", en: str = "", abbr: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.th, member.en, member.abbr = th, en, abbr or th
        member.order = len(cls.__members__)
        return member

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """The member whose value, Thai or English label, or abbreviation is exactly `text`; None if there is none."""
        for member in cls:
            if text in (member.value, member.th, member.en, member.abbr):
                return member
        return None


class Grade(TextEnum):
    """Classes of schools, colleges and child development centres, youngest first (`order`)."""

    C2 = "C2", "อายุ 2 ปี", "Age 2"
    C3 = "C3", "อายุ 3 ปี", "Age 3"
    C4 = "C4", "อายุ 4 ปี", "Age 4"
    C5 = "C5", "อายุ 5 ปี", "Age 5"
    K1 = "K1", "อ.1", "K.1"
    K2 = "K2", "อ.2", "K.2"
    K3 = "K3", "อ.3", "K.3"
    P1 = "P1", "ป.1", "P.1"
    P2 = "P2", "ป.2", "P.2"
    P3 = "P3", "ป.3", "P.3"
    P4 = "P4", "ป.4", "P.4"
    P5 = "P5", "ป.5", "P.5"
    P6 = "P6", "ป.6", "P.6"
    M1 = "M1", "ม.1", "M.1"
    M2 = "M2", "ม.2", "M.2"
    M3 = "M3", "ม.3", "M.3"
    M4 = "M4", "ม.4", "M.4"
    M5 = "M5", "ม.5", "M.5"
    M6 = "M6", "ม.6", "M.6"
    V1 = "V1", "ปวช.1", "Voc. 1"
    V2 = "V2", "ปวช.2", "Voc. 2"
    V3 = "V3", "ปวช.3", "Voc. 3"
    D1 = "D1", "ปวส.1", "Dip. 1"
    D2 = "D2", "ปวส.2", "Dip. 2"


class Sex(TextEnum):
    MALE = "male", "ชาย", "Male", "ช"
    FEMALE = "female", "หญิง", "Female", "ญ"


class SchoolKind(TextEnum):
    """The first three belong to an LAO; `OTHER` is a school of another affiliation, known by its counts only."""

    SCHOOL = "school", "โรงเรียน", "School", "รร."
    COLLEGE = "college", "วิทยาลัย", "College"
    CENTRE = "centre", "ศูนย์พัฒนาเด็กเล็ก", "Child development centre", "ศพด."
    OTHER = "other", "สถานศึกษาสังกัดอื่น", "School of another affiliation", "สังกัดอื่น"


class SchoolStatus(TextEnum):
    OPEN = "open", "เปิดสอน", "Open"
    CLOSED = "closed", "เลิก", "Closed"
    MERGED = "merged", "รวมกับสถานศึกษาอื่น", "Merged into another school", "รวม"


class StudentStatus(TextEnum):
    STUDYING = "studying", "กำลังศึกษา", "Studying"
    MOVED = "moved", "ย้าย", "Moved away"
    GRADUATED = "graduated", "จบ", "Graduated"
    DISCHARGED = "discharged", "จำหน่าย", "Discharged"
    ABSENT_LONG = "absent_long", "ขาดเรียนนาน", "Long absent"


class LaoType(TextEnum):
    """Kinds of local administrative organisation; `th` is the full name as the DLA's register writes it."""

    PAO = "pao", "องค์การบริหารส่วนจังหวัด", "Provincial administrative organisation", "อบจ."
    CITY = "city", "เทศบาลนคร", "City municipality", "ทน."
    TOWN = "town", "เทศบาลเมือง", "Town municipality", "ทม."
    TAMBON = "tambon", "เทศบาลตำบล", "Subdistrict municipality", "ทต."
    SAO = "sao", "องค์การบริหารส่วนตำบล", "Subdistrict administrative organisation", "อบต."
    PATTAYA = "pattaya", "เมืองพัทยา", "City of Pattaya"


class Level(TextEnum):
    """Width of a person's area, widest first (`order`)."""

    COUNTRY = "country", "ทั้งประเทศ", "Whole country"
    PROVINCE = "province", "จังหวัด", "Province"
    DISTRICT = "district", "อำเภอ", "District"
    LAO = "lao", "องค์กรปกครองส่วนท้องถิ่น", "Local administrative organisation", "อปท."
    SCHOOL = "school", "สถานศึกษา", "School"


class RoundKind(TextEnum):
    """A census takes a new base; a correction corrects the base of the same census date."""

    CENSUS = "census", "สำรวจข้อมูล", "Census"
    CORRECTION = "correction", "ปรับปรุงแก้ไขข้อมูล", "Correction"


class SubmissionState(TextEnum):
    """Way of one school's counts in one round, in order; a returned one goes back to `IN_PROGRESS`."""

    NOT_STARTED = "not_started", "ยังไม่เริ่ม", "Not started"
    IN_PROGRESS = "in_progress", "กำลังบันทึก", "In progress"
    CERTIFIED = "certified", "สถานศึกษารับรองแล้ว", "Certified by the school"
    VERIFIED = "verified", "อปท. ตรวจสอบแล้ว", "Verified by the LAO"
    SUBMITTED = "submitted", "ส่งแล้ว", "Submitted"
    RETURNED = "returned", "ส่งกลับให้แก้ไข", "Returned for correction"
    ACCEPTED = "accepted", "รับข้อมูลแล้ว", "Accepted"


class CountSource(TextEnum):
    ROSTER = "roster", "ทะเบียนนักเรียน", "Roster"
    CERTIFIED_LIST = "certified_list", "แบบรับรองรายชื่อนักเรียน", "Certified list"
    PROCLAMATION = "proclamation", "ประกาศ ยุบ รวม เลิก", "Proclamation"
    REASON = "reason", "เหตุผลที่บันทึกไว้", "A recorded reason"


VERIFIED_STATES = frozenset({SubmissionState.VERIFIED, SubmissionState.SUBMITTED, SubmissionState.ACCEPTED})
"""States in which the LAO has vouched for a count. A stored text is in it like its member."""


class Caution(TextEnum):
    """What is said beside a count wherever it is shown or added up."""

    UNVERIFIED = "unverified", "ยังไม่ตรวจสอบ", "Not verified"
    NO_PROCLAMATION = "no_proclamation", "ศูนย์โดยไม่มีประกาศ", "Zero without a proclamation"

    @classmethod
    def of(cls, kind: str | None, state: str | None, source: str | None) -> tuple["Caution", ...]:
        """The cautions of a count, by its school's kind; none where nothing is counted (no source).

        An own school's count can be checked in its roster at any time; one of another affiliation is as good as its
        verification by the LAO.
        """
        if source is None:
            return ()
        unverified = kind == SchoolKind.OTHER and state not in VERIFIED_STATES
        bare = source == CountSource.REASON
        return (*([cls.UNVERIFIED] if unverified else []), *([cls.NO_PROCLAMATION] if bare else []))


class Step(TextEnum):
    """What people do to a submission: each but the comment moves it from state to state."""

    START = "start", "เริ่มบันทึก", "Start"
    CERTIFY = "certify", "รับรองข้อมูล", "Certify"
    UNCERTIFY = "uncertify", "ถอนการรับรอง", "Withdraw the certification"
    VERIFY = "verify", "ยืนยันว่าตรวจสอบแล้ว", "Verify"
    UNVERIFY = "unverify", "ยกเลิกการตรวจสอบ", "Undo the verification"
    SUBMIT = "submit", "ส่งข้อมูล", "Submit"
    RECALL = "recall", "เรียกคืนข้อมูลที่ส่ง", "Take back what was submitted"
    RETURN = "return", "ส่งกลับให้แก้ไข", "Return for correction"
    ACCEPT = "accept", "รับข้อมูล", "Accept"
    UNLOCK = "unlock", "ปลดล็อก", "Unlock"
    COMMENT = "comment", "แสดงความเห็น", "Comment"


class CorrectionDeed(TextEnum):
    """What a correction did to a roster."""

    ADD = "add", "เพิ่ม", "Added"
    CHANGE = "change", "แก้ไข", "Changed"
    DISCHARGE = "discharge", "จำหน่าย", "Discharged"
    MOVE = "move", "ย้ายสถานศึกษา", "Moved to another school"
    REMOVE = "remove", "ลบ", "Removed"


class Severity(TextEnum):
    """How much a finding weighs: an error blocks certifying, a warning needs an explanation, a notice only tells."""

    ERROR = "error", "ต้องแก้ไข", "Error"
    WARNING = "warning", "ต้องชี้แจง", "Warning"
    NOTICE = "notice", "ควรทราบ", "Notice"


class FindingState(TextEnum):
    OPEN = "open", "ยังไม่จัดการ", "Open"
    EXPLAINED = "explained", "ชี้แจงแล้ว", "Explained"
    GONE = "gone", "แก้ไขแล้ว", "Put right"


class DuplicateReason(TextEnum):
    """How a person recorded at two schools was resolved; codes of the Ministry's DMC."""

    FOUND_STUDYING = "100", "พบตัวเรียนอยู่", "Found studying"
    NOT_FOUND = "201", "ไม่พบตัวตน", "Not found"
    GRADUATED = "202", "จบการศึกษา", "Graduated"
    MOVED = "203", "ย้ายสถานศึกษา", "Moved"
    UNREACHABLE = "204", "ติดต่อไม่ได้", "Unreachable"
    DIED = "205", "เสียชีวิต", "Died"
    OTHER = "206", "อื่น ๆ", "Other"


class EvidenceKind(TextEnum):
    """Signed papers of a school of another affiliation."""

    LEC_1 = "lec-1", "LEC-1 แบบบัญชีสรุปจำนวนนักเรียน", "LEC-1 summary of counts"
    LEC_2 = "lec-2", "LEC-2 แบบรับรองรายชื่อนักเรียน", "LEC-2 certified list of names"
    OTHER = "other", "เอกสารอื่น", "Another paper"


class ProclamationKind(TextEnum):
    MERGER = "merger", "รวม", "Merger"
    DISSOLUTION = "dissolution", "ยุบ", "Dissolution"
    CLOSURE = "closure", "เลิก", "Closure"


class AgencyKind(TextEnum):
    """Offices the LAO asks about schools of other affiliation."""

    SERVICE_AREA = (
        "service_area",
        "สำนักงานเขตพื้นที่การศึกษา",
        "Education service area office",
        "สพป./สพม.",
    )
    PARENT = "parent", "หน่วยงานต้นสังกัด", "Parent agency"


class NoticeUrgency(TextEnum):
    NORMAL = "normal", "ปกติ", "Normal"
    URGENT = "urgent", "ด่วน", "Urgent"
    VERY_URGENT = "very_urgent", "ด่วนมาก", "Very urgent"
    MOST_URGENT = "most_urgent", "ด่วนที่สุด", "Most urgent"


class NoticeState(TextEnum):
    DRAFT = "draft", "ร่าง", "Draft"
    SENDING = "sending", "กำลังส่ง", "Sending"
    SENT = "sent", "ส่งแล้ว", "Sent"


class DeliveryState(TextEnum):
    WAITING = "waiting", "รอส่ง", "Waiting"
    SENDING = "sending", "กำลังส่ง", "Sending"
    SENT = "sent", "ส่งแล้ว", "Sent"
    RETRYING = "retrying", "จะลองส่งใหม่", "Will be retried"
    FAILED = "failed", "ส่งไม่สำเร็จ", "Failed"


class RetentionKind(TextEnum):
    """What is removed in the background once it is old."""

    IMPORTS = "imports", "ไฟล์และแถวของการนำเข้า", "Files and rows of imports"
    REPORTS = "reports", "แถวของรายงาน", "Rows of reports"
    MAIL = "mail", "รายละเอียดการส่งหนังสือ", "Tries to deliver letters"
    CHECKS = "checks", "บันทึกการตรวจสอบและการลบ", "Records of checks and of removing"
    HISTORY = "history", "ประวัติการแก้ไข", "History of records"


class RunState(TextEnum):
    """State of a report run or a check."""

    WAITING = "waiting", "รอดำเนินการ", "Waiting"
    RUNNING = "running", "กำลังดำเนินการ", "Running"
    DONE = "done", "เสร็จแล้ว", "Done"
    FAILED = "failed", "ไม่สำเร็จ", "Failed"
    CANCELLED = "cancelled", "ยกเลิกแล้ว", "Cancelled"


class ImportState(TextEnum):
    """Where an import of a roster is. The first, `APPLYING` and `UNDOING` are work of the background."""

    READING = "reading", "กำลังอ่านไฟล์", "Reading the file"
    MAPPING = "mapping", "รอเลือกคอลัมน์", "Columns to be chosen"
    PREVIEW = "preview", "รอตรวจและยืนยัน", "Preview"
    APPLYING = "applying", "กำลังบันทึก", "Being applied"
    APPLIED = "applied", "บันทึกแล้ว", "Applied"
    UNDOING = "undoing", "กำลังย้อนกลับ", "Being undone"
    UNDONE = "undone", "ย้อนกลับแล้ว", "Undone"
    FAILED = "failed", "ไม่สำเร็จ", "Failed"
    CANCELLED = "cancelled", "ยกเลิกแล้ว", "Cancelled"


class ImportDeed(TextEnum):
    """What an import would do with a row of the file, or with a student who is not in it."""

    NEW = "new", "เพิ่มใหม่", "New"
    CHANGED = "changed", "แก้ไข", "Changed"
    MOVED = "moved", "ย้ายมาจากสถานศึกษาอื่น", "Moved from another school"
    UNCHANGED = "unchanged", "เหมือนเดิม", "Unchanged"
    MISSING = "missing", "ไม่มีในไฟล์", "Missing from the file"
    ASKED = "asked", "รอคำตอบ", "Waits for an answer"
    REFUSED = "refused", "รับไม่ได้", "Refused"


class ImportRowState(TextEnum):
    """How far a row of an import is; `AGAIN`: the database changed since the preview, so it is shown once more."""

    PLANNED = "planned", "ยังไม่บันทึก", "Not written yet"
    AGAIN = "again", "ข้อมูลในระบบเปลี่ยน โปรดดูอีกครั้ง", "Changed meanwhile: look again"
    APPLIED = "applied", "บันทึกแล้ว", "Written"
    UNDONE = "undone", "ย้อนกลับแล้ว", "Undone"
