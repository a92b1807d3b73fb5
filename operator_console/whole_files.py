"""Small files that a reader or a crash sees as they were or as they are now, never half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_private(file: Path, data: bytes) -> None:
    """Write a file that only this user can read, whole or not at all. Blocks; raises OSError."""
    fd, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # mode 0600 from the start
    try:
        with os.fdopen(fd, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, file)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
