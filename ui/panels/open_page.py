"""Before a session: waiting for the engine, and the form that opens a session."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from operator_console.protocol import OpenSession
from ui.causes import Family, worded
from ui.context import Context
from ui.first_start import last_session, remember_session, remember_setup_offered, setup_offered
from ui.icons import pixmap
from ui.link import Loss
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import PlainLabel

CARD_PX = 520
ZONES = (("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT"))
LONGEST_TITLE = 120


class _CardPage(QWidget):
    """A card in the middle of the window."""

    def __init__(self) -> None:
        super().__init__()
        self.card = QFrame()
        self.card.setObjectName("card")
        self.card.setFixedWidth(CARD_PX)
        self.lines = QVBoxLayout(self.card)
        self.lines.setContentsMargins(32, 28, 32, 28)
        self.lines.setSpacing(12)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)


class WaitingPage(_CardPage):
    """Says that the engine is being started, or why it is not there."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        picture = PlainLabel()
        picture.setPixmap(pixmap("cpu", "blue", 36, self.devicePixelRatioF()))
        self._title = PlainLabel("", "title")
        self._detail = PlainLabel("", "soft")
        self._detail.setWordWrap(True)
        for label in (picture, self._title, self._detail):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            self.lines.addWidget(label)
        self.again = Button(self.tr("Start the engine"), "log-in", "primary")
        self.again.clicked.connect(self._on_again)
        self.lines.addWidget(self.again)
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if Kind.LINK in changed:
            self._show()

    def _on_again(self) -> None:
        self._context.replica.link.want_engine()
        self.again.setEnabled(False)

    def _show(self) -> None:
        ended = self._context.replica.loss is Loss.ENDED
        self.again.setVisible(ended)
        self.again.setEnabled(True)
        if ended:
            self._title.setText(self.tr("The engine was stopped"))
            self._detail.setText(self.tr("Nobody can join. Start it again, or close this window."))
        elif self._context.replica.loss is Loss.OTHER_VERSION:
            self._title.setText(self.tr("The engine is of another version"))
            self._detail.setText(self.tr("End the running engine, then start the console again."))
        else:
            self._title.setText(self.tr("Starting the engine…"))
            self._detail.setText(self.tr("This takes a few seconds."))


class OpenPage(_CardPage):
    """Title, office and time zone of a new session, as they were the last time.

    Signals: settings_wanted().
    """

    settings_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._opened_here = False
        self._title = PlainLabel(self.tr("Open a session"), "title")
        self._last = PlainLabel("", "soft")
        self._last.setWordWrap(True)  # a long title must not push the time away
        self.name = QLineEdit(last_session("title"))
        self.name.setMaxLength(LONGEST_TITLE)
        self.name.setPlaceholderText(self.tr("For example: Development planning meeting 2027"))
        self.office = QLineEdit(last_session("office") or context.settings.office_name)
        self.office.setMaxLength(LONGEST_TITLE)
        self.office.setPlaceholderText(self.tr("For example: Command center"))
        self.zone = QComboBox()
        for zone, short in ZONES:
            self.zone.addItem(f"{short} · {zone}", zone)
        zone = last_session("timezone") or context.settings.timezone
        self.zone.setCurrentIndex(max(0, self.zone.findData(zone)))
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setSpacing(8)
        for text, field in (
            (self.tr("Title of the session"), self.name),
            (self.tr("Office"), self.office),
            (self.tr("Time zone"), self.zone),
        ):
            label = PlainLabel(text, "soft")
            label.setBuddy(field)
            field.setAccessibleName(text)
            form.addRow(label, field)
        self.open = Button(self.tr("Open session"), "log-in", "primary")
        self.open.setMinimumHeight(36)
        self.open.clicked.connect(self._on_open)
        self.name.returnPressed.connect(self._on_open)
        self.office.returnPressed.connect(self._on_open)
        self.name.textChanged.connect(lambda _text: self._show())
        settings = IconButton(self.tr("Settings"), "settings", key="Ctrl+,")
        settings.clicked.connect(self.settings_wanted)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(settings)
        self.lines.addLayout(head)
        self.lines.addWidget(self._last)
        self.unreachable = PlainLabel("", "error")
        self.unreachable.setWordWrap(True)
        self.lines.addWidget(self.unreachable)
        self.lines.addLayout(form)
        self.setup = QCheckBox(self.tr("Then set up camera and sound of the hall"))
        self.setup.setChecked(not setup_offered())
        self.lines.addWidget(self.setup)
        self.setup.setVisible(not setup_offered())
        self.lines.addSpacing(6)
        self.lines.addWidget(self.open)
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.SESSION, Kind.PENDING, Kind.LINK, Kind.ROOM):
            self._show()

    def _on_open(self) -> None:
        if self.open.isEnabled():
            self._opened_here = True
            title, office = self.name.text().strip(), self.office.text().strip()
            zone = self.zone.currentData()
            remember_session(title=title, office=office, timezone=zone)
            self._context.replica.send(OpenSession(title=title, office=office, timezone=zone))

    def typed(self) -> tuple[str, str, int]:
        """What stands in the fields, for the page that follows in another language."""
        return self.name.text(), self.office.text(), self.zone.currentIndex()

    def type_again(self, typed: tuple[str, str, int]) -> None:
        """Take over what stood in the fields of the page before."""
        title, office, zone = typed
        self.name.setText(title)
        self.office.setText(office)
        self.zone.setCurrentIndex(zone)

    def take_setup_wish(self) -> bool:
        """Whether the set-up is to follow; asked once on a machine, of whoever opened by this page."""
        if setup_offered() or not self._opened_here:
            return False
        remember_setup_offered()
        self.setup.hide()
        return self.setup.isChecked()

    def _show(self) -> None:
        replica = self._context.replica
        room = replica.seen.room
        failed = replica.connected and room is not None and room.state == "failed"
        self.unreachable.setText(worded(Family.ROOM, room).text if failed else "")
        self.unreachable.setVisible(failed)
        ended = replica.state.title if replica.state.closed_at_ms else ""
        self._last.setVisible(bool(ended))
        if ended:
            time = self._context.formats.clock(replica.state.closed_at_ms)
            self._last.setText(self.tr("“{title}” ended at {time}.").format(title=ended, time=time))
        self.open.setEnabled(bool(self.name.text().strip()) and replica.connected)
        self.open.set_pending(replica.pending(OpenSession))
