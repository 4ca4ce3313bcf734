"""The LAO's page of a round: what is missing, the form, the statement; and the extensions of rounds."""

from datetime import datetime
from typing import Any

import pytest
from pymongo.database import Database

from app.enums import Step, SubmissionState
from app.services.submissions import take_step
from tests.factories.chain import ROUND, Chain
from tests.people import People

Raw = dict[str, Any]
S = SubmissionState
FORM = {"officer_name": "ปลัด ทดสอบ", "officer_position": "ปลัดเทศบาล"}


@pytest.fixture
def chain(db: Database[Raw], people: People) -> Chain:
    return Chain(db, people.places)


def address(chain: Chain, more: str = "") -> str:
    return f"/certifications/{ROUND}/{chain.home.code}{more}"


def test_the_page_says_what_is_missing_until_it_can_be_certified(people: People, chain: Chain) -> None:
    browser = people.browser("lao")
    chain.bring(S.VERIFIED)
    text = browser.get(address(chain)).text
    assert "1/3" in text and "เหลืออีก 2 แห่ง" in text and "certify-lao" not in text
    refused = browser.post(address(chain, "/certify"), FORM)
    assert refused.status_code == 409 and "มีสถานศึกษาที่ยังไม่พร้อม" in refused.text
    for school in chain.home.schools:
        chain.bring(S.VERIFIED, school)
    assert "certify-lao" in browser.get(address(chain)).text
    nameless = browser.post(address(chain, "/certify"), {**FORM, "officer_position": ""})
    assert nameless.status_code == 400 and "ปลัด ทดสอบ" in nameless.text
    assert browser.post(address(chain, "/certify"), FORM).status_code == 302
    text = browser.get(address(chain)).text
    for words in ("หนังสือรับรองข้อมูลจำนวนนักเรียน", "(ปลัด ทดสอบ)", "เทศบาลตำบลตะขบ ขอรับรอง", "๕๒ คน", "๑๐ มิถุนายน ๒๕๖๗"):
        assert words in text
    assert chain.row()["state"] == "submitted"


def test_the_page_leads_to_what_is_to_be_verified(people: People, chain: Chain) -> None:
    link = f"/submissions/list/?_flt_0_state=certified&amp;_flt_0_round={ROUND}"
    assert link not in people.browser("lao").get(address(chain)).text
    chain.db.submissions.update_one({"_id": chain.key()}, {"$set": {"state": "certified"}})
    assert link in people.browser("lao").get(address(chain)).text
    assert link not in people.browser("district").get(address(chain)).text


def test_a_stale_one_says_so_and_shows_no_statement(people: People, chain: Chain) -> None:
    chain.submit()
    take_step(chain.actor("district"), chain.key(), Step.RETURN, "แก้ไข")
    text = people.browser("lao").get(address(chain)).text
    assert "มีข้อมูลเปลี่ยนหลังการรับรองครั้งก่อน" in text and "หนังสือรับรองข้อมูล" not in text


def test_withdrawing_is_the_laos(people: People, chain: Chain) -> None:
    chain.submit()
    for who in ("dla", "province", "district"):
        assert "/withdraw" not in people.browser(who).get(address(chain)).text
        assert people.browser(who).post(address(chain, "/withdraw")).status_code in (302, 403)
        assert people.browser(who).post(address(chain, "/certify"), FORM).status_code in (302, 403)
    assert chain.row()["state"] == "submitted"
    assert people.browser("lao").post(address(chain, "/withdraw")).status_code == 302
    assert chain.row()["state"] == "verified"


def test_it_is_a_post_with_a_token_of_the_lao_itself(people: People, chain: Chain) -> None:
    chain.submit()
    browser = people.browser("lao")
    for deed in ("/certify", "/withdraw"):
        assert browser.get(address(chain, deed)).status_code == 405
        assert browser.client.post(address(chain, deed), data=FORM).status_code == 400
        assert people.browser("neighbour").post(address(chain, deed), FORM).status_code in (403, 404)
    for stranger in ("neighbour", "far"):
        assert people.browser(stranger).get(address(chain)).status_code == 404
    assert browser.get(f"/certifications/2599-9/{chain.home.code}").status_code == 404
    assert chain.row()["state"] == "submitted"


def test_the_list_leads_to_the_page(people: People, chain: Chain) -> None:
    chain.submit()
    assert address(chain) in people.browser("lao").get("/certifications/list/").text
    shown = people.browser("district").get(f"/certifications/show/{ROUND}:{chain.home.code}")
    assert shown.status_code == 302 and shown.location.endswith(address(chain))
    assert people.browser("far").get(f"/certifications/show/{ROUND}:{chain.home.code}").status_code == 404


# -- extensions ------------------------------------------------------------------------------


@pytest.fixture
def closed(chain: Chain) -> Chain:
    chain.db.rounds.update_one({"_id": ROUND}, {"$set": {"closes_on": datetime(2024, 12, 1)}})
    return chain


def extension(chain: Chain, **changes: str) -> Raw:
    form = {"round": ROUND, "lao": chain.home.code, "until": "31/12/2642", "reason": "น้ำท่วม"}
    return form | changes


def test_the_department_extends_and_those_concerned_see_it(people: People, closed: Chain) -> None:
    answer = people.browser("dla").post("/extensions/add", extension(closed, school=closed.home.own))
    assert answer.status_code == 302
    row = closed.db.extensions.find_one({})
    assert row is not None and {name: row[name] for name in closed.home.path} == closed.home.path
    for who, seen in (("lao", True), ("school", True), ("district", True), ("neighbour", False), ("far", False)):
        assert ("น้ำท่วม" in people.browser(who).get("/extensions/list/").text) is seen
    entry = closed.db.audit_entries.find_one({"of": "extensions"})
    assert entry is not None and entry["by"] == "dla"


@pytest.mark.parametrize("who", ["province", "district", "lao", "school"])
def test_nobody_else_extends(people: People, closed: Chain, who: str) -> None:
    people.browser(who).post("/extensions/add", extension(closed))
    assert closed.db.extensions.count_documents({}) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"until": "01/12/2567"}, "โปรดเลือกวันหลังจากนั้น"), ({"until": "02/12/2567"}, "ผ่านไปแล้ว"),
        ({"school": "30140801"}, "ไม่ได้อยู่ใน อปท."), ({"reason": ""}, "ต้องกรอก"),
    ],
)  # fmt: skip
def test_an_extension_that_makes_no_sense_is_refused(
    people: People, closed: Chain, changes: dict[str, str], words: str
) -> None:
    answer = people.browser("dla").post("/extensions/add", extension(closed, **changes))
    assert answer.status_code == 200 and words in answer.text
    assert closed.db.extensions.count_documents({}) == 0


def test_a_round_without_a_last_day_needs_no_extension(people: People, chain: Chain) -> None:
    assert "ยังไม่กำหนดวันปิดระบบ" in people.browser("dla").post("/extensions/add", extension(chain)).text
