"""The reason of a write: asked for where the rules want one, by form and by REST, and kept with its history."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from flask import request, url_for
from flask_appbuilder.forms import DynamicForm
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, Length

from app.fabmongo import scope
from app.fabmongo.errors import BadValue, WriteRefused
from app.fabmongo.fields import LongTextField
from app.fabmongo.labels import T

FIELD = "_reason"
"""Name of the box on forms and of the key in a JSON body."""
HEADER = "X-Reason"
"""Header of a REST request that may carry it instead: UTF-8, percent-encoded."""
LONGEST = 500

MISSING = T("โปรดกรอกเหตุผล", "Give the reason.")
TOO_LONG = T("ยาวเกิน {n} ตัวอักษร", "Longer than {n} characters.", n=LONGEST)


def give(document: Any, reason: str | None) -> None:
    """Let a document carry the reason of its next write."""
    document._reason = (reason or "").strip() or None


def reason_of(document: Any) -> str | None:
    """The reason that came with a document's write, or None."""
    return getattr(document, "_reason", None)


def require(rules: Any, actor: Any, document: Any) -> None:
    """Raise WriteRefused where the rules want a reason and the document carries none, or one that is too long."""
    reason = reason_of(document)
    if reason is None and rules.needs_reason(actor, document) is not None:
        raise WriteRefused(MISSING, {FIELD: MISSING})
    if reason is not None and len(reason) > LONGEST:
        raise WriteRefused(TOO_LONG, {FIELD: TOO_LONG})


# -- on forms ------------------------------------------------------------------------------


def ask_on(form: Any, hint: Any) -> None:
    """Put the box onto a form, with what this request has typed into it; without a hint it may stay empty."""
    needed = [DataRequired(MISSING)] if hint is not None else []
    checks = [*needed, Length(max=LONGEST, message=TOO_LONG)]
    box = LongTextField(T("เหตุผล", "Reason"), description=hint or "", validators=checks)
    BaseForm.__setitem__(form, FIELD, box)  # Form itself takes fields from its class alone
    form[FIELD].process(request.form if FIELD in request.form else None)


class ReasonsMixin:
    """The box on the add and edit forms, and a page that asks where there is no form: deleting, restoring."""

    datamodel: Any
    render_template: Any

    def _ask_reason(self, form: Any, document: Any) -> None:
        """Ask on a form where the rules want a reason; `document`: what is edited or added, if any yet.

        A reason that was typed stays: what else was typed may be why it is wanted.
        """
        hint = self.datamodel.rules.needs_reason(scope.current_actor(), document)
        if hint is not None or FIELD in request.form:
            ask_on(form, hint)

    def _reason_first(self, document: Any, title: Any, back_url: str) -> Any:
        """The page that asks for the reason of what was posted; None where `document` has it or none is needed."""
        hint = self.datamodel.rules.needs_reason(scope.current_actor(), document)
        if hint is None:
            return None
        form = DynamicForm()
        ask_on(form, hint)
        if FIELD in request.form and form.validate():
            give(document, form[FIELD].data)
            return None
        kept = [pair for pair in request.form.items(multi=True) if pair[0] not in ("csrf_token", FIELD)]
        return self.render_template(
            "fabmongo/reason.html", title=title, heading=str(document), form=form, kept=kept, back_url=back_url,
            action_url=url_for(str(request.endpoint), **(request.view_args or {})),
        )  # fmt: skip


# -- by REST -------------------------------------------------------------------------------


def sent_reason(body: dict[str, Any] | None = None) -> str | None:
    """The reason of a REST request, which is taken out of its body; raises BadValue for what is no text."""
    given = (body or {}).get(FIELD)
    if body is not None:
        body.pop(FIELD, None)
    if given is None:
        try:
            given = unquote(request.headers.get(HEADER, ""), errors="strict")
        except UnicodeDecodeError:
            given = 0
    if not isinstance(given, str):
        raise BadValue(T("เหตุผลต้องเป็นข้อความ UTF-8", "The reason must be a text in UTF-8."))
    return given
