"""Video slots: the newest picture wins, torn ones are seen, a dead writer freezes a tile and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.bus import layout
from media.bus.reader import VideoReader
from media.bus.writer import VideoWriter
from media.clock import now_us

WIDTH, HEIGHT = 64, 36


def planes(value: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.full((HEIGHT, WIDTH), value, np.uint8),
        np.full((HEIGHT // 2, WIDTH // 2), value + 1, np.uint8),
        np.full((HEIGHT // 2, WIDTH // 2), value + 2, np.uint8),
    )


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[VideoWriter]:
    made = VideoWriter(tmp_path, "video-a", 2, WIDTH * HEIGHT * 4, buffers=3)
    yield made
    made.close()


@pytest.fixture
def reader(tmp_path: Path, writer: VideoWriter) -> Iterator[VideoReader]:
    made = VideoReader(tmp_path, "video-a")
    yield made
    made.close()


def test_a_picture_arrives_with_its_planes_size_and_stamp(writer: VideoWriter, reader: VideoReader) -> None:
    seq = writer.write_i420(1, *planes(50), stamp_us=1_234_567)
    picture = reader.picture(1)
    assert picture is not None
    assert (picture.seq, picture.stamp_us) == (seq, 1_234_567)
    assert (picture.width_px, picture.height_px, picture.format) == (WIDTH, HEIGHT, layout.FMT_I420)
    for found, sent in zip(picture.planes(), planes(50), strict=True):
        assert np.array_equal(found, sent)
        assert not found.flags.writeable


def test_a_tile_is_drawn_in_place_and_seen_only_when_published(
    writer: VideoWriter, reader: VideoReader
) -> None:
    ticket, target = writer.begin_bgra(0, 16, 8)
    target[:] = 77
    assert reader.picture(0) is None
    writer.publish(0, ticket, stamp_us=5)
    picture = reader.picture(0)
    assert picture is not None
    assert bytes(picture.data) == b"M" * (16 * 8 * 4)


def test_the_newest_picture_wins_and_slots_do_not_mix(writer: VideoWriter, reader: VideoReader) -> None:
    for value in range(1, 8):
        writer.write_i420(0, *planes(value), stamp_us=value)
    writer.write_i420(1, *planes(100), stamp_us=100)
    first, second = reader.picture(0), reader.picture(1)
    assert first is not None and second is not None
    assert (first.stamp_us, first.planes()[0][0, 0]) == (7, 7)
    assert (second.stamp_us, second.planes()[0][0, 0]) == (100, 100)
    assert (reader.seq(0), reader.seq(1)) == (7, 1)


def test_an_empty_or_unknown_slot_has_no_picture(writer: VideoWriter, reader: VideoReader) -> None:
    assert reader.picture(0) is None
    assert reader.picture(2) is None
    assert reader.seq(2) == 0
    assert reader.count == 2


def test_a_picture_that_is_being_overwritten_is_known_as_torn(
    writer: VideoWriter, reader: VideoReader
) -> None:
    writer.write_i420(0, *planes(1), stamp_us=1)
    picture = reader.picture(0)
    assert picture is not None
    for value in (2, 3):  # the two other buffers
        writer.write_i420(0, *planes(value), stamp_us=value)
        assert not reader.torn(0, picture)
    writer.begin_bgra(0, 8, 8)  # the buffer of the first picture is taken, nothing is published
    assert reader.torn(0, picture)


def test_a_picture_caught_while_written_is_not_given_out(writer: VideoWriter, reader: VideoReader) -> None:
    writer.write_i420(0, *planes(1), stamp_us=1)
    words, geometry = writer._words, writer.geometry
    words[geometry.buffer_word(0, 1) + layout.B_SEQ] = 0  # what a writer does first
    assert reader.picture(0) is None


def test_a_cleared_slot_is_empty_until_the_next_picture(writer: VideoWriter, reader: VideoReader) -> None:
    writer.write_i420(0, *planes(9), stamp_us=1)
    writer.clear(0)
    assert reader.picture(0) is None
    writer.write_i420(0, *planes(10), stamp_us=2)
    picture = reader.picture(0)
    assert picture is not None
    assert picture.planes()[0][0, 0] == 10


def test_the_last_picture_of_a_dead_writer_stays_and_the_next_writer_is_followed(tmp_path: Path) -> None:
    first = VideoWriter(tmp_path, "video-b", 1, WIDTH * HEIGHT * 4)
    reader = VideoReader(tmp_path, "video-b")
    first.write_i420(0, *planes(1), stamp_us=now_us())
    held = reader.picture(0)
    assert held is not None and reader.writer_alive()
    generation = reader.generation
    # A writer that was killed: nothing is cleaned up, its heart stops.
    first._words[layout.H_HEARTBEAT_US] = now_us() - 3_000_000
    assert not reader.writer_alive()
    assert reader.picture(0) is not None
    assert not reader.refresh()

    second = VideoWriter(tmp_path, "video-b", 1, WIDTH * HEIGHT * 4)
    second.write_i420(0, *planes(2), stamp_us=now_us())
    assert reader.refresh()
    assert reader.generation != generation and reader.writer_alive()
    picture = reader.picture(0)
    assert picture is not None and picture.planes()[0][0, 0] == 2
    assert held.planes()[0][0, 0] == 1, "a picture that is still shown outlives its generation"
    assert len(list(tmp_path.glob("video-b.*.seg"))) == 1
    del held, picture
    reader.close()
    second.close()
    first.close()


def test_a_reader_waits_for_a_writer_that_comes_later(tmp_path: Path) -> None:
    reader = VideoReader(tmp_path, "video-c")
    assert not reader.attached and reader.picture(0) is None and reader.count == 0
    assert not reader.writer_alive() and reader.generation == 0
    writer = VideoWriter(tmp_path, "video-c", 1, 1024)
    assert reader.refresh()
    assert reader.count == 1
    assert not reader.refresh()
    reader.close()
    assert reader.picture(0) is None
    writer.close()


def test_a_picture_too_large_for_its_slot_is_refused(writer: VideoWriter, reader: VideoReader) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        writer.begin_bgra(0, WIDTH * 2, HEIGHT)
    with pytest.raises(ValueError, match="does not fit"):
        writer.begin_bgra(2, 8, 8)
    assert reader.picture(0) is None


@pytest.mark.parametrize(
    ("width", "height", "fmt"),
    [(1 << 40, 36, layout.FMT_I420), (64, 1 << 50, layout.FMT_BGRA), (63, 36, layout.FMT_I420), (64, 36, 9)],
)
def test_a_picture_that_lies_about_itself_is_not_given_out(
    writer: VideoWriter, reader: VideoReader, width: int, height: int, fmt: int
) -> None:
    """The room worker parses what the network sends; what it writes must not bring the engine down."""
    writer.write_i420(0, *planes(1), stamp_us=1)
    record = writer.geometry.buffer_word(0, 1)
    writer._words[record + layout.B_WIDTH], writer._words[record + layout.B_HEIGHT] = width, height
    writer._words[record + layout.B_FORMAT] = fmt
    assert reader.picture(0) is None
