"""The certified list beside the recorded count, and keeping the submission's note of whether they agree."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession

from app.documents.evidence import Evidence, ListedStudent
from app.documents.submissions import Submission
from app.enums import CountSource, Grade, SchoolKind, Sex
from app.errors import Problem
from app.rules.comparison import Comparison, compare, explain

Raw = dict[str, Any]


def listed(submission_code: str, session: ClientSession | None = None) -> dict[Grade, tuple[int, int]]:
    """Boys and girls on the certified list of a submission, by grade."""
    groups = ListedStudent._get_collection().aggregate(
        [
            {"$match": {"submission_code": submission_code}},
            {"$group": {"_id": {"grade": "$grade", "sex": "$sex"}, "n": {"$sum": 1}}},
        ],
        session=session,
    )
    found: dict[Grade, dict[str, int]] = {}
    for group in groups:
        found.setdefault(Grade(group["_id"]["grade"]), {})[group["_id"]["sex"]] = group["n"]
    return {grade: (by.get(Sex.MALE.value, 0), by.get(Sex.FEMALE.value, 0)) for grade, by in found.items()}


def comparison_of(submission: Raw, session: ClientSession | None = None) -> Comparison:
    """The comparison for a raw submission."""
    counts = submission.get("counts")
    cells = {Grade(row["grade"]): (row["male"], row["female"]) for row in counts or ()}
    return compare(cells if submission.get("total") is not None else None, listed(submission["_id"], session))


def note_comparison(submission_code: str, session: ClientSession | None = None) -> None:
    """Write on the submission what its list adds up to and whether that differs from its count."""
    submissions = Submission._get_collection()
    raw = submissions.find_one({"_id": submission_code}, session=session)
    if raw is None or raw.get("kind") != SchoolKind.OTHER.value:
        return
    found = comparison_of(raw, session)
    if not found.listed:
        gone = {"list_male": "", "list_female": "", "list_differs": ""}
        submissions.update_one({"_id": submission_code}, {"$unset": gone}, session=session)
        return
    fields = {
        "list_male": sum(row.list_male for row in found.rows),
        "list_female": sum(row.list_female for row in found.rows),
        "list_differs": found.counted and not found.equal,
    }
    submissions.update_one({"_id": submission_code}, {"$set": fields}, session=session)


def check_verifiable(submission: Raw, session: ClientSession | None = None) -> None:
    """Raise Problem "conflict" where the count of a school of other affiliation cannot be called verified.

    It needs a signed paper and a list of names that agrees with the count in every grade and sex. Own schools, whose
    count comes from the roster, and zeros by proclamation need none; nor does a zero for a recorded reason, as long as
    no list of names contradicts it.
    """
    source = submission.get("source")
    sources = (CountSource.CERTIFIED_LIST.value, CountSource.REASON.value)
    if submission.get("kind") != SchoolKind.OTHER.value or source not in sources:
        return
    found = comparison_of(submission, session)
    if source == CountSource.REASON.value and not found.listed:
        return
    if not found.equal:
        th, en = explain(found)
        raise Problem(
            f"ยังยืนยันหรือรับข้อมูลไม่ได้ เพราะจำนวนที่บันทึกไม่ตรงกับรายชื่อที่รับรอง ({th}) อปท. ต้องแก้ไขจำนวนหรือรายชื่อให้ตรงกัน",
            f"Not verified: the recorded count and the certified list differ ({en}). "
            "The LAO corrects the count or the list.",
            "counts",
            "conflict",
        )
    if Evidence._get_collection().find_one({"submission_code": submission["_id"]}, {"_id": 1}, session=session) is None:
        raise Problem(
            "ยังยืนยันหรือรับข้อมูลไม่ได้ เพราะยังไม่มีไฟล์สแกนแบบรับรองที่ลงนาม อปท. ต้องแนบ LEC-1 หรือ LEC-2",
            "Not verified: no signed paper is attached. The LAO attaches the scan of LEC-1 or LEC-2.",
            "evidence",
            "conflict",
        )
