"""Commands about the hall's own sound: its devices, their treatment, their tests."""

from __future__ import annotations

from typing import Any

import msgspec

from operator_console import protocol as p
from operator_console.engine import rules
from operator_console.engine.changing import remember
from operator_console.engine.context import EngineContext, handles
from operator_console.protocol import OperatorError
from operator_console.session import facts as f
from operator_console.session.model import EchoMode, HallSound, SessionState
from operator_console.settings import Settings

MAX_DEVICE_CHARS = 200
TESTS = ("chime", "playback", "room")
TARGETS = ("hall", "monitor")
DEVICES = "devices"
"""No test: `run_audio_test` with it has the list of devices made anew."""
SETTINGS = {
    "on": "hall_sound",
    "input": "hall_input",
    "output": "hall_output",
    "monitor": "monitor_output",
    "operator_input": "operator_input",
    "echo_mode": "echo_mode",
    "noise_suppression": "noise_suppression",
    "gain_control": "gain_control",
    "push_to_talk": "push_to_talk",
}
"""Field of `HallSound` -> the setting that remembers it."""


def remembered(settings: Settings) -> HallSound:
    """The hall's sound as the settings have it. Pure."""
    values = {name: getattr(settings, setting) for name, setting in SETTINGS.items()}
    return HallSound(**{**values, "echo_mode": EchoMode(settings.echo_mode)})


def changed_hall(hall: HallSound, command: p.SetHallSound) -> HallSound:
    """What the command makes of the hall's sound, or a refusal. Pure."""
    asked = {name: getattr(command, name) for name in SETTINGS}
    changes = {name: value for name, value in asked.items() if value is not None}
    for value in changes.values():
        if isinstance(value, str) and (len(value) > MAX_DEVICE_CHARS or not value.isprintable()):
            raise OperatorError(
                "bad_device",
                "Nama perangkat suara tidak benar.",
                "The sound device's name is not right.",
            )
    return msgspec.structs.replace(hall, **changes)


def changed_settings(before: HallSound, after: HallSound) -> dict[str, object]:
    """The settings to remember after a change. Pure."""
    values = {setting: (getattr(before, name), getattr(after, name)) for name, setting in SETTINGS.items()}
    changed = {setting: new for setting, (old, new) in values.items() if new != old}
    return {name: str(value) if isinstance(value, EchoMode) else value for name, value in changed.items()}


@handles(p.SetHallSound)
async def set_hall_sound(engine: EngineContext, actor: str, command: p.SetHallSound) -> dict[str, Any]:
    """Choose devices and treatment, and remember them; the worker is told by the fact."""
    rules.require_open(engine.store.state)
    changed: dict[str, object] = {}

    def decide(state: SessionState) -> list[f.AnyFact]:
        # Compared here and not before: another command may be carried out while this one waits its turn.
        hall = changed_hall(state.hall_sound, command)
        changed.update(changed_settings(state.hall_sound, hall))
        return [] if hall == state.hall_sound else [f.HallSoundSet(hall=hall)]

    await engine.store.decide(actor, decide)
    return await remember(engine, changed)


@handles(p.RunAudioTest)
async def run_audio_test(engine: EngineContext, actor: str, command: p.RunAudioTest) -> dict[str, Any]:
    """Begin a test of the hall's sound."""
    if command.test == DEVICES:
        engine.audio.look_for_devices()
        return {}
    if command.test not in TESTS or command.target not in TARGETS:
        raise OperatorError("unknown_test", "Uji suara tidak dikenal.", "Unknown sound test.")
    rules.require_open(engine.store.state)
    if not engine.audio.attached:
        raise OperatorError(
            "hall_sound_off",
            "Suara aula belum berjalan. Nyalakan dulu, lalu uji.",
            "The hall's sound does not run. Turn it on first, then test.",
        )
    engine.audio.run_test(command.test, command.target)
    return {}


@handles(p.StopAudioTest)
async def stop_audio_test(engine: EngineContext, actor: str, command: p.StopAudioTest) -> dict[str, Any]:
    """End the test that runs."""
    engine.audio.run_test("", "")
    return {}


def opening_facts(settings: Settings) -> list[f.AnyFact]:
    """What a new session begins with: the hall's sound as it was remembered. Pure."""
    hall = remembered(settings)
    return [] if hall == HallSound() else [f.HallSoundSet(hall=hall)]
