"""The commands of the terminal, as somebody types them."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from pymongo.database import Database

import config
from tests.factories.places import make_places
from tests.factories.register import FULL_REGISTER, broken_register, register

Raw = dict[str, Any]


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def test_init_prepares_the_database_and_can_be_repeated(
    app: Flask, db: Database[Raw], monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_demo(app, monkeypatch, True)
    first = run(app, "init")
    assert first.exit_code == 0, first.output
    assert "demo_accounts.json" in first.output
    assert db.students.count_documents({}) > 4000
    assert "national_id_1" in db.students.index_information()
    second = run(app, "init")
    assert second.exit_code == 0 and "demo_accounts.json" not in second.output


def test_init_without_the_demo(app: Flask, db: Database[Raw], monkeypatch: pytest.MonkeyPatch) -> None:
    _with_demo(app, monkeypatch, False)
    assert run(app, "init").exit_code == 0
    assert db.users.count_documents({}) == db.laos.count_documents({}) == 0


@pytest.mark.parametrize(
    ("env", "wish", "demo"),
    [
        ("production", "", False), ("production", "1", True), ("production", "0", False),
        ("development", "", True), ("development", "0", False), ("testing", "", True),
    ],
)  # fmt: skip
def test_production_gets_the_demo_only_on_request(
    tmp_path: Path, env: str, wish: str, demo: bool
) -> None:
    servers = {"MONGODB_URI": "mongodb://127.0.0.1/lec", "REDIS_URL": "redis://127.0.0.1/0"}
    secret = {"SECRET_KEY": "a-long-and-random-looking-secret-0123456789"}
    mail = {"SMTP_URL": "smtp://mail.example", "MAIL_FROM": "lec@lec.example", "PUBLIC_URL": "https://lec.example"}
    found = config.load({"LEC_ENV": env, "LEC_DEMO": wish, "LEC_DATA_DIR": str(tmp_path), **servers, **secret, **mail})
    assert found.demo is demo


def _with_demo(app: Flask, monkeypatch: pytest.MonkeyPatch, demo: bool) -> None:
    changed = dataclasses.replace(app.extensions["lec_settings"], demo=demo)
    monkeypatch.setitem(app.extensions, "lec_settings", changed)


def test_importing_says_how_many_rows_and_names_each_refused_line(
    app: Flask, db: Database[Raw], tmp_path: Path
) -> None:
    file = tmp_path / "laos.csv"
    file.write_bytes(broken_register())
    result = run(app, "import-laos", str(file))
    assert result.exit_code == 0
    assert "เพิ่ม 3 · แก้ไข 0 · เหมือนเดิม 0 · ไม่รับ 10" in result.output
    assert "บรรทัด 5 คอลัมน์ lao_code: รหัส อปท." in result.output
    assert "บรรทัด 13: " in result.output
    file.write_bytes(register())
    again = run(app, "import-laos", str(file))
    assert again.exit_code == 0 and "ไม่มีอะไรเปลี่ยน" in again.output
    assert db.laos.count_documents({}) == 3


@pytest.mark.parametrize(
    ("raw", "word"),
    [(None, "เปิดไฟล์"), (b"", "ว่างเปล่า"), (register(header="a,b"), "lao_code"), (register(encoding="cp874"), "UTF-8")],
    ids=["no such file", "empty", "column missing", "wrong encoding"],
)
def test_a_file_that_is_no_use_is_one_sentence_and_exit_1(
    app: Flask, tmp_path: Path, raw: bytes | None, word: str
) -> None:
    file = tmp_path / "laos.csv"
    if raw is not None:
        file.write_bytes(raw)
    result = run(app, "import-laos", str(file))
    assert result.exit_code == 1
    assert word in result.output and "Traceback" not in result.output and result.output.count("\n") == 1


def test_a_file_of_which_nothing_can_be_used_ends_with_1(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "laos.csv"
    file.write_bytes(register(["63X1409,ก,เทศบาลตำบล,30,ปักธงชัย,,,"]))
    result = run(app, "import-laos", str(file))
    assert result.exit_code == 1 and "บรรทัด 2 คอลัมน์ lao_code" in result.output


@pytest.mark.skipif(not FULL_REGISTER.exists(), reason="the full register is not part of the repository")
def test_the_full_register_from_the_terminal(app: Flask) -> None:
    result = run(app, "import-laos", str(FULL_REGISTER))
    assert result.exit_code == 0 and "เพิ่ม 7,849" in result.output and "ไม่รับ 0" in result.output


def test_an_administrator_gets_a_password_that_works_and_must_be_changed(app: Flask, db: Database[Raw]) -> None:
    result = run(app, "create-admin", "Boss")
    assert result.exit_code == 0
    password = result.output.strip().rsplit(" ", 1)[1]
    with app.app_context():
        user = app.extensions["appbuilder"].sm.auth_user_db("boss", password)
    assert user is not None and user.area.level == "country" and user.must_change_password
    assert password not in str(db.users.find_one({}))
    taken = run(app, "create-admin", "boss")
    assert taken.exit_code == 1 and "มีผู้ใช้แล้ว" in taken.output


def test_a_database_that_does_not_answer_is_one_sentence(valkey_url: str, tmp_path: Path) -> None:
    env = {
        "PATH": os.environ["PATH"], "LEC_ENV": "testing", "LEC_DATA_DIR": str(tmp_path), "REDIS_URL": valkey_url,
        "MONGODB_URI": "mongodb://somebody:secret-word@127.0.0.1:9/lec?replicaSet=rs0",
    }  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "app", "init"]
    done = subprocess.run(command, env=env, cwd=config.ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "MongoDB ไม่ตอบ" in done.stderr and "MONGODB_URI" in done.stderr
    assert "secret-word" not in done.stderr + done.stdout


def test_a_round_is_opened_from_the_terminal(app: Flask, db: Database[Raw]) -> None:
    make_places(db)
    assert "15" in run(app, "open-round", "2567-2").output
    assert db.submissions.count_documents({"created_by": "system"}) == 15
    unknown = run(app, "open-round", "2599-1")
    assert unknown.exit_code == 1 and "2599-1" in unknown.output
