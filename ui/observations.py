"""Typed views of what the engine observed (docs/protocol.md); a malformed value counts as absent."""

from __future__ import annotations

import logging
from typing import Any, TypeVar

import msgspec

from operator_console.protocol import Link, MediaPlace, SoundDevice

_log = logging.getLogger(__name__)
_T = TypeVar("_T", bound=msgspec.Struct)


class _Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Base: fields that are missing take their defaults, unknown ones are ignored."""


class CauseSeen(_Seen, frozen=True, kw_only=True):
    """Why something failed: a code with its figures, and plain English for the details."""

    code: str = ""
    args: dict[str, str] = {}
    reason: str = ""


class SourceSeen(CauseSeen, frozen=True, kw_only=True):
    """State of a local source's worker."""

    state: str = "starting"


class RoomSeen(CauseSeen, frozen=True, kw_only=True):
    """State of the room worker and its addresses."""

    state: str = "starting"
    url: str = ""
    ca_url: str = ""
    ca_fingerprint: str = ""
    port: int = 0
    certificate_problem: CauseSeen = CauseSeen()
    connected: int = 0


class ProgramSeen(_Seen, frozen=True, kw_only=True):
    """Figures of compositor and encoders."""

    fps: float = 0.0
    late_frames: int = 0
    frames: int = 0
    encode_ms: float = 0.0
    air_kbps: float = 0.0
    return_kbps: float = 0.0
    skew_ms: float = 0.0
    failure: CauseSeen = CauseSeen()


class MixerSeen(_Seen, frozen=True, kw_only=True):
    """Figures of the mixer."""

    late_ticks: int = 0
    ticks: int = 0
    open: int = 0


class PathSeen(CauseSeen, frozen=True, kw_only=True):
    """What the recorder measured of one file."""

    phase: str = ""
    path: str = ""
    seconds: float = 0.0
    bytes: int = 0
    dropped: int = 0
    verified_ago_s: float | None = None
    since_ms: int = 0


class RecorderSeen(PathSeen, frozen=True, kw_only=True):
    """The same of the first path, and of each path."""

    paths: tuple[PathSeen, ...] = ()


class RepairedSeen(CauseSeen, frozen=True, kw_only=True):
    """A recording that was cut off, and what became of it."""

    id: str = ""
    path: str = ""
    ok: bool = False
    iso: bool = False
    """Whether it is a recording of a single participant."""
    duration_ms: int = 0
    chapters: int = 0
    lost_ms: int = 0


class RepairSeen(_Seen, frozen=True, kw_only=True):
    """What the start-up repair does and has done."""

    state: str = ""
    path: str = ""
    left: int = 0
    files: tuple[RepairedSeen, ...] = ()


class JournalSeen(CauseSeen, frozen=True, kw_only=True):
    """The journal: `state` is failed while the disk refuses facts, lost while its file is not in place."""

    state: str = ""


class StreamSeen(CauseSeen, frozen=True, kw_only=True):
    """What the publisher measured of one destination."""

    phase: str = ""
    on_air: bool = False
    line: str = ""
    """connecting | holding | live | stalled | narrow | starved | waiting | closed"""
    since_ms: int = 0
    kbps: float = 0.0
    sent_bytes: int = 0
    dropped: int = 0
    delay_s: int = 0
    rest_s: int = 0
    """What the delay holds back now."""
    due_s: int = 0
    """Until the delay lets the first picture out."""
    too_slow: bool = False
    """The line carries less than the lowest rate: pictures are left out."""


class AirRateSeen(_Seen, frozen=True, kw_only=True):
    """The rate of the program's picture, and what lowers it."""

    kbps: float = 0.0
    top_kbps: float = 0.0
    floor_kbps: float = 0.0
    lowered: bool = False
    limited_by: str = ""
    """Destination whose line is narrow; empty where it is the office's uplink."""
    too_slow: tuple[str, ...] = ()


class UplinkSeen(_Seen, frozen=True, kw_only=True):
    """What the guard of the office's uplink gives up."""

    level: int = 0
    measure: str = ""
    """budget | loss"""
    need_kbps: float = 0.0
    budget_kbps: float = 0.0
    pictures: int = 0
    receivers: int = 0
    tiles_lowered: bool = False
    return_kbps: float = 0.0
    return_lowered: bool = False
    air_lowered: bool = False


class PlannedSeen(_Seen, frozen=True, kw_only=True):
    """A broadcast that is planned at YouTube."""

    id: str = ""
    title: str = ""
    description: str = ""
    privacy: str = ""
    scheduled_at_ms: int = 0
    watch_url: str = ""


class YoutubeSeen(CauseSeen, frozen=True, kw_only=True):
    """The YouTube account."""

    state: str = "off"
    """off | signed_out | signing_in | signed_in | sign_in_again"""
    channel: str = ""
    kept: str = ""
    """keyring | run"""
    upcoming: tuple[PlannedSeen, ...] | None = None
    looking: bool = False
    units_used: int = 0
    units_of_day: int = 0
    not_ended: str = ""
    """Title of a broadcast of an earlier session that may still run at YouTube."""


class IssueSeen(_Seen, frozen=True, kw_only=True):
    """Something that YouTube finds wrong with the stream."""

    type: str = ""
    severity: str = ""


class ThumbnailSeen(CauseSeen, frozen=True, kw_only=True):
    """Whether the broadcast's picture was set."""

    state: str = ""


class BroadcastSeen(_Seen, frozen=True, kw_only=True):
    """What YouTube says of the broadcast that runs."""

    step: str = ""
    sending: bool = False
    stream: str = ""
    health: str = ""
    issues: tuple[IssueSeen, ...] = ()
    public: bool = False
    viewers: int | None = None
    thumbnail: ThumbnailSeen | None = None
    asked_ms: int = 0
    trouble: CauseSeen | None = None
    differs: str = ""
    alarm: bool = False
    units_used: int = 0


class MachineSeen(_Seen, frozen=True, kw_only=True):
    """The engine process and this machine."""

    engine_pid: int = 0
    cpu_percent: float = 0.0
    disk_free_bytes: int = 0
    disk_hours: float | None = None
    uplink_kbps: float = 0.0
    workers: dict[str, Any] = {}


class DiskSeen(_Seen, frozen=True, kw_only=True):
    """One disk that recordings stand on."""

    folder: str = ""
    free_bytes: int = 0
    reserve_bytes: int = 0
    seconds_left: float = 0.0
    rate_kbps: float = 0.0
    level: str = ""
    first: bool = True
    """Whether the first folder of the recordings stands on it."""
    program: bool = False
    """Whether the program is recorded there."""


class DisksSeen(_Seen, frozen=True, kw_only=True):
    """The disks of all recordings."""

    disks: tuple[DiskSeen, ...] = ()
    unknown: tuple[str, ...] = ()
    """Folders that do not answer."""
    one_disk: bool = False
    """Whether first and second folder stand on one disk, or are one."""


class IsoSeen(_Seen, frozen=True, kw_only=True):
    """Figures of one participant's own recording; `path` is empty while it waits for a picture."""

    path: str = ""
    seconds: float = 0.0
    bytes: int = 0
    dropped: int = 0
    marks: int = 0
    lost_ms: int = 0


class DeviceSeen(_Seen, frozen=True, kw_only=True):
    """One of the hall's devices: the name asked for, the one in use, and how it does."""

    wanted: str = ""
    name: str = ""
    rate_hz: int = 0
    channels: int = 0
    level_db: float | None = None
    state: str = "off"
    """off | running | failed | silent | rerouted"""
    code: str = ""
    args: dict[str, Any] = {}


class CancellerSeen(_Seen, frozen=True, kw_only=True):
    """The echo canceller as it works now."""

    mode: str = ""
    fallen_back: bool = False
    erle_db: float | None = None
    delay_ms: float | None = None
    drift_ppm: float | None = None
    echo_present: bool = False


class HallSeen(_Seen, frozen=True, kw_only=True):
    """The audio worker: devices, canceller, and why it does not run where it does not."""

    state: str = "off"
    """off | starting | running | failed"""
    code: str = ""
    args: dict[str, Any] = {}
    input: DeviceSeen | None = None
    output: DeviceSeen | None = None
    monitor: DeviceSeen | None = None
    operator: DeviceSeen | None = None
    echo: CancellerSeen | None = None
    duplex: bool = False
    restarts: int = 0
    xruns: int = 0
    since_ms: int = 0


class DevicesSeen(_Seen, frozen=True, kw_only=True):
    """The sound devices of this machine."""

    devices: tuple[SoundDevice, ...] = ()


class TestSeen(_Seen, frozen=True, kw_only=True):
    """A test of the hall's sound that runs or has just ended."""

    __test__ = False
    test: str = ""
    target: str = ""
    state: str = ""
    """running | done | failed"""
    progress: float = 0.0
    code: str = ""
    delay_ms: float | None = None
    coupling_db: float | None = None
    drift_ppm: float | None = None
    erle_db: float | None = None


class LineAnswerSeen(CauseSeen, frozen=True, kw_only=True):
    """What one address of a destination answered in a line test."""

    url: str = ""
    ok: bool = False
    secure: bool = False
    connect_ms: float | None = None
    rtt_ms: float | None = None
    open_ms: float | None = None


class LineSpeedSeen(_Seen, frozen=True, kw_only=True):
    """How much the line carried while a test picture was published."""

    seconds: float = 0.0
    asked_kbps: float = 0.0
    program_kbps: float = 0.0
    sustained_kbps: float = 0.0
    acknowledged: bool = False
    worst_backlog_bytes: int = 0
    verdict: str = ""
    """ample | tight | too_slow"""


class LineTestSeen(CauseSeen, frozen=True, kw_only=True):
    """A line test that runs or was the last one."""

    destination_id: str = ""
    publish: bool = False
    state: str = ""
    """running | done | failed | stopped"""
    step: str = ""
    """knock | publish"""
    progress: float = 0.0
    addresses: tuple[LineAnswerSeen, ...] = ()
    key_tested: bool = False
    speed: LineSpeedSeen | None = None
    at_ms: int = 0


class EchoSeen(_Seen, frozen=True, kw_only=True):
    """How much of what a participant was sent comes back from his room."""

    score: float = 0.0
    returns: bool = False
    delay_ms: float | None = None
    since_ms: int = 0


class AlarmSeen(_Seen, frozen=True, kw_only=True):
    """Since when the program is black, silent or frozen."""

    since_ms: int = 0


class AlarmsSeen(_Seen, frozen=True, kw_only=True):
    """What is wrong with the program now, by `AlarmKind`."""

    black: AlarmSeen | None = None
    silent: AlarmSeen | None = None
    frozen: AlarmSeen | None = None


class MicAskSeen(_Seen, frozen=True, kw_only=True):
    """How a participant took the question whether he opens his microphone: asked | declined."""

    state: str = ""


class TwinSeen(_Seen, frozen=True, kw_only=True):
    """Another participant for the same office; `near` where both seem to sit in one room."""

    other: str = ""
    near: bool = False


_BY_KEY: dict[str, type[msgspec.Struct]] = {
    "hall_sound": HallSeen,
    "devices": DevicesSeen,
    "audio_test": TestSeen,
    "line_test": LineTestSeen,
    "air_rate": AirRateSeen,
    "uplink": UplinkSeen,
    "alarms": AlarmsSeen,
    "room": RoomSeen,
    "program": ProgramSeen,
    "mixer": MixerSeen,
    "recorder": RecorderSeen,
    "repair": RepairSeen,
    "machine": MachineSeen,
    "disk": DisksSeen,
    "journal": JournalSeen,
    "journal_damage": CauseSeen,
    "youtube": YoutubeSeen,
    "broadcast": BroadcastSeen,
}
_BY_PREFIX: dict[str, type[msgspec.Struct]] = {
    "iso": IsoSeen,
    "media": MediaPlace,
    "link": Link,
    "source": SourceSeen,
    "stream": StreamSeen,
    "echo": EchoSeen,
    "twin": TwinSeen,
    "mic_ask": MicAskSeen,
}


def parse(key: str, value: Any) -> msgspec.Struct | None:
    """The typed view of one observation, or None where it is gone, unknown or malformed."""
    kind = _BY_KEY.get(key) or _BY_PREFIX.get(key.partition(".")[0])
    if kind is None or value is None:
        return None
    if kind is DevicesSeen:
        value = {"devices": value}
    try:
        return msgspec.convert(value, kind, strict=False)
    except msgspec.ValidationError as error:
        _log.info("observation %s is malformed: %s", key, error)
        return None


class Observations:
    """All observations by key, parsed once when they come."""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        self._seen: dict[str, msgspec.Struct] = {}
        self.values: dict[str, Any] = {}
        """The values as they came, for whoever reports them."""
        self.update(values or {})

    def update(self, values: dict[str, Any]) -> None:
        """Take whole new values; null takes one away."""
        for key, value in values.items():
            if value is None:
                self.values.pop(key, None)
            else:
                self.values[key] = value
            seen = parse(key, value)
            if seen is None:
                self._seen.pop(key, None)
            else:
                self._seen[key] = seen

    def _get(self, key: str, kind: type[_T]) -> _T | None:
        seen = self._seen.get(key)
        return seen if isinstance(seen, kind) else None

    def place(self, source_id: str) -> MediaPlace | None:
        """Where a source stands on the bus."""
        return self._get(f"media.{source_id}", MediaPlace)

    def link(self, participant_id: str) -> Link | None:
        """A participant's connection."""
        return self._get(f"link.{participant_id}", Link)

    def links(self) -> list[Link]:
        """All connections."""
        return [seen for seen in self._seen.values() if isinstance(seen, Link)]

    def source(self, source_id: str) -> SourceSeen | None:
        """A local source's worker."""
        return self._get(f"source.{source_id}", SourceSeen)

    def stream(self, destination_id: str) -> StreamSeen | None:
        """A livestream's publisher."""
        return self._get(f"stream.{destination_id}", StreamSeen)

    def disk(self, folder: str) -> DiskSeen | None:
        """The disk of a recordings folder."""
        seen = self._get("disk", DisksSeen)
        return next((disk for disk in seen.disks if disk.folder == folder), None) if seen else None

    @property
    def one_disk(self) -> bool:
        """Whether both folders of the recording stand on one disk."""
        seen = self._get("disk", DisksSeen)
        return seen is not None and seen.one_disk

    @property
    def unknown_folders(self) -> tuple[str, ...]:
        """Folders of recordings that do not say how much room they have."""
        seen = self._get("disk", DisksSeen)
        return seen.unknown if seen is not None else ()

    def iso(self, participant_id: str) -> IsoSeen | None:
        """A participant's own recording."""
        return self._get(f"iso.{participant_id}", IsoSeen)

    @property
    def room(self) -> RoomSeen | None:
        """The room worker."""
        return self._get("room", RoomSeen)

    @property
    def program(self) -> ProgramSeen | None:
        """Compositor and encoders."""
        return self._get("program", ProgramSeen)

    @property
    def mixer(self) -> MixerSeen | None:
        """The mixer."""
        return self._get("mixer", MixerSeen)

    @property
    def recorder(self) -> RecorderSeen | None:
        """The recorder."""
        return self._get("recorder", RecorderSeen)

    @property
    def repair(self) -> RepairSeen | None:
        """The start-up repair of recordings."""
        return self._get("repair", RepairSeen)

    @property
    def journal(self) -> JournalSeen | None:
        """The journal."""
        return self._get("journal", JournalSeen)

    @property
    def youtube(self) -> YoutubeSeen:
        """The YouTube account; one that is not set up where nothing was said."""
        return self._get("youtube", YoutubeSeen) or YoutubeSeen()

    @property
    def broadcast(self) -> BroadcastSeen | None:
        """What YouTube says of the broadcast that runs."""
        return self._get("broadcast", BroadcastSeen)

    @property
    def damage(self) -> CauseSeen | None:
        """What was found wrong with the record when the engine started."""
        return self._get("journal_damage", CauseSeen)

    @property
    def machine(self) -> MachineSeen | None:
        """Engine process and machine."""
        return self._get("machine", MachineSeen)

    def echo(self, participant_id: str) -> EchoSeen | None:
        """What comes back from a participant's room."""
        return self._get(f"echo.{participant_id}", EchoSeen)

    def alarm(self, kind: str) -> AlarmSeen | None:
        """Whether the program is `black`, `silent` or `frozen` now, whether anybody gets it or not."""
        seen = self._get("alarms", AlarmsSeen)
        found = getattr(seen, kind, None) if seen else None
        return found if isinstance(found, AlarmSeen) else None

    def mic_ask(self, participant_id: str) -> str:
        """Whether a participant was asked to open his microphone: empty, asked or declined."""
        seen = self._get(f"mic_ask.{participant_id}", MicAskSeen)
        return seen.state if seen else ""

    def twin(self, participant_id: str) -> TwinSeen | None:
        """Who else is connected for a participant's office."""
        return self._get(f"twin.{participant_id}", TwinSeen)

    @property
    def hall(self) -> HallSeen | None:
        """The hall's sound."""
        return self._get("hall_sound", HallSeen)

    @property
    def devices(self) -> tuple[SoundDevice, ...]:
        """The sound devices of this machine."""
        seen = self._get("devices", DevicesSeen)
        return seen.devices if seen else ()

    @property
    def air_rate(self) -> AirRateSeen | None:
        """The rate of the program's picture."""
        return self._get("air_rate", AirRateSeen)

    @property
    def uplink(self) -> UplinkSeen | None:
        """What the guard of the office's uplink gives up."""
        return self._get("uplink", UplinkSeen)

    @property
    def line_test(self) -> LineTestSeen | None:
        """The test of the line to a destination."""
        return self._get("line_test", LineTestSeen)

    @property
    def audio_test(self) -> TestSeen | None:
        """The test of the hall's sound."""
        return self._get("audio_test", TestSeen)
