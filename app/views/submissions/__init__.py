"""The pages of submissions."""

from app.views.submissions.submission import SubmissionView

__all__ = ["SubmissionView"]
