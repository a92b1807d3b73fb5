"""A real file system of a few megabytes, as root or in a name space of this user's own; and what fills it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

INSIDE = "OPERATOR_CONSOLE_TEST_NAMESPACE"


def _mount(folder: Path, size_bytes: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def may_mount(folder: Path) -> bool:
    """Whether this process may make a file system."""
    if not _mount(folder, 1 << 20):
        return False
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    return True


@contextlib.contextmanager
def small_disk(folder: Path, size_bytes: int) -> Iterator[None]:
    """A file system of this size at a folder."""
    folder.mkdir(exist_ok=True)
    assert _mount(folder, size_bytes), "no file system could be made"
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def run_inside(test: str) -> subprocess.CompletedProcess[str]:
    """Run a test again where this user may mount: in a user and mount name space of its own."""
    command = ["unshare", "--user", "--map-root-user", "--mount"]
    command += [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test]
    environment = {**os.environ, INSIDE: "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


class Ballast:
    """A file that leaves as much free as is asked."""

    def __init__(self, folder: Path) -> None:
        self._path, self._folder = folder / "ballast", folder

    def leave(self, free_bytes: int) -> None:
        """Fill the disk until so much is free."""
        with self._path.open("ab") as file:
            while (more := shutil.disk_usage(self._folder).free - free_bytes) > 0:
                file.write(bytes(min(more, 1 << 20)))
                file.flush()

    def remove(self) -> None:
        """Make room."""
        self._path.unlink(missing_ok=True)
