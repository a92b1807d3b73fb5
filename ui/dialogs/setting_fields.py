"""One field for one setting, by its type; reads and writes plain values."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QValidator
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


DIGITS_IN_PX = 9


def indented(spin: QSpinBox) -> QSpinBox:
    """Keep its digits off the edge: Qt takes the padding of the style for the frame only."""
    spin.lineEdit().setTextMargins(DIGITS_IN_PX, 0, 0, 0)
    return spin


def make_field(setting: Setting, value: Any, name: str) -> QWidget:
    """A field that shows a setting's value."""
    field: QWidget
    if setting.name in CHOICES:
        field = _combo(CHOICES[setting.name], str(value))
    elif setting.type is bool:
        box = QCheckBox(name)
        box.setChecked(bool(value))
        field = box
    elif setting.name.endswith("_bps"):
        field = indented(RateField(int(value)))
    elif setting.type is int:
        spin = QSpinBox()
        spin.setRange(0, _MOST)
        spin.setValue(int(value))
        field = indented(spin)
    elif setting.name == "recording_dir":
        field = FolderField(str(value), str(paths.recordings_dir(Settings())))
    elif setting.name == "second_recording_dir":
        field = FolderField(str(value), "")
    else:
        field = QLineEdit(str(value))
    field.setAccessibleName(name)
    return field


class RateField(QSpinBox):
    """A bit rate, written in Mb/s as in the whole window; its value is in bits a second, as it is kept."""

    def __init__(self, bps: int) -> None:
        super().__init__()
        self._unit = " " + QCoreApplication.translate("SettingNames", "Mb/s")
        self.setSuffix(self._unit)
        self.setRange(0, _MOST)
        self.setSingleStep(500_000)
        self.setValue(bps)

    def _mbps(self, text: str) -> float | None:
        number, known = self.locale().toDouble(text.removesuffix(self._unit).strip())
        return number if known else None

    def textFromValue(self, value: int) -> str:
        """Without zeros at the end, which would read as thousands: 4 or 1,5."""
        whole = self.locale().toString(value / 1e6, "f", 6)
        return whole.rstrip("0").removesuffix(self.locale().decimalPoint())

    def valueFromText(self, text: str) -> int:
        """Bits a second."""
        return round((self._mbps(text) or 0.0) * 1e6)

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """A number with the language's decimal mark."""
        typed, mbps = text.removesuffix(self._unit).strip(), self._mbps(text)
        state = QValidator.State.Intermediate if not typed else QValidator.State.Invalid
        if mbps is not None and 0 <= mbps * 1e6 <= _MOST:
            state = QValidator.State.Acceptable
        return state, text, place


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
