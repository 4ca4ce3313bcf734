"""Many people at once on the running web: no page shows a value, row, count or filter of another one."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import config
from app.devservers.guards import answers_ready
from app.devservers.processes import Child, wait_until
from app.devservers.services import child_environment, services
from tests.devservers.running import free_port
from tests.load.crowd import LETTERS, crowd
from tests.load.visits import Visit
from tests.people import People

REQUESTS = int(os.environ.get("LEC_LOAD_REQUESTS", "500"))
"""Of each of the eight people."""


@pytest.fixture
def web(app: Flask, settings: config.Settings, tmp_path: Path) -> Iterator[tuple[int, Child]]:
    """The web as run.py starts it, all of its threads in one process, so that they share whatever can be shared."""
    own = dataclasses.replace(settings, port=free_port())
    web = next(one for one in services(own, tmp_path, child_environment(own)) if one.name == "web")
    web = dataclasses.replace(web, arguments=(*web.arguments, "--workers", "1"))
    web.launch()
    assert web.child is not None
    try:
        assert wait_until(lambda: answers_ready(own.port, whole=False), web.child, 60, pause=0.1), web.child.output()
        yield own.port, web.child
    finally:
        web.stop()


@pytest.mark.timeout(300)
def test_eight_people_of_different_areas_at_once(app: Flask, people: People, db: Any, web: tuple[int, Child]) -> None:
    port, server = web
    persons = crowd(app, people, db)
    writers = {
        LETTERS[one.number]: one.students[one.own]["school_code"] for one in persons if one.may_write
    }  # fmt: skip
    with ThreadPoolExecutor(len(persons)) as threads:
        visits = list(threads.map(lambda one: Visit(port, one, writers), persons))
        wrong = [fault for faults in threads.map(lambda visit: list(visit.many(REQUESTS)), visits) for fault in faults]
    assert wrong == [], f"{len(wrong)} wrong answers; the web said: {server.output()[-4000:]}"
    assert all(visit.sent >= REQUESTS for visit in visits)
    assert sum(bool(visit.saved) for visit in visits) == len(writers)
