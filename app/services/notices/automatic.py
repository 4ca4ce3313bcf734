"""Letters that the system itself writes to one LAO, put into the same outbox as the officers' notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.lao import Lao
from app.documents.notices import Delivery, Notice
from app.enums import DeliveryState, Level, NoticeState
from app.services.notices.access import Raw
from app.services.notices.recipients import found_lao
from app.services.notices.sending import new_delivery


def put_out(actor: Any, fields: Mapping[str, Any], lao_code: str, session: ClientSession | None) -> None:
    """Store a letter of the country's office to one LAO and its delivery; the sweep sends it within half a minute.

    fields: raw fields of a notice, "dated" a date. Without a usable address the delivery is there as failed.
    """
    lao = Lao._get_collection().find_one({"_id": lao_code}, session=session)
    if lao is None:
        return
    stamp = stored_now()
    notice: Raw = {
        "_id": ObjectId(), **fields, "dated": datetime.combine(fields["dated"], time()),
        "recipients": {"area_level": Level.LAO.value, "area_code": lao_code, "states": []},
        "state": NoticeState.SENDING.value, "author_level": Level.COUNTRY.value,
        "total": 1, "sent_count": 0, "sent_by": actor.username, "sent_on": stamp,
        "created_by": actor.username, "created_on": stamp, "changed_by": actor.username, "changed_on": stamp,
    }  # fmt: skip
    delivery = new_delivery(notice, found_lao(lao), actor, stamp)
    notice["failed_count"] = int(delivery["state"] == DeliveryState.FAILED)
    Notice._get_collection().insert_one(notice, session=session)
    Delivery._get_collection().insert_one(delivery, session=session)
