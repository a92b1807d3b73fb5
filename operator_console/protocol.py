"""Messages between the processes: commands, replies, snapshot, facts, observations, and the workers'
messages.

One WebSocket server of the engine on 127.0.0.1 serves two paths: ``/control`` for consoles, decks and
tests, ``/worker`` for room and source workers. Each frame is one JSON object, tagged by ``t``.
`docs/protocol.md` describes it; facts are in `session.facts`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from operator_console.session.facts import FactRecord
from operator_console.session.model import EchoMode, HallSound, Layout, LowerThird, SessionState, SourceKind

PROTOCOL_VERSION = 1
MAX_MESSAGE_BYTES = 4 << 20
"""Limit of one WebSocket message on the local API."""


def _command_tag(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


class Command(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="cmd", tag=_command_tag, omit_defaults=True
):
    """Base of all commands; imperative and idempotent, so that a repeat after a reconnect is safe."""


class OpenSession(Command, frozen=True, kw_only=True):
    """Begin a session."""

    title: str
    office: str = ""
    timezone: str = ""


class CloseSession(Command, frozen=True, kw_only=True):
    """End the session: stop outputs, say good-bye to everybody."""


class CreateInvite(Command, frozen=True, kw_only=True):
    """Make an invitation; the reply's result is ``{"invite_id", "url"}``, the only time that the token is
    seen.
    """

    label: str = ""
    max_uses: int = 1
    valid_minutes: int = 24 * 60
    auto_admit: bool = False


class RevokeInvite(Command, frozen=True, kw_only=True):
    """Make an invitation worthless."""

    invite_id: str


class AdmitParticipant(Command, frozen=True, kw_only=True):
    """Give somebody in the lobby a seat."""

    participant_id: str


class AdmitAll(Command, frozen=True, kw_only=True):
    """Give everybody in the lobby a seat."""


class RefuseParticipant(Command, frozen=True, kw_only=True):
    """Refuse somebody in the lobby."""

    participant_id: str


class RemoveParticipant(Command, frozen=True, kw_only=True):
    """Take somebody's seat away; with `ban` his invite too."""

    participant_id: str
    ban: bool = False


class SetRoomLocked(Command, frozen=True, kw_only=True):
    """Let nobody new knock, or let them again."""

    locked: bool


class SetParticipantMuted(Command, frozen=True, kw_only=True):
    """Mute a participant or lift the mute; lifting opens his microphone where he consented and asks him
    where not.
    """

    participant_id: str
    muted: bool


class MuteAll(Command, frozen=True, kw_only=True):
    """Mute all participants except those named."""

    except_ids: tuple[str, ...] = ()


class SetHallMuted(Command, frozen=True, kw_only=True):
    """Take the hall's microphones off all buses, or put them back."""

    muted: bool


class SetHallSound(Command, frozen=True, kw_only=True):
    """Choose the hall's devices and their treatment; what is None stays. Remembered for the next session."""

    on: bool | None = None
    input: str | None = None
    output: str | None = None
    monitor: str | None = None
    operator_input: str | None = None
    echo_mode: EchoMode | None = None
    noise_suppression: bool | None = None
    gain_control: bool | None = None
    push_to_talk: bool | None = None


class HoldHallKey(Command, frozen=True, kw_only=True):
    """Press or let go the hall's `talk` or `cough` key; a client that goes away lets go what it held."""

    key: str
    held: bool


class SetFader(Command, frozen=True, kw_only=True):
    """Set the gain of a source, a participant, `hall` or a `MixBus` (-60 to +12 dB; -60 is off)."""

    target: str
    gain_db: float


class SetBusMuted(Command, frozen=True, kw_only=True):
    """Silence one of the mixer's buses (`MixBus`), or open it again."""

    bus: str
    muted: bool


class SetParticipantDucked(Command, frozen=True, kw_only=True):
    """Turn down somebody whose room returns sound, or bring him back."""

    participant_id: str
    ducked: bool


class SetDuckInactive(Command, frozen=True, kw_only=True):
    """Turn open microphones that nobody speaks into down softly, or no longer."""

    on: bool


class SetTestTone(Command, frozen=True, kw_only=True):
    """Put 1 kHz at -18 dBFS on program, or take it off."""

    on: bool


class SetTalkback(Command, frozen=True, kw_only=True):
    """Speak to one participant off program; empty ends it. A client that goes away ends what it began."""

    participant_id: str = ""


class RunAudioTest(Command, frozen=True, kw_only=True):
    """Begin a test of the hall's sound: `chime` and `playback` (records 3 s and plays them) through the
    `target` hall or monitor, `room` (sweep through the loudspeakers, the hall is off program meanwhile).
    """

    test: str
    target: str = "hall"


class StopAudioTest(Command, frozen=True, kw_only=True):
    """End a test of the hall's sound."""


class SetSourceMuted(Command, frozen=True, kw_only=True):
    """Take a local source's sound off, or put it back."""

    source_id: str
    muted: bool


class LowerHand(Command, frozen=True, kw_only=True):
    """Lower a participant's hand."""

    participant_id: str


class AddSource(Command, frozen=True, kw_only=True):
    """Start a local source; the reply's result is ``{"source_id"}``."""

    kind: SourceKind
    name: str
    address: str = ""
    hall: bool = False


class RemoveSource(Command, frozen=True, kw_only=True):
    """Stop a local source."""

    source_id: str


class SetPreview(Command, frozen=True, kw_only=True):
    """Put a layout into the preview."""

    layout: Layout


class Take(Command, frozen=True, kw_only=True):
    """Put the preview on program by a cut or a fade; the old program goes into the preview.

    `layout` is the preview as the operator saw it: a repeat changes nothing then, and another preview that
    somebody has chosen in the meantime does not go on program unseen.
    """

    transition: str = "cut"
    layout: Layout | None = None


class CutTo(Command, frozen=True, kw_only=True):
    """Put a layout on program at once."""

    layout: Layout
    transition: str = "cut"


class SetSpotlight(Command, frozen=True, kw_only=True):
    """Put one source on program for all with its name as caption; empty ends it and brings the layout from
    before back.
    """

    source_id: str


class SetSlate(Command, frozen=True, kw_only=True):
    """Cover the program with the slate, or uncover it."""

    shown: bool
    text: str = ""


class SetLowerThird(Command, frozen=True, kw_only=True):
    """Put a caption on the program, or take it off (null)."""

    lower_third: LowerThird | None = None


class SetNamesShown(Command, frozen=True, kw_only=True):
    """Show or hide names under the pictures of the program."""

    shown: bool


class StartRecording(Command, frozen=True, kw_only=True):
    """Begin to record; repeating it while a recording runs changes nothing."""


class StopRecording(Command, frozen=True, kw_only=True):
    """Finalise the recording."""


class StartLivestream(Command, frozen=True, kw_only=True):
    """Go live to a destination of the settings; the key comes from the keyring or, for this run only, from
    `key`.
    """

    destination_id: str
    url: str = ""
    name: str = ""
    key: str = ""


class StopLivestream(Command, frozen=True, kw_only=True):
    """End a livestream."""

    destination_id: str


class MarkChapter(Command, frozen=True, kw_only=True):
    """Mark a chapter at this moment."""

    title: str = ""


class SetWants(Command, frozen=True, kw_only=True):
    """What this client shows, as one full set: tiles in device pixels by source, monitors by name.

    ``tiles``: source id -> (width, height); a source that is not in it is not shown by this client.
    ``monitors``: "program" | "preview" -> (width, height).
    """

    tiles: dict[str, tuple[int, int]] = {}
    monitors: dict[str, tuple[int, int]] = {}


class SetSetting(Command, frozen=True, kw_only=True):
    """Change a user setting by name."""

    name: str
    value: Any


class VerifyJournal(Command, frozen=True, kw_only=True):
    """Check the hash chain; the reply's result is ``{"facts", "ok", "broken_at"}``."""


class ShutDown(Command, frozen=True, kw_only=True):
    """End the engine and its workers in an orderly way."""


AnyCommand = (
    OpenSession
    | CloseSession
    | CreateInvite
    | RevokeInvite
    | AdmitParticipant
    | AdmitAll
    | RefuseParticipant
    | RemoveParticipant
    | SetRoomLocked
    | SetParticipantMuted
    | MuteAll
    | SetHallMuted
    | SetHallSound
    | HoldHallKey
    | SetFader
    | SetBusMuted
    | SetParticipantDucked
    | SetDuckInactive
    | SetTestTone
    | SetTalkback
    | RunAudioTest
    | StopAudioTest
    | SetSourceMuted
    | LowerHand
    | AddSource
    | RemoveSource
    | SetPreview
    | Take
    | CutTo
    | SetSpotlight
    | SetSlate
    | SetLowerThird
    | SetNamesShown
    | StartRecording
    | StopRecording
    | StartLivestream
    | StopLivestream
    | MarkChapter
    | SetWants
    | SetSetting
    | VerifyJournal
    | ShutDown
)


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag=_command_tag, omit_defaults=True):
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


class WorkerHello(Message, frozen=True, kw_only=True):
    """First message of a worker; `role` is room, source or audio."""

    role: str
    name: str
    pid: int
    version: int = PROTOCOL_VERSION
    info: dict[str, Any] = {}
    """room: {"url", "ca_url", "port"}"""
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


class LinkReport(Message, frozen=True, kw_only=True):
    """Once a second: the links of all connected participants, and the room's own figures."""

    links: dict[str, Link]
    figures: dict[str, Any] = {}


class KeyframeRequest(Message, frozen=True, kw_only=True):
    """A receiver needs a keyframe of a packet ring."""

    ring: str


class SourceReport(Message, frozen=True, kw_only=True):
    """State of a source worker: starting | running | failed, with a plain sentence."""

    source_id: str
    state: str
    reason: str = ""
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
    roster: tuple[RosterEntry, ...] = ()


class RosterChanged(Message, frozen=True, kw_only=True):
    """Entries that changed; an entry whose presence is left, refused or removed ends that page's session."""

    entries: tuple[RosterEntry, ...] = ()
    locked: bool | None = None


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


class AudioSetup(Message, frozen=True, kw_only=True):
    """What the audio worker has to do, whole."""

    hall: HallSound


class AudioTest(Message, frozen=True, kw_only=True):
    """Begin a test (see `RunAudioTest`), or end the one that runs (empty)."""

    test: str = ""
    target: str = "hall"


class EndWorker(Message, frozen=True, kw_only=True):
    """Finish in an orderly way."""


AnyToWorker = (
    RoomSetup
    | RosterChanged
    | RedeemAnswer
    | AskPage
    | Wants
    | AudioPlan
    | AudioSetup
    | AudioTest
    | EndWorker
)

# bus segment names
ENGINE_VIDEO = "video-engine"
"""Slots: 0 program monitor, 1 preview monitor (BGRA)."""
ENGINE_AUDIO = "audio-engine"
"""Rings: 0 PROGRAM, 1 SHARED, 2 HALL (mono)."""
HALL_AUDIO = "audio-hall"
"""Rings of the audio worker: 0 the hall's microphones without echo, 1 the operator's microphone."""
RING_AIR = "packets-air"
RING_RETURN_H264 = "packets-return-h264"
RING_RETURN_VP8 = "packets-return-vp8"
RING_SHARED = "packets-shared"


def ring_minus(index: int) -> str:
    """Name of the packet ring of a mix-minus, 0..7."""
    return f"packets-minus-{index}"


class OperatorError(Exception):
    """A command that cannot be carried out; carries the sentence for the operator in both languages."""

    def __init__(self, code: str, text_id: str, text_en: str) -> None:
        super().__init__(text_en)
        self.refusal = Refusal(code=code, text_id=text_id, text_en=text_en)


_encoder = msgspec.json.Encoder()
encode = _encoder.encode
decode_client = msgspec.json.Decoder(AnyClientMessage).decode
decode_server = msgspec.json.Decoder(AnyServerMessage).decode
decode_from_worker = msgspec.json.Decoder(AnyFromWorker).decode
decode_to_worker = msgspec.json.Decoder(AnyToWorker).decode
