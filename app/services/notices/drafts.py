"""Writing a notice: a draft is checked, saved against its version, and may be discarded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from mongoengine.errors import ValidationError
from pymongo.errors import DuplicateKeyError

from app.clock import stored_now
from app.documents.notices import Notice, RecipientRule
from app.documents.rounds import Round
from app.enums import Level, NoticeState, NoticeUrgency, SubmissionState
from app.errors import Problem
from app.fabmongo.scope import Area
from app.notices.letter import PLACES, clean, unknown_places
from app.notices.progress import LAO_STATES
from app.services.areas import Place, find_place
from app.services.notices.access import Officer, Raw, authors_area, own_notice

LINES = ("number", "subject", "signer_name")
TEXTS = ("office", "addressee", "signer_position", "contact")
LISTS = ("references", "attachments", "opening", "orders", "closing")


def save_draft(
    actor: Officer, fields: Mapping[str, Any], notice_id: str | None = None, version: str | None = None
) -> str:
    """Store a new draft, or a change of one, and give its id.

    fields: the columns of Notice that a person fills in; dates are `date`, lists are lists of text,
    "round" is a round's code, and "area_level", "area_code", "states" are the rule of the recipients.
    version: what `draft_version` said when the form was opened. Raises Problem with the field at
    fault; kind "conflict" when somebody saved or sent the draft in between.
    """
    area = authors_area(actor)
    if notice_id is None:
        return _insert(_values(fields, area), actor, area, stored_now())
    before = own_notice(actor, notice_id)
    if before["state"] != NoticeState.DRAFT:
        raise Problem(
            "หนังสือนี้สั่งส่งไปแล้ว จึงแก้ไขไม่ได้ หากต้องแก้ไข โปรดเขียนหนังสือฉบับใหม่",
            "This notice has been sent and cannot be changed. Write a new one to correct it.",
            kind="conflict",
        )
    kept = {"reporting": (before.get("recipients") or {}).get("reporting")}  # no form asks for it
    values = _values({**kept, **fields}, area)
    if version not in (None, draft_version(before)) or not _change(before, values, actor):
        raise _changed_by(before.get("changed_by"))
    return str(before["_id"])


def save_once(actor: Officer, fields: Mapping[str, Any], key: str) -> str:
    """Store a draft of which there may be one only under `key`; gives the id of the one that is stored."""
    area, notices = authors_area(actor), Notice._get_collection()
    try:
        return _insert({**_values(fields, area), "once": key}, actor, area, stored_now())
    except DuplicateKeyError:
        return str(notices.find_one({"once": key}, {"_id": 1})["_id"])


def draft_version(notice: Mapping[str, Any]) -> str:
    """The version of a raw notice, which a form carries to notice a change in between."""
    changed = notice.get("changed_on")
    return changed.isoformat() if changed is not None else ""


def discard(actor: Officer, notice_id: str) -> None:
    """Delete a draft; raises Problem where it was sent already."""
    before = own_notice(actor, notice_id)
    gone = Notice._get_collection().delete_one({"_id": before["_id"], "state": str(NoticeState.DRAFT)})
    if not gone.deleted_count:
        raise Problem(
            "หนังสือนี้สั่งส่งไปแล้ว จึงลบไม่ได้",
            "This notice has been sent and cannot be deleted.",
            kind="conflict",
        )


_CLEARED = {*LINES, *TEXTS, *LISTS, "deadline", "round_code"}


def _change(before: Raw, values: Raw, actor: Officer) -> bool:
    """Store `values` unless the draft changed since `before` was read."""
    emptied = {name: "" for name in _CLEARED if name in before and name not in values}
    change: Raw = {"$set": {**values, "changed_by": actor.username, "changed_on": stored_now()}}
    if emptied:
        change["$unset"] = emptied
    done = Notice._get_collection().update_one(
        {"_id": before["_id"], "state": str(NoticeState.DRAFT), "changed_on": before.get("changed_on")}, change
    )
    return bool(done.matched_count)


def _changed_by(name: str | None) -> Problem:
    return Problem(
        f"ร่างนี้ถูกแก้ไขโดย {name} หลังจากที่ท่านเปิดหน้านี้ จึงยังไม่ได้บันทึก "
        "สิ่งที่ท่านพิมพ์ยังอยู่ด้านล่าง เปิดร่างล่าสุดในอีกหน้าต่างเพื่อเทียบ แล้วบันทึกอีกครั้ง",
        f"{name} changed this draft after you opened it, so nothing was saved. What you "
        "typed is still below; open the latest draft in another window, compare, and save again.",
        kind="conflict",
    )


def _insert(values: Raw, actor: Officer, area: Area, stamp: Any) -> str:
    row = {
        "_id": ObjectId(),
        **values,
        "state": str(NoticeState.DRAFT),
        "total": 0,
        "sent_count": 0,
        "failed_count": 0,
        "author_level": str(area.level),
        "created_by": actor.username,
        "created_on": stamp,
        "changed_by": actor.username,
        "changed_on": stamp,
    }
    for level in ("province", "district"):
        if code := area.codes.get(level):
            row[f"{level}_code"] = code
    Notice._get_collection().insert_one(row)
    return str(row["_id"])


def _values(fields: Mapping[str, Any], area: Area) -> Raw:
    """The raw fields of a draft; raises Problem on the first that is wrong."""
    notice = Notice(
        urgency=NoticeUrgency(fields.get("urgency") or NoticeUrgency.NORMAL),
        dated=fields.get("dated"),
        deadline=fields.get("deadline"),
        author_level=Level(area.level),
        recipients=_rule(fields, area),
    )
    for name in LINES:
        setattr(notice, name, " ".join(clean(str(fields.get(name) or "")).split()) or None)
    for name in TEXTS:
        setattr(notice, name, clean(str(fields.get(name) or "")) or None)
    for name in LISTS:
        setattr(notice, name, [text for item in fields.get(name) or () if (text := clean(str(item)))])
    _check_content(notice)
    if code := fields.get("round"):
        notice.round = Round.objects(pk=str(code)).first()
        if notice.round is None:
            raise Problem("ไม่พบรอบที่เลือก โปรดเลือกใหม่", "There is no such round. Choose again.", field="round")
    try:
        notice.validate()
    except ValidationError as error:
        raise _too_long(error) from error
    raw: Raw = notice.to_mongo().to_dict()
    kept = {"urgency", "dated", "recipients", *_CLEARED}
    return {name: value for name, value in raw.items() if name in kept}


def _check_content(notice: Notice) -> None:
    wanted = {
        "dated": ("วันที่ของหนังสือ", "the date"),
        "subject": ("เรื่อง", "the subject"),
        "addressee": ("เรียน", "the addressee"),
    }
    for name, (th, en) in wanted.items():
        if not getattr(notice, name):
            raise Problem(f"ยังไม่ได้กรอก{th}", f"Fill in {en}.", field=name)
    if not (notice.opening or notice.orders):
        raise Problem(
            "หนังสือยังไม่มีเนื้อความ โปรดกรอกข้อความนำหรือข้อสั่งการอย่างน้อยหนึ่งข้อ",
            "The notice has no text. Write an opening paragraph or at least one order.",
            field="opening",
        )
    for name in (*LINES, *TEXTS, *LISTS):
        value = getattr(notice, name)
        texts = value if isinstance(value, list) else [value or ""]
        if unknown := unknown_places(texts):
            known = ", ".join(f"{{{place}}}" for place in PLACES)
            raise Problem(
                f"ไม่รู้จักคำในวงเล็บปีกกา {{{unknown[0]}}} คำที่ระบบเติมให้ได้คือ {known}",
                f"{{{unknown[0]}}} is not a place that can be filled. These can: {known}.",
                field=name,
            )


def _rule(fields: Mapping[str, Any], area: Area) -> RecipientRule:
    place = find_place(str(fields.get("area_level") or area.level), _area_code(fields, area))
    if place is None or place.level is Level.SCHOOL or not _inside(place, area):
        raise Problem(
            "พื้นที่ผู้รับต้องอยู่ในพื้นที่ที่ท่านดูแล โปรดเลือกใหม่",
            "The recipients' area must lie in your own. Choose again.",
            field="area",
        )
    states = [SubmissionState(state) for state in fields.get("states") or ()]
    if any(state not in LAO_STATES for state in states):
        raise Problem("สถานะที่เลือกใช้กับ อปท. ไม่ได้", "An LAO cannot be in the chosen state.", field="states")
    if states and not fields.get("round"):
        raise Problem(
            "เลือกผู้รับตามสถานะแล้ว แต่ยังไม่ได้เลือกรอบ โปรดเลือกรอบ",
            "Recipients are chosen by state but no round is chosen. Choose a round.",
            field="round",
        )
    reporting = True if fields.get("reporting") else None
    return RecipientRule(area_level=place.level, area_code=place.code or None, states=states, reporting=reporting)


def _inside(place: Place, area: Area) -> bool:
    return area.level == Level.COUNTRY or place.codes.get(area.level) == area.codes.get(area.level)


def _area_code(fields: Mapping[str, Any], area: Area) -> str:
    if fields.get("area_level"):
        return str(fields.get("area_code") or "")
    return area.codes.get(area.level, "")


def _too_long(error: ValidationError) -> Problem:
    name = next(iter(error.to_dict()), "")
    return Problem(
        "ข้อความในช่องนี้ยาวเกินไป โปรดย่อให้สั้นลง",
        "This text is too long. Shorten it.",
        field=str(name),
    )
