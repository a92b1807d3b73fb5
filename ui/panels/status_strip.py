"""The strip on top: title and counts, recording, livestream and network chips, clock, menu."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from operator_console.session.model import Livestream, OutputPhase, Presence
from ui.actions import RUNNING
from ui.causes import Family, worded
from ui.context import Context, Tick
from ui.formats import duration
from ui.icons import icon
from ui.keys import PRESS_KEYS, KeepKeys
from ui.line_words import line_notes
from ui.panels.livestream_chip import show_livestreams, stream_lines
from ui.panels.recording_chip import show_recording
from ui.replica import Changed, Kind
from ui.streams import flows, stalls, why
from ui.widgets.buttons import FOCUS, Button
from ui.widgets.chip import Chip
from ui.widgets.labels import ElidedLabel, PlainLabel, set_tip

OUTPUT_PX, NETWORK_PX = 264, 216
"""Room for the longest titles and most details in both languages, on a screen of 1280 too."""


class StatusStrip(QWidget):
    """Shows the session's state at a glance; `menu_button` gets the window's menu."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._title = ElidedLabel("", "title")
        self._counts = ElidedLabel("", "soft")
        self.recording = Chip(self.tr("Recording"), width_px=OUTPUT_PX, key=True)
        self.livestream = Chip(self.tr("Livestream"), width_px=OUTPUT_PX, key=True)
        self.network = Chip(self.tr("Network"), width_px=NETWORK_PX)
        self._waiting = 0
        self.lobby = Button("", "user-plus", "waiting", tip=self.tr("Open the lobby"), key="Ctrl+L")
        self._clock = PlainLabel("", "clock")
        self._date = PlainLabel("", "soft")
        self.menu_button = QToolButton()
        self._build()
        context.replica.changed.connect(self._on_changed)
        context.ticker.ticked.connect(self._on_tick)
        self._show_all(context.ticker.now_ms())

    def _build(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self._title)
        names.addWidget(self._counts)
        self._clock.setAccessibleName(self.tr("Clock"))
        times = QVBoxLayout()
        times.setSpacing(0)
        for label in (self._clock, self._date):
            label.setAlignment(label.alignment().AlignRight)
            times.addWidget(label)
        self.menu_button.setIcon(icon("settings"))
        self.menu_button.setIconSize(QSize(20, 20))
        self.menu_button.setProperty("kind", "flat")
        self.menu_button.setFocusPolicy(FOCUS)
        KeepKeys(self.menu_button, PRESS_KEYS)
        self.menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu_button.setAccessibleName(self.tr("Menu and settings"))
        set_tip(self.menu_button, self.tr("Menu and settings"))
        self.menu_button.setFixedSize(36, 36)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addLayout(names, 1)
        layout.addWidget(self.lobby)
        for chip in (self.recording, self.livestream, self.network):
            layout.addWidget(chip)
        layout.addSpacing(6)
        layout.addLayout(times)
        layout.addWidget(self.menu_button)
        self.setFixedHeight(46)

    # ---- events

    def _on_changed(self, changed: Changed) -> None:
        now_ms = self._context.ticker.now_ms()
        if changed.any_of(Kind.SESSION, Kind.PEOPLE, Kind.LINK):
            self._show_session()
        if changed.any_of(Kind.OUTPUTS, Kind.CHAPTERS, Kind.LINK, Kind.FIGURES):
            self._show_outputs(now_ms)
        if changed.any_of(Kind.PEOPLE, Kind.LINKS, Kind.ROOM, Kind.LINK):
            self._show_network()

    def _on_tick(self, tick: Tick) -> None:
        self._show_clock(tick.now_ms)
        self._show_outputs(tick.now_ms)

    # ---- show

    def _show_all(self, now_ms: int) -> None:
        self._show_session()
        self._show_outputs(now_ms)
        self._show_network()
        self._show_clock(now_ms)

    def _show_session(self) -> None:
        state = self._context.replica.state
        connected = sum(p.presence is Presence.CONNECTED for p in state.participants.values())
        parts = [
            state.office,
            self.tr("{n} registered").format(n=len(state.seated)),
            self.tr("{n} connected").format(n=connected),
        ]
        waiting = len(state.lobby)
        if waiting > self._waiting:  # the window's button in the task bar asks to be looked at
            QApplication.alert(self.window())
        self._waiting = waiting
        self.lobby.setVisible(waiting > 0)
        self.lobby.set_text(self.tr("Lobby {n}").format(n=waiting))
        self.lobby.setAccessibleName(self.tr("{n} waiting in the lobby").format(n=waiting))
        if state.locked:
            parts.append(self.tr("room locked"))
        self._title.setText(state.title)
        self._counts.setText(" · ".join(part for part in parts if part))

    def _show_clock(self, now_ms: int) -> None:
        formats = self._context.formats
        self._clock.setText(formats.clock(now_ms))
        self._date.setText(f"{formats.date(now_ms)} · {formats.zone(now_ms)}")

    def _show_outputs(self, now_ms: int) -> None:
        state = self._context.replica.state
        show_recording(self.recording, self._context)
        self._show_livestream(list(state.livestreams.values()), now_ms)

    def _show_livestream(self, streams: list[Livestream], now_ms: int) -> None:
        lines = stream_lines(self._context)
        if len(lines) > 1 or any(line.id not in self._context.replica.state.livestreams for line in lines):
            show_livestreams(self.livestream, self._context, now_ms)
            return
        chip, running = self.livestream, [s for s in streams if s.phase in RUNNING]
        failed = [s for s in streams if s.phase is OutputPhase.FAILED]
        if not running:
            if failed:
                cause = worded(Family.LIVESTREAM, failed[0])
                chip.show_state(self.tr("LIVESTREAM FAILED"), failed[0].name, "red", "bad", cause.tip)
            else:
                chip.show_state(self.tr("Not live"), "", "text_off")
            return
        off = [s for s in running if s.ends_at_ms or not self.flows(s)]
        if off:
            self._show_trouble(off[0])
            return
        first = running[0]
        parts = [stream.name for stream in running]
        if seen := self._context.replica.seen.stream(first.destination_id):
            parts.append(self._context.formats.rate(seen.kbps))
            parts += line_notes(seen, self._context.formats)
            lost = self.tr("1 frame lost") if seen.dropped == 1 else self.tr("{n} frames lost")
            parts.append(lost.format(n=self._context.formats.number(seen.dropped)))
        parts += [self.tr("{name} failed").format(name=one.name) for one in failed]
        time = duration((now_ms - first.started_at_ms) / 1000)
        title, tip = self.tr("LIVE {time}").format(time=time), worded(Family.LIVESTREAM, *failed).tip
        if failed or not self._context.replica.connected:  # what is not heard of is not known to be on air
            chip.show_state(title, " · ".join(parts), "amber", "warn", tip)
        else:
            chip.show_state(title, " · ".join(parts), "on_colour", "air")

    def flows(self, stream: Livestream) -> bool:
        """Whether a destination takes the stream right now."""
        return flows(stream, self._context.replica.seen.stream(stream.destination_id))

    def _show_trouble(self, stream: Livestream) -> None:
        """A stream that does not flow: which it is and since when; the line at the bottom says why."""
        seen = self._context.replica.seen.stream(stream.destination_id)
        cause = why(stream, seen)
        notes = line_notes(seen, self._context.formats)
        if stream.phase is OutputPhase.STOPPING and stream.ends_at_ms:
            end = self._context.formats.clock(stream.ends_at_ms)
            detail = self.tr("until {time} the rest goes out; hold again to cut it off").format(time=end)
            self.livestream.show_state(self.tr("ENDING"), f"{stream.name} · {detail}", "amber", "warn")
            return
        if stream.phase is OutputPhase.STARTING and not cause.text:
            going = " · ".join([stream.name, *notes])
            self.livestream.show_state(self.tr("Going live…"), going, "amber", "warn")
            return
        detail = stream.name
        if seen and seen.since_ms:
            detail += " · " + self.tr("since {time}").format(time=self._context.formats.clock(seen.since_ms))
        title = self.tr("STALLED") if stalls(stream, seen) else self.tr("RECONNECTING")
        self.livestream.show_state(title, detail, "amber", "warn", cause.tip)

    def _show_network(self) -> None:
        replica = self._context.replica
        seated = replica.state.seated
        room = replica.seen.room
        if room and room.state == "failed":
            cause = worded(Family.ROOM, room)
            self.network.show_state(self.tr("Room not reachable"), cause.short, "red", "bad", cause.tip)
            return
        links = [replica.seen.link(person.id) for person in seated if person.presence is Presence.CONNECTED]
        weak = sum(link is not None and link.quality == "weak" for link in links)
        lost = sum(person.presence is Presence.LOST for person in seated)
        good = len(links) - weak
        detail = self.tr("{good} good · {weak} fair · {bad} poor").format(good=good, weak=weak, bad=lost)
        if not seated:
            self.network.show_state(self.tr("Network ready"), "", "green")
        elif lost * 4 > len(seated):
            self.network.show_state(self.tr("Network poor"), detail, "red", "bad")
        elif (weak + lost) * 4 > len(seated):
            self.network.show_state(self.tr("Network fair"), detail, "amber")
        else:
            self.network.show_state(self.tr("Network good"), detail, "green")
