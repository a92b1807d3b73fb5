"""Packet rings: packets in order and whole, losses counted, a late reader begins at the newest key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.bus import layout
from media.bus.reader import PacketReader
from media.bus.writer import PacketWriter

CAPACITY, ENTRIES = 8192, 16


def payload(number: int, size: int = 100) -> bytes:
    return bytes([number % 251]) * size


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[PacketWriter]:
    made = PacketWriter(tmp_path, "packets-a", CAPACITY, ENTRIES)
    yield made
    made.close()


@pytest.fixture
def reader(tmp_path: Path, writer: PacketWriter) -> Iterator[PacketReader]:
    made = PacketReader(tmp_path, "packets-a")
    yield made
    made.close()


def test_packets_come_in_order_with_all_they_were_given(writer: PacketWriter, reader: PacketReader) -> None:
    assert reader.read() == []
    writer.write(b"key", pts=-90, stamp_us=1_000, key=True)
    writer.write(b"delta", pts=3000, stamp_us=34_333, key=False)
    first, second = reader.read()
    assert (first.data, first.pts, first.stamp_us, first.key) == (b"key", -90, 1_000, True)
    assert (second.data, second.pts, second.key) == (b"delta", 3000, False)
    assert (first.seq, second.seq) == (1, 2)
    assert reader.read() == [] and reader.lost_packets == 0


def test_a_late_reader_begins_at_the_newest_key(tmp_path: Path, writer: PacketWriter) -> None:
    for number in range(1, 8):
        writer.write(payload(number), number, number, key=number in (1, 5))
    late = PacketReader(tmp_path, "packets-a")
    assert [packet.seq for packet in late.read()] == [5, 6, 7]
    assert late.lost_packets == 0
    late.close()


def test_a_late_reader_does_not_begin_at_a_key_that_is_about_to_be_overwritten(
    tmp_path: Path, writer: PacketWriter
) -> None:
    for number in range(1, ENTRIES):
        writer.write(payload(number), number, number, key=number == 1)
    late = PacketReader(tmp_path, "packets-a")
    assert late.read() == []
    writer.write(payload(99), 99, 99, key=True)
    assert [packet.pts for packet in late.read()] == [99]
    late.close()


def test_a_limit_leaves_the_rest_for_the_next_call(writer: PacketWriter, reader: PacketReader) -> None:
    assert reader.read() == []
    for number in range(5):
        writer.write(payload(number), number, number, key=False)
    assert [len(reader.read(2)) for _ in range(3)] == [2, 2, 1]


def test_what_an_overrun_reader_lost_is_counted_and_it_goes_on_at_a_key(
    writer: PacketWriter, reader: PacketReader
) -> None:
    writer.write(payload(0), 0, 0, key=True)
    assert len(reader.read()) == 1
    for number in range(1, 3 * ENTRIES):
        writer.write(payload(number), number, number, key=number == 3 * ENTRIES - 4)
    found = reader.read()
    assert found[0].key and found[0].pts == 3 * ENTRIES - 4
    assert [packet.pts for packet in found] == list(range(3 * ENTRIES - 4, 3 * ENTRIES))
    assert reader.lost_packets == 3 * ENTRIES - 4 - 1


def test_bytes_that_were_overwritten_are_never_given_out(writer: PacketWriter, reader: PacketReader) -> None:
    """Few large packets fill the bytes before the index comes round."""
    for number in range(9):
        writer.write(payload(number, 2000), number, number, key=True)
    found = reader.read()
    assert found
    assert all(packet.data == payload(packet.pts, 2000) for packet in found)


def test_a_packet_larger_than_a_quarter_of_the_ring_is_refused(
    writer: PacketWriter, reader: PacketReader
) -> None:
    with pytest.raises(ValueError, match="too large"):
        writer.write(bytes(CAPACITY // 4 + 1), 0, 0, key=True)
    assert reader.read() == []


def test_the_next_writer_is_followed_from_its_newest_key(tmp_path: Path) -> None:
    first = PacketWriter(tmp_path, "packets-b", CAPACITY, ENTRIES)
    reader = PacketReader(tmp_path, "packets-b")
    first.write(payload(1), 1, 1, key=True)
    assert len(reader.read()) == 1
    second = PacketWriter(tmp_path, "packets-b", CAPACITY, ENTRIES)
    for number in (10, 11, 12):
        second.write(payload(number), number, number, key=number == 11)
    assert reader.read() == [] and reader.refresh()
    assert [packet.pts for packet in reader.read()] == [11, 12]
    assert reader.lost_packets == 0
    reader.close()
    second.close()
    first.close()


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.one_of(st.tuples(st.integers(0, 2048), st.booleans()), st.just("read")), min_size=1, max_size=80
    )
)
def test_whatever_the_sizes_each_packet_read_is_whole_and_none_is_uncounted(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, bool] | str]
) -> None:
    folder = tmp_path_factory.mktemp("ring")
    writer = PacketWriter(folder, "packets-h", CAPACITY, ENTRIES)
    reader = PacketReader(folder, "packets-h")
    assert reader.read() == []
    written = seen = 0
    for step in [*steps, "read"]:
        if isinstance(step, tuple):
            written += 1
            writer.write(payload(written, step[0]), written, written, key=step[1])
            continue
        for packet in reader.read():
            assert packet.data == payload(packet.pts, len(packet.data)) and packet.seq == packet.pts
            seen += 1
    assert seen + reader.lost_packets == written
    reader.close()
    writer.close()


def test_a_packet_whose_entry_is_gone_is_lost_not_wrong(writer: PacketWriter, reader: PacketReader) -> None:
    assert reader.read() == []
    for number in (1, 2, 3):
        writer.write(payload(number), number, number, key=True)
    writer._words[writer.geometry.entry_word(2) + layout.E_SEQ] = 0
    assert [packet.pts for packet in reader.read()] == [1, 3]
    assert reader.lost_packets == 1
