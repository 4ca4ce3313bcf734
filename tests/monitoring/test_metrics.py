"""/metrics: what four real web processes and a real worker counted, read by Prometheus' own parser."""

import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from celery.signals import before_task_publish
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from app.devservers.processes import Child, wait_until
from app.devservers.valkey import EmbeddedValkey
from app.monitoring.metrics import SIGN_INS
from app.monitoring.queue_state import QUEUED_ON, queued_on, read_queues
from app.monitoring.worker_hooks import mark_message
from app.services.background import count_halted
from config import Settings
from tests.devservers.running import free_port
from tests.people import People

TOKEN = "correct-horse-battery-staple"
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Samples:
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def total(samples: Samples, name: str, **labels: str) -> float:
    """The sum of a metric's samples that have these labels."""
    wanted = set(labels.items())
    return sum(value for (one, found), value in samples.items() if one == name and wanted <= found)


def fetch(url: str, token: str = TOKEN) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace")


class Web:
    """A Gunicorn of four processes with production's settings file."""

    def __init__(self, settings: Settings, folder: Path, redis_url: str, **env: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {
            "LEC_ENV": "testing", "MONGODB_URI": settings.mongodb_uri, "REDIS_URL": redis_url,
            "LEC_DATA_DIR": str(folder), "LEC_METRICS_DIR": str(folder / "metrics"), "METRICS_TOKEN": TOKEN, **env,
        }  # fmt: skip
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"]
        bound = ["--bind", f"127.0.0.1:{self.port}", "app:create_app()"]
        self.child = Child("web", [*command, *bound], folder / "web.log", self.env)

    def scrape(self) -> Samples:
        code, text = fetch(f"{self.url}/metrics")
        assert code == 200, text
        return parsed(text)

    def wait(self) -> None:
        assert wait_until(self.answers, self.child, 90, pause=0.2), self.child.output()

    def answers(self) -> bool:
        try:
            return fetch(f"{self.url}/healthz")[0] == 200
        except OSError:
            return False

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.child.pid}/task/{self.child.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def web(app: Flask, settings: Settings, valkey: EmbeddedValkey, tmp_path: Path) -> Iterator[Web]:
    server = Web(settings, tmp_path / "var", valkey.url, METRICS_ADDRESS=f"127.0.0.1:{free_port()}")
    server.wait()
    yield server
    server.child.stop(patience=30)


def eventually(read: Callable[[], Any], wanted: Any, seconds: float = 30) -> None:
    """The last bytes of an answer reach the client before the server has counted it."""
    deadline = time.monotonic() + seconds
    while (found := read()) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == wanted


@pytest.mark.timeout(240)
def test_500_requests_equal_the_counters_of_four_processes(web: Web) -> None:
    paths = ["/login/"] * 200 + ["/healthz"] * 150 + [f"/no/such/page/{n}" for n in range(100)] + ["/"] * 50
    before = total(web.scrape(), "lec_requests_total", route="/healthz")
    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(lambda path: fetch(web.url + path)[0], paths))
    assert (codes.count(404), len(codes)) == (100, 500), set(codes)

    def counted() -> dict[str, float]:
        samples = web.scrape()
        names = {"/login/": "200", "unknown": "404", "/healthz": "200", "/": "302"}
        found = {
            route: total(samples, "lec_requests_total", route=route, status=status, method="GET", program="web")
            for route, status in names.items()
        }
        timed = {route: total(samples, "lec_request_seconds_count", route=route) for route in names}
        assert timed == found, "each request is timed once"
        found["/healthz"] -= before
        return found

    # "/" sends strangers to the sign-in page, which urllib then asks for.
    eventually(counted, {"/login/": 250.0, "unknown": 100.0, "/healthz": 150.0, "/": 50.0})
    slots = {path.name for path in (web.child.log.parent / "metrics").glob("web.*/counter_*.db")}
    assert len(slots) >= 4, f"the load reached {slots} alone"


@pytest.mark.timeout(240)
def test_counters_outlive_a_killed_process_and_gauges_do_not(web: Web) -> None:
    for _ in range(40):
        fetch(f"{web.url}/no/such/page")
    eventually(lambda: total(web.scrape(), "lec_requests_total", route="unknown"), 40.0)
    folder = next((web.child.log.parent / "metrics").glob("web.*"))
    before = sorted(path.name for path in folder.glob("*.slot"))
    assert total(web.scrape(), "lec_process_starts_total", program="web") == len(web.children())
    for _ in range(3):
        for pid in web.children():
            os.kill(pid, signal.SIGKILL)
        eventually(web.answers, True)
    assert total(web.scrape(), "lec_requests_total", route="unknown") == 40
    eventually(lambda: total(web.scrape(), "lec_process_starts_total", program="web") > len(web.children()), True)
    assert total(web.scrape(), "lec_uploads_in_hand") == 0
    for _ in range(40):
        fetch(f"{web.url}/no/such/page")
    after = sorted(path.name for path in folder.glob("*.slot"))
    assert len(after) <= len(before) + 1, "a new process goes on in the files of one that has ended"


def test_a_token_or_an_address_of_its_own_and_nothing_else(web: Web) -> None:
    address = f"http://{web.env['METRICS_ADDRESS']}"
    for token in ("", "wrong", TOKEN[:-1], TOKEN + "x", "x" * 5000):
        assert fetch(f"{web.url}/metrics", token)[0] == 404
    code, text = fetch(f"{web.url}/metrics")
    assert code == 200 and "lec_build_info" in text
    eventually(lambda: _code(f"{address}/metrics"), 200)
    assert _code(f"{address}/metrics", "wrong") == 404
    assert _code(f"{address}/") == 404
    assert _code(f"{address}/login/") == 404, "the address of its own serves no pages"


def _code(url: str, token: str = TOKEN) -> int:
    try:
        return fetch(url, token)[0]
    except OSError:
        return 0


def test_without_a_token_nobody_reads_metrics(app: Flask) -> None:
    client = app.test_client()
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}):
        assert client.get("/metrics", headers=header).status_code == 404


def test_no_label_holds_what_somebody_typed(web: Web) -> None:
    number = "1101700230708"
    for path in (f"/students/show/{number}", f"/x/{number}?q={number}", f"/students/list/?q={number}"):
        fetch(web.url + path)
    request = urllib.request.Request(f"{web.url}/", method=f"M{number}")
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request, timeout=30)
    eventually(lambda: total(web.scrape(), "lec_requests_total", method="other") > 0, True)
    code, text = fetch(f"{web.url}/metrics")
    assert code == 200 and number not in text


def test_queues_workers_and_a_lost_valkey(web: Web, valkey: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey.url) as client:
        message = json.dumps({"headers": {QUEUED_ON: time.time() - 100}})
        client.lpush("mail", message, '{"headers": {}}')
        client.lpush("imports\x06\x169", message)
        samples = web.scrape()
    assert total(samples, "lec_queue_length", queue="mail") == 2
    assert total(samples, "lec_queue_length", queue="imports") == 1
    assert total(samples, "lec_queue_oldest_seconds", queue="mail") >= 100
    assert total(samples, "lec_queue_oldest_seconds", queue="checks") == 0
    assert total(samples, "lec_workers_alive", queue="mail") == 0
    assert total(samples, "lec_beat_alive") == 0
    assert total(samples, "lec_data_free_bytes") == pytest.approx(shutil.disk_usage(web.child.log.parent).free, rel=0.2)
    assert total(samples, "lec_clock_difference_seconds") == 0
    assert total(samples, "lec_valkey_start_time_seconds") == pytest.approx(time.time(), abs=150)
    assert total(samples, "lec_up", server="valkey") == total(samples, "lec_up", server="mongodb") == 1
    assert total(samples, "lec_database_commands_total", command="find") >= 0
    valkey.child.kill()
    samples = web.scrape()
    assert total(samples, "lec_up", server="valkey") == 0
    assert total(samples, "lec_up", server="mongodb") == 1
    assert ("lec_jobs_halted", frozenset({("kind", "import")})) in samples


@pytest.mark.timeout(240)
def test_a_worker_s_tasks_are_counted_and_messages_say_when_they_were_queued(
    web: Web, valkey: EmbeddedValkey, tmp_path: Path
) -> None:

    before_task_publish.connect(mark_message, dispatch_uid="lec-mark")
    sender = Celery(broker=f"redis+socket://{valkey.socket.path}?virtual_host=0")
    sender.send_task("reports.build", args=["0" * 24], queue="interactive", ignore_result=True)
    sender.send_task("notices.deliver", args=["0" * 24], queue="mail", ignore_result=True)
    with redis.Redis.from_url(valkey.url) as client:
        assert queued_on(client.lindex("mail", -1)) == pytest.approx(time.time(), abs=60)
        lengths = {one.name: one.length for one in read_queues(client)}
    assert (lengths["interactive"], lengths["mail"], lengths["checks"]) == (1, 1, 0)

    command = [sys.executable, "-m", "celery", "-A", "tasks.worker", "worker", "-n", "worker-all@%h"]
    options = ["-Q", "interactive,mail", "--concurrency", "2", "--without-gossip", "--without-mingle"]
    worker = Child("worker", [*command, *options], tmp_path / "worker.log", web.env)
    try:

        def ended() -> bool:
            samples = web.scrape()
            names = ("reports.build", "notices.deliver")
            return [total(samples, "lec_tasks_total", task=name, end="success") for name in names] == [1, 1]

        assert wait_until(ended, worker, 90, pause=0.3), worker.output()
        samples = web.scrape()
        assert total(samples, "lec_tasks_total", program="worker-all") == 2
        assert total(samples, "lec_workers_alive", queue="mail") == 1
        assert total(samples, "lec_database_commands_total", program="worker-all", command="findAndModify") >= 1
    finally:
        worker.stop(patience=30)


def test_sign_ins_are_counted_by_result(app: Flask, people: People) -> None:
    def counts() -> list[float]:
        return [SIGN_INS.labels(result)._value.get() for result in ("ok", "refused")]

    before = counts()
    sm = app.extensions["appbuilder"].sm
    password = people.with_password("lao")
    with app.test_request_context():
        assert sm.auth_user_db("lao", password) is not None
        assert sm.auth_user_db("lao", "wrong") is None
        assert sm.auth_user_db("nobody", "wrong") is None
        assert sm.auth_user_db("nobody", "") is None
    assert [after - one for after, one in zip(counts(), before, strict=True)] == [1, 3]


def test_halted_jobs_are_counted_by_kind(app: Flask, db: Any) -> None:
    fault = {"trace": "ab12cd34ef56", "kind": "IndexError"}
    db.import_runs.insert_many([{"state": "applying", "fault": fault}, {"state": "applied", "fault": fault}])
    db.report_runs.insert_one({"state": "waiting", "fault": {}})
    with app.app_context():
        counted = count_halted()
    assert (counted["import"], counted["report"], counted["opening"]) == (1, 0, 0)
