"""Thai first, English by a switch that lasts: the choice is kept in a cookie for a year."""

from __future__ import annotations

from flask import Flask, Response, request, session

COOKIE = "lec_language"
A_YEAR = 365 * 24 * 3600


def init_language(app: Flask) -> None:
    """Take the language from the cookie for a new session, and keep a switch in the cookie."""

    @app.before_request
    def recall() -> None:
        chosen = request.cookies.get(COOKIE)
        if "locale" not in session and chosen in app.config["LANGUAGES"]:
            session["locale"] = chosen

    @app.after_request
    def remember(response: Response) -> Response:
        if request.endpoint == "LocaleView.index" and response.status_code == 302:
            response.set_cookie(
                COOKIE, session["locale"], max_age=A_YEAR, httponly=True, samesite="Lax",
                secure=app.config["SESSION_COOKIE_SECURE"],
            )
        return response
