"""Isolated recordings: what a participant sent, from real packets into files that any player decodes."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from media.clock import now_us
from media.outputs.isofile import IsoFile, Tags, UnusableHeadError, head_of
from media.outputs.isorecorder import IsoEvent, IsoStream, IsoThread
from media.rtc.client import VideoMode
from media.rtc.lossy import Weather
from tests.media.iso_kit import complaints, judged, order, tapped
from tests.media.rtc_kit import TILE, clip, tone, until


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_picture_and_sound_stand_in_the_file_as_they_were_received(codec: str, tmp_path: Path) -> None:
    async with tapped(tmp_path, codec) as one:
        one.pair.client.set_mode(TILE)
        await until(lambda: len(one.pair.seen.pictures) > 45, 15)
        (path,) = await one.finish()
    found, (begun,) = judged(path), one.told("begun")
    assert complaints(path) == ""
    assert (found.codec, found.size_px) == ({"H264": "h264", "VP8": "vp8"}[codec], (320, 180))
    assert len(found.picture_s) >= 45 and found.picture_s[0] == 0.0
    assert len(found.sound_s) >= 100 and found.sound_s[0] < 0.3
    assert abs(found.picture_s[-1] - found.sound_s[-1]) < 0.3
    assert found.chapters == [] and found.tags["title"] == "Kecamatan Banjar"
    assert (begun.codec, begun.width_px, begun.height_px) == (codec, 320, 180)
    # The first picture was captured a moment ago on this very machine.
    offset_us = time.time_ns() // 1000 - time.monotonic_ns() // 1000
    said = datetime.datetime.fromisoformat(found.tags["creation_time"]).timestamp()
    assert abs(said - (begun.first_us + offset_us) / 1e6) < 0.01


async def test_it_is_recorded_while_nobody_looks_and_decoding_comes_back_without_a_hole(
    tmp_path: Path,
) -> None:
    async with tapped(tmp_path) as one:
        one.pair.peer.set_drop_video(True)
        one.pair.client.set_mode(TILE)
        await until(lambda: len(one.pair.seen.encoded) > 20, 15)
        assert one.pair.seen.pictures == [], "nothing was decoded"
        one.pair.peer.set_drop_video(False)
        await until(lambda: len(one.pair.seen.pictures) > 5, 15)
        (path,) = await one.finish()
    found = judged(path)
    assert complaints(path) == "" and found.chapters == []
    assert found.longest_gap_s < 0.5


async def test_another_size_begins_another_file(tmp_path: Path) -> None:
    larger = clip("H264", 60, 640, 360, 15, 400_000)
    async with tapped(tmp_path) as one:
        one.pair.client.set_mode(TILE)
        await until(lambda: len(one.pair.seen.pictures) > 10, 15)
        one.pair.feed.units = larger
        one.pair.client.set_mode(VideoMode(640, 360, 15, 400_000))
        await until(lambda: [p for p in one.pair.seen.pictures if p[0] == 640][9:] != [], 15)
        paths = await one.finish()
    assert [path.name for path in paths] == ["rapat_01.mkv", "rapat_02.mkv"]
    assert [judged(path).size_px for path in paths] == [(320, 180), (640, 360)]
    assert [complaints(path) for path in paths] == ["", ""]
    first, second = one.told("begun")
    apart_s = (second.first_us - first.first_us) / 1e6
    assert apart_s == pytest.approx(judged(paths[0]).duration_s, abs=0.3), "one clock for both"


async def test_what_is_lost_for_good_is_marked_and_the_file_still_decodes(tmp_path: Path) -> None:
    async with tapped(tmp_path) as one:
        one.pair.client.set_mode(TILE)
        await until(lambda: len(one.pair.seen.pictures) > 20, 15)
        bad = one.pair.to_room(Weather(loss=1.0))
        await asyncio.sleep(0.5)
        bad.weather = Weather(loss=0.8)  # what is sent again is lost as well
        await until(lambda: one.pair.peer.stats().given_up > 0, 15)
        bad.close()
        await until(lambda: bool(one.told("damaged")), 15)
        pictures = len(one.pair.seen.pictures)
        await until(lambda: len(one.pair.seen.pictures) > pictures + 25, 15)
        (path,) = await one.finish()
    found, damaged = judged(path), one.told("damaged")
    assert bad.dropped > 5, "the network was bad indeed"
    assert complaints(path) == ""
    assert damaged[0].kind == "lost" and damaged[0].lost_us > 500_000
    assert any("Gambar hilang di jaringan" in title for _, title in found.chapters)
    place = next(at for at, title in found.chapters if "hilang" in title)
    assert place == pytest.approx(damaged[0].at_us / 1e6, abs=0.01)
    before = [at for at in found.picture_s if at <= place + 0.01]
    after = [at for at in found.picture_s if at > place + 0.01]
    assert after[0] - before[-1] > 0.5, "the mark stands where pictures are missing"


async def test_sound_of_who_has_no_camera_is_kept_and_who_is_muted_is_left_out(tmp_path: Path) -> None:
    async with tapped(tmp_path) as one:
        await until(lambda: bool(one.told("begun")), 15)
        spoken = len(one.pair.seen.sounds)
        await until(lambda: len(one.pair.seen.sounds) > spoken + 25, 15)
        one.stream.hushed = True
        spoken = len(one.pair.seen.sounds)
        await until(lambda: len(one.pair.seen.sounds) > spoken + 50, 15)
        (path,) = await one.finish()
    found = judged(path)
    assert complaints(path) == "" and found.codec == "" and 6.0 < found.sound_s[-1] < 7.5


class SlowDisk:
    """A stream of a clip fed by hand, without any network, while the thread may be held."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.events: list[IsoEvent] = []
        self.keys_asked = 0
        self.stream = IsoStream(order(folder), self._ask, limit_bytes)
        self.stream.writer.on_event = self.events.append
        self.number = 0

    def _ask(self) -> None:
        self.keys_asked += 1

    def push(self, pictures: int, *, key_after: int = 0) -> None:
        for _ in range(pictures):
            restart = key_after and self.number and self.number % key_after == 0
            at = 0 if restart or not self.number else self.number % 60
            unit = clip("H264")[at] if not key_after else clip("H264")[self.number % key_after]
            stamp_us = 1_000_000 + self.number * 66_667
            self.stream.picture(
                "H264", unit, self.number * 6000, self.number % (key_after or 60) == 0, stamp_us, 0
            )
            self.stream.sound(tone()[self.number % 50], self.number * 3200, stamp_us)
            self.number += 1


def test_a_slow_disk_costs_pictures_up_to_the_next_key_picture_and_says_so(tmp_path: Path) -> None:
    disk = SlowDisk(tmp_path, 60_000)
    disk.push(15, key_after=15)
    disk.stream.writer.pump(1)
    disk.push(125, key_after=15)  # eight seconds in which the disk takes nothing
    assert disk.stream.waiting_bytes < 130_000 and disk.stream.dropped_video > 30
    disk.stream.writer.pump(2)
    disk.push(30, key_after=15)
    assert disk.keys_asked > 0
    disk.stream.writer.pump(3)
    disk.stream.writer.close()
    (ended,) = [event for event in disk.events if event.what == "ended"]
    (damaged,) = [event for event in disk.events if event.what == "damaged"]
    assert damaged.kind == "dropped" and damaged.count >= 1
    assert complaints(ended.path) == ""
    assert any("diska lambat" in title for _, title in judged(ended.path).chapters)


def test_a_folder_that_refuses_is_told_once_and_tried_again(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("iso recording of p1 failed")
    blocked = tmp_path / "rekaman"
    blocked.write_text("no folder")
    disk = SlowDisk(blocked, 1 << 20)
    for second in range(4):
        disk.push(15, key_after=15)
        disk.stream.writer.pump(second * 1_000_000)
    assert [event.what for event in disk.events] == ["failed"]
    assert disk.events[0].reason is not None
    blocked.unlink()
    disk.push(15, key_after=15)
    disk.stream.writer.pump(30_000_000)
    disk.stream.writer.close()
    assert [event.what for event in disk.events] == ["failed", "begun", "ended"]
    assert complaints(disk.events[-1].path) == ""


def test_a_file_that_is_deleted_is_no_recording_and_the_next_begins_at_once(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("was taken away")
    disk = SlowDisk(tmp_path, 1 << 20)
    disk.push(15, key_after=15)
    disk.stream.writer.pump(now_us())
    disk.events[0].path.unlink()
    disk.push(15, key_after=15)
    disk.stream.writer.pump(now_us() + 6_000_000)
    disk.push(15, key_after=15)
    disk.stream.writer.pump(now_us() + 6_100_000)
    assert [event.what for event in disk.events] == ["begun", "failed", "begun"]
    reason = disk.events[1].reason
    assert reason is not None and reason.code == "file_gone"
    disk.events[2].path.unlink()
    disk.stream.writer.close()
    assert [event.what for event in disk.events[3:]] == ["failed"], "nor at the end"
    assert not list(tmp_path.iterdir())


def test_a_picture_that_cannot_be_the_first_is_refused_before_a_file_is_made(tmp_path: Path) -> None:
    sps = clip("H264")[0][:20]
    head = head_of("H264", sps)
    tags = Tags("A", "B", 0)
    with pytest.raises(UnusableHeadError):
        IsoFile(tmp_path / "a.mkv", head, sps, tags)
    assert list(tmp_path.iterdir()) == []
    large = clip("H264", 1, 2560, 1440)[0]
    with pytest.raises(UnusableHeadError):
        IsoFile(tmp_path / "b.mkv", head_of("H264", large), large, tags)
    assert list(tmp_path.iterdir()) == []


def test_a_thread_that_never_wrote_ends_at_once() -> None:
    assert IsoThread(lambda event: None).stop(1.0)


def test_sound_from_before_the_first_picture_is_in_the_file(tmp_path: Path) -> None:
    disk = SlowDisk(tmp_path, 1 << 20)
    for number in range(200):
        disk.stream.sound(tone()[number % 50], number * 960, 1_000_000 + number * 20_000)
    disk.stream.writer.pump(1)
    for number in range(30):
        stamp_us = 5_000_000 + number * 66_667
        disk.stream.picture("H264", clip("H264")[number], number * 6000, number == 0, stamp_us, 0)
    disk.stream.writer.pump(2)
    disk.stream.writer.close()
    begun, ended = disk.events
    found = judged(ended.path)
    assert (begun.what, begun.first_us, begun.codec) == ("begun", 1_000_000, "H264")
    assert complaints(ended.path) == "" and len(found.picture_s) == 30 and len(found.sound_s) == 200
    assert found.sound_s[0] < 0.05 and abs(found.picture_s[0] - 4.0) < 0.05, "both where they were"


def fed_then_ended(folder: Path) -> tuple[IsoThread, SlowDisk]:
    """A thread with a stream that has a file, and what it is told of."""
    disk = SlowDisk(folder, 1 << 20)
    thread = IsoThread(disk.events.append)
    disk.push(15, key_after=15)
    thread.add(disk.stream)
    deadline = time.monotonic() + 10
    while not disk.stream.writer.written_bytes and time.monotonic() < deadline:
        time.sleep(0.01)
    return thread, disk


def test_a_fault_in_the_last_moment_does_not_keep_the_file_from_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("met a fault of the program")
    thread, disk = fed_then_ended(tmp_path)

    def fault(at_us: int) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(disk.stream.writer, "pump", fault)
    thread.remove(disk.stream)
    assert thread.stop(10.0)
    assert [event.what for event in disk.events] == ["begun", "ended"]
    assert complaints(disk.events[-1].path) == ""


def test_a_file_that_cannot_even_be_abandoned_has_its_end_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    expect_log("iso recording of p1 failed")
    expect_log("met a fault of the program")
    thread, disk = fed_then_ended(tmp_path)

    def fault(*_args: object) -> int:
        raise RuntimeError("a fault")

    file = disk.stream.writer._file
    assert file is not None
    abandon = file.abandon
    monkeypatch.setattr(file, "close", fault)
    monkeypatch.setattr(file, "abandon", fault)
    thread.remove(disk.stream)
    assert thread.stop(10.0)
    assert [event.what for event in disk.events] == ["begun", "failed"]
    assert disk.events[-1].size_bytes > 0
    abandon()
