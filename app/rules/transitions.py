"""The way of a submission from state to state, and which level may move it.

A school of another affiliation has no login, so its LAO may take every step that a school takes.
"""

from app.enums import Level, SubmissionState
from app.errors import Problem

_S = SubmissionState
_SCHOOL_OR_LAO = frozenset({Level.SCHOOL, Level.LAO})
_LAO = frozenset({Level.LAO})
_ABOVE = frozenset({Level.DISTRICT, Level.PROVINCE, Level.COUNTRY})

ALLOWED: dict[tuple[SubmissionState, SubmissionState], frozenset[Level]] = {
    (_S.NOT_STARTED, _S.IN_PROGRESS): _SCHOOL_OR_LAO,
    (_S.IN_PROGRESS, _S.CERTIFIED): _SCHOOL_OR_LAO,
    (_S.CERTIFIED, _S.VERIFIED): _LAO,
    (_S.CERTIFIED, _S.RETURNED): _LAO,
    (_S.VERIFIED, _S.SUBMITTED): _LAO,
    (_S.VERIFIED, _S.RETURNED): _LAO,
    (_S.SUBMITTED, _S.ACCEPTED): _ABOVE,
    (_S.SUBMITTED, _S.RETURNED): _ABOVE,
    (_S.RETURNED, _S.IN_PROGRESS): _SCHOOL_OR_LAO,
    (_S.ACCEPTED, _S.RETURNED): frozenset({Level.COUNTRY}),
}


def next_states(state: SubmissionState, level: Level) -> list[SubmissionState]:
    """The states that a person of `level` may move a submission in `state` to."""
    return [after for (before, after), levels in ALLOWED.items() if before == state and level in levels]


def check_move(before: SubmissionState, after: SubmissionState, level: Level) -> None:
    """Raises Problem: kind "conflict" where there is no such step, "forbidden" where it is another level's."""
    levels = ALLOWED.get((before, after))
    if levels is None:
        raise Problem(
            f"สถานะ “{before.th}” เปลี่ยนเป็น “{after.th}” ไม่ได้ โปรดเปิดหน้านี้ใหม่เพื่อดูสถานะล่าสุด",
            f"“{before.en}” cannot become “{after.en}”. Reload the page to see the present state.",
            "state",
            "conflict",
        )
    if level not in levels:
        wanted = sorted(levels, key=lambda member: member.order)
        raise Problem(
            f"การเปลี่ยนสถานะเป็น “{after.th}” เป็นหน้าที่ของระดับ {', '.join(member.th for member in wanted)}",
            f"Only these levels may set “{after.en}”: {', '.join(member.en for member in wanted)}.",
            "state",
            "forbidden",
        )
