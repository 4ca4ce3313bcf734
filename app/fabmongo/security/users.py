"""Users in MongoDB: finding, adding and changing them, and giving them passwords."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId
from flask import has_request_context
from flask_appbuilder.security.manager import BaseSecurityManager
from mongoengine.errors import NotUniqueError, ValidationError
from mongoengine.queryset.visitor import Q

from app.fabmongo.errors import OutOfScope, WriteRefused
from app.fabmongo.labels import T
from app.fabmongo.scope import matches, write_filter
from app.fabmongo.security.models import Role, SignInName, User
from app.fabmongo.security.passwords import check_password, hash_password, random_password


def utc_now() -> datetime:
    """This moment, in UTC and without a zone, as MongoDB gives it back."""
    return datetime.now(UTC).replace(tzinfo=None)


def _is_taken(error: NotUniqueError) -> WriteRefused:
    text = T(
        "ชื่อผู้ใช้หรืออีเมลนี้มีผู้ใช้แล้ว โปรดใช้ชื่ออื่น",
        "This user name or e-mail is already in use. Choose another.",
    )
    return WriteRefused(text, {"email" if "index: email_" in str(error) else "username": text})


class UserStore(BaseSecurityManager):
    """What Flask-AppBuilder's security manager must do with users."""

    user_model: type[User] = User

    def get_user_by_id(self, pk: Any) -> User | None:
        """The user with this key, an ObjectId or its text; None on a malformed key."""
        try:
            found: User | None = self.user_model.objects(pk=ObjectId(pk)).first()
        except (InvalidId, TypeError):
            return None
        return found

    def find_user(self, username: str | None = None, email: str | None = None) -> User | None:
        """The user of this user name, or of this e-mail; case and width make no difference."""
        wanted = SignInName.fold(username or email)
        if wanted is None:
            return None
        found: User | None = self.user_model.objects(
            **{"username" if username else "email": wanted}
        ).first()
        return found

    def find_by_sign_in_name(self, name: str) -> User | None:
        """The user whose user name, or else whose e-mail, is `name`: one command either way."""
        wanted = SignInName.fold(name)
        if wanted is None:
            return None
        users = list(self.user_model.objects(Q(username=wanted) | Q(email=wanted)).limit(2))
        users.sort(key=lambda user: user.username != wanted)
        return users[0] if users else None

    def get_all_users(self) -> list[User]:
        return list(self.user_model.objects)

    def get_first_user(self) -> User | None:
        found: User | None = self.user_model.objects.order_by("id").first()
        return found

    def count_users(self) -> int:
        return int(self.user_model.objects.count())

    def add_user(
        self,
        username: str,
        first_name: str,
        last_name: str,
        email: str | None,
        role: Role | Iterable[Role] | None = None,
        password: str = "",
        hashed_password: str = "",
        **fields: Any,
    ) -> User:
        """Create a user and return it; without a password nobody can sign in as this user.

        `role` is a role or several; `fields` are other columns, such as area_level. Raises
        WriteRefused when a name is taken or a value is not valid, and FAB's
        PasswordComplexityValidationError on a bad password.
        """
        if password:
            check_password(password, username)
        now = utc_now()
        user = self.user_model(
            username=username,
            first_name=first_name,
            last_name=last_name,
            email=email,
            roles=[role] if isinstance(role, Role) else list(role or ()),
            password=hashed_password or hash_password(password or random_password(8)),
            **{"created_on": now, "changed_on": now, "password_changed_on": now} | fields,
        )
        return self._save(user, force_insert=True)

    def update_user(self, user: User) -> User:
        """Store the changed fields of a user; raises WriteRefused as `add_user` does."""
        user.changed_on = utc_now()
        return self._save(user)

    def _save(self, user: User, **options: Any) -> User:
        try:
            user.save(**options)
        except NotUniqueError as error:
            raise _is_taken(error) from None
        except ValidationError as error:
            faults = ", ".join(sorted(error.to_dict() or {"?": ""}))
            raise WriteRefused(
                T("ข้อมูลผู้ใช้ไม่ครบหรือไม่ถูกต้อง: {f}", "Missing or not valid: {f}", f=faults)
            ) from None
        return user

    def reset_password(self, userid: Any, password: str) -> None:
        """Give a user this password; every session opened with the old one ends."""
        user = self.get_user_by_id(userid)
        if user is None:
            raise WriteRefused(T("ไม่พบผู้ใช้รายนี้", "There is no such user."))
        check_password(password, user.username)
        self._store_password(user, password, must_change=False)

    def issue_password(self, user: User) -> str:
        """A new random password for `user`, to be told to that person once and changed at sign-in.

        It also unlocks the account. Inside a request the acting person must be allowed to change
        the user; otherwise OutOfScope is raised.
        """
        if has_request_context() and not matches(user.to_mongo(), write_filter(type(user))):
            raise OutOfScope()
        password = random_password()
        self._store_password(user, password, must_change=True)
        return password

    def _store_password(self, user: User, password: str, must_change: bool) -> None:
        now = utc_now()
        self.user_model.objects(pk=user.pk).update_one(
            set__password=hash_password(password),
            set__must_change_password=must_change,
            set__password_changed_on=now,
            set__changed_on=now,
            set__fail_login_count=0,
            unset__locked_until=True,
        )
        user.reload()
