"""Roster files of a school or an LAO: the template to fill in, and rosters, counts and findings to take along."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO, NamedTuple, TypeVar
from urllib.parse import quote

from flask import Response, abort, jsonify, redirect, request, send_file, stream_with_context, url_for
from flask_appbuilder import BaseView, expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.documents.findings import StoredFinding
from app.documents.rounds import Round
from app.documents.students import Student
from app.documents.submissions import Submission
from app.enums import Level
from app.errors import Problem
from app.fabmongo import export_log
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.reports import csv as counts_csv
from app.reports import xlsx as counts_xlsx
from app.reports.rosters import delimited, findings, lec_export, name_list, oneroster, own
from app.reports.rosters.columns import OWN
from app.reports.rosters.rows import RosterHead
from app.services import areas, rosters
from app.services.rounds import current_round

Item = TypeVar("Item")
BLOCK = 250
"""Rows counted at a time for the log of exports."""
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}


class Kind(NamedTuple):
    """A layout of rosters as the page offers it; its code is that of the layout by which the file is read again."""

    label: Any
    hint: Any
    formats: tuple[str, ...]


LAYOUTS: dict[str, Kind] = {
    "lec": Kind(
        T("แบบของ LEC", "LEC's own layout"),
        T("ครบทุกช่องที่ระบบเก็บ", "Every field that is kept."),
        ("xlsx", "csv"),
    ),
    "lec-export": Kind(
        T("แบบส่งออกข้อมูลนักเรียน LEC", "LEC student export"),
        T("หัวตารางสองแถวตามระบบ LEC ของกรมฯ หนึ่งแผ่นต่อหนึ่งสถานศึกษา", "Two header rows as the department's system has."),
        ("xlsx",),
    ),
    "lec-2": Kind(
        T("รายชื่อตามแบบ LEC-2", "LEC-2 list of names"),
        T("เฉพาะผู้ที่กำลังศึกษา เรียงตามชั้นและห้อง", "Only who is studying, by grade and room."),
        ("xlsx",),
    ),
    "oneroster": Kind(
        T("OneRoster 1.2", "OneRoster 1.2"),
        T("ไฟล์ ZIP มาตรฐานสากลสำหรับระบบอื่น", "The international standard, for other systems (ZIP)."),
        ("zip",),
    ),
}  # fmt: skip
WRITERS: dict[str, Callable[..., int]] = {
    "lec": partial(own.write, prepared=0), "lec-export": lec_export.write, "lec-2": name_list.write,
    "oneroster": oneroster.write,
}  # fmt: skip
NO_LEAVERS = ("lec-export", "lec-2")
"""Layouts without a day of leaving: who has left would be back when they are read again."""


class RosterFilesView(BaseView):
    """One page for a school or an LAO, and its downloads; each is noted as an export of what it holds."""

    route_base = "/rosters"
    default_view = "page"
    menu_label = T("ไฟล์ทะเบียนนักเรียน", "Roster files")
    base_permissions = ["can_list", "can_download"]

    @expose("/", methods=["GET"])
    @has_access
    @permission_name("list")
    def page(self) -> Any:
        """`?school=<code>` or `?lao=<code>`; without them the person's own."""
        self._may_see_students()
        level, _, code = request.args.get("place", "").partition(":")
        if code and level in (Level.SCHOOL, Level.LAO):
            address = url_for(".page", school=code) if level == Level.SCHOOL else url_for(".page", lao=code)
            return redirect(address)
        problem = None
        try:
            head = self._chosen(rosters_only=True)
        except Problem as found:
            if found.kind != "invalid":
                raise
            head, problem = self._chosen(rosters_only=False), T(found.th, found.en)
        return self.render_template("rosters/page.html", **self._about(head, problem))

    @expose("/places", methods=["GET"])
    @has_access
    @permission_name("list")
    def places(self) -> Any:
        """LAOs and schools of the person's area, for the page's select."""
        found = areas.search_places(current_actor().area, request.args.get("q", "")[:100])
        wanted = [place for place in found if place.level in (Level.LAO, Level.SCHOOL)]
        texts = [(one.key, f"{one.name} ({one.code}) {one.hint}".strip()) for one in wanted]
        return jsonify(results=[{"id": key, "text": text} for key, text in texts])

    @expose("/template", methods=["GET"])
    @has_access
    @permission_name("download")
    def template(self) -> Any:
        """The template of a school or an LAO; `?filled=1` with the roster as it is."""
        head = self._head(rosters_only=True)
        if request.args.get("filled") != "1":
            return self._file(partial(own.write, head=head, pupils=()), head, "template", "xlsx")
        if not head.whole:
            raise Problem(
                "แบบที่มีรายชื่อใช้แก้ไขแล้วนำเข้ากลับ จึงให้เฉพาะผู้ที่แก้ไขทะเบียนได้ โปรดใช้ไฟล์ทะเบียนแทน",
                "The filled template is for those who may change the roster. Take the roster itself.",
                kind="forbidden",
            )
        pupils = self._noted(Student, "xlsx", OWN, rosters.pupils(current_actor(), head))
        return self._file(partial(own.write, head=head, pupils=pupils), head, "template", "xlsx")

    @expose("/roster", methods=["GET"])
    @has_access
    @permission_name("download")
    def roster(self) -> Any:
        """`?layout=lec&format=xlsx`, see LAYOUTS; `?left=1` with those who have left."""
        layout, form = request.args.get("layout", "lec"), request.args.get("format", "")
        kind = LAYOUTS.get(layout) or abort(404)
        form = form or kind.formats[0]
        if form not in kind.formats:
            abort(404)
        head = self._head(rosters_only=True)
        left = request.args.get("left") == "1" and layout not in NO_LEAVERS
        rows = rosters.pupils(current_actor(), head, left=left, studying_only=layout == "lec-2")
        pupils = self._noted(Student, form, OWN, rows)
        if form == "csv":
            return self._text(delimited.roster(head, pupils), head, "roster")
        return self._file(partial(WRITERS[layout], head=head, pupils=pupils), head, f"roster-{layout}", form)

    @expose("/counts", methods=["GET"])
    @has_access
    @permission_name("download")
    def counts(self) -> Any:
        """What the schools report in `?round=`, by grade and sex; `?format=xlsx` or csv."""
        head, form = self._head(rosters_only=False), _format()
        if not self.appbuilder.sm.has_access("can_list", "SubmissionView"):
            abort(403)
        code = request.args.get("round", "")[:20]
        round_ = (Round.objects(pk=code).first() if code else current_round()) or abort(404)
        about, schools = rosters.count_rows(current_actor(), head, round_)
        rows = self._noted(Submission, form, ["school", "counts"], iter(schools))
        if form == "csv":
            return self._text(counts_csv.stream(about, rows), head, f"counts-{round_.code}")
        tops = [about.top] if about.top else []
        write = partial(counts_xlsx.write, head=about, areas=tops, schools=rows)
        return self._file(write, head, f"counts-{round_.code}", form)

    @expose("/findings", methods=["GET"])
    @has_access
    @permission_name("download")
    def findings(self) -> Any:
        """What the rules found and is not put right; `?format=xlsx` or csv."""
        head, form = self._head(rosters_only=False), _format()
        if not self.appbuilder.sm.has_access("can_list", "FindingView"):
            abort(403)
        found = rosters.finding_rows(current_actor(), head)
        rows = self._noted(StoredFinding, form, list(findings.COLUMNS), found)
        if form == "csv":
            return self._text(findings.stream(rows), head, "findings")
        return self._file(partial(findings.write, head=head, rows=rows), head, "findings", form)

    # -- parts -----------------------------------------------------------------------------

    def _may_see_students(self) -> None:
        if not self.appbuilder.sm.has_access("can_list", "StudentView"):
            abort(403)

    def _chosen(self, rosters_only: bool) -> RosterHead | None:
        may_write = self.appbuilder.sm.has_access("can_edit", "StudentView")
        school, lao = (request.args.get(name, "")[:20] for name in ("school", "lao"))
        return rosters.choose(current_actor(), school, lao, may_write=bool(may_write), rosters_only=rosters_only)

    def _head(self, rosters_only: bool) -> RosterHead:
        """What a download is about; somebody of a wider area must have chosen."""
        self._may_see_students()
        return self._chosen(rosters_only) or abort(404)

    @staticmethod
    def _noted(document: Any, form: str, columns: Iterable[str], rows: Iterator[Item]) -> Iterator[Item]:
        """The same rows, noted as an export before the first is given out; what cannot be read fails here."""
        noted = export_log.begin(document, "RosterFilesView", form, list(columns), [])
        blocks = export_log.counted(noted, iter(lambda: list(islice(rows, BLOCK)), []))
        first = list(islice(blocks, 1))
        return chain.from_iterable(chain(first, blocks))

    def _file(self, write: Callable[[BinaryIO], Any], head: RosterHead, what: str, form: str) -> Response:
        out = TemporaryFile()  # noqa: SIM115 - the server closes it when the last byte is sent
        write(out)
        out.seek(0)
        return _named(send_file(out, mimetype=TYPES[form]), head, what, form)

    def _text(self, pieces: Iterable[str], head: RosterHead, what: str) -> Response:
        return _named(Response(stream_with_context(pieces), content_type=TYPES["csv"]), head, what, "csv")  # type: ignore[call-overload]

    def _about(self, head: RosterHead | None, problem: Any) -> dict[str, Any]:
        """What the page's template is given."""
        area, may = current_actor().area, self.appbuilder.sm.has_access
        place = {} if head is None else {"school" if head.single else "lao": head.code}
        own_lao = area.codes.get(Level.LAO) if area.level == Level.LAO else None
        choices = []
        if own_lao:
            whole = rosters.choose(current_actor(), lao=own_lao)
            choices = [(f"lao:{own_lao}", str(T("ทุกสถานศึกษาของ อปท.", "All schools of the LAO")))]
            choices += [(f"school:{one.code}", one.name) for one in (whole.schools if whole else ())]
        now = current_round()
        return {
            "head": head, "problem": problem, "place": place, "layouts": LAYOUTS, "no_leavers": NO_LEAVERS,
            "choices": [{"value": value, "label": label} for value, label in choices],
            "chosen": {"place": ":".join(*place.items()) if place else ""},
            "search_url": "" if own_lao or area.level == Level.SCHOOL else url_for(".places"),
            "empty": head is not None and not problem and not rosters.any_pupil(current_actor(), head),
            "rounds": list(Round.objects.order_by("-opens_on", "-pk").limit(12)), "round_code": now.code if now else "",
            "may_counts": may("can_list", "SubmissionView"), "may_findings": may("can_list", "FindingView"),
            "may_import": may("can_add", "RosterImportView"),
            "may_download": may("can_download", self.class_permission_name),
        }  # fmt: skip


def _format() -> str:
    form = request.args.get("format", "xlsx")
    return form if form in ("xlsx", "csv") else abort(404)


_NAMES = {"template": "แบบทะเบียนนักเรียน", "roster": "ทะเบียนนักเรียน", "counts": "จำนวนนักเรียน", "findings": "สิ่งที่ตรวจพบ"}


def _named(response: Response, head: RosterHead, what: str, form: str) -> Response:
    """The response as a download with an ASCII file name and a Thai one."""
    thai = re.sub(r'[\s\\/:*?"<>|\x00-\x1f]+', "-", f"{_NAMES[what.split('-')[0]]} {head.name}").strip("-")
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"lec-{what}-{head.code}-{head.made_on.isoformat()}.{form}",
        **{"filename*": f"UTF-8''{quote(f'{thai}-{head.made_on.isoformat()}.{form}')}"},
    )  # fmt: skip
    return response
