"""Log lines of a real web and a real worker: JSON, one a request, with the request's id and without ID numbers."""

import json
import logging
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from app.devservers.processes import Child, wait_until
from app.devservers.valkey import EmbeddedValkey
from app.monitoring.context import REQUEST_ID, request_id_of
from app.monitoring.logs import JsonLines, TextLines, configure_logging
from config import Settings
from tests.monitoring.test_metrics import Web, eventually
from tests.people import People

NUMBER = "1101700230708"
ID = "proxy-4f2a9c11d7"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def web(app: Flask, settings: Settings, valkey: EmbeddedValkey, tmp_path: Path) -> Iterator[Web]:
    (tmp_path / "var").mkdir()
    log_file = str(tmp_path / "var" / "lec.log")
    server = Web(settings, tmp_path / "var", valkey.url, LEC_LOG_FORMAT="json", LEC_LOG_FILE=log_file)
    server.wait()
    yield server
    server.child.stop(patience=30)


def lines_of(text: str) -> list[dict[str, Any]]:
    """Every line; what Gunicorn says before the application is loaded is not ours."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def requests_of(web: Web, **wanted: Any) -> list[dict[str, Any]]:
    found = [line for line in lines_of(web.child.output()) if line["logger"] == "lec.request"]
    return [line for line in found if wanted.items() <= line.items()]


def ask(url: str, request_id: str = "", method: str = "GET") -> tuple[int, dict[str, str], str]:
    headers = {"X-Request-ID": request_id} if request_id else {}
    try:
        request = urllib.request.Request(url, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


def test_one_line_a_request_and_no_id_number(web: Web) -> None:
    ask(f"{web.url}/login/?next=/students/show/{NUMBER}", ID)
    code, headers, page = ask(f"{web.url}/no/{NUMBER}?q={NUMBER}", f"{NUMBER}-{NUMBER}")
    own = headers["X-Request-ID"]
    assert code == 404 and re.fullmatch(r"[0-9a-f]{16}", own) and own in page, "an officer can tell it"
    eventually(lambda: len(requests_of(web, status=404)), 1)
    (line,) = requests_of(web, request_id=ID)
    assert line | {"time": "", "duration_ms": 0, "message": ""} == {
        "time": "", "level": "INFO", "logger": "lec.request", "message": "", "request_id": ID,
        "route": "/login/", "method": "GET", "status": 200, "duration_ms": 0,
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) and line["duration_ms"] > 0
    assert requests_of(web, status=404)[0]["route"] == "unknown"
    text = web.child.output()
    assert NUMBER not in text and "q=" not in text and "next=" not in text
    assert not requests_of(web, route="/healthz"), "what machines ask each second is no line"
    after = text[text.index("{") :]
    assert all(line.startswith("{") for line in after.splitlines()), "from the first line on all are JSON"
    assert "lec.request" in {line["logger"] for line in lines_of(Path(web.env["LEC_LOG_FILE"]).read_text())}


def test_a_file_that_is_moved_away_is_written_anew(web: Web) -> None:
    file = Path(web.env["LEC_LOG_FILE"])
    file.rename(file.with_suffix(".1"))
    for _ in range(20):
        ask(f"{web.url}/login/")

    def written() -> int:
        lines = lines_of(file.read_text()) if file.exists() else []
        return sum(line["logger"] == "lec.request" for line in lines)

    eventually(written, 20)


@pytest.mark.timeout(240)
def test_the_request_s_id_reaches_the_log_of_the_task(
    app: Flask, people: People, db: Database[dict[str, Any]], valkey: EmbeddedValkey, settings: Settings,
    tmp_path: Path,
) -> None:  # fmt: skip
    answer = people.browser("lao").post(
        "/reports/new", {"round": people.places.round_2, "area": ""}, headers={"X-Request-ID": ID}
    )
    assert answer.headers["X-Request-ID"] == ID
    run = answer.location.rpartition("/")[2]
    env = {"LEC_ENV": "testing", "MONGODB_URI": settings.mongodb_uri, "REDIS_URL": settings.redis_url}
    env |= {"LEC_DATA_DIR": str(tmp_path), "LEC_LOG_FORMAT": "json"}
    options = ["-n", "one@%h", "-Q", "interactive", "--concurrency", "1", "--without-gossip", "--without-mingle"]
    command = [sys.executable, "-m", "celery", "-A", "tasks.worker", "worker", *options, "--loglevel", "INFO"]
    worker = Child("worker", command, tmp_path / "worker.log", env)
    try:

        def ended() -> list[dict[str, Any]]:
            lines = lines_of(worker.output())
            return [line for line in lines if line.get("request_id") == ID and "succeeded" in line["message"]]

        assert wait_until(lambda: bool(ended()), worker, 90, pause=0.2), worker.output()
        (line,) = ended()
        assert line["task"] == "reports.build" and len(line["task_id"]) == 36 and line["duration_ms"] > 0
    finally:
        worker.stop(patience=30)
    assert db.report_runs.find_one({"_id": ObjectId(run)})["state"] == "done"


@pytest.mark.parametrize(
    "given", [None, "", "short", "x" * 65, "a b c d e f", "<script>alert", "line\nfeed-line", NUMBER, f"a{NUMBER}"]
)
def test_an_id_that_cannot_be_one_is_replaced(given: str | None) -> None:
    made = request_id_of(given)
    assert made != given and re.fullmatch(r"[0-9a-f]{16}", made)
    assert request_id_of(ID) == ID


def record(message: str, **fields: Any) -> logging.LogRecord:
    made = logging.getLogger("lec.test").makeRecord("lec.test", logging.ERROR, "f", 1, message, (), None)
    vars(made).update(fields)
    return made


def test_only_named_fields_leave_and_those_are_masked() -> None:
    line = json.loads(JsonLines().format(record(f"pupil {NUMBER}", account=f"u{NUMBER}", password="x", trace="ab12")))
    assert line["message"] == "pupil [id]" and line["trace"] == "ab12"
    assert NUMBER not in json.dumps(line) and "password" not in line


def test_an_exception_is_one_line_and_masked() -> None:
    try:
        raise ValueError(f"bad {NUMBER}\nand more")
    except ValueError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    text = JsonLines().format(made)
    assert "\n" not in text and NUMBER not in text and "ValueError" in json.loads(text)["exception"]


def test_readable_lines_name_the_request() -> None:
    token = REQUEST_ID.set(ID)
    try:
        assert TextLines().format(record("hello")).endswith(f"ERROR lec.test: hello [{ID}]")
    finally:
        REQUEST_ID.reset(token)


def test_a_log_file_that_cannot_be_written_is_an_error(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    wrong = replace(settings, monitoring=replace(settings.monitoring, log_file=tmp_path / "file" / "lec.log"))
    with pytest.raises(OSError):
        configure_logging(wrong)
