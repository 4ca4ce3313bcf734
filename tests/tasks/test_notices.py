"""A real worker, killed in the middle of 200 deliveries: everybody gets the notice, nobody twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

import config
from app import jobs
from app.services import notices
from tests.factories.notices import DISTRICT, make_draft
from tests.factories.places import make_places
from tests.notices.smtp import smtp_server

ROOT = Path(__file__).resolve().parents[2]
MANY = 200
Db = Database[dict[str, Any]]


@pytest.fixture
def pk(app: Flask, db: Db) -> Iterator[str]:
    """A sent notice to MANY LAOs whose deliveries wait for a worker."""
    with app.app_context():
        make_places(db)
        app.extensions["celery"].control.purge()
        db.laos.delete_many({})
        db.laos.insert_many(
            {
                "_id": f"6{number:06}", "name_th": f"ทดสอบ{number}", "type": "sao", "active": True,
                "district_code": "3014", "province_code": "30", "email": f"saraban@{number}.lec.example",
            }
            for number in range(1, MANY + 1)
        )  # fmt: skip
        key = make_draft()
        assert notices.send(DISTRICT, key) == MANY
        yield key


@contextmanager
def worker(settings: config.Settings, folder: Path, smtp_url: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker with two processes in a process group of its own; killed at the end."""
    environment = {
        **os.environ,
        "LEC_ENV": "testing",
        "MONGODB_URI": settings.mongodb_uri,
        "REDIS_URL": settings.redis_url,
        "LEC_DATA_DIR": str(folder),
        "SMTP_URL": smtp_url,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "celery", "-A", "tests.tasks.notice_worker", "worker", "-c", "2", "-l", "WARNING"]
    with open(folder / "worker.log", "ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the worker and all its children."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(
    reached: Callable[[], bool], log: Path, seconds: float = 200.0, meanwhile: Callable[[], Any] = int
) -> None:
    deadline = time.monotonic() + seconds
    last = 0.0
    while not reached():
        assert time.monotonic() < deadline, log.read_text(errors="replace")[-3000:]
        if time.monotonic() - last > 2.0:
            meanwhile()
            last = time.monotonic()
        time.sleep(0.01)


def sweep() -> None:
    """What beat does every 30 seconds, only oftener."""
    jobs.enqueue("notices.sweep")


def run_and_kill(settings: config.Settings, folder: Path, db: Db, arrived: Callable[[], int], url: str = "") -> int:
    """Start, kill in the middle, start again until the notice is finished; gives what had arrived at the kill."""
    log = folder / "worker.log"
    with worker(settings, folder, url) as first:
        wait_until(lambda: arrived() >= MANY // 5, log)
        kill(first)
    at_kill = arrived()
    with worker(settings, folder, url):
        wait_until(lambda: db.notices.find_one()["state"] == "sent", log, meanwhile=sweep)
    return at_kill


@pytest.mark.timeout(480)
def test_files_each_lao_has_exactly_one(settings, db, pk, tmp_path):
    folder = tmp_path / "mail"

    def arrived() -> int:
        return len(list(folder.glob("*.eml")))

    at_kill = run_and_kill(settings, tmp_path, db, arrived)
    assert MANY // 5 <= at_kill < MANY
    files = Counter(path.name[:7] for path in folder.glob("*.eml"))
    assert files == {f"6{number:06}": 1 for number in range(1, MANY + 1)}
    rows = list(db.deliveries.find())
    assert {row["state"] for row in rows} == {"sent"}
    assert all([event["outcome"] for event in row["history"]].count("sent") == 1 for row in rows)
    notice = db.notices.find_one()
    assert (notice["total"], notice["sent_count"], notice["failed_count"]) == (MANY, MANY, 0)


@pytest.mark.timeout(480)
def test_smtp_nobody_gets_two_and_what_is_not_sure_is_said(settings, db, pk, tmp_path):
    with smtp_server() as mailbox:
        at_kill = run_and_kill(settings, tmp_path, db, lambda: len(mailbox.messages), mailbox.url)
        arrived = Counter(str(message["Message-ID"]) for message in mailbox.messages)
    assert MANY // 5 <= at_kill < MANY
    assert set(arrived.values()) == {1}
    by_state = {state: list(db.deliveries.find({"state": state})) for state in ("sent", "failed")}
    assert len(by_state["sent"]) + len(by_state["failed"]) == MANY
    # At most what the two processes held at the kill; everything else went out.
    assert len(by_state["failed"]) <= 2
    assert all(row["error"]["kind"] == "uncertain" for row in by_state["failed"])
    assert {row["message_id"] for row in by_state["sent"]} <= set(arrived)
