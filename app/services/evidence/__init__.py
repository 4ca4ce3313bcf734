"""Schools of other affiliation: asking for signed papers, keeping them, comparing list and count."""

from app.services.evidence.comparing import check_verifiable, comparison_of, note_comparison
from app.services.evidence.recording import record
from app.services.evidence.requesting import request_papers
from app.services.evidence.rules import EvidenceRules, ListedStudentRules
from app.services.evidence.uploads import clear_old_lists, last_upload, read_list, send_list, sweep_lists

__all__ = [
    "EvidenceRules",
    "ListedStudentRules",
    "check_verifiable",
    "clear_old_lists",
    "comparison_of",
    "last_upload",
    "note_comparison",
    "read_list",
    "record",
    "request_papers",
    "send_list",
    "sweep_lists",
]
