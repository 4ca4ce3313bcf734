"""The page of a school of other affiliation, and the way to it from what is kept for that school."""

from typing import Any

import pytest
from pymongo.database import Database

from tests.factories.chain import Chain
from tests.people import People

Raw = dict[str, Any]
NAME = {"title": "เด็กชาย", "first_name": "หนึ่ง", "last_name": "ทดสอบ", "sex": "male", "grade": "P1"}


@pytest.fixture
def chain(db: Database[Raw], people: People) -> Chain:
    return Chain(db, people.places)


def page_of(chain: Chain) -> str:
    return f"/certified-counts/{chain.key(chain.home.other)}"


def test_a_cell_that_is_no_number_is_marked_and_keeps_what_was_typed(people: People, chain: Chain) -> None:
    refused = people.browser("lao").post(page_of(chain) + "/counts", {"m_P1": "11", "f_P1": "สิบ"})
    assert refused.status_code == 400 and "“สิบ” ไม่ใช่จำนวนนักเรียน" in refused.text
    marked = [line for line in refused.text.split("<input") if "aria-invalid" in line]
    assert len(marked) == 1 and 'name="f_P1" value="สิบ"' in marked[0]


def test_a_typed_name_leads_back_to_the_count_and_its_own_page_there_too(people: People, chain: Chain) -> None:
    browser = people.browser("lao")
    added = browser.post("/listed-students/add", {**NAME, "submission": chain.key(chain.home.other)})
    assert added.status_code == 302 and added.location.endswith(page_of(chain))
    stored = chain.db.listed_students.find_one({})
    assert stored is not None
    assert f'href="{page_of(chain)}"' in browser.get(f"/listed-students/show/{stored['_id']}").text


def test_a_refused_verification_leads_to_the_count(people: People, chain: Chain) -> None:
    key = chain.key(chain.home.other)
    chain.db.submissions.update_one({"_id": key}, {"$set": {"state": "certified"}})
    chain.db.listed_students.delete_one({"submission_code": key})
    refused = people.browser("lao").post(f"/submissions/step/{key}", {"step": "verify"})
    assert refused.status_code == 409
    assert f'href="{page_of(chain)}">เปิดหน้าแบบรับรองและจำนวน' in refused.text


def test_without_an_address_the_page_says_where_to_add_one(people: People, chain: Chain) -> None:
    chain.db.schools.update_one({"_id": chain.home.other}, {"$unset": {"email": ""}})
    edit = f'href="/schools/edit/{chain.home.other}"'
    assert edit in people.browser("lao").get(page_of(chain)).text
    assert edit not in people.browser("district").get(page_of(chain)).text
    chain.db.schools.update_one({"_id": chain.home.other}, {"$set": {"email": "school@lec.example"}})
    assert edit not in people.browser("lao").get(page_of(chain)).text
