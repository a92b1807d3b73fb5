"""The hall's camera: choose one, see its picture."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from operator_console.protocol import AddSource, RemoveSource
from operator_console.session.model import Source, SourceKind
from ui.context import Context
from ui.dialogs.source_dialog import cameras
from ui.feeds import feeds
from ui.replica import Changed, Kind
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, PlainLabel
from ui.widgets.styled import set_property
from ui.widgets.thumbnail import Thumbnail

PICTURE_PX = (480, 270)


class CameraBox(QWidget):
    """Adds a camera as an own source of the hall, and shows that source."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._watching = False
        self.address = QComboBox()
        self.address.setAccessibleName(self.tr("Camera"))
        for address in cameras():
            self.address.addItem(self.tr("Camera {n}").format(n=address), address)
        self.use = Button(self.tr("Use this camera"), "video", "primary")
        self.remove = Button(self.tr("Take it away"), "trash-2")
        self.use.clicked.connect(self._on_use)
        self.remove.clicked.connect(lambda: context.actions.remove(self.source_id))
        self.picture = Thumbnail(context, *PICTURE_PX)
        self.picture.setAccessibleName(self.tr("Picture of the hall's camera"))
        self._state = ElidedLabel("", "soft")
        line = QHBoxLayout()
        line.addWidget(self.address, 1)
        line.addWidget(self.use)
        line.addWidget(self.remove)
        picture = QHBoxLayout()
        picture.addStretch(1)
        picture.addWidget(self.picture)
        picture.addStretch(1)
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(8)
        lines.addWidget(PlainLabel(self.tr("Camera"), "soft"))
        lines.addLayout(line)
        lines.addLayout(picture)
        lines.addWidget(self._state)
        lines.addStretch(1)
        context.replica.changed.connect(self._on_changed)
        self._show()

    @property
    def source(self) -> Source | None:
        """The hall's camera, if there is one."""
        found = self._context.replica.state.sources.values()
        return next((one for one in found if one.hall and one.kind is SourceKind.CAMERA), None)

    @property
    def source_id(self) -> str:
        """Its id, or empty."""
        return self.source.id if self.source else ""

    def _on_use(self) -> None:
        self._context.replica.send(
            AddSource(
                kind=SourceKind.CAMERA,
                name=self.tr("Hall camera"),
                address=str(self.address.currentData()),
                hall=True,
            )
        )

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.SOURCES, Kind.MEDIA, Kind.PENDING, Kind.LINK):
            self._show()

    def _show(self) -> None:
        replica, source = self._context.replica, self.source
        self.use.setVisible(source is None)
        self.use.set_pending(replica.pending(AddSource))
        self.address.setEnabled(source is None)
        self.remove.setVisible(source is not None)
        self.remove.set_pending(replica.pending(RemoveSource))
        self.picture.show_source(self.source_id)
        if self._watching:
            self._context.desk.set(watched=self.source_id)
        self._show_state()

    def _show_state(self) -> None:
        replica = self._context.replica
        feed = next((one for one in feeds(replica.state, replica.seen) if one.id == self.source_id), None)
        if feed is None:
            text, tone = self.tr("No camera is in use. A hall without one is fine too."), "soft"
        elif feed.trouble:
            text, tone = feed.trouble, "bad"
        else:
            text, tone = self.tr("{name} is on the wall as an own source.").format(name=feed.title), "good"
        self._state.setText(text)
        set_property(self._state, "role", tone)

    def watch(self, watched: bool) -> None:
        """Ask the engine for this picture only while somebody looks at it."""
        self._watching = watched
        self._context.desk.set(watched=self.source_id if watched else "")
