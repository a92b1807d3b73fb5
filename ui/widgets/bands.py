"""The place of the alarm bands: however many things are wrong, they share the height of one."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.banner import Banner
from ui.widgets.labels import clean

BAND_PX = 36


class Bands(QWidget):
    """Shows the first of the bands that are up; its key with their number shows the next one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._bands: list[Banner] = []
        self._up: list[Banner] = []
        self._shown: Banner | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.setFixedHeight(BAND_PX)
        self.hide()

    def add(self, band: Banner) -> None:
        """Take a band in, the worst kind first."""
        self._bands.append(band)
        band.setFixedHeight(BAND_PX)
        self._column.addWidget(band)
        band.share(self.arrange, self.show_next)
        self.arrange()

    def arrange(self) -> None:
        """Show the worst again when another one came or went, else what is shown."""
        up = [band for band in self._bands if band.up]
        if up != self._up:
            self._up, self._shown = up, up[0] if up else None
        for band in self._bands:
            band.reveal(band is self._shown, len(up), self._others(band))
        self.setVisible(bool(up))

    def show_next(self) -> None:
        """Show the next of the bands that are up."""
        if self._shown in self._up:
            self._shown = self._up[(self._up.index(self._shown) + 1) % len(self._up)]
        self.arrange()

    def _others(self, band: Banner) -> str:
        return " · ".join(clean(other.title) for other in self._up if other is not band)
