"""Geometry of layouts: inside the canvas, even, not overlapping, and of sizes that pages can send."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.video.scene import LAYOUTS, SEND_SIZES, SlotRect, capacity, contain, requested_size, scene_slots
from media.video.scenebuild import SceneSource, SceneText, build_scene

CANVASES = [(1280, 720), (1920, 1080), (640, 360)]


@pytest.mark.parametrize("canvas", CANVASES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_slot_is_even_and_inside_and_apart(layout: str, canvas: tuple[int, int]) -> None:
    for count in range(capacity(layout) + 3):
        slots = scene_slots(layout, count, *canvas)
        assert len(slots) == min(count, capacity(layout))
        for slot in slots:
            assert not (slot.x % 2 or slot.y % 2 or slot.w % 2 or slot.h % 2)
            assert slot.x >= 0 and slot.y >= 0
            assert slot.x + slot.w <= canvas[0] and slot.y + slot.h <= canvas[1]
            assert slot.w / slot.h == pytest.approx(16 / 9, rel=0.03)
        if layout != "picture_in_picture":
            assert not any(a.intersection(b) for a, b in itertools.combinations(slots, 2))


@pytest.mark.parametrize(
    ("layout", "count", "sizes"),
    [
        ("single", 1, [(1280, 720)]),
        ("side_by_side", 2, [(640, 360)] * 2),
        ("spotlight_strip", 5, [(960, 540)] + [(320, 180)] * 4),
        ("picture_in_picture", 2, [(1280, 720), (320, 180)]),
        ("grid_2", 4, [(640, 360)] * 4),
        ("grid_4", 16, [(320, 180)] * 16),
        ("slate", 3, []),
    ],
)
def test_slots_at_720p_are_of_sizes_pages_send(layout: str, count: int, sizes: list[tuple[int, int]]) -> None:
    assert [(slot.w, slot.h) for slot in scene_slots(layout, count, 1280, 720)] == sizes


def test_a_strip_of_six_at_1080p_is_exact() -> None:
    assert {(s.w, s.h) for s in scene_slots("spotlight_strip", 7, 1920, 1080)[1:]} == {(320, 180)}


def test_nobody_moves_in_a_grid_when_another_one_joins() -> None:
    five, six = scene_slots("grid_3", 5, 1280, 720), scene_slots("grid_3", 6, 1280, 720)
    assert six[:5] == five


def test_unknown_layouts_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown layout"):
        scene_slots("carousel", 1, 1280, 720)


def test_pages_are_asked_for_what_the_slot_needs() -> None:
    for width, height in SEND_SIZES:
        assert requested_size(SlotRect(0, 0, width, height)) == (width, height)
    assert requested_size(SlotRect(0, 0, 182, 102)) == (320, 180)
    assert requested_size(SlotRect(0, 0, 426, 240)) == (320, 180)
    assert requested_size(SlotRect(0, 0, 480, 270)) == (640, 360)
    assert requested_size(SlotRect(0, 0, 1920, 1080)) == (1280, 720)


@given(st.integers(2, 4000), st.integers(2, 4000))
def test_a_source_of_any_shape_fits_its_slot(width: int, height: int) -> None:
    slot = SlotRect(10, 20, 320, 180)
    inner = contain(width, height, slot)
    assert inner.intersection(slot) == inner
    assert inner.w == slot.w or inner.h == slot.h
    assert not (inner.x % 2 or inner.y % 2 or inner.w % 2 or inner.h % 2)


def test_a_portrait_phone_gets_bars_and_a_nearly_fitting_source_does_not() -> None:
    slot = SlotRect(0, 0, 640, 360)
    assert contain(720, 1280, slot) == SlotRect(218, 0, 202, 360)
    assert contain(1280, 720, SlotRect(0, 0, 182, 102)) == SlotRect(0, 0, 182, 102)


def test_scenes_carry_captions_where_they_belong() -> None:
    people = [SceneSource(f"k{i}", f"Name {i}", "Office") for i in range(9)]
    single = build_scene("single", people)
    assert [slot.source for slot in single.slots] == ["k0"]
    assert [type(o.spec).__name__ for o in single.overlays] == ["LowerThird"]
    grid = build_scene("grid_3", people, text=SceneText(clock="10:00:00"))
    assert [type(o.spec).__name__ for o in grid.overlays] == ["TileLabel"] * 9 + ["ClockText"]
    strip = build_scene("spotlight_strip", people[:4])
    assert [type(o.spec).__name__ for o in strip.overlays] == ["LowerThird"] + ["TileLabel"] * 3
    slate = build_scene("slate", people, text=SceneText("Rapat segera dimulai"))
    assert (slate.slots, len(slate.overlays)) == ((), 1)
    assert build_scene("grid_3", people, captions=False).overlays == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_overlays_lie_inside_the_canvas_at_even_places(layout: str) -> None:
    people = [SceneSource(f"k{i}", f"Name {i}") for i in range(60)]
    for width, height in CANVASES:
        for placed in build_scene(layout, people, (width, height), text=SceneText("a", "b", "c")).overlays:
            rect = placed.rect
            assert rect.intersection(SlotRect(0, 0, width, height)) == rect
            assert not (rect.x % 2 or rect.y % 2 or rect.w % 2 or rect.h % 2)
