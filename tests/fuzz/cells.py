"""Random sheets through recognising and reading: `python -m tests.fuzz.cells --files 14000 --seed 1`.

Headers of known layouts, shuffled, cut and spoiled, above cells of every kind of garbage. Nothing may raise, and every
row that has something in it comes out as values or with a named trouble or question and its number.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from app.enums import Grade
from app.rules import national_id
from app.rules.imports import layouts, questions, recognising, repairs
from app.rules.imports.cells import text_of
from app.rules.imports.fields import DAYS, LABELS
from app.rules.imports.rows import RowReader
from app.rules.imports.terms import Cell, RowRead, SheetPlan
from app.thai import to_thai_digits
from tests.rules.imports import heads

TODAY = date(2026, 11, 23)
_SIGNS = "กขคงใจดีเแ่้์ำ็ๆฯ๐๑๙ABab019 .-/()'\"=+@,;:\t\n\u200b\u202e\ufeff\u00a0\ue000\ud800😀é漢"
_NAMES = (
    "ก้อง",
    "ขวัญ",
    "น้ำฝน",
    "เเดง",
    "พระพาย",
    "นายิกา",
    "Somchai",
    "ณ อยุธยา",
    "เด็กชายก้อง",
    "=1+1",
    "ก" * 60,
    "ก" * 90,
)
_TITLES = ("ด.ช.", "ด.ญ.", "เด็กชาย", "นางสาว", "น.ส.", "ม.ล.", "ดช", "", "-")
_GOOD: dict[str, tuple[Cell, ...]] = {
    "national_id": ("1101700230708", 1101700230708, "G123456789012"),
    "first_name": ("ก้อง", "ขวัญ"), "last_name": ("ใจดี", "ณ เมือง"),
    "name": ("ด.ช.ก้อง ใจดี", "เด็กหญิงขวัญ น้ำใส"), "grade": ("ป.1", "อนุบาล 2"),
    "grade_room": ("ป.๑/๒", "ม.3/1"),
    "weight_kg": (25.5, "30"), "height_cm": (120, "131.5"), "room": ("1", 2), "term": ("1", 2),
    "academic_year": ("2567", 2567),
    "school_code": ("1030200001",), "student_no": ("00123", 123), "status": ("กำลังศึกษา", "ปกติ"),
    "sex": ("ช", "หญิง"),
    "title": ("ด.ช.", "เด็กหญิง"), "religion": ("พุทธ", "-"), "nationality": ("ไทย",),
}  # fmt: skip
_WORDS = (
    "-",
    "ไม่มี",
    "N/A",
    "รวม",
    "ลงชื่อ ....",
    "ชาย",
    "ญ",
    "1",
    "2",
    "M",
    "ปกติ",
    "ย้าย",
    "แขวนลอย",
    "พุทธ",
    "ไทย",
    "#REF!",
    "TRUE",
)


def run(files: int, seed: int, tell: Callable[[str], object] = lambda line: None) -> Counter[str]:
    """So many sheets from this seed on; what became of them. Raises AssertionError with the seed of a bad one."""
    seen: Counter[str] = Counter()
    for number in range(files):
        try:
            one_file(random.Random(seed * 1_000_003 + number), seen)
        except Exception as problem:
            raise AssertionError(f"sheet {number} of seed {seed}: {problem!r}") from problem
        if number % 1000 == 999:
            tell(f"{number + 1} sheets, {seen['rows']} rows")
    return seen


def sheet(rng: random.Random) -> tuple[heads.Made, tuple[tuple[Cell, ...], ...]]:
    """A sheet with the header of a layout, perhaps spoiled, and rows of any kind."""
    code = rng.choice([*heads.COLUMNS])
    made = heads.make(code, rng, merged=rng.random() < 0.5)
    top = [list(row) for row in made.head.top]
    if rng.random() < 0.3:
        _spoil(top, rng)
    fields = dict(made.columns)
    width = max((len(row) for row in top), default=0)
    fits = rng.choice([1.0, 0.98, 0.9, 0.5])
    body = [_row(fields, width, fits, rng) for _ in range(rng.randrange(12))]
    return made, tuple(tuple(row) for row in (*top, *body))


def one_file(rng: random.Random, seen: Counter[str]) -> None:
    """One sheet: recognised or guessed, all rows read, each read once more from its texts."""
    made, rows = sheet(rng)
    head = replace(made.head, top=rows[:60], rows=len(rows))
    plan = recognising.recognise(head, layouts.builtin())
    seen["recognised" if plan else "not recognised"] += 1
    plan = plan or recognising.guess(head)
    if plan is None:
        seen["no table"] += 1
        return
    recognising.samples(head, plan.header)
    _read_all(plan, rows, rng, seen)


def _read_all(plan: SheetPlan, rows: tuple[tuple[Cell, ...], ...], rng: random.Random, seen: Counter[str]) -> None:
    keys = [questions.key(field, kind) for field in DAYS for kind in questions.KINDS]
    answers = {key: rng.choice(["be", "ce", "dmy", "mdy"]) for key in keys if rng.random() < 0.2}
    reader = RowReader(plan, answers, today=TODAY)
    for number, cells in enumerate(rows):
        row = reader.read(number, cells, {rng.randrange(9)} if rng.random() < 0.1 else ())
        if row is None:
            must = {"national_id", "first_name", "last_name"}
            full = [field for place, field in plan.columns.items() if place < len(cells) and _is_told(cells[place])]
            assert number <= plan.header or not must <= set(full) or _odd_line(cells), (number, cells)
            continue
        seen["rows"] += 1
        check(row, number)
        seen["refused"] += bool(row.troubles)
        seen["asked"] += bool(row.questions)
        seen["good"] += not (row.troubles or row.questions)
        seen["repaired"] += bool(row.repairs)
        again = reader.read_typed(row.row, row.typed)
        assert (again.values, again.troubles) == (row.values, row.troubles), row


def check(row: RowRead, number: int) -> None:
    """That a row says all that it must: its number, and of every text what became of it."""
    assert row.row == number + 1
    named = {one.field for one in row.troubles} | {key.partition(":")[0] for key in row.questions}
    for field, text in row.typed.items():
        if text and field in LABELS and field not in ("name", "grade_room", "level"):
            assert field in row.values or field in named, (field, row)
    if row.typed.get("name"):
        assert {"first_name", "name"} & (row.values.keys() | named), row
    if row.typed.get("grade_room"):
        assert {"grade", "grade_room"} & (row.values.keys() | named), row
    for repair in row.repairs:
        assert repair.kind in repairs.KINDS
    for trouble in row.troubles:
        assert trouble.th and trouble.en and len(trouble.value) <= 40
        assert not any(national_id.is_valid_thai_id(part) for part in f"{trouble.value} {trouble.th}".split())
    for value in row.values.values():
        assert value is None or isinstance(value, str | float | datetime)
        if isinstance(value, str):
            value.encode()


def _is_told(cell: Cell) -> bool:
    return text_of(cell) != ""


def _odd_line(cells: tuple[Cell, ...]) -> bool:
    """A note, or a header said again: such lines may be left out whatever they hold."""
    known = {heading for columns in heads.COLUMNS.values() for _, heading, _ in columns}
    texts = [text_of(cell).strip(" *\n\u200b") for cell in cells]
    return any(text.startswith("※") for text in texts) or sum(text in known for text in texts) >= 2


def _spoil(top: list[list[Cell]], rng: random.Random) -> None:
    """Headings lost, changed places, doubled."""
    for row in top:
        for _ in range(rng.randrange(4)):
            if len(row) < 2:
                continue
            one, other = rng.randrange(len(row)), rng.randrange(len(row))
            deed = rng.randrange(4)
            if deed == 0:
                row[one] = None
            elif deed == 1:
                row[one], row[other] = row[other], row[one]
            elif deed == 2:
                row[one] = row[other]
            else:
                row[one] = _text(rng)


def _row(fields: dict[int, str], width: int, fits: float, rng: random.Random) -> list[Cell]:
    kind = rng.random()
    if kind < 0.05:
        return []
    if kind < 0.1:
        return [
            rng.choice([None, "ลงชื่อ ..........", "(นายดี ใจดี)", "รวม", "รวมทั้งสิ้น 5 คน", "วันที่ 1 มิ.ย. 2567"])
            for _ in range(3)
        ]
    if kind < 0.15:
        return [_anything(rng) for _ in range(rng.randrange(width + 3))]
    return [
        (_fitting(fields[place], rng) if place in fields and rng.random() < fits else _anything(rng))
        for place in range(width)
    ]


def _fitting(field: str, rng: random.Random) -> Cell:
    """A cell of a field as schools may type it, most of them well."""
    if field in _GOOD and rng.random() < 0.7:
        return rng.choice(_GOOD[field])
    if field == "national_id":
        return _id(rng)
    if field in DAYS:
        return _day(rng)
    if field in ("first_name", "last_name"):
        return rng.choice(_NAMES)
    if field == "name":
        return f"{rng.choice(_TITLES)}{rng.choice(['', ' '])}{rng.choice(_NAMES)} {rng.choice(_NAMES)}"
    if field in ("grade", "grade_room"):
        grade = rng.choice(list(Grade)).th
        text = rng.choice(
            [
                grade,
                grade.replace(".", ""),
                f"{grade}/{rng.randrange(9)}",
                f"ชั้น{grade}",
                rng.choice(["1", "ประถมศึกษาปีที่ 2"]),
            ]
        )
        return to_thai_digits(text) if rng.random() < 0.2 else text
    if field == "title":
        return rng.choice(_TITLES)
    if field in ("student_no", "room", "school_code", "weight_kg", "height_cm", "academic_year", "term"):
        number = rng.choice([rng.randrange(10), rng.randrange(200), rng.randrange(10**5), 2567])
        return rng.choice(
            [
                number,
                float(number),
                str(number),
                f"{number:05}",
                f"{number} กก.",
                to_thai_digits(str(number)),
                number + 0.5,
            ]
        )
    return rng.choice(_WORDS)


def _id(rng: random.Random) -> Cell:
    twelve = f"{rng.randrange(10**12):012}"
    number = twelve + national_id.check_digit(twelve)
    return rng.choice(
        [number, int(number), float(number), number.lstrip("0"), to_thai_digits(number),
        f"{number[0]}-{number[1:5]}-{number[5:]}",
         f"{int(number):.4E}", f"{int(number):.12E}", f"G{twelve}", f"g {twelve}", twelve, number[:-1] + "x",
         f"'{number}", f'="{number}"']
    )  # fmt: skip


def _day(rng: random.Random) -> Cell:
    day = date(1955, 1, 1) + timedelta(days=rng.randrange(27_000))
    be, two = day.year + 543, (day.year + rng.choice([0, 543])) % 100
    return rng.choice(
        [day, datetime(day.year, day.month, day.day, 8), (day - date(1899, 12, 30)).days, f"{day.day}/{day.month}/{be}",
         f"{day.month}/{day.day}/{be}", f"{day.day:02}-{day.month:02}-{day.year}",
         f"{day.day}/{day.month}/{two:02}", day.isoformat(),
         f"{day.day} มิ.ย. {be}", f"{day.day} มิถุนายน พ.ศ. {to_thai_digits(str(be))}",
         f"{day.day:02}{day.month:02}{be}", f"{day.day}/13/{be}"]
    )  # fmt: skip


def _anything(rng: random.Random) -> Cell:
    makers: tuple[Callable[[], Any], ...] = (
        lambda: None, lambda: "", lambda: _text(rng), lambda: rng.choice(_WORDS), lambda: rng.choice(_NAMES),
        lambda: _id(rng),
        lambda: _day(rng), lambda: rng.randrange(-10, 10**6), lambda: rng.choice([1e308, -0.0, float("nan"),
        float("inf"), 1.5]),
        lambda: rng.random() < 0.5, lambda: 10 ** rng.randrange(6000), lambda: "9" * rng.randrange(3000),
        lambda: rng.choice(["=HYPERLINK(\"x\")", "@SUM(A1)", "<script>", "{{7*7}}", "\u202eกขค",
        "ก\u0e49\u0e49\u0e49" * 40]),
        lambda: rng.choice(["เลขประจำตัวนักเรียน", "ชื่อ", "นามสกุล", "บิดา", "※ หมายเหตุ"]),
    )  # fmt: skip
    cell: Cell = rng.choice(makers)()
    return cell


def _text(rng: random.Random) -> str:
    return "".join(rng.choice(_SIGNS) for _ in range(rng.randrange(1, 40)))


def main(arguments: list[str] | None = None) -> int:
    """The command line; 0 when nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args(arguments)
    for what, how_many in sorted(run(told.files, told.seed, print).items()):
        print(f"{what}: {how_many}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
