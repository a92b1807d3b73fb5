"""Tests of the wall: what stands on it, clicks and keys, pages, pictures, what a screen reader hears."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import LayoutKind
from tests.ui.rig import Rig
from ui.feeds import Filter, Sort
from ui.wall.model import FEED_ROLE

Session = Callable[..., Rig]


def ids(rig: Rig) -> list[str]:
    return [feed.id for feed in rig.window.console.wall.view.wall.feeds]


def middle(rig: Rig, row: int) -> QPoint:
    return rig.window.console.wall.view.tile_rect(row).center()


def test_few_feeds_get_large_tiles(session: Session) -> None:
    rig = session(4)
    view = rig.window.console.wall.view
    assert ids(rig) == ["p1", "p2", "p3", "p4"]
    assert view.tile.width() > 250


def test_tiles_lie_within_the_wall_and_apart(session: Session) -> None:
    rig = session(28)
    view = rig.window.console.wall.view
    rects = [view.tile_rect(row) for row in range(len(ids(rig)))]
    assert all(view.viewport().rect().contains(rect) for rect in rects)
    assert not any(a.intersects(b) for n, a in enumerate(rects) for b in rects[n + 1 :])


def test_a_click_selects_and_previews(session: Session) -> None:
    rig = session(9, busy=False)
    rig.click(rig.window.console.wall.view.viewport(), middle(rig, 2))
    rig.until(lambda: rig.fake.state.program.preview.sources == ("p3",))
    assert rig.context.desk.view.selected == "p3"
    rig.until(lambda: rig.window.console.wall.view.wall.feeds[2].on_preview)


def test_a_double_click_puts_a_feed_on_program(session: Session) -> None:
    rig = session(9, busy=False)
    rig.double_click(rig.window.console.wall.view.viewport(), middle(rig, 4))
    rig.until(lambda: rig.fake.state.program.spotlight == "p5")
    rig.until(lambda: rig.window.console.wall.view.wall.feeds[4].on_air)


def test_arrows_choose_and_enter_opens(session: Session) -> None:
    rig = session(9, busy=False)
    view = rig.window.console.wall.view
    view.setFocus()
    rig.key(Qt.Key.Key_Right)
    rig.key(Qt.Key.Key_Right)
    chosen = rig.context.desk.view.selected
    assert chosen in ids(rig)
    rig.key(Qt.Key.Key_Return)
    rig.until(lambda: rig.fake.state.program.spotlight == chosen)
    assert not rig.asked(p.Take)


def test_a_side_by_side_preview_keeps_its_layout_when_a_tile_is_clicked(session: Session) -> None:
    rig = session(9)
    rig.click(rig.window.console.wall.view.viewport(), middle(rig, 2))
    rig.until(lambda: rig.fake.state.program.preview.sources[0] == "p3")
    assert rig.fake.state.program.preview.kind is LayoutKind.SIDE_BY_SIDE


def test_filters_and_search(session: Session) -> None:
    rig = session(28)
    rig.context.desk.set(filter=Filter.HANDS, sort=Sort.HANDS_FIRST)
    assert ids(rig) == ["p6", "p13", "p4", "p22"]
    rig.context.desk.set(filter=Filter.ALL, search="dinas KESEH")
    assert ids(rig) == ["p12"]
    rig.context.desk.set(search="nobody of that name")
    assert rig.window.console.wall.empty.isVisible()
    rig.click(rig.window.console.wall.empty._all)
    assert len(ids(rig)) > 20


def test_pages(session: Session) -> None:
    rig = session(60, busy=False, width_px=1366, height_px=768)
    first = ids(rig)
    assert len(first) < 60
    rig.key(Qt.Key.Key_PageDown)
    second = ids(rig)
    assert not set(first) & set(second)
    rig.until(
        lambda: set(rig.fake.wants.tiles) == set(second), "the engine is asked for the visible page only"
    )
    rig.key(Qt.Key.Key_PageUp)
    assert ids(rig) == first


def test_the_engine_is_asked_for_even_device_sizes(session: Session) -> None:
    rig = session(9)
    rig.until(lambda: len(rig.fake.wants.tiles) == 9)
    tile = rig.window.console.wall.view.tile
    assert set(rig.fake.wants.tiles.values()) == {(tile.width(), tile.height())}
    sizes = [*rig.fake.wants.tiles.values(), *rig.fake.wants.monitors.values()]
    assert all(side % 2 == 0 for size in sizes for side in size)
    assert set(rig.fake.wants.monitors) == {"program", "preview"}


def test_pictures_reach_the_screen(session: Session) -> None:
    rig = session(4, media=True)
    view = rig.window.console.wall.view
    rig.until(lambda: view._tiles is not None and all(tile.mark[1] > 2 for tile in view._tiles))
    shown = view.viewport().grab().toImage()
    colours = {QColor(shown.pixel(middle(rig, row))).name() for row in range(4)}
    assert len(colours) == 4, "each feed has another colour in its middle"


def test_a_screen_reader_hears_the_tiles(session: Session) -> None:
    rig = session(9)
    view = rig.window.console.wall.view
    spoken = view.wall.data(view.wall.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "1, Kec. Astambul, Hj. Rahmawati, on program, microphone open"
    tree = QAccessible.queryAccessibleInterface(view)
    assert tree is not None
    assert tree.childCount() >= 9
    assert tree.child(5).text(QAccessible.Text.Name).startswith("6, Desa Sungai Alang")


def test_one_that_is_lost_stays_on_the_wall_as_lost(session: Session) -> None:
    rig = session(9)
    rig.fake.tell(f.ParticipantLost(participant_id="p3"))
    rig.until(lambda: not rig.window.console.wall.view.wall.feeds[2].live)
    rig.fake.tell(f.ParticipantLeft(participant_id="p3"))
    rig.until(lambda: "p3" not in ids(rig))


def test_a_fact_of_one_keeps_selection_and_other_rows(session: Session) -> None:
    rig = session(9)
    rig.context.desk.set(selected="p4")
    changed: list[int] = []
    model = rig.window.console.wall.view.wall
    model.dataChanged.connect(lambda top, _bottom: changed.append(top.row()))
    rig.fake.tell(f.MicrophoneReported(participant_id="p2", on=True))
    rig.until(lambda: changed)
    assert changed == [1]
    assert rig.context.desk.view.selected == "p4"
    assert model.data(model.index(1), FEED_ROLE).audible


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from 3.12 on")
def test_painting_keeps_the_references_to_none(session: Session) -> None:
    rig = session(9, media=True)
    viewport = rig.window.console.wall.view.viewport()
    rig.settle(0.2)
    before = sys.getrefcount(None)
    for _ in range(1000):
        viewport.repaint()
    assert sys.getrefcount(None) > before - 200
