"""Files of certified lists on their way: kept unread, read by a worker one an account at a time, gone afterwards."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import xlsxwriter
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from app import jobs
from app.documents.imports import ImportRun
from app.enums import ImportState, RunState
from app.errors import Problem
from app.fabmongo.security.models import User
from app.services import evidence, imports
from app.services.accounts import SYSTEM
from app.services.evidence import uploads
from app.services.imports.files import reading
from app.services.imports.uploading import start
from app.services.submissions import open_round
from app.services.turns import Reading, take_turn
from tests.factories.rosters import hostile
from tests.people import People

Raw = dict[str, Any]
HEAD = ("ลำดับ", "เลขประจำตัว", "คำนำหน้า ชื่อ-สกุล", "เลขประจำตัวประชาชน", "ระดับชั้น/ห้อง")


def book(boys: int, girls: int, number: str = "") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        for line in range(boys + girls):
            title = "ด.ช." if line < boys else "ด.ญ."
            sheet.write_row(line + 1, 0, (line + 1, f"{line:03}", f"{title}ทดสอบ{line} ระบบ", number, "ป.1"))
    return out.getvalue()


class Ground:
    """An opened round; `code` and `other` are submissions of schools of other affiliation of two LAOs."""

    def __init__(self, db: Database[Raw], people: People) -> None:
        self.db, self.people = db, people
        self.officer: User = people["lao"]
        self.code = f"{people.places.round_2}:{people.places.takhop_tambon.other}"
        self.other = f"{people.places.round_2}:{people.places.takhop_sao.other}"

    def send(self, data: bytes, code: str = "", who: str = "lao", name: str = "list.xlsx") -> str:
        evidence.send_list(self.people[who], code or self.code, name, io.BytesIO(data))
        return str(self.row(code)["_id"])

    def row(self, code: str = "") -> Raw:
        found = evidence.last_upload(code or self.code)
        assert found is not None
        return found

    def names(self, code: str = "") -> int:
        return self.db.listed_students.count_documents({"submission_code": code or self.code})

    def files(self) -> int:
        return self.db["list_files.files"].count_documents({}) + self.db["list_files.chunks"].count_documents({})


@pytest.fixture
def ground(db: Database[Raw], app: Flask, people: People) -> Iterator[Ground]:
    with app.app_context():
        open_round(SYSTEM, people.places.round_2)
        yield Ground(db, people)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """(task, key) of what was put on the queue."""
    found: list[tuple[str, str]] = []
    monkeypatch.setattr(jobs, "enqueue", lambda name, *args: found.append((name, *args)))
    return found


def test_a_file_that_is_sent_is_not_read_by_whoever_takes_it(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    real: Callable[..., Any] = reading._started
    monkeypatch.setattr(reading, "_started", lambda *args: started.append(args) or real(*args))
    key = ground.send(hostile.merged_long())
    assert not started and ground.row()["state"] == "waiting"
    assert evidence.read_list(key) is RunState.FAILED
    assert started


def test_a_list_is_replaced_by_the_names_of_a_file_and_the_file_is_gone(ground: Ground) -> None:
    for boys, girls in ((3, 2), (1, 1)):
        key = ground.send(book(boys, girls))
        assert ground.files() == 2
        assert evidence.read_list(key) is RunState.DONE
        row = ground.db.submissions.find_one({"_id": ground.code}) or {}
        assert (row["list_male"], row["list_female"], ground.names()) == (boys, girls, boys + girls)
        assert (ground.row()["names"], ground.files()) == (boys + girls, 0)
    assert evidence.read_list(key) is None, "a second message of the same file does nothing"


def test_refused_rows_are_kept_to_be_shown_and_the_list_stays(ground: Ground) -> None:
    evidence.read_list(ground.send(book(3, 2)))
    assert evidence.read_list(ground.send(book(60, 0, number="1234"))) is RunState.FAILED
    row = ground.row()
    assert (row["refused_rows"], len(row["refused"]), row["refused"][0]["row"]) == (60, 50, 2)
    assert (ground.names(), ground.files()) == (5, 0)


def test_a_file_that_asks_for_too_much_is_refused_in_words(ground: Ground) -> None:
    assert evidence.read_list(ground.send(hostile.merged_long(head=HEAD))) is RunState.FAILED
    assert "4,000,000" in ground.row()["error_en"]
    assert ground.files() == 0


@pytest.mark.parametrize(("size", "word"), [(0, "ว่างเปล่า"), (uploads.LIMITS.bytes + 1, "ใหญ่เกิน 5 MB")])
def test_an_empty_or_too_large_file_is_not_kept(ground: Ground, size: int, word: str) -> None:
    with pytest.raises(Problem, match=word):
        ground.send(b"x" * size)
    assert (ground.files(), ground.db.list_uploads.count_documents({})) == (0, 0)


def test_who_may_not_keep_the_list_sends_nothing(ground: Ground) -> None:
    for who in ("neighbour", "school", "district"):
        with pytest.raises(Problem) as caught:
            ground.send(book(1, 1), who=who)
        assert caught.value.kind == "forbidden"
    assert ground.files() == 0


def test_a_newer_file_takes_the_place_of_the_one_that_is_read(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    real = uploads.replace_list

    def meanwhile(*args: Any) -> Any:
        monkeypatch.setattr(uploads, "replace_list", real)
        ground.send(book(1, 1))
        return real(*args)

    monkeypatch.setattr(uploads, "replace_list", meanwhile)
    first = ground.send(book(3, 2))
    assert evidence.read_list(first) is None
    assert ground.names() == 0, "the older file was stored after the newer one was taken"
    assert evidence.read_list(str(ground.row()["_id"])) is RunState.DONE
    assert (ground.names(), ground.files(), ground.db.list_uploads.count_documents({})) == (2, 0, 1)


def test_a_count_that_was_vouched_for_meanwhile_keeps_its_list(ground: Ground) -> None:
    key = ground.send(book(3, 2))
    ground.db.submissions.update_one({"_id": ground.code}, {"$set": {"state": "verified", "total": 1}})
    assert evidence.read_list(key) is RunState.FAILED
    assert ground.row()["error_th"] and (ground.names(), ground.files()) == (0, 0)


@pytest.mark.parametrize("less", [{"active": False}, {"area_codes": {"lao": "5301402"}}, {"area_level": "district"}])
def test_a_person_who_may_less_meanwhile_changes_nothing(ground: Ground, less: Raw) -> None:
    key = ground.send(book(3, 2))
    ground.db.users.update_one({"username": "lao"}, {"$set": less})
    assert evidence.read_list(key) is RunState.FAILED
    assert ground.row()["error_th"] and ground.names() == 0


def test_one_file_of_an_account_is_read_at_a_time_and_the_next_is_called(
    ground: Ground, queued: list[tuple[str, str]]
) -> None:
    officer = ground.officer
    own = ground.people.places.takhop_tambon.own
    run = start(officer, "a.csv", b"a,b\n", school=own)
    key, other = ground.send(book(3, 2)), ground.send(book(1, 1), ground.other, "neighbour")
    assert take_turn("lao", Reading("import_runs", run.pk))
    assert evidence.read_list(key) is None and ground.row()["in_line"]
    assert ground.row()["attempts"] == 0, "waiting in line is no attempt"
    assert evidence.read_list(other) is RunState.DONE, "another account does not wait"
    queued.clear()
    assert imports.work(str(run.pk)) is not None
    assert queued == [("evidence.read_list", key)]
    assert not ground.row()["in_line"] and evidence.read_list(key) is RunState.DONE
    assert ground.db.reading_turns.count_documents({}) == 0


def test_a_roster_waits_for_another_file_of_the_same_account(ground: Ground) -> None:
    own = ground.people.places.takhop_tambon.own
    runs = [start(ground.officer, "a.csv", b"a,b\n", school=own) for _ in range(2)]
    assert take_turn("lao", Reading("import_runs", runs[0].pk))
    assert imports.work(str(runs[1].pk)) is None
    assert ImportRun.objects.get(pk=runs[1].pk).state is ImportState.READING
    assert imports.work(str(runs[0].pk)) is ImportState.FAILED
    assert imports.work(str(runs[1].pk)) is ImportState.FAILED


def test_a_killed_worker_keeps_nobody_waiting_for_longer_than_its_lease(ground: Ground) -> None:
    key, late = ObjectId(), datetime.now(UTC) - timedelta(minutes=5)
    waiting = ground.send(book(3, 2))
    ground.db.list_uploads.insert_one(
        {"_id": key, "submission": "dead", "state": "running", "worker": "dead", "requested_by": "lao",
         "lease_until": datetime.now(UTC) + timedelta(seconds=60)}
    )  # fmt: skip
    ground.db.reading_turns.insert_one({"_id": "lao", "of": "list_uploads", "job": key, "since": late})
    assert evidence.read_list(waiting) is None
    ground.db.list_uploads.update_one({"_id": key}, {"$set": {"lease_until": late}})
    assert evidence.read_list(waiting) is RunState.DONE


def test_what_a_killed_worker_left_is_handed_over_and_given_up_in_the_end(
    ground: Ground, queued: list[tuple[str, str]]
) -> None:
    key, late = ground.send(book(3, 2)), datetime.now(UTC) - timedelta(seconds=1)
    dead = {"state": "running", "worker": "dead", "lease_until": late, "attempts": 1, "idle": 1}
    ground.db.list_uploads.update_one({"_id": ObjectId(key)}, {"$set": dead})
    queued.clear()
    assert evidence.sweep_lists() == 1 and queued == [("evidence.read_list", key)]
    ground.db.list_uploads.update_one({"_id": ObjectId(key)}, {"$set": {**dead, "idle": uploads.MAX_IDLE}})
    assert evidence.sweep_lists() == 0
    assert ground.row()["error_th"] and ground.row()["state"] == "failed" and ground.files() == 0


def test_a_mistake_of_the_program_halts_it_and_keeps_the_file(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise IndexError("list index out of range")

    key = ground.send(book(3, 2))
    monkeypatch.setattr(uploads, "replace_list", broken)
    assert evidence.read_list(key) is None
    assert ground.row()["fault"]["kind"] == "IndexError" and ground.files() == 2
    assert ground.db.reading_turns.count_documents({}) == 0, "the next file need not wait for it"


def test_a_file_whose_removal_was_cut_off_is_removed_by_the_sweep(ground: Ground) -> None:
    key = ground.send(book(3, 2))
    ground.db.list_uploads.update_one({"_id": ObjectId(key)}, {"$set": {"state": "done"}, "$unset": {"worker": ""}})
    evidence.sweep_lists()
    assert ground.files() == 0 and "file" not in ground.row()


def test_what_is_known_of_an_old_file_goes_and_its_list_stays(ground: Ground) -> None:
    evidence.read_list(ground.send(book(3, 2)))
    before = datetime.now(UTC) - timedelta(days=90)
    assert evidence.clear_old_lists(before) == 0
    ground.db.list_uploads.update_many({}, {"$set": {"requested_on": datetime.now(UTC) - timedelta(days=91)}})
    assert evidence.clear_old_lists(before) == 1 and ground.names() == 5


def test_one_person_cannot_fill_the_line(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_WAITING", 1)
    ground.send(book(1, 1), ground.other, "dla")
    ground.send(book(1, 1), ground.other, "dla")  # in place of the one before
    with pytest.raises(Problem) as refused:
        ground.send(book(1, 1), ground.code, "dla")
    assert refused.value.kind == "conflict" and ground.files() == 2
