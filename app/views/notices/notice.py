"""The officer's side of notices: list, draft, preview, confirmation, sending, progress, sending again."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.clock import thai_today
from app.documents.notices import Notice
from app.documents.rounds import Round
from app.enums import Level, NoticeState
from app.errors import Problem
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.notices.template import starting_text
from app.services import notices
from app.services.areas import find_place, search_places
from app.views.base import LecView
from app.views.notices import form as notice_form
from app.views.notices import pages


class NoticeView(LecView):
    """Notices of the offices in one's area; one's own office's may be changed and sent."""

    datamodel = MongoInterface(Notice)
    route_base = "/notices"
    menu_label = T("หนังสือแจ้ง อปท.", "Notices to LAOs")
    add_label = T("เขียนหนังสือแจ้ง", "Write a notice")
    lead = T(
        "หนังสือที่ส่งทางอีเมลถึงองค์กรปกครองส่วนท้องถิ่น แห่งละหนึ่งฉบับ",
        "Letters e-mailed to local administrative organisations, one to each.",
    )
    empty_text = T(
        "ยังไม่มีหนังสือแจ้ง กด “เขียนหนังสือแจ้ง” เพื่อเริ่มจากข้อความที่เตรียมไว้ให้",
        "No notices yet. Choose “Write a notice” to begin with a prepared text.",
    )
    list_columns = ["subject", "number", "dated", "state", "total", "sent_count", "failed_count"]
    search_columns = ["subject", "number", "urgency", "state", "dated", "round", "district", "province"]
    base_order = ("dated", "desc")

    def _can(self) -> dict[str, bool]:
        """Rows of the list lead to the notice's page, which knows whether it may still be changed."""
        return super()._can() | {"edit": False, "delete": False}

    # -- writing ---------------------------------------------------------------------------

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> Any:
        """A new draft, begun with a prepared text."""
        if request.method == "POST":
            return self._save(None)
        return self._form(notice_form.values_of(self._starting()), {}, None)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> Any:
        """A draft; what was sent is shown instead."""
        item = self._reachable(pk)
        if item.state is not NoticeState.DRAFT:
            flash(str(T("หนังสือนี้สั่งส่งไปแล้ว จึงแก้ไขไม่ได้", "This notice has been sent and cannot be changed.")), "warning")
            return redirect(url_for(".show", pk=pk))
        if request.method == "POST":
            return self._save(item)
        return self._form(notice_form.values_of(item.to_mongo()), {}, item)

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> Any:
        """Discard a draft."""
        self._reachable(pk)
        notices.discard(current_actor(), pk)
        flash(str(self.delete_row_message), "success")
        return redirect(url_for(".list"))

    @expose("/areas")
    @has_access
    @permission_name("list")
    def areas(self) -> Any:
        """Choices for the recipients' area: places inside one's own, down to an LAO."""
        found = search_places(current_actor().area, request.args.get("q", "")[:80])
        places = [place for place in found if place.level is not Level.SCHOOL]
        return jsonify(results=[{"id": place.key, "text": notice_form.area_text(place)} for place in places])

    def own(self, notice: Any) -> bool:
        """Whether the person may change and send this notice: only the office that wrote it may."""
        return self.may("send") and bool(current_actor().area.level == notice["author_level"])

    def _starting(self) -> dict[str, Any]:
        area = current_actor().area
        place = find_place(area.level, area.codes.get(area.level, ""))
        asked = request.args.get("round")
        rounds = Round.objects(pk=asked) if asked else Round.objects
        first = rounds.first()
        name = place.name.removeprefix("จังหวัด").removeprefix("อำเภอ") if place else ""
        text = starting_text(Level(area.level), name, first.to_mongo() if first else None)
        return text | {
            "dated": thai_today(),
            "round": first.pk if first else "",
            "recipients": {
                "area_level": area.level,
                "area_code": area.codes.get(area.level, ""),
                "states": request.args.getlist("states"),
            },
        }

    def _save(self, item: Any) -> Any:
        values = notice_form.typed_values(request.form)
        fields, errors = notice_form.read(values)
        status = 400
        if not errors:
            try:
                pk = notices.save_draft(
                    current_actor(), fields, str(item.pk) if item else None, request.form.get("version")
                )
            except Problem as problem:
                errors = {problem.field or "": str(T(problem.th, problem.en))}
                status = 409 if problem.kind == "conflict" else 400
            else:
                if request.form.get("step") == "save":
                    flash(str(T("บันทึกร่างแล้ว", "The draft was saved.")), "success")
                    return redirect(url_for(".show", pk=pk))
                return redirect(url_for(".preview", pk=pk))
        return self._form(values, errors, item), status

    def _form(self, values: dict[str, Any], errors: dict[str, str], item: Any) -> Any:
        return self.render_template(
            "notices/form.html",
            title=T("แก้ไขร่างหนังสือแจ้ง", "Edit the draft") if item else self.add_label,
            action_url=url_for(".edit", pk=item.pk) if item else url_for(".add"),
            back_url=url_for(".show", pk=item.pk) if item else url_for(".list"),
            values=values, errors=errors, choices=notice_form.choices(),
            area_url=url_for(".areas"), chosen_areas=notice_form.chosen_area(values["area"]),
            version=notices.draft_version(item.to_mongo()) if item else "",
        )  # fmt: skip

    # -- preview and sending ---------------------------------------------------------------

    @expose("/<pk>/preview")
    @has_access
    @permission_name("show")
    def preview(self, pk: str) -> Any:
        """The letter as one LAO will read it, with the next and the previous one."""
        if self._reachable(pk).state is not NoticeState.DRAFT:
            return redirect(url_for(".show", pk=pk))
        found = notices.preview(current_actor(), pk, request.args.get("lao"))
        return self.render_template("notices/preview.html", **pages.preview_page(found, pk, self.own(found.notice)))

    @expose("/<pk>/send", methods=["GET", "POST"])
    @has_access
    @permission_name("send")
    def send(self, pk: str) -> Any:
        """The question how many get it, and the sending."""
        item = self._reachable(pk)
        if request.method == "POST":
            added = notices.send(current_actor(), pk, request.form.get("version"))
            _say_sent(added)
            return redirect(url_for(".show", pk=pk))
        if item.state is not NoticeState.DRAFT:
            return redirect(url_for(".show", pk=pk))
        found = notices.preview(current_actor(), pk)
        return self.render_template("notices/send.html", **pages.send_page(found, pk))

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> Any:
        """The letter, how far it is sent, and each delivery."""
        item = self._reachable(pk)
        self.update_redirect()
        return self.render_template("notices/show.html", **pages.notice_page(self, item))

    @expose("/<pk>/progress")
    @has_access
    @permission_name("show")
    def progress(self, pk: str) -> Any:
        """The live part of the page; when all is done it asks for the whole page."""
        self._reachable(pk)
        progress = notices.progress(current_actor(), pk)
        return self.render_template("notices/_progress.html", notice=pages.progress_values(progress, pk), alone=True)

    @expose("/<pk>/resend", methods=["POST"])
    @has_access
    @permission_name("send")
    def resend(self, pk: str) -> Any:
        """Send again to those that failed: to all that surely got nothing, or to the one chosen."""
        self._reachable(pk)
        chosen = request.form.getlist("delivery") or None
        number = notices.resend_failed(current_actor(), pk, chosen)
        if number:
            flash(str(T("กำลังส่งอีกครั้ง {n} แห่ง", "Sending again to {n} LAOs.", n=number)), "success")
        else:
            flash(
                str(
                    T(
                        "ยังส่งอีกครั้งไม่ได้ เพราะไม่มีที่อยู่อีเมลที่ใช้ได้ โปรดแก้ไขอีเมลในทะเบียน อปท. ก่อน",
                        "Nothing can be sent again: there is no usable address. "
                        "Correct it in the register of LAOs first.",
                    )
                ),
                "warning",
            )
        return redirect(url_for(".show", pk=pk))


def _say_sent(added: int) -> None:
    if added:
        flash(str(T("สั่งส่งแล้ว {n} แห่ง", "Sending to {n} LAOs.", n=added)), "success")
    else:
        flash(
            str(
                T(
                    "หนังสือนี้สั่งส่งไปก่อนแล้ว จึงไม่ได้ส่งซ้ำ",
                    "This notice had been sent already; nothing was sent twice.",
                )
            ),
            "info",
        )
