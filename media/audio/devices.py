"""Which sound devices there are, and which of them is meant by a remembered name."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

Kind = Literal["input", "output"]

NAME_MAX_CHARS = 200
LIST_TIMEOUT_S = 10.0
_APIS = ("Windows WASAPI", "Core Audio", "ALSA", "JACK Audio Connection Kit", "OSS")
"""Host interfaces, the best first; Windows lists each device once under each of its own."""
_NUMBER = re.compile(r"\s*\(hw:\d+,\d+\)$")
_CARD = re.compile(r"\(hw:(\d+),\d+\)$")


class DeviceError(Exception):
    """A device cannot be used: `code` of docs/protocol.md (hall sound), `args` what the sentence names."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(code)
        self.code, self.details = code, details


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device; `index` is PortAudio's and holds until it looks for devices again."""

    name: str
    index: int
    inputs: int = 0
    """Channels."""
    outputs: int = 0
    rate_hz: int = 48_000
    default_input: bool = False
    default_output: bool = False

    def channels(self, kind: Kind) -> int:
        """Channels of a direction."""
        return self.inputs if kind == "input" else self.outputs

    @property
    def kinds(self) -> list[Kind]:
        """Its directions."""
        both: tuple[Kind, Kind] = ("input", "output")
        return [kind for kind in both if self.channels(kind) > 0]

    def default(self, kind: Kind) -> bool:
        """Whether the system takes it where none is named."""
        return self.default_input if kind == "input" else self.default_output


def portaudio() -> Any:
    """The sound library; it is loaded, and looks for devices, only here. DeviceError where it is missing."""
    try:
        import sounddevice
    except OSError as error:
        raise DeviceError("library_missing") from error
    return sounddevice


def look_again() -> None:
    """Let PortAudio look for devices anew. No stream may be open; may hang with a broken driver."""
    library = portaudio()
    with contextlib.suppress(library.PortAudioError):
        library._terminate()
    try:
        library._initialize()
    except library.PortAudioError as error:
        raise DeviceError("library_missing") from error


def list_devices() -> list[Device]:
    """The devices that PortAudio knows, each name once per direction. DeviceError without the library."""
    library = portaudio()
    apis = library.query_hostapis()
    found = [
        Device(
            name=clean_name(str(entry["name"])),
            index=index,
            inputs=int(entry["max_input_channels"]),
            outputs=int(entry["max_output_channels"]),
            rate_hz=round(entry["default_samplerate"]),
            default_input=index == apis[entry["hostapi"]]["default_input_device"],
            default_output=index == apis[entry["hostapi"]]["default_output_device"],
        )
        for index, entry in enumerate(library.query_devices())
        if apis[entry["hostapi"]]["name"] == _best_api([api["name"] for api in apis if api["devices"]])
    ]
    return told_apart(found)


def _best_api(names: Sequence[str]) -> str:
    return next((name for name in _APIS if name in names), names[0] if names else "")


def clean_name(told: str) -> str:
    """A name without what cannot be seen or typed: drivers put in tabs, hard spaces, soft hyphens. Pure."""
    kept = [
        char if char.isprintable() else "" if unicodedata.category(char) == "Cf" else " " for char in told
    ]
    return " ".join("".join(kept).split())[:NAME_MAX_CHARS].rstrip()


def told_apart(devices: Sequence[Device]) -> list[Device]:
    """The devices, each name once per direction: a twin gets a number. Pure.

    WASAPI and Core Audio list a headset twice under one name, once per direction: these are no twins.
    """
    taken: set[tuple[str, Kind]] = set()
    told = []
    for device in devices:
        kinds = device.kinds
        name, number = device.name, 1
        while any((name, kind) in taken for kind in kinds):
            number += 1
            name = f"{device.name[: NAME_MAX_CHARS - 10]} ({number})"
        taken |= {(name, kind) for kind in kinds}
        told.append(device if number == 1 else replace(device, name=name))
    return told


def with_unseen(fresh: Sequence[Device], in_use: Sequence[Device]) -> list[Device]:
    """A fresh list with the devices that are held open and therefore could not be seen anew. Pure."""
    listed = {(device.name, kind) for device in fresh for kind in device.kinds}
    told = list(fresh)
    for device in in_use:
        if not any((device.name, kind) in listed for kind in device.kinds):
            told.append(replace(device, default_input=False, default_output=False) if fresh else device)
            listed |= {(device.name, kind) for kind in device.kinds}
    return told


def choose(devices: Sequence[Device], wanted: str, kind: Kind) -> Device:
    """The device of a remembered name; empty: the system's default. Pure.

    A card that was plugged in anew has the same name with another number: it is the same device. Raises
    DeviceError: no_input or no_output where there is none at all, vanished where the named one is not there.
    """
    able = [device for device in devices if device.channels(kind) > 0]
    if not able:
        raise DeviceError("no_input" if kind == "input" else "no_output")
    if not wanted:
        return next((device for device in able if device.default(kind)), able[0])
    for same in (str, _without_number):
        for device in able:
            if same(device.name) == same(clean_name(wanted)):
                return device
    raise DeviceError("vanished", name=wanted)


def _without_number(name: str) -> str:
    return _NUMBER.sub("", name)


def one_clock(one: Device, other: Device) -> bool:
    """Whether an input and an output run on one clock: the same device, or the same card. Pure."""
    if one.index == other.index:
        return True
    card, other_card = _CARD.search(one.name), _CARD.search(other.name)
    return card is not None and other_card is not None and card[1] == other_card[1]


def formats(device: Device, kind: Kind) -> list[tuple[int, int]]:
    """(rate, channels) in the order in which to try them: ours first, then what the device says. Pure."""
    most = device.channels(kind)
    usual = (1, 2) if kind == "input" else (2, 1)
    channels = list(dict.fromkeys([*(n for n in usual if n <= most), min(most, 32)]))
    rates = list(dict.fromkeys([48_000, device.rate_hz, 44_100, 96_000]))
    return [(rate, count) for rate in rates for count in channels]


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """The hidden command `sound-devices`: print the devices as one line of JSON, then end at once."""
    del argv, overrides
    try:
        told: dict[str, Any] = {"devices": [asdict(device) for device in list_devices()], "code": ""}
    except DeviceError as error:
        told = {"devices": [], "code": error.code}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    os._exit(0)  # a driver that hangs when it is let go must not keep this process


def read_list(text: str) -> list[Device]:
    """The devices that the child printed. ValueError where that is no list."""
    try:
        told = json.loads(text.strip().splitlines()[-1])
        return [Device(**entry) for entry in told["devices"]]
    except (IndexError, KeyError, TypeError) as error:
        raise ValueError("no list of sound devices") from error
