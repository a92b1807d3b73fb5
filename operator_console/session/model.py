"""The session's pure state: participants, sources, program and outputs as frozen structs."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Model(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of all state: immutable, JSON-ready."""


class Presence(StrEnum):
    """Where somebody stands between knocking and having left."""

    KNOCKING = "knocking"
    ADMITTED = "admitted"
    CONNECTED = "connected"
    LOST = "lost"
    LEFT = "left"
    REFUSED = "refused"
    REMOVED = "removed"


PRESENT = (Presence.ADMITTED, Presence.CONNECTED, Presence.LOST)
"""Presences with a seat in the room (their page may be away for the moment)."""


class LayoutKind(StrEnum):
    """How the sources of a layout stand in the picture."""

    SINGLE = "single"
    SIDE_BY_SIDE = "side_by_side"
    SPOTLIGHT_STRIP = "spotlight_strip"
    PICTURE_IN_PICTURE = "picture_in_picture"
    GRID_2 = "grid_2"
    GRID_3 = "grid_3"
    GRID_4 = "grid_4"
    GRID_5 = "grid_5"
    GRID_6 = "grid_6"
    GRID_7 = "grid_7"


LAYOUT_CAPACITY: dict[LayoutKind, int] = {
    LayoutKind.SINGLE: 1,
    LayoutKind.SIDE_BY_SIDE: 2,
    LayoutKind.SPOTLIGHT_STRIP: 7,
    LayoutKind.PICTURE_IN_PICTURE: 2,
    LayoutKind.GRID_2: 4,
    LayoutKind.GRID_3: 9,
    LayoutKind.GRID_4: 16,
    LayoutKind.GRID_5: 25,
    LayoutKind.GRID_6: 36,
    LayoutKind.GRID_7: 49,
}
"""How many sources each layout shows."""


class OutputPhase(StrEnum):
    """States of an output; they only move forward, a new start is a new output."""

    STARTING = "starting"
    STARTED = "started"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class Layout(Model, frozen=True, kw_only=True):
    """A layout with the ids of the sources in it, the main one first."""

    kind: LayoutKind = LayoutKind.GRID_3
    sources: tuple[str, ...] = ()


class LowerThird(Model, frozen=True, kw_only=True):
    """The caption on the program: a name and a line below it."""

    title: str = ""
    subtitle: str = ""


class Program(Model, frozen=True, kw_only=True):
    """What goes out and what would go out next."""

    on_air: Layout = Layout()
    preview: Layout = Layout()
    transition: str = "cut"
    slate: bool = False
    slate_text: str = ""
    lower_third: LowerThird | None = None
    spotlight: str = ""
    """Source on program for all, or empty."""
    before_spotlight: Layout = Layout()
    """What was on program before the spotlight; comes back when it ends."""
    taken_at_ms: int = 0
    """When the layout on air was taken."""
    names: bool = True
    """Whether names stand under the pictures of the program."""


class Participant(Model, frozen=True, kw_only=True):
    """Somebody who came through an invite; `id` is also the id of his source."""

    id: str
    number: int
    name: str
    office: str = ""
    presence: Presence = Presence.KNOCKING
    invite_id: str = ""
    session_hash: str = ""
    knocked_at_ms: int = 0
    connected_at_ms: int = 0
    muted: bool = False
    """Muted by the operator; the room drops his sound and asks his page to stop sending."""
    mic_on: bool = False
    """Whether his page sends sound, as it reported."""
    camera_on: bool = False
    consent: bool = False
    """Standing consent that the operator may open his microphone."""
    hand_at_ms: int = 0

    @property
    def audible(self) -> bool:
        """Whether his sound is to be mixed."""
        return self.presence is Presence.CONNECTED and self.mic_on and not self.muted


class SourceKind(StrEnum):
    """What a local source captures."""

    CAMERA = "camera"
    SCREEN = "screen"
    WINDOW = "window"
    FILE = "file"
    RTSP = "rtsp"
    MICROPHONE = "microphone"
    TESTCARD = "testcard"


class Source(Model, frozen=True, kw_only=True):
    """A local source; one disposable worker process captures it."""

    id: str
    kind: SourceKind
    name: str
    address: str = ""
    """Device index or path, file, address or display, by kind."""
    hall: bool = False
    """Whether this is the hall's own picture or sound."""
    muted: bool = False


class EchoMode(StrEnum):
    """How the echo of the hall's loudspeakers is taken out of its microphones."""

    FULL = "full"
    """Full duplex: both sides may talk at once."""
    STRONG = "strong"
    """WebRTC's canceller: cuts the near end while the far end talks."""
    OFF = "off"
    """For a speakerphone that cancels by itself."""


class HallSound(Model, frozen=True, kw_only=True):
    """The hall's sound devices and what is done with its microphones. Devices by name; empty is the
    system's default, `NO_DEVICE` is none.
    """

    on: bool = False
    input: str = ""
    output: str = ""
    monitor: str = "-"
    """Headphones of the operator: they get PROGRAM."""
    operator_input: str = "-"
    """Microphone of the operator, for talkback."""
    echo_mode: EchoMode = EchoMode.FULL
    noise_suppression: bool = False
    gain_control: bool = False
    push_to_talk: bool = False
    """Whether the hall is heard only while the talk key is held."""


NO_DEVICE = "-"
HALL, OPERATOR = "hall", "operator"
"""Ids of the hall's microphones and of the operator's, as sources of the bus and in `Mixing.faders_db`."""


class MixBus(StrEnum):
    """The mixer's buses that have a fader; their keys in `Mixing.faders_db` and `muted_buses`."""

    PROGRAM = "bus:program"
    SHARED = "bus:shared"
    HALL = "bus:hall"


class Mixing(Model, frozen=True, kw_only=True):
    """What the operator set at the mixer."""

    faders_db: dict[str, float] = {}
    """Gain of a source, a participant or a `MixBus`; who is not in it stands at 0 dB."""
    muted_buses: tuple[str, ...] = ()
    ducked: tuple[str, ...] = ()
    """Participants that the operator turned down because their room returns sound."""
    duck_inactive: bool = False
    """Whether open microphones that nobody speaks into are turned down softly."""
    test_tone: bool = False
    talk_held: bool = False
    cough_held: bool = False
    talkback: str = ""
    """Participant to whom the operator speaks, off program."""


class Invite(Model, frozen=True, kw_only=True):
    """An invitation; only the hash of its token is kept."""

    id: str
    label: str
    token_hash: str
    expires_at_ms: int = 0
    max_uses: int = 1
    uses: int = 0
    auto_admit: bool = False
    revoked: bool = False


class NextFile(Model, frozen=True, kw_only=True):
    """The file that takes over from the running one at its first picture."""

    id: str
    path: str
    segment: int
    started_at_ms: int


class Recording(Model, frozen=True, kw_only=True):
    """The recording that runs or ran last, as far as one of its paths is concerned (`track` 0 or 1)."""

    id: str
    """Of the file that is written or was written last."""
    path: str
    segment: int = 1
    track: int = 0
    next: NextFile | None = None
    paused_at_ms: int = 0
    """Since when the operator has it paused; 0 where he has not."""
    started_at_ms: int = 0
    phase: OutputPhase = OutputPhase.STARTING
    reason: str = ""
    """Why it failed, plain English for logs; `code` and `args` are for whoever words it."""
    code: str = ""
    args: dict[str, str] = {}
    retrying: bool = False
    """Failed, but the operator wants it: the engine tries to begin the next segment."""

    @property
    def wanted(self) -> bool:
        """Whether a recording should be running."""
        running = self.retrying or self.phase in (OutputPhase.STARTING, OutputPhase.STARTED)
        return running and not self.paused_at_ms


class IsoRecording(Model, frozen=True, kw_only=True):
    """The isolated recording of one participant: the one that runs or ran last."""

    participant_id: str
    folder: str
    stem: str
    started_at_ms: int = 0
    wanted: bool = True
    phase: OutputPhase = OutputPhase.STARTING
    """STARTED while a file is written; STARTING: waits for a picture; STOPPING: the last file is finished."""
    path: str = ""
    """The file that is written now, or was last."""
    files: int = 0
    marks: int = 0
    """How often pictures were lost."""
    lost_ms: int = 0
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class DiskLevel(StrEnum):
    """How little room a disk with recordings has left, from the least serious on."""

    WATCH = "watch"
    """Less than four hours of recording."""
    SOON = "soon"
    """Less than an hour."""
    LAST = "last"
    """Less than fifteen minutes: no isolated recordings any more."""
    STOP = "stop"
    """Only the reserve is left: nothing is recorded there."""


class Livestream(Model, frozen=True, kw_only=True):
    """A livestream to one destination; never holds its key."""

    destination_id: str
    name: str
    url: str
    backup_url: str = ""
    delay_s: int = 0
    """So much later than the program it goes out."""
    ends_at_ms: int = 0
    """While stopping: when all that it held back will have gone out."""
    started_at_ms: int = 0
    phase: OutputPhase = OutputPhase.STARTING
    on_air: bool = False
    """Whether the destination takes the stream at this moment; false while we try to reach it again."""
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


YOUTUBE_ACCOUNT = "youtube:account"
"""Destination of the livestream that belongs to a broadcast of the YouTube account."""


class BroadcastPhase(StrEnum):
    """How far a broadcast of the YouTube account has come."""

    PREPARING = "preparing"
    """Being made and bound; nothing is sent yet."""
    MADE = "made"
    """YouTube has it, we send."""
    LIVE = "live"
    """The public sees it."""
    ENDING = "ending"
    """We send no more; YouTube has still to be told."""
    ENDED = "ended"
    FAILED = "failed"


class Broadcast(Model, frozen=True, kw_only=True):
    """A broadcast of the YouTube account: the one that runs or ran last. All of it is public."""

    title: str
    description: str = ""
    privacy: str = "unlisted"
    thumbnail: str = ""
    picked_id: str = ""
    """The planned broadcast that the operator chose; empty: a new one is made."""
    asked_at_ms: int = 0
    channel: str = ""
    broadcast_id: str = ""
    stream_id: str = ""
    watch_url: str = ""
    phase: BroadcastPhase = BroadcastPhase.PREPARING
    dispute: str = ""
    """What YouTube says against what we say (`TruthCode`), for more than 15 s; empty where both agree."""
    disputed_at_ms: int = 0
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}

    @property
    def running(self) -> bool:
        """Whether it is wanted, from the order to the end."""
        return self.phase in (BroadcastPhase.PREPARING, BroadcastPhase.MADE, BroadcastPhase.LIVE)


class Chapter(Model, frozen=True, kw_only=True):
    """A mark in the session."""

    at_ms: int
    title: str


class AlarmKind(StrEnum):
    """What can be wrong with what goes out although everything runs."""

    BLACK = "black"
    SILENT = "silent"
    FROZEN = "frozen"


class ProgramAlarm(Model, frozen=True, kw_only=True):
    """The program is black, silent or frozen while it is recorded or live."""

    since_ms: int
    """When it began, some seconds before the alarm."""
    acknowledged: bool = False
    """Somebody has seen it; it is still so."""


class RoomFigures(Model, frozen=True, kw_only=True):
    """What the last room test found."""

    delay_ms: float
    coupling_db: float
    drift_ppm: float
    erle_db: float


class SessionState(Model, frozen=True, kw_only=True):
    """Everything that was decided in a session: the fold of its facts."""

    rev: int = 0
    session_id: str = ""
    title: str = ""
    office: str = ""
    timezone: str = "Asia/Jakarta"
    opened_at_ms: int = 0
    closed_at_ms: int = 0
    locked: bool = False
    hall_muted: bool = False
    hall_sound: HallSound = HallSound()
    room_tested: RoomFigures | None = None
    mixing: Mixing = Mixing()
    next_number: int = 1
    participants: dict[str, Participant] = {}
    sources: dict[str, Source] = {}
    invites: dict[str, Invite] = {}
    program: Program = Program()
    recording: Recording | None = None
    second_recording: Recording | None = None
    """The same recording on its second path, where there is one."""
    isos: dict[str, IsoRecording] = {}
    disk_low: dict[str, str] = {}
    """The `DiskLevel` of each recordings folder whose disk has little room."""
    livestreams: dict[str, Livestream] = {}
    broadcast: Broadcast | None = None
    chapters: tuple[Chapter, ...] = ()
    alarms: dict[str, ProgramAlarm] = {}
    """What is wrong with the program now, by `AlarmKind`; only while it is recorded or live."""

    @property
    def is_open(self) -> bool:
        """Whether a session runs."""
        return bool(self.session_id) and not self.closed_at_ms

    @property
    def recording_wanted(self) -> bool:
        """Whether a recording should be running, on whatever path."""
        return any(one is not None and one.wanted for one in (self.recording, self.second_recording))

    @property
    def recording_paused_at_ms(self) -> int:
        """Since when the recording is paused; 0 where it is not."""
        both = (self.recording, self.second_recording)
        return 0 if self.recording_wanted else max(one.paused_at_ms if one else 0 for one in both)

    @property
    def hall_audible(self) -> bool:
        """Whether the hall's own microphones are on the buses: mute, cough key and push to talk decide."""
        held = self.mixing.talk_held or not self.hall_sound.push_to_talk
        return held and not self.hall_muted and not self.mixing.cough_held

    @property
    def seated(self) -> list[Participant]:
        """Participants with a seat, in the order of their numbers."""
        return sorted(
            (p for p in self.participants.values() if p.presence in PRESENT), key=lambda p: p.number
        )

    @property
    def lobby(self) -> list[Participant]:
        """Participants who wait to be admitted, first come first."""
        waiting = (p for p in self.participants.values() if p.presence is Presence.KNOCKING)
        return sorted(waiting, key=lambda p: p.knocked_at_ms)
