"""The change from one recording file to the next: no frame lost, none twice, sound whole on both sides."""

from __future__ import annotations

from pathlib import Path

from media.outputs.feed import Feed, PacketHistory
from media.outputs.recorder import Recorder
from media.outputs.state import OutputState
from media.packet import EncodedPacket
from tests.media.program_signal import SMALL, SOUND, ProgramSignal, judge


class Kept:
    """Notes what it is given."""

    def __init__(self) -> None:
        self.packets: list[EncodedPacket] = []

    def push(self, packet: EncodedPacket) -> bool:
        self.packets.append(packet)
        return True

    def stamps(self, *, video: bool) -> list[int]:
        return [one.stamp_us for one in self.packets if one.is_video == video]


def picture(stamp_us: int, *, key: bool = False, size: int = 100) -> EncodedPacket:
    return EncodedPacket(bytes(size), stamp_us, stamp_us * 9 // 100, key, "h264")


def sound(stamp_us: int) -> EncodedPacket:
    return EncodedPacket(b"s", stamp_us, stamp_us * 48 // 1000, True, "aac")


def test_at_a_split_each_packet_goes_to_one_file_whichever_came_first() -> None:
    feed, old, new, done = Feed(), Kept(), Kept(), list[int]()
    feed.begin(old)
    stream = [picture(0, key=True), sound(0), picture(40_000), sound(30_000), sound(90_000)]
    for packet in stream:
        feed.push(packet)
    feed.hand_over(new, lambda: done.append(1))
    # Sound of 90 ms is there before the key picture of 80 ms; sound of 70 ms comes after it.
    for packet in (picture(80_000, key=True), sound(70_000), picture(120_000)):
        feed.push(packet)
    assert done == []
    feed.push(sound(100_000))
    assert done == [1]
    assert old.stamps(video=True) == [0, 40_000]
    assert old.stamps(video=False)[-1] == 70_000
    assert new.packets[0].key and new.packets[0].is_video, "a file begins with its key picture"
    assert new.stamps(video=True) == [80_000, 120_000]
    assert new.stamps(video=False) == [90_000, 100_000]


def test_without_sound_the_old_file_is_let_go_by_the_pictures() -> None:
    feed, old, new, done = Feed(), Kept(), Kept(), list[int]()
    feed.begin(old)
    feed.push(picture(0, key=True))
    feed.hand_over(new, lambda: done.append(1))
    for number in range(1, 60):
        feed.push(picture(number * 40_000, key=number == 5))
    assert done == [1] and old.stamps(video=True) == [n * 40_000 for n in range(5)]


def test_a_file_that_takes_over_from_a_lost_one_begins_with_the_key_picture_before() -> None:
    feed, lost, fresh = Feed(), Kept(), Kept()
    feed.begin(lost)
    for number in range(200):
        feed.push(picture(number * 40_000, key=number % 50 == 0))
    feed.drop(lost)
    feed.wanted = True
    feed.push(picture(200 * 40_000, key=True))
    feed.begin(fresh, from_us=130 * 40_000)
    assert fresh.stamps(video=True) == [n * 40_000 for n in range(100, 201)]


def test_nothing_is_remembered_that_nobody_wants() -> None:
    feed, late = Feed(), Kept()
    feed.push(picture(0, key=True))
    feed.wanted = True
    feed.begin(late, from_us=0)
    assert late.packets == []


def test_the_memory_is_bounded_in_time_and_bytes() -> None:
    history = PacketHistory(limit_us=1_000_000, limit_bytes=5_000)
    for number in range(100):
        history.add(picture(number * 100_000, key=True, size=1_000))
    assert len(history.since(0)) == 5
    small = PacketHistory(limit_us=1_000_000, limit_bytes=5_000)
    for number in range(100):
        small.add(picture(number * 100_000, key=True, size=1))
    assert len(small.since(0)) == 11


def test_two_files_of_a_split_recording_hold_every_picture_once(tmp_path: Path) -> None:
    program, feed, done = ProgramSignal(), Feed(), list[int]()
    first = Recorder(tmp_path / "a.mp4", SMALL, SOUND, program.request_key)
    feed.begin(first)
    for packet in program.packets(2.5):
        feed.push(packet)
    second = Recorder(tmp_path / "b.mp4", SMALL, SOUND, program.request_key)
    feed.hand_over(second, lambda: done.append(1))
    program.request_key()
    for packet in program.packets(2.5):
        feed.push(packet)
    assert done == [1]
    for recorder in (first, second):
        recorder.stop()
        assert recorder.join(10) and recorder.state is OutputState.STOPPED
    one, other = judge(tmp_path / "a.mp4"), judge(tmp_path / "b.mp4")
    assert one.numbers + other.numbers == list(range(150))
    assert 70 <= len(one.numbers) <= 80, "the seam is where the key picture was asked for"
    assert len(one.beeps_s) + len(other.beeps_s) == 5
    assert max(one.worst_skew_s(), other.worst_skew_s()) < 0.02
