"""What a broadcast with the YouTube account needs: account, texts, who may watch, picture, time.

How a dialog embeds it::

    if broadcast_offered(context):          # a Cloud project is set up; else do not show the destination
        form = BroadcastForm(context)       # a QWidget of about 480 px, no buttons of its own that go live
        form.changed.connect(...)           # ask problem() and yes_text() again
        form.problem()                      # "" = may go; else the sentence to show, with `yes` disabled
        form.yes_text()                     # words of the key that does it: go live, or plan
        context.replica.send(form.command(), on_failed=...)   # StartBroadcast or ScheduleBroadcast

The destination is called `broadcast_name()`; its livestream has the id `YOUTUBE_ACCOUNT`: it is stopped with
`StopLivestream(destination_id=YOUTUBE_ACCOUNT)` like any other, and shown like any other.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDateTime, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateTimeEdit,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from operator_console.protocol import LookForBroadcasts, ScheduleBroadcast, StartBroadcast
from operator_console.settings import time_zone
from ui.context import Context
from ui.dialogs.base import form_of
from ui.observations import PlannedSeen
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import PlainLabel, no_mnemonic
from ui.youtube.account import OFF, SIGNED_IN, AccountBox

TITLE_MAX_CHARS, DESCRIPTION_MAX_CHARS = 100, 5000
PICTURE_MAX_BYTES = 2 * 1024 * 1024
PRIVACIES = ("public", "unlisted", "private")


def broadcast_offered(context: Context) -> bool:
    """Whether YouTube with an account is set up on this machine."""
    return context.replica.seen.youtube.state != OFF


def broadcast_name() -> str:
    """What the destination is called."""
    return QCoreApplication.translate("Youtube", "YouTube (account)")


class BroadcastForm(QWidget):
    """Signals: changed() when `problem` or `yes_text` may have changed."""

    changed = Signal()

    def __init__(self, context: Context, account: AccountBox | None = None) -> None:
        super().__init__()
        self._context = context
        self._planned: tuple[PlannedSeen, ...] = ()
        self.account = account or AccountBox(context)
        self.which = QComboBox()
        self.look = IconButton(self.tr("Look for planned broadcasts"), "search", colour="text_soft")
        self.title = QLineEdit(context.replica.state.title[:TITLE_MAX_CHARS])
        self.title.setMaxLength(TITLE_MAX_CHARS)
        self.description = QPlainTextEdit()
        self.description.setFixedHeight(72)
        self.description.setTabChangesFocus(True)
        self.privacy = QComboBox()
        self.privacy.setPlaceholderText(self.tr("Choose who may watch"))
        words = (self.tr("Everybody"), self.tr("Who has the address"), self.tr("Only this channel"))
        for value, word in zip(PRIVACIES, words, strict=True):
            self.privacy.addItem(word, value)
        self.privacy.setCurrentIndex(-1)
        self.picture = QLineEdit()
        self.picture.setPlaceholderText(self.tr("None: YouTube takes one of the stream"))
        self.choose = Button(self.tr("Choose…"))
        self.later = QCheckBox(self.tr("Plan for later, do not go live now"))
        self.time = QDateTimeEdit(self._in_an_hour())
        self.time.setCalendarPopup(True)
        self.time.setDisplayFormat("dd/MM/yyyy HH:mm")
        self._build()
        self._connect()
        self._show_planned()
        self._show()
        if context.replica.seen.youtube.state == SIGNED_IN and context.replica.seen.youtube.upcoming is None:
            context.replica.send(LookForBroadcasts(), on_failed=self._on_no_look)

    def _build(self) -> None:
        which, picture = QWidget(), QWidget()
        for whole, field, key in ((which, self.which, self.look), (picture, self.picture, self.choose)):
            line = QHBoxLayout(whole)
            line.setContentsMargins(0, 0, 0, 0)
            line.addWidget(field, 1)
            line.addWidget(key)
        texts = self.tr("Broadcast"), self.tr("Picture (JPEG or PNG, 2 MB at most)")
        self.which.setAccessibleName(texts[0])
        self.picture.setAccessibleName(texts[1])
        rows = form_of(
            (texts[0], which),
            (self.tr("Title"), self.title),
            (self.tr("Description"), self.description),
            (self.tr("Who may watch"), self.privacy),
            (texts[1], picture),
        )
        self.zone = PlainLabel("", "soft")
        self.time.setAccessibleName(self.tr("Planned time"))
        when = QHBoxLayout()
        when.addWidget(self.later, 1)
        when.addWidget(self.time)
        when.addWidget(self.zone)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.account)
        layout.addLayout(rows)
        layout.addLayout(when)

    def _connect(self) -> None:
        self.look.clicked.connect(lambda: self._context.replica.send(LookForBroadcasts()))
        self.choose.clicked.connect(self._on_choose)
        self.which.currentIndexChanged.connect(lambda _index: self._on_which())
        for signal in (self.title.textChanged, self.privacy.currentIndexChanged, self.picture.textChanged):
            signal.connect(self._show)
        self.description.textChanged.connect(self._show)
        self.later.toggled.connect(self._show)
        self.time.dateTimeChanged.connect(self._show)
        self._context.replica.changed.connect(self._on_changed)

    # ---- what the dialog asks

    def problem(self) -> str:
        """Why it may not go yet; empty where it may."""
        if self._context.replica.seen.youtube.state != SIGNED_IN:
            return self.tr("Sign in to YouTube first.")
        if not self.title.text().strip():
            return self.tr("The broadcast needs a title.")
        if set("<>") & set(self.title.text() + self.description.toPlainText()):
            return self.tr("YouTube takes no < and > in title and description.")
        if len(self.description.toPlainText().encode()) > DESCRIPTION_MAX_CHARS:
            return self.tr("The description is too long for YouTube.")
        if self.privacy.currentData() is None:
            return self.tr("Choose who may watch.")
        if self.later.isChecked() and self._scheduled_ms() <= self._context.ticker.now_ms():
            return self.tr("The planned time has passed.")
        return self._wrong_picture()

    def _wrong_picture(self) -> str:
        file = self.picture.text().strip()
        if not file:
            return ""
        path = Path(file)
        if not path.is_file():
            return self.tr("The picture is not there.")
        if path.stat().st_size > PICTURE_MAX_BYTES:
            return self.tr("The picture is larger than 2 MB.")
        return ""

    def yes_text(self) -> str:
        """Words of the key that does it."""
        return self.tr("Plan the broadcast") if self.later.isChecked() else self.tr("Go live now")

    def command(self) -> StartBroadcast | ScheduleBroadcast:
        """The order, as the fields stand."""
        title, description = self.title.text().strip(), self.description.toPlainText().strip()
        privacy, thumbnail = str(self.privacy.currentData() or ""), self.picture.text().strip()
        if self.later.isChecked():
            return ScheduleBroadcast(
                title=title,
                description=description,
                privacy=privacy,
                thumbnail=thumbnail,
                scheduled_at_ms=self._scheduled_ms(),
            )
        return StartBroadcast(
            title=title,
            description=description,
            privacy=privacy,
            thumbnail=thumbnail,
            broadcast_id=str(self.which.currentData() or ""),
        )

    def _in_an_hour(self) -> QDateTime:
        """On the clock of the session, which need not be that of this computer."""
        zone = time_zone(self._context.formats.timezone)
        now = datetime.datetime.fromtimestamp(self._context.ticker.now_ms() / 1000 + 3600, zone)
        return QDateTime(now.year, now.month, now.day, now.hour, now.minute, 0)

    def _scheduled_ms(self) -> int:
        moment = self.time.dateTime()
        day, hour = moment.date(), moment.time()
        zone = time_zone(self._context.formats.timezone)
        local = datetime.datetime(day.year(), day.month(), day.day(), hour.hour(), hour.minute(), tzinfo=zone)
        return round(local.timestamp() * 1000)

    # ---- events

    def _on_no_look(self, _notice: object) -> None:
        """The list stays empty; a new broadcast can be made all the same."""

    def _on_choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Picture of the broadcast"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(self.tr("Pictures") + " (*.jpg *.jpeg *.png)")
        dialog.fileSelected.connect(self.picture.setText)
        dialog.open()

    def _on_which(self) -> None:
        """A planned broadcast brings its texts along."""
        found = next((one for one in self._planned if one.id == self.which.currentData()), None)
        if found is not None:
            self.title.setText(found.title[:TITLE_MAX_CHARS])
            self.description.setPlainText(found.description[:DESCRIPTION_MAX_CHARS])
            self.privacy.setCurrentIndex(self.privacy.findData(found.privacy))
            self.later.setChecked(False)
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.YOUTUBE, Kind.LINK):
            self._show_planned()
            self._show()

    def _show_planned(self) -> None:
        planned = self._context.replica.seen.youtube.upcoming or ()
        if planned == self._planned and self.which.count():
            return
        self._planned, chosen = planned, self.which.currentData()
        formats = self._context.formats
        self.which.blockSignals(True)
        try:
            self.which.clear()
            self.which.addItem(self.tr("A new one"), "")
            for one in planned:
                when = f"{formats.date(one.scheduled_at_ms)} {formats.clock(one.scheduled_at_ms)[:5]}"
                self.which.addItem(no_mnemonic(f"{when} · {one.title}"), one.id)
            self.which.setCurrentIndex(max(0, self.which.findData(chosen)))
        finally:
            self.which.blockSignals(False)

    def _show(self) -> None:
        inside = self._context.replica.seen.youtube.state == SIGNED_IN
        for field in (self.which, self.look, self.title, self.description, self.privacy):
            field.setEnabled(inside)
        picked = bool(self.which.currentData())
        self.later.setEnabled(inside and not picked)
        for one in (self.time, self.zone):
            one.setVisible(self.later.isChecked())
        self.zone.setText(self._context.formats.zone(self._context.ticker.now_ms()))
        self.changed.emit()
