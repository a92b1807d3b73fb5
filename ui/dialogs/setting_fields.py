"""One field for one setting, by its type; reads and writes plain values."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from operator_console.settings import Setting
from ui.panels.open_page import ZONES

CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "language": (("id", "Bahasa Indonesia"), ("en", "English")),
    "timezone": tuple((zone, f"{short} · {zone}") for zone, short in ZONES),
    "prefer_codec": (("h264", "H.264"), ("vp8", "VP8")),
    "encoder_preset": tuple((name, name) for name in ("ultrafast", "superfast", "veryfast", "faster")),
}
_MOST = 20_000_000


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
    else:
        field = QLineEdit(str(value))
    field.setAccessibleName(name)
    return field


def _combo(choices: tuple[tuple[str, str], ...], value: str) -> QComboBox:
    combo = QComboBox()
    for key, text in choices:
        combo.addItem(text, key)
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
