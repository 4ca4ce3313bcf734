"""A mistake of the program halts a job at once, is told with a number, and the job goes on after the mend."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    OperationFailure,
    ServerSelectionTimeoutError,
)
from redis import ConnectionError as RedisConnectionError

from app import jobs
from app.clock import stored_now
from app.documents.findings import FindingCheck
from app.enums import ImportState, RunState
from app.errors import Problem
from app.services import findings, imports, reports, submissions
from app.services.claims import Claim
from app.services.faults import TRANSIENT_CODES, is_transient
from app.services.halted_jobs import halted_jobs, resume_job
from app.services.imports import working
from app.services.imports.writing import batches
from app.services.reports import building
from app.services.submissions import requesting
from tests.people import People
from tests.services.imports.conftest import Ground, ground, work_out  # noqa: F401
from tests.test_api_scope import token_of

Raw = dict[str, Any]


def broken(*_: Any, **__: Any) -> Any:
    return {}["missing"]


@pytest.mark.parametrize("error", [
    AutoReconnect(), ServerSelectionTimeoutError(), OperationFailure("x", 112), OperationFailure("x", 14031),
    RedisConnectionError(), OSError(28, "No space left on device"), MemoryError(), TimeoutError(),
])  # fmt: skip
def test_trouble_that_passes_is_tried_again(error: Exception) -> None:
    assert is_transient(error)
    wrapped = RuntimeError()
    wrapped.__cause__ = error
    assert is_transient(wrapped)


@pytest.mark.parametrize("error", [KeyError("x"), IndexError(), ZeroDivisionError(), DuplicateKeyError("x", 11000)])
def test_a_mistake_of_the_program_is_none_of_it(error: Exception) -> None:
    assert not is_transient(error)


@given(st.integers(1, 20_000))
def test_only_known_codes_of_the_database_pass(code: int) -> None:
    assert is_transient(OperationFailure("x", code)) == (code in TRANSIENT_CODES)


@pytest.fixture
def asked(ground: Ground) -> Any:  # noqa: F811
    """An import that was confirmed and waits for a worker."""
    plan = ground.plan()
    for raw in ground.fresh(3, 1):
        plan.new(ground.home.own, raw)
    run = plan.store()
    imports.apply(ground.officer, run, "ไฟล์ต้นปี")
    return run


def test_an_import_is_halted_once_told_and_goes_on_after_the_mend(
    ground: Ground, asked: Any, caplog: pytest.LogCaptureFixture  # noqa: F811
) -> None:
    with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.ERROR):
        patch.setattr(batches, "_store", broken)
        assert work_out(asked) is None
        (job,) = halted_jobs()
        assert (job.kind, job.key, job.error) == ("import", str(asked.pk), "KeyError")
        assert [record for record in caplog.records if job.trace in record.getMessage()]
        attempts = ground.run(asked)["attempts"]
        past = {"lease_until": stored_now() - timedelta(hours=1)}
        ground.db.import_runs.update_one({"_id": asked.pk}, {"$set": past})
        assert imports.sweep() == 0, "it is not tried again in silence"
        assert work_out(asked) is None
        assert ground.run(asked)["attempts"] == attempts
    page = ground.people.browser("lao").get(f"/imports/show/{asked.pk}").text
    assert job.trace in page and "ไม่ใช่ความผิดของข้อมูล" in page
    assert resume_job("import", str(asked.pk))
    assert not resume_job("import", str(asked.pk))
    assert work_out(asked) is ImportState.APPLIED
    assert halted_jobs() == []


def test_a_halted_import_can_be_cancelled_by_its_person(ground: Ground, asked: Any) -> None:  # noqa: F811
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_store", broken)
        assert work_out(asked) is None
    assert imports.cancel(ground.officer, asked)
    assert work_out(asked) is ImportState.CANCELLED
    assert len(ground.roster(ground.home.own)) == 8


def test_a_report_is_halted_and_goes_on_or_is_cancelled(ground: Ground) -> None:  # noqa: F811
    run = reports.request_report(ground.officer, "2567-2", ground.home.area())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "school_rows", broken)
        assert reports.build(str(run.pk)) is None
    assert reports.sweep() == 0
    assert reports.build(str(run.pk)) is None
    page = ground.people.browser("lao").get(f"/reports/show/{run.pk}").text
    assert halted_jobs()[0].trace in page
    assert resume_job("report", str(run.pk))
    assert reports.build(str(run.pk)) is RunState.DONE

    other = reports.request_report(ground.officer, "2567-2", ground.home.area("school"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "school_rows", broken)
        assert reports.build(str(other.pk)) is None
    assert reports.cancel_report(ground.officer, other)
    assert reports.build(str(other.pk)) is RunState.CANCELLED


def test_a_check_is_halted_and_asking_again_begins_anew(ground: Ground) -> None:  # noqa: F811
    key = findings.request_check(ground.officer, "lao", ground.home.path["lao_code"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.services.findings.runs.check_schools", broken)
        assert findings.run(key) is False
    assert halted_jobs()[0].kind == "check"
    assert findings.progress(key).fault
    findings.sweep(stored_now() + timedelta(hours=3))
    assert halted_jobs()
    assert resume_job("check", key)
    assert findings.run(key) is True
    assert FindingCheck.objects.get(pk=key).state is RunState.DONE


def test_an_opening_is_halted_and_opened_again_from_its_page(ground: Ground) -> None:  # noqa: F811
    officer = ground.people["dla"]
    submissions.request_opening(officer, "2567-2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requesting, "open_round", broken)
        assert submissions.carry_out("2567-2") is None
    assert halted_jobs()[0].kind == "opening"
    assert submissions.sweep_openings(stored_now() + timedelta(hours=1)) == 0
    page = ground.people.browser("dla").get("/rounds/show/2567-2").text
    assert halted_jobs()[0].trace in page
    submissions.request_opening(officer, "2567-2")
    assert halted_jobs() == []
    assert submissions.carry_out("2567-2") is not None


def test_the_command_lists_what_is_halted_and_lets_it_go_on(app: Flask, ground: Ground, asked: Any) -> None:  # noqa: F811
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_store", broken)
        work_out(asked)
    run = app.test_cli_runner().invoke
    assert halted_jobs()[0].trace in run(args=["resume-jobs"]).output
    assert run(args=["resume-jobs", "import", "0" * 24]).exit_code == 1
    assert "1 jobs go on" in run(args=["resume-jobs", "--all"]).output
    assert "No job is halted" in run(args=["resume-jobs"]).output
    assert work_out(asked) is ImportState.APPLIED


def test_what_is_asked_for_while_the_queue_is_down_is_stored_and_leads_to_its_page(
    ground: Ground, people: People, db: Database[Raw], monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    def down(*_: Any) -> str:
        raise Problem("คิวไม่ตอบ", "The queue does not answer.")

    monkeypatch.setattr(jobs, "enqueue", down)
    answer = people.browser("lao").post("/reports/new", {"round": "2567-2", "area": ""})
    run = db.report_runs.find_one({})
    assert run is not None and answer.status_code == 302 and str(run["_id"]) in answer.location
    assert findings.request_check(ground.officer, "lao", ground.home.path["lao_code"])
    submissions.request_opening(people["dla"], "2567-2")
    past = {"$set": {"lease_until": stored_now() - timedelta(minutes=1)}}
    db.report_runs.update_many({}, past)
    assert reports.sweep() == 0
    monkeypatch.undo()
    assert reports.sweep() == 1


def test_a_job_of_another_version_without_the_field_is_claimed(ground: Ground, asked: Any) -> None:  # noqa: F811
    ground.db.import_runs.update_one({"_id": asked.pk}, {"$unset": {"fault": "", "idle": "", "attempts": ""}})
    assert Claim.take(ground.db.import_runs, {"_id": asked.pk}, 60) is not None


# -- what an attacker, an older version and a poisoned job could do ------------------------------


@pytest.mark.parametrize("error", [FileNotFoundError(2, "x"), BulkWriteError({"writeErrors": [{"code": 11000}]})])
def test_what_the_program_did_wrong_is_none_of_the_machine(error: Exception) -> None:
    assert not is_transient(error)


def test_trouble_under_another_error_s_name_passes_too() -> None:
    try:
        try:
            raise OperationFailure("x", 112)
        except OperationFailure:
            raise ValueError("as MongoEngine does")  # noqa: B904
    except ValueError as error:
        assert is_transient(error)
    concern = {"writeErrors": [], "writeConcernErrors": [{"code": 11602}]}
    assert is_transient(BulkWriteError(concern))
    assert not is_transient(BulkWriteError({**concern, "writeErrors": [{"code": 11000}]}))


def late(ground: Ground, run: Any, **fields: Any) -> None:  # noqa: F811
    past = {"lease_until": stored_now() - timedelta(minutes=1), "worker": "dead", **fields}
    ground.db.import_runs.update_one({"_id": run.pk}, {"$set": past})


def confirmed(ground: Ground, seed: int, size: int = 3) -> Any:  # noqa: F811
    plan = ground.plan()
    for raw in ground.fresh(size, seed):
        plan.new(ground.home.own, raw)
    run = plan.store()
    imports.apply(ground.officer, run, "ไฟล์ต้นปี")
    return run


def test_one_job_that_cannot_even_be_given_up_keeps_no_other_from_being_picked_up(
    ground: Ground, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    poisoned, healthy = confirmed(ground, 41), confirmed(ground, 42)
    late(ground, poisoned, idle=9)
    late(ground, healthy)
    monkeypatch.setattr(working, "end", broken)
    assert imports.sweep() == 1
    assert [job.key for job in halted_jobs()] == [str(poisoned.pk)]
    assert ground.run(healthy).get("worker") is None


def test_a_mistake_while_a_reason_is_written_down_halts_too(
    ground: Ground, asked: Any, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    def refuse(*_: Any) -> None:
        raise Problem("ไม่ได้", "No.")

    monkeypatch.setitem(working._WORK, "applying", refuse)
    monkeypatch.setattr(working, "end", broken)
    assert work_out(asked) is None
    assert halted_jobs()[0].error == "KeyError"


def test_a_mistake_of_a_worker_that_lost_its_job_is_logged_all_the_same(
    ground: Ground, asked: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture  # noqa: F811
) -> None:
    def overtaken(*_: Any, **__: Any) -> None:
        ground.db.import_runs.update_one({"_id": asked.pk}, {"$set": {"worker": "another"}})
        broken()

    monkeypatch.setattr(batches, "_store", overtaken)
    with caplog.at_level(logging.ERROR):
        assert work_out(asked) is None
    assert halted_jobs() == [] and ground.run(asked)["worker"] == "another"
    assert any("KeyError" in record.getMessage() for record in caplog.records)


def test_what_an_older_version_ended_in_spite_of_its_fault_is_undone_as_any_other(
    ground: Ground, asked: Any  # noqa: F811
) -> None:
    assert work_out(asked) is ImportState.APPLIED
    left = {"trace": "0" * 12, "kind": "IndexError", "on": stored_now()}
    ground.db.import_runs.update_one({"_id": asked.pk}, {"$set": {"fault": left}})
    assert halted_jobs() == []
    imports.undo(ground.officer, asked)
    assert work_out(asked) is ImportState.UNDONE
    assert "fault" not in ground.run(asked)


def test_an_undo_given_up_between_batches_counts_what_it_took_back_and_says_so(
    ground: Ground, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    before = ground.total(ground.home.own)
    run = confirmed(ground, 51, 7)
    assert work_out(run) is ImportState.APPLIED
    whole = ground.total(ground.home.own)
    monkeypatch.setattr(batches, "MOST_IN_TRANSACTION", 2)
    imports.undo(ground.officer, run)
    store, calls = batches._store, []

    def second_fails(*given: Any) -> None:
        calls.append(1)
        if len(calls) > 1:
            raise MemoryError
        store(*given)

    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(batches, "_store", second_fails)
        work_out(run)
    late(ground, run, idle=9)
    imports.sweep()
    assert ground.run(run)["state"] == "applied"
    assert ground.total(ground.home.own) == whole - 2, "what is taken back is counted"
    page = ground.people.browser("lao").get(f"/imports/show/{run.pk}").text
    assert 'id="not-undone"' in page and 'id="undo"' in page
    imports.undo(ground.officer, run)
    assert work_out(run) is ImportState.UNDONE
    assert ground.total(ground.home.own) == before


def test_where_the_queue_is_down_a_sweep_asks_it_once_and_all_is_late_at_the_next(
    ground: Ground, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    runs = [confirmed(ground, seed) for seed in (61, 62, 63)]
    for run in runs:
        late(ground, run)
    tried: list[Any] = []

    def down(*args: Any) -> str:
        tried.append(args)
        raise Problem("คิวไม่ตอบ", "The queue does not answer.")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "enqueue", down)
        assert imports.sweep() == 0
    assert len(tried) == 1
    assert imports.sweep() == 3, "none of them waits because of the sweep that found the queue down"


def test_a_resumed_job_is_taken_at_once(ground: Ground) -> None:  # noqa: F811
    run = reports.request_report(ground.officer, "2567-2", ground.home.area())
    key = findings.request_check(ground.officer, "lao", ground.home.path["lao_code"])
    submissions.request_opening(ground.people["dla"], "2567-2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "school_rows", broken)
        patch.setattr("app.services.findings.runs.check_schools", broken)
        patch.setattr(requesting, "open_round", broken)
        reports.build(str(run.pk))
        findings.run(key)
        submissions.carry_out("2567-2")
    assert sorted(job.kind for job in halted_jobs()) == ["check", "opening", "report"]
    for job in halted_jobs():
        assert resume_job(job.kind, job.key)
    assert findings.progress(key).active and not findings.progress(key).stalled
    assert reports.build(str(run.pk)) is RunState.DONE
    assert findings.run(key) is True
    assert submissions.carry_out("2567-2") is not None
    assert not {"idle", "lease_until", "worker", "fault"} & set(ground.db.rounds.find_one({"_id": "2567-2"}) or {})


def test_a_halted_import_whose_wish_to_cancel_came_before_can_still_be_cancelled(
    ground: Ground, asked: Any  # noqa: F811
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_store", broken)
        assert work_out(asked) is None
    ground.db.import_runs.update_one({"_id": asked.pk}, {"$set": {"cancel_requested": True}})
    browser = ground.people.browser("lao")
    assert 'id="cancel-import"' in browser.get(f"/imports/show/{asked.pk}").text
    browser.post(f"/imports/{asked.pk}/cancel")
    assert work_out(asked) is ImportState.CANCELLED


def test_programs_see_that_an_import_is_halted(app: Flask, ground: Ground, asked: Any) -> None:  # noqa: F811
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_store", broken)
        assert work_out(asked) is None
    headers = token_of(app, ground.people["lao"])
    told = app.test_client().get(f"/api/v1/imports/{asked.pk}", headers=headers).json
    assert told["result"]["halted"] == halted_jobs()[0].trace
