"""One short mark for the state of a stored record, and the check that nobody has changed it since."""

from __future__ import annotations

import hashlib
from typing import Any

from bson import json_util
from bson.binary import UuidRepresentation
from flask import request

from app.fabmongo.api.answers import ApiError, plain_error
from app.fabmongo.audit import VERSION

STORED = json_util.JSONOptions(uuid_representation=UuidRepresentation.STANDARD)


def etag_of(item: Any) -> str:
    """The mark of a loaded document, without quotes.

    It follows the version, which counts the writes of people: a background recount is no reason to
    refuse one. A row that nobody has written yet has no version; there the whole row makes the mark.
    """
    stored, fields = item._stored, item._fields
    version = stored.get(VERSION)
    state: Any = stored
    if version is not None:
        # A key that was deleted and used again begins anew at 1: when it was made tells them apart.
        made = fields["created_on"].db_field if "created_on" in fields else ""
        state = [stored["_id"], version, stored.get(made)]
    text = json_util.dumps(state, json_options=STORED, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def require_match(item: Any, current: dict[str, Any]) -> None:
    """Refuse with 428 without If-Match, and with 412 and the `current` values where it is another state."""
    if "If-Match" not in request.headers:
        raise plain_error(428)
    if not request.if_match.contains(etag_of(item)):
        raise stale(item, current)


def stale(item: Any, current: dict[str, Any]) -> ApiError:
    """The refusal of a write onto a state the client has not seen."""
    gone = plain_error(412)
    return ApiError(412, gone.message, headers={"ETag": f'"{etag_of(item)}"'}, current=current)
