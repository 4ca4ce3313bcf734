"""A mistake of the program while one letter is made or sent ends that delivery with its reason, and no other."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from app.enums import DeliveryState
from app.services import notices
from app.services.notices import delivering
from tests.factories.notices import DISTRICT
from tests.services.test_notices import (  # noqa: F401
    Db,
    by_smtp,
    deliver_all,
    mail,
    mailbox,
    only,
    places,
    sent_draft,
)


def broken(*_: Any, **__: Any) -> Any:
    return {}["missing"]


def test_a_letter_that_cannot_be_made_fails_with_its_number_and_is_sent_again_after_the_mend(
    places: Any, db: Db, mail: Any, mailbox: Any, caplog: pytest.LogCaptureFixture  # noqa: F811
) -> None:
    pk = sent_draft()
    smtp, first = by_smtp(mail, mailbox), only(db)["_id"]
    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(delivering, "build", broken)
        assert notices.deliver(first, smtp) is DeliveryState.FAILED
    row = only(db)
    trace = next(record.trace for record in caplog.records if hasattr(record, "trace"))
    assert row["error"]["kind"] == "permanent" and trace in row["error"]["text"]
    assert row["history"][-1]["outcome"] == "permanent" and not {"lease", "lease_until"} & set(row)
    notices.sweep(smtp)
    assert only(db)["state"] == "failed" and only(db)["attempts"] == 1, "it is not tried again in silence"
    assert DeliveryState.SENT in deliver_all(db, smtp), "the others go out"
    assert notices.resend_failed(DISTRICT, pk) == 1
    assert notices.deliver(first, smtp) is DeliveryState.SENT
    assert len(mailbox.messages) == db.deliveries.count_documents({})


def test_a_mistake_after_the_sending_began_is_uncertain(
    places: Any, db: Db, mail: Any, mailbox: Any, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    pk = sent_draft()
    sender = delivering.sender_for(by_smtp(mail, mailbox))

    def breaks_after(message: Any, key: str, handing_over: Any) -> None:
        handing_over()
        broken()

    with monkeypatch.context() as patch:
        patch.setattr(type(sender), "send", lambda self, *given: breaks_after(*given))
        assert notices.deliver(only(db)["_id"], by_smtp(mail, mailbox)) is DeliveryState.FAILED
    assert only(db)["error"]["kind"] == "uncertain"
    assert notices.resend_failed(DISTRICT, pk) == 0


@pytest.mark.parametrize(("error", "state", "attempts"), [
    (AutoReconnect("no primary"), DeliveryState.WAITING, 0), (MemoryError(), DeliveryState.RETRYING, 1),
    (OSError(28, "No space left on device"), DeliveryState.RETRYING, 1),
    (OperationFailure("unknown operator", 2), DeliveryState.FAILED, 1),
])  # fmt: skip
def test_what_passes_is_tried_again_and_a_bad_command_is_not(
    places: Any, db: Db, mail: Any, mailbox: Any, error: Exception, state: DeliveryState, attempts: int,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent_draft()
    smtp = by_smtp(mail, mailbox)

    def fails(*_: Any) -> Any:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "build", fails)
        assert notices.deliver(only(db)["_id"], smtp) is state
    assert (only(db)["state"], only(db)["attempts"]) == (state.value, attempts)
    assert mailbox.messages == []
