"""What an import would do with rows: whom each is about, what it would change, and whether that may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.students import Student
from app.enums import ImportDeed, Level, StudentStatus
from app.errors import Problem
from app.rules.catalogue.identity import NEEDED
from app.rules.imports import matching
from app.services.imports.planning import wording
from app.services.imports.planning.doubles import Doubles
from app.services.imports.planning.drafts import Draft
from app.services.imports.planning.people import People, wants
from app.services.imports.planning.places import Places
from app.services.imports.planning.storing import WRITES
from app.services.locks import rounds_taking_entries
from app.services.rounds import open_of
from app.services.students import check_policy, errors_of
from app.thai import parse_date

Raw = dict[str, Any]

ADMITTED = "admitted_on:admitted-on"
"""The question of a file without admission dates."""
DEFAULTS = {"status": StudentStatus.STUDYING.value, "nationality": Student.nationality.default}
"""What a new student has where the file says nothing, as on the form."""
_POLICIES = ("may_add", "may_change", "may_discharge", "may_remove")
_LEAVING = frozenset({"status", "left_on"})


class Planner:
    """Plans chunks of rows of one raw run for the person who imports, with at most seven commands a chunk.

    raised: keys of questions that some row of the file raises and that have no answer yet.
    """

    def __init__(
        self, run: Raw, actor: Any, doubles: Doubles, raised: frozenset[str] = frozenset(),
        session: ClientSession | None = None,
    ) -> None:  # fmt: skip
        granted = Student.scope.writes(actor.area) if actor.area is not None else None
        self.is_bound = actor.area is None or actor.area.level != Level.COUNTRY
        self.places = Places(run, granted, session)
        self.people = People(granted, session)
        self.doubles = doubles
        self.answers: Mapping[str, str] = run.get("answers") or {}
        self.raised = raised
        self.today: date = thai_today()
        self.rounds = rounds_taking_entries(session)
        self._policies: dict[tuple[str | None, str | None], list[Raw]] = {}

    def plan(self, drafts: Sequence[Draft]) -> list[Raw]:
        """The rows as they are stored, in the same order."""
        self._place(drafts)
        self._find(drafts)
        for draft in drafts:
            self._compare(draft)
        self._keep_what_people_corrected(drafts)
        self.doubles.look_up(drafts)
        for draft in drafts:
            self._judge(draft)
        return [draft.row() for draft in drafts]

    def _place(self, drafts: Sequence[Draft]) -> None:
        self.places.learn(draft.named for draft in drafts)
        for draft in drafts:
            draft.school, trouble, repair = self.places.school_of(*draft.named)
            if trouble is not None:
                draft.troubles.append(trouble)
            if repair is not None:
                draft.repairs = [*draft.repairs, repair]

    # -- whom a row is about ---------------------------------------------------------------

    def _find(self, drafts: Sequence[Draft]) -> None:
        numbers = {draft.values["national_id"] for draft in drafts if "national_id" in draft.values}
        known = self.people.by_number(numbers)
        others = [draft for draft in drafts if draft.school is not None and not self._by_number(draft, known)]
        self.people.learn((str(draft.code), wants(draft.values.get("national_id"))) for draft in others)
        alike = [(draft, found[0]["_id"]) for draft in others if (found := self._alike(draft))]
        whole = self.people.whole({key for _, key in alike})
        for draft, key in alike:
            draft.stored = whole.get(key)

    def _by_number(self, draft: Draft, known: Mapping[str, list[Raw]]) -> bool:
        """Whether the number settles whom a row is about: here, or on one other roster."""
        found = known.get(draft.values.get("national_id", ""), [])
        here = [row for row in found if row["school_code"] == draft.code]
        elsewhere = [row for row in found if row.get("left_on") is None]
        if not here and len(elsewhere) > 1:
            draft.refuse("national_id", *wording.on_several(sorted(row["school_code"] for row in elsewhere)))
            return True
        draft.stored = next(iter(here or elsewhere), None)
        return draft.stored is not None

    def _alike(self, draft: Draft) -> list[Raw]:
        number = draft.values.get("national_id")
        roster = self.people.roster(str(draft.code), wants(number))
        found = roster.under_other_number(draft.values) if number else roster.without_id(draft.values)
        if len(found) > 1:
            draft.refuse("national_id", *wording.SEVERAL_ALIKE)
            return []
        return found

    # -- what it would change --------------------------------------------------------------

    def _compare(self, draft: Draft) -> None:
        stored = draft.stored
        if stored is None or draft.school is None:
            return
        if matching.is_somebody_else(draft.values, stored) and draft.values.get("national_id") == stored["national_id"]:
            draft.refuse("national_id", *wording.SOMEBODY_ELSE)
            draft.stored = None
            return
        draft.student = stored["_id"]
        draft.changes = matching.differences(draft.values, stored)
        draft.changes |= matching.coming_back(draft.values, stored, self.today)
        if stored["school_code"] != draft.code:
            draft.changes |= matching.move(draft.school, stored)

    def _keep_what_people_corrected(self, drafts: Sequence[Draft]) -> None:
        corrected = self.people.by_hand({draft.student for draft in drafts if draft.changes})
        for draft in drafts:
            names = corrected.get(draft.student)
            if names and draft.changes:
                if not names.isdisjoint(_LEAVING):
                    names = names | _LEAVING  # status and leaving date are one statement, kept or replaced together
                kept = draft.changes if "school_code" in names else names & draft.changes.keys()
                draft.by_hand = sorted(kept)

    # -- whether it may be -----------------------------------------------------------------

    def _judge(self, draft: Draft) -> None:
        if draft.troubles:
            return
        if draft.stored is None and not draft.values.get("national_id") and not draft.questions:
            draft.refuse("national_id", *wording.NO_NUMBER)
            return
        if self._is_asked(draft) and not self._lacks_more(draft):
            draft.deed = ImportDeed.ASKED
        else:
            draft.deed = self._deed(draft)
        if self.doubles.refuse(draft):
            draft.student = None
        elif draft.deed not in WRITES or self._may_be(draft):
            self.doubles.meet(draft)
            self._remark_if_left(draft)

    def _remark_if_left(self, draft: Draft) -> None:
        """Say so where somebody who left is in the file, which says neither that they are there nor that they left."""
        if draft.stored is None or not matching.has_left(draft.stored, self.today):
            return
        if matching.has_left(draft.values, self.today) or not matching.has_left(draft.after(), self.today):
            return
        draft.remark("status", *(wording.LEFT_BY_HAND if _LEAVING & set(draft.by_hand) else wording.LEFT_HERE))

    def _is_asked(self, draft: Draft) -> bool:
        if draft.stored is None:
            self._complete(draft)
        return bool(draft.questions) or not self.raised.isdisjoint(draft.depends)

    @staticmethod
    def _lacks_more(draft: Draft) -> bool:
        """Whether a new student has nothing of something needed that no answer gives: asking would be in vain."""
        if draft.stored is not None or draft.questions != [ADMITTED]:
            return False
        lacking = any(draft.values.get(name) in (None, "") for name in NEEDED if name != "admitted_on")
        if lacking:
            draft.questions = []
        return lacking

    def _complete(self, draft: Draft) -> None:
        """Give a new student a key and what the file may leave out."""
        draft.student = draft.student or ObjectId()
        draft.values = {**DEFAULTS, **draft.values}
        if "admitted_on" in draft.values or any(key.startswith("admitted_on:") for key in draft.questions):
            return
        if answer := self.answers.get(ADMITTED):
            draft.values["admitted_on"] = datetime.combine(parse_date(answer), time())
            draft.depends = sorted({*draft.depends, ADMITTED})
        else:
            draft.questions = [*draft.questions, ADMITTED]

    @staticmethod
    def _deed(draft: Draft) -> ImportDeed:
        if draft.stored is None:
            return ImportDeed.NEW
        if not draft.written():
            return ImportDeed.UNCHANGED
        return ImportDeed.MOVED if draft.stored["school_code"] != draft.code else ImportDeed.CHANGED

    def _may_be(self, draft: Draft) -> bool:
        school: Raw = draft.school or {}
        after = {**matching.place_of(school), **draft.after()}
        for finding in errors_of(after, school, self.today):
            draft.refuse(finding.field, finding.th, finding.en)
        try:
            if policies := self._binding(draft, after):
                check_policy(policies, draft.stored, after)
        except Problem as problem:
            draft.refuse(problem.field or "", problem.th, problem.en)
        return not draft.troubles

    def _binding(self, draft: Draft, after: Raw) -> list[Raw]:
        """Open rounds that keep people from something at the schools of a row; the DLA sets that and is not bound."""
        if not self.is_bound:
            return []
        key = (draft.code, draft.stored["school_code"] if draft.stored is not None else None)
        if key not in self._policies:
            places = [after] if draft.stored is None else [draft.stored, after]
            self._policies[key] = [row for row in open_of(self.rounds, places) if _restricts(row)]
        return self._policies[key]


def _restricts(round_: Raw) -> bool:
    return bool(round_.get("open_fields")) or any(round_.get(rule, True) is False for rule in _POLICIES)
