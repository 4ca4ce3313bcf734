"""The README's example runs as it stands, on a database of its own and with nothing of the application around it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import app.fabmongo
from app.fabmongo.columns import KINDS

README = Path(app.fabmongo.__file__).with_name("README.md")
ROOT = README.parents[2]

USE = '''
import sys

anonymous, ann = app.test_client(), app.test_client()

def token(page):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]

def add(**values):
    return ann.post("/bearview/add", data={"csrf_token": token(ann.get("/bearview/add").text), **values})

import re
page = ann.get("/login/").text
body = {"username": "ann", "password": os.environ["FIRST_PASSWORD"]}
signed = ann.post("/login/", data={**body, "csrf_token": token(page)})
assert signed.location == "/", signed.text
assert add(name="Bruno", born="2020-02-29", zoo_code="BKK").status_code == 302
assert "outside your area" in ann.post(
    "/bearview/add", data={"csrf_token": token(ann.get("/bearview/add").text), "name": "Olaf", "zoo_code": "CNX"},
    headers={"Accept-Language": "en"}, query_string={"_l_": "en"}).text
Bear(name="Foreign", zoo_code="CNX").save()
page = ann.get("/bearview/list/").text
assert "Bruno" in page and "2020-02-29" in page and "Foreign" not in page
assert "Bruno" in ann.get("/bearview/export").text
assert ann.get(f"/bearview/show/{Bear.objects.get(name='Foreign').pk}").status_code == 404
assert anonymous.get("/bearview/list/").status_code == 302
bearer = anonymous.post("/api/v1/security/login", json=body).get_json()["access_token"]
rows = anonymous.get("/api/v1/bears/", headers={"Authorization": f"Bearer {bearer}"}).get_json()
assert [row["name"] for row in rows["result"]] == ["Bruno"], rows
assert anonymous.get("/api/v1/_openapi", headers={"Authorization": f"Bearer {bearer}"}).status_code == 200
others = [name for name in sys.modules if name.startswith("app.") and not name.startswith("app.fabmongo")]
assert not others, others
'''


def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_example_runs_and_needs_nothing_of_the_application(mongo: Any, tmp_path: Path) -> None:
    first, person, rest = examples()
    program = tmp_path / "bears.py"
    # REST is registered before the first request and before the permissions are stored, as any view is.
    program.write_text("\n".join([first, rest, person, USE]), encoding="utf-8")
    own = mongo.uri.replace("/lec_test", "/lec_readme")
    environment = {
        **os.environ, "MONGODB_URI": own, "SECRET_KEY": "k" * 40, "FIRST_PASSWORD": "correct-horse-battery-1",
        "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1",
    }  # fmt: skip
    ran = subprocess.run([sys.executable, str(program)], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_example_is_short() -> None:
    lines = [line for line in examples()[0].splitlines() if line.strip() and not line.startswith(("import", "from"))]
    assert len(lines) <= 20, len(lines)


def test_the_table_names_every_kind_of_field() -> None:
    table = README.read_text(encoding="utf-8")
    for classes, kind in KINDS:
        for one in classes:
            assert re.search(rf"\b{one.__name__}\b", table), (kind, one.__name__)
