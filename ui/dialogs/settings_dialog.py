"""The settings, generated from their table; each change goes to the engine, which checks and keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from operator_console.protocol import SetSetting
from operator_console.settings import SETTINGS, Setting, SettingsError, locked_settings
from ui.causes import Family, sentence
from ui.context import Context
from ui.dialogs.base import Dialog, form_of
from ui.dialogs.destinations_tab import DestinationsTab
from ui.dialogs.setting_fields import make_field, value_of
from ui.dialogs.setting_texts import GROUPS
from ui.keystore import KeyStore
from ui.widgets.labels import PlainLabel


class SettingsDialog(Dialog):
    """All tabs; `on_saved` is called for each change that the engine has taken."""

    def __init__(
        self, parent: QWidget, context: Context, keys: KeyStore, on_saved: Callable[[str, Any], None]
    ) -> None:
        super().__init__(parent, width_px=760)
        self._context, self._on_saved = context, on_saved
        self.set_words(self.tr("Settings"), self.tr("Cancel"), self.tr("Save"))
        self.fields: dict[str, tuple[QWidget, Any]] = {}
        self._locked = self._read_locked()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName(self.tr("Settings"))
        self.tabs.setMinimumHeight(440)
        by_name = {setting.name: setting for setting in SETTINGS}
        for group, names in GROUPS.items():
            rows = [
                (by_name[name], QCoreApplication.translate("SettingNames", text))
                for name, text in names.items()
            ]
            self.tabs.addTab(self._page(rows), QCoreApplication.translate("SettingNames", group))
        self.destinations = DestinationsTab(context, keys)
        self.tabs.addTab(self.destinations, self.tr("Livestream"))
        self.body.addWidget(self.tabs)
        note = PlainLabel("", "soft")
        note.setWordWrap(True)
        note.setText(self.tr("Ports, sizes and rates count from the next start of the engine."))
        self.body.addWidget(note)
        self.yes.clicked.connect(self._on_save)

    def show_destinations(self) -> None:
        """Open the tab of the livestream destinations."""
        self.tabs.setCurrentWidget(self.destinations)

    def _read_locked(self) -> frozenset[str]:
        try:
            return locked_settings()
        except SettingsError as error:
            worded = sentence(Family.SETTING, error.code, {**error.details, "name": ""})
            self.show_trouble(worded or str(error))
            return frozenset()

    def _page(self, rows: list[tuple[Setting, str]]) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(2, 12, 8, 8)
        layout.setSpacing(8)
        for setting, name in rows:
            value = getattr(self._context.settings, setting.name)
            field = make_field(setting, value, name)
            if setting.name in self._locked:
                field.setEnabled(False)
                name += " · " + self.tr("fixed by the administrator")
            self.fields[setting.name] = (field, value)
            if isinstance(field, QCheckBox):
                layout.addWidget(field)
            else:
                layout.addLayout(form_of((name, field)))
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        return area

    def _on_save(self) -> None:
        changes = {
            name: value_of(field)
            for name, (field, before) in self.fields.items()
            if field.isEnabled() and value_of(field) != before
        }
        if (destinations := self.destinations.changed_destinations()) is not None:
            changes["destinations"] = destinations
        self.destinations.save_keys()
        for name, value in changes.items():
            self._send(name, value)
        self.accept()

    def _send(self, name: str, value: Any) -> None:
        # The dialog may be gone when the answer comes, so nothing of it may be held here.
        on_saved = self._on_saved
        self._context.replica.send(SetSetting(name=name, value=value), lambda _result: on_saved(name, value))
