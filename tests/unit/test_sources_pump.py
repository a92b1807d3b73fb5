"""The pump of a source: retries, sizes, what stands on the bus; with a scripted source and a real bus."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from media.bus.layout import FMT_BGRA, FMT_I420
from media.bus.reader import AudioReader, VideoReader
from media.clock import now_us
from media.reason import Reason, SourceCode
from media.source import AudioItem, Item, SourceError, VideoItem
from media.video.i420 import allocate
from operator_console.protocol import Want
from operator_console.session.model import SourceKind
from operator_console.sources.crashes import LIMIT, CrashCount
from operator_console.sources.opening import Format, file_address, make_source, rtsp_address
from operator_console.sources.pump import SourcePump, SourceState
from operator_console.sources.writing import Pace, SourceWriter

LIMIT_PX = Format(1280, 720, 30)


class Scripted:
    """A source whose items, ends and errors the test gives."""

    def __init__(self, items: Iterator[Item], open_error: str = "") -> None:
        self.items, self.open_error = items, open_error
        self.closed = threading.Event()

    def open(self) -> None:
        if self.open_error:
            raise SourceError(SourceCode.CAMERA_CLOSED, self.open_error)

    def read(self) -> Item | None:
        return None if self.closed.is_set() else next(self.items, None)

    def close(self) -> None:
        self.closed.set()


def pictures(width: int, height: int, count: int = 10_000) -> Iterator[Item]:
    for number in range(count):
        time.sleep(0.005)
        yield VideoItem(allocate(width, height, (40 + number % 100, 128, 128)), now_us())


class Bench:
    """A pump with what it said."""

    def __init__(self, folder: Path, make: Callable[[Format], Scripted], **options: bool) -> None:
        self.said: list[SourceState] = []
        self.writer = SourceWriter(folder, "s1", (1280, 720))
        self.pump = SourcePump(make, self.writer, self.said.append, limit=LIMIT_PX, retry_s=0.05, **options)

    def until(self, true: Callable[[], bool], timeout_s: float = 5.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, self.said
            time.sleep(0.005)

    def end(self) -> None:
        assert self.pump.stop()
        self.writer.close()


def test_pictures_stand_on_the_bus_in_the_wanted_sizes_only(tmp_path: Path) -> None:
    bench = Bench(tmp_path, lambda _: Scripted(pictures(1280, 720)))
    bench.pump.start()
    bench.until(lambda: bench.pump.state.state == "running")
    reader = VideoReader(tmp_path, "video-s1")
    time.sleep(0.1)
    assert reader.seq(0) == reader.seq(1) == 0, "nobody wants it yet"
    bench.pump.set_want(
        Want(width_px=640, height_px=360, fps=30, tile_width_px=320, tile_height_px=180, picture=True)
    )
    bench.until(lambda: reader.seq(0) > 3 and reader.seq(1) > 1)
    own, tile = reader.picture(0), reader.picture(1)
    assert own is not None
    assert tile is not None
    assert (own.format, own.width_px, own.height_px) == (FMT_I420, 640, 360)
    assert (tile.format, tile.width_px, tile.height_px) == (FMT_BGRA, 320, 180)
    bench.pump.set_want(Want(width_px=320, height_px=180, tile_width_px=320, tile_height_px=180))
    time.sleep(0.1)
    seq = reader.seq(0)
    time.sleep(0.15)
    assert reader.seq(0) == seq, "the compositor does not show it any more"
    del own, tile
    reader.close()
    bench.end()
    assert bench.writer.place.video is None
    assert not list(tmp_path.glob("*.seg"))


def test_a_device_that_breaks_is_opened_again(tmp_path: Path) -> None:
    turns = iter(["gone", "", "gone", "gone", ""])
    bench = Bench(tmp_path, lambda _: Scripted(pictures(64, 48, 5), next(turns, "")))
    bench.pump.start()
    bench.until(lambda: len(bench.said) >= 5)
    bench.end()
    assert [one.state for one in bench.said[:5]] == ["failed", "running", "failed", "failed", "running"]
    assert bench.said[0].reason == Reason(SourceCode.CAMERA_CLOSED, "gone")


def test_a_file_that_breaks_while_it_runs_is_not_opened_again(tmp_path: Path) -> None:
    opened = []

    def broken() -> Iterator[Item]:
        yield from pictures(64, 48, 3)
        raise SourceError(SourceCode.FILE_BROKEN, "The file cannot be read any further.", file="a.mp4")

    def make(form: Format) -> Scripted:
        opened.append(form)
        return Scripted(broken())

    bench = Bench(tmp_path, make, returns=False)
    bench.pump.start()
    bench.until(lambda: bench.pump.state.state == "failed")
    time.sleep(0.3)
    bench.end()
    assert len(opened) == 1
    reason = bench.said[-1].reason
    assert reason is not None and (reason.code, reason.args) == ("file_broken", {"file": "a.mp4"})


def test_an_error_nobody_foresaw_is_said_and_logged(
    tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("The source failed")

    def broken() -> Iterator[Item]:
        yield from pictures(64, 48, 2)
        raise ZeroDivisionError

    bench = Bench(tmp_path, lambda _: Scripted(broken()))
    bench.pump.start()
    bench.until(lambda: bench.pump.state.state == "failed")
    bench.end()


def test_a_scalable_source_is_made_anew_for_another_size(tmp_path: Path) -> None:
    made: list[Format] = []

    def make(form: Format) -> Scripted:
        made.append(form)
        return Scripted(pictures(form.width_px, form.height_px))

    bench = Bench(tmp_path, make, scalable=True)
    bench.pump.start()
    bench.pump.set_want(Want(width_px=320, height_px=180, fps=15, tile_width_px=320, tile_height_px=180))
    bench.until(lambda: bool(made) and made[-1] == Format(320, 180, 15))
    bench.pump.set_want(Want(width_px=1280, height_px=720, fps=30, picture=True))
    bench.until(lambda: made[-1] == Format(1280, 720, 30))
    bench.until(lambda: bench.writer.size_px == (1280, 720))
    bench.end()
    assert {one.state for one in bench.said} == {"running"}


def test_sound_is_counted_by_its_stamps(tmp_path: Path) -> None:
    writer = SourceWriter(tmp_path, "s1", (64, 48))
    block = np.zeros(960, np.int16)
    stamps = [0, 20_000, 40_900, 200_000, 220_000, 50_000, 70_000]
    for stamp in stamps:
        writer.write(AudioItem(block, 1_000_000 + stamp), None)
    reader = AudioReader(tmp_path, "audio-s1")
    found = {i: b.stamp_us - 1_000_000 for i in range(20) if (b := reader.read(0, i)) is not None}
    assert list(found.values()) == stamps
    assert list(found)[:3] == [0, 1, 2]
    assert list(found)[3] in (9, 10), "a hole of 7 blocks"
    assert list(found)[5] == list(found)[4] + 1, "a clock that went back goes on behind"
    reader.close()
    writer.close()


def test_pace_lets_the_asked_rate_pass() -> None:
    pace = Pace()
    passed = sum(pace.due(round(i * 1e6 / 30) + i % 3 * 2_000, 15) for i in range(300))
    assert 148 <= passed <= 152
    assert sum(pace.due(20_000_000 + round(i * 1e6 / 10), 15) for i in range(100)) == 100


def test_addresses_are_checked(tmp_path: Path) -> None:
    media = tmp_path / "rapat.mp4"
    media.write_bytes(b"x")
    assert file_address(str(media)) == f"file:{media}"
    for bad in (
        "",
        "/does/not/exist",
        str(tmp_path),
        "concat:a|b",
        "a\0b",
        "http://example.org/a.mp4",
        "x" * 9000,
    ):
        with pytest.raises(SourceError):
            file_address(bad)
    assert rtsp_address("rtsp://10.0.0.4/stream") == "rtsp://10.0.0.4/stream"
    for bad in ("", "http://10.0.0.4", "rtsp://", "rtsp://a b"):
        with pytest.raises(SourceError):
            rtsp_address(bad)
    with pytest.raises(SourceError, match="test card"):
        make_source(SourceKind.TESTCARD, "nonsense", LIMIT_PX)


def test_three_crashes_over_one_address_are_enough(tmp_path: Path) -> None:
    for _ in range(LIMIT):
        assert CrashCount(tmp_path, "s1", "bad.mp4").begin()
    assert not CrashCount(tmp_path, "s1", "bad.mp4").begin()
    assert CrashCount(tmp_path, "s1", "good.mp4").begin()
    CrashCount(tmp_path, "s1", "good.mp4").well()
    assert CrashCount(tmp_path, "s1", "bad.mp4").begin()
