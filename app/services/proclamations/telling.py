"""Telling an LAO by e-mail of a proclamation that the DLA recorded, corrected or undid for it."""

from __future__ import annotations

from typing import Any

from pymongo.client_session import ClientSession

from app.clock import thai_today
from app.documents.schools import School
from app.enums import Level
from app.notices.proclaimed import Deed, proclaimed_text
from app.rules.census import as_day
from app.services.notices import put_out

Raw = dict[str, Any]


def tell(actor: Any, proclamation: Raw, deed: Deed, session: ClientSession | None) -> None:
    """Write the letter to the LAO of a raw proclamation; an LAO that records its own knows it already.

    What an LAO records stands in the list of its district and province.
    """
    if actor.area.level != Level.COUNTRY:
        return
    codes = [*proclamation["schools"], proclamation.get("successor_code")]
    rows = School._get_collection().find({"_id": {"$in": codes}}, {"name_th": 1}, session=session)
    names = {row["_id"]: f"{row['name_th']} (รหัส {row['_id']})" for row in rows}
    in_force = as_day(proclamation["effective_on"]) <= thai_today()
    text = proclaimed_text(proclamation, names, deed, in_force, thai_today())
    put_out(actor, text, proclamation["lao_code"], session)
