"""People who speak Indonesian or English, from espeak-ng, each seed another person with other words."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave

import numpy as np
import numpy.typing as npt
import soxr

F64 = npt.NDArray[np.float64]

RATE_HZ = 48_000
LANGUAGES = ("id", "en-gb", "en-us")
VARIANTS = (
    *("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "linda", "paul"),
    *("belinda", "john", "max", "steph", "travis", "sandro", "rob", "pedro", "anika", "aunty", "Michael"),
)
_WORDS = {
    "id": "selamat pagi bapak ibu semua kami melaporkan kondisi banjir di wilayah timur sudah surut tetapi "
    "jalan utama masih tertutup lumpur petugas akan dikirim sore ini untuk membantu warga yang mengungsi di "
    "balai desa logistik makanan cukup untuk tiga hari mohon dukungan alat berat dari pusat terima kasih "
    "gubernur meminta laporan tentang anggaran tahun depan serta rencana pembangunan jembatan baru",
    "en": "good morning everyone the situation in the northern district is under control we have sent four "
    "teams to the river and expect the water level to fall before tonight please confirm that the hospital "
    "has enough power and that the road to the harbour is open again the minister asked for a short report "
    "about schools bridges and telephone lines thank you very much next speaker please",
}
_WORDS_S = 3.4


def people(rng: np.random.Generator, count: int) -> list[str]:
    """Voices of so many people, all of them different."""
    variants = rng.choice(len(VARIANTS), count, replace=False)
    return [f"{rng.choice(LANGUAGES)}+{VARIANTS[variant]}" for variant in variants]


def speak(rng: np.random.Generator, person: str, seconds: float) -> F64:
    """What this person says in so many seconds; peak 0.7, hardly a pause, nothing above 11 kHz."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise RuntimeError("The voices of this bench come from espeak-ng, which is not installed.")
    words = np.array(_WORDS[person[:2]].split())
    text = ""
    for _ in range(4 + round(_WORDS_S * seconds / 9)):
        text += " ".join(rng.choice(words, int(rng.integers(5, 13)))) + ". "
    pitch, speed = int(rng.integers(35, 66)), int(rng.integers(135, 181))
    command = [program, "-v", person, "-p", str(pitch), "-s", str(speed), "--stdout", text]
    made = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(made)) as file:
        rate_hz = file.getframerate()
        samples = np.frombuffer(file.readframes(1 << 30), "<i2").astype(np.float64)
    sound = np.asarray(soxr.resample(samples, rate_hz, RATE_HZ), np.float64)
    sound = np.resize(sound, round(seconds * RATE_HZ))
    return sound * (0.7 / float(np.abs(sound).max()))
