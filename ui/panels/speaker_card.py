"""Who is on program, since when, and who is next."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from operator_console.session.model import Layout
from ui.context import Context, Tick
from ui.feeds import hand_queue, title_of
from ui.formats import short_duration
from ui.panels.transition_panel import layout_name
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button, ElidedButton
from ui.widgets.labels import ElidedLabel, PlainLabel
from ui.widgets.styled import Panel

OFFICE_FROM_PX = 212


class SpeakerCard(Panel):
    """The card beside the program."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._head = PlainLabel("", "strong")
        self._name = ElidedLabel("", "headline")
        self._office = ElidedLabel("", "soft")
        self._timer = PlainLabel("", "timer")
        self._since = PlainLabel("", "soft")
        self._mute = Button("", "mic-off", key="M")
        self._end = Button(self.tr("End"), tip=self.tr("End the spotlight"), key="S")
        self._next = ElidedButton("", "", "primary", key="N")
        self._mute.clicked.connect(self._on_mute)
        self._end.clicked.connect(context.actions.end_spotlight)
        self._next.clicked.connect(context.actions.next_speaker)
        keys = QHBoxLayout()
        keys.setSpacing(6)
        keys.addWidget(self._mute, 1)
        keys.addWidget(self._end, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 9, 12, 12)
        layout.setSpacing(5)
        for widget in (self._head, self._name, self._office, self._timer, self._since):
            layout.addWidget(widget)
        layout.addSpacing(3)
        layout.addLayout(keys)
        layout.addStretch(1)
        layout.addWidget(self._next)
        context.replica.changed.connect(self._on_changed)
        context.ticker.ticked.connect(self._on_tick)
        self._show(context.ticker.now_ms())

    def set_compact(self, compact: bool) -> None:
        """Leave lines out where the window is low."""
        self._since.setVisible(not compact)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Without the office where the card is low; the keys and the time must stay whole."""
        super().resizeEvent(event)
        self._office.setVisible(self.height() >= OFFICE_FROM_PX)

    def _on_mute(self) -> None:
        spotlight = self._context.replica.state.program.spotlight
        self._context.actions.toggle_muted(spotlight)

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.PROGRAM, Kind.PEOPLE, Kind.SOURCES, Kind.LINK):
            self._show(self._context.ticker.now_ms())

    def _on_tick(self, tick: Tick) -> None:
        self._show_time(tick.now_ms)

    def _show(self, now_ms: int) -> None:
        state = self._context.replica.state
        spotlight = state.program.spotlight
        person, source = state.participants.get(spotlight), state.sources.get(spotlight)
        self._head.setText(self.tr("Speaking now") if person else self.tr("On program"))
        if person:
            self._name.setText(person.name)
            self._office.setText(person.office)
        elif source:
            self._name.setText(source.name)
            self._office.setText(self.tr("Own source"))
        else:
            self._show_layout(state.program.on_air)
        self._mute.setVisible(person is not None)
        self._end.setVisible(bool(spotlight))
        if person:
            audible = person.audible
            word = self.tr("Mute") if audible else self.tr("Open mic")
            self._mute.set_text(word)
            self._mute.setAccessibleName(f"{word}: {person.name}")
        self._show_next()
        self._show_time(now_ms)

    def _show_layout(self, layout: Layout) -> None:
        count = len(layout.sources)
        self._name.setText(layout_name(layout.kind) if count else self.tr("Nothing yet"))
        self._office.setText(self.tr("{n} feeds in the picture").format(n=count) if count else "")

    def _show_next(self) -> None:
        queue = hand_queue(self._context.replica.state)
        self._next.setEnabled(bool(queue))
        text = self.tr("Next: {name}").format(name=title_of(queue[0])) if queue else self.tr("Nobody waits")
        self._next.set_text(text)

    def _show_time(self, now_ms: int) -> None:
        program = self._context.replica.state.program
        taken = program.taken_at_ms if program.on_air.sources else 0
        self._timer.setVisible(bool(taken))
        if not taken:
            self._since.setText("")
            return
        self._timer.setText(short_duration((now_ms - taken) / 1000))
        self._since.setText(self.tr("since {time}").format(time=self._context.formats.clock(taken)))
