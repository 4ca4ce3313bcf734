"""The nginx example of `deploy/nginx/lec.conf` as a running server: only names, ports and folders are put in."""

from __future__ import annotations

import contextlib
import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path

from tests.devservers.running import ROOT

EXAMPLE = ROOT / "deploy" / "nginx" / "lec.conf"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
MAIN = """
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/lec.conf;
}}
"""


def make_certificate(folder: Path) -> None:
    """A self-signed one for 127.0.0.1."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1".split()
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([*command, *files], check=True, capture_output=True)


def write_configuration(folder: Path, web: int, plain: int, tls: int) -> Path:
    """The example with this machine's ports and folders; gives the main file."""
    text = EXAMPLE.read_text(encoding="utf-8")
    changes = [
        ("server 127.0.0.1:8080", f"server 127.0.0.1:{web}"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{tls} ssl http2;"),
        ("server_name lec.example.go.th;", "server_name 127.0.0.1;"),
        ("/etc/ssl/lec/", f"{folder}/"),
        ("/opt/lec/", f"{ROOT}/"),
        ("root /opt/lec", f"root {ROOT}"),
    ]
    for old, new in changes:
        assert old in text or old.startswith("root"), f"{old} is not in the example any more"
        text = text.replace(old, new)
    text = re.sub(r"\n    listen \[::\].*", "", text)  # containers often have no IPv6
    (folder / "lec.conf").write_text(text, encoding="utf-8")
    main = folder / "nginx.conf"
    main.write_text(MAIN.format(folder=folder), encoding="utf-8")
    return main


@contextlib.contextmanager
def proxy(folder: Path, web: int, plain: int, tls: int) -> Iterator[int]:
    """nginx in front of the web on port `web`; gives the port with TLS."""
    make_certificate(folder)
    main = write_configuration(folder, web, plain, tls)
    subprocess.run([NGINX, "-t", "-c", str(main)], check=True, capture_output=True)
    process = subprocess.Popen([NGINX, "-c", str(main), "-g", "daemon off;"])
    try:
        _wait_answering(tls)
        yield tls
    finally:
        process.terminate()
        process.wait(20)


def connect(port: int) -> HTTPSConnection:
    return HTTPSConnection("127.0.0.1", port, timeout=60, context=ssl._create_unverified_context())


def _wait_answering(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        with contextlib.suppress(OSError), contextlib.closing(connect(port)) as connection:
            connection.request("GET", "/unavailable")
            connection.getresponse()
            return
        assert time.monotonic() < end, "nginx does not answer"
        time.sleep(0.1)
