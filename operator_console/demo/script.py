"""What happens in the demo session: an operator's script, played through the same window and commands."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from media.bus.reader import VideoReader
from operator_console import paths
from operator_console import protocol as p
from operator_console.demo.keys import DESTINATION, STREAM_KEY
from operator_console.demo.summary import Summary
from operator_console.session.model import (
    Layout,
    LayoutKind,
    OutputPhase,
    Participant,
    Presence,
    SessionState,
    SourceKind,
)

_log = logging.getLogger(__name__)

OFFICES = 9
TITLE = "Musrenbang RKPD Kabupaten Banjar 2027"
OFFICE = "Ruang Pusat Kendali"
ZONE = "Asia/Makassar"
WAIT_S = 60.0
ANSWER_S = 6.0
TRIES = 4


class DemoError(Exception):
    """The demo cannot go on; the text says what did not happen."""


class ReplicaLike(Protocol):
    """What the script needs of the window's replica."""

    state: SessionState
    bus_dir: Path

    @property
    def connected(self) -> bool:
        """Whether the engine is attached."""
        ...

    def send(self, command: Any, on_result: Callable[[dict[str, Any]], None] | None = None) -> bool:
        """Send a command."""
        ...


@dataclass
class DemoPlan:
    """How the demo is to run."""

    output: Path
    stays: bool
    seconds: float
    stream_url: str
    started_s: float = 0.0
    """`time.monotonic()` of the beginning of this process."""
    observed: Callable[[], dict[str, Any]] = dict
    grab: Callable[[Path], object] = str
    overrides: dict[str, str] = field(default_factory=dict)


class DemoScript:
    """Plays the session: offices join, one speaks, the hall is muted, all is recorded and streamed."""

    def __init__(self, replica: ReplicaLike, plan: DemoPlan, summary: Summary) -> None:
        self._replica, self._plan, self._summary = replica, plan, summary
        self._offices: subprocess.Popen[bytes] | None = None
        self._started_s = plan.started_s or time.monotonic()

    # ---- helpers ----

    async def _until(self, what: str, true: Callable[[], bool], timeout_s: float = WAIT_S) -> None:
        until = time.monotonic() + timeout_s
        while not true():
            if time.monotonic() > until:
                raise DemoError(f"{what} did not happen within {timeout_s:.0f} s")
            await asyncio.sleep(0.05)

    async def _do(self, command: p.AnyCommand) -> dict[str, Any]:
        """Send a command and wait for its result; sent again where no answer came, as all are idempotent."""
        answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

        def on_result(result: dict[str, Any]) -> None:
            if not answered.done():
                answered.set_result(result)

        for _ in range(TRIES):
            await self._until("attachment to the engine", lambda: self._replica.connected)
            self._replica.send(command, on_result)
            done, _pending = await asyncio.wait({answered}, timeout=ANSWER_S)
            if done:
                return answered.result()
        raise DemoError(f"the engine did not carry out {type(command).__name__}")

    def _connected(self) -> list[Participant]:
        return [one for one in self._replica.state.seated if one.presence is Presence.CONNECTED]

    # ---- the session ----

    async def run(self) -> None:
        """Play the script; with a display it ends where the operator takes over."""
        try:
            await self._open()
            await self._on_air()
            await self._scenes()
            if not self._plan.stays:
                await self._finish()
        finally:
            if not self._plan.stays:
                await asyncio.to_thread(self.end_offices)

    async def _open(self) -> None:
        self._launch_offices()
        await self._do(p.OpenSession(title=TITLE, office=OFFICE, timezone=ZONE))
        await self._until("the join page", lambda: bool(self._room_url()))
        invites = [
            await self._do(p.CreateInvite(label=f"Kantor {number}", max_uses=1))
            for number in range(1, OFFICES + 1)
        ]
        self._send_offices(self._room_url(), [invite["token"] for invite in invites])
        await self._until("nine offices in the lobby", lambda: len(self._replica.state.lobby) >= OFFICES)
        await self._do(p.AdmitAll())
        await self._until("nine offices connected", lambda: len(self._connected()) >= OFFICES)
        await self._until("nine moving pictures", self._all_moving)
        self._summary.all_moving_s = time.monotonic() - self._started_s
        print(f"Nine offices move, {self._summary.all_moving_s:.1f} s after the start.", flush=True)
        await self._do(p.AddSource(kind=SourceKind.TESTCARD, name="Ruang rapat", address="hall", hall=True))

    def _room_url(self) -> str:
        room = self._plan.observed().get("room") or {}
        return str(room.get("url", "")) if room.get("state") == "running" else ""

    def _all_moving(self) -> bool:
        """Whether each office's tile has had more than one picture on the bus."""
        observed = self._plan.observed()
        places = [observed.get(f"media.{one.id}", {}).get("tile") for one in self._connected()]
        tiles = [(str(segment), int(slot)) for segment, slot in filter(None, places)]
        readers = {segment: VideoReader(self._replica.bus_dir, segment) for segment, _ in tiles}
        moving = sum(readers[segment].seq(slot) > 1 for segment, slot in tiles)
        for reader in readers.values():
            reader.close()
        return moving >= OFFICES

    def _launch_offices(self) -> None:
        """Start the process of the simulated offices; it gets ready while the engine and the room do."""
        extra = [f"--set={name}={value}" for name, value in self._plan.overrides.items()]
        self._offices = subprocess.Popen(
            paths.self_command("offices", *extra), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        self._summary.offices_pid = self._offices.pid

    def _send_offices(self, url: str, tokens: list[str]) -> None:
        """Let the offices join; their tokens go through standard input, never through argv."""
        assert self._offices is not None
        assert self._offices.stdin is not None
        self._offices.stdin.write(json.dumps({"url": url, "tokens": tokens}).encode() + b"\n")
        self._offices.stdin.flush()

    async def _on_air(self) -> None:
        everybody = tuple(one.id for one in self._connected())
        grid = Layout(kind=LayoutKind.GRID_3, sources=everybody)
        await self._do(p.SetPreview(layout=grid))
        await self._do(p.Take())
        await self._do(p.StartRecording())
        await self._do(
            p.StartLivestream(
                destination_id=DESTINATION,
                name=DESTINATION,
                url=self._plan.stream_url,
                key=STREAM_KEY,
            )
        )
        await self._until("the livestream", self._stream_on_air, 15.0)
        self._summary.begin_measuring(self._connected(), self._plan.observed())
        await asyncio.sleep(3.0)
        self._shot("1-wall.png")

    def _stream_on_air(self) -> bool:
        stream = self._replica.state.livestreams.get(DESTINATION)
        return stream is not None and stream.on_air

    def _shot(self, name: str) -> None:
        path = self._plan.output / name
        self._plan.grab(path)
        self._summary.screenshots.append(path)

    async def _scenes(self) -> None:
        """Spotlight, hall muted, side by side by a fade, picture in picture, slate, grid again."""
        people = self._connected()
        speaker, second = people[0], people[5]
        await self._do(p.SetSpotlight(source_id=speaker.id))
        await self._do(p.SetHallMuted(muted=True))
        await asyncio.sleep(5.0)
        self._shot("2-spotlight.png")
        await asyncio.sleep(3.0)
        await self._do(p.MarkChapter(title="Tanya jawab"))
        pair = Layout(kind=LayoutKind.SIDE_BY_SIDE, sources=(speaker.id, second.id))
        await self._do(p.SetPreview(layout=pair))
        await asyncio.sleep(1.5)
        await self._do(p.Take(transition="fade"))
        await asyncio.sleep(5.0)
        await self._do(p.SetHallMuted(muted=False))
        await self._hall_with_inset(second)
        await self._do(p.MuteAll(except_ids=(second.id,)))
        await asyncio.sleep(3.0)
        for one in self._connected():
            await self._do(p.SetParticipantMuted(participant_id=one.id, muted=False))
        everybody = tuple(one.id for one in self._connected())
        strip = Layout(kind=LayoutKind.SPOTLIGHT_STRIP, sources=everybody[:7])
        await self._do(p.CutTo(layout=strip, transition="fade"))

    async def _hall_with_inset(self, second: Participant) -> None:
        hall = next((one.id for one in self._replica.state.sources.values() if one.hall), "")
        inset = Layout(kind=LayoutKind.PICTURE_IN_PICTURE, sources=(hall, second.id))
        await self._do(p.CutTo(layout=inset))
        await asyncio.sleep(4.0)

    async def _finish(self) -> None:
        rest_s = self._plan.seconds - (time.monotonic() - self._started_s) - 4.0
        await asyncio.sleep(max(2.0, rest_s))
        await self._do(p.SetSlate(shown=True, text="Terima kasih. Rapat selesai."))
        await asyncio.sleep(2.0)
        self._summary.end_measuring(self._plan.observed(), self._replica.state)
        await self._do(p.StopLivestream(destination_id=DESTINATION))
        await self._do(p.StopRecording())
        await self._until("the finished recording", self._recording_stopped, 15.0)
        self._shot("3-end.png")
        await asyncio.to_thread(self.end_offices)
        await self._do(p.CloseSession())

    def _recording_stopped(self) -> bool:
        recording = self._replica.state.recording
        return recording is not None and recording.phase in (OutputPhase.STOPPED, OutputPhase.FAILED)

    def end_offices(self) -> None:
        """Let the simulated offices leave and take their figures."""
        offices, self._offices = self._offices, None
        if offices is None:
            return
        if offices.stdin is not None:
            offices.stdin.close()
        offices.terminate()
        try:
            offices.wait(5.0)
        except subprocess.TimeoutExpired:
            offices.kill()
            offices.wait(5.0)
