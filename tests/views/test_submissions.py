"""The page of a submission: its chain, lock and history; exactly the steps one may take; forged ones are refused."""

import re
from datetime import datetime
from typing import Any

import pytest
from pymongo.database import Database

from app.enums import Step, SubmissionState
from app.rules.transitions import moves_from
from app.services.locks import level_of
from app.services.submissions import recount, take_step
from tests.factories.chain import ROUND, Chain
from tests.people import People

Raw = dict[str, Any]
S = SubmissionState
WHO = ["dla", "province", "district", "lao", "school"]


@pytest.fixture
def chain(db: Database[Raw], people: People) -> Chain:
    return Chain(db, people.places)


def offered(text: str) -> set[str]:
    """The steps for which the page has a button, a submission of the whole LAO besides."""
    found = set(re.findall(r'name="step" value="(\w+)"', text))
    return found | ({"submit"} if "รับรองและส่งทั้ง อปท." in text else set())


def page(people: People, chain: Chain, who: str, school: str | None = None) -> str:
    answer = people.browser(who).get(f"/submissions/show/{chain.key(school)}")
    assert answer.status_code == 200
    return str(answer.text)


@pytest.mark.parametrize("state", S)
def test_the_page_offers_exactly_the_steps_that_may_be_taken(people: People, chain: Chain, state: S) -> None:
    chain.bring(state)
    for who in WHO:
        level = level_of(people[who])
        assert level is not None
        assert offered(page(people, chain, who)) == {str(move.step) for move in moves_from(state, level)}, who


def test_the_page_shows_chain_counts_certifier_and_history(people: People, chain: Chain) -> None:
    take_step(chain.actor("school"), chain.key(), Step.CERTIFY, name="ครูใหญ่ ทดสอบ", position="ผู้อำนวยการ")
    take_step(chain.actor("district"), chain.key(), Step.COMMENT, "<b>ดูชั้น ป.1</b>")
    text = page(people, chain, "lao")
    assert text.count("is-done") >= 2 and text.count('aria-current="step"') == 1
    for words in ("ครูใหญ่ ทดสอบ (ผู้อำนวยการ)", "&lt;b&gt;ดูชั้น ป.1&lt;/b&gt;", "district-officer", "มีผู้รับรองจำนวนนี้แล้ว"):
        assert words in text
    cells = re.findall(r'<td class="num">([\d,]+)</td>', text)
    assert cells[-1] == "20"
    assert "จำนวนยังไม่ผ่านการตรวจสอบ" in page(people, chain, "lao", chain.home.other)
    assert "จำนวนยังไม่ผ่านการตรวจสอบ" not in text


def test_a_roster_that_changed_warns_and_holds_the_way_on(people: People, chain: Chain) -> None:
    chain.bring(S.CERTIFIED)
    chain.db.students.delete_one({"school_code": chain.home.own})
    recount([chain.home.own])
    text = page(people, chain, "lao")
    assert "ทะเบียนนักเรียนเปลี่ยนหลังรับรอง" in text and offered(text) == {"uncertify", "return", "comment"}


def test_a_closed_round_says_who_opens_it_and_offers_nothing_to_the_school(people: People, chain: Chain) -> None:
    chain.db.rounds.update_one({"_id": ROUND}, {"$set": {"closes_on": datetime(2024, 12, 1)}})
    text = page(people, chain, "school")
    assert "ปิดระบบแล้ว" in text and "ขยายเวลา" in text and offered(text) == {"comment"}
    more = {"round_code": ROUND, "lao_code": chain.home.code, "until": datetime(2099, 1, 1), "reason": "น้ำท่วม"}
    chain.db.extensions.insert_one(more | chain.home.path)
    assert "certify" in offered(page(people, chain, "school"))
    assert "น้ำท่วม" in people.browser("school").get("/extensions/list/").text


def test_certifying_on_the_page_and_a_count_that_changed_meanwhile(people: People, chain: Chain) -> None:
    browser, address = people.browser("school"), f"/submissions/step/{chain.key()}"
    form = {"step": "certify", "name": "ครูใหญ่", "position": "ผู้อำนวยการ", "seen": "20"}
    chain.db.students.delete_one({"school_code": chain.home.own})
    recount([chain.home.own])
    stale = browser.post(address, form)
    assert stale.status_code == 409 and "จาก 20 เป็น 19 คน" in stale.text and 'value="ครูใหญ่"' in stale.text
    done = browser.post(address, {**form, "seen": "19"})
    assert done.status_code == 302 and chain.row()["certified_name"] == "ครูใหญ่"


def test_a_reason_is_asked_for_and_what_was_typed_stays(people: People, chain: Chain) -> None:
    chain.bring(S.SUBMITTED)
    browser, address = people.browser("district"), f"/submissions/step/{chain.key()}"
    assert browser.post(address, {"step": "return", "text": " "}).status_code == 400
    long = "ยาว" * 400
    answer = browser.post(address, {"step": "return", "text": long})
    assert answer.status_code == 400 and long in answer.text
    assert browser.post(address, {"step": "return", "text": "แก้ ป.1"}).status_code == 302
    assert "แก้ ป.1" in page(people, chain, "school")


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("step", [*Step, "nonsense", ""])
def test_a_forged_step_changes_nothing(people: People, chain: Chain, who: str, step: str) -> None:
    chain.bring(S.VERIFIED)
    before = chain.row()
    level = level_of(people[who])
    assert level is not None
    fair = {str(move.step) for move in moves_from(S.VERIFIED, level) if not move.together}
    if step in fair:
        return
    answer = people.browser(who).post(f"/submissions/step/{chain.key()}", {"step": step, "text": "x", "name": "x"})
    assert answer.status_code in (400, 403, 409)
    assert chain.row() == before


@pytest.mark.parametrize("path", ["step", "zero"])
def test_steps_are_posts_with_a_token_on_ones_own_rows(people: People, chain: Chain, path: str) -> None:
    key, form = chain.key(), {"step": "comment", "text": "x", "reason": "x"}
    before = chain.db.submission_steps.count_documents({})
    assert people.browser("lao").get(f"/submissions/{path}/{key}").status_code == 405
    assert people.browser("lao").client.post(f"/submissions/{path}/{key}", data=form).status_code == 400
    assert people.browser("neighbour").post(f"/submissions/{path}/{key}", form).status_code == 404
    assert people.app.test_client().post(f"/submissions/{path}/{key}", data=form).status_code in (302, 400)
    assert chain.db.submission_steps.count_documents({}) == before


def test_a_zero_is_recorded_flagged_and_taken_back(people: People, chain: Chain) -> None:
    school = chain.places.takhop_sao.own
    browser, address = people.browser("neighbour"), f"/submissions/zero/{chain.key(school)}"
    show = f"/submissions/show/{chain.key(school)}"
    assert "ยังไม่มีจำนวนนักเรียน" in browser.get(show).text
    assert browser.post(address, {"reason": ""}).status_code == 400
    assert browser.post(address, {"reason": "ไม่มีเด็กสมัคร"}).status_code == 302
    text = browser.get(show).text
    assert "เป็นศูนย์โดยไม่มีประกาศ" in text and "ไม่มีเด็กสมัคร" in text and "certify" in offered(text)
    assert browser.post(address, {"clear": "1"}).status_code == 302
    assert "ยังไม่มีจำนวนนักเรียน" in browser.get(show).text


# -- many ------------------------------------------------------------------------------------


def bulk(text: str) -> set[str]:
    return set(re.findall(r'name="action" value="(\w+)"', text))


def test_each_level_has_the_bulk_steps_of_its_own(people: People, chain: Chain) -> None:
    found = {who: bulk(people.browser(who).get("/submissions/list/").text) for who in WHO}
    assert found == {
        "dla": {"accept_many", "return_many"}, "province": {"return_many"}, "district": {"return_many"},
        "lao": {"verify_many", "return_many"}, "school": set(),
    }  # fmt: skip


def test_many_are_accepted_and_the_refused_say_why(people: People, chain: Chain) -> None:
    chain.submit()
    stranger = chain.key(chain.places.buriram_sao.own)
    form = {"action": "accept_many", "rowid": [chain.key(), stranger]}
    answer = people.browser("dla").post("/submissions/action_post", form)
    assert answer.status_code == 200 and "1 จาก 2" in answer.text and "ขณะนี้สถานะเป็น “ยังไม่เริ่ม”" in answer.text
    assert chain.row()["state"] == "accepted"
    assert people.browser("lao").post("/submissions/action_post", form).status_code in (403, 404)


def test_many_are_returned_with_a_reason_that_is_asked_for_first(people: People, chain: Chain) -> None:
    chain.submit()
    keys = [chain.key(code) for code in chain.home.schools]
    browser = people.browser("district")
    asked = browser.post("/submissions/action_post", {"action": "return_many", "rowid": keys})
    assert asked.status_code == 200 and asked.text.count('name="rowid"') == 3
    assert chain.row()["state"] == "submitted"
    assert browser.post("/submissions/returning", {"rowid": keys, "text": ""}).status_code == 400
    done = browser.post("/submissions/returning", {"rowid": [*keys, chain.key("1")], "text": "ขาดลายเซ็น"})
    assert done.status_code == 200 and "3 จาก 4" in done.text
    assert {chain.row(code)["state"] for code in chain.home.schools} == {"returned"}


def test_the_day_of_a_stage_is_the_day_in_thailand(people: People, chain: Chain) -> None:
    take_step(chain.actor("lao"), chain.key(), Step.START)
    chain.db.submission_steps.update_one({}, {"$set": {"taken_on": datetime(2024, 7, 1, 18, 30)}})
    chain.db.submissions.update_one({"_id": chain.key()}, {"$set": {"state": "certified"}})
    text = page(people, chain, "school")
    assert "2 ก.ค. 2567 01.30 น." in text and "<span>2 ก.ค. 2567</span>" in text and "1 ก.ค. 2567" not in text
