"""Messages between the processes: commands, replies, snapshot, facts, observations, and the workers'
messages.

One WebSocket server of the engine on 127.0.0.1 serves two paths: ``/control`` for consoles, decks and
tests, ``/worker`` for room and source workers. Each frame is one JSON object, tagged by ``t``.
`docs/protocol.md` describes it; commands are in `commands`, facts in `session.facts`.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from operator_console.commands import *  # noqa: F403 (who speaks to the engine reads one module)
from operator_console.commands import AnyCommand, snake_tag
from operator_console.session.facts import FactRecord
from operator_console.session.model import HallSound, SessionState

PROTOCOL_VERSION = 1
MAX_MESSAGE_BYTES = 4 << 20
"""Limit of one WebSocket message on the local API."""


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag=snake_tag, omit_defaults=True):
    """Base of everything else on the wire."""


class Hello(Message, frozen=True, kw_only=True):
    """First message of a control client."""

    version: int = PROTOCOL_VERSION
    client: str = ""


class Request(Message, frozen=True, kw_only=True):
    """A command with the client's own number for the reply."""

    id: int
    command: AnyCommand


class Refusal(Message, frozen=True, kw_only=True):
    """Why a command was not carried out, for the operator, in both languages, with what to do."""

    code: str
    text_id: str
    text_en: str
    args: dict[str, str] = {}
    """What a client needs to word it itself: names, numbers, paths; never a secret."""


class Reply(Message, frozen=True, kw_only=True):
    """The answer to a request; `rev` is the revision after it."""

    id: int
    ok: bool = True
    rev: int = 0
    result: dict[str, Any] = {}
    refusal: Refusal | None = None


class Snapshot(Message, frozen=True, kw_only=True):
    """Sent once on attach: the state at a revision and all observations."""

    epoch: str
    state: SessionState
    observations: dict[str, Any] = {}
    bus_dir: str = ""
    version: int = PROTOCOL_VERSION


class Told(Message, frozen=True, kw_only=True):
    """A fact, numbered without gaps; a gap means: attach again."""

    record: FactRecord


class Observed(Message, frozen=True, kw_only=True):
    """Observations that changed: key -> new value, null when gone. Not journaled. Keys are listed in
    docs/protocol.md.
    """

    values: dict[str, Any]


AnyClientMessage = Hello | Request
AnyServerMessage = Snapshot | Told | Observed | Reply


# ---- workers ----


class MediaPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a source stands on the bus: (segment, slot) of its own picture, its BGRA tile and its sound."""

    video: tuple[str, int] | None = None
    tile: tuple[str, int] | None = None
    audio: tuple[str, int] | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a participant's connection; rates over the last second."""

    quality: str = "good"
    """good | weak | lost"""
    codec: str = ""
    width_px: int = 0
    height_px: int = 0
    fps: float = 0.0
    video_kbps: int = 0
    audio_kbps: int = 0
    loss_percent: float = 0.0
    rtt_ms: float = 0.0
    jitter_ms: float = 0.0
    frames: int = 0
    late_frames: int = 0
    freezes: int = 0
    out_kbps: int = 0
    """What he is sent, picture and sound."""
    out_loss_percent: float = 0.0
    agent: str = ""
    wanted: str = ""
    """What the page was told to send: off | tile | spotlight."""
    network: str = ""
    """The same for those who come from one place; says nothing else, and is another one in each run."""


class WorkerHello(Message, frozen=True, kw_only=True):
    """First message of a worker; `role` is room, source or audio."""

    role: str
    name: str
    pid: int
    version: int = PROTOCOL_VERSION
    info: dict[str, Any] = {}
    """room: {"url", "ca_url", "ca_fingerprint", "port"}"""
    media: dict[str, MediaPlace] = {}
    """Places of the sources that this worker feeds right now."""


class RedeemInvite(Message, frozen=True, kw_only=True):
    """Somebody came with an invite token; the engine decides."""

    request: int
    token_hash: str
    name: str
    office: str
    consent: bool
    session_hash: str


class PeerUp(Message, frozen=True, kw_only=True):
    """A participant's connection stands and his media arrive at these places."""

    participant_id: str
    place: MediaPlace


class PeerDown(Message, frozen=True, kw_only=True):
    """A participant's connection ended; `final` when he said good-bye himself."""

    participant_id: str
    reason: str
    final: bool = False


class PeerReport(Message, frozen=True, kw_only=True):
    """What a page says of itself; only what changed is set."""

    participant_id: str
    mic_on: bool | None = None
    camera_on: bool | None = None
    consent: bool | None = None
    hand: bool | None = None
    answered: bool | None = None
    """He closed the question whether he opens his microphone; `mic_on` says how."""


class RoomFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the room worker measured of itself; only figures, its state comes as a `SourceReport`."""

    loop_lag_ms: float = 0.0
    pages: Annotated[int, msgspec.Meta(ge=0)] = 0
    receivers: dict[str, int] = {}
    """Of each ring."""
    out_kbps: Annotated[int, msgspec.Meta(ge=0)] = 0
    refused: dict[str, int] = {}
    """By cause."""


class LinkReport(Message, frozen=True, kw_only=True):
    """Once a second: the links of all connected participants, and the room's own figures."""

    links: dict[str, Link]
    figures: RoomFigures = RoomFigures()


class KeyframeRequest(Message, frozen=True, kw_only=True):
    """A receiver needs a keyframe of a packet ring."""

    ring: str


class SourceReport(Message, frozen=True, kw_only=True):
    """State of a source worker: starting | running | failed; `code` and `args` say why, `reason` the same in
    plain English for logs.
    """

    source_id: str
    state: str
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}
    place: MediaPlace | None = None
    figures: dict[str, Any] = {}


class SoundDevice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sound device as the system names it."""

    name: str
    inputs: int = 0
    """Channels."""
    outputs: int = 0
    rate_hz: int = 48_000
    default_input: bool = False
    default_output: bool = False


class IsoReport(Message, frozen=True, kw_only=True):
    """What became of a participant's isolated recording: begun | damaged | ended | failed; see the facts."""

    participant_id: str
    what: str
    path: str = ""
    starts_at_us: int = 0
    codec: str = ""
    width_px: int = 0
    height_px: int = 0
    at_ms: int = 0
    lost_ms: int = 0
    count: int = 0
    kind: str = ""
    duration_ms: int = 0
    size_bytes: int = 0
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class IsoFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one isolated recording now; `path` is empty while it waits for a picture."""

    path: str = ""
    seconds: float = 0.0
    bytes: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Of all its files."""
    dropped: int = 0
    marks: int = 0
    lost_ms: int = 0


class IsoStatus(Message, frozen=True, kw_only=True):
    """Once a second while there are any: figures of the isolated recordings by participant."""

    feeds: dict[str, IsoFigures]


class AudioReport(Message, frozen=True, kw_only=True):
    """State of the audio worker: off | starting | running | failed, and what it measured.

    ``hall`` is the observation `hall_sound`, ``devices`` (where they changed) `devices`, ``test`` (where one
    runs or has just ended) `audio_test`; docs/protocol.md lists their fields.
    """

    hall: dict[str, Any] = {}
    media: dict[str, MediaPlace] = {}
    devices: tuple[SoundDevice, ...] | None = None
    test: dict[str, Any] | None = None


AnyFromWorker = (
    WorkerHello
    | RedeemInvite
    | PeerUp
    | PeerDown
    | PeerReport
    | LinkReport
    | KeyframeRequest
    | SourceReport
    | AudioReport
    | IsoReport
    | IsoStatus
)


class RosterEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the room worker has to know of a participant."""

    participant_id: str
    session_hash: str
    name: str
    office: str = ""
    presence: str = "knocking"
    muted: bool = False
    consent: bool = False
    hand: bool = False
    on_air: bool = False
    on_preview: bool = False


class RoomSetup(Message, frozen=True, kw_only=True):
    """Full set on attach: what the pages show and the whole roster."""

    title: str
    office: str = ""
    session_id: str = ""
    open: bool = False
    locked: bool = False
    recording: bool = False
    streaming: bool = False
    roster: tuple[RosterEntry, ...] = ()


class RosterChanged(Message, frozen=True, kw_only=True):
    """What changed; an entry whose presence is left, refused or removed ends that page's session."""

    entries: tuple[RosterEntry, ...] = ()
    locked: bool | None = None
    recording: bool | None = None
    streaming: bool | None = None


class RedeemAnswer(Message, frozen=True, kw_only=True):
    """The decision on a `RedeemInvite`; `error` is unknown_invite | expired | used_up | revoked | locked |
    full | closed.
    """

    request: int
    participant_id: str = ""
    error: str = ""


class AskPage(Message, frozen=True, kw_only=True):
    """Ask a participant's page: ``open_mic`` (he consented) or ``ask_mic`` (he decides)."""

    participant_id: str
    action: str


class Want(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is needed of one source: the size to send and the tile to draw (0 = not shown)."""

    width_px: int = 0
    height_px: int = 0
    fps: int = 15
    bitrate_bps: int = 0
    tile_width_px: int = 0
    tile_height_px: int = 0
    picture: bool = False
    """Whether the own-size I420 picture is needed on the bus (the compositor shows it)."""


class Wants(Message, frozen=True, kw_only=True):
    """One declarative set for a worker: source id -> want; who is not in it sends no picture."""

    wants: dict[str, Want] = {}


class AudioPlan(Message, frozen=True, kw_only=True):
    """Which audio packet ring goes to whom: participants with an open microphone get their own mix-minus."""

    shared: str
    own: dict[str, str] = {}


class IsoOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be recorded of a participant, and where."""

    folder: str
    stem: str
    title: str = ""
    session: str = ""
    language: str = "id"


class IsoPlan(Message, frozen=True, kw_only=True):
    """One declarative set for the room worker: participant id -> order; who is not in it is not recorded."""

    orders: dict[str, IsoOrder] = {}


class AudioSetup(Message, frozen=True, kw_only=True):
    """What the audio worker has to do, whole."""

    hall: HallSound
    ran: bool = False
    """Whether there was sound in this session before: no device at all then means a server that is gone."""


class AudioTest(Message, frozen=True, kw_only=True):
    """Begin a test (see `RunAudioTest`), or end the one that runs (empty)."""

    test: str = ""
    target: str = "hall"


class PicturePlan(Message, frozen=True, kw_only=True):
    """Which participants get the program's sound alone, because the office's line does not carry more."""

    without: tuple[str, ...] = ()


class EndWorker(Message, frozen=True, kw_only=True):
    """Finish in an orderly way."""


AnyToWorker = (
    RoomSetup
    | RosterChanged
    | RedeemAnswer
    | AskPage
    | Wants
    | AudioPlan
    | PicturePlan
    | IsoPlan
    | AudioSetup
    | AudioTest
    | EndWorker
)

# bus segment names
ENGINE_VIDEO = "video-engine"
"""Slots: 0 program monitor, 1 preview monitor (BGRA)."""
ENGINE_AUDIO = "audio-engine"
"""Rings, all mono: what goes out, what participants without a mix of their own hear, the loudspeakers."""
AUDIO_PROGRAM, AUDIO_SHARED, AUDIO_HALL = 0, 1, 2
"""Rings of `ENGINE_AUDIO`, as `media.audio.thread` writes them."""
HALL_AUDIO = "audio-hall"
"""Rings of the audio worker: the hall's microphones without echo, and the operator's microphone."""
AUDIO_MIC, AUDIO_OPERATOR = 0, 1
"""Rings of `HALL_AUDIO`."""
RING_AIR = "packets-air"
RING_RETURN_H264 = "packets-return-h264"
RING_RETURN_VP8 = "packets-return-vp8"
RING_SHARED = "packets-shared"


def ring_minus(index: int) -> str:
    """Name of the packet ring of a mix-minus, 0..7."""
    return f"packets-minus-{index}"


class OperatorError(Exception):
    """A command that cannot be carried out; carries the sentence for the operator in both languages."""

    def __init__(self, code: str, text_id: str, text_en: str, **args: str) -> None:
        super().__init__(text_en)
        self.refusal = Refusal(code=code, text_id=text_id, text_en=text_en, args=args)


_encoder = msgspec.json.Encoder()
encode = _encoder.encode
decode_client = msgspec.json.Decoder(AnyClientMessage).decode
decode_server = msgspec.json.Decoder(AnyServerMessage).decode
decode_from_worker = msgspec.json.Decoder(AnyFromWorker).decode
decode_to_worker = msgspec.json.Decoder(AnyToWorker).decode
