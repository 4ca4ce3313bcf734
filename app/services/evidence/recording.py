"""Recording the count of a school of other affiliation, and noting at once whether its list agrees."""

from __future__ import annotations

from app.documents.submissions import Submission
from app.fabmongo.scope import Actor
from app.services.evidence.comparing import note_comparison
from app.services.submissions import record_counts
from app.services.submissions.recording import Counts


def record(actor: Actor, submission: Submission, counts: Counts) -> Submission:
    """`record_counts`, and the comparison with the list; raises Problem as that does."""
    found = record_counts(actor, submission, counts)
    note_comparison(found.pk)
    found.reload()
    return found
