"""What the first page says is to be done."""

from typing import Any

import pytest
from pymongo.database import Database

from app.enums import SubmissionState as S
from tests.factories.chain import Chain
from tests.people import People

Raw = dict[str, Any]
NOTHING = "ไม่มีงานค้าง"


@pytest.fixture
def chain(db: Database[Raw], people: People) -> Chain:
    return Chain(db, people.places)


def stand(chain: Chain, state: S, *schools: str) -> None:
    """Put submissions straight into a state: what leads there is tested elsewhere."""
    keys = [chain.key(school) for school in schools]
    chain.db.submissions.update_many({"_id": {"$in": keys}}, {"$set": {"state": state.value}})


def test_a_school_is_told_to_certify_on_its_own_page(people: People, chain: Chain) -> None:
    browser = people.browser("school")
    stand(chain, S.IN_PROGRESS, chain.home.own)
    text = browser.get("/").text
    assert "แล้วรับรองข้อมูล" in text and NOTHING not in text and f'href="/submissions/show/{chain.key()}"' in text
    stand(chain, S.CERTIFIED, chain.home.own)
    text = browser.get("/").text
    assert "แล้วรับรองข้อมูล" not in text and NOTHING in text


def test_an_lao_sees_how_many_are_still_to_be_certified(people: People, chain: Chain) -> None:
    stand(chain, S.IN_PROGRESS, *chain.home.schools)
    assert "รอการรับรอง 3 แห่ง" in people.browser("lao").get("/").text
    stand(chain, S.CERTIFIED, chain.home.own)
    text = people.browser("lao").get("/").text
    assert "รอการรับรอง 2 แห่ง" in text and "รอ อปท. ตรวจสอบ 1 แห่ง" in text
    assert "รอการรับรอง" not in people.browser("district").get("/").text


def test_the_whole_country_is_named_in_the_readers_language(people: People, chain: Chain) -> None:
    browser = people.browser("dla")
    assert "ความครบถ้วน ทั้งประเทศ" in browser.get("/completeness/list/").text
    browser.get("/lang/en")
    assert "Completeness: Whole country" in browser.get("/completeness/list/").text
