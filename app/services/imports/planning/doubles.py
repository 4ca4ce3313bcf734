"""Rows of one file that are about the same person: the first stands, the later ones are refused and name it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.services.imports.planning.drafts import Draft

Raw = dict[str, Any]


class First(NamedTuple):
    """The row that a person was first met in; content: what it says, as a number that is equal for equal values."""

    n: int
    row: int
    sheet: int
    content: int


Look = Callable[[list[str], list[Any]], Iterable[Raw]]


class Doubles:
    """Who was met so far, by ID number and by student. names: index of a sheet -> its name, where there are several.

    look: finds the rows of other people's numbers and students when a few rows are planned; without it `rows` are all.
    """

    def __init__(self, names: Mapping[int, str], rows: Iterable[Raw] = (), look: Look | None = None) -> None:
        self.names = names if len(names) > 1 else {}
        self.met: dict[Any, First] = {}
        self._look = look
        self._add_rows(rows)

    def look_up(self, drafts: Sequence[Draft]) -> None:
        """Read the rows that share a person with some drafts."""
        if self._look is not None:
            numbers = [draft.values["national_id"] for draft in drafts if "national_id" in draft.values]
            self._add_rows(self._look(numbers, [draft.stored["_id"] for draft in drafts if draft.stored is not None]))

    def meet(self, draft: Draft) -> None:
        """Remember a row that is taken."""
        if not draft.base.get("left_out"):
            self._add(draft.base, draft.values, draft.student, draft.code)

    def refuse(self, draft: Draft) -> bool:
        """Refuse a row whose person was met before."""
        keys = (draft.values.get("national_id"), draft.stored["_id"] if draft.stored is not None else None)
        first = next((self.met[key] for key in keys if key is not None and key in self.met), None)
        if first is None:
            return False
        name = self.names.get(first.sheet)
        at_th = f"แถว {first.row}" + (f" แผ่นงาน “{name}”" if name else "")
        at_en = f"row {first.row}" + (f" of sheet “{name}”" if name else "")
        if first.content == _content(draft.values, draft.code):
            draft.refuse("national_id", f"ซ้ำกับ{at_th}: เป็นแถวเดียวกัน จึงใช้แถวแรก", f"The same as {at_en}, which is used.")
        else:
            draft.refuse(
                "national_id",
                f"เป็นคนเดียวกับ{at_th} แต่ข้อมูลต่างกัน โปรดตรวจสอบว่าแถวใดถูก แล้วลบหรือไม่นำเข้าอีกแถว",
                f"The same person as {at_en} with other data. See which one is right and leave out the other.",
            )
        draft.troubles[-1]["same_as"] = first.n
        return True

    def _add_rows(self, rows: Iterable[Raw]) -> None:
        for row in rows:
            self._add(row, row.get("values") or {}, row.get("student"), row.get("school_code"))

    def _add(self, place: Raw, values: Raw, student: Any, code: str | None) -> None:
        first = First(place["n"], place.get("row") or 0, place.get("sheet") or 0, _content(values, code))
        for key in (values.get("national_id"), student):
            if key is not None:
                self.met.setdefault(key, first)


def _content(values: Raw, code: str | None) -> int:
    return hash((code, frozenset(values.items())))
