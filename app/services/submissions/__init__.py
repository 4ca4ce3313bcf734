"""Submissions: opened for every school of a round, counted from rosters, recorded from lists, zero by proclamation."""

from app.services.submissions.counting import recount
from app.services.submissions.opening import Opened, add_school, open_round
from app.services.submissions.recording import record_counts
from app.services.submissions.requesting import Expected, carry_out, expected, request_opening, sweep_openings
from app.services.submissions.states import laos_reporting, states_of_laos
from app.services.submissions.zeros import clear_zeros, set_zeros

__all__ = [
    "Expected",
    "Opened",
    "add_school",
    "carry_out",
    "clear_zeros",
    "expected",
    "laos_reporting",
    "open_round",
    "record_counts",
    "recount",
    "request_opening",
    "set_zeros",
    "states_of_laos",
    "sweep_openings",
]
