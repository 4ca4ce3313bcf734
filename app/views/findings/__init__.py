"""Views of the validation rules: what was found, and how the rules are set."""

from app.views.findings.finding import FindingView
from app.views.findings.settings import RuleSettingView

__all__ = ["FindingView", "RuleSettingView"]
