"""Generated views: list, search, show, add, edit, delete and actions of one document class."""

from __future__ import annotations

import logging
from typing import Any

from flask import abort, flash, g, has_request_context, jsonify, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access, permission_name
from flask_appbuilder.views import ModelView

from app.fabmongo import arguments, chooser, paging
from app.fabmongo.bulk import BulkMixin
from app.fabmongo.columns import SIMPLE, label_of
from app.fabmongo.concurrency import SHOWN_VERSION, refuse_unseen, version_of
from app.fabmongo.converter import MongoFormConverter
from app.fabmongo.editing import EditingMixin
from app.fabmongo.embedded import relation_at
from app.fabmongo.errors import WriteRefused
from app.fabmongo.export import ExportMixin
from app.fabmongo.files import FilesMixin
from app.fabmongo.history import HistoryMixin
from app.fabmongo.interface import EXACT_COUNT_BOUND
from app.fabmongo.labels import T
from app.fabmongo.panel import columns_panel, search_panel
from app.fabmongo.related import prefetch
from app.fabmongo.related_lists import RelatedListsMixin
from app.fabmongo.saved_views import SavedViewsMixin
from app.fabmongo.search import select_answer
from app.fabmongo.viewparts import (
    MongoFormWidget,
    MongoListWidget,
    MongoSearchWidget,
    MongoShowWidget,
    NoMatch,
    ShortHistory,
)

log = logging.getLogger(__name__)

LIST_COLUMNS = 6


class MongoModelView(
    ShortHistory, EditingMixin, HistoryMixin, ExportMixin, SavedViewsMixin, FilesMixin, RelatedListsMixin, BulkMixin,
    ModelView,
):
    """A ModelView on a MongoInterface.

    What a subclass may give besides Flask-AppBuilder's own attributes: `lead` (a sentence under
    the title), `empty_text`, `add_label`.
    """

    list_template = "fabmongo/list.html"
    show_template = "fabmongo/show.html"
    add_template = "fabmongo/add.html"
    edit_template = "fabmongo/edit.html"
    list_widget = MongoListWidget
    show_widget = MongoShowWidget
    add_widget = MongoFormWidget
    edit_widget = MongoFormWidget
    search_widget = MongoSearchWidget
    list_columns: Any = None
    add_columns: Any = None
    edit_columns: Any = None
    list_title: Any = ""
    show_title: Any = ""
    add_title: Any = ""
    edit_title: Any = ""
    search_form: Any = None
    add_form: Any = None
    edit_form: Any = None
    lead: Any = ""
    empty_text: Any = ""
    add_label: Any = ""
    add_row_message = T("บันทึกรายการใหม่แล้ว", "The new record was saved.")
    edit_row_message = T("บันทึกการแก้ไขแล้ว", "Your changes were saved.")
    delete_row_message = T("ลบรายการแล้ว", "The record was deleted.")
    download = None
    """Flask-AppBuilder's download route serves a folder without asking for a scope."""

    # -- set-up ----------------------------------------------------------------------------

    @property
    def _filters(self) -> Any:
        """The filters of this request alone: one shared object would show them to everybody."""
        template = self.__dict__["_filters_template"]
        if not has_request_context():
            return template
        own = g.setdefault("fabmongo_filters", {})
        if id(self) not in own:
            own[id(self)] = template.fresh()
        return own[id(self)]

    @_filters.setter
    def _filters(self, value: Any) -> None:
        self.__dict__["_filters_template"] = value

    def _gen_labels_columns(self, list_columns: list[str]) -> None:
        for name in list_columns:
            self.label_columns.setdefault(name, label_of(name, self.datamodel.field(name)))

    def _init_properties(self) -> None:
        datamodel = self.datamodel
        own = datamodel.get_user_columns_list()
        plain = [name for name in own if datamodel.kind(name) in SIMPLE | {"reference"}]
        self.list_columns = self.list_columns or plain[:LIST_COLUMNS]
        editable = [n for n in own if hasattr(MongoFormConverter, f"_{datamodel.kind(n)}")]
        excluded = self.add_exclude_columns or []
        self.add_columns = self.add_columns or [n for n in editable if n not in excluded]
        key = datamodel.get_pk_name()
        excluded = self.edit_exclude_columns or []
        self.edit_columns = self.edit_columns or [
            n for n in self.add_columns if n != key and n not in excluded
        ]
        super()._init_properties()
        self._gen_labels_columns([*self.show_columns, *self.list_columns])

    def _init_titles(self) -> None:
        what = getattr(self.datamodel.obj, "singular", self.datamodel.model_name)
        self.list_title = self.list_title or what
        self.show_title = self.show_title or what
        self.add_title = self.add_title or T("เพิ่ม{what}", "Add: {what}", what=what)
        self.edit_title = self.edit_title or T("แก้ไข{what}", "Edit: {what}", what=what)
        self.title = self.list_title

    def _init_forms(self) -> None:
        converter = MongoFormConverter(self.datamodel, self.select_url)
        self.search_form = self.search_form or DynamicForm
        self.add_form = self.add_form or converter.create_form(
            self.add_columns, self.label_columns, self.description_columns,
            self.validators_columns, self.add_form_extra_fields,
        )
        self.edit_form = self.edit_form or converter.create_form(
            self.edit_columns, self.label_columns, self.description_columns,
            self.validators_columns, self.edit_form_extra_fields,
        )

    def may(self, what: str) -> bool:
        """Whether the person signed in may "list", "show", "add", "edit" or "delete" here."""
        permission = f"can_{what}"
        return permission in self.base_permissions and self.appbuilder.sm.has_access(
            permission, self.class_permission_name
        )

    def _can(self) -> dict[str, bool]:
        return {what: self.may(what) for what in ("show", "add", "edit", "delete")}

    # -- list ------------------------------------------------------------------------------

    def _get_list_widget(
        self, filters: Any, actions: Any = None, order_column: str = "", order_direction: str = "",
        page: int | None = None, page_size: int | None = None, widgets: Any = None, rows: Any = None, **kwargs: Any,
    ) -> dict[str, Any]:
        widgets = widgets or {}
        if not order_column and self.base_order:
            order_column, order_direction = self.base_order
        page_size = page_size or self.page_size
        joined = filters.get_joined_filters(self._base_filters)
        columns, order = chooser.columns_of(self, filters), (order_column, order_direction)
        rows = rows or paging.read(self, columns, joined, order, page or 0, page_size)
        cursors = paging.cursors(self, order, rows, page_size)
        widgets["list"] = self.list_widget(
            label_columns=self.label_columns,
            include_columns=columns,
            columns_panel=columns_panel(self, columns, filters),
            value_columns=rows.values,
            order_columns=chooser.order_columns(self),
            formatters_columns=self.formatters_columns,
            number_columns=[
                n for n in columns
                if self.datamodel.kind(n) in ("integer", "float", "decimal")
            ],
            page=rows.number, page_size=page_size, before=rows.before, after=rows.after, **cursors,
            count=min(rows.count, EXACT_COUNT_BOUND), more=rows.count > EXACT_COUNT_BOUND,
            pks=rows.pks, named=rows.named,
            actions=actions or self.actions, filters=filters, bulk_all=self._all_matching(filters, rows),
            modelview_name=type(self).__name__, view=self, can=self._can(),
            lead=self.lead, empty_text=self.empty_text, add_label=self.add_label,
            reset_url=arguments.without_filters(self),
            searching=any(not flt.is_related_view for flt in filters.filters), **kwargs,
        )
        return widgets

    def _list(self) -> dict[str, Any]:
        self.lead_to_first()
        filters = self._filters
        usable = arguments.read_filters(filters)
        column, direction = arguments.order_of(self)
        page, size = arguments.page_of(self)
        shown = filters if usable else NoMatch(filters)
        widgets = self._get_list_widget(
            filters=shown, order_column=column, order_direction=direction,
            page=page, page_size=size,
        )
        panel = search_panel(self, filters, widgets["list"].template_args["named"])
        columns = widgets["list"].template_args["columns_panel"]
        widgets["search"] = self.search_widget(
            search=panel, columns=columns, mine=self.my_views_panel(), kept=arguments.travelling(only=arguments.LASTING)
        )
        self.update_redirect()
        return widgets

    # -- show ------------------------------------------------------------------------------

    def _reachable(self, pk: Any, references: Any = ()) -> Any:
        """A record in scope, with the records its columns refer to where they are named, or 404."""
        item = self.datamodel.get(pk, self._base_filters, references)
        if item is None:
            abort(404)
        return item

    def _get_show_widget(
        self, pk: Any, item: Any, widgets: Any = None, actions: Any = None,
        show_fieldsets: Any = None,
    ) -> dict[str, Any]:
        widgets = super()._get_show_widget(pk, item, widgets, actions, show_fieldsets)
        widgets["show"].template_args.update(
            heading=str(item), can=self._can(), list_title=self.list_title, view=self, item=item
        )
        return widgets

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        item = self._reachable(pk, self.show_columns)
        prefetch([item], self.show_columns)
        widgets = self._get_show_widget(self.datamodel.get_pk_value(item), item)
        widgets = self._get_related_views_widgets(item, widgets=widgets)
        self.update_redirect()
        return self.render_template(
            self.show_template, pk=pk, title=self.show_title, widgets=widgets, item=item,
            related_views=self._visible_related(), version=version_of(item),
        )

    # -- delete ----------------------------------------------------------------------------

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        item = self._reachable(pk)
        question = self._reason_first(item, T("ลบ", "Delete"), url_for(f"{self.endpoint}.show", pk=pk))
        if question is not None:
            return question
        try:
            refuse_unseen(item, request.form.get(SHOWN_VERSION))
            self.pre_delete(item)
            self.datamodel.delete(item)
            self.post_delete(item)
        except WriteRefused as refusal:
            flash(str(refusal.message), "danger")
            return redirect(url_for(f"{self.endpoint}.show", pk=pk) if self.may("show") else ".")
        flash(str(self.delete_row_message), "success")
        return redirect(url_for(f"{self.endpoint}.list"))

    # -- selects ---------------------------------------------------------------------------

    def select_url(self, column: str) -> str:
        """Where a reference's select asks for choices."""
        return url_for(f"{self.endpoint}.select", column=column)

    @expose("/select/<column>", methods=["GET"])
    @has_access
    @permission_name("list")
    def select(self, column: str) -> Any:
        """Choices for a reference column, by what is typed, inside the person's scope."""
        offered = {*self.add_columns, *self.edit_columns, *self.search_columns}
        related = relation_at(self.datamodel, column)
        if column.partition(".")[0] not in offered or related is None:
            abort(404)
        page = arguments.bounded("page", 1, 1, 1000) - 1
        return jsonify(select_answer(related, request.args.get("q", ""), page))
