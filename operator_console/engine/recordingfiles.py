"""Names, folders and times of recordings."""

from __future__ import annotations

import contextlib
import datetime
import re
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from media.clock import now_us
from media.reason import Reason
from operator_console import paths
from operator_console.engine.rules import MAX_TITLE_CHARS
from operator_console.protocol import OperatorError
from operator_console.session.model import SessionState
from operator_console.settings import Settings, SettingsError, time_zone

RETRY_MAX_S = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for recordings; others may enter one that is `shared`."""

    folder: Path
    shared: bool
    memory: Path | None = None
    """Where it is remembered which disk the folder stands on, see `mounts`."""


def first_place(settings: Settings) -> Place:
    """Where recordings go; a folder that the operator named is his: others may be in it."""
    return Place(paths.recordings_dir(settings), bool(settings.recording_dir))


def second_place(settings: Settings) -> Place | None:
    """The second folder, where there is one."""
    if not settings.second_recording_dir:
        return None
    memory = paths.data_dir(settings) / "mounts.json"
    return Place(Path(settings.second_recording_dir).expanduser(), shared=True, memory=memory)


def file_name(state: SessionState, segment: int, at: datetime.datetime) -> str:
    """Name of a recording: date, time, title, segment; only letters, digits, dots and hyphens.

    A title of any length that a session may have is whole: its end often tells one from another.
    """
    title = re.sub(r"[^A-Za-z0-9]+", "-", plain_letters(state.title)).strip("-")[:MAX_TITLE_CHARS].strip("-")
    return f"{at:%Y-%m-%d_%H%M%S}_{title or 'rapat'}_{segment:02d}.mp4"


def plain_letters(text: str) -> str:
    """A text without the marks of its letters: é is e."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def local_time(state: SessionState) -> datetime.datetime:
    """Now in the session's zone; in the machine's where that is not known."""
    try:
        return datetime.datetime.now(time_zone(state.timezone))
    except SettingsError:
        return datetime.datetime.now().astimezone()


def wall_ms(stamp_us: int) -> int:
    """Unix time of a bus time, by the clock of the wall as it stands now."""
    return (stamp_us - now_us() + time.time_ns() // 1000) // 1000


def bus_us(at_ms: int) -> int:
    """Bus time of a Unix time, by the clock of the wall as it stands now."""
    return at_ms * 1000 + now_us() - time.time_ns() // 1000


def free_path(folder: Path, name: str, *, shared: bool = False) -> Path:
    """A path in a folder that no file has yet; others may enter the folder only where it is `shared`.

    Blocks; raises OSError where the folder cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not shared:
        with contextlib.suppress(PermissionError):  # made by somebody else, who lets us write
            folder.chmod(0o700)
    path, number = folder / name, 2
    while path.exists():
        path = folder / f"{Path(name).stem}-{number}.mp4"
        number += 1
    return path


def retry_delay_s(attempt: int, retry_s: float) -> float:
    """Wait before the next segment is tried, by the number of attempts that failed in a row."""
    return float(
        min(RETRY_MAX_S, retry_s * 2 ** min(attempt, 16))
    )  # a night of attempts is no float any more


def folder_refusal(folder: Path, reason: Reason | None) -> OperatorError:
    """What the operator is told when a recording cannot be written; `cause` is the recorder's own code."""
    return OperatorError(
        "recording_folder",
        f"Rekaman tidak dapat ditulis ke folder {folder}. Periksa ruang diska dan izin folder, "
        "atau pilih folder lain di Pengaturan.",
        f"The recording cannot be written to {folder}. Check disk space and the folder's rights, "
        "or choose another folder in the settings.",
        folder=str(folder),
        cause=str(reason.code) if reason else "",
    )
