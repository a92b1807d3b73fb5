"""Where this user's files live: runtime, data, configuration, logs, recordings, shipped resources."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Protocol

import platformdirs

_APP = "operator-console"
KEYRING_SERVICE = _APP
"""Under which name the machine's keyring keeps this program's secrets."""
_RECORDINGS = "Operator Console"
# Docker gives containers a /dev/shm of 64 MB; a wall of 122 tiles alone needs about 90 MB, and a full tmpfs
# answers a write to a mapping with SIGBUS. The total size, unlike the free one, is the same to every process.
_SHM = Path("/dev/shm")  # noqa: S108 (own folder in it, 0700, owner checked)
_SHM_MIN_BYTES = 1 << 30


class Folders(Protocol):
    """The settings that name folders; `Settings` has them. Empty means the default place."""

    @property
    def data_dir(self) -> str: ...
    @property
    def recording_dir(self) -> str: ...


class PathError(Exception):
    """A folder cannot be used; the text is a sentence for the user."""


def runtime_dir() -> Path:
    """Return the folder of this user's running processes (bus segments, locks, tokens), made 0700.

    Raises PathError where the folder exists but belongs to another user.
    """
    return private_dir(_runtime_place())


def bus_dir() -> Path:
    """Return the folder of the media bus segments, made 0700: in the runtime folder if it has the room."""
    return private_dir(_bus_place(runtime_dir()))


def config_dir() -> Path:
    """Return the folder of the user's own configuration, not created."""
    given = os.environ.get("OPERATOR_CONSOLE_CONFIG")
    return Path(given) if given else Path(platformdirs.user_config_dir(_APP, appauthor=False))


def site_file() -> Path:
    """Return where the administrator's site.toml is read from, whether it exists or not."""
    given = os.environ.get("OPERATOR_CONSOLE_SITE")
    if given:
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "OperatorConsole" / "site.toml"
    return Path("/etc/operator-console/site.toml")


def data_dir(settings: Folders | None = None) -> Path:
    """Return the folder of the journal, the library and the certificates, not created."""
    given = (settings.data_dir if settings else "") or os.environ.get("OPERATOR_CONSOLE_DATA")
    return Path(given).expanduser() if given else Path(platformdirs.user_data_dir(_APP, appauthor=False))


def log_dir() -> Path:
    """Return the folder of the log files, not created."""
    given = os.environ.get("OPERATOR_CONSOLE_DATA")
    return Path(given) / "log" if given else Path(platformdirs.user_log_dir(_APP, appauthor=False))


def recordings_dir(settings: Folders) -> Path:
    """Return the folder of the recordings, not created: as set, else with the data or the user's videos."""
    if settings.recording_dir:
        return Path(settings.recording_dir).expanduser()
    if settings.data_dir or os.environ.get("OPERATOR_CONSOLE_DATA"):
        return data_dir(settings) / "recordings"
    return Path(platformdirs.user_videos_dir()) / _RECORDINGS


def resources_dir() -> Path:
    """Return the folder of the shipped resources, in a checkout and in a frozen installation."""
    frozen = getattr(sys, "_MEIPASS", None)
    return (Path(frozen) if frozen else Path(__file__).resolve().parent.parent) / "resources"


def self_command(*args: str) -> list[str]:
    """Return the command line that starts this application again as a child with the given arguments."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *args]
    return [sys.executable, "-m", "operator_console", *args]


def private_dir(path: Path) -> Path:
    """Make `path` a folder only this user can enter and return it; PathError where it is somebody else's."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise PathError(f"The folder {path} cannot be made: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode):
        raise PathError(
            f"{path} is not a folder. Remove it, or set OPERATOR_CONSOLE_RUNTIME to another place."
        )
    if sys.platform != "win32":
        if found.st_uid != os.getuid():
            raise PathError(
                f"The folder {path} belongs to another user. Remove it, or set OPERATOR_CONSOLE_RUNTIME."
            )
        if stat.S_IMODE(found.st_mode) & 0o077:
            path.chmod(0o700)
    return path


def _runtime_place() -> Path:
    given = os.environ.get("OPERATOR_CONSOLE_RUNTIME")
    if given:
        return Path(given)
    session = os.environ.get("XDG_RUNTIME_DIR")
    if session and Path(session).is_dir():
        return Path(session) / _APP
    if sys.platform == "win32":
        return Path(tempfile.gettempdir()) / _APP
    return _shared_place() / f"{_APP}-{os.getuid()}"


def _bus_place(runtime: Path) -> Path:
    """Return the runtime folder's own place, else one in a larger file system (a login's may have 10 % of the
    memory).

    Only total sizes decide, which are the same to every process of one runtime folder.
    """
    own = runtime / "bus"
    if _total_bytes(runtime) >= _SHM_MIN_BYTES:
        return own
    other = _shared_place()
    if _total_bytes(other) <= _total_bytes(runtime):
        return own
    # One folder for each runtime folder: two consoles must not meet on one bus.
    mark = hashlib.sha256(str(runtime.resolve()).encode()).hexdigest()[:12]
    return other / f"{_APP}-bus-{os.getuid()}-{mark}" if sys.platform != "win32" else own


def _total_bytes(folder: Path) -> int:
    if sys.platform == "win32":
        return _SHM_MIN_BYTES
    size = os.statvfs(folder)
    return size.f_blocks * size.f_frsize


def _shared_place() -> Path:
    """Return the memory file system where it is large enough, else the folder of temporary files."""
    if sys.platform != "win32" and os.access(_SHM, os.W_OK) and _total_bytes(_SHM) >= _SHM_MIN_BYTES:
        return _SHM
    return Path(tempfile.gettempdir())
