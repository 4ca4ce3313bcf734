"""LEC-1 and LEC-2 of a school of other affiliation as PDF, blank or filled in with what is known."""

from __future__ import annotations

from typing import Any

from app.clock import thai_today
from app.documents.agencies import Agency
from app.documents.evidence import ListedStudent
from app.documents.lao import Lao
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import EvidenceKind, Grade
from app.reports.forms.lec1 import lec1_pdf
from app.reports.forms.lec2 import lec2_pdf
from app.reports.forms.rows import FormHead, GradeRow, NameRow
from app.rules.census import as_day
from app.rules.national_id import mask

Raw = dict[str, Any]


def paper(submission: Raw, kind: EvidenceKind, blank: bool, *, whole: bool = False) -> bytes:
    """LEC-1 (counts) or LEC-2 (names) of a raw submission; `blank` is to be filled in by hand.

    whole: for who keeps the list; everybody else, and whoever opens an e-mail, gets ID numbers masked as on pages.
    """
    school = School._get_collection().find_one({"_id": submission["school_code"]}) or {}
    head = _head(submission, school)
    if kind is EvidenceKind.LEC_1:
        return lec1_pdf(head, _grades(submission, school, blank), blank=blank, made_on=thai_today())
    return lec2_pdf(head, [] if blank else _names(submission["_id"], whole), blank=blank, made_on=thai_today())


def papers_of(submission_code: str) -> list[tuple[str, bytes]]:
    """(file name, PDF) of both forms as they go to a school: the counts blank, the names as far as they are known."""
    submission = Submission._get_collection().find_one({"_id": submission_code})
    if submission is None:
        return []
    known = ListedStudent._get_collection().find_one({"submission_code": submission_code}, {"_id": 1}) is not None
    kinds = ((EvidenceKind.LEC_1, True), (EvidenceKind.LEC_2, not known))
    return [(paper_name(submission, kind), paper(submission, kind, blank)) for kind, blank in kinds]


def paper_name(submission: Raw, kind: EvidenceKind) -> str:
    """A file name without anybody's name in it."""
    return f"{kind.value}-{submission['round_code']}-{submission['school_code']}.pdf"


def _head(submission: Raw, school: Raw) -> FormHead:
    round_ = Round._get_collection().find_one({"_id": submission["round_code"]}) or {}
    agency = Agency._get_collection().find_one({"_id": school.get("agency_code")}) or {}
    lao = Lao.objects(pk=submission["lao_code"]).first()
    return FormHead(
        academic_year=round_["academic_year"],
        number=round_["number"],
        school=school.get("name_th", ""),
        affiliation=agency.get("name_th", ""),
        lao=f"{lao.type.th}{lao.name_th}" if lao else "",
        census_date=as_day(round_["census_date"]),
        head=school.get("head_name") or "",
    )


def _grades(submission: Raw, school: Raw, blank: bool) -> list[GradeRow]:
    counts = {row["grade"]: row for row in submission.get("counts") or ()}
    taught = [Grade(code) for code in school.get("grades") or ()] or [Grade(code) for code in counts]
    known = {} if blank else counts
    return [
        GradeRow(grade, known.get(grade.value, {}).get("male"), known.get(grade.value, {}).get("female"))
        for grade in sorted({*taught, *map(Grade, known)}, key=lambda grade: grade.order)
    ]


def _names(code: str, whole: bool) -> list[NameRow]:
    rows = ListedStudent._get_collection().find({"submission_code": code}).sort("line", 1)
    number = str if whole else mask
    return [
        NameRow(
            row.get("student_no") or "",
            f"{row['title']}{row['first_name']} {row['last_name']}",
            number(row["national_id"]) if row.get("national_id") else "",
            Grade(row["grade"]),
            row.get("room") or "",
        )
        for row in rows
    ]
