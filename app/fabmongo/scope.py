"""Who may reach which rows: an area on the person, a scope on the document, denied unless granted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import current_app, has_request_context

Filter = dict[str, Any]
"""A MongoDB filter of equalities and `$in` on top-level fields; {} is every row."""


@dataclass(frozen=True)
class Area:
    """A place in the tree of areas: its level and the code of every level above and at it."""

    level: str
    codes: Mapping[str, str] = field(default_factory=dict)


class Actor(Protocol):
    """Whoever acts: all that the data interface needs to know of a person."""

    @property
    def area(self) -> Area | None: ...


class Scope(Protocol):
    """What a document declares; each answer is a filter, or None where nothing is granted."""

    def reads(self, area: Area) -> Filter | None: ...

    def writes(self, area: Area) -> Filter | None: ...


class PathScope:
    """Rows that carry the codes of their own area.

    `top` is the level that sees everything. Each other level is named with the raw field that
    holds its code, or with (raw field, level whose code is compared). `write` lists the levels
    that may change rows; without it every level that reads may write.
    """

    def __init__(
        self,
        *,
        top: str = "country",
        write: tuple[str, ...] | None = None,
        **fields: str | tuple[str, str],
    ) -> None:
        self.top = top
        self.write = write
        self.fields = {
            level: (spec, level) if isinstance(spec, str) else spec
            for level, spec in fields.items()
        }

    def reads(self, area: Area) -> Filter | None:
        if area.level == self.top:
            return {}
        spec = self.fields.get(area.level)
        code = area.codes.get(spec[1]) if spec else None
        return {spec[0]: code} if spec and code else None

    def writes(self, area: Area) -> Filter | None:
        if self.write is not None and area.level not in self.write:
            return None
        return self.reads(area)


class SharedScope:
    """Rows that everybody with an area may read, such as the list of provinces."""

    def __init__(self, *, write: tuple[str, ...] = ("country",)) -> None:
        self.write = write

    def reads(self, area: Area) -> Filter | None:
        return {}

    def writes(self, area: Area) -> Filter | None:
        return {} if area.level in self.write else None


_acting: ContextVar[Actor | None] = ContextVar("fabmongo_actor", default=None)


@contextmanager
def acting_as(actor: Actor | None) -> Iterator[None]:
    """Let `actor` act inside the block: for the command line, jobs and tests."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def current_actor() -> Any:
    """The person who acts now: set by `acting_as`, else the one signed in; None is nobody."""
    actor = _acting.get()
    if actor is None and has_request_context():
        actor = current_app.appbuilder.sm.current_user  # type: ignore[attr-defined]
    return actor


def _granted(document: type, kind: str) -> Filter | None:
    actor = current_actor()
    area = actor.area if actor is not None else None
    scope = getattr(document, "scope", None)
    if area is None or scope is None:
        return None
    granted: Filter | None = getattr(scope, kind)(area)
    return granted


def read_filter(document: type) -> Filter | None:
    """The rows of `document` that the acting person may read; None is none at all."""
    return _granted(document, "reads")


def write_filter(document: type) -> Filter | None:
    """The rows of `document` that the acting person may change; None is none at all."""
    return _granted(document, "writes")


def matches(raw: Mapping[str, Any], granted: Filter | None) -> bool:
    """Whether a raw document lies inside a granted filter."""
    if granted is None:
        return False
    for name, wanted in granted.items():
        value = raw.get(name)
        if isinstance(wanted, dict):
            if value not in wanted["$in"]:
                return False
        elif value != wanted:
            return False
    return True
