"""The senders: what each answer of a real server means, and files that are whole or absent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.notices.errors import PermanentFailure, TemporaryFailure, UncertainFailure
from app.notices.letter import Recipient, build
from app.notices.message import build_message, read_message
from app.notices.sender import FileSender, SmtpSender, own_name, sender_for
from app.notices.settings import MailSettings
from tests.factories.notices import raw_notice
from tests.notices.smtp import Mailbox, free_port, smtp_server

KEY = "656565656565656565656565:5301401"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as server:
        yield server


def message(**changes: object) -> EmailMessage:
    letter = build(raw_notice(**changes), Recipient("5301401", "เทศบาลตำบลตะขบ", "นายก"))
    return build_message(
        letter, address="to@lec.example", mail_from="LEC <lec@lec.example>", message_id="<n@lec.example>",
        date=datetime(2024, 11, 5, tzinfo=UTC),
    )  # fmt: skip


class Steps(list[str]):
    def handing_over(self) -> None:
        self.append("handing over")


def test_a_message_arrives_as_it_was_built(mailbox):
    steps = Steps()
    built = message(opening=[".จุดนำหน้า", "."])
    SmtpSender(mailbox.url).send(built, KEY, steps.handing_over)
    assert steps == ["handing over"]
    (arrived,) = mailbox.messages
    assert arrived["Message-ID"] == "<n@lec.example>"
    assert read_message(arrived.as_bytes()).text == read_message(built.as_bytes()).text


@pytest.mark.parametrize(
    ("reply", "failure"),
    [("450 busy", TemporaryFailure), ("421 closing", TemporaryFailure), ("550 no", PermanentFailure)],
)
def test_a_recipient_that_is_refused(mailbox, reply, failure):
    steps = Steps()
    mailbox.recipient_replies["to@lec.example"] = reply
    with pytest.raises(failure) as caught:
        SmtpSender(mailbox.url).send(message(), KEY, steps.handing_over)
    assert reply.split()[0] in caught.value.text
    assert steps == [] and mailbox.messages == []


@pytest.mark.parametrize(("reply", "failure"), [("451 later", TemporaryFailure), ("554 spam", PermanentFailure)])
def test_a_text_that_is_refused(mailbox, reply, failure):
    mailbox.data_reply = reply
    with pytest.raises(failure):
        SmtpSender(mailbox.url).send(message(), KEY, Steps().handing_over)


def test_a_line_that_breaks_after_the_text_is_uncertain(mailbox):
    mailbox.hang_up_after_data = True
    with pytest.raises(UncertainFailure):
        SmtpSender(mailbox.url).send(message(), KEY, Steps().handing_over)
    assert len(mailbox.messages) == 1


def test_a_server_that_is_away_is_a_temporary_failure():
    with pytest.raises(TemporaryFailure):
        SmtpSender(f"smtp://127.0.0.1:{free_port()}").send(message(), KEY, Steps().handing_over)


def test_a_server_that_does_not_speak_is_a_temporary_failure():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(TemporaryFailure):
            SmtpSender(url, timeout=0.3).send(message(), KEY, Steps().handing_over)


def test_what_the_handing_over_raises_stops_the_text(mailbox):
    def refuse() -> None:
        raise KeyError("lost")

    with pytest.raises(KeyError):
        SmtpSender(mailbox.url).send(message(), KEY, refuse)
    assert mailbox.messages == []


def test_user_and_password_come_from_the_address(mailbox):
    url = mailbox.url.replace("://", "://lec%40office:right@")
    SmtpSender(url).send(message(), KEY, Steps().handing_over)
    assert mailbox.logins == [(b"lec@office", b"right")]
    with pytest.raises(TemporaryFailure) as caught:
        SmtpSender(url.replace("right", "wrong")).send(message(), KEY, Steps().handing_over)
    assert "(535)" in caught.value.text and "wrong" not in caught.value.text


def test_a_server_without_tls_is_refused_where_tls_is_asked_for(mailbox):
    with pytest.raises(TemporaryFailure):
        SmtpSender(mailbox.url.replace("smtp:", "smtp+starttls:")).send(message(), KEY, Steps().handing_over)
    assert mailbox.messages == []


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp:///x"])
def test_an_address_that_is_no_mail_server_is_refused(url):
    with pytest.raises(ValueError):
        SmtpSender(url)


def test_a_file_is_named_after_the_delivery_and_written_whole(tmp_path: Path):
    sender = FileSender(tmp_path / "mail")
    assert sender.was_sent(KEY) is False
    sender.send(message(), KEY, Steps().handing_over)
    sender.send(message(), KEY, Steps().handing_over)
    (only,) = (tmp_path / "mail").iterdir()
    assert only.name.startswith("5301401-") and only.suffix == ".eml"
    assert sender.was_sent(KEY) is True
    assert read_message(only.read_bytes()).text == read_message(message().as_bytes()).text


def test_a_folder_that_cannot_be_written_is_a_temporary_failure(tmp_path: Path):
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(TemporaryFailure):
        FileSender(tmp_path / "mail").send(message(), KEY, Steps().handing_over)


def test_the_sender_follows_from_the_settings(tmp_path: Path):
    assert isinstance(sender_for(MailSettings(tmp_path)), FileSender)
    assert isinstance(sender_for(MailSettings(tmp_path, "smtp://127.0.0.1")), SmtpSender)


def test_this_machine_asks_for_its_name_once_and_not_for_every_message(monkeypatch) -> None:
    asked = []
    monkeypatch.setattr("socket.getfqdn", lambda name="": asked.append(name) or "lec.test")
    own_name.cache_clear()
    with smtp_server() as mailbox:
        for number in range(3):
            SmtpSender(mailbox.url).send(message(), f"delivery-{number}", lambda: None)
    own_name.cache_clear()
    assert len(mailbox.messages) == 3
    assert len(asked) == 1
