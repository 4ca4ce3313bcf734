"""Deliveries: an LAO's inbox of letters, and what was sent where for the offices above."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, url_for
from flask_appbuilder.baseviews import expose
from flask_appbuilder.security.decorators import has_access, permission_name

from app.documents.notices import Delivery
from app.enums import DeliveryState
from app.fabmongo.formats import formats
from app.fabmongo.interface import MongoInterface
from app.fabmongo.labels import T
from app.fabmongo.scope import current_actor
from app.notices.settings import mail_of
from app.services import notices
from app.views.base import LecView
from app.views.notices.pages import TONES


class DeliveryView(LecView):
    """Letters to the LAOs of one's area; nothing is changed here."""

    datamodel = MongoInterface(Delivery)
    route_base = "/deliveries"
    base_permissions = ["can_list", "can_show"]
    menu_label = T("หนังสือถึง อปท.", "Letters to LAOs")
    lead = T(
        "หนังสือแจ้งแต่ละฉบับที่ส่งถึง อปท. ในพื้นที่ของท่าน เปิดดูตัวหนังสือและผลการส่งได้",
        "Every letter sent to an LAO of your area, with its text and the state of its delivery.",
    )
    empty_text = T(
        "ยังไม่มีหนังสือถึง อปท. ในพื้นที่ของท่าน เมื่อมีหนังสือใหม่จะแสดงที่นี่",
        "No letters to LAOs of your area yet. New ones appear here.",
    )
    list_columns = ["subject", "number", "urgency", "dated", "deadline", "lao_name", "state"]
    search_columns = ["subject", "number", "urgency", "state", "dated", "lao", "district", "province"]
    base_order = ("dated", "desc")

    @expose("/show/<pk>")
    @has_access
    def show(self, pk: str) -> Any:
        """The letter to one LAO."""
        self._reachable(pk)
        delivery, letter = notices.letter_of(current_actor(), pk)
        self.update_redirect()
        state = DeliveryState(delivery["state"])
        return self.render_template(
            "notices/delivery.html",
            letter=letter,
            delivery={
                "lao": delivery["lao_name"],
                "address": delivery.get("address"),
                "state_label": T(state.th, state.en),
                "tone": TONES[state],
                "error": (delivery.get("error") or {}).get("text"),
                "sent_on": formats().format_datetime(delivery["sent_on"]) if delivery.get("sent_on") else "",
                "list_url": url_for(".list"),
                "message_url": url_for(".message", pk=pk) if state is DeliveryState.SENT else None,
            },
        )

    @expose("/<pk>/message")
    @has_access
    @permission_name("show")
    def message(self, pk: str) -> Any:
        """The e-mail as it was sent: headers and the text part."""
        self._reachable(pk)
        found = notices.message_of(current_actor(), pk, mail_of(current_app.extensions))
        return self.render_template(
            "notices/message.html",
            message=found.message,
            stored=found.stored,
            letter_url=url_for(".show", pk=pk),
            eml_url=url_for(".eml", pk=pk),
        )

    @expose("/<pk>/message.eml")
    @has_access
    @permission_name("show")
    def eml(self, pk: str) -> Response:
        """The e-mail as a file for a mail program."""
        self._reachable(pk)
        found = notices.message_of(current_actor(), pk, mail_of(current_app.extensions))
        # octet-stream: a browser must save it, never show its HTML with our cookies
        response = Response(found.raw, mimetype="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{found.filename}"'
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
