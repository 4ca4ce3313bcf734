"""Response headers that tell the browser what it may load, keep and show in a frame."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, request, session

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR = 365 * 24 * 3600
VERSIONS = "lec_static_versions"
"""The application's extension that keeps (endpoint, file name) -> version; absent where files may change."""
ADDRESSES = "lec_static_addresses"
"""The same for (path of the application, endpoint, file name) -> address."""


def csp_nonce() -> str:
    """The random word of this request that lets a `<style nonce=...>` of our own through."""
    if "_csp_nonce" not in g:
        g._csp_nonce = secrets.token_urlsafe(16)
    return str(g._csp_nonce)


def is_static(endpoint: str | None) -> bool:
    """Whether an endpoint serves files: the application's own or a blueprint's."""
    return endpoint is not None and endpoint.rpartition(".")[2] == "static"


@lru_cache(maxsize=2048)
def _digest(path: Path, changed: int) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()


def _version(endpoint: str, filename: str) -> str | None:
    """A short hash of a static file, the same on every machine; None where there is no such file."""
    blueprint = endpoint.rpartition(".")[0]
    owner = current_app.blueprints.get(blueprint) if blueprint else current_app
    if owner is None or owner.static_folder is None:
        return None
    path = Path(owner.static_folder, filename)
    try:
        return _digest(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


def _kept_version(endpoint: str, filename: str) -> str | None:
    """The version, looked up once for each file while the application runs; a developer's files may change."""
    known = current_app.extensions.get(VERSIONS)
    if known is None:
        return _version(endpoint, filename)
    version: str | None = known.get((endpoint, filename))
    if version is None:
        version = _version(endpoint, filename)
        if version is not None:  # One that is missing is not kept: their number has no bound.
            known[endpoint, filename] = version
    return version


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    """Give the address of a static file its version, so that it may be kept for long."""
    if not endpoint.endswith("static"):
        return
    if is_static(endpoint) and "v" not in values and values.get("filename"):
        version = _kept_version(endpoint, values["filename"])
        if version is not None:
            values["v"] = version


def _cache_control(response: Response) -> str | None:
    """How long a browser may keep this response; None leaves what the view has said."""
    if is_static(request.endpoint):
        if response.status_code >= 400:
            return "no-store"
        return f"public, max-age={YEAR}, immutable" if request.args.get("v") else "public, max-age=3600"
    # An office computer is shared: the back button must not show a page after signing out.
    known = "_user_id" in session or "_user_id" in g.get("_session_before", ())
    if known or "Authorization" in request.headers:
        return "no-store"
    return None if "Cache-Control" in response.headers else "no-cache"


def _set_headers(response: Response) -> Response:
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    if current_app.config.get("SESSION_COOKIE_SECURE"):
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", "30")
    cache = _cache_control(response)
    if cache is not None:
        response.headers["Cache-Control"] = cache
    return response


def _remember_session() -> None:
    """Note whether somebody is signed in before the view runs: it may sign that person out."""
    if not is_static(request.endpoint):
        g._session_before = tuple(session)


def _page_url_for(endpoint: str, **values: Any) -> str:
    """`url_for` of the templates, which ask for the same two dozen files on every page."""
    known = current_app.extensions.get(ADDRESSES)
    if known is None or list(values) != ["filename"] or not endpoint.endswith("static") or endpoint[0] == ".":
        return current_app.url_for(endpoint, **values)
    key = (request.script_root if has_request_context() else None, endpoint, values["filename"])
    address: str | None = known.get(key)
    if address is None:
        address = current_app.url_for(endpoint, **values)
        if key[0] is not None and "v=" in address:  # One that is missing is not kept.
            known[key] = address
    return address


def init_headers(app: Flask) -> None:
    """Set the headers on every response, and versions on the addresses of static files.

    In development files change while the application runs; elsewhere each is looked up once.
    """
    settings = app.extensions.get("lec_settings")
    if settings is not None and settings.env != "development":
        app.extensions |= {VERSIONS: {}, ADDRESSES: {}}
    app.jinja_env.globals["url_for"] = _page_url_for
    app.before_request(_remember_session)
    app.after_request(_set_headers)
    app.url_defaults(_add_version)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
