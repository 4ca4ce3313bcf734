"""Grade and room of a row, from columns of their own or from one."""

from __future__ import annotations

from app.rules.imports.grades import see_grade
from app.rules.imports.numbers import read_code
from app.rules.imports.seen import refused, take, troubled
from app.rules.imports.terms import RowRead


def understand(read: RowRead) -> None:
    """Put grade and room of the row's texts into it."""
    typed = read.typed
    field = "grade_room" if typed.get("grade_room") and not typed.get("grade") else "grade"
    if field not in typed:
        field = "grade_room"
    room = ""
    if field in typed:
        seen, room = see_grade(typed[field], typed.get("level", ""), field)
        take(read, "grade", seen)
    if "room" in typed:
        take(read, "room", read_code(typed["room"], "room"))
    elif room or (field == "grade_room" and field in typed):
        take(read, "room", read_code(room, "room"))
        return
    if room:
        _room_beside(read, room)


def _room_beside(read: RowRead, room: str) -> None:
    """A room in the grade's column beside a column of rooms: it fills an empty one and must not differ."""
    said = read_code(room, "room")
    if troubled(read, "room"):
        return
    if read.values.get("room") is None:
        take(read, "room", said)
    elif said.value is not None and str(said.value).lstrip("0") != str(read.values["room"]).lstrip("0"):
        del read.values["room"]
        read.troubles.extend(
            refused(
                "room", f"{room} / {read.typed['room']}",
                "ห้องในคอลัมน์ชั้นกับห้องในคอลัมน์ห้องไม่ตรงกัน โปรดแก้ไขให้ตรงกัน",
                "The room written with the grade differs from the room in its own column. Correct one of them.",
            ).troubles
        )  # fmt: skip
