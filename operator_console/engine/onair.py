"""Commands about what is on program, local sources, and where the program goes."""

from __future__ import annotations

import secrets
from typing import Any

from operator_console import protocol as p
from operator_console.engine import alarmrules, rules
from operator_console.engine.changing import overridden
from operator_console.engine.context import EngineContext, handles
from operator_console.session import facts as f
from operator_console.session.model import YOUTUBE_ACCOUNT, SessionState, Source


def _taken(engine: EngineContext) -> dict[str, Any]:
    """The answer to whoever changed the program: whether the slate still hides it."""
    return {"behind_slate": True} if engine.store.state.program.slate else {}


@handles(p.SetPreview)
async def set_preview(engine: EngineContext, actor: str, command: p.SetPreview) -> dict[str, Any]:
    """Put a layout into the preview."""

    def decide(state: SessionState) -> list[f.AnyFact]:
        layout = rules.checked_layout(state, command.layout)
        return [] if layout == state.program.preview else [f.LayoutPreviewed(layout=layout)]

    await engine.store.decide(actor, decide)
    return {}


@handles(p.Take)
async def take(engine: EngineContext, actor: str, command: p.Take) -> dict[str, Any]:
    """Put the preview on program."""
    await engine.store.decide(actor, lambda state: rules.take(state, command))
    return _taken(engine)


@handles(p.CutTo)
async def cut_to(engine: EngineContext, actor: str, command: p.CutTo) -> dict[str, Any]:
    """Put a layout on program at once."""
    await engine.store.decide(actor, lambda state: rules.cut_to(state, command))
    return _taken(engine)


@handles(p.SetSpotlight)
async def set_spotlight(engine: EngineContext, actor: str, command: p.SetSpotlight) -> dict[str, Any]:
    """Put one source on program for all, or end that."""
    await engine.store.decide(actor, lambda state: rules.spotlight(state, command.source_id))
    return _taken(engine)


@handles(p.SetSlate)
async def set_slate(engine: EngineContext, actor: str, command: p.SetSlate) -> dict[str, Any]:
    """Cover or uncover the program."""

    text = command.text.strip()[: rules.MAX_TITLE_CHARS]

    def decide(state: SessionState) -> list[f.AnyFact]:
        program = state.program
        if program.slate == command.shown and (not command.shown or program.slate_text == text):
            return []
        return [f.SlateShown(shown=command.shown, text=text)]

    await engine.store.decide(actor, decide)
    return {}


@handles(p.SetLowerThird)
async def set_lower_third(engine: EngineContext, actor: str, command: p.SetLowerThird) -> dict[str, Any]:
    """Put a caption on the program or take it off."""

    caption = rules.checked_caption(command.lower_third)

    def decide(state: SessionState) -> list[f.AnyFact]:
        return [] if state.program.lower_third == caption else [f.LowerThirdShown(lower_third=caption)]

    await engine.store.decide(actor, decide)
    return {}


@handles(p.SetNamesShown)
async def set_names_shown(engine: EngineContext, actor: str, command: p.SetNamesShown) -> dict[str, Any]:
    """Show or hide names on the program."""
    await engine.store.decide(
        actor,
        lambda state: [] if state.program.names == command.shown else [f.NamesShown(shown=command.shown)],
    )
    return {}


@handles(p.AddSource)
async def add_source(engine: EngineContext, actor: str, command: p.AddSource) -> dict[str, Any]:
    """Add a local source; its worker is started by the fact."""
    rules.require_open(engine.store.state)
    rules.check_source_address(command.address)
    source = Source(
        id="s" + secrets.token_hex(3),
        kind=command.kind,
        name=rules.plain(command.name, 64) or str(command.kind),
        address=command.address,
        hall=command.hall,
    )
    await engine.store.record(actor, f.SourceAdded(source=source))
    return {"source_id": source.id}


@handles(p.RemoveSource)
async def remove_source(engine: EngineContext, actor: str, command: p.RemoveSource) -> dict[str, Any]:
    """Take a local source away."""
    if command.source_id in engine.store.state.sources:
        await engine.store.record(actor, f.SourceRemoved(source_id=command.source_id))
    return {}


@handles(p.SetSourceMuted)
async def set_source_muted(engine: EngineContext, actor: str, command: p.SetSourceMuted) -> dict[str, Any]:
    """Take a local source's sound off, or put it back."""
    source = engine.store.state.sources.get(command.source_id)
    if source is not None and source.muted != command.muted:
        await engine.store.record(actor, f.SourceMuted(source_id=source.id, muted=command.muted))
    return {}


@handles(p.StartRecording)
async def start_recording(engine: EngineContext, actor: str, command: p.StartRecording) -> dict[str, Any]:
    """Begin to record."""
    rules.require_open(engine.store.state)
    return {"path": await engine.outputs.start_recording(actor)}


@handles(p.PauseRecording)
async def pause_recording(engine: EngineContext, actor: str, command: p.PauseRecording) -> dict[str, Any]:
    """Pause the recording."""
    await engine.outputs.pause_recording(actor)
    return {}


@handles(p.ResumeRecording)
async def resume_recording(engine: EngineContext, actor: str, command: p.ResumeRecording) -> dict[str, Any]:
    """Go on with the recording."""
    rules.require_open(engine.store.state)
    return {"path": await engine.outputs.resume_recording(actor)}


@handles(p.SplitRecording)
async def split_recording(engine: EngineContext, actor: str, command: p.SplitRecording) -> dict[str, Any]:
    """Go on in a new file."""
    return {"split": await engine.outputs.split_recording(actor)}


@handles(p.StopRecording)
async def stop_recording(engine: EngineContext, actor: str, command: p.StopRecording) -> dict[str, Any]:
    """Finalise the recording."""
    await engine.outputs.stop_recording(actor)
    return {}


@handles(p.StartLivestream)
async def start_livestream(engine: EngineContext, actor: str, command: p.StartLivestream) -> dict[str, Any]:
    """Go live."""
    rules.require_open(engine.store.state)
    rules.check_own_destination(command.destination_id)
    rules.check_stream_addresses(command.url, command.backup_url)
    await engine.outputs.start_livestream(actor, command)
    return {}


@handles(p.StopLivestream)
async def stop_livestream(engine: EngineContext, actor: str, command: p.StopLivestream) -> dict[str, Any]:
    """End a livestream; that of the YouTube account takes its broadcast with it."""
    rules.check_destination(command.destination_id)
    if command.destination_id == YOUTUBE_ACCOUNT:
        await engine.youtube.ending(actor)
    try:
        await engine.outputs.stop_livestream(actor, command.destination_id, now=command.now)
    finally:
        engine.youtube.stream_stopped()
    return {}


@handles(p.AcknowledgeAlarm)
async def acknowledge_alarm(engine: EngineContext, actor: str, command: p.AcknowledgeAlarm) -> dict[str, Any]:
    """An alarm of the program has been seen."""
    await engine.store.decide(actor, lambda state: alarmrules.acknowledge(state, command.alarm))
    return {}


@handles(p.RunLineTest)
async def run_line_test(engine: EngineContext, actor: str, command: p.RunLineTest) -> dict[str, Any]:
    """Begin a test of the line to a destination; also before a session."""
    rules.check_destination(command.destination_id)
    rules.check_stream_addresses(command.url, command.backup_url)
    await engine.outputs.test_line(command)
    return {}


@handles(p.StopLineTest)
async def stop_line_test(engine: EngineContext, actor: str, command: p.StopLineTest) -> dict[str, Any]:
    """End it."""
    await engine.outputs.stop_line_test()
    return {}


@handles(p.SetSetting)
async def set_setting(engine: EngineContext, actor: str, command: p.SetSetting) -> dict[str, Any]:
    """Change a user setting; it holds from the next start on where a running part cannot change it."""
    await engine.change_setting(command.name, command.value)
    return overridden(engine, command.name)


@handles(p.ShutDown)
async def shut_down(engine: EngineContext, actor: str, command: p.ShutDown) -> dict[str, Any]:
    """End the engine in an orderly way."""
    state = engine.store.state
    if command.idle_only and state.is_open:
        raise p.OperatorError(
            "session_open",
            "Mesin tidak dihentikan: sebuah rapat masih terbuka. Akhiri rapat itu lebih dahulu.",
            "The engine is not stopped: a session is open. End the session first.",
        )
    if command.alone_only and engine.needed_by_others:
        raise p.OperatorError(
            "engine_needed",
            "Mesin tetap berjalan: konsol lain masih memakainya.",
            "The engine goes on: another console uses it.",
        )
    if command.idle_only:  # the public sees the end of a session that was closed, also where it comes late
        engine.outputs.when_ended(engine.stop_requested.set)
    else:
        engine.stop_requested.set()
    return {}
