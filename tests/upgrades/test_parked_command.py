"""The command that lists what waits for another version, as somebody types it."""

from __future__ import annotations

from flask import Flask

from app.parked import park


def test_what_waits_for_another_version_is_listed_and_dropped_on_demand(app: Flask) -> None:
    run = app.test_cli_runner().invoke
    assert "No task waits" in run(args=["parked-tasks"]).output
    with app.app_context():
        park(app.extensions["celery"], "newer.task", ["a", 1], {}, "unknown task")
    listed = run(args=["parked-tasks"])
    assert listed.exit_code == 0 and "newer.task(a, 1)  unknown task  1×" in listed.output
    assert "1 tasks dropped" in run(args=["parked-tasks", "--drop"]).output
    assert "No task waits" in run(args=["parked-tasks"]).output
