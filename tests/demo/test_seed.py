"""The demo installation: real LAOs, valid rows, honest counts; complete after a crash and never doubled."""

import csv
import json
import time
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

import config
from app import db as app_db
from app.demo.pak_thong_chai import LAOS
from app.demo.seed import seed
from app.documents.evidence import Evidence
from app.documents.students import Student
from app.rules.national_id import is_g_code, is_valid_thai_id
from app.rules.students import validate_student
from app.services import evidence
from app.services.submissions import states_of_laos
from tests.factories.register import FULL_REGISTER

Raw = dict[str, Any]


@pytest.fixture
def store(app: Flask) -> Iterator[Any]:
    """The security manager, inside the application."""
    with app.app_context():
        yield app.extensions["appbuilder"].sm


@pytest.fixture
def seeded(db: Database[Raw], settings: config.Settings, store: Any) -> Database[Raw]:
    assert seed(settings, store)
    return db


def picture(db: Database[Raw]) -> dict[str, Any]:
    """Everything seeded but moments and users, whose passwords are drawn anew."""
    names = ("provinces", "districts", "laos", "agencies", "schools", "students", "rounds", "proclamations")
    found = {name: list(db[name].find().sort("_id", 1)) for name in names}
    found["listed_students"] = list(db.listed_students.find({}, {"_id": 0}).sort([("submission_code", 1), ("line", 1)]))
    found["evidence"] = list(db.evidence.find({}, {"_id": 0, "scan": 0}).sort("submission_code", 1))
    found["submissions"] = list(db.submissions.find({}, {"created_on": 0, "counted_on": 0}).sort("_id", 1))
    return found


def test_it_is_quick_and_has_what_the_main_job_needs(db: Database[Raw], settings: config.Settings, store: Any) -> None:
    start = time.perf_counter()
    assert seed(settings, store)
    assert time.perf_counter() - start < 60
    assert db.laos.count_documents({"district_code": "3014"}) == 18
    assert 4000 <= db.students.count_documents({}) <= 6000
    assert db.students.count_documents({"national_id": {"$regex": "^G"}}) > 10
    assert {row["_id"]: row["census_date"] for row in db.rounds.find()} == dict.fromkeys(
        ["2567-1", "2567-2"], datetime(2024, 6, 10)
    )
    assert sorted(row["status"] for row in db.schools.find({"status": {"$ne": "open"}})) == ["closed", "merged"]
    for lao in LAOS:
        kinds = set(db.schools.distinct("kind", {"lao_code": lao.code}))
        assert kinds == {"school", "centre", "other"}, lao.name


def test_every_row_is_valid(seeded: Database[Raw]) -> None:
    for document in app_db.DOCUMENTS:
        rows = document.objects if document is not Student else document.objects.limit(300)
        for row in rows:
            row.validate()
    names = [(row["lao_code"], row["name_th"]) for row in seeded.schools.find()]
    assert len(names) == len(set(names))


def test_no_student_breaks_a_rule(seeded: Database[Raw]) -> None:
    schools = {row["_id"]: row for row in seeded.schools.find()}
    for row in seeded.students.find():
        findings = validate_student(row, schools[row["school_code"]], today=date(2024, 12, 1))
        assert not [finding for finding in findings if finding.severity == "error"], row["_id"]
        assert is_valid_thai_id(row["national_id"]) or is_g_code(row["national_id"])
    assert len(seeded.students.distinct("national_id")) == seeded.students.count_documents({})


def test_rosters_and_submissions_say_the_same(seeded: Database[Raw]) -> None:
    census = datetime(2024, 6, 10)
    totals: dict[str, int] = {}
    for row in seeded.students.find():
        if row["admitted_on"] <= census and (row["left_on"] is None or row["left_on"] > census):
            totals[row["school_code"]] = totals.get(row["school_code"], 0) + 1
    counted = {row["_id"]: row["total"] for row in seeded.submissions.find({"source": "roster"})}
    assert counted == {f"{code}:{school}": n for school, n in totals.items() for code in ("2567-1", "2567-2")}
    for row in seeded.submissions.find({"total": {"$exists": True}}):
        assert row["total"] == sum(count["male"] + count["female"] for count in row["counts"])


def test_zeros_have_a_proclamation_and_some_lists_never_came(seeded: Database[Raw]) -> None:
    zeros = list(seeded.submissions.find({"total": 0}))
    assert len(zeros) == 3 and all(row["proclamation"] and row["source"] == "proclamation" for row in zeros)
    for code in ("2567-1", "2567-2"):
        missing = seeded.submissions.count_documents({"round_code": code, "kind": "other", "total": {"$exists": False}})
        assert 1 <= missing <= 15
    assert not seeded.submissions.count_documents({"total": {"$exists": False}, "state": {"$ne": "not_started"}})


def test_what_was_vouched_for_in_round_two_has_its_list_and_its_paper(seeded: Database[Raw], store: Any) -> None:
    vouched = {"$in": ["certified", "verified", "submitted", "accepted"]}
    rows = list(seeded.submissions.find({"round_code": "2567-2", "kind": "other", "state": vouched}))
    assert len(rows) > 5
    for row in rows:
        evidence.check_verifiable(row)
        assert (row["list_male"], row["list_female"]) == (row["male"], row["female"])
    scan = Evidence.objects.first()
    assert scan.scan.read().startswith(b"%PDF")
    numbers = seeded.listed_students.distinct("national_id")
    assert len(numbers) == seeded.listed_students.count_documents({})
    assert not seeded.students.count_documents({"national_id": {"$in": numbers}})


def test_round_two_is_in_every_state(seeded: Database[Raw]) -> None:
    states = list(states_of_laos("2567-2", [lao.code for lao in LAOS]).values())
    assert states.count("not_started") >= 3
    assert set(states) == {"not_started", "in_progress", "returned", "submitted"}


def test_each_role_can_sign_in_and_nobody_else_reads_the_passwords(
    seeded: Database[Raw], settings: config.Settings, store: Any
) -> None:
    path = settings.data_dir / "demo_accounts.json"
    assert path.stat().st_mode & 0o777 == 0o600
    accounts = json.loads(path.read_text(encoding="utf-8"))
    assert [account["role"] for account in accounts] == ["dla", "province", "district", "lao", "school"]
    for account in accounts:
        assert account.keys() == {"role", "username", "password", "area"} and len(account["password"]) >= 14
        user = store.auth_user_db(account["username"], account["password"])
        assert user is not None and user.role_names == [account["role"]]
        assert user.area.level == {"dla": "country"}.get(account["role"], account["role"])
        assert account["area"] == user.area_name_th


def test_a_second_start_changes_nothing(seeded: Database[Raw], settings: config.Settings, store: Any) -> None:
    seeded.students.delete_many({"school_code": "30140101"})
    before, file = picture(seeded), (settings.data_dir / "demo_accounts.json").read_bytes()
    assert not seed(settings, store)
    assert picture(seeded) == before
    assert (settings.data_dir / "demo_accounts.json").read_bytes() == file


def test_a_start_that_was_cut_off_is_completed_and_not_doubled(
    seeded: Database[Raw], settings: config.Settings, store: Any
) -> None:
    whole = picture(seeded)
    seeded.demo_seeds.update_one({}, {"$unset": {"finished_on": ""}})
    seeded.districts.delete_many({"province_code": "31"})
    seeded.students.delete_many({"grade": "P3"})
    seeded.submissions.delete_many({"round_code": "2567-2"})
    seeded.proclamations.delete_one({"number": "2/2567"})
    seeded.schools.update_many({}, {"$set": {"status": "open"}, "$unset": {"closed_on": "", "successor_code": ""}})
    seeded.users.delete_one({"username": "lao"})
    assert seed(settings, store)
    assert picture(seeded) == whole
    assert seeded.users.count_documents({}) == 5


def test_a_database_with_other_peoples_rows_is_left_alone(
    db: Database[Raw], settings: config.Settings, store: Any
) -> None:
    db.schools.insert_one({"_id": "99999999", "name_th": "x", "kind": "school", "status": "open"})
    assert not seed(settings, store)
    assert db.laos.count_documents({}) == db.users.count_documents({}) == 0


@pytest.mark.skipif(not FULL_REGISTER.exists(), reason="the full register is not part of the repository")
def test_the_laos_are_those_of_the_register(seeded: Database[Raw]) -> None:
    rows = csv.DictReader(FULL_REGISTER.read_text(encoding="utf-8-sig").splitlines())
    wanted = {row["lao_code"]: row for row in rows if row["lao_code"][1:5] == "3014"}
    assert wanted.keys() == {lao.code for lao in LAOS}
    for lao in LAOS:
        row = wanted[lao.code]
        assert (lao.name, lao.type.th) == (row["name_th"], row["type_th"])
        for name in ("latitude", "longitude", "area_km2"):
            assert getattr(lao, name) == (float(row[name]) if row[name] else None), lao.code
