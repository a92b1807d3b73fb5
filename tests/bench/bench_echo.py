"""Echo canceller as `operator-console echo` runs it, on rooms and voices made from seeds.

ECHO_SEED (numbers with commas between) makes other rooms and people, ECHO_SCENES (names) picks some scenes,
ECHO_MODE is full, strong or off. A figure is the median over the seeds; the spread shows the worst.
"""

from __future__ import annotations

import io
import math
import os
import tempfile
import wave
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from operator_console.echo import main, read_sound
from tests.bench.echo_rooms import RATE_HZ
from tests.bench.echo_scenes import I16, Conversation, Part, Scene, converse
from tests.bench.echo_score import Score, score
from tests.bench.measure import Span, figure

LONG: tuple[Part, ...] = (("far", 20.0), ("near", 4.0), ("double", 8.0), ("far", 7.0))
MINUTE: tuple[Part, ...] = (("far", 28.0), ("near", 5.0), ("double", 12.0), ("far", 18.0))
BUSY: tuple[Part, ...] = (("double", 12.0), ("near", 4.0), ("far", 12.0))
HEADSET: tuple[Part, ...] = (("double", 9.0), ("far", 4.0), ("near", 5.0))
CLIPPING = 1.5
"""Drive from which the loudspeaker clips hard."""
LOUD_DB = 6.0


def scenes(seed: int) -> list[Scene]:
    """The kinds of rooms and faults that are scored; what a scene does not fix, the seed chooses."""
    rng = np.random.default_rng(seed)

    def scene(name: str, **fixed: object) -> Scene:
        chosen: dict[str, object] = {
            "rt60_s": float(rng.uniform(0.3, 0.6)),
            "delay_ms": float(rng.uniform(20.0, 250.0)),
            "drive": float(rng.uniform(0.1, 0.6)),
            "noise_db": float(rng.uniform(30.0, 60.0)),
            "echo_db": float(rng.uniform(-4.0, 4.0)),
            "level_db": float(rng.uniform(-12.0, 6.0)),
        }
        return Scene(name, **(chosen | fixed))  # type: ignore[arg-type]

    return [
        scene("dry room", rt60_s=0.3),
        scene("meeting room", rt60_s=0.5),
        scene("long reverberation", rt60_s=0.7),
        scene("delay 400 ms", delay_ms=400.0),
        scene("delay 20 ms", delay_ms=20.0),
        scene("strong noise", noise_db=15.0),
        scene("noise", noise_db=25.0),
        scene("loud echo", echo_db=10.0),
        scene("soft echo", echo_db=-10.0),
        scene("hard clipping", drive=2.0),
        scene("two far talkers", far_talkers=2),
        scene("both talk first", parts=BUSY),
        scene("jump +100 ms", jumps=((12.0, 100.0),), parts=LONG),
        scene("jump -60 ms", jumps=((12.0, -60.0),), delay_ms=float(rng.uniform(90.0, 250.0)), parts=LONG),
        scene("path change", change_s=12.0, parts=LONG),
        scene("drift +50 ppm", ppm=50.0, parts=MINUTE),
        scene("drift -50 ppm", ppm=-50.0, parts=MINUTE),
        scene("drift +200 ppm", ppm=200.0, parts=MINUTE),
        scene("drift -200 ppm", ppm=-200.0, parts=MINUTE),
        scene("headset", echo_db=None, noise_db=45.0),
        scene("headset both at once", echo_db=None, noise_db=45.0, parts=HEADSET),
    ]


@dataclass(frozen=True)
class Result:
    """What one scene gave with one seed."""

    scene: Scene
    t20_s: float
    score: Score
    cpu_ms_s: float


def write(path: Path, samples: I16) -> str:
    """Write a mono WAV file at 48 kHz; return its name."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())
    return str(path)


def cancel(talk: Conversation, mode: str) -> tuple[I16, float]:
    """What the command makes of a conversation, and its CPU time in ms per second of it."""
    with tempfile.TemporaryDirectory(prefix="oc-bench-") as folder:
        far, mic = write(Path(folder, "far.wav"), talk.far), write(Path(folder, "mic.wav"), talk.mic)
        out = Path(folder, "out.wav")
        with redirect_stdout(io.StringIO()), Span() as span:
            code = main(["--far", far, "--mic", mic, "--out", str(out), "--mode", mode], {})
        if code != 0:
            raise RuntimeError(f"The command ended with {code}.")
        return read_sound(out), span.cpu_ms * RATE_HZ / len(talk.mic)


def run_scene(scene: Scene, seed: int, mode: str = "full") -> Result:
    """Make a conversation, cancel its echo, score it."""
    talk = converse(scene, seed)
    out, cpu = cancel(talk, mode)
    return Result(scene, talk.t20_s, score(talk, out), cpu)


def goals(scene: Scene, cap_db: float) -> dict[str, tuple[float, bool]]:
    """Field of the score -> (limit, whether more is better), where something is asked of the scene."""
    if scene.echo_db is None:
        return {"near_sdr_db": (24.0, True), "near_gain_db": (-1.0, True), "double_sdr_db": (18.0, True)}
    if scene.ppm:
        return {"converged_db": (min(12.0, cap_db - 3.0), True), "double_sdr_db": (5.0, True)}
    converged = 12.0 if scene.drive >= CLIPPING else 18.0
    wanted = {
        "onset_db": (min(14.0, cap_db - 3.0), True),
        "converged_db": (min(converged, cap_db - 3.0), True),
        "double_sdr_db": (5.0 if scene.echo_db >= LOUD_DB else 9.0, True),
        "double_gain_db": (-2.0, True),
    }
    if scene.parts is BUSY:
        del wanted["onset_db"]
    if scene.events_s:
        wanted["again_s"] = (6.0, False)
    return wanted


def missed(result: Result) -> list[str]:
    """The goals that a result misses, in words."""
    found = []
    for name, (limit, more) in goals(result.scene, result.score.cap_db).items():
        value = float(getattr(result.score, name))
        if not (value >= limit if more else value <= limit):
            found.append(f"{name} {value:.1f}, not {limit:.1f}")
    return found


_WORDS = {
    "onset_db": "onset",
    "converged_db": "converged",
    "double_sdr_db": "double talk SDR",
    "double_gain_db": "double talk near gain",
    "near_sdr_db": "near only SDR",
    "near_gain_db": "near only gain",
    "again_s": "again after",
}


def rows(results: list[Result]) -> Iterator[dict[str, object]]:
    """The figures of one scene with several seeds."""
    scene = results[0].scene
    caps = [one.score.cap_db for one in results]
    for field, (limit, more) in goals(scene, min(caps)).items():
        values = [min(float(getattr(one.score, field)), 999.0) for one in results]
        unit = "s" if field == "again_s" else "dB"
        name = f"echo {scene.name}: {_WORDS[field]}"
        yield figure(name, values, unit, round(limit, 1), "higher" if more else "lower")


def run() -> Iterator[dict[str, object]]:
    """Every scene, then what holds for all: goals missed, cost, added delay, how true the rooms are."""
    seeds = [int(text) for text in os.environ.get("ECHO_SEED", "1").split(",")]
    mode, picked = os.environ.get("ECHO_MODE", "full"), os.environ.get("ECHO_SCENES", "")
    results: list[Result] = []
    for index, first in enumerate(scenes(seeds[0])):
        if picked and first.name not in picked.split(","):
            continue
        these = [run_scene(scenes(seed)[index], 1000 * seed + index, mode) for seed in seeds]
        yield from rows(these)
        results += these
    misses = [float(sum(bool(missed(one)) for one in results))]
    yield figure(f"echo scenes (of {len(results)}) that miss a goal", misses, "scenes", 0, "lower")
    yield figure("echo cost", [one.cpu_ms_s for one in results], "ms/s", 100, "lower")
    delays = [one.score.delay_ms for one in results if not math.isnan(one.score.delay_ms)]
    yield figure("echo added delay", delays, "ms", 15, "lower")
    yield figure(
        "echo rooms: T20 / wanted", [one.t20_s / one.scene.rt60_s for one in results], "", 1, "lower"
    )
