"""The whole catalogue on one school: its students, its classes and what it reports in the round."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.enums import SchoolKind
from app.rules.catalogue import CATALOGUE, Scope, Settings
from app.rules.catalogue.counts import counts
from app.rules.catalogue.placement import ages_of
from app.rules.catalogue.school import duplicates, empty_grades, together
from app.rules.catalogue.terms import weighed
from app.rules.census import counts_at
from app.rules.findings import Finding
from app.rules.students import validate_student

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of a school, the raw student it is about, and the other schools that it concerns.

    of_list: the student is a name on a certified list, which belongs to a round, and not on a roster.
    """

    finding: Finding
    student: Raw | None = None
    others: tuple[str, ...] = ()
    of_list: bool = False


class Checker:
    """The catalogue with its settings on a day; a census date where a round is on."""

    def __init__(self, settings: Settings, today: date, census: date | None) -> None:
        self.settings, self.today, self.census = settings, today, census
        self.ages = ages_of(settings)

    def school(
        self, school: Raw, students: Sequence[Raw], submission: Raw | None, before: Raw | None
    ) -> Iterator[Found]:
        """All findings of a raw school but those across schools, weighed by the settings.

        students: those that count or may count. submission, before: the school's in this round and in the round before.
        """
        yield from self._students(school, students)
        for student, finding in duplicates(students):
            yield from self._weighed([finding], student)
        told: list[Finding] = []
        if self._reports(school, submission):
            told += empty_grades(school, self._present(students, submission))
        if submission is not None:
            told += counts(submission, before, self.settings)
        yield from self._weighed(told)

    def weighed(self, found: Found) -> Iterator[Found]:
        """The same found thing with the severity that is set; nothing where its rule is not in use."""
        for finding in weighed([found.finding], self.settings):
            yield replace(found, finding=finding)

    def _students(self, school: Raw, students: Iterable[Raw]) -> Iterator[Found]:
        shared: list[Finding] = []
        for student in students:
            for finding in validate_student(
                student, school, today=self.today, census_date=self.census, ages=self.ages, settings=self.settings
            ):
                if CATALOGUE[finding.rule].together:
                    shared.append(finding)
                else:
                    yield Found(finding, student)
        yield from (Found(finding) for finding in together(CATALOGUE, shared))

    def _weighed(self, findings: Iterable[Finding], student: Raw | None = None) -> Iterator[Found]:
        return (Found(finding, student) for finding in weighed(findings, self.settings))

    @staticmethod
    def _reports(school: Raw, submission: Raw | None) -> bool:
        """Whether classes without anybody can be told: of a school of other affiliation only once it has a count."""
        if submission is not None and submission.get("total") == 0:
            return False  # an explicit zero says it for every class
        return school.get("kind") != SchoolKind.OTHER or (submission is not None and bool(submission.get("counts")))

    def _present(self, students: Iterable[Raw], submission: Raw | None) -> set[str]:
        """Codes of the grades with anybody in them: by the roster, or by the count of a school without one."""
        on = self.census or self.today
        present = {
            str(row.get("grade")) for row in students if counts_at(row.get("admitted_on"), row.get("left_on"), on)
        }
        rows = (submission or {}).get("counts") or ()
        return present or {row["grade"] for row in rows if row["male"] or row["female"]}


def is_of_submission(finding: Finding) -> bool:
    """Whether a finding belongs to one round alone."""
    return CATALOGUE[finding.rule].scope is Scope.SUBMISSION
