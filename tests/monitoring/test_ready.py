"""/healthz and /readyz, and the lines on pages whose background work stands still."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask

from app.devservers.guards import answers_ready
from app.devservers.valkey import EmbeddedValkey
from app.health import readiness
from app.monitoring.heartbeats import Heartbeat, quick_client, write_heartbeat
from app.queues import QUEUES
from app.services.background import forget_liveness
from tests.monitoring.test_heartbeats import BEAT, WORKER
from tests.people import People

ROOT = Path(__file__).resolve().parents[2]
READY_FROM_NOBODY = """
import json, sys, time
from app import create_app
client = create_app().test_client()
print(json.dumps([client.get(path).status_code for path in ("/healthz", "/readyz")] + [client.get("/readyz").json]))
"""


def alive(*heartbeats: Heartbeat) -> list[Heartbeat]:
    """These as of now."""
    now = datetime.now(UTC)
    return [replace(one, at=now, started=now, sent=now) for one in heartbeats]


@pytest.fixture
def valkey(app: Flask, valkey_url: str) -> Iterator[redis.Redis]:
    """The test run's Valkey without any heartbeat; each page reads anew."""
    with quick_client(valkey_url, 5) as client:
        names = client.keys("lec:heartbeat*")
        if names:
            client.delete(*names)
        yield client
        client.delete(*client.keys("lec:heartbeat*") or ["none"])


def page(app: Flask, browser: Any, path: str) -> str:
    with app.app_context():
        forget_liveness()
    return str(browser.get(path).text)


def test_ready_names_what_is_missing_and_the_web_stays_in(app: Flask, valkey: redis.Redis) -> None:
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    everybody = [*(f"worker:{queue}" for queue in QUEUES), "beat"]
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "degraded", "down": [], "missing": everybody})
    assert client.get("/readyz?strict=1").status_code == 503
    for one in alive(replace(WORKER, queues=QUEUES[:4]), BEAT):
        write_heartbeat(valkey, one)
    assert client.get("/readyz?strict=1").json["missing"] == ["worker:sweeping"]
    write_heartbeat(valkey, alive(WORKER)[0])
    answer = client.get("/readyz?strict=1")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "down": [], "missing": []})


def test_a_frozen_queue_is_named_and_the_web_stays_in(app: Flask, tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey") as valkey:
        os.kill(valkey.child.pid, signal.SIGSTOP)
        try:
            assert readiness(valkey.url) == {"status": "degraded", "down": ["redis"], "missing": []}
        finally:
            os.kill(valkey.child.pid, signal.SIGCONT)


def test_a_database_and_a_queue_that_never_answer_are_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as database, socket.create_server(("127.0.0.1", 0)) as queue:
        env = {
            **os.environ,
            "LEC_ENV": "testing",
            "MONGODB_URI": f"mongodb://127.0.0.1:{database.getsockname()[1]}/lec?replicaSet=rs0",
            "REDIS_URL": f"redis://127.0.0.1:{queue.getsockname()[1]}/0",
            "LEC_DATA_DIR": str(tmp_path),
        }
        done = subprocess.run(
            [sys.executable, "-c", READY_FROM_NOBODY], cwd=ROOT, env=env, capture_output=True, text=True, check=True,
            timeout=60,
        )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[-1]) == [
        200, 503, {"status": "down", "down": ["mongodb", "redis"], "missing": []},
    ]  # fmt: skip


def test_run_waits_for_the_workers(app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        child = subprocess.Popen([sys.executable, "-c", _one_answer(server.fileno())], pass_fds=[server.fileno()])
        try:
            assert answers_ready(port) is False, "200 without ?strict=1 would be no word about workers"
        finally:
            child.kill()
            child.wait()


def _one_answer(number: int) -> str:
    """A program that says 503 to ?strict=1 and 200 otherwise, once, as a web without workers does."""
    return (
        f"import socket; s = socket.socket(fileno={number}); c, _ = s.accept(); r = c.recv(9999)\n"
        "status = b'503 No' if b'/readyz?strict=1' in r else b'200 OK'\n"
        "c.sendall(b'HTTP/1.1 ' + status + b'\\r\\nContent-Length: 0\\r\\n\\r\\n')"
    )


def test_a_page_whose_work_waits_says_so_and_stops_saying_it(app: Flask, people: People, valkey: redis.Redis) -> None:
    browser, waits = people.browser("lao"), "ระบบงานเบื้องหลังหยุดอยู่"
    asked = browser.post("/reports/new", {"round": people.places.round_2, "area": ""})
    path = f"/reports/{asked.location.rpartition('/')[2]}/progress"
    assert waits in page(app, browser, path)
    write_heartbeat(valkey, alive(replace(WORKER, queues=("mail",)))[0])
    assert waits in page(app, browser, path), "another queue's worker does not build reports"
    write_heartbeat(valkey, alive(replace(WORKER, queues=("interactive",)))[0])
    text = page(app, browser, path)
    assert waits not in text and 'id="progress"' in text


def test_the_department_sees_on_its_first_page_what_stands_still(
    app: Flask, people: People, valkey: redis.Redis
) -> None:
    browser = people.browser("dla")
    text = page(app, browser, "/")
    assert 'id="standstill"' in text and "หนังสือทางอีเมล" in text and "beat" in text
    assert 'id="standstill"' not in page(app, people.browser("lao"), "/")
    for one in alive(replace(WORKER, queues=("interactive", "imports", "checks", "sweeping")), BEAT):
        write_heartbeat(valkey, one)
    text = page(app, browser, "/")
    assert "หนังสือทางอีเมล" in text and "รายงานและการเปิดรอบ" not in text and "(beat)" not in text
    write_heartbeat(valkey, alive(replace(WORKER, name="m@here", queues=("mail",)))[0])
    assert 'id="standstill"' not in page(app, browser, "/")
