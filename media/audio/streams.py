"""Open sound devices: PortAudio streams whose callbacks only copy bytes, and what is known of their life.

The callback runs on a thread of PortAudio's and may wait for nothing: it copies between PortAudio's buffers
and rings whose memory was taken before. What was handed to the loudspeaker goes into a second ring, frame for
frame, so that the echo canceller gets exactly what was played while a microphone block was captured.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Any

from media.audio.devices import Device, DeviceError, formats, portaudio
from media.audio.frames import FrameRing
from media.audio.priority import go_first
from media.clock import now_us

_log = logging.getLogger(__name__)

IN_LATENCY_S, OUT_LATENCY_S = 0.06, 0.1
"""With 0.06 PulseAudio's output ran into underruns at its start (0 of 6 starts with 0.1)."""
BLOCK_MS = 10
RING_S = 2
DELAY_MAX_S = 0.5
"""Delays that PortAudio tells are believed up to here."""
_INVALID_RATE, _INVALID_CHANNELS = -9997, -9998


class SoundStream:
    """An open stream: an input, an output, or both on one clock. `close` may hang for ever."""

    def __init__(self, rate_hz: int, in_channels: int, out_channels: int) -> None:
        self.rate_hz, self.in_channels, self.out_channels = rate_hz, in_channels, out_channels
        frames = RING_S * rate_hz
        self.captured = FrameRing(frames, max(1, in_channels))
        self.to_play = FrameRing(frames, max(1, out_channels))
        self.played = FrameRing(frames, max(1, out_channels))
        self.callbacks = 0
        self.called_us = 0
        """When it called back last."""
        self.xruns = 0
        """Times that PortAudio lost input or had no output."""
        self.mark = (0, 0)
        """(captured frame, bus time at which it was captured) of the last callback."""
        self.out_delay_us = 0
        self._stream: Any = None

    def start(self, stream: Any) -> None:
        """Begin to call back. Raises PortAudio's error."""
        self._stream = stream
        stream.start()

    def close(self) -> None:
        """Let the device go. Never comes back where the sound server has died."""
        stream, self._stream = self._stream, None
        let_go(stream)

    def on_input(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """PortAudio's callback of an input."""
        self._note(status)
        self._capture(data, frames, times)

    def on_output(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """PortAudio's callback of an output."""
        self._note(status)
        self._play(data, frames, times)

    def on_both(self, data: Any, out: Any, frames: int, times: Any, status: Any) -> None:
        """PortAudio's callback of both: what is captured and what is played stay frame for frame together."""
        self._note(status)
        self._play(out, frames, times)
        self._capture(data, frames, times)

    def _note(self, status: Any) -> None:
        if self.callbacks == 0:
            go_first()
        self.callbacks += 1
        self.called_us = now_us()
        if status:
            self.xruns += 1

    def _capture(self, data: Any, frames: int, times: Any) -> None:
        position = self.captured.written
        if self.captured.put(data, frames):
            self.mark = (position, captured_us(times, BLOCK_MS * 1000))

    def _play(self, out: Any, frames: int, times: Any) -> None:
        self.to_play.take_into(out, frames)
        delay_s = times.outputBufferDacTime - times.currentTime
        if 0.0 < delay_s < DELAY_MAX_S:
            self.out_delay_us = round(delay_s * 1e6)
        if self.in_channels and frames > self.captured.frames - self.captured.level:
            return  # nobody reads; the capture of this block is dropped too: both stay together
        self.played.put(out, frames)


def captured_us(times: Any, block_us: int) -> int:
    """When the first frame of a callback was captured, on the bus clock; a block ago where PortAudio's times
    cannot be.
    """
    delay_s = times.currentTime - times.inputBufferAdcTime
    return now_us() - (round(delay_s * 1e6) if 0.0 < delay_s < DELAY_MAX_S else block_us)


def let_go(stream: Any) -> None:
    """Let a PortAudio stream go, if there is one. Never comes back where the sound server has died."""
    if stream is not None:
        with contextlib.suppress(OSError):
            stream.abort(ignore_errors=True)
            stream.close(ignore_errors=True)


def open_stream(inp: Device | None, out: Device | None) -> SoundStream:
    """Open an input, an output or both as one stream, in the first format that the device takes.

    Blocks for up to seconds. Raises DeviceError: rate where no format is taken, busy or failed otherwise.
    """
    library = portaudio()
    code, text = "failed", ""
    for rate_hz, in_channels, out_channels in tries(inp, out):
        try:
            return _opened(library, inp, out, SoundStream(rate_hz, in_channels, out_channels))
        except (library.PortAudioError, ValueError) as error:
            code, text = error_code(error)
            if code not in ("rate", "channels"):
                break
    named = out if inp is None else inp
    assert named is not None
    raise DeviceError("rate" if code == "channels" else code, name=named.name, text=text)


def tries(inp: Device | None, out: Device | None) -> list[tuple[int, int, int]]:
    """(rate, input channels, output channels) in the order in which to try them. Pure."""
    ins = formats(inp, "input") if inp else []
    outs = formats(out, "output") if out else []
    if not inp:
        return [(rate, 0, channels) for rate, channels in outs]
    if not out:
        return [(rate, channels, 0) for rate, channels in ins]
    return [(rate, i, o) for rate, i in ins for other, o in outs if other == rate]


def error_code(error: Exception) -> tuple[str, str]:
    """What PortAudio's error is to us, and its own words. Pure."""
    number = error.args[1] if len(error.args) > 1 else 0
    text = str(error.args[0]) if error.args else type(error).__name__
    if number == _INVALID_RATE:
        return "rate", text
    if number == _INVALID_CHANNELS or "number of channels" in text:
        return "channels", text
    return ("busy" if number == -9985 else "failed"), text


def _opened(library: Any, inp: Device | None, out: Device | None, sound: SoundStream) -> SoundStream:
    shared = {
        "samplerate": sound.rate_hz,
        "blocksize": sound.rate_hz * BLOCK_MS // 1000,
        "dtype": "int16",
    }
    if inp is not None and out is not None:
        stream = library.RawStream(
            device=(inp.index, out.index),
            channels=(sound.in_channels, sound.out_channels),
            latency=(IN_LATENCY_S, OUT_LATENCY_S),
            callback=sound.on_both,
            **shared,
        )
    elif inp is not None:
        stream = library.RawInputStream(
            device=inp.index,
            channels=sound.in_channels,
            latency=IN_LATENCY_S,
            callback=sound.on_input,
            **shared,
        )
    else:
        assert out is not None
        stream = library.RawOutputStream(
            device=out.index,
            channels=sound.out_channels,
            latency=OUT_LATENCY_S,
            callback=sound.on_output,
            **shared,
        )
    try:
        sound.start(stream)
    except library.PortAudioError:
        sound.close()
        raise
    _log.info("sound stream: %d Hz, %d in, %d out", sound.rate_hz, sound.in_channels, sound.out_channels)
    return sound
