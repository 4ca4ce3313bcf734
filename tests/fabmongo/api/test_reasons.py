"""The reason of a write by REST: a header or a key of the body, and a refusal that names it."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import pytest

from app.fabmongo.audit import AuditEntry
from tests.fabmongo.ark import ArkView
from tests.fabmongo.test_reasons import WHY, Asking, asking, reasons
from tests.fabmongo.zoo import Animal, AnimalView

__all__ = ["asking"]

NEW = {"name": "Kit", "kind": "cat", "keeper": "001", "zone": "A"}


def send(program: Any, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return program.client.open(
        f"/api/v1/{path}", method=method, json=body, headers={**program.headers, "If-Match": "*", **headers}
    )


def test_a_write_without_a_reason_is_refused_and_says_where_to_put_it(asking: Any, in_a: Any) -> None:
    path = f"animals/{asking.cat.pk}"
    for method, address, body in (("POST", "animals/", NEW), ("PATCH", path, {"legs": 3}), ("DELETE", path, None)):
        answer = send(in_a, method, address, body)
        assert answer.status_code in (409, 422), answer.text
        assert list(answer.json["fields"]) == ["_reason"]
    assert Animal.objects.get(pk=asking.cat.pk).legs == 4 and Animal.objects.count() == 2


def test_header_and_body_are_understood(asking: Any, in_a: Any) -> None:
    path, header = f"animals/{asking.cat.pk}", {"X-Reason": quote(WHY)}
    made = send(in_a, "POST", "animals/", {**NEW, "_reason": WHY})
    assert made.status_code == 201 and "_reason" not in made.json["result"]
    assert send(in_a, "PATCH", path, {"legs": 3}, **header).status_code == 200
    assert send(in_a, "DELETE", path, **header).status_code == 204
    assert reasons() == [WHY] * 3


@pytest.mark.parametrize("bad", ["%FF", 7, ["x"], "x" * 501])
def test_what_is_no_reason_is_refused(asking: Any, in_a: Any, bad: Any) -> None:
    header = {"X-Reason": bad} if bad == "%FF" else {}
    answer = send(in_a, "POST", "animals/", NEW if header else {**NEW, "_reason": bad}, **header)
    assert answer.status_code in (400, 422)
    assert AuditEntry.objects.count() == 0 and AnimalView.datamodel.rules is not None


def test_a_file_comes_and_goes_with_a_reason(the_ark: Any, in_a: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = send(in_a, "POST", "arks/", {"name": "Noah", "zone": "A"})
    path = f"arks/{made.json['id']}/files/plan"
    monkeypatch.setattr(ArkView.datamodel, "rules", Asking())
    for reason, status in ((None, 422), ("%FF", 400), (quote(WHY), 200)):
        headers = {**in_a.headers, "If-Match": "*", **({"X-Reason": reason} if reason else {})}
        data = {"file": (io.BytesIO(b"one"), "plan.pdf")}
        answer = in_a.client.put(f"/api/v1/{path}", data=data, headers=headers)
        assert answer.status_code == status, answer.text
    assert list(send(in_a, "DELETE", path).json["fields"]) == ["_reason"]
    assert send(in_a, "DELETE", path, **{"X-Reason": "gone"}).status_code == 200
    assert reasons() == [None, WHY, "gone"]
