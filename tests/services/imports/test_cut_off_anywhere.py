"""Imports and their undoing, killed, broken and cancelled at any of their steps, end as an undisturbed one does.

Each case is an import of three to five schools in which some have nothing to write. Its work is cut off at random
writes: by a death that leaves the lease behind, by trouble that passes, by a mistake of the program that halts it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect

from app.clock import stored_now
from app.enums import ImportState
from app.services import findings, imports
from app.services.halted_jobs import halted_jobs, resume_job
from app.services.imports.writing import applying, batches, undoing
from tests.factories.imports import Plan
from tests.services.imports.conftest import GRADES, Ground, work_out
from tests.services.imports.test_undoing import counts, rosters

Raw = dict[str, Any]
WHY = "ไฟล์ต้นปี"
MOST_CUTS = 12


class Killed(BaseException):
    """kill -9: no handler runs, the lease stays behind."""


ENDS: list[Callable[[], BaseException]] = [
    Killed, lambda: AutoReconnect("no primary"), MemoryError, lambda: IndexError("a mistake")
]  # fmt: skip
STEPS = [
    (batches, "_store"), (batches, "_mark"), (batches, "settle"), (applying, "end"), (batches, "_look_through"),
    (findings, "note_change"), (undoing, "settle"), (applying, "settle"),
]  # fmt: skip


@contextmanager
def cut(rng: random.Random, often: float) -> Iterator[None]:
    """Let each step end with one of ENDS in `often` of its calls, before it or after it."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in STEPS:
            if not hasattr(module, name):
                continue
            patch.setattr(module, name, _broken(getattr(module, name), rng, often))
        yield


def _broken(step: Callable[..., Any], rng: random.Random, often: float) -> Callable[..., Any]:
    def broken(*given: Any, **named: Any) -> Any:
        fails, after = rng.random() < often, rng.random() < 0.5
        if fails and not after:
            raise rng.choice(ENDS)()
        found = step(*given, **named)
        if fails:
            raise rng.choice(ENDS)()
        return found

    return broken


def work_through(ground: Ground, run: Any, rng: random.Random) -> ImportState | None:
    """Work as workers, sweeper and an administrator do, until the run waits for people."""
    for n in range(MOST_CUTS * 2):
        with cut(rng, 0.35 if n < MOST_CUTS else 0.0):
            try:
                state = work_out(run)
            except (Killed, AutoReconnect, MemoryError):
                state = None
        raw = ground.run(run)
        if raw["state"] not in ("applying", "undoing"):
            return ImportState(raw["state"])
        assert state is None, state
        if raw.get("fault"):
            assert [job.key for job in halted_jobs()] == [str(run.pk)]
            assert imports.sweep() == 0, "nothing is tried again in silence"
            assert resume_job("import", str(run.pk))
        else:
            past = {"lease_until": stored_now() - timedelta(minutes=1), "idle": min(raw.get("idle", 0), 2)}
            ground.db.import_runs.update_one({"_id": run.pk}, {"$set": past})
            assert imports.sweep() == 1
    raise AssertionError("it never came to an end")


@pytest.fixture
def wide(ground: Ground) -> Ground:
    """Three schools of the LAO with rosters beside the two of the ground."""
    base = ground.db.schools.find_one({"_id": ground.home.own}) or {}
    for n in range(3):
        code = f"3014019{n}"
        ground.db.schools.replace_one({"_id": code}, {**base, "_id": code, "grades": GRADES}, upsert=True)
        ground.db.students.insert_many(ground.fresh(4, 70 + n, code))
    return ground


def schools_of(ground: Ground) -> list[str]:
    return [ground.home.own, ground.home.centre, *(f"3014019{n}" for n in range(3))]


def sparse(ground: Ground, seed: int) -> Plan:
    """An import in which some schools have nothing to write, and rows move students between the others."""
    rng, plan = random.Random(seed), ground.plan()
    codes = rng.sample(schools_of(ground), rng.randrange(3, 6))
    silent = set(rng.sample(codes, rng.randrange(1, len(codes))))
    busy = [code for code in codes if code not in silent] or codes[:1]
    for code in codes:
        for student in ground.roster(code):
            if code in silent or rng.random() < 0.3:
                plan.unchanged(student)
            elif len(busy) > 1 and rng.random() < 0.3:
                plan.move(student, rng.choice([one for one in busy if one != code]), room="8")
            elif student.get("room") != "9":
                plan.change(student, room="9")
        if code in busy:
            for raw in ground.fresh(rng.randrange(0, 6), seed=seed + int(code[-2:]) + 500, school=code):
                plan.new(code, raw)
    if not any(row["deed"] in ("new", "changed", "moved") for row in plan.rows):
        plan.new(busy[0], ground.fresh(1, seed=seed + 900)[0])
    return plan


def seen(ground: Ground) -> tuple[Any, Any]:
    return sorted(map(str, rosters(ground).values())), counts(ground)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller seed is not a smaller case
)  # fmt: skip
@given(seed=st.integers(0, 1_000_000), most=st.sampled_from([1, 2, 3, 1000]), stop=st.booleans())
def test_cut_off_anywhere_it_ends_as_if_nothing_had_happened(wide: Ground, seed: int, most: int, stop: bool) -> None:
    rng = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "MOST_IN_TRANSACTION", most)
        before = seen(wide)
        plan = sparse(wide, seed)

        smooth = plan.store()
        imports.apply(wide.officer, smooth, WHY)
        assert work_out(smooth) is ImportState.APPLIED
        wanted, written = seen(wide), wide.run(smooth)["applied"]
        imports.undo(wide.officer, smooth)
        assert work_out(smooth) is ImportState.UNDONE
        assert seen(wide) == before

        run = again(wide, plan)
        imports.apply(wide.officer, run, WHY)
        if stop:
            _stop_in_the_middle(wide, run, rng)
        else:
            assert work_through(wide, run, rng) is ImportState.APPLIED
            assert seen(wide) == wanted
            assert wide.run(run)["applied"] == written == wide.db.import_rows.count_documents(
                {"run": run.pk, "state": "applied"}
            )
        if wide.run(run)["applied"]:
            imports.undo(wide.officer, run)
            assert work_through(wide, run, rng) is ImportState.UNDONE
        assert seen(wide) == before
        assert not wide.run(run)["applied"]
        assert not {"fault", "worker", "lease_until", "cursor"} & set(wide.run(run))
        assert halted_jobs() == []


def _stop_in_the_middle(ground: Ground, run: Any, rng: random.Random) -> None:
    """Somebody cancels after a random number of batches."""
    store, left = batches._store, [rng.randrange(0, 4)]

    def cancelled(*given: Any) -> None:
        store(*given)
        left[0] -= 1
        if left[0] < 0:
            imports.cancel(ground.officer, run)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_store", cancelled)
        state = work_through(ground, run, rng)
    assert state in (ImportState.CANCELLED, ImportState.APPLIED)
    assert ground.run(run)["applied"] == ground.db.import_rows.count_documents({"run": run.pk, "state": "applied"})


def again(ground: Ground, plan: Plan) -> Any:
    """The same rows as a new import, planned on the roster as it is now."""
    anew = ground.plan()
    versions = {row["_id"]: row.get("_v") for row in ground.db.students.find({}, {"_v": 1})}
    for old in plan.rows:
        row = anew._row(old["deed"], old["school_code"])
        kept = {name: value for name, value in old.items() if name not in ("_id", "run", "n", "row", "version")}
        row |= kept
        if "version" in old:
            row["version"] = versions[old["student"]]
    return anew.store()
