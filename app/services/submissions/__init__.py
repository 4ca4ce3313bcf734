"""Submissions: opened, counted or recorded, certified, verified, submitted, accepted; and how far everybody is."""

from app.rules.digests import roster_digest
from app.services.submissions.bulk import Outcome, accept_many, return_many, verify_many
from app.services.submissions.certifying import LaoStanding, certify_lao, standing_of_lao, withdraw_lao
from app.services.submissions.counting import recount
from app.services.submissions.opening import Opened, add_school, open_round
from app.services.submissions.reasons import clear_zero, record_zero
from app.services.submissions.recording import record_counts
from app.services.submissions.requesting import Expected, carry_out, expected, request_opening, sweep_openings
from app.services.submissions.rosters import note_roster_change
from app.services.submissions.states import laos_reporting, states_of_laos
from app.services.submissions.steps import history_of, take_step
from app.services.submissions.zeros import clear_zeros, set_zeros

__all__ = [
    "Expected",
    "LaoStanding",
    "Opened",
    "Outcome",
    "accept_many",
    "add_school",
    "carry_out",
    "certify_lao",
    "clear_zero",
    "clear_zeros",
    "expected",
    "history_of",
    "laos_reporting",
    "note_roster_change",
    "open_round",
    "record_counts",
    "record_zero",
    "recount",
    "request_opening",
    "return_many",
    "roster_digest",
    "set_zeros",
    "standing_of_lao",
    "states_of_laos",
    "sweep_openings",
    "take_step",
    "verify_many",
    "withdraw_lao",
]
