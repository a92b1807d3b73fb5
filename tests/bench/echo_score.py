"""Scores what a canceller made of a conversation: ERLE, double-talk SDR, re-convergence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.bench.echo_rooms import RATE_HZ
from tests.bench.echo_scenes import F64, I16, Conversation, Kind

TAPS, EARLY = 512, 64
"""What a filter of so many taps, starting so much earlier, makes of the near end is no distortion."""
_LAGS = range(-960, 9_601)
_ONSET_S, _LAST_S, _TAIL_S, _ECHO_GONE_S = 3.0, 6.0, 1.5, 0.7


@dataclass(frozen=True)
class Score:
    """All in dB, except delay (ms) and re-convergence (s); NaN where the conversation has no such part."""

    delay_ms: float
    cap_db: float
    onset_db: float
    converged_db: float
    last_db: float
    near_sdr_db: float
    near_gain_db: float
    double_sdr_db: float
    double_gain_db: float
    again_s: float


def score(conversation: Conversation, out: I16) -> Score:
    """Score the output of a canceller, which may be late."""
    mic = conversation.mic / 32768.0
    parts = conversation.parts
    lag = _lag(conversation, out / 32768.0)
    line = np.concatenate((out[max(lag, 0) :] / 32768.0, np.zeros(max(lag, 0))))
    fars = [(begin, end) for kind, begin, end in parts if kind == "far"]
    cap = onset = converged = last = again = float("nan")
    if fars and conversation.scene.echo_db is not None:
        begin, end = fars[0]
        cap = float(10.0 * np.log10(np.mean(mic[begin:end] ** 2) / conversation.noise_power))
        onset = _erle(mic, line, begin, begin + round(_ONSET_S * RATE_HZ))
        converged = _erle(mic, line, end - round(_LAST_S * RATE_HZ), end)
        last = _erle(mic, line, fars[-1][0] + round(_TAIL_S * RATE_HZ), fars[-1][1])
        again = _again(conversation, mic, line, min(20.0, cap - 3.0))
    near_sdr, near_gain = _against_near(conversation, line, "near", round(_ECHO_GONE_S * RATE_HZ))
    double_sdr, double_gain = _against_near(conversation, line, "double", 0)
    return Score(
        lag / RATE_HZ * 1000, cap, onset, converged, last, near_sdr, near_gain, double_sdr, double_gain, again
    )


def _part(conversation: Conversation, kind: Kind) -> tuple[int, int] | None:
    return next(((begin, end) for what, begin, end in conversation.parts if what == kind), None)


def _lag(conversation: Conversation, out: F64) -> int:
    """Samples by which the output is behind the near end: peak of the partly whitened correlation."""
    begin, end = _part(conversation, "near") or _part(conversation, "double") or (0, len(out))
    size = 1 << (2 * (end - begin)).bit_length()
    cross = np.fft.rfft(out[begin:end], size) * np.conj(np.fft.rfft(conversation.near[begin:end], size))
    likeness = np.fft.irfft(cross / (np.abs(cross) ** 0.6 + 1e-12), size)
    return _LAGS[int(np.argmax(likeness[np.array(_LAGS)]))]


def _erle(mic: F64, out: F64, begin: int, end: int) -> float:
    heard, left = float(np.mean(mic[begin:end] ** 2)), float(np.mean(out[begin:end] ** 2))
    return float(10.0 * np.log10((heard + 1e-20) / (left + 1e-20)))


def _against_near(conversation: Conversation, line: F64, kind: Kind, skip: int) -> tuple[float, float]:
    part = _part(conversation, kind)
    if part is None:
        return float("nan"), float("nan")
    span = slice(part[0] + skip, part[1])
    return sdr(line[span], conversation.near[span])


def sdr(out: F64, near: F64) -> tuple[float, float]:
    """(signal-to-distortion ratio, gain) in dB of the best TAPS-tap filter from `near` to `out`."""
    late = np.concatenate((np.zeros(EARLY), out))
    padded = np.concatenate((near, np.zeros(EARLY)))
    size = 1 << (len(late) + TAPS).bit_length()
    source, target = np.fft.rfft(padded, size), np.fft.rfft(late, size)
    own = np.fft.irfft(np.abs(source) ** 2, size)[:TAPS]
    cross = np.fft.irfft(np.conj(source) * target, size)[:TAPS]
    own[0] *= 1.0 + 1e-8
    apart = np.abs(np.arange(TAPS)[:, None] - np.arange(TAPS))
    taps = np.linalg.solve(own[apart], cross)
    kept = np.fft.irfft(source * np.fft.rfft(taps, size), size)[: len(late)]
    power = float(np.sum(kept**2))
    ratio = 10.0 * np.log10(power / (float(np.sum((late - kept) ** 2)) + 1e-20))
    return float(ratio), float(10.0 * np.log10(power / float(np.sum(padded**2))))


def _again(conversation: Conversation, mic: F64, out: F64, target_db: float) -> float:
    """Longest time after an event, in s, until ERLE is at the target and stays there for 2 s."""
    events = [round(at_s * RATE_HZ) for at_s in conversation.scene.events_s]
    if not events:
        return float("nan")
    ends = [next(end for _, first, end in conversation.parts if first <= event < end) for event in events]
    stops = [
        min(end, *(other for other in events if other > event), end)
        for event, end in zip(events, ends, strict=True)
    ]
    return max(_after(mic, out, target_db, *span) for span in zip(events, stops, strict=True))


def _after(mic: F64, out: F64, target_db: float, begin: int, end: int) -> float:
    """The same for one event; ERLE is that of windows of 0.5 s, the soft ones left out."""
    starts = np.arange(begin, end - RATE_HZ // 2, RATE_HZ // 10)
    heard = _powers(mic, starts)
    loud = heard > heard.max() * 10.0**-2.5
    erle = 10.0 * np.log10(heard[loud] / (_powers(out, starts)[loud] + 1e-20))
    at_s = (starts[loud] - begin) / RATE_HZ
    for first, now in zip(at_s, erle, strict=True):
        if now >= target_db and np.median(erle[(at_s >= first) & (at_s < first + 2.0)]) >= target_db:
            return float(first)
    return float("inf")


def _powers(sound: F64, starts: npt.NDArray[np.int64]) -> F64:
    return np.array([np.mean(sound[at : at + RATE_HZ // 2] ** 2) for at in starts])
