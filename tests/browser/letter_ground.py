"""What the play of the letter finds when it begins, stored through the services.

`python -m tests.browser.letter_ground` runs beside the stack whose LEC_DATA_DIR it is given, since the tests' own
process has its own database.
"""

from __future__ import annotations

import random

from mongoengine.connection import get_db

import config
from app import create_app
from app.demo.people import adult
from app.demo.schools import HOME, school_code
from app.documents.evidence import Evidence
from app.documents.submissions import Submission
from app.enums import EvidenceKind, Grade, Step, SubmissionState
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.fabmongo.security.models import User
from app.services import evidence, submissions
from app.services.papers import paper
from tests.browser.lists import workbook
from tests.factories.evidence import import_list

ROUND = "2567-2"
READY_OTHERS = (7, 8)
"""Schools of other affiliation of the home LAO whose lists have come, by their number."""


def nobody_is_complete() -> None:
    """Take back what the demo's LAOs have handed in, so that the first to be complete is the one that is played."""
    gone = {"$in": [SubmissionState.SUBMITTED.value, SubmissionState.ACCEPTED.value]}
    back = {"$set": {"state": SubmissionState.IN_PROGRESS.value}, "$unset": {"submitted_on": ""}}
    get_db().submissions.update_many({"round_code": ROUND, "state": gone}, back)
    get_db().certifications.delete_many({"round_code": ROUND})


def verify_other(officer: User, number: int) -> None:
    """Give a school of other affiliation its signed paper and the list that its count came from; certify and verify."""
    code = f"{ROUND}:{school_code(HOME, number)}"
    row = get_db().submissions.find_one({"_id": code})
    assert row is not None
    counts = {Grade(one["grade"]): (one["male"], one["female"]) for one in row["counts"]}
    stored, refused = import_list(officer, code, workbook(counts, number))
    assert (stored, refused) == (row["total"], [])
    with acting_as(officer):
        scan = Evidence(submission=Submission.objects.get(pk=code), kind=EvidenceKind.LEC_1)
        scan.scan.put(paper(row, EvidenceKind.LEC_1, False), filename="lec-1.pdf", content_type="application/pdf")
        MongoInterface(Evidence, evidence.EvidenceRules()).add(scan)
    submissions.take_step(officer, code, Step.CERTIFY, name=head_of(number))
    submissions.take_step(officer, code, Step.VERIFY)


def head_of(number: int) -> str:
    """The made-up head of a school of the home LAO."""
    return adult(random.Random(number))


def main() -> None:
    """Prepare the running installation."""
    with create_app(config.load()).app_context():
        nobody_is_complete()
        officer = User.objects.get(username="lao")
        for number in READY_OTHERS:
            verify_other(officer, number)


if __name__ == "__main__":
    main()
