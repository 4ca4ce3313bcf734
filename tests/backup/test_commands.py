"""The commands as an operator types them: what they print, what they refuse, what they never say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

SECRET = "0f" * 32


@pytest.fixture
def run(app: Flask) -> Any:
    def invoke(*args: object) -> Any:
        return app.test_cli_runner().invoke(args=[str(arg) for arg in args])

    return invoke


def test_a_backup_is_made_named_checked_and_told_in_one_line(run: Any, db: Any, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text(SECRET)
    (folder := tmp_path / "backups").mkdir()
    ended = run("backup", "--to", folder, "--key-file", key)
    assert ended.exit_code == 0, ended.output
    [path] = folder.iterdir()
    assert path.name.startswith("lec_test-") and path.suffix == ".lecbackup"
    [line] = [line for line in ended.stdout.splitlines() if line]
    for part in (str(path), " MB · ", " s · ", "documents of", "SHA-256"):
        assert part in line
    checked = run("verify-backup", path, "--key-file", key)
    assert checked.exit_code == 0 and "LEC 0.1.0, data" in checked.output and "· encrypted" in checked.output
    wrong = run("verify-backup", path)
    assert wrong.exit_code == 1 and "set LEC_BACKUP_KEY" in wrong.output
    assert SECRET not in ended.output + checked.output + wrong.output


def test_without_a_key_it_is_said_that_id_numbers_lie_open(run: Any, tmp_path: Path) -> None:
    ended = run("backup", tmp_path / "a.lecbackup")
    assert ended.exit_code == 0 and "Not encrypted: the file holds every ID number" in ended.stderr


def test_a_filled_database_is_not_restored_into(run: Any, db: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.lecbackup"
    run("backup", path)
    before = sorted(db.list_collection_names())
    ended = run("restore", path)
    assert ended.exit_code == 1 and "The database is not empty" in ended.output and "ฐานข้อมูลไม่ว่าง" in ended.output
    assert sorted(db.list_collection_names()) == before


def test_what_mongorestore_brought_back_is_settled_by_a_command(run: Any, people: Any, db: Any) -> None:
    db.deliveries.insert_one({"_id": "n:1", "state": "waiting", "history": []})
    before = {row["_id"]: row.get("session_epoch", 0) for row in db.users.find()}
    ended = run("settle-restored", "--as-of", "2026-12-01T02:00:00")
    assert ended.exit_code == 0 and "1 deliveries" in ended.output and f"({len(before)} accounts)" in ended.output
    assert db.deliveries.find_one()["state"] == "failed"
    assert all(row["session_epoch"] > before[row["_id"]] + 999 for row in db.users.find())


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("backup",), "Give either FILE or --to FOLDER"),
        (("backup", "x", "--to", "y"), "Give either FILE or --to FOLDER"),
        (("backup", "no/such/folder/a"), "There is no folder no/such/folder"),
        (("verify-backup", "no-such-file"), "no-such-file cannot be read"),
        (("verify-backup", "README.md"), "not a backup of LEC"),
        (("verify-backup", "README.md", "--key-file", "no-such-key"), "no-such-key cannot be opened"),
    ],
)
def test_refusals_are_sentences(run: Any, args: tuple[str, ...], words: str) -> None:
    ended = run(*args)
    assert ended.exit_code == 1 and words in ended.output and "Traceback" not in ended.output
