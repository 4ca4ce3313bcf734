"""One transaction of MongoDB around a piece of work."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mongoengine.connection import get_connection
from pymongo.client_session import ClientSession

T = TypeVar("T")


def in_transaction(work: Callable[[ClientSession], T]) -> T:
    """Do `work` in one transaction, anew where another write came between; returns what it returns."""
    with get_connection().start_session() as session:
        return session.with_transaction(work)
