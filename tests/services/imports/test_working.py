"""Imports in the background: one worker at a time, picked up after it died, given up only where nothing moves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.clock import stored_now
from app.documents.imports import ImportRun
from app.enums import ImportState
from app.errors import Problem
from app.services import imports
from app.services.claims import Claim
from app.services.imports import working
from app.services.imports.clearing import clear_old_imports
from app.services.imports.sweeping import MAX_IDLE
from app.services.imports.writing import batches
from app.services.removing import Removing
from tests.services.imports.conftest import Ground, work_out

Raw = dict[str, Any]
WHY = "ไฟล์ต้นปี"


def asked(ground: Ground, size: int = 3, seed: int = 1) -> Any:
    plan = ground.plan()
    for raw in ground.fresh(size, seed):
        plan.new(ground.home.own, raw)
    run = plan.store()
    imports.apply(ground.officer, run, WHY)
    return run


def late(ground: Ground, run: Any, **fields: Any) -> None:
    """The worker died a while ago."""
    past = {"lease_until": stored_now() - timedelta(minutes=1), "worker": "dead", **fields}
    ground.db.import_runs.update_one({"_id": run.pk}, {"$set": past})


def test_only_one_worker_has_a_run_and_nothing_is_done_twice(ground: Ground) -> None:
    run = asked(ground)
    held = Claim.take(ImportRun._get_collection(), {"_id": run.pk}, 60)
    assert held is not None and work_out(run) is None and imports.work("nonsense") is None
    late(ground, run)
    assert work_out(run) is ImportState.APPLIED
    assert work_out(run) is None
    assert ground.db.audit_entries.count_documents({"of": "students"}) == 3


def test_whoever_lost_the_lease_writes_nothing_any_more(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    run, store = asked(ground), batches._store

    def slow(*given: Any) -> None:
        ground.db.import_runs.update_one({"_id": run.pk}, {"$set": {"worker": "another"}})
        store(*given)

    monkeypatch.setattr(batches, "_store", slow)
    assert work_out(run) is None
    assert len(ground.roster(ground.home.own)) == 8
    assert ground.run(run)["state"] == "applying"


def test_the_sweeper_puts_what_a_dead_worker_left_back_on_the_queue(ground: Ground) -> None:
    run = asked(ground)
    assert imports.sweep() == 0
    late(ground, run)
    assert imports.sweep() == 1
    assert imports.sweep() == 0
    assert work_out(run) is ImportState.APPLIED
    late(ground, run)
    assert imports.sweep() == 0


def test_what_gets_nowhere_is_given_up_and_what_moves_is_not(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_IN_TRANSACTION", 2)
    moving, stuck = asked(ground, 30), asked(ground, seed=5)
    store = batches._store

    def dies(*given: Any) -> None:
        if given[0].job["_id"] == moving.pk:
            store(*given)
        raise MemoryError

    monkeypatch.setattr(batches, "_store", dies)
    for run in (moving, stuck):
        for _ in range(MAX_IDLE):
            with pytest.raises(MemoryError):
                work_out(run)
        late(ground, run)
    assert imports.sweep() == 1
    assert ground.run(moving)["state"] == "applying"
    failed = ground.run(stuck)
    assert failed["state"] == "failed" and failed["error_th"] and failed["error_en"]
    assert not {"worker", "lease_until", "idle"} & set(failed)


def test_a_problem_of_reading_ends_it_with_the_reason(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(claim: Claim) -> None:
        raise Problem("อ่านไม่ได้", "It cannot be read.", "file")

    monkeypatch.setitem(working._WORK, "reading", refuse)
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])
    run = plan.store(state="reading")
    assert work_out(run) is ImportState.FAILED
    assert ground.run(run)["error_th"] == "อ่านไม่ได้"


def cleared() -> int:
    """How many rows and files of imports older than 90 days are removed."""
    removing = Removing()
    assert clear_old_imports(stored_now() - timedelta(days=90), removing)
    return removing.removed


def test_old_files_and_rows_go_and_numbers_stay(ground: Ground) -> None:
    old, young = (ground.plan() for _ in range(2))
    for plan in (old, young):
        plan.new(ground.home.own, ground.fresh(1, seed=id(plan) % 1000)[0])
    first, second = old.store(requested_on=stored_now() - timedelta(days=91)), young.store(requested_on=stored_now())
    first.file.put(b"PK", filename="roster.xlsx")
    first.save()
    assert cleared() == 2, "a row and a file"
    assert cleared() == 0
    assert {row["run"] for row in ground.db.import_rows.find()} == {second.pk}
    kept = ground.run(first)
    assert "file" not in kept and kept["rows"] == 1 and kept["state"] == "cancelled"
    assert ground.db["import_files.files"].count_documents({}) == 0
    ground.db.import_runs.update_one({"_id": first.pk}, {"$set": {"state": "applied"}})
    with pytest.raises(Problem, match="กำหนดเวลา"):
        imports.undo(ground.officer, first)


def test_a_clearing_that_was_cut_off_goes_on(ground: Ground) -> None:
    plan = ground.plan()
    plan.new(ground.home.own, ground.fresh(1)[0])
    run = plan.store(requested_on=stored_now() - timedelta(days=91), cleared_on=stored_now())
    run.file.put(b"PK", filename="roster.xlsx")
    run.save()
    assert cleared() == 2
    assert ground.db.import_rows.count_documents({}) == 0 and "file" not in ground.run(run)


def test_a_run_put_back_after_trouble_rests_whatever_ticket_comes_by(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: tickets that came by used up all attempts of an import within a second."""
    run = asked(ground)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(batches, "_store", full)
        with pytest.raises(OSError, match="No space"):
            work_out(run)
        for _ in range(5):
            assert imports.work(str(run.pk)) is None
    assert ground.run(run)["attempts"] == 1
    ground.db.import_runs.update_one({"_id": run.pk}, {"$set": {"lease_until": stored_now() - timedelta(seconds=1)}})
    assert imports.sweep() == 1
    assert imports.work(str(run.pk)) is ImportState.APPLIED
    assert "rests_until" not in ground.run(run)
