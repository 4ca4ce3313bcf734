"""Rosters, counts and findings on their way out: what a person may take along, as typed rows."""

from app.services.rosters.choosing import choose
from app.services.rosters.counts import count_rows
from app.services.rosters.findings import finding_rows
from app.services.rosters.pupils import any_pupil, pupils

__all__ = ["any_pupil", "choose", "count_rows", "finding_rows", "pupils"]
