"""libopus itself, for what FFmpeg does not pass on: a lost packet from the one behind it, and concealment.

It is the library that PyAV brings along and FFmpeg's own decoder uses; where it cannot be found, there is no
recovery and the mixer conceals by its own means.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import logging
import weakref
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from media.bus.layout import SAMPLE_RATE_HZ

I16 = npt.NDArray[np.int16]

_log = logging.getLogger(__name__)

LONGEST_SAMPLES = 5760
"""A packet holds at most 120 ms (RFC 6716 section 2.1.4)."""
STEP_SAMPLES = 120
"""Lengths are multiples of 2.5 ms."""
PACKET_MAX_BYTES = 1500


class OpusError(ValueError):
    """libopus refused a packet."""


@functools.cache
def library() -> Any | None:
    """libopus with the types of the functions we call, or None where there is none."""
    package = Path(av.__file__).parent
    found = [*package.parent.glob("av.libs/*opus*"), *package.glob(".dylibs/*opus*")]
    system = ctypes.util.find_library("opus") if not found else None
    for name in [*map(str, found), *([system] if system else [])]:
        try:
            return _typed(ctypes.CDLL(name))
        except (OSError, AttributeError) as error:
            _log.warning("libopus cannot be used from %s: %s", name, error)
    return None


def _typed(lib: Any) -> Any:
    integer = ctypes.c_int32
    lib.opus_decoder_create.restype = ctypes.c_void_p
    lib.opus_decoder_create.argtypes = [integer, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
    lib.opus_decoder_destroy.restype = None
    lib.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
    lib.opus_decode.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, integer, ctypes.c_void_p, ctypes.c_int, ctypes.c_int,
    ]  # fmt: skip
    lib.opus_packet_get_nb_samples.argtypes = [ctypes.c_char_p, integer, integer]
    lib.opus_packet_has_lbrr.argtypes = [ctypes.c_char_p, integer]
    return lib


class LibopusDecoder:
    """One Opus stream to mono 48 kHz. Raises RuntimeError where there is no `library`."""

    def __init__(self) -> None:
        lib = library()
        if lib is None:
            raise RuntimeError("there is no libopus")
        self._lib = lib
        error = ctypes.c_int()
        self._state = lib.opus_decoder_create(SAMPLE_RATE_HZ, 1, ctypes.byref(error))
        if not self._state:
            raise RuntimeError(f"libopus made no decoder ({error.value})")
        weakref.finalize(self, lib.opus_decoder_destroy, self._state)
        self._pcm = np.zeros(LONGEST_SAMPLES, np.int16)
        self._at = self._pcm.ctypes.data

    def decode(self, packet: bytes) -> I16:
        """The samples of a packet. Raises OpusError where it is damaged."""
        return self._call(packet, LONGEST_SAMPLES, 0)

    def recover(self, following: bytes, samples: int) -> tuple[I16, int]:
        """So many samples that were lost just before a packet, and how many of them (the last) are real.

        Call it before `decode` of that packet. What the packet carries of the one before it is decoded
        (in-band FEC, RFC 6716 section 2.1.7), the rest is concealed. Raises OpusError.
        """
        if not 0 < samples <= LONGEST_SAMPLES or samples % STEP_SAMPLES:
            raise OpusError(f"a gap of {samples} samples")
        real = 0
        if self._lib.opus_packet_has_lbrr(following, len(following)) == 1:
            length = self._lib.opus_packet_get_nb_samples(following, len(following), SAMPLE_RATE_HZ)
            real = min(length, samples)
        return self._call(following, samples, 1), real

    def _call(self, packet: bytes, room: int, fec: int) -> I16:
        if not 0 < len(packet) <= PACKET_MAX_BYTES:
            raise OpusError(f"a packet of {len(packet)} bytes")
        count = self._lib.opus_decode(self._state, packet, len(packet), self._at, room, fec)
        if count < 0:
            raise OpusError(f"libopus refused with {count}")
        return self._pcm[:count].copy()
