"""Commands: what a control client may ask of the engine."""

from __future__ import annotations

from typing import Any

import msgspec

from operator_console.session.model import EchoMode, Layout, LowerThird, SourceKind


def snake_tag(name: str) -> str:
    """The wire's word for a struct: `OpenSession` is `open_session`."""
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


class Command(msgspec.Struct, frozen=True, kw_only=True, tag_field="cmd", tag=snake_tag, omit_defaults=True):
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


class PauseRecording(Command, frozen=True, kw_only=True):
    """Finish the recording's files and begin no other until `ResumeRecording`."""


class ResumeRecording(Command, frozen=True, kw_only=True):
    """Go on with a paused recording, in its next segment."""


class SplitRecording(Command, frozen=True, kw_only=True):
    """Go on in a new file at the next key picture; no frame is lost."""


class StopRecording(Command, frozen=True, kw_only=True):
    """Finalise the recording."""


class StartIsoRecording(Command, frozen=True, kw_only=True):
    """Record what one participant sends by itself, as it is received."""

    participant_id: str


class StopIsoRecording(Command, frozen=True, kw_only=True):
    """Finish the isolated recording of a participant; its files stay."""

    participant_id: str


class StartLivestream(Command, frozen=True, kw_only=True):
    """Go live to a destination of the settings; the key comes from the keyring or, for this run only, from
    `key`.

    `backup_url` is tried by turns with `url`. `delay_s` holds the stream back by so much; without it the
    setting `livestream_delay_s` counts.
    """

    destination_id: str
    url: str = ""
    name: str = ""
    key: str = ""
    backup_url: str = ""
    delay_s: int | None = None


class StopLivestream(Command, frozen=True, kw_only=True):
    """End a livestream. One with a delay first sends what it holds back; with `now` that is cut off."""

    destination_id: str
    now: bool = False


class RunLineTest(Command, frozen=True, kw_only=True):
    """Test the line to a destination: name, certificate, answer; nothing is published.

    With `publish` it sends a test picture at half more than the program's rate for `seconds` (3 to 30) as
    well, which the public may see. Address and key as in `StartLivestream`.
    """

    destination_id: str
    url: str = ""
    backup_url: str = ""
    key: str = ""
    publish: bool = False
    seconds: int = 10


class StopLineTest(Command, frozen=True, kw_only=True):
    """End the test of the line."""


class SignInYoutube(Command, frozen=True, kw_only=True):
    """Begin to sign in at YouTube; the reply's result is ``{"url"}`` for the operator's browser, the rest is
    the observation `youtube`. Without a password store refused (`no_keyring`) unless `for_run`: the
    account is forgotten with the engine then.
    """

    for_run: bool = False


class CancelYoutubeSignIn(Command, frozen=True, kw_only=True):
    """Wait for the browser no longer."""


class SignOutYoutube(Command, frozen=True, kw_only=True):
    """Forget the account, here and at Google; refused while a broadcast of it runs."""


class LookForBroadcasts(Command, frozen=True, kw_only=True):
    """Ask YouTube which broadcasts are planned; they come as `upcoming` of the observation `youtube`."""


class ScheduleBroadcast(Command, frozen=True, kw_only=True):
    """Plan a broadcast at YouTube, so that its watch address can be told; it comes in `upcoming`."""

    title: str
    scheduled_at_ms: int
    description: str = ""
    privacy: str = "unlisted"
    thumbnail: str = ""


class RemoveBroadcast(Command, frozen=True, kw_only=True):
    """Delete a planned broadcast at YouTube."""

    broadcast_id: str


class StartBroadcast(Command, frozen=True, kw_only=True):
    """Go live on YouTube with the account: make a broadcast, or take the planned one of `broadcast_id` with
    these texts, bind it, stream, and make it public. `StopLivestream` of `YOUTUBE_ACCOUNT` ends it.

    `privacy` is public, unlisted or private; `thumbnail` a JPEG or PNG file of this machine.
    """

    title: str
    description: str = ""
    privacy: str = "unlisted"
    thumbnail: str = ""
    broadcast_id: str = ""


class MarkChapter(Command, frozen=True, kw_only=True):
    """Mark a chapter at this moment."""

    title: str = ""


class AcknowledgeAlarm(Command, frozen=True, kw_only=True):
    """An alarm of the program (`AlarmKind`) has been seen: no more banner, no more sound; the chip stays
    until it is over.
    """

    alarm: str


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
    """End the engine and its workers in an orderly way.

    With `idle_only` refused while a session is open, with `alone_only` where somebody else needs the engine:
    another console that is attached, or whoever runs it without a window.
    """

    idle_only: bool = False
    alone_only: bool = False


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
    | PauseRecording
    | ResumeRecording
    | SplitRecording
    | StopRecording
    | StartIsoRecording
    | StopIsoRecording
    | StartLivestream
    | StopLivestream
    | SignInYoutube
    | CancelYoutubeSignIn
    | SignOutYoutube
    | LookForBroadcasts
    | ScheduleBroadcast
    | RemoveBroadcast
    | StartBroadcast
    | RunLineTest
    | StopLineTest
    | MarkChapter
    | AcknowledgeAlarm
    | SetWants
    | SetSetting
    | VerifyJournal
    | ShutDown
)
