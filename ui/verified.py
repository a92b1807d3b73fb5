"""How sure a file of the recording is: what was written is synced and read back every few seconds."""

from __future__ import annotations

from ui.observations import PathSeen

UNVERIFIED_S = 15
"""The recorder reads its file back every few seconds; after this long without it somebody has to look."""


def verified(path: PathSeen) -> bool:
    """Whether nothing speaks against what is written; one that was never verified counts only at first."""
    age_s = path.seconds if path.verified_ago_s is None else path.verified_ago_s
    return not path.code and age_s <= UNVERIFIED_S
