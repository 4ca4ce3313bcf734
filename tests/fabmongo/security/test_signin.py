"""Signing in: what is counted, what is refused, and that every failure looks the same."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.fabmongo.security.models import User
from app.fabmongo.security.signin import storage_uri
from app.fabmongo.security.users import utc_now


def stored(user):
    return User.objects.get(pk=user.pk)


def fail(sm, user, times):
    for _ in range(times):
        assert sm.auth_user_db(user.username, "a wrong password") is None


@pytest.fixture
def quick(app, monkeypatch):
    """A lockout after 3 failures."""
    monkeypatch.setitem(app.config, "FABMONGO_LOCKOUT_AFTER", 3)


@pytest.mark.parametrize("name", ["somsri", "SomSri ", "s@example.org"])
def test_the_right_password_signs_in(sm, user, password, name):
    assert sm.auth_user_db(name, password) == user
    assert stored(user).login_count == 1 and stored(user).last_login is not None


@pytest.mark.parametrize("name", ["", None, "   ", "nobody", "somsri\0", "x" * 10_000_000])
def test_other_names_do_not(sm, user, password, name):
    assert sm.auth_user_db(name, password) is None


@pytest.mark.parametrize("wrong", ["", None, "\0", "\0\0", "wrong", "x" * 10_000_000])
def test_other_passwords_do_not(sm, user, wrong):
    assert sm.auth_user_db("somsri", wrong) is None


def test_a_person_without_a_hash_or_switched_off_does_not(sm, user, password):
    User.objects(pk=user.pk).update(active=False)
    assert sm.auth_user_db("somsri", password) is None
    User.objects(pk=user.pk).update(active=True, unset__password=True)
    assert sm.auth_user_db("somsri", password) is None


@pytest.mark.parametrize("name", ["somsri", "nobody", "off"])
def test_every_failure_costs_one_find_one_hash_and_one_write(sm, user, commands, monkeypatch, name):
    sm.add_user("off", "A", "B", None, active=False)
    hashes = []
    monkeypatch.setattr("app.fabmongo.security.signin.check_password_hash", lambda *a: hashes.append(a))
    commands.seen.clear()
    sm.auth_user_db(name, "a wrong password")
    assert [command for command, _ in commands.seen] == ["find", "update"] and len(hashes) == 1


def test_a_right_password_during_a_pause_costs_the_same(sm, user, password, commands):
    User.objects(pk=user.pk).update(locked_until=utc_now() + timedelta(minutes=1))
    commands.seen.clear()
    assert sm.auth_user_db("somsri", password) is None
    assert [command for command, _ in commands.seen] == ["find", "update"]


def test_a_typed_name_that_nobody_has_is_not_logged(sm, user, caplog):
    caplog.set_level(logging.INFO)
    sm.auth_user_db("my secret typed in the wrong box", "a wrong password")
    assert "my secret" not in caplog.text and "Sign-in failed" in caplog.text


def test_failures_pause_an_account_and_the_right_password_too(sm, user, password, quick):
    fail(sm, user, 2)
    assert stored(user).locked_until is None
    fail(sm, user, 1)
    assert stored(user).locked_until > utc_now() + timedelta(minutes=14)
    assert sm.auth_user_db("somsri", password) is None


def test_a_pause_is_not_lengthened(sm, user, quick):
    fail(sm, user, 3)
    until = stored(user).locked_until
    fail(sm, user, 4)
    assert stored(user).locked_until == until and stored(user).fail_login_count == 7


def test_after_a_pause_the_count_begins_anew(sm, user, password, quick):
    fail(sm, user, 3)
    User.objects(pk=user.pk).update(locked_until=utc_now() - timedelta(seconds=1))
    fail(sm, user, 1)
    assert (stored(user).fail_login_count, stored(user).locked_until) == (1, None)
    assert sm.auth_user_db("somsri", password) == user


def test_signing_in_forgets_the_failures(sm, user, password, quick):
    fail(sm, user, 2)
    assert sm.auth_user_db("somsri", password) == user
    assert stored(user).fail_login_count == 0


def test_a_pause_that_begins_during_a_sign_in_refuses_it(sm, user, quick):
    stale = stored(user)
    fail(sm, user, 3)
    assert sm.update_user_auth_stat(stale, True) is False
    assert stored(user).login_count == 0


def test_20_failures_at_once_count_to_20(app, user, new_browser):
    def attempt(_):
        return new_browser(app).sign_in("somsri", "a wrong password").status_code

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(attempt, range(20))) == {200}
    assert stored(user).fail_login_count == 20
    assert stored(user).locked_until is not None


def test_a_wrong_present_password_counts_too(sm, user, password):
    assert sm.is_own_password(user, password)
    assert not sm.is_own_password(user, "a wrong password")
    assert stored(user).fail_login_count == 1


def test_hooks_are_called(sm, user, password, monkeypatch):
    called = []
    monkeypatch.setattr(sm, "on_user_login", lambda user: called.append("in"))
    monkeypatch.setattr(sm, "on_user_login_failed", lambda user: called.append("failed"))
    fail(sm, user, 1)
    sm.auth_user_db("somsri", password)
    assert called == ["failed", "in"]


def test_posts_are_limited_by_address_in_the_shared_store(new_app, new_browser, user, valkey_url):
    apps = [
        new_app(AUTH_RATE_LIMITED=True, AUTH_RATE_LIMIT="3 per minute", RATELIMIT_STORAGE_URI=valkey_url)
        for _ in range(2)
    ]
    statuses = [new_browser(apps[n % 2]).sign_in("somsri", "a wrong password").status_code for n in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert {new_browser(apps[0]).get("/login/").status_code for _ in range(5)} == {200}
    assert stored(user).fail_login_count == 3


def test_people_sign_in_and_are_limited_while_the_store_is_away(new_app, new_browser, user, tmp_path):
    site = new_app(
        AUTH_RATE_LIMITED=True, AUTH_RATE_LIMIT="3 per minute", RATELIMIT_STORAGE_URI=f"unix://{tmp_path}/nothing.sock"
    )
    statuses = [new_browser(site).sign_in("somsri").status_code for _ in range(4)]
    assert statuses == [302, 302, 302, 429]


@pytest.mark.parametrize(
    "given, wanted",
    [
        ("redis://h:1/0", "redis://h:1/0"),
        ("unix:///a/b.sock?db=1", "redis+unix:///a/b.sock?db=1"),
        ("redis+socket:///a/b.sock?virtual_host=1", "redis+unix:///a/b.sock?db=1"),
        ("redis+unix:///a.sock?db=0", "redis+unix:///a.sock?db=0"),
    ],
)
def test_addresses_of_the_store(given, wanted):
    assert storage_uri(given) == wanted
