"""Findings of the validation rules: computed anew, kept, explained, and what of them blocks certifying."""

from app.services.findings.checking import check_schools
from app.services.findings.explaining import explain, may_explain
from app.services.findings.runs import (
    Progress,
    check_all,
    check_changed,
    note_change,
    progress,
    request_check,
    run,
    sweep,
)
from app.services.findings.settings import RuleSettingRules, load_settings, sync_rules
from app.services.findings.summary import Group, Overview, blocking, open_errors, overview

__all__ = [
    "Group",
    "Overview",
    "Progress",
    "RuleSettingRules",
    "blocking",
    "check_all",
    "check_changed",
    "check_schools",
    "explain",
    "load_settings",
    "may_explain",
    "note_change",
    "open_errors",
    "overview",
    "progress",
    "request_check",
    "run",
    "sweep",
    "sync_rules",
]
