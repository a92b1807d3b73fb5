"""What the fault tests share: a session on air, judges of files, the hunt for a secret, proof of a fault."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from operator_console import protocol as p
from operator_console.demo.ingest import NginxIngest
from operator_console.journal import Journal, Verification
from operator_console.session import facts as f
from operator_console.session.model import Layout, LayoutKind
from tests.end2end.product import Offices, Product

DESTINATION = "dinas"
CANARY = f"canary-{secrets.token_hex(8)}"
"""A stream key that must not be seen anywhere but at the server."""

ENGINE_KILLED = (r"the engine ended with -9", r"was cut off; the next segment begins")
"""What the log says when an engine was killed while it recorded."""


def has_ended(pid: int) -> bool:
    """Whether a process is gone (or only waits to be collected)."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def kill9(pid: int) -> float:
    """Kill a process for sure; returns when it was seen dead (wall clock, seconds)."""
    assert pid > 1
    os.kill(pid, signal.SIGKILL)
    killed_s = time.time()
    deadline = time.monotonic() + 5.0
    while not has_ended(pid):
        assert time.monotonic() < deadline, "the process did not die: no fault, no test"
        time.sleep(0.001)
    return killed_s


# ---- files


@dataclass(frozen=True, slots=True)
class Probed:
    """What ffprobe says of a file."""

    video_s: float
    audio_s: float
    streams: tuple[str, ...]
    frames: int


def probed(path: Path) -> Probed:
    """Let ffprobe read every packet of a file; raises where it cannot be opened."""
    command = ["ffprobe", "-v", "error", "-show_entries", "packet=stream_index,pts_time,duration_time"]
    found = subprocess.run(
        [*command, "-show_entries", "stream=index,codec_name", "-of", "json", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(found.stdout)
    names = {stream["index"]: stream["codec_name"] for stream in told["streams"]}
    ends = dict.fromkeys(names, 0.0)
    for packet in told["packets"]:
        end = float(packet["pts_time"]) + float(packet.get("duration_time", 0))
        ends[packet["stream_index"]] = max(ends[packet["stream_index"]], end)
    by_name = {names[index]: end for index, end in ends.items()}
    frames = sum(1 for packet in told["packets"] if names[packet["stream_index"]] == "h264")
    return Probed(by_name.get("h264", 0.0), by_name.get("aac", 0.0), tuple(sorted(by_name)), frames)


def decode_errors(path: Path) -> str:
    """What ffmpeg complains of when it decodes a whole file; empty for a good one."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-i", str(path)]
    # Each picture as it is: at a constant rate ffmpeg would complain of what it made itself.
    output = ["-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-f", "null", "-"]
    found = subprocess.run([*command, *output], capture_output=True, text=True, check=False)
    return found.stderr if found.returncode or found.stderr else ""


def largest_gap_s(path: Path) -> float:
    """The longest time between two pictures of a file."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time"]
    found = subprocess.run(
        [*command, "-of", "csv=p=0", str(path)], capture_output=True, text=True, check=True
    )
    times = sorted(float(line.split(",")[0]) for line in found.stdout.split())
    return max(later - earlier for earlier, later in itertools.pairwise(times))


def recordings(product: Product) -> list[f.RecordingStarted]:
    """The recording files that were begun, as journaled."""
    bodies = (record.body for record in journaled(product))
    return [body for body in bodies if isinstance(body, f.RecordingStarted)]


def journaled(product: Product) -> list[f.FactRecord]:
    """All facts of the session, read from the disk."""
    with opened_journal(product) as journal:
        return list(journal.facts(product.console.state.session_id))


def verified(product: Product) -> Verification:
    """The hash chain of the session, walked by this process."""
    with opened_journal(product) as journal:
        return journal.verify(product.console.state.session_id)


@contextlib.contextmanager
def opened_journal(product: Product) -> Iterator[Journal]:
    journal = Journal(product.top / "data" / "journal.db")
    yield journal
    journal.close()


def recording_lost_s(product: Product, killed_s: float) -> float:
    """How much of the program before the kill is not in the file that was being written.

    The first picture is in the file when its confirmation is journaled, some milliseconds after it was made;
    so much less is found lost than really was.
    """
    records = journaled(product)
    confirmed = [record for record in records if isinstance(record.body, f.RecordingConfirmed)]
    begun_s = max(record.at_ms for record in confirmed if record.at_ms < killed_s * 1000) / 1000
    started = [record.body for record in records if isinstance(record.body, f.RecordingStarted)]
    path = Path(started[len([c for c in confirmed if c.at_ms < killed_s * 1000]) - 1].path)
    found = probed(path)
    return killed_s - begun_s - min(found.video_s, found.audio_s)


# ---- a secret


def places_with(secret: str, folders: Iterable[Path], pids: Iterable[int]) -> list[str]:
    """Every file and every process whose command line or environment shows a secret."""
    needle = secret.encode()
    files = [path for top in folders for path in ([top] if top.is_file() else top.rglob("*"))]
    found = [str(path) for path in files if _contains(path, needle)]
    for pid in pids:
        for name in ("cmdline", "environ"):
            path = Path("/proc") / str(pid) / name
            found += [str(path)] if _contains(path, needle) else []
    return found


def _contains(path: Path, needle: bytes) -> bool:
    try:
        return path.is_file() and needle in _written(path)
    except OSError:
        return False


def _written(path: Path) -> bytes:
    """The bytes of a file without its holes: segments of the bus are far larger than what is in them."""
    with path.open("rb") as handle:
        size, at, parts = os.fstat(handle.fileno()).st_size, 0, []
        if not size:  # the files of /proc
            return handle.read()
        while at < size:
            try:
                begin = os.lseek(handle.fileno(), at, os.SEEK_DATA)
            except OSError:
                break  # nothing but a hole from here on
            at = os.lseek(handle.fileno(), begin, os.SEEK_HOLE)
            parts.append(os.pread(handle.fileno(), at - begin, begin))
    return b"".join(parts)


def all_pids() -> list[int]:
    """Every process of this machine but this one and its parents (a test may name the secret)."""
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [pid for pid in psutil.pids() if pid not in own]


# ---- a session on air


class OnAir:
    """A session with offices on program, recorded and streamed to a real nginx-rtmp."""

    def __init__(self, product: Product, offices: Offices, ingest: NginxIngest) -> None:
        self.product, self.offices, self.ingest = product, offices, ingest
        self.console = product.console

    def stream_on_air(self) -> bool:
        """Whether the server takes the stream now."""
        stream = self.console.state.livestreams.get(DESTINATION)
        return stream is not None and stream.on_air

    def recording_segment(self) -> int:
        """Number of the segment that is being written, 0 while none is."""
        recording = self.console.state.recording
        if recording is None or recording.phase != "started":
            return 0
        return recording.segment

    async def recorded(self, seconds: float) -> None:
        """Wait until the running segment has so much in it."""

        def enough() -> bool:
            seen = self.console.observed.get("recorder", {})
            return bool(seen.get("phase") == "started" and seen.get("seconds", 0) >= seconds)

        await self.console.until(f"{seconds} s recorded", enough)


@contextlib.asynccontextmanager
async def on_air(product: Product, count: int = 3) -> AsyncIterator[OnAir]:
    """Put offices on program, record and stream them."""
    ingest = NginxIngest(product.top / "ingest")
    await asyncio.to_thread(ingest.start)
    try:
        await product.open_session()
        async with product.offices(count, talks=True) as offices:
            layout = Layout(kind=LayoutKind.GRID_2, sources=tuple(offices.ids))
            await product.console.do(p.CutTo(layout=layout))
            await product.console.do(p.StartRecording())
            live = p.StartLivestream(destination_id=DESTINATION, name="Dinas", url=ingest.url, key=CANARY)
            await product.console.do(live)
            one = OnAir(product, offices, ingest)
            await product.console.until("on air", one.stream_on_air)
            await one.recorded(2.0)
            yield one
    finally:
        await asyncio.to_thread(ingest.stop)
