"""What the operator can do, in one place for buttons, keys and menus; each is a command to the engine."""

from __future__ import annotations

from typing import Any

from operator_console.protocol import (
    AdmitAll,
    AdmitParticipant,
    CutTo,
    HoldHallKey,
    LowerHand,
    MarkChapter,
    MuteAll,
    PauseRecording,
    RefuseParticipant,
    RemoveParticipant,
    RemoveSource,
    ResumeRecording,
    RunAudioTest,
    SetBusMuted,
    SetDuckInactive,
    SetFader,
    SetHallMuted,
    SetHallSound,
    SetNamesShown,
    SetParticipantDucked,
    SetParticipantMuted,
    SetPreview,
    SetRoomLocked,
    SetSlate,
    SetSourceMuted,
    SetSpotlight,
    SetTalkback,
    SetTestTone,
    StartIsoRecording,
    StartRecording,
    StopAudioTest,
    StopIsoRecording,
    StopLivestream,
    StopRecording,
    Take,
)
from operator_console.session.model import HALL, YOUTUBE_ACCOUNT, LayoutKind, MixBus, OutputPhase
from ui.desk import Desk
from ui.feeds import duck_target, hand_queue
from ui.layouts import candidates, grid_of, layout_for_feed, layout_for_kind
from ui.replica import Notice, NoticeKind, Replica, Trouble

RUNNING = (OutputPhase.STARTING, OutputPhase.STARTED, OutputPhase.STOPPING)


class Actions:
    """Verbs over the replica; toggles are resolved here, on the wire everything is absolute."""

    def __init__(self, replica: Replica, desk: Desk) -> None:
        self._replica = replica
        self._desk = desk

    def _send(self, command: Any) -> None:
        self._replica.send(command)

    def _take(self, command: Take | CutTo | SetSpotlight) -> None:
        """Change the program; a slate that is on stays on, and whoever does not look there is told."""
        self._replica.send(command, self._say_slate)

    def _say_slate(self, result: dict[str, Any]) -> None:
        if result.get("behind_slate"):
            self._replica.noticed.emit(Notice(NoticeKind.INFO, trouble=Trouble.SLATE_STAYS))

    # ---- picture

    def cut(self) -> None:
        """Preview to program, at once."""
        self._take(Take(transition="cut", layout=self._replica.state.program.preview))

    def fade(self) -> None:
        """Preview to program, by a fade."""
        self._take(Take(transition="fade", layout=self._replica.state.program.preview))

    def layout(self, kind: LayoutKind | None) -> None:
        """Another layout into the preview; None is the smallest grid for everybody."""
        state = self._replica.state
        kind = kind or grid_of(len(candidates(state)))
        self._send(SetPreview(layout=layout_for_kind(kind, state)))

    def preview(self, source_id: str) -> None:
        """A feed into the preview."""
        if source_id:
            self._send(SetPreview(layout=layout_for_feed(source_id, self._replica.state)))

    def preview_to_air(self, transition: str) -> None:
        """The preview's layout on program, the preview stays."""
        self._take(CutTo(layout=self._replica.state.program.preview, transition=transition))

    def spotlight(self, source_id: str) -> None:
        """A feed on program for all."""
        if source_id:
            self._take(SetSpotlight(source_id=source_id))

    def end_spotlight(self) -> None:
        """Back to the layout before."""
        self._take(SetSpotlight(source_id=""))

    def toggle_spotlight(self, source_id: str) -> None:
        """Spotlight a feed, or end it where it has it."""
        if self._replica.state.program.spotlight == source_id:
            self.end_spotlight()
        else:
            self.spotlight(source_id)

    def toggle_slate(self) -> None:
        """Cover the program, or uncover it."""
        self._send(SetSlate(shown=not self._replica.state.program.slate))

    def toggle_names(self) -> None:
        """Names under the pictures of the program."""
        self._send(SetNamesShown(shown=not self._replica.state.program.names))

    # ---- sound

    def set_muted(self, source_id: str, muted: bool) -> None:
        """Mute a participant or local source, or lift it."""
        if source_id in self._replica.state.sources:
            self._send(SetSourceMuted(source_id=source_id, muted=muted))
        elif source_id:
            self._send(SetParticipantMuted(participant_id=source_id, muted=muted))

    def toggle_muted(self, source_id: str) -> None:
        """Mute a feed that can be heard, open one that cannot."""
        state = self._replica.state
        if source := state.sources.get(source_id):
            self.set_muted(source_id, not source.muted)
        elif person := state.participants.get(source_id):
            self.set_muted(source_id, person.audible)

    def mute_all(self) -> None:
        """Mute every participant."""
        self._send(MuteAll())

    def toggle_hall(self) -> None:
        """The hall's microphones off all buses, or back."""
        self._send(SetHallMuted(muted=not self._replica.state.hall_muted))

    def set_fader(self, target: str, gain_db: float) -> None:
        """Set the gain of a source, a participant, the hall or a bus."""
        self._send(SetFader(target=target, gain_db=gain_db))

    def toggle_bus(self, bus: str) -> None:
        """Silence a bus, or open it."""
        self._send(SetBusMuted(bus=bus, muted=bus not in self._replica.state.mixing.muted_buses))

    def toggle_strip(self, target: str) -> None:
        """Mute or open what a strip of the mixer stands for."""
        if target in frozenset(MixBus):
            self.toggle_bus(target)
        elif target == HALL:
            self.toggle_hall()
        else:
            self.toggle_muted(target)

    def toggle_test_tone(self) -> None:
        """The test tone on program, or off it."""
        self._send(SetTestTone(on=not self._replica.state.mixing.test_tone))

    def toggle_duck_inactive(self) -> None:
        """Turn open microphones that nobody speaks into down softly, or no longer."""
        self._send(SetDuckInactive(on=not self._replica.state.mixing.duck_inactive))

    def set_hall(self, **changes: Any) -> None:
        """Choose the hall's devices and their treatment; what is not named stays."""
        self._send(SetHallSound(**changes))

    def look_for_devices(self) -> None:
        """Have the list of sound devices made anew."""
        if self._replica.connected and self._replica.session_open:
            self._send(RunAudioTest(test="devices"))

    def stop_test(self) -> None:
        """End it."""
        self._send(StopAudioTest())

    def hold(self, name: str, held: bool) -> bool:
        """Press or let go `talk`, `cough` or `talkback`; whether it was sent."""
        if name != "talkback":
            return self._replica.send(HoldHallKey(key=name, held=held))
        if not held:
            return self._replica.send(SetTalkback())
        if self.selected not in self._replica.state.participants:
            self._say_nothing_selected()
            return False
        return self._replica.send(SetTalkback(participant_id=self.selected))

    def toggle_talkback(self) -> None:
        """Talk to the selected office until this is asked again."""
        self.hold("talkback", not self._replica.state.mixing.talkback)

    def set_ducked(self, participant_id: str, ducked: bool) -> None:
        """Turn down somebody whose room returns sound, or bring him back."""
        self._send(SetParticipantDucked(participant_id=participant_id, ducked=ducked))

    def duck_echo(self) -> None:
        """Turn down the office that returns sound, or bring back the one that was turned down."""
        found = duck_target(self._replica.state, self._replica.seen, self.selected)
        if found:
            self.set_ducked(*found)
        else:
            self._replica.noticed.emit(Notice(NoticeKind.INFO, trouble=Trouble.NO_ECHO))

    # ---- floor and room

    def give_floor(self, participant_id: str) -> None:
        """On program for all, microphone open (or asked for), hand down."""
        self.spotlight(participant_id)
        self.set_muted(participant_id, False)
        self.lower_hand(participant_id)

    def next_speaker(self) -> None:
        """Give the floor to whoever waits longest."""
        queue = hand_queue(self._replica.state)
        if queue:
            self.give_floor(queue[0].id)

    def lower_hand(self, participant_id: str) -> None:
        """Lower a hand."""
        self._send(LowerHand(participant_id=participant_id))

    def admit(self, participant_id: str) -> None:
        """Let somebody in from the lobby."""
        self._send(AdmitParticipant(participant_id=participant_id))

    def admit_all(self) -> None:
        """Let everybody in."""
        self._send(AdmitAll())

    def refuse(self, participant_id: str) -> None:
        """Do not let somebody in."""
        self._send(RefuseParticipant(participant_id=participant_id))

    def remove(self, source_id: str) -> None:
        """Take a participant or a local source away."""
        if source_id in self._replica.state.sources:
            self._send(RemoveSource(source_id=source_id))
        else:
            self._send(RemoveParticipant(participant_id=source_id))

    def toggle_lock(self) -> None:
        """Nobody new may knock, or may again."""
        self._send(SetRoomLocked(locked=not self._replica.state.locked))

    def set_iso(self, participant_id: str, on: bool) -> None:
        """Record a participant by himself, or finish that; his files stay."""
        kind = StartIsoRecording if on else StopIsoRecording
        self._send(kind(participant_id=participant_id))

    # ---- outputs

    @property
    def recording(self) -> bool:
        """Whether a recording runs or is wanted: one that is being tried again can be stopped as well."""
        state = self._replica.state
        running = state.recording is not None and state.recording.phase in RUNNING
        return running or state.recording_wanted or bool(state.recording_paused_at_ms)

    @property
    def streaming(self) -> list[str]:
        """Destinations with a livestream that runs or is about to."""
        state = self._replica.state
        running = [key for key, stream in state.livestreams.items() if stream.phase in RUNNING]
        being_made = state.broadcast is not None and state.broadcast.running
        return [*running, YOUTUBE_ACCOUNT] if being_made and YOUTUBE_ACCOUNT not in running else running

    def start_recording(self) -> None:
        """Begin to record."""
        self._send(StartRecording())

    def toggle_pause(self) -> None:
        """Pause the recording, or go on with it; nothing where none runs."""
        if self._replica.state.recording_paused_at_ms:
            self._send(ResumeRecording())
        elif self._replica.state.recording_wanted:
            self._send(PauseRecording())

    def stop_recording(self) -> None:
        """Finalise the recording."""
        self._send(StopRecording())

    def stop_livestream(self, destination_id: str, *, now: bool = False) -> None:
        """End one livestream; `now` cuts off what a delay still holds back."""
        self._send(StopLivestream(destination_id=destination_id, now=now))

    def stop_livestreams(self) -> None:
        """End every livestream; one that only sends what it held back is cut off: this was held twice."""
        streams = self._replica.state.livestreams
        for destination_id in self.streaming:
            ending = destination_id in streams and streams[destination_id].phase is OutputPhase.STOPPING
            self._send(StopLivestream(destination_id=destination_id, now=ending))

    def mark_chapter(self, title: str = "") -> None:
        """Mark a chapter now."""
        self._send(MarkChapter(title=title))

    def say_keys_locked(self) -> None:
        """A plain key was pressed while these are locked."""
        self._replica.noticed.emit(Notice(NoticeKind.INFO, trouble=Trouble.KEYS_LOCKED))

    # ---- the selected feed

    @property
    def selected(self) -> str:
        """The selected feed, or empty."""
        return self._desk.view.selected

    def spotlight_selected(self) -> None:
        """Spotlight the selected feed or end it; without a selection end the spotlight that is on."""
        if self._has_selection:
            self.toggle_spotlight(self.selected)
        elif self._replica.state.program.spotlight:
            self.end_spotlight()
        else:
            self._say_nothing_selected()

    def mute_selected(self) -> None:
        """Mute the selected feed, or open it."""
        if self._has_selection:
            self.toggle_muted(self.selected)
        else:
            self._say_nothing_selected()

    @property
    def _has_selection(self) -> bool:
        state = self._replica.state
        return self.selected in state.participants or self.selected in state.sources

    def _say_nothing_selected(self) -> None:
        self._replica.noticed.emit(Notice(NoticeKind.REFUSED, trouble=Trouble.NOTHING_SELECTED))
