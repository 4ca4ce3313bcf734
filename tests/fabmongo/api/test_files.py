"""Files over REST: stored, replaced, removed and given out inside the scope, checked as the forms check them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.fabmongo.ark import PNG


@pytest.fixture
def made(in_a: Any) -> Any:
    """An ark of zone A."""
    return in_a.send("POST", "arks/", {"name": "Noah", "zone": "A"})


def put(program: Any, made: Any, column: str, content: bytes, name: str = "plan.pdf", etag: str = "") -> Any:
    """Send a file as a form would, to a column of a record."""
    etag = etag or program.etag(f"arks/{made.json['id']}")
    data = {"file": (io.BytesIO(content), name)}
    return program.send("PUT", f"arks/{made.json['id']}/files/{column}", etag=etag, data=data)


def stored(db: Any) -> tuple[int, int]:
    return db["fs.files"].count_documents({}), db["fs.chunks"].count_documents({})


def test_a_file_is_stored_fetched_replaced_and_removed(in_a: Any, made: Any, db: Any) -> None:
    address = f"arks/{made.json['id']}"
    assert in_a.get(f"{address}/files/plan").status_code == 404
    first = put(in_a, made, "plan", b"one")
    assert first.status_code == 200, first.text
    assert first.json["result"]["plan"] == in_a.get(address).json["result"]["plan"] is not None
    found = in_a.get(f"{address}/files/plan")
    assert (found.data, found.headers["X-Content-Type-Options"]) == (b"one", "nosniff")
    assert "plan.pdf" in found.headers["Content-Disposition"]
    second = put(in_a, made, "plan", b"two", "แผน.pdf", etag=first.headers["ETag"])
    assert second.status_code == 200
    assert second.headers["ETag"] != first.headers["ETag"]
    assert in_a.get(f"{address}/files/plan").data == b"two"
    assert stored(db) == (1, 1)
    assert db["audit_entries"].count_documents({"verb": "change"}) == 2
    gone = in_a.send("DELETE", f"{address}/files/plan", etag=second.headers["ETag"])
    assert (gone.status_code, gone.json["result"]["plan"]) == (200, None)
    assert in_a.get(f"{address}/files/plan").status_code == 404
    assert stored(db) == (0, 0)


def test_a_write_of_the_record_leaves_its_file_alone(in_a: Any, made: Any) -> None:
    etag = put(in_a, made, "plan", b"one").headers["ETag"]
    address = f"arks/{made.json['id']}"
    assert in_a.send("PUT", address, {"name": "New", "zone": "A"}, etag=etag).status_code == 200
    assert in_a.get(f"{address}/files/plan").data == b"one"
    answer = in_a.send("PATCH", address, {"plan": "x"}, etag=in_a.etag(address))
    assert (answer.status_code, list(answer.json["fields"])) == (400, ["plan"])


def test_a_file_is_checked_by_what_is_in_it(in_a: Any, made: Any, db: Any) -> None:
    for column, content in (("plan", b"x" * 2001), ("photo", b"<svg onload=alert(1)>")):
        answer = put(in_a, made, column, content, "x.png")
        assert (answer.status_code, list(answer.json["fields"])) == (422, [column])
    assert put(in_a, made, "photo", PNG, "x.txt").status_code == 200
    assert put(in_a, made, "plan", b"x" * 200_000).status_code == 413
    assert stored(db) == (0, 0)
    address = f"arks/{made.json['id']}/files/plan"
    etag = in_a.etag(f"arks/{made.json['id']}")
    assert in_a.send("PUT", address, {"file": "x"}, etag=etag).status_code == 415
    answer = in_a.send("PUT", address, etag=etag, data={"other": "x"}, content_type="multipart/form-data")
    assert answer.status_code == 400


def test_a_file_needs_the_state_that_was_read(in_a: Any, made: Any, db: Any) -> None:
    old = made.headers["ETag"]
    assert put(in_a, made, "plan", b"one", etag=old).status_code == 200
    address = f"arks/{made.json['id']}/files/plan"
    assert put(in_a, made, "plan", b"two", etag=old).status_code == 412
    assert in_a.send("DELETE", address, etag=old).status_code == 412
    data = {"file": (io.BytesIO(b"x"), "x")}
    assert in_a.send("PUT", address, data=data).status_code == 428
    assert in_a.get(address).data == b"one"
    assert stored(db) == (1, 1)


def test_a_foreign_file_does_not_exist(in_a: Any, in_b: Any, made: Any) -> None:
    etag = put(in_a, made, "plan", b"one").headers["ETag"]
    address = f"arks/{made.json['id']}/files/plan"
    assert in_b.get(address).status_code == 404
    assert put(in_b, made, "plan", b"two", etag=etag).status_code == 404
    assert in_b.send("DELETE", address, etag=etag).status_code == 404
    assert in_a.get(address).data == b"one"
    for column in ("name", "nothing", "bridge", "_id"):
        assert in_a.get(f"arks/{made.json['id']}/files/{column}").status_code == 404
        assert put(in_a, made, column, b"x").status_code == 404


def test_the_document_describes_files(in_a: Any) -> None:
    paths = in_a.get("_openapi").json["paths"]
    told = paths["/api/v1/arks/{pk}/files/{column}"]
    assert set(told) == {"get", "put", "delete"}
    assert told["put"]["parameters"][1]["schema"]["enum"] == ["plan", "photo"]
    assert "/api/v1/keepers/{pk}/files/{column}" not in paths
