"""Nobody reaches a row outside the own area through the API: every resource, as each role, with foreign ids."""

from __future__ import annotations

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask_jwt_extended import create_access_token
from hypothesis import HealthCheck, Phase, given, settings
from pymongo.database import Database
from schemathesis.checks import not_a_server_error

from tests.people import People
from tests.test_scope import (
    MARK,
    PROCLAMATION,
    ROLES,
    SCHOOL,
    STUDENT,
    addresses,
    foreign_ids,
    own_marks,
    snapshot,
    strange_marks,
    world,
)

__all__ = ["world"]

STORED = {"imports": "import_runs"}
"""Resource -> its collection, where that has another name."""


def token_of(app: Flask, user: Any) -> dict[str, str]:
    """Headers of a program that speaks to the API as this person and has seen every state there is."""
    with app.test_request_context():
        return {"Authorization": f"Bearer {create_access_token(identity=user.get_id())}", "If-Match": "*"}


def sent(user: Any, view: Any, db: Database[dict[str, Any]]) -> dict[str, Any]:
    """A JSON body full of foreign keys."""
    body: dict[str, Any] = {}
    for column in getattr(view, "add_columns", None) or ():
        if view.datamodel.is_relation(column):
            keys = foreign_ids(user, view.datamodel.get_related_model(column), db)[:1]
            body[column] = keys if view.datamodel.is_relation_many_to_many(column) else (keys or [None])[0]
    return body


@pytest.mark.parametrize("role", ROLES)
def test_no_route_of_the_api_shows_or_changes_a_foreign_row(
    app: Flask, people: People, world: Database[dict[str, Any]], role: str
) -> None:
    user, client = people[role], app.test_client()
    headers, before, allowed = token_of(app, user), snapshot(user, world), own_marks(user, world)
    walked = 0
    for method, address, view in addresses(app, user, world):
        if not address.startswith("/api/v1/"):
            continue
        body = None if method == "GET" else sent(user, view, world)
        answer = client.open(address, method=method, headers=headers, json=body)
        assert answer.status_code < 500, (method, address, answer.text)
        assert not strange_marks(answer.text, allowed), (method, address)
        if method != "GET":
            assert answer.status_code in (400, 401, 403, 404, 409, 415, 422), (method, address, answer.text)
        walked += 1
    assert walked > 60, "the walk has lost its way"
    assert snapshot(user, world) == before


@pytest.mark.parametrize("role", ROLES)
def test_the_api_gives_own_rows_alone_whatever_is_filtered_for(
    app: Flask, people: People, world: Database[dict[str, Any]], role: str
) -> None:
    user, client = people[role], app.test_client()
    headers, allowed = token_of(app, user), own_marks(user, world)
    page = client.get("/api/v1/students/?page_size=100", headers=headers)
    assert set(re.findall(rf"{MARK}\d{{7}}", page.text)) & allowed
    for lao in people.places.laos:
        for query in (f"filter[lao][eq]={lao.code}", f"filter[school][eq]={lao.own}", f"search={MARK}{lao.code}"):
            for resource in ("students", "schools"):
                answer = client.get(f"/api/v1/{resource}/?{query}", headers=headers)
                assert not strange_marks(answer.text, allowed), (resource, query)


@pytest.mark.parametrize(
    ("resource", "form", "references"),
    [
        ("schools", SCHOOL, {"lao": "lao"}),
        ("students", STUDENT | {"birth_date": "2017-02-01", "admitted_on": "2023-05-16"}, {"school": "own"}),
        (
            "proclamations",
            PROCLAMATION | {"announced_on": "2024-05-01", "effective_on": "2024-05-01"},
            {"lao": "lao", "schools": "other"},
        ),
    ],
)
def test_a_forged_reference_is_refused_by_the_api(
    people: People, world: Database[dict[str, Any]], resource: str, form: dict[str, Any], references: dict[str, str]
) -> None:
    own, foreign = people.places.takhop_tambon, people.places.takhop_sao
    headers, client = token_of(people.app, people["lao"]), people.app.test_client()

    def keys(place: Any) -> dict[str, Any]:
        found = {name: place.code if kind == "lao" else getattr(place, kind) for name, kind in references.items()}
        return {name: [key] if name == "schools" else key for name, key in found.items()}

    for name in references:
        before = world[resource].count_documents({})
        body = {**form, **keys(own), name: keys(foreign)[name]}
        answer = client.post(f"/api/v1/{resource}/", json=body, headers=headers)
        assert (answer.status_code, list(answer.json["fields"])) == (400, [name]), answer.text
        assert world[resource].count_documents({}) == before
    answer = client.post(f"/api/v1/{resource}/", json={**form, **keys(own)}, headers=headers)
    assert answer.status_code == 201, answer.text


def test_submissions_are_read_only_and_roles_hold_on_the_api(app: Flask, people: People, world: Any) -> None:
    client, own = app.test_client(), people.places.takhop_tambon
    dla, province = token_of(app, people["dla"]), token_of(app, people["province"])
    assert client.get("/api/v1/submissions/", headers=dla).json["count"] == 5
    assert client.post("/api/v1/submissions/", headers=dla).status_code == 405
    assert client.get("/api/v1/submissions/_info", headers=dla).json["permissions"] == ["list", "show"]
    for method in ("PUT", "PATCH", "DELETE"):
        address = f"/api/v1/submissions/2567-2:{own.own}"
        assert client.open(address, method=method, headers=dla).status_code == 405
        answer = client.open(f"/api/v1/schools/{own.own}", method=method, json={"phone": "1"}, headers=province)
        assert answer.status_code == 403


def test_an_id_number_is_whole_only_where_its_record_may_be_changed(app: Flask, people: People, world: Any) -> None:
    client, own = app.test_client(), people.places.takhop_tambon
    row = world.students.find_one({"school_code": own.own})
    for role, whole in (("school", True), ("lao", True), ("province", False), ("district", False)):
        headers = token_of(app, people[role])
        record = client.get(f"/api/v1/students/{row['_id']}", headers=headers)
        assert (row["national_id"] in record.text) is whole, role
        assert row["national_id"] not in client.get("/api/v1/students/", headers=headers).text


def test_what_the_api_costs(app: Flask, people: People, world: Any, commands: Any) -> None:
    client, headers = app.test_client(), token_of(app, people["lao"])
    row = world.students.find_one({"school_code": people.places.takhop_tambon.own})
    for address in ("students/?page_size=100", f"students/{row['_id']}", "students/_info", "students/related/school"):
        with commands.counting() as sent:
            assert client.get(f"/api/v1/{address}", headers=headers).status_code == 200
        assert len(sent) <= 5, (address, sent)
    with commands.counting() as sent:
        answer = client.patch(f"/api/v1/students/{row['_id']}", json={"room": "9", "_reason": "ก"}, headers=headers)
    assert answer.status_code == 200, answer.text
    # Eight of them are the API's and the write path's; the rest are what the rules of students look at and recount.
    assert len(sent) <= 13, sent


def test_generated_requests_find_no_500(app: Flask, people: People, world: Any) -> None:
    headers = token_of(app, people["dla"])
    found = schemathesis.openapi.from_wsgi("/api/v1/_openapi", app, headers=headers)
    walked = [result.ok() for result in found.get_all_operations()]
    assert len(walked) > 60
    for operation in walked:
        _try(operation, headers, world)


def _try(operation: Any, headers: dict[str, str], world: Any) -> None:
    resource = operation.path.split("/")[3]
    row = world[STORED.get(resource, resource)].find_one({}, {"_id": 1})

    @settings(
        max_examples=10, deadline=None, derandomize=True, database=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        if "{pk}" in operation.path and operation.method.upper() != "DELETE":
            case.path_parameters["pk"] = str(row["_id"])
            if "{row}" in operation.path:
                case.path_parameters["row"] = str(world.import_rows.find_one({"run": row["_id"]})["_id"])
        case.call_and_validate(headers=headers, checks=[not_a_server_error])

    run()
