"""Says what the start-up repair made of recordings that were cut off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from ui.causes import Family, worded
from ui.context import Context
from ui.formats import duration
from ui.observations import RepairedSeen
from ui.recording_kept import open_folder
from ui.replica import Changed, Kind

Show = Callable[[str, str, tuple[str, Callable[[], None]]], None]


class RepairWatch(QObject):
    """Tells each result once; `show` gets the sentence, its tone and the button that opens the folder."""

    def __init__(self, context: Context, show: Show, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._show = context, show
        self._told: set[str] = set()
        context.replica.changed.connect(self._on_changed)

    def _on_changed(self, changed: Changed) -> None:
        if not changed.any_of(Kind.OUTPUTS, Kind.LINK):
            return
        seen = self._context.replica.seen.repair
        fresh = [one for one in seen.files if one.id not in self._told] if seen else []
        self._told |= {one.id for one in fresh}
        for one in fresh:
            folder = Path(one.path).parent
            open_it = (self.tr("Open folder"), lambda folder=folder: open_folder(folder))
            self._show(self._sentence(one), "info" if one.ok else "refused", open_it)

    def _sentence(self, one: RepairedSeen) -> str:
        name = Path(one.path).name
        if not one.ok:
            why = worded(Family.REPAIR, one).text
            if one.code == "changed":
                return self.tr("A recording is not sealed: {file}. {why}").format(file=name, why=why)
            return self.tr("A recording that was cut off stays as it is: {file}. {why}").format(
                file=name, why=why
            )
        if one.iso:
            text = self.tr(
                "A recording of a single participant that was cut off is finished: {file}, {time}."
            )
            return text.format(file=name, time=duration(one.duration_ms / 1000))
        text = self.tr("A recording that was cut off is finished: {file}, {time}, {n} chapters.")
        text = text.format(file=name, time=duration(one.duration_ms / 1000), n=one.chapters)
        if one.lost_ms:
            lost = self.tr("Not recorded until the next file began: {n} s.")
            text += " " + lost.format(n=self._context.formats.number(one.lost_ms / 1000, 1))
        return text
