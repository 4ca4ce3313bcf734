"""One request from its first byte to its last: its id, its line in the log, its place in the counters."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Flask, Response, g, request
from werkzeug.wsgi import ClosingIterator

from app.monitoring.context import REQUEST_ID, request_id_of
from app.monitoring.counting import count_request, count_sign_in, count_upload

log = logging.getLogger("lec.request")

UNKNOWN: Final = "unknown"
"""The route of whatever fits none: addresses that people or machines try are no label."""
WATCHED: Final = frozenset(("/healthz", "/readyz", "/metrics"))
"""Asked each few seconds by machines: counted, and in the log only when they fail."""
TOO_MANY: Final = 429
_FACTS: Final = "lec.request_facts"


@dataclass
class RequestFacts:
    """What is known of a request so far."""

    id: str
    method: str
    begun: float = field(default_factory=time.monotonic)
    route: str = UNKNOWN
    account: str = ""
    status: int = 500
    uploads: bool = False


class RequestMonitor:
    """The outermost WSGI layer: nothing answers without passing it."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        facts = RequestFacts(request_id_of(environ.get("HTTP_X_REQUEST_ID")), environ.get("REQUEST_METHOD", ""))
        facts.uploads = environ.get("CONTENT_TYPE", "").startswith("multipart/form-data")
        environ[_FACTS] = facts
        REQUEST_ID.set(facts.id)
        if facts.uploads:
            count_upload(1)

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            facts.status = int(status[:3])
            return start_response(status, [*headers, ("X-Request-ID", facts.id)], *error)

        def end() -> None:
            _end(facts)
            REQUEST_ID.set("")

        try:
            return ClosingIterator(self._application(environ, start), end)
        except BaseException:
            end()
            raise


def _end(facts: RequestFacts) -> None:
    seconds = time.monotonic() - facts.begun
    if facts.uploads:
        count_upload(-1)
    count_request(facts.route, facts.method, facts.status, seconds)
    if facts.route in WATCHED and facts.status < 500:
        return
    extra = {
        "request_id": facts.id, "account": facts.account, "route": facts.route, "method": facts.method,
        "status": facts.status, "duration_ms": round(seconds * 1000, 1),
    }  # fmt: skip
    log.info("%s %s %d in %.0f ms", facts.method, facts.route, facts.status, seconds * 1000, extra=extra)


def init_request_monitor(app: Flask) -> None:
    """Watch every request of the application; called last, for whatever wraps the application later is not seen."""
    app.wsgi_app = RequestMonitor(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request_funcs.setdefault(None, []).insert(0, _note_route)
    app.after_request(_note_account)


def _note_route() -> None:
    """Before anything that may refuse: a refused request has a route too."""
    facts: RequestFacts | None = request.environ.get(_FACTS)
    if facts is not None and request.url_rule is not None:
        facts.route = request.url_rule.rule


def _note_account(response: Response) -> Response:
    """Who asked, where something has looked: looking for the log's sake would cost a command."""
    if response.status_code == TOO_MANY and (request.endpoint or "").endswith(".login"):
        count_sign_in("limited")
    facts: RequestFacts | None = request.environ.get(_FACTS)
    if facts is not None:
        facts.account = getattr(g.get("_login_user"), "username", None) or ""
    return response
