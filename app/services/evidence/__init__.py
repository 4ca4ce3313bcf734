"""Schools of other affiliation: asking for signed papers, keeping them, comparing list and count."""

from app.services.evidence.comparing import check_verifiable, comparison_of, note_comparison
from app.services.evidence.importing import import_list
from app.services.evidence.recording import record
from app.services.evidence.requesting import request_papers
from app.services.evidence.rules import EvidenceRules, ListedStudentRules

__all__ = [
    "EvidenceRules",
    "ListedStudentRules",
    "check_verifiable",
    "comparison_of",
    "import_list",
    "note_comparison",
    "record",
    "request_papers",
]
