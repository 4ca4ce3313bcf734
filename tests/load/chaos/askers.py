"""Those who start background work: roster files, count reports, letters to many LAOs."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from html import unescape
from typing import Any

from app.thai import format_date
from tests.factories.notices import notice_fields
from tests.factories.rosters.files import make_file
from tests.load.chaos.http import TOKEN, Lost
from tests.load.chaos.journal import Journal
from tests.load.chaos.world import Ground
from tests.load.chaos.writers import Client, path_of

OPEN_STATES = ("reading", "applying")
PATIENCE = 400.0
"""Seconds after which an import that does not move is left to the checks at the end."""


class Importer(Client):
    """A school that sends its roster again and again, each time with two students in another room."""

    pause = (0.3, 1.0)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.rooms = {row["national_id"]: "1" for row in self.ground.rows}

    def sign_in(self) -> bool:
        return self.http.take_token(self.ground.username, self.ground.password)

    def turn(self) -> None:
        rooms = self._changed()
        pk = self._upload(rooms)
        if pk and self._until(pk) == "preview" and self._apply(pk, rooms) and self._until(pk) == "applied":
            self.rooms = rooms

    def _changed(self) -> dict[str, str]:
        moved = self.chance.sample(sorted(self.rooms), 2)
        return {**self.rooms, **{number: str(int(self.rooms[number]) % 9 + 1) for number in moved}}

    def _upload(self, rooms: dict[str, str]) -> str:
        rows = [row | {"room": rooms[row["national_id"]]} for row in self.ground.rows]
        file = make_file("lec", "xlsx", (), people=rows, school={"_id": self.ground.school})
        parts = {"file": (file.name, file.data), "school": self.ground.school, "reason": "ตรวจแล้ว"}
        answer = self.http.send_file("/api/v1/imports/", parts)
        return str(answer.json()["id"]) if self.judge("upload", answer, 202) else ""

    def _apply(self, pk: str, rooms: dict[str, str]) -> bool:
        """Whether it will be applied; a lost answer is asked after, and what was refused is tried again."""
        for _ in range(100):
            try:
                answer = self.http.send_json("POST", f"/api/v1/imports/{pk}/apply", {"_reason": "ตรวจแล้ว"})
                if self.judge("apply", answer, 202):
                    self.journal.imports[pk] = rooms
                    return True
            except Lost as lost:
                self.journal.answered("Importer", str(lost))
            if self._until(pk) != "preview":
                self.journal.imports[pk] = rooms
                return True
            if not self.signed_in:
                self.signed_in = self._quietly_sign_in()
            self.stopping.wait(0.5)
        return False

    def _until(self, pk: str) -> str:
        """The state in which the import waits for people or has ended; "" where it never does."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if not self.signed_in:
                    self.signed_in = self._quietly_sign_in()
                answer = self.http.get(f"/api/v1/imports/{pk}")
                if self.judge("look", answer, 200) and (state := answer.json()["result"]["state"]) not in OPEN_STATES:
                    return str(state)
            except Lost as lost:
                self.journal.answered("Importer", str(lost))
            time.sleep(0.5)
        self.journal.fault(f"{self.name}: import {pk} did not move for {PATIENCE:.0f} s")
        return ""

    def _quietly_sign_in(self) -> bool:
        try:
            return self.sign_in()
        except Lost:
            return False


class Officer(Client):
    """A province's officer: a report of one of its areas, now and then a letter to all its LAOs."""

    pause = (1.0, 2.5)

    def __init__(self, port: int, number: int, ground: Ground, journal: Journal, seed: int, letter_each: int) -> None:
        super().__init__("officer", port, number, ground, journal, seed)
        self.letter_each = letter_each
        self.areas = _cycle(["lao:5301401", "district:3014", "province:30", "lao:6301408"], self.chance)

    def turn(self) -> None:
        self.count += 1
        if self.count % self.letter_each == 1:
            self._letter()
        else:
            self._report()

    def _report(self) -> None:
        page = self.http.get("/reports/new")
        if not self.judge("report page", page, 200):
            return
        fields = {"round": "2567-2", "area": next(self.areas), "csrf_token": _hidden(page.text)}
        answer = self.http.post_form("/reports/new", fields)
        if self.judge("report", answer, 302):
            self.journal.reports.add(path_of(answer.location).rpartition("/")[2])

    def _letter(self) -> None:
        page = self.http.get("/notices/add")
        if not self.judge("letter page", page, 200):
            return
        answer = self.http.post_form("/notices/add", {**_letter_form(self.count), "csrf_token": _hidden(page.text)})
        if not self.judge("letter", answer, 302):
            return
        pk = path_of(answer.location).rpartition("/")[2]
        for _ in range(50):
            if self._send(pk):
                self.journal.letters.add(pk)
                return
            time.sleep(1)

    def _send(self, pk: str) -> bool:
        """Whether the letter is on its way; a lost answer is asked after by sending once more, which adds nothing."""
        try:
            if not self.signed_in:
                self.signed_in = self.sign_in()
            page = self.http.get(f"/notices/{pk}/send")
            if page.status == 302 and "/login" not in page.location:
                return True
            if not self.judge("sending page", page, 200):
                return False
            version = _between(page.text, 'name="version" value="', '"')
            fields = {"version": version, "csrf_token": _hidden(page.text)}
            return self.judge("sending", self.http.post_form(f"/notices/{pk}/send", fields), 302)
        except Lost as lost:
            self.journal.answered("Officer", str(lost))
            return False


def _letter_form(count: int) -> dict[str, Any]:
    fields = notice_fields(number=f"นม {count}", subject=f"ขอให้ปรับปรุงข้อมูลนักเรียน {count}")
    for name in ("dated", "deadline"):
        fields[name] = format_date(fields[name], style="numeric")
    for name in ("opening", "closing"):
        fields[name] = "\n".join(fields[name])
    area = {"area": "province:30"}
    return {**{name: value for name, value in fields.items() if not name.startswith("area_")}, **area, "step": "save"}


def _hidden(text: str) -> str:
    found = TOKEN.search(text)
    assert found is not None, "a form without a token"
    return unescape(found[1])


def _between(text: str, before: str, after: str) -> str:
    return unescape(text.partition(before)[2].partition(after)[0])


def _cycle(items: list[str], chance: random.Random) -> Iterator[str]:
    while True:
        chance.shuffle(items)
        yield from items
