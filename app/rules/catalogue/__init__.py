"""The catalogue of validation rules: one declared table, and the checks beside their rules in this folder."""

from app.rules.catalogue import across, counts, dates, identity, placement, school
from app.rules.catalogue.across import ACROSS
from app.rules.catalogue.terms import Rule, Scope, Setting, Settings, Threshold

_GROUPS = (identity, dates, placement, school, across, counts)

CATALOGUE: dict[str, Rule] = {rule.code: rule for group in _GROUPS for rule in group.RULES}
"""Rule code -> rule, in the order in which people are told."""

THRESHOLDS: dict[str, Threshold] = {one.name: one for rule in CATALOGUE.values() for one in rule.thresholds}
"""Threshold name -> threshold; a name is used by one rule only."""

DEFAULTS: Settings = {code: Setting(rule.severity, True, rule.default_thresholds()) for code, rule in CATALOGUE.items()}

__all__ = ["ACROSS", "CATALOGUE", "DEFAULTS", "THRESHOLDS", "Rule", "Scope", "Setting", "Settings", "Threshold"]
