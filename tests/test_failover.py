"""The primary of three real mongods is killed under people who save: a save waits, and what cannot be saved is kept."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from pymongo import MongoClient

from tests.devservers.program import Program
from tests.devservers.replica_set import ReplicaSet
from tests.devservers.running import ROOT, environment, free_port
from tests.load.chaos.http import TOKEN, Answer, Connection, Lost
from tests.test_commands import BASE, form_of

pytestmark = pytest.mark.timeout(300)
TYPED = re.compile(r'<textarea name="([^"]+)" hidden>\n?(.*?)</textarea>', re.DOTALL)


@dataclass
class Office:
    """A running web on three mongods, one student, and the password of the LAO's officer."""

    mongo: ReplicaSet
    port: int
    student: dict[str, Any]
    username: str
    password: str

    def browser(self) -> Connection:
        found, end = Connection(self.port, "10.0.0.1", seconds=120), time.monotonic() + 60
        while not found.sign_in(self.username, self.password):
            assert time.monotonic() < end, found.get("/login/").text[:1000]
            time.sleep(1)
        return found

    def stored(self) -> dict[str, Any]:
        with MongoClient[dict[str, Any]](self.mongo.uri("lec")) as client:
            row = client.lec.students.find_one({"_id": self.student["_id"]})
        assert row is not None
        return row


@pytest.fixture(scope="module")
def office(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, port = tmp_path_factory.mktemp("office"), free_port()
    with ReplicaSet(folder) as mongo:
        env = environment(folder, port, LEC_ENV="testing", MONGODB_URI=mongo.uri("lec"), REDIS_URL=valkey_url)
        flask = [sys.executable, "-m", "flask", "--app", "app", "init"]
        subprocess.run(flask, cwd=ROOT, env=env, check=True, capture_output=True, timeout=200)
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--workers", "2"]
        web = Program("web", [*command, "--bind", f"127.0.0.1:{port}", "app:create_app()"], folder / "web.log", env)
        web.launch()
        try:
            _wait_answering(port)
            accounts = json.loads((folder / "demo_accounts.json").read_text(encoding="utf-8"))
            yield _office(mongo, port, accounts)
        finally:
            web.kill()


def _office(mongo: ReplicaSet, port: int, accounts: Any) -> Office:
    with MongoClient[dict[str, Any]](mongo.uri("lec")) as client:
        dla = client.lec.users.find_one({"area_level": "country"}) or {}
        student = client.lec.students.find_one({"left_on": None}) or {}
    told = json.dumps(accounts)
    found = re.search(rf'"{dla["username"]}"[^}}]*?"password": "([^"]+)"', told) or re.search(
        rf'"{dla["username"]}": "([^"]+)"', told
    )
    assert found is not None, told[:300]
    return Office(mongo, port, student, dla["username"], found[1])


def _wait_answering(port: int) -> None:
    end = time.monotonic() + 90
    while True:
        try:
            if Connection(port, "127.0.0.1", 5).get("/login/").status == 200:
                return
        except Lost:
            pass
        assert time.monotonic() < end, "the web does not answer"
        time.sleep(0.3)


def fields_of(office: Office, page: Answer, **changes: str) -> dict[str, Any]:
    base, token = BASE.search(page.text), TOKEN.search(page.text)
    assert base is not None and token is not None
    hidden = {"_base": unescape(base[1]), "csrf_token": unescape(token[1])}
    return {**form_of(office.stored()), **hidden, **changes}


def test_a_save_during_an_election_waits_for_it_and_is_stored_once(office: Office) -> None:
    browser, path = office.browser(), f"/students/edit/{office.student['_id']}"
    fields = fields_of(office, browser.get(path), religion="ระหว่างเลือกตั้ง")
    reader, pages = office.browser(), list[int]()
    reading = threading.Thread(target=lambda: pages.append(reader.get("/students/list/").status))
    primary = office.mongo.primary()
    primary.kill()
    reading.start()
    answer = browser.post_form(path, fields)
    reading.join(120)
    assert answer.status == 302, answer.text[:500]
    assert pages == [200]
    assert office.stored()["religion"] == "ระหว่างเลือกตั้ง"
    with MongoClient[dict[str, Any]](office.mongo.uri("lec")) as client:
        entries = client.lec.audit_entries.count_documents({"key": str(office.student["_id"])})
        entries += client.lec.audit_entries.count_documents({"key": office.student["_id"]})
        assert entries == 1
    primary.launch()
    office.mongo.wait_healthy(90)


def test_what_cannot_be_saved_is_offered_again_and_programs_are_told_when_to_try(office: Office) -> None:
    browser, path = office.browser(), f"/students/edit/{office.student['_id']}"
    fields = fields_of(office, browser.get(path), religion='เก็บไว้ <b>"ทุกตัว"</b>', room="5\n/1")
    program, told = Connection(office.port, "10.0.0.2", 120), list[Any]()
    assert program.take_token(office.username, office.password)
    change = threading.Thread(target=lambda: told.append(_patch(program, office.student["_id"])))
    with _no_primary(office.mongo):
        change.start()
        answer = browser.post_form(path, fields)
        change.join(120)
    assert (told[0].status, told[0].headers["Retry-After"]) == (503, "30")
    token = TOKEN.search(answer.text)
    assert token is not None
    if answer.status == 503:
        assert "ส่งอีกครั้ง" in answer.text and 'id="send-again"' in answer.text
        typed = {unescape(name): unescape(value) for name, value in TYPED.findall(answer.text)}
        assert typed == {name: str(value) for name, value in fields.items() if name != "csrf_token"}
    else:
        _is_kept_on_its_form(answer, "เก็บไว้")
    again = browser.post_form(path, {**fields, "csrf_token": unescape(token[1]), "room": "5"})
    assert again.status == 302, again.text[:500]
    assert office.stored()["religion"] == 'เก็บไว้ <b>"ทุกตัว"</b>'


def _is_kept_on_its_form(answer: Answer, typed: str) -> None:
    """A primary that has not yet noticed that it is alone still answers reads: the form itself says what is wrong."""
    assert answer.status == 200
    assert "ฐานข้อมูล" in answer.text and typed in unescape(answer.text)


def _patch(program: Connection, key: Any) -> Any:
    headers = {**program._proxied, "Authorization": f"Bearer {program.bearer}", "Content-Type": "application/json"}
    return program._pool.request("PATCH", f"/api/v1/students/{key}", body=b"{}", redirect=False, headers=headers)


@contextlib.contextmanager
def _no_primary(mongo: ReplicaSet) -> Iterator[None]:
    """Two of three members are dead, so the third steps down; afterwards all are whole again."""
    members = [member for member in mongo.members if member.is_running()][:2]
    for member in members:
        member.kill()
    try:
        yield
    finally:
        for member in members:
            member.launch()
        mongo.wait_healthy(120)


def test_a_frozen_primary_hangs_nobody_for_ever(office: Office) -> None:
    browser, path = office.browser(), f"/students/edit/{office.student['_id']}"
    fields = fields_of(office, browser.get(path), religion="แช่แข็ง")
    primary = office.mongo.primary()
    primary.freeze()
    try:
        answer = browser.post_form(path, fields)
        if answer.status == 200:
            _is_kept_on_its_form(answer, "แช่แข็ง")
        assert answer.status in (200, 302, 503), answer.text[:300]
        if answer.status != 302:
            assert "แช่แข็ง" in answer.text
        assert browser.get("/students/list/").status == 200
    finally:
        primary.thaw()
        office.mongo.wait_healthy(120)
