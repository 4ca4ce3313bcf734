"""The lines about Valkey, workers, the mail server, the data folder and the settings."""

from __future__ import annotations

import dataclasses
import shutil
import time
from typing import Any

import redis

from app.checking.lines import Line, clock_line, shown_address, size, space_line
from app.monitoring.heartbeats import clock_difference, liveness, quick_client, read_heartbeats
from app.notices.errors import TemporaryFailure
from app.notices.sender import SmtpSender
from config import ConfigError, Settings, require_writable

QUEUE = "Valkey"
QUEUE_SECONDS, MAIL_SECONDS = 3.0, 4.0


def check_queue(settings: Settings) -> list[Line]:
    """Valkey itself, and who works for it."""
    address = shown_address(settings.redis_url)
    try:
        with quick_client(settings.redis_url, QUEUE_SECONDS) as client:
            told: dict[str, Any] = client.info()
            seconds, micros = client.time()
            clock = clock_line(f"{QUEUE} clock", seconds + micros / 1e6 - time.time())
            return [_server(address, told), _policy(told), clock, *_workers(client)]
    except redis.AuthenticationError:
        remedy = "แก้รหัสผ่านใน REDIS_URL / mend the password in REDIS_URL"
        return [Line(QUEUE, "mend", f"{address} ไม่รับรหัสผ่าน / refuses the password", remedy)]
    except (redis.RedisError, OSError) as error:
        remedy = "เปิดเซิร์ฟเวอร์ ตรวจ REDIS_URL และเครือข่าย / start it; check REDIS_URL, its rights and the network"
        return [Line(QUEUE, "mend", f"{address} ไม่ตอบ / does not answer ({type(error).__name__})", remedy)]


def _server(address: str, told: dict[str, Any]) -> Line:
    version = told.get("valkey_version") or told.get("redis_version", "?")
    seen = f"{address} version {version}, memory {size(told.get('used_memory', 0))}"
    if not told.get("aof_enabled"):
        remedy = "appendonly yes (otherwise queued tasks wait for a sweep after a restart)"
        return Line(QUEUE, "warning", f"{seen}, appendonly no", remedy)
    return Line(QUEUE, "ok", f"{seen}, appendonly yes")


def _policy(told: dict[str, Any]) -> Line:
    policy = told.get("maxmemory_policy", "?")
    standing = policy == "noeviction"
    remedy = "" if standing else "maxmemory-policy noeviction: มิฉะนั้นงานในคิวหาย / otherwise queued tasks vanish"
    return Line(f"{QUEUE} memory", "ok" if standing else "mend", f"maxmemory-policy {policy}", remedy)


def _workers(client: redis.Redis) -> list[Line]:
    alive = read_heartbeats(client)
    state = liveness(alive)
    seen = f"{len(state.workers)} workers, beat {'ok' if state.beat else '-'}"
    if state.missing:
        remedy = "เปิด worker และ beat / start the workers and beat (before the first start this is as it should be)"
        return [Line("Workers", "warning", f"{seen}; ขาด / missing: {', '.join(state.missing)}", remedy)]
    return [Line("Workers", "ok", seen), clock_line("Workers clock", clock_difference(alive))]


def check_mail(settings: Settings) -> list[Line]:
    """The mail server's greeting, STARTTLS and sign-in; nothing is sent."""
    if not settings.smtp_url:
        return [Line("Mail", "ok", f"เก็บเป็นไฟล์ / kept as files in {settings.data_dir / 'mail'}")]
    address = shown_address(settings.smtp_url)
    try:
        SmtpSender(settings.smtp_url, timeout=MAIL_SECONDS).greet()
    except TemporaryFailure as failure:
        remedy = "แก้ SMTP_URL หรือแจ้งผู้ดูแลเซิร์ฟเวอร์อีเมล / mend SMTP_URL, or ask whoever runs the mail server"
        return [Line("Mail", "mend", f"{address}: {failure.text}", remedy)]
    if settings.smtp_url.startswith("smtp://") and "@" in settings.smtp_url:
        return [Line("Mail", "warning", f"{address} รหัสผ่านไม่เข้ารหัส / password in the clear", "smtp+starttls:// or smtps://")]
    return [Line("Mail", "ok", f"{address} ตอบและให้เข้าใช้ / greets and lets in")]


def check_folder(settings: Settings) -> list[Line]:
    """Whether the data folder takes files, and how many."""
    try:
        require_writable(settings.data_dir)
        disk = shutil.disk_usage(settings.data_dir)
    except ConfigError as problem:
        return [Line("Data folder", "mend", f"{problem.th} / {problem.en}", "chown, chmod, LEC_DATA_DIR")]
    except OSError as error:
        return [Line("Data folder", "mend", f"{settings.data_dir}: {error.strerror}", "LEC_DATA_DIR")]
    return [space_line("Data folder", disk.free, disk.total, f", {settings.data_dir}")]


def check_settings(settings: Settings) -> list[Line]:
    """What is in force; of what is secret only whether it is set."""
    said = [f"{name}={value}" for name, value in _fields(settings)]
    lines = [Line("Settings", "ok", " ".join(said))]
    if settings.is_production and not settings.trusted_proxies:
        remedy = "TRUSTED_PROXIES=1 ถ้ามี proxy / where a proxy stands in front"
        lines.append(Line("Settings proxy", "warning", "TRUSTED_PROXIES=0", remedy))
    return lines


def _fields(group: Any) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for one in dataclasses.fields(group):
        value = getattr(group, one.name)
        if dataclasses.is_dataclass(value):
            found += _fields(value)
        else:
            found.append((one.name, value if one.repr else "set" if value else "-"))
    return found
