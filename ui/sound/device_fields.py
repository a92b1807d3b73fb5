"""Choosing the hall's sound devices by name, each with its state and, where it hears, its level."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from operator_console.protocol import AUDIO_MIC, AUDIO_OPERATOR, HALL_AUDIO, SetHallSound, SoundDevice
from operator_console.session.model import HALL, NO_DEVICE, OPERATOR, HallSound
from ui.context import Context
from ui.i18n import QT_TRANSLATE_NOOP
from ui.observations import DeviceSeen, HallSeen
from ui.replica import Changed, Kind
from ui.sound.words import device_line
from ui.widgets.labels import ElidedLabel, PlainLabel, clean
from ui.widgets.level_bar import LevelBar
from ui.widgets.styled import set_property


@dataclass(frozen=True, slots=True)
class Role:
    """What a device is for: its field in `HallSound` and in `HallSeen`, and the ring that it fills."""

    field: str
    seen: str
    text: str
    hears: str = ""
    ring: int = 0


MICROPHONE = Role(
    "input", "input", QT_TRANSLATE_NOOP("HallDevices", "Microphones of the hall"), HALL, AUDIO_MIC
)
LOUDSPEAKER = Role("output", "output", QT_TRANSLATE_NOOP("HallDevices", "Loudspeakers of the hall"))
MONITOR = Role("monitor", "monitor", QT_TRANSLATE_NOOP("HallDevices", "Operator's headphones (program)"))
OPERATOR_MICROPHONE = Role(
    "operator_input",
    "operator",
    QT_TRANSLATE_NOOP("HallDevices", "Operator's microphone (talkback)"),
    OPERATOR,
    AUDIO_OPERATOR,
)
ROLES = (MICROPHONE, LOUDSPEAKER, MONITOR, OPERATOR_MICROPHONE)


def choices(role: Role, devices: tuple[SoundDevice, ...], wanted: str) -> list[tuple[str, str]]:
    """(value, text) of what can be chosen: the default, none, each device; also one that is not there now."""
    default = QCoreApplication.translate("HallDevices", "Default of the system")
    none = QCoreApplication.translate("HallDevices", "None")
    fit = [device for device in devices if (device.inputs if role.hears else device.outputs)]
    usual = next((d for d in fit if (d.default_input if role.hears else d.default_output)), None)
    first = f"{default}: {clean(usual.name)}" if usual else default
    found = [("", first), (NO_DEVICE, none), *((device.name, clean(device.name)) for device in fit)]
    if wanted not in [value for value, _text in found]:
        away = QCoreApplication.translate("HallDevices", "{name} (not there now)").format(name=clean(wanted))
        found.append((wanted, away))
    return found


class DeviceField(QWidget):
    """One device: its choice, its level, its state."""

    def __init__(self, context: Context, role: Role) -> None:
        super().__init__()
        self._context, self.role = context, role
        name = QCoreApplication.translate("HallDevices", role.text)
        self.combo = QComboBox()
        self.combo.setAccessibleName(name)
        self.combo.activated.connect(self._on_chosen)
        label = PlainLabel(name, "soft")
        label.setBuddy(self.combo)
        self.state = ElidedLabel("", "soft")
        self.level = LevelBar(context, f"{name}: {self.tr('level')}")
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        for widget in (label, self.combo, self.level, self.state):
            lines.addWidget(widget)
        if not role.hears:
            self.level.hide()

    def _on_chosen(self, index: int) -> None:
        wanted = self.combo.itemData(index)
        self._context.actions.set_hall(**{self.role.field: wanted})
        self.show_now()  # what is shown changes when the engine has taken it

    def show_now(self) -> None:
        """Bring choice, level and state in line with the facts."""
        replica = self._context.replica
        hall: HallSound = replica.state.hall_sound
        confirmed = str(getattr(hall, self.role.field))
        wanted = choices(self.role, replica.seen.devices, confirmed)
        if wanted != [(self.combo.itemData(i), self.combo.itemText(i)) for i in range(self.combo.count())]:
            self.combo.clear()
            for value, text in wanted:
                self.combo.addItem(text, value)
        self.combo.setCurrentIndex(self.combo.findData(confirmed))
        pending = any(
            replica.pending(SetHallSound, **{self.role.field: value})
            for value, _text in wanted
            if value != confirmed
        )
        set_property(self.combo, "pending", pending)
        self._show_state(replica.seen.hall if hall.on else None)

    def _show_state(self, seen: HallSeen | None) -> None:
        device: DeviceSeen | None = getattr(seen, self.role.seen) if seen else None
        line = device_line(device, self._context.formats)
        self.state.setText(line.text)
        set_property(self.state, "role", "soft" if line.tone == "plain" else line.tone)
        if self.role.hears:
            hears = device is not None and device.state in ("running", "rerouted", "silent")
            media = self._context.replica.seen.place(self.role.hears)
            place = (media.audio if media else None) or (HALL_AUDIO, self.role.ring)
            self.level.show_place(place if hears else None)


class DeviceFields(QWidget):
    """Some or all of the devices, one below the other."""

    def __init__(self, context: Context, roles: tuple[Role, ...] = ROLES) -> None:
        super().__init__()
        self._context = context
        self.fields = {role.field: DeviceField(context, role) for role in roles}
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(10)
        for field in self.fields.values():
            lines.addWidget(field)
        lines.addStretch(1)
        context.replica.changed.connect(self._on_changed)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """What is listed is as fresh as the look at it."""
        super().showEvent(event)
        self._context.actions.look_for_devices()

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.HALL, Kind.DEVICES, Kind.MEDIA, Kind.PENDING, Kind.LINK):
            self._show()

    def _show(self) -> None:
        for field in self.fields.values():
            field.show_now()
