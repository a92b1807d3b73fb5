"""What the wall keeps of drawn pictures: bounded by bytes, the newest last to go."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from operator_console.session.model import Presence
from ui.feeds import Feed
from ui.wall import painter
from ui.wall.kept import LEAST_BYTES, Kept

MEGABYTE_PX = QSize(512, 512)


def test_what_was_used_longest_ago_goes_first(qtbot: QtBot) -> None:
    kept: Kept[QPixmap] = Kept(lambda made: (made,))
    made: list[int] = []

    def make(number: int) -> QPixmap:
        made.append(number)
        return QPixmap(MEGABYTE_PX)

    for number in [*range(8), 0, 8]:
        kept.get(number, partial(make, number))
    assert (len(kept), kept.used_bytes, made) == (8, LEAST_BYTES, [*range(9)])
    kept.get(0, lambda: make(0))
    kept.get(1, lambda: make(1))
    assert made == [*range(9), 1]


def test_a_picture_larger_than_all_that_may_be_kept_is_still_drawn(qtbot: QtBot) -> None:
    kept: Kept[QPixmap] = Kept(lambda made: (made,))
    kept.limit_bytes = 1
    assert kept.get("large", lambda: QPixmap(MEGABYTE_PX)).size() == MEGABYTE_PX
    kept.get("next", lambda: QPixmap(MEGABYTE_PX))
    assert len(kept) == 1


def test_hundreds_who_come_and_go_do_not_fill_the_memory(qtbot: QtBot) -> None:
    painter.keep_walls_of(QSize(1000, 600), 1.0)
    feed = Feed(id="p0", number=1, title="Kec. Gambut", presence=Presence.ADMITTED)
    look = painter.Look(feed, 900, 500, 1.0, False, False, False, "en")
    for number in range(60):
        one = replace(look, feed=replace(feed, id=f"p{number}", title=f"Desa {number}"))
        painter.overlay(one)
        painter.placeholder(one)
    for kept in (painter._placeholders, painter._overlays):
        assert 0 < kept.used_bytes <= kept.limit_bytes == LEAST_BYTES
