"""The selected feed: picture, connection figures, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from operator_console.protocol import (
    Link,
    SetParticipantDucked,
    SetParticipantMuted,
    SetPreview,
    SetSourceMuted,
    SetSpotlight,
    SetTalkback,
    StartIsoRecording,
    StopIsoRecording,
)
from ui.agents import agent_text
from ui.context import Context, Tick
from ui.disk import iso_trouble
from ui.feeds import Feed, feeds
from ui.formats import duration
from ui.keys import sequence_of
from ui.panels.sites_tab import presence_text, remove_with_question, sound_text
from ui.replica import Changed, Kind
from ui.wall.menu import iso_text
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import ElidedLabel, PlainLabel, set_tip
from ui.widgets.styled import Panel, set_property
from ui.widgets.thumbnail import Thumbnail


class Inspector(Panel):
    """Everything about one feed."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.feed: Feed | None = None
        self._head = PlainLabel(self.tr("Selected"), "strong")
        self._since = PlainLabel("", "soft")
        self._stack = QStackedWidget()
        hint = PlainLabel(self.tr("Choose a tile on the wall."), "soft")
        hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._stack.addWidget(hint)
        self._stack.addWidget(self._details())
        head = QHBoxLayout()
        head.addWidget(self._head)
        head.addStretch(1)
        head.addWidget(self._since)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(12, 8, 12, 10)
        self._outer.setSpacing(7)
        self._outer.addLayout(head)
        self._outer.addWidget(self._stack)
        context.replica.changed.connect(self._on_changed)
        context.desk.changed.connect(self._on_desk)
        context.ticker.ticked.connect(self._on_tick)
        self._show()

    def set_compact(self, compact: bool) -> None:
        """No picture, no icons on the buttons and little air in a narrow column."""
        self._details_lines.setSpacing(3 if compact else 8)
        self._grid.setVerticalSpacing(4 if compact else 6)
        self._outer.setContentsMargins(12, 6 if compact else 8, 12, 7 if compact else 10)
        self._outer.setSpacing(4 if compact else 7)
        self._thumbnail.setVisible(not compact)
        for button in self._all:
            button.set_tight(compact)

    def _details(self) -> QWidget:
        page = QWidget()
        self._thumbnail = Thumbnail(self._context, 116, 66)
        self._name = ElidedLabel("", "headline")
        self._lines = [ElidedLabel("", "soft") for _ in range(3)]
        text = QVBoxLayout()
        text.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._name, 1)
        for button in self._sound_keys():
            head.addWidget(button)
        text.addLayout(head)
        for label in self._lines:
            text.addWidget(label)
        self._trouble = PlainLabel("", "warn")
        self._trouble.setWordWrap(True)
        text.addWidget(self._trouble)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self._thumbnail)
        top.addLayout(text, 1)
        self._details_lines = QVBoxLayout(page)
        self._details_lines.setContentsMargins(0, 0, 0, 0)
        self._details_lines.setSpacing(8)
        self._details_lines.addLayout(top)
        self._details_lines.addLayout(self._keys())
        return page

    def _sound_keys(self) -> tuple[IconButton, ...]:
        self._talkback = IconButton(self.tr("Talkback"), "headphones", key=sequence_of("talkback_stays"))
        self._duck = IconButton(self.tr("Turn down"), "volume-x", key=sequence_of("duck"))
        self._talkback.clicked.connect(self._context.actions.toggle_talkback)
        self._duck.clicked.connect(self._on_duck)
        self._iso = IconButton(self.tr("Record by itself"), "circle-dot")
        self._iso.clicked.connect(self._on_iso)
        keys = (self._iso, self._talkback, self._duck)
        for button in keys:
            button.setFixedSize(28, 22)
        return keys

    def _keys(self) -> QGridLayout:
        actions = self._context.actions
        self._preview = Button(self.tr("Preview"), "square")
        self._spotlight = Button(self.tr("Spotlight"), "star", key="S")
        self._mute = Button(self.tr("Mute"), "mic-off", key="M")
        self._floor = Button(self.tr("Floor"), "hand", tip=self.tr("Give the floor"))
        self._lower = Button(self.tr("Lower"), "check", tip=self.tr("Lower hand"))
        self._remove = Button(self.tr("Remove"), "user-x", "danger")
        self._preview.clicked.connect(lambda: actions.preview(actions.selected))
        self._spotlight.clicked.connect(lambda: actions.toggle_spotlight(actions.selected))
        self._mute.clicked.connect(lambda: actions.toggle_muted(actions.selected))
        self._floor.clicked.connect(lambda: actions.give_floor(actions.selected))
        self._lower.clicked.connect(lambda: actions.lower_hand(actions.selected))
        self._remove.clicked.connect(lambda: remove_with_question(self, self._context, actions.selected))
        self._grid = grid = QGridLayout()
        grid.setSpacing(6)
        keys = (
            self._preview,
            self._spotlight,
            self._mute,
            self._floor,
            self._lower,
            self._remove,
        )
        self._all = keys
        for place, button in enumerate(keys):
            grid.addWidget(button, place // 3, place % 3)
        for column in range(3):
            grid.setColumnStretch(column, 1)
        return grid

    # ---- events

    def _on_duck(self) -> None:
        if self.feed:
            self._context.actions.set_ducked(self.feed.id, not self.feed.ducked)

    def _on_iso(self) -> None:
        if self.feed:
            self._context.actions.set_iso(self.feed.id, not self.feed.iso)

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(
            Kind.PEOPLE, Kind.SOURCES, Kind.LINKS, Kind.PROGRAM, Kind.PENDING, Kind.LINK, Kind.ECHO, Kind.ISO
        ):
            self._show()

    def _on_desk(self, _view: object) -> None:
        self._show()

    def _on_tick(self, tick: Tick) -> None:
        self._show_since(tick.now_ms)

    # ---- show

    def _show(self) -> None:
        replica, selected = self._context.replica, self._context.desk.view.selected
        found = feeds(replica.state, replica.seen) if selected else ()
        self.feed = next((feed for feed in found if feed.id == selected), None)
        self._stack.setCurrentIndex(1 if self.feed else 0)
        self._show_since(self._context.ticker.now_ms())
        if self.feed is None:
            self._head.setText(self.tr("Selected"))
            return
        self._head.setText(self.tr("Selected · no. {n}").format(n=self.feed.tag))
        self._thumbnail.show_source(self.feed.id)
        name = f"{self.feed.title} · {self.feed.detail}" if self.feed.detail else self.feed.title
        self._name.setText(name)
        sound = self._sound(self.feed)
        for label, text in zip(self._lines, self._figures(self.feed), strict=True):
            label.setText(text)
        trouble = self.feed.trouble or iso_trouble(replica.state.isos.get(self.feed.id))
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        for label in self._lines[1:]:
            label.setVisible(bool(label.text()) or not self.feed.local)
        if sound:
            self._lines[0].setText(sound)
        set_property(self._lines[0], "role", "warn" if sound else "soft")
        self._show_keys(self.feed)

    def _show_since(self, now_ms: int) -> None:
        person = self._context.replica.state.participants.get(self.feed.id) if self.feed else None
        if person and person.connected_at_ms and self.feed and self.feed.live:
            time = duration((now_ms - person.connected_at_ms) / 1000)
            self._since.setText(self.tr("connected {time}").format(time=time))
        else:
            self._since.setText(presence_text(self.feed) if self.feed else "")

    def _figures(self, feed: Feed) -> tuple[str, str, str]:
        if feed.local:
            source = self._context.replica.state.sources.get(feed.id)
            return (self.tr("Own source"), source.address if source else "", "")
        link = self._context.replica.seen.link(feed.id)
        consent = self.tr("mic consent") if feed.consent else self.tr("no mic consent")
        if link is None:
            return (consent, self.tr("no figures yet"), "")
        return (
            f"{agent_text(link.agent)} · {consent}" if link.agent else consent,
            self._media(link),
            self._path(link),
        )

    def _sound(self, feed: Feed) -> str:
        """What is to be said of its sound, with the key that helps."""
        if feed.talkback:
            return self.tr("You speak to {name} only").format(name=feed.title)
        if feed.echo and not feed.ducked:
            text = self.tr("Echo from {name} · {key} turns it down")
            return text.format(name=feed.title, key=sequence_of("duck"))
        return sound_text(feed)

    def _media(self, link: Link) -> str:
        formats = self._context.formats
        size = f"{link.width_px}×{link.height_px}" if link.width_px else "–"
        rate = formats.rate(link.video_kbps + link.audio_kbps)
        return f"{size} · {formats.number(link.fps)} fps · {rate} · {link.codec}"

    def _path(self, link: Link) -> str:
        formats = self._context.formats
        return self.tr("loss {loss}% · RTT {rtt} ms · jitter {jitter} ms").format(
            loss=formats.number(link.loss_percent, 1),
            rtt=formats.number(link.rtt_ms),
            jitter=formats.number(link.jitter_ms),
        )

    def _show_keys(self, feed: Feed) -> None:
        replica, program = self._context.replica, self._context.replica.state.program
        self._preview.set_on(feed.on_preview)
        self._preview.set_pending(replica.pending(SetPreview))
        self._spotlight.set_on(program.spotlight == feed.id)
        self._spotlight.set_pending(replica.pending(SetSpotlight))
        opens = self.tr("Open mic")
        self._mute.set_text(self.tr("Mute") if feed.audible else opens)
        self._mute.setAccessibleName(self._mute.text())
        self._mute.set_icon("mic-off" if feed.audible else "mic")
        pending = replica.pending(SetParticipantMuted, participant_id=feed.id)
        self._mute.set_pending(pending or replica.pending(SetSourceMuted, source_id=feed.id))
        self._floor.setEnabled(not feed.local)
        self._talkback.setEnabled(not feed.local)
        self._talkback.set_on(feed.talkback)
        self._talkback.set_pending(replica.pending(SetTalkback))
        self._show_iso(feed)
        self._duck.setEnabled(not feed.local)
        self._duck.set_on(feed.ducked)
        self._duck.setAccessibleName(self.tr("Bring back") if feed.ducked else self.tr("Turn down"))
        self._duck.set_pending(replica.pending(SetParticipantDucked, participant_id=feed.id))
        self._lower.setEnabled(feed.hand > 0)

    def _show_iso(self, feed: Feed) -> None:
        """The switch of his own recording; its tool tip has the figures."""
        replica = self._context.replica
        self._iso.setEnabled(not feed.local)
        self._iso.set_on(bool(feed.iso))
        commands = (StartIsoRecording, StopIsoRecording)
        self._iso.set_pending(any(replica.pending(one, participant_id=feed.id) for one in commands))
        self._iso.setAccessibleName(iso_text(feed))
        set_tip(self._iso, self._iso_figures(feed) or iso_text(feed))

    def _iso_figures(self, feed: Feed) -> str:
        """How long and how large the file is and what is missing in it; empty where there is none."""
        seen = self._context.replica.seen.iso(feed.id)
        if not feed.iso or seen is None:
            return ""
        if not seen.path:
            return self.tr("Own recording waits for a picture. Click stops it; files stay.")
        text = self.tr("Recorded by itself: {time} · {size} · {n} gaps. Click stops it; files stay.")
        formats = self._context.formats
        return text.format(
            time=duration(seen.seconds), size=formats.size(seen.bytes), n=formats.number(seen.marks)
        )
