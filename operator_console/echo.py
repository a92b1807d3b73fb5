"""`operator-console echo`: the echo canceller of the product on sound files, so that anybody can score it."""

from __future__ import annotations

import argparse
import sys
import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.audio.echo.bands import BLOCK
from media.audio.echo.canceller import MODES, EchoCanceller, EchoStatus

I16 = npt.NDArray[np.int16]

RATE_HZ = 48_000
LONGEST_S = 4 * 3600
PPM_LIMIT = 400.0
APART_S = 1.0
"""Recordings of one conversation may end so far apart."""


class FileError(Exception):
    """A sound file that cannot be used; the text is a sentence for whoever typed its name."""


def read_sound(path: Path) -> I16:
    """Return the samples of a 48 kHz mono 16-bit WAV file; FileError for any other."""
    try:
        with wave.open(str(path), "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            if (channels, width, rate) != (1, 2, RATE_HZ):
                kind = f"{rate} Hz, {channels} channel(s), {8 * width} bit"
                raise FileError(f"{path} is {kind}; it must be 48000 Hz, 1 channel (mono), 16 bit.")
            if file.getnframes() > LONGEST_S * RATE_HZ:
                raise FileError(f"{path} is longer than {LONGEST_S // 3600} hours.")
            count = file.getnframes()
            data = file.readframes(count)
    except FileNotFoundError:
        raise FileError(f"There is no file {path}.") from None
    except (wave.Error, EOFError, RuntimeError) as error:  # RuntimeError: a chunk longer than can be skipped
        raise FileError(f"{path} is not a 16-bit WAV file: {str(error) or 'it ends too early'}.") from error
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) < 2:
        raise FileError(f"{path} holds no sound.")
    if len(data) < 2 * count:
        raise FileError(f"{path} is cut off: {len(data) // 2} of {count} samples are there.")
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.int16)


def read_pair(far_path: Path, mic_path: Path) -> tuple[I16, I16]:
    """Return both sounds; FileError where they cannot be one conversation."""
    far, mic = read_sound(far_path), read_sound(mic_path)
    if abs(len(far) - len(mic)) > APART_S * RATE_HZ:
        lengths = f"{far_path} lasts {len(far) / RATE_HZ:.1f} s and {mic_path} {len(mic) / RATE_HZ:.1f} s"
        raise FileError(f"{lengths}; they must be the two sides of one conversation, equally long.")
    return far, mic


def write_sound(path: Path, samples: I16) -> None:
    """Write a 48 kHz mono 16-bit WAV file; FileError where that is not possible."""
    try:
        with path.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(samples.astype("<i2").tobytes())
    except OSError as error:
        raise FileError(f"{path} cannot be written: {error.strerror}.") from error


def cancel(canceller: EchoCanceller, far: I16, mic: I16) -> I16:
    """Return what the canceller makes of the microphone, as long as it; a shorter `far` ends in silence."""
    count = -(-len(mic) // BLOCK) * BLOCK
    padded = np.zeros((2, count), np.int16)
    padded[0, : len(mic)] = mic
    shared = min(len(far), count)
    padded[1, :shared] = far[:shared]
    out = np.empty(count, np.int16)
    for at in range(0, count, BLOCK):
        block = slice(at, at + BLOCK)
        out[block] = canceller.process(padded[0, block], padded[1, block])
    return out[: len(mic)]


def report(status: EchoStatus) -> str:
    """The status in a line."""
    if status.mode != "full":
        return f"mode {status.mode}"
    used = "" if status.in_use == status.mode else f" (used: {status.in_use})"
    if status.echo != "present":
        return f"mode full{used}, no echo found"
    return (
        f"mode full{used}, ERLE {status.erle_db:.1f} dB, "
        f"delay {status.delay_ms:.0f} ms, drift {status.drift_ppm:+.1f} ppm"
    )


def ppm(text: str) -> float | None:
    """`auto` as None, else a number of ppm within what is supported."""
    if text == "auto":
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not abs(number) <= PPM_LIMIT:
        raise argparse.ArgumentTypeError(f"{text} is neither auto nor a number from -400 to 400.")
    return number


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Run the canceller over files; 2 where a file or an option is wrong. Settings play no part."""
    parser = argparse.ArgumentParser(
        "operator-console echo",
        description="Run the hall's echo canceller on 48 kHz mono 16-bit WAV files. The output is as long as "
        "the microphone's file and late by the canceller's delay (full 11.8 ms, strong 15 ms).",
    )
    parser.add_argument("--far", type=Path, required=True, help="what the loudspeaker was given to play")
    parser.add_argument("--mic", type=Path, required=True, help="what the microphone picked up meanwhile")
    parser.add_argument("--out", type=Path, required=True, help="where to write the microphone without echo")
    parser.add_argument("--mode", choices=MODES, default="full", help="which canceller (default: full)")
    parser.add_argument(
        "--reference-ppm",
        type=ppm,
        default=None,
        metavar="auto|N",
        help="by how many ppm the loudspeaker's clock is faster than the microphone's (default: auto)",
    )
    asked = parser.parse_args(argv)
    try:
        canceller = EchoCanceller(asked.mode, reference_ppm=asked.reference_ppm)
        far, mic = read_pair(asked.far, asked.mic)
        write_sound(asked.out, cancel(canceller, far, mic))
    except FileError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(report(canceller.status()) + "\n")
    return 0
