"""Who gets a notice: the LAOs of an area, and of these the ones whose round is in a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.documents.areas import District, Province
from app.documents.lao import Lao
from app.enums import Level, SubmissionState
from app.errors import Problem
from app.notices.letter import Recipient, recipient_of
from app.services.notices.access import Officer, Raw
from app.services.submissions import laos_reporting, states_of_laos

_FIELD = {Level.PROVINCE: "province_code", Level.DISTRICT: "district_code", Level.LAO: "lao_code"}


@dataclass(frozen=True)
class Found:
    """One LAO that gets a notice; `address` is None where the register has none."""

    recipient: Recipient
    address: str | None
    district_code: str
    province_code: str

    @property
    def code(self) -> str:
        return self.recipient.code

    @property
    def name(self) -> str:
        return self.recipient.name


@dataclass(frozen=True)
class Recipients:
    """Everybody who gets a notice, by LAO code ascending."""

    everybody: tuple[Found, ...]

    @property
    def with_address(self) -> tuple[Found, ...]:
        return tuple(found for found in self.everybody if found.address)

    @property
    def without_address(self) -> tuple[Found, ...]:
        """LAOs that cannot be reached: each gets a delivery that failed for this reason."""
        return tuple(found for found in self.everybody if not found.address)


def recipients(actor: Officer, rule: Mapping[str, Any], round_code: str | None) -> Recipients:
    """The active LAOs of the rule's area that lie in the actor's own area and are in one of its states.

    rule: {"area_level", "area_code", "states"}; without states every LAO of the area, with "reporting" only those that
    have schools in the round. The state of an LAO is `progress.lao_state` of its schools' submissions in the round.
    Raises Problem on "round" where states are asked for without one.
    """
    granted = Lao.scope.reads(actor.area) if actor.area else None
    if granted is None:
        return Recipients(())
    place = _place(rule)
    where = {"$and": [granted, {"active": {"$ne": False}}, _as_lao(place)]}
    rows = list(Lao._get_collection().find(where).sort("_id", 1))
    wanted = {SubmissionState(state) for state in rule.get("states") or ()}
    if wanted:
        if not round_code:
            raise Problem(
                "เลือกผู้รับตามสถานะแล้ว แต่ยังไม่ได้เลือกรอบ โปรดเลือกรอบ",
                "Recipients are chosen by state but no round is chosen. Choose a round.",
                field="round",
            )
        states = states_of_laos(round_code, [row["_id"] for row in rows])
        rows = [row for row in rows if states[row["_id"]] in wanted]
        if rule.get("reporting"):
            reporting = laos_reporting(round_code)
            rows = [row for row in rows if row["_id"] in reporting]
    return Recipients(tuple(_found(rows)))


def found_lao(row: Raw) -> Found:
    """One raw LAO as a recipient."""
    return _found([row])[0]


def _place(rule: Mapping[str, Any]) -> Raw:
    level = Level(rule["area_level"])
    return {_FIELD[level]: rule.get("area_code")} if level in _FIELD else {}


def _as_lao(place: Raw) -> Raw:
    return {"_id" if name == "lao_code" else name: code for name, code in place.items()}


def _found(rows: list[Raw]) -> list[Found]:
    districts = _names(District, {row.get("district_code") for row in rows})
    provinces = _names(Province, {row.get("province_code") for row in rows})
    return [
        Found(
            recipient_of(row, districts.get(row.get("district_code"), ""), provinces.get(row.get("province_code"), "")),
            (row.get("email") or "").strip() or None,
            row.get("district_code") or "",
            row.get("province_code") or "",
        )
        for row in rows
    ]


def _names(document: Any, codes: Iterable[str | None]) -> dict[str | None, str]:
    rows = document._get_collection().find({"_id": {"$in": list(codes)}}, {"name_th": 1})
    return {row["_id"]: row["name_th"] for row in rows}
