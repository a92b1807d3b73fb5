"""One field for one setting, by its type; reads and writes plain values."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QLineEdit, QSpinBox, QWidget

from operator_console import paths
from operator_console.settings import Setting, Settings
from ui.i18n import QT_TRANSLATE_NOOP
from ui.icons import icon
from ui.panels.open_page import ZONES
from ui.widgets.labels import set_tip

CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "language": (("id", "Bahasa Indonesia"), ("en", "English")),
    "timezone": tuple((zone, f"{short} · {zone}") for zone, short in ZONES),
    "second_recording": (
        ("both", QT_TRANSLATE_NOOP("SettingNames", "Both folders at once")),
        ("reserve", QT_TRANSLATE_NOOP("SettingNames", "Reserve, if the first one fails")),
    ),
    "prefer_codec": (("h264", "H.264"), ("vp8", "VP8")),
    "encoder_preset": tuple((name, name) for name in ("ultrafast", "superfast", "veryfast", "faster")),
}
_MOST = 1_000_000_000


def make_field(setting: Setting, value: Any, name: str) -> QWidget:
    """A field that shows a setting's value."""
    field: QWidget
    if setting.name in CHOICES:
        field = _combo(CHOICES[setting.name], str(value))
    elif setting.type is bool:
        box = QCheckBox(name)
        box.setChecked(bool(value))
        field = box
    elif setting.type is int:
        spin = QSpinBox()
        spin.setRange(0, _MOST)
        spin.setValue(int(value))
        spin.setGroupSeparatorShown(setting.name.endswith("_bps"))
        field = spin
    elif setting.name == "recording_dir":
        field = FolderField(str(value), str(paths.recordings_dir(Settings())))
    elif setting.name == "second_recording_dir":
        field = FolderField(str(value), "")
    else:
        field = QLineEdit(str(value))
    field.setAccessibleName(name)
    return field


class FolderField(QLineEdit):
    """A folder, with a button that chooses one; left empty it shows the one that is used then."""

    def __init__(self, value: str, instead: str) -> None:
        super().__init__(value)
        self.setPlaceholderText(instead)
        self.choose = self.addAction(icon("hard-drive"), QLineEdit.ActionPosition.TrailingPosition)
        self.choose.setText(self.tr("Choose a folder"))
        set_tip(self.choose, self.tr("Choose a folder"))
        self.choose.triggered.connect(self._choose)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a folder"), self.text() or self.placeholderText())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self.setText)
        dialog.open()


def _combo(choices: tuple[tuple[str, str], ...], value: str) -> QComboBox:
    combo = QComboBox()
    for key, text in choices:
        combo.addItem(QCoreApplication.translate("SettingNames", text), key)
    if combo.findData(value) < 0:
        combo.addItem(value, value)
    combo.setCurrentIndex(combo.findData(value))
    return combo


def value_of(field: QWidget) -> Any:
    """What a field says now."""
    if isinstance(field, QComboBox):
        return field.currentData()
    if isinstance(field, QCheckBox):
        return field.isChecked()
    if isinstance(field, QSpinBox):
        return field.value()
    assert isinstance(field, QLineEdit)
    return field.text().strip()
