"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT is set and its packages are installed."""

from __future__ import annotations

import logging
from typing import Any, Final

from flask import Flask

from app.log_filter import mask
from app.monitoring.version import version
from config import Settings

log = logging.getLogger(__name__)

KEPT: Final = frozenset(
    "http.route http.method http.request.method http.status_code http.response.status_code db.system db.system.name "
    "db.operation db.operation.name db.mongodb.collection db.collection.name celery.action celery.state "
    "messaging.operation messaging.system".split()
)
"""What a span may say besides its name and times; an address, a command or an argument may hold what people typed."""


def init_tracing(app: Flask, settings: Settings, exporter: Any = None) -> bool:
    """Trace requests, commands to MongoDB and tasks; whether it does. To be called before the database is named.

    exporter: instead of the one that OTEL_EXPORTER_OTLP_ENDPOINT says, for tests.
    """
    if not settings.monitoring.tracing:
        return False
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.instrumentation.celery import CeleryInstrumentor
        from opentelemetry.instrumentation.flask import FlaskInstrumentor
        from opentelemetry.instrumentation.pymongo import PymongoInstrumentor
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: see requirements-otel.txt")
        return False
    provider = TracerProvider(resource=Resource.create({"service.name": "lec", "service.version": version()}))
    provider.add_span_processor(BatchSpanProcessor(BareSpans(exporter or OTLPSpanExporter())))
    FlaskInstrumentor().instrument_app(app, tracer_provider=provider, excluded_urls="healthz,readyz,metrics")
    PymongoInstrumentor().instrument(tracer_provider=provider)
    CeleryInstrumentor().instrument(tracer_provider=provider)
    return True


class BareSpans:
    """An exporter that hands on spans with nothing in them but KEPT: no events, no texts of errors."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def export(self, spans: Any) -> Any:
        return self._inner.export([_bare(span) for span in spans])

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return bool(self._inner.force_flush(timeout_millis))


def _bare(span: Any) -> Any:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace.status import Status

    kept = {name: value for name, value in (span.attributes or {}).items() if name in KEPT}
    return ReadableSpan(
        name=mask(span.name), context=span.context, parent=span.parent, resource=span.resource, kind=span.kind,
        attributes={name: mask(value) if isinstance(value, str) else value for name, value in kept.items()},
        status=Status(span.status.status_code), start_time=span.start_time, end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )  # fmt: skip
