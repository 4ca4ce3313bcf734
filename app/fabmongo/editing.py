"""Adding and editing by generated forms: nothing typed is lost, whatever refuses the write."""

from __future__ import annotations

import logging
from typing import Any

from flask import current_app, flash, g, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access
from pymongo.errors import PyMongoError

from app.fabmongo.audit import VERSION
from app.fabmongo.concurrency import FIELD as BASE
from app.fabmongo.concurrency import base_of, conflict_of, keep_untouched, read_base
from app.fabmongo.errors import Stale, WriteRefused
from app.fabmongo.labels import T
from app.fabmongo.reasons import FIELD as REASON
from app.fabmongo.reasons import ReasonsMixin, give
from app.fabmongo.related import prefetch
from app.fabmongo.variants import CLASS, VariantsMixin
from app.fabmongo.viewparts import put_on

log = logging.getLogger(__name__)

DATABASE_FAILED = T(
    "ฐานข้อมูลไม่ตอบสนอง จึงยังไม่ได้บันทึก สิ่งที่ท่านกรอกยังอยู่ในหน้านี้ โปรดลองกดบันทึกอีกครั้ง",
    "The database did not answer, so nothing was saved. What you typed is still here; save again.",
)


class EditingMixin(ReasonsMixin, VariantsMixin):
    """The add and edit pages of a MongoModelView."""

    datamodel: Any
    endpoint: Any
    add_columns: Any
    edit_columns: Any
    label_columns: Any
    add_form: Any
    edit_form: Any
    add_title: Any
    edit_title: Any
    add_template: Any
    edit_template: Any
    add_row_message: Any
    edit_row_message: Any
    may: Any
    render_template: Any
    process_form: Any
    prefill_form: Any
    pre_add: Any
    pre_update: Any
    post_add: Any
    post_update: Any
    _reachable: Any
    _get_add_widget: Any
    _get_edit_widget: Any

    def _prefill(self, form: Any) -> None:
        """References named in the address, as a related list's "add" gives them, or the only choice there is."""
        for field in form:
            if not hasattr(field, "interface") or field.many:
                continue
            pk = request.args.get(f"_flt_0_{field.name}")
            if pk:
                field.data = field.interface.get(pk)
            elif field.flags.required:
                found = list(field.interface.find(field.interface.base_query(), size=2))
                field.data = found[0] if len(found) == 1 else None

    def _populate(self, form: Any, item: Any) -> None:
        for name, field in form._fields.items():
            if name in item._fields:
                field.populate_obj(item, name)
        if REASON in form:
            give(item, form[REASON].data)

    def _saved(self, form: Any, item: Any, created: bool) -> bool:
        """Write what a valid form holds; on a refusal the texts stand on the form's fields."""
        try:
            self.process_form(form, created)
            self._populate(form, item)
            if not created:
                self._refuse_stale(item)
            (self.pre_add if created else self.pre_update)(item)
            (self.datamodel.add if created else self.datamodel.edit)(item)
            (self.post_add if created else self.post_update)(item)
        except Stale:
            g.fabmongo_stale = True
            return False
        except WriteRefused as refusal:
            if REASON in refusal.fields:
                self._ask_reason(form, item)  # what was typed may be why it is wanted: the form had no box yet
            put_on(form, refusal)
            return False
        except PyMongoError as error:
            # The class alone: the message may quote the document, and with it an ID number.
            log.error("write to %s failed: %s", self.datamodel.model_name, type(error).__name__)
            put_on(form, WriteRefused(DATABASE_FAILED))
            return False
        flash(str(self.add_row_message if created else self.edit_row_message), "success")
        return True

    def _base(self, item: Any) -> dict[str, Any] | None:
        """What the posted form began with, as its hidden field says."""
        return read_base(request.form.get(BASE), str(item.pk), current_app.secret_key)

    def _refuse_stale(self, item: Any) -> None:
        """Leave alone what was not changed on the form; raise Stale where somebody saved meanwhile."""
        base = self._base(item)
        if base is None:
            return
        mine = keep_untouched(item, self.columns_for(type(item), self.edit_columns), base)
        if mine and base.get(VERSION) != item._stored.get(VERSION):
            raise Stale()

    def _conflict(self, item: Any) -> Any:
        """Both values of each column that is still to be decided, and a form that carries on from there."""
        now = self._reachable(str(item.pk))
        base = self._base(item) or {}
        item._stored = now._stored
        columns = self.columns_for(type(item), self.edit_columns)
        keep_untouched(item, columns, base)
        form = self.form_for(type(item), False)(formdata=None, obj=item)
        self._ask_reason(form, item)
        return conflict_of(item, columns, base, self.label_columns), form

    def _after_save(self, item: Any) -> Any:
        if self.may("show"):
            return redirect(url_for(f"{self.endpoint}.show", pk=item.pk))
        return redirect(url_for(f"{self.endpoint}.list"))

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        document = self.asked_variant()
        if document is None:
            return self._choose_class()
        form = self.form_for(document, True)()
        item = document() if request.method == "POST" else None
        self._ask_reason(form, item)
        if item is not None:
            if form.validate() and self._saved(form, item, True):
                return self._after_save(item)
        else:
            self._prefill(form)
        widgets = self._get_add_widget(form=form)
        self._show_all(widgets["add"], document, self.add_columns)
        return self.render_template(
            self.add_template, title=self.add_title, widgets=widgets,
            back_url=url_for(f"{self.endpoint}.list"),
        )

    def _choose_class(self) -> Any:
        """A page with one link for each class; what the address prefills is kept."""
        rest: dict[str, Any] = {name: values for name, values in request.args.lists() if name != CLASS}
        choices = [
            (url_for(f"{self.endpoint}.add", **{**rest, CLASS: name}), self.variant_label(one))
            for name, one in self.variants().items()
        ]
        return self.render_template(
            "fabmongo/choose_class.html", title=self.add_title, choices=choices,
            back_url=url_for(f"{self.endpoint}.list"),
        )

    def _show_all(self, widget: Any, document: Any, columns: list[str]) -> None:
        """Let a form's widget show the columns of a subclass too."""
        more = self.columns_for(document, columns)
        if len(more) > len(columns):
            own = widget.template_args
            own["include_cols"] = more
            if own.get("fieldsets"):
                own["fieldsets"] = [*own["fieldsets"], (self.variant_label(document), {"fields": more[len(columns):]})]

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        item = self._reachable(pk, self.edit_columns)
        columns = self.columns_for(type(item), self.edit_columns)
        prefetch([item], columns)
        form = self.form_for(type(item), False)(obj=item)
        self._ask_reason(form, item)
        if request.method == "POST":
            if form.validate() and self._saved(form, item, False):
                return self._after_save(item)
        else:
            self.prefill_form(form, pk)
        conflict = None
        if g.pop("fabmongo_stale", False):
            conflict, form = self._conflict(item)
        widgets = self._get_edit_widget(form=form)
        self._show_all(widgets["edit"], type(item), self.edit_columns)
        widgets["edit"].template_args["base"] = base_of(item, columns, current_app.secret_key)
        widgets["edit"].template_args["conflict"] = conflict
        widgets["edit"].template_args["heading"] = str(self.edit_title)
        return self.render_template(
            self.edit_template, title=self._name_of(item), widgets=widgets, related_views=[],
            back_url=url_for(f"{self.endpoint}.show", pk=pk) if self.may("show") else None,
        )

    def _name_of(self, item: Any) -> str:
        stored = getattr(item, "_stored", None)
        return str(self.datamodel.obj._from_son(stored)) if stored else str(item)
