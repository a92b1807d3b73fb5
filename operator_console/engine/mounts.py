"""Remembers which disk the second recording folder stands on, so that none is made on the disk below it."""

from __future__ import annotations

import errno
import json
import logging
import os
from pathlib import Path

from operator_console.whole_files import write_private

_log = logging.getLogger(__name__)


def mount_point(folder: Path) -> Path:
    """Where the disk of a folder is mounted, made or not. Blocks.

    The place, not the number of the disk: that is another one after a restart or in another socket.
    """
    place = Path(os.path.realpath(folder))
    while not os.path.ismount(place) and place != place.parent:
        place = place.parent
    return place


def require_mounted(folder: Path, memory: Path) -> None:
    """Raises FileNotFoundError where a folder stood on a disk that is not mounted now. Blocks."""
    known = _read(memory).get(str(folder), "")
    # Where the folder leads elsewhere by now, that disk does not matter any more.
    if known and Path(os.path.realpath(folder)).is_relative_to(known) and not os.path.ismount(known):
        raise FileNotFoundError(errno.ENOENT, "its disk is not mounted", str(folder))


def remember(folder: Path, memory: Path) -> None:
    """Note where the disk of a folder is mounted, but for the disk of the system itself. Blocks."""
    found, known = mount_point(folder), _read(memory)
    if known.get(str(folder), "") == str(found) or found == found.parent:
        return
    try:
        write_private(memory, json.dumps({**known, str(folder): str(found)}).encode())
    except OSError as error:
        _log.warning("the disk of %s cannot be remembered: %s", folder, error.strerror)


def _read(memory: Path) -> dict[str, str]:
    """What is remembered; nothing where that cannot be read: then nothing is refused."""
    try:
        found = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
