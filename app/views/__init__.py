"""LEC's views, registered under a menu by job; a view adds only what differs from its document."""

from __future__ import annotations

from typing import Any

from app.fabmongo.api.setup import register_api
from app.fabmongo.labels import T
from app.views.agencies import AgencyView
from app.views.api import RESOURCES
from app.views.areas import DistrictView, ProvinceView
from app.views.certifications import CertificationView
from app.views.completeness import CompletenessView
from app.views.corrections import CorrectionView
from app.views.evidence import CertifiedCountView, EvidenceView, ListedStudentView
from app.views.extensions import ExtensionView
from app.views.findings import FindingView, RuleSettingView
from app.views.imports import RosterImportView
from app.views.jobs import JobsView
from app.views.lao import LaoView
from app.views.notices import DeliveryView, NoticeView
from app.views.proclamations import ProclamationView
from app.views.reports import ReportView
from app.views.retention import RetentionView
from app.views.rosters import RosterFilesView
from app.views.rounds import RoundView
from app.views.schools import SchoolView
from app.views.students import StudentView
from app.views.submissions import SubmissionView
from app.views.users import RoleView, UserView

# (category, its label, [(view, icon)]) in the order of the menu.
MENU: tuple[tuple[str, Any, tuple[tuple[Any, str], ...]], ...] = (
    (
        "round",
        T("รอบนี้", "This round"),
        (
            (CompletenessView, "layers"),
            (SubmissionView, "clipboard-check"),
            (FindingView, "circle-alert"),
            (CorrectionView, "pencil"),
            (CertificationView, "shield-check"),
        ),
    ),
    (
        "schools",
        T("สถานศึกษาและนักเรียน", "Schools and students"),
        (
            (SchoolView, "school"),
            (StudentView, "graduation-cap"),
            (RosterImportView, "upload"),
            (RosterFilesView, "file-spreadsheet"),
            (ProclamationView, "scroll-text"),
        ),
    ),
    (
        "other_affiliation",
        T("สถานศึกษาสังกัดอื่น", "Other affiliation"),
        ((ListedStudentView, "list"), (EvidenceView, "file-text")),
    ),
    ("reports", T("รายงาน", "Reports"), ((ReportView, "chart-column"),)),
    (
        "notices",
        T("หนังสือแจ้ง", "Notices"),
        ((NoticeView, "mail"), (DeliveryView, "inbox")),
    ),
    (
        "reference",
        T("ข้อมูลอ้างอิง", "Reference data"),
        (
            (RoundView, "calendar-days"),
            (ExtensionView, "calendar-check"),
            (RuleSettingView, "sliders-horizontal"),
            (LaoView, "landmark"),
            (AgencyView, "briefcase"),
            (ProvinceView, "map"),
            (DistrictView, "map-pin"),
        ),
    ),
    (
        "administration",
        T("ดูแลระบบ", "Administration"),
        (
            (UserView, "users"), (RoleView, "shield-check"), (JobsView, "layers"),
            (RetentionView, "trash-2"),
        ),
    ),
)


def register_views(appbuilder: Any) -> None:
    """Add every view, then the API beside them; related views are found by their classes."""
    for category, label, entries in MENU:
        for view, icon in entries:
            appbuilder.add_view(
                view,
                view.__name__,
                icon=icon,
                label=view.menu_label,
                category=category,
                category_label=label,
            )
    appbuilder.add_view_no_menu(CertifiedCountView)
    register_api(appbuilder, RESOURCES)
