"""A request under a foreign or malformed name of host ends with 400 before anything of the application sees it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from werkzeug.exceptions import SecurityError
from werkzeug.wrappers import Response
from werkzeug.wsgi import get_host

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SENTENCE = (
    "ชื่อเว็บไซต์ในคำขอนี้ไม่ใช่ของระบบ LEC โปรดเปิดจากที่อยู่ที่หน่วยงานแจ้งไว้\n"
    "The host name of this request is not LEC's. Open the address that your office has given you.\n"
)


class HostGate:
    """Answers requests under `trusted` names; () is any name that is one. Ports do not count.

    Werkzeug itself refuses such a request wherever the host is first asked for, which may be within the error page.
    """

    def __init__(self, wsgi_app: WSGIApplication, trusted: Sequence[str]) -> None:
        self.wsgi_app, self.trusted = wsgi_app, list(trusted) or None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            get_host(environ, self.trusted)
        except (SecurityError, ValueError):  # a port that is no number is a ValueError
            answer = Response(SENTENCE, 400, mimetype="text/plain", headers={"X-Content-Type-Options": "nosniff"})
            return answer(environ, start_response)
        return self.wsgi_app(environ, start_response)
