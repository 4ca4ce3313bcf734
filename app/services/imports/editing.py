"""What people put right before an import is applied: columns, answers, single rows, what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession

from app.clock import stored_now
from app.documents.imports import ImportRow, ImportRun, ImportSchool
from app.enums import ImportDeed, ImportState
from app.errors import Problem
from app.rules.imports import questions
from app.rules.imports.terms import FIELDS
from app.services.imports import columns
from app.services.imports.actors import check_keeps, checked_reason
from app.services.imports.kept import remove_kept
from app.services.imports.planning.counting import refresh
from app.services.imports.planning.replanning import REPLAN, plan_again, touched_by
from app.services.imports.planning.storing import DONE, write_again
from app.services.imports.uploading import hand_over, waiting
from app.services.transactions import in_transaction
from app.thai import parse_date

Raw = dict[str, Any]

PREVIEW, MAPPING = ImportState.PREVIEW.value, ImportState.MAPPING.value
LONGEST_TEXT = 200
MOST_ROWS = 1000
"""Rows that are left out, or taken in, with one command."""


def set_columns(actor: Any, run: ImportRun, sheets: Sequence[Mapping[str, Any]], save_as: str | None = None) -> None:
    """Have the file read, or read anew, as a person says: sheets of {index, header, columns: {place: field}}.

    save_as: the name of a layout of the LAO to keep this as. Raises Problem: "forbidden", "conflict" in another state
    or where rows were written already, "invalid" on field columns or save_as.
    """
    raw = _editable(actor, run.pk, (MAPPING, PREVIEW))
    _refuse_written(raw)
    fields = columns.chosen(raw, sheets)
    if save_as:
        fields["layout"] = columns.save(actor, raw, fields["sheets"], save_as)

    def work(session: ClientSession) -> None:
        _touch(actor, raw, {**fields, **waiting(), "answers": {}, "questions": []}, session)
        ImportRow._get_collection().delete_many({"run": raw["_id"]}, session=session)
        ImportSchool._get_collection().delete_many({"run": raw["_id"]}, session=session)
        remove_kept(raw["_id"], session, heads=False)

    in_transaction(work)
    hand_over(raw["_id"])


def answer(actor: Any, run: ImportRun, answers: Mapping[str, str], reason: str | None = None) -> None:
    """Answer questions of a preview, for the first time or otherwise; the rows they touch are planned anew.

    Raises Problem: "forbidden", "conflict" where it is no preview, "invalid" on a question's key or on reason.
    """
    raw = _editable(actor, run.pk, (PREVIEW,))
    asked = {question["key"]: question for question in raw.get("questions") or ()}
    given = {key: _answer_of(asked, key, text) for key, text in answers.items()}
    fields: Raw = {} if reason is None else {"reason": checked_reason(reason)}
    before = raw.get("answers") or {}
    if new := {key: text for key, text in given.items() if before.get(key) != text}:
        keys = sorted(new)
        rows = ImportRow._get_collection().count_documents({"run": raw["_id"], **touched_by(keys)})
        fields |= {"answers": {**before, **new}, "cursor": {"kind": REPLAN, "n": 0, "keys": keys}}
        fields |= {"progress_done": 0, "progress_total": rows, **waiting()}
    if fields:
        in_transaction(lambda session: _touch(actor, raw, fields, session))
    if new:
        hand_over(raw["_id"])


def fix_row(
    actor: Any, run: ImportRun, row_id: Any, typed: Mapping[str, str], seen: Mapping[str, str] | None = None
) -> ImportRow:
    """Put texts of a row right; it is planned anew at once, and with it the rows that were refused as its doubles.

    seen: the edits the person was shown; where somebody has changed them since, nothing is written. A text equal to
    the file's takes an edit back. Raises Problem: "forbidden", "not_found", "conflict", "invalid" on a field.
    """
    texts = {name: _text(name, text) for name, text in typed.items()}

    def change(row: Raw) -> None:
        if row["deed"] == ImportDeed.MISSING.value:
            raise _missing()
        edits = row.get("edits") or {}
        if seen is not None and dict(seen) != edits:
            raise _somebody_else()
        own = row.get("typed") or {}
        edits = {name: text for name, text in {**edits, **texts}.items() if own.get(name, "") != text}
        row.pop("edits", None)
        if edits:
            row["edits"] = edits

    key = _key(row_id)
    _change_rows(actor, run.pk, [key], change)
    return ImportRow.objects.get(pk=key)


def leave_out(actor: Any, run: ImportRun, row_ids: Iterable[Any], out: bool) -> None:
    """Leave rows out of an import, or take them in again. Raises Problem as `fix_row` does."""
    keys = [_key(row_id) for row_id in row_ids]
    if len(keys) > MOST_ROWS:
        raise Problem(
            f"เลือกได้ครั้งละไม่เกิน {MOST_ROWS} แถว โปรดเลือกให้น้อยลง", f"Choose at most {MOST_ROWS} rows at a time.", "rows"
        )

    def change(row: Raw) -> None:
        if row["deed"] == ImportDeed.MISSING.value:
            raise _missing()
        row.pop("left_out", None)
        if out:
            row["left_out"] = True

    if keys:
        _change_rows(actor, run.pk, keys, change)


def overrule(actor: Any, run: ImportRun, row_id: Any, value: bool) -> None:
    """Let a row replace what a person corrected by hand after all, or not. Raises Problem as `fix_row` does."""

    def change(row: Raw) -> None:
        row.pop("overrule", None)
        if value:
            row["overrule"] = True

    _change_rows(actor, run.pk, [_key(row_id)], change)


# -- the one way of changing rows ----------------------------------------------------------


def _change_rows(actor: Any, run_id: Any, keys: list[ObjectId], change: Callable[[Raw], None]) -> None:
    """Change rows and plan them anew in one transaction, which touches the run: whoever comes second sees the first."""

    def work(session: ClientSession) -> None:
        raw = _editable(actor, run_id, (PREVIEW,), session)
        _touch(actor, raw, {}, session)
        rows = _rows(raw, {"_id": {"$in": keys}}, session)
        if len(rows) < len(set(keys)):
            raise _row_gone()
        places = [row["n"] for row in rows]
        rows += _rows(raw, {"troubles.same_as": {"$in": places}, "_id": {"$nin": keys}}, session)
        for row in rows:
            if row["_id"] in keys:
                change(row)
        _write(raw, rows, actor, session)

    in_transaction(work)


def _rows(raw: Raw, where: Raw, session: ClientSession) -> list[Raw]:
    mine = {"run": raw["_id"], "state": {"$nin": DONE}, **where}
    return list(ImportRow._get_collection().find(mine, session=session).sort("n", 1).limit(MOST_ROWS))


def _write(raw: Raw, rows: list[Raw], actor: Any, session: ClientSession) -> None:
    before = _codes(rows)
    planned = plan_again(raw, rows, actor, session)
    write_again(planned, session)
    refresh(raw, before | _codes(planned), session)


def _codes(rows: Iterable[Raw]) -> set[str]:
    """The schools that rows belong to or take somebody from."""
    return {code for row in rows for code in (row.get("school_code"), row.get("from_school")) if code}


def _editable(actor: Any, run_id: Any, states: Sequence[str], session: ClientSession | None = None) -> Raw:
    """The raw run, in the actor's area and in one of `states`. Raises Problem."""
    raw: Raw | None = ImportRun._get_collection().find_one({"_id": run_id}, session=session)
    if raw is None:
        raise Problem("ไม่พบการนำเข้านี้แล้ว", "This import is no longer there.", kind="not_found")
    check_keeps(actor, raw)
    if raw["state"] not in states:
        raise _other_state(raw)
    return raw


def _touch(actor: Any, raw: Raw, fields: Raw, session: ClientSession) -> None:
    """Write on the run, if it is still in the state it was read in: two changes at once follow each other."""
    trace = {"changed_by": actor.username, "changed_on": stored_now()}
    where = {"_id": raw["_id"], "state": raw["state"]}
    gone = {} if fields.get("state") is None else {"$unset": {"worker": "", "finished_on": "", "cancel_requested": ""}}
    change = {"$set": {**trace, **fields}, **gone}
    if not ImportRun._get_collection().update_one(where, change, session=session).matched_count:
        raise _other_state(raw)


def _refuse_written(raw: Raw) -> None:
    if ImportRow._get_collection().find_one({"run": raw["_id"], "state": {"$in": DONE}}, {"_id": 1}):
        raise Problem(
            "บันทึกบางสถานศึกษาจากไฟล์นี้แล้ว จึงเลือกคอลัมน์ใหม่ไม่ได้ โปรดส่งไฟล์ใหม่",
            "Some schools of this file are written already, so its columns cannot change. Upload the file anew.",
            kind="conflict",
        )


# -- what was typed ------------------------------------------------------------------------


def _answer_of(asked: Mapping[str, Raw], key: str, text: str) -> str:
    """An answer as it is kept. Raises Problem on the question's key."""
    if key not in asked or (kind := questions.KINDS.get(asked[key]["kind"])) is None:
        raise Problem("ไม่มีคำถามนี้ในการนำเข้านี้", "This import has no such question.", key)
    if not kind.options:
        parse_date(text, key)
        return text.strip()
    if text not in {option[0] for option in kind.options}:
        raise Problem("โปรดเลือกคำตอบจากรายการ", "Choose an answer from the list.", key)
    return text


def _text(name: str, text: str) -> str:
    if name not in FIELDS:
        raise Problem("ไม่มีช่องนี้ในแถว", "A row has no such field.", name[:40])
    if len(text) > LONGEST_TEXT:
        raise Problem(
            f"ข้อความยาวเกิน {LONGEST_TEXT} ตัวอักษร", f"The text is longer than {LONGEST_TEXT} characters.", name
        )
    return text.strip()


def _key(row_id: Any) -> ObjectId:
    if not ObjectId.is_valid(row_id):
        raise _row_gone()
    return ObjectId(row_id)


def _row_gone() -> Problem:
    return Problem(
        "ไม่พบแถวนี้ในการนำเข้า หรือบันทึกไปแล้ว",
        "The import has no such row, or it is written already.",
        kind="not_found",
    )


def _missing() -> Problem:
    return Problem(
        "นักเรียนคนนี้ไม่มีในไฟล์ การนำเข้าไม่เปลี่ยนข้อมูลของนักเรียนที่ไม่มีในไฟล์ หากออกแล้ว โปรดกรอกวันที่ออกในทะเบียน",
        "This student is not in the file, and an import changes nothing of those. Enter a leaving date on the roster.",
        kind="conflict",
    )


def _somebody_else() -> Problem:
    return Problem(
        "มีผู้แก้ไขแถวนี้ระหว่างที่ท่านแก้ไข จึงยังไม่ได้บันทึก โปรดดูค่าล่าสุดแล้วแก้ไขอีกครั้ง",
        "Somebody else changed this row while you were editing, so nothing was saved. Look at it again.",
        kind="conflict",
    )


def _other_state(raw: Raw) -> Problem:
    state = ImportState(raw["state"])
    return Problem(
        f"การนำเข้านี้อยู่ในสถานะ “{state.th}” จึงแก้ไขไม่ได้ในตอนนี้ โปรดเปิดหน้านี้ใหม่",
        f"This import is in state “{state.en}” and cannot be changed now. Open the page again.",
        kind="conflict",
    )
