"""Captions: legible, elided, of any script, rendered away from the program thread."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from media.video import overlay
from media.video.bidi import visual_order
from media.video.i420 import allocate, from_bgr, to_bgr
from media.video.overlay import (
    ClockText,
    LowerThird,
    OverlayCache,
    OverlaySpec,
    Placeholder,
    SlateCard,
    TileLabel,
    clean_text,
    initials,
    render,
    to_i420a,
)
from media.video.scenebuild import SceneSource, build_scene

NAMES = [
    "Hj. Rahmawati, S.Sos.",
    "Ñandú — é Åfjord",
    "李明 主席",
    "محمد عبد الله",
    "अनिता शर्मा",
    "🙂 Emoji 👩‍👩‍👧",
    "a" * 5000,
    "\u202eesrever\u0000\x1b[31m",
    "\ud800 lone surrogate",
    "",
    " \n\t ",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_drawn(name: str) -> None:
    specs: list[OverlaySpec] = [
        LowerThird(name, name),
        LowerThird(name),
        TileLabel(name, 182, 16),
        ClockText(name),
        SlateCard(name, name, 640, 360),
        Placeholder(name, 320, 180),
        Placeholder(name, 90, 50),
    ]
    for spec in specs:
        image = render(spec)
        assert image.planes.y.shape == (spec.height_px, spec.width_px)
        assert image.planes.u.shape == (spec.height_px // 2, spec.width_px // 2)


def test_names_are_cleaned_of_what_controls_the_display() -> None:
    assert clean_text("a\u202eb\nc\x00d\u2066e  f") == "ab cde f"


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Camat Astambul 12", "Camat Astambul 12"),
        ("محمد", "دمحم"),
        ("محمد عبد", "دبع دمحم"),
        ("Kab. محمد — Banjar", "Kab. دمحم — Banjar"),
        ("محمد 12 عبد", "دبع 12 دمحم"),
        ("مُحمد", "دمحمُ"),
    ],
)
def test_right_to_left_writing_is_drawn_from_the_right(text: str, drawn: str) -> None:
    assert visual_order(text) == drawn


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Kec. Kertak Hanyar", "KH"),
        ("Dinas PUPR", "DP"),
        ("Diskominfo", "D"),
        ("", "?"),
        ("…", "?"),
        ("李明", "李"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


TITLE = "Musrenbang RKPD Kabupaten Hulu Sungai Selatan Tahun Anggaran 2027"
LONG_NAMES = [
    "Hj. Siti Nurhaliza binti Abdul Rahman, S.Sos., M.A.P., Ph.D. ",
    "Ir. H. Muhammad Wahyu Wirawan Dwi Hadiningrat Kusumawardhana, MT",
    "W" * 40,
]


@pytest.mark.parametrize("name", LONG_NAMES)
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (640, 360)])
def test_names_of_sixty_four_characters_are_readable_whole(name: str, width: int, height: int) -> None:
    source = SceneSource("p1", name, "Kepala Dinas Komunikasi dan Informatika Kab. Hulu Sungai Selatan")
    for layout in ("single", "side_by_side", "grid_3"):
        scene = build_scene(layout, [source] * 2, (width, height))
        for placed in scene.overlays:
            spec = placed.spec
            assert isinstance(spec, LowerThird | TileLabel)
            if isinstance(spec, LowerThird):
                drawn = overlay._lower_third(spec).drawn
            else:
                drawn = overlay._tile_label(spec).drawn
            assert name.replace(" ", "") in "".join(drawn).replace(" ", "")
            assert not any("…" in line for line in drawn)


def test_a_slate_shows_its_whole_title() -> None:
    drawn = overlay._slate(SlateCard(TITLE, "Mohon tunggu, rapat segera dimulai", 1280, 720)).drawn
    assert " ".join(drawn[:-1]) == TITLE and drawn[-1] == "Mohon tunggu, rapat segera dimulai"
    longest = overlay._slate(SlateCard("Rapat koordinasi " * 7, "", 1280, 720)).drawn
    assert not any("…" in line for line in longest)


def test_the_panel_is_no_wider_than_a_short_name_needs() -> None:
    luma = render(LowerThird("Rahmawati", "Camat", 794, 72, 480)).inverse_alpha
    assert luma is not None
    assert int(luma.y[36, 470]) < 40, "the panel"
    assert int(luma.y[36, 500]) == 255, "nothing beside it"


def ink(spec: LowerThird) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Where the name's row has letters (bright against the panel)."""
    rows = render(spec).planes.y[10:36]
    return np.asarray((rows > 150).any(axis=0))


def test_a_long_name_is_cut_with_an_ellipsis_inside_the_panel() -> None:
    short, long = ink(LowerThird("Rahmawati")), ink(LowerThird("Rahmawati " * 20))
    assert short[40:200].sum() > 40
    assert np.flatnonzero(long)[-1] > 380
    assert not long[-12:].any()


def test_letters_are_smooth_and_have_their_accents() -> None:
    plain = render(LowerThird("N")).planes.y.astype(int)
    tilde = render(LowerThird("Ñ")).planes.y.astype(int)
    difference = np.abs(plain - tilde)
    rows = np.flatnonzero(difference.max(axis=1) > 60)
    letter_rows = np.flatnonzero((plain[:, 20:60] > 150).any(axis=1))
    assert len(rows) >= 2
    assert rows.max() <= letter_rows.min() + 2
    shades = np.unique(plain[:, 20:60])
    assert len(shades) > 20


def test_a_blended_overlay_looks_like_the_ordinary_formula() -> None:
    rgba = np.zeros((16, 16, 4), np.float32)
    rgba[..., 0], rgba[..., 1], rgba[..., 2], rgba[..., 3] = 200 * 0.5, 60 * 0.5, 30 * 0.5, 127.5
    image = to_i420a(rgba)
    ground = from_bgr(np.full((16, 16, 3), (90, 140, 220), np.uint8))
    assert image.inverse_alpha is not None
    out = allocate(16, 16)
    for target, below, inverse, colour in zip(out, ground, image.inverse_alpha, image.planes, strict=True):
        target[:] = np.rint(below * (inverse / 255.0)) + colour
    expected = (np.array([90, 140, 220]) + np.array([30, 60, 200])) / 2
    assert np.abs(to_bgr(out)[8, 8].astype(float) - expected).max() <= 4


def test_the_cache_renders_in_another_thread_and_only_once() -> None:
    cache = OverlayCache()
    spec = LowerThird("Rahmawati")
    assert cache.get(spec) is None
    assert cache.wait()
    image = cache.get(spec)
    assert image is not None
    assert cache.get(LowerThird("Rahmawati")) is image
    cache.close()


def test_the_cache_does_not_grow_for_ever() -> None:
    cache = OverlayCache()
    cache.prepare(ClockText(f"{i}", 16, 8) for i in range(300))
    assert cache.wait(20)
    assert len(cache._ready) == overlay.CACHE_ENTRIES
    cache.close()


def test_a_caption_that_cannot_be_drawn_is_left_out(expect_log: Callable[[str], None]) -> None:
    expect_log("could not be drawn")
    cache = OverlayCache()
    odd = TileLabel("x", 2, 2)
    broken = SlateCard("x", "y", 0, 10)
    cache.prepare([broken, odd])
    assert cache.wait()
    assert cache.get(odd) is not None
    cache.close()
