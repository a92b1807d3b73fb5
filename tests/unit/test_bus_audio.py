"""Audio rings: blocks by index, lost and overwritten ones are missing, never wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.bus import layout
from media.bus.reader import AudioReader
from media.bus.writer import AudioWriter, level_cdb
from media.clock import now_us

BLOCKS = 8


def block(value: int) -> np.ndarray:
    return np.full(layout.BLOCK_SAMPLES, value, np.int16)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[AudioWriter]:
    made = AudioWriter(tmp_path, "audio-a", 2, blocks=BLOCKS)
    yield made
    made.close()


@pytest.fixture
def reader(tmp_path: Path, writer: AudioWriter) -> Iterator[AudioReader]:
    made = AudioReader(tmp_path, "audio-a")
    yield made
    made.close()


def test_blocks_come_back_with_stamp_level_and_flags(writer: AudioWriter, reader: AudioReader) -> None:
    writer.write(1, 0, block(-5), stamp_us=10)
    writer.write(1, 1, block(16384), stamp_us=20_010, flags=3)
    assert reader.head(1) == 2 and reader.head(0) == 0
    found = reader.read(1, 1)
    assert found is not None
    assert (found.index, found.stamp_us, found.flags) == (1, 20_010, 3)
    assert found.level_db == pytest.approx(-6.02, abs=0.01)
    assert np.array_equal(found.samples, block(16384))
    assert found.samples.flags.owndata, "a block is copied out, so that nothing can overwrite it"


def test_a_writer_that_is_closed_again_takes_nothing_else_away(tmp_path: Path, writer: AudioWriter) -> None:
    writer.close()
    after = AudioWriter(tmp_path, "audio-a", 1)
    writer.close()
    assert len(list(tmp_path.glob("audio-a.*.seg"))) == 1
    after.close()


def test_a_block_that_was_lost_is_missing_and_the_next_is_there(
    writer: AudioWriter, reader: AudioReader
) -> None:
    writer.write(0, 0, block(1), 0)
    writer.write(0, 2, block(3), 40_000)
    assert reader.head(0) == 3
    assert reader.read(0, 1) is None
    after = reader.read(0, 2)
    assert after is not None and after.samples[0] == 3


def test_a_late_block_takes_its_own_place(writer: AudioWriter, reader: AudioReader) -> None:
    writer.write(0, 2, block(3), 40_000)
    writer.write(0, 1, block(2), 20_000)
    assert reader.head(0) == 3
    late = reader.read(0, 1)
    assert late is not None and late.samples[0] == 2


def test_a_reader_that_is_too_slow_misses_blocks_but_never_gets_wrong_ones(
    writer: AudioWriter, reader: AudioReader
) -> None:
    for index in range(BLOCKS + 3):
        writer.write(0, index, block(index), index * layout.BLOCK_US)
    assert [reader.read(0, index) is None for index in range(BLOCKS + 3)] == [True] * 3 + [False] * BLOCKS
    assert reader.read(0, BLOCKS + 3) is None
    assert reader.read(0, -1) is None and reader.read(5, 0) is None


def test_a_block_caught_while_written_is_missing(writer: AudioWriter, reader: AudioReader) -> None:
    writer.write(0, 0, block(1), 0)
    writer._words[writer.geometry.block_word(0, 0) + layout.K_INDEX] = 0
    assert reader.read(0, 0) is None


def test_the_level_is_that_of_the_newest_block_and_falls_silent_with_the_source(
    writer: AudioWriter, reader: AudioReader
) -> None:
    assert reader.level_db(0) == -120.0
    writer.write(0, 0, block(16384), now_us())
    assert reader.level_db(0) == pytest.approx(-6.02, abs=0.01)
    writer._words[writer.geometry.slot_word(0) + layout.A_LEVEL_STAMP_US] = now_us() - 250_000
    assert reader.level_db(0) == -120.0
    assert reader.level_db(7) == -120.0


def test_a_ring_is_empty_for_the_next_source(writer: AudioWriter, reader: AudioReader) -> None:
    writer.write(0, 0, block(16384), now_us())
    writer.reset(0)
    assert reader.head(0) == 0 and reader.read(0, 0) is None and reader.level_db(0) == -120.0


def test_stereo_blocks_keep_their_shape(tmp_path: Path) -> None:
    writer = AudioWriter(tmp_path, "audio-s", 1, blocks=4, channels=2)
    reader = AudioReader(tmp_path, "audio-s")
    samples = np.arange(layout.BLOCK_SAMPLES * 2, dtype=np.int16).reshape(layout.BLOCK_SAMPLES, 2)
    writer.write(0, 0, samples, 0)
    found = reader.read(0, 0)
    assert found is not None and np.array_equal(found.samples, samples)
    with pytest.raises(ValueError, match="960 samples"):
        writer.write(0, 1, block(1), 0)
    reader.close()
    writer.close()


def test_the_next_writer_is_followed(tmp_path: Path) -> None:
    first = AudioWriter(tmp_path, "audio-b", 1)
    reader = AudioReader(tmp_path, "audio-b")
    first.write(0, 40, block(1), 0)
    second = AudioWriter(tmp_path, "audio-b", 1)
    second.write(0, 0, block(2), 0)
    assert reader.head(0) == 41
    assert reader.refresh()
    assert reader.head(0) == 1
    found = reader.read(0, 0)
    assert found is not None and found.samples[0] == 2
    reader.close()
    second.close()
    first.close()


def test_levels_are_those_of_the_definition() -> None:
    sine = (32767 * np.sin(np.arange(960) * 2 * np.pi / 48)).astype(np.int16)
    assert level_cdb(sine) == pytest.approx(-301, abs=1)
    assert level_cdb(block(0)) == layout.SILENCE_CDB


def test_stretches_hold_the_same_as_block_after_block(writer: AudioWriter, reader: AudioReader) -> None:
    for index in (0, 1, 2, 4, 5, 6, 7, 8, 9, 10):
        writer.write(1, index, block(index), index * 20_000)
    found = reader.stretches(1, 0, reader.head(1))
    assert [(first, stamp) for first, stamp, _ in found] == [(4, 80_000), (8, 160_000)]
    assert [len(samples) // layout.BLOCK_SAMPLES for _, _, samples in found] == [4, 3]
    assert np.concatenate([samples for *_, samples in found])[:: layout.BLOCK_SAMPLES].tolist() == [
        *range(4, 11)
    ]
    assert [first for first, *_ in reader.stretches(1, 3, 5)] == [4]
    assert reader.stretches(0, 0, 4) == []


def test_a_level_is_told_without_the_sound_itself(writer: AudioWriter, reader: AudioReader) -> None:
    assert reader.level_db(0) == -120
    writer.note_level(0, -31.0)
    assert reader.level_db(0) == -31
    assert reader.head(0) == 0
    writer.reset(0)
    assert reader.level_db(0) == -120
