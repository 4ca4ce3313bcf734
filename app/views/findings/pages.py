"""What the templates of findings are given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import url_for

from app.documents.findings import StoredFinding
from app.enums import DuplicateReason, Level, Severity
from app.fabmongo.display import enum_label
from app.fabmongo.labels import T
from app.formats import moment_text
from app.rules.catalogue import ACROSS, CATALOGUE
from app.rules.catalogue.counts import AGAINST_LIST
from app.services import findings

TONES = {Severity.ERROR: "danger", Severity.WARNING: "warning", Severity.NOTICE: "info"}
HINTS = {
    Severity.ERROR: T("ต้องแก้ไขก่อนรับรองข้อมูล", "Correct these before certifying."),
    Severity.WARNING: T("แก้ไข หรือชี้แจงว่าข้อมูลถูกต้องแล้วเพราะเหตุใด", "Correct these, or explain why they are right."),
    Severity.NOTICE: T("แจ้งให้ทราบ ไม่ต้องชี้แจง", "For your information."),
}

May = Callable[[str, str], bool]
"""(permission, view) -> whether the reader has it."""


def place_url(area: str, **kept: Any) -> str:
    """The address of a place's page with the filters that are on."""
    return url_for("FindingView.place", area=area, **{name: value for name, value in kept.items() if value})


def progress_of(area: str) -> dict[str, Any]:
    """The live part: how far a check is, and when the last one ended."""
    now = findings.progress(area)
    return {
        "active": now.active, "stalled": now.stalled, "fault": now.fault, "done": now.done, "total": now.total,
        "finished": moment_text(now.finished_on) if now.finished_on else "",
        "url": url_for("FindingView.progress", area=area),
    }  # fmt: skip


def place_page(
    found: findings.Overview, asked: dict[str, str], may: May, explains: bool, failed: dict[str, str]
) -> dict[str, Any]:
    """The page of an LAO or a school. asked: the filters "explained" and "rule"; failed: a refused explanation."""
    area, hide = found.place.key, asked["explained"]
    groups = [group for group in found.groups if asked["rule"] in ("", group.rule.code)]
    return {
        "place": {"name": found.place.name, "key": area, "is_lao": found.place.level is Level.LAO},
        "check": progress_of(area), "failed": failed, "asked": asked,
        "cards": _cards(found), "resolutions": [(one.value, enum_label(one)) for one in DuplicateReason],
        "sections": [
            {
                "key": severity.value, "title": enum_label(severity), "hint": HINTS[severity], "tone": TONES[severity],
                "groups": [
                    _group(found, group, asked, may, explains)
                    for group in groups if group.severity is severity and (group.open or not hide)
                ],
            }
            for severity in Severity
        ],
        "schools": _schools(found) if found.place.level is Level.LAO and not asked["rule"] else [],
        "all_url": place_url(area, explained=hide) if asked["rule"] else "",
        "toggle_url": place_url(area, explained="" if hide else "hide", rule=asked["rule"])
        if hide or any(group.explained for group in groups) else "",
        "check_url": url_for("FindingView.check") if may("can_check", "FindingView") else "",
    }  # fmt: skip


def _cards(found: findings.Overview) -> list[dict[str, Any]]:
    explained = sum(group.explained for group in found.groups)
    return [
        {"label": enum_label(one), "value": found.number(one), "key": one.value if found.number(one) else ""}
        for one in Severity
    ] + [{"label": T("ชี้แจงแล้ว", "Explained"), "value": explained, "key": ""}]


def _schools(found: findings.Overview) -> list[dict[str, Any]]:
    return [
        {"name": name, "open": number, "url": place_url(f"{Level.SCHOOL}:{code}")}
        for code, name, number in found.schools
        if number
    ]


def _group(
    found: findings.Overview, group: findings.Group, asked: dict[str, str], may: May, explains: bool
) -> dict[str, Any]:
    names = {code: name for code, name, _ in found.schools} if found.place.level is Level.LAO else {}
    number = group.open if asked["explained"] else group.open + group.explained
    return {
        "code": group.rule.code, "title": T(group.rule.th, group.rule.en), "open": group.open,
        "explained": group.explained, "more": max(0, number - len(group.rows)), "alone": bool(asked["rule"]),
        "rows": [_row(row, names, found.others, may, explains) for row in group.rows],
        "url": place_url(found.place.key, explained=asked["explained"], rule=group.rule.code),
    }  # fmt: skip


def _row(
    row: StoredFinding, names: dict[str, str], others: dict[str, str], may: May, explains: bool
) -> dict[str, Any]:
    raw = row.to_mongo()
    readable = [others[code] for code in row.other_schools if code in others]
    return {
        "key": row.key, "text": T(row.text_th, row.text_en), "name": row.student_name or "",
        "school": names.get(raw["school_code"], ""), "url": record_url(raw, may),
        "others": readable, "explained": row.state == "explained",
        "explanation": row.explanation or "", "by": row.explained_by or "",
        "on": moment_text(row.explained_on) if row.explained_on else "",
        "resolution": row.resolution.value if row.resolution else "",
        "resolution_label": enum_label(row.resolution) if row.resolution else "",
        "is_shared": row.rule == ACROSS.code,
        "explain_url": url_for("FindingView.explain", pk=row.key)
        if explains and row.severity is Severity.WARNING else "",
    }  # fmt: skip


def record_url(raw: Any, may: May) -> str:
    """Where a raw finding is put right: the student's form, the roster, the count's page, or the school's form."""
    round_code, school = raw.get("round_code"), raw["school_code"]
    if CATALOGUE[raw["rule"]].together:
        return url_for("StudentView.list", _flt_0_school=school) if may("can_list", "StudentView") else ""
    if raw["rule"] == AGAINST_LIST.code and may("can_show", "CertifiedCountView"):
        return url_for("CertifiedCountView.show", pk=f"{round_code}:{school}")
    if round_code:
        return url_for("SubmissionView.show", pk=f"{round_code}:{school}") if may("can_show", "SubmissionView") else ""
    if raw.get("student_id"):
        return _first(may, "StudentView", raw["student_id"])
    return _first(may, "SchoolView", school)


def _first(may: May, view: str, pk: Any) -> str:
    for page in ("edit", "show"):
        if may(f"can_{page}", view):
            return url_for(f"{view}.{page}", pk=pk)
    return ""
