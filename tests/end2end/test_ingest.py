"""What the product sends, as a real nginx-rtmp received it, judged by YouTube's published ingest rules."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.session.model import Layout, LayoutKind, SourceKind
from tests.end2end.product import Product, running_product
from tests.faults.ingest_kit import NginxPlace
from tests.flv_reader import Received, received
from tests.ingest_rules import Issue, issues

pytestmark = pytest.mark.timeout(150)
SECONDS = 13
TAKES, LATE = 3, 0.1
FPS_MIN, STARVED = 27.0, {"bitrateLow", "cbr", "interleave"}


def busy_film(path: Path) -> Path:
    """A picture that is harder to encode than that of a camera (but easy to decode), with sound; it loops."""
    picture = "testsrc2=s=640x360:r=30,noise=alls=60:allf=t,format=yuv420p"
    sound = "anoisesrc=a=0.2:r=48000,aformat=channel_layouts=stereo"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-g", "30", "-c:a", "aac"]
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    subprocess.run([*command, "-t", "3", *encode, str(path)], check=True, stdin=subprocess.DEVNULL)
    return path


async def arrived(product: Product, place: NginxPlace, film: Path) -> Received:
    """Put a film on program and stream it; what came to the server."""
    console = product.console
    await product.open_session()
    made = await console.do(p.AddSource(kind=SourceKind.FILE, name="Film", address=str(film)))
    source = made["source_id"]
    await console.until("the film", lambda: console.place(source).video and console.place(source).audio, 30)
    await console.do(p.CutTo(layout=Layout(kind=LayoutKind.SINGLE, sources=(source,))))
    for take in range(TAKES):
        kept_pace = await streamed(product, place, f"uji{take}")
        if kept_pace:
            break
    path = place.received()[-1]
    return await asyncio.to_thread(received, path)


async def streamed(product: Product, place: NginxPlace, name: str) -> bool:
    """Stream for some seconds; False where others took the machine and many pictures were left out."""
    console = product.console
    await console.do(p.StartLivestream(destination_id=name, name=name, url=place.url, key=name))
    await console.until(
        "on air", lambda: name in console.state.livestreams and console.state.livestreams[name].on_air
    )
    before = dict(console.observed["program"])
    await console.until(
        f"{SECONDS} s on air", lambda: console.observed[f"stream.{name}"]["live_s"] >= SECONDS, SECONDS * 4
    )
    after = console.observed["program"]
    await console.do(p.StopLivestream(destination_id=name))
    made, late = (after[key] - before[key] for key in ("frames", "late_frames"))
    return bool(late < LATE * made)


@pytest.mark.parametrize(
    ("size_px", "bit_rate_bps"),
    [((1280, 720), 4_000_000), ((1920, 1080), 6_000_000)],
    ids=["720p30", "1080p30"],
)
async def test_what_arrives_keeps_youtubes_rules(
    tmp_runtime: Path, size_px: tuple[int, int], bit_rate_bps: int
) -> None:
    width_px, height_px = size_px
    film = await asyncio.to_thread(busy_film, tmp_runtime / "film.mp4")
    place = NginxPlace(tmp_runtime / "nginx")
    await asyncio.to_thread(place.start)
    settings = {"air_width": width_px, "air_height": height_px, "air_bitrate_bps": bit_rate_bps}
    try:
        async with running_product(
            tmp_runtime, **{key: str(value) for key, value in settings.items()}
        ) as product:
            found = await arrived(product, place, film)
    finally:
        await asyncio.to_thread(place.stop)
    print(f"{found.video_bps / 1e6:.2f} Mb/s, {found.fps:.2f} fps, {len(found.keys)} keys", found.headers[0])
    print(issues(found))
    assert (found.headers[0].width_px, found.headers[0].height_px) == size_px
    assert found.seconds > SECONDS * 0.7
    # A machine that others take makes a third of the pictures, and late: the rules but for the pace hold.
    starved = STARVED if found.fps < FPS_MIN else set()
    assert [issue for issue in issues(found) if not issue.advice and issue.name not in starved] == []
    assert {issue.name for issue in issues(found) if issue.advice} <= ADVICE, issues(found)


ADVICE = {"colourSpace"}
"""BT.601, as the cameras send it: converting every picture costs more than it shows; it is tagged as such."""


def test_what_is_missing_would_be_told() -> None:
    """The judge is not one who says yes to everything."""
    assert {"noVideoStream", "noAudioStream"} <= {one.name for one in issues(Received())}
    assert Issue("x", "y") != Issue("x", "y", advice=True)
