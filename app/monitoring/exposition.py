"""The answer to a scrape: what all processes of this machine have counted, and what is true now."""

from __future__ import annotations

import hmac
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from app.monitoring.programs import counted_files

log = logging.getLogger(__name__)

PATH: Final = "/metrics"
CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
RETRY_SECONDS: Final = 5.0
PROGRAM: Final = "program"
"""The label that says which program has counted: a restart of one sets its own counters back, and no other's."""


class ProgramsCollector:
    """Adds up the counters of every process of each program under `base`."""

    def __init__(self, base: Path) -> None:
        self._base = base

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for program, files in counted_files(self._base).items():
            for metric in MultiProcessCollector.merge(files):
                family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                family.samples += [one._replace(labels={**one.labels, PROGRAM: program}) for one in metric.samples]
        yield from families.values()


class Exposition:
    """Everything a scrape answers: `base` is the folder of counters, None where this process counts alone."""

    def __init__(self, base: Path | None, live: Any) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(live)
        if base is not None:
            self._registry.register(ProgramsCollector(base))
        else:
            from app.monitoring.metrics import OWN

            self._registry.register(OWN)

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)


def is_token(header: str, token: str) -> bool:
    """Whether an Authorization header bears `token`, compared in constant time; an empty token fits nothing."""
    kind, _, given = header.partition(" ")
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.encode())
    return bool(token) and kind.lower() == "bearer" and same


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True

    def server_bind(self) -> None:
        """Without looking up the host's name, which can take long."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:
        """A scrape each few seconds is no news."""


def metrics_application(exposition: Exposition, token: str = "") -> Callable[..., Iterable[bytes]]:
    """A WSGI application for the address of its own: /metrics and nothing else; with the token, where one is set."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        allowed = not token or is_token(environ.get("HTTP_AUTHORIZATION", ""), token)
        if environ["REQUEST_METHOD"] != "GET" or environ["PATH_INFO"] != PATH or not allowed:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"not found\n"]
        start_response("200 OK", [("Content-Type", CONTENT_TYPE)])
        return [exposition.text()]

    return answer


def serve_when_free(host: str, port: int, exposition: Exposition, token: str = "") -> threading.Thread:
    """Serve /metrics at an address from a thread, as soon as no other process of this machine does.

    Every process of every program here tries: one of them answers for all, and when it ends another takes over.
    """

    def serve() -> None:
        while True:
            try:
                with make_server(host, port, metrics_application(exposition, token), _Server, _Quiet) as server:
                    log.info("metrics are served at %s:%s", host, server.server_port)
                    server.serve_forever()
            except OSError as error:
                log.debug("metrics are not served by this process: %s", error.strerror)
                time.sleep(RETRY_SECONDS)

    thread = threading.Thread(target=serve, name="metrics", daemon=True)
    thread.start()
    return thread
