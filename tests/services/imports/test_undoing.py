"""Undoing an import: the rosters are as they were before it, or nothing is undone and it says who stands in the way."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.documents.students import Student
from app.enums import ImportState
from app.errors import Problem
from app.fabmongo.interface import MongoInterface
from app.fabmongo.scope import acting_as
from app.services import imports
from app.services.imports.writing import batches
from app.services.students import StudentRules
from tests.factories.imports import Plan
from tests.services.imports.conftest import Ground, work_out

Raw = dict[str, Any]
STUDENTS = MongoInterface(Student, StudentRules())
TRACES = ("_v", "created_by", "created_on", "changed_by", "changed_on")
WHY = "ไฟล์ผิด"


def rosters(ground: Ground) -> dict[Any, Raw]:
    """Everything of the students but versions and traces; nothing is nothing, absent or None."""
    return {
        row["_id"]: {name: value for name, value in row.items() if value is not None and name not in TRACES}
        for row in ground.db.students.find()
    }


def counts(ground: Ground) -> dict[str, Any]:
    return {row["_id"]: (row.get("total"), row.get("counts")) for row in ground.db.submissions.find()}


def applied(ground: Ground, plan: Plan) -> Any:
    run = plan.store()
    imports.apply(ground.officer, run, WHY)
    assert work_out(run) is ImportState.APPLIED
    return run


def mixed(ground: Ground, seed: int) -> Plan:
    """A random import of new, changed and moved students."""
    rng, plan, home = random.Random(seed), ground.plan(), ground.home
    for raw in ground.fresh(rng.randrange(1, 12), seed=seed + 100):
        plan.new(rng.choice((home.own, home.centre)), raw)
    values = {"room": "9", "grade": "P1", "sex": "female", "first_name": "อื่น", "religion": "พุทธ", "weight_kg": 30.5}
    for student in [*ground.roster(home.own), *ground.roster(home.centre)]:
        other = home.centre if student["school_code"] == home.own else home.own
        chosen = {name: values[name] for name in rng.sample(sorted(values), 3) if student.get(name) != values[name]}
        if rng.random() < 0.3:
            plan.move(student, other, **chosen)
        elif chosen and rng.random() < 0.6:
            plan.change(student, by_hand=tuple(rng.sample(sorted(chosen), 1)) if len(chosen) > 1 else (), **chosen)
    return plan


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), most=st.sampled_from([2, 5, 1000]))
def test_any_import_is_undone_to_what_was_before(ground: Ground, seed: int, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "MOST_IN_TRANSACTION", most)
        before, counted = rosters(ground), counts(ground)
        run = applied(ground, mixed(ground, seed))
        assert rosters(ground) != before
        imports.undo(ground.officer, run)
        assert work_out(run) is ImportState.UNDONE
        assert rosters(ground) == before
        assert counts(ground) == counted
        done = ground.run(run)
        assert (done["applied"], done["undone_by"]) == (0, "lao")
        assert {row["state"] for row in ground.db.import_schools.find({"run": run.pk})} == {"undone"}
        ground.db.import_rows.delete_many({})


def test_it_is_in_the_history_and_in_the_register_and_a_deleted_student_can_be_restored(ground: Ground) -> None:
    plan = ground.plan()
    new = plan.new(ground.home.own, ground.fresh(1)[0])
    plan.change(ground.roster(ground.home.own)[0], room="9")
    run = applied(ground, plan)
    imports.undo(ground.officer, run)
    work_out(run)
    entries = list(ground.db.audit_entries.find({"of": "students"}).sort("_id", 1))
    assert [entry["verb"] for entry in entries[:2]] == ["add", "change"]
    assert sorted(entry["verb"] for entry in entries[2:]) == ["change", "delete"]
    gone = next(entry for entry in entries if entry["verb"] == "delete")
    assert gone["stored"]["_id"] == new["student"] and "roster.xlsx" in gone["reason"] and gone["version"] == 2
    assert sorted(row["deed"] for row in ground.db.corrections.find()) == ["add", "change", "change", "remove"]
    with acting_as(ground.officer):
        back = Student._from_son(gone["stored"])
        back._restored_version, back._reason = gone["version"], "ย้อนผิด"
        STUDENTS.add(back)
    assert ground.db.students.find_one({"_id": new["student"]}) is not None


def test_where_a_student_was_touched_nothing_is_undone_and_it_says_who(ground: Ground) -> None:
    plan = ground.plan()
    for raw in ground.fresh(7):
        plan.new(ground.home.own, raw)
    plan.change(ground.roster(ground.home.centre)[0], room="9")
    run = applied(ground, plan)
    keys = [row["student"] for row in plan.rows[:6]]
    ground.db.students.update_many({"_id": {"$in": keys}}, {"$inc": {"_v": 1}})
    stored = rosters(ground)
    with pytest.raises(Problem) as caught:
        imports.undo(ground.officer, run)
    assert caught.value.kind == "conflict"
    named = [row["student_name"] for row in plan.rows if row["student_name"] in caught.value.th]
    assert len(named) == 5
    assert rosters(ground) == stored and ground.run(run)["state"] == "applied"


def test_a_touch_after_the_request_ends_it_with_the_reason(ground: Ground) -> None:
    plan = ground.plan()
    for raw in ground.fresh(3):
        plan.new(ground.home.own, raw)
    run = applied(ground, plan)
    imports.undo(ground.officer, run)
    ground.db.students.delete_one({"_id": plan.rows[1]["student"]})
    stored = rosters(ground)
    assert work_out(run) is ImportState.APPLIED
    assert plan.rows[1]["student_name"] in ground.run(run)["error_th"]
    assert rosters(ground) == stored


def test_nothing_stored_or_another_area_is_refused(ground: Ground) -> None:
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])
    run = plan.store()
    with pytest.raises(Problem) as caught:
        imports.undo(ground.officer, run)
    assert caught.value.kind == "conflict"
    imports.apply(ground.officer, run, WHY)
    work_out(run)
    with pytest.raises(Problem) as caught:
        imports.undo(ground.people["neighbour"], run)
    assert caught.value.kind == "forbidden"


def test_a_killed_undoing_goes_on_where_it_was(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_IN_TRANSACTION", 3)
    before, counted = rosters(ground), counts(ground)
    run = applied(ground, mixed(ground, 4))
    imports.undo(ground.officer, run)
    store, calls = batches._store, list[int]()

    def cut(*given: Any) -> None:
        calls.append(1)
        if len(calls) % 2:
            raise MemoryError("the worker died")
        store(*given)

    monkeypatch.setattr(batches, "_store", cut)
    for _ in range(40):
        try:
            assert work_out(run) is ImportState.UNDONE
            break
        except MemoryError:
            continue
    assert rosters(ground) == before and counts(ground) == counted
