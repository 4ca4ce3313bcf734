"""Text that a spreadsheet must not take for a formula: the generated views' exports and the reports share one rule."""

from app.fabmongo.safe_text import formula_safe

__all__ = ["formula_safe"]
