"""Proclamations: they close schools, make counts an explicit zero, move students, and are told to the LAO."""

from app.services.proclamations.effects import apply, apply_due, take_back
from app.services.proclamations.moving import Moved, Roster, bring_back, move_back, move_students, roster_of
from app.services.proclamations.rules import ProclamationRules

__all__ = [
    "Moved",
    "ProclamationRules",
    "Roster",
    "apply",
    "apply_due",
    "bring_back",
    "move_back",
    "move_students",
    "roster_of",
    "take_back",
]
