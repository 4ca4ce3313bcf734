"""Who may do what: the table of LEC's roles. Where they may do it is their area's business."""

from __future__ import annotations

from typing import Any

READ = "can_(list|show|get|select|download)"
WRITE = "can_(list|show|get|select|download|add|edit|delete)"
EVERYTHING = ".*"

CHAIN = "can_step|return_many"
"""Steps of submissions: which of them, says the table of `rules/transitions.py` by the person's level."""

AREAS = "(Province|District|Lao|Agency|Round)View"
OWN_PAGES = "My(Password|Info)View"
DATA = "(School|Student|Submission)View"

# role: (Thai label, English label, grants as (view, permission) patterns)
ROLES: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "dla": ("กรมส่งเสริมการปกครองท้องถิ่น", "Department of Local Administration", ((".*", EVERYTHING),)),
    "province": (
        "สำนักงานส่งเสริมการปกครองท้องถิ่นจังหวัด",
        "Provincial office",
        (
            (AREAS, READ),
            ("(School|Student|Submission|Proclamation|Certification|Extension)View", READ),
            ("SubmissionView", CHAIN),
            ("(Report|Notice|Delivery)View", EVERYTHING),
            (OWN_PAGES, EVERYTHING),
        ),
    ),
    "district": (
        "ที่ทำการปกครองอำเภอ",
        "District office",
        (
            (AREAS, READ),
            ("(School|Student|Submission|Proclamation|Certification|Extension)View", READ),
            ("SubmissionView", CHAIN),
            ("(Report|Notice|Delivery)View", EVERYTHING),
            (OWN_PAGES, EVERYTHING),
        ),
    ),
    "lao": (
        "เจ้าหน้าที่การศึกษา อปท.",
        "LAO education officer",
        (
            (AREAS, READ),
            ("(School|Student|Proclamation)View", WRITE),
            ("(Submission|Certification|Extension)View", READ),
            ("SubmissionView", f"{CHAIN}|verify_many"),
            ("CertificationView", "can_certify"),
            ("ReportView", EVERYTHING),
            ("DeliveryView", READ),
            (OWN_PAGES, EVERYTHING),
        ),
    ),
    "school": (
        "สถานศึกษา",
        "School",
        (
            ("RoundView", READ),
            ("SchoolView", "can_(list|show|get|select|edit)"),
            ("StudentView", WRITE),
            ("(Submission|Extension)View", READ),
            ("SubmissionView", "can_step"),
            ("ReportView", EVERYTHING),
            (OWN_PAGES, EVERYTHING),
        ),
    ),
}


def sync_roles(security_manager: Any) -> None:
    """Store the table; an administrator's own changes of a role are kept."""
    for name, (label_th, label_en, grants) in ROLES.items():
        security_manager.set_role(name, (label_th, label_en), grants)
