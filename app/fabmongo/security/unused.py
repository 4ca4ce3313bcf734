"""What Flask-AppBuilder offers and is left out here: groups, own registration, API keys.

There are none, and every question about them says so. Making one is refused with the reason.
"""

from __future__ import annotations

from typing import Any, NoReturn

from flask_appbuilder.exceptions import FABException
from flask_appbuilder.security.manager import BaseSecurityManager


def _refuse(what: str, instead: str) -> NoReturn:
    raise FABException(f"There are no {what} here: {instead}")


class Unused(BaseSecurityManager):
    """Answers and refusals for the parts that are left out on purpose."""

    def find_group(self, name: str) -> None:
        """None: there are no groups."""

    def add_group(
        self, name: str, label: str, description: str, roles: Any = None, users: Any = None
    ) -> NoReturn:
        _refuse("groups", "a person's roles stand on the person; give the roles there.")

    def find_register_user(self, registration_hash: str) -> None:
        """None: nobody can be waiting for registration."""

    def add_register_user(
        self,
        username: str,
        first_name: str,
        last_name: str,
        email: str,
        password: str = "",
        hashed_password: str = "",
    ) -> NoReturn:
        _refuse("registrations", "accounts are opened by an administrator; use add_user.")

    def del_register_user(self, register_user: Any) -> bool:
        """False: there is nothing to delete."""
        return False

    def validate_api_key(self, api_key_string: str) -> None:
        """None: no key is valid."""

    def create_api_key(
        self, user: Any, name: str, scopes: str | None = None, expires_on: Any = None
    ) -> NoReturn:
        _refuse("API keys", "programs sign in as a user with an area of its own.")

    def revoke_api_key(self, uuid: str) -> bool:
        """False: there is no such key."""
        return False

    def find_api_keys_for_user(self, user_id: Any) -> list[Any]:
        """[]: nobody has a key."""
        return []

    def get_api_key_by_uuid(self, uuid: str) -> None:
        """None: there is no such key."""
