"""Collection rounds: which one is current, which still take entries, and the rules of changing one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.rounds import Round
from app.documents.students import Student
from app.documents.submissions import Submission
from app.enums import RoundKind
from app.errors import Problem
from app.fabmongo.writes import WriteRules
from app.rules import deadlines
from app.rules.census import as_day
from app.thai import format_date

Raw = dict[str, Any]


def all_rounds(session: ClientSession | None = None) -> list[Raw]:
    """Every raw round, by code; there are two a year."""
    return list(Round._get_collection().find(session=session).sort("_id", 1))


def current_of(rounds: Iterable[Raw], today: date | None = None) -> Round | None:
    """The one of some raw rounds that was opened last, whether or not it is closed by now; None before the first."""
    day = today or thai_today()
    opened = [row for row in rounds if as_day(row["opens_on"]) <= day]
    return Round._from_son(max(opened, key=lambda row: (row["opens_on"], row["_id"]))) if opened else None


def unclosed_of(rounds: Iterable[Raw], today: date | None = None) -> list[Raw]:
    """Those of some raw rounds whose last day has not passed, those that are still to open included."""
    day = today or thai_today()
    return [row for row in rounds if row.get("closes_on") is None or as_day(row["closes_on"]) >= day]


_RULED_APART = ("school", "left_on")
"""Columns of a student that discharging and moving have a rule of their own for."""
OPEN_FIELDS = tuple(
    name
    for name, field in Student._fields.items()
    if name not in ("id", *_RULED_APART) and not getattr(field, "derived", False) and not getattr(field, "audit", False)
)
"""Columns of a student that a round may leave open or close, in their order."""


def current_round(today: date | None = None) -> Round | None:
    """`current_of` all rounds."""
    return current_of(all_rounds(), today)


def unclosed_rounds(today: date | None = None, session: ClientSession | None = None) -> list[Raw]:
    """`unclosed_of` all rounds, by code."""
    return unclosed_of(all_rounds(session), today)


def standing_of(round_: Round, today: date | None = None) -> deadlines.Standing:
    """Where a round stands on `today` (default: today in Thailand), with the sentence that people see."""
    return deadlines.standing(round_.opens_on, round_.closes_on, today or thai_today())


def open_of(rounds: Iterable[Raw], places: Iterable[Raw] = (), *, within: bool = False) -> list[Raw]:
    """Those of some raw rounds that take entries today in Thailand, by their dates or by an extension for a place.

    places: raw codes of schools; a round has its `extensions` from `locks.rounds_taking_entries`. within: the codes
    are those of an area, and an extension for any school in it will do.
    """
    day, given = thai_today(), list(places)
    return [
        row
        for row in rounds
        if deadlines.phase(row["opens_on"], row.get("closes_on"), day) == "open"
        or any(_extended(row, codes, within) for codes in given)
    ]


def _extended(round_: Raw, codes: Raw, within: bool) -> bool:
    names = ("lao_code", "school_code")
    given = ({name: row[name] for name in names if row.get(name)} for row in round_.get("extensions") or ())
    return any(
        wanted and all(codes.get(name, code if within else None) == code for name, code in wanted.items())
        for wanted in given
    )


class RoundRules(WriteRules):
    """What must hold of a round, and what may not change once schools report in it."""

    def before_write(self, actor: Any, document: Round, before: Raw | None) -> None:
        document.clean()
        _know_open_fields(document)
        if before is None:
            _refuse_second(document)
        else:
            _refuse_other_key(document, before)
        if document.kind is RoundKind.CORRECTION:
            document.needs_reason = True
            _keep_census_date(document)
        _check_order(document)
        if before is not None and document.census_date is not None:
            _keep_counted_date(document, as_day(before["census_date"]))

    def before_delete(self, actor: Any, document: Round) -> None:
        if Submission._get_collection().find_one({"round_code": document.pk}, {"_id": 1}):
            raise Problem(
                f"ลบรอบ {document.pk} ไม่ได้ เพราะเปิดรอบแล้วและมีข้อมูลของสถานศึกษาอยู่ หากต้องการหยุดรับข้อมูล โปรดกำหนดวันปิดระบบ",
                f"Round {document.pk} is open and holds schools' data, so it was not deleted. "
                "To stop entries, set its closing date.",
                kind="conflict",
            )


def _refuse_second(document: Round) -> None:
    if document.pk and Round._get_collection().find_one({"_id": document.pk}, {"_id": 1}):
        raise Problem(
            f"มีรอบ {document.pk} อยู่แล้ว โปรดใช้ครั้งที่ถัดไป",
            f"Round {document.pk} exists already. Use the next number.",
            "number",
        )


def _know_open_fields(document: Round) -> None:
    chosen = set(document.open_fields or ())
    if unknown := sorted(chosen - set(OPEN_FIELDS)):
        raise Problem(
            f"“{unknown[0][:40]}” ไม่ใช่ช่องที่เลือกได้ โปรดเลือกจากรายการ",
            f"“{unknown[0][:40]}” is not a field that can be chosen. Choose from the list.",
            "open_fields",
        )
    document.open_fields = [name for name in OPEN_FIELDS if name in chosen]


def _refuse_other_key(document: Round, before: Raw) -> None:
    for field in ("academic_year", "number"):
        if getattr(document, field) != before.get(field):
            raise Problem(
                "เปลี่ยนปีการศึกษาหรือครั้งที่ของรอบที่มีอยู่ไม่ได้ โปรดเพิ่มรอบใหม่แทน",
                "The year and number of a round cannot change. Add a new round instead.",
                field,
            )


def _keep_census_date(document: Round) -> None:
    """A correction corrects the base of the same census date: it takes no census of its own."""
    first = Round._get_collection().find_one(
        {"academic_year": document.academic_year, "kind": RoundKind.CENSUS.value, "_id": {"$ne": document.pk}},
        sort=[("number", 1)],
    )
    if first is None:
        raise Problem(
            f"ปีการศึกษา {document.academic_year} ยังไม่มีรอบสำรวจให้แก้ไข โปรดเพิ่มรอบสำรวจก่อน",
            f"Academic year {document.academic_year} has no census round to correct. Add that round first.",
            "kind",
        )
    if document.census_date is None:
        document.census_date = as_day(first["census_date"])
    elif as_day(document.census_date) != as_day(first["census_date"]):
        raise Problem(
            f"รอบแก้ไขต้องใช้ข้อมูล ณ วันเดียวกับรอบ {first['_id']} คือ {format_date(first['census_date'])}",
            f"A correction keeps the census date of round {first['_id']}, {format_date(first['census_date'], 'en')}.",
            "census_date",
        )


def _check_order(document: Round) -> None:
    opens, closes = document.opens_on, document.closes_on
    if opens and closes and as_day(closes) < as_day(opens):
        raise Problem(
            f"วันปิดระบบ {format_date(closes)} อยู่ก่อนวันเปิดระบบ {format_date(opens)} โปรดตรวจสอบทั้งสองวัน",
            f"Closes on {format_date(closes, 'en')}, before it opens on {format_date(opens, 'en')}. Check both.",
            "closes_on",
        )


def _keep_counted_date(document: Round, before: date) -> None:
    """Counts already stored are those of the old date, and so are the corrections that rest on it."""
    if as_day(document.census_date) == before:
        return
    counted = Submission._get_collection().find_one({"round_code": document.pk}, {"_id": 1})
    correction = {
        "academic_year": document.academic_year, "kind": RoundKind.CORRECTION.value, "_id": {"$ne": document.pk}
    }  # fmt: skip
    if counted or Round._get_collection().find_one(correction, {"_id": 1}):
        raise Problem(
            "เปลี่ยนวันที่ของฐานข้อมูลไม่ได้แล้ว เพราะเปิดรอบหรือมีรอบแก้ไขที่ใช้วันนี้อยู่",
            "The census date cannot change any more: the round was opened, or a correction rests on it.",
            "census_date",
        )
