"""The ways a message leaves: by an SMTP server, or into a folder of .eml files."""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import tempfile
from collections.abc import Callable
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from app.notices.errors import PermanentFailure, TemporaryFailure, may_have_been_sent
from app.notices.message import WIRE, delivery_hash, one_line
from app.notices.settings import MailSettings

TIMEOUT = 30.0
DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class Sender(Protocol):
    """A way to send one message.

    `send` calls `handing_over` at the last moment at which it is still sure that nothing was sent; what
    that raises stops it. It raises TemporaryFailure, PermanentFailure or UncertainFailure.
    """

    def send(self, message: EmailMessage, delivery_id: str, handing_over: Callable[[], None]) -> None: ...

    def was_sent(self, delivery_id: str) -> bool | None:
        """Whether a message handed over by a worker that died went out; None: nobody can tell."""
        ...


class FileSender:
    """Keeps each message as `<LAO code>-<hash>.eml`; the same delivery is always the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, delivery_id: str) -> Path:
        """Where the message of a delivery is kept."""
        return self.folder / f"{delivery_id.rpartition(':')[2]}-{delivery_hash(delivery_id)}.eml"

    def send(self, message: EmailMessage, delivery_id: str, handing_over: Callable[[], None]) -> None:
        """Write the file beside its place, then move it there: it is whole or absent."""
        handing_over()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".tmp", delete=False) as draft:
                draft.write(message.as_bytes(policy=WIRE))
                draft.flush()
                os.fsync(draft.fileno())
            Path(draft.name).replace(self.path(delivery_id))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise TemporaryFailure(
                f"เขียนไฟล์ข้อความลงโฟลเดอร์ข้อมูลไม่ได้ ({reason})", "the message file could not be written"
            ) from error

    def was_sent(self, delivery_id: str) -> bool | None:
        """Whether the file is there."""
        return self.path(delivery_id).exists()


@lru_cache
def own_name() -> str:
    """How this machine introduces itself to mail servers.

    Asked once a process: where no name server knows the machine, each question costs a second, and smtplib
    would ask for every message.
    """
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"


class SmtpSender:
    """Hands each message to the server of `smtp://`, `smtps://` or `smtp+starttls://[user:password@]host[:port]`."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self.url: SplitResult = urlsplit(url)
        self.timeout = timeout
        if self.url.scheme not in DEFAULT_PORTS or not self.url.hostname:
            raise ValueError("SMTP_URL must be smtp://, smtps:// or smtp+starttls:// with a host")

    def send(self, message: EmailMessage, delivery_id: str, handing_over: Callable[[], None]) -> None:
        """One connection, one message. Until the text is on its way every break is temporary, then uncertain."""
        try:
            server = self._connect()
            try:
                self._envelope(server, message)
                handing_over()
                self._data(server, message.as_bytes(policy=WIRE))
            finally:
                _close(server)
        except (OSError, smtplib.SMTPException) as error:
            raise _unreachable(error) from error

    def greet(self) -> None:
        """Connect, sign in and say goodbye; nothing is sent. Raises TemporaryFailure with what the server said."""
        try:
            _close(self._connect())
        except (OSError, smtplib.SMTPException) as error:
            raise _unreachable(error) from error

    def was_sent(self, delivery_id: str) -> bool | None:
        """Nobody can tell: the server that knows is not ours."""
        return None

    def _connect(self) -> smtplib.SMTP:
        host, port = str(self.url.hostname), self.url.port or DEFAULT_PORTS[self.url.scheme]
        tls = ssl.create_default_context()
        server: smtplib.SMTP
        if self.url.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, port, own_name(), timeout=self.timeout, context=tls)
        else:
            server = smtplib.SMTP(host, port, own_name(), timeout=self.timeout)
        try:
            if self.url.scheme == "smtp+starttls":
                server.starttls(context=tls)
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _envelope(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        code, answer = server.mail(message["From"].addresses[0].addr_spec)
        if not 200 <= code < 300:  # our own address or login is at fault, not the LAO's
            raise TemporaryFailure(*_not_now(code, answer))
        _expect(2, *server.rcpt(message["To"].addresses[0].addr_spec))

    def _data(self, server: smtplib.SMTP, raw: bytes) -> None:
        _expect(3, *server.docmd("DATA"))
        lines = raw.removesuffix(b"\r\n").split(b"\r\n")
        body = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
        try:
            server.send(body + b"\r\n.\r\n")
            code, answer = server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise may_have_been_sent() from error
        _expect(2, code, answer)


def sender_for(settings: MailSettings) -> Sender:
    """The sender of an installation: SMTP where an address is set, otherwise the folder."""
    if settings.smtp_url:
        return SmtpSender(settings.smtp_url)
    return FileSender(settings.folder)


def _close(server: smtplib.SMTP) -> None:
    """Say goodbye without waiting long: the outcome is known already."""
    try:
        if server.sock is not None:
            server.sock.settimeout(2.0)
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _expect(group: int, code: int, answer: bytes) -> None:
    """Raise what a reply means unless its first digit is `group`; a 5 is about this message or recipient."""
    if code // 100 == group:
        return
    if code // 100 == 5:
        raise PermanentFailure(f"เซิร์ฟเวอร์อีเมลปฏิเสธ: {_said(code, answer)}", "the mail server refused")
    raise TemporaryFailure(*_not_now(code, answer))


def _not_now(code: int, answer: bytes) -> tuple[str, str]:
    return f"เซิร์ฟเวอร์อีเมลยังรับไม่ได้: {_said(code, answer)}", "the mail server cannot take it now"


def _said(code: int, answer: bytes | str) -> str:
    text = answer if isinstance(answer, str) else answer.decode("utf-8", "replace")
    return one_line(f"{code} {text[:200]}")


def _unreachable(error: Exception) -> TemporaryFailure:
    """A break while nothing was sent yet. A refused login is the installation's fault, so it may still be mended."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return TemporaryFailure(
            f"เซิร์ฟเวอร์อีเมลไม่รับชื่อผู้ใช้หรือรหัสผ่าน ({error.smtp_code}) โปรดแจ้งผู้ดูแลระบบ",
            "the mail server refused the user name or password; tell the administrator",
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return TemporaryFailure(*_not_now(error.smtp_code, str(error.smtp_error).encode()))
    reason = getattr(error, "strerror", None) or type(error).__name__
    return TemporaryFailure(f"ติดต่อเซิร์ฟเวอร์อีเมลไม่ได้ ({reason})", "the mail server could not be reached")
