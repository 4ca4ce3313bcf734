"""Who may speak to the API: a token and nothing else, and a token dies with the password."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_appbuilder import AppBuilder

from app.fabmongo.api.setup import register_api
from app.fabmongo.security.manager import SecurityManager
from app.fabmongo.setup import init_fabmongo
from tests.fabmongo.api.shelter import Program
from tests.fabmongo.zoo import Animal

PASSWORD = "two words and a river"


@pytest.fixture
def known(the_zoo: Any) -> Any:
    with the_zoo.app.app_context():
        the_zoo.builder.sm.reset_password(the_zoo.a.pk, PASSWORD)
    return the_zoo


def login(zoo: Any, **changes: Any) -> Any:
    body = {"username": "a", "password": PASSWORD, **changes}
    return zoo.app.test_client().post("/api/v1/security/login", json=body)


def read(zoo: Any, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return int(zoo.app.test_client().get("/api/v1/animals/", headers=headers).status_code)


def test_tokens_open_refresh_and_die_with_the_password(known: Any) -> None:
    tokens = login(known).json
    access, refresh = tokens["access_token"], tokens["refresh_token"]
    assert read(known, access) == 200
    assert read(known, refresh) == 401
    headers = {"Authorization": f"Bearer {refresh}"}
    renewed = known.app.test_client().post("/api/v1/security/refresh", headers=headers).json["access_token"]
    assert read(known, renewed) == 200
    with known.app.app_context():
        known.builder.sm.reset_password(known.a.pk, PASSWORD + "s")
    assert [read(known, token) for token in (access, renewed)] == [401, 401]
    assert known.app.test_client().post("/api/v1/security/refresh", headers=headers).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ก", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."])
def test_a_wrong_token_is_401(the_zoo: Any, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    answer = the_zoo.app.test_client().get("/api/v1/animals/", headers=headers)
    assert (answer.status_code, set(answer.json)) == (401, {"message", "fields"})


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"password": "wrong"}, 401),
        ({"username": "nobody"}, 401),
        ({"username": {"$gt": ""}}, 400),
        ({"password": {"$ne": ""}}, 400),
        ({"provider": "db"}, 400),
    ],
)
def test_a_wrong_sign_in_is_refused(known: Any, changes: dict[str, Any], status: int) -> None:
    answer = login(known, **changes)
    assert (answer.status_code, "access_token" in answer.json) == (status, False)


def test_failures_pause_the_account_as_the_form_does(known: Any) -> None:
    after = known.app.config["FABMONGO_LOCKOUT_AFTER"]
    for _ in range(after):
        assert login(known, password="wrong").status_code == 401
    assert login(known).status_code == 401


def test_an_issued_password_opens_nothing_yet(known: Any) -> None:
    token = login(known).json["access_token"]
    known.a.reload()
    known.a.update(must_change_password=True)
    assert login(known).status_code == 403
    assert read(known, token) == 403


def test_a_cookie_alone_opens_nothing_and_so_needs_no_csrf_token(the_zoo: Any) -> None:
    visitor, pk = the_zoo.visitor(the_zoo.a), the_zoo.cat.pk
    assert visitor.get("/animalview/list/").status_code == 200
    for method, address in (
        ("GET", "animals/"), ("GET", f"animals/{pk}"), ("GET", "animals/_info"), ("GET", "animals/related/keeper"),
        ("POST", "animals/"), ("PUT", f"animals/{pk}"), ("PATCH", f"animals/{pk}"), ("DELETE", f"animals/{pk}"),
    ):  # fmt: skip
        answer = visitor.client.open(f"/api/v1/{address}", method=method, json={}, headers={"If-Match": "*"})
        assert (method, address, answer.status_code) == (method, address, 401)
    assert Animal.objects.count() == 2


def test_beside_a_cookie_the_token_counts(the_zoo: Any) -> None:
    visitor, program = the_zoo.visitor(the_zoo.b), Program(the_zoo.app, the_zoo.a)
    assert visitor.get("/animalview/list/").status_code == 200
    rows = visitor.get("/api/v1/animals/", headers=program.headers).json["result"]
    assert [row["name"] for row in rows] == ["Tom"]
    answer = visitor.client.get(f"/api/v1/animals/{the_zoo.dog.pk}", headers=program.headers)
    assert answer.status_code == 404


def test_forms_stay_protected_although_the_api_is_exempt(the_zoo: Any) -> None:
    answer = the_zoo.visitor(the_zoo.a).client.post(f"/animalview/delete/{the_zoo.cat.pk}")
    assert answer.status_code == 400
    assert Animal.objects(pk=the_zoo.cat.pk).count() == 1


def test_sign_ins_from_one_address_are_limited(_connected: None, db: Any) -> None:
    app = Flask("limited")
    app.config.update(
        SECRET_KEY="limited-secret-for-tests-only-0123456789", FAB_UPDATE_PERMS=False, AUTH_RATE_LIMIT="3 per minute"
    )
    init_fabmongo(app)
    with app.app_context():
        builder = AppBuilder(security_manager_class=SecurityManager)
        builder.init_app(app, None)
        register_api(builder, [])
    body = {"username": "a", "password": "wrong"}
    answers = [app.test_client().post("/api/v1/security/login", json=body) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert set(answers[-1].json) == {"message", "fields"}
