"""What must hold of a district."""

from __future__ import annotations

from typing import Any

from app.documents.areas import District
from app.errors import Problem
from app.fabmongo.writes import WriteRules


class DistrictRules(WriteRules):
    """A district lies in the province of its code: everything below it carries both codes, so neither changes."""

    def before_write(self, actor: Any, document: District, before: Any) -> None:
        raw = document.to_mongo()
        code, province = raw.get("_id") or "", raw.get("province_code")
        if province and not code.startswith(province):
            raise Problem(
                f"รหัสอำเภอ {code} อยู่ในจังหวัดรหัส {code[:2]} โปรดเลือกจังหวัดนั้น หรือตรวจสอบรหัส",
                f"The district code {code} lies in province {code[:2]}. Choose that one, or check the code.",
                "province",
            )
