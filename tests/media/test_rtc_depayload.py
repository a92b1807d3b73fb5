"""H.264 and VP8 payloads: tables of the RFCs, round trips with real encoders, damaged samples."""

from __future__ import annotations

import random

import pytest

from media.rtc import depayload
from media.rtc.decode import AudioDecoder, Undecodable, VideoDecoder
from media.rtc.depayload import FORMATS, H264, PAYLOAD_MAX_BYTES, VP8
from tests.media.rtc_kit import clip, tone

START = b"\x00\x00\x00\x01"


@pytest.mark.parametrize(
    ("payloads", "unit", "key"),
    [
        pytest.param([b"\x65\x88"], START + b"\x65\x88", True, id="single IDR"),
        pytest.param([b"\x41\x9a"], START + b"\x41\x9a", False, id="single slice"),
        pytest.param([b"\x67\x42"], START + b"\x67\x42", True, id="parameter set"),
        pytest.param(
            [b"\x78\x00\x02\x67\x42\x00\x02\x65\x88"],
            START + b"\x67\x42" + START + b"\x65\x88",
            True,
            id="STAP-A",
        ),
        pytest.param(
            [b"\x7c\x85ab", b"\x7c\x05cd", b"\x7c\x45ef"], START + b"\x65abcdef", True, id="FU-A IDR"
        ),
        pytest.param([b"\x5c\x81ab", b"\x5c\x41cd"], START + b"\x41abcd", False, id="FU-A slice"),
        pytest.param([b"\x7c\x05cd", b"\x7c\x45ef"], b"cdef", False, id="FU-A without its beginning"),
        pytest.param(
            [b"\x09\x10", b"\x06\x05", b"\x65\x88"],
            START + b"\x09\x10" + START + b"\x06\x05" + START + b"\x65\x88",
            True,
            id="delimiter and SEI first",
        ),
        pytest.param(
            [b"\x06\x05", b"\x41\x9a"], START + b"\x06\x05" + START + b"\x41\x9a", False, id="SEI then slice"
        ),
    ],
)
def test_h264_payloads(payloads: list[bytes], unit: bytes, key: bool) -> None:
    assert H264.join(payloads) == unit
    assert H264.is_key(payloads) is key


@pytest.mark.parametrize(
    "payload",
    [b"\x65", b"\x78\x00\x09\x67", b"\x78\x00\x00\x67", b"\x79\x00\x02\x67\x42", b"\x7d\x85ab", b"\x60\x01"],
    ids=["short", "STAP-A truncated", "STAP-A empty unit", "STAP-B", "FU-B", "type 0"],
)
def test_h264_payloads_that_are_refused(payload: bytes) -> None:
    with pytest.raises(ValueError):
        H264.join([payload])


@pytest.mark.parametrize(
    ("payload", "size", "key"),
    [
        pytest.param(b"\x10\x00data", 1, True, id="plain key"),
        pytest.param(b"\x10\x01data", 1, False, id="plain delta"),
        pytest.param(b"\x00\x00data", 1, False, id="continuation"),
        pytest.param(b"\x11\x00data", 1, False, id="other partition"),
        pytest.param(b"\x90\x80\x05\x00data", 3, True, id="7-bit picture number"),
        pytest.param(b"\x90\x80\x85\x01\x00data", 4, True, id="15-bit picture number"),
        pytest.param(b"\x90\xe0\x85\x01\x07\x40\x00data", 6, True, id="picture, TL0PICIDX and TID"),
        pytest.param(b"\x90\x10\x07\x01data", 3, False, id="KEYIDX only"),
    ],
)
def test_vp8_descriptors(payload: bytes, size: int, key: bool) -> None:
    assert VP8.join([payload]) == payload[size:]
    assert VP8.is_key([payload]) is key


@pytest.mark.parametrize("payload", [b"\x90", b"\x90\x80", b"\x90\x80\x85", b"\x90\xe0\x05"])
def test_vp8_descriptors_that_are_refused(payload: bytes) -> None:
    with pytest.raises(ValueError):
        VP8.join([payload])
    assert not VP8.is_key([payload])


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_real_frames_survive_the_way_through_rtp(codec: str) -> None:
    format_, decoder = FORMATS[codec], VideoDecoder(codec)
    for number, unit in enumerate(clip(codec, 20, 640, 360, 15, 2_000_000)):
        payloads = format_.split(unit)
        assert max(map(len, payloads)) <= PAYLOAD_MAX_BYTES
        assert format_.is_key(payloads) is (number == 0)
        assert number or len(payloads) > 3
        (frame,) = decoder.decode(format_.join(payloads), number)
        assert (frame.width, frame.height) == (640, 360)


def test_vp8_size_is_read_from_key_frames_only() -> None:
    key, delta = clip("VP8", 2)
    assert depayload.vp8_size(key) == (320, 180)
    assert depayload.vp8_size(delta) is None


def test_delimiters_are_not_sent() -> None:
    assert H264.split(START + b"\x09\x10" + START + b"\x41\x9a") == [b"\x41\x9a"]


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_damaged_payloads_raise_nothing_but_value_error(codec: str) -> None:
    rng, format_ = random.Random(20), FORMATS[codec]
    samples = [payload[:60] for unit in clip(codec, 8) for payload in format_.split(unit)]
    for _ in range(6000):
        payload = damaged(rng, rng.choice(samples))
        if not payload:
            continue
        format_.is_key([payload])
        try:
            format_.join([payload])
        except ValueError:
            continue


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_damaged_frames_raise_nothing_but_undecodable(codec: str) -> None:
    rng, decoder, units = random.Random(21), VideoDecoder(codec), clip(codec, 20)
    for _ in range(600):
        try:
            decoder.decode(damaged(rng, rng.choice(units)) or b"\x00", 0)
        except Undecodable:
            continue
    pictures = 0
    for number, unit in enumerate(units):
        pictures += len(decoder.decode(unit, number))
    assert pictures == len(units)


def test_damaged_sound_raises_nothing_but_undecodable_and_the_decoder_goes_on() -> None:
    rng, decoder = random.Random(22), AudioDecoder()
    for _ in range(600):
        try:
            decoder.decode(damaged(rng, rng.choice(tone())) or b"\x00")
        except Undecodable:
            continue
    pcm = decoder.decode(tone()[5])
    assert pcm is not None
    assert len(pcm) == 960


def damaged(rng: random.Random, sample: bytes) -> bytes:
    """Return a sample with one to six bytes changed, cut, doubled or inserted."""
    data = bytearray(sample)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0 if at < len(data):
                data[at] = rng.randrange(256)
            case 1:
                del data[at : at + rng.randint(1, 8)]
            case 2:
                data[at:at] = rng.randbytes(rng.randint(1, 4))
            case _:
                data[at:at] = data[at : at + 4]
    return bytes(data)
