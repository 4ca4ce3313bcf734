"""Asking for a count report and cancelling it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from mongoengine import NotUniqueError

from app import jobs
from app.documents.reports import ReportRow, ReportRun
from app.documents.rounds import Round
from app.enums import Level, RunState
from app.errors import Problem
from app.fabmongo.scope import Area
from app.services import claims
from app.services.areas import Place, find_place, inside, names_above
from app.services.claims import PICK_UP_WITHIN

OPEN = [RunState.WAITING.value, RunState.RUNNING.value]


class Requester(Protocol):
    """Who asks: an area and a name to write down."""

    @property
    def area(self) -> Area | None: ...

    @property
    def username(self) -> str: ...


def request_report(actor: Requester, round_code: str, area: Area) -> ReportRun:
    """A run of `area` in the round, put into the queue; one that waits or runs already is given back instead.

    Where the queue is down the stored run waits for a sweep. Only level and code of `area` are believed: its path is
    read anew. Raises Problem: "forbidden" on field area where the actor's area holds no such place, "invalid" on field
    round where there is none such.
    """
    place = find_place(area.level, area.codes.get(area.level, ""))
    if place is None or not inside(place.codes, actor.area):
        # One answer for both, which names nothing: whether a place exists elsewhere is not told.
        raise Problem(
            "ไม่พบพื้นที่ที่เลือกในพื้นที่ที่ท่านดูแล จึงขอรายงานไม่ได้ โปรดเลือกพื้นที่จากรายการ",
            "There is no such place in your area. Choose one from the list.",
            "area",
            "forbidden",
        )
    round_ = Round.objects(pk=round_code).first()
    if round_ is None:
        raise Problem(
            f"ไม่พบรอบ “{round_code[:20]}” โปรดเลือกรอบจากรายการ",
            f"There is no round “{round_code[:20]}”. Choose one from the list.",
            "round",
        )
    return _start(actor, round_, place)


def _start(actor: Requester, round_: Round, place: Place) -> ReportRun:
    key = f"{round_.code}/{place.key}"
    run = _new_run(actor, round_, place, key)
    for _ in range(3):
        try:
            run.save(force_insert=True)
        except NotUniqueError:
            same: ReportRun | None = ReportRun.objects(active_key=key).first()
            if same is not None:
                return same
            continue  # it ended between the two commands
        jobs.enqueue_stored("reports.build", str(run.pk))
        return run
    raise Problem(
        "มีผู้ขอรายงานนี้พร้อมกัน โปรดลองอีกครั้ง",
        "Somebody else asked for this report just now. Try again.",
        kind="conflict",
    )


def _new_run(actor: Requester, round_: Round, place: Place, key: str) -> ReportRun:
    now = datetime.now(UTC)
    return ReportRun(
        round=round_,
        census_date=round_.census_date,
        level=place.level,
        area_name=place.name,
        above=names_above(place),
        **place.codes,
        requested_by=actor.username,
        requested_on=now,
        created_by=actor.username,
        created_on=now,
        active_key=key,
        lease_until=now + PICK_UP_WITHIN,
    )


def cancel_report(actor: Requester, run: ReportRun) -> bool:
    """Stop a run: at once while it waits, after its present chunk while it runs. False if it had ended already.

    Raises Problem "forbidden" where the run's area is not inside the actor's.
    """
    raw = run.to_mongo()
    codes = {str(level): raw[f"{level}_code"] for level in Level if f"{level}_code" in raw}
    if not inside(codes, actor.area):
        raise Problem("รายงานนี้อยู่นอกพื้นที่ที่ท่านดูแล จึงยกเลิกไม่ได้", "This report lies outside your area.", kind="forbidden")
    runs = ReportRun._get_collection()
    now = datetime.now(UTC)
    stopped = runs.update_one(
        {"_id": run.pk, "state": RunState.WAITING.value},
        {
            "$set": {"state": RunState.CANCELLED.value, "finished_on": now},
            "$unset": {"active_key": "", "lease_until": "", "fault": ""},
        },
    )
    if stopped.modified_count:
        ReportRow._get_collection().delete_many({"run": run.pk})
        return True
    asked = runs.update_one({"_id": run.pk, "state": {"$in": OPEN}}, {"$set": {"cancel_requested": True}})
    if claims.resume(runs, run.pk):  # a halted run has no worker that would see the wish
        jobs.enqueue_stored("reports.build", str(run.pk))
    return bool(asked.matched_count)
