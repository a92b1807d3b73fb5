"""The compositor: what is on the canvas is compared with pictures made by plain NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from media.video.compositor import Compositor, PlacedOverlay, Rendition, Scene, SceneSlot, Transition
from media.video.i420 import Planes, SourceFrame, allocate, from_bytes
from media.video.overlay import ClockText, LowerThird, Placeholder, render
from media.video.scene import SlotRect, scene_slots

W, H = 1280, 720


@pytest.fixture
def compositor() -> Iterator[Compositor]:
    made = Compositor(W, H)
    yield made
    made.close()


def picture(width: int, height: int, seed: int, seq: int = 1) -> SourceFrame:
    rng = np.random.default_rng(seed)
    planes = allocate(width, height)
    for plane in planes:
        coarse = rng.integers(20, 230, (plane.shape[0] // 10 + 1, plane.shape[1] // 10 + 1), np.uint8)
        plane[:] = np.kron(coarse, np.ones((10, 10), np.uint8))[: plane.shape[0], : plane.shape[1]]
    return SourceFrame(planes, seq)


def flat(width: int, height: int, luma: int, seq: int = 1) -> SourceFrame:
    return SourceFrame(allocate(width, height, (luma, 128, 128)), seq)


def shown(compositor: Compositor, rect: SlotRect) -> Planes:
    return compositor.planes.roi(rect.x, rect.y, rect.w, rect.h)


def same(a: Planes, b: Planes) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def grid(n: int) -> Scene:
    return Scene(tuple(SceneSlot(r, f"s{i}") for i, r in enumerate(scene_slots(f"grid_{n}", n * n, W, H))))


def settle(compositor: Compositor, sources: dict[str, SourceFrame], now_us: int = 0) -> None:
    compositor.compose(sources, now_us)
    assert compositor.cache.wait()
    compositor.compose(sources, now_us)


def test_sources_of_the_slot_size_are_copied_exactly(compositor: Compositor) -> None:
    scene = grid(4)
    sources = {f"s{i}": picture(320, 180, i) for i in range(16)}
    compositor.set_scene(scene)
    assert compositor.compose(sources, 0)
    for slot in scene.slots:
        assert same(shown(compositor, slot.rect), sources[slot.source].planes)


def test_only_a_source_with_a_new_picture_is_drawn_again(compositor: Compositor) -> None:
    scene = grid(4)
    sources = {f"s{i}": picture(320, 180, i) for i in range(16)}
    compositor.set_scene(scene)
    compositor.compose(sources, 0)
    assert not compositor.compose(sources, 0)
    compositor.planes.y[:] = 77
    sources["s5"] = picture(320, 180, 99, seq=2)
    assert compositor.compose(sources, 0)
    for slot in scene.slots:
        assert (shown(compositor, slot.rect).y == 77).all() == (slot.source != "s5")


def test_scaled_sources_keep_their_picture(compositor: Compositor) -> None:
    scene = grid(7)
    compositor.set_scene(scene)
    compositor.compose({f"s{i}": flat(320, 180, 40 + 4 * i) for i in range(49)}, 0)
    for i, slot in enumerate(scene.slots):
        assert (shown(compositor, slot.rect).y == 40 + 4 * i).all()


def test_a_portrait_source_has_black_bars_also_after_a_landscape_one(compositor: Compositor) -> None:
    rect = SlotRect(0, 0, W, H)
    compositor.set_scene(Scene((SceneSlot(rect, "a"),)))
    compositor.compose({"a": flat(1280, 720, 200)}, 0)
    compositor.compose({"a": flat(360, 640, 150, seq=2)}, 0)
    luma = compositor.planes.y
    assert (luma[:, :430] == 16).all() and (luma[:, -430:] == 16).all()
    assert (luma[:, 450:830] == 150).all()


def test_an_inset_stays_in_front_of_a_main_picture_that_moves(compositor: Compositor) -> None:
    main, inset = scene_slots("picture_in_picture", 2, W, H)
    compositor.set_scene(Scene((SceneSlot(main, "a"), SceneSlot(inset, "b"))))
    sources = {"a": flat(1280, 720, 60), "b": picture(320, 180, 3)}
    for seq in range(2, 5):
        sources["a"] = flat(1280, 720, 60 + seq, seq)
        compositor.compose(sources, 0)
        assert same(shown(compositor, inset), sources["b"].planes)
        assert (compositor.planes.y[-100:] == 60 + seq).all()


def blended(below: int, spec: LowerThird | ClockText) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    image = render(spec)
    assert image.inverse_alpha is not None
    return np.asarray(below * (image.inverse_alpha.y / 255.0) + image.planes.y)


def test_a_caption_is_blended_once_however_often_the_picture_below_changes(compositor: Compositor) -> None:
    placed = PlacedOverlay(LowerThird("Rahmawati", "Camat Astambul"), 64, 600)
    compositor.set_scene(Scene((SceneSlot(SlotRect(0, 0, W, H), "a"),), (placed,)))
    settle(compositor, {"a": flat(1280, 720, 100)})
    for seq in range(2, 8):
        compositor.compose({"a": flat(1280, 720, 100 + seq, seq)}, 0)
        area = shown(compositor, placed.rect).y
        assert np.abs(area - blended(100 + seq, placed.spec)).max() <= 1  # type: ignore[arg-type]


def test_a_caption_across_two_slots_and_the_ground_is_blended_once_everywhere(compositor: Compositor) -> None:
    left, right = scene_slots("side_by_side", 2, W, H)
    placed = PlacedOverlay(LowerThird("Di tengah"), 400, 500)
    scene = Scene((SceneSlot(left, "a"), SceneSlot(right, "b")), (placed,))
    compositor.set_scene(scene)
    sources = {"a": flat(640, 360, 90), "b": flat(640, 360, 90)}
    settle(compositor, sources)
    sources["a"] = flat(640, 360, 90, 2)
    compositor.compose(sources, 0)
    below = np.where(np.arange(500, 572)[:, None] < 540, 90, scene.background_yuv[0])
    image = render(placed.spec)
    assert image.inverse_alpha is not None
    expected = below * (image.inverse_alpha.y / 255.0) + image.planes.y
    assert np.abs(shown(compositor, placed.rect).y - expected).max() <= 1


def test_a_removed_caption_leaves_no_trace(compositor: Compositor) -> None:
    slots = (SceneSlot(SlotRect(0, 0, W, H), "a"),)
    source = {"a": picture(1280, 720, 5)}
    compositor.set_scene(Scene(slots, (PlacedOverlay(LowerThird("Rahmawati"), 64, 600),)))
    settle(compositor, source)
    assert not same(compositor.planes, source["a"].planes)
    compositor.set_scene(Scene(slots))
    assert compositor.compose(source, 0)
    assert same(compositor.planes, source["a"].planes)


def test_a_clock_does_not_blink_while_its_next_second_is_drawn(compositor: Compositor) -> None:
    def scene(text: str) -> Scene:
        return Scene((), (PlacedOverlay(ClockText(text), 64, 36),))

    compositor.set_scene(scene("10:00:00"))
    settle(compositor, {})
    before = shown(compositor, SlotRect(64, 36, 132, 36)).y.copy()
    compositor.set_scene(scene("10:00:01"))
    compositor.compose({}, 0)
    held = shown(compositor, SlotRect(64, 36, 132, 36)).y.copy()
    assert np.abs(held.astype(int) - before).max() <= 1 or compositor.cache.get(ClockText("10:00:01"))
    settle(compositor, {})
    after = shown(compositor, SlotRect(64, 36, 132, 36)).y
    assert np.abs(after.astype(int) - before).max() > 60


def test_a_source_without_picture_shows_its_card_and_then_its_picture(compositor: Compositor) -> None:
    rect = scene_slots("grid_2", 1, W, H)[0]
    compositor.set_scene(Scene((SceneSlot(rect, "a", "Dinas PUPR"),)))
    settle(compositor, {})
    assert same(shown(compositor, rect), render(Placeholder("Dinas PUPR", rect.w, rect.h)).planes)
    frame = picture(640, 360, 8)
    compositor.compose({"a": frame}, 0)
    assert same(shown(compositor, rect), frame.planes)


def test_a_cut_shows_nothing_of_the_scene_before(compositor: Compositor) -> None:
    compositor.set_scene(grid(4))
    compositor.compose({f"s{i}": flat(320, 180, 220) for i in range(16)}, 0)
    rect = SlotRect(320, 180, 640, 360)
    compositor.set_scene(Scene((SceneSlot(rect, "a"),), background_yuv=(16, 128, 128)))
    compositor.compose({"a": flat(640, 360, 50)}, 0)
    assert int(compositor.planes.y.max()) == 50


def full(source: str) -> Scene:
    return Scene((SceneSlot(SlotRect(0, 0, W, H), source),))


def test_a_fade_mixes_both_live_pictures_and_ends_clean(compositor: Compositor) -> None:
    sources = {"a": flat(W, H, 40), "b": flat(W, H, 200)}
    compositor.set_scene(full("a"))
    compositor.compose(sources, 0)
    compositor.set_scene(full("b"), Transition("fade", 400))
    seen = []
    for step in range(6):
        sources["a"] = flat(W, H, 40 + step, step + 2)
        compositor.compose(sources, 1_000_000 + step * 100_000)
        seen.append(int(compositor.planes.y[300, 300]))
    assert seen == pytest.approx([40, 81, 121, 161, 200, 200], abs=1)
    assert not compositor.fading
    assert compositor.frame is compositor._live.frame


def test_a_fade_interrupted_by_a_fade_goes_on_from_what_is_seen(compositor: Compositor) -> None:
    sources = {"a": flat(W, H, 40), "b": flat(W, H, 200), "c": flat(W, H, 100)}
    compositor.set_scene(full("a"))
    compositor.compose(sources, 0)
    compositor.set_scene(full("b"), Transition("fade", 400))
    compositor.compose(sources, 0)
    compositor.compose(sources, 200_000)
    assert int(compositor.planes.y[0, 0]) == 120
    compositor.set_scene(full("c"), Transition("fade", 400))
    compositor.compose(sources, 300_000)
    assert int(compositor.planes.y[0, 0]) == 120
    compositor.compose(sources, 500_000)
    assert int(compositor.planes.y[0, 0]) == 110
    compositor.compose(sources, 700_000)
    assert int(compositor.planes.y[0, 0]) == 100
    compositor.set_scene(full("a"), Transition("fade", 100))
    compositor.compose(sources, 800_000)
    compositor.compose(sources, 900_000)
    assert (compositor.planes.y == 40).all()


def test_a_cut_ends_a_fade_and_new_captions_do_not(compositor: Compositor) -> None:
    sources = {"a": flat(W, H, 40), "b": flat(W, H, 200)}
    compositor.set_scene(full("a"))
    compositor.compose(sources, 0)
    compositor.set_scene(full("b"), Transition("fade", 400))
    compositor.compose(sources, 0)
    compositor.set_scene(Scene(full("b").slots, (PlacedOverlay(ClockText("1"), 0, 0),)))
    held = compositor.fading
    compositor.set_scene(full("a"))
    assert (held, compositor.fading) == (True, False)
    compositor.compose(sources, 0)
    assert (compositor.planes.y == 40).all()


def test_the_return_picture_is_the_program_made_smaller(compositor: Compositor) -> None:
    compositor.set_scene(full("a"))
    compositor.compose({"a": picture(W, H, 4)}, 0)
    small = Rendition(640, 360)
    frame = small.update(compositor.planes)
    assert (frame.width, frame.height) == (640, 360)
    big = compositor.planes.y.reshape(360, 2, 640, 2).mean(axis=(1, 3))
    assert np.abs(small.planes.y - big).max() <= 1


def test_packed_pictures_of_the_bus_are_read_without_a_copy(compositor: Compositor) -> None:
    data = bytearray(range(256)) * (320 * 180 * 3 // 2 // 256 + 1)
    frame = SourceFrame(from_bytes(memoryview(data)[: 320 * 180 * 3 // 2], 320, 180), 1)
    rect = scene_slots("grid_4", 1, W, H)[0]
    compositor.set_scene(Scene((SceneSlot(rect, "a"),)))
    compositor.compose({"a": frame}, 0)
    assert shown(compositor, rect).y[0, :256].tolist() == list(range(256))
