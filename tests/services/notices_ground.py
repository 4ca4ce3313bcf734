"""The ground of tests of notices: places, a mail sink or a real mail server, and short ways to send and look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.enums import DeliveryState
from app.notices.settings import MailSettings
from app.services import notices
from tests.factories.notices import DISTRICT, make_draft
from tests.factories.places import Places, make_places
from tests.notices.smtp import Mailbox, smtp_server

Db = Database[dict[str, Any]]


@pytest.fixture
def places(app: Flask, db: Db) -> Iterator[Places]:
    with app.app_context():
        yield make_places(db)


@pytest.fixture
def mail(tmp_path: Path) -> MailSettings:
    return MailSettings(tmp_path / "mail", mail_from="LEC <lec@lec.example>", lease=timedelta(seconds=60), pace=0.0)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as server:
        yield server


def by_smtp(mail: MailSettings, mailbox: Mailbox) -> MailSettings:
    return MailSettings(mail.folder, mailbox.url, mail.mail_from, mail.lease, mail.pace)


def sent_draft(**changes: Any) -> str:
    pk = make_draft(**changes)
    notices.send(DISTRICT, pk)
    return pk


def deliver_all(db: Db, mail: MailSettings) -> list[DeliveryState | None]:
    return [notices.deliver(row["_id"], mail) for row in db.deliveries.find().sort("_id", 1)]


def only(db: Db, code: str = "5301401") -> dict[str, Any]:
    (row,) = db.deliveries.find({"lao_code": code})
    return row


def submission(db: Db, lao: Any, state: str, school: str) -> None:
    db.submissions.insert_one(
        {"_id": f"2567-2:{school}", "round_code": "2567-2", "school_code": school, "state": state, **lao.path}
    )
