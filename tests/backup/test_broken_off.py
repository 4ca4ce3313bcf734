"""A restore that is killed leaves a shut database, and the next one begins anew without touching what is another's."""

from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient

from app.backup import restoring
from app.backup.marker import KEY as MARK
from app.backup.marker import MARKER, marked
from app.errors import Problem
from tests.backup.stuff import back_up, contents, restore_to

Client = MongoClient[dict[str, Any]]


@pytest.fixture
def backup(cluster: Client, tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        cluster.backup_from[name].insert_many([{"n": n} for n in range(500)])
        cluster.backup_from[name].create_index("n")
    back_up(cluster, "backup_from", tmp_path / "a.lecbackup")
    return tmp_path / "a.lecbackup"


def _killed_at(uri: str, path: Path, step: int) -> None:
    """Restore and die by kill -9 at the step-th command after the mark."""
    from pymongo import monitoring

    left = [step]

    class Killer(monitoring.CommandListener):
        def started(self, event: Any) -> None:
            if event.command_name in ("create", "insert", "update", "createIndexes"):
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        def succeeded(self, event: Any) -> None: ...
        def failed(self, event: Any) -> None: ...

    with MongoClient[dict[str, Any]](uri, event_listeners=[Killer()]) as client:
        restore_to(client, "backup_to", path)


@pytest.mark.parametrize("step", range(1, 15))
def test_a_killed_restore_begins_anew(cluster: Client, mongo: Any, backup: Path, step: int) -> None:
    child = multiprocessing.get_context("fork").Process(target=_killed_at, args=(mongo.uri, backup, step))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert marked(cluster.backup_to)
    with pytest.raises(Problem, match="กู้คืนอื่นทำงานอยู่"):
        restore_to(cluster, "backup_to", backup)
    _let_it_die(cluster)
    restore_to(cluster, "backup_to", backup)
    assert contents(cluster.backup_to) == contents(cluster.backup_from)


def _let_it_die(client: Client) -> None:
    """As if a minute had gone by."""
    client.backup_to[MARKER].update_one({"_id": MARK}, {"$set": {"renewed": datetime(2020, 1, 1, tzinfo=UTC)}})


def test_what_another_program_wrote_meanwhile_is_not_dropped(
    cluster: Client, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(restoring, "_complete", fail)
        restore_to(cluster, "backup_to", backup)
    cluster.backup_to.b.drop()
    cluster.backup_to.b.insert_one({"mine": 1})
    cluster.backup_to.other.insert_one({"mine": 2})
    with pytest.raises(Problem) as refused:
        restore_to(cluster, "backup_to", backup)
    assert "(2 collections, such as b, other)" in refused.value.en
    assert cluster.backup_to.b.find_one({}, {"_id": 0}) == {"mine": 1}
    assert marked(cluster.backup_to)
    for name in ("b", "other"):
        cluster.backup_to[name].drop()
    restore_to(cluster, "backup_to", backup)
    assert contents(cluster.backup_to) == contents(cluster.backup_from)


def test_another_writer_during_the_restore_is_found(
    cluster: Client, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = restoring._compare

    def compare(*args: Any) -> None:
        cluster.backup_to.b.insert_one({"n": "strange"})
        real(*args)

    monkeypatch.setattr(restoring, "_compare", compare)
    with pytest.raises(Problem) as refused:
        restore_to(cluster, "backup_to", backup)
    assert "What was restored of b is not what the file holds (501 of 500 documents)" in refused.value.en
    assert marked(cluster.backup_to)


def test_nobody_is_served_while_a_restore_is_not_ended(app: Flask, client: FlaskClient, db: Any) -> None:
    # A new application: each one looks at most every five seconds, and this one has not looked yet.
    from app import create_app

    fresh = create_app(app.extensions["lec_settings"])
    db[MARKER].insert_one({"_id": MARK})
    try:
        answer = fresh.test_client().get("/login/", headers={"Accept-Language": "en"})
        assert answer.status_code == 503
        assert "restore" in answer.get_data(as_text=True) or "กู้คืน" in answer.get_data(as_text=True)
        assert fresh.test_client().get("/healthz").status_code == 200
        assert fresh.test_client().get("/readyz").status_code == 503
        for command in ("init", "open-round", "backup"):
            ended = fresh.test_cli_runner().invoke(args=[command, "2567-1"][: 2 if command != "init" else 1])
            assert ended.exit_code == 1 and "restore FILE" in ended.output
        ran: list[str] = []

        def work() -> None:
            ran.append("ran")

        task = fresh.extensions["celery"].task(name="test.restore_guard")(work)
        task()
        assert ran == []
        db[MARKER].drop()
        task()
        assert ran == ["ran"]
        assert fresh.test_client().get("/login/").status_code == 200
    finally:
        db[MARKER].drop()
