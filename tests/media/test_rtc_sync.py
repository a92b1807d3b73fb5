"""Reception counters and the way from RTP time stamps to the bus clock."""

from __future__ import annotations

from media.clock import bus_to_ntp, now_us, ntp_to_bus
from media.rtc.sync import Counters, PeerClock, StreamClock

SECOND = 1_000_000


def test_ntp_and_bus_time_are_one_to_one() -> None:
    for at_us in (0, 1, 999_999, now_us(), 10**13):
        assert ntp_to_bus(bus_to_ntp(at_us)) == at_us


def test_loss_is_reported_since_the_last_report_and_in_total() -> None:
    counters = Counters(90_000)
    for seq in range(100, 200):
        if seq % 10 != 5:
            counters.add(seq, seq * 3000, 1000, seq * 33_333)
    report = counters.report(7, 200 * 33_333)
    assert (report.ssrc, report.fraction_lost, report.packets_lost, report.highest_sequence) == (
        7,
        25,
        10,
        199,
    )
    for seq in range(200, 300):
        counters.add(seq, seq * 3000, 1000, seq * 33_333)
    report = counters.report(7, 300 * 33_333)
    assert (report.fraction_lost, report.packets_lost) == (0, 10)
    assert report.jitter < 90  # 33,333 us is not quite 3000 ticks


def test_counting_goes_on_over_the_end_of_16_bits() -> None:
    counters = Counters(48_000)
    for number in range(65_530, 65_550):
        counters.add(number & 0xFFFF, number * 960, 100, number * 20_000)
    report = counters.report(1, 0)
    assert (report.highest_sequence, report.packets_lost) == (65_549, 0)


def test_a_packet_out_of_order_is_neither_lost_nor_newer() -> None:
    counters = Counters(48_000)
    assert [counters.add(seq, 0, 100, 0) for seq in (10, 11, 13, 12, 14)] == [1, 1, 2, 0xFFFF, 1]
    assert counters.report(1, 0).packets_lost == 0


def test_report_carries_the_last_sender_report_and_its_age() -> None:
    counters = Counters(48_000)
    counters.add(1, 0, 100, 0)
    counters.sender_report(0x1122_3344_5566_7788, 10 * SECOND)
    report = counters.report(1, 10 * SECOND + SECOND // 2)
    assert (report.lsr, report.dlsr) == (0x3344_5566, 32768)


def test_before_any_report_the_stamp_is_the_arrival() -> None:
    assert PeerClock().stamp_us(StreamClock(48_000), 12345, 777) == 777


def test_picture_and_sound_captured_together_get_the_same_stamp() -> None:
    """Sound takes 5 ms to us, picture 40 ms and more: both are stamped as if they came the quick way."""
    peer, sound, picture = PeerClock(), StreamClock(48_000), StreamClock(90_000)
    sender_us = 500 * SECOND  # what the sender's clock shows when ours shows nought
    sound.sender_report(bus_to_ntp(sender_us), 0xFFFF_FF00)
    picture.sender_report(bus_to_ntp(sender_us), 5)
    for step in range(100):
        at_us = step * 20_000
        heard = peer.stamp_us(sound, (0xFFFF_FF00 + at_us * 48 // 1000) & 0xFFFFFFFF, at_us + 5000)
        seen = peer.stamp_us(picture, 5 + at_us * 9 // 100, at_us + 40_000 + step * 100)
        assert abs(heard - seen) <= 25
        assert abs(heard - (at_us + 5000)) <= 25


def test_the_mapping_follows_a_drifting_clock() -> None:
    peer, clock = PeerClock(), StreamClock(48_000)
    for tick in range(600 * 50):
        at_us = tick * 20_000
        sent_us = at_us + at_us // 10_000  # 100 ppm fast
        if tick % 50 == 0:
            clock.sender_report(bus_to_ntp(sent_us), sent_us * 48 // 1000 & 0xFFFFFFFF)
        stamp = peer.stamp_us(clock, sent_us * 48 // 1000 & 0xFFFFFFFF, at_us + 5000)
    assert abs(stamp - (at_us + 5000)) < 8000


def test_a_sender_whose_clock_was_set_is_followed() -> None:
    peer, clock = PeerClock(), StreamClock(48_000)
    for sender_us in (500 * SECOND, 20 * SECOND, 900 * SECOND):
        clock.sender_report(bus_to_ntp(sender_us), 0)
        assert abs(peer.stamp_us(clock, 48, 3 * SECOND) - 3 * SECOND) <= 2


def test_a_report_of_zero_time_is_no_report() -> None:
    clock = StreamClock(90_000)
    clock.sender_report(0, 1234)
    assert not clock.known
