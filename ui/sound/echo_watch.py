"""Says once that an office returns sound, wherever its tile is: it may stand on another page of the wall."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from ui.context import Context
from ui.feeds import returns_sound, title_of
from ui.keys import sequence_of
from ui.replica import Changed, Kind
from ui.widgets.labels import clean


class EchoWatch(QObject):
    """Calls `tell` with a sentence for each office that begins to return sound."""

    def __init__(self, context: Context, tell: Callable[[str], object], parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._tell = context, tell
        self._known: frozenset[str] = frozenset()
        context.replica.changed.connect(self._on_changed)

    def _on_changed(self, changed: Changed) -> None:
        if not changed.any_of(Kind.ECHO, Kind.PEOPLE, Kind.LINK):
            return
        replica = self._context.replica
        ducked = replica.state.mixing.ducked
        returning = {
            person.id: person
            for person in replica.state.seated
            if person.id not in ducked and returns_sound(person, replica.seen)
        }
        # At an attach the tiles say what is so already; only what begins is told.
        begun = [] if Kind.LINK in changed else [key for key in returning if key not in self._known]
        for key in begun:
            name = clean(title_of(returning[key]))
            text = self.tr("Echo from {name} · {key} turns it down")
            self._tell(text.format(name=name, key=sequence_of("duck")))
        self._known = frozenset(returning)
