"""Opening a round from its page: asked for once, done in the background, picked up when a worker dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from flask import Flask
from pymongo.database import Database

import config
from app.clock import stored_now
from app.documents.rounds import Round
from app.enums import SchoolKind
from app.errors import Problem
from app.services.accounts import SYSTEM, SystemActor
from app.services.submissions import carry_out, expected, request_opening, sweep_openings
from tests.people import People

Raw = dict[str, Any]
ROUND = "2567-2"


@pytest.fixture
def queued(settings: config.Settings) -> Iterator[Callable[[], int]]:
    """How many openings stand in the queue, where no worker takes them: the tests do them by hand."""
    queue: Any = redis.from_url(settings.redis_url)
    queue.flushdb()
    yield lambda: sum(b"rounds.open" in job for job in queue.lrange("interactive", 0, -1))
    queue.flushdb()


@pytest.fixture
def asked(app: Flask, queued: Callable[[], int]) -> Iterator[Callable[[], int]]:
    """The same, for services that are called without a page."""
    with app.app_context():
        yield queued


def stored(db: Database[Raw]) -> Raw:
    row = db.rounds.find_one({"_id": ROUND})
    assert row is not None
    return row


def test_opening_is_asked_for_once_done_once_and_leaves_its_trace(
    db: Database[Raw], people: People, asked: Callable[[], int]
) -> None:
    request_opening(SYSTEM, ROUND)
    request_opening(SYSTEM, ROUND)
    assert asked() == 1 and stored(db)["opening_by"] == "system"
    assert carry_out(ROUND) is not None
    row = stored(db)
    assert row["opened_schools"] == db.submissions.count_documents({"round_code": ROUND}) == 15
    assert row["opened_by"] == "system" and not [name for name in row if name.startswith("opening_")]
    before = list(db.submissions.find().sort("_id"))
    assert carry_out(ROUND) is None  # the queue may give a job twice
    request_opening(SYSTEM, ROUND)
    opened = carry_out(ROUND)
    assert opened is not None and opened.created == 0
    assert list(db.submissions.find().sort("_id")) == before


def test_only_the_country_asks_and_only_for_a_round_there_is(people: People, asked: Callable[[], int]) -> None:
    for actor, code, kind in (
        (SystemActor("officer", people.places.takhop_tambon.area("province")), ROUND, "forbidden"),
        (SYSTEM, "2599-1", "not_found"),
    ):
        with pytest.raises(Problem) as refused:
            request_opening(actor, code)
        assert refused.value.kind == kind
    assert asked() == 0


def test_the_sweep_queues_what_a_dead_worker_left_and_nothing_else(
    db: Database[Raw], people: People, asked: Callable[[], int], settings: config.Settings
) -> None:
    request_opening(SYSTEM, ROUND)
    assert sweep_openings() == 0
    later = stored_now() + timedelta(minutes=3)
    assert (sweep_openings(later), asked()) == (1, 1), "it waits in the queue already"
    redis.from_url(settings.redis_url).flushdb()
    assert (sweep_openings(later + timedelta(minutes=3)), asked()) == (1, 1)
    carry_out(ROUND)
    assert sweep_openings(later) == 0


def test_what_opening_will_do_is_told_by_kind(db: Database[Raw], people: People) -> None:
    found = expected(Round.objects.get(pk=ROUND))
    assert found.by_kind == {SchoolKind.SCHOOL: 5, SchoolKind.CENTRE: 5, SchoolKind.OTHER: 5}
    assert (found.total, found.there, found.missing) == (15, 0, 15)


def test_the_dla_opens_from_the_page_and_nobody_else_sees_the_button(
    db: Database[Raw], people: People, queued: Callable[[], int]
) -> None:
    dla = people.browser("dla")
    assert 'id="open-round"' in dla.get(f"/rounds/show/{ROUND}").text
    for name in ("province", "district", "lao", "school"):
        browser = people.browser(name)
        assert 'id="open-round"' not in browser.get(f"/rounds/show/{ROUND}").text
        browser.post(f"/rounds/{ROUND}/open")
    assert queued() == 0 and dla.get(f"/rounds/{ROUND}/open").status_code == 405
    assert dla.post(f"/rounds/{ROUND}/open").status_code == 302
    assert queued() == 1
    assert "data-poll" in dla.get(f"/rounds/show/{ROUND}").text
    assert "data-poll-reload" not in dla.get(f"/rounds/{ROUND}/progress").text
    carry_out(ROUND)
    assert "data-poll-reload" in dla.get(f"/rounds/{ROUND}/progress").text
    page = dla.get(f"/rounds/show/{ROUND}").text
    assert 'id="open-round"' not in page and "เปิดรอบให้สถานศึกษาแล้ว 15 แห่ง" in page


def test_open_fields_are_ticked_by_their_labels(db: Database[Raw], people: People) -> None:
    dla = people.browser("dla")
    page = dla.get(f"/rounds/edit/{ROUND}").text
    assert 'value="first_name"' in page and 'value="lao"' not in page
    form = {
        "academic_year": "2567", "number": "2", "kind": "correction", "census_date": "10/06/2567",
        "opens_on": "05/11/2567", "may_add": "y", "open_fields": ["room", "first_name"],
    }  # fmt: skip
    assert dla.post(f"/rounds/edit/{ROUND}", form).status_code == 302
    row = stored(db)
    assert row["open_fields"] == ["first_name", "room"] and (row["may_add"], row["may_remove"]) == (True, False)
    assert "ชื่อ, ห้อง" in dla.get(f"/rounds/show/{ROUND}").text
    assert dla.post(f"/rounds/edit/{ROUND}", form | {"open_fields": ["lao"]}).status_code == 200
    assert stored(db)["open_fields"] == ["first_name", "room"]
