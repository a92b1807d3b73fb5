"""The settings, generated from their table; each change goes to the engine, which checks and keeps it.

The dialog stays open until all are kept: what was typed is never lost, a field that is wrong says so itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from operator_console.settings import SETTINGS, Setting, SettingsError, locked_settings
from ui.causes import Family, sentence
from ui.context import Context
from ui.dialogs.base import Dialog, form_of
from ui.dialogs.destinations_tab import DestinationsTab
from ui.dialogs.saving import Saving
from ui.dialogs.setting_fields import make_field, value_of
from ui.dialogs.setting_texts import GROUPS
from ui.keystore import KeyStore
from ui.notices import notice_text
from ui.replica import Notice
from ui.widgets.labels import PlainLabel
from ui.widgets.styled import set_property


class SettingsDialog(Dialog):
    """All tabs; `on_saved` is called for each change that the engine has taken."""

    def __init__(
        self, parent: QWidget, context: Context, keys: KeyStore, on_saved: Callable[[str, Any], None]
    ) -> None:
        super().__init__(parent, width_px=760)
        self._context, self._on_saved, self._window = context, on_saved, parent
        self.set_words(self.tr("Settings"), self.tr("Cancel"), self.tr("Save"))
        self.fields: dict[str, tuple[QWidget, Any]] = {}
        self.wrong: dict[str, PlainLabel] = {}
        self._troubled = False
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
        self.destinations.keys_kept.connect(self._on_keys_kept)
        self.tabs.addTab(self.destinations, self.tr("Livestream"))
        self.body.addWidget(self.tabs)
        self.note = PlainLabel("", "soft")
        self.note.setWordWrap(True)
        self.body.addWidget(self.note)
        self.tabs.currentChanged.connect(self._show_note)
        self._show_note(self.tabs.currentIndex())
        self.yes.clicked.connect(self._on_save)

    def show_destinations(self) -> None:
        """Open the tab of the livestream destinations."""
        self.tabs.setCurrentWidget(self.destinations)

    def _show_note(self, tab: int) -> None:
        """Say which settings of this tab count later; the others count at once."""
        names = list(GROUPS.values())[tab] if tab < len(GROUPS) else {}
        later = [
            QCoreApplication.translate("SettingNames", names[setting.name])
            for setting in SETTINGS
            if setting.name in names and not setting.live
        ]
        text = self.tr("Counts from the next start of the engine: {names}.").format(names=" · ".join(later))
        if later and len(later) == len(names):
            text = self.tr("Everything in this tab counts from the next start of the engine.")
        self.note.setText(text if later else "")

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
            wrong = PlainLabel("", "error")
            wrong.setWordWrap(True)
            wrong.hide()
            self.wrong[setting.name] = wrong
            layout.addWidget(wrong)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        return area

    def _changes(self) -> dict[str, Any]:
        """What the engine is to take; another language comes last, for it builds the window again."""
        changes = {
            name: value_of(field)
            for name, (field, before) in self.fields.items()
            if field.isEnabled() and value_of(field) != before and name != "language"
        }
        if (destinations := self.destinations.changed_destinations()) is not None:
            changes["destinations"] = destinations
        return changes

    def _on_save(self) -> None:
        self._troubled = False
        self.show_trouble("")
        self.destinations.show_wrong("")
        for name in self.wrong:
            self._mark(name, "")
        self.yes.setEnabled(False)
        self._save(self._changes(), self._on_all_settled)

    def _save(self, changes: dict[str, Any], then: Callable[[], None]) -> None:
        saving = Saving(self._window, self._context.replica, self._on_saved)
        saving.settled.connect(self._on_settled)
        saving.finished.connect(then)
        saving.start(changes)

    def _on_settled(self, name: str, notice: Notice | None) -> None:
        text = notice_text(notice, self._context.settings.language) if notice else ""
        if name == "destinations":
            if notice is None:
                self.destinations.take_as_kept()
        elif notice is None:
            field, _before = self.fields[name]
            self.fields[name] = (field, value_of(field))
        if not notice:
            return
        first, self._troubled = not self._troubled, True
        if notice.refusal is None:
            self.show_trouble(text)  # no engine: it is not this field that is wrong
        elif name == "destinations":
            args = notice.refusal.args
            self.destinations.show_wrong(text, args.get("destination", ""), args.get("field", ""))
            if first:
                self.tabs.setCurrentWidget(self.destinations)
        else:
            self._mark(name, text)
            if first:
                self._go_to(name)

    def _mark(self, name: str, text: str) -> None:
        self.wrong[name].setText(text)
        self.wrong[name].setVisible(bool(text))
        set_property(self.fields[name][0], "wrong", bool(text))
        self.fields[name][0].setAccessibleDescription(text)

    def _go_to(self, name: str) -> None:
        field = self.fields[name][0]
        for place in range(self.tabs.count()):
            page = self.tabs.widget(place)
            if page is not None and page.isAncestorOf(field):
                self.tabs.setCurrentIndex(place)
        field.setFocus()

    def _on_all_settled(self) -> None:
        if self._troubled:
            self.yes.setEnabled(True)
        else:
            self.destinations.save_keys()

    def _on_keys_kept(self, kept: bool) -> None:
        if not kept:
            self.yes.setEnabled(True)
            self.tabs.setCurrentWidget(self.destinations)
            return
        field, before = self.fields["language"]
        if field.isEnabled() and value_of(field) != before:
            self._save({"language": value_of(field)}, self._on_language_settled)
        else:
            self.accept()

    def _on_language_settled(self) -> None:
        if self._troubled:
            self.yes.setEnabled(True)
        else:
            self.accept()
