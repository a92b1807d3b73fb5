"""What a soak writes down while it runs: one JSON line each, so that nothing is lost whoever dies."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = "soak.jsonl"


class Diary:
    """Lines of kind `begin`, `sample`, `event`, `mark`, `end`; each with the seconds since the beginning."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / NAME).open("a", encoding="utf-8")
        self._begun_s = time.monotonic()

    @property
    def at_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._begun_s

    def note(self, kind: str, **what: Any) -> None:
        """Write one line, at once."""
        line = {"kind": kind, "at_s": round(self.at_s, 2), **what}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    def event(self, what: str, ok: bool = True, **details: Any) -> None:
        """Something that happened; what went wrong is also said on standard error."""
        self.note("event", what=what, ok=ok, **details)
        if not ok:
            print(f"soak: {self.at_s:.0f} s: {what} went wrong: {details}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Write no more."""
        self._file.close()


@dataclass
class Notes:
    """A diary that was read again."""

    begin: dict[str, Any] = field(default_factory=dict)
    samples: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    marks: dict[str, dict[str, Any]] = field(default_factory=dict)
    end: dict[str, Any] = field(default_factory=dict)
    """Empty where the soak itself was killed."""


def read(folder: Path) -> Notes:
    """Read the diary of a folder; a last line that was cut off is left out. Raises OSError."""
    notes = Notes()
    for line in (folder / NAME).read_text(encoding="utf-8").splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        match found.get("kind"):
            case "begin":
                notes.begin = found
            case "sample":
                notes.samples.append(found)
            case "event":
                notes.events.append(found)
            case "mark":
                notes.marks[found["name"]] = found
            case "end":
                notes.end = found
    return notes
