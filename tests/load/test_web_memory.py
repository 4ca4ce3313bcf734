"""Files that ask for gigabytes, sent to the real web three and thirty at once: its processes stay small."""

from __future__ import annotations

import contextlib
import http.client
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

import config
from benchmarks.client import Client, form_with
from tests.devservers.running import ROOT, environment, free_port
from tests.factories.chain import Chain
from tests.factories.rosters import hostile
from tests.people import PASSWORD, People
from tests.services.test_list_uploads import HEAD

Raw = dict[str, Any]
MOST_GROWTH = 100 * 1024
"""Kilobytes that all processes of the web together may grow by."""


@pytest.fixture
def web(settings: config.Settings, tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The web as `deploy/` starts it: the process id of its master and its port."""
    port = free_port()
    env = environment(tmp_path, port, LEC_ENV="testing", SECRET_KEY=settings.secret_key, **settings.server_addresses())
    command = [str(Path(sys.executable).with_name("gunicorn")), "-c", "deploy/gunicorn.conf.py", "--workers", "2"]
    command += ["--bind", f"127.0.0.1:{port}", "app:create_app()"]
    with (tmp_path / "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process.pid, port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Watch(threading.Thread):
    """The most memory that a process and all it started had together, in kilobytes, looked at twenty times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.most, self.done = pid, 0, threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.05):
            self.most = max(self.most, memory_of(self.pid))


def memory_of(pid: int) -> int:
    """Resident memory of a process and its descendants that is their own, in kilobytes."""
    found = 0
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text()
        found += sum(int(size) for size in re.findall(r"RssAnon:\s+(\d+)", status))
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += memory_of(int(child))
    return found


def answers(port: int) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return Client(port).get("/login/").status == 200
    return False


def sign_in(port: int) -> Client:
    end = time.monotonic() + 90
    while not answers(port):
        assert time.monotonic() < end, "the web did not start"
        time.sleep(0.2)
    client = Client(port)
    form = dict(form_with(client.get("/login/").text, "username")) | {"username": "lao", "password": PASSWORD}
    assert client.post("/login/", list(form.items())).status == 302
    return client


def send_at_once(client: Client, page: str, number: int) -> list[int]:
    """The statuses of so many posts of the same file, all sent together."""
    token = dict(form_with(client.get(page).text, "csrf_token"))["csrf_token"]
    file = FileStorage(io.BytesIO(hostile.merged_long(head=HEAD)), "list.xlsx")
    boundary, body = encode_multipart({"csrf_token": token, "file": file})
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    found: list[int] = []

    def send() -> None:
        found.append(client.twin()._send("POST", f"{page}/names", body, headers).status)

    senders = [threading.Thread(target=send) for _ in range(number)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    return found


def test_the_web_stays_small_under_files_that_ask_for_gigabytes(
    web: tuple[int, int], people: People, db: Database[Raw]
) -> None:
    with people.app.app_context():
        chain = Chain(db, people.places)
        people.with_password("lao")
    page = f"/certified-counts/{chain.key(chain.home.other)}"
    pid, port = web
    client = sign_in(port)
    for _ in range(20):  # both processes have loaded what the page needs
        assert client.get(page).status == 200
    before = memory_of(pid)
    for number in (3, 30):
        watch = Watch(pid)
        watch.start()
        assert send_at_once(client, page, number) == [302] * number
        watch.done.set()
        watch.join()
        print(f"{number} files: {before // 1024} MB, at most {watch.most // 1024} MB")
        assert watch.most - before < MOST_GROWTH
    assert db.list_uploads.count_documents({"state": "waiting"}) == 1
    assert db["list_files.files"].count_documents({}) == 1, "files that were replaced are left behind"
