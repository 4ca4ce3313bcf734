"""A line in the developer's log for each kind of list that no index serves: MongoDB's own plan, asked once a shape."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from flask import current_app, has_app_context
from pymongo.errors import PyMongoError

log = logging.getLogger(__name__)

SWITCH = "FABMONGO_INDEX_ADVICE"
"""Configuration key: on where people develop; elsewhere nothing is asked."""
SMALL = 1000
"""A collection of fewer rows is read through sooner than an index is worth."""
MOST_SHAPES = 1000
EQUAL = {"$eq", "$in"}
RANGE = {"$gt", "$gte", "$lt", "$lte"}
FULL = {"[MinKey, MaxKey]", "[MaxKey, MinKey]"}

Sort = list[tuple[str, int]]
_seen: set[str] = set()


def look(document: Any, clauses: dict[str, Any], sort: Sort) -> None:
    """Log a warning if no index serves this filter and order; at most once for each shape in a process."""
    if not (has_app_context() and current_app.config.get(SWITCH)):
        return
    shape = f"{document.__name__} {_shape(clauses)} {sort}"
    if shape in _seen or len(_seen) >= MOST_SHAPES:
        return
    _seen.add(shape)
    if _names_one(document, fields_of(clauses)[0]):
        return
    try:
        collection = document._get_collection()
        if collection.estimated_document_count() < SMALL:
            return
        find = {"find": collection.name, "filter": clauses, "sort": dict(sort), "limit": 1}
        told = collection.database.command("explain", find, verbosity="queryPlanner")
    except PyMongoError:
        return  # What the list itself cannot do it will say itself.
    plan = told.get("queryPlanner", {}).get("winningPlan", {})
    if not serves(plan, clauses):
        _warn(document, clauses, sort)


def _names_one(document: Any, equal: list[str]) -> bool:
    """Whether a filter asks for unique values: of so few rows the order does not matter."""
    unique = [spec["fields"] for spec in document._meta.get("index_specs") or () if spec.get("unique")]
    return any({name for name, _ in keys} <= set(equal) for keys in [*unique, [("_id", 1)]])


def serves(plan: dict[str, Any], clauses: dict[str, Any]) -> bool:
    """Whether a winning plan neither reads all rows, nor sorts them, nor walks an index from end to end to filter."""
    stages = list(_stages(plan))
    if {"COLLSCAN", "SORT"} & {stage["stage"] for stage in stages}:
        return False
    scans = [stage for stage in stages if stage["stage"] == "IXSCAN"]
    walks = [all(set(bounds) <= FULL for bounds in (scan.get("indexBounds") or {}).values()) for scan in scans]
    equal, ranges = fields_of(clauses)
    return not (walks and all(walks) and (equal or ranges))


def _stages(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if isinstance(node.get("stage"), str):
            yield node
        for name, inner in node.items():
            if name != "slotBasedPlan":
                yield from _stages(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _stages(inner)


def fields_of(clauses: dict[str, Any]) -> tuple[list[str], list[str]]:
    """(fields compared with single values, fields compared by range) of a filter; alternatives are left out."""
    equal: list[str] = []
    ranges: list[str] = []
    for name, condition in clauses.items():
        if name == "$and":
            for inner in condition:
                for known, more in zip((equal, ranges), fields_of(inner), strict=True):
                    known += more
        elif not name.startswith("$"):
            if not _operators(condition) or EQUAL & set(condition):
                equal.append(name)
            elif RANGE & set(condition) or str(condition.get("$regex", "")).startswith("^"):
                ranges.append(name)
    return list(dict.fromkeys(equal)), [name for name in dict.fromkeys(ranges) if name not in equal]


def _operators(condition: Any) -> bool:
    return isinstance(condition, dict) and any(name.startswith("$") for name in condition)


def suggested(clauses: dict[str, Any], sort: Sort) -> Sort:
    """Keys of an index that would serve: single values first, then the order, then ranges; [] where none would."""
    equal, ranges = fields_of(clauses)
    order = [(name, sign) for name, sign in sort if name not in equal]
    if not equal and not ranges and {name for name, _ in order} <= {"_id"}:
        return []
    there = {name for name, _ in order}
    return [*((name, 1) for name in equal), *order, *((name, 1) for name in ranges if name not in there)]


def _warn(document: Any, clauses: dict[str, Any], sort: Sort) -> None:
    # Names of fields alone: a value may be somebody's ID number.
    keys = suggested(clauses, sort)
    advice = f"an index that would: {keys}" if keys else "no index can, for it looks inside texts or for alternatives"
    log.warning(
        "%s: no index serves the filter on (%s) ordered by (%s); %s",
        document.__name__, ", ".join(sorted(_named(clauses))) or "nothing", ", ".join(name for name, _ in sort), advice,
    )  # fmt: skip


def _named(clauses: Any) -> set[str]:
    """Every field that a filter names."""
    if isinstance(clauses, list):
        return {name for one in clauses for name in _named(one)}
    if not isinstance(clauses, dict):
        return set()
    found = {name for name in clauses if not name.startswith("$")}
    return found | {name for key, inner in clauses.items() if key.startswith("$") for name in _named(inner)}


def _shape(value: Any) -> Any:
    """A filter without its values: the same for every person and every word searched for."""
    if isinstance(value, dict):
        pairs = value.items()
        return {k: ("^" if str(v).startswith("^") else "") if k == "$regex" else _shape(v) for k, v in pairs}
    if isinstance(value, list):
        inside = [_shape(one) for one in value if isinstance(one, dict)]
        return inside or "several"
    return "one"
