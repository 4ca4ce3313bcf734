"""Schools of other affiliation: their signed papers, certified lists, and the page where a count is recorded."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, cast

from flask import abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.documents.evidence import Evidence, ListedStudent
from app.documents.schools import School
from app.documents.submissions import Submission
from app.enums import EvidenceKind, Grade, RunState, SchoolKind
from app.errors import Problem
from app.fabmongo import export_log
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.formats import moment_text
from app.services import evidence
from app.services.evidence.importing import LIMITS
from app.services.papers import paper, paper_name
from app.services.submissions.counting import CHANGEABLE
from app.thai import to_arabic_digits
from app.views.base import LecView
from app.views.submissions.pages import TONES

STATUS = {"invalid": 400, "forbidden": 403, "not_found": 404, "conflict": 409}
LONGEST_NUMBER = 5
PRINTED = ["student_no", "title", "first_name", "last_name", "national_id", "grade", "room"]
"""Columns of a certified list that LEC-2 prints."""


class OfOtherAffiliation(LecView):
    """What is kept for a school of other affiliation in a round: its pages lead to the page of the count."""

    show_template = "evidence/kept.html"

    def _after_save(self, item: Any) -> Any:
        return redirect(url_for("CertifiedCountView.show", pk=item.to_mongo()["submission_code"]))


class EvidenceView(OfOtherAffiliation):
    """Scans of signed forms."""

    datamodel = MongoInterface(Evidence, evidence.EvidenceRules())
    route_base = "/evidence"
    menu_label = T("หลักฐานที่ลงนาม", "Signed papers")
    add_label = T("แนบไฟล์สแกน", "Attach a scan")
    list_columns = ["kind", "scan", "school", "created_by", "created_on"]
    search_columns = ["kind", "submission", "school", "lao", "created_on"]
    add_columns = edit_columns = ["submission", "kind", "scan", "note"]
    lead = T(
        "แบบ LEC-1 และ LEC-2 ที่สถานศึกษาสังกัดอื่นลงนามแล้ว ใช้ยืนยันจำนวนนักเรียน",
        "LEC-1 and LEC-2 as signed by schools of other affiliation: what their counts rest on.",
    )
    empty_text = T(
        "แนบไฟล์สแกน LEC-1 หรือ LEC-2 ที่ลงนามแล้ว (PDF, JPG หรือ PNG)", "Attach the signed LEC-1 or LEC-2 (PDF, JPG or PNG)."
    )


class ListedStudentView(OfOtherAffiliation):
    """Names of certified lists; evidence for a count, not a roster."""

    datamodel = MongoInterface(ListedStudent, evidence.ListedStudentRules())
    route_base = "/listed-students"
    menu_label = T("รายชื่อตามแบบรับรอง", "Certified lists")
    add_label = T("เพิ่มรายชื่อ", "Add a name")
    joined_columns = ("last_name",)
    list_columns = ["first_name", "last_name", "title", "sex", "grade", "room", "student_no"]
    search_columns = ["submission", "school", "first_name", "last_name", "sex", "grade", "room", "national_id"]
    add_columns = edit_columns = [
        "submission", "title", "first_name", "last_name", "sex", "grade", "room", "student_no", "national_id",
    ]  # fmt: skip
    lead = T(
        "นำเข้ารายชื่อจากไฟล์ Excel ได้ที่ปุ่ม “แบบรับรองและจำนวน” ในหน้าการรายงานข้อมูลของสถานศึกษา",
        "To import a spreadsheet, open “Certified list and count” on the school's submission.",
    )
    empty_text = T("ยังไม่มีรายชื่อ", "No names yet.")


class CertifiedCountView(BaseView):
    """Everything about one school of other affiliation in one round: request, papers, names, count."""

    route_base = "/certified-counts"
    default_view = "show"
    base_permissions = ["can_show", "can_edit"]
    submissions = datamodel = MongoInterface(Submission)

    @expose("/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> Any:
        return self._page(self._reachable(pk))

    @expose("/<pk>/counts", methods=["POST"])
    @has_access
    @permission_name("edit")
    def counts(self, pk: str) -> Any:
        """Record the count typed into the grid; what cannot be read stays as typed."""
        item = self._reachable(pk)
        typed = {name: text.strip() for name, text in request.form.items() if name[:2] in ("m_", "f_")}
        try:
            found = evidence.record(current_actor(), item, _counts(typed))
        except Problem as problem:
            return self._page(item, typed=typed, problem=problem), STATUS[problem.kind]
        if found.list_differs:
            flash(
                str(
                    T(
                        "บันทึกจำนวนแล้ว แต่ยังไม่ตรงกับรายชื่อ ดูแถวที่มีเครื่องหมาย",
                        "Saved, but the count differs from the list: see the marked rows.",
                    )
                ),
                "warning",
            )
        else:
            flash(str(T("บันทึกจำนวนแล้ว", "The count was saved.")), "success")
        return redirect(url_for(".show", pk=pk))

    @expose("/<pk>/names", methods=["POST"])
    @has_access
    @permission_name("edit")
    def names(self, pk: str) -> Any:
        """Take a spreadsheet with names; a worker reads it and replaces the list."""
        item, upload = self._reachable(pk), request.files.get("file")
        if upload is None or not upload.filename:
            flash(str(T("ยังไม่ได้เลือกไฟล์", "Choose a file first.")), "warning")
            return redirect(url_for(".show", pk=pk))
        try:
            evidence.send_list(current_actor(), item.pk, upload.filename, cast(BinaryIO, upload.stream))
        except Problem as problem:
            return self._page(item, problem=problem), STATUS[problem.kind]
        return redirect(url_for(".show", pk=pk, _anchor="names-title"))

    @expose("/<pk>/names", methods=["GET"])
    @has_access
    @permission_name("show")
    def upload(self, pk: str) -> Any:
        """How far the reading of the last file with names is; the part of the page that changes."""
        return self.render_template("evidence/_upload.html", upload=about_upload(self._reachable(pk).pk), alone=True)

    @expose("/<pk>/request", methods=["POST"])
    @has_access
    @permission_name("edit")
    def ask(self, pk: str) -> Any:
        """E-mail both forms to the school."""
        self._reachable(pk)
        try:
            evidence.request_papers(current_actor(), pk)
        except Problem as problem:
            flash(str(T(problem.th, problem.en)), "danger")
        else:
            flash(str(T("ส่งคำขอถึงสถานศึกษาแล้ว", "The request is on its way to the school.")), "success")
        return redirect(url_for(".show", pk=pk))

    @expose("/<pk>/paper/<kind>", methods=["GET"])
    @has_access
    @permission_name("show")
    def paper(self, pk: str, kind: str) -> Any:
        """LEC-1 or LEC-2 as PDF; `?blank=1` to be filled in by hand."""
        item, wanted = self._reachable(pk), EvidenceKind.from_text(kind)
        if wanted not in (EvidenceKind.LEC_1, EvidenceKind.LEC_2):
            abort(404)
        raw, blank = item.to_mongo(), request.args.get("blank") == "1"
        if wanted is EvidenceKind.LEC_2 and not blank:
            _note_names(raw)
        data = paper(raw, wanted, blank, whole=self._may_edit())
        return send_file(io.BytesIO(data), mimetype="application/pdf", download_name=paper_name(raw, wanted))

    def _reachable(self, pk: str) -> Any:
        item = self.submissions.get(pk)
        if item is None or item.kind is not SchoolKind.OTHER:
            abort(404)
        return item

    def _may_edit(self) -> bool:
        return bool(self.appbuilder.sm.has_access("can_edit", self.class_permission_name))

    def _page(
        self, item: Any, typed: dict[str, str] | None = None, problem: Problem | None = None
    ) -> str:
        raw = item.to_mongo()
        papers = MongoInterface(Evidence)
        _, scans = papers.query(_of(papers, item.pk), page_size=50)
        comparison = evidence.comparison_of(raw)
        text: str = self.render_template(
            "evidence/page.html",
            item=item,
            school=School.objects(pk=raw["school_code"]).first(),
            may_edit=self._may_edit() and raw["state"] in CHANGEABLE,
            requested=moment_text(item.requested_on) if item.requested_on else "",
            tone=TONES[item.state],
            scans=[_scan(one) for one in scans],
            comparison=comparison,
            grid=_grid(raw, comparison, typed),
            upload=about_upload(item.pk),
            most_megabytes=LIMITS.bytes // 2**20,
            problem=T(problem.th, problem.en) if problem else None,
            wrong=problem.field if problem else "",
            kinds=EvidenceKind,
        )
        return text


def about_upload(code: str) -> dict[str, Any] | None:
    """What the template is told of the last file with names of a submission."""
    row = evidence.last_upload(code)
    if row is None:
        return None
    text = {
        "in_line": T("รอไฟล์ก่อนหน้าของท่าน ระบบอ่านทีละไฟล์", "It waits for another file of yours: one is read at a time."),
        "waiting": T("รอคิวงาน", "Waiting in the queue."),
        "running": "",
    }
    step = "in_line" if row["in_line"] else "running" if row.get("worker") else "waiting"
    finished = row.get("finished_on")
    return {
        "active": RunState(row["state"]) in (RunState.WAITING, RunState.RUNNING), "step": text[step],
        "fault": row.get("fault") or {},
        "file": row.get("file_name") or "", "when": moment_text(finished) if finished else "",
        "names": row.get("names") or 0, "refused_rows": row.get("refused_rows") or 0,
        "refused": [{"row": one["row"], "text": T(one["th"], one["en"])} for one in row.get("refused") or ()],
        "error": T(row["error_th"], row["error_en"]) if row.get("error_th") else "",
        "progress_url": url_for("CertifiedCountView.upload", pk=code),
        "page_url": url_for("CertifiedCountView.show", pk=code),
    }  # fmt: skip


def _note_names(submission: dict[str, Any]) -> None:
    """A list of names that is given out is an export like any other."""
    noted = export_log.begin(ListedStudent, "ListedStudentView", "pdf", PRINTED, [])
    number = sum(submission.get(name) or 0 for name in ("list_male", "list_female"))
    list(export_log.counted(noted, [[None] * number]))


def _of(interface: MongoInterface, submission: str) -> Any:
    filters = interface.get_filters(["submission"])
    return filters.add_filter("submission", interface.FilterEqual, submission)


def _scan(paper: Evidence) -> dict[str, str]:
    return {
        "name": str(paper), "url": url_for("EvidenceView.show", pk=paper.pk), "by": paper.created_by or "",
        "on": moment_text(paper.created_on) if paper.created_on else "",
    }  # fmt: skip


def _counts(typed: dict[str, str]) -> dict[Grade, tuple[int, int]]:
    """Grade -> (boys, girls); an empty cell beside a filled one is 0, a row of empty cells is left out."""
    found = {}
    for grade in Grade:
        cells = [typed.get(f"{mark}_{grade.value}", "") for mark in ("m", "f")]
        if any(cells):
            found[grade] = (_number(cells[0], grade, f"m_{grade.value}"), _number(cells[1], grade, f"f_{grade.value}"))
    if not found:
        raise Problem("ยังไม่ได้กรอกจำนวน", "No count was typed.", "counts")
    return found


def _number(text: str, grade: Grade, cell: str) -> int:
    tidy = to_arabic_digits(text).replace(",", "").strip()
    if not tidy:
        return 0
    if not (tidy.isascii() and tidy.isdigit() and len(tidy) <= LONGEST_NUMBER):
        raise Problem(
            f"ชั้น {grade.th}: “{text[:20]}” ไม่ใช่จำนวนนักเรียน โปรดกรอกตัวเลขจำนวนเต็ม",
            f"{grade.en}: “{text[:20]}” is no number of students. Type a whole number.",
            cell,
        )
    return int(tidy)


def _grid(raw: dict[str, Any], comparison: Any, typed: dict[str, str] | None) -> list[dict[str, Any]]:
    """A row for each grade that is taught, counted or listed."""
    counts = {row["grade"]: row for row in raw.get("counts") or ()}
    listed = {row.grade: row for row in comparison.rows}
    school = School._get_collection().find_one({"_id": raw["school_code"]}, {"grades": 1}) or {}
    wanted = {Grade(code) for code in school.get("grades") or ()} | set(listed)
    rows = []
    for grade in sorted(wanted or set(Grade), key=lambda grade: grade.order):
        stored, line = counts.get(grade.value, {}), listed.get(grade)
        rows.append(
            {
                "grade": grade,
                "male": (typed or {}).get(f"m_{grade.value}", stored.get("male", "")),
                "female": (typed or {}).get(f"f_{grade.value}", stored.get("female", "")),
                "list_male": line.list_male if line and comparison.listed else None,
                "list_female": line.list_female if line and comparison.listed else None,
                "differs": bool(line and comparison.listed and comparison.counted and line.differs),
            }
        )
    return rows
