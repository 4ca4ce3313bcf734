"""What one person does on the running web, each answer held against what that person may see."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode

import urllib3

from tests.load.crowd import SCHOOL_SIZE, WORDS, Person, place_mark
from tests.people import PASSWORD
from tests.test_commands import form_of

ROW = re.compile(r'class="cell-main"[^>]*><a href="/students/show/([0-9a-f]{24})"')
COUNT = re.compile(r'class="list-count">\s*([\d,]+) รายการ')
CHIP = re.compile(r'<li class="chip"><span>.*?<strong>(.*?)</strong>')
TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
BASE = re.compile(r'name="_base" value="([^"]*)"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')
LIST = "/students/list/"


class Wrong(Exception):
    """An answer that is not this person's."""


class Visit:
    """One signed-in person with a session and a token of the API, over one kept connection."""

    def __init__(self, port: int, person: Person, writers: dict[str, str]) -> None:
        self.person, self.writers = person, writers
        self.chance = random.Random(person.number)
        self.pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1, timeout=60, retries=2)
        self.cookie = ""
        self.sent = 0
        self.saved = ""
        self._sign_in()
        answer = self.send("POST", "/api/v1/security/login", {"username": person.name, "password": PASSWORD}, "json")
        self.bearer = {"Authorization": f"Bearer {json.loads(answer)['access_token']}"}

    def _sign_in(self) -> None:
        token = unescape(_found(TOKEN, self.send("GET", "/login/")))
        fields = {"username": self.person.name, "password": PASSWORD, "csrf_token": token}
        self.send("POST", "/login/", fields, "form", 302)

    def send(
        self, method: str, path: str, fields: Any = None, kind: str = "", status: int = 200, bearer: bool = False
    ) -> str:
        """The text of an answer that has the status and no mark of anybody else."""
        headers = {"Cookie": self.cookie} if not bearer else dict(self.bearer)
        body = None
        if kind:
            body = json.dumps(fields) if kind == "json" else urlencode(fields)
            headers["Content-Type"] = "application/json" if kind == "json" else "application/x-www-form-urlencoded"
        answer = self.pool.request(method, path, body=body, headers=headers, redirect=False)
        self.sent += 1
        for value in answer.headers.getlist("Set-Cookie"):
            self.cookie = value.partition(";")[0]
        text = answer.data.decode()
        if answer.status != status:
            raise Wrong(f"{method} {path}: {answer.status} instead of {status}")
        if "json" in answer.headers.get("Content-Type", ""):
            text = json.dumps(json.loads(text), ensure_ascii=False)
        strange = self.person.strange(text, self.writers)
        if strange:
            raise Wrong(f"{method} {path}: {strange}")
        return text

    def page(self, count: int, chips: list[str], path: str, **arguments: Any) -> tuple[list[str], str]:
        """(ids, text) of a list page, whose count and filters are exactly these."""
        query = urlencode(arguments, doseq=True)
        text = self.send("GET", f"{path}?{query}" if query else path)
        found = int(COUNT.search(text)[1].replace(",", "")) if COUNT.search(text) else 0  # type: ignore[index]
        self.same(path + "?" + query, (found, sorted(map(unescape, CHIP.findall(text)))), (count, sorted(chips)))
        ids = ROW.findall(text)
        self.same(path, set(ids) - self.person.students.keys(), set())
        return ids, text

    def same(self, what: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            raise Wrong(f"{what}: {found} instead of {wanted}")

    # -- what there is to expect -------------------------------------------------------------

    def school(self) -> tuple[str, int]:
        """An own school with a roster, and its number of students."""
        return str(self.chance.choice([row["school_code"] for row in self.person.students.values()])), SCHOOL_SIZE

    def ordered(self) -> list[str]:
        """The own students from the last name down, by key where two are alike."""
        rows = self.person.students
        return [key for _, key in sorted(((row["last_name"], key) for key, row in rows.items()), reverse=True)]

    def somebody(self) -> str:
        """An own student whom nobody saves."""
        return self.chance.choice(list(self.person.students))

    # -- visits ------------------------------------------------------------------------------

    def whole_list(self) -> None:
        total = len(self.person.students)
        ids, _ = self.page(total, [], LIST)
        self.same("rows of the first page", len(ids), min(total, 25))

    def own_filter(self) -> None:
        mark, (school, _) = self.person.filter_mark(self.sent), self.school()
        arguments = {"_flt_0_last_name": mark, "_flt_0_school": school}
        self.page(0, [mark, f"โรงเรียน{place_mark(school)}"], LIST, **arguments)

    def words(self) -> None:
        word = self.chance.choice(WORDS)
        ids, _ = self.page(len(self.person.students) // len(WORDS), [], LIST, q=word, psize_StudentView=100)
        firsts = {self.person.students[key]["first_name"][: len(word)] for key in ids}
        self.same("found by words", firsts, {word})

    def by_reference(self) -> None:
        school, count = self.school()
        ids, _ = self.page(count, [f"โรงเรียน{place_mark(school)}"], LIST, _flt_0_school=school)
        self.same("rows of a school", {self.person.students[key]["school_code"] for key in ids}, {school})

    def second_page(self) -> None:
        asked = {"_oc_StudentView": "last_name", "_od_StudentView": "desc", "psize_StudentView": 10}
        wanted = self.ordered()
        ids, text = self.page(len(wanted), [], LIST, **asked)
        self.same("first page", ids, wanted[:10])
        address = unescape(_found(NEXT, text)).removeprefix(LIST + "?")
        ids, _ = self.page(len(wanted), [], f"{LIST}?{address}")
        self.same("second page", ids, wanted[10:20])

    def show(self) -> None:
        key = self.somebody()
        text = self.send("GET", f"/students/show/{key}")
        if self.person.students[key]["first_name"] not in text:
            raise Wrong(f"{key}: not the own record")

    def school_page(self) -> None:
        school, count = self.school()
        text = self.send("GET", f"/schools/show/{school}")
        wanted = {key for key, row in self.person.students.items() if row["school_code"] == school}
        self.same(f"students of {school}", (set(ROW.findall(text)), len(wanted)), (wanted, count))

    def schools(self) -> None:
        text = self.send("GET", "/schools/list/?psize_SchoolView=100")
        self.same("schools", int(_found(COUNT, text)), len(self.person.schools))

    def foreign(self) -> None:
        if not self.person.others:
            return self.show()
        key = self.chance.choice(self.person.others)
        self.send("GET", f"/students/show/{key}", status=404)
        return None

    def form(self) -> None:
        if not self.person.may_write:
            return self.show()
        key = self.somebody()
        text = self.send("GET", f"/students/edit/{key}")
        if self.person.students[key]["first_name"] not in text:
            raise Wrong(f"{key}: not the own record")
        return None

    def save(self) -> None:
        """Change the own record and look at it."""
        if not self.person.may_write:
            return self.show()
        path = f"/students/edit/{self.person.own}"
        text = self.send("GET", path)
        mark = self.person.save_mark(self.sent)
        row = {**self.person.students[self.person.own], "nationality": "ไทย"}
        fields = {**form_of(row), "religion": mark, "_base": unescape(_found(BASE, text))}
        self.send("POST", path, {**fields, "csrf_token": unescape(_found(TOKEN, text))}, "form", 302)
        self.saved = mark
        if mark not in self.send("GET", f"/students/show/{self.person.own}"):
            raise Wrong(f"{path}: what was saved is not there")
        return None

    def history(self) -> None:
        text = self.send("GET", f"/students/history/{self.person.own}")
        if self.saved not in text or set(re.findall(r'data-label="ผู้ทำ">([^<]*)<', text)) - {self.person.name}:
            raise Wrong("history: changes of another")

    def export(self) -> None:
        school, count = self.school()
        asked, wanted = self.chance.choice([("", len(self.person.students)), (f"?_flt_0_school={school}", count)])
        rows = list(csv.reader(io.StringIO(self.send("GET", f"/students/export{asked}"))))
        self.same("rows of an export", len(rows) - 1, wanted)

    def select(self) -> None:
        text = self.send("GET", f"/students/select/school?q={quote('โรงเรียนฃ')}")
        found = {one["id"] for one in json.loads(text)["results"]}
        self.same("choices", (found <= self.person.schools, len(found)), (True, min(len(self.person.schools), 20)))

    def rest_list(self) -> None:
        school, count = self.school()
        text = self.send("GET", f"/api/v1/students/?page_size=100&filter%5Bschool%5D%5Beq%5D={school}", bearer=True)
        answer = json.loads(text)
        wanted = {key for key, row in self.person.students.items() if row["school_code"] == school}
        self.same("rows for a program", (answer["count"], set(answer["ids"])), (count, wanted))

    def rest_one(self) -> None:
        key = self.somebody()
        answer = json.loads(self.send("GET", f"/api/v1/students/{key}", bearer=True))
        self.same("a row for a program", answer["result"]["first_name"], self.person.students[key]["first_name"])
        if self.person.others:
            self.send("GET", f"/api/v1/students/{self.chance.choice(self.person.others)}", status=404, bearer=True)

    def kinds(self) -> tuple[Callable[[], None], ...]:
        return (
            self.whole_list, self.own_filter, self.own_filter, self.words, self.by_reference, self.second_page,
            self.show, self.school_page, self.schools, self.foreign, self.form, self.save, self.history, self.export,
            self.select, self.rest_list, self.rest_one,
        )  # fmt: skip

    def many(self, requests: int) -> Iterator[str]:
        """Mixed visits of so many requests; what was wrong."""
        while self.sent < requests:
            visit = self.chance.choice(self.kinds())
            try:
                visit()
            except Wrong as wrong:
                yield f"{self.person.name}, {visit.__name__}: {wrong}"


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    if match is None:
        raise Wrong(f"there is no {pattern.pattern}")
    return match[1]
