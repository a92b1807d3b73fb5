"""Cut, fade and the layout keys between the monitors."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout

from operator_console.protocol import SetPreview, Take
from operator_console.session.model import LayoutKind
from ui.context import Context
from ui.icons import icon
from ui.keys import PRESS_KEYS, KeepKeys
from ui.layouts import GRIDS, LAYOUT_KEYS
from ui.replica import Changed, Kind
from ui.widgets.buttons import FOCUS, Button
from ui.widgets.labels import PlainLabel, set_tip
from ui.widgets.styled import Panel, set_property

CAPTIONS_FROM_PX = 232
_ICONS = {
    LayoutKind.SINGLE: "square",
    LayoutKind.SIDE_BY_SIDE: "columns-2",
    LayoutKind.PICTURE_IN_PICTURE: "picture-in-picture-2",
    LayoutKind.SPOTLIGHT_STRIP: "gallery-vertical-end",
    LayoutKind.GRID_2: "grid-2x2",
    None: "layout-grid",
}


def layout_name(kind: LayoutKind | None) -> str:
    """Name of a layout; None is the grid for everybody."""
    if kind in GRIDS:
        side = GRIDS.index(kind) + 2
        return QCoreApplication.translate("Layouts", "Grid {n} × {n}").format(n=side)
    return {
        LayoutKind.SINGLE: QCoreApplication.translate("Layouts", "Single"),
        LayoutKind.SIDE_BY_SIDE: QCoreApplication.translate("Layouts", "Side by side"),
        LayoutKind.PICTURE_IN_PICTURE: QCoreApplication.translate("Layouts", "Picture in picture"),
        LayoutKind.SPOTLIGHT_STRIP: QCoreApplication.translate("Layouts", "Spotlight and strip"),
        None: QCoreApplication.translate("Layouts", "Grid of everybody"),
    }[kind]


class TransitionPanel(Panel):
    """Buttons that change preview and program."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        actions = context.actions
        self.cut = Button(self.tr("CUT"), kind="cut", tip=self.tr("Cut: preview to program"), key="Space")
        self.fade = Button(self.tr("FADE"), kind="fade", tip=self.tr("Fade: preview to program"), key="Enter")
        self.cut.clicked.connect(actions.cut)
        self.fade.clicked.connect(actions.fade)
        self.cut.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.fade.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.cut.setMaximumHeight(58)
        self.fade.setMaximumHeight(42)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 10)
        layout.setSpacing(6)
        self._captions = (PlainLabel(self.tr("TRANSITION"), "caps"), PlainLabel(self.tr("LAYOUT"), "caps"))
        layout.addWidget(self._captions[0])
        layout.addWidget(self.cut, 3)
        layout.addWidget(self.fade, 2)
        layout.addSpacing(4)
        layout.addWidget(self._captions[1])
        layout.addLayout(self._layout_keys())
        layout.addStretch(1)
        context.replica.changed.connect(self._on_changed)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Without its captions where the row of monitors is low; the keys must stay whole."""
        super().resizeEvent(event)
        for caption in self._captions:
            caption.setVisible(self.height() >= CAPTIONS_FROM_PX)

    def _layout_keys(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(4)
        self.keys: dict[LayoutKind | None, QToolButton] = {}
        for place, kind in enumerate(LAYOUT_KEYS):
            button = QToolButton()
            button.setProperty("kind", "layout")
            button.setFocusPolicy(FOCUS)
            KeepKeys(button, PRESS_KEYS)
            button.setIcon(icon(_ICONS[kind], "text", 20))
            button.setIconSize(QSize(20, 20))
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setMinimumHeight(28)
            button.setAccessibleName(layout_name(kind))
            set_tip(button, f"{layout_name(kind)}  ({place + 1})")
            button.clicked.connect(lambda _=False, k=kind: self._context.actions.layout(k))
            self.keys[kind] = button
            grid.addWidget(button, place // 2, place % 2)
        everybody = self.keys[None]
        everybody.setPopupMode(QToolButton.ToolButtonPopupMode.DelayedPopup)
        everybody.setMenu(self._grid_menu(everybody))
        set_tip(everybody, self.tr("Grid of everybody; hold for a certain size") + "  (6)")
        return grid

    def _grid_menu(self, parent: QToolButton) -> QMenu:
        menu = QMenu(parent)
        for kind in GRIDS:
            action = QAction(layout_name(kind), menu)
            action.triggered.connect(lambda _=False, k=kind: self._context.actions.layout(k))
            menu.addAction(action)
        return menu

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.PROGRAM, Kind.PENDING, Kind.LINK):
            self._show()

    def _show(self) -> None:
        replica = self._context.replica
        kind = replica.state.program.preview.kind
        shown = kind if kind in self.keys else None
        for key, button in self.keys.items():
            set_property(button, "on", key == shown and bool(replica.state.program.preview.sources))
            set_property(button, "pending", key == shown and replica.pending(SetPreview))
        ready = bool(replica.state.program.preview.sources)
        self.cut.setEnabled(ready)
        self.fade.setEnabled(ready)
        self.cut.set_pending(replica.pending(Take, transition="cut"))
        self.fade.set_pending(replica.pending(Take, transition="fade"))
