"""All jobs of the background in one list, for the department: what waits, runs, is stuck, halted or failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app import jobs
from app.clock import stored_now
from app.documents.evidence import ListUpload
from app.documents.findings import FindingCheck
from app.documents.imports import ImportRun
from app.documents.notices import Notice
from app.documents.reports import ReportRun
from app.documents.rounds import Round
from app.enums import ImportState, Level, NoticeState, RunState
from app.fabmongo import audit
from app.fabmongo.scope import Actor, Area
from app.services import imports, notices, reports
from app.services.areas import require_country
from app.services.halted_jobs import KINDS, resume_job
from app.services.imports.working import WORKING

log = logging.getLogger(__name__)
Raw = dict[str, Any]

STATES: Final = ("halted", "failed", "stuck", "running", "waiting")
"""The most pressing first."""
MOST_SHOWN: Final = 100
"""Jobs read of a kind and again of those that failed."""
FAILED_WITHIN: Final = timedelta(days=7)
LATE: Final = timedelta(seconds=90)
"""A lease that ran out so long ago has been passed over by the sweeps: nobody can do the work."""
IDLE: Final = 2
"""Attempts without progress from which a job counts as stuck."""
OPEN_RUN = [RunState.WAITING.value, RunState.RUNNING.value]


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job. `total` is None where it is not known; `since`: asked for when, UTC; `trace` leads to the log."""

    kind: str
    key: str
    title: str
    state: str
    by: str
    since: datetime | None
    done: int = 0
    total: int | None = None
    attempts: int = 0
    worker: str = ""
    reason: tuple[str, str] = ("", "")
    trace: str = ""
    error: str = ""
    may_retry: bool = False
    may_stop: bool = False


@dataclass(frozen=True, slots=True)
class _Source:
    """How a kind of job is read: filters of the open and of the failed ones, and its line."""

    document: Any
    open: Raw
    failed: Raw | None
    line: Callable[[Raw], JobLine]
    newest: str


def read_jobs(actor: Actor, kind: str = "", state: str = "") -> list[JobLine]:
    """Jobs of a kind (all without one) in a state (any without one), the most pressing first, then the oldest.

    Raises Problem "forbidden" unless the actor is of the whole country.
    """
    require_country(actor)
    lines = [line for name in SOURCES if kind in ("", name) for line in _read(SOURCES[name])]
    found = [line for line in lines if state in ("", line.state)]
    return sorted(found, key=lambda line: (STATES.index(line.state), str(line.since or "")))


def _read(source: _Source) -> Iterator[JobLine]:
    collection = source.document._get_collection()
    for row in collection.find(source.open).sort(source.newest, -1).limit(MOST_SHOWN):
        yield source.line(row)
    if source.failed is not None:
        since = {source.newest: {"$gte": stored_now() - FAILED_WITHIN}}
        for row in collection.find({**source.failed, **since}).sort(source.newest, -1).limit(MOST_SHOWN):
            yield source.line(row)


def state_of(row: Raw, now: datetime | None = None) -> str:
    """The state of an open raw job with a claim."""
    if (row.get("fault") or {}).get("trace"):
        return "halted"
    now, due = now or stored_now(), row.get("lease_until")
    late = due is not None and due.replace(tzinfo=None) < now.replace(tzinfo=None) - LATE
    held = row.get("worker") is not None and not late
    if late or (int(row.get("idle") or 0) >= IDLE and not held):
        return "stuck"
    return "running" if held else "waiting"


def _common(kind: str, row: Raw, failed: bool) -> Raw:
    state = "failed" if failed else state_of(row)
    fault = row.get("fault") or {}
    return {
        "kind": kind, "key": str(row["_id"]), "state": state, "attempts": int(row.get("attempts") or 0),
        "worker": (row.get("worker") or "")[:8] if state == "running" else "",
        "trace": fault.get("trace", "") if state == "halted" else "",
        "error": fault.get("kind", "") if state == "halted" else "",
        "may_retry": state in ("halted", "stuck"),
    }  # fmt: skip


def _report(row: Raw) -> JobLine:
    failed = row["state"] == RunState.FAILED.value
    return JobLine(
        title=f"{row.get('area_name', '')} · {row.get('round_code', '')}", by=row.get("requested_by", ""),
        since=row.get("requested_on"), done=row.get("progress_done") or 0, total=row.get("progress_total"),
        reason=(row.get("error") or "",) * 2, may_stop=not failed and not row.get("cancel_requested"),
        **(_common("report", row, failed) | ({"may_retry": True} if failed else {})),
    )  # fmt: skip


def _import(row: Raw) -> JobLine:
    failed = row["state"] == ImportState.FAILED.value
    stoppable = row["state"] in (ImportState.READING.value, ImportState.APPLYING.value)
    return JobLine(
        title=row.get("file_name") or "", by=row.get("requested_by", ""), since=row.get("requested_on"),
        done=row.get("progress_done") or 0, total=row.get("progress_total") or None,
        reason=(row.get("error_th") or "", row.get("error_en") or ""),
        may_stop=stoppable and not row.get("cancel_requested"), **_common("import", row, failed),
    )  # fmt: skip


def _list(row: Raw) -> JobLine:
    return JobLine(
        title=row.get("file_name") or "", by=row.get("requested_by", ""), since=row.get("requested_on"),
        reason=(row.get("error_th") or "", row.get("error_en") or ""),
        **_common("list", row, row["state"] == RunState.FAILED.value),
    )  # fmt: skip


def _check(row: Raw) -> JobLine:
    return JobLine(
        title=str(row["_id"]), by="", since=row.get("started_on"), done=row.get("done") or 0,
        total=row.get("total") or None, **_common("check", row, failed=False),
    )  # fmt: skip


def _opening(row: Raw) -> JobLine:
    # An opening has no claim: its last sign of life does what a lease does for the others.
    seen = row.get("opening_seen")
    common = _common("opening", {**row, "lease_until": seen, "worker": "opening" if seen else None}, failed=False)
    return JobLine(
        title=str(row["_id"]), by=row.get("opening_by") or "", since=row.get("opening_on"),
        done=row.get("opening_done") or 0, total=row.get("opening_total"), **{**common, "worker": ""},
    )  # fmt: skip


def _notice(row: Raw) -> JobLine:
    failed = row["state"] != NoticeState.SENDING.value
    number = row.get("failed_count") or 0
    return JobLine(
        kind="notice", key=str(row["_id"]), title=row.get("subject") or "", state="failed" if failed else "running",
        by=row.get("sent_by") or "", since=row.get("sent_on"), done=row.get("sent_count") or 0, total=row.get("total"),
        reason=(f"ส่งไม่สำเร็จ {number:,} แห่ง", f"{number:,} not delivered") if number else ("", ""),
        may_retry=failed and row.get("author_level") == Level.COUNTRY.value,  # another office sends its own letters
    )  # fmt: skip


FAILED_REPORT, FAILED_IMPORT = {"state": RunState.FAILED.value}, {"state": ImportState.FAILED.value}
UNSENT = {"state": NoticeState.SENT.value, "failed_count": {"$gt": 0}}
SOURCES: Final[dict[str, _Source]] = {
    "import": _Source(ImportRun, {"state": {"$in": WORKING}}, FAILED_IMPORT, _import, "requested_on"),
    "list": _Source(ListUpload, {"state": {"$in": OPEN_RUN}}, FAILED_REPORT, _list, "requested_on"),
    "report": _Source(ReportRun, {"state": {"$in": OPEN_RUN}}, FAILED_REPORT, _report, "requested_on"),
    "check": _Source(FindingCheck, {"state": {"$in": OPEN_RUN}}, None, _check, "started_on"),
    "opening": _Source(Round, {"opening_on": {"$ne": None}}, None, _opening, "opening_on"),
    "notice": _Source(Notice, {"state": NoticeState.SENDING.value}, UNSENT, _notice, "sent_on"),
}
"""Kind of job → how it is read, in the order of the page."""


def retry_job(actor: Actor, kind: str, key: str) -> bool:
    """Let a job go on: a halted one where it stood, a stuck one at once, a failed report or letter anew.

    False where it no longer needs it. Raises Problem: "forbidden" unless the actor is of the whole country, and as the
    services do that retry.
    """
    require_country(actor)
    row = _row(kind, key)
    if row is None:
        return False
    line = SOURCES[kind].line(row)
    if not line.may_retry:
        return False
    done = _retry(actor, line, row)
    if done:
        _note(actor, kind, row, "retry")
    return done


def _retry(actor: Actor, line: JobLine, row: Raw) -> bool:
    if line.state == "halted":
        return resume_job(line.kind, line.key)
    if line.kind == "notice":
        return notices.resend_failed(actor, line.key) > 0  # type: ignore[arg-type]
    if line.state == "failed":
        level = row["level"]
        reports.request_report(actor, row["round_code"], Area(level, {level: row.get(f"{level}_code", "")}))  # type: ignore[arg-type]
        return True
    return jobs.enqueue_stored(KINDS[line.kind].task, line.key)


def stop_job(actor: Actor, kind: str, key: str) -> bool:
    """Stop a report or an import as its own page does; False where it had ended. Raises Problem as those do."""
    require_country(actor)
    row = _row(kind, key)
    if row is None or not SOURCES[kind].line(row).may_stop:
        return False
    document = SOURCES[kind].document.objects.get(pk=row["_id"])
    stopped = imports.cancel(actor, document) if kind == "import" else reports.cancel_report(actor, document)  # type: ignore[arg-type]
    if stopped:
        _note(actor, kind, row, "stop")
    return stopped


def _row(kind: str, key: str) -> Raw | None:
    """The raw job, if it is one that the list shows."""
    source = SOURCES.get(kind)
    if source is None:
        return None
    own = {"_id": KINDS["report"].key(key) if kind == "notice" else KINDS[kind].key(key)}
    where = [source.open] + ([source.failed] if source.failed is not None else [])
    row: Raw | None = source.document._get_collection().find_one({**own, "$or": where})
    return row


def _note(actor: Actor, kind: str, row: Raw, what: str) -> None:
    """Into the history of the job, and into the log."""
    raw = audit.entry(SOURCES[kind].document, row["_id"], "change", actor, int(row.get("_v") or 0), {}, reason=what)
    audit.record({**raw, "via": "jobs"}, None)
    log.info("%s of %s %s by %s", what, kind, row["_id"], getattr(actor, "username", ""))
