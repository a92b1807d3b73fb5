"""A strip across the window that says what is wrong until it is right again."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout

from ui.context import Context
from ui.icons import pixmap
from ui.link import Loss
from ui.replica import Changed, Kind
from ui.widgets.labels import PlainLabel


class ConnectionBanner(QFrame):
    """Shown while the engine is away after it had been there."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.setObjectName("banner")
        picture = PlainLabel()
        picture.setPixmap(pixmap("unplug", "amber", 20, self.devicePixelRatioF()))
        self._title = PlainLabel("", "strong")
        self._detail = PlainLabel("", "soft")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 8, 14, 8)
        layout.setSpacing(10)
        layout.addWidget(picture)
        layout.addWidget(self._title)
        layout.addWidget(self._detail, 1)
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
        self.setAccessibleName(f"{self._title.text()} {self._detail.text()}")
