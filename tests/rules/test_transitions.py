"""Who may move a submission, from where to where."""

from itertools import pairwise, product

import pytest

from app.enums import Level, SubmissionState
from app.errors import Problem
from app.rules.transitions import ALLOWED, check_move, next_states

S = SubmissionState


def test_a_school_fills_in_and_certifies_and_no_more() -> None:
    reached = {after for before in S for after in next_states(before, Level.SCHOOL)}
    assert reached == {S.IN_PROGRESS, S.CERTIFIED}


def test_an_lao_can_bring_a_school_without_login_to_submission() -> None:
    way = [S.NOT_STARTED, S.IN_PROGRESS, S.CERTIFIED, S.VERIFIED, S.SUBMITTED]
    for before, after in pairwise(way):
        check_move(before, after, Level.LAO)


def test_what_is_offered_is_what_is_allowed() -> None:
    for before, after, level in product(S, S, Level):
        if after in next_states(before, level):
            check_move(before, after, level)
        else:
            with pytest.raises(Problem) as caught:
                check_move(before, after, level)
            assert caught.value.kind == ("forbidden" if (before, after) in ALLOWED else "conflict")


def test_every_state_can_be_reached_and_left() -> None:
    assert {after for _, after in ALLOWED} == set(S) - {S.NOT_STARTED}
    assert {before for before, _ in ALLOWED} == set(S)
