"""`operator-console echo` on files: what it writes, and what it says of files it cannot use."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from operator_console import cli
from operator_console.echo import FileError, main, read_sound

I16 = npt.NDArray[np.int16]


def write(path: Path, samples: I16, rate_hz: int = 48_000, channels: int = 1) -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.tobytes())
    return str(path)


def sound(seconds: float, seed: int = 1) -> I16:
    return (3000 * np.random.default_rng(seed).standard_normal(round(48_000 * seconds))).astype(np.int16)


def test_echo_goes_and_the_length_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    far = sound(4.0)
    mic = np.concatenate((np.zeros(3001, np.int16), far // 2))[: len(far) - 7]
    files = ["--far", write(tmp_path / "far.wav", far), "--mic", write(tmp_path / "mic.wav", mic)]
    assert cli.main(["echo", *files, "--out", str(tmp_path / "out.wav")]) == 0
    out = read_sound(tmp_path / "out.wav")
    assert len(out) == len(mic)
    end = slice(-48_000, None)
    assert np.mean(out[end].astype(float) ** 2) < 0.01 * np.mean(mic[end].astype(float) ** 2)
    line = capsys.readouterr().out
    assert line.startswith("mode full, ERLE ")
    assert "delay 63 ms" in line or "delay 62 ms" in line


def test_off_changes_nothing_and_a_short_far_end_is_silence(tmp_path: Path) -> None:
    mic = sound(0.5)
    files = ["--far", write(tmp_path / "f.wav", sound(0.1)), "--mic", write(tmp_path / "m.wav", mic)]
    assert main([*files, "--out", str(tmp_path / "o.wav"), "--mode", "off"], {}) == 0
    assert np.array_equal(read_sound(tmp_path / "o.wav"), mic)
    assert main([*files, "--out", str(tmp_path / "p.wav"), "--reference-ppm", "-120.5"], {}) == 0
    assert len(read_sound(tmp_path / "p.wav")) == len(mic)


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    write(path, sound(0.5))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(FileError, match=r"cut off: 9978 of 24000 samples"):
        read_sound(path)


@pytest.mark.parametrize(
    ("rate_hz", "channels", "says"),
    [(44_100, 1, "44100 Hz, 1 channel(s), 16 bit"), (48_000, 2, "48000 Hz, 2 channel(s), 16 bit")],
)
def test_other_formats_are_refused_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rate_hz: int, channels: int, says: str
) -> None:
    good, bad = (
        write(tmp_path / "a.wav", sound(0.1)),
        write(tmp_path / "b.wav", sound(0.1), rate_hz, channels),
    )
    assert main(["--far", good, "--mic", bad, "--out", str(tmp_path / "o.wav")], {}) == 2
    assert capsys.readouterr().err == f"{bad} is {says}; it must be 48000 Hz, 1 channel (mono), 16 bit.\n"
    assert not (tmp_path / "o.wav").exists()


def test_files_that_are_missing_or_no_sound_or_no_pair_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, junk = write(tmp_path / "a.wav", sound(0.1)), tmp_path / "junk.wav"
    junk.write_bytes(b"RIFF nothing")
    empty, longer = write(tmp_path / "e.wav", sound(0.0)), write(tmp_path / "l.wav", sound(1.5))
    missing, nowhere = str(tmp_path / "none.wav"), str(tmp_path / "no" / "o.wav")
    assert main(["--far", missing, "--mic", good, "--out", "o.wav"], {}) == 2
    assert main(["--far", str(junk), "--mic", good, "--out", "o.wav"], {}) == 2
    assert main(["--far", good, "--mic", good, "--out", nowhere], {}) == 2
    assert main(["--far", good, "--mic", empty, "--out", "o.wav"], {}) == 2
    assert main(["--far", good, "--mic", longer, "--out", "o.wav"], {}) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"There is no file {missing}."
    assert lines[1].startswith(f"{junk} is not a 16-bit WAV file: ")
    assert lines[2].startswith(f"{nowhere} cannot be written: ")
    assert lines[3] == f"{empty} holds no sound."
    assert lines[4].startswith(f"{good} lasts 0.1 s and {longer} 1.5 s; ")


def test_drift_is_auto_or_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--far", "f", "--mic", "m", "--out", "o"]
    for wrong in ("fast", "1000", "nan"):
        with pytest.raises(SystemExit) as stopped:
            main([*files, "--reference-ppm", wrong], {})
        assert stopped.value.code == 2
    assert "neither auto nor a number" in capsys.readouterr().err
