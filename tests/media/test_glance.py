"""Tests of the look at the program: black and still are seen, captions neither hide nor make them."""

from __future__ import annotations

import numpy as np

from media.audio.quiet import QuietCount
from media.video.glance import Glance, PictureGlance
from media.video.i420 import Planes, new_frame
from media.video.scenebuild import SceneSource, SceneText, build_scene

SIZE = (1280, 720)
BOTH = {"a", "b"}


class Canvas:
    """A program picture of two cameras side by side, looked at twice a second."""

    def __init__(self, layout: str = "side_by_side", *names: str) -> None:
        self.layout, self.names = layout, names or ("a", "b")
        self.frame, self.planes = new_frame(*SIZE)
        self.glance, self.at_us = PictureGlance(), 0
        self.captions = True
        self.caption = "Kec. Astambul"
        self._random = np.random.default_rng(5)
        self.fill(self.planes, 120)

    def fill(self, part: Planes, luma: int) -> None:
        part.fill((luma, 128, 128))

    def noise(self, x: int, w: int) -> None:
        """A camera's picture: everything differs from the one before."""
        self.planes.y[:, x : x + w] = self._random.integers(60, 200, (SIZE[1], w))

    def caption_rect(self) -> tuple[int, int, int, int]:
        """Where the lower third of the first source stands."""
        source = SceneSource(self.names[0], self.caption, "Banjar")
        rect = build_scene(self.layout, [source], SIZE).overlays[0].rect
        return rect.x, rect.y, rect.w, rect.h

    def look(self, moving: set[str]) -> Glance:
        sources = [SceneSource(name, self.caption, "Banjar") for name in self.names]
        text = SceneText(title="Musrenbang")
        scene = build_scene(self.layout, sources, SIZE, captions=self.captions, text=text)
        self.at_us += 500_000
        return self.glance.look(self.planes, scene, moving, self.at_us)


def test_one_camera_that_moves_is_a_program_that_moves() -> None:
    canvas = Canvas()
    assert not canvas.look(BOTH).still
    canvas.noise(640, 640)
    assert not canvas.look(BOTH).still
    canvas.noise(640, 640)
    glance = canvas.look(BOTH)
    assert not glance.still and glance.watched == 2


def test_still_is_said_with_the_time_of_the_picture_that_stands() -> None:
    canvas = Canvas()
    canvas.noise(0, 1280)
    first = canvas.look(BOTH)
    for _ in range(4):
        glance = canvas.look(BOTH)
        assert glance.still and glance.moved_us == first.moved_us


def test_captions_neither_hide_a_frozen_picture_nor_end_it() -> None:
    canvas = Canvas("single", "a")
    canvas.noise(0, 1280)
    canvas.look({"a"})
    for captions in (True, False, True):
        canvas.captions = captions
        canvas.planes.roi(*canvas.caption_rect()).fill((200 if captions else 90, 128, 128))
        assert canvas.look({"a"}).still


def test_what_need_not_move_is_not_watched() -> None:
    canvas = Canvas()
    canvas.look({"a"})
    canvas.noise(640, 640)  # only b moves, and nobody asked about b
    assert canvas.look({"a"}).still
    assert canvas.look(set()).watched == 0
    assert not canvas.look(set()).still


def test_another_layout_begins_anew() -> None:
    canvas = Canvas()
    canvas.look(BOTH)
    assert canvas.look(BOTH).still
    canvas.names = ("b", "a")
    glance = canvas.look(BOTH)
    assert not glance.still and glance.moved_us == canvas.at_us


def test_black_counts_in_the_slots_and_below_no_caption() -> None:
    canvas = Canvas()
    assert canvas.look(BOTH).dark_share < 0.2
    canvas.fill(canvas.planes, 18)
    canvas.planes.y[300:340, 40:200] = 220
    assert 0.9 < canvas.look(BOTH).dark_share < 1.0
    canvas.fill(canvas.planes, 18)
    assert canvas.look(BOTH).dark_share == 1.0


def test_a_slate_is_neither_black_nor_still() -> None:
    canvas = Canvas("slate")
    canvas.names = ()
    canvas.fill(canvas.planes, 16)
    canvas.look(BOTH)
    glance = canvas.look(BOTH)
    assert (glance.dark_share, glance.watched, glance.still) == (0.0, 0, False)


def test_an_encoder_s_flicker_is_not_movement() -> None:
    canvas = Canvas("single", "a")
    canvas.noise(0, 1280)
    canvas.look({"a"})
    canvas.planes.y[::2] += 2
    assert canvas.look({"a"}).still


def test_blocks_that_are_heard_are_counted() -> None:
    count = QuietCount(-60.0)
    quiet, loud = np.full(960, 31, np.int16), np.zeros(960, np.int16)
    loud[7] = -34
    for block in (quiet, loud, quiet):
        count.push(block)
    assert (count.blocks, count.loud) == (3, 1)
    count.set_limit(-57.0)
    count.push(loud)
    assert (count.blocks, count.loud) == (4, 1)
