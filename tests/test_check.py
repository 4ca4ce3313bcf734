"""The command that tries every server: what it says of real ones that work, refuse, are frozen or not there."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from pymongo.database import Database

import config
from app.checking.database import check_database
from app.checking.lines import Line, clock_line, space_line, without_secrets
from app.checking.others import check_folder, check_mail, check_queue, check_settings
from app.cli_check import tried
from app.devservers.mongo import find_mongod
from app.devservers.valkey import EmbeddedValkey
from tests.notices.smtp import free_port, smtp_server

Raw = dict[str, Any]


def standings(lines: list[Line]) -> dict[str, str]:
    return {line.subject: line.standing for line in lines}


def test_an_installation_that_works_is_told_whole_and_left_as_it_was(app: Flask, db: Database[Raw]) -> None:
    before = sorted(db.list_collection_names())
    result = app.test_cli_runner().invoke(args=["check"])
    for word in ("replica set rs0", "primary", "read, write, index, transaction", "maxmemory-policy noeviction",
                 "appendonly yes", "worker:mail", "kept as files", "schema", "free "):  # fmt: skip
        assert word in result.output, result.output
    assert sorted(db.list_collection_names()) == before
    assert app.extensions["lec_settings"].secret_key not in result.output
    assert result.exit_code == ("MUST BE MENDED" in result.output)


def test_the_command_ends_with_1_where_something_must_be_mended(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with smtp_server() as mailbox:
        url = mailbox.url.replace("smtp://", "smtp://lec:pa55word@")
        changed = dataclasses.replace(app.extensions["lec_settings"], smtp_url=url)
        monkeypatch.setitem(app.extensions, "lec_settings", changed)
        result = app.test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 1
    assert "refused the user name or password" in result.output
    assert "pa55word" not in result.output
    assert mailbox.messages == []


def test_a_mail_server_that_lets_in_is_sent_nothing(settings: config.Settings) -> None:
    with smtp_server() as mailbox:
        url = mailbox.url.replace("smtp://", "smtp://lec:right@")
        (line,) = check_mail(dataclasses.replace(settings, smtp_url=url))
    assert (line.standing, mailbox.messages) == ("warning", [])  # a password in the clear
    assert "right@" not in line.seen
    (gone,) = check_mail(dataclasses.replace(settings, smtp_url=f"smtp://127.0.0.1:{free_port()}"))
    assert gone.standing == "mend"


def test_a_mongod_that_stands_alone_is_named(settings: config.Settings, tmp_path: Path) -> None:
    port = free_port()
    command = [find_mongod(), "--dbpath", str(tmp_path), "--port", str(port), "--bind_ip", "127.0.0.1"]
    command.append("--nounixsocket")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as mongod:
        try:
            address = f"mongodb://127.0.0.1:{port}/lec"
            lines = check_database(dataclasses.replace(settings, mongodb_uri=address))
        finally:
            mongod.kill()
    assert standings(lines)["MongoDB"] == "mend"
    assert "--replSet" in lines[0].remedy
    assert standings(lines)["MongoDB rights"] == "mend", "it can do no transaction"


def test_a_mongodb_that_is_not_there_is_named_without_its_password(settings: config.Settings) -> None:
    address = f"mongodb://lec:pa55word@127.0.0.1:{free_port()}/lec?replicaSet=rs0"
    (line,) = check_database(dataclasses.replace(settings, mongodb_uri=address))
    assert line.standing == "mend"
    assert "no primary answers" in line.seen
    assert "pa55word" not in f"{line}"


def test_a_frozen_valkey_is_named(settings: config.Settings, tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        pid = server.child.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            (line,) = check_queue(dataclasses.replace(settings, redis_url=server.url))
        finally:
            os.kill(pid, signal.SIGCONT)
    assert line.standing == "mend"
    assert "does not answer" in line.seen


def test_a_valkey_that_forgets_or_wants_another_password(settings: config.Settings, tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path) as server:
        own = dataclasses.replace(settings, redis_url=server.url)
        with redis.Redis.from_url(server.url) as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
            client.config_set("appendonly", "no")
            told = standings(check_queue(own))
            client.config_set("requirepass", "pa55word")
        assert (told["Valkey"], told["Valkey memory"]) == ("warning", "mend")
        (line,) = check_queue(own)
        assert line.standing == "mend"
        assert "pa55word" not in f"{line}"


def test_a_data_folder_that_cannot_be_written_is_named(settings: config.Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (line,) = check_folder(dataclasses.replace(settings, data_dir=tmp_path / "file" / "below"))
    assert line.standing == "mend"
    assert str(tmp_path) in line.seen


def test_a_check_that_does_not_end_is_left_behind_and_one_that_breaks_hides_no_other(settings: config.Settings) -> None:
    never = threading.Event()

    def frozen(_: config.Settings) -> list[Line]:
        never.wait()
        return []

    def broken(_: config.Settings) -> list[Line]:
        raise ValueError("pa55word")

    checks = {"Frozen": frozen, "Broken": broken, "Settings": check_settings}
    lines = tried(settings, 0.3, checks)
    never.set()
    assert standings(lines) == {"Frozen": "mend", "Broken": "mend", "Settings": "ok"}
    assert "pa55word" not in f"{lines}"


def test_settings_are_told_without_what_is_secret(settings: config.Settings) -> None:
    own = dataclasses.replace(settings, smtp_url="smtp://lec:p%40ss55@mail", backup_key="pa55word-of-backups")
    text = f"{check_settings(own)}"
    assert "backup_key=set" in text
    for secret in (own.secret_key, "p%40ss55", "pa55word-of-backups"):
        assert secret not in text
    assert without_secrets(own, "535 p@ss55 is wrong") == "535 … is wrong"


def test_clocks_and_disks_have_limits() -> None:
    assert [clock_line("x", by).standing for by in (0.5, -5, 300)] == ["ok", "warning", "mend"]
    assert [space_line("x", free, 100).standing for free in (50, 5, 1)] == ["ok", "warning", "mend"]
