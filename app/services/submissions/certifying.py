"""An LAO's own certification of a round: it names the officer, freezes the sums and submits all its schools at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.certifications import Certification
from app.documents.lao import Lao
from app.documents.rounds import Round
from app.documents.schools import School
from app.documents.steps import SubmissionStep
from app.documents.submissions import Submission
from app.enums import Level, SchoolKind, Step, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Actor, matches
from app.rules.digests import submissions_digest
from app.rules.locks import Lock
from app.rules.transitions import check_step
from app.services.areas import scope_filter
from app.services.locks import first_date_lock, level_of, refuse
from app.services.submissions import checks
from app.services.submissions.steps import LONGEST_NAME, history_row
from app.services.transactions import in_transaction
from app.thai import normalise_name

Raw = dict[str, Any]
_S = SubmissionState

READY = (_S.VERIFIED, _S.SUBMITTED, _S.ACCEPTED)
"""States of submissions that an LAO can certify."""

NAMED = 5
"""Schools that a refusal names; of the rest it says how many."""


@dataclass(frozen=True, slots=True)
class LaoStanding:
    """An LAO in a round. rows: raw submissions with name_th, by state and name. certification: raw, where there is one.

    missing: rows that keep the LAO from certifying: not verified yet, or changed since they were certified.
    """

    round: Raw
    lao: Lao
    rows: list[Raw]
    certification: Raw | None
    states: Counter[SubmissionState] = field(default_factory=Counter)
    missing: list[Raw] = field(default_factory=list)

    @property
    def current(self) -> bool:
        """Whether a certification stands and says how things are: nothing changed, nothing left to submit."""
        given = self.certification
        handed_in = all(row["state"] in (_S.SUBMITTED, _S.ACCEPTED) for row in self.rows)
        return given is not None and not given.get("stale") and handed_in and not self.missing

    @property
    def lock(self) -> Lock | None:
        """What keeps the LAO from certifying now, by the dates."""
        return first_date_lock(self.round, places_of(self.rows, str(self.lao.pk), _S.VERIFIED))

    def total(self, name: str) -> int:
        """The sum of a count (male, female or total) over the submissions; those without a count add nothing."""
        return sum(row.get(name) or 0 for row in self.rows)


def certification_code(round_code: str, lao_code: str) -> str:
    """The key of a certification."""
    return f"{round_code}:{lao_code}"


def standing_of_lao(actor: Actor, round_code: str, lao_code: str) -> LaoStanding:
    """How far an LAO is. Raises Problem "not_found" where there is no such LAO or round that the actor can see."""
    found = Lao._get_collection().find_one({"_id": lao_code})
    round_ = Round._get_collection().find_one({"_id": round_code})
    path = {**(found or {}), "lao_code": lao_code}
    if found is None or round_ is None or not matches(path, scope_filter(actor, Certification)):
        raise _unknown()
    rows = _rows(round_code, lao_code, None)
    schools = School._get_collection().find({"_id": {"$in": [row["school_code"] for row in rows]}}, {"name_th": 1})
    names = {school["_id"]: school["name_th"] for school in schools}
    for row in rows:
        row["name_th"] = names.get(row["school_code"], row["school_code"])
    rows.sort(key=lambda row: (row["kind"] == SchoolKind.OTHER.value, row["name_th"], row["_id"]))
    given = Certification._get_collection().find_one({"_id": certification_code(round_code, lao_code)})
    states = Counter(SubmissionState(row["state"]) for row in rows)
    return LaoStanding(round_, Lao._from_son(found), rows, given, states, _missing(rows))


def certify_lao(
    actor: Actor, round_code: str, lao_code: str, officer_name: str, officer_position: str
) -> Certification:
    """Freeze the sums of an LAO's submissions under the officer's name and submit those that are verified.

    Certifying again renews it. Raises Problem: "not_found"/"forbidden" unless it is the actor's own LAO; "conflict"
    where something is missing (named with its state) or the round takes no entries; on officer_name, officer_position.
    """
    name = _required(officer_name, "officer_name", "ชื่อผู้รับรอง", "the officer's name")
    position = _required(officer_position, "officer_position", "ตำแหน่งผู้รับรอง", "the officer's position")

    def work(session: ClientSession) -> Raw:
        rows = _own(actor, round_code, lao_code, _S.VERIFIED, session)
        if not rows or _missing(rows):
            raise _not_ready(_missing(rows), session)
        for row in rows:
            checks.run(checks.SUBMIT_CHECKS, row, session)
        fields = {
            "officer_name": name, "officer_position": position, "certified_by": getattr(actor, "username", None),
            "certified_on": stored_now(), "schools": len(rows), "digest": submissions_digest(rows), "stale": False,
            **{part: sum(row.get(part) or 0 for row in rows) for part in ("male", "female", "total")},
        }  # fmt: skip
        path = {part: rows[0].get(part) for part in ("round_code", "lao_code", "district_code", "province_code")}
        key = {"_id": certification_code(round_code, lao_code)}
        Certification._get_collection().update_one(key, {"$set": {**path, **fields}}, upsert=True, session=session)
        verified = [row for row in rows if row["state"] == _S.VERIFIED]
        _move(actor, verified, Step.SUBMIT, f"{name} ({position})", session)
        return Certification._get_collection().find_one(key, session=session) or {}

    found: Certification = Certification._from_son(in_transaction(work))
    return found


def withdraw_lao(actor: Actor, round_code: str, lao_code: str) -> int:
    """Take back all that an LAO submitted and nobody accepted; its certification needs renewing. Returns how many.

    Raises Problem as `certify_lao`, and "conflict" where there is nothing to take back.
    """

    def work(session: ClientSession) -> int:
        rows = _own(actor, round_code, lao_code, _S.SUBMITTED, session)
        submitted = [row for row in rows if row["state"] == _S.SUBMITTED]
        if not submitted:
            raise Problem(
                "ไม่มีข้อมูลที่เรียกคืนได้ ข้อมูลที่กรมรับแล้วต้องขอให้กรมปลดล็อกก่อน",
                "There is nothing to take back. What the Department has accepted must be unlocked by it first.",
                kind="conflict",
            )
        stale = {"$set": {"stale": True}}
        Certification._get_collection().update_one(
            {"_id": certification_code(round_code, lao_code)}, stale, session=session
        )
        _move(actor, submitted, Step.RECALL, "", session)
        return len(submitted)

    return int(in_transaction(work))


def _rows(round_code: str, lao_code: str, session: ClientSession | None) -> list[Raw]:
    where = {"round_code": round_code, "lao_code": lao_code}
    return list(Submission._get_collection().find(where, session=session).sort("_id", 1))


def _own(actor: Actor, round_code: str, lao_code: str, moving: SubmissionState, session: ClientSession) -> list[Raw]:
    """The raw submissions of the actor's own LAO in a round that takes entries of those in the state `moving`."""
    area = actor.area
    if area is None or Lao.scope.reads(area) is None:
        raise _unknown()
    if level_of(actor) is not Level.LAO or area.codes.get("lao") != lao_code:
        raise Problem(
            "การรับรองของ อปท. เป็นของเจ้าหน้าที่ อปท. นั้นเอง",
            "An LAO's certification is given by its own officer.",
            kind="forbidden",
        )
    round_ = Round._get_collection().find_one({"_id": round_code}, session=session)
    if round_ is None:
        raise _unknown()
    rows = _rows(round_code, lao_code, session)
    refuse(first_date_lock(round_, places_of(rows, lao_code, moving), session=session))
    return rows


def places_of(rows: Iterable[Raw], lao_code: str, moving: SubmissionState) -> list[Raw]:
    """What must not be locked for a step of the whole LAO: the rows it moves, and where there are none the LAO itself.

    So an extension for one school is enough to submit that school anew.
    """
    return [row for row in rows if row["state"] == moving] or [{"lao_code": lao_code}]


def _missing(rows: Iterable[Raw]) -> list[Raw]:
    return [row for row in rows if row["state"] not in READY or row.get("roster_changed")]


def _move(actor: Actor, rows: list[Raw], step: Step, text: str, session: ClientSession) -> None:
    """One step of many rows at once; the transaction begins again where somebody else moved one of them meanwhile."""
    if not rows:
        return
    after = check_step(step, SubmissionState(rows[0]["state"]), Level.LAO).after
    now, by = stored_now(), getattr(actor, "username", None)
    Submission._get_collection().update_many(
        {"_id": {"$in": [row["_id"] for row in rows]}, "state": rows[0]["state"]},
        {
            "$set": {
                "state": str(after),
                "state_by": by,
                "state_on": now,
                "changed_by": by,
                "changed_on": now,
                **({"submitted_on": now} if step is Step.SUBMIT else {}),
            },
            "$unset": {"state_note": "", **({"submitted_on": ""} if step is Step.RECALL else {})},
        },
        session=session,
    )
    history = [history_row(actor, row, step, after, text) for row in rows]
    SubmissionStep._get_collection().insert_many(history, session=session)


def _not_ready(missing: list[Raw], session: ClientSession) -> Problem:
    if not missing:
        return Problem(
            "อปท. นี้ยังไม่มีสถานศึกษาในรอบนี้ จึงไม่มีข้อมูลให้รับรอง", "This LAO has no school in the round.", kind="conflict"
        )
    codes = [row["school_code"] for row in missing[:NAMED]]
    schools = School._get_collection().find({"_id": {"$in": codes}}, {"name_th": 1}, session=session)
    names = {row["_id"]: row["name_th"] for row in schools}
    shown = [(names.get(row["school_code"], row["school_code"]), *_labels(row)) for row in missing[:NAMED]]
    more = len(missing) - len(shown)
    return Problem(
        "ยังรับรองไม่ได้ เพราะมีสถานศึกษาที่ยังไม่พร้อม: " + ", ".join(f"{name} ({th})" for name, th, _ in shown)
        + (f" และอีก {more} แห่ง" if more else ""),
        "Not certified: some schools are not ready: " + ", ".join(f"{name} ({en})" for name, _, en in shown)
        + (f" and {more} more" if more else "") + ".",
        kind="conflict",
    )  # fmt: skip


def _labels(row: Raw) -> tuple[str, str]:
    if row.get("roster_changed"):
        return "ทะเบียนเปลี่ยนหลังรับรอง", "changed since it was certified"
    state = SubmissionState(row["state"])
    return state.th, state.en


def _required(text: str, name: str, th: str, en: str) -> str:
    cleaned = normalise_name(text)
    if not cleaned or len(cleaned) > LONGEST_NAME:
        most = LONGEST_NAME
        raise Problem(f"โปรดระบุ{th} ไม่เกิน {most} ตัวอักษร", f"Give {en}, in at most {most} characters.", name)
    return cleaned


def _unknown() -> Problem:
    return Problem("ไม่พบ อปท. หรือรอบนี้ในพื้นที่ที่ท่านดูแล", "There is no such LAO or round in your area.", kind="not_found")
