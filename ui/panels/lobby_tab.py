"""The lobby: who knocks; admit, refuse, admit all."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from operator_console.protocol import AdmitAll, AdmitParticipant
from ui.context import Context, Tick
from ui.formats import short_duration
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import PlainLabel, clean
from ui.widgets.rows import Row, RowData, RowList


class LobbyRow(Row):
    """One who knocks."""

    def __init__(self, context: Context, participant_id: str) -> None:
        super().__init__()
        self._context, self._id = context, participant_id
        self._admit = Button(self.tr("Admit"), kind="go")
        self._refuse = IconButton(self.tr("Refuse"), "x", colour="text_soft")
        self._admit.clicked.connect(lambda: context.actions.admit(participant_id))
        self._refuse.clicked.connect(lambda: context.actions.refuse(participant_id))
        self.line.addWidget(self._admit)
        self.line.addWidget(self._refuse)

    def show_controls(self, data: RowData, first: bool) -> None:
        """Name the controls for screen readers."""
        self._admit.set_pending(self._context.replica.pending(AdmitParticipant, participant_id=self._id))
        self._admit.setAccessibleName(f"{self.tr('Admit')}: {clean(data.title)}")
        self._refuse.setAccessibleName(f"{self.tr('Refuse')}: {clean(data.title)}")


class LobbyTab(QWidget):
    """Those who wait, first come first."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.rows = RowList(lambda key: LobbyRow(context, key), self.tr("Lobby"))
        self._empty = PlainLabel(self.tr("Nobody waits in the lobby."), "soft")
        self._all = Button(self.tr("Admit all"), "user-plus")
        self._all.clicked.connect(context.actions.admit_all)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self._empty)
        layout.addWidget(self.rows, 1)
        layout.addWidget(self._all)
        context.replica.changed.connect(self._on_changed)
        context.ticker.ticked.connect(self._on_tick)
        self._show(context.ticker.now_ms())

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.PEOPLE, Kind.PENDING):
            self._show(self._context.ticker.now_ms())

    def _on_tick(self, tick: Tick) -> None:
        if self.isVisible():
            self._show(tick.now_ms)

    def _show(self, now_ms: int) -> None:
        waiting = self._context.replica.state.lobby
        self._empty.setVisible(not waiting)
        self._all.setVisible(bool(waiting))
        self._all.set_pending(self._context.replica.pending(AdmitAll))
        rows = []
        for place, person in enumerate(waiting, 1):
            waited = short_duration((now_ms - person.knocked_at_ms) / 1000)
            detail = f"{waited} · {person.office}" if person.office else waited
            rows.append(RowData(person.id, place, person.name, detail))
        self.rows.show_rows(rows)
