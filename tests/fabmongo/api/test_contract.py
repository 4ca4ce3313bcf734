"""The API against its own OpenAPI document: generated requests find no 500 and no answer it does not tell."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


EXAMPLES = 25


def operations(app: Any, headers: dict[str, str]) -> list[Any]:
    """Every operation of the document the application serves."""
    found = schemathesis.openapi.from_wsgi("/api/v1/_openapi", app, headers=headers)
    return [result.ok() for result in found.get_all_operations()]


def test_every_operation_keeps_its_contract(the_zoo: Any, boss: Any) -> None:
    walked = operations(the_zoo.app, boss.headers)
    assert len(walked) > 20
    for operation in walked:
        _try(operation, the_zoo, boss)


def _try(operation: Any, the_zoo: Any, boss: Any) -> None:
    real = "001" if "keepers" in operation.path else str(the_zoo.cat.pk)
    if "arks" in operation.path:
        raft = {"_class": "Raft", "name": "R", "zone": "A", "logs": 3}
        real = boss.send("POST", "arks/", raft).json["id"]

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(), known=st.booleans())
    def run(case: Any, known: bool) -> None:
        headers = dict(boss.headers)
        if known and "{pk}" in operation.path:
            # Half of the keys and marks are real, so that more than 404 is seen.
            case.path_parameters["pk"] = real
            headers["If-Match"] = "*"
        case.call_and_validate(headers=headers, checks=CHECKS)

    run()


def test_the_document_is_for_people_who_have_signed_in(the_zoo: Any, in_a: Any) -> None:
    assert the_zoo.app.test_client().get("/api/v1/_openapi").status_code == 401
    assert the_zoo.visitor(the_zoo.a).get("/api/v1/_openapi").status_code == 200
    told = in_a.get("_openapi").json
    assert told["components"]["securitySchemes"]["jwt"]["scheme"] == "bearer"
    assert {"get", "put", "patch", "delete"} == set(told["paths"]["/api/v1/animals/{pk}"])


def test_the_page_loads_only_from_here(the_zoo: Any) -> None:
    assert the_zoo.app.test_client().get("/api/docs/").status_code == 302
    visitor = the_zoo.visitor(the_zoo.a)
    page = visitor.get("/api/docs/").text
    assert "//" not in page.replace("<!doctype", "")
    assert "<script>" not in page
    for name in ("start.js", "dist/swagger-ui-bundle.js", "dist/swagger-ui.css"):
        assert visitor.get(f"/api/docs/{name}").status_code == 200
