"""LEC-2 with names: whole ID numbers for who keeps the list, masked for readers and in e-mails; all written down."""

from typing import Any

import pytest
from pymongo.database import Database

from app.services.papers import papers_of
from tests.factories.chain import Chain
from tests.factories.people import some_students
from tests.people import People
from tests.reports.pdf_reading import texts

Raw = dict[str, Any]


@pytest.fixture
def listed(db: Database[Raw], people: People) -> tuple[str, str]:
    """(submission, ID number of the one on its list)."""
    chain = Chain(db, people.places)
    key, number = chain.key(chain.home.other), some_students(1)[0]["national_id"]
    name = {"title": "เด็กหญิง", "first_name": "ทดสอบ", "last_name": "ระบบ", "sex": "female", "grade": "P1", "line": 1}
    path = {"submission_code": key, "school_code": chain.home.other, **chain.home.path}
    db.listed_students.insert_many([{**name, **path, "national_id": number}, {**name, **path, "line": 2}])
    return key, number


def printed(pdf: bytes) -> str:
    arabic = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
    return "".join(texts(pdf)).translate(arabic).replace("-", "").replace(" ", "")


def test_numbers_are_whole_for_the_lao_alone_and_every_list_is_written_down(
    people: People, listed: tuple[str, str], db: Database[Raw]
) -> None:
    key, number = listed
    for who, whole in (("lao", True), ("dla", True), ("district", False), ("province", False)):
        answer = people.browser(who).get(f"/certified-counts/{key}/paper/lec-2")
        text = printed(answer.data)
        assert answer.status_code == 200 and (number in text) is whole, who
    people.browser("lao").get(f"/certified-counts/{key}/paper/lec-2?blank=1")
    noted = list(db.audit_entries.find({"verb": "export", "of": "listed_students"}))
    assert [one["by"] for one in noted] == ["lao", "dla", "district", "province"]
    assert all(one["whole"] and number not in str(one) for one in noted)


def test_an_e_mail_carries_no_whole_number(listed: tuple[str, str]) -> None:
    key, number = listed
    _, (_, pdf) = papers_of(key)
    assert "ทดสอบ" in printed(pdf) and number not in printed(pdf)
