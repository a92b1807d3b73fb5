"""What the first page remembers on this machine: the last session's words, and what was offered once."""

from __future__ import annotations

from ui.geometry import memory

_KEY = "setup/offered"
_LAST = "session/"


def setup_offered() -> bool:
    """Whether the operator has had the choice."""
    return memory().value(_KEY) is not None


def remember_setup_offered() -> None:
    """Keep that he has had it, whatever he chose."""
    kept = memory()
    kept.setValue(_KEY, "yes")
    kept.sync()


def last_session(name: str) -> str:
    """What stood in a field (title, office, timezone) when a session was opened here the last time."""
    return str(memory().value(_LAST + name) or "")


def remember_session(**fields: str) -> None:
    """Keep what a session was opened with."""
    kept = memory()
    for name, text in fields.items():
        kept.setValue(_LAST + name, text)
    kept.sync()
