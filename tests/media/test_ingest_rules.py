"""The checker of YouTube's ingest rules: a good stream of ffmpeg passes, each broken rule is caught."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flv_reader import AUDIO, VIDEO, received
from tests.ingest_rules import issues

SECONDS, FPS, KEYS = 6, 15, 30
PICTURE = "testsrc2=s={size}:r={fps},noise=alls=70:allf=t,format={pixels}"
HALF = "testsrc2=s={size}:r={fps},noise=alls=70:allf=t:enable='lt(t,3)',format={pixels}"
SOUND = "sine=440:r=48000,aeval=val(0)|val(0)/2+random(0)/4:c=stereo"
RATE = ["-b:v", "3500k", "-maxrate", "3500k", "-bufsize", "3500k"]
X264 = ["-c:v", "libx264", "-preset", "superfast", "-g", str(KEYS), "-bf", "0", "-sc_threshold", "0", *RATE]
AAC = ["-c:a", "aac", "-b:a", "128k"]


def source(path: Path, picture: str = PICTURE, **how: str) -> Path:
    """Picture and sound, not encoded."""
    picture = picture.format(**{"size": "426x240", "fps": str(FPS), "pixels": "yuv420p", **how})
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", SOUND]
    output = ["-t", str(SECONDS), "-c:v", "rawvideo", "-c:a", "pcm_s16le", "-f", "nut", str(path)]
    subprocess.run(["ffmpeg", "-v", "error", *inputs, *output], check=True, stdin=subprocess.DEVNULL)
    return path


def made(path: Path, raw: Path, *options: str) -> Path:
    """A stream made by ffmpeg; later options replace earlier ones."""
    command = ["ffmpeg", "-v", "error", "-i", str(raw), *X264, *AAC, *options, str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def names(path: Path, *, advice: bool = False) -> set[str]:
    """What is found fault with."""
    return {one.name for one in issues(received(path)) if one.advice is advice}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A busy picture and a full sound."""
    return source(tmp_path_factory.mktemp("raw") / "source.nut")


@pytest.fixture(scope="module")
def good(raw: Path) -> Path:
    """A stream that keeps all rules."""
    return made(raw.with_name("good.flv"), raw)


def test_a_good_stream_passes(good: Path) -> None:
    found = received(good)
    assert issues(found) == []
    assert (len(found.pictures), found.sample_rate_hz, found.channels) == (SECONDS * FPS, 48_000, 2)
    assert found.fps == pytest.approx(FPS, abs=0.1)


@pytest.mark.parametrize(
    ("options", "how", "name"),
    [
        (["-g", "75"], {}, "gopSizeLong"),
        (["-g", "4"], {}, "gopSizeShort"),
        (["-bf", "2", "-x264-params", "open-gop=1:b-adapt=0"], {}, "openGop"),
        (["-b:v", "1M", "-maxrate", "1M", "-bufsize", "1M"], {}, "bitrateLow"),
        (["-b:v", "12M", "-maxrate", "12M", "-bufsize", "12M"], {}, "bitrateHigh"),
        (["-flags", "+ildct+ilme"], {}, "interlacedVideo"),
        (["-vf", "setsar=4/3"], {}, "pixelAspect"),
        ([], {"fps": "75"}, "frameRateHigh"),
        ([], {"size": "640x480"}, "videoResolutionUnsupported"),
        (["-bf", "4", "-x264-params", "b-adapt=0"], {}, "bFrames"),
        (["-profile:v", "high444"], {"pixels": "yuv444p"}, "videoProfile"),
        (["-x264-params", "level=1.1"], {}, "videoLevel"),
        (["-c:v", "flv1"], {}, "videoCodec"),
        (["-c:a", "adpcm_swf", "-ar", "44100"], {}, "audioCodec"),
        (["-c:a", "aac", "-ar", "22050"], {}, "audioSampleRate"),
        (["-b:a", "32k"], {}, "audioBitrateLow"),
        (["-b:a", "320k"], {}, "audioBitrateHigh"),
        (["-ac", "6", "-b:a", "128k"], {}, "audioTooManyChannels"),
        (["-an"], {}, "noAudioStream"),
        (["-vn"], {}, "noVideoStream"),
        (["-af", "adelay=3000,atrim=start=3", "-output_ts_offset", "0"], {}, "interleave"),
        (["-vf", "select='not(between(t,2,4))'", "-fps_mode", "vfr"], {}, "videoIngestionStarved"),
        (["-g", "15", "-crf", "18", "-maxrate", "20M", "-bufsize", "20M"], {"picture": HALF}, "cbr"),
    ],
)
def test_what_breaks_a_rule_is_caught(
    tmp_path: Path, raw: Path, options: list[str], how: dict[str, str], name: str
) -> None:
    shown = source(tmp_path / "source.nut", **how) if how else raw
    assert name in names(made(tmp_path / "stream.flv", shown, *options))


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["-g", "45"], "keyInterval"),
        (["-coder", "0"], "entropyCoding"),
        (["-colorspace", "smpte170m"], "colourSpace"),
        (["-refs", "3"], "referenceFrames"),
        (["-ac", "1"], "audioStereo"),
    ],
)
def test_what_is_only_recommended_is_said_as_advice(
    tmp_path: Path, raw: Path, options: list[str], name: str
) -> None:
    path = made(tmp_path / "stream.flv", raw, *options)
    assert names(path) <= {"videoLevel"} and name in names(path, advice=True)


# ---- faults that no encoder makes


def tags(path: Path) -> list[bytearray]:
    """The tags of a file, each with the size that stands behind it."""
    data, at, found = path.read_bytes(), 13, []
    while at + 11 <= len(data):
        size = int.from_bytes(data[at + 1 : at + 4], "big")
        found.append(bytearray(data[at : at + 15 + size]))
        at += 15 + size
    return found


def stamped(tag: bytearray) -> int:
    return int.from_bytes(tag[4:7], "big") | tag[7] << 24


def set_stamp(tag: bytearray, at_ms: int) -> None:
    tag[4:7], tag[7] = (at_ms & 0xFFFFFF).to_bytes(3, "big"), at_ms >> 24


def back_in_time(found: list[bytearray]) -> list[bytearray]:
    """As after a reconnect that begins to count anew."""
    for tag in found[len(found) // 2 :]:
        set_stamp(tag, max(0, stamped(tag) - 2000))
    return found


def twice(found: list[bytearray]) -> list[bytearray]:
    """Two pictures with one stamp."""
    pictures = [tag for tag in found if tag[0] == VIDEO]
    set_stamp(pictures[40], stamped(pictures[39]))
    return found


def header_late(found: list[bytearray]) -> list[bytearray]:
    """The header of the picture comes after the first picture."""
    first = next(index for index, tag in enumerate(found) if tag[0] == VIDEO)
    found.insert(first + 4, found.pop(first))
    return found


def sound_header_missing(found: list[bytearray]) -> list[bytearray]:
    first = next(index for index, tag in enumerate(found) if tag[0] == AUDIO)
    return found[:first] + found[first + 1 :]


def begun_in_the_middle(found: list[bytearray]) -> list[bytearray]:
    """Without its first key picture, as a publisher begins that does not wait for one."""
    keys = [index for index, tag in enumerate(found) if tag[0] == VIDEO and tag[11] == 0x17 and tag[12] == 1]
    return found[: keys[0]] + found[keys[0] + 1 :]


def key_unmarked(found: list[bytearray]) -> list[bytearray]:
    """A key picture that does not say that it is one."""
    keys = [tag for tag in found if tag[0] == VIDEO and tag[11] == 0x17 and tag[12] == 1]
    keys[2][11] = 0x27
    return found


def sound_all_at_the_end(found: list[bytearray]) -> list[bytearray]:
    """Right stamps, wrong order."""
    return sorted(found, key=lambda tag: tag[0] == AUDIO and tag[12] == 1)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (back_in_time, "timestamps"),
        (twice, "timestamps"),
        (header_late, "sequenceHeader"),
        (sound_header_missing, "sequenceHeader"),
        (begun_in_the_middle, "sequenceHeader"),
        (key_unmarked, "keyFlag"),
        (sound_all_at_the_end, "interleave"),
    ],
)
def test_what_a_bad_publisher_does_is_caught(
    good: Path, tmp_path: Path, change: Callable[[list[bytearray]], list[bytearray]], name: str
) -> None:
    path = tmp_path / "changed.flv"
    path.write_bytes(good.read_bytes()[:13] + b"".join(change(tags(good))))
    assert name in names(path)


def test_what_is_no_flv_is_said(tmp_path: Path) -> None:
    path = tmp_path / "stream.ts"
    path.write_bytes(b"G" * 1880)
    assert names(path) >= {"badContainer", "noVideoStream", "noAudioStream"}


def test_a_file_that_was_cut_off_is_read_up_to_there(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.flv"
    path.write_bytes(good.read_bytes()[:-100])
    assert len(received(path).pictures) >= SECONDS * FPS - 2
