"""An opened round with counted schools, and the people who take its submissions along the chain."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from app.documents.submissions import Submission
from app.enums import Grade, Level, Step, SubmissionState
from app.fabmongo.scope import Area
from app.services.accounts import SYSTEM, SystemActor
from app.services.submissions import certify_lao, open_round, record_counts, take_step
from app.services.submissions.steps import find_reachable
from tests.factories.evidence import send_list
from tests.factories.people import a_roster
from tests.factories.places import CENTRE_GRADES, SCHOOL_GRADES, LaoPlaces, Places, make_places

Raw = dict[str, Any]
S = SubmissionState
ROUND = "2567-2"
LISTED = {Grade.P1: (10, 12)}


class Chain:
    """ทต.ตะขบ in round 2567-2: rosters of 20 and 10 counted, a list of 22 recorded; no rule finds anything."""

    def __init__(self, db: Database[Raw], places: Places | None = None) -> None:
        self.db = db
        self.places = places or make_places(db)
        self.home: LaoPlaces = self.places.takhop_tambon
        for school, size, grades in ((self.home.own, 20, SCHOOL_GRADES), (self.home.centre, 10, CENTRE_GRADES)):
            db.students.insert_many(a_roster(size, seed=int(school), _id=school, grades=grades, **self.home.path))
        db.schools.update_one({"_id": self.home.other}, {"$set": {"grades": [grade.value for grade in LISTED]}})
        open_round(SYSTEM, ROUND)
        record_counts(self.actor(Level.LAO), self.document(self.home.other), LISTED)
        send_list(db, self.key(self.home.other), LISTED)

    def key(self, school: str | None = None) -> str:
        return f"{ROUND}:{school or self.home.own}"

    def row(self, school: str | None = None) -> Raw:
        """The raw submission of a school, by default the LAO's own."""
        found = self.db.submissions.find_one({"_id": self.key(school)})
        assert found is not None
        return found

    def document(self, school: str) -> Submission:
        found: Submission = Submission._from_son(find_reachable(SYSTEM, self.key(school))[0])
        return found

    def actor(self, level: str, school: str | None = None) -> SystemActor:
        """Somebody of a level whose area holds ทต.ตะขบ's schools."""
        area = Area("country") if level == "country" else self.home.area(level, school)
        return SystemActor(f"{level}-officer", area)

    def bring(self, state: SubmissionState, school: str | None = None) -> None:
        """Take a submission the legal way to `state`, from wherever it is before it."""
        key = self.key(school)
        way = {
            S.IN_PROGRESS: (S.NOT_STARTED, Step.START), S.CERTIFIED: (S.IN_PROGRESS, Step.CERTIFY),
            S.VERIFIED: (S.CERTIFIED, Step.VERIFY), S.RETURNED: (S.CERTIFIED, Step.RETURN),
        }  # fmt: skip
        if self.row(school)["state"] == state:
            return
        if state in (S.SUBMITTED, S.ACCEPTED):
            self.submit() if state is S.SUBMITTED else self.bring(S.SUBMITTED, school)
            if state is S.ACCEPTED:
                take_step(self.actor("country"), key, Step.ACCEPT)
            return
        before, step = way[state]
        self.bring(before, school)
        take_step(self.actor("lao"), key, step, "เพราะ", name="ผู้รับรอง")

    def submit(self) -> None:
        """Bring every school of the LAO to verified and certify for the LAO."""
        for school in self.home.schools:
            if self.row(school)["state"] not in (S.VERIFIED, S.SUBMITTED, S.ACCEPTED):
                self.bring(S.VERIFIED, school)
        certify_lao(self.actor("lao"), ROUND, self.home.code, "ปลัด อปท.", "ปลัดเทศบาล")
