"""Notices: write one, see who gets it, send it once to each, deliver it, pick up what was left."""

from app.services.notices.access import Officer
from app.services.notices.automatic import put_out
from app.services.notices.delivering import deliver
from app.services.notices.drafts import discard, draft_version, save_draft, save_once
from app.services.notices.reading import (
    Preview,
    Progress,
    StoredLetter,
    deliveries_of,
    letter_of,
    message_of,
    preview,
    progress,
)
from app.services.notices.recipients import Found, Recipients, recipients
from app.services.notices.sending import resend_failed, send, wake_up
from app.services.notices.sweeping import sweep

__all__ = [
    "Found",
    "Officer",
    "Preview",
    "Progress",
    "Recipients",
    "StoredLetter",
    "deliver",
    "deliveries_of",
    "discard",
    "draft_version",
    "letter_of",
    "message_of",
    "preview",
    "progress",
    "put_out",
    "recipients",
    "resend_failed",
    "save_draft",
    "save_once",
    "send",
    "sweep",
    "wake_up",
]
