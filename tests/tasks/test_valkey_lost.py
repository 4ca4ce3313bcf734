"""All of Valkey may be lost at any moment: reports, imports and letters end as they should, once; people stay in."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask

import config
from app import create_app
from app.devservers.valkey import EmbeddedValkey
from app.documents.imports import ImportRun
from app.notices.settings import mail_settings
from app.services import imports, notices, reports
from app.services.accounts import SYSTEM
from app.services.imports.uploading import start
from app.services.reports import request_report
from app.services.submissions import open_round
from benchmarks import roster_file
from tests.factories import reports as census
from tests.factories.notices import DISTRICT, make_draft
from tests.factories.reports import Officer
from tests.people import People
from tests.tasks.test_reports import kill

Raw = dict[str, Any]
SCHOOLS, LETTERS = 150, 60
SIZES = {"90900000": 150, "91000001": 80}
Lose = Callable[[EmbeddedValkey], None]


def flushed(valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()


def killed_with_its_data(valkey: EmbeddedValkey) -> None:
    """kill -9, and the folder is gone; another one comes at the same address."""
    valkey.child.kill()
    valkey.stop()
    shutil.rmtree(valkey.folder)
    valkey.launch()
    valkey.wait_ready()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path / "valkey", log=tmp_path / "valkey.log") as server:
        yield server


@pytest.fixture
def lec(
    people: People, app: Flask, settings: config.Settings, valkey: EmbeddedValkey, tmp_path: Path
) -> Iterator[Flask]:
    """The application on a Valkey of this test's own; `people` fills the database first."""
    application = create_app(dataclasses.replace(settings, redis_url=valkey.url, data_dir=tmp_path / "data"))
    with application.app_context():
        yield application
    app.extensions["celery"].set_default()


@pytest.fixture
def start_worker(settings: config.Settings, valkey: EmbeddedValkey, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Starts the real worker of all queues, in a process group of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def run() -> None:
        own = {
            "LEC_ENV": "testing", "MONGODB_URI": settings.mongodb_uri, "REDIS_URL": valkey.url,
            "LEC_DATA_DIR": str(tmp_path / "data"), "SECRET_KEY": settings.secret_key, "LEC_REPORT_CHUNK": "2",
            "LEC_REPORT_LEASE_SECONDS": "4", "LEC_IMPORT_LEASE_SECONDS": "4",
        }  # fmt: skip
        every = "interactive,imports,mail,checks,sweeping"
        celery = [sys.executable, "-m", "celery", "-A", "tasks.worker"]
        command = [*celery, "worker", "-c", "2", "-Q", every, "-n", "lost@test"]
        with (tmp_path / "worker.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    command, cwd=config.ROOT, env={**os.environ, **own}, stdout=log, stderr=log, start_new_session=True
                )
            )

    yield run
    for worker in started:
        kill(worker)


def _wait(reached: Callable[[], Any], what: str, meanwhile: Callable[[], Any] = int, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, f"{what}: waited {seconds} s in vain"
        meanwhile()
        time.sleep(0.3)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("lose", [flushed, killed_with_its_data], ids=lambda lose: lose.__name__)
def test_everything_ends_once_though_all_of_valkey_is_lost(
    lec: Flask, people: People, db: Any, valkey: EmbeddedValkey, start_worker: Callable[[], None], lose: Lose,
    tmp_path: Path,
) -> None:  # fmt: skip
    mail = mail_settings(lec.extensions["lec_settings"])
    browser = people.browser("dla")
    run, letters, report = _ask_for_everything(db, people, tmp_path)
    sent = Counter[str]

    def sweep() -> None:
        reports.sweep()
        imports.sweep()
        notices.sweep(mail)

    start_worker()
    _wait(lambda: db.report_runs.find_one({"_id": report})["progress_done"] > 4, "the report begins", sweep)
    lose(valkey)
    _wait(lambda: db.import_runs.find_one({"_id": run})["state"] == "preview", "the import is planned", sweep)
    imports.apply(SYSTEM, ImportRun.objects.get(pk=run), "ไฟล์ต้นปี")
    lose(valkey)
    _wait(lambda: db.import_runs.find_one({"_id": run})["state"] == "applied", "the import is applied", sweep)
    _wait(lambda: db.report_runs.find_one({"_id": report})["state"] == "done", "the report is done", sweep)
    _wait(lambda: db.deliveries.count_documents({"state": "sent"}) == letters, "the letters are sent", _due(db, sweep))
    assert browser.get("/students/list/").status_code == 200
    codes = [row["code"] for row in db.report_rows.find({"run": report, "level": "school"})]
    assert len(codes) == len(set(codes)) == db.schools.count_documents({})
    numbers = [row["national_id"] for row in db.students.find({"school_code": {"$in": list(SIZES)}})]
    assert len(numbers) == len(set(numbers)) == sum(SIZES.values())
    sent = Counter(event["outcome"] for row in db.deliveries.find() for event in row["history"])
    assert sent["sent"] == letters
    assert len(list((tmp_path / "data" / "mail").rglob("*.eml"))) == letters


def _ask_for_everything(db: Any, people: People, folder: Path) -> tuple[Any, int, Any]:
    """(import, letters, report), all of them queued."""
    places = people.places
    census.many_schools(db, places.takhop_sao, SCHOOLS, each=3)
    db.schools.insert_many(roster_file.schools(SIZES))
    db.laos.insert_many(
        {"_id": f"69{n:05}", "name_th": f"ทดสอบ{n}", "type": "sao", "active": True, "district_code": "3014",
         "province_code": "30", "email": f"saraban@{n}.lec.example"}
        for n in range(LETTERS)
    )  # fmt: skip
    db.laos.update_many({"email": None}, {"$set": {"email": "one@lec.example"}})
    open_round(SYSTEM, places.round_2)
    file = folder / "roster.xlsx"
    roster_file.write_workbook(file, roster_file.rosters(SIZES))
    letters = notices.send(DISTRICT, make_draft())
    run = start(SYSTEM, file.name, file.read_bytes(), lao=roster_file.LAO["lao_code"])
    report = request_report(Officer(places.country), places.round_2, places.country)
    return run.pk, letters, report.pk


def _due(db: Any, sweep: Callable[[], None]) -> Callable[[], None]:
    """Sweep as if the minutes had gone by after which a queued letter is queued anew."""

    def work() -> None:
        db.deliveries.update_many({"state": {"$in": ["waiting", "retrying"]}}, {"$unset": {"queued_until": ""}})
        sweep()

    return work
