"""Words for the hall's sound: what a failure code means, how the canceller does, what a room test advises."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from operator_console.session.model import NO_DEVICE, EchoMode
from ui.formats import Formats
from ui.observations import CancellerSeen, DeviceSeen, HallSeen, TestSeen
from ui.widgets.labels import clean

LOUD_COUPLING_DB = 5.0
"""Above this the echo is louder than people at the table, if these are heard at the level of those far away:
then a canceller loses words of both."""
POOR_ERLE_DB = 10.0
LONG_DELAY_MS = 400.0
"""The canceller reaches 480 ms; what the room adds has to fit behind the delay."""
FAST_DRIFT_PPM = 200.0
_TRUSTED_STATES = ("running", "off", "starting", "")


def code_text(code: str, name: str = "") -> str:
    """What a failure code of the hall's sound means and what to do; `name` is the device's."""
    device = clean(name) or QCoreApplication.translate("HallWords", "The device")
    known = {
        "no_input": QCoreApplication.translate(
            "HallWords", "No microphone was found. Plug one in; it is taken by itself."
        ),
        "no_output": QCoreApplication.translate(
            "HallWords", "No loudspeaker was found. Plug one in; it is taken by itself."
        ),
        "vanished": QCoreApplication.translate(
            "HallWords", "{name} is gone. Plug it in again or choose another one."
        ),
        "dead": QCoreApplication.translate(
            "HallWords", "{name} gives no sound any more. It is being started again."
        ),
        "silent": QCoreApplication.translate(
            "HallWords", "{name} is completely silent. Look at its mute key and cable."
        ),
        "rerouted": QCoreApplication.translate(
            "HallWords", "The system has put another device in place of {name}."
        ),
        "no_devices": QCoreApplication.translate(
            "HallWords", "This machine has no sound device. Plug one in; it is taken by itself."
        ),
        "not_heard": QCoreApplication.translate(
            "HallWords", "The microphones did not hear the loudspeakers. Turn them up, or look at the cables."
        ),
        "worker_lost": QCoreApplication.translate(
            "HallWords", "The process that carries the hall's sound ended. It is being started again."
        ),
        "stopped": QCoreApplication.translate("HallWords", "It was stopped."),
        "server_gone": QCoreApplication.translate(
            "HallWords", "The system's sound service has stopped. It is tried again."
        ),
        "rate": QCoreApplication.translate("HallWords", "{name} does not work at a rate that can be used."),
        "library_missing": QCoreApplication.translate(
            "HallWords", "The sound library PortAudio is missing on this machine."
        ),
        "busy": QCoreApplication.translate(
            "HallWords", "Another program uses {name}. Close it, or choose another device."
        ),
    }
    fallback = QCoreApplication.translate("HallWords", "{name} does not work. It is tried again.")
    return known.get(code, fallback).format(name=device)


def hall_code_text(seen: HallSeen) -> str:
    """Why the hall's sound as a whole does not run."""
    name = seen.args.get("name")
    return code_text(seen.code, name if isinstance(name, str) else "")


def mode_name(mode: str) -> str:
    """What a mode of the echo canceller is called."""
    return {
        EchoMode.FULL.value: QCoreApplication.translate("HallWords", "Full duplex"),
        EchoMode.STRONG.value: QCoreApplication.translate("HallWords", "Strong"),
        EchoMode.OFF.value: QCoreApplication.translate("HallWords", "Echo canceller off"),
    }.get(mode, clean(mode))


def mode_explained(mode: EchoMode) -> str:
    """What a mode means for those who talk."""
    return {
        EchoMode.FULL: QCoreApplication.translate("HallWords", "Full duplex: both sides may talk at once"),
        EchoMode.STRONG: QCoreApplication.translate(
            "HallWords", "Strong: cuts the hall while the offices talk"
        ),
        EchoMode.OFF: QCoreApplication.translate(
            "HallWords", "Off: for a speakerphone that cancels by itself"
        ),
    }[mode]


def figures(echo: CancellerSeen, formats: Formats) -> list[str]:
    """ERLE, delay and drift, as far as they are known."""
    found = []
    if echo.erle_db is not None:
        found.append(f"ERLE {formats.number(echo.erle_db)} dB")
    if echo.delay_ms is not None:
        found.append(f"{formats.number(echo.delay_ms)} ms")
    if echo.drift_ppm is not None:
        found.append(f"{formats.number(echo.drift_ppm)} ppm".replace("-", "−"))
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its tone: plain, good, warn or bad."""

    text: str
    tone: str = "plain"
    short: str = ""
    """For narrow places; empty where the text is short enough."""


def echo_line(echo: CancellerSeen, formats: Formats) -> Line:
    """Mode of the canceller and its figures."""
    if echo.mode == EchoMode.OFF:
        return Line(mode_name(echo.mode))
    found = figures(echo, formats)
    if echo.fallen_back:
        text = QCoreApplication.translate("HallWords", "Fallen back to strong")
        return Line(" · ".join([text, *found]), "warn", text)
    return Line(" · ".join([mode_name(echo.mode), *found]), "good", " · ".join(found[:2]))


def device_line(seen: DeviceSeen | None, formats: Formats) -> Line:
    """How one device does."""
    if seen is None or seen.state in ("off", ""):
        return Line(QCoreApplication.translate("HallWords", "not in use"))
    if seen.state == "running":
        rate = f"{formats.number(seen.rate_hz / 1000, 1 if seen.rate_hz % 1000 else 0)} kHz"
        channels = QCoreApplication.translate("HallWords", "{n} channels").format(n=seen.channels)
        return Line(" · ".join([clean(seen.name), rate, channels]), "good")
    if seen.state == "starting":
        return Line(QCoreApplication.translate("HallWords", "starts…"), "warn")
    return Line(_trouble_text(seen), "warn" if seen.state in ("silent", "rerouted") else "bad")


def _trouble_text(seen: DeviceSeen) -> str:
    named = seen.args.get("name")
    known = named if isinstance(named, str) and named else seen.wanted or seen.name
    return code_text(seen.code or seen.state, "" if known == NO_DEVICE else known)


def device_trouble(seen: HallSeen) -> Line | None:
    """What is wrong with a device of the hall while its sound as a whole runs; the worst first."""
    names = {
        QCoreApplication.translate("HallWords", "Microphone"): seen.input,
        QCoreApplication.translate("HallWords", "Loudspeaker"): seen.output,
        QCoreApplication.translate("HallWords", "Monitor"): seen.monitor,
        QCoreApplication.translate("HallWords", "Operator's microphone"): seen.operator,
    }
    troubles = [
        Line(
            f"{role}: {_trouble_text(device)}",
            "bad" if device.state == "failed" else "warn",
        )
        for role, device in names.items()
        if device is not None and device.state not in _TRUSTED_STATES
    ]
    return min(troubles, key=lambda line: line.tone != "bad", default=None)


def hall_line(seen: HallSeen | None, formats: Formats) -> Line:
    """The hall's sound in one line, for the audio panel."""
    if seen is not None and seen.state == "starting" and seen.code:
        return Line(hall_code_text(seen), "warn")
    if seen is None or seen.state in ("starting", "off"):
        return Line(QCoreApplication.translate("HallWords", "The hall's sound starts…"), "warn")
    if seen.state == "failed":
        return Line(hall_code_text(seen), "bad")
    trouble = device_trouble(seen)
    if trouble:
        return trouble
    if seen.echo is None:
        return Line(QCoreApplication.translate("HallWords", "The hall's sound runs"), "good")
    return echo_line(seen.echo, formats)


def room_advice(seen: TestSeen) -> list[str]:
    """What to do after a room test; empty where nothing was measured."""
    advice = []
    if seen.coupling_db is not None and seen.coupling_db > LOUD_COUPLING_DB:
        by_db = math.ceil((seen.coupling_db - LOUD_COUPLING_DB) / 3) * 3
        advice.append(
            QCoreApplication.translate(
                "HallWords",
                "Turn the loudspeaker down by {n} dB: it is louder in the microphone than people are.",
            ).format(n=by_db)
        )
    if seen.delay_ms is not None and seen.delay_ms > LONG_DELAY_MS:
        advice.append(
            QCoreApplication.translate(
                "HallWords", "The delay is long (Bluetooth, or the sound of a TV set?): use a cable."
            )
        )
    if seen.drift_ppm is not None and abs(seen.drift_ppm) > FAST_DRIFT_PPM:
        advice.append(
            QCoreApplication.translate(
                "HallWords", "The clocks of both devices differ much: one device for both is better."
            )
        )
    if seen.erle_db is not None and seen.erle_db < POOR_ERLE_DB and not advice:
        advice.append(
            QCoreApplication.translate(
                "HallWords", "Too little echo is taken out: choose the mode Strong, or a lower loudspeaker."
            )
        )
    measured = (seen.coupling_db, seen.delay_ms, seen.erle_db)
    if not advice and any(figure is not None for figure in measured):
        advice.append(QCoreApplication.translate("HallWords", "The room is good as it is."))
    return advice
