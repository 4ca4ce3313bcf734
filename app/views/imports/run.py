"""Imports of rosters: the list, sending a file, and the one page of an import with its live part and its files."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import current_app, jsonify, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.documents.imports import ImportRun
from app.documents.schools import School
from app.enums import ImportDeed, ImportState, Level, SchoolKind
from app.errors import Problem
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.fabmongo.search import choice_text, words_clause
from app.services.students import StudentRules
from app.views.base import LecView
from app.views.imports import calls, pages
from app.views.imports.acting import STATUS, ActingMixin, text_of
from app.views.imports.files import ResultFilesMixin
from app.views.imports.rows import Asked

MOST_SCHOOLS = 300


def _numbers_text(text: Any) -> str:
    """The numbers of a run in words, from the generated text "new: 20, refused: 1"."""
    counts = dict(part.split(": ", 1) for part in str(text or "").split(", ") if ": " in part)
    shown = [(deed, counts.get(deed.value, "0")) for deed in ImportDeed if deed is not ImportDeed.UNCHANGED]
    return " · ".join(f"{T(deed.th, deed.en)} {number}" for deed, number in shown if number != "0")


class RosterImportView(ActingMixin, ResultFilesMixin, LecView):
    """Imports of the person's area; one out of reach does not exist."""

    datamodel = MongoInterface(ImportRun)
    route_base = "/imports"
    list_template = "imports/list.html"
    menu_label = T("นำเข้าทะเบียน", "Import rosters")
    add_label = T("นำเข้าจากไฟล์", "Import a file")
    lead = T(
        "ส่งไฟล์รายชื่อนักเรียนที่สถานศึกษามีอยู่แล้ว ระบบจะแสดงสิ่งที่จะเปลี่ยนให้ตรวจก่อน ยังไม่บันทึกจนกว่าท่านจะยืนยัน",
        "Send the file that a school has. You see what it would change first: nothing is written until you confirm.",
    )
    empty_text = T(
        "ยังไม่เคยนำเข้า กด “นำเข้าจากไฟล์” แล้วเลือกไฟล์ที่สถานศึกษาส่งมา ใช้ไฟล์ที่ส่งออกจาก LEC หรือ DMC แบบ LEC-2 หรือแม่แบบของระบบก็ได้",
        "Nothing was imported yet. Press “Import a file” and choose what the school sent: an export of LEC or DMC, "
        "LEC-2, or the template of this system.",
    )
    base_permissions = ["can_list", "can_show", "can_add"]
    exclude_route_methods = {"edit", "delete", "file"}
    list_columns = ["file_name", "state", "school", "numbers", "requested_by", "requested_on"]
    order_columns = ["file_name", "state", "requested_by", "requested_on"]
    search_columns = ["file_name", "state", "school", "lao", "requested_by", "requested_on", "applied_on"]
    show_columns = ["file_name", "state", "requested_by", "requested_on"]
    base_order = ("requested_on", "desc")
    formatters_columns = {"numbers": _numbers_text}

    @staticmethod
    def template_url() -> str:
        """For the list's template."""
        return template_url()

    # -- sending a file ----------------------------------------------------------------------

    @expose("/new", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """The form; a file that was taken leads to its page."""
        if request.method == "GET":
            return self._form({"school": request.args.get("school", "")}, {})
        school = next((code for code in request.form.getlist("school") if code.strip()), "").strip()
        values = {"school": school, "reason": request.form.get("reason", "").strip()}
        upload = request.files.get("file")
        try:
            if upload is None or not upload.filename:
                raise Problem("ยังไม่ได้เลือกไฟล์ โปรดเลือกไฟล์ที่สถานศึกษาส่งมา", "Choose the file first.", "file")
            data = cast(BinaryIO, upload.stream)
            run = calls.start(
                current_actor(), upload.filename, data, school=school or None, reason=values["reason"] or None
            )
        except Problem as problem:
            return self._form(values, {problem.field or "file": text_of(problem)}), STATUS[problem.kind]
        return redirect(url_for(".show", pk=run.pk))

    def _form(self, values: dict[str, str], errors: dict[str, str]) -> str:
        level = current_actor().area.level
        text: str = self.render_template(
            "imports/new.html",
            schools=_schools(level, values.get("school", "")), level=level, values=values, errors=errors,
            reason_hint=StudentRules().needs_reason(current_actor(), None) or "",
            template_url=template_url(), list_url=url_for(".list"), schools_url=url_for(".schools"),
            most_bytes=current_app.config["MAX_CONTENT_LENGTH"],
        )  # fmt: skip
        return text

    @expose("/schools", methods=["GET"])
    @has_access
    @permission_name("add")
    def schools(self) -> Any:
        """Choices of the form's select: schools in the person's area that keep a roster."""
        interface = MongoInterface(School)
        query = interface.base_query().where({"kind": {"$ne": SchoolKind.OTHER.value}})
        found = interface.find(query.where(words_clause(School, request.args.get("q", "")[:100])), page=0, size=20)
        return jsonify(results=[{"id": item.pk, "text": choice_text(item)} for item in found])

    # -- one import --------------------------------------------------------------------------

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        run = self._reachable(pk)
        if run.state is ImportState.MAPPING and self._acts(run):
            return self._columns_page(run)
        self.update_redirect()
        return self._run_page(run, Asked.of(request.args), one=request.args.get("one", ""))

    @expose("/<pk>/progress", methods=["GET"])
    @has_access
    @permission_name("show")
    def progress(self, pk: str) -> Any:
        """The part of the page that changes; once the work has ended it tells the page to load anew."""
        run = self._reachable(pk)
        return self.render_template("imports/_progress.html", run=pages.about(run, self._acts(run)), alone=True)


def template_url() -> str:
    """The page with the template to fill in, if it is open to the person."""
    sm = current_app.extensions["appbuilder"].sm
    return url_for("RosterFilesView.page") if sm.has_access("can_list", "RosterFilesView") else ""


def _schools(level: str, chosen: str) -> list[dict[str, str]]:
    """All schools of an LAO, the one of a school; for the country the chosen one: the others are searched."""
    interface = MongoInterface(School)
    query = interface.base_query().where({"kind": {"$ne": SchoolKind.OTHER.value}})
    if level == Level.COUNTRY:
        query = query.where({"_id": chosen})
    found = interface.find(query, page=0, size=MOST_SCHOOLS)
    return [{"value": str(item.pk), "label": choice_text(item)} for item in found]
