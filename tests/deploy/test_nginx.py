"""A real nginx with the example's configuration before a real production web."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest

import config
from tests.deploy.nginx import connect, proxy
from tests.devservers.running import ROOT, environment, free_port


@pytest.fixture(scope="module")
def web(settings: config.Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A web as production starts it, behind one proxy; its port."""
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    production = {
        "LEC_ENV": "production",
        "SECRET_KEY": "nginx-test-0123456789-abcdefghijklmnop",
        "PUBLIC_URL": "https://127.0.0.1",
        "TRUSTED_PROXIES": "1",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "lec@lec.example",
        **settings.server_addresses(),
    }
    command = [str(Path(sys.executable).with_name("gunicorn")), "-c", "deploy/gunicorn.conf.py", "--workers", "1"]
    command += ["--bind", f"127.0.0.1:{port}", "app:create_app()"]
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(folder, port, **production), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait_healthy(port, folder / "web.log")
        yield port
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_healthy(port: int, log: Path) -> None:
    end = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.1)


@pytest.fixture(scope="module")
def front(web: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with proxy(tmp_path_factory.mktemp("nginx"), web, free_port(), free_port()) as port:
        yield port


def ask(port: int, method: str, path: str, **more: object) -> tuple[HTTPResponse, bytes]:
    with contextlib.closing(connect(port)) as connection:
        connection.request(method, path, **more)  # type: ignore[arg-type]
        answer = connection.getresponse()
        return answer, answer.read()


def test_a_page_comes_compressed_with_a_secure_cookie_and_its_headers(front: int) -> None:
    answer, body = ask(front, "GET", "/login/", headers={"Accept-Encoding": "gzip"})
    assert answer.status == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    page = gzip.decompress(body).decode()
    assert "csrf_token" in page
    cookie = answer.headers["Set-Cookie"]
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_static_files_are_kept_for_a_year_and_those_of_the_panel_library_come_through(front: int) -> None:
    _, body = ask(front, "GET", "/login/")
    addresses = re.findall(r'(?:href|src)="(/static/[^"#]+)"', body.decode())
    assert any("/static/appbuilder/" in address for address in addresses)
    assert any(address.startswith("/static/css/") for address in addresses)
    for address in addresses:
        answer, _ = ask(front, "GET", address)
        assert answer.status == 200, address
        assert answer.headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"], address
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"], address
    missing, _ = ask(front, "GET", "/static/css/none.css?v=1")
    assert (missing.status, missing.headers["Cache-Control"]) == (404, "no-store")


def test_files_outside_the_folder_of_static_files_are_not_served(front: int) -> None:
    for path in ("/static/../__init__.py", "/static/..%2f__init__.py", "/static../__init__.py", "/unavailable.html"):
        answer, body = ask(front, "GET", path)
        assert answer.status in (400, 404), path
        assert b"create_app" not in body


def test_what_is_larger_than_an_upload_ends_before_the_web(front: int) -> None:
    answer, _ = ask(front, "POST", "/login/", body=b"x" * (18 * 2**20))
    assert answer.status == 413


def test_metrics_are_not_for_the_internet(front: int) -> None:
    assert ask(front, "GET", "/metrics")[0].status == 404
    assert ask(front, "GET", "/healthz")[0].status == 200


def test_a_foreign_name_is_refused_and_a_claimed_one_is_not_believed(front: int) -> None:
    answer, _ = ask(front, "GET", "/login/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "1.2.3.4"})
    assert answer.status == 200, "what the browser claims was replaced"
    answer, _ = ask(front, "GET", "/students/list/", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil" not in answer.headers["Location"]


def test_while_the_web_is_away_people_read_what_to_do_in_thai(tmp_path: Path) -> None:
    with proxy(tmp_path, free_port(), free_port(), free_port()) as port:
        answer, body = ask(port, "GET", "/")
    assert answer.status == 502
    assert "ระบบกำลังเริ่มใหม่" in body.decode()
