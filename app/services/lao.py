"""LAOs: the code says the district, and a name that changes stays on record."""

from __future__ import annotations

from typing import Any

from app.clock import stored_now
from app.documents.lao import FormerName, Lao
from app.enums import LaoType
from app.errors import Problem
from app.fabmongo.writes import WriteRules
from app.rules.lao import district_of, normalise_lao_code
from app.thai import normalise_name

Raw = dict[str, Any]


class LaoRules(WriteRules):
    """What the import of the register holds of an LAO, held for the form as well."""

    def before_write(self, actor: Any, document: Lao, before: Raw | None) -> None:
        document.name_th = normalise_name(document.name_th or "")
        if before is None:
            document.code = normalise_lao_code(document.code or "")
        elif document.name_th != before["name_th"] or document.type != LaoType(before["type"]):
            old = FormerName(name_th=before["name_th"], type=LaoType(before["type"]), until=stored_now())
            document.former_names = [*(document.former_names or ()), old]
        _check_district(document.to_mongo())


def _check_district(raw: Raw) -> None:
    """Schools, students and deliveries carry the district of their LAO, so it never changes: the code holds it."""
    chosen, coded = raw.get("district_code"), district_of(raw["_id"])
    if chosen and chosen != coded:
        raise Problem(
            f"รหัส อปท. {raw['_id']} อยู่ในอำเภอรหัส {coded} โปรดเลือกอำเภอนั้น หรือตรวจสอบรหัส",
            f"The LAO code {raw['_id']} lies in district {coded}. Choose that one, or check the code.",
            "district",
        )
