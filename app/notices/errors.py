"""Why a message did not go out: for the moment, for good, or nobody knows."""

from __future__ import annotations

from typing import ClassVar


class SendFailure(Exception):
    """A message that was not sent. `text` is for the officer: Thai, then English."""

    kind: ClassVar[str]

    def __init__(self, th: str, en: str) -> None:
        super().__init__(th, en)
        self.text = f"{th} ({en})"

    def __str__(self) -> str:
        return self.text


class TemporaryFailure(SendFailure):
    """Trying again later may help: the server is busy, away or slow."""

    kind = "temporary"


class PermanentFailure(SendFailure):
    """Trying again cannot help: the address or the message is refused."""

    kind = "permanent"


class UncertainFailure(SendFailure):
    """The message was handed over but no answer came: it may have been sent, so it is not repeated by itself."""

    kind = "uncertain"


def may_have_been_sent() -> UncertainFailure:
    """The failure of a message whose hand-over was not answered."""
    return UncertainFailure(
        "อาจส่งไปแล้ว แต่ขาดการติดต่อก่อนได้รับคำยืนยัน ระบบจึงไม่ส่งซ้ำเอง โปรดสอบถาม อปท. ก่อนกดส่งอีกครั้ง",
        "It may have been sent: contact was lost before the confirmation. It is not repeated by itself; "
        "ask the LAO before you send it again.",
    )
