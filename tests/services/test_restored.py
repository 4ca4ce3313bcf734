"""After a restore nobody is signed in by an old cookie, and no letter goes out that may have gone out already."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.fabmongo.security.models import User
from app.notices.settings import MailSettings
from app.services import notices
from app.services.notices.holding import release_held_deliveries
from app.services.restored import settle
from tests.factories.notices import DISTRICT, make_draft
from tests.factories.places import make_places
from tests.people import People

BACKUP_OF = datetime(2026, 12, 1, 2, 0)


@pytest.fixture
def mail(tmp_path: Path) -> MailSettings:
    return MailSettings(tmp_path, mail_from="LEC <lec@lec.example>", lease=timedelta(seconds=60), pace=0.0)


@pytest.fixture
def sent(app: Flask, db: Any) -> Any:
    """A notice with an open delivery in each open state, in the application's context."""
    with app.app_context():
        make_places(db)
        pk = make_draft()
        notices.send(DISTRICT, pk)
        rows = list(db.deliveries.find({"state": "waiting"}))
        assert len(rows) >= 2
        db.deliveries.update_one({"_id": rows[0]["_id"]}, {"$set": {"state": "retrying"}})
        db.deliveries.update_one(
            {"_id": rows[1]["_id"]},
            {"$set": {"state": "sending", "lease": "x", "lease_until": datetime(2026, 12, 1), "handed_on": BACKUP_OF}},
        )
        yield pk


def test_open_deliveries_are_held_and_nothing_is_sent_by_itself(sent: Any, db: Any, mail: MailSettings) -> None:
    open_before = db.deliveries.count_documents({"state": {"$in": ["waiting", "retrying", "sending"]}})
    assert settle(BACKUP_OF).deliveries == open_before
    assert notices.sweep(mail) == 0
    assert {notices.deliver(row["_id"], mail) for row in db.deliveries.find()} == {None}
    assert not list(mail.folder.glob("*.eml"))
    progress = notices.progress(DISTRICT, sent)
    assert progress.uncertain == open_before
    [text] = db.deliveries.distinct("error.text", {"history.outcome": "restored"})
    assert "2026-12-01 02:00 UTC" in text and "may have been sent since" in text
    assert settle(BACKUP_OF).deliveries == 0
    assert notices.resend_failed(DISTRICT, sent) == 0  # the button for all leaves what may have arrived alone


def test_released_they_go_out_once(sent: Any, db: Any, mail: MailSettings) -> None:
    held = settle(BACKUP_OF).deliveries
    notices.sweep(mail)
    assert db.notices.find_one()["state"] == "sent"
    assert release_held_deliveries() == held
    assert release_held_deliveries() == 0
    assert db.notices.find_one()["state"] == "sending"
    for row in db.deliveries.find():
        notices.deliver(row["_id"], mail)
    assert db.deliveries.count_documents({"state": "sent"}) == held
    assert len(list(mail.folder.glob("*.eml"))) == held
    assert db.notices.find_one()["state"] == "sent"


def test_one_that_became_uncertain_by_itself_is_not_released(sent: Any, db: Any, mail: MailSettings) -> None:
    settle(BACKUP_OF)
    release_held_deliveries()
    row = db.deliveries.find_one({"state": "waiting"})
    uncertain = {"state": "failed", "error": {"kind": "uncertain", "text": "x"}}
    event = {"at": BACKUP_OF, "outcome": "uncertain", "text": "x"}
    db.deliveries.update_one({"_id": row["_id"]}, {"$set": uncertain, "$push": {"history": event}})
    assert release_held_deliveries() == 0


def test_no_cookie_of_before_or_after_the_backup_is_good(people: People, app: Flask) -> None:
    """Somebody who signed out after the backup must not be signed in by the cookie that this ended."""
    user = User.objects.first()
    cookies = set()
    for epoch in range(user.session_epoch or 0, 20):
        user.session_epoch = epoch
        cookies.add(user.get_id())
    with app.app_context():
        assert settle(BACKUP_OF).people == User.objects.count()
    assert User.objects.get(pk=user.pk).get_id() not in cookies
