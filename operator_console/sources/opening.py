"""Which capture belongs to a source's kind and address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from media.reason import SourceCode
from media.source import MediaSource, SourceError
from operator_console.session.model import SourceKind

DEVICES = frozenset(
    {SourceKind.CAMERA, SourceKind.SCREEN, SourceKind.WINDOW, SourceKind.RTSP, SourceKind.MICROPHONE}
)
"""Kinds that come back after a failure: a device is plugged in again, a camera's network returns."""


@dataclass(frozen=True, slots=True)
class Format:
    """The largest picture and the highest rate that a source is to give."""

    width_px: int = 1280
    height_px: int = 720
    fps: int = 30


def make_source(kind: SourceKind, address: str, form: Format) -> MediaSource:
    """The capture for a kind, not opened yet. Raises SourceError where the address is none for this kind.

    The libraries behind each kind are loaded only when it is asked for.
    """
    if kind is SourceKind.CAMERA:
        from media.video.capture import CameraSource

        return CameraSource(address, form.width_px, form.height_px, form.fps)
    if kind is SourceKind.MICROPHONE:
        from media.audio.capture import MicrophoneSource

        return MicrophoneSource(address)
    if kind is SourceKind.TESTCARD:
        from operator_console.sources.talkingcard import make_card

        return make_card(address, form)
    return _make_av_source(kind, address, form)


def _make_av_source(kind: SourceKind, address: str, form: Format) -> MediaSource:
    from media.video.avsource import AvSource, Input
    from media.video.screen import screen_input

    if kind in (SourceKind.SCREEN, SourceKind.WINDOW):
        source = screen_input(address, min(form.fps, 15))
    elif kind is SourceKind.RTSP:
        source = Input(rtsp_address(address), options={"rtsp_transport": "tcp"}, live=True)
    else:
        # A playlist must not make FFmpeg open other things than files of this machine.
        source = Input(file_address(address), options={"protocol_whitelist": "file"}, loop=True)
    return AvSource(source, (form.width_px, form.height_px), form.fps)


def file_address(address: str) -> str:
    """A media file as FFmpeg is to open it, never taken for one of its protocols. Raises SourceError."""
    path = Path(address.removeprefix("file://")).expanduser()
    try:
        if not path.is_file():
            raise SourceError(SourceCode.FILE_MISSING, f"There is no file {path}.", file=path.name)
    except (OSError, ValueError) as error:
        raise SourceError(SourceCode.FILE_NAME, "The file's name cannot be used.") from error
    return f"file:{path.absolute()}"


def rtsp_address(address: str) -> str:
    """A checked RTSP address. Raises SourceError."""
    if not re.fullmatch(r"rtsps?://[^\s]{1,500}", address):
        raise SourceError(
            SourceCode.NETWORK_ADDRESS, 'The address of a network camera must look like "rtsp://host/path".'
        )
    return address
