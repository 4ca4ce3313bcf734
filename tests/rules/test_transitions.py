"""Who may take which step of a submission, from where to where."""

from itertools import product

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.enums import Level, Step, SubmissionState
from app.errors import Problem
from app.rules.transitions import FROZEN, TABLE, check_step, find_move, moves_from

S, L = SubmissionState, Level

EXPECTED = {
    ("start", "not_started", "in_progress", "school lao"),
    ("certify", "not_started in_progress returned", "certified", "school lao"),
    ("uncertify", "certified", "in_progress", "school lao"),
    ("verify", "certified", "verified", "lao"),
    ("unverify", "verified", "certified", "lao"),
    ("submit", "verified", "submitted", "lao"),
    ("recall", "submitted", "verified", "lao"),
    ("return", "certified verified", "returned", "lao"),
    ("return", "submitted", "returned", "district province country"),
    ("accept", "submitted", "accepted", "country"),
    ("unlock", "accepted", "submitted", "country"),
    ("comment", " ".join(S), None, " ".join(L)),
}
"""The table once more, by hand: (step, from, to, levels)."""

WITH_REASON = {"return", "unlock", "comment"}
AFTER = {
    (step, before, level): after
    for step, befores, after, levels in EXPECTED
    for before, level in product(befores.split(), levels.split())
}
STARTS = {(step, before) for step, before, _ in AFTER}


@pytest.mark.parametrize("step", Step)
def test_every_step_of_every_level_from_every_state_is_as_the_table_says(step: Step) -> None:
    for state, level in product(S, L):
        if (step, state, level) in AFTER:
            move = check_step(step, state, level, "เพราะ")
            assert move.after == AFTER[step, state, level]
            assert move.needs_text == (step in WITH_REASON)
            continue
        with pytest.raises(Problem) as refused:
            find_move(step, state, level)
        assert refused.value.kind == ("forbidden" if (step, state) in STARTS else "conflict")
        assert state.th in refused.value.th and step.th in refused.value.th


def test_what_is_offered_is_what_is_allowed() -> None:
    for state, level in product(S, L):
        assert {move.step for move in moves_from(state, level)} == {
            step for step, before, who in AFTER if (before, who) == (state, level)
        }


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_step_that_needs_a_reason_is_refused_without_one(text: str) -> None:
    for move in TABLE:
        state, level = next(iter(move.before)), next(iter(move.levels))
        if not move.needs_text:
            check_step(move.step, state, level, text)
            continue
        with pytest.raises(Problem) as refused:
            check_step(move.step, state, level, text)
        assert refused.value.field == "text"


def test_no_state_is_without_a_way_out_and_every_state_is_reached() -> None:
    real = [move for move in TABLE if move.after is not None]
    assert {state for move in real for state in move.before} == set(S)
    reached = {S.NOT_STARTED}
    for _ in S:
        reached |= {move.after for move in real if move.after and move.before & reached}
    assert reached == set(S)


def test_only_the_lao_submits_and_only_for_all_its_schools_at_once() -> None:
    assert [move.step for move in TABLE if move.together] == [Step.SUBMIT]


class Chain(RuleBasedStateMachine):
    """People of all levels do as the table lets them: nothing gets past a level whose turn it is."""

    def __init__(self) -> None:
        super().__init__()
        self.state = S.NOT_STARTED
        self.vouched: set[str] = set()

    @rule(step=st.sampled_from(list(Step)), level=st.sampled_from(list(L)))
    def somebody_tries(self, step: Step, level: Level) -> None:
        try:
            move = find_move(step, self.state, level)
        except Problem:
            return
        if move.after is None:
            return
        self.state = move.after
        if step in (Step.CERTIFY, Step.VERIFY, Step.SUBMIT, Step.ACCEPT):
            self.vouched.add(step)
        self.vouched -= {
            Step.UNCERTIFY: {"certify"}, Step.UNVERIFY: {"verify"}, Step.RECALL: {"submit"},
            Step.RETURN: {"certify", "verify", "submit"}, Step.UNLOCK: {"accept"},
        }.get(step, set())  # fmt: skip

    @invariant()
    def a_state_is_what_was_vouched_for(self) -> None:
        wanted = {
            S.CERTIFIED: {"certify"}, S.VERIFIED: {"certify", "verify"},
            S.SUBMITTED: {"certify", "verify", "submit"}, S.ACCEPTED: {"certify", "verify", "submit", "accept"},
        }.get(self.state, set())  # fmt: skip
        assert self.vouched == wanted
        assert bool(self.vouched) == (self.state in FROZEN)


TestChain = Chain.TestCase
