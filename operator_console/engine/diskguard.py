"""The disk guard: watches the disks of recordings, warns in time, ends isolated ones first, then the rest."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import shutil
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.reason import Reason
from operator_console.engine.diskplan import (
    Act,
    Growth,
    Limits,
    act_on,
    next_level,
    rank,
    seconds_left,
    sheds,
)
from operator_console.engine.isos import IsoHub
from operator_console.engine.observations import Observations
from operator_console.engine.recording import Recording
from operator_console.engine.recordingfiles import first_place, second_place
from operator_console.engine.store import SessionStore
from operator_console.protocol import IsoFigures, OperatorError
from operator_console.session import facts as f
from operator_console.session.codes import RecordingCode
from operator_console.session.model import DiskLevel, SessionState
from operator_console.settings import Settings
from operator_console.slow import FolderThread

_log = logging.getLogger(__name__)

ACTOR = "disk guard"
PERIOD_S = 1.0
FORGET_S = 10.0
"""What a folder said that has not answered since is not believed for longer."""
SOUND_BPS = 128_000
COPY_BYTES = 1_000_000_000
"""More than all reserves."""
LOW = Reason(RecordingCode.DISK_LOW, "Ended in good order before the disk is full.")


def limits_of(settings: Settings) -> Limits:
    """The limits as set."""
    first, second, last = (60.0 * int(minutes) for minutes in settings.disk_warn_minutes)
    reserve = settings.disk_reserve_mb * 1_000_000
    return Limits((first, second, last), reserve, max(reserve, settings.disk_iso_reserve_mb * 1_000_000))


def same_disk(first: Path, second: Path, found: Callable[[Path], tuple[int, int] | None]) -> bool:
    """Whether two copies stand on one disk, or are one folder: a second disk that is not there is no copy.

    An unmounted folder is measured, and made, on the disk that it should be mounted on.
    """
    if first.absolute() == second.absolute():
        return True
    one, other = found(first), found(second)
    return one is not None and other is not None and one[0] == other[0]


def kept_from_copies(settings: Settings) -> int:
    """Bytes that the repair of a recording leaves free: no copy may end what is being recorded."""
    return limits_of(settings).iso_reserve_bytes + COPY_BYTES


def existing_folder(path: Path) -> Path:
    """The folder itself or the nearest one above it that exists."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path


def ask_disk(folder: Path) -> tuple[int, int]:
    """Number of the disk of a folder, made or not, and its bytes free. Blocks; raises OSError."""
    place = existing_folder(folder)
    usage = shutil.disk_usage(place)
    if not usage.total:  # /proc and its like: nothing can be full there
        raise OSError(errno.ENODEV, "no disk", str(place))
    return os.stat(place).st_dev, usage.free


@dataclass(slots=True)
class Disk:
    """One disk with folders of recordings on it; `folder` names it."""

    folder: str
    number: int
    free_bytes: int = 0
    level: DiskLevel | None = None
    left_s: float = 0.0
    rate_bps: float = 0.0
    growth: Growth = field(default_factory=Growth)
    shed_at_s: float = 0.0


@dataclass(slots=True)
class _Look:
    """Asks a folder for its disk, in a thread that a dead folder may hold."""

    thread: FolderThread = field(default_factory=FolderThread)
    found: tuple[int, int] | None = None
    """Number of the disk and bytes free; None where it never answered, or not for FORGET_S."""
    at_s: float = 0.0


class DiskGuard:
    """Looks each second; `check_recording` and `check_iso` refuse what would have no room."""

    def __init__(
        self,
        settings: Settings,
        store: SessionStore,
        observations: Observations,
        recording: Recording,
        isos: IsoHub,
        ask: Callable[[Path], tuple[int, int]] = ask_disk,
    ) -> None:
        self._settings, self._store, self._observations = settings, store, observations
        self._recording, self._isos, self._ask_disk = recording, isos, ask
        self._looks: dict[Path, _Look] = {}
        self._disks: dict[int, Disk] = {}
        isos.check_start = self.check_iso

    def least(self) -> Disk | None:
        """The disk that is full first."""
        return min(self._disks.values(), key=lambda disk: disk.left_s, default=None)

    def take_settings(self, settings: Settings) -> None:
        """Other folders, other limits."""
        self._settings = settings

    async def run(self) -> None:
        """Guard until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:  # noqa: BLE001  the top of the task
                _log.exception("the disk guard failed and looks again")
            await asyncio.sleep(PERIOD_S)

    # ---- looking

    async def look(self) -> None:
        """Measure, tell, warn, and end what has no room."""
        await self._measure()
        self._observations.set("disk", self._seen())
        if not self._store.state.is_open:
            return
        await self._tried(self._forget())
        for disk in list(self._disks.values()):
            await self._tried(self._warn(disk))
            await self._tried(self._act(disk))

    async def _tried(self, step: Coroutine[Any, Any, None]) -> None:
        """One step; a journal that refuses its fact, maybe for want of room, holds back no other."""
        try:
            await step
        except OperatorError as error:
            _log.error("the disk guard could not journal all, and tries again: %s", error.refusal.text_en)

    def _seen(self) -> dict[str, Any]:
        """What clients are told: the disks, folders that do not answer, whether both copies stand on one."""
        first, second = first_place(self._settings).folder, second_place(self._settings)
        one_disk = second is not None and same_disk(first, second.folder, self._found)
        return {
            "disks": [self._told(disk) for disk in self._disks.values()],
            "unknown": [str(folder) for folder, look in self._looks.items() if look.found is None],
            "one_disk": one_disk,
        }

    def _found(self, folder: Path) -> tuple[int, int] | None:
        look = self._looks.get(folder)
        return look.found if look is not None else None

    def _folders(self) -> list[Path]:
        """All folders that matter, that of the program first."""
        second = second_place(self._settings)
        found = [first_place(self._settings).folder] + ([second.folder] if second else [])
        found += [one.folder for one in self._recording.paths() if one.wanted]
        found += [Path(iso.folder) for iso in self._store.state.isos.values() if iso.wanted]
        return list(dict.fromkeys(found))

    async def _measure(self) -> None:
        folders = self._folders()
        self._looks = {folder: self._looks.get(folder) or _Look() for folder in folders}
        await asyncio.gather(*(self._ask(folder) for folder in folders))
        disks: dict[int, Disk] = {}
        for folder in folders:
            found = self._looks[folder].found
            if found is None or found[0] in disks:
                continue
            disk = self._disks.get(found[0]) or Disk(str(folder), found[0])
            disk.folder = str(folder)
            disks[found[0]] = disk
            self._reckon(disk, found[1])
        self._disks = disks

    async def _ask(self, folder: Path) -> None:
        look = self._looks[folder]

        try:
            look.found = await look.thread.run(lambda: self._ask_disk(folder), PERIOD_S)
            look.at_s = time.monotonic()
        except (OSError, ValueError) as error:
            _log.info("the folder %s does not say how much room it has: %s", folder, error)
            if time.monotonic() - look.at_s > FORGET_S:
                look.found = None

    def _reckon(self, disk: Disk, free_bytes: int) -> None:
        limits = limits_of(self._settings)
        sizes, set_bps = self._sizes(disk)
        disk.free_bytes = free_bytes
        disk.growth.note(time.monotonic(), sizes)
        disk.rate_bps = disk.growth.rate_bps(set_bps)
        disk.left_s = seconds_left(limits, free_bytes, disk.rate_bps)
        before = disk.level or _known_level(self._store.state, disk.folder)
        disk.level = next_level(before, limits, free_bytes, disk.left_s)

    def _on(self, disk: Disk, folder: Path) -> bool:
        found = self._found(folder)
        return found is not None and found[0] == disk.number

    def _sizes(self, disk: Disk) -> tuple[dict[str, int], float]:
        """Bytes of what is written there now, and the rate as set of that (of one recording for none)."""
        running = [one for one in self._recording.paths() if one.wanted and self._on(disk, one.folder)]
        sizes = {str(one.recorder.path): one.recorder.written_bytes for one in running}
        set_bps = float(max(1, len(running)) * (self._settings.air_bitrate_bps + SOUND_BPS))
        for iso in self._isos_on(disk):
            seen = self._observations.values.get(f"iso.{iso}")
            if isinstance(seen, IsoFigures):
                sizes[f"iso {iso}"] = seen.bytes
            set_bps += self._settings.iso_bitrate_bps
        return sizes, set_bps

    def _isos_on(self, disk: Disk) -> list[str]:
        isos = self._store.state.isos.values()
        wanted = [iso for iso in isos if iso.wanted and iso.participant_id not in self._isos.halted]
        return [iso.participant_id for iso in wanted if self._on(disk, Path(iso.folder))]

    def _tracks_on(self, disk: Disk) -> list[int]:
        paths = self._recording.paths()
        return [one.track for one in paths if one.wanted and self._on(disk, one.folder)]

    def _told(self, disk: Disk) -> dict[str, Any]:
        return {
            "folder": disk.folder,
            "free_bytes": disk.free_bytes // (1 << 20) * (1 << 20),
            "reserve_bytes": self._settings.disk_reserve_mb * 1_000_000,
            "seconds_left": round(disk.left_s),
            "rate_kbps": round(disk.rate_bps / 1000),
            "level": str(disk.level or ""),
            "first": self._on(disk, first_place(self._settings).folder),
            "isos": len(self._isos_on(disk)),
            "program": bool(self._tracks_on(disk)),
        }

    # ---- acting

    async def _forget(self) -> None:
        """Ease what the journal says of folders that are watched no more or no longer name their disk."""
        named = {disk.folder for disk in self._disks.values()}
        silent = {str(folder) for folder, look in self._looks.items() if look.found is None}
        for folder in set(self._store.state.disk_low) - named - silent:
            await self._store.record(ACTOR, f.DiskEased(folder=folder, free_bytes=0))

    async def _warn(self, disk: Disk) -> None:
        """Journal a level that was not told yet; each stands there once until the disk has eased."""
        known = _known_level(self._store.state, disk.folder)
        if disk.level is known:
            return
        if rank(disk.level) < rank(known):
            await self._store.record(
                ACTOR,
                f.DiskEased(folder=disk.folder, free_bytes=disk.free_bytes, level=str(disk.level or "")),
            )
            return
        _log.warning("disk of %s: %d MB free, level %s", disk.folder, disk.free_bytes // 10**6, disk.level)
        low = f.DiskRanLow(
            folder=disk.folder,
            level=str(disk.level),
            free_bytes=disk.free_bytes,
            seconds_left=round(disk.left_s),
        )
        await self._store.record(ACTOR, low)

    async def _act(self, disk: Disk) -> None:
        now_s = time.monotonic()
        act = act_on(
            limits_of(self._settings),
            disk.level,
            disk.free_bytes,
            isos=bool(self._isos_on(disk)),
            program=bool(self._tracks_on(disk)),
            shed_for_s=now_s - disk.shed_at_s if disk.shed_at_s and self._isos.writing else 0.0,
        )
        if act is Act.SHED:
            disk.shed_at_s = now_s
            for participant_id in self._isos_on(disk):
                await self._isos.halt(ACTOR, participant_id, LOW)
        elif act is Act.STOP:
            for track in self._tracks_on(disk):
                _log.warning("recording in %s ends: the disk has only its reserve left", disk.folder)
                await self._tried(self._end(track, disk))

    async def _end(self, track: int, disk: Disk) -> None:
        """Finish a path's file; elsewhere it goes on only where there is room."""
        room = [one for one in self._disks.values() if one is not disk and one.level is not DiskLevel.STOP]
        if room:
            await self._recording.end_path(track, LOW)
        else:
            await self._recording.lanes[track].stop(ACTOR, LOW)
            self._recording.observe()

    # ---- what may begin

    async def check_recording(self) -> None:
        """Raises OperatorError where no folder of the program has more room than the reserve."""
        await self._measure()
        limits = limits_of(self._settings)
        second = second_place(self._settings)
        folders = [first_place(self._settings).folder] + ([second.folder] if second else [])
        found = {folder: self._looks[folder].found for folder in folders if folder in self._looks}
        room = [one for one in found.values() if one is None or one[1] > limits.reserve_bytes]
        if room or not found:
            return
        folder = folders[0]
        raise no_room(folder, (found[folder] or (0, 0))[1], limits.reserve_bytes)

    def check_iso(self) -> None:
        """Raises OperatorError where the disk has no room for isolated recordings."""
        limits, folder = limits_of(self._settings), first_place(self._settings).folder
        disk = next((one for one in self._disks.values() if self._on(one, folder)), None)
        if disk is not None and sheds(limits, disk.level, disk.free_bytes):
            raise no_room_for_isos(folder, disk.free_bytes)


def _known_level(state: SessionState, folder: str) -> DiskLevel | None:
    """The level that the journal knows; one of another version counts as none."""
    known = state.disk_low.get(folder, "") if state.is_open else ""
    return DiskLevel(known) if known in set(DiskLevel) else None


def no_room(folder: Path, free_bytes: int, needed_bytes: int) -> OperatorError:
    """Why the program's recording is not begun, with what to do."""
    free, needed = _gigabytes(free_bytes), _gigabytes(needed_bytes)
    return OperatorError(
        "disk_low",
        f"Rekaman tidak dimulai: di diska folder {folder} tinggal {_comma(free)}; {_comma(needed)} "
        "harus tetap kosong. "
        "Kosongkan diska, atau pilih folder lain di Pengaturan.",
        f"The recording is not begun: the disk of {folder} has only {free} left; {needed} must stay free. "
        "Make room, or choose another folder in the settings.",
        folder=str(folder),
        free=str(free_bytes),
        needed=str(needed_bytes),
    )


def no_room_for_isos(folder: Path, free_bytes: int) -> OperatorError:
    """Why a participant's own recording is not begun, with what to do."""
    free = _gigabytes(free_bytes)
    return OperatorError(
        "disk_low_iso",
        f"Rekaman tersendiri tidak dimulai: di diska folder {folder} tinggal {_comma(free)}, dan ruang itu "
        "untuk rekaman program. Kosongkan diska, atau pilih folder lain di Pengaturan.",
        f"The participant's own recording is not begun: the disk of {folder} has only {free} left, "
        "kept for the program. Make room, or choose another folder in the settings.",
        folder=str(folder),
        free=str(free_bytes),
    )


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.2f} GB"


def _comma(number: str) -> str:
    """A number as Indonesians write it."""
    return number.replace(".", ",")
