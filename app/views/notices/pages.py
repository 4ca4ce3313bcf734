"""What the pages of a notice show, gathered for their templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request, url_for

from app.enums import DeliveryState, NoticeState
from app.fabmongo.formats import formats
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.notices.letter import Recipient, build
from app.services import notices

PAGE = 100
TONES = {
    DeliveryState.WAITING: "",
    DeliveryState.SENDING: "info",
    DeliveryState.SENT: "success",
    DeliveryState.RETRYING: "warning",
    DeliveryState.FAILED: "danger",
}
ANYBODY = Recipient("", "{อปท}", "{ผู้บริหาร}", "{อำเภอ}", "{จังหวัด}")
"""Leaves the places of a letter as they were typed."""


def preview_page(found: notices.Preview, pk: str, own: bool) -> dict[str, Any]:
    """Context of preview.html; `own` notices may be changed and sent."""

    def link(lao: notices.Found | None) -> dict[str, str] | None:
        return {"name": lao.name, "url": url_for(".preview", pk=pk, lao=lao.code)} if lao else None

    return {
        "notice": {
            "subject": found.notice["subject"],
            "edit_url": url_for(".edit", pk=pk) if own else None,
            "show_url": url_for(".show", pk=pk),
            "send_url": url_for(".send", pk=pk) if own else None,
        },
        "letter": found.letter,
        "recipient": found.recipient,
        "recipients": found.recipients.everybody,
        "previous": link(found.previous),
        "following": link(found.following),
        "without_address": found.recipients.without_address,
    }


def send_page(found: notices.Preview, pk: str) -> dict[str, Any]:
    """Context of send.html."""
    return {
        "notice": {
            "subject": found.notice["subject"],
            "number": found.notice.get("number"),
            "send_url": url_for(".send", pk=pk),
            "preview_url": url_for(".preview", pk=pk),
            "edit_url": url_for(".edit", pk=pk),
            "version": notices.draft_version(found.notice),
        },
        "recipients": found.recipients,
    }


def progress_values(progress: notices.Progress, pk: str) -> dict[str, Any]:
    """What _progress.html needs."""
    return {
        "active": progress.active,
        "total": progress.total,
        "sent": progress.sent,
        "failed": progress.failed,
        "uncertain": progress.uncertain,
        "waiting": progress.waiting,
        "progress_url": url_for(".progress", pk=pk),
    }


def notice_page(view: Any, item: Any) -> dict[str, Any]:
    """Context of show.html."""
    actor, pk, raw = current_actor(), str(item.pk), item.to_mongo()
    draft = item.state is NoticeState.DRAFT
    own = view.own(raw)
    progress = notices.progress(actor, pk)
    wanted = DeliveryState.from_text(request.args.get("state", ""))
    page = max(request.args.get("page", 1, type=int) or 1, 1)
    total, rows = notices.deliveries_of(actor, pk, wanted, page, PAGE)
    return {
        "notice": progress_values(progress, pk)
        | {
            "subject": item.subject,
            "number": item.number,
            "date": formats().format_date(item.dated),
            "round": str(item.round) if item.round else "",
            "state_label": T(item.state.th, item.state.en),
            "sent_by": item.sent_by,
            "sent_on": _moment(item.sent_on),
            "list_url": url_for(".list"),
            "edit_url": url_for(".edit", pk=pk) if draft and own else None,
            "delete_url": url_for(".delete", pk=pk) if draft and own else None,
            "preview_url": url_for(".preview", pk=pk) if draft else None,
            "retry_url": url_for(".resend", pk=pk) if own and not draft else None,
        },
        "letter": build(raw, ANYBODY),
        "deliveries": [_delivery(row) for row in rows],
        "pager": _pager(pk, wanted, page, total),
        "states": _state_links(pk, wanted),
    }


def _delivery(row: dict[str, Any]) -> dict[str, Any]:
    state = DeliveryState(row["state"])
    error = row.get("error") or {}
    return {
        "id": row["_id"],
        "lao": row["lao_name"],
        "email": row.get("address"),
        "state": state.value,
        "state_label": T(state.th, state.en),
        "tone": TONES[state],
        "attempts": row["attempts"],
        "time": _moment(row.get("sent_on") or _last_time(row)),
        "next": _moment(row.get("next_attempt_on")) if state is DeliveryState.RETRYING else "",
        "error": error.get("text"),
        "uncertain": error.get("kind") == "uncertain",
        "failed": state is DeliveryState.FAILED,
        "url": url_for("DeliveryView.show", pk=row["_id"]),
    }


def _last_time(row: dict[str, Any]) -> datetime | None:
    history = row.get("history") or []
    return history[-1]["at"] if history else None


def _pager(pk: str, state: DeliveryState | None, page: int, total: int) -> dict[str, Any]:
    def link(number: int) -> str:
        return url_for(".show", pk=pk, page=number, state=state.value if state else None)

    last = max((total + PAGE - 1) // PAGE, 1)
    return {
        "first": (page - 1) * PAGE + 1 if total else 0,
        "last": min(page * PAGE, total),
        "total": total,
        "previous_url": link(page - 1) if page > 1 else None,
        "next_url": link(page + 1) if page < last else None,
    }


def _state_links(pk: str, chosen: DeliveryState | None) -> list[dict[str, Any]]:
    shown = (None, DeliveryState.FAILED, DeliveryState.RETRYING, DeliveryState.SENT)
    return [
        {
            "label": T(state.th, state.en) if state else T("ทั้งหมด", "All"),
            "url": url_for(".show", pk=pk, state=state.value if state else None),
            "here": state is chosen,
        }
        for state in shown
    ]


def _moment(moment: datetime | None) -> str:
    return str(formats().format_datetime(moment)) if moment else ""
