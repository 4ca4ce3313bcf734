"""The mail settings of an installation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol


class Installation(Protocol):
    """What is needed of the installation's settings."""

    @property
    def data_dir(self) -> Path: ...

    @property
    def smtp_url(self) -> str: ...

    @property
    def mail_from(self) -> str: ...


@dataclass(frozen=True)
class MailSettings:
    """How notices leave: by `smtp_url`, or as files in `folder` where it is empty.

    lease: time a worker may hold a delivery, longer than the longest SMTP dialogue. pace: factor on
    the waits between tries; tests make both small.
    """

    folder: Path
    smtp_url: str = ""
    mail_from: str = "lec@lec.invalid"
    lease: timedelta = timedelta(minutes=5)
    pace: float = 1.0


def mail_settings(installation: Installation) -> MailSettings:
    """The mail settings of an installation; without SMTP messages are kept in <data folder>/mail."""
    return MailSettings(
        folder=installation.data_dir / "mail",
        smtp_url=installation.smtp_url,
        mail_from=installation.mail_from,
    )


def mail_of(extensions: Mapping[str, Any]) -> MailSettings:
    """The mail settings of a running application, whose `extensions` hold "lec_settings".

    "lec_mail" goes before it, for an installation or a test with its own lease and waits.
    """
    own: MailSettings | None = extensions.get("lec_mail")
    return own if own is not None else mail_settings(extensions["lec_settings"])
