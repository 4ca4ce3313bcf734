"""What a person does with an import: choosing columns, answering, mending rows, applying, cancelling, undoing."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.documents.imports import ImportRun
from app.enums import ImportState, Level
from app.errors import Problem
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.rules.imports.terms import FIELDS
from app.services.imports.actors import check_keeps, keeps
from app.services.imports.pages import row_of
from app.views.imports import calls, mapping, pages, rows, texts
from app.views.imports.files import results
from app.views.imports.rows import Asked, May

STATUS = {"invalid": 400, "forbidden": 403, "not_found": 404, "conflict": 409}
LONGEST_TEXT = 200
DONE = {
    "out": T("ไม่นำเข้า {n} แถวแล้ว", "{n} rows are left out."),
    "in": T("นำ {n} แถวกลับเข้ามาแล้ว", "{n} rows are in again."),
    "overrule": T("จะใช้ค่าจากไฟล์แทนค่าที่แก้ไขด้วยมือ {n} แถว", "In {n} rows the file wins over corrections."),
    "keep": T("จะคงค่าที่แก้ไขด้วยมือไว้ {n} แถว", "Values corrected by hand are kept in {n} rows."),
}


def text_of(problem: Problem) -> str:
    """A problem in the language of the page."""
    return str(T(problem.th, problem.en))


class ActingMixin:
    """The posts of an import's page; each goes through a service that checks scope and state."""

    appbuilder: Any
    may: Any
    render_template: Any
    _reachable: Any

    # -- columns -----------------------------------------------------------------------------

    @expose("/<pk>/columns", methods=["GET", "POST"])
    @has_access
    @permission_name("add")
    def columns(self, pk: str) -> Any:
        """Choose header rows and columns; `do=look` shows them as they would be read and stores nothing."""
        run = self._reachable(pk)
        check_keeps(current_actor(), run._stored)
        if run.state not in (ImportState.MAPPING, ImportState.PREVIEW):
            return redirect(url_for(".show", pk=pk))
        if request.method == "GET":
            return self._columns_page(run)
        form = request.form
        if form.get("do") == "look":
            return self._columns_page(run, form)
        try:
            calls.set_columns(
                current_actor(), run, mapping.chosen(form), save_as=form.get("save_as", "").strip()[:80] or None
            )
        except Problem as problem:
            return self._columns_page(run, form, {problem.field or "": text_of(problem)}), STATUS[problem.kind]
        return redirect(url_for(".show", pk=pk))

    def _columns_page(self, run: ImportRun, form: Any = None, errors: dict[str, str] | None = None) -> Any:
        found: dict[str, Any] = {"sheets": [], "options": [], "name": ""}
        try:
            found = mapping.page(run, form)
        except Problem as problem:
            errors = {"file": text_of(problem)}
        saves = current_actor().area.level in (Level.LAO, Level.COUNTRY)
        return self.render_template(
            "imports/columns.html", run=pages.about(run, self._acts(run)), errors=errors or {}, saves=saves, **found
        )

    # -- answers and rows ----------------------------------------------------------------------

    @expose("/<pk>/answers", methods=["POST"])
    @has_access
    @permission_name("add")
    def answers(self, pk: str) -> Any:
        """Answer questions about the whole file; the rows are planned anew in the background."""
        run = self._reachable(pk)
        given = {one.key: request.form.get(f"q-{one.key}", "").strip()[:40] for one in run.questions}
        try:
            calls.answer(current_actor(), run, {key: text for key, text in given.items() if text})
        except Problem as problem:
            return self._refused(run, problem, answers=given)
        return redirect(url_for(".show", pk=pk))

    @expose("/<pk>/rows", methods=["POST"])
    @has_access
    @permission_name("add")
    def rows(self, pk: str) -> Any:
        """Leave rows out, take them in again, or let the file win over what was corrected by hand."""
        run, deed = self._reachable(pk), request.form.get("action", "")
        if deed not in DONE:
            abort(400)
        keys = rows.own_keys(run, request.form.getlist("rowid"))
        try:
            if not keys:
                raise Problem("ยังไม่ได้เลือกแถว โปรดเลือกอย่างน้อยหนึ่งแถว", "Choose at least one row.")
            if deed in ("out", "in"):
                calls.leave_out(current_actor(), run, keys, deed == "out")
            else:
                for key in keys:
                    calls.overrule(current_actor(), run, key, deed == "overrule")
        except Problem as problem:
            return self._refused(run, problem)
        flash(str(DONE[deed]).format(n=f"{len(keys):,}"), "success")
        return redirect(self._back(pk, "rows"))

    @expose("/<pk>/rows/<row>", methods=["POST"])
    @has_access
    @permission_name("add")
    def fix(self, pk: str, row: str) -> Any:
        """Put one row right; what becomes of it is shown at once, what was refused stays as typed."""
        run = self._reachable(pk)
        raw = row_of(run, row, open_numbers=True)
        if raw is None:
            abort(404)
        typed = {name: request.form.get(f"v-{name}", "").strip()[:LONGEST_TEXT] for name in _offered(raw)}
        seen = {name: request.form[f"s-{name}"] for name in FIELDS if f"s-{name}" in request.form}
        try:
            calls.fix_row(current_actor(), run, raw["_id"], typed, seen)
        except Problem as problem:
            failed = {"key": row, "typed": typed, "field": problem.field or "", "error": text_of(problem)}
            return self._refused(run, problem, one=row, failed=failed)
        return redirect(self._back(pk, f"one-{row}", one=row, fixed="1"))

    # -- the whole import ----------------------------------------------------------------------

    @expose("/<pk>/apply", methods=["POST"])
    @has_access
    @permission_name("add")
    def apply(self, pk: str) -> Any:
        """Write what the preview shows, in the background."""
        run, reason = self._reachable(pk), request.form.get("reason", "").strip()
        try:
            calls.apply(current_actor(), run, reason or None)
        except Problem as problem:
            return self._refused(run, problem, reason=reason)
        return redirect(url_for(".show", pk=pk))

    @expose("/<pk>/cancel", methods=["POST"])
    @has_access
    @permission_name("add")
    def cancel(self, pk: str) -> Any:
        """Stop the work, or give the import up before anything is written."""
        run = self._reachable(pk)
        if not calls.cancel(current_actor(), run):
            flash(str(T("การนำเข้านี้จบไปก่อนแล้ว", "This import had already ended.")), "info")
        return redirect(url_for(".show", pk=pk))

    @expose("/<pk>/undo", methods=["POST"])
    @has_access
    @permission_name("add")
    def undo(self, pk: str) -> Any:
        """Put the rosters back as they were, if nobody changed them since."""
        run = self._reachable(pk)
        try:
            calls.undo(current_actor(), run)
        except Problem as problem:
            return self._refused(run, problem)
        return redirect(url_for(".show", pk=pk))

    # -- parts -------------------------------------------------------------------------------

    def _acts(self, run: ImportRun) -> bool:
        """Whether the person may act on this import and see whole ID numbers: by role and by area."""
        return bool(self.may("add")) and keeps(current_actor(), run._stored)

    def _refused(self, run: ImportRun, problem: Problem, **typed: Any) -> Any:
        """The page as it was, with the problem and all that was typed."""
        if problem.kind in ("forbidden", "not_found"):
            raise problem
        fresh = self._reachable(str(run.pk))
        asked = Asked.of(dict(parse_qsl(request.form.get("back", "")[:400])))
        errors = {} if "failed" in typed else {problem.field or "": text_of(problem)}
        return self._run_page(fresh, asked, errors=errors, **typed), STATUS[problem.kind]

    def _run_page(
        self, run: ImportRun, asked: Asked, *, one: str = "", errors: dict[str, str] | None = None,
        answers: dict[str, str] | None = None, failed: dict[str, Any] | None = None, reason: str | None = None,
    ) -> str:  # fmt: skip
        """one: a row to be shown above the others; failed: what was typed for it and why it was not taken."""
        acts, shown = self._acts(run), {}
        if run.state not in pages.ACTIVE and run.state is not ImportState.MAPPING:
            may = May(
                see_students=self.appbuilder.sm.has_access("can_show", "StudentView"),
                mend=acts and run.state is ImportState.PREVIEW,
            )
            shown = pages.preview(run, asked, may, current_actor())
            shown["one"] = _one(run, one, may, failed) if one else None
        text: str = self.render_template(
            "imports/show.html", run=pages.about(run, acts), errors=errors or {}, failed=failed or {},
            answers=answers or {}, reason=(run.reason or "") if reason is None else reason,
            results=results(run) if acts else [], **shown,
        )  # fmt: skip
        return text

    @staticmethod
    def _back(pk: str, place: str, **more: str) -> str:
        """The page that was posted from, with its filters, at a place of it."""
        asked = Asked.of(dict(parse_qsl(request.form.get("back", "")[:400])))
        kept: dict[str, Any] = {name: value for name, value in vars(asked).items() if value} | more
        return url_for(".show", pk=pk, _anchor=place, **kept)


def _offered(raw: dict[str, Any]) -> list[str]:
    """The fields of a row that its form has; no other is taken from a post."""
    offered = {box["name"] for box in rows.form(raw)}
    return [name for name in FIELDS if name in offered and f"v-{name}" in request.form]


def _one(run: ImportRun, key: str, may: May, failed: dict[str, Any] | None) -> dict[str, Any] | None:
    """One row by itself with its form; None for a row of another import."""
    raw = row_of(run, key, open_numbers=True)
    if raw is None:
        return None
    names = texts.school_names([raw.get("school_code"), raw.get("from_school")])
    shown = rows.shown(run, [raw], names, may)[0]
    return shown | {"form": rows.form(raw, failed["typed"] if failed else None) if shown["fixable"] else []}
