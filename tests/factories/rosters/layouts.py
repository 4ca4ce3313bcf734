"""The layouts in which rosters come: what stands above a list, and its columns, as schools' systems write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.factories.rosters.lines import SHORT_SEX, Line, Raw
from tests.factories.rosters.sheets import Column, Table

Build = Callable[[Raw], Table]


@dataclass(frozen=True)
class Layout:
    """A layout as files have it. `build` takes the raw school; `prepare` turns cells into the layout's own way."""

    name: str
    sheet: str
    build: Build
    prepare: Callable[[Sequence[Line]], None] = lambda lines: None


def _group(name: str, *headings: str) -> list[Column]:
    return [Column(heading, filler="-", group=name) for heading in headings]


def _parent(name: str) -> list[Column]:
    people = _group(name, "คำนำหน้า", "ชื่อ", "นามสกุล", "ศาสนา", "อาชีพ", "รายได้", "เบอร์โทรศัพท์")
    return [*people, *(_group(name, "ความสัมพันธ์") if name == "ผู้ปกครอง" else [])]


_ADDRESS = ("บ้านเลขที่", "หมู่ที่", "ซอย", "ถนน", "ตำบล", "อำเภอ", "จังหวัด", "รหัสไปรษณีย์")


def _lec_export(school: Raw) -> Table:
    columns = [
        Column("ลำดับที่", filler="#"), Column("จังหวัด", filler="นครราชสีมา"), Column("อำเภอ", filler="ปักธงชัย"),
        Column("อปท.", filler="ทต.ตะขบ"), Column("สถานศึกษา", filler=school["name_th"]),
        Column("ปีการศึกษา", filler="2567"), Column("ภาคเรียน", filler="1"),
        Column("เลขประจำตัวนักเรียน", "student_no"), Column("คำนำหน้าชื่อ", "title"), Column("ชื่อ", "first_name"),
        Column("นามสกุล", "last_name"), Column("วัน/เดือน/ปีเกิด", "birth_date"), Column("เชื้อชาติ", filler="ไทย"),
        Column("สัญชาติ", "nationality"), Column("ศาสนา", "religion"), Column("เลขประจำตัวประชาชน", "national_id"),
        Column("วันที่เข้าเรียน", "admitted_on"), Column("ส่วนสูง", "height_cm"), Column("น้ำหนัก", "weight_kg"),
        Column("สภาพนักเรียน", "status"), Column("สถานภาพครอบครัว", filler="อยู่ด้วยกัน"),
        Column("สิทธิการเบิก", filler="เบิกไม่ได้"), Column("ชั้น", "grade"), Column("ห้อง", "room"),
        *_parent("บิดา"), *_parent("มารดา"), *_parent("ผู้ปกครอง"),
        *_group("ที่อยู่ตามทะเบียนบ้าน", *_ADDRESS), *_group("ที่อยู่ปัจจุบัน", *_ADDRESS),
    ]  # fmt: skip
    above = [["ข้อมูลนักเรียน/เด็กเล็ก ระบบสารสนเทศทางการศึกษาท้องถิ่น (LEC)"], [f"{school['name_th']} ปีการศึกษา 2567 ภาคเรียนที่ 1"]]
    return Table(above, columns)


_DMC_LINE = "วันและเวลาที่สร้างรายงาน 10/06/2567 08:30:00"


def _dmc_start(school: Raw, id_heading: str, number_heading: str) -> list[Column]:
    return [
        Column("รหัสโรงเรียน", filler=school["_id"]), Column("ชื่อโรงเรียน", filler=school["name_th"]),
        Column(id_heading, "national_id"), Column("ชั้น", "grade"), Column("ห้อง", "room"),
        Column(number_heading, "student_no"), Column("เพศ", "sex"), Column("คำนำหน้าชื่อ", "title"),
        Column("ชื่อ", "first_name"), Column("นามสกุล", "last_name"), Column("วันเกิด", "birth_date"),
        Column("อายุ(ปี)", filler="8"), Column("น้ำหนัก", "weight_kg"), Column("ส่วนสูง", "height_cm"),
        Column("กลุ่มเลือด", filler="O"), Column("ศาสนา", "religion"), Column("เชื้อชาติ", filler="ไทย"),
        Column("สัญชาติ", "nationality"),
    ]  # fmt: skip


def _dmc_short(school: Raw) -> Table:
    twice = "เลขประจำตัวนักเรียน"
    rest = (
        "บ้านเลขที่", "หมู่", "ถนน/ซอย", "ตำบล", "อำเภอ", "จังหวัด", "ชื่อผู้ปกครอง", "นามสกุลผู้ปกครอง", "อาชีพของผู้ปกครอง",
        "ความเกี่ยวข้องของผู้ปกครองกับนักเรียน", "ชื่อบิดา", "นามสกุลบิดา", "อาชีพของบิดา", "ชื่อมารดา", "นามสกุลมารดา",
        "อาชีพของมารดา", "ความด้อยโอกาส", "ขาดแคลน",
    )  # fmt: skip
    columns = [*_dmc_start(school, twice, twice), *(Column(heading, filler="-") for heading in rest)]
    assert len(columns) == 36
    return Table([[_DMC_LINE]], columns)


def _dmc_long(school: Raw) -> Table:
    person = ("เลขประจำตัวประชาชน", "คำนำหน้าชื่อ", "ชื่อ", "นามสกุล", "รายได้ต่อเดือน", "เบอร์โทรศัพท์", "อาชีพ")
    house = ("รหัสประจำบ้าน", "บ้านเลขที่", "หมู่", "ซอย", "ถนน", "ตำบล", "อำเภอ", "จังหวัด", "รหัสไปรษณีย์")
    rest = (
        "ชื่อ(อังกฤษ)", "นามสกุล(อังกฤษ)", "ชื่อเล่น", "จังหวัดที่เกิด", "สถานภาพสมรสของบิดามารดา", *person, "สถานภาพบิดา",
        *person, "สถานภาพมารดา", *person, "ความเกี่ยวข้องของผู้ปกครอง", *house, *house, "จำนวนพี่ชาย", "จำนวนน้องชาย",
        "จำนวนพี่สาว", "จำนวนน้องสาว", "เป็นบุตรคนที่", "ความพิการ", "ความด้อยโอกาส", "ขาดแคลนแบบเรียน", "ขาดแคลนอาหารกลางวัน",
        "ขาดแคลนเครื่องเขียน", "ขาดแคลนเครื่องแบบ", "ระยะทางไปโรงเรียน(กม.)", "ระยะทางถนนลูกรัง", "ระยะทางถนนลาดยาง",
        "ระยะทางทางน้ำ", "เวลาเดินทาง(นาที)", "วิธีการเดินทาง", "พักนอน", "สมุดสุขภาพ", "ดัชนีมวลกาย", "ทุนการศึกษา",
        "รหัสวิชาทหาร", "รหัสพื้นที่", "รหัสรายการ", "รหัสระเบียน", "หมายเหตุ",
    )  # fmt: skip
    fillers = ("-", "ไม่มี")
    columns = _dmc_start(school, "เลขประจำตัวประชาชน", "เลขประจำตัวนักเรียน")
    columns += [Column(heading, filler=fillers[place % 2]) for place, heading in enumerate(rest)]
    assert len(columns) == 91, len(columns)
    return Table([[_DMC_LINE]], columns)


def _as_dmc(lines: Sequence[Line]) -> None:
    """ช/ญ; and for every third pupil nobody knows weight and height, which is written in two ways."""
    for place, line in enumerate(lines):
        if line.cells["sex"] is not None:
            line.cells["sex"] = SHORT_SEX[line.pupil["sex"]]
        if place % 3 == 0:
            line.cells["weight_kg"], line.cells["height_cm"] = "-", "ไม่มี"
            line.pupil = {name: value for name, value in line.pupil.items() if name not in ("weight_kg", "height_cm")}


def _lec2(school: Raw) -> Table:
    above: list[list[str | None]] = [
        [None, None, None, None, "LEC-2"],
        ["แบบรับรองรายชื่อนักเรียนของสถานศึกษาสังกัดหน่วยงานอื่น"],
        ["เพื่อใช้ในการตรวจสอบและพิจารณาจัดสรรงบประมาณอุดหนุนด้านการศึกษาขององค์กรปกครองส่วนท้องถิ่น"],
        ["ประจำปีการศึกษา ๒๕๖๗ (ครั้งที่ ๒)"],
        [f"สถานศึกษา {school['name_th']} สังกัด สพป.นครราชสีมา เขต 3"],
        ["เพื่อจัดส่งให้ เทศบาลตำบลตะขบ"],
    ]
    columns = [
        Column("ลำดับ", filler="#"), Column("เลขประจำตัว", "student_no"), Column("คำนำหน้า ชื่อ-สกุล", "name"),
        Column("เลขประจำตัวประชาชน", "national_id"), Column("ระดับชั้น/ห้อง", "grade_room"),
    ]  # fmt: skip
    return Table([list(row) for row in above], columns, page=32)


def _as_lec2(lines: Sequence[Line]) -> None:
    for line in lines:
        cells = line.cells
        named = " ".join(str(cells[name]) for name in ("first_name", "last_name") if cells[name])
        cells["name"] = f"{cells['title'] or ''}{named}"
        cells["grade_room"] = f"{cells['grade']}/{cells['room']}"


def _own(school: Raw) -> Table:
    columns = [
        Column("รหัสสถานศึกษา", "school_code"), Column("เลขประจำตัวประชาชน", "national_id"),
        Column("เลขประจำตัวนักเรียน", "student_no"), Column("คำนำหน้า", "title"), Column("ชื่อ", "first_name"),
        Column("นามสกุล", "last_name"), Column("เพศ", "sex"), Column("วันเกิด", "birth_date"),
        Column("สัญชาติ", "nationality"), Column("ศาสนา", "religion"), Column("น้ำหนัก (กก.)", "weight_kg"),
        Column("ส่วนสูง (ซม.)", "height_cm"), Column("ชั้น", "grade"), Column("ห้อง", "room"),
        Column("สถานภาพ", "status"), Column("วันที่เข้าเรียน", "admitted_on"),
        Column("วันที่ออก"),
    ]  # fmt: skip
    return Table([], columns)


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout("lec-export", "นักเรียน", _lec_export),
        Layout("dmc-short", "Sheet1", _dmc_short, _as_dmc),
        Layout("dmc-long", "Sheet1", _dmc_long, _as_dmc),
        Layout("lec-2", "LEC-2", _lec2, _as_lec2),
        Layout("lec", "นักเรียน", _own),
    )
}
