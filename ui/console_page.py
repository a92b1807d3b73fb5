"""The console itself: all panels in their places, and how they share the window."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from operator_console.protocol import SetWants
from operator_console.session.model import Presence
from ui.context import Context, Tick
from ui.feeds import device_size
from ui.formats import duration
from ui.panels.alarm_banner import AlarmBanner
from ui.panels.audio_panel import AudioPanel
from ui.panels.bottom_bar import BottomBar
from ui.panels.disk_banner import DiskBanner
from ui.panels.inspector import Inspector
from ui.panels.monitor_row import MonitorRow
from ui.panels.outputs_popup import OutputsPopup
from ui.panels.side_panel import SidePanel
from ui.panels.speaker_card import SpeakerCard
from ui.panels.status_strip import StatusStrip
from ui.panels.transition_panel import TransitionPanel, layout_name
from ui.replica import Changed, Kind
from ui.sound.banner import HallBanner
from ui.sound.camera_box import PICTURE_PX
from ui.wall.panel import WallPanel
from ui.widgets.bands import Bands
from ui.widgets.banner import ConnectionBanner, JournalBanner
from ui.youtube.bar import BroadcastBar

COMPACT_WIDTH_PX, COMPACT_HEIGHT_PX = 1700, 940
"""Windows smaller than this get narrower panels (1366x768 is the smallest screen we promise)."""


class ConsolePage(QWidget):
    """Everything of a running session."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.strip = StatusStrip(context)
        self.bands = Bands(self)
        self.banner = ConnectionBanner(context, self.bands)
        self.journal = JournalBanner(context, self.bands)
        self.hall_trouble = HallBanner(context, self.bands)
        self.alarms = AlarmBanner(context, self.bands)
        self.disk = DiskBanner(context, self.bands)
        for band in (self.banner, self.alarms, self.disk, self.journal, self.hall_trouble):
            self.bands.add(band)
        self.broadcast = BroadcastBar(context, self)
        self.transitions = TransitionPanel(context)
        self.speaker = SpeakerCard(context)
        self.outputs = OutputsPopup(context, self)
        for chip in (self.strip.recording, self.strip.livestream):
            chip.activated.connect(lambda chip=chip: self.outputs.toggle_below(chip))
        self.monitors = MonitorRow(context, self.transitions, self.speaker)
        self.wall = WallPanel(context)
        self.side = SidePanel(context)
        self.inspector = Inspector(context)
        self.audio = AudioPanel(context)
        self.bar = BottomBar(context)
        self._build()
        context.replica.changed.connect(self._on_changed)
        context.ticker.ticked.connect(self._on_tick)
        self._show_monitors(context.ticker.now_ms())

    def _build(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.monitors)
        left.addWidget(self.wall, 1)
        self._column = QWidget()
        right = QVBoxLayout(self._column)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(10)
        right.addWidget(self.side, 1)
        right.addWidget(self.inspector)
        right.addWidget(self.audio)
        body = QHBoxLayout()
        body.setSpacing(10)
        body.addLayout(left, 1)
        body.addWidget(self._column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.strip)
        layout.addWidget(self.bands)
        layout.addWidget(self.broadcast)
        layout.addLayout(body, 1)
        layout.addWidget(self.bar)
        self.controls = (self.transitions, self.speaker, self.side, self.inspector, self.audio, self.bar)

    def fit(self, window: QSize) -> None:
        """Take sizes for a window: a smaller one gets narrower panels, never cut ones."""
        compact = window.width() < COMPACT_WIDTH_PX or window.height() < COMPACT_HEIGHT_PX
        self._column.setFixedWidth(304 if compact else 372)
        self.audio.set_compact(compact)
        self.bar.set_compact(compact)
        self.speaker.set_compact(compact)
        self.side.set_compact(compact)
        self.inspector.set_compact(compact)
        self.wall.set_compact(compact)
        most = 252 if compact else min(440, window.height() * 32 // 100)
        self.monitors.set_limits(most, 112 if compact else 130, 186 if compact else 240)

    # ---- events

    def _on_changed(self, changed: Changed) -> None:
        if Kind.LINK in changed:
            for panel in self.controls:
                panel.setEnabled(self._context.replica.connected)
            for monitor in (self.monitors.preview, self.monitors.program):
                monitor.update()
        if changed.any_of(Kind.PROGRAM, Kind.OUTPUTS, Kind.LINK):
            self._show_monitors(self._context.ticker.now_ms())

    def _on_tick(self, tick: Tick) -> None:
        self._show_monitors(tick.now_ms)

    def _show_monitors(self, now_ms: int) -> None:
        state = self._context.replica.state
        preview = state.program.preview
        self.monitors.preview.set_detail(layout_name(preview.kind) if preview.sources else "")
        streams = state.livestreams.values()  # one that ends sends what was on program before
        on_air = [stream for stream in streams if self.strip.flows(stream) and not stream.ends_at_ms]
        if state.program.slate:
            behind = layout_name(state.program.on_air.kind) if state.program.on_air.sources else ""
            hidden = self.tr("SLATE · behind it: {layout}").format(layout=behind)
            self.monitors.program.set_detail(hidden if behind else self.tr("SLATE"))
        elif on_air:
            time = duration((now_ms - on_air[0].started_at_ms) / 1000)
            self.monitors.program.set_detail(self.tr("LIVE · {time}").format(time=time))
        else:
            on_air_layout = state.program.on_air
            self.monitors.program.set_detail(layout_name(on_air_layout.kind) if on_air_layout.sources else "")

    # ---- what is shown

    def wanted(self) -> SetWants:
        """Device pixel sizes of all tiles and monitors that are visible."""
        tiles = self.wall.wanted_tiles()
        selected = self._context.desk.view.selected
        state = self._context.replica.state
        person = state.participants.get(selected)
        seated = person is not None and person.presence in (
            Presence.ADMITTED,
            Presence.CONNECTED,
            Presence.LOST,
        )
        if selected not in tiles and (seated or selected in state.sources):
            tiles[selected] = device_size(116, 66, self.devicePixelRatioF())
        watched = self._context.desk.view.watched
        if watched in state.sources:
            tiles[watched] = device_size(*PICTURE_PX, self.devicePixelRatioF())
        monitors = {
            "program": self.monitors.program.wanted_size(),
            "preview": self.monitors.preview.wanted_size(),
        }
        return SetWants(tiles=tiles, monitors=monitors)
