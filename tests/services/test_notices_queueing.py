"""Deliveries in the queue, each once, and while MongoDB elects a primary."""
# ruff: noqa: F811 - the fixtures come from the ground by import

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pymongo
import pytest
import redis

from app.enums import DeliveryState
from app.services import notices
from app.services.notices import sweeping
from tests.services.notices_ground import (  # noqa: F401
    by_smtp,
    deliver_all,
    mail,
    mailbox,
    only,
    places,
    sent_draft,
)


def mail_queue(valkey_url: str) -> int:
    with redis.Redis.from_url(valkey_url) as client:
        return int(client.llen("mail"))


def test_what_is_queued_is_not_queued_again(places, db, mail, valkey_url):
    sent_draft()
    assert [notices.sweep(mail), notices.sweep(mail), notices.sweep(mail)] == [2, 2, 2]
    assert mail_queue(valkey_url) == 2


def test_a_sweep_killed_in_the_middle_of_queueing_holds_up_nothing(places, db, mail, valkey_url, monkeypatch):
    sent_draft()
    queued = []

    def dies(name, *args):
        if queued:
            raise KeyboardInterrupt
        queued.append(args)

    with monkeypatch.context() as once, pytest.raises(KeyboardInterrupt):
        once.setattr(sweeping.jobs, "enqueue", dies)
        notices.sweep(mail)
    # What the version before left: everything marked as queued for five minutes, and half of it in the queue.
    db.deliveries.update_many({}, {"$set": {"queued_until": datetime.now(UTC) + timedelta(minutes=5)}})
    notices.sweep(mail)
    assert mail_queue(valkey_url) == 2
    assert deliver_all(db, mail) == [DeliveryState.SENT] * 2
    assert all("queued_until" not in row for row in db.deliveries.find())


def test_a_letter_to_many_does_not_fill_the_queue_before_a_letter_to_one(places, db, mail, valkey_url, monkeypatch):
    monkeypatch.setattr(sweeping, "AT_A_TIME", 4)
    sent_draft()
    row = only(db)
    many = {**row, "notice_id": "many"}
    db.deliveries.insert_many([{**many, "_id": f"{number:09}", "lao_code": str(number)} for number in range(50)])
    assert notices.sweep(mail) == mail_queue(valkey_url) == 4
    with redis.Redis.from_url(valkey_url) as client:
        waiting = [json.loads(raw)["headers"]["argsrepr"] for raw in client.lrange("mail", 0, -1)]
    assert sum(str(row["notice_id"]) in args for args in waiting) == 2


# -- while the database elects -------------------------------------------------------------


@pytest.fixture
def steps_down(db, mongo) -> Callable[[], None]:
    """Lets MongoDB be without a primary for as long as a real election takes."""
    def step_down() -> None:
        with pymongo.MongoClient(mongo.uri) as client, suppress(pymongo.errors.AutoReconnect):
            client.admin.command("replSetStepDown", 9, force=True)

    return step_down


def test_what_the_mail_server_took_while_the_database_elected_is_sent(places, db, mail, mailbox, steps_down):
    sent_draft()
    key = only(db)["_id"]
    mailbox.at_data = steps_down
    assert notices.deliver(key, by_smtp(mail, mailbox)) is DeliveryState.SENT
    row = only(db)
    assert (row["state"], len(mailbox.messages)) == ("sent", 1) and "lease" not in row and "error" not in row


def test_a_delivery_that_the_election_stopped_before_the_text_left_waits_again(places, db, mail, mailbox, steps_down):
    sent_draft()
    key = only(db)["_id"]
    mailbox.at_recipient = steps_down
    state = notices.deliver(key, by_smtp(mail, mailbox))
    mailbox.at_recipient = None
    if state is DeliveryState.WAITING:  # the election took longer than the driver waits
        assert (only(db)["attempts"], mailbox.messages) == (0, [])
        assert not {"lease", "handed_on"} & set(only(db))
        assert notices.deliver(key, by_smtp(mail, mailbox)) is DeliveryState.SENT
    assert (only(db)["state"], len(mailbox.messages)) == ("sent", 1)
