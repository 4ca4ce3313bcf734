"""Actions on records: on one, on the ticked ones, or on all that match the list's filters."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, redirect, request, session, url_for
from flask_appbuilder.baseviews import expose
from werkzeug.datastructures import MultiDict

from app.fabmongo import arguments
from app.fabmongo.errors import BadValue, WriteRefused
from app.fabmongo.interface import EXACT_COUNT_BOUND
from app.fabmongo.labels import T
from app.fabmongo.rows import Page
from app.fabmongo.search import FilterWords

MOST_ARGUMENTS = 200
"""Arguments of a list that a post may carry."""


class BulkMixin:
    """The routes /action and /action_post of a MongoModelView.

    `bulk_limit` is the most records that an action takes at once when it is told to take all that match.
    """

    actions: Any
    appbuilder: Any
    class_permission_name: Any
    datamodel: Any
    endpoint: Any
    get_action_permission_name: Any
    _base_filters: Any
    _filters: Any
    _reachable: Any
    bulk_limit: int = 1_000

    def _chosen_action(self, name: str) -> Any:
        action = self.actions.get(name)
        if action is None:
            abort(404)
        permission = self.get_action_permission_name(name)
        if not self.appbuilder.sm.has_access(permission, self.class_permission_name):
            abort(403)
        return action

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    def action(self, name: str, pk: str) -> Any:
        """One record's action; a record out of reach does not exist."""
        return self._chosen_action(name).func(self._reachable(pk))

    @expose("/action_post", methods=["POST"])
    def action_post(self) -> Any:
        """An action on the ticked rows, or with `all` on every row that matches; one that fails refuses all of them."""
        action = self._chosen_action(request.form.get("action", ""))
        if not action.multiple:
            abort(404)
        if request.form.get("all"):
            return self._act_on_all(action)
        pks = list(dict.fromkeys(request.form.getlist("rowid")))
        items = self.datamodel.get_many(pks, self._base_filters)
        if len(items) < len(pks):
            abort(404)
        return action.func(items)

    def _act_on_all(self, action: Any) -> Any:
        matching, seen = request.form.get("matching", ""), request.form.get("matched", "")
        if not (seen.isascii() and seen.isdigit() and len(seen) < 10):
            abort(400)
        told = list(session.get("_flashes", ()))
        try:
            items = self._matching(matching, int(seen))
        except WriteRefused as refusal:
            session["_flashes"] = told  # the list reads the same arguments and would say it twice
            flash(str(refusal.message), "danger")
            query = urlencode(list((_arguments(matching) or MultiDict()).items(multi=True)))
            return redirect(url_for(f"{self.endpoint}.list") + (f"?{query}" if query else ""))
        return action.func(items)

    def _matching(self, matching: str, seen: int) -> list[Any]:
        """The rows in reach that match a list's arguments; raises WriteRefused unless they are as many as were seen."""
        given, filters = _arguments(matching), self._filters
        if given is None or not arguments.all_offered(filters, given) or not arguments.read_filters(filters, given):
            raise WriteRefused(BAD_FILTER)
        limit = min(self.bulk_limit, EXACT_COUNT_BOUND)
        try:
            query = self.datamodel.scoped(filters.get_joined_filters(self._base_filters))
            items = list(self.datamodel.find(query, size=limit + 1))
        except BadValue:
            raise WriteRefused(BAD_FILTER) from None
        if len(items) > limit:
            raise WriteRefused(_too_many(self.datamodel.count(query), limit))
        if len(items) != seen:
            raise WriteRefused(_changed(seen, len(items)))
        return items

    def _all_matching(self, filters: Any, rows: Page) -> dict[str, Any] | None:
        """What the list needs to offer all that match: {"query", "count", "limit", "too_many"}.

        None where the page shows every row already, or where the filters in force are none that a person can put.
        """
        pairs = self._in_force(filters) if rows.count > len(rows.pks) and self.actions else None
        if pairs is None:
            return None
        limit = min(self.bulk_limit, EXACT_COUNT_BOUND)
        return {"query": urlencode(pairs), "count": rows.count, "limit": limit, "too_many": rows.count > limit}

    def _in_force(self, filters: Any) -> list[tuple[str, str]] | None:
        """The filters as arguments of the list: those of the address, or the parent's of a list in a record's page."""
        offered = self._filters.get_search_filters()
        pairs: list[tuple[str, str]] = []
        for flt, values in zip(filters.filters, filters.values, strict=True):
            place = next((i for i, one in enumerate(offered.get(flt.column_name, ())) if type(one) is type(flt)), None)
            if isinstance(flt, FilterWords):
                pairs.append(("q", str(values)))
            elif place is None:
                return None
            else:
                name = f"_flt_{place}_{flt.column_name}"
                pairs += [(name, str(value)) for value in (values if isinstance(values, list) else [values])]
        return pairs


def _arguments(matching: str) -> MultiDict[str, str] | None:
    """A list's arguments as posted; None where they cannot be read."""
    try:
        return MultiDict(parse_qsl(matching, keep_blank_values=True, max_num_fields=MOST_ARGUMENTS))
    except ValueError:
        return None


def _too_many(count: int, limit: int) -> Any:
    more = count > EXACT_COUNT_BOUND
    return T(
        "มี{more} {count:,} รายการที่ตรงกัน แต่ทำพร้อมกันได้ไม่เกิน {limit:,} รายการ จึงยังไม่ได้ทำอะไร โปรดกรองให้แคบลง",
        "{more_en}{count:,} records match, but at most {limit:,} can be dealt with at once, so nothing was done. "
        "Narrow the filters.",
        more="มากกว่า" if more else "", more_en="More than " if more else "",
        count=min(count, EXACT_COUNT_BOUND), limit=limit,
    )  # fmt: skip


def _changed(seen: int, now: int) -> Any:
    return T(
        "ตอนที่ท่านเลือกมี {seen:,} รายการที่ตรงกัน แต่ขณะนี้มี {now:,} รายการ จึงยังไม่ได้ทำอะไร โปรดตรวจรายการแล้วเลือกใหม่",
        "{seen:,} records matched when you chose them and {now:,} match now, so nothing was done. "
        "Look at the list and choose again.",
        seen=seen, now=now,
    )  # fmt: skip


BAD_FILTER = T(
    "ตัวกรองที่ส่งมาใช้ไม่ได้ จึงยังไม่ได้ทำอะไร โปรดกรองรายการแล้วเลือกใหม่",
    "The filters that were sent cannot be used, so nothing was done. Filter the list and choose again.",
)
