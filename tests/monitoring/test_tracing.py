"""Traces: spans without anything that people typed, where OpenTelemetry is installed; one sentence where it is not."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.monitoring.tracing import init_tracing
from config import Settings

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "1101700230708"
PROGRAM = """
import json, os
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from flask import Flask
import app.monitoring.tracing as tracing
import config, mongoengine
NUMBER = os.environ["NUMBER"]
out = InMemorySpanExporter()
web = Flask("traced")
assert tracing.init_tracing(web, config.load(), out)
settings = config.load()
from app import db
db.connect(settings)

@web.get("/pupils/<number>")
def pupil(number):
    mongoengine.get_db().students.find_one({"national_id": number})
    raise ValueError("no pupil " + number)

try:
    web.test_client().get(f"/pupils/{NUMBER}?q={NUMBER}", headers={"User-Agent": NUMBER})
finally:
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    import gc
    from opentelemetry.sdk.trace import TracerProvider
    [one.force_flush() for one in gc.get_objects() if isinstance(one, TracerProvider)]
print(json.dumps([span.to_json() for span in out.get_finished_spans()]))
"""


def test_no_id_number_is_in_a_span(settings: Settings, tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.instrumentation.flask")
    env = {
        **os.environ, "LEC_ENV": "testing", "MONGODB_URI": settings.mongodb_uri, "REDIS_URL": settings.redis_url,
        "LEC_DATA_DIR": str(tmp_path), "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "NUMBER": NUMBER,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    text = "".join(json.loads(done.stdout.splitlines()[-1]))
    assert "/pupils/<number>" in text and "students" in text, "request and command are there"
    assert NUMBER not in text and "no pupil" not in text


def test_without_the_setting_or_the_packages_nothing_is_traced(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    web = Flask("untraced")
    assert not init_tracing(web, settings)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    wanted = replace(settings, monitoring=replace(settings.monitoring, tracing=True))
    assert not init_tracing(web, wanted)
    assert "OpenTelemetry is not installed" in caplog.text
