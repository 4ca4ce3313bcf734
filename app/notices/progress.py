"""How far an LAO is in a round, from the states of its schools' submissions."""

from __future__ import annotations

from collections.abc import Collection

from app.enums import SubmissionState

LAO_STATES = (
    SubmissionState.NOT_STARTED,
    SubmissionState.IN_PROGRESS,
    SubmissionState.RETURNED,
    SubmissionState.SUBMITTED,
)
"""The states an LAO can be in; a notice may be addressed to any of them."""

_HANDED_IN = {SubmissionState.SUBMITTED, SubmissionState.ACCEPTED}


def lao_state(states: Collection[SubmissionState]) -> SubmissionState:
    """The state of an LAO whose submissions of one round have `states`.

    Returned: at least one was sent back, whatever the others are. Not started: every one is not
    started, or there is none at all (an LAO of which nothing is known has not begun, for missing is
    not zero). Submitted: every one is submitted or accepted. In progress: everything else.
    """
    found = set(states)
    if SubmissionState.RETURNED in found:
        return SubmissionState.RETURNED
    if found <= {SubmissionState.NOT_STARTED}:
        return SubmissionState.NOT_STARTED
    if found <= _HANDED_IN:
        return SubmissionState.SUBMITTED
    return SubmissionState.IN_PROGRESS
