"""Accounts: a person's role fits the level of the person's area, and the area is read from the stored tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from pymongo.client_session import ClientSession

from app.enums import Level
from app.errors import Problem
from app.fabmongo.scope import Area
from app.fabmongo.security.models import Role, User
from app.fabmongo.security.passwords import hash_password, random_password
from app.fabmongo.writes import WriteRules
from app.services.administrators import is_administrator, keep_an_administrator
from app.services.areas import AreaPath, area_of
from app.thai import normalise_code

LEVEL_OF_ROLE = {
    "dla": Level.COUNTRY,
    "province": Level.PROVINCE,
    "district": Level.DISTRICT,
    "lao": Level.LAO,
    "school": Level.SCHOOL,
}
"""Where a person of each role of `roles.ROLES` works; a role that is not here is the whole country's."""


@dataclass(frozen=True)
class SystemActor:
    """The installation itself, acting from its own command line."""

    username: str = "system"
    area: Area | None = field(default_factory=lambda: Area("country"))


SYSTEM = SystemActor()


@dataclass(frozen=True)
class NewAccount:
    """An account just made or given a new password, with the password that is told once."""

    role: str
    username: str
    password: str
    area: str


class AccountStore(Protocol):
    """What is needed of the security manager."""

    def find_role(self, name: str) -> Role | None: ...

    def find_user(self, username: str | None = None) -> User | None: ...

    def add_user(self, **fields: Any) -> User: ...

    def reset_password(self, userid: Any, password: str) -> None: ...


class AccountRules(WriteRules):
    """For the form of accounts: `area_level` and `area_code` are typed, path and names of the area follow."""

    def before_write(self, actor: Any, document: User, before: Any) -> None:
        level = str(document.area_level or "")
        path = area_of(level, normalise_code(document.area_code or ""))
        for role in document.role_names:
            _check_role(role, Level(level))
        for name, value in area_fields(level, path).items():
            setattr(document, name, value)
        if not document.password:
            document.password = hash_password(random_password(8))  # nobody knows it: a password is issued later

    def after_write(self, actor: Any, document: User, before: Any, session: ClientSession) -> None:
        if before is not None and is_administrator(before) and not is_administrator(document.to_mongo()):
            keep_an_administrator(session)

    def after_delete(self, actor: Any, document: User, session: ClientSession) -> None:
        if is_administrator(document.to_mongo()):
            keep_an_administrator(session)

    def before_delete(self, actor: Any, document: User) -> None:
        if getattr(actor, "username", None) == document.username:
            raise Problem(
                "ลบบัญชีของท่านเองไม่ได้ โปรดให้ผู้ดูแลระบบคนอื่นลบให้",
                "You cannot delete your own account. Ask another administrator.",
                kind="conflict",
            )


def create_account(
    store: AccountStore,
    role: str,
    username: str,
    area_code: str = "",
    *,
    first_name: str = "เจ้าหน้าที่",
    last_name: str | None = None,
    must_change_password: bool = True,
) -> NewAccount:
    """Make an account of a role in the area `area_code` of the role's level, with a random password.

    last_name: the area's name where none is given. Raises Problem on role or area_code; WriteRefused on a taken name.
    """
    stored, level, path = _role_and_area(store, role, area_code)
    password = random_password()
    store.add_user(
        username=username, first_name=first_name, last_name=last_name or path.name_th[:64], email=None, role=stored,
        password=password, must_change_password=must_change_password, active=True, **area_fields(level, path),
    )  # fmt: skip
    return NewAccount(role, username, password, path.name_th)


def renew_account(store: AccountStore, role: str, username: str, area_code: str = "") -> NewAccount:
    """`create_account`, or a new random password where the user name exists already."""
    user = store.find_user(username=username)
    if user is None:
        return create_account(store, role, username, area_code, must_change_password=False)
    password = random_password()
    store.reset_password(user.pk, password)
    return NewAccount(role, username, password, str(user.area_name_th))


def area_fields(level: str, path: AreaPath) -> dict[str, Any]:
    """The fields of a user that say where that person works."""
    return {
        "area_level": str(level), "area_code": path.codes.get(level) or None, "area_codes": path.codes,
        "area_name_th": path.name_th, "area_name_en": path.name_en,
    }  # fmt: skip


def _role_and_area(store: AccountStore, role: str, area_code: str) -> tuple[Role, Level, AreaPath]:
    stored, level = store.find_role(role), LEVEL_OF_ROLE.get(role)
    if stored is None or level is None:
        raise Problem(
            f"ไม่พบบทบาท “{role[:20]}” โปรดสั่ง flask --app app init ก่อน",
            f"There is no role “{role[:20]}”. Run `flask --app app init` first.",
            "role",
        )
    return stored, level, area_of(level, area_code)


def _check_role(role: str, level: Level) -> None:
    wanted = LEVEL_OF_ROLE.get(role, Level.COUNTRY)
    if wanted is not level:
        raise Problem(
            f"บทบาท {role} ใช้กับพื้นที่ระดับ “{wanted.th}” แต่เลือกระดับ “{level.th}” โปรดเลือกให้ตรงกัน",
            f"The role {role} goes with the level “{wanted.en}”, not “{level.en}”. Choose ones that fit.",
            "area_level",
        )
