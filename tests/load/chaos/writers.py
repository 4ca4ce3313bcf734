"""Those who save: people with forms, and programs with REST; each writes its own students alone."""

from __future__ import annotations

import random
import re
import threading
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from tests.load.chaos.http import TOKEN, Answer, Connection, Lost
from tests.load.chaos.journal import Journal, Value
from tests.load.chaos.world import Ground, Raw
from tests.test_commands import form_of

BASE = re.compile(r'name="_base" value="([^"]*)"')
LETTERS = "กขคงจฉชซญด"
ADD_EACH = 6
"""Every so many'th save of a form adds a student."""
EXCUSED = frozenset((401, 403, 409, 412, 429, 502, 503, 504))
"""Answers that say why and keep what was typed; 403 and 401 where a session ended."""


class Client(threading.Thread):
    """Works until it is told to stop, and lives through lost answers."""

    pause = (0.05, 0.3)

    def __init__(self, name: str, port: int, number: int, ground: Ground, journal: Journal, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self.ground, self.journal = ground, journal
        self.http = Connection(port, f"10.1.{number // 250}.{number % 250 + 1}")
        self.chance = random.Random(seed * 1000 + number)
        self.number, self.count, self.signed_in = number, 0, False
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                if not self.signed_in:
                    self.signed_in = self.sign_in()
                if self.signed_in:
                    self.turn()
            except Lost as lost:
                self.journal.answered(type(self).__name__, str(lost))
            except Exception as error:  # a mistake of the run itself must not end as silence
                self.journal.fault(f"{self.name}: {type(error).__name__}: {error}")
            self.stopping.wait(self.chance.uniform(*self.pause))

    def sign_in(self) -> bool:
        return self.http.sign_in(self.ground.username, self.ground.password)

    def turn(self) -> None:
        raise NotImplementedError

    def judge(self, what: str, answer: Answer, *wanted: int) -> bool:
        """Whether an answer is one of those wanted; notes it, and what nothing excuses."""
        self.journal.answered(type(self).__name__, str(answer.status))
        if answer.status in (401, 403) or "/login" in answer.location:
            self.signed_in = False
            return False
        if answer.status in wanted:
            return True
        if answer.status not in EXCUSED:
            self.journal.fault(f"{self.name}, {what}: {answer.status} {_first_words(answer.text)}")
        return False

    def token(self) -> str:
        """A text of letters that is written once in the whole run."""
        self.count += 1
        return "".join(LETTERS[int(digit)] for digit in f"{self.number:03}{self.count:06}")

    def somebody(self) -> Raw:
        return self.chance.choice(self.ground.rows)


class FormWriter(Client):
    """A person who changes a student's religion, and now and then adds a student."""

    def turn(self) -> None:
        if self.count % ADD_EACH == ADD_EACH - 1:
            self._add()
        else:
            self._change()

    def _change(self) -> None:
        row, token = self.somebody(), self.token()
        path = f"/students/edit/{row['_id']}"
        page = self.http.get(path)
        if self.judge("edit page", page, 200):
            self._post(path, {**form_of(row), "religion": token}, page, self.journal.value(str(row["_id"])), token)

    def _post(self, path: str, fields: dict[str, Any], page: Answer, value: Value, token: str) -> None:
        base, hidden = BASE.search(page.text), TOKEN.search(page.text)
        assert hidden is not None, "a form without a token"
        fields |= {"csrf_token": unescape(hidden[1])} | ({"_base": unescape(base[1])} if base else {})
        try:
            answer = self.http.post_form(path, fields)
        except Lost:
            self.journal.not_known(value, token)
            raise
        if self.judge("save", answer, 302):
            self.journal.saved(value, token)
        elif answer.status >= 500:
            self.journal.not_known(value, token)
            if answer.status == 503 and token not in answer.text:
                self.journal.fault(f"{self.name}: what was typed is not on the page that could not be saved")

    def _add(self) -> None:
        number, token = self.ground.ids.thai(), self.token()
        page = self.http.get("/students/add")
        if not self.judge("add page", page, 200):
            return
        row = self.somebody() | {"national_id": number, "student_no": f"9{self.count:06}"}
        self.journal.added[number] = False
        value = self.journal.value(f"added:{number}")
        self._post("/students/add", {**form_of(row), "religion": token}, page, value, token)
        self.journal.added[number] = bool(value.acknowledged)


class ApiWriter(Client):
    """A program that changes a student by PATCH with the ETag it read."""

    def sign_in(self) -> bool:
        return self.http.take_token(self.ground.username, self.ground.password)

    def turn(self) -> None:
        row, token = self.somebody(), self.token()
        path = f"/api/v1/students/{row['_id']}"
        found = self.http.get(path)
        if not self.judge("read", found, 200):
            return
        value = self.journal.value(str(row["_id"]))
        try:
            body = {"religion": token, "_reason": "ตรวจแล้ว"}
            answer = self.http.send_json("PATCH", path, body, If_Match=found.etag)
        except Lost:
            self.journal.not_known(value, token)
            raise
        if self.judge("change", answer, 200):
            self.journal.saved(value, token)
        elif answer.status >= 500:
            self.journal.not_known(value, token)


def _first_words(text: str) -> str:
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    return (title[1] if title else text)[:120].strip()


def path_of(location: str) -> str:
    """The path of an address to which an answer leads."""
    return urlsplit(location).path
