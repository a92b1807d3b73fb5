"""The bar at the bottom: room and feed actions at the left, recording and livestream apart at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout

from operator_console.protocol import (
    MarkChapter,
    SetHallMuted,
    SetNamesShown,
    SetSlate,
    SetSpotlight,
    StartLivestream,
    StartRecording,
    StopLivestream,
    StopRecording,
)
from operator_console.session.model import OutputPhase
from ui.context import Context
from ui.keys import sequence_of
from ui.panels.source_menu import SourceMenu
from ui.replica import Changed, Kind
from ui.sound.strips import hall_used
from ui.widgets.buttons import BarButton
from ui.widgets.hold_button import HOLD_MS, HoldButton
from ui.widgets.labels import ElidedLabel
from ui.widgets.styled import Panel, Rule, set_property

BUTTON_PX, OUTPUT_PX, KEYS_PX = 104, 140, 106


class BottomBar(Panel):
    """Signals: live_wanted() to open the livestream dialog; source_wanted() to open the source dialog;
    setup_wanted() to set up the hall's sound.
    """

    live_wanted = Signal()
    source_wanted = Signal()
    setup_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        actions = context.actions
        self.hall = BarButton(self.tr("Hall mic"), "mic", tip=self.tr("Hall microphones on or off"), key="H")
        self.sources = BarButton(self.tr("Sources"), "video", tip=self.tr("Cameras, screens and files"))
        self.spotlight = BarButton(
            self.tr("Spotlight"), "star", tip=self.tr("Selected feed on program"), key="S"
        )
        self.mute = BarButton(
            self.tr("Mute"), "mic-off", tip=self.tr("Mute or open the selected feed"), key="M"
        )
        self.names = BarButton(self.tr("Names"), "captions", tip=self.tr("Names under the pictures"), key="V")
        self.slate = BarButton(
            self.tr("Slate"),
            "presentation",
            tip=self.tr("Cover the program with the slate"),
            key="B",
            tone="warn",
        )
        self.chapter = BarButton(self.tr("Chapter"), "bookmark", tip=self.tr("Mark a chapter now"), key="C")
        self.record = HoldButton(
            self.tr("Record"),
            "circle-dot",
            tip=self.tr("Start or stop the recording"),
            key="Ctrl+Shift+R",
            kind="rec",
        )
        self.live = HoldButton(
            self.tr("Go live"),
            "radio",
            tip=self.tr("Start or stop the livestream"),
            key="Ctrl+Shift+L",
            kind="live",
        )
        self.keys = BarButton(
            self.tr("Keys"), "lock", tip=self.tr("Lock or unlock the plain keys"), key="F9", tone="warn"
        )
        self.keys.clicked.connect(context.key_lock.toggle)
        context.key_lock.changed.connect(self._show_keys)
        self.hall.clicked.connect(self.press_hall)
        self.spotlight.clicked.connect(actions.spotlight_selected)
        self.mute.clicked.connect(actions.mute_selected)
        self.names.clicked.connect(actions.toggle_names)
        self.slate.clicked.connect(actions.toggle_slate)
        self.chapter.clicked.connect(lambda _=False: actions.mark_chapter())
        self.sources.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.sources.setMenu(SourceMenu(context, self, self.source_wanted.emit))
        self.record.started.connect(actions.start_recording)
        self.record.held.connect(actions.stop_recording)
        self.live.started.connect(self.live_wanted)
        self.live.held.connect(actions.stop_livestreams)
        self._hint = ElidedLabel("", "soft")
        self._logged = ElidedLabel(self.tr("Every action is written to the journal"), "faint")
        self._build()
        context.replica.changed.connect(self._on_changed)
        context.desk.changed.connect(self._on_desk)
        self._show()

    def _build(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(11, 8, 11, 8)
        layout.setSpacing(8)
        self._small = (
            self.hall,
            self.sources,
            self.spotlight,
            self.mute,
            self.names,
            self.slate,
            self.chapter,
            self.keys,
        )
        for button in self._small:
            if button in (self.spotlight, self.keys):
                layout.addWidget(Rule())
            layout.addWidget(button)
        hints = QVBoxLayout()
        hints.setSpacing(2)
        hints.addStretch(1)
        for label in (self._hint, self._logged):
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            hints.addWidget(label)
        hints.addStretch(1)
        layout.addSpacing(8)
        layout.addLayout(hints, 1)
        layout.addSpacing(8)
        layout.addWidget(self.record)
        layout.addWidget(self.live)
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """Narrower and lower buttons for small windows."""
        high = 50 if compact else 56
        for button in (*self._small, self.record, self.live):
            set_property(button, "tight", compact)
        for button in self._small:
            button.setFixedSize(84 if compact else BUTTON_PX, high)
        self.keys.setFixedWidth(KEYS_PX if compact else BUTTON_PX + 8)
        for button in (self.record, self.live):
            button.setFixedSize(118 if compact else OUTPUT_PX, high)

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(
            Kind.SESSION,
            Kind.SOURCES,
            Kind.PROGRAM,
            Kind.OUTPUTS,
            Kind.PEOPLE,
            Kind.PENDING,
            Kind.LINK,
            Kind.HALL,
            Kind.MEDIA,
            Kind.MIXING,
        ):
            self._show()

    def _on_desk(self, _view: object) -> None:
        self._show()

    def press_hall(self) -> None:
        """The hall's microphones off all buses or back; where nothing of the hall is used, its set-up."""
        replica = self._context.replica
        if hall_used(replica.state, replica.seen):
            self._context.actions.toggle_hall()
        else:
            self.setup_wanted.emit()

    # ---- show

    def _show(self) -> None:
        replica, actions = self._context.replica, self._context.actions
        state, selected = replica.state, actions.selected
        self._show_hall()
        self.sources.set_on(bool(state.sources))
        known = selected in state.participants or selected in state.sources
        person = state.participants.get(selected)
        self.spotlight.setEnabled(known)
        self.spotlight.set_on(known and state.program.spotlight == selected)
        self.spotlight.set_pending(replica.pending(SetSpotlight))
        self.mute.setEnabled(known)
        opens = person is not None and not person.audible
        opens = opens or (selected in state.sources and state.sources[selected].muted)
        self.mute.set_look(self.tr("Open mic") if opens else self.tr("Mute"), "mic" if opens else "mic-off")
        self.names.set_on(state.program.names)
        self.names.set_pending(replica.pending(SetNamesShown))
        self.slate.set_on(state.program.slate)
        self.slate.set_pending(replica.pending(SetSlate))
        self.chapter.set_pending(replica.pending(MarkChapter))
        self._show_keys()
        self._show_outputs()

    def _show_keys(self) -> None:
        unlocked = self._context.key_lock.unlocked
        text = self.tr("Keys active") if unlocked else self.tr("Keys locked")
        self.keys.set_look(text, "lock-open" if unlocked else "lock", "amber_text" if unlocked else "text")
        self.keys.set_on(unlocked)

    def _show_hall(self) -> None:
        replica, state = self._context.replica, self._context.replica.state
        self.hall.set_pending(replica.pending(SetHallMuted))
        if not hall_used(state, replica.seen):
            self.hall.set_meaning(
                self.tr("The hall's sound is not used: set it up"), sequence_of("hall_setup")
            )
            self.hall.set_look(self.tr("Hall off"), "mic-off", "text_faint")
            self.hall.set_on(False)
            return
        self.hall.set_meaning(self.tr("Hall microphones on or off"), sequence_of("hall"))
        waits = state.hall_sound.on and state.hall_sound.push_to_talk and not state.mixing.talk_held
        waits = waits and not state.hall_muted
        seen = replica.seen.hall if state.hall_sound.on else None
        heard = state.hall_audible and (seen is None or seen.state == "running")
        ink = "red_text" if state.hall_muted else "text" if heard else "amber_text"
        text = self.tr("Hold {key}").format(key=sequence_of("talk")) if waits else self.tr("Hall mic")
        self.hall.set_look(text, "mic" if state.hall_audible else "mic-off", ink)
        self.hall.set_on(state.hall_audible)

    def _show_outputs(self) -> None:
        replica, actions = self._context.replica, self._context.actions
        hold_ms = HOLD_MS if self._context.settings.confirm_stop_output else 0
        recording, streaming = actions.recording, actions.streaming
        self.record.arm(recording, hold_ms)
        self.record.set_on(recording)
        self.record.set_look(
            self.tr("Stop recording") if recording else self.tr("Record"),
            "circle-stop" if recording else "circle-dot",
            "red_text",
        )
        self.record.set_pending(replica.pending(StartRecording) or replica.pending(StopRecording))
        self.live.arm(bool(streaming), hold_ms)
        self.live.set_on(bool(streaming))
        streams = replica.state.livestreams
        reached = all(key in streams and streams[key].on_air for key in streaming)
        cuts = bool(streaming) and all(key in streams and streams[key].ends_at_ms for key in streaming)
        sure = reached and not cuts
        self.live.set_tone("" if sure else "warn")
        self.live.set_look(
            self.tr("Cut off now") if cuts else self._live_text(len(streaming)),
            "radio",
            "on_colour" if streaming and sure else "amber_text" if streaming else "text",
        )
        self.live.set_pending(replica.pending(StartLivestream) or replica.pending(StopLivestream))
        stopping = any(key in streams and streams[key].phase is OutputPhase.STOPPING for key in streaming)
        hint = self.tr("Cut off, the rest is not sent: hold 2 s (or Ctrl+Shift+L)")
        self._hint.setText(hint if cuts else self._hint_text(recording, bool(streaming) and not stopping))

    def _live_text(self, count: int) -> str:
        """What the key does: with several destinations it stops them all, the chip on top each by itself."""
        if count > 1:
            return self.tr("Stop {n} livestreams").format(n=count)
        return self.tr("Stop livestream") if count else self.tr("Go live")

    def _hint_text(self, recording: bool, streaming: bool) -> str:
        if streaming:
            return self.tr("Stop the livestream: hold 2 s (or Ctrl+Shift+L)")
        if recording:
            return self.tr("Stop the recording: hold 2 s (or Ctrl+Shift+R)")
        return ""
