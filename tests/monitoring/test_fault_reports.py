"""Reports of faults: sent where a DSN is set, and an ID number never leaves in any part of one."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.monitoring.fault_reports import cleaned_report, init_fault_reports
from config import Settings

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "1101700230708"
PROGRAM = """
import json, logging, os, sys
import sentry_sdk
from flask import request
from sentry_sdk.transport import Transport
from app import create_app
from app.monitoring import fault_reports
import config

NUMBER = os.environ["NUMBER"]
sent = []
class Catch(Transport):
    def capture_envelope(self, envelope):
        sent.append(envelope.serialize().decode())

settings = config.load()
app = create_app(settings)
assert fault_reports.init_fault_reports(settings, Catch)

@app.route("/broken/<number>", methods=["POST"])
def broken(number):
    local = number
    logging.getLogger("lec").warning("looking at %s", NUMBER)
    sentry_sdk.add_breadcrumb(category="x", message="crumb " + NUMBER, data={"id": NUMBER})
    sentry_sdk.set_extra("typed", NUMBER)
    sentry_sdk.set_tag("typed", NUMBER)
    sentry_sdk.set_user({"username": NUMBER})
    sentry_sdk.set_context("pupil", {"national_id": int(NUMBER), NUMBER: [NUMBER]})
    raise ValueError("no pupil " + number + " " + request.form["id"])

app.config["WTF_CSRF_ENABLED"] = False
answer = app.test_client().post(
    f"/broken/{NUMBER}?q={NUMBER}", data={"id": NUMBER, "name": "SECRET-NAME"},
    headers={"X-Request-ID": "proxy-4f2a9c11d7", "Referer": "http://x/" + NUMBER},
)
sentry_sdk.flush()
print(json.dumps([answer.status_code, sent]))
"""


def test_no_id_number_leaves(settings: Settings, tmp_path: Path) -> None:
    pytest.importorskip("sentry_sdk")
    env = {
        **os.environ, "LEC_ENV": "testing", "MONGODB_URI": settings.mongodb_uri, "REDIS_URL": settings.redis_url,
        "LEC_DATA_DIR": str(tmp_path), "SENTRY_DSN": "http://key@127.0.0.1:1/1", "NUMBER": NUMBER,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    status, sent = json.loads(done.stdout.splitlines()[-1])
    text = "".join(sent)
    assert status == 500 and "ValueError" in text and "no pupil [id]" in text, "the fault itself is reported"
    assert "crumb [id]" in text and '"request_id":"proxy-4f2a9c11d7"' in text.replace(": ", ":")
    assert NUMBER not in text and "SECRET-NAME" not in text
    assert '"vars"' not in text


def test_every_part_of_a_report_is_cleaned() -> None:
    report: dict[str, Any] = {
        "message": NUMBER, "request": {"url": f"/x/{NUMBER}", "data": {"a": NUMBER}, "cookies": NUMBER},
        "exception": {"values": [{"value": f"bad {NUMBER}", "stacktrace": {"frames": [{"vars": {"a": NUMBER}}]}}]},
        "breadcrumbs": {"values": [{"message": NUMBER}]}, "contexts": {NUMBER: {"deep": (NUMBER, int(NUMBER))}},
        "user": {"username": "somebody"}, "extra": {"a": NUMBER}, "fingerprint": [Path(NUMBER)],
    }  # fmt: skip
    text = json.dumps(cleaned_report(report))
    assert NUMBER not in text and "somebody" not in text
    assert text.count("[id]") >= 6


def test_nothing_is_sent_without_a_dsn_or_a_client(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not init_fault_reports(settings)
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    wanted = replace(settings, monitoring=replace(settings.monitoring, sentry_dsn="http://key@127.0.0.1:1/1"))
    assert not init_fault_reports(wanted)
