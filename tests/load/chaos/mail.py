"""The mail server of a chaos run: it can be away, be slow, and hang up at two moments."""

from __future__ import annotations

from collections import Counter

from aiosmtpd.controller import Controller

from tests.notices.smtp import Mailbox, controller_of, free_port

SLOW_SECONDS = 3.0


class MailServer:
    """A server at one port for the whole run; `mailbox` keeps what was ever taken."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.port = free_port()
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def on(self) -> None:
        """Listening, quick and whole again."""
        self.mailbox.delay = 0.0
        self.mailbox.hang_up_at_recipient = self.mailbox.hang_up_after_data = False
        if self._controller is None:
            self._controller = controller_of(self.mailbox, self.port)
            self._controller.start()

    def off(self) -> None:
        """Connections are refused."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def slow(self) -> None:
        self.mailbox.delay = SLOW_SECONDS

    def hang_up_at_recipient(self) -> None:
        self.mailbox.hang_up_at_recipient = True

    def hang_up_after_data(self) -> None:
        self.mailbox.hang_up_after_data = True

    def copies(self) -> Counter[str]:
        """Message-ID -> how many times it was taken."""
        return Counter(str(message["Message-ID"]) for message in list(self.mailbox.messages))
