"""Signing in: one answer and one duration for every failure; after many failures, a pause."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from blinker import signal
from flask import Flask, current_app
from flask_appbuilder.security.manager import BaseSecurityManager
from flask_appbuilder.security.utils import is_null_password
from flask_limiter import Limiter
from werkzeug.security import check_password_hash

from app.fabmongo.security.models import User
from app.fabmongo.security.passwords import LONGEST
from app.fabmongo.security.users import utc_now

log = logging.getLogger(__name__)

SIGN_IN = signal("fabmongo-sign-in")
"""Sent after each attempt with `result`: "ok", "refused", or "paused" where the account is refused for a while."""
ATTEMPTS = "sign_in_attempts"
"""A collection of one row: attempts on names nobody has, written so that they take as long."""


def storage_uri(uri: str) -> str:
    """A Redis address as Flask-Limiter spells it; Celery and redis-py name sockets otherwise."""
    for scheme in ("redis+socket://", "unix://"):
        if uri.startswith(scheme):
            return "redis+unix://" + uri.removeprefix(scheme).replace("virtual_host=", "db=")
    return uri


def failure_pipeline(after: int, minutes: int) -> list[dict[str, Any]]:
    """The update that counts a failure and starts a pause, as one atomic step of MongoDB.

    A pause that is over starts the count afresh. A failure during a pause is counted but does not
    lengthen it, so nobody can lock another person out for ever.
    """
    now = utc_now()
    paused = {"$gt": ["$locked_until", now]}
    over = {"$and": [{"$gt": ["$locked_until", None]}, {"$not": [paused]}]}
    count = {"$cond": [over, 0, {"$ifNull": ["$fail_login_count", 0]}]}
    reached = {"$and": [{"$gte": ["$fail_login_count", after]}, {"$not": [paused]}]}
    until = {"$cond": [reached, now + timedelta(minutes=minutes), "$locked_until"]}
    return [
        {"$set": {"fail_login_count": {"$add": [count, 1]}}},
        {"$set": {"locked_until": {"$cond": [over, "$$REMOVE", "$locked_until"]}}},
        {"$set": {"locked_until": until}},
    ]


def is_paused(user: User) -> bool:
    """Whether this account is refused for a while because of many failures."""
    return user.locked_until is not None and user.locked_until > utc_now()


class SignIn(BaseSecurityManager):
    """Authentication against the stored hashes, with the limits that keep guessing slow."""

    def create_limiter(self, app: Flask) -> Limiter:
        """Flask-Limiter on the shared store; AUTH_RATE_LIMITED alone switches it on."""
        config = app.config
        config["RATELIMIT_STORAGE_URI"] = storage_uri(
            config.get("RATELIMIT_STORAGE_URI") or "memory://"
        )
        # Without its store the limit counts in this process: slower guessing still, and people
        # can sign in while the store is away.
        config.setdefault("RATELIMIT_IN_MEMORY_FALLBACK_ENABLED", True)
        if config["RATELIMIT_STORAGE_URI"].startswith("redis"):
            config.setdefault("RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": 2, "socket_timeout": 2})
        if self.is_auth_limited:
            config["RATELIMIT_ENABLED"] = True
        return super().create_limiter(app)

    def limit_sign_in(self, endpoint: str) -> None:
        """Limit POSTs to the sign-in form by address; looking at the form is free."""
        limited = self.limiter.limit(self.auth_rate_limit, methods=["POST"])
        current_app.view_functions[endpoint] = limited(current_app.view_functions[endpoint])

    def auth_user_db(self, username: str | None, password: str | None) -> User | None:
        """The person of this name (or e-mail) and password; None for every failure.

        Each failure costs one find, one hash and one write, whether the name exists or not.
        """
        if not username or is_null_password(password) or max(len(username), len(password or "")) > LONGEST:
            SIGN_IN.send(self, result="refused")
            return None
        user = self.find_by_sign_in_name(username)
        right = check_password_hash(self._hash_of(user), password or "")
        right = right and user is not None and user.is_active and not is_paused(user)
        if user is not None and right and self.update_user_auth_stat(user):
            SIGN_IN.send(self, result="ok")
            return user
        if user is None:
            self.noop_user_update(None)
        elif not right:
            self.update_user_auth_stat(user, False)
        paused = user is not None and is_paused(user)
        SIGN_IN.send(self, result="paused" if paused else "refused")
        log.info("Sign-in failed for %s", user.username if user else "a name nobody has")
        return None

    def is_own_password(self, user: User, password: str) -> bool:
        """Whether a signed-in person's present password is `password`; wrong ones are counted."""
        right = check_password_hash(self._hash_of(user), password)
        if not right:
            self.update_user_auth_stat(user, False)
        return right and not is_paused(user)

    def _hash_of(self, user: User | None) -> str:
        stored = user.password if user is not None else None
        return str(stored or current_app.config["AUTH_DB_FAKE_PASSWORD_HASH_CHECK"])

    def update_user_auth_stat(self, user: User, success: bool = True) -> bool:
        """Count a sign-in or a failure; False where a success is refused because of a pause."""
        rows = self.user_model._get_collection()
        if not success:
            after = int(current_app.config["FABMONGO_LOCKOUT_AFTER"])
            minutes = int(current_app.config["FABMONGO_LOCKOUT_MINUTES"])
            rows.update_one({"_id": user.pk}, failure_pipeline(after, minutes))
            self.on_user_login_failed(user)
            return True
        now = utc_now()
        done = rows.update_one(
            {"_id": user.pk, "active": True, "locked_until": {"$not": {"$gt": now}}},
            {
                "$inc": {"login_count": 1},
                "$set": {"last_login": now, "fail_login_count": 0},
                "$unset": {"locked_until": 1},
            },
        )
        if done.matched_count == 0:
            self.on_user_login_failed(user)
            return False
        self.on_user_login(user)
        return True

    def on_user_logout(self, user: User) -> None:
        """Signing out ends every session of the person: office computers are shared."""
        User._get_collection().update_one({"_id": user.pk}, {"$inc": {"session_epoch": 1}})

    def noop_user_update(self, user: User | None) -> None:
        """Spend the time of a counted failure and leave every user as it is."""
        rows = self.user_model._get_db()[ATTEMPTS]
        rows.update_one({"_id": "unknown"}, {"$inc": {"count": 1}}, upsert=True)
