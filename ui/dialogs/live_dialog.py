"""Before going live: where to, what goes out, and whether the machine is ready."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from operator_console.protocol import StartLivestream
from ui.context import Context
from ui.dialogs.base import Dialog, form_of
from ui.keystore import KeyStore
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import set_property


class LiveDialog(Dialog):
    """Signals: settings_wanted() where there is no destination yet."""

    settings_wanted = Signal()

    def __init__(self, parent: QWidget, context: Context, keys: KeyStore) -> None:
        super().__init__(parent)
        self._context, self._keys_store = context, keys
        ready = bool(context.settings.destinations)
        yes = self.tr("Go live now") if ready else self.tr("Open settings")
        self.set_words(self.tr("Go live"), self.tr("Cancel"), yes)
        self.destination = QComboBox()
        for destination in context.settings.destinations:
            self.destination.addItem(destination.name, destination)
        self.key = QLineEdit()
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.key.setPlaceholderText(self.tr("Empty: the key from this computer's password store"))
        self._checks = [PlainLabel("", "soft") for _ in range(3)]
        title = PlainLabel(context.replica.state.title, "strong")
        title.setWordWrap(True)
        self.body.addWidget(title)
        if ready:
            self._fill()
        else:
            self._fill_empty()

    def _fill(self) -> None:
        self.body.addLayout(
            form_of(
                (self.tr("Destination"), self.destination),
                (self.tr("Stream key for this time only"), self.key),
            )
        )
        for label in self._checks:
            self.body.addWidget(label)
        self.yes.clicked.connect(self._on_start)
        self._show_checks()
        self.destination.currentIndexChanged.connect(lambda _index: self._ask_key())
        self._ask_key()

    def _fill_empty(self) -> None:
        text = PlainLabel()
        text.setWordWrap(True)
        text.setText(self.tr("There is no livestream destination yet. Add one in the settings."))
        self.body.addWidget(text)
        self.yes.clicked.connect(self._on_settings)

    def _show_checks(self) -> None:
        replica, formats = self._context.replica, self._context.formats
        program, state = replica.seen.program, replica.state.program
        figures = self.tr("Encoder: no figures yet")
        if program:
            figures = self.tr("Encoder: {fps} fps, {late} late frames").format(
                fps=formats.number(program.fps, 1), late=formats.number(program.late_frames)
            )
        covered = (
            self.tr("The slate covers the program") if state.slate else self.tr("The program is visible")
        )
        self._checks[0].setText(figures)
        self._checks[1].setText(covered)
        set_property(self._checks[1], "role", "warn" if state.slate else "soft")

    def _ask_key(self) -> None:
        destination = self.destination.currentData()
        if destination:
            self._keys_store.has(destination.name, self, self._on_key_known)

    def _on_key_known(self, known: bool | None) -> None:
        texts = {
            True: self.tr("The stream key is in this computer's password store"),
            False: self.tr(
                "No stream key in this computer's password store: type it here or in the settings"
            ),
            None: self.tr("This computer has no password store: type the stream key here"),
        }
        self._checks[2].setText(texts[known])
        set_property(self._checks[2], "role", "soft" if known else "warn")

    def _on_settings(self) -> None:
        self.reject()
        self.settings_wanted.emit()

    def _on_start(self) -> None:
        destination = self.destination.currentData()
        key = self.key.text().strip()
        self.key.clear()
        self._context.replica.send(
            StartLivestream(
                destination_id=destination.name, url=destination.url, name=destination.name, key=key
            )
        )
        self.accept()
