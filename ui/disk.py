"""Room on the disks of recordings in words: time left, what the guard did, a message at each step of it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject

from operator_console.session.model import DiskLevel, IsoRecording, SessionState
from ui.causes import Family, worded
from ui.context import Context
from ui.feeds import title_of
from ui.formats import Formats
from ui.observations import DiskSeen, Observations
from ui.replica import Changed, Kind
from ui.widgets.labels import clean

LONG_H = 10.0
_ORDER = tuple(DiskLevel)


def left_text(seconds: float, formats: Formats) -> str:
    """How long can be recorded, as short as it is to be used: 171 hours, 3 h 50 min, 12 min."""
    if seconds >= LONG_H * 3600:
        hours = formats.number(seconds / 3600)
        return QCoreApplication.translate("Disk", "{n} hours").format(n=hours)
    whole = int(seconds) // 60
    if whole >= 60:
        text = QCoreApplication.translate("Disk", "{h} h {m} min")
        return text.format(h=formats.number(whole // 60), m=formats.number(whole % 60))
    return QCoreApplication.translate("Disk", "{m} min").format(m=formats.number(whole))


def low_disks(state: SessionState, seen: Observations) -> list[tuple[DiskLevel, DiskSeen]]:
    """The disks with little room, the worst first; a folder that is not watched has no figures."""
    found = [(level, seen.disk(folder)) for folder, level in state.disk_low.items() if level in _ORDER]
    known = [(DiskLevel(level), disk) for level, disk in found if disk is not None]
    return sorted(known, key=lambda one: (-_ORDER.index(one[0]), not one[1].first))


def level_sentence(level: str, disk: DiskSeen, formats: Formats) -> str:
    """What a level means for a disk, and what to do."""
    values = {
        "folder": disk.folder,
        "free": formats.size(disk.free_bytes),
        "left": left_text(disk.seconds_left, formats),
    }
    text = {
        DiskLevel.WATCH: QCoreApplication.translate(
            "Disk",
            "The disk of {folder} has room for about {left} of recording. Make room in good time, or choose "
            "another folder in the settings.",
        ),
        DiskLevel.SOON: QCoreApplication.translate(
            "Disk", "The disk of {folder} has room for about {left} only. Delete or move old recordings now."
        ),
        DiskLevel.LAST: QCoreApplication.translate(
            "Disk",
            "The disk of {folder} is full in about {left}. Recordings of single participants end; make room "
            "now, or the recording of the program ends too.",
        ),
        DiskLevel.STOP: QCoreApplication.translate(
            "Disk",
            "Nothing is recorded in {folder} any more: only {free} are free. What was recorded is whole. "
            "Make room, then start the recording again. Session and livestream go on.",
        ),
    }.get(DiskLevel(level) if level in _ORDER else DiskLevel.WATCH, "")
    return text.format(**values)


def one_disk_text() -> str:
    """That the second folder is no second disk, and what to do."""
    return QCoreApplication.translate(
        "Disk",
        "Both copies are on one disk: the second folder of the recordings is not on a disk of its own. "
        "Check that its disk is connected, or choose another folder in the settings.",
    )


def iso_trouble(iso: IsoRecording | None) -> str:
    """Why a participant's own recording is not written although it was asked for; empty where it is."""
    if iso is None or not iso.code or (not iso.wanted and iso.code != "disk_low"):
        return ""
    if iso.code == "disk_low":
        return QCoreApplication.translate("Disk", "His own recording was ended: the disk is nearly full.")
    family = Family.ROOM if iso.code == "worker_lost" else Family.RECORDING
    why = worded(family, iso).text
    return QCoreApplication.translate("Disk", "Not recorded by itself: {why}").format(why=why)


class DiskWatch(QObject):
    """Calls `tell(text, tone)` when a disk reaches a level, eases, or a recording of one feed is ended."""

    def __init__(self, context: Context, tell: Callable[[str, str], object], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._tell = context, tell
        self._levels: dict[str, str] = {}
        self._ended: frozenset[str] = frozenset()
        self._one_disk = False
        context.replica.changed.connect(self._on_changed)

    def _on_changed(self, changed: Changed) -> None:
        if Kind.FIGURES in changed:
            self._tell_one_disk()
        if not changed.any_of(Kind.OUTPUTS, Kind.LINK, Kind.SESSION, Kind.FIGURES):
            return
        replica, before = self._context.replica, self._levels
        self._levels = {  # a level is told with its figures, which may come a moment later
            folder: level
            for folder, level in replica.state.disk_low.items()
            if folder in before or replica.seen.disk(folder) is not None
        }
        ended = frozenset(
            key for key, iso in replica.state.isos.items() if iso.code == "disk_low" and not iso.wanted
        )
        new, self._ended = ended - self._ended, ended
        if Kind.LINK in changed or Kind.SESSION in changed:
            return  # what was so before this window looked is shown, not told
        self._tell_levels(before)
        self._tell_ended(new)

    def _tell_one_disk(self) -> None:
        """Once, as soon as it is so: in the settings too, where the folder has just been chosen."""
        was, self._one_disk = self._one_disk, self._context.replica.seen.one_disk
        if self._one_disk and not was:
            self._tell(one_disk_text(), "refused")

    def _tell_levels(self, before: dict[str, str]) -> None:
        replica, formats = self._context.replica, self._context.formats
        for folder, level in self._levels.items():
            known, disk = before.get(folder, ""), replica.seen.disk(folder)
            if disk is None or level not in _ORDER or level == DiskLevel.STOP:  # the band says the last one
                continue
            if known not in _ORDER or _ORDER.index(known) < _ORDER.index(level):
                tone = "refused" if level in (DiskLevel.WATCH, DiskLevel.SOON) else "error"
                self._tell(level_sentence(level, disk, formats), tone)
        for folder, level in before.items():
            watched = replica.seen.disk(folder) is not None
            if watched and level == DiskLevel.STOP and self._levels.get(folder) != DiskLevel.STOP:
                text = self.tr("There is room again in {folder}. The recording can be started again.")
                self._tell(text.format(folder=folder), "info")

    def _tell_ended(self, participants: frozenset[str]) -> None:
        people = self._context.replica.state.participants
        names = [clean(title_of(people[one])) for one in sorted(participants) if one in people]
        if names:
            text = self.tr("Ended, for the disk is nearly full: the recordings of {names} by themselves.")
            self._tell(text.format(names=", ".join(names)), "refused")
