"""Decode, compose, encode and mux the same clips as the ffmpeg command line and as Chromium with x11grab.

All make 720p30 H.264 at 4 Mb/s with x264 superfast in one thread. CPU time is that of all processes taking
part, for each second of program. Ours and ffmpeg run as fast as they can, Chromium plays live. Not counted:
the start of Python (0.4 s; the engine starts once a day) and the start of Chromium (several seconds).
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import psutil

from media.video.scene import SlotRect, scene_slots
from tests.bench.clips import SPOTLIGHT, TILE, write_clip
from tests.bench.measure import figure

SECONDS = 8
LIVE_S = 10
RUNS = 3
CHROMIUM_RUNS = 2
FFMPEG_SHARE, CHROMIUM_SHARE = 0.95, 0.65
BIT_RATE_BPS = 4_000_000
WIDTH, HEIGHT, FPS = 1280, 720, 30
X264 = [
    "-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-threads", "1", "-g", "60",
    "-bf", "0", "-sc_threshold", "0",
    "-b:v", str(BIT_RATE_BPS), "-maxrate", str(BIT_RATE_BPS), "-bufsize", str(BIT_RATE_BPS),
]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A layout with its clips, main picture first."""

    name: str
    layout: str
    clips: list[Path]

    @property
    def rects(self) -> list[SlotRect]:
        """Where each clip stands."""
        return scene_slots(self.layout, len(self.clips), WIDTH, HEIGHT)


def check_output(path: Path, least_frames: int) -> None:
    """What was made must be the whole program at about the rate asked for, or the figures compare nothing."""
    with av.open(str(path)) as container:
        sizes = [p.size for p in container.demux(video=0) if p.size]
    rate = sum(sizes) * 8 * FPS / len(sizes)
    if len(sizes) < least_frames or not 0.2 * BIT_RATE_BPS < rate < 1.3 * BIT_RATE_BPS:
        raise RuntimeError(f"{path.name}: {len(sizes)} pictures at {rate / 1e6:.1f} Mb/s")


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _cpu_of(command: list[str]) -> float:
    """CPU-ms for each second of program of a command that is run to its end."""
    before_s = _children_s()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return (_children_s() - before_s) * 1000 / SECONDS


def ours(case: Case, folder: Path) -> float:
    """Our compositor and encoder in a process of their own."""
    out = folder / f"{case.name}-ours.mp4"
    out.unlink(missing_ok=True)
    arguments = [case.layout, str(out), str(SECONDS), *map(str, case.clips)]
    command = [sys.executable, "-m", "tests.bench.program_child", *arguments]
    used_s = float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    value = used_s * 1000 / SECONDS
    check_output(out, SECONDS * FPS)
    return value


def ffmpeg(case: Case, folder: Path) -> float:
    """The ffmpeg command line: scale where needed, xstack, x264."""
    out = folder / f"{case.name}-ffmpeg.mp4"
    inputs, filters, places = [], [], []
    for index, (clip, rect) in enumerate(zip(case.clips, case.rects, strict=True)):
        inputs += ["-threads", "1", "-i", str(clip)]
        filters.append(f"[{index}:v]fps={FPS},scale={rect.w}:{rect.h}:flags=fast_bilinear[v{index}]")
        places.append(f"{rect.x}_{rect.y}")
    names = "".join(f"[v{i}]" for i in range(len(places)))
    last = f"{names}xstack=inputs={len(places)}:layout={'|'.join(places)}:fill=black"
    if len(places) == 1:
        last = f"{names}null"
    graph = ";".join(filters) + f";{last},pad={WIDTH}:{HEIGHT}[out]"
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        *inputs,
        "-filter_complex_threads",
        "1",
        "-filter_complex",
        graph,
    ]
    value = _cpu_of([*command, "-map", "[out]", *X264, "-r", str(FPS), "-t", str(SECONDS), str(out)])
    check_output(out, SECONDS * FPS - 2)
    return value


PAGE = """<!doctype html><body style="margin:0;background:#000;overflow:hidden">{videos}"""
VIDEO = (
    '<video src="{name}" autoplay muted loop style="position:absolute;left:{r.x}px;top:{r.y}px;'
    'width:{r.w}px;height:{r.h}px"></video>'
)


def _tree(pids: list[int]) -> Iterator[psutil.Process]:
    for pid in pids:
        process = psutil.Process(pid)
        yield process
        yield from process.children(recursive=True)


def _tree_ms(pids: list[int]) -> float:
    total = 0.0
    for process in _tree(pids):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += (times.user + times.system) * 1000
    return total


def chromium(case: Case, folder: Path) -> float:
    """A Chromium window on a virtual display, grabbed and encoded by ffmpeg, as egress services do."""
    page = folder / f"{case.name}.html"
    videos = (VIDEO.format(name=c.name, r=r) for c, r in zip(case.clips, case.rects, strict=True))
    page.write_text(PAGE.format(videos="".join(videos)))
    out = folder / f"{case.name}-chromium.mp4"
    receive, send = os.pipe()
    screen = ["Xvfb", "-displayfd", str(send), "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
    running = [subprocess.Popen(screen, pass_fds=[send], stderr=subprocess.DEVNULL)]
    os.close(send)
    try:
        with open(receive) as answer:
            display = f":{answer.readline().strip()}"
        running.append(_browser(page, folder, display))
        time.sleep(5)
        return _grab(display, out, [p.pid for p in running])
    finally:
        for process in reversed(running):
            process.terminate()
            process.wait(10)


def _browser(page: Path, folder: Path, display: str) -> subprocess.Popen[bytes]:
    program = shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    options = [
        "--no-sandbox", "--no-first-run", "--disable-gpu", "--kiosk", "--disable-background-networking",
        "--autoplay-policy=no-user-gesture-required", f"--window-size={WIDTH},{HEIGHT}",
        f"--user-data-dir={folder / 'profile'}",
    ]  # fmt: skip
    environment = {**os.environ, "DISPLAY": display}
    return subprocess.Popen(
        [program, *options, page.as_uri()],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _grab(display: str, out: Path, pids: list[int]) -> float:
    size = f"{WIDTH}x{HEIGHT}"
    source = ["-f", "x11grab", "-framerate", str(FPS), "-video_size", size, "-draw_mouse", "0", "-i", display]
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        *source,
        "-pix_fmt",
        "yuv420p",
        *X264,
        "-t",
        str(LIVE_S),
        str(out),
    ]
    before_ms, before_s = _tree_ms(pids), _children_s()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    grabbed_ms = (_children_s() - before_s) * 1000
    used_ms = _tree_ms(pids) - before_ms + grabbed_ms
    check_output(out, LIVE_S * FPS // 2)
    return used_ms / LIVE_S


def cases(folder: Path) -> list[Case]:
    """The clips, and the layouts that use them."""
    length = max(SECONDS, LIVE_S) + 1
    main = write_clip(folder / "main.mp4", 20, SPOTLIGHT, length)
    tiles = [write_clip(folder / f"tile{n:02d}.mp4", n, TILE, length) for n in range(49)]
    return [
        Case("spotlight", "single", [main]),
        Case("strip", "spotlight_strip", [main, *tiles[:6]]),
        Case("4x4", "grid_4", tiles[:16]),
        Case("7x7", "grid_7", tiles),
    ]


def _against_ffmpeg(case: Case, folder: Path) -> Iterator[dict[str, object]]:
    pairs = [(ours(case, folder), ffmpeg(case, folder)) for _ in range(RUNS)]
    mine, theirs = [a for a, _ in pairs], [b for _, b in pairs]
    goal = round(FFMPEG_SHARE * statistics.median(theirs), 1)
    name = f"program_720p_{case.name}"
    yield figure(name, mine, "ms/s", goal, "lower", peer="ffmpeg CLI xstack", peer_values=theirs)
    yield figure(f"{name}_ratio", [a / b for a, b in pairs], "x ffmpeg CLI", FFMPEG_SHARE, "lower")


def _against_chromium(case: Case, folder: Path) -> dict[str, object]:
    pairs = [(ours(case, folder), chromium(case, folder)) for _ in range(CHROMIUM_RUNS)]
    ratios = [a / b for a, b in pairs]
    peers = [b for _, b in pairs]
    name = f"program_720p_{case.name}_chromium"
    return figure(
        name,
        ratios,
        "x Chromium",
        CHROMIUM_SHARE,
        "lower",
        peer="Chromium + x11grab, ms/s",
        peer_values=peers,
    )


def run() -> Iterable[dict[str, object]]:
    """Each layout against ffmpeg, then Chromium, by turns; the goals are shares of the peer's figure."""
    with tempfile.TemporaryDirectory(prefix="bench-program-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for case in cases(folder):
            yield from _against_ffmpeg(case, folder)
            if case.name != "spotlight":
                yield _against_chromium(case, folder)
