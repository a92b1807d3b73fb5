"""Livestream destinations: name and address in the settings, the key in the machine's keyring."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from operator_console.settings import Destination
from ui.context import Context
from ui.dialogs.base import form_of
from ui.keystore import KeyStore
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import set_property


class DestinationFields(QFrame):
    """The fields of one destination."""

    def __init__(self, name: str = "", url: str = "", backup_url: str = "") -> None:
        super().__init__()
        self.setObjectName("row")
        self.name, self.url, self.key = QLineEdit(name), QLineEdit(url), QLineEdit()
        self.backup_url = QLineEdit(backup_url)
        self.backup_url.setPlaceholderText(self.tr("Empty: there is none"))
        self.name.setMaxLength(60)
        self.url.setPlaceholderText("rtmps://a.rtmps.youtube.com/live2")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(
            self.tr("Empty: as it is") if name else self.tr("Empty: asked when you go live")
        )
        self.remove = IconButton(self.tr("Remove destination"), "trash-2", colour="text_soft")
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.addLayout(form_of((self.tr("Name"), self.name)), 2)
        addresses = form_of(
            (self.tr("Address, without the key"), self.url), (self.tr("Backup address"), self.backup_url)
        )
        line.addLayout(addresses, 4)
        line.addLayout(form_of((self.tr("Stream key"), self.key)), 3)
        line.addWidget(self.remove)
        fields = (self.name, self.url, self.key, self.backup_url, self.remove)
        for before, after in pairwise(fields):  # the key comes right after its address
            QWidget.setTabOrder(before, after)

    def value(self) -> dict[str, str]:
        """As the settings table has it."""
        value = {"name": self.name.text().strip(), "url": self.url.text().strip()}
        backup_url = self.backup_url.text().strip()
        return {**value, "backup_url": backup_url} if backup_url else value


def _value(destination: Destination) -> dict[str, str]:
    value = {"name": destination.name, "url": destination.url}
    return {**value, "backup_url": destination.backup_url} if destination.backup_url else value


class DestinationsTab(QWidget):
    """List of destinations with a key to add one.

    Signals: keys_kept(bool) when all keys that were typed have been put into the keyring, or one could not.
    """

    keys_kept = Signal(bool)

    def __init__(self, context: Context, keys: KeyStore) -> None:
        super().__init__()
        self._context, self._keys = context, keys
        self._rows: list[DestinationFields] = []
        self._before = [_value(one) for one in context.settings.destinations]
        hint = PlainLabel("", "soft")
        hint.setWordWrap(True)
        hint.setText(
            self.tr("The stream key is kept in this computer's password store, never in a file or a log.")
        )
        page = QWidget()
        self._lines = QVBoxLayout(page)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        self.add = Button(self.tr("Add destination"), "plus")
        self.add.clicked.connect(lambda _=False: self.add_row())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 12, 2, 8)
        layout.addWidget(hint)
        layout.addWidget(area, 1)
        layout.addWidget(self.add)
        self.wrong = PlainLabel("", "error")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        layout.addWidget(self.wrong)
        for destination in self._before:
            self.add_row(**destination)

    def add_row(self, name: str = "", url: str = "", backup_url: str = "") -> DestinationFields:
        """One more destination."""
        row = DestinationFields(name, url, backup_url)
        row.remove.clicked.connect(lambda: self._drop(row))
        self._rows.append(row)
        self._lines.insertWidget(self._lines.count() - 1, row)
        return row

    def _drop(self, row: DestinationFields) -> None:
        self._rows.remove(row)
        self.show_wrong("")
        self._lines.removeWidget(row)
        row.hide()
        row.deleteLater()

    def changed_destinations(self) -> list[dict[str, Any]] | None:
        """The whole new list, or None where it is as before."""
        now = [row.value() for row in self._rows if any(row.value().values())]
        return None if now == self._before else now

    def take_as_kept(self) -> None:
        """The engine has what stands here now."""
        self._before = [row.value() for row in self._rows if any(row.value().values())]

    def show_wrong(self, text: str, name: str = "", field: str = "") -> None:
        """Say what is wrong, and mark the field of the destination of that name: its address, or another."""
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))
        for row in self._rows:
            for one in (row.name, row.url, row.key, row.backup_url):
                set_property(one, "wrong", False)
            if text and row.value()["name"] == name:
                address = row.backup_url if field == "backup_url" else row.url
                set_property(address if name else row.name, "wrong", True)
                (address if name else row.name).setFocus()

    def save_keys(self) -> None:
        """Put the keys that were typed into the keyring, one by one; `keys_kept` says how it went."""
        row = next((row for row in self._rows if row.key.text().strip()), None)
        if row is None:
            self.keys_kept.emit(True)
            return

        def on_saved(worked: bool) -> None:
            if row not in self._rows:  # taken away meanwhile
                self.save_keys()
                return
            if worked:
                row.key.clear()
                self.save_keys()
                return
            self.show_wrong(
                self.tr(
                    "The password store of this computer does not work, so the stream key was not kept. "
                    "Empty the field to save without it, and type the key when you go live."
                )
            )
            set_property(row.key, "wrong", True)
            self.keys_kept.emit(False)

        self._keys.set(row.value()["name"], row.key.text().strip(), self, on_saved)
