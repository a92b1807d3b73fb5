"""The facts of a session: what happened, in the past tense, one struct each.

A fact's body is stored as JSON in the journal under its tag; a field may be added with a default, never
renamed or removed.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from operator_console.session.model import HallSound, Invite, Layout, LowerThird, Source


def _tag(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact", tag=_tag, omit_defaults=True):
    """Base of all facts; the tag is the class name in snake case."""


class SessionOpened(Fact, frozen=True, kw_only=True):
    """A session began."""

    session_id: str
    title: str
    office: str = ""
    timezone: str = "Asia/Jakarta"


class SessionClosed(Fact, frozen=True, kw_only=True):
    """The session ended."""


class EngineStarted(Fact, frozen=True, kw_only=True):
    """An engine took the session over; `resumed` after a crash."""

    pid: int
    resumed: bool = False


class WorkerStarted(Fact, frozen=True, kw_only=True):
    """A worker process began to work."""

    worker: str
    pid: int


class WorkerLost(Fact, frozen=True, kw_only=True):
    """A worker process went away without being asked to."""

    worker: str
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class InviteCreated(Fact, frozen=True, kw_only=True):
    """An invitation was made."""

    invite: Invite


class InviteRevoked(Fact, frozen=True, kw_only=True):
    """An invitation is no longer good."""

    invite_id: str


class ParticipantFact(Fact, frozen=True, kw_only=True):
    """Base of facts about one participant."""

    participant_id: str


class ParticipantKnocked(ParticipantFact, frozen=True, kw_only=True):
    """Somebody redeemed an invite and waits in the lobby."""

    name: str
    office: str = ""
    invite_id: str = ""
    session_hash: str = ""
    consent: bool = False


class ParticipantAdmitted(ParticipantFact, frozen=True, kw_only=True):
    """The operator (or an invite that says so) gave a seat."""


class ParticipantRefused(ParticipantFact, frozen=True, kw_only=True):
    """The operator refused a seat."""


class ParticipantRemoved(ParticipantFact, frozen=True, kw_only=True):
    """The operator removed somebody; with `ban` the invite is dead too."""

    ban: bool = False


class ParticipantConnected(ParticipantFact, frozen=True, kw_only=True):
    """His picture and sound arrive."""


class ParticipantLost(ParticipantFact, frozen=True, kw_only=True):
    """His connection broke; the page will come back by itself."""

    reason: str = ""


class ParticipantLeft(ParticipantFact, frozen=True, kw_only=True):
    """He left, or did not come back."""

    reason: str = ""


class MicrophoneReported(ParticipantFact, frozen=True, kw_only=True):
    """His page turned its microphone on or off."""

    on: bool


class CameraReported(ParticipantFact, frozen=True, kw_only=True):
    """His page turned its camera on or off."""

    on: bool


class ConsentChanged(ParticipantFact, frozen=True, kw_only=True):
    """He gave or took back the consent to have his microphone opened."""

    consent: bool


class HandRaised(ParticipantFact, frozen=True, kw_only=True):
    """He asks for the floor."""


class HandLowered(ParticipantFact, frozen=True, kw_only=True):
    """He no longer asks for the floor, or the operator lowered the hand."""


class ParticipantMuted(ParticipantFact, frozen=True, kw_only=True):
    """The operator muted him."""


class ParticipantUnmuted(ParticipantFact, frozen=True, kw_only=True):
    """The operator lifted the mute."""


class EverybodyMuted(Fact, frozen=True, kw_only=True):
    """The operator muted all participants, but those in `except_ids`."""

    except_ids: tuple[str, ...] = ()


class HallMuted(Fact, frozen=True, kw_only=True):
    """The hall's microphones were taken off all buses, or put back."""

    muted: bool


class HallSoundSet(Fact, frozen=True, kw_only=True):
    """The hall's sound devices or their treatment were chosen."""

    hall: HallSound


class HallKeyHeld(Fact, frozen=True, kw_only=True):
    """The hall's `talk` or `cough` key was pressed or let go."""

    key: str
    held: bool


class FaderSet(Fact, frozen=True, kw_only=True):
    """The gain of a source, a participant or a bus was set."""

    target: str
    gain_db: float


class BusMuted(Fact, frozen=True, kw_only=True):
    """A bus of the mixer was silenced, or opened again."""

    bus: str
    muted: bool


class ParticipantDucked(ParticipantFact, frozen=True, kw_only=True):
    """Somebody whose room returns sound was turned down, or brought back."""

    ducked: bool


class DuckInactiveSet(Fact, frozen=True, kw_only=True):
    """Open microphones that nobody speaks into are turned down softly, or no longer."""

    on: bool


class TestToneSet(Fact, frozen=True, kw_only=True):
    """The test tone went on program, or off it."""

    on: bool


class TalkbackSet(Fact, frozen=True, kw_only=True):
    """The operator speaks to one participant off program; empty: to nobody any more."""

    participant_id: str = ""


class RoomTested(Fact, frozen=True, kw_only=True):
    """A room test was finished."""

    delay_ms: float
    coupling_db: float
    """Level of the loudspeaker's sound in the microphone, against what was played."""
    drift_ppm: float
    erle_db: float


class RoomLocked(Fact, frozen=True, kw_only=True):
    """Nobody new may knock (or may again)."""

    locked: bool


class SourceAdded(Fact, frozen=True, kw_only=True):
    """A local source was added."""

    source: Source


class SourceRemoved(Fact, frozen=True, kw_only=True):
    """A local source was taken away."""

    source_id: str


class SourceMuted(Fact, frozen=True, kw_only=True):
    """A local source's sound was taken off or put back."""

    source_id: str
    muted: bool


class LayoutPreviewed(Fact, frozen=True, kw_only=True):
    """Another layout stands in the preview."""

    layout: Layout


class LayoutTaken(Fact, frozen=True, kw_only=True):
    """A layout went on program."""

    layout: Layout
    transition: str = "cut"
    spotlight: str = ""
    behind_slate: bool = False
    """The slate was on and stays on; without this a layout that was taken lifted it (older journals)."""


class SlateShown(Fact, frozen=True, kw_only=True):
    """The slate covers the program, or no longer does; the recording goes on."""

    shown: bool
    text: str = ""


class LowerThirdShown(Fact, frozen=True, kw_only=True):
    """A caption was put on the program, or taken off (None)."""

    lower_third: LowerThird | None = None


class NamesShown(Fact, frozen=True, kw_only=True):
    """Names under the pictures of the program were turned on or off."""

    shown: bool


class RecordingStarted(Fact, frozen=True, kw_only=True):
    """A recording file was begun; written before the first byte.

    `track`: 0 for the first path, 1 for the second. With `split` the file before it goes on until this one
    has its first picture.
    """

    recording_id: str
    path: str
    segment: int = 1
    track: int = 0
    split: bool = False


class RecordingConfirmed(Fact, frozen=True, kw_only=True):
    """The first picture of the recording, made at `first_at_ms`, was given to the disk."""

    recording_id: str
    first_at_ms: int = 0
    first_us: int = 0
    """The same on the bus clock, which nobody sets; it begins anew with the machine. 0: not known."""


class RecordingStopped(Fact, frozen=True, kw_only=True):
    """A recording file was finalised; `code` says why where the operator did not ask for it."""

    recording_id: str
    duration_ms: int = 0
    size_bytes: int = 0
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class RecordingFailed(Fact, frozen=True, kw_only=True):
    """A recording file ended against our will; `retrying` where a next segment will be begun.

    One that could not even be begun has no `recording_started`; `path` is the folder then.
    """

    recording_id: str
    reason: str
    retrying: bool = False
    code: str = ""
    args: dict[str, str] = {}
    track: int = 0
    path: str = ""


class RecordingPaused(Fact, frozen=True, kw_only=True):
    """The operator paused the recording: its files are finished; going on begins the next segment."""


class RecordingRepaired(Fact, frozen=True, kw_only=True):
    """A file that was never closed was made an ordinary one, with its chapters.

    `recording_id` is empty for a file of an isolated recording, which is known by its path;
    `lost_ms`: what of the program is in no file between its end and the next one of the same path;
    `cut_bytes`: the torn end that could not be read.
    """

    recording_id: str
    path: str
    duration_ms: int = 0
    size_bytes: int = 0
    chapters: int = 0
    lost_ms: int = 0
    cut_bytes: int = 0


class RecordingUnrepaired(Fact, frozen=True, kw_only=True):
    """A file that was never closed, or is not what was closed, stays as it is, and why.

    `recording_id` is empty for a file of an isolated recording.
    """

    recording_id: str
    path: str
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class RecordingSealed(Fact, frozen=True, kw_only=True):
    """The closed file had these bytes; whoever changes one of them can be found out."""

    recording_id: str
    path: str
    sha256: str
    size_bytes: int


class IsoRecordingStarted(ParticipantFact, frozen=True, kw_only=True):
    """What a participant sends is to be recorded by itself, into `folder/stem_01.mkv` and so on."""

    folder: str
    stem: str


class IsoFileStarted(ParticipantFact, frozen=True, kw_only=True):
    """A file of an isolated recording began; its time nought was at `starts_at_us` (Unix time)."""

    path: str
    starts_at_us: int
    codec: str = ""
    """H264, VP8, or empty: sound alone."""
    width_px: int = 0
    height_px: int = 0


class IsoFileDamaged(ParticipantFact, frozen=True, kw_only=True):
    """Pictures are missing in the file, at `at_ms` of it first; told at most each ten seconds, in sums."""

    path: str
    kind: str
    """lost (on the network) | dropped (the disk was too slow)"""
    at_ms: int
    lost_ms: int
    count: int = 1


class IsoFileFinished(ParticipantFact, frozen=True, kw_only=True):
    """A file of an isolated recording was finalised; `marks` places in it have no picture."""

    path: str
    duration_ms: int = 0
    size_bytes: int = 0
    marks: int = 0
    lost_ms: int = 0


class IsoFileFailed(ParticipantFact, frozen=True, kw_only=True):
    """An isolated recording could not be written (on); what was written plays, and it is tried again."""

    path: str = ""
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class IsoRecordingStopped(ParticipantFact, frozen=True, kw_only=True):
    """An isolated recording was ended; `code` says why where nobody asked for it."""

    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class DiskRanLow(Fact, frozen=True, kw_only=True):
    """The disk of a recordings folder has less left than a `DiskLevel`; each level is told once."""

    folder: str
    level: str
    free_bytes: int
    seconds_left: int = 0


class DiskEased(Fact, frozen=True, kw_only=True):
    """The disk of a recordings folder has room again: `level` is what it stands at now, empty for enough."""

    folder: str
    free_bytes: int
    level: str = ""


class LivestreamStarted(Fact, frozen=True, kw_only=True):
    """The operator asked to go live."""

    destination_id: str
    name: str
    url: str
    backup_url: str = ""
    delay_s: int = 0


class LivestreamConfirmed(Fact, frozen=True, kw_only=True):
    """The destination took the stream."""

    destination_id: str


class LivestreamLost(Fact, frozen=True, kw_only=True):
    """The destination no longer takes the stream; we try again."""

    destination_id: str
    reason: str
    code: str = ""
    args: dict[str, str] = {}


class LivestreamFailed(Fact, frozen=True, kw_only=True):
    """The livestream ended against our will and is not tried again."""

    destination_id: str
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class LivestreamStopping(Fact, frozen=True, kw_only=True):
    """The operator ended a livestream; what it holds back still goes out for `rest_s`."""

    destination_id: str
    rest_s: int


class LivestreamStopped(Fact, frozen=True, kw_only=True):
    """The livestream was ended; `cut_s`: so much of what it held back did not go out."""

    destination_id: str
    duration_ms: int = 0
    cut_s: int = 0


class AirRateLowered(Fact, frozen=True, kw_only=True):
    """A line carries less than the program's rate; livestreams and recording go on with less, from this."""

    destination_id: str
    """The destination whose line it is; empty where the office's uplink is full."""
    rate_bps: int


class AirRateRestored(Fact, frozen=True, kw_only=True):
    """The program has its whole rate again."""

    rate_bps: int


class BroadcastAsked(Fact, frozen=True, kw_only=True):
    """The operator asked to go live with the YouTube account; written before YouTube is."""

    title: str
    description: str = ""
    privacy: str = "unlisted"
    thumbnail: str = ""
    picked_id: str = ""
    channel: str = ""


class BroadcastMade(Fact, frozen=True, kw_only=True):
    """YouTube has the broadcast, bound to our stream."""

    broadcast_id: str
    stream_id: str
    watch_url: str


class BroadcastWentLive(Fact, frozen=True, kw_only=True):
    """YouTube shows the broadcast to its public."""

    broadcast_id: str


class BroadcastDisputed(Fact, frozen=True, kw_only=True):
    """For 15 s YouTube has said another thing than we do; `code` is a `TruthCode`."""

    code: str
    ours: str = ""
    theirs: str = ""


class BroadcastAgreed(Fact, frozen=True, kw_only=True):
    """YouTube says again what we say."""


class BroadcastEnding(Fact, frozen=True, kw_only=True):
    """The broadcast was ended here."""


class BroadcastEnded(Fact, frozen=True, kw_only=True):
    """The broadcast is over; `code` says where it did not simply end (`YoutubeCode`)."""

    broadcast_id: str = ""
    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class BroadcastFailed(Fact, frozen=True, kw_only=True):
    """There will be no broadcast; nothing was sent."""

    reason: str = ""
    code: str = ""
    args: dict[str, str] = {}


class ChapterMarked(Fact, frozen=True, kw_only=True):
    """The operator marked a chapter."""

    title: str


class ProgramAlarmRaised(Fact, frozen=True, kw_only=True):
    """What is recorded or live has been black, silent or frozen (`AlarmKind`) since `since_ms`."""

    alarm: str
    since_ms: int


class ProgramAlarmCleared(Fact, frozen=True, kw_only=True):
    """It is no longer so, or the last output ended."""

    alarm: str
    lasted_ms: int = 0


class ProgramAlarmAcknowledged(Fact, frozen=True, kw_only=True):
    """The operator has seen it and knows why."""

    alarm: str


AnyFact = (
    SessionOpened
    | SessionClosed
    | EngineStarted
    | WorkerStarted
    | WorkerLost
    | InviteCreated
    | InviteRevoked
    | ParticipantKnocked
    | ParticipantAdmitted
    | ParticipantRefused
    | ParticipantRemoved
    | ParticipantConnected
    | ParticipantLost
    | ParticipantLeft
    | MicrophoneReported
    | CameraReported
    | ConsentChanged
    | HandRaised
    | HandLowered
    | ParticipantMuted
    | ParticipantUnmuted
    | EverybodyMuted
    | HallMuted
    | HallSoundSet
    | HallKeyHeld
    | FaderSet
    | BusMuted
    | ParticipantDucked
    | DuckInactiveSet
    | TestToneSet
    | TalkbackSet
    | RoomTested
    | RoomLocked
    | SourceAdded
    | SourceRemoved
    | SourceMuted
    | LayoutPreviewed
    | LayoutTaken
    | SlateShown
    | LowerThirdShown
    | NamesShown
    | RecordingStarted
    | RecordingConfirmed
    | RecordingStopped
    | RecordingFailed
    | RecordingPaused
    | RecordingRepaired
    | RecordingUnrepaired
    | RecordingSealed
    | IsoRecordingStarted
    | IsoFileStarted
    | IsoFileDamaged
    | IsoFileFinished
    | IsoFileFailed
    | IsoRecordingStopped
    | DiskRanLow
    | DiskEased
    | LivestreamStarted
    | LivestreamConfirmed
    | LivestreamLost
    | LivestreamFailed
    | LivestreamStopping
    | LivestreamStopped
    | BroadcastAsked
    | BroadcastMade
    | BroadcastWentLive
    | BroadcastDisputed
    | BroadcastAgreed
    | BroadcastEnding
    | BroadcastEnded
    | BroadcastFailed
    | AirRateLowered
    | AirRateRestored
    | ChapterMarked
    | ProgramAlarmRaised
    | ProgramAlarmCleared
    | ProgramAlarmAcknowledged
)


class FactRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A fact with its place in the journal: number, wall-clock time, who did it, and the hash that chains
    it.
    """

    seq: int
    at_ms: int
    actor: str
    body: AnyFact
    hash: str = ""


_decoder = msgspec.json.Decoder(AnyFact)


def encode_fact(fact: Fact) -> bytes:
    """A fact as JSON bytes, the form that is stored and hashed."""
    return msgspec.json.encode(fact)


def decode_fact(data: bytes | str) -> AnyFact:
    """A fact from its JSON; raises msgspec.ValidationError for anything that is not one."""
    fact: Any = _decoder.decode(data)
    return fact  # type: ignore[no-any-return]
