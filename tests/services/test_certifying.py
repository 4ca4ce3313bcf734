"""The LAO's own certification: all or nothing, frozen sums, stale when something changes; and steps in bulk."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from pymongo.database import Database

from app.enums import Step, SubmissionState
from app.errors import Problem
from app.rules.digests import submissions_digest
from app.services.accounts import SystemActor
from app.services.submissions import (
    accept_many,
    certify_lao,
    recount,
    return_many,
    standing_of_lao,
    take_step,
    verify_many,
    withdraw_lao,
)
from tests.factories.chain import ROUND, Chain

Raw = dict[str, Any]
S = SubmissionState


@pytest.fixture
def chain(db: Database[Raw]) -> Chain:
    return Chain(db)


@pytest.fixture
def verified(chain: Chain) -> Chain:
    for school in chain.home.schools:
        chain.bring(S.VERIFIED, school)
    return chain


def certify(chain: Chain, **changes: Any) -> Any:
    who = {"actor": chain.actor("lao"), "name": "ปลัด อปท.", "position": "ปลัดเทศบาล"} | changes
    return certify_lao(who["actor"], ROUND, chain.home.code, who["name"], who["position"])


def states(chain: Chain) -> Counter[str]:
    return Counter(row["state"] for row in chain.db.submissions.find({"lao_code": chain.home.code}))


def stored(chain: Chain) -> Raw:
    found = chain.db.certifications.find_one({"_id": f"{ROUND}:{chain.home.code}"})
    assert found is not None
    return found


def test_certifying_submits_every_school_and_freezes_the_sums(verified: Chain) -> None:
    rows = list(verified.db.submissions.find({"lao_code": verified.home.code}))
    given = certify(verified)
    assert states(verified) == {"submitted": 3}
    assert (given.schools, given.total, given.male + given.female) == (3, 52, 52)
    assert (given.officer_name, given.officer_position, given.certified_by) == ("ปลัด อปท.", "ปลัดเทศบาล", "lao-officer")
    assert given.digest == submissions_digest(rows) and given.stale is False
    given.validate()
    assert {stored(verified)[name] for name in verified.home.path} == set(verified.home.path.values())
    history = list(verified.db.submission_steps.find({"step": "submit"}))
    assert {row["submission_code"] for row in history} == {verified.key(code) for code in verified.home.schools}
    assert {(row["before"], row["after"], row["text"]) for row in history} == {
        ("verified", "submitted", "ปลัด อปท. (ปลัดเทศบาล)")
    }
    assert standing_of_lao(verified.actor("district"), ROUND, verified.home.code).current


def test_what_is_missing_is_named_with_its_state_and_nothing_moves(chain: Chain) -> None:
    chain.bring(S.VERIFIED)
    chain.bring(S.CERTIFIED, chain.home.centre)
    before = list(chain.db.submissions.find().sort("_id"))
    with pytest.raises(Problem) as refused:
        certify(chain)
    assert refused.value.kind == "conflict"
    for words in (f"ศูนย์พัฒนาเด็กเล็กตะขบ {chain.home.code} (สถานศึกษารับรองแล้ว)", "(กำลังบันทึก)"):
        assert words in refused.value.th
    assert list(chain.db.submissions.find().sort("_id")) == before
    assert chain.db.certifications.count_documents({}) == 0
    found = standing_of_lao(chain.actor("lao"), ROUND, chain.home.code)
    assert (len(found.missing), found.states[S.VERIFIED], found.current) == (2, 1, False)


def test_an_lao_without_schools_certifies_nothing(chain: Chain) -> None:
    chain.db.submissions.delete_many({"lao_code": chain.home.code})
    with pytest.raises(Problem, match="ยังไม่มีสถานศึกษา"):
        certify(chain)


@pytest.mark.parametrize("field", ["name", "position"])
@pytest.mark.parametrize("text", ["", "  ", "ก" * 201])
def test_the_officer_is_named(verified: Chain, field: str, text: str) -> None:
    with pytest.raises(Problem) as refused:
        certify(verified, **{field: text})
    assert refused.value.field == f"officer_{field}" and states(verified) == {"verified": 3}


@pytest.mark.parametrize("level", ["school", "district", "province", "country", "neighbour"])
@pytest.mark.parametrize("deed", ["certify", "withdraw"])
def test_only_the_lao_itself_certifies_and_withdraws(verified: Chain, level: str, deed: str) -> None:
    area = verified.places.takhop_sao.area() if level == "neighbour" else verified.actor(level).area
    with pytest.raises(Problem) as refused:
        if deed == "certify":
            certify(verified, actor=SystemActor("x", area))
        else:
            withdraw_lao(SystemActor("x", area), ROUND, verified.home.code)
    assert refused.value.kind in ("forbidden", "not_found") and states(verified) == {"verified": 3}


@pytest.mark.parametrize(("step", "who"), [
    (Step.RETURN, "district"), (Step.RETURN, "country"), (Step.RECALL, "lao"),
])  # fmt: skip
def test_what_changes_afterwards_makes_it_stale_and_certifying_again_renews_it(
    verified: Chain, step: Step, who: str
) -> None:
    first = certify(verified)
    take_step(verified.actor(who), verified.key(), step, "แก้ไข")
    assert stored(verified)["stale"] is True
    if step is Step.RETURN:
        with pytest.raises(Problem, match="ส่งกลับให้แก้ไข"):
            certify(verified)
        verified.db.students.delete_one({"school_code": verified.home.own})
        for name in (Step.CERTIFY, Step.VERIFY):
            take_step(verified.actor("lao"), verified.key(), name, name="ก")
    again = certify(verified, name="รองปลัด อปท.")
    assert again.stale is False and states(verified) == {"submitted": 3}
    assert again.officer_name == "รองปลัด อปท." and again.certified_on >= first.certified_on
    assert (again.total, again.digest == first.digest) == ((51, False) if step is Step.RETURN else (52, True))


def test_accepting_and_unlocking_leave_it_standing(verified: Chain) -> None:
    certify(verified)
    take_step(verified.actor("country"), verified.key(), Step.ACCEPT)
    take_step(verified.actor("country"), verified.key(), Step.UNLOCK, "x")
    assert stored(verified)["stale"] is False


def test_withdrawing_takes_back_what_is_not_accepted(verified: Chain) -> None:
    certify(verified)
    take_step(verified.actor("country"), verified.key(), Step.ACCEPT)
    assert withdraw_lao(verified.actor("lao"), ROUND, verified.home.code) == 2
    assert states(verified) == {"accepted": 1, "verified": 2} and stored(verified)["stale"] is True
    assert verified.db.submission_steps.count_documents({"step": "recall"}) == 2
    with pytest.raises(Problem, match="ไม่มีข้อมูลที่เรียกคืนได้"):
        withdraw_lao(verified.actor("lao"), ROUND, verified.home.code)
    certify(verified)
    assert states(verified) == {"accepted": 1, "submitted": 2}


def test_a_closed_round_is_not_certified_unless_it_is_extended_for_the_lao(verified: Chain) -> None:
    verified.db.rounds.update_one({"_id": ROUND}, {"$set": {"closes_on": datetime(2024, 12, 1)}})
    with pytest.raises(Problem, match="ปิดระบบแล้ว"):
        certify(verified)
    more = {"round_code": ROUND, "lao_code": verified.home.code, "until": datetime(2099, 1, 1)}
    verified.db.extensions.insert_one(more)
    certify(verified)


def test_an_extension_for_one_school_is_enough_to_submit_it_anew(verified: Chain) -> None:
    certify(verified)
    verified.db.rounds.update_one({"_id": ROUND}, {"$set": {"closes_on": datetime(2024, 12, 1)}})
    take_step(verified.actor("district"), verified.key(), Step.RETURN, "แก้ไข")
    more = {"round_code": ROUND, "lao_code": verified.home.code, "school_code": verified.home.own}
    verified.db.extensions.insert_one({**more, "until": datetime(2099, 1, 1)})
    for step in (Step.CERTIFY, Step.VERIFY):
        take_step(verified.actor("lao"), verified.key(), step, name="ก")
    assert certify(verified).stale is False and states(verified) == {"submitted": 3}
    with pytest.raises(Problem, match="ปิดระบบแล้ว"):
        withdraw_lao(verified.actor("lao"), ROUND, verified.home.code)


def test_a_zero_by_proclamation_goes_the_same_way_whatever_its_roster_holds(chain: Chain) -> None:
    zero = {"source": "proclamation", "counts": [], "male": 0, "female": 0, "total": 0}
    chain.db.submissions.update_one({"_id": chain.key()}, {"$set": zero})
    chain.submit()
    assert chain.row()["total"] == 0 and "digest" not in chain.row()
    chain.db.students.delete_many({"school_code": chain.home.own})
    recount([chain.home.own])
    assert "roster_changed" not in chain.row() and stored(chain)["total"] == 32


def test_a_school_that_is_returned_while_the_lao_certifies_is_not_submitted(verified: Chain) -> None:
    def one(deed: str) -> str:
        try:
            if deed == "certify":
                certify(verified)
            else:
                take_step(verified.actor("lao"), verified.key(), Step.RETURN, "เดี๋ยวก่อน")
        except Problem as problem:
            return problem.kind
        return deed

    with ThreadPoolExecutor(2) as pool:
        ends = set(pool.map(one, ["certify", "return"]))
    assert ends in ({"certify", "forbidden"}, {"conflict", "return"}, {"certify", "conflict"})
    assert states(verified) in ({"submitted": 3}, {"verified": 2, "returned": 1})
    assert verified.db.certifications.count_documents({}) == ("certify" in ends)


def test_the_standing_is_for_those_who_see_the_lao(chain: Chain) -> None:
    for who in ("lao", "district", "province", "country"):
        assert len(standing_of_lao(chain.actor(who), ROUND, chain.home.code).rows) == 3
    for area in (chain.places.takhop_sao.area(), chain.home.area("school"), None):
        with pytest.raises(Problem) as refused:
            standing_of_lao(SystemActor("x", area), ROUND, chain.home.code)
        assert refused.value.kind == "not_found"
    with pytest.raises(Problem):
        standing_of_lao(chain.actor("lao"), "2599-1", chain.home.code)


# -- in bulk ----------------------------------------------------------------------------------


def test_many_are_accepted_and_each_that_is_not_says_why(verified: Chain) -> None:
    certify(verified)
    keys = [verified.key(code) for code in verified.home.schools]
    take_step(verified.actor("district"), keys[1], Step.RETURN, "แก้ไข")
    stranger = verified.key(verified.places.buriram_sao.own)
    done = accept_many(verified.actor("country"), [*keys, keys[0], stranger, "nothing"])
    assert [(one.code, one.done) for one in done] == [
        (keys[0], True), (keys[1], False), (keys[2], True), (stranger, False), ("nothing", False),
    ]  # fmt: skip
    assert "ส่งกลับให้แก้ไข" in done[1].th and done[1].en and done[0].state is S.ACCEPTED
    assert states(verified) == {"accepted": 2, "returned": 1}
    assert not any(one.done for one in accept_many(verified.actor("province"), keys))


def test_many_are_returned_with_one_reason(verified: Chain) -> None:
    certify(verified)
    keys = [verified.key(code) for code in verified.home.schools]
    with pytest.raises(Problem) as refused:
        return_many(verified.actor("district"), keys, " ")
    assert refused.value.field == "text"
    assert all(one.done for one in return_many(verified.actor("district"), keys, "ขาดลายเซ็น"))
    assert {row["state_note"] for row in verified.db.submissions.find({"state": "returned"})} == {"ขาดลายเซ็น"}


def test_own_certified_schools_are_verified_together_and_the_others_one_by_one(chain: Chain) -> None:
    for school in chain.home.schools:
        chain.bring(S.CERTIFIED, school)
    chain.db.submissions.update_one({"_id": chain.key(chain.home.centre)}, {"$set": {"roster_changed": True}})
    done = verify_many(chain.actor("lao"), [chain.key(code) for code in chain.home.schools])
    assert [one.done for one in done] == [True, False, False]
    assert "รับรองใหม่" in done[1].th and "ทีละแห่ง" in done[2].th
    assert states(chain) == {"verified": 1, "certified": 2}
