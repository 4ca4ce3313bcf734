"""Jobs that a mistake of the program holds up: which there are, and letting them go on after the mend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId

from app import jobs
from app.documents.evidence import ListUpload
from app.documents.findings import FindingCheck
from app.documents.imports import ImportRun
from app.documents.reports import ReportRun
from app.documents.rounds import Round
from app.enums import RunState
from app.services import claims
from app.services.imports.working import WORKING

Raw = dict[str, Any]

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of stored job: its document, the task that works on one, how its key is written as text, which are open.

    A worker of an older version does not know `fault` and may end a halted job: it is open no more, and not listed.
    """

    document: Any
    task: str
    key: Callable[[str], Any]
    open_: Raw


def _object_id(text: str) -> Any:
    return ObjectId(text) if ObjectId.is_valid(text) else text


_UNDER_WAY: Raw = {"state": {"$in": [RunState.WAITING.value, RunState.RUNNING.value]}}
KINDS: dict[str, JobKind] = {
    "import": JobKind(ImportRun, "imports.work", _object_id, {"state": {"$in": WORKING}}),
    "list": JobKind(ListUpload, "evidence.read_list", _object_id, _UNDER_WAY),
    "report": JobKind(ReportRun, "reports.build", _object_id, _UNDER_WAY),
    "check": JobKind(FindingCheck, "findings.run", str, _UNDER_WAY),
    "opening": JobKind(Round, "rounds.open", str, {"opening_on": {"$ne": None}}),
}


@dataclass(frozen=True, slots=True)
class HaltedJob:
    """kind: a key of KINDS. trace: what the log says of it, error: the kind of Python's error."""

    kind: str
    key: str
    trace: str
    error: str
    since: datetime


def halted_jobs() -> list[HaltedJob]:
    """All that is held up, at most MOST_SHOWN of a kind, the latest first."""
    found = [
        HaltedJob(kind, str(row["_id"]), row["fault"]["trace"], row["fault"]["kind"], row["fault"]["on"])
        for kind, each in KINDS.items()
        for row in claims.halted(each.document._get_collection(), MOST_SHOWN, each.open_)
    ]
    return sorted(found, key=lambda job: job.since, reverse=True)


def resume_job(kind: str, key: str) -> bool:
    """Let a halted job go on where it stood; False where there is none such or it is not halted."""
    each = KINDS[kind]
    if not claims.resume(each.document._get_collection(), each.key(key)):
        return False
    jobs.enqueue_stored(each.task, key)
    return True
