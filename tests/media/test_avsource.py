"""Files, RTSP, screens, cameras and the test card as sources, read for real."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from media.clock import now_us
from media.outputs.recorder import Recorder
from media.source import AudioItem, Item, MediaSource, SourceError, VideoItem
from media.video.avsource import AvSource, Input, file_input, fitted, loaded_in_order, rtsp_input
from media.video.capture import CameraSource, device_of
from media.video.cardsource import CardSource
from media.video.i420 import to_bgr
from media.video.screen import screen_input
from media.video.testcard import Card
from tests.media.program_signal import SMALL, SOUND, ProgramSignal
from tests.ports import free_port

CHILD = Path(__file__).with_name("screen_child.py")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds with a flash and a beep at each full second."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    program = ProgramSignal()
    recorder = Recorder(path, SMALL, SOUND, program.request_key)
    for packet in program.packets(2):
        recorder.push_video(packet) if packet.is_video else recorder.push_audio(packet)
    recorder.stop()
    assert recorder.join(10)
    return path


class FastClock:
    """A bus clock that runs ten times as fast as the real one."""

    def __init__(self) -> None:
        self._begin = now_us()

    def __call__(self) -> int:
        return self._begin + (now_us() - self._begin) * 10


def read_all(source: MediaSource, limit: int = 10_000) -> list[Item]:
    source.open()
    items: list[Item] = []
    try:
        while len(items) < limit and (item := source.read()) is not None:
            items.append(item)
    finally:
        source.close()
    return items


def flashes_us(items: list[Item]) -> list[int]:
    return [i.stamp_us for i in items if isinstance(i, VideoItem) and i.planes.y[-20:].mean() > 150]


def beeps_us(items: list[Item]) -> list[int]:
    loud = [i.stamp_us for i in items if isinstance(i, AudioItem) and np.abs(i.samples).max() > 3000]
    return [at for n, at in enumerate(loud) if n == 0 or at - loud[n - 1] > 500_000]


def test_a_file_gives_pictures_and_sound_in_step_on_the_bus_clock(clip: Path) -> None:
    begun_us = now_us()
    items = read_all(AvSource(Input(str(clip))))
    took_us = now_us() - begun_us
    pictures = [i for i in items if isinstance(i, VideoItem)]
    blocks = [i for i in items if isinstance(i, AudioItem)]
    assert len(pictures) == 60
    assert len(blocks) >= 95
    assert took_us == pytest.approx(2_150_000, abs=400_000)
    stamps = [i.stamp_us for i in items]
    assert stamps == sorted(stamps)
    assert {b.stamp_us - a.stamp_us for a, b in pairwise(blocks)} <= {19_999, 20_000, 20_001}
    assert all(b.samples.shape == (960,) and b.samples.dtype == np.int16 for b in blocks)
    found = flashes_us(items)
    assert len(found) == 2
    assert [abs(a - b) < 25_000 for a, b in zip(found, beeps_us(items), strict=True)] == [True, True]


def test_a_loop_goes_on_without_a_jump_of_the_clock(clip: Path) -> None:
    items = read_all(AvSource(file_input(str(clip), loop=True), clock=FastClock()), limit=560)
    pictures = [i.stamp_us for i in items if isinstance(i, VideoItem)]
    assert len(pictures) > 130
    assert all(20_000 < b - a < 90_000 for a, b in pairwise(pictures))
    found = flashes_us(items)
    assert all(abs(b - a - 1_000_000) < 80_000 for a, b in pairwise(found))


def test_no_more_pictures_than_wanted_are_passed_on(clip: Path) -> None:
    items = read_all(AvSource(Input(str(clip)), limit_px=(160, 160), fps=10, clock=FastClock()))
    pictures = [i for i in items if isinstance(i, VideoItem)]
    assert len(pictures) == pytest.approx(20, abs=1)
    assert (pictures[0].planes.width_px, pictures[0].planes.height_px) == (160, 90)


def test_a_photograph_stays(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), np.full((301, 401, 3), (200, 40, 40), np.uint8))
    items = read_all(AvSource(Input(str(path), loop=True), clock=FastClock()), limit=6)
    assert len(items) == 6
    assert all(isinstance(item, VideoItem) for item in items)
    last = items[-1]
    assert isinstance(last, VideoItem)
    assert (last.planes.width_px, last.planes.height_px) == (400, 300)
    assert np.abs(to_bgr(last.planes)[100, 100].astype(int) - (200, 40, 40)).max() < 8


@pytest.mark.parametrize("content", [b"", b"not a film" * 1000])
def test_a_file_that_is_none_is_a_plain_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="The file cannot be opened"):
        AvSource(Input(str(path))).open()
    with pytest.raises(SourceError, match="No such file"):
        AvSource(Input(str(tmp_path / "nothing.mp4"))).open()


def test_a_damaged_file_plays_what_can_be_read(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    size = clip.stat().st_size
    path.write_bytes(
        clip.read_bytes()[: size * 6 // 10] + bytes(4000) + clip.read_bytes()[size * 6 // 10 + 4000 :]
    )
    source = AvSource(Input(str(path)), clock=FastClock())
    source.open()
    pictures = 0
    while item := source.read():
        pictures += isinstance(item, VideoItem)
    source.close()
    assert source.damaged > 0
    assert 40 < pictures <= 60


def test_close_ends_a_waiting_read(clip: Path) -> None:
    source = AvSource(Input(str(clip)))
    source.open()
    closer = threading.Timer(0.3, source.close)
    closer.start()
    begun = time.monotonic()
    while source.read() is not None:
        pass
    assert time.monotonic() - begun < 1.0
    closer.join()


def test_rtsp_is_read_as_it_comes(clip: Path) -> None:
    url = f"rtsp://127.0.0.1:{free_port()}/cam"
    push = [
        "ffmpeg",
        "-v",
        "error",
        "-re",
        "-stream_loop",
        "3",
        "-i",
        str(clip),
        "-c:v",
        "copy",
        "-c:a",
        "aac",
    ]
    # FFmpeg has no RTSP server, but its reader can play the listening side.
    source = AvSource(Input(url, options={"rtsp_flags": "listen", "listen_timeout": "8"}, live=True))
    sender = subprocess.Popen(["sh", "-c", 'sleep 0.3; exec "$@"', "sh", *push, "-f", "rtsp", url])
    try:
        source.open()
        items: list[Item] = []
        while sum(isinstance(i, VideoItem) for i in items) < 45:
            item = source.read()
            assert item is not None
            assert abs(item.stamp_us - now_us()) < 1_000_000
            items.append(item)
        assert any(isinstance(i, AudioItem) for i in items)
    finally:
        source.close()
        sender.kill()
        sender.wait()


def test_a_dead_rtsp_camera_is_a_plain_error() -> None:
    source = AvSource(rtsp_input(f"rtsp://127.0.0.1:{free_port()}/cam"))
    with pytest.raises(SourceError, match="The network camera cannot be opened"):
        source.open()
    with pytest.raises(SourceError, match="begins with rtsp"):
        rtsp_input("http://camera/stream")


def test_sizes_keep_their_shape_and_are_never_enlarged() -> None:
    assert fitted(1920, 1080, (1280, 720)) == (1280, 720)
    assert fitted(1080, 1920, (1280, 720)) == (404, 720)
    assert fitted(321, 181, (1280, 720)) == (320, 180)


# -- screens


@pytest.fixture
def painted_display(tmp_path: Path) -> Iterator[str]:
    """An X server whose picture is left half blue, right half red."""
    receive, send = os.pipe()
    command = ["Xvfb", "-displayfd", str(send), "-screen", "0", "641x361x24", "-fbdir", str(tmp_path)]
    server = subprocess.Popen([*command, "-nolisten", "tcp"], pass_fds=[send], stderr=subprocess.DEVNULL)
    os.close(send)
    with open(receive) as answer:
        display = answer.readline().strip()  # to the newline: the server dies if it cannot write it
    try:
        _paint(tmp_path / "Xvfb_screen0")
        yield f":{display}"
    finally:
        server.terminate()
        server.wait(5)


def _paint(path: Path) -> None:
    """Write into the server's frame buffer, an XWD file."""
    deadline = time.monotonic() + 5
    while not (path.exists() and path.stat().st_size > 641 * 361 * 4):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    dump = np.memmap(path, np.uint8, "r+")
    header, colours = (struct.unpack(">I", bytes(dump[at : at + 4]))[0] for at in (0, 76))
    row = struct.unpack(">I", bytes(dump[48:52]))[0]
    rows = dump[header + colours * 12 :][: row * 361].reshape(361, row)
    pixels = rows[:, : 641 * 4].reshape(361, 641, 4)
    pixels[:, :320], pixels[:, 320:] = (255, 0, 0, 0), (0, 0, 255, 0)


def test_a_screen_is_captured(painted_display: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(CHILD), painted_display],
        env=environment, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["size"] == [640, 360]
    assert np.abs(np.array(seen["left"]) - (255, 0, 0)).max() < 6
    assert np.abs(np.array(seen["right"]) - (0, 0, 255)).max() < 6
    assert 0 <= seen["age_us"] < 1_000_000


def test_a_process_with_the_libraries_in_the_dangerous_order_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "modules", {"cv2": None, "av": None})
    assert not loaded_in_order()
    monkeypatch.setattr(sys, "modules", {"av": None, "cv2": None})
    assert loaded_in_order()


def test_every_worker_module_loads_pyav_first() -> None:
    code = (
        "import importlib, sys; importlib.import_module(sys.argv[1]);"
        "from media.video.avsource import loaded_in_order; sys.exit(not loaded_in_order())"
    )
    for module in ("capture", "avsource", "screen", "cardsource", "compositor"):
        assert subprocess.run([sys.executable, "-c", code, f"media.video.{module}"]).returncode == 0, module


def test_where_there_is_no_screen_the_sentence_says_so() -> None:
    with pytest.raises(SourceError, match="no screen"):
        screen_input(platform="linux", environment={})
    with pytest.raises(SourceError, match="Wayland"):
        screen_input(platform="linux", environment={"WAYLAND_DISPLAY": "wayland-0"})
    with pytest.raises(SourceError, match="not the number of a window"):
        screen_input("window:abc", platform="linux", environment={"DISPLAY": ":0"})
    with pytest.raises(SourceError, match="The screen cannot be"):
        AvSource(screen_input(":987", platform="linux", environment={})).open()


def test_each_platform_has_its_way() -> None:
    assert screen_input("window:Excel", platform="win32").url == "title=Excel"
    assert screen_input(platform="darwin").format == "avfoundation"
    assert (
        screen_input("window:0x1f", platform="linux", environment={"DISPLAY": ":0"}).options["window_id"]
        == "0x1f"
    )


# -- cameras


@pytest.fixture
def camera_file(tmp_path: Path) -> Path:
    """OpenCV reads a film through the same calls as a device; its end is like an unplugged camera."""
    path = tmp_path / "camera.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (321, 241))
    for number in range(20):
        writer.write(np.full((241, 321, 3), (10 * number, 120, 200), np.uint8))
    writer.release()
    return path


def test_a_camera_gives_even_pictures_and_is_opened_again_after_a_failure(camera_file: Path) -> None:
    source = CameraSource(str(camera_file))
    items = read_all(source, limit=30)
    assert len(items) == 30
    assert source.reopened == 1
    first, again = items[0], items[20]
    assert isinstance(first, VideoItem) and isinstance(again, VideoItem)
    assert first.planes.y.shape == (240, 320)
    assert np.array_equal(first.planes.y, again.planes.y)


def test_a_camera_that_stays_away_is_a_plain_error(camera_file: Path) -> None:
    source = CameraSource(str(camera_file), give_up_s=1)
    source.open()
    camera_file.unlink()
    for _ in range(20):
        assert source.read()
    with pytest.raises(SourceError, match="unplugged"):
        source.read()
    source.close()


def test_no_camera_is_a_plain_error() -> None:
    with pytest.raises(SourceError, match="The camera cannot be opened"):
        CameraSource("57").open()
    assert [device_of(a) for a in ("", " 2 ", "/dev/video0")] == [0, 2, "/dev/video0"]


# -- the test card


def test_the_test_card_flashes_and_beeps_together() -> None:
    clock = FastClock()
    source = CardSource(Card(3, flash=True), 320, 180, 30, clock=clock)
    items = read_all(source, limit=200)
    found = flashes_us(items)
    first_flashes = [at for n, at in enumerate(found) if n == 0 or at - found[n - 1] > 500_000]
    beeps = beeps_us(items)
    assert len(first_flashes) >= 2
    for flash in first_flashes[1:]:
        assert min(abs(flash - beep) for beep in beeps) < 55_000
    assert all(abs(b - a) <= 34_000 for a, b in pairwise(i.stamp_us for i in items))


def make_kinds() -> list[Callable[[], MediaSource]]:
    return [lambda: CardSource(Card(1)), CameraSource, lambda: AvSource(Input("x"))]


def test_every_kind_may_be_closed_twice_and_unopened() -> None:
    for make in make_kinds():
        source = make()
        source.close()
        source.close()
