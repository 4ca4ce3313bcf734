"""The response headers: what the browser may load, keep and show in a frame."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from flask import Flask, abort, render_template_string, session
from flask.testing import FlaskClient

from app.headers import init_headers

PAGE = '<style nonce="{{ csp_nonce() }}">a{}</style>{{ url_for("static", filename="a.css") }}'


@pytest.fixture
def site(tmp_path) -> Flask:
    (tmp_path / "a.css").write_text("a {}")
    site = Flask(__name__, static_folder=str(tmp_path), static_url_path="/static")
    site.secret_key = "for tests only"
    init_headers(site)
    site.add_url_rule("/", "page", lambda: render_template_string(PAGE))
    site.add_url_rule("/in", "sign_in", lambda: session.update(_user_id="1") or "")
    site.add_url_rule("/out", "sign_out", lambda: session.clear() or "")
    site.add_url_rule("/fault", "fault", lambda: 1 / 0)
    site.add_url_rule("/no", "no", lambda: abort(403))
    return site


@pytest.fixture
def web(site) -> FlaskClient:
    return site.test_client()


@pytest.mark.parametrize("path", ["/", "/no", "/nothing", "/fault", "/static/a.css", "/static/nothing.css"])
def test_every_response_carries_them(web, path):
    headers = web.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_the_nonce_is_the_page_s_own_and_new_each_time(web):
    nonces = []
    for _ in range(2):
        page = web.get("/")
        nonces.append(re.search(r'nonce="([^"]+)"', page.text).group(1))
        assert f"style-src 'self' 'nonce-{nonces[-1]}';" in page.headers["Content-Security-Policy"]
    assert len(nonces[0]) >= 20 and nonces[0] != nonces[1]


@pytest.mark.parametrize("secure", [True, False])
def test_https_is_demanded_only_where_cookies_are_secure(site, web, secure):
    site.config["SESSION_COOKIE_SECURE"] = secure
    assert ("Strict-Transport-Security" in web.get("/").headers) is secure


def test_no_page_of_a_person_is_kept(web):
    assert web.get("/").headers["Cache-Control"] == "no-cache"
    assert web.get("/in").headers["Cache-Control"] == "no-store"
    assert [web.get(path).headers["Cache-Control"] for path in ("/", "/no", "/nothing", "/fault")] == ["no-store"] * 4
    assert web.get("/static/a.css").headers["Cache-Control"] == "public, max-age=3600"
    assert web.get("/out").headers["Cache-Control"] == "no-store"
    assert web.get("/").headers["Cache-Control"] == "no-cache"
    assert web.get("/", headers={"Authorization": "Bearer x"}).headers["Cache-Control"] == "no-store"


def test_static_files_are_kept_for_long_under_their_version(web, tmp_path):
    address = re.search(r"/static/a.css\?v=[0-9a-f]{12}", web.get("/").text).group()
    assert web.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert web.get("/static/nothing.css?v=1").headers["Cache-Control"] == "no-store"
    (tmp_path / "a.css").write_text("b { color: red }")
    assert address not in web.get("/").text


def test_a_static_file_that_is_missing_has_no_version(site):
    with site.test_request_context("/"):
        assert site.url_for("static", filename="nothing.css") == "/static/nothing.css"


def test_in_production_a_file_is_looked_up_once_and_its_address_follows_the_place_of_the_application(tmp_path):
    (tmp_path / "a.css").write_text("a {}")
    site = Flask(__name__, static_folder=str(tmp_path), static_url_path="/static")
    site.extensions["lec_settings"] = SimpleNamespace(env="production")
    init_headers(site)
    site.add_url_rule("/", "page", lambda: render_template_string(PAGE + "{{ url_for('page', filename='a.css') }}"))
    web = site.test_client()
    address = re.search(r"/static/a.css\?v=[0-9a-f]{12}", web.get("/").text).group()
    (tmp_path / "a.css").write_text("b { color: red }")
    assert address in web.get("/").text
    assert f"/under{address}/under/?filename=a.css" in web.get("/", base_url="http://localhost/under").text
    assert f"}}</style>{address}/?filename=a.css" in web.get("/").text
