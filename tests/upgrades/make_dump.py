"""Makes the dump of one released version, with made-up people, by that version's own program.

Run it in a checkout of the version, with the version's libraries, and commit what it writes:

    git worktree add ../released <commit> && cd ../released
    PYTHONPATH=. python <this file> <folder>/tests/upgrades/<version>

It starts servers of its own, lets `flask init` write the demo, and then works as people do: imports in several states,
reports, a notice with deliveries, steps, findings, deletions, exports. What pages of that version said of the numbers
is kept beside the rows, so that a later version's pages can be compared. If a service has been renamed since, this
file is changed for the versions from then on; a dump that was made is never made again.
"""

from __future__ import annotations

import dataclasses
import gzip
import importlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import bson
from flask import Flask
from mongoengine.connection import get_db

ROLES = ("dla", "province", "district", "lao", "school")
LAO, DISTRICT = "lao", "district"
ROWS, NUMBERS = "rows.bson.gz", "numbers.json"
TASKS = ("files", "findings", "imports", "notices", "proclamations", "reminders", "reports", "rounds")
PAGES = (
    "/rosters/counts?round=2567-1&format=csv&lao={lao}",
    "/rosters/counts?round=2567-2&format=csv&lao={lao}",
    "/rosters/findings?format=csv&lao={lao}",
)
"""Texts whose every number must be the same after an upgrade."""

Raw = dict[str, Any]


def main(folder: Path) -> None:
    """Write `rows.bson.gz` and `numbers.json` into `folder`."""
    import config
    from app import create_app
    from app.devservers.mongo import EmbeddedMongo
    from app.devservers.valkey import EmbeddedValkey

    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        EmbeddedMongo(Path(place, "mongo"), database="lec_dump") as mongo,
        EmbeddedValkey(Path(place, "valkey")) as valkey,
    ):
        servers = {"MONGODB_URI": mongo.uri, "REDIS_URL": valkey.url}
        given = {"LEC_ENV": "testing", "LEC_DATA_DIR": str(Path(place, "data")), **servers}
        app = create_app(dataclasses.replace(config.load(given), demo=True, csrf_enabled=False))
        app.extensions["celery"].conf.update(task_always_eager=True)
        for name in TASKS:
            importlib.import_module(f"tasks.{name}")
        done = app.test_cli_runner().invoke(args=["init"])
        assert done.exit_code == 0, done.output
        with app.app_context():
            fill(app)
            (folder / NUMBERS).write_text(json.dumps(numbers(app), ensure_ascii=False, indent=1) + "\n", "utf-8")
            dump(folder / ROWS)


def fill(app: Flask) -> None:
    """What people and workers leave behind in a season, each kind at least once."""
    for step in (imports, reports, notices, by_hand, findings, steps):
        step(app)
        print(step.__name__, "done")


def person(name: str) -> Any:
    from app.fabmongo.security.models import User

    return User.objects.get(username=name)


def visit(app: Flask, name: str, path: str, method: str = "GET", **form: str) -> Any:
    """What the person's browser gets; each visit has a context of its own, for who is signed in is kept in it."""
    with app.app_context():
        browser = app.test_client()
        with browser.session_transaction() as own:
            own.update(_user_id=person(name).get_id(), _fresh=True, locale="th")
        return browser.open(path, method=method, data=form or None)


def imports(app: Flask) -> None:
    """Applied, undone, cancelled, previewed, refused, with columns to choose; of one school and of the LAO."""
    from app.documents.imports import ImportRun
    from app.services.imports import apply, cancel, undo
    from app.services.imports.uploading import start

    officer = person(LAO)
    lao = officer.area.codes["lao"]
    school = get_db().students.find_one({"lao_code": lao})["school_code"]
    text = visit(app, LAO, f"/rosters/roster?school={school}&layout=lec&format=csv").data.decode("utf-8-sig")

    def run(old: str = "", new: str = "", raw: bytes | None = None, name: str = "roster.csv") -> Any:
        data = raw if raw is not None else text.replace(old, new).encode() if old else text.encode()
        made = start(officer, name, data, school=school, reason="แก้ไขตามหลักฐาน")
        return ImportRun.objects.get(pk=made.pk)

    names = [row["first_name"] for row in get_db().students.find({"school_code": school}).limit(4)]
    apply(officer, run(names[0], names[0] + "ดี"), "แก้ไขตามหลักฐาน")
    undone = run(names[1], names[1] + "งาม")
    apply(officer, undone, "แก้ไขตามหลักฐาน")
    undo(officer, ImportRun.objects.get(pk=undone.pk))
    cancel(officer, run(names[2], names[2] + "ใจ"))
    run(names[3], names[3] + "พร")
    run(raw=b"a,b,c\n1,2,3\n4,5,6\n")
    run(raw=b"\x00\x01\x02 nothing", name="broken.xlsx")
    print({row["_id"]: row["count"] for row in get_db().import_runs.aggregate([{"$sortByCount": "$state"}])})


def reports(app: Flask) -> None:
    """Two that are done, one that was cancelled."""
    from app.services.reports import cancel_report, request_report

    officer = person(DISTRICT)
    for code in ("2567-1", "2567-2"):
        request_report(officer, code, officer.area)
    dla = person("dla")
    app.extensions["celery"].conf.update(task_always_eager=False)
    cancel_report(dla, request_report(dla, "2567-1", officer.area))
    app.extensions["celery"].conf.update(task_always_eager=True)


def notices(app: Flask) -> None:
    """One that was sent to every LAO of the district, one of which has no address; and a draft."""
    from app.services import notices as service

    officer = person(DISTRICT)
    some = get_db().laos.find_one({"_id": {"$ne": person(LAO).area.codes["lao"]}})
    get_db().laos.update_one({"_id": some["_id"]}, {"$unset": {"email": ""}})
    fields = {
        "number": "นม ๐๐๒๓/ว ๑๖๐๓", "urgency": "urgent", "office": "ที่ว่าการอำเภอทดสอบ", "dated": date(2024, 11, 5),
        "subject": "ขอให้ปรับปรุงข้อมูลนักเรียน", "addressee": "{ผู้บริหาร}", "references": [], "attachments": [],
        "opening": ["ขอให้ {อปท} ดำเนินการ ดังนี้"], "orders": ["ตรวจสอบข้อมูล"], "closing": ["จึงเรียนมาเพื่อทราบ"],
        "deadline": date(2024, 11, 29), "signer_name": "", "signer_position": "นายอำเภอทดสอบ", "contact": "โทร. ๐",
        "round": "2567-2", "area_level": "district", "area_code": officer.area.codes["district"], "states": [],
    }  # fmt: skip
    service.send(officer, service.save_draft(officer, fields))
    service.save_draft(officer, {**fields, "number": "นม ๐๐๒๓/ว ๑๖๐๔"})
    for row in get_db().deliveries.find({"state": "queued"}):
        importlib.import_module("tasks.notices").deliver.apply(args=[row["_id"]])
    print({row["_id"]: row["count"] for row in get_db().deliveries.aggregate([{"$sortByCount": "$state"}])})


def steps(app: Flask) -> None:
    """A comment of the district, a count returned by it, and an extension."""
    from app.enums import Step
    from app.services.submissions import take_step

    officer = person(DISTRICT)
    for row in get_db().submissions.find({"round_code": "2567-2", "state": "submitted"}).limit(2):
        take_step(officer, row["_id"], Step.COMMENT, "ตรวจสอบแล้ว")
        take_step(officer, row["_id"], Step.RETURN, "โปรดแนบบัญชีรายชื่อ")
    lao = get_db().laos.find_one({"_id": person(LAO).area.codes["lao"]})
    path = {"lao_code": lao["_id"], "district_code": lao["district_code"], "province_code": lao["province_code"]}
    row = {"round_code": "2567-1", "until": bson.datetime.datetime(2099, 1, 1), "reason": "น้ำท่วม", "created_by": "dla"}
    get_db().extensions.insert_one({**row, **path})


def findings(app: Flask) -> None:
    """Every school of the LAO is checked; one student is made to be found."""
    from app.services.findings import runs

    lao = person(LAO).area.codes["lao"]
    row = get_db().students.find_one({"lao_code": lao})
    get_db().students.update_one({"_id": row["_id"]}, {"$set": {"birth_date": bson.datetime.datetime(1999, 1, 1)}})
    runs.request_check(person(LAO), "lao", lao)
    assert get_db().findings.count_documents({}), "nothing was found"


def by_hand(app: Flask) -> None:
    """A student removed, a list exported, a view saved, a school deleted, sign-ins that failed."""
    row = get_db().students.find({"lao_code": person(LAO).area.codes["lao"]}).sort("_id", -1).next()
    page = visit(app, "dla", f"/students/delete/{row['_id']}", "POST", _reason="ซ้ำกับคนเดิม")
    assert page.status_code == 302 and not get_db().students.find_one({"_id": row["_id"]}), page.location
    assert visit(app, LAO, "/students/export?format=csv").status_code == 200
    get_db().import_layouts.insert_one({"name": "แบบของเรา", "columns": [], "lao_code": person(LAO).area.codes["lao"]})
    merger = get_db().proclamations.find_one({"kind": "merger"}) or get_db().proclamations.find_one()
    moved = {"student": row["_id"], "proclamation": merger["_id"], "source": "1", "target": "2", "version": 1}
    get_db().student_moves.insert_one(moved)
    view = {"name": "ชั้น ป.1", "of": "StudentView", "query": "_flt_0_grade=P1", "first": False}
    get_db().users.update_one({"username": LAO}, {"$push": {"saved_views": view}})
    for _ in range(2):
        with app.app_context():
            app.test_client().post("/login/", data={"username": "nobody", "password": "wrong"})


def numbers(app: Flask) -> Raw:
    """What this version's pages and collections say."""
    database = get_db()
    pages = [page.format(lao=person(LAO).area.codes["lao"]) for page in PAGES]
    told = {role: {page: text_of(visit(app, role, page)) for page in pages} for role in ROLES}
    kept = [name for name in sorted(database.list_collection_names()) if not name.startswith("system.")]
    key = {"$concat": ["$round_code", " ", "$state"]}
    by_state = [{"$group": {"_id": key, "schools": {"$sum": 1}, "total": {"$sum": "$total"}}}]
    found = {row["_id"]: [row["schools"], row["total"]] for row in database.submissions.aggregate(by_state)}
    return {
        "pages": told,
        "submissions": dict(sorted(found.items())),
        "collections": {name: database[name].count_documents({}) for name in kept},
    }


def text_of(answer: Any) -> str:
    return answer.data.decode("utf-8-sig") if answer.status_code == 200 else f"{answer.status_code}"


def dump(path: Path) -> None:
    """One BSON document after the other: {"of": collection, "indexes"} first, then {"of": collection, "row"}."""
    with gzip.GzipFile(path, "wb", mtime=0) as out:
        for document in documents(get_db()):
            out.write(bson.encode(document))
    print(path, path.stat().st_size)


def documents(database: Any) -> Iterator[Raw]:
    hidden: dict[str, Callable[[Raw], Raw]] = {"users": lambda row: {**row, "password": "-"}}
    for name in sorted(database.list_collection_names()):
        if name.startswith("system."):
            continue
        yield {"of": name, "indexes": [dict(spec) for spec in database[name].list_indexes()]}
        for row in database[name].find().sort("_id", 1):
            yield {"of": name, "row": hidden.get(name, dict)(row)}


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
