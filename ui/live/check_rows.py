"""One line for each check: a sign for its state, its name, what was found, what to do; its height stays."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.icons import pixmap
from ui.live.checks import MORE_LINES, Check, CheckState
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, PlainLabel
from ui.widgets.styled import set_property

HEIGHT_PX, LINE_PX = 46, 20
_ICONS = {
    CheckState.OK: ("check", "green_text"),
    CheckState.WARN: ("triangle-alert", "amber_text"),
    CheckState.BAD: ("x", "red_text"),
    CheckState.RUNNING: ("ellipsis", "text_soft"),
}
_ROLES = {CheckState.OK: "soft", CheckState.WARN: "warn", CheckState.BAD: "bad", CheckState.RUNNING: "soft"}


def state_word(state: CheckState) -> str:
    """The state as a word, for who does not see the sign."""
    return {
        CheckState.OK: QCoreApplication.translate("LiveChecks", "good"),
        CheckState.WARN: QCoreApplication.translate("LiveChecks", "to be looked at"),
        CheckState.BAD: QCoreApplication.translate("LiveChecks", "bad"),
        CheckState.RUNNING: QCoreApplication.translate("LiveChecks", "being checked"),
    }[state]


class CheckRow(QFrame):
    """Shows one check; `button` is for what mends it at once."""

    def __init__(self, name: str, button: Button | None = None) -> None:
        super().__init__()
        self.setObjectName("row")
        self.setFixedHeight(HEIGHT_PX)
        self.name = name
        self.check: Check | None = None
        self.button = button
        self._sign = PlainLabel()
        self._sign.setFixedWidth(20)
        self._text = ElidedLabel("", "soft")
        self._todo = ElidedLabel("", "soft")
        head = QHBoxLayout()
        head.setSpacing(8)
        title = PlainLabel(name, "strong")
        title.setFixedWidth(84)
        head.addWidget(title)
        head.addWidget(self._text, 1)
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addStretch(1)
        lines.addLayout(head)
        lines.addWidget(self._todo)
        self._more = [ElidedLabel("", "soft") for _ in range(MORE_LINES)]
        for label in self._more:
            lines.addWidget(label)
            label.hide()
        lines.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setSpacing(8)
        layout.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(lines, 1)
        if button is not None:
            layout.addWidget(button)
            keep = button.sizePolicy()
            keep.setRetainSizeWhenHidden(False)
            button.setSizePolicy(keep)
            button.hide()

    def show_check(self, check: Check) -> None:
        """Show how it stands."""
        if check == self.check:
            return
        self.check = check
        icon_name, ink = _ICONS[check.state]
        self._sign.setPixmap(pixmap(icon_name, ink, 18, self.devicePixelRatioF()))
        self._text.setText(check.text)
        set_property(self._text, "role", _ROLES[check.state])
        self._todo.setText(check.todo)
        self._todo.setVisible(bool(check.todo))
        self.setFixedHeight(HEIGHT_PX + LINE_PX * len(check.more))
        for place, label in enumerate(self._more):
            label.setText(check.more[place] if place < len(check.more) else "")
            label.setVisible(place < len(check.more))
        spoken = (self.name, state_word(check.state), check.text, check.todo, *check.more)
        self.setAccessibleName(". ".join(part for part in spoken if part))


def column_of(rows: list[CheckRow]) -> QWidget:
    """All rows below each other."""
    page = QWidget()
    lines = QVBoxLayout(page)
    lines.setContentsMargins(0, 0, 0, 0)
    lines.setSpacing(0)
    for row in rows:
        lines.addWidget(row)
    lines.addStretch(1)
    return page
