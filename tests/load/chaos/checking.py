"""What must hold when all is repaired and quiet: nothing acknowledged is lost, nothing is double, nothing is stuck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from app.enums import DeliveryState, ImportState, RunState
from app.queues import FORMER, QUEUES
from app.services.submissions.counting import roster_counts
from tests.load.chaos.journal import Journal
from tests.load.chaos.mail import MailServer
from tests.load.chaos.stack import Stack
from tests.load.chaos.world import RELIGION, ROSTER, World

Raw = dict[str, Any]
Db = Database[Raw]
MOVING_IMPORTS = [state.value for state in (ImportState.READING, ImportState.APPLYING, ImportState.UNDOING)]
OPEN_RUNS = [RunState.WAITING.value, RunState.RUNNING.value]
OPEN_LETTERS = [
    state.value for state in (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.RETRYING)
]  # fmt: skip
JOBS = ("import_runs", "report_runs", "finding_checks", "rounds")


def unfinished(db: Db, stack: Stack) -> list[str]:
    """What is still under way; nothing after a while of quiet, or it is stuck."""
    left = [f"import {row['_id']} {row['state']}" for row in db.import_runs.find({"state": {"$in": MOVING_IMPORTS}})]
    left += [f"report {row['_id']} {row['state']}" for row in db.report_runs.find({"state": {"$in": OPEN_RUNS}})]
    letters = db.deliveries.aggregate(
        [{"$match": {"state": {"$in": OPEN_LETTERS}}}, {"$group": {"_id": "$state", "n": {"$sum": 1}}}]
    )
    left += [f"{row['n']} letters {row['_id']}" for row in letters]
    left += [f"notice {row['_id']} sending" for row in db.notices.find({"state": "sending"}, {"_id": 1})]
    for name in JOBS:
        left += [f"a lease in {name} of {row['_id']}" for row in db[name].find({"worker": {"$ne": None}}, {"_id": 1})]
    with stack.queue_client() as client:
        left += [f"{n} tasks in the queue {name}" for name in (*QUEUES, FORMER) if (n := int(client.llen(name)))]
    return left


def differences(db: Db, stack: Stack, world: World, journal: Journal) -> Iterator[str]:
    """Every difference between what was acknowledged and what is stored; none is right."""
    yield from journal.faults
    yield from _saves(db, world, journal)
    yield from _additions(db, world, journal)
    yield from _imports(db, world, journal)
    yield from _reports(db, journal)
    yield from _letters(db, world, journal, stack.mail)
    yield from _counts(db)
    for name in (*JOBS, "deliveries"):
        for row in db[name].find({"fault.trace": {"$ne": None}}, {"fault": 1}):
            yield f"{name} {row['_id']} is halted: {row['fault'].get('kind')} (trace {row['fault'].get('trace')})"


def _saves(db: Db, world: World, journal: Journal) -> Iterator[str]:
    """Last acknowledged value stored, each acknowledged value in the history once, a version for each entry."""
    for value in journal.values.values():
        if value.key.startswith("added:"):
            continue
        row = db.students.find_one({"_id": ObjectId(value.key)})
        if row is None:
            yield f"student {value.key} is gone"
            continue
        if row.get("religion") not in value.may_be() | (set() if value.acknowledged else {RELIGION}):
            yield f"student {value.key}: the stored value is neither the last acknowledged nor a later one"
        entries = list(db.audit_entries.find({"of": "students", "key": row["_id"]}).sort("version", 1))
        written = Counter(entry["changes"]["religion"][1] for entry in entries if "religion" in entry["changes"])
        for token in value.acknowledged:
            if written[token] != 1:
                yield f"student {value.key}: an acknowledged save stands {written[token]} times in its history"
        if strange := written.keys() - {*value.acknowledged, *value.unknown}:
            yield f"student {value.key}: {len(strange)} entries of saves that nobody made"
        if any(number > 1 for number in written.values()):
            yield f"student {value.key}: a save is in the history twice"
        first = world.before.get(value.key, 0)
        if [entry["version"] for entry in entries] != list(range(first + 1, first + 1 + len(entries))):
            yield f"student {value.key}: versions of the history are not in a row"
        if row.get("_v", 0) != first + len(entries):
            yield f"student {value.key}: version {row.get('_v')} after {len(entries)} entries"


def _additions(db: Db, world: World, journal: Journal) -> Iterator[str]:
    for number, acknowledged in journal.added.items():
        rows = list(db.students.find({"national_id": number}))
        if len(rows) > 1 or (acknowledged and not rows):
            yield f"a student added by a form {'and acknowledged ' if acknowledged else ''}is there {len(rows)} times"
        for row in rows:
            if not all(row.get(name) for name in ("first_name", "school_code", "lao_code", "religion", "_v")):
                yield f"student {row['_id']} was added by halves"
            if db.audit_entries.count_documents({"of": "students", "key": row["_id"], "verb": "add"}) != 1:
                yield f"student {row['_id']} was added without one entry in the history"
    schools = [ground.school for ground in (*world.form_writers, *world.api_writers)]
    there = db.students.count_documents({"school_code": {"$in": schools}})
    added = sum(db.students.count_documents({"national_id": number}) for number in journal.added)
    if there != len(schools) * ROSTER + added:
        yield f"{there} students are in the writers' schools instead of {len(schools) * ROSTER + added}"


def _imports(db: Db, world: World, journal: Journal) -> Iterator[str]:
    last: dict[str, str] = {}
    for run in db.import_runs.find().sort("applied_on", 1):
        key = str(run["_id"])
        if run["state"] == ImportState.FAILED.value:
            yield f"import {key} failed: {run.get('error_en')}"
        if key not in journal.imports:
            continue
        if run["state"] != ImportState.APPLIED.value:
            yield f"import {key} was to be applied and is {run['state']}"
            continue
        last[run["school_code"]] = key
        written = db.import_rows.count_documents({"run": run["_id"], "state": "applied"})
        entries = db.audit_entries.count_documents({"via": f"import:{key}"})
        if not written == entries == run.get("applied"):
            yield f"import {key}: {run.get('applied')} rows applied, {written} marked, {entries} entries in the history"
    for ground in world.importers:
        rows = {row["national_id"]: row for row in db.students.find({"school_code": ground.school})}
        wanted = journal.imports.get(last.get(ground.school, ""), {})
        if wanted and {number: row.get("room") for number, row in rows.items()} != wanted:
            yield f"school {ground.school}: the roster is not that of its last file ({len(rows)} of {len(wanted)} rows)"
        for row in rows.values():
            entries = db.audit_entries.count_documents({"of": "students", "key": row["_id"]})
            if entries != row.get("_v"):
                yield f"student {row['_id']}: version {row.get('_v')} after {entries} entries of imports"


def _reports(db: Db, journal: Journal) -> Iterator[str]:
    for run in db.report_runs.find():
        if run["state"] != RunState.DONE.value:
            yield f"report {run['_id']} is {run['state']}: {run.get('error')}"
            continue
        rows = list(db.report_rows.find({"run": run["_id"]}))
        schools = [row for row in rows if row["level"] == "school"]
        if len({row["path"] for row in rows}) != len(rows) or len(schools) != run["schools"]:
            yield f"report {run['_id']}: {len(rows)} rows, {len(schools)} of schools instead of {run['schools']}"
        if sum(row.get("total") or 0 for row in schools) != (run.get("total") or 0):
            yield f"report {run['_id']}: the sum of its schools is not its total"
    there = {str(row["_id"]) for row in db.report_runs.find({}, {"_id": 1})}
    for pk in journal.reports - there:
        yield f"report {pk} was promised and is not there"


def _letters(db: Db, world: World, journal: Journal, mail: MailServer) -> Iterator[str]:
    copies = mail.copies()
    known: dict[str, Raw] = {}
    for row in db.deliveries.find():
        known[row.get("message_id") or ""] = row
        sent, kind = row["state"] == DeliveryState.SENT.value, (row.get("error") or {}).get("kind")
        if not sent and kind != "uncertain":
            yield f"letter {row['_id']} is {row['state']}: {kind} {(row.get('error') or {}).get('text')}"
        if sent and copies[row.get("message_id") or ""] != 1:
            yield f"letter {row['_id']} is said to be sent and arrived {copies[row.get('message_id') or '']} times"
    for key, number in copies.items():
        if number > 1:
            yield f"letter {known.get(key, {}).get('_id', key)} arrived {number} times"
        if key not in known:
            yield f"a message that no delivery knows arrived: {key}"
    for notice in db.notices.find({"state": {"$ne": "draft"}}):
        rows = db.deliveries.count_documents({"notice_id": notice["_id"]})
        sent = db.deliveries.count_documents({"notice_id": notice["_id"], "state": "sent"})
        if not rows == notice["total"] == world.recipients or sent != notice["sent_count"]:
            yield f"notice {notice['_id']}: {rows} of {world.recipients} letters, {notice['sent_count']} of {sent} sent"
    for pk in journal.letters - {str(row["_id"]) for row in db.notices.find({"state": "sent"}, {"_id": 1})}:
        yield f"notice {pk} was told to be sent and is not sent"


def _counts(db: Db) -> Iterator[str]:
    """The counts of submissions against a recount of the rosters."""
    for round_ in db.rounds.find():
        rows = list(db.submissions.find({"round_code": round_["_id"], "source": "roster"}))
        counted = roster_counts([row["school_code"] for row in rows], round_["census_date"])
        for row in rows:
            if row.get("counts") != counted.get(row["school_code"]):
                yield f"submission {row['_id']}: its counts are not those of a recount"
