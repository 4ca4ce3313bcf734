"""Notices in use: drafts, recipients, sending once, delivering once, taking over what was left."""
# ruff: noqa: F811 - the fixtures come from the ground by import

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.enums import DeliveryState
from app.errors import Problem
from app.notices.message import read_message
from app.notices.sender import FileSender
from app.notices.settings import MailSettings
from app.services import notices
from app.services.notices import delivering, outcomes, sweeping
from tests.factories.notices import DISTRICT, DLA, FAR, LAO, PROVINCE, make_draft, notice_fields
from tests.factories.places import Places
from tests.services.notices_ground import (  # noqa: F401
    Db,
    by_smtp,
    deliver_all,
    mail,
    mailbox,
    only,
    places,
    sent_draft,
    submission,
)

# -- drafts --------------------------------------------------------------------------------


def test_a_draft_keeps_what_was_written_and_where_its_author_is(places, db):
    pk = make_draft(orders=["หนึ่ง", "  ", "สอง\r\nต่อ"])
    raw = db.notices.find_one()
    assert str(raw["_id"]) == pk
    assert raw["orders"] == ["หนึ่ง", "สอง\nต่อ"]
    assert raw["dated"] == datetime(2024, 11, 5)
    assert (raw["province_code"], raw["district_code"], raw["author_level"]) == ("30", "3014", "district")
    assert (raw["state"], raw["round_code"], raw["created_by"]) == ("draft", "2567-2", "district")
    assert raw["recipients"] == {"area_level": "district", "area_code": "3014", "states": []}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"addressee": ""}, "addressee"),
        ({"dated": None}, "dated"),
        ({"opening": [], "orders": [""]}, "opening"),
        ({"orders": ["ถึง {lao}"]}, "orders"),
        ({"round": "2500-1"}, "round"),
        ({"round": "", "states": ["not_started"]}, "round"),
        ({"area_level": "province", "area_code": "30"}, "area"),
        ({"area_level": "lao", "area_code": "6310118"}, "area"),
        ({"area_level": "school", "area_code": Places().takhop_tambon.own}, "area"),
        ({"states": ["accepted"]}, "states"),
        ({"subject": "ก" * 301}, "subject"),
    ],
)
def test_a_draft_with_a_fault_is_refused_at_its_field(places, db, changes, field):
    with pytest.raises(Problem) as caught:
        make_draft(**changes)
    assert caught.value.field == field
    assert db.notices.count_documents({}) == 0


def test_an_lao_may_not_write_notices(places):
    with pytest.raises(Problem) as caught:
        make_draft(LAO)
    assert caught.value.kind == "forbidden"


def test_a_change_made_in_between_is_not_overwritten(places, db):
    pk = make_draft()
    version = notices.draft_version(db.notices.find_one())
    notices.save_draft(DISTRICT, notice_fields(subject="ของคนแรก"), pk, version)
    with pytest.raises(Problem) as caught:
        notices.save_draft(DISTRICT, notice_fields(subject="ของคนที่สอง"), pk, version)
    assert caught.value.kind == "conflict"
    assert db.notices.find_one()["subject"] == "ของคนแรก"


def test_a_field_that_was_emptied_is_gone(places, db):
    pk = make_draft()
    notices.save_draft(DISTRICT, notice_fields(deadline=None, contact="", attachments=[], round=""), pk)
    raw = db.notices.find_one()
    assert not {"deadline", "contact", "round_code"} & set(raw)
    assert not raw.get("attachments")


@pytest.mark.parametrize(
    ("actor", "kind"), [(PROVINCE, "forbidden"), (DLA, "forbidden"), (FAR, "not_found"), (LAO, "forbidden")]
)
def test_only_the_office_that_wrote_a_notice_changes_or_sends_it(places, db, actor, kind):
    pk = make_draft()
    for attempt in (
        lambda: notices.save_draft(actor, notice_fields(), pk),
        lambda: notices.send(actor, pk),
        lambda: notices.resend_failed(actor, pk),
        lambda: notices.discard(actor, pk),
    ):
        with pytest.raises(Problem) as caught:
            attempt()
        assert caught.value.kind == kind
    assert db.notices.find_one()["state"] == "draft" and db.deliveries.count_documents({}) == 0


@pytest.mark.parametrize("pk", ["", "x", "6" * 24, None, "'; drop"])
def test_a_malformed_or_unknown_key_is_not_found(places, pk):
    with pytest.raises(Problem) as caught:
        notices.preview(DLA, pk)
    assert caught.value.kind == "not_found"


# -- recipients ----------------------------------------------------------------------------


def codes(found: notices.Recipients) -> list[str]:
    return [lao.code for lao in found.everybody]


def test_recipients_lie_in_both_the_rule_and_the_persons_area(places):
    everywhere = {"area_level": "country", "area_code": None}
    assert codes(notices.recipients(DLA, everywhere, None)) == sorted(lao.code for lao in places.laos)
    assert codes(notices.recipients(DISTRICT, everywhere, None)) == ["5301401", "6301408"]
    assert codes(notices.recipients(DISTRICT, {"area_level": "province", "area_code": "31"}, None)) == []
    assert codes(notices.recipients(PROVINCE, {"area_level": "lao", "area_code": "6301408"}, None)) == ["6301408"]


def test_recipients_are_chosen_by_how_far_they_are_in_the_round(places, db):
    tambon, sao = places.takhop_tambon, places.takhop_sao
    submission(db, tambon, "submitted", tambon.own)
    submission(db, tambon, "not_started", tambon.centre)
    submission(db, sao, "not_started", sao.own)

    def chosen(*states: str) -> list[str]:
        rule = {"area_level": "district", "area_code": "3014", "states": states}
        return codes(notices.recipients(DISTRICT, rule, "2567-2"))

    assert chosen("not_started") == [sao.code]
    assert chosen("in_progress") == [tambon.code]
    assert chosen("not_started", "in_progress") == [tambon.code, sao.code]
    assert chosen("returned") == []


def test_laos_that_are_gone_get_nothing_and_those_without_address_are_named(places, db):
    db.laos.update_one({"_id": "5301401"}, {"$unset": {"email": ""}})
    db.laos.update_one({"_id": "6301408"}, {"$set": {"active": False}})
    found = notices.recipients(DISTRICT, {"area_level": "district", "area_code": "3014"}, None)
    assert codes(found) == ["5301401"]
    assert [lao.code for lao in found.without_address] == ["5301401"]


def test_the_preview_walks_through_the_recipients(places):
    pk = make_draft()
    first = notices.preview(DISTRICT, pk)
    assert first.recipient.code == "5301401" and first.previous is None and first.following.code == "6301408"
    second = notices.preview(DISTRICT, pk, "6301408")
    assert second.letter.addressee == "นายกองค์การบริหารส่วนตำบลตะขบ"
    assert second.previous.code == "5301401" and second.following is None
    with pytest.raises(Problem):
        notices.preview(DISTRICT, pk, "6310118")


# -- sending -------------------------------------------------------------------------------


def test_sending_writes_one_delivery_for_each_lao_and_sending_again_none(places, db):
    pk = make_draft()
    assert notices.send(DISTRICT, pk) == 2
    before = list(db.deliveries.find().sort("_id", 1))
    assert [row["_id"] for row in before] == [f"{pk}:5301401", f"{pk}:6301408"]
    assert {row["state"] for row in before} == {"waiting"}
    assert before[0]["district_code"] == "3014" and before[0]["subject"] == "ขอให้ปรับปรุงข้อมูลนักเรียน"
    assert notices.send(DISTRICT, pk) == 0
    assert list(db.deliveries.find().sort("_id", 1)) == before


def test_sending_from_many_windows_at_once_writes_each_delivery_once(app, places, db):
    pk = make_draft()

    def send(_: int) -> int:
        with app.app_context():
            return notices.send(DISTRICT, pk)

    with ThreadPoolExecutor(6) as threads:
        added = list(threads.map(send, range(6)))
    assert sorted(added) == [0, 0, 0, 0, 0, 2]
    assert db.deliveries.count_documents({}) == 2


def test_a_draft_changed_after_the_question_is_not_sent(places, db):
    pk = make_draft()
    version = notices.draft_version(db.notices.find_one())
    notices.save_draft(DISTRICT, notice_fields(subject="ใหม่"), pk)
    with pytest.raises(Problem) as caught:
        notices.send(DISTRICT, pk, version)
    assert caught.value.kind == "conflict" and db.deliveries.count_documents({}) == 0


def test_a_notice_without_recipients_is_not_sent(places, db):
    pk = make_draft(states=["returned"])
    with pytest.raises(Problem):
        notices.send(DISTRICT, pk)
    assert db.notices.find_one()["state"] == "draft"


def test_what_was_sent_is_neither_changed_nor_discarded(places, db):
    pk = sent_draft()
    for attempt in (lambda: notices.save_draft(DISTRICT, notice_fields(), pk), lambda: notices.discard(DISTRICT, pk)):
        with pytest.raises(Problem) as caught:
            attempt()
        assert caught.value.kind == "conflict"
    assert db.notices.count_documents({}) == 1


def test_an_lao_without_address_gets_a_failed_delivery_with_the_reason(places, db, mail):
    db.laos.update_one({"_id": "5301401"}, {"$set": {"email": ""}})
    pk = sent_draft()
    row = only(db)
    assert (row["state"], row["error"]["kind"]) == ("failed", "permanent")
    assert "ยังไม่มีอีเมล" in row["error"]["text"]
    assert notices.deliver(row["_id"], mail) is None
    assert notices.resend_failed(DISTRICT, pk) == 0
    db.laos.update_one({"_id": "5301401"}, {"$set": {"email": "new@lec.example"}})
    assert notices.resend_failed(DISTRICT, pk) == 1
    assert notices.deliver(row["_id"], mail) is DeliveryState.SENT
    assert only(db)["address"] == "new@lec.example"


# -- delivering ----------------------------------------------------------------------------


def test_every_lao_gets_one_file_and_the_notice_is_finished(places, db, mail):
    pk = sent_draft()
    assert deliver_all(db, mail) == [DeliveryState.SENT] * 2
    assert sorted(path.name[:7] for path in mail.folder.iterdir()) == ["5301401", "6301408"]
    notice = db.notices.find_one()
    assert (notice["state"], notice["sent_count"], notice["failed_count"]) == ("sent", 2, 0)
    row = only(db)
    assert row["attempts"] == 1 and row["sent_on"] and [event["outcome"] for event in row["history"]] == ["sent"]
    found = notices.message_of(LAO, row["_id"], mail)
    assert found.stored and dict(found.message.headers)["To"].endswith("<saraban@5301401.lec.example>")
    assert "นายกเทศมนตรีตำบลตะขบ" in found.message.text
    assert notices.progress(DISTRICT, pk) == notices.Progress(total=2, sent=2, failed=0, uncertain=0)


def test_delivering_twice_sends_once(places, db, mail, mailbox):
    sent_draft()
    smtp = by_smtp(mail, mailbox)
    assert deliver_all(db, smtp) == [DeliveryState.SENT] * 2
    assert deliver_all(db, smtp) == [None, None]
    assert len(mailbox.messages) == 2


def test_two_workers_at_once_send_once(app, places, db, mail, mailbox):
    sent_draft()
    smtp = by_smtp(mail, mailbox)
    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(lambda _: notices.deliver(only(db)["_id"], smtp), range(4)))
    assert sorted(results, key=str) == [None, None, None, DeliveryState.SENT]
    assert len(mailbox.messages) == 1


def test_what_one_worker_holds_no_other_takes(places, db, mail):
    sent_draft()
    assert delivering.claim(only(db)["_id"], mail.lease) is not None
    assert delivering.claim(only(db)["_id"], mail.lease) is None


def test_a_temporary_failure_is_tried_again_with_the_same_message_id(places, db, mail, mailbox):
    sent_draft()
    smtp, address = by_smtp(mail, mailbox), "saraban@5301401.lec.example"
    mailbox.recipient_replies[address] = "450 full"
    key = only(db)["_id"]
    assert notices.deliver(key, smtp) is DeliveryState.RETRYING
    row = only(db)
    assert row["error"]["kind"] == "temporary" and "450" in row["error"]["text"] and row["next_attempt_on"]
    del mailbox.recipient_replies[address]
    assert notices.deliver(key, smtp) is DeliveryState.SENT
    row = only(db)
    assert row["attempts"] == 2 and "error" not in row
    assert mailbox.messages[0]["Message-ID"] == row["message_id"]


def test_the_wait_is_kept(places, db, mail, mailbox):
    sent_draft()
    slow = MailSettings(mail.folder, mailbox.url, mail.mail_from, mail.lease, 1.0)
    mailbox.recipient_replies["saraban@5301401.lec.example"] = "450 full"
    key = only(db)["_id"]
    assert notices.deliver(key, slow) is DeliveryState.RETRYING
    wait = only(db)["next_attempt_on"] - datetime.now(UTC).replace(tzinfo=None)
    assert timedelta(seconds=50) < wait <= timedelta(seconds=60)
    assert notices.deliver(key, slow) is None


def test_temporary_failures_over_three_days_are_the_end_with_their_reason(places, db, mail, mailbox):
    pk = sent_draft()
    smtp = by_smtp(mail, mailbox)
    mailbox.recipient_replies["saraban@5301401.lec.example"] = "450 full"
    states = [notices.deliver(only(db)["_id"], smtp) for _ in range(13)]
    assert states == [*[DeliveryState.RETRYING] * 11, DeliveryState.FAILED, None]
    assert "450 full" in only(db)["error"]["text"] and "given up after 12 tries" in only(db)["error"]["text"]
    mailbox.recipient_replies.clear()
    assert notices.resend_failed(DISTRICT, pk) == 1
    assert notices.deliver(only(db)["_id"], smtp) is DeliveryState.SENT


def test_a_permanent_failure_stops_with_its_reason_and_the_rest_goes_out(places, db, mail, mailbox):
    sent_draft()
    mailbox.recipient_replies["saraban@5301401.lec.example"] = "550 no such mailbox"
    assert deliver_all(db, by_smtp(mail, mailbox)) == [DeliveryState.FAILED, DeliveryState.SENT]
    row, notice = only(db), db.notices.find_one()
    assert row["error"]["kind"] == "permanent" and "no such mailbox" in row["error"]["text"] and row["attempts"] == 1
    assert (notice["state"], notice["sent_count"], notice["failed_count"]) == ("sent", 1, 1)


def test_an_unanswered_message_is_not_repeated_unless_the_officer_says_so(places, db, mail, mailbox):
    pk = sent_draft()
    smtp, key = by_smtp(mail, mailbox), only(db)["_id"]
    mailbox.hang_up_after_data = True
    assert notices.deliver(key, smtp) is DeliveryState.FAILED
    assert only(db)["error"]["kind"] == "uncertain" and "อาจส่งไปแล้ว" in only(db)["error"]["text"]
    mailbox.hang_up_after_data = False
    assert notices.resend_failed(DISTRICT, pk) == 0
    assert notices.deliver(key, smtp) is None
    assert notices.resend_failed(DISTRICT, pk, [key]) == 1
    assert notices.deliver(key, smtp) is DeliveryState.SENT
    first, second = mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]


# -- the sweep -----------------------------------------------------------------------------


def leave_behind(db: Db, handed: bool) -> dict[str, Any]:
    """The trace of a worker that died while it held the first delivery."""
    past = datetime(2024, 11, 5)
    values = {"state": "sending", "attempts": 1, "lease": "dead", "lease_until": past}
    if handed:
        values |= {"handed_on": past, "message_id": "<x@lec.example>"}
    db.deliveries.update_one({"_id": only(db)["_id"]}, {"$set": values})
    return only(db)


def test_a_delivery_held_by_a_dead_worker_waits_again(places, db, mail, mailbox):
    sent_draft()
    leave_behind(db, handed=False)
    notices.sweep(by_smtp(mail, mailbox))
    assert only(db)["state"] == "waiting"
    assert notices.deliver(only(db)["_id"], by_smtp(mail, mailbox)) is DeliveryState.SENT


def test_a_file_that_was_written_settles_what_a_dead_worker_left(places, db, mail):
    sent_draft()
    row = leave_behind(db, handed=True)
    notices.sweep(mail)
    assert only(db)["state"] == "waiting"
    leave_behind(db, handed=True)
    mail.folder.mkdir()
    FileSender(mail.folder).path(row["_id"]).write_bytes(b"Subject: x\r\n\r\n")
    notices.sweep(mail)
    assert only(db)["state"] == "sent"


def test_a_message_handed_to_a_server_by_a_dead_worker_is_uncertain(places, db, mail, mailbox):
    sent_draft()
    row = leave_behind(db, handed=True)
    notices.sweep(by_smtp(mail, mailbox))
    assert (only(db)["state"], only(db)["error"]["kind"]) == ("failed", "uncertain")
    # The worker was slow, not dead, and reports after all.
    outcomes.record_sent(row)
    assert only(db)["state"] == "sent" and "error" not in only(db)


def test_a_worker_that_lost_its_lease_sends_nothing(places, db, mail, mailbox):
    sent_draft()
    claimed = delivering.claim(only(db)["_id"], timedelta(0))
    notices.sweep(by_smtp(mail, mailbox))
    with pytest.raises(delivering.LeaseLost):
        delivering.handing_over(claimed, "<x@lec.example>", mail.lease)()


def test_a_worker_that_renews_its_lease_during_the_sweep_keeps_the_delivery(places, db, mail, mailbox):
    sent_draft()
    row = delivering.claim(only(db)["_id"], timedelta(0))
    delivering.handing_over(row, "<x@lec.example>", mail.lease)()
    sweeping._take_over(row, FileSender(mail.folder), 0.0)
    assert only(db)["state"] == "sending"


def test_a_delivery_that_kills_every_worker_is_given_up(places, db, mail):
    sent_draft()
    leave_behind(db, handed=False)
    db.deliveries.update_one({"_id": only(db)["_id"]}, {"$set": {"attempts": 12}})
    notices.sweep(mail)
    assert only(db)["state"] == "failed"


# -- scope ---------------------------------------------------------------------------------


def test_an_lao_reads_its_own_letter_and_no_other(places, db, mail):
    sent_draft()
    deliver_all(db, mail)
    own, other = only(db)["_id"], only(db, "6301408")["_id"]
    assert notices.letter_of(LAO, own)[1].lao_code == "5301401"
    for actor, key in ((LAO, other), (FAR, own), (LAO, "x")):
        with pytest.raises(Problem) as letter:
            notices.letter_of(actor, key)
        with pytest.raises(Problem) as message:
            notices.message_of(actor, key, mail)
        assert letter.value.kind == message.value.kind == "not_found"


def test_offices_above_read_what_their_districts_sent(places, db):
    pk = sent_draft()
    assert notices.deliveries_of(PROVINCE, pk)[0] == 2
    assert notices.deliveries_of(DLA, pk, DeliveryState.SENT) == (0, [])
    with pytest.raises(Problem):
        notices.deliveries_of(FAR, pk)


def test_a_message_sent_by_smtp_is_shown_again_as_it_was(places, db, mail, mailbox):
    sent_draft()
    smtp = by_smtp(mail, mailbox)
    deliver_all(db, smtp)
    found = notices.message_of(LAO, only(db)["_id"], smtp)
    sent = next(message for message in mailbox.messages if "5301401" in message["To"])
    assert not found.stored
    assert dict(found.message.headers)["Message-ID"] == sent["Message-ID"]
    assert found.message.text == read_message(sent.as_bytes()).text
