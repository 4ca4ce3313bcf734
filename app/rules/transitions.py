"""The way of a submission: which step leads from which states to which, whose it is, and whether it needs a reason.

A school of another affiliation has no login, so its LAO may take every step that a school takes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.enums import Level, Step, SubmissionState
from app.errors import Problem

_S = SubmissionState
_SCHOOL_OR_LAO = frozenset({Level.SCHOOL, Level.LAO})
_LAO = frozenset({Level.LAO})
_ABOVE = frozenset({Level.DISTRICT, Level.PROVINCE, Level.COUNTRY})
_COUNTRY = frozenset({Level.COUNTRY})

FROZEN = frozenset({_S.CERTIFIED, _S.VERIFIED, _S.SUBMITTED, _S.ACCEPTED})
"""States in which somebody has vouched for the count: it stays as it was certified."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table. after: None where the state stays. needs_text: a reason or a comment is required.

    in_time: only while the round takes entries; what the offices above the LAO do goes on after its last day.
    together: not taken for one school alone, but for all of an LAO by its certification.
    """

    step: Step
    before: frozenset[SubmissionState]
    after: SubmissionState | None
    levels: frozenset[Level]
    needs_text: bool = False
    in_time: bool = True
    together: bool = False


TABLE: tuple[Move, ...] = (
    Move(Step.START, frozenset({_S.NOT_STARTED}), _S.IN_PROGRESS, _SCHOOL_OR_LAO),
    Move(Step.CERTIFY, frozenset({_S.NOT_STARTED, _S.IN_PROGRESS, _S.RETURNED}), _S.CERTIFIED, _SCHOOL_OR_LAO),
    Move(Step.UNCERTIFY, frozenset({_S.CERTIFIED}), _S.IN_PROGRESS, _SCHOOL_OR_LAO),
    Move(Step.VERIFY, frozenset({_S.CERTIFIED}), _S.VERIFIED, _LAO),
    Move(Step.UNVERIFY, frozenset({_S.VERIFIED}), _S.CERTIFIED, _LAO),
    Move(Step.SUBMIT, frozenset({_S.VERIFIED}), _S.SUBMITTED, _LAO, together=True),
    Move(Step.RECALL, frozenset({_S.SUBMITTED}), _S.VERIFIED, _LAO),
    Move(Step.RETURN, frozenset({_S.CERTIFIED, _S.VERIFIED}), _S.RETURNED, _LAO, needs_text=True),
    Move(Step.RETURN, frozenset({_S.SUBMITTED}), _S.RETURNED, _ABOVE, needs_text=True, in_time=False),
    Move(Step.ACCEPT, frozenset({_S.SUBMITTED}), _S.ACCEPTED, _COUNTRY, in_time=False),
    Move(Step.UNLOCK, frozenset({_S.ACCEPTED}), _S.SUBMITTED, _COUNTRY, needs_text=True, in_time=False),
    Move(Step.COMMENT, frozenset(_S), None, frozenset(Level), needs_text=True, in_time=False),
)
"""Every step there is."""


def moves_from(state: SubmissionState, level: Level) -> Iterator[Move]:
    """The rows that a person of `level` may use on a submission in `state`, in the order of the table."""
    return (move for move in TABLE if state in move.before and level in move.levels)


def find_move(step: Step, state: SubmissionState, level: Level) -> Move:
    """The row for a step.

    Raises Problem: "conflict" where the step does not start from the state, "forbidden" where it is another level's.
    """
    rows = [move for move in TABLE if move.step is step]
    fitting = [move for move in rows if state in move.before]
    for move in fitting:
        if level in move.levels:
            return move
    if fitting:
        raise _for_others(step, state, fitting)
    raise Problem(
        f"ขณะนี้สถานะเป็น “{state.th}” จึง{step.th}ไม่ได้ โปรดเปิดหน้านี้ใหม่เพื่อดูสถานะล่าสุด",
        f"The state is “{state.en}” now, from which “{step.en}” is not possible. Reload the page to see what is.",
        "state",
        "conflict",
    )


def check_step(step: Step, state: SubmissionState, level: Level, text: str = "") -> Move:
    """`find_move`, and the text where the step needs one. Raises Problem on text besides."""
    move = find_move(step, state, level)
    if move.needs_text and not text.strip():
        raise _no_text(move)
    return move


def _no_text(move: Move) -> Problem:
    if move.after is None:
        return Problem("โปรดเขียนความเห็น", "Write the comment.", "text")
    return Problem(
        f"โปรดเขียนเหตุผลของการ{move.step.th} ผู้แก้ไขจะได้ทราบว่าต้องทำอะไร",
        f"Give the reason (“{move.step.en}”), so that people know what to do.",
        "text",
    )


def _for_others(step: Step, state: SubmissionState, rows: list[Move]) -> Problem:
    wanted = sorted({level for move in rows for level in move.levels}, key=lambda member: member.order)
    return Problem(
        f"เมื่อสถานะเป็น “{state.th}” การ{step.th}เป็นหน้าที่ของระดับ {', '.join(level.th for level in wanted)}",
        f"While the state is “{state.en}”, “{step.en}” is for these levels: {', '.join(level.en for level in wanted)}.",
        "state",
        "forbidden",
    )
