"""Remembers how often a source's process died over its address, so that a hostile file ends in `failed`."""

from __future__ import annotations

import hashlib
from pathlib import Path

LIMIT = 3


class CrashCount:
    """Counts beginnings that had no orderly end, in a file beside the locks; another address begins anew."""

    def __init__(self, runtime: Path, source_id: str, address: str) -> None:
        self._path = runtime / f"source-{source_id}.tries"
        self._key = hashlib.sha256(address.encode(errors="replace")).hexdigest()[:16]

    @property
    def tries(self) -> int:
        """Beginnings so far that nobody called well ended."""
        try:
            key, _, number = self._path.read_text(encoding="ascii").partition(" ")
            return int(number) if key == self._key else 0
        except (OSError, ValueError):
            return 0

    def begin(self) -> bool:
        """Count a beginning; False where there were too many already."""
        tries = self.tries
        if tries >= LIMIT:
            return False
        self._path.write_text(f"{self._key} {tries + 1}", encoding="ascii")
        return True

    def well(self) -> None:
        """This one has shown that it works, or ended as it should."""
        self._path.unlink(missing_ok=True)
