"""The obvious steps for many submissions at once: each row for itself, done whole or refused with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.documents.submissions import Submission
from app.enums import SchoolKind, Step, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Actor
from app.services.submissions.steps import find_reachable, take_step


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one submission. th, en: why it was refused; empty where it was done."""

    code: str
    done: bool
    state: SubmissionState | None = None
    th: str = ""
    en: str = ""


def accept_many(actor: Actor, codes: Iterable[str]) -> list[Outcome]:
    """Accept each submission that is submitted; of the country."""
    return _each(codes, lambda code: take_step(actor, code, Step.ACCEPT))


def return_many(actor: Actor, codes: Iterable[str], text: str) -> list[Outcome]:
    """Return each submission with one reason. Raises Problem on text where none is given."""
    if not text.strip():
        raise Problem("โปรดเขียนเหตุผลของการส่งกลับ", "Give the reason for returning them.", "text")
    return _each(codes, lambda code: take_step(actor, code, Step.RETURN, text))


def verify_many(actor: Actor, codes: Iterable[str]) -> list[Outcome]:
    """Verify each certified submission of an own school; a school of other affiliation is looked at one by one."""

    def verify(code: str) -> Submission:
        row, _ = find_reachable(actor, code)
        if row.get("kind") == SchoolKind.OTHER.value:
            raise Problem(
                "สถานศึกษาสังกัดอื่นต้องตรวจสอบกับแบบรับรองรายชื่อทีละแห่ง",
                "A school of other affiliation is checked against its certified list, one by one.",
            )
        return take_step(actor, code, Step.VERIFY)

    return _each(codes, verify)


def _each(codes: Iterable[str], step: Callable[[str], Submission]) -> list[Outcome]:
    return [_outcome(code, step) for code in dict.fromkeys(codes)]


def _outcome(code: str, step: Callable[[str], Submission]) -> Outcome:
    try:
        return Outcome(code, True, step(code).state)
    except Problem as problem:
        return Outcome(code, False, None, problem.th, problem.en)
