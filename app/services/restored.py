"""What must happen to an installation that was set back to an earlier moment, before anybody works on it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from app.fabmongo.security.models import User
from app.services.notices.holding import hold_open_deliveries


@dataclass(frozen=True)
class Settled:
    """How many deliveries wait for a person's word, and how many people must sign in anew."""

    deliveries: int
    people: int


def settle(backup_of: datetime) -> Settled:
    """Hold what may have been sent since the backup, and end every session. backup_of: its moment, UTC.

    A session that was ended after the backup, by signing out or by a new password, would otherwise be good again.
    """
    deliveries = hold_open_deliveries(backup_of)
    # Far enough that no number given between the backup and the restore comes again.
    later = 1_000 + secrets.randbelow(1_000_000)
    people = User._get_collection().update_many({}, {"$inc": {"session_epoch": later}})
    return Settled(deliveries, int(people.modified_count))
