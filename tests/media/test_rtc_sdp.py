"""Offers of strangers: limits before parsing, what is refused, what is made safe, and damaged ones."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from media.rtc import sdp
from media.rtc.peer import PeerCallbacks, RoomPeer
from media.rtc.sdp import SdpRefused
from tests.media.rtc_kit import LOOPBACK

OFFER = (Path(__file__).parent / "chromium_offer.sdp").read_bytes().decode()
"""What Chromium 150 offers from the join page's two transceivers, H.264 and VP8."""


def test_a_real_offer_passes_with_plain_candidates() -> None:
    checked = sdp.check_offer(OFFER)
    candidates = re.findall(r"^a=candidate:.*$", checked, re.MULTILINE)
    assert len(candidates) == 8
    assert all(line.split()[2] == "udp" for line in candidates)
    assert not any("generation" in line for line in candidates)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a=x\r\n" * 13_200, "64 KiB", id="bytes"),
        pytest.param(OFFER + "a=\u20ac" * 16_000, "64 KiB", id="bytes in UTF-8"),
        pytest.param(OFFER + "a=x\r\n" * 1000, "lines", id="lines"),
        pytest.param(OFFER + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 3, "media sections", id="5 m-lines"),
        pytest.param(OFFER + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 198, "media sections", id="200 m-lines"),
        pytest.param(
            OFFER + "a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n" * 60, "candidates", id="candidates"
        ),
        pytest.param(OFFER + "a=rtpmap:96 VP8/90000\r\n" * 120, "codecs", id="codecs"),
        pytest.param(OFFER + "a=ssrc:1 cname:x\r\n" * 64, "stream identifiers", id="ssrc"),
        pytest.param(
            OFFER + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "one audio", id="data channel"
        ),
        pytest.param(OFFER.replace("m=video", "m=audio"), "one audio", id="two audio"),
        pytest.param(OFFER[: OFFER.index("m=video")], "one audio", id="no video"),
        pytest.param("", "one audio", id="empty"),
    ],
)
def test_limits_refuse_before_anything_is_parsed(text: str, words: str) -> None:
    with pytest.raises(SdpRefused, match=words):
        sdp.limits_ok(text)


def test_the_worst_that_passes_the_limits_does_not_hold_the_loop() -> None:
    head, audio, video = re.split(r"^(?=m=)", OFFER, flags=re.MULTILINE)
    many = "".join(f"a=rtpmap:{96 + n % 30} X{n}/90000\r\n" for n in range(90))
    text = head + audio + video + many + "a=rtcp-fb:* nack\r\n" * 700
    started = time.process_time()
    sdp.check_offer(text)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("a=group:BUNDLE 0 1", "a=group:LS 0 1", "bundled"),
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 1 0", "bundled"),
        ("a=mid:1", "a=mid:0", "named"),
        ("a=mid:1", "a=mid:../../x", "named"),
        ("a=rtcp-mux\r\n", "", "rtcp-mux"),
        ("a=sendrecv", "a=unknown", "direction"),
        ("a=setup:actpass", "a=setup:wrong", "malformed"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5", "fingerprint"),
        ("a=fingerprint", "a=nothing", "fingerprint"),
        ("a=ice-ufrag:", "a=ice-ufrag:\u20ac", "ICE"),
        ("a=ice-pwd:", "a=ice-pwd:" + "a" * 300, "ICE"),
        ("a=rtpmap:111 opus", "a=rtpmap:111 pcmu", "codec"),
        ("a=rtpmap:9 G722", "a=rtpmap:209 G722", "payload type"),
    ],
)
def test_sessions_that_are_not_ours_are_refused(old: str, new: str, words: str) -> None:
    assert old in OFFER
    with pytest.raises(SdpRefused, match=words):
        sdp.check_offer(OFFER.replace(old, new))


@pytest.mark.parametrize(
    ("candidate", "kept"),
    [
        ("1 1 udp 5 10.1.2.3 4000 typ host generation 0", "1 1 udp 5 10.1.2.3 4000 typ host"),
        (
            "1 1 UDP 5 2001:db8::1 4000 typ srflx raddr 0.0.0.0 rport 0",
            "1 1 udp 5 2001:db8::1 4000 typ srflx",
        ),
        ("1 1 udp 5 0f0e.local 4000 typ host", "1 1 udp 5 192.0.2.7 4000 typ host"),
        ("1 2 udp 5 10.1.2.3 4000 typ host", None),
        ("1 1 tcp 5 10.1.2.3 9 typ host tcptype active", None),
        ("1 1 udp 5 10.1.2.3 99999999 typ host", None),
        ("1 1 udp 5 10.1.2.3 0 typ host", None),
        ("1 1 udp -5 10.1.2.3 4000 typ host", None),
        ("1 1 udp 5 239.1.2.3 4000 typ host", None),
        ("1 1 udp 5 0.0.0.0 4000 typ host", None),
        ("1 1 udp 5 example.com 4000 typ host", None),
        ("1 1 udp 5 10.1.2.3 4000 typ prflx", None),
        ("1 1 udp", None),
    ],
)
def test_candidates_are_made_plain_or_left_out(candidate: str, kept: str | None) -> None:
    plain = re.sub(r"a=candidate:.*\r\n", "", OFFER)
    checked = sdp.check_offer(f"{plain}a=candidate:{candidate}\r\n", "192.0.2.7")
    video = checked[checked.index("m=video") :]
    nowhere = "1 1 udp 1 127.0.0.1 9 typ host"
    assert re.findall(r"^a=candidate:(.*)\r$", video, re.MULTILINE) == [kept or nowhere]


def test_opus_parameters_go_into_our_answer_once() -> None:
    answer = "v=0\r\nm=audio 9 X 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 x=1\r\nm=video 9 X 96\r\n"
    changed = sdp.answer_with_dtx(answer)
    assert changed.splitlines()[2:4] == [
        "a=rtpmap:111 opus/48000/2",
        "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;maxaveragebitrate=24000",
    ]
    assert sdp.answer_with_dtx(changed) == changed


@pytest.mark.parametrize("prefer", ["H264", "VP8"])
async def test_answer_to_a_browser_names_the_preferred_codec_dtx_and_our_address(prefer: str) -> None:
    peer = RoomPeer(prefer_codec=prefer, addresses=LOOPBACK, callbacks=PeerCallbacks())
    answer = await peer.answer(OFFER, "127.0.0.1")
    assert sdp.video_codec(answer) == peer.video_codec == prefer
    assert answer.count("usedtx=1") == 1
    assert re.search(r"a=candidate:\w+ 1 udp \d+ 127\.0\.0\.1 \d+ typ host", answer)
    if prefer == "H264":
        first = re.search(r"m=video \d+ \S+ (\d+)", answer)
        assert first is not None
        assert (
            f"a=fmtp:{first[1]} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
            in answer
        )
    await peer.close()


async def test_damaged_offers_end_in_an_answer_or_in_a_refusal_and_in_nothing_else() -> None:
    rng, refused = random.Random(40), 0
    for _ in range(100):
        peer = RoomPeer(addresses=LOOPBACK, callbacks=PeerCallbacks())
        try:
            await peer.answer(damaged_lines(rng, OFFER))
        except SdpRefused:
            refused += 1
        await peer.close()
    assert 20 < refused < 98


def test_many_damaged_offers_are_judged_without_another_exception() -> None:
    rng = random.Random(41)
    for _ in range(1500):
        try:
            sdp.check_offer(damaged_lines(rng, OFFER))
        except SdpRefused:
            continue


def damaged_lines(rng: random.Random, text: str) -> str:
    """Return an offer with one to four lines cut, deleted, doubled, swapped or scrambled."""
    lines = text.split("\r\n")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        match rng.randrange(5):
            case 0:
                lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
            case 1 if len(lines) > 1:
                del lines[at]
            case 2:
                lines.insert(rng.randrange(len(lines)), lines[at])
            case 3:
                other = rng.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                letters = list(lines[at] or " ")
                for _ in range(rng.randint(1, 3)):
                    letters[rng.randrange(len(letters))] = chr(rng.choice((0, 10, 32, 58, 0x20AC, 57)))
                lines[at] = "".join(letters)
    return "\r\n".join(lines)
