"""Segment files: damaged ones are refused; one process writes, another reads, kill -9 between them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from media.bus import layout
from media.bus.reader import AudioReader, PacketReader, VideoReader
from media.bus.segment import BusError, create_segment, current_path, open_segment
from media.bus.writer import PacketWriter, VideoWriter

DEADLINE_S = 20.0

WRITING = """
import sys
from pathlib import Path
import numpy as np
from media.bus.writer import AudioWriter, PacketWriter, VideoWriter
from media.clock import now_us
folder = Path(sys.argv[1])
video, packets = VideoWriter(folder, "video-x", 1, 64 * 36 * 4), PacketWriter(folder, "packets-x", 65536, 64)
audio = AudioWriter(folder, "audio-x", 1)
number = 0
while True:
    number += 1
    value = number % 200
    luma, chroma = np.full((36, 64), value, np.uint8), np.full((18, 32), value, np.uint8)
    video.write_i420(0, luma, chroma, chroma, now_us())
    packets.write(bytes([value]) * (number % 3000), number, now_us(), number % 30 == 1)
    audio.write(0, number, np.full(960, value, np.int16), now_us())
    video.beat()
    if number == 1:
        print("writing", flush=True)
"""


def segment_of(folder: Path, name: str) -> Path:
    path = current_path(folder, name)
    assert path is not None
    return path


@contextmanager
def writing_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen([sys.executable, "-c", WRITING, str(folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None and child.stdout.readline() == "writing\n"
        yield child
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def poll(true: Callable[[], bool]) -> None:
    until = time.monotonic() + DEADLINE_S
    while not true():
        assert time.monotonic() < until, "did not happen in time"


def test_a_reader_in_another_process_sees_whole_pictures_and_packets_until_the_writer_is_killed(
    tmp_path: Path,
) -> None:
    with writing_process(tmp_path) as child:
        video, packets = VideoReader(tmp_path, "video-x"), PacketReader(tmp_path, "packets-x")
        sound = AudioReader(tmp_path, "audio-x")
        seen = {"video": 0, "packets": 0, "audio": 0}

        def read_everything() -> bool:
            picture = video.picture(0)
            if picture is not None:
                copies = [plane.copy() for plane in picture.planes()]
                if not video.torn(0, picture):
                    assert len({int(value) for plane in copies for value in np.unique(plane)}) == 1
                    seen["video"] += 1
            for packet in packets.read():
                assert packet.data == bytes([packet.pts % 200]) * (packet.pts % 3000)
                seen["packets"] += 1
            block = sound.read(0, sound.head(0) - 1)
            if block is not None:
                assert set(block.samples.tolist()) == {block.index % 200}
                seen["audio"] += 1
            return min(seen.values()) >= 200

        poll(read_everything)
        child.kill()
        child.wait()
        newest = video.picture(0)
        assert newest is not None, "a tile freezes, it does not go away"
        del newest
        assert packets.read() is not None
        for reader in (video, packets, sound):
            reader.close()


def test_a_restarted_process_is_followed(tmp_path: Path) -> None:
    with writing_process(tmp_path):
        reader = VideoReader(tmp_path, "video-x")
        generation = reader.generation
    with writing_process(tmp_path):
        poll(reader.refresh)
        assert reader.generation != generation
        poll(lambda: reader.picture(0) is not None and reader.writer_alive())
    reader.close()


def refused(path: Path, kind: int = layout.KIND_VIDEO) -> str:
    with pytest.raises(BusError) as caught:
        open_segment(path, kind)
    return str(caught.value)


def test_what_is_no_segment_is_refused(tmp_path: Path) -> None:
    assert "cannot be mapped" in refused(tmp_path / "missing.seg")
    empty, short, foreign = tmp_path / "empty.seg", tmp_path / "short.seg", tmp_path / "foreign.seg"
    empty.touch()
    short.write_bytes(b"\0" * 64)
    foreign.write_bytes(os.urandom(8192))
    assert "cannot be mapped" in refused(empty)
    assert "is not a bus segment" in refused(short)
    assert "is not a bus segment" in refused(foreign)


def test_another_kind_and_another_version_are_refused(tmp_path: Path) -> None:
    writer = PacketWriter(tmp_path, "packets-x", 4096, 16)
    path = segment_of(tmp_path, "packets-x")
    assert "another kind" in refused(path)
    writer._words[layout.H_VERSION] = layout.VERSION + 1
    assert "version" in refused(path, layout.KIND_PACKET)
    writer.close()


@pytest.mark.parametrize(
    "header",
    [
        {layout.H_COUNT: 1 << 40, layout.H_BUFFERS: 3, layout.H_CAPACITY: 1024},
        {layout.H_COUNT: 2, layout.H_BUFFERS: 0, layout.H_CAPACITY: 1024},
        {layout.H_COUNT: 2, layout.H_BUFFERS: 3, layout.H_CAPACITY: 1 << 60},
        {layout.H_COUNT: 2, layout.H_BUFFERS: 3, layout.H_CAPACITY: 1 << 20},
    ],
)
def test_a_header_that_promises_more_than_the_file_holds_is_refused(
    tmp_path: Path, header: dict[int, int]
) -> None:
    segment = create_segment(tmp_path, "video-x", layout.KIND_VIDEO, 65536, header)
    reader = VideoReader(tmp_path, "video-x")
    assert not reader.attached
    assert reader.picture(0) is None
    good = VideoWriter(tmp_path, "video-x", 1, 1024)
    assert reader.refresh()
    assert reader.count == 1
    reader.close()
    good.close()
    segment.release()


@pytest.mark.parametrize(
    "header", [{layout.H_COUNT: 0, layout.H_CAPACITY: 64}, {layout.H_COUNT: 4, layout.H_CAPACITY: 0}]
)
def test_a_packet_ring_without_room_is_refused(tmp_path: Path, header: dict[int, int]) -> None:
    segment = create_segment(tmp_path, "packets-x", layout.KIND_PACKET, 65536, header)
    reader = PacketReader(tmp_path, "packets-x")
    assert not reader.attached and reader.read() == []
    segment.release()


@pytest.mark.parametrize("channels", [0, 1 << 40])
def test_an_audio_ring_of_impossible_shape_is_refused(tmp_path: Path, channels: int) -> None:
    header = {layout.H_COUNT: 1, layout.H_BUFFERS: 4, layout.H_CHANNELS: channels}
    segment = create_segment(tmp_path, "audio-x", layout.KIND_AUDIO, 65536, header)
    reader = AudioReader(tmp_path, "audio-x")
    assert not reader.attached and reader.head(0) == 0 and reader.read(0, 0) is None
    segment.release()


@pytest.mark.parametrize(
    "target", ["../video-x.seg", "video-x/../../secret", "other.seg", "", "video-x\0.seg"]
)
def test_a_pointer_that_leads_elsewhere_is_not_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "video-x.cur").write_text(target, encoding="ascii")
    reader = VideoReader(tmp_path, "video-x")
    assert not reader.attached


def test_a_pointer_of_garbage_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "video-x.cur").write_bytes(b"\xff\xfe" * 40)
    assert not VideoReader(tmp_path, "video-x").attached


def test_a_reader_keeps_its_segment_when_the_next_one_is_bad(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path, "video-x", 1, 64 * 36 * 4)
    reader = VideoReader(tmp_path, "video-x")
    chroma = np.zeros((18, 32), np.uint8)
    writer.write_i420(0, np.zeros((36, 64), np.uint8), chroma, chroma, stamp_us=1)
    (tmp_path / "video-x.bad.seg").write_bytes(b"nothing")
    (tmp_path / "video-x.cur").write_text("video-x.bad.seg", encoding="ascii")
    assert not reader.refresh()
    assert reader.picture(0) is not None
    reader.close()
    writer.close()


def test_segments_are_private(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "bus", "video-x", 1, 1024)
    assert segment_of(tmp_path / "bus", "video-x").stat().st_mode & 0o077 == 0
    assert (tmp_path / "bus").stat().st_mode & 0o077 == 0
    writer.close()


def test_closing_takes_the_file_away_and_leaves_readers_their_picture(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path, "video-x", 1, 1024)
    reader = VideoReader(tmp_path, "video-x")
    ticket, target = writer.begin_bgra(0, 4, 4)
    target[:] = 9
    writer.publish(0, ticket, 1)
    writer.close()
    assert not list(tmp_path.glob("*.seg"))
    picture = reader.picture(0)
    assert picture is not None and bytes(picture.data) == bytes([9]) * 64
    assert not VideoReader(tmp_path, "video-x").attached
    del picture, target
    reader.close()
