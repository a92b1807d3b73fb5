"""The site list: everybody with a seat in one column, with mute, remove and invitations."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QItemSelectionModel, QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from operator_console.session.model import Presence
from ui.context import Context
from ui.dialogs.confirm import confirm
from ui.feeds import Feed, feeds, mic_ask_text
from ui.icons import pixmap
from ui.keys import LIST_KEYS, KeepKeys
from ui.replica import Changed, Kind
from ui.theme import colour, font
from ui.wall.model import FEED_ROLE, Index, WallModel
from ui.widgets.buttons import Button
from ui.widgets.labels import clean

ROW_PX = 38


def sound_text(feed: Feed) -> str:
    """What is to be said of a site's sound: echo, turned down, two in one room."""
    if feed.mic_ask:
        return mic_ask_text(feed)
    if feed.ducked:
        return QCoreApplication.translate("Sites", "turned down for its echo")
    if feed.echo:
        return QCoreApplication.translate("Sites", "Echo from {name}").format(name=clean(feed.title))
    if feed.twin:
        same_room = QCoreApplication.translate("Sites", "In the same room as no. {name}")
        twice = QCoreApplication.translate("Sites", "Joined twice: also no. {name}")
        return (same_room if feed.twin_near else twice).format(name=clean(feed.twin))
    return ""


def presence_text(feed: Feed) -> str:
    """State of a site in a word."""
    if feed.trouble:
        return QCoreApplication.translate("Sites", "no signal")
    return {
        Presence.ADMITTED: QCoreApplication.translate("Sites", "connecting"),
        Presence.LOST: QCoreApplication.translate("Sites", "connection lost"),
    }.get(feed.presence, "")


class SiteDelegate(QStyledItemDelegate):
    """Two lines a row: site and person or state; microphone at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows are equally high."""
        return QSize(100, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        feed = index.data(FEED_ROLE)
        if not isinstance(feed, Feed):
            return
        rect: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colour("blue_deep"))
        dot = "green" if feed.live else "red"
        if feed.quality == "weak" or feed.presence is Presence.ADMITTED or feed.twin or feed.echo:
            dot = "amber"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(dot))
        painter.drawEllipse(QRect(rect.left() + 8, rect.center().y() - 3, 8, 8))
        text = rect.adjusted(26, 3, -30, -3)
        self._line(painter, text, f"{feed.tag}  {feed.title}", "text", QFont.Weight.DemiBold, top=True)
        sound = sound_text(feed)
        second = presence_text(feed) or sound or feed.detail
        tone = "amber_text" if second == sound and sound else "text_soft"
        self._line(painter, text, second, tone, QFont.Weight.Normal, top=False)
        mic, tone = ("mic", "text") if feed.audible else ("mic-off", "red_text")
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(rect.right() - 24, rect.center().y() - 7, pixmap(mic, tone, 15, ratio))

    def _line(
        self, painter: QPainter, rect: QRect, text: str, tone: str, weight: QFont.Weight, *, top: bool
    ) -> None:
        face = font(13 if top else 12, weight)
        painter.setFont(face)
        painter.setPen(colour(tone))
        line = QRect(rect.left(), rect.top() + (0 if top else 16), rect.width(), 16)
        short = QFontMetrics(face).elidedText(clean(text), Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, short)


class SitesTab(QWidget):
    """Signals: invite_wanted() when the operator wants to make or see invitations."""

    invite_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._model = WallModel(self)
        self.list = QListView()
        self.list.setModel(self._model)
        self._delegate = SiteDelegate(self)
        self.list.setItemDelegate(self._delegate)
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setMinimumHeight(ROW_PX)
        self.list.setAccessibleName(self.tr("Site list"))
        KeepKeys(self.list, LIST_KEYS)
        self._invite = Button(self.tr("Invitations…"), "link", "primary")
        self._mute = Button(self.tr("Mute"), "mic-off")
        self._remove = Button(self.tr("Remove"), "user-x", "danger")
        self._invite.clicked.connect(self.invite_wanted)
        self._mute.clicked.connect(lambda: context.actions.toggle_muted(context.actions.selected))
        self._remove.clicked.connect(lambda: remove_with_question(self, context, context.actions.selected))
        self._keys = QHBoxLayout()
        self._keys.setSpacing(6)
        self._keys.addWidget(self._mute, 1)
        self._keys.addWidget(self._remove, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(6)
        self._head = QVBoxLayout()
        self._head.addWidget(self._invite)
        layout.addLayout(self._head)
        layout.addWidget(self.list, 1)
        layout.addLayout(self._keys)
        self.list.clicked.connect(self._on_clicked)
        self.list.activated.connect(self._on_clicked)
        context.replica.changed.connect(self._on_changed)
        context.desk.changed.connect(self._on_desk)
        self._show()

    def set_compact(self, compact: bool) -> None:
        """All keys in one row where the column is low."""
        for button in (self._invite, self._mute, self._remove):
            button.set_tight(compact)
        if compact:
            self._keys.insertWidget(0, self._invite, 1)
        else:
            self._head.addWidget(self._invite)

    def _on_clicked(self, index: QModelIndex) -> None:
        feed = index.data(FEED_ROLE)
        if isinstance(feed, Feed):
            self._context.desk.set(selected=feed.id)

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.PEOPLE, Kind.SOURCES, Kind.LINKS, Kind.SESSION, Kind.LINK, Kind.ECHO):
            self._show()

    def _on_desk(self, _view: object) -> None:
        self._show()

    def _show(self) -> None:
        state, seen = self._context.replica.state, self._context.replica.seen
        self._model.show(feeds(state, seen))
        selected = self._context.desk.view.selected
        row = self._model.row_of(selected)
        flag = QItemSelectionModel.SelectionFlag
        if row >= 0:
            self.list.selectionModel().setCurrentIndex(self._model.index(row), flag.ClearAndSelect)
        else:
            self.list.clearSelection()
        feed = self._model.feeds[row] if row >= 0 else None
        self._mute.setEnabled(feed is not None)
        self._remove.setEnabled(feed is not None)
        self._mute.set_text(self.tr("Mute") if feed is None or feed.audible else self.tr("Open mic"))

    def count(self) -> int:
        """How many sites have a seat."""
        return len(self._model.feeds)


def remove_with_question(parent: QWidget, context: Context, source_id: str) -> None:
    """Remove a participant or source, after a question where the settings want one."""
    state = context.replica.state
    person, source = state.participants.get(source_id), state.sources.get(source_id)
    name = person.name if person else source.name if source else ""
    if not name:
        return
    confirm(
        parent,
        context.settings.confirm_remove,
        QCoreApplication.translate("Sites", "Remove {name}?").format(name=clean(name)),
        QCoreApplication.translate(
            "Sites", "The picture and sound go at once. A participant needs the lobby to come back."
        )
        if person
        else QCoreApplication.translate("Sites", "The source stops at once."),
        QCoreApplication.translate("Sites", "Remove"),
        lambda: context.actions.remove(source_id),
    )
