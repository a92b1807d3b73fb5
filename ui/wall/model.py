"""The feeds of the wall's visible page as a list model; rows carry a Feed and speak for screen readers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QCoreApplication,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from operator_console.session.model import Presence
from ui.feeds import Feed
from ui.widgets.labels import clean

FEED_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


def spoken(feed: Feed) -> str:
    """What a screen reader says of a tile: name, microphone, tally, hand, connection."""
    words = [feed.tag, clean(feed.title)]
    if feed.detail:
        words.append(clean(feed.detail))
    if feed.on_air:
        words.append(QCoreApplication.translate("WallModel", "on program"))
    if feed.on_preview:
        words.append(QCoreApplication.translate("WallModel", "in preview"))
    if feed.hand:
        words.append(QCoreApplication.translate("WallModel", "hand raised, place {n}").format(n=feed.hand))
    if feed.presence is not Presence.CONNECTED or feed.trouble:
        words.append(QCoreApplication.translate("WallModel", "not connected"))
    elif feed.audible:
        words.append(QCoreApplication.translate("WallModel", "microphone open"))
    else:
        words.append(QCoreApplication.translate("WallModel", "microphone off"))
    if feed.echo and not feed.ducked:
        words.append(QCoreApplication.translate("WallModel", "returns sound"))
    if feed.ducked:
        words.append(QCoreApplication.translate("WallModel", "turned down"))
    if feed.twin:
        twin = QCoreApplication.translate("WallModel", "joined twice, also number {name}")
        words.append(twin.format(name=clean(feed.twin)))
    if feed.iso:
        words.append(
            {
                "recording": QCoreApplication.translate("WallModel", "recorded by itself"),
                "waiting": QCoreApplication.translate("WallModel", "own recording waits for a picture"),
                "failed": QCoreApplication.translate("WallModel", "own recording failed"),
            }[feed.iso]
        )
    if feed.talkback:
        words.append(QCoreApplication.translate("WallModel", "you speak to this office"))
    return ", ".join(words)


class WallModel(QAbstractListModel):
    """Rows of one page; tells the view only what really changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.feeds: tuple[Feed, ...] = ()

    def show(self, feeds: tuple[Feed, ...]) -> None:
        """Show these feeds; the same ids in the same order keep the view's state."""
        before = self.feeds
        if [feed.id for feed in before] != [feed.id for feed in feeds]:
            self.beginResetModel()
            self.feeds = feeds
            self.endResetModel()
            return
        self.feeds = feeds
        for row, (old, new) in enumerate(zip(before, feeds, strict=True)):
            if old != new:
                index = self.index(row)
                self.dataChanged.emit(index, index)

    def row_of(self, source_id: str) -> int:
        """Row of a feed, -1 where it is not on this page."""
        return next((row for row, feed in enumerate(self.feeds) if feed.id == source_id), -1)

    def rowCount(self, parent: Index | None = None) -> int:
        """Number of tiles."""
        return 0 if parent is not None and parent.isValid() else len(self.feeds)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A tile's feed, name and what is said of it."""
        if not index.isValid() or index.row() >= len(self.feeds):
            return None
        feed = self.feeds[index.row()]
        if role == FEED_ROLE:
            return feed
        if role == Qt.ItemDataRole.DisplayRole:
            return clean(feed.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(feed)
        return None
