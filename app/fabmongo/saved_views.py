"""Views of a list that people keep for themselves: filters, quick words, columns, order and page size under a name.

They stand in the person's own record, which each request reads anyway. What is kept are arguments, never an address,
and they are looked at again when they are used: those that no longer fit the list are left out.
"""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import parse_qsl

from flask import abort, flash, g, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.fabmongo import arguments
from app.fabmongo.labels import T
from app.fabmongo.security.models import SavedView

MOST = 30
"""Views a person may keep, of all lists together."""
LONGEST_NAME = 80
LONGEST_QUERY = 2000


class SavedViewsMixin:
    """The saved views of a MongoModelView's list, and POST /my_views: save, delete, open the list with one, or not."""

    endpoint: Any
    appbuilder: Any
    datamodel: Any

    @expose("/my_views", methods=["POST"])
    @has_access
    @permission_name("list")
    def my_views(self) -> Any:
        """The form says what to do by its one field, whose value is the view's name; the address has the arguments."""
        person = self.appbuilder.sm.current_user
        actions = {"save": self._save_view, "delete": _delete, "first": _open_first, "plain": _open_plain}
        for what, do in actions.items():
            if what in request.form:
                name = clean_name(request.form[what])
                query = do(person, type(self).__name__, name)
                return redirect(_address(self, query or arguments.query_of(request.args.items(multi=True))))
        return abort(400)

    def _save_view(self, person: Any, of: str, name: str) -> str | None:
        pairs = arguments.fitting(self, request.args.items(multi=True))
        query = arguments.query_of(pairs)
        problem = _problem(self.datamodel, name, pairs, query)
        if problem is not None:
            flash(str(problem), "warning")
            return None
        done = store(person, of, name, query)
        flash(str(TOLD[done]).format(name=name, most=MOST), "success" if done != FULL else "warning")
        return query

    def my_views_panel(self) -> dict[str, Any]:
        """The saved views of this list as its template wants them."""
        now = set(arguments.fitting(self, request.args.items(multi=True)))
        rows = [
            {"name": one.name, "first": bool(one.first), "pairs": _pairs(self, one)} for one in _views_of(self)
        ]
        for row in rows:
            row["here"] = set(row["pairs"]) == now
            row["url"] = _address(self, arguments.query_of(row.pop("pairs")) or f"{arguments.PLAIN}=1")
        asked = request.args.items(multi=True)
        act = arguments.query_of(pair for pair in asked if not pair[0].startswith(arguments.CURSOR))
        return {
            "rows": rows,
            "name": next((row["name"] for row in rows if row["here"]), ""),
            "something": bool(now),
            "act_url": url_for(f"{self.endpoint}.my_views") + (f"?{act}" if act else ""),
            "plain_url": _address(self, f"{arguments.PLAIN}=1") if g.get(arguments.LED) else None,
            "longest": LONGEST_NAME,
        }

    def lead_to_first(self) -> None:
        """Leave the list's bare address for the saved view that the person opens it with, if there is one."""
        first = next((one for one in _views_of(self) if one.first), None)
        query = arguments.query_of(_pairs(self, first)) if first is not None else ""
        if not query:
            return
        setattr(g, arguments.LED, True)
        if not request.args and not request.view_args:
            abort(redirect(_address(self, query)))


def clean_name(text: str) -> str:
    """A name as it is kept: one spelling, single blanks, no control characters."""
    signs = (char for char in text if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn"))
    return " ".join(unicodedata.normalize("NFC", "".join(signs)).split())


def _views_of(view: Any) -> list[SavedView]:
    person, of = view.appbuilder.sm.current_user, type(view).__name__
    mine = [one for one in getattr(person, "saved_views", ()) if one.of == of]
    return sorted(mine, key=lambda one: str(one.name))


def _pairs(view: Any, saved: SavedView) -> list[tuple[str, str]]:
    return arguments.fitting(view, parse_qsl(saved.query, keep_blank_values=True))


def _address(view: Any, query: str) -> str:
    address: str = url_for(f"{view.endpoint}.list")
    return f"{address}?{query}" if query else address


def _problem(datamodel: Any, name: str, pairs: list[tuple[str, str]], query: str) -> Any:
    """Why a view cannot be kept, or None."""
    if len(name) > LONGEST_NAME or not any(unicodedata.category(char)[0] in "LNPS" for char in name):
        return BAD_NAME
    if not query:
        return NOTHING
    if arguments.ask_for_a_secret(datamodel, pairs):
        return SECRET
    return TOO_LONG if len(query) > LONGEST_QUERY else None


# -- kept with the person ------------------------------------------------------------------

NEW, REPLACED, FULL = "new", "replaced", "full"


def _change(person: Any, condition: dict[str, Any], change: dict[str, Any], **more: Any) -> bool:
    # Past the write path: it is no change of the account, which keeps its version, traces and history.
    found = type(person)._get_collection().update_one({"_id": person.pk, **condition}, change, **more)
    return bool(found.matched_count)


def store(person: Any, of: str, name: str, query: str) -> str:
    """Keep a view under a name, in place of the one that has it: NEW, REPLACED or FULL, when nothing is kept."""
    same = {"$elemMatch": {"of": of, "name": name}}
    if _change(person, {"saved_views": same}, {"$set": {"saved_views.$.query": query}}):
        return REPLACED
    room = {f"saved_views.{MOST - 1}": {"$exists": False}, "saved_views": {"$not": same}}
    one = SavedView(of=of, name=name, query=query).to_mongo().to_dict()
    return NEW if _change(person, room, {"$push": {"saved_views": one}}) else FULL


def _delete(person: Any, of: str, name: str) -> None:
    _change(person, {}, {"$pull": {"saved_views": {"of": of, "name": name}}})
    flash(str(T("ลบมุมมอง “{name}” แล้ว", "The view “{name}” is deleted.", name=name)), "success")


def _open_first(person: Any, of: str, name: str) -> None:
    if not _change(
        person, {"saved_views": {"$elemMatch": {"of": of, "name": name}}},
        {"$set": {"saved_views.$[one].first": True, "saved_views.$[other].first": False}},
        array_filters=[{"one.of": of, "one.name": name}, {"other.of": of, "other.name": {"$ne": name}}],
    ):  # fmt: skip
        abort(404)
    told = T("ต่อไปรายการนี้จะเปิดด้วยมุมมอง “{name}”", "From now on this list opens with “{name}”.", name=name)
    flash(str(told), "success")


def _open_plain(person: Any, of: str, name: str) -> None:
    _change(
        person, {"saved_views.of": of}, {"$set": {"saved_views.$[one].first": False}}, array_filters=[{"one.of": of}]
    )
    flash(str(T("ต่อไปรายการนี้จะเปิดตามปกติ", "From now on this list opens as it is.")), "success")


# -- what people are told ------------------------------------------------------------------

TOLD = {
    NEW: T("บันทึกมุมมอง “{name}” แล้ว", "The view “{name}” is saved."),
    REPLACED: T(
        "บันทึกมุมมอง “{name}” แล้ว แทนมุมมองเดิมที่ใช้ชื่อนี้",
        "The view “{name}” is saved in place of the earlier one of this name.",
    ),
    FULL: T(
        "ยังไม่ได้บันทึก เพราะท่านมีมุมมองครบ {most} รายการแล้ว โปรดลบมุมมองที่ไม่ใช้ก่อน",
        "Not saved: you keep {most} views already. Delete one that you do not need.",
    ),
}
BAD_NAME = T(
    "ยังไม่ได้บันทึก โปรดตั้งชื่อมุมมอง ไม่เกิน 80 ตัวอักษร",
    "Not saved. Give the view a name of at most 80 characters.",
)
NOTHING = T(
    "ยังไม่ได้บันทึก เพราะรายการนี้ยังไม่ได้กรอง เรียง หรือเลือกคอลัมน์",
    "Not saved: nothing is filtered, ordered or chosen on this list.",
)
SECRET = T(
    "ยังไม่ได้บันทึก เพราะช่องค้นหาหรือตัวกรองนี้ค้นจากเลขประจำตัวหรือข้อมูลที่ปกปิดได้ ซึ่งระบบจะไม่เก็บค่าที่พิมพ์ไว้ "
    "โปรดล้างช่องค้นหานั้น แล้วใช้ตัวกรองอื่น เช่น ชื่อ ก่อนบันทึก",
    "Not saved: this search box or filter also searches masked data such as ID numbers, and what is typed to find them "
    "is never kept. Clear it and use another filter, such as the name, before saving.",
)
TOO_LONG = T(
    "ยังไม่ได้บันทึก เพราะเงื่อนไขยาวเกินไป โปรดใช้ตัวกรองให้น้อยลง",
    "Not saved: the conditions are too long. Use fewer filters.",
)
