"""Settings are read once, checked, and refused with one sentence that says what to do."""

import dataclasses
import fcntl
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from app import create_app

PRODUCTION = {
    "LEC_ENV": "production",
    "SECRET_KEY": "kq7Zt2LwX9vB4nRm8YpD1sGh5JcF3aUe",
    "MONGODB_URI": "mongodb://lec:pa55word@db1,db2/census?replicaSet=rs0",
    "REDIS_URL": "rediss://:pa55word@queue:6380/2",
    "SMTP_URL": "smtp+starttls://lec:pa55word@mail.example:587",
    "MAIL_FROM": "กรมส่งเสริม <lec@lec.example>",
    "PUBLIC_URL": "https://lec.example",
}


def development(tmp_path: Path, **more: str) -> config.Settings:
    return config.load({"LEC_DATA_DIR": str(tmp_path / "var"), **more})


def refusal(env: dict[str, str]) -> str:
    with pytest.raises(config.ConfigError) as caught:
        config.load(env)
    for sentence in (caught.value.th, caught.value.en):
        assert sentence
        assert "\n" not in sentence
        assert "pa55word" not in sentence
    return caught.value.en


def test_a_whole_production_environment_is_accepted() -> None:
    settings = config.load(PRODUCTION)
    assert settings.database_name == "census"
    assert settings.celery_url == "rediss://:pa55word@queue:6380/2?ssl_cert_reqs=required"
    assert "pa55word" not in repr(settings)
    assert PRODUCTION["SECRET_KEY"] not in repr(settings)


@pytest.mark.parametrize("name", ["SECRET_KEY", "MONGODB_URI", "REDIS_URL", "SMTP_URL", "MAIL_FROM", "PUBLIC_URL"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_production_refuses_to_start_without(name: str, value: str | None) -> None:
    env = {key: text for key, text in PRODUCTION.items() if key != name} | ({} if value is None else {name: value})
    assert refusal(env).startswith(f"{name} is not set")


def test_production_never_runs_with_the_debugger() -> None:
    assert "FLASK_DEBUG" in refusal({**PRODUCTION, "FLASK_DEBUG": "1"})


def test_production_answers_under_its_own_name_only() -> None:
    settings = config.load({**PRODUCTION, "PUBLIC_URL": "https://lec.example"})
    assert settings.flask_config()["TRUSTED_HOSTS"] == ("lec.example", "127.0.0.1", "localhost")


@pytest.mark.parametrize("secret", ["change-me", "secret", "x" * 64, "0123456789abcdef0123456789abcde"])
def test_production_refuses_a_secret_that_can_be_guessed(secret: str) -> None:
    assert refusal({**PRODUCTION, "SECRET_KEY": secret}).startswith("SECRET_KEY is too short")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEC_ENV", "live"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "๘๐"),
        ("PORT", "-1"),
        ("TRUSTED_PROXIES", "yes"),
        ("LOGIN_RATE_LIMIT", "often"),
        ("MONGODB_URI", "http://me:pa55word@db/lec"),
        ("MONGODB_URI", "db:27017"),
        ("MONGODB_URI", "mongodb://"),
        ("MONGODB_URI", "mongodb://[::1/lec"),
        ("REDIS_URL", "redis://:pa55word@queue:port/0"),
        ("REDIS_URL", "redis://queue:99999/0"),
        ("REDIS_URL", "unix://"),
        ("SMTP_URL", "mail.example.org:25"),
        ("PUBLIC_URL", "lec.example.org"),
        ("PORT", "8" * 5000),
        ("METRICS_ADDRESS", "127.0.0.1:" + "9" * 5000),
        ("LOGIN_RATE_LIMIT", "0 per minute"),
        ("MONGODB_URI", "mongodb://lec:pa55word%zz@db/lec"),
        ("MONGODB_URI", "mongodb://lec:pa55word@x@db/lec"),
        ("MONGODB_URI", "mongodb://lec:pa55word#1@db/lec"),
        ("MONGODB_URI", "mongodb://lec:pa55word@db/lec?replicaset_=rs0"),
        ("MONGODB_URI", "mongodb://lec:pa55word@db/lec?replicaSet="),
        ("MONGODB_URI", "mongodb://lec:pa55word@db/lec?tlsCAFile=/no/such/file"),
        ("MONGODB_URI", "mongodb://lec:pa55word@db:99999/lec"),
        ("MONGODB_URI", "mongodb://lec:pa55word@db1,db2:port/lec"),
        ("MONGODB_URI", "mongodb://lec:pa55word@db/le.c"),
        ("MONGODB_URI", "mongodb://lec:pa55word@db/le%24c"),
        ("MONGODB_URI", "mongodb+srv://lec:pa55word@/lec"),
        ("REDIS_URL", "redis://:pa55word@queue/first"),
        ("REDIS_URL", "redis://:pa55word@queue/0?colour=red"),
        ("REDIS_URL", "redis://:pa55word@queue/0?db=x"),
        ("REDIS_URL", "rediss://:pa55word@queue/0?ssl_cert_reqs=maybe"),
        ("REDIS_URL", "unix://lec:pa55word@/run/valkey.sock"),
        ("REDIS_URL", "unix:///run/valkey.sock?db=one"),
        ("SMTP_URL", "smtp://lec:pa55word/1@mail.example"),
        ("SMTP_URL", "smtp://lec:pa55word@mail.example:port"),
        ("PUBLIC_URL", "http://lec.example"),
        ("PUBLIC_URL", "https://lec:pa55word@lec.example"),
        ("PUBLIC_URL", "https://lec.example/lec?x=1"),
        ("MAIL_FROM", "lec"),
        ("MAIL_FROM", "lec@lec.example\nBcc: pa55word@lec.example"),
        ("MAIL_FROM", "a@lec.example, b@lec.example"),
        ("MAIL_FROM", "กรม@lec.example"),
        ("MAIL_FROM", "a..b@lec.example"),
    ],
)
def test_a_malformed_value_is_named_and_never_shown_whole(name: str, value: str) -> None:
    assert refusal({**PRODUCTION, name: value}).startswith(name)


@given(st.sampled_from(["MONGODB_URI", "REDIS_URL", "SMTP_URL", "PUBLIC_URL"]), st.text(max_size=40))
def test_no_address_ends_in_anything_but_settings_or_a_config_error(name: str, value: str) -> None:
    try:
        config.load({**PRODUCTION, name: value})
    except config.ConfigError as error:
        assert error.th
        assert error.en


@given(
    st.sampled_from(["MONGODB_URI", "REDIS_URL", "SMTP_URL", "PUBLIC_URL"]),
    st.integers(0, 80), st.integers(0, 8), st.text("@:/?#%&=[],. \x00\nก9", max_size=4),
)  # fmt: skip
def test_a_slip_in_an_address_never_shows_its_password(name: str, at: int, gone: int, typed: str) -> None:
    whole = PRODUCTION[name]
    slipped = whole[:at] + typed + whole[at + gone :]
    try:
        config.load({**PRODUCTION, name: slipped})
    except config.ConfigError as error:
        assert error.en.startswith(name)
        assert "pa55" not in f"{error}{error.th}{error.en}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MONGODB_URI", "mongodb+srv://lec:pa55word@db.example.org/lec"),
        ("MONGODB_URI", "mongodb://lec:p%40ss@db1:27017,db2:27017/lec?replicaSet=rs0&authSource=admin"),
        ("REDIS_URL", "rediss://:pa55word@queue:6380/2?ssl_cert_reqs=required"),
        ("SMTP_URL", "smtps://lec@dla.go.th:pa55word@mail.example"),
        ("PUBLIC_URL", "https://office.example/lec"),
        ("MAIL_FROM", "lec@lec.example"),
        ("MAIL_FROM", '"กรมส่งเสริม, กระทรวงมหาดไทย" <lec@lec.example>'),
    ],
)
def test_addresses_that_people_really_have_are_accepted(name: str, value: str) -> None:
    config.load({**PRODUCTION, name: value})


def test_development_sends_no_mail_and_needs_no_public_address(tmp_path: Path) -> None:
    settings = development(tmp_path)
    assert (settings.smtp_url, settings.public_url) == ("", "http://127.0.0.1:8080")


def test_nothing_starts_on_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = config.load({**PRODUCTION, "LEC_DATA_DIR": str(tmp_path / "file" / "below")})
    with pytest.raises(config.ConfigError, match="cannot be written"):
        create_app(settings)


@pytest.mark.parametrize(
    "command",
    [
        ("celery", "-A", "tasks.worker", "worker"), ("celery", "-A", "tasks.worker", "beat"),
        ("gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0", "app:create_app()"),
        ("flask", "--app", "app", "init"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrong", [{"SMTP_URL": ""}, {"LEC_DATA_DIR": "/dev/null/lec"}])
def test_every_process_ends_with_the_sentence_and_no_traceback(command: tuple[str, ...], wrong: dict[str, str]) -> None:
    program = str(Path(sys.executable).with_name(command[0]))
    env = {**os.environ, **PRODUCTION, **wrong}
    ended = subprocess.run([program, *command[1:]], cwd=config.ROOT, env=env, capture_output=True, text=True)
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "SMTP_URL is not set" in said or "/dev/null/lec cannot be written" in said
    assert "Traceback" not in said


def test_development_keeps_one_random_secret_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = development(tmp_path), development(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= config.MINIMUM_SECRET
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600
    assert development(tmp_path / "other").secret_key != first.secret_key


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        assert str(folder) in refusal({"LEC_DATA_DIR": str(folder)})


def test_cookies_are_for_https_only_in_production(tmp_path: Path) -> None:
    for settings, secure in ((config.load(PRODUCTION), True), (development(tmp_path), False)):
        keys = settings.flask_config()
        assert keys["SESSION_COOKIE_SECURE"] is secure
        assert keys["REMEMBER_COOKIE_SECURE"] is secure
        assert keys["SESSION_COOKIE_HTTPONLY"] is True
        assert keys["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_the_limits_that_protect_an_installation_are_on(tmp_path: Path) -> None:
    keys = development(tmp_path, REDIS_URL="unix:///queue.sock?db=2").flask_config()
    assert keys["MAX_CONTENT_LENGTH"] == 16 * 1024 * 1024
    assert keys["WTF_CSRF_ENABLED"]
    assert keys["AUTH_RATE_LIMITED"]
    assert keys["RATELIMIT_ENABLED"]
    assert keys["RATELIMIT_STORAGE_URI"] == "redis+unix:///queue.sock?db=2"
    assert keys["CELERY"]["broker_url"] == "redis+socket:///queue.sock?virtual_host=2"
    assert keys["FAB_PASSWORD_COMPLEXITY_ENABLED"]
    assert keys["WTF_CSRF_TIME_LIMIT"] is None


def test_without_servers_it_says_how_to_start_them(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match="make run"):
        development(tmp_path).require_servers()


def test_a_second_terminal_finds_the_servers_of_a_running_lec_and_of_no_other(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir()
    addresses = {"MONGODB_URI": "mongodb://db/lec", "REDIS_URL": "redis://queue/0"}
    (folder / config.RUNNING_SERVERS).write_text(json.dumps(addresses))
    assert development(tmp_path).mongodb_uri == ""  # left behind by one that was killed
    with open(folder / config.RUN_LOCK, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert development(tmp_path).server_addresses() == addresses
        assert development(tmp_path, REDIS_URL="redis://mine/0").redis_url == "redis://mine/0"
        testing = config.load({"LEC_ENV": "testing", "LEC_DATA_DIR": str(folder)})
        assert testing.mongodb_uri == "", "tests must never reach a running LEC's data"
    assert development(tmp_path).mongodb_uri == ""


def test_settings_cannot_be_changed_but_can_be_replaced(tmp_path: Path) -> None:
    settings = development(tmp_path)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]
    assert dataclasses.replace(settings, port=1).port == 1


def test_imports_are_kept_and_held_as_long_as_it_says(tmp_path: Path) -> None:
    settings = development(tmp_path, LEC_IMPORT_LEASE_SECONDS="5", LEC_IMPORT_KEPT_DAYS="30")
    assert (settings.import_lease_seconds, settings.retention.imports) == (5, 30)
    assert "LEC_IMPORT_KEPT_DAYS" in refusal({"LEC_IMPORT_KEPT_DAYS": "0"})


def test_each_kind_is_kept_as_long_as_it_says_and_the_history_for_ever(tmp_path: Path) -> None:
    assert development(tmp_path).retention == config.Retention(90, 1095, 1095, 365, 0)
    said = {"REPORT": "30", "MAIL": "0", "CHECK": "40", "HISTORY": "3650"}
    kept = development(tmp_path, **{f"LEC_{name}_KEPT_DAYS": days for name, days in said.items()}).retention
    assert (kept.reports, kept.mail, kept.checks, kept.history) == (30, 0, 40, 3650)
    for name, days in (("HISTORY", "364"), ("REPORT", "29"), ("MAIL", "-1"), ("CHECK", "a year")):
        assert f"LEC_{name}_KEPT_DAYS" in refusal({f"LEC_{name}_KEPT_DAYS": days})
