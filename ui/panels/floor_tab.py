"""The queue of raised hands: who waits how long; give the floor or lower the hand."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from operator_console.session.model import Participant
from ui.context import Context, Tick
from ui.feeds import hand_queue, title_of
from ui.formats import short_duration
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import PlainLabel, clean
from ui.widgets.rows import Row, RowData, RowList


class FloorRow(Row):
    """One waiting participant; the first has the green button."""

    def __init__(self, context: Context, participant_id: str) -> None:
        super().__init__()
        self._give = Button(self.tr("Floor"), kind="go", tip=self.tr("Give the floor"))
        self._check = IconButton(self.tr("Give the floor"), "check", colour="text_soft")
        self._lower = IconButton(self.tr("Lower hand"), "x", colour="text_soft")
        for button in (self._give, self._check):
            button.clicked.connect(lambda: context.actions.give_floor(participant_id))
        self._lower.clicked.connect(lambda: context.actions.lower_hand(participant_id))
        for widget in (self._give, self._check, self._lower):
            self.line.addWidget(widget)

    def show_controls(self, data: RowData, first: bool) -> None:
        """The first gets the button with a word."""
        self._give.setVisible(first)
        self._check.setVisible(not first)
        for button, word in (
            (self._give, self.tr("Give the floor")),
            (self._check, self.tr("Give the floor")),
        ):
            button.setAccessibleName(f"{word}: {clean(data.title)}")
        self._lower.setAccessibleName(f"{self.tr('Lower hand')}: {clean(data.title)}")


class FloorTab(QWidget):
    """Raised hands in order."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.rows = RowList(lambda key: FloorRow(context, key), self.tr("Queue of raised hands"))
        self._empty = PlainLabel(self.tr("Nobody has raised a hand."), "soft")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self._empty)
        layout.addWidget(self.rows, 1)
        context.replica.changed.connect(self._on_changed)
        context.ticker.ticked.connect(self._on_tick)
        self._show(context.ticker.now_ms())

    def _on_changed(self, changed: Changed) -> None:
        if Kind.PEOPLE in changed:
            self._show(self._context.ticker.now_ms())

    def _on_tick(self, tick: Tick) -> None:
        if self.isVisible():
            self._show(tick.now_ms)

    def _show(self, now_ms: int) -> None:
        queue = hand_queue(self._context.replica.state)
        self._empty.setVisible(not queue)
        self.rows.show_rows([self._row(place, person, now_ms) for place, person in enumerate(queue, 1)])

    def _row(self, place: int, person: Participant, now_ms: int) -> RowData:
        waited = short_duration((now_ms - person.hand_at_ms) / 1000)
        office = title_of(person)
        detail = f"{waited} · {office}" if office != person.name else waited
        return RowData(person.id, place, person.name, detail)
