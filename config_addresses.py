"""What is wrong with an address in a setting: one rule a setting, and nothing of the address in the answer."""

import re
from collections.abc import Callable
from email.utils import parseaddr
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit

from limits import parse_many
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

SCHEMES = {
    "MONGODB_URI": ("mongodb", "mongodb+srv"),
    "REDIS_URL": ("redis", "rediss", "unix"),
    "SMTP_URL": ("smtp", "smtps", "smtp+starttls"),
    "PUBLIC_URL": ("http", "https"),
}
TLS_OPTIONS = {"ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
"""What redis-py, Celery and the rate limiter all understand after the question mark of rediss://."""
_DATABASE = re.compile(r"[A-Za-z0-9_-]{1,63}")
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


def address_fault(name: str, value: str) -> str:
    """What the setting `name` must be where `value` cannot be used, else "". Never holds a part of `value`."""
    schemes = SCHEMES[name]
    wanted = ", ".join(f"{scheme}://…" for scheme in schemes)
    if _UNSAFE.search(value) or not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
        return wanted
    try:
        return _RULES[name](value)
    except Exception:  # whatever a parser makes of a broken address, and its words may hold the password
        return wanted


def shown_scheme(value: str) -> str:
    """As much of an address as may be shown: its scheme, where it is one that people use."""
    scheme = value.partition("://")[0]
    known = {one for schemes in SCHEMES.values() for one in schemes}
    return f"{scheme}://…" if "://" in value and scheme in known else "…"


def is_mailbox(text: str) -> bool:
    """Whether `text` is one sender: `a@b.go.th` or `ชื่อ <a@b.go.th>`, in one line and ASCII but for the name."""
    address = parseaddr(text)[1]
    alone = text == address or text.endswith(f"<{address}>")
    local_ok = ".." not in address and len(address) <= 254
    return bool(not _CONTROL.search(text) and alone and local_ok and _MAILBOX.fullmatch(address))


def is_rate(text: str) -> bool:
    """Whether the rate limiter understands `text`, such as "30 per minute"."""
    try:
        return len(text) <= 100 and all(limit.amount > 0 for limit in parse_many(text))
    except ValueError:
        return False


def host_and_port(text: str) -> tuple[str, int] | None:
    """host:port, an IPv6 host in brackets; None where `text` is something else."""
    host, _, port = text.rpartition(":")
    fits = host.strip("[]") and _is_number(port) and 1 <= int(port) <= 65535
    return (host.strip("[]"), int(port)) if fits else None


def redis_database(url: SplitResult) -> str:
    """The number of the database in unix:///path?db=2."""
    return parse_qs(url.query).get("db", ["0"])[0]


def _mongodb(value: str) -> str:
    """Read as the driver reads it, unknown options included; for mongodb+srv no name server is asked yet."""
    wanted = (
        "mongodb://user:password@host:27017,host2:27017/lec?replicaSet=rs0 (@ : / ? # % in a password as %40 %3A "
        "%2F %3F %23 %25; names of options as in MongoDB's manual)"
    )
    srv = value.startswith("mongodb+srv://")
    plain = value.replace("mongodb+srv://", "mongodb://", 1)
    database = urlsplit(plain).path.strip("/")
    if database and not _DATABASE.fullmatch(database):
        return "mongodb://…/DATABASE (a-z, 0-9, _ and -)"
    try:
        parsed = parse_uri(plain, validate=True, warn=False)
        if not srv:
            MongoClient(value, connect=False).close()
    except Exception:  # every fault of the address, the driver has a dozen kinds
        return wanted
    hosts_ok = all(host.startswith("/") or _HOST.fullmatch(host) for host, _ in parsed["nodelist"])
    given = all(option for _, option in parse_qsl(urlsplit(plain).query, keep_blank_values=True))
    whole = given and (parsed["database"] or "") == database and not urlsplit(plain).fragment
    return "" if hosts_ok and whole else wanted


def _redis(value: str) -> str:
    wanted = "redis://user:password@host:6379/0, rediss://…, unix:///path/of.sock?db=0"
    url = urlsplit(value)
    options = parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query))
    names = {name for name, _ in options}
    if url.fragment or len(names) < len(options):
        return wanted
    if url.scheme == "unix":
        number = dict(options).get("db", "0")
        fits = not url.netloc and url.path.strip("/") and names <= {"db"} and _is_number(number)
        return "" if fits else wanted
    allowed = TLS_OPTIONS if url.scheme == "rediss" else set()
    if not names <= allowed:
        return f"{wanted} (?{', '.join(sorted(TLS_OPTIONS))}: rediss)"
    if dict(options).get("ssl_cert_reqs", "required") not in ("required", "optional", "none"):
        return "…?ssl_cert_reqs=required"
    number = url.path.removeprefix("/")
    return "" if _has_host(url) and (not number or _is_number(number)) else wanted


def _smtp(value: str) -> str:
    url = urlsplit(value)
    bare = not (url.path.strip("/") or url.query or url.fragment)
    return "" if bare and _has_host(url) else "smtp+starttls://user:password@host:587, smtps://…, smtp://…"


def _public(value: str) -> str:
    url = urlsplit(value)
    bare = "@" not in url.netloc and not url.query and not url.fragment and "?" not in value and "#" not in value
    path_ok = re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/*", url.path)
    return "" if bare and path_ok and _has_host(url) else "https://host, https://host/path"


def _has_host(url: SplitResult) -> bool:
    """Whether there is a host, and a port that is one if there is any. Raises ValueError as urllib does."""
    return bool(url.hostname and _HOST.fullmatch(url.hostname) and url.port != 0)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5


_RULES: dict[str, Callable[[str], str]] = {
    "MONGODB_URI": _mongodb, "REDIS_URL": _redis, "SMTP_URL": _smtp, "PUBLIC_URL": _public,
}  # fmt: skip
