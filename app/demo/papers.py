"""What the demo's schools of other affiliation sent in round 2: names on a certified list, and the signed paper."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

from bson import ObjectId
from gridfs import GridFSBucket
from mongoengine.connection import get_db

from app.demo.people import IdNumbers, students
from app.documents.evidence import Evidence, ListedStudent
from app.documents.submissions import Submission
from app.enums import CountSource, EvidenceKind, Grade
from app.rules.transitions import FROZEN
from app.services.papers import paper, paper_name

Raw = dict[str, Any]

_PATH = ("school_code", "lao_code", "district_code", "province_code")
_COLUMNS = ("title", "first_name", "last_name", "sex", "national_id", "student_no", "grade", "room")


def send_papers(round_code: str, year: int, census_date: date) -> None:
    """Give every certified list that somebody vouched for in a round its names and its paper, where these are missing.

    Without them its LAO could not verify nor the DLA accept the count. The empty form stands for the scan of a signed
    one, for nobody's signature is made up, and one drawing is quicker than twenty. year: academic year in BE.
    """
    ids = IdNumbers(random.Random(round_code))  # noqa: S311 (made-up people, not secrets)
    scan = paper({"round_code": round_code, "school_code": None, "lao_code": None}, EvidenceKind.LEC_1, blank=True)
    where = {
        "round_code": round_code, "source": CountSource.CERTIFIED_LIST.value, "state": {"$in": [*map(str, FROZEN)]},
    }  # fmt: skip
    for row in Submission._get_collection().find(where).sort("_id", 1):
        of_row = {"submission_code": row["_id"], **{name: row[name] for name in _PATH}}
        names = [
            {**of_row, "line": line, **{name: one[name] for name in _COLUMNS}}
            for line, one in enumerate(_names(row, ids, year, census_date), start=1)
        ]
        mine = {"submission_code": row["_id"]}
        if Evidence._get_collection().find_one(mine, {"_id": 1}):
            continue
        ListedStudent._get_collection().delete_many(mine)
        ListedStudent._get_collection().insert_many(names)
        key = _store(paper_name(row, EvidenceKind.LEC_1), scan)
        Evidence._get_collection().insert_one({**of_row, "kind": EvidenceKind.LEC_1.value, "scan": key})


def _names(row: Raw, ids: IdNumbers, year: int, census_date: date) -> Iterator[Raw]:
    """As many boys and girls in each grade as a raw submission counts."""
    rng = random.Random(row["_id"])  # noqa: S311 (made-up people, not secrets)
    school = {**row, "_id": row["school_code"]}
    for count in row["counts"]:
        wanted = {"male": count["male"], "female": count["female"]}
        plenty = 20 * (sum(wanted.values()) + 1)
        for one in students(rng, school, [Grade(count["grade"])], plenty, year, census_date, ids):
            if not any(wanted.values()):
                break
            if wanted[one["sex"]]:
                wanted[one["sex"]] -= 1
                yield one


def _store(name: str, data: bytes) -> ObjectId:
    bucket = GridFSBucket(get_db(), Evidence.scan.collection_name)
    return bucket.upload_from_stream(name, data, metadata={"contentType": "application/pdf"})
