"""The words of the catalogue: a rule, its thresholds, and how an administrator has set it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.enums import Severity
from app.rules.findings import Finding


class Scope(StrEnum):
    """What a rule looks at."""

    STUDENT = "student"
    SCHOOL = "school"
    SUBMISSION = "submission"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Threshold:
    """A whole number that a rule compares with, between `low` and `high`, and what it counts."""

    name: str
    th: str
    en: str
    default: int
    low: int = 0
    high: int = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """code: stored, never changed. together: (Thai, English) sentence with {n}, where a school's students share it."""

    code: str
    th: str
    en: str
    severity: Severity
    scope: Scope = Scope.STUDENT
    thresholds: tuple[Threshold, ...] = ()
    together: tuple[str, str] | None = None

    def finding(self, th: str, en: str, field: str = "", about: str = "") -> Finding:
        """A finding of this rule at its default severity."""
        return Finding(th, en, field, self.severity, self.code, about)

    def default_thresholds(self) -> dict[str, int]:
        """Threshold name -> its default."""
        return {threshold.name: threshold.default for threshold in self.thresholds}


@dataclass(frozen=True, slots=True)
class Setting:
    """How a rule is used: its weight, whether at all, and its thresholds by name."""

    severity: Severity
    active: bool = True
    thresholds: Mapping[str, int] = field(default_factory=dict)


Settings = Mapping[str, Setting]
"""Rule code -> its setting; a rule that is absent is used as declared."""


def threshold(rule: Rule, name: str, settings: Settings) -> int:
    """The value of a rule's threshold: as set, else the default."""
    setting = settings.get(rule.code)
    return int((setting.thresholds if setting else {}).get(name, rule.default_thresholds()[name]))


def weighed(findings: Iterable[Finding], settings: Settings) -> Iterator[Finding]:
    """The findings of the rules in use, each with the severity that is set for its rule."""
    for finding in findings:
        setting = settings.get(finding.rule)
        if setting is None or (setting.active and setting.severity is finding.severity):
            yield finding
        elif setting.active:
            yield replace(finding, severity=setting.severity)
