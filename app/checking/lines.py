"""One line of the table of a check, and how an address is shown without its secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from config import Settings

Standing = Literal["ok", "warning", "mend"]


@dataclass(frozen=True)
class Line:
    """What was seen of `subject` and, unless it is ok, what to do about it."""

    subject: str
    standing: Standing
    seen: str
    remedy: str = ""


def shown_address(address: str) -> str:
    """`address` without user, password and options."""
    url = urlsplit(address)
    return f"{url.scheme}://{unquote(url.netloc.rpartition('@')[2])}{url.path}"


def without_secrets(settings: Settings, text: str) -> str:
    """`text` with every secret of the settings taken out, in case that a server said one back."""
    secrets = {settings.secret_key, settings.backup_key, settings.monitoring.metrics_token}
    secrets.add(settings.monitoring.sentry_dsn)
    for address in (settings.mongodb_uri, settings.redis_url, settings.smtp_url):
        user, _, password = urlsplit(address).netloc.rpartition("@")[0].partition(":")
        secrets |= {password, unquote(password), f"{user}:{password}" if password else ""}
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def size(count: float) -> str:
    """Bytes in a unit that people read."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def clock_line(subject: str, seconds: float) -> Line:
    """A line about a server's clock that is `seconds` ahead of this machine's."""
    seen = f"นาฬิกาต่างกัน / clock differs by {seconds:+.1f} s"
    standing: Standing = "ok" if abs(seconds) < 2 else "warning" if abs(seconds) < 30 else "mend"
    remedy = "เปิด NTP ทุกเครื่อง / run an NTP client on every machine"
    return Line(subject, standing, seen, "" if standing == "ok" else remedy)


def space_line(subject: str, free: float, total: float, more: str = "") -> Line:
    """A line about free bytes of a disk."""
    seen = f"ว่าง / free {size(free)} of {size(total)}{more}"
    share = free / total if total else 1
    standing: Standing = "mend" if share < 0.03 else "warning" if share < 0.1 else "ok"
    return Line(subject, standing, seen, "" if standing == "ok" else "เพิ่มพื้นที่ดิสก์ / give it more disk")
