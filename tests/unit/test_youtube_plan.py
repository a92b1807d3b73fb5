"""Pure decisions on a broadcast: texts, transitions, finding what was made, pace, and who tells the truth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from operator_console.session.codes import TruthCode
from operator_console.youtube import plan
from operator_console.youtube.answers import BroadcastItem, BroadcastStatus, IngestionInfo, Snippet
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.truth import ALARM_US, FRESH_US, Said, Truth, difference, judge
from operator_console.youtube.units import OF_A_DAY

GOOD = Said("active", "good", True, 0)


def item(
    life: str = "ready", title: str = "Rapat", start_ms: int = 0, monitored: bool = False
) -> BroadcastItem:
    return BroadcastItem(
        id="v1",
        snippet=Snippet(title=title, scheduled_start_time=plan.iso_time(start_ms)),
        status=BroadcastStatus(life_cycle_status=life),
        content_details={"monitorStream": {"enableMonitorStream": monitored}},
    )


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "1999-12-31T23:59:59Z",
        "x" * 1000,
        "",
        "-1e999",
    ],
)
def test_a_time_of_another_century_is_none(text: str) -> None:
    assert plan.unix_ms(text) == 0
    assert plan.unix_ms("2026-11-22T00:00:00Z") == 1_795_305_600_000


# ---- texts


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"title": "x" * 101},
        {"title": "a<b"},
        {"title": "a\nb"},
        {"description": "é" * 2501},
        {"description": "<script>"},
        {"privacy": "secret"},
    ],
)
def test_texts_that_youtube_refuses(wrong: dict[str, str]) -> None:
    texts = {"title": "Rapat", "description": "Isi\nbaris", "privacy": "public"}
    plan.check_texts(**texts)
    with pytest.raises(YoutubeError):
        plan.check_texts(**(texts | wrong))


def test_nothing_stops_or_starts_by_itself() -> None:
    details = plan.new_broadcast("Rapat", "", "public", 0)["contentDetails"]
    assert details["enableAutoStop"] is False and details["enableAutoStart"] is False


def test_times_as_the_api_writes_them() -> None:
    assert plan.iso_time(1_700_000_000_999) == "2023-11-14T22:13:20Z"
    assert plan.unix_ms("2023-11-14T22:13:20Z") == 1_700_000_000_000
    assert plan.unix_ms("2023-11-14T22:13:20.000Z") == 1_700_000_000_000
    assert [plan.unix_ms(text) for text in ("", "tomorrow", "9999999-01-01")] == [0, 0, 0]


# ---- what was made already

NOW_MS = 1_700_000_600_000
ASKED_MS = 1_700_000_000_500


@pytest.mark.parametrize(
    ("start_ms", "found"),
    [
        (ASKED_MS + 30_000, True),
        (NOW_MS + 30_000, True),
        (ASKED_MS - 5_000, False),
        (NOW_MS + 24 * 3600 * 1000, False),
    ],
)
def test_a_broadcast_is_taken_for_ours_only_between_order_and_now(start_ms: int, found: bool) -> None:
    one = item(start_ms=start_ms)
    assert (plan.made_already([one], "Rapat", ASKED_MS, NOW_MS) is one) is found
    assert plan.made_already([one], "Rapat lain", ASKED_MS, NOW_MS) is None
    assert plan.made_already([item("live", start_ms=start_ms)], "Rapat", ASKED_MS, NOW_MS) is None


# ---- where to send


def test_the_encrypted_address_is_taken_where_there_is_one() -> None:
    both = IngestionInfo(
        stream_name="k",
        ingestion_address="rtmp://a.example/live2",
        backup_ingestion_address="rtmp://b.example/live2?backup=1",
        rtmps_ingestion_address="rtmps://a.example/live2",
        rtmps_backup_ingestion_address="rtmps://b.example/live2?backup=1",
    )
    assert plan.addresses_of(both) == ("rtmps://a.example/live2", "rtmps://b.example/live2?backup=1")
    plain = IngestionInfo(stream_name="k", ingestion_address="rtmp://a.example/live2")
    assert plan.addresses_of(plain) == ("rtmp://a.example/live2", "")


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("", "k"),
        ("http://a/b", "k"),
        ("rtmp://user@host/live", "k"),
        ("rtmp://a/live two", "k"),
        ("rtmp://a/live", ""),
        ("rtmp://a/live", "two words"),
        ("rtmp://a/live", "k" * 300),
    ],
)
def test_an_address_or_key_that_is_none_is_refused(url: str, key: str) -> None:
    with pytest.raises(YoutubeError):
        plan.addresses_of(IngestionInfo(stream_name=key, ingestion_address=url))


# ---- transitions


@pytest.mark.parametrize(
    ("life", "monitored", "stream", "to"),
    [
        ("ready", False, "active", "live"),
        ("ready", True, "active", "testing"),
        ("created", False, "active", "live"),
        ("ready", False, "inactive", ""),
        ("testStarting", True, "active", ""),
        ("testing", True, "active", "live"),
        ("testing", True, "inactive", ""),
        ("liveStarting", False, "active", ""),
        ("live", False, "active", ""),
        ("complete", False, "active", ""),
    ],
)
def test_what_to_ask_for_next(life: str, monitored: bool, stream: str, to: str) -> None:
    assert plan.next_transition(item(life, monitored=monitored), stream) == to


# ---- pace


def test_four_hours_of_a_broadcast_stay_far_within_a_day_of_units() -> None:
    streams = 4 * 3600 / plan.poll_s(live=True, differs=False, running_s=0, used_units=0)
    viewers = 4 * 3600 / plan.VIEWERS_POLL_S
    assert 4 * 50 + streams + viewers < OF_A_DAY / 4


def test_the_pace_follows_what_is_at_stake() -> None:
    assert plan.poll_s(live=True, differs=False, running_s=9, used_units=0) == 10
    assert plan.poll_s(live=True, differs=True, running_s=9, used_units=0) == 5
    assert plan.poll_s(live=False, differs=False, running_s=9, used_units=0) < 5
    assert plan.poll_s(live=False, differs=False, running_s=900, used_units=0) == 15
    assert plan.poll_s(live=True, differs=True, running_s=9, used_units=9000) == 60


def test_a_wait_doubles_is_bounded_and_obeys() -> None:
    waits = [plan.retry_s(attempt) for attempt in range(1, 9)]
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    assert plan.retry_s(1, 120.0) == 120 and plan.retry_s(10_000) == 60


# ---- the truth


@pytest.mark.parametrize(
    ("sending", "said", "code"),
    [
        (True, GOOD, None),
        (True, replace(GOOD, health="ok"), None),
        (True, replace(GOOD, health="bad"), TruthCode.BAD_HEALTH),
        (True, replace(GOOD, health="noData"), TruthCode.NOT_ARRIVING),
        (True, replace(GOOD, health="revoked"), TruthCode.NOT_ARRIVING),
        (True, replace(GOOD, stream="inactive", health="noData"), TruthCode.NOT_ARRIVING),
        (True, replace(GOOD, stream="error"), TruthCode.NOT_ARRIVING),
        (True, replace(GOOD, stream="ready"), TruthCode.NOT_ARRIVING),
        (True, replace(GOOD, public=False), TruthCode.NOT_PUBLIC),
        (True, replace(GOOD, stream="somethingNew"), None),
        (False, GOOD, TruthCode.STILL_ARRIVING),
        (False, replace(GOOD, health="bad"), TruthCode.STILL_ARRIVING),
        (False, replace(GOOD, health="noData"), None),
        (False, replace(GOOD, stream="inactive"), None),
    ],
)
def test_how_both_differ(sending: bool, said: Said, code: TruthCode | None) -> None:
    assert difference(sending, said) is code


def follow(steps: list[tuple[float, bool, Said]]) -> list[tuple[float, TruthCode | None]]:
    """Judge twice a second; each step holds from its time on. When the alarm changed, and to what."""
    truth, alarm = Truth(), None
    told: list[tuple[float, TruthCode | None]] = []
    end_s = steps[-1][0] + 30
    for half in range(int(end_s * 2)):
        now_s = half / 2
        _, sending, said = next(step for step in reversed(steps) if step[0] <= now_s)
        asked_us = int(now_s // 5 * 5e6) if said.at_us == 0 else said.at_us
        truth = judge(truth, sending, replace(said, at_us=asked_us), int(now_s * 1e6), limit_us=ALARM_US)
        now = truth.code if truth.alarm else None
        if now is not alarm:
            told.append((now_s, now))
            alarm = now
    return told


BAD = replace(GOOD, health="bad")
NOTHING = replace(GOOD, stream="inactive", health="noData")


def test_an_alarm_after_fifteen_seconds_and_its_end() -> None:
    assert follow([(0, True, GOOD), (20, True, NOTHING), (60, True, GOOD)]) == [
        (35, TruthCode.NOT_ARRIVING),
        (60, None),
    ]


def test_a_short_difference_raises_none() -> None:
    assert follow([(0, True, GOOD), (20, True, NOTHING), (34, True, GOOD)]) == []


def test_the_reverse_is_an_alarm_too() -> None:
    assert follow([(0, True, GOOD), (20, False, GOOD)]) == [(35, TruthCode.STILL_ARRIVING)]


def test_differences_of_several_kinds_in_a_row_count_together() -> None:
    assert follow([(0, True, BAD), (10, True, NOTHING)]) == [(15, TruthCode.NOT_ARRIVING)]


def test_what_youtube_said_before_is_no_witness_against_us() -> None:
    """Our line broke after YouTube was asked last: it is asked again before an alarm."""
    said = replace(GOOD, at_us=1_000_000)
    truth = Truth()
    for now_s in range(2, 40):
        truth = judge(truth, False, said, now_s * 1_000_000, limit_us=ALARM_US)
    assert truth.code is TruthCode.STILL_ARRIVING and not truth.alarm
    fresh = replace(said, at_us=40_000_000)
    assert judge(truth, False, fresh, 40_000_000, limit_us=ALARM_US).alarm


def test_without_a_fresh_word_what_was_known_stays() -> None:
    known = Truth(TruthCode.NOT_ARRIVING, 1, True)
    assert judge(known, True, GOOD, FRESH_US + 1, limit_us=ALARM_US) == known
    assert judge(known, True, None, 5, limit_us=ALARM_US) == known
    assert judge(Truth(), True, None, 5, limit_us=ALARM_US) == Truth()
