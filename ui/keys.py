"""The one table of keys, and how they become shortcuts of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.i18n import QT_TRANSLATE_NOOP


@dataclass(frozen=True, slots=True)
class Key:
    """One key: the name of what it does, its default sequences, and its text in the help."""

    name: str
    sequences: tuple[str, ...]
    group: str
    text: str
    fixed: bool = False
    """Handled by the wall itself, only while it has the focus."""
    hold: bool = False
    """Counts only while it is held; its sequence is one plain key."""

    @property
    def locked(self) -> bool:
        """Whether it needs the keys unlocked: one plain key that changes what others see or hear."""
        plain = len(self.sequences[0]) == 1 or self.sequences[0] in ("Space", "Return")
        return plain and not self.hold and not self.fixed

    @property
    def everywhere(self) -> bool:
        """Whether it counts in the mixer too, which stands beside the window."""
        return self.hold or self.name in ("hall", "talkback_stays", "duck")


PICTURE = QT_TRANSLATE_NOOP("Keys", "Picture")
FLOOR = QT_TRANSLATE_NOOP("Keys", "Floor and sound")
OUTPUTS = QT_TRANSLATE_NOOP("Keys", "Outputs")
WINDOW = QT_TRANSLATE_NOOP("Keys", "Wall and window")

KEYS: tuple[Key, ...] = (
    Key("cut", ("Space",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Cut: preview to program")),
    Key("fade", ("Return", "Enter"), PICTURE, QT_TRANSLATE_NOOP("Keys", "Fade: preview to program")),
    Key("layout_1", ("1",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Layout: single")),
    Key("layout_2", ("2",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Layout: side by side")),
    Key("layout_3", ("3",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Layout: picture in picture")),
    Key("layout_4", ("4",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Layout: spotlight and strip")),
    Key("layout_5", ("5",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Layout: grid 2 × 2")),
    Key("layout_6", ("6",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Layout: grid of everybody")),
    Key("spotlight", ("S",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Selected feed on program, or off it")),
    Key("names", ("V",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Names under the pictures")),
    Key("slate", ("B",), PICTURE, QT_TRANSLATE_NOOP("Keys", "Slate over the program, or off it")),
    Key("next_speaker", ("N",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Floor to the next in the queue")),
    Key("mute", ("M",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Mute or open the selected feed")),
    Key("mute_all", ("Ctrl+Shift+M",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Mute everybody")),
    Key("hall", ("H",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Hall microphones on or off")),
    Key("talk", ("T",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Held: the hall talks (push to talk)"), hold=True),
    Key("cough", ("K",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Held: hall microphones off (cough)"), hold=True),
    Key("talkback", ("I",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Held: talk to the selected office"), hold=True),
    Key("talkback_stays", ("Shift+I",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Talk to it until pressed again")),
    Key("duck", ("E",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Turn down who returns sound, or bring back")),
    Key("mixer", ("F2",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Mixer")),
    Key("hall_sound", ("F3",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Sound devices of the hall")),
    Key("hall_setup", ("F4",), FLOOR, QT_TRANSLATE_NOOP("Keys", "Set up camera and sound of the hall")),
    Key("record", ("Ctrl+Shift+R",), OUTPUTS, QT_TRANSLATE_NOOP("Keys", "Start or stop the recording")),
    Key("pause", ("Ctrl+Shift+P",), OUTPUTS, QT_TRANSLATE_NOOP("Keys", "Pause the recording, or go on")),
    Key("live", ("Ctrl+Shift+L",), OUTPUTS, QT_TRANSLATE_NOOP("Keys", "Start or stop the livestream")),
    Key("alarm", ("Ctrl+Shift+A",), OUTPUTS, QT_TRANSLATE_NOOP("Keys", "Acknowledge the alarms")),
    Key("chapter", ("C",), OUTPUTS, QT_TRANSLATE_NOOP("Keys", "Mark a chapter")),
    Key("key_lock", ("F9",), WINDOW, QT_TRANSLATE_NOOP("Keys", "Lock or unlock the plain keys")),
    Key("lobby", ("Ctrl+L",), WINDOW, QT_TRANSLATE_NOOP("Keys", "Open the lobby")),
    Key("find", ("Ctrl+F",), WINDOW, QT_TRANSLATE_NOOP("Keys", "Find a participant")),
    Key("wall", ("Escape",), WINDOW, QT_TRANSLATE_NOOP("Keys", "Back to the wall, end the search")),
    Key("arrows", ("Arrows",), WINDOW, QT_TRANSLATE_NOOP("Keys", "On the wall: choose a tile"), fixed=True),
    Key("open", ("Enter",), WINDOW, QT_TRANSLATE_NOOP("Keys", "On the wall: tile on program"), fixed=True),
    Key("page_back", ("PgUp",), WINDOW, QT_TRANSLATE_NOOP("Keys", "Previous page of the wall")),
    Key("page_next", ("PgDown",), WINDOW, QT_TRANSLATE_NOOP("Keys", "Next page of the wall")),
    Key("settings", ("Ctrl+,",), WINDOW, QT_TRANSLATE_NOOP("Keys", "Settings")),
    Key("help", ("F1",), WINDOW, QT_TRANSLATE_NOOP("Keys", "This list")),
)


def hold_keys() -> dict[Qt.Key, str]:
    """The keys that count while they are held, by the key of the keyboard."""
    return {Qt.Key[f"Key_{key.sequences[0]}"]: key.name for key in KEYS if key.hold}


def sequence_of(name: str) -> str:
    """The key of the table as it is printed on the keyboard."""
    return next(shown_sequence(key.sequences[0]) for key in KEYS if key.name == name)


def key_text(key: Key) -> str:
    """What a key does, in the console's language."""
    return QCoreApplication.translate("Keys", key.text)


def group_text(group: str) -> str:
    """Name of a group of keys."""
    return QCoreApplication.translate("Keys", group)


def shown_sequence(sequence: str) -> str:
    """A key as it is printed on the keyboard."""
    names = {
        "Space": QCoreApplication.translate("Keys", "Space"),
        "Arrows": "↑ ↓ ← →",
        "Return": "Enter",
        "Escape": "Esc",
        "PgUp": "PgUp",
        "PgDown": "PgDn",
    }
    return names.get(sequence, sequence)


def make_shortcuts(
    window: QWidget,
    actions: Mapping[str, Callable[[], object]],
    sequences: Mapping[str, tuple[str, ...]] | None = None,
) -> list[QShortcut]:
    """A shortcut for each key of the table; `sequences` puts other keys in place of the defaults.

    Raises KeyError where the table has a key that does nothing.
    """
    made: list[QShortcut] = []
    for key in KEYS:
        if key.fixed:
            continue
        act = actions[key.name]
        for sequence in (sequences or {}).get(key.name, key.sequences):
            shortcut = QShortcut(QKeySequence(sequence), window)
            if key.everywhere:
                shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
            shortcut.setAutoRepeat(key.name in ("page_back", "page_next"))
            shortcut.activated.connect(lambda act=act: act())
            made.append(shortcut)
    return made


class KeepKeys(QObject):
    """Lets a focused widget have keys that the window would take for a shortcut (Space on a button)."""

    def __init__(self, parent: QWidget, keys: tuple[Qt.Key, ...]) -> None:
        super().__init__(parent)
        self._keys = keys
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim the keys; Enter presses a button as Space does."""
        if not isinstance(event, QKeyEvent) or event.key() not in self._keys or event.modifiers():
            return False
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.type() is QEvent.Type.KeyPress and enter and isinstance(watched, QAbstractButton):
            if not event.isAutoRepeat():
                watched.click()
            return True
        return False


PRESS_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
LIST_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""Enter opens on a focused list; Space stays the cut there."""
