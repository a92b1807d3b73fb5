"""Exit codes of the engine and its keeper."""

from __future__ import annotations

EXIT_RUNNING = 3
"""Another one runs already."""
EXIT_JOURNAL = 4
"""The journal cannot be opened; trying again at once would not help."""
EXIT_NOT_STARTED = 5
"""For the keeper: the machine gave no process for the engine."""
