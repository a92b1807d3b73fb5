"""The program thread on a real bus: cuts are quick, late sources are followed, faults do not end it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from media.bus.layout import BusPacket
from media.bus.reader import PacketReader, VideoReader
from media.bus.writer import VideoWriter
from media.clock import now_us
from media.packet import EncodedPacket
from media.reason import ProgramCode, Reason
from media.video.compositor import Scene, SceneSlot, Transition
from media.video.encoder import AIR_720P30, RETURN_360P15
from media.video.i420 import frame_planes
from media.video.program import PREVIEW_SLOT, PROGRAM_SLOT, ProgramPlan, ProgramThread
from media.video.scene import SlotRect

AIR = replace(AIR_720P30, width_px=320, height_px=180, bit_rate_bps=1_000_000)
RETURN = replace(RETURN_360P15, width_px=160, height_px=90, bit_rate_bps=200_000)
WHOLE = SlotRect(0, 0, 320, 180)
DEADLINE_S = 10.0
DARK, GREY, LIGHT = 40, 120, 210


def until(true: Callable[[], bool], within_s: float = DEADLINE_S) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.005)


def scene(source: str) -> Scene:
    return Scene((SceneSlot(WHOLE, source, source),))


class Source:
    """A segment with one picture in one grey."""

    def __init__(self, folder: Path, name: str, luma: int) -> None:
        self.writer = VideoWriter(folder, name, 1, 320 * 180 * 4)
        self.show(luma)

    def show(self, luma: int) -> None:
        chroma = np.full((90, 160), 128, np.uint8)
        self.writer.write_i420(0, np.full((180, 320), luma, np.uint8), chroma, chroma, now_us())


class Rig:
    """A running program with its AIR packets, and what is seen in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.packets: list[EncodedPacket] = []
        self.fail: Exception | None = None
        self.program = ProgramThread(folder, AIR, RETURN, self._packet)
        self.plan = ProgramPlan(
            air_wanted=True, places={"a": ("video-a", 0), "b": ("video-b", 0), "late": ("video-late", 0)}
        )

    def _packet(self, packet: EncodedPacket) -> None:
        self.packets.append(packet)
        if self.fail is not None:
            error, self.fail = self.fail, None
            raise error

    def show(self, **changes: object) -> int:
        """Change the plan; returns how many packets there were."""
        self.plan = replace(self.plan, **changes)  # type: ignore[arg-type]
        self.program.set_plan(self.plan)
        return len(self.packets)

    def lumas(self) -> list[int]:
        """The middle of each AIR picture, decoded."""
        decoder = av.CodecContext.create("h264", "r")
        found = []
        for packet in list(self.packets):
            for frame in decoder.decode(av.Packet(packet.data)):
                found.append(int(frame_planes(frame).y[60:120, 100:220].mean()))
        return found

    def sees(self, luma: int) -> bool:
        found = self.lumas()
        return bool(found) and abs(found[-1] - luma) < 12


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    sources = [Source(tmp_path, "video-a", DARK), Source(tmp_path, "video-b", LIGHT)]
    made.program.start()
    yield made
    made.program.stop()
    assert not made.program.alive
    for source in sources:
        source.writer.close()


def test_a_cut_is_in_the_next_picture(rig: Rig) -> None:
    rig.show(on_air=scene("a"))
    until(lambda: rig.sees(DARK))
    before = rig.show(on_air=scene("b"))
    until(lambda: len(rig.packets) >= before + 4)
    after = rig.lumas()[before:]
    assert abs(after[0] - DARK) < 12 or abs(after[0] - LIGHT) < 12, "one may have been under way"
    assert all(abs(luma - LIGHT) < 12 for luma in after[1:4])


def test_a_picture_that_stands_and_one_that_is_black_are_seen(rig: Rig) -> None:
    camera = Source(rig.folder, "video-late", GREY)
    figures = rig.program.figures
    rig.show(on_air=scene("late"), moving=frozenset({"late", "nobody"}))
    until(lambda: figures.glance is not None and figures.glance.still and figures.glance.watched == 1)
    assert figures.glance is not None and figures.glance.dark_share == 0.0
    since_us = figures.glance.moved_us
    camera.show(LIGHT)
    until(lambda: figures.glance is not None and figures.glance.moved_us > since_us)
    camera.show(16)
    until(lambda: figures.glance is not None and figures.glance.dark_share == 1.0)
    rig.show(moving=frozenset())
    until(lambda: figures.glance is not None and not figures.glance.watched)
    camera.writer.close()


def test_a_fade_goes_from_one_to_the_other(rig: Rig) -> None:
    rig.show(on_air=scene("a"))
    until(lambda: rig.sees(DARK))
    before = rig.show(on_air=scene("b"), transition=Transition("fade", 400))
    until(lambda: rig.sees(LIGHT))
    fading = [luma for luma in rig.lumas()[before:] if DARK + 20 < luma < LIGHT - 20]
    assert len(fading) >= 4
    assert fading == sorted(fading)


def test_a_source_that_comes_late_appears(rig: Rig) -> None:
    rig.show(on_air=scene("late"))
    until(lambda: len(rig.packets) > 5)
    late = Source(rig.folder, "video-late", GREY)
    until(lambda: rig.sees(GREY))
    late.writer.close()


def test_the_writer_of_a_source_is_followed_over_its_restart(rig: Rig) -> None:
    rig.show(on_air=scene("a"))
    until(lambda: rig.sees(DARK))
    again = Source(rig.folder, "video-a", GREY)
    until(lambda: rig.sees(GREY))
    again.show(LIGHT)
    until(lambda: rig.sees(LIGHT))
    again.writer.close()


def test_until_the_own_picture_of_a_source_comes_its_tile_is_shown(rig: Rig) -> None:
    """Whoever is only on the wall sends no own-size picture: it takes some tenths of a second to come."""
    wall = VideoWriter(rig.folder, "video-wall", 2, 320 * 180 * 4)

    def tile(grey: int) -> None:
        ticket, pixels = wall.begin_bgra(1, 160, 90)
        pixels[:] = grey
        wall.publish(1, ticket, now_us())

    tile(255)
    rig.show(on_air=scene("w"), places={"w": ("video-wall", 0)}, tiles={"w": ("video-wall", 1)})
    until(lambda: rig.sees(235))
    tile(0)
    until(lambda: rig.sees(16))
    chroma = np.full((90, 160), 128, np.uint8)
    wall.write_i420(0, np.full((180, 320), GREY, np.uint8), chroma, chroma, now_us())
    until(lambda: rig.sees(GREY))
    wall.clear(0)
    until(lambda: rig.sees(16))
    wall.clear(1)
    until(lambda: not rig.sees(16))
    wall.close()


def test_a_source_that_went_leaves_a_card_with_its_name(rig: Rig) -> None:
    rig.show(on_air=scene("b"))
    until(lambda: rig.sees(LIGHT))
    rig.show(places={})
    until(lambda: not rig.sees(LIGHT))
    assert rig.program.failure is None


def test_monitors_have_the_size_that_is_asked_for(rig: Rig) -> None:
    reader = VideoReader(rig.folder, "video-engine")
    until(lambda: reader.refresh() or reader.attached)
    rig.show(on_air=scene("a"), preview=scene("b"))
    until(lambda: len(rig.packets) > 5)
    assert reader.picture(PROGRAM_SLOT) is None, "nobody looks, nothing is drawn"
    for size in ((240, 134), (640, 360), (320, 180)):
        rig.show(program_monitor_px=size, preview_monitor_px=size)

        def right(slot: int, luma: int, size: tuple[int, int] = size) -> bool:
            picture = reader.picture(slot)
            if picture is None or (picture.width_px, picture.height_px) != size:
                return False
            pixels = np.frombuffer(picture.data, np.uint8).reshape(size[1], size[0], 4)
            middle = pixels[size[1] // 3 : size[1] // 2, size[0] // 3 : size[0] // 2, :3].mean()
            return abs(float(middle) - (luma - 16) * 255 / 219) < 12

        until(lambda: right(PROGRAM_SLOT, DARK) and right(PREVIEW_SLOT, LIGHT))
    reader.close()


def test_air_is_encoded_only_when_an_output_wants_it_and_begins_with_a_key(rig: Rig) -> None:
    rig.show(on_air=scene("a"), air_wanted=False)
    until(lambda: rig.program.figures.frames > 10)
    count = len(rig.packets)
    before = rig.program.figures.frames
    until(lambda: rig.program.figures.frames > before + 5)
    assert len(rig.packets) == count
    rig.show(air_wanted=True)
    until(lambda: len(rig.packets) > count + 3)
    assert rig.packets[count].key and not rig.packets[count + 1].key


def test_a_key_comes_on_request(rig: Rig) -> None:
    rig.show(on_air=scene("a"))
    until(lambda: len(rig.packets) > 5)
    count = len(rig.packets)
    rig.program.request_air_key()
    until(lambda: len(rig.packets) > count + 3)
    assert any(packet.key for packet in rig.packets[count : count + 3])


def test_stamps_rise_with_the_clock(rig: Rig) -> None:
    rig.show(on_air=scene("a"))
    until(lambda: len(rig.packets) > 40)
    stamps = [packet.stamp_us for packet in rig.packets]
    steps = np.diff(stamps)
    assert (steps > 0).all()
    assert abs(float(np.median(steps)) - 33_333) < 2_000
    assert abs(stamps[-1] - now_us()) < 1_000_000


def decoded(reader: PacketReader, codec: str, count: int) -> list[av.VideoFrame]:
    """Frames of a RETURN ring, from its newest key on."""
    decoder = av.CodecContext.create(codec, "r")
    frames: list[av.VideoFrame] = []

    def enough() -> bool:
        reader.refresh()
        for packet in reader.read():
            frames.extend(decoder.decode(av.Packet(packet.data)))  # type: ignore[attr-defined]
        return len(frames) >= count

    until(enough)
    return frames


def test_return_is_made_for_the_participants_in_its_size_and_rate(rig: Rig) -> None:
    rig.show(on_air=scene("b"), air_wanted=False)
    reader = PacketReader(rig.folder, "packets-return-h264")
    rig.program.request_return_key("h264")
    frames = decoded(reader, "h264", 10)
    assert (frames[0].width, frames[0].height) == (160, 90)
    until(lambda: rig.program.figures.fps > 0)
    assert rig.program.figures.fps > 20
    reader.close()


def test_vp8_is_made_on_demand(rig: Rig) -> None:
    reader = PacketReader(rig.folder, "packets-return-vp8")
    rig.show(on_air=scene("b"))
    until(lambda: len(rig.packets) > 10)
    assert not reader.refresh() and not reader.attached
    rig.show(vp8_wanted=True)
    frames = decoded(reader, "vp8", 5)
    assert (frames[0].width, frames[0].height) == (160, 90)
    rig.program.request_return_key("vp8")
    assert any(packet.key for packet in gathered(reader, 8))
    rig.show(vp8_wanted=False)
    time.sleep(0.15)
    reader.read()
    before = rig.program.figures.frames
    until(lambda: rig.program.figures.frames > before + 6)
    assert reader.read() == []
    reader.close()


def gathered(reader: PacketReader, count: int) -> list[BusPacket]:
    found: list[BusPacket] = []

    def enough() -> bool:
        found.extend(reader.read())
        return len(found) >= count

    until(enough)
    return found


def test_a_fault_is_told_and_the_program_goes_on(rig: Rig, expect_log: Callable[[str], None]) -> None:
    expect_log("the program failed and begins anew")
    rig.show()
    until(lambda: len(rig.packets) > 5)
    rig.fail = RuntimeError("disk on fire")  # while no source is shown: the traceback would keep its picture
    failure = Reason(ProgramCode.INTERNAL, "RuntimeError: disk on fire")
    until(lambda: rig.program.failure == failure)
    count = len(rig.packets)
    rig.show(on_air=scene("a"))
    until(lambda: rig.sees(DARK))
    assert rig.packets[count].key and rig.program.alive
    until(lambda: rig.program.failure is None)


def test_what_it_cannot_do_at_first_it_does_when_it_can(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    """The folder of the bus cannot be written, then it can."""
    expect_log("the program failed and begins anew")
    folder = tmp_path / "bus"
    folder.touch()
    rig = Rig(folder)
    rig.program.start()
    until(lambda: rig.program.failure is not None)
    folder.unlink()
    rig.show(on_air=scene("a"))
    until(lambda: len(rig.packets) > 3)
    rig.program.stop()


def test_when_it_ends_its_segments_are_gone(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.program.start()
    rig.show(on_air=scene("a"), vp8_wanted=True)
    until(lambda: len(rig.packets) > 3)
    rig.program.stop()
    assert not list(tmp_path.glob("*.seg"))
