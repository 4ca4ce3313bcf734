"""The e-mails that a running stack has written as files."""

from __future__ import annotations

import email
import email.policy
import time
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from playwright.sync_api import Page

SETTLED_MS = 2_000
LONGEST_S = 60


def wait_for_messages(page: Page, folder: Path, words: str, least: int = 1) -> list[EmailMessage]:
    """The e-mails with `words` in their subject or text, once `least` are there and no more of them come."""
    found: list[EmailMessage] = []
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        now = [message for message in _all(folder) if words in str(message["Subject"]) or words in text_of(message)]
        if len(now) == len(found) >= least:
            return now
        found = now
        page.wait_for_timeout(SETTLED_MS)
    return found


def text_of(message: EmailMessage) -> str:
    """The plain text of an e-mail."""
    part = message.get_body(preferencelist=("plain",))
    return str(part.get_content()) if part else ""


def _all(folder: Path) -> list[EmailMessage]:
    raw = [path.read_bytes() for path in folder.glob("*.eml")]
    return [cast(EmailMessage, email.message_from_bytes(one, policy=email.policy.default)) for one in raw]
