"""Whether the set-up of camera and sound was offered on this machine; it is offered once."""

from __future__ import annotations

from ui.geometry import memory

_KEY = "setup/offered"


def setup_offered() -> bool:
    """Whether the operator has had the choice."""
    return memory().value(_KEY) is not None


def remember_setup_offered() -> None:
    """Keep that he has had it, whatever he chose."""
    kept = memory()
    kept.setValue(_KEY, "yes")
    kept.sync()
