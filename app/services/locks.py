"""What locks a submission now, with the extensions that were given; and which rounds still take entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.extensions import Extension
from app.documents.rounds import Round
from app.enums import Level, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.rules import locks
from app.rules.deadlines import phase
from app.rules.locks import Lock

Raw = dict[str, Any]
Codes = Mapping[str, Any]
"""Raw codes of a place: lao_code and, for one school, school_code. A raw submission is one."""


def lock_of(
    round_: Raw, codes: Codes, state: SubmissionState, today: date | None = None, *,
    level: Level = Level.LAO, session: ClientSession | None = None,
) -> Lock | None:  # fmt: skip
    """What keeps people of `level` from changing the count of a school in a raw round; None where nothing does."""
    today = today or thai_today()
    return locks.lock(round_, _extensions(round_, codes, today, session), state, level, today, codes)


def date_lock_of(
    round_: Raw, codes: Codes, today: date | None = None, *,
    level: Level = Level.LAO, session: ClientSession | None = None,
) -> Lock | None:  # fmt: skip
    """The lock by the dates of a raw round and by extensions, whatever the state is."""
    today = today or thai_today()
    return locks.date_lock(round_, _extensions(round_, codes, today, session), level, today, codes)


def first_date_lock(
    round_: Raw, places: Sequence[Codes], today: date | None = None, *, session: ClientSession | None = None
) -> Lock | None:
    """The first lock by dates among places of one LAO, for its own people; one command at most."""
    today = today or thai_today()
    given = _extensions(round_, places[0], today, session) if places else []
    found = (locks.date_lock(round_, given, Level.LAO, today, codes) for codes in places)
    return next((lock for lock in found if lock is not None), None)


def problem_of(lock: Lock, place_th: str = "", place_en: str = "") -> Problem:
    """A lock as a Problem "conflict": which rule locks, and who can lift it. place: what it is about, with a colon."""
    return Problem(f"{place_th}{lock.th} {lock.who_th}", f"{place_en}{lock.en} {lock.who_en}", "state", "conflict")


def problem_with(row: Raw, lock: Lock) -> Problem:
    """`problem_of` that names the school and the round of a raw submission."""
    school, round_code = row["school_code"], row["round_code"]
    return problem_of(lock, f"สถานศึกษารหัส {school} รอบ {round_code}: ", f"School {school}, round {round_code}: ")


def refuse(lock: Lock | None) -> None:
    """Raise the lock, if there is one."""
    if lock is not None:
        raise problem_of(lock)


def level_of(actor: Actor) -> Level | None:
    """The level of a person's area; None where nothing was granted."""
    return Level(actor.area.level) if actor.area is not None else None


def rounds_taking_entries(session: ClientSession | None = None, today: date | None = None) -> list[Raw]:
    """Raw rounds whose last day has not passed or was extended for somebody, by code; one command.

    Each carries `extensions`, raw: those that are still in force. Which schools may enter says `entry_filter`.
    """
    midnight = datetime.combine(today or thai_today(), time())
    in_force = [
        {"$match": {"$expr": {"$and": [{"$eq": ["$round_code", "$$code"]}, {"$gte": ["$until", midnight]}]}}},
        {"$project": {"lao_code": 1, "school_code": 1, "until": 1}},
    ]
    source = Extension._get_collection_name()
    given = {"from": source, "let": {"code": "$_id"}, "pipeline": in_force, "as": "extensions"}
    open_still = [{"closes_on": None}, {"closes_on": {"$gte": midnight}}, {"extensions": {"$ne": []}}]
    stages: list[Raw] = [{"$lookup": given}, {"$match": {"$or": open_still}}, {"$sort": {"_id": 1}}]
    return list(Round._get_collection().aggregate(stages, session=session))


def entry_filter(round_: Raw, today: date | None = None) -> Raw:
    """A MongoDB filter of the schools that may enter in a round of `rounds_taking_entries`: until its last day, all.

    A round that was chosen otherwise, without its extensions, is taken as it is.
    """
    now = phase(round_["opens_on"], round_.get("closes_on"), today or thai_today())
    if "extensions" not in round_ or now != "closed":
        return {}
    names = ("lao_code", "school_code")
    return {"$or": [{name: row[name] for name in names if row.get(name)} for row in round_["extensions"]]}


def _extensions(round_: Raw, codes: Codes, today: date, session: ClientSession | None) -> list[Raw]:
    """Extensions are looked up only where the round's own dates would lock."""
    if phase(round_["opens_on"], round_.get("closes_on"), today) != "closed":
        return []
    where = {"round_code": round_["_id"], "lao_code": codes.get("lao_code")}
    return list(Extension._get_collection().find(where, session=session))
