"""From the rows of a file to a preview: whom each is about, what it would change, what stands in the way."""

from app.services.imports.planning.replanning import replan_school
from app.services.imports.planning.stages import plan

__all__ = ["plan", "replan_school"]
