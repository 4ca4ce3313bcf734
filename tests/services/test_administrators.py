"""The last active administrator stays one, whatever door is tried, and by two at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from app.errors import Problem
from app.fabmongo.errors import WriteRefused
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import Area, acting_as
from app.fabmongo.security.models import User
from app.services.accounts import SYSTEM, AccountRules
from tests.people import Browser, People, make_person

Raw = dict[str, Any]
USERS = MongoInterface(User, AccountRules())


def form(user: User, **changed: Any) -> Raw:
    """A user as the edit form sends it."""
    fields = {
        "username": user.username, "first_name": user.first_name, "last_name": user.last_name, "email": user.email,
        "roles": "dla", "area_level": "country", "area_code": "", "active": "y",
    }  # fmt: skip
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}


@pytest.fixture
def other(people: People) -> User:
    """A second administrator."""
    return make_person("other", "dla", Area("country"))


def is_admin(db: Database[Raw], username: str) -> bool:
    row = db.users.find_one({"username": username}) or {}
    return bool(row.get("active")) and "dla" in row["roles"]


@pytest.mark.parametrize("changed", [
    {"active": None}, {"roles": "province", "area_level": "province", "area_code": "30"},
])  # fmt: skip
def test_a_form_does_not_take_the_last_one_away(people: People, db: Database[Raw], changed: Raw) -> None:
    user, browser = people["dla"], people.browser("dla")
    answer = browser.post(f"/users/edit/{user.pk}", form(user, **changed))
    assert answer.status_code == 200 and "ผู้ดูแลระบบบัญชีสุดท้าย" in answer.text
    assert is_admin(db, "dla")


def test_with_another_one_there_the_form_does_as_it_is_told(people: People, db: Database[Raw], other: User) -> None:
    user = people["dla"]
    answer = Browser(people.app, other).post(f"/users/edit/{user.pk}", form(user, active=None))
    assert answer.status_code == 302, answer.text
    assert not is_admin(db, "dla") and is_admin(db, "other")
    answer = Browser(people.app, other).post(f"/users/edit/{other.pk}", form(other, active=None))
    assert "ผู้ดูแลระบบบัญชีสุดท้าย" in answer.text and is_admin(db, "other")


def test_an_inactive_or_narrower_account_is_no_other_administrator(
    people: People, db: Database[Raw], other: User
) -> None:
    db.users.update_one({"_id": other.pk}, {"$set": {"active": False}})
    user = people["dla"]
    assert "สุดท้าย" in people.browser("dla").post(f"/users/edit/{user.pk}", form(user, active=None)).text


def test_deleting_the_last_one_is_refused_by_the_shared_path(app: Flask, people: People, db: Database[Raw]) -> None:
    with app.app_context(), acting_as(SYSTEM), pytest.raises((WriteRefused, Problem), match="สุดท้าย"):
        USERS.delete(USERS.get(str(people["dla"].pk)))
    assert is_admin(db, "dla")


def test_an_old_value_of_the_history_does_not_take_the_last_one_away(
    people: People, db: Database[Raw], other: User
) -> None:
    """`active` was once off: bringing that value back is a write like another."""
    browser = Browser(people.app, other)
    user = people["dla"]
    for active in (None, "y"):
        assert browser.post(f"/users/edit/{user.pk}", form(user, active=active)).status_code == 302
    assert browser.post(f"/users/edit/{other.pk}", form(other, active=None)).status_code == 302
    entry = db.audit_entries.find_one({"verb": "change", "changes.active": [False, True]})
    assert entry is not None
    answer = people.browser("dla").post(f"/users/restore/{user.pk}/{entry['_id']}/active", follow_redirects=True)
    assert answer.status_code == 200 and "ผู้ดูแลระบบบัญชีสุดท้าย" in answer.text
    assert is_admin(db, "dla")


@pytest.mark.parametrize("way", ["add", "edit/dla", "delete/dla"])
def test_nobody_takes_the_right_from_the_role(people: People, db: Database[Raw], way: str) -> None:
    before = db.roles.find_one({"_id": "dla"})
    answer = people.browser("dla").post(f"/roles/{way}", {"name": "dla", "permissions": ""})
    assert answer.status_code in (403, 404, 405)
    assert db.roles.find_one({"_id": "dla"}) == before


def test_two_who_deactivate_each_other_at_once_do_not_both_succeed(
    app: Flask, people: People, db: Database[Raw], other: User
) -> None:
    for _ in range(5):
        db.users.update_many({"username": {"$in": ["dla", "other"]}}, {"$set": {"active": True}})
        start, done = threading.Barrier(2), list[str]()

        def deactivate(key: Any, start: threading.Barrier = start, done: list[str] = done) -> None:
            with app.app_context(), acting_as(SYSTEM):
                user = USERS.get(str(key))
                user.active = False
                start.wait()
                try:
                    USERS.edit(user)
                    done.append("yes")
                except (WriteRefused, Problem):
                    done.append("no")

        threads = [threading.Thread(target=deactivate, args=(key,)) for key in (people["dla"].pk, other.pk)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(done) == ["no", "yes"]
        assert db.users.count_documents({"active": True, "roles": "dla"}) == 1
