"""Menu of a tile: what can be done with that feed, by the mouse or the menu key."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu, QWidget

from ui.actions import Actions
from ui.feeds import Feed
from ui.icons import icon
from ui.widgets.labels import no_mnemonic


def iso_text(feed: Feed) -> str:
    """What the switch of a feed's own recording does now."""
    if feed.iso:
        return QCoreApplication.translate("TileMenu", "Stop recording by itself")
    return QCoreApplication.translate("TileMenu", "Record by itself")


def tile_menu(feed: Feed, actions: Actions, parent: QWidget) -> QMenu:
    """The menu of one feed; it goes when it closes."""
    menu = QMenu(parent)
    menu.setAccessibleName(no_mnemonic(feed.title))
    entries = [
        ("square", QCoreApplication.translate("TileMenu", "To preview"), lambda: actions.preview(feed.id)),
        ("star", QCoreApplication.translate("TileMenu", "Spotlight"), lambda: actions.spotlight(feed.id)),
        (
            "mic-off" if feed.audible else "mic",
            QCoreApplication.translate("TileMenu", "Mute")
            if feed.audible
            else QCoreApplication.translate("TileMenu", "Open mic"),
            lambda: actions.set_muted(feed.id, feed.audible),
        ),
    ]
    for name, text, act in entries:
        menu.addAction(icon(name), text).triggered.connect(lambda _=False, act=act: act())
    if not feed.local:
        menu.addSeparator()
        record = menu.addAction(icon("circle-stop" if feed.iso else "circle-dot"), iso_text(feed))
        record.triggered.connect(lambda: actions.set_iso(feed.id, not feed.iso))
    menu.aboutToHide.connect(menu.deleteLater)
    return menu
