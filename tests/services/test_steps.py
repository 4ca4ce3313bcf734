"""Steps on a real database: exactly those of the table succeed, one of two people wins, counts are frozen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from app.enums import Level, Sex, Step, SubmissionState
from app.errors import Problem
from app.rules.catalogue import CATALOGUE
from app.rules.census import count_by
from app.rules.digests import roster_digest
from app.services.accounts import SystemActor
from app.services.findings import explain
from app.services.submissions import (
    certify_lao,
    checks,
    clear_zero,
    note_roster_change,
    record_zero,
    recount,
    take_step,
)
from tests.factories.chain import ROUND, Chain
from tests.factories.people import a_roster
from tests.factories.places import SCHOOL_GRADES
from tests.rules.test_transitions import AFTER

Raw = dict[str, Any]
S = SubmissionState


@pytest.fixture
def chain(db: Database[Raw]) -> Chain:
    return Chain(db)


def refused(actor: SystemActor, key: str, step: Step, text: str = "เพราะ", **more: Any) -> Problem:
    with pytest.raises(Problem) as found:
        take_step(actor, key, step, text, name="ผู้รับรอง", **more)
    return found.value


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("level", Level)
def test_exactly_the_steps_of_the_table_succeed(chain: Chain, state: SubmissionState, level: Level) -> None:
    chain.bring(state)
    before, key = chain.row(), chain.key()
    for step in Step:
        wanted = AFTER.get((step, str(state), str(level)), "refused")
        history = chain.db.submission_steps.count_documents({"submission_code": key})
        if wanted == "refused" or step is Step.SUBMIT:
            refused(chain.actor(level), key, step)
            assert chain.row() == before
            assert chain.db.submission_steps.count_documents({"submission_code": key}) == history
            continue
        after = take_step(chain.actor(level), key, step, "เพราะ", name="ผู้รับรอง")
        assert after.state == (wanted or state)
        assert chain.db.submission_steps.count_documents({"submission_code": key}) == history + 1
        chain.db.submissions.replace_one({"_id": key}, before)


def test_a_step_tells_who_when_from_where_to_where_and_how_many(chain: Chain) -> None:
    chain.bring(S.CERTIFIED)
    take_step(chain.actor("lao"), chain.key(), Step.RETURN, "  นักเรียนขาดไปหนึ่งคน ")
    row = chain.db.submission_steps.find_one({"step": "return"})
    assert row is not None
    told = {name: row[name] for name in ("submission_code", "before", "after", "text", "total", "taken_by", "level")}
    assert told == {
        "submission_code": chain.key(), "before": "certified", "after": "returned", "text": "นักเรียนขาดไปหนึ่งคน",
        "total": 20, "taken_by": "lao-officer", "level": "lao",
    }  # fmt: skip
    assert {row[name] for name in chain.home.path} == set(chain.home.path.values())
    stored = chain.row()
    assert (stored["state_by"], stored["state_note"]) == ("lao-officer", "นักเรียนขาดไปหนึ่งคน")
    take_step(chain.actor("school"), chain.key(), Step.CERTIFY, name="ก")
    assert "state_note" not in chain.row()


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        (("lao", "takhop_sao"), "not_found"), (("district", "korat_city"), "not_found"),
        (("school", "takhop_sao"), "not_found"), (None, "not_found"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("step", Step)
def test_a_submission_of_another_area_is_not_there(
    chain: Chain, who: tuple[str, str] | None, kind: str, step: Step
) -> None:
    area = getattr(chain.places, who[1]).area(who[0]) if who else None
    before = chain.row()
    assert refused(SystemActor("stranger", area), chain.key(), step).kind == kind
    assert chain.row() == before


@pytest.mark.parametrize(("state", "step", "who"), [
    (S.IN_PROGRESS, Step.CERTIFY, "school"), (S.CERTIFIED, Step.VERIFY, "lao"), (S.SUBMITTED, Step.ACCEPT, "country"),
])  # fmt: skip
def test_of_several_people_at_once_one_wins_and_the_others_read_the_state(
    chain: Chain, state: SubmissionState, step: Step, who: str
) -> None:
    chain.bring(state)
    told = chain.db.submission_steps.count_documents({"step": step})

    def go(_: int) -> str:
        try:
            return str(take_step(chain.actor(who), chain.key(), step, name="ผู้รับรอง").state)
        except Problem as problem:
            assert problem.kind == "conflict" and S(chain.row()["state"]).th in problem.th
            return "conflict"

    with ThreadPoolExecutor(4) as pool:
        ends = sorted(pool.map(go, range(4)))
    assert ends.count("conflict") == 3 and chain.row()["state"] in ends
    assert chain.db.submission_steps.count_documents({"step": step}) == told + 1


def test_certifying_freezes_the_count_and_the_fingerprint(chain: Chain) -> None:
    chain.db.schools.update_one({"_id": chain.home.own}, {"$set": {"head_name": "ครูใหญ่ ทดสอบ"}})
    chain.db.submissions.update_one({"_id": chain.key()}, {"$set": {"total": 99}})  # what is stored is counted anew
    take_step(chain.actor("school"), chain.key(), Step.CERTIFY)
    row = chain.row()
    assert (row["state"], row["total"], row["certified_name"]) == ("certified", 20, "ครูใหญ่ ทดสอบ")
    assert row["certified_position"] and row["certified_on"]
    assert row["digest"] == roster_digest(chain.db.students.find({"school_code": chain.home.own}))
    take_step(chain.actor("school"), chain.key(), Step.UNCERTIFY)
    assert not {"digest", "certified_name", "certified_on"} & set(chain.row())


def test_only_those_who_count_are_in_the_fingerprint(chain: Chain) -> None:
    counting = list(chain.db.students.find({"school_code": chain.home.own}))
    late, gone = a_roster(8, seed=5, _id=chain.home.own, grades=SCHOOL_GRADES, **chain.home.path)[:2]
    late |= {"_id": 1, "admitted_on": datetime(2024, 6, 11)}
    gone |= {"_id": 2, "left_on": datetime(2024, 6, 10), "status": "moved"}
    chain.db.students.insert_many([late, gone])
    chain.bring(S.CERTIFIED)
    assert chain.row()["digest"] == roster_digest(counting)
    chain.db.students.delete_many({"_id": {"$in": [1, 2]}})
    recount([chain.home.own])
    assert "roster_changed" not in chain.row()


DAYS = st.integers(-400, 40)
ROSTERS = st.lists(st.tuples(DAYS, DAYS, st.sampled_from(SCHOOL_GRADES), st.sampled_from(Sex)), max_size=30)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROSTERS)
def test_the_rule_the_aggregation_and_the_frozen_count_agree(chain: Chain, roster: list[Any]) -> None:
    """For any roster: (days from the census date to admission, to leaving or none where before it, grade, sex)."""
    school, census = chain.home.own, datetime(2024, 6, 10)
    first = chain.db.students.find_one({"school_code": chain.home.centre}) or {}
    rows = [
        {
            **first, "_id": number, "national_id": f"G{number:012}", "school_code": school, "grade": grade, "sex": sex,
            "admitted_on": census + timedelta(admitted),
            "left_on": census + timedelta(left) if left >= admitted else None,
        }
        for number, (admitted, left, grade, sex) in enumerate(roster)
    ]  # fmt: skip
    off = [{"_id": rule.code, "severity": rule.severity.value, "active": False} for rule in CATALOGUE.values()]
    chain.db.rule_settings.delete_many({})
    chain.db.rule_settings.insert_many(off)  # the people are random: nothing but the count is looked at
    chain.db.students.delete_many({"school_code": school})
    chain.db.submissions.update_one({"_id": chain.key()}, {"$set": {"state": "in_progress"}, "$unset": {"digest": ""}})
    if rows:
        chain.db.students.insert_many(rows)
    recount([school])
    by_rule = {key: number for key, number in count_by(rows, census).items() if number}
    counted = chain.row()
    if not by_rule:
        assert "total" not in counted
        return
    take_step(chain.actor("school"), chain.key(), Step.CERTIFY, name="ก")
    for row in (counted, chain.row()):
        cells = {(one["grade"], sex): one[sex] for one in row["counts"] for sex in Sex if one[sex]}
        assert cells == by_rule and row["total"] == sum(by_rule.values())


def test_whoever_certifies_is_named_and_has_seen_the_count(chain: Chain) -> None:
    with pytest.raises(Problem) as nameless:
        take_step(chain.actor("school"), chain.key(), Step.CERTIFY)
    assert nameless.value.field == "name"
    told = refused(chain.actor("school"), chain.key(), Step.CERTIFY, seen=19)
    assert told.kind == "conflict" and "19" in told.th and "20" in told.th
    assert chain.row()["state"] != "certified"
    assert take_step(chain.actor("school"), chain.key(), Step.CERTIFY, name="ก", seen=20).state is S.CERTIFIED


@pytest.mark.parametrize("school", ["own", "other"])
def test_a_missing_count_is_not_certified_and_a_zero_only_with_its_reason(chain: Chain, school: str) -> None:
    code = getattr(chain.places.takhop_sao, school)
    key, actor = chain.key(code), SystemActor("lao", chain.places.takhop_sao.area())
    assert refused(actor, key, Step.CERTIFY).field == "counts"
    with pytest.raises(Problem) as nothing:
        record_zero(actor, key, "  ")
    assert nothing.value.field == "reason"
    zero = record_zero(actor, key, "ไม่มีเด็กสมัคร")
    assert (zero.total, zero.source, zero.zero_reason, zero.state) == (0, "reason", "ไม่มีเด็กสมัคร", S.IN_PROGRESS)
    assert len(zero.counts) == 8 and zero.counts[0].male == 0
    recount([code])
    assert chain.row(code)["total"] == 0
    assert take_step(actor, key, Step.CERTIFY, name="ก").total == 0
    with pytest.raises(Problem, match="ถอนการรับรอง"):
        clear_zero(actor, key)
    take_step(actor, key, Step.UNCERTIFY)
    assert clear_zero(actor, key).total is None
    assert not {"total", "zero_reason", "source", "counts"} & set(chain.row(code))
    chain.db.submissions.update_one({"_id": key}, {"$set": {"total": 0, "counts": [], "source": "certified_list"}})
    if school == "other":
        assert "ประกาศ" in refused(actor, key, Step.CERTIFY).th


def test_a_zero_is_refused_where_there_are_students_and_goes_when_one_comes(chain: Chain) -> None:
    with pytest.raises(Problem, match="20 คน"):
        record_zero(chain.actor("school"), chain.key(), "ปิดชั่วคราว")
    students = list(chain.db.students.find({"school_code": chain.home.own}))
    chain.db.students.delete_many({"school_code": chain.home.own})
    recount([chain.home.own])
    record_zero(chain.actor("school"), chain.key(), "ปิดชั่วคราว")
    chain.db.students.insert_one(students[0])
    recount([chain.home.own])
    row = chain.row()
    assert (row["total"], row["source"]) == (1, "roster") and "zero_reason" not in row


@pytest.mark.parametrize("who", ["district", "province"])
def test_those_above_record_no_zero(chain: Chain, who: str) -> None:
    with pytest.raises(Problem) as found:
        record_zero(chain.actor(who), chain.key(chain.places.takhop_tambon.centre), "x")
    assert found.value.kind == "forbidden"


# -- the roster after certification -----------------------------------------------------------


CHANGED = [S.CERTIFIED, S.VERIFIED, S.SUBMITTED]


@pytest.mark.parametrize("state", CHANGED)
def test_a_roster_changed_after_certification_shows_and_stops_the_way(chain: Chain, state: SubmissionState) -> None:
    chain.bring(state)
    before, student = chain.row(), chain.db.students.find_one({"school_code": chain.home.own})
    assert student is not None
    chain.db.students.delete_one({"_id": student["_id"]})
    recount([chain.home.own])
    now = chain.row()
    assert now == {**before, "roster_changed": True}
    forward = {S.CERTIFIED: ("lao", Step.VERIFY), S.SUBMITTED: ("country", Step.ACCEPT)}.get(state)
    if forward:
        assert "รับรองใหม่" in refused(chain.actor(forward[0]), chain.key(), forward[1]).th
    else:
        with pytest.raises(Problem, match="ทะเบียนเปลี่ยนหลังรับรอง"):
            certify_lao(chain.actor("lao"), ROUND, chain.home.code, "ก", "ข")
    chain.db.students.insert_one(student)
    recount([chain.home.own])
    assert chain.row() == before, "the change was undone"


def test_a_change_that_leaves_the_count_shows_too(chain: Chain) -> None:
    chain.bring(S.CERTIFIED)
    chain.db.students.update_one({"school_code": chain.home.own}, {"$set": {"first_name": "คนอื่น"}})
    note_roster_change([chain.home.own])
    assert chain.row()["roster_changed"] is True
    take_step(chain.actor("school"), chain.key(), Step.UNCERTIFY)
    assert "roster_changed" not in chain.row()
    take_step(chain.actor("school"), chain.key(), Step.CERTIFY, name="ก")
    note_roster_change([chain.home.own])
    assert "roster_changed" not in chain.row()


def test_a_returned_count_follows_its_roster_again(chain: Chain) -> None:
    chain.bring(S.VERIFIED)
    chain.db.students.delete_one({"school_code": chain.home.own})
    recount([chain.home.own])
    assert chain.row()["total"] == 20
    take_step(chain.actor("lao"), chain.key(), Step.RETURN, "ทะเบียนเปลี่ยน")
    assert chain.row()["total"] == 19 and "roster_changed" not in chain.row()


def test_an_accepted_count_holds_its_roster_until_it_is_unlocked(chain: Chain) -> None:
    chain.bring(S.ACCEPTED)
    name = {"$set": {"first_name": "คนอื่น"}}
    student = chain.db.students.find_one_and_update({"school_code": chain.home.own}, name)
    with pytest.raises(Problem, match="ปลดล็อก") as held:
        note_roster_change([chain.home.own])
    assert held.value.kind == "conflict" and chain.home.own in held.value.th
    take_step(chain.actor("country"), chain.key(), Step.UNLOCK, "ชื่อผิด")
    note_roster_change([chain.home.own])
    assert chain.row()["roster_changed"] is True and chain.row()["state"] == "submitted"
    chain.db.students.replace_one({"_id": student["_id"]}, student)
    note_roster_change([chain.home.own])
    assert "roster_changed" not in chain.row()


def test_rounds_that_take_no_more_entries_keep_what_was_certified(chain: Chain) -> None:
    chain.bring(S.ACCEPTED)
    before = chain.row()
    chain.db.rounds.update_one({"_id": ROUND}, {"$set": {"closes_on": datetime(2024, 12, 1)}})
    chain.db.students.delete_many({"school_code": chain.home.own})
    recount([chain.home.own])
    assert chain.row() == before
    chain.db.extensions.insert_one({"round_code": ROUND, "lao_code": chain.home.code, "until": datetime(2099, 1, 1)})
    with pytest.raises(Problem, match="ปลดล็อก"):
        recount([chain.home.own])


# -- locks and checks -------------------------------------------------------------------------


def test_after_the_last_day_only_those_above_go_on_until_it_is_extended(chain: Chain) -> None:
    chain.bring(S.SUBMITTED)
    chain.db.rounds.update_one({"_id": ROUND}, {"$set": {"closes_on": datetime(2024, 12, 1)}})
    told = refused(chain.actor("lao"), chain.key(), Step.RECALL)
    assert told.kind == "conflict" and "ปิดระบบแล้ว" in told.th and "ขยายเวลา" in told.th
    take_step(chain.actor("lao"), chain.key(), Step.COMMENT, "ขอแก้ไข")
    take_step(chain.actor("district"), chain.key(), Step.RETURN, "แก้ไข")
    assert "ปิดระบบแล้ว" in refused(chain.actor("school"), chain.key(), Step.CERTIFY).th
    more: Raw = {"round_code": ROUND, "lao_code": chain.home.code, "school_code": chain.home.own}
    chain.db.extensions.insert_one({**more, "until": datetime(2024, 12, 2)})
    refused(chain.actor("school"), chain.key(), Step.CERTIFY)
    chain.db.extensions.insert_one({**more, "until": datetime(2099, 1, 1)})
    assert take_step(chain.actor("school"), chain.key(), Step.CERTIFY, name="ก").state is S.CERTIFIED
    assert "ปิดระบบแล้ว" in refused(chain.actor("lao"), chain.key(chain.home.centre), Step.RECALL).th


def test_an_extension_lets_the_rosters_of_its_schools_be_counted_and_no_others(chain: Chain) -> None:
    chain.db.rounds.update_one({"_id": ROUND}, {"$set": {"closes_on": datetime(2024, 12, 1)}})
    more = {"round_code": ROUND, "lao_code": chain.home.code, "school_code": chain.home.own}
    chain.db.extensions.insert_one({**more, "until": datetime(2099, 1, 1)})
    for school in (chain.home.own, chain.home.centre):
        chain.db.students.delete_one({"school_code": school})
    recount([chain.home.own, chain.home.centre])
    assert (chain.row()["total"], chain.row(chain.home.centre)["total"]) == (19, 10)


@pytest.mark.parametrize(("hook", "state", "step"), [
    ("CERTIFY_CHECKS", S.IN_PROGRESS, Step.CERTIFY), ("VERIFY_CHECKS", S.CERTIFIED, Step.VERIFY),
])  # fmt: skip
def test_other_features_can_hold_a_step(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, hook: str, state: SubmissionState, step: Step
) -> None:
    def two_errors(row: Raw, session: Any) -> None:
        raise Problem(f"{row['school_code']} มีข้อผิดพลาด 2 รายการ", "2 errors", kind="conflict")

    chain.bring(state)
    monkeypatch.setattr(checks, hook, [*getattr(checks, hook), two_errors])
    assert "2 รายการ" in refused(chain.actor("lao"), chain.key(), step).th
    assert chain.row()["state"] == state


def test_what_is_found_holds_the_certifying_until_it_is_explained(chain: Chain) -> None:
    chain.db.students.delete_many({"school_code": chain.home.own, "grade": "P6"})
    told = refused(chain.actor("school"), chain.key(), Step.CERTIFY)
    assert told.field == "findings" and "1 เรื่อง" in told.th and "ป.6" in told.th
    assert chain.row()["state"] == "not_started"
    found = chain.db.findings.find_one({"school_code": chain.home.own, "state": "open"}) or {}
    explain(chain.actor("school"), found["_id"], "ไม่มีผู้สมัคร")
    assert take_step(chain.actor("school"), chain.key(), Step.CERTIFY, name="ก").state is S.CERTIFIED


@pytest.mark.parametrize("missing", ["evidence", "listed_students"])
def test_a_count_of_other_affiliation_is_verified_and_submitted_with_its_list_and_paper(
    chain: Chain, missing: str
) -> None:
    other = chain.home.other
    chain.bring(S.VERIFIED, other)
    papers = list(chain.db[missing].find())
    chain.db[missing].delete_many({})
    for school in (chain.home.own, chain.home.centre):
        chain.bring(S.VERIFIED, school)
    with pytest.raises(Problem) as submitting:
        certify_lao(chain.actor("lao"), ROUND, chain.home.code, "ก", "ข")
    assert submitting.value.field in ("evidence", "counts") and chain.row(other)["state"] == "verified"
    take_step(chain.actor("lao"), chain.key(other), Step.UNVERIFY)
    assert refused(chain.actor("lao"), chain.key(other), Step.VERIFY).field == submitting.value.field
    chain.db[missing].insert_many(papers)
    take_step(chain.actor("lao"), chain.key(other), Step.VERIFY)
    assert certify_lao(chain.actor("lao"), ROUND, chain.home.code, "ก", "ข").total == 52


def test_texts_have_an_end(chain: Chain) -> None:
    assert refused(chain.actor("lao"), chain.key(), Step.COMMENT, "ก" * 1001).field == "text"
