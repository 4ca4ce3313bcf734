"""Every setting of LEC, read from the environment once, checked, and typed."""

import contextlib
import errno
import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from config_addresses import address_fault, host_and_port, is_mailbox, is_rate, redis_database, shown_scheme

ROOT = Path(__file__).resolve().parent
ENVIRONMENTS = ("development", "testing", "production")
RUN_LOCK = "run.lock"  # held by run.py as long as its servers run
RUNNING_SERVERS = "servers.json"  # where they listen, so that a second terminal finds them
DEFAULT_DATABASE = "lec"
MINIMUM_SECRET, MINIMUM_TOKEN = 32, 16  # characters
LOG_FORMATS = ("json", "text")


class ConfigError(click.ClickException):
    """A setting that LEC cannot start with; th and en are one whole sentence each and never hold a secret.

    As click's exception it is a sentence, not a traceback, under every `flask --app app …`.
    """

    def __init__(self, th: str, en: str) -> None:
        super().__init__(f"{th}\n{en}")
        self.th = th
        self.en = en


@dataclass(frozen=True)
class Monitoring:
    """What an operator sees of an installation, and where."""

    metrics_token: str = field(default="", repr=False)  # who sends it may read /metrics; empty: nobody
    metrics_address: tuple[str, int] | None = None  # host and port where /metrics is served besides
    metrics_dir: Path | None = None  # where processes keep their counters; None: beside the data, in memory if there is
    log_format: str = "text"  # or "json": one object a line
    log_file: Path | None = None  # log lines go there too
    sentry_dsn: str = field(default="", repr=False)  # where reports of faults are sent; empty: nowhere
    tracing: bool = False  # whether traces are sent by OpenTelemetry, which reads its own variables


@dataclass(frozen=True)
class Retention:
    """After how many days something is removed in the background; 0: never (files of imports hold people's data)."""

    imports: int = 90  # file and rows of an import; its numbers stay
    reports: int = 1095  # rows of a report; its totals stay, and it can be made again
    mail: int = 1095  # lines that tell each try to deliver a letter; what became of it stays
    checks: int = 365  # what is known of past checks, and the records of the removing itself
    history: int = 0  # who changed what


@dataclass(frozen=True)
class Settings:
    """One installation's settings; `load` makes one from the environment, tests change one with `dataclasses.replace`.

    mongodb_uri and redis_url are empty when nothing was set and no run.py is running: see `require_servers`.
    """

    env: str
    secret_key: str = field(repr=False)
    mongodb_uri: str = field(repr=False)
    redis_url: str = field(repr=False)  # redis://, rediss:// or unix:///path?db=0, as redis-py wants it
    data_dir: Path  # absolute
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"  # as people type it, without a slash at the end
    trusted_hosts: tuple[str, ...] = ()  # names under which requests are answered; () is any
    smtp_url: str = field(default="", repr=False)  # empty: messages become .eml files under data_dir
    mail_from: str = "lec@lec.invalid"
    trusted_proxies: int = 0  # how many proxies in front set X-Forwarded-*
    max_upload_bytes: int = 16 * 1024 * 1024
    session_lifetime: timedelta = timedelta(hours=12)
    rate_limit_enabled: bool = True
    login_rate_limit: str = "30 per minute"  # of one address; a whole office may share it
    lockout_attempts: int = 5  # wrong passwords for one account
    lockout_minutes: int = 15
    csrf_enabled: bool = True
    demo: bool = False  # fill an empty database with demo data on `flask init`
    report_lease_seconds: float = 60  # a report whose worker is silent for so long goes to another worker
    backup_key: str = field(default="", repr=False)  # encrypts what `flask backup` writes
    report_chunk: int = 0  # schools counted at a time; 0: the size of the report decides
    import_lease_seconds: float = 60  # the same of a roster import
    retention: Retention = Retention()
    monitoring: Monitoring = Monitoring()

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def logs_json(self) -> bool:
        return self.monitoring.log_format == "json"

    @property
    def database_name(self) -> str:
        """The database named in MONGODB_URI, or "lec"."""
        return urlsplit(self.mongodb_uri).path.strip("/") or DEFAULT_DATABASE

    @property
    def celery_url(self) -> str:
        """REDIS_URL as Celery's broker and result backend spell it."""
        url = urlsplit(self.redis_url)
        if url.scheme == "unix":
            return f"redis+socket://{url.path}?virtual_host={redis_database(url)}"
        if url.scheme == "rediss" and "ssl_cert_reqs" not in url.query:
            return url._replace(query="&".join(filter(None, [url.query, "ssl_cert_reqs=required"]))).geturl()
        return self.redis_url

    @property
    def rate_limit_url(self) -> str:
        """REDIS_URL as the `limits` package spells it."""
        url = urlsplit(self.redis_url)
        return f"redis+unix://{url.path}?db={redis_database(url)}" if url.scheme == "unix" else self.redis_url

    def require_servers(self) -> None:
        """Raise ConfigError unless both a database and a queue are known."""
        missing = [name for name, value in self.server_addresses().items() if not value]
        if missing:
            names = " / ".join(missing)
            raise ConfigError(
                f"ไม่พบ {names}: เปิดระบบด้วย make run ในหน้าต่างอื่นก่อน หรือกำหนดค่านี้ในตัวแปรสภาพแวดล้อม",
                f"{names} is not set and no LEC is running here: start `make run` in another terminal, or set it.",
            )

    def server_addresses(self) -> dict[str, str]:
        return {"MONGODB_URI": self.mongodb_uri, "REDIS_URL": self.redis_url}

    def flask_config(self) -> dict[str, Any]:
        """The keys that Flask, Flask-AppBuilder and their extensions read."""
        return {**_FLASK_FIXED, **self._web_config(), **self._limit_config()}

    def _web_config(self) -> dict[str, Any]:
        return {
            "SECRET_KEY": self.secret_key,
            "TESTING": self.env == "testing",
            "FABMONGO_INDEX_ADVICE": self.env == "development",
            "SESSION_COOKIE_SECURE": self.is_production,
            "TRUSTED_HOSTS": self.trusted_hosts or None,
            "REMEMBER_COOKIE_SECURE": self.is_production,
            "PREFERRED_URL_SCHEME": urlsplit(self.public_url).scheme,
            "PERMANENT_SESSION_LIFETIME": self.session_lifetime,
            "MAX_CONTENT_LENGTH": self.max_upload_bytes,
            "WTF_CSRF_ENABLED": self.csrf_enabled,
            "CELERY": {"broker_url": self.celery_url},
        }

    def _limit_config(self) -> dict[str, Any]:
        return {
            "RATELIMIT_ENABLED": self.rate_limit_enabled,
            "RATELIMIT_STORAGE_URI": self.rate_limit_url,
            "AUTH_RATE_LIMITED": self.rate_limit_enabled,
            "AUTH_RATE_LIMIT": self.login_rate_limit,
            "FABMONGO_LOCKOUT_AFTER": self.lockout_attempts,
            "FABMONGO_LOCKOUT_MINUTES": self.lockout_minutes,
        }


# What does not differ between installations.
_FLASK_FIXED: dict[str, Any] = {
    "APP_NAME": "LEC",
    "LANGUAGES": {"th": {"flag": "th", "name": "ไทย"}, "en": {"flag": "gb", "name": "English"}},
    "BABEL_DEFAULT_LOCALE": "th",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Bangkok",
    "SESSION_COOKIE_NAME": "lec_session",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_HTTPONLY": True,
    "REMEMBER_COOKIE_SAMESITE": "Lax",
    "MAX_FORM_PARTS": 2000,
    "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,  # Flask's 500 kB is too little for a long letter and a long roster form
    "WTF_CSRF_TIME_LIMIT": None,  # a form left open until the deadline must still be accepted: the session is the limit
    "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=15),
    "JWT_REFRESH_TOKEN_EXPIRES": timedelta(days=1),
    "RATELIMIT_HEADERS_ENABLED": False,
    "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
    "FAB_UPDATE_PERMS": False,  # `flask init` writes roles and permissions, once; never each web or worker process
    "FAB_CREATE_DB": False,  # there is no SQL database
    "FAB_ALLOW_GET_UNSAFE_MUTATIONS": False,
    "FAB_API_SHOW_STACKTRACE": False,
    "FAB_ADD_OPENAPI_VIEWS": False,  # app/fabmongo/api has its own document, and a page at /api/docs
    "FAB_API_SWAGGER_UI": False,  # its page loads scripts from the internet
    "JWT_TOKEN_LOCATION": ["headers"],  # never a cookie: the API has no CSRF token
    "FAB_API_MAX_PAGE_SIZE": 100,
}


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `env` (default: os.environ); raises ConfigError with one sentence about the first fault.

    In development an unset SECRET_KEY is drawn at random once and kept in the data folder.
    """
    env = os.environ if env is None else env
    name = env.get("LEC_ENV") or "development"
    if name not in ENVIRONMENTS:
        raise _bad("LEC_ENV", name, "development, testing, production")
    if name == "production" and env.get("FLASK_DEBUG", "0") not in ("", "0", "false", "no"):
        raise _bad("FLASK_DEBUG", env["FLASK_DEBUG"], "0 (LEC_ENV=production)")
    data_dir = (ROOT / (env.get("LEC_DATA_DIR") or "var")).resolve()
    running = _running_servers(data_dir) if name == "development" else {}
    port = _number(env, "PORT", 8080, 1, 65535)
    return Settings(
        env=name,
        secret_key=_secret_key(env, name, data_dir),
        mongodb_uri=_url("MONGODB_URI", _required(env, "MONGODB_URI", name) or running.get("MONGODB_URI", "")),
        redis_url=_url("REDIS_URL", _required(env, "REDIS_URL", name) or running.get("REDIS_URL", "")),
        data_dir=data_dir,
        port=port,
        public_url=_public_url(env, name, port),
        trusted_hosts=_hosts(env) if name == "production" else (),
        smtp_url=_url("SMTP_URL", _required(env, "SMTP_URL", name)),
        mail_from=_mail_from(env, name),
        login_rate_limit=_rate(env, "LOGIN_RATE_LIMIT", Settings.login_rate_limit),
        trusted_proxies=_number(env, "TRUSTED_PROXIES", 0, 0, 10),
        rate_limit_enabled=name != "testing",
        demo=_number(env, "LEC_DEMO", int(name != "production"), 0, 1) == 1,
        report_lease_seconds=_number(env, "LEC_REPORT_LEASE_SECONDS", 60, 1, 3600),
        backup_key=env.get("LEC_BACKUP_KEY", "").strip(),
        report_chunk=_number(env, "LEC_REPORT_CHUNK", 0, 0, 10_000),
        import_lease_seconds=_number(env, "LEC_IMPORT_LEASE_SECONDS", 60, 1, 3600),
        retention=_retention(env),
        monitoring=_monitoring(env, name),
    )


def _retention(env: Mapping[str, str]) -> Retention:
    """The days of each kind; the history is kept for a year at least, for audits ask for it."""
    return Retention(
        imports=_number(env, "LEC_IMPORT_KEPT_DAYS", Retention.imports, 1, 3650),
        reports=_days(env, "LEC_REPORT_KEPT_DAYS", Retention.reports, 30),
        mail=_days(env, "LEC_MAIL_KEPT_DAYS", Retention.mail, 30),
        checks=_days(env, "LEC_CHECK_KEPT_DAYS", Retention.checks, 30),
        history=_days(env, "LEC_HISTORY_KEPT_DAYS", Retention.history, 365),
    )


def _days(env: Mapping[str, str], name: str, default: int, lowest: int) -> int:
    days = _number(env, name, default, 0, 36_500)
    if 0 < days < lowest:
        raise _bad(name, str(days), f"0, {lowest}-36500")
    return days


def _monitoring(env: Mapping[str, str], environment: str) -> Monitoring:
    folder, log_file, token = env.get("LEC_METRICS_DIR"), env.get("LEC_LOG_FILE"), env.get("METRICS_TOKEN", "").strip()
    if token and len(token) < MINIMUM_TOKEN:
        raise _bad("METRICS_TOKEN", "…", f"at least {MINIMUM_TOKEN} random characters")
    log_format = env.get("LEC_LOG_FORMAT") or ("json" if environment == "production" else "text")
    if log_format not in LOG_FORMATS:
        raise _bad("LEC_LOG_FORMAT", log_format, ", ".join(LOG_FORMATS))
    return Monitoring(
        metrics_token=token,
        metrics_address=_address(env, "METRICS_ADDRESS"),
        metrics_dir=(ROOT / folder).resolve() if folder else None,
        log_format=log_format,
        log_file=(ROOT / log_file).resolve() if log_file else None,
        sentry_dsn=env.get("SENTRY_DSN", "").strip(),
        tracing=bool(env.get("OTEL_EXPORTER_OTLP_ENDPOINT")),
    )


def _address(env: Mapping[str, str], name: str) -> tuple[str, int] | None:
    text = env.get(name, "").strip()
    if text and host_and_port(text) is None:
        raise _bad(name, "…", "127.0.0.1:9091")
    return host_and_port(text)


def require_writable(folder: Path) -> None:
    """Make the data folder where it is missing and try a file in it, at the start rather than at the first use."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        if error.errno != errno.ENOSPC:  # a full disk passes, and people save into MongoDB meanwhile
            raise unwritable(folder, error) from error


def unwritable(folder: Path, error: OSError) -> ConfigError:
    """The sentence about a data folder that cannot be used."""
    reason = error.strerror or str(error)
    return ConfigError(
        f"เขียนลงโฟลเดอร์ข้อมูล {folder} ไม่ได้ ({reason}): แก้สิทธิ์ของโฟลเดอร์ หรือกำหนด LEC_DATA_DIR เป็นโฟลเดอร์อื่น",
        f"The data folder {folder} cannot be written ({reason}): mend its permissions, or set LEC_DATA_DIR to another.",
    )


def _bad(name: str, value: str, wanted: str) -> ConfigError:
    return ConfigError(
        f"ค่า {name} ใช้ไม่ได้ ({value!r}): ต้องเป็น {wanted}",
        f"{name} has a value that cannot be used ({value!r}): it must be {wanted}.",
    )


def _required(env: Mapping[str, str], name: str, environment: str) -> str:
    value = env.get(name, "").strip()
    if not value and environment == "production":
        raise ConfigError(
            f"ไม่ได้กำหนด {name}: ระบบจริง (LEC_ENV=production) ต้องมีค่านี้ในตัวแปรสภาพแวดล้อม",
            f"{name} is not set: production (LEC_ENV=production) needs it in the environment.",
        )
    return value


def _number(env: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) < 19 and lowest <= int(text) <= highest):
        raise _bad(name, text[:20], f"{lowest}-{highest}")
    return int(text)


def _rate(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name) or default
    if not is_rate(text):
        raise _bad(name, text[:40], "30 per minute, 5 per 10 seconds, …")
    return text


def _url(name: str, value: str) -> str:
    """Check an address and give it back; on a fault only its scheme is shown, since the rest may hold a password."""
    if value and (wanted := address_fault(name, value)):
        raise _bad(name, shown_scheme(value), wanted)
    return value.rstrip("/") if name == "PUBLIC_URL" else value


def _public_url(env: Mapping[str, str], environment: str, port: int) -> str:
    url = _url("PUBLIC_URL", _required(env, "PUBLIC_URL", environment) or f"http://127.0.0.1:{port}")
    if environment == "production" and not url.startswith("https://"):
        raise _bad("PUBLIC_URL", shown_scheme(url), "https://… (LEC_ENV=production)")
    return url


def _mail_from(env: Mapping[str, str], environment: str) -> str:
    text = _required(env, "MAIL_FROM", environment) or Settings.mail_from
    if not is_mailbox(text):
        raise _bad("MAIL_FROM", "…", "lec@example.go.th, กรมส่งเสริม <lec@example.go.th>")
    return text


def _hosts(env: Mapping[str, str]) -> tuple[str, ...]:
    """The host of PUBLIC_URL, where it is set, and this machine's own for health checks."""
    host = urlsplit(env.get("PUBLIC_URL", "")).hostname
    return (host, "127.0.0.1", "localhost") if host else ()


def _secret_key(env: Mapping[str, str], name: str, data_dir: Path) -> str:
    value = _required(env, "SECRET_KEY", name)
    if name == "production" and (len(value) < MINIMUM_SECRET or len(set(value)) < 8):
        raise ConfigError(
            f"SECRET_KEY สั้นหรือเดาได้ง่าย: ต้องเป็นข้อความสุ่มยาวอย่างน้อย {MINIMUM_SECRET} ตัวอักษร",
            f"SECRET_KEY is too short or too easy to guess: it must be at least {MINIMUM_SECRET} random characters.",
        )
    if value:
        return value
    return _kept_secret(data_dir) if name == "development" else secrets.token_hex(32)


def _kept_secret(data_dir: Path) -> str:
    """The random secret of this data folder, so that people stay signed in over a restart."""
    path = data_dir / "secret_key"
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=data_dir) as draft:  # made with mode 0600
                draft.write(secrets.token_hex(MINIMUM_SECRET))
                draft.flush()
                with contextlib.suppress(FileExistsError):  # a link appears whole: nobody reads half a key
                    os.link(draft.name, path)
        return path.read_text().strip()
    except OSError as error:
        raise unwritable(data_dir, error) from error


def _running_servers(data_dir: Path) -> dict[str, str]:
    """The addresses of the servers that a running run.py embeds in this data folder; {} when none runs."""
    try:
        with open(data_dir / RUN_LOCK) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return {}  # nobody holds the lock: the file, if there is one, was left by a run.py that was killed
    except BlockingIOError:
        pass
    except OSError:
        return {}
    try:
        return {str(name): str(value) for name, value in json.loads((data_dir / RUNNING_SERVERS).read_text()).items()}
    except (OSError, ValueError):
        return {}
