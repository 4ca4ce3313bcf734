"""One document class as a REST resource, beside its view: same columns, scope, rules and permissions."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_appbuilder.api import expose

from app.fabmongo.api import listing
from app.fabmongo.api.answers import plain_error, reply
from app.fabmongo.api.base import TokenApi, endpoint
from app.fabmongo.api.bodies import check, cleared, fill, read_body, refuse_strange
from app.fabmongo.api.classes import CLASS, classes_of, own_columns, taken_class
from app.fabmongo.api.etags import etag_of, require_match, stale
from app.fabmongo.api.filing import FileRoutes
from app.fabmongo.api.info import info_of
from app.fabmongo.api.kinds import READ_ONLY, api_kind
from app.fabmongo.api.reading import record_json
from app.fabmongo.errors import Stale
from app.fabmongo.files import FILES
from app.fabmongo.interface import EXACT_COUNT_BOUND
from app.fabmongo.reasons import give, sent_reason
from app.fabmongo.scope import matches, write_filter
from app.fabmongo.search import select_answer

PERMISSIONS = ("list", "show", "add", "edit", "delete")
ROUTES = {
    "add": ("post",), "edit": ("put", "patch", "put_file", "delete_file"), "delete": ("delete",),
    "show": ("get", "get_file"), "list": ("get_list",),
}  # fmt: skip


class MongoModelRestApi(FileRoutes, TokenApi):
    """Give it `view`, the registered MongoModelView it stands beside; the rest follows from that.

    A subclass may set `list_columns`, `show_columns`, `add_columns`, `edit_columns`, `order_columns`
    and `base_permissions`, which without it are those of the view.
    """

    view: type[Any]
    datamodel: Any = None
    class_permission_name: str | None = None
    base_permissions: list[str] | None = None
    list_columns: list[str] | None = None
    show_columns: list[str] | None = None
    add_columns: list[str] | None = None
    edit_columns: list[str] | None = None
    order_columns: list[str] | None = None

    def __init__(self) -> None:
        self.datamodel = self.datamodel or self.view.datamodel
        self.class_permission_name = self.class_permission_name or self.view.class_permission_name
        self.class_permission_name = self.class_permission_name or self.view.__name__
        if self.base_permissions is None:
            of_view = self.view.base_permissions or [f"can_{name}" for name in PERMISSIONS]
            self.base_permissions = [name for name in of_view if name.removeprefix("can_") in PERMISSIONS]
        closed = (name for name in PERMISSIONS if f"can_{name}" not in self.base_permissions)
        self.exclude_route_methods = {route for name in closed for route in ROUTES[name]}
        super().__init__()

    def create_blueprint(self, appbuilder: Any, *args: Any, **kwargs: Any) -> Any:
        """Take columns and filters from the view, which has been registered by now."""
        beside = next(view for view in appbuilder.baseviews if type(view) is self.view)
        model = self.datamodel
        key, own = model.get_pk_name(), set(model.get_user_columns_list())
        writable = {name for name in own if api_kind(model.field(name)) not in READ_ONLY}
        shown = [key, *beside.show_columns, *beside.list_columns, *beside.edit_columns, *beside.add_columns]
        self.show_columns = _known(model, self.show_columns or shown)
        self.list_columns = _known(model, [key, *(self.list_columns or shown)])
        files = [name for name in own if api_kind(model.field(name)) in FILES]
        self.shown_files = [name for name in self.show_columns if name in files]
        self.edited_files = [name for name in self.edit_columns or beside.edit_columns if name in files]
        self.add_columns = [n for n in self.add_columns or beside.add_columns if n in writable]
        self.edit_columns = [n for n in self.edit_columns or beside.edit_columns if n in writable and n != key]
        self.order_columns = [
            name for name in dict.fromkeys([key, *(self.order_columns or beside.order_columns)])
            if not getattr(model.field(name), "secret", False)
        ]
        self.base_order = tuple(beside.base_order or ("", ""))
        self.base_filters = beside._base_filters
        self.search_columns = [n for n in beside.search_columns if n in model.get_columns_list()]
        self.offered = model.get_filters(self.search_columns).get_search_filters()
        return super().create_blueprint(appbuilder, *args, **kwargs)

    def own_paths(self) -> dict[str, dict[str, Any]]:
        """OpenAPI paths of routes that a subclass adds or does its own way, by what follows the resource's name."""
        return {}

    def own_schemas(self) -> dict[str, Any]:
        """The schemas that `own_paths` refers to, or that stand instead of those made from the columns."""
        return {}

    # -- reading ---------------------------------------------------------------------------

    @expose("/", methods=["GET"])
    @endpoint("list")
    def get_list(self) -> Response:
        """One page of rows, and the cursor of the next."""
        asked = listing.read_list_request()
        columns = self._chosen(asked.columns)
        order = listing.order_of(asked, self.datamodel, self.order_columns or [], self.base_order)
        query = self.datamodel.scoped(self.base_filters)
        query = listing.narrowed(query, asked, self.offered, self.datamodel.obj)
        place = order.after(query, asked.cursor, str(self.resource_name)) if asked.cursor else query
        rows = list(self.datamodel.find(place, order.column, order.direction, size=asked.page_size + 1))
        page, full = rows[: asked.page_size], len(rows) > asked.page_size
        count = len(page) if not full and not asked.cursor else self.datamodel.count(query)
        return reply(200, {
            "count": min(count, EXACT_COUNT_BOUND),
            "more": count > EXACT_COUNT_BOUND,
            "next": order.next_cursor(page[-1]._stored, str(self.resource_name)) if full else None,
            "ids": [str(row.pk) for row in page],
            "result": [self._with_class(record_json(type(row), row._stored, columns, False), row) for row in page],
        })  # fmt: skip

    def _chosen(self, names: list[str]) -> list[str]:
        known = self.list_columns or []
        for name in names:
            if name not in known:
                raise listing.bad("columns", "มีช่องที่ไม่รู้จัก", "names an unknown column.")
        return list(dict.fromkeys(names)) or known

    @expose("/<pk>", methods=["GET"])
    @endpoint("show")
    def get(self, pk: str) -> Response:
        """One record, with its ETag."""
        return self._answer(self._reachable(pk), 200)

    @expose("/_info", methods=["GET"])
    @endpoint("list")
    def info(self) -> Response:
        """Columns, kinds, labels in every language, filters, and what the person may do here."""
        return reply(200, info_of(self))

    @expose("/related/<column>", methods=["GET"])
    @endpoint("list")
    def related(self, column: str) -> Response:
        """Choices for a reference, by what is typed, inside the person's scope."""
        offered = {*(self.add_columns or ()), *(self.edit_columns or ()), *self.search_columns}
        if column not in offered or not self.datamodel.is_relation(column):
            raise plain_error(404)
        words, page = request.args.get("q", ""), request.args.get("page", "1")
        if len(words) > listing.LONGEST:
            raise listing.bad("q", "ยาวเกินไป", "is too long.")
        if not (page.isascii() and page.isdigit() and len(page) < 5 and int(page) > 0):
            raise listing.bad("page", "ต้องเป็น 1 ขึ้นไป", "must be 1 or more.")
        found = select_answer(self.datamodel.get_related_interface(column), words, int(page) - 1)
        return reply(200, {"result": found["results"], "more": found["pagination"]["more"]})

    # -- writing ---------------------------------------------------------------------------

    @expose("/", methods=["POST"])
    @endpoint("add")
    def post(self) -> Response:
        """A new record."""
        body = read_body()
        reason = sent_reason(body)
        document = taken_class(body, self.datamodel)
        columns = self._writable(document, self.add_columns)
        refuse_strange(body, columns, self.datamodel.get_columns_list())
        item = document()
        give(item, reason)
        fill(item, body, self.datamodel)
        check(item, columns)
        self.datamodel.add(item)
        response = self._answer(item, 201)
        if "get" not in self.exclude_route_methods:
            response.headers["Location"] = url_for(f"{self.endpoint}.get", pk=str(item.pk))
        return response

    @expose("/<pk>", methods=["PUT"])
    @endpoint("edit")
    def put(self, pk: str) -> Response:
        """The whole record anew: a column that is left out goes back to its default."""
        return self._edited(pk, whole=True)

    @expose("/<pk>", methods=["PATCH"])
    @endpoint("edit")
    def patch(self, pk: str) -> Response:
        """Some columns of a record; the others stay."""
        return self._edited(pk, whole=False)

    def _edited(self, pk: str, whole: bool) -> Response:
        item = self._reachable(pk, self.edit_columns or [])
        require_match(item, self._values(item))
        body = read_body()
        give(item, sent_reason(body))
        taken_class(body, self.datamodel, type(item))
        columns = self._writable(type(item), self.edit_columns)
        refuse_strange(body, columns, self.datamodel.get_columns_list())
        fill(item, body, self.datamodel)
        if whole:
            cleared(item, [name for name in columns if name not in body])
        check(item, columns if whole else body)
        return self._saved(pk, item)

    def _saved(self, pk: str, item: Any) -> Response:
        """Save a changed record and answer with it, or with the state that somebody else made of it."""
        try:
            self.datamodel.edit(item)
        except Stale:
            now = self._reachable(pk)
            raise stale(now, self._values(now)) from None
        return self._answer(item, 200)

    @expose("/<pk>", methods=["DELETE"])
    @endpoint("delete")
    def delete(self, pk: str) -> Response:
        """The end of a record to which nothing refers."""
        item = self._reachable(pk)
        require_match(item, self._values(item))
        give(item, sent_reason())
        try:
            self.datamodel.delete(item)
        except Stale:
            now = self._reachable(pk)
            raise stale(now, self._values(now)) from None
        return reply(204)

    # -- parts -----------------------------------------------------------------------------

    def _reachable(self, pk: str, references: Any = ()) -> Any:
        item = self.datamodel.get(pk, self.base_filters, references)
        if item is None:
            raise plain_error(404)
        return item

    def _writable(self, document: Any, columns: list[str] | None) -> list[str]:
        return [*(columns or ()), *own_columns(self.datamodel, document, writing=True)]

    def _with_class(self, values: dict[str, Any], item: Any) -> dict[str, Any]:
        return {**values, CLASS: type(item).__name__} if classes_of(self.datamodel) else values

    def _values(self, item: Any) -> dict[str, Any]:
        """A record's columns; the secret ones in full for whoever may change this very record."""
        document = self.datamodel.obj
        full = self.may("edit") and matches(item._stored, write_filter(document))
        columns = [*(self.show_columns or ()), *own_columns(self.datamodel, type(item))]
        return self._with_class(record_json(type(item), item._stored, columns, full), item)

    def _answer(self, item: Any, status: int) -> Response:
        response = reply(status, {"id": str(item.pk), "result": self._values(item)})
        response.set_etag(etag_of(item))
        return response


def _known(model: Any, names: list[str]) -> list[str]:
    """The declared columns among `names`, each once, in the order of the document."""
    wanted = set(names)
    return [name for name in model.get_columns_list() if name in wanted]
