"""A strip across the window that says what is wrong until it is right again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.causes import Family, worded
from ui.context import Context
from ui.icons import pixmap
from ui.link import Loss
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, PlainLabel, set_tip


class Banner(QFrame):
    """An icon, a strong text and a soft one; with others in one place it may be up and yet not be seen."""

    up = False
    """Whether it has something to say."""
    _arrange: Callable[[], None] | None = None

    def __init__(self, context: Context, parent: QWidget, icon_name: str, icon_colour: str) -> None:
        super().__init__(parent)
        self._context = context
        self.setObjectName("banner")
        picture = PlainLabel()
        picture.setPixmap(pixmap(icon_name, icon_colour, 20, self.devicePixelRatioF()))
        self._title = PlainLabel("", "strong")
        self._detail = ElidedLabel("", "soft")
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(14, 8, 14, 8)
        self._line.setSpacing(10)
        self._count = Button("", kind="flat")
        self._count.hide()
        self._line.addWidget(picture)
        self._line.addWidget(self._count)
        self._line.addWidget(self._title)
        self._line.addWidget(self._detail, 1)

    @property
    def title(self) -> str:
        """The strong text."""
        return self._title.text()

    def share(self, arrange: Callable[[], None], show_next: Callable[[], None]) -> None:
        """Stand in one place with others: `arrange` decides who is seen."""
        self._arrange = arrange
        self._count.clicked.connect(show_next)

    def setVisible(self, visible: bool) -> None:
        """Be up or not; whether it is seen is decided where several share a place."""
        self.up = visible
        if self._arrange is None:
            super().setVisible(visible)
        else:
            self._arrange()

    def reveal(self, seen: bool, count: int, others: str) -> None:
        """Be seen or not, with the number of all that are up and the titles of the others."""
        self._count.set_text(self.tr("{n} warnings:").format(n=count))
        words = self.tr("Show the next one: {titles}").format(titles=others)
        set_tip(self._count, words)
        self._count.setAccessibleName(f"{self._count.text()} {words}")
        self._count.setVisible(count > 1)
        if seen == self.isHidden():
            super().setVisible(seen)

    def _name(self) -> None:
        self.setAccessibleName(f"{self._title.text()} {self._detail.text()}")


class ConnectionBanner(Banner):
    """Shown while the engine is away after it had been there."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, "unplug", "amber")
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if Kind.LINK in changed:
            self._show()

    def _show(self) -> None:
        replica = self._context.replica
        away = not replica.connected and replica.attached_once
        self.setVisible(away)
        if not away:
            return
        if replica.loss is Loss.OTHER_VERSION:
            self._title.setText(self.tr("The engine is of another version"))
            self._detail.setText(self.tr("Close this window and start the console again."))
        else:
            time = self._context.formats.clock(replica.lost_at_ms)
            self._title.setText(self.tr("Engine not connected, connecting again…"))
            self._detail.setText(
                self.tr("Since {time}. Pictures stand still; nothing can be switched.").format(time=time)
            )
        self._name()


class JournalBanner(Banner):
    """Shown while the engine cannot write the journal, lost its file, or found the record damaged."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(context, parent, "triangle-alert", "red_text")
        self.setProperty("tone", "bad")
        context.replica.changed.connect(self._on_changed)
        self._show()

    def _on_changed(self, changed: Changed) -> None:
        if Kind.JOURNAL in changed:
            self._show()

    def _show(self) -> None:
        seen = self._context.replica.seen
        titles = {
            "failed": self.tr("The journal cannot be written"),
            "lost": self.tr("The journal's file was deleted or replaced"),
        }
        title = titles.get(seen.journal.state, "") if seen.journal is not None else ""
        troubled = bool(title)
        if troubled:
            why = worded(Family.JOURNAL, seen.journal)
        else:
            title, why = self.tr("The record is damaged"), worded(Family.DAMAGE, seen.damage)
        self._title.setText(title)
        self._detail.setText(why.text)
        set_tip(self, why.tip)
        self._name()
        self.setVisible(troubled or bool(why.text))
