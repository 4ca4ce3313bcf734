"""What the page of a submission shows: its place in the chain, the count, the lock, the next steps, the history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import url_for

from app.clock import thai_time
from app.documents.submissions import Submission
from app.enums import CountSource, Level, RoundKind, SchoolKind, Step, SubmissionState
from app.fabmongo.display import enum_label, record_name
from app.fabmongo.labels import T
from app.fabmongo.scope import Actor
from app.formats import day_text, moment_text
from app.rules.locks import Lock
from app.rules.transitions import FROZEN, Move, moves_from
from app.services.locks import date_lock_of, level_of, lock_of
from app.services.submissions.rosters import AGAIN
from app.services.submissions.steps import HEAD_TH

Raw = dict[str, Any]
S = SubmissionState

TONES = {
    S.NOT_STARTED: "", S.IN_PROGRESS: "info", S.CERTIFIED: "info", S.VERIFIED: "info", S.SUBMITTED: "success",
    S.RETURNED: "danger", S.ACCEPTED: "success",
}  # fmt: skip

STAGES = (
    (S.IN_PROGRESS, T("บันทึกข้อมูล", "Record"), T("สถานศึกษา", "School")),
    (S.CERTIFIED, T("รับรอง", "Certify"), T("ผู้บริหารสถานศึกษา", "Head of the school")),
    (S.VERIFIED, T("ตรวจสอบ", "Verify"), T("อปท.", "LAO")),
    (S.SUBMITTED, T("ส่งข้อมูล", "Submit"), T("อปท. รับรองทุกแห่ง", "LAO certifies all")),
    (S.ACCEPTED, T("รับข้อมูล", "Accept"), T("กรมส่งเสริมฯ", "The Department")),
)
"""The chain as people see it: the state each stage ends in, its name, and whose it is."""

FORWARD = (Step.START, Step.CERTIFY, Step.VERIFY, Step.SUBMIT, Step.ACCEPT)
ICONS = {
    Step.CERTIFY: "shield-check", Step.VERIFY: "check", Step.SUBMIT: "send", Step.ACCEPT: "circle-check",
    Step.RETURN: "arrow-left", Step.COMMENT: "mail", Step.UNLOCK: "key-round",
}  # fmt: skip
ASK = {
    Step.UNCERTIFY: T("ถอนการรับรองใช่หรือไม่", "Withdraw the certification?"),
    Step.UNVERIFY: T("ยกเลิกการตรวจสอบใช่หรือไม่", "Undo the verification?"),
    Step.RECALL: T("เรียกคืนข้อมูลที่ส่งแล้วใช่หรือไม่ อปท. ต้องรับรองส่งใหม่", "Take it back? The LAO must submit it again."),
    Step.ACCEPT: T("รับข้อมูลใช่หรือไม่ เมื่อรับแล้วจะแก้ไขไม่ได้จนกว่าจะปลดล็อก", "Accept? It cannot change until it is unlocked."),
}


def brief(item: Submission) -> Raw:
    """One submission in a list: school, state and address."""
    return {
        "pk": item.pk, "school": record_name(item.school), "state": enum_label(item.state), "tone": TONES[item.state],
        "total": item.total, "url": url_for("SubmissionView.show", pk=item.pk),
    }  # fmt: skip


def about(item: Submission, history: Sequence[Raw], actor: Actor, may_act: bool) -> Raw:
    """Context of show.html; the references of `item` are loaded already."""
    raw, round_ = item.to_mongo(), item.round.to_mongo()
    level = level_of(actor) or Level.SCHOOL
    dates = date_lock_of(round_, raw, level=level)
    lock = dates if item.state not in FROZEN and dates else lock_of(round_, raw, item.state, level=level)
    offered = list(_offered(item, level, dates)) if may_act else []
    return {
        "submission": _facts(item, raw),
        "stages": _stages(item, history),
        "counts": _counts(item),
        "lock": _locked(lock),
        "again": T(*AGAIN[item.state]) if item.roster_changed and item.state in AGAIN else None,
        "forward": [_button(move, item) for move in offered if move.step in FORWARD],
        "back": [_button(move, item) for move in offered if move.step not in (*FORWARD, Step.COMMENT)],
        "may_comment": may_act,
        "zero": _zero(item, lock, level) if may_act else None,
        "certify": {"name": item.school.head_name or "", "position": HEAD_TH},
        "history": [_event(row) for row in history],
        "urls": _urls(item, level),
    }


def _facts(item: Submission, raw: Raw) -> Raw:
    other = item.kind is SchoolKind.OTHER
    return {
        "pk": item.pk, "school": record_name(item.school), "code": raw["school_code"], "round": str(item.round),
        "census_date": day_text(item.round.census_date), "state": enum_label(item.state), "tone": TONES[item.state],
        "kind": enum_label(item.kind) if item.kind else "", "lao": record_name(item.lao) if item.lao else "",
        "source": enum_label(item.source) if item.source else "", "other": other,
        "unverified": other and item.total is not None and item.state not in FROZEN - {S.CERTIFIED},
        "proclamation": record_name(item.proclamation) if item.proclamation else "",
        "zero_reason": item.zero_reason if item.source is CountSource.REASON else "",
        "male": item.male, "female": item.female, "total": item.total,
        "counted_on": moment_text(item.counted_on) if item.counted_on else "",
        "certified_by": f"{item.certified_name} ({item.certified_position})" if item.certified_name else "",
        "certified_on": moment_text(item.certified_on) if item.certified_on else "", "digest": item.digest or "",
        "returned": item.state_note if item.state in (S.RETURNED, S.IN_PROGRESS) else "",
        "unlocked": item.state_note if item.state is S.SUBMITTED else "",
    }  # fmt: skip


def _stages(item: Submission, history: Sequence[Raw]) -> list[Raw]:
    """Done stages with their day, the one that is waited for, and those to come."""
    order = [state for state, _, _ in STAGES]
    reached = order.index(item.state) if item.state in FROZEN else -1
    days = {row["after"]: row["taken_on"] for row in reversed(history) if row["before"] != row["after"]}
    found = []
    for number, (state, label, who) in enumerate(STAGES):
        done, now = number <= reached, number == reached + 1
        day = day_text(thai_time(days[state]).date()) if done and state in days else ""
        found.append({"label": label, "who": who, "done": done, "now": now, "day": day, "number": number + 1})
    return found


def _counts(item: Submission) -> list[Raw]:
    return [
        {"grade": enum_label(one.grade), "male": one.male, "female": one.female, "total": one.male + one.female}
        for one in item.counts
    ]


def _offered(item: Submission, level: Level, dates: Lock | None) -> Iterator[Move]:
    """The steps this person may take now: neither locked by the dates nor held by a roster that changed."""
    for move in moves_from(item.state, level):
        held = item.roster_changed and move.step in (Step.VERIFY, Step.ACCEPT, Step.SUBMIT)
        missing = move.step is Step.CERTIFY and item.total is None
        if not held and not missing and not (move.in_time and dates):
            yield move


def _button(move: Move, item: Submission) -> Raw:
    step = move.step
    url = _certification_url(item) if move.together else url_for("SubmissionView.step", pk=item.pk)
    label = T("รับรองและส่งทั้ง อปท.", "Certify and submit the whole LAO") if move.together else enum_label(step)
    return {
        "step": step.value, "label": label, "icon": ICONS.get(step, ""), "ask": ASK.get(step, ""), "url": url,
        "link": move.together, "needs_text": move.needs_text, "certify": step is Step.CERTIFY,
    }  # fmt: skip


def _locked(lock: Lock | None) -> Raw | None:
    if lock is None:
        return None
    return {"text": T(lock.th, lock.en), "who": T(lock.who_th, lock.who_en), "code": lock.code}


def _zero(item: Submission, lock: Lock | None, level: Level) -> str | None:
    """Whether a zero may be recorded ("record") or taken back ("clear") by this person."""
    if lock is not None or level not in (Level.SCHOOL, Level.LAO, Level.COUNTRY):
        return None
    if item.source is CountSource.REASON:
        return "clear"
    return "record" if item.total is None else None


def _event(row: Raw) -> Raw:
    step = Step(row["step"])
    moved = row["before"] != row["after"]
    level = Level(row["level"]) if row.get("level") else None
    return {
        "label": enum_label(step), "icon": ICONS.get(step, "clock"), "text": row.get("text") or "",
        "before": enum_label(S(row["before"])) if moved else "", "after": enum_label(S(row["after"])) if moved else "",
        "by": row.get("taken_by") or "–", "level": T(level.abbr, level.en) if level else "", "total": row.get("total"),
        "at": moment_text(row["taken_on"]), "back": step is Step.RETURN,
    }  # fmt: skip


def _certification_url(item: Submission) -> str:
    raw = item.to_mongo()
    return url_for("CertificationView.page", round_code=raw["round_code"], lao_code=raw["lao_code"])


def _urls(item: Submission, level: Level) -> Raw:
    pk, raw = item.pk, item.to_mongo()
    own = item.kind is not SchoolKind.OTHER
    return {
        "step": url_for("SubmissionView.step", pk=pk), "zero": url_for("SubmissionView.zero", pk=pk),
        "school": url_for("SchoolView.show", pk=raw["school_code"]),
        "roster": url_for("StudentView.list", _flt_0_school=raw["school_code"]) if own else "",
        "count": "" if own or level is Level.SCHOOL else url_for("CertifiedCountView.show", pk=pk),
        "findings": url_for("FindingView.place", area=f"school:{raw['school_code']}"),
        "corrections": url_for("CorrectionView.list", _flt_0_school=raw["school_code"], _flt_0_round=raw["round_code"])
        if own and item.round.kind is RoundKind.CORRECTION else "",
        "certification": _certification_url(item) if level is not Level.SCHOOL else "",
        "proclamation": url_for("ProclamationView.show", pk=raw["proclamation"])
        if raw.get("proclamation") and level is not Level.SCHOOL else "",
    }  # fmt: skip
