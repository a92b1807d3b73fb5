"""Buttons of the window: look by kind, state only from facts, keyboard focus only by Tab."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from ui.icons import icon
from ui.keys import PRESS_KEYS, KeepKeys
from ui.widgets.labels import clean, no_mnemonic, set_tip
from ui.widgets.styled import set_property

# A mouse click must not leave the focus on a button: the next Space is meant as a cut, not as that button.
FOCUS = Qt.FocusPolicy.TabFocus
ICON_PX, ICON_AIR_PX = 16, 4


class Button(QPushButton):
    """A push button with an optional icon; `kind` picks its style, `key` is named in its tool tip."""

    def __init__(
        self,
        text: str,
        icon_name: str = "",
        kind: str = "",
        *,
        tip: str = "",
        key: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon: tuple[str, str] | None = None
        self._tight = False
        self.setFocusPolicy(FOCUS)
        self.setAutoDefault(False)
        KeepKeys(self, PRESS_KEYS)
        if kind:
            self.setProperty("kind", kind)
        if icon_name:
            self.set_icon(icon_name)
        self.setAccessibleName(tip or text)
        self.set_text(text)
        name_key(self, tip or text, key, always=bool(tip))

    def set_text(self, text: str) -> None:
        """Show a text, which may hold a foreign name."""
        safe = no_mnemonic(text)
        if safe != self.text():
            super().setText(safe)

    def set_icon(self, name: str, colour: str = "text") -> None:
        """Show another icon before the text."""
        self._icon = (name, colour)
        self.setIcon(icon(name, colour, ICON_PX, ICON_AIR_PX) if not self._tight else QIcon())
        self.setIconSize(QSize(ICON_PX + ICON_AIR_PX, ICON_PX))

    def set_tight(self, tight: bool) -> None:
        """Text only, with little air, for narrow columns."""
        self._tight = tight
        set_property(self, "tight", tight)
        if self._icon:
            self.set_icon(*self._icon)

    def set_on(self, on: bool) -> None:
        """Show the confirmed state."""
        set_property(self, "on", on)

    def set_pending(self, pending: bool) -> None:
        """Show that a command is under way."""
        set_property(self, "pending", pending)


class ElidedButton(Button):
    """A button whose text may hold a foreign name: shortened to its width, whole for screen readers."""

    def __init__(self, text: str, icon_name: str = "", kind: str = "", *, key: str = "") -> None:
        self._whole, self._key = text, key
        super().__init__(text, icon_name, kind, key=key)
        self.setMinimumWidth(80)

    def set_text(self, text: str) -> None:
        """Show a text, shortened where it has to be."""
        self._whole = clean(text)
        self.setAccessibleName(self._whole)
        name_key(self, self._whole, self._key)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten again."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.width() - (46 if not self.icon().isNull() else 22)
        short = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, max(40, room))
        QPushButton.setText(self, short.replace("&", "&&"))

    def minimumSizeHint(self) -> QSize:
        """May become narrow."""
        return QSize(80, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Takes what it is given."""
        return QSize(120, super().sizeHint().height())


class IconButton(Button):
    """A flat button with an icon only; its name is in the tool tip and for screen readers."""

    def __init__(
        self, name: str, icon_name: str, *, colour: str = "text", key: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__("", "", "flat", tip=name, key=key, parent=parent)
        self.setIcon(icon(icon_name, colour))
        self.setIconSize(QSize(16, 16))
        self.setFixedSize(30, 28)

    def set_look(self, name: str, icon_name: str, colour: str = "text") -> None:
        """Change meaning and icon together."""
        self.setIcon(icon(icon_name, colour))
        self.setAccessibleName(name)
        set_tip(self, name)


class BarButton(QToolButton):
    """A large button of the bottom bar: icon above its text."""

    def __init__(
        self, text: str, icon_name: str, *, tip: str = "", key: str = "", tone: str = "", kind: str = "bar"
    ) -> None:
        super().__init__()
        self.setFocusPolicy(FOCUS)
        KeepKeys(self, PRESS_KEYS)
        self.setProperty("kind", kind)
        if tone:
            self.setProperty("tone", tone)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(20, 20))
        self._tip, self._key = tip, key
        self.set_look(text, icon_name)

    def set_look(self, text: str, icon_name: str, colour: str = "text") -> None:
        """Change text and icon together."""
        self.setText(no_mnemonic(text))
        self.setIcon(icon(icon_name, colour, 20))
        self.setAccessibleName(self._tip or text)
        name_key(self, self._tip or text, self._key, always=True)

    def set_meaning(self, tip: str, key: str) -> None:
        """Change what a press does, and its key; said from the next `set_look` on."""
        self._tip, self._key = tip, key

    def set_tone(self, tone: str) -> None:
        """Change the tone of the confirmed state."""
        set_property(self, "tone", tone)

    def set_on(self, on: bool) -> None:
        """Show the confirmed state."""
        set_property(self, "on", on)

    def set_pending(self, pending: bool) -> None:
        """Show that a command is under way."""
        set_property(self, "pending", pending)


def name_key(widget: QWidget, text: str, key: str, *, always: bool = False) -> None:
    """Tool tip of a control: what it does and its key."""
    if key:
        set_tip(widget, f"{text}  ({key})")
    elif always:
        set_tip(widget, text)
