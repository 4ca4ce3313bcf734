"""How far LAOs are in a round."""

from __future__ import annotations

from collections.abc import Iterable

from app.documents.submissions import Submission
from app.enums import SubmissionState
from app.notices.progress import lao_state


def laos_reporting(round_code: str) -> set[str]:
    """Codes of the LAOs that have a school in a round."""
    return set(Submission._get_collection().distinct("lao_code", {"round_code": round_code}))


def states_of_laos(round_code: str, lao_codes: Iterable[str]) -> dict[str, SubmissionState]:
    """The state of each LAO in a round, by its schools' submissions (see `lao_state`); no code is left out."""
    codes = list(dict.fromkeys(lao_codes))
    groups = Submission._get_collection().aggregate(
        [
            {"$match": {"round_code": round_code, "lao_code": {"$in": codes}}},
            {"$group": {"_id": {"lao": "$lao_code", "state": "$state"}}},
        ]
    )
    found: dict[str, list[SubmissionState]] = {code: [] for code in codes}
    for group in groups:
        found[group["_id"]["lao"]].append(SubmissionState(group["_id"]["state"]))
    return {code: lao_state(states) for code, states in found.items()}
