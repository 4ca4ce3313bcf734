"""Nobody reaches a row outside the own area: every registered route, as each role, with foreign ids."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from bson import ObjectId
from flask import Flask
from pymongo.database import Database

from app import db as app_db
from app.enums import EvidenceKind
from tests.factories.people import some_students
from tests.factories.places import LaoPlaces
from tests.people import Browser, People

MARK = "นอกพื้นที่XYZ"
"""Stands in every text of every row, followed by the row's place; a foreign one must never be shown."""
ROLES = ["province", "district", "lao", "school"]
SHARED = {"provinces", "districts", "agencies", "rounds", "rule_settings"}
"""Reference lists that everybody reads; their rows bear no mark."""
WALKED_ALIKE = {"sign out": "SignInView.logout", "language": "LocaleView.index"}


@pytest.fixture
def world(app: Flask, people: People, db: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    """Rows of every scoped document in every LAO, each named after its place."""
    places = people.places
    for lao in places.laos:
        name = f"{MARK}{lao.code}"
        db.laos.update_one({"_id": lao.code}, {"$set": {"name_th": name}})
        db.schools.update_many({"lao_code": lao.code}, {"$set": {"name_th": name}})
        own = db.schools.find_one({"_id": lao.own})
        rows = [{**row, "first_name": name, "last_name": name} for row in some_students(3, seed=int(lao.code), **own)]
        db.students.insert_many(rows)
        db.submissions.insert_one(
            {"_id": f"2567-2:{lao.own}", "round_code": "2567-2", "school_code": lao.own, "kind": "school",
             "state": "not_started", **lao.path}
        )
        db.proclamations.insert_one(
            {"number": name, "kind": "closure", "announced_on": datetime(2024, 5, 1), "authority": name,
             "effective_on": datetime(2024, 5, 1), "schools": [lao.centre], **lao.path}
        )
        db.corrections.insert_one(
            {"round_code": "2567-2", "school_code": lao.own, "student_name": name, "deed": "change", "effect": 0,
             "fields": [{"field": "ก", "before": name, "after": name}], "reason": name, "made_by": name,
             "made_on": datetime(2024, 11, 6), **lao.path}
        )
        notice = db.notices.insert_one(
            {"number": name, "subject": name, "urgency": "normal", "state": "sent", "office": name,
             "dated": datetime(2024, 11, 5), "addressee": name, "opening": [name], "orders": [name],
             "author_level": "district", "recipients": {"area_level": "lao", "area_code": lao.code}, **lao.path}
        ).inserted_id
        db.deliveries.insert_one(
            {"_id": f"{notice}:{lao.code}", "notice_id": notice, "address": f"{name}@lec.example", "lao_name": name,
             "subject": name, "number": name, "state": "sent", "attempts": 1, "message_id": f"<{lao.code}@lec>",
             **lao.path}
        )
        chain_rows(db, lao, name)
        import_rows(db, lao, name)
        run = db.report_runs.insert_one(
            {"round_code": "2567-2", "level": "lao", "area_name": name, "state": "done", "requested_by": name,
             "requested_on": datetime(2024, 11, 6), "census_date": datetime(2024, 6, 10), **lao.path}
        ).inserted_id
        db.findings.insert_one(
            {"_id": f"age-for-grade:{lao.own}:{rows[0]['_id']}:birth_date", "rule": "age-for-grade", "state": "open",
             "severity": "warning", "text_th": name, "text_en": name, "student_id": rows[0]["_id"],
             "student_name": name, "school_code": lao.own, "other_schools": [places.laos[0].own], **lao.path}
        )
        path = f"TH/{lao.province}/{lao.district}/{lao.code}"
        db.report_rows.insert_one(
            {"_id": f"{run}/{path}", "run": run, "path": path, "level": "lao", "code": lao.code, "name": name,
             "schools": 1, "schools_missing": 0, "missing": False, "counts": [], "male": 1, "female": 1, "total": 2}
        )
    return db


def chain_rows(db: Database[dict[str, Any]], lao: LaoPlaces, name: str) -> None:
    """A step, the certification and an extension of an LAO in round 2."""
    db.submission_steps.insert_one(
        {"submission_code": f"2567-2:{lao.own}", "step": "comment", "before": "not_started", "after": "not_started",
         "text": name, "taken_on": datetime(2024, 11, 6), "school_code": lao.own, **lao.path}
    )
    db.certifications.insert_one(
        {"_id": f"2567-2:{lao.code}", "round_code": "2567-2", "officer_name": name, "officer_position": name,
         "certified_by": name, "certified_on": datetime(2024, 11, 6), "schools": 1, "male": 0, "female": 0,
         "total": 0, "digest": "", "stale": False, **lao.path}
    )
    db.extensions.insert_one(
        {"round_code": "2567-2", "until": datetime(2099, 1, 1), "reason": name, **lao.path}
    )


def import_rows(db: Database[dict[str, Any]], lao: LaoPlaces, name: str) -> None:
    """A previewed import of an LAO with its school, a row and a layout that was saved."""
    run = db.import_runs.insert_one(
        {"state": "preview", "level": "lao", "file_name": name, "requested_by": name, "reason": name, "rows": 1,
         "requested_on": datetime(2024, 11, 6), "numbers": {"refused": 1}, "applied": 1, **lao.path,
         "sheets": [{"index": 0, "name": name, "header": 0,
                     "columns": [{"place": 0, "heading": name, "field": "first_name"}]}]}
    ).inserted_id
    db.import_schools.insert_one(
        {"_id": f"{run}/{lao.own}", "run": run, "school_code": lao.own, "name": name, "state": "planned"}
    )
    db.import_rows.insert_one(
        {"run": run, "n": 1, "row": 2, "sheet": 0, "school_code": lao.own, "deed": "refused", "state": "planned",
         "student_name": name, "typed": {"first_name": name}, "troubles": [{"field": "grade", "th": name, "en": name}]}
    )
    db.import_layouts.insert_one({"name": name, "columns": [], **lao.path})


def granted(user: Any, document: Any) -> dict[str, Any] | None:
    return document.scope.reads(user.area)


def foreign_ids(user: Any, document: Any, db: Database[dict[str, Any]]) -> list[str]:
    """Keys of the rows that this person must not reach."""
    own = granted(user, document)
    query = {} if own is None else {"$nor": [own]} if own else {"_id": {"$in": []}}
    return [str(row["_id"]) for row in db[document._get_collection_name()].find(query, {"_id": 1})]


def own_marks(user: Any, db: Database[dict[str, Any]]) -> set[str]:
    """The marks this person may see: those of the LAOs in the own area."""
    document = next(d for d in app_db.DOCUMENTS if d._get_collection_name() == "laos")
    query = granted(user, document)
    return {f"{MARK}{row['_id']}" for row in db.laos.find(query or {}, {"_id": 1})} if query is not None else set()


def views(app: Flask) -> dict[str, Any]:
    return {view.endpoint: view for view in app.extensions["appbuilder"].baseviews}


def addresses(app: Flask, user: Any, db: Database[dict[str, Any]]) -> Iterator[tuple[str, str, Any]]:
    """(method, address, view) of every route, with foreign ids in every place that takes one."""
    for rule in app.url_map.iter_rules():
        endpoint = rule.endpoint.split(".")[0]
        if rule.endpoint.endswith("static") or rule.endpoint in WALKED_ALIKE.values():
            continue
        view = views(app).get(endpoint)
        for values in fillings(rule, view, user, db):
            address = re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda m, v=values: v[m[1]], rule.rule)
            for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
                yield method, address, view


def fillings(rule: Any, view: Any, user: Any, db: Database[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """Values for a route's places: foreign keys for `pk`, every action, every relation."""
    if not rule.arguments:
        yield {}
        return
    datamodel = getattr(view, "datamodel", None)
    pks = foreign_ids(user, datamodel.obj, db) if datamodel is not None else [str(ObjectId())]
    names = [*getattr(view, "actions", {}), "nothing"]
    columns = [c for c in datamodel.get_columns_list() if datamodel.is_relation(c)] if datamodel else []
    choices = {"pk": pks, "name": names, "column": columns or ["nothing"], "locale": ["th"]}
    choices |= {"entry": entries(user, datamodel, db), "path": ["name_th"]}
    choices |= {"kind": [*EvidenceKind, "import", "report"]}
    choices |= {"key": [str(row["_id"]) for name in ("import_runs", "report_runs") for row in db[name].find()]}
    laos = next(document for document in app_db.DOCUMENTS if document._get_collection_name() == "laos")
    choices |= {"round_code": ["2567-2"], "lao_code": foreign_ids(user, laos, db) or ["nothing"]}
    choices |= {"row": [str(row["_id"]) for row in db.import_rows.find()]}
    unknown = set(rule.arguments) - set(choices)
    assert not unknown, f"{rule}: say here what {unknown} is"
    filled: list[dict[str, str]] = [{}]
    for argument in rule.arguments:
        filled = [{**one, argument: value} for one in filled for value in choices[argument]]
    yield from filled


def entries(user: Any, datamodel: Any, db: Database[dict[str, Any]]) -> list[str]:
    """Audit entries of foreign rows: one says the row was deleted as it stands, another that it was changed."""
    if datamodel is None or getattr(datamodel.obj, "scope", None) is None:
        return [str(ObjectId())]
    name, keys = datamodel.obj._get_collection_name(), foreign_ids(user, datamodel.obj, db)
    row = next((row for row in db[name].find() if keys and str(row["_id"]) == keys[0]), None)
    if row is None:
        return [str(ObjectId())]
    made = [
        {"of": name, "key": row["_id"], "version": 1, "verb": "delete", "at": datetime(2024, 1, 1), "stored": row},
        {"of": name, "key": row["_id"], "version": 2, "verb": "change", "at": datetime(2024, 1, 2),
         "changes": {"name_th": [MARK, MARK]}},
    ]  # fmt: skip
    return [str(key) for key in db.audit_entries.insert_many(made).inserted_ids]


def queries(user: Any, db: Database[dict[str, Any]]) -> str:
    """Arguments that pages take besides the path, each pointing outside the area."""
    laos = next(d for d in app_db.DOCUMENTS if d._get_collection_name() == "laos")
    foreign = (foreign_ids(user, laos, db) or ["6310118"])[-1]
    return f"lao={foreign}&parent=lao:{foreign}&area=lao:{foreign}&q=&_flt_0_lao={foreign}&pk={foreign}"


def snapshot(user: Any, db: Database[dict[str, Any]]) -> dict[str, Any]:
    """Every row the person must not touch, as it is stored."""
    found = {}
    for document in app_db.DOCUMENTS:
        scope = getattr(document, "scope", None)
        name = document._get_collection_name()
        if scope is None or name in SHARED:
            continue
        keys = set(foreign_ids(user, document, db))
        found[name] = sorted((row for row in db[name].find() if str(row["_id"]) in keys), key=lambda r: str(r["_id"]))
    runs = [row["_id"] for row in found["import_runs"]]
    for name in ("import_rows", "import_schools"):  # reached through their runs only
        found[name] = list(db[name].find({"run": {"$in": runs}}).sort("_id", 1))
    return found


def strange_marks(text: str, allowed: set[str]) -> set[str]:
    return {mark for mark in re.findall(rf"{MARK}\d{{7}}", text) if mark not in allowed}


@pytest.mark.parametrize("role", ROLES)
def test_no_route_shows_or_changes_a_foreign_row(
    app: Flask, people: People, world: Database[dict[str, Any]], role: str
) -> None:
    user, browser = people[role], people.browser(role)
    before, allowed = snapshot(user, world), own_marks(user, world)
    walked = 0
    for method, address, view in addresses(app, user, world):
        for query in ("", f"?{queries(user, world)}"):
            answer = (
                browser.get(address + query)
                if method == "GET"
                else browser.client.open(address + query, method=method, data=posted(browser, user, view, world))
            )
            assert answer.status_code < 500, (method, address + query, answer.status_code)
            assert not strange_marks(shown(answer), allowed), (method, address + query)
            walked += 1
    assert walked > 150, "the walk has lost its way"
    assert snapshot(user, world) == before


def shown(answer: Any) -> str:
    """What an answer says: its text, or that of every part of a workbook or another zip."""
    if not answer.data.startswith(b"PK"):
        return str(answer.text)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
        return "".join(bundle.read(name).decode() for name in bundle.namelist())


def posted(browser: Browser, user: Any, view: Any, db: Database[dict[str, Any]]) -> dict[str, Any]:
    """A form full of foreign keys."""
    data: dict[str, Any] = {"csrf_token": browser.token, "action": next(iter(getattr(view, "actions", {}) or {"x": 1}))}
    data |= {"step": "comment", "text": "x", "reason": "x", "officer_name": "x", "officer_position": "x"}
    datamodel = getattr(view, "datamodel", None)
    if datamodel is not None:
        data["rowid"] = foreign_ids(user, datamodel.obj, db)
        for column in datamodel.get_columns_list():
            if datamodel.is_relation(column):
                data[column] = foreign_ids(user, datamodel.get_related_model(column), db)[:1]
    return data


@pytest.mark.parametrize("role", ROLES)
def test_the_walk_can_fail_for_own_rows_are_shown(
    people: People, world: Database[dict[str, Any]], role: str
) -> None:
    browser, allowed = people.browser(role), own_marks(people[role], world)
    page = browser.get("/students/list/").text
    assert set(re.findall(rf"{MARK}\d{{7}}", page)) & allowed


@pytest.mark.parametrize("path", ["/students/list/", "/schools/add", "/reports/new", "/notices/list/", "/"])
def test_a_stranger_is_sent_to_sign_in(app: Flask, db: Any, path: str) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == 302
    assert "/login" in answer.location


SCHOOL = {"code": "99887766", "name_th": "โรงเรียนทดสอบ", "kind": "school", "grades": ["P1"]}
STUDENT = {
    "national_id": "G123456789012", "title": "เด็กชาย", "first_name": "ก", "last_name": "ข", "sex": "male",
    "birth_date": "01/02/2560", "grade": "P1", "status": "studying", "admitted_on": "16/05/2566",
    "_reason": "ก",
}
PROCLAMATION = {
    "number": "1/2567", "kind": "closure", "announced_on": "01/05/2567", "effective_on": "01/05/2567", "authority": "ก",
}


@pytest.mark.parametrize(
    ("address", "form", "references"),
    [
        ("/schools/add", SCHOOL, {"lao": "lao"}),
        ("/students/add", STUDENT, {"school": "own"}),
        ("/proclamations/add", PROCLAMATION, {"lao": "lao", "schools": "other"}),
    ],
)
def test_a_forged_reference_is_refused_in_each_form(
    people: People, world: Database[dict[str, Any]], address: str, form: dict[str, Any], references: dict[str, str]
) -> None:
    """The same form goes in with own references and is refused when any one of them is foreign."""
    own, foreign = people.places.takhop_tambon, people.places.takhop_sao
    collection = world[address.split("/")[1]]

    def keys(place: Any) -> dict[str, str]:
        return {name: place.code if kind == "lao" else getattr(place, kind) for name, kind in references.items()}

    for name in references:
        before = collection.count_documents({})
        answer = people.browser("lao").post(address, {**form, **keys(own), name: keys(foreign)[name]})
        assert answer.status_code == 200, f"a forged {name} was accepted"
        assert 'aria-invalid="true"' in answer.text or "error-summary" in answer.text
        assert collection.count_documents({}) == before
    answer = people.browser("lao").post(address, {**form, **keys(own)})
    assert answer.status_code == 302, re.findall(r"<a href=.#[^<]*</a>", answer.text)
