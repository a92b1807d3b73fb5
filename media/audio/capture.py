"""A microphone as a source, through PortAudio. The hall's sound devices are another process's business."""

from __future__ import annotations

import queue
import threading
from typing import Any

import numpy as np

from media.audio.streams import IN_LATENCY_S, captured_us, let_go
from media.bus.layout import BLOCK_SAMPLES, BLOCK_US, SAMPLE_RATE_HZ
from media.reason import SourceCode
from media.source import AudioItem, SourceError

DEAD_S = 1.0
"""Without a callback for this long the device is dead, whatever PortAudio says."""
QUEUE_BLOCKS = 25


class MicrophoneSource:
    """Sound of one input device, mono."""

    def __init__(self, address: str = "") -> None:
        """``address`` is the device's name (or a part of it) or its number; empty is the default device."""
        self._device: int | str | None = int(address) if address.isdecimal() else (address or None)
        self._blocks: queue.Queue[tuple[bytes, int]] = queue.Queue(QUEUE_BLOCKS)
        self._stream: Any = None
        self._closing = threading.Event()
        self.dropped_blocks = 0

    def open(self) -> None:
        """Open the device. Raises SourceError where there is none, or none that can be used."""
        try:
            import sounddevice  # loads PortAudio, which looks for devices: only where one is wanted
        except OSError as error:
            raise SourceError(
                SourceCode.NO_SOUND_LIBRARY, "The sound library (PortAudio) is not installed on this machine."
            ) from error
        try:
            # Once per process PortAudio looks for devices; a plugged-in one is seen only by looking again.
            sounddevice._terminate()
            sounddevice._initialize()
            self._stream = sounddevice.RawInputStream(
                samplerate=SAMPLE_RATE_HZ,
                blocksize=BLOCK_SAMPLES,
                device=self._device,
                channels=1,
                dtype="int16",
                latency=IN_LATENCY_S,
                callback=self._take,
            )
            self._stream.start()
        except (sounddevice.PortAudioError, ValueError) as error:
            self.close()
            raise _refused(error) from error

    def _take(self, data: Any, frames: int, times: Any, status: Any) -> None:
        """PortAudio's callback: copies, never waits."""
        try:
            self._blocks.put_nowait((bytes(data), captured_us(times, BLOCK_US)))
        except queue.Full:
            self.dropped_blocks += 1

    def read(self) -> AudioItem | None:
        """The next 20 ms; waits for them. None after `close`; SourceError where the device fell silent."""
        if self._closing.is_set():
            return None
        try:
            data, stamp_us = self._blocks.get(timeout=DEAD_S)
        except queue.Empty:
            if self._closing.is_set():
                return None
            raise SourceError(
                SourceCode.MICROPHONE_LOST, "The microphone gives no sound any more: is it unplugged?"
            ) from None
        return AudioItem(np.frombuffer(data, np.int16), stamp_us)

    def close(self) -> None:
        """Let the device go. PortAudio may never come back from this: call it where waiting does no harm."""
        self._closing.set()
        stream, self._stream = self._stream, None
        let_go(stream)


def _refused(error: Exception) -> SourceError:
    """PortAudio's own words without its number, or plain ones where there is no device at all."""
    text = str(error.args[0]) if error.args else type(error).__name__
    if "querying device" in text or "No input device" in text or "Invalid device" in text:
        return SourceError(
            SourceCode.MICROPHONE_MISSING,
            "The microphone cannot be opened: there is no such input device.",
        )
    said = text.split("[")[0].strip().rstrip(".")
    return SourceError(SourceCode.MICROPHONE_CLOSED, f"The microphone cannot be opened: {said}.")
