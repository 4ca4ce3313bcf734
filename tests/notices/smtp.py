"""A real SMTP server for the tests that answers as it is told."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


@dataclass
class Mailbox:
    """What arrived, and how the server answers: replies by recipient, at the text, late, or a broken line.

    `delay` is the seconds before each of the two answers; with `hang_up_at_recipient` nothing of a message was taken,
    with `hang_up_after_data` all of it.
    """

    messages: list[EmailMessage] = field(default_factory=list)
    recipient_replies: dict[str, str] = field(default_factory=dict)
    data_reply: str = "250 taken"
    hang_up_after_data: bool = False
    hang_up_at_recipient: bool = False
    delay: float = 0.0
    at_recipient: Callable[[], None] | None = None
    at_data: Callable[[], None] | None = None
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    url: str = ""

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        await asyncio.sleep(self.delay)
        if self.hang_up_at_recipient:
            server.transport.abort()
        if self.at_recipient is not None:
            self.at_recipient()
        reply = self.recipient_replies.get(address, "250 fine")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.delay)
        if self.data_reply.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.messages.append(message)
            if self.at_data is not None:
                self.at_data()
        if self.hang_up_after_data:
            server.transport.abort()
        return self.data_reply

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


def free_port() -> int:
    """A port of this machine on which nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def controller_of(mailbox: Mailbox, port: int, **kwargs: Any) -> Controller:
    """A server for a mailbox, to be started; another one at the same port may follow it."""
    return Controller(
        mailbox,
        hostname="127.0.0.1",
        server_hostname="mail.test",  # else it asks a name server for each connection
        port=port,
        authenticator=mailbox.authenticate,
        auth_require_tls=False,
        auth_exclude_mechanism=["LOGIN"],
        **kwargs,
    )


@contextmanager
def smtp_server(**kwargs: Any) -> Iterator[Mailbox]:
    """A server on a free port, stopped at the end of the block."""
    mailbox = Mailbox()
    controller = controller_of(mailbox, free_port(), **kwargs)
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield mailbox
    finally:
        controller.stop()
