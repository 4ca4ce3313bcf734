"""A count report with real Celery workers: one is killed in the middle, the next one finishes, once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

import config
from app.documents.reports import ReportRun
from app.reports import tables
from app.services.reports import request_report, sweep
from tests.factories import reports as census
from tests.factories.places import make_places
from tests.factories.reports import Officer

Raw = dict[str, Any]
Start = Callable[[str], "subprocess.Popen[bytes]"]
SCHOOLS = 1200
LEASE = "2"


@pytest.fixture
def start_worker(app: Flask, settings: config.Settings, tmp_path: Path) -> Iterator[Start]:
    """Starts a Celery worker with so many schools a chunk; kills what still runs at the end."""
    started: list[subprocess.Popen[bytes]] = []

    def start(chunk: str) -> subprocess.Popen[bytes]:
        own = {
            "LEC_ENV": "testing", "MONGODB_URI": settings.mongodb_uri, "REDIS_URL": settings.redis_url,
            "LEC_DATA_DIR": str(settings.data_dir), "SECRET_KEY": settings.secret_key,
            "LEC_REPORT_LEASE_SECONDS": LEASE, "LEC_REPORT_CHUNK": chunk,
        }  # fmt: skip
        celery = [sys.executable, "-m", "celery", "-A", "tasks.worker"]
        command = [*celery, "worker", "-c", "1", "-n", f"{len(started)}@test"]
        with (tmp_path / f"worker{len(started)}.log").open("wb") as log:
            worker = subprocess.Popen(
                command, cwd=config.ROOT, env={**os.environ, **own}, stdout=log, stderr=log, start_new_session=True
            )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        kill(worker)


def kill(worker: "subprocess.Popen[bytes]") -> None:
    """Kill a worker and its children at once, as a power cut would."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def wait_for(what: Callable[[], Any], seconds: float = 60) -> Any:
    """The first true answer of `what`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s in vain")


def test_a_worker_killed_in_the_middle_leaves_a_report_that_the_next_one_finishes_once(
    app: Flask, db: Database[Raw], start_worker: Start
) -> None:
    places = make_places(db)
    census.fill_rosters(db, places)
    census.certify(db, places.takhop_sao, places.round_2, {"P1": (5, 6)})
    census.many_schools(db, places.takhop_sao, SCHOOLS, each=4)
    with app.app_context():
        run = request_report(Officer(places.country), places.round_2, places.country)

    def stored() -> Raw:
        found = db.report_runs.find_one({"_id": run.pk})
        assert found is not None
        return found

    first = start_worker("1")
    wait_for(lambda: stored()["progress_done"] > 50)
    kill(first)
    half = stored()
    assert half["state"] == "running"
    assert 50 < half["progress_done"] < SCHOOLS
    assert half["progress_done"] == db.report_rows.count_documents({"run": run.pk})

    start_worker("200")
    with app.app_context():
        wait_for(sweep)
    done = wait_for(lambda: (found := stored())["state"] == "done" and found)
    assert done["attempts"] == 2
    assert done["progress_done"] == done["progress_total"] == SCHOOLS + 15
    assert "active_key" not in done

    report = ReportRun.objects.get(pk=run.pk)
    codes = [row.code for row in tables.schools(report)]
    assert len(codes) == len(set(codes)) == SCHOOLS + 15
    by_hand = census.count_by_hand(db, places.round_2)
    counted = {
        (row.code, str(count.grade), sex): number
        for row in tables.schools(report)
        for count in row.counts
        for sex, number in (("male", count.male), ("female", count.female))
        if number
    }
    assert counted == dict(by_hand)
    assert done["total"] == by_hand.total()
