"""VideoStream alone: order, holes, requests, giving up; time is real but short."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from media.clock import now_us
from media.rtc.depayload import H264
from media.rtc.stream import PLI_INTERVAL_US, VideoCounters, VideoStream
from tests.media.rtc_kit import until

KEY = b"\x65key"
DELTA = b"\x41delta"
START = b"\x00\x00\x00\x01"


@dataclass
class Asked:
    """Fake sender: remembers what it was asked."""

    nacks: list[list[int]] = field(default_factory=list)
    plis: list[int] = field(default_factory=list)

    def send_nack(self, media_ssrc: int, lost: list[int]) -> None:
        self.nacks.append(lost)

    def send_pli(self, media_ssrc: int) -> None:
        self.plis.append(now_us())


class Rig:
    """A stream of frames of one packet each, unless said otherwise."""

    def __init__(self) -> None:
        self.asked = Asked()
        self.frames: list[tuple[bytes, int, bool]] = []
        self.stats = VideoCounters()
        self.stream = VideoStream(1, 96, H264, self._frame, self.asked, self.stats)

    def _frame(self, unit: bytes, rtp_ts: int, key: bool, arrival_us: int) -> None:
        self.frames.append((unit, rtp_ts, key))

    def packet(self, seq: int, payload: bytes = DELTA, marker: bool = True) -> None:
        seq &= 0xFFFF
        self.stream.packet(seq, seq * 6000, marker, payload, len(payload) + 12, now_us())

    def repaired(self, seq: int, payload: bytes = DELTA, marker: bool = True) -> None:
        self.stream.repaired(seq & 0xFFFF, seq * 6000, marker, payload, now_us())

    @property
    def numbers(self) -> list[int]:
        return [rtp_ts // 6000 for _, rtp_ts, _ in self.frames]


@pytest.fixture
async def rig() -> Rig:
    return Rig()


async def test_frames_leave_with_their_marker(rig: Rig) -> None:
    rig.packet(1, KEY)
    rig.packet(2, b"\x41one", marker=False)
    assert len(rig.frames) == 1
    rig.packet(3, b"\x41two")
    assert rig.frames[1][0] == START + b"\x41one" + START + b"\x41two"
    rig.stream.close()


async def test_nothing_before_the_first_key_frame_which_is_asked_for_once(rig: Rig) -> None:
    for seq in range(10):
        rig.packet(seq)
    assert rig.frames == []
    assert len(rig.asked.plis) == 1
    rig.packet(10, KEY)
    rig.packet(11)
    assert rig.numbers == [10, 11]
    rig.stream.close()


async def test_reordered_packets_are_put_right_without_asking(rig: Rig) -> None:
    for seq in (1, 3, 2, 4):
        rig.packet(seq, KEY if seq == 1 else DELTA)
    assert rig.numbers == [1, 2, 3, 4]
    await asyncio.sleep(0.05)
    assert rig.asked.nacks == []
    rig.stream.close()


async def test_lost_packet_is_asked_for_again_and_again_until_it_comes(rig: Rig) -> None:
    rig.packet(1, KEY)
    rig.packet(3)
    await until(lambda: len(rig.asked.nacks) >= 3, 1)
    assert rig.asked.nacks[:3] == [[2]] * 3
    assert rig.numbers == [1]
    rig.repaired(2)
    assert rig.numbers == [1, 2, 3]
    assert rig.stats.repaired == 1
    asked = len(rig.asked.nacks)
    await asyncio.sleep(0.1)
    assert [2] not in rig.asked.nacks[asked:]
    assert rig.asked.plis == []
    rig.stream.close()


async def test_gives_up_after_300_ms_and_goes_on_at_the_next_key_frame(rig: Rig) -> None:
    rig.packet(1, KEY)
    started = now_us()
    for seq in range(3, 8):
        rig.packet(seq)
    await until(lambda: rig.stats.given_up == 1, 2)
    assert 290_000 < now_us() - started < 1_000_000
    assert len(rig.asked.plis) == 1
    rig.packet(8)
    rig.packet(9, KEY)
    rig.packet(10)
    assert rig.numbers == [1, 9, 10]
    assert rig.stats.freezes == 1
    assert rig.stats.longest_freeze_us > 290_000
    rig.stream.close()


async def test_key_frame_already_waiting_behind_the_hole_is_used(rig: Rig) -> None:
    rig.packet(1, KEY)
    rig.packet(3)
    rig.packet(4, KEY)
    rig.packet(5)
    await until(lambda: rig.stats.given_up == 1, 2)
    assert rig.numbers == [1, 4, 5]
    rig.stream.close()


async def test_hole_inside_a_frame_skips_that_whole_frame(rig: Rig) -> None:
    rig.packet(1, KEY)
    rig.packet(2, b"\x67set", marker=False)
    rig.packet(4, b"\x65rest")
    rig.packet(5, KEY)
    await until(lambda: rig.stats.given_up == 1, 2)
    assert rig.numbers == [1, 5]
    rig.stream.close()


async def test_pli_is_repeated_while_packets_come_without_a_key(rig: Rig) -> None:
    rig.packet(1, KEY)
    rig.stream.need_key(now_us())
    for seq in range(2, 40):
        rig.packet(seq)
        await asyncio.sleep(0.02)
    assert len(rig.asked.plis) in (2, 3)
    gaps = [b - a for a, b in zip(rig.asked.plis, rig.asked.plis[1:], strict=False)]
    assert min(gaps) >= PLI_INTERVAL_US
    rig.stream.close()


async def test_sequence_numbers_wrap_without_a_seam(rig: Rig) -> None:
    for seq in range(65_530, 65_550):
        if seq not in (65_535, 65_537):
            rig.packet(seq, KEY if seq == 65_530 else DELTA)
    await until(lambda: rig.asked.nacks != [], 1)
    assert sorted(rig.asked.nacks[0]) == [1, 65_535]
    rig.repaired(65_535)
    rig.repaired(65_537)
    assert len(rig.frames) == 20
    rig.stream.close()


async def test_padding_packets_carry_a_number_but_no_picture(rig: Rig) -> None:
    rig.packet(1, KEY)
    rig.packet(2, b"", marker=False)
    rig.packet(3, b"", marker=False)
    rig.packet(4)
    rig.packet(5, b"", marker=True)
    rig.packet(6)
    assert [unit for unit, _, _ in rig.frames] == [START + KEY, START + DELTA, START + DELTA]
    rig.stream.close()


async def test_a_gap_too_wide_to_mend_is_skipped_at_once(rig: Rig) -> None:
    rig.packet(1, KEY)
    rig.packet(1000)
    assert len(rig.asked.plis) == 1
    rig.packet(1001, KEY)
    assert rig.numbers == [1, 1001]
    await asyncio.sleep(0.05)
    assert rig.asked.nacks == []
    rig.stream.close()


async def test_broken_payload_costs_one_frame_and_a_key_request(rig: Rig) -> None:
    rig.packet(1, KEY)
    rig.packet(2, b"\x79bad")
    rig.packet(3)
    rig.packet(4, KEY)
    assert rig.numbers == [1, 4]
    assert rig.stats.broken == 1
    assert len(rig.asked.plis) == 1
    rig.stream.close()


async def test_markers_that_never_come_cannot_fill_the_memory(rig: Rig) -> None:
    rig.packet(1, KEY)
    for seq in range(2, 5000):
        rig.packet(seq, marker=False)
    assert len(rig.stream._buffer) <= 2048
    rig.stream.close()


async def test_dropping_forgets_all_and_resumes_with_a_key_frame(rig: Rig) -> None:
    rig.packet(1, KEY)
    rig.packet(3)
    rig.stream.set_drop(True)
    for seq in range(4, 20):
        rig.packet(seq)
    rig.stream.set_drop(False)
    rig.packet(20)
    rig.packet(21, KEY)
    assert rig.numbers == [1, 21]
    await asyncio.sleep(0.05)
    assert rig.asked.nacks == []
    assert len(rig.asked.plis) == 1
    rig.stream.close()


async def test_a_silent_stream_is_not_asked_for_ever(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.rtc.stream.SILENT_US", 100_000)
    rig.packet(1, KEY)
    rig.stream.need_key(now_us())
    await asyncio.sleep(0.5)
    assert len(rig.asked.plis) == 1
    rig.packet(2)
    assert len(rig.asked.plis) == 2
    rig.stream.close()


async def test_on_a_lossy_link_an_overdue_frame_is_asked_for_before_the_next_one_comes(rig: Rig) -> None:
    rig.packet(1, KEY)
    for seq in (2, 3, 5):
        await asyncio.sleep(0.04)
        rig.packet(seq)
    await until(lambda: rig.asked.nacks == [[4]], 1)
    rig.repaired(4)
    await until(lambda: rig.asked.nacks[1:] == [[6]], 1)
    rig.repaired(6)
    assert rig.numbers == [1, 2, 3, 4, 5, 6]
    rig.packet(7)
    await asyncio.sleep(0.4)
    assert rig.asked.nacks[2:] == [[8]], "a pause of the sender is probed once"
    assert (rig.asked.plis, rig.stats.given_up) == ([], 0)
    rig.stream.close()


async def test_on_a_clean_link_nobody_is_asked_for_what_may_not_exist(rig: Rig) -> None:
    rig.packet(1, KEY)
    for seq in range(2, 6):
        await asyncio.sleep(0.02)
        rig.packet(seq)
    await asyncio.sleep(0.3)
    assert rig.asked.nacks == []
    rig.stream.close()
