"""What was typed on a form that could not be saved because a server was away: offered again on the error page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import Request
from werkzeug.exceptions import HTTPException

SECRET = ("password", "secret", "token")
"""Parts of names whose values are never written into a page."""
CSRF = "csrf_token"
"""Belongs to the session and is as good as before; a new one would need the session's owner, and so the database."""


@dataclass(frozen=True)
class TypedForm:
    """Where a form was sent, its fields as they were typed, and the names of files that must be chosen again."""

    action: str
    fields: list[tuple[str, str]]
    csrf: str
    files: list[str]


def typed_form(request: Request) -> TypedForm | None:
    """The posted form, to be sent again; None where it was none, or holds a password, which is typed anew instead."""
    if request.method != "POST" or request.is_json or request.headers.get("X-Requested-With"):
        return None
    try:
        names = [name for name in request.form if name != CSRF]
    except HTTPException:  # larger than is taken, or broken off
        return None
    if not names or any(part in name.lower() for name in names for part in SECRET):
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != CSRF]
    files = [file.filename for file in request.files.values() if file.filename]
    return TypedForm(_address(request), fields, request.form.get(CSRF, ""), files)


def _address(request: Request) -> str:
    """Where the request was sent, below this host: a key in it may hold `?`, `#` or what browsers take for a slash."""
    query = request.query_string.decode("ascii", "replace")
    return quote(request.script_root + request.path) + (f"?{query}" if query else "")
