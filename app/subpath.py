"""LEC below a path of a host that others use too: `PUBLIC_URL=https://office.example/lec`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class SubPath:
    """Takes the path `prefix` off a request's path and lets every address that the application builds begin with it.

    A request without the prefix is answered too: a proxy may have taken it off, and health checks come directly.
    """

    def __init__(self, wsgi_app: WSGIApplication, prefix: str) -> None:
        self.wsgi_app, self.prefix = wsgi_app, prefix

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if path == self.prefix or path.startswith(self.prefix + "/"):
            environ["PATH_INFO"] = path[len(self.prefix) :] or "/"
        environ["SCRIPT_NAME"] = self.prefix
        return self.wsgi_app(environ, start_response)


def init_subpath(app: Flask, public_url: str) -> None:
    """Serve `app` below the path of `public_url`; without one nothing changes. Cookies are bound to the path."""
    prefix = urlsplit(public_url).path.rstrip("/")
    if not prefix:
        return
    app.config.update(APPLICATION_ROOT=prefix, SESSION_COOKIE_PATH=prefix, REMEMBER_COOKIE_PATH=prefix)
    wsgi_app: Any = SubPath(app.wsgi_app, prefix)
    app.wsgi_app = wsgi_app  # type: ignore[method-assign]
