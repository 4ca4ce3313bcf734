"""Findings of the chosen schools as typed rows, heaviest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.documents.findings import StoredFinding
from app.enums import DuplicateReason, FindingState, Severity
from app.fabmongo.scope import Actor
from app.reports.rosters.rows import FindingRow, RosterHead
from app.rules.catalogue import CATALOGUE
from app.rules.imports.fields import LABELS
from app.services.areas import scope_filter

Raw = dict[str, Any]


def finding_rows(actor: Actor, head: RosterHead) -> Iterator[FindingRow]:
    """What stands of the head's schools and the actor may see; what has been put right is left out."""
    granted = scope_filter(actor, StoredFinding)
    if granted is None:
        return
    names = {school.code: school.name for school in head.schools}
    here = {"school_code": {"$in": list(names)}, "state": {"$ne": FindingState.GONE.value}}
    for severity in Severity:
        wanted = {"$and": [granted, here, {"severity": severity.value}]}
        with StoredFinding._get_collection().find(wanted, sort=[("school_code", 1), ("rule", 1), ("_id", 1)]) as rows:
            yield from (_row(raw, names) for raw in rows)


def _row(raw: Raw, names: dict[str, str]) -> FindingRow:
    rule = CATALOGUE.get(raw["rule"])
    resolution = raw.get("resolution")
    field = raw.get("field") or ""
    return FindingRow(
        severity=Severity(raw["severity"]),
        state=FindingState(raw["state"]),
        rule=rule.th if rule else raw["rule"],
        school_code=raw["school_code"],
        school=names.get(raw["school_code"], ""),
        student=raw.get("student_name") or "",
        field=LABELS[field][0] if field in LABELS else "",
        text=raw["text_th"],
        explanation=raw.get("explanation") or "",
        resolution=DuplicateReason(resolution).th if resolution else "",
        explained_by=raw.get("explained_by") or "",
        explained_on=raw.get("explained_on"),
        found_on=raw.get("last_found_on"),
    )
