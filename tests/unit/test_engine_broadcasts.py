"""Broadcasts with the YouTube account: from order to end, over crashes, refusals, outages and lies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from media.outputs.filesink import RtmpFileSink
from operator_console.protocol import OperatorError, ScheduleBroadcast, StartBroadcast
from operator_console.session import facts as f
from operator_console.session.model import YOUTUBE_ACCOUNT
from operator_console.youtube.plan import new_broadcast
from tests.fake_youtube import CLIENT_SECRET, REFRESH_TOKEN, STREAM_KEY, RefusedError, browser
from tests.fakes import MemoryKeyring
from tests.unit.engine_kit import eventually
from tests.unit.youtube_kit import Office, office

FAR_MS = 4_000_000_000_000


@pytest.fixture
async def desk(tmp_path: Path, memory_keyring: MemoryKeyring) -> AsyncIterator[Office]:
    async with office(tmp_path) as one:
        yield one


def planned(desk: Office, *, monitored: bool = False) -> str:
    body = new_broadcast("Musrenbang", "Lama", "unlisted", FAR_MS)
    body["contentDetails"] |= {"enableAutoStop": True, "monitorStream": {"enableMonitorStream": monitored}}
    return str(desk.fake.add_broadcast(body)["id"])


def journal_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("journal.db*"))


def life(desk: Office) -> list[str]:
    return [desk.fake.life(one) for one in desk.fake.broadcasts.values()]


async def refused(desk: Office, **given: object) -> str:
    with pytest.raises(OperatorError) as caught:
        await desk.youtube.go_live("siti", StartBroadcast(**{"title": "Rapat", **given}))  # type: ignore[arg-type]
    return caught.value.refusal.args.get("cause", caught.value.refusal.code)


# ---- the way it should go


async def test_from_the_order_to_the_end(desk: Office) -> None:
    await desk.go_live(description="Agenda: APBD", privacy="public")
    await desk.phase("live")
    made = desk.fake.broadcasts[desk.broadcast.broadcast_id]
    assert made["snippet"]["title"] == "Rapat Paripurna" and made["status"]["privacyStatus"] == "public"
    assert made["contentDetails"]["enableAutoStop"] is False
    assert desk.broadcast.watch_url.endswith(made["id"]) and desk.broadcast.channel == "Pemkab Banjar"
    await eventually(lambda: desk.deck.store.state.livestreams[YOUTUBE_ACCOUNT].on_air)
    await eventually(lambda: desk.seen.get("viewers") == 12 and desk.seen["health"] == "good")
    await eventually(lambda: desk.seen["units_used"] == desk.fake.units)
    await desk.goes_on()
    await desk.end()
    await desk.phase("ended")
    assert life(desk) == ["complete"] and desk.broadcast.code == ""
    told = await desk.told()
    assert [name for name in told if name not in ("BroadcastDisputed", "BroadcastAgreed")] == [
        "BroadcastAsked",
        "BroadcastMade",
        "BroadcastWentLive",
        "BroadcastEnding",
        "BroadcastEnded",
    ]
    await eventually(lambda: desk.seen == {})


async def test_the_next_broadcast_uses_the_same_stream(desk: Office) -> None:
    for number in (1, 2):
        await desk.live(title=f"Rapat {number}")
        await desk.end()
        await desk.phase("ended")
        await eventually(lambda: not desk.youtube.runner.busy)
    assert len(desk.fake.streams) == 1 and life(desk) == ["complete", "complete"]


async def test_a_stream_that_still_feeds_another_broadcast_is_left_alone(desk: Office) -> None:
    await desk.live(title="Kemarin")
    old = desk.broadcast
    desk.fake.fail_path["liveBroadcasts.transition"] = RefusedError(404, "liveBroadcastNotFound")
    await desk.end()
    await desk.phase("ended")
    del desk.fake.fail_path["liveBroadcasts.transition"]
    assert life(desk) == ["live"], "it was never ended at YouTube"
    await eventually(lambda: not desk.youtube.runner.busy)
    await desk.live(title="Hari ini")
    assert desk.broadcast.stream_id != old.stream_id and len(desk.fake.streams) == 2


async def test_secrets_stand_in_no_fact_and_no_observation(desk: Office, tmp_path: Path) -> None:
    await desk.live()
    told = str(desk.deck.observations.values) + str(desk.deck.store.state)
    kept = journal_bytes(tmp_path)
    for secret in (STREAM_KEY, REFRESH_TOKEN, CLIENT_SECRET, *desk.fake.access):
        assert secret not in told and secret.encode() not in kept


async def test_a_repeated_order_makes_one_broadcast(desk: Office) -> None:
    for _ in range(3):
        await desk.go_live()
    await desk.phase("live")
    await desk.go_live(title="Another")
    assert len(desk.fake.broadcasts) == 1 and desk.broadcast.title == "Rapat Paripurna"


async def test_a_planned_one_gets_the_texts_is_tested_and_goes_live(desk: Office) -> None:
    broadcast_id = planned(desk, monitored=True)
    await desk.live(broadcast_id=broadcast_id, title="Musrenbang 2026", privacy="public")
    one = desk.fake.broadcasts[broadcast_id]
    assert list(desk.fake.broadcasts) == [broadcast_id] and one["snippet"]["title"] == "Musrenbang 2026"
    assert one["contentDetails"]["enableAutoStop"] is False
    assert desk.fake.counted()["liveBroadcasts.transition"] == 2, "testing, then live"


async def test_its_picture_is_set(desk: Office, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nx")
    await desk.live(thumbnail=str(tmp_path / "a.png"))
    assert list(desk.fake.thumbnails) == [desk.broadcast.broadcast_id]
    assert desk.seen["thumbnail"] == {"state": "set"}


async def test_a_picture_that_youtube_refuses_keeps_nobody_from_going_live(
    desk: Office, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    expect_log("thumbnail was not set")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nx")
    desk.fake.fail_path["thumbnails.set"] = RefusedError(403, "forbidden")
    await desk.live(thumbnail=str(tmp_path / "a.png"))
    assert desk.seen["thumbnail"]["code"] == "permission"


# ---- crashes


async def test_the_next_engine_goes_on_with_the_same_broadcast(desk: Office) -> None:
    await desk.live()
    await desk.engine_dies()
    await eventually(lambda: desk.seen.get("stream") == "active")
    await desk.goes_on()
    assert len(desk.fake.broadcasts) == 1 and desk.broadcast.phase == "live"
    await desk.end()
    await desk.phase("ended")
    assert life(desk) == ["complete"]


async def test_a_key_that_died_with_the_keeper_is_asked_for_again(
    desk: Office, expect_log: Callable[[str], None]
) -> None:
    expect_log("was not resumed")
    await desk.live()
    await desk.engine_dies(keeper_too=True)
    await eventually(lambda: desk.seen.get("sending") is True, 20.0)
    await desk.goes_on()
    assert len(desk.fake.broadcasts) == len(desk.fake.streams) == 1


async def test_killed_right_after_it_was_made_it_is_not_made_again(desk: Office) -> None:
    desk.fake.fail_path["liveStreams.list"] = RefusedError(500, "backendError")
    await desk.go_live()
    await eventually(lambda: len(desk.fake.broadcasts) == 1)
    assert desk.broadcast.phase == "preparing"
    await desk.engine_dies()
    del desk.fake.fail_path["liveStreams.list"]
    await desk.phase("live")
    assert len(desk.fake.broadcasts) == 1


async def test_killed_while_it_ended_the_end_is_told_all_the_same(desk: Office) -> None:
    await desk.live()
    desk.fake.fail_path["liveBroadcasts.transition"] = RefusedError(503, "errorExecutingTransition")
    await desk.end()
    assert desk.broadcast.phase == "ending"
    await desk.engine_dies()
    del desk.fake.fail_path["liveBroadcasts.transition"]
    await desk.phase("ended")
    assert life(desk) == ["complete"]


async def test_an_answer_that_was_lost_makes_no_second_broadcast(desk: Office) -> None:
    desk.fake.lost_answers = {"liveBroadcasts.insert"}
    await desk.live()
    assert len(desk.fake.broadcasts) == 1 and desk.fake.counted()["liveBroadcasts.insert"] == 1


# ---- refusals


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("quotaExceeded", "quota"),
        ("liveStreamingNotEnabled", "not_enabled"),
        ("insufficientPermissions", "permission"),
        ("userBroadcastsExceedLimit", "too_many"),
    ],
)
async def test_what_waiting_does_not_mend_is_told_and_nothing_is_sent(
    desk: Office, reason: str, code: str
) -> None:
    desk.fake.fail_path["liveBroadcasts.insert"] = RefusedError(403, reason)
    await desk.go_live()
    await desk.phase("failed")
    assert desk.broadcast.code == code and YOUTUBE_ACCOUNT not in desk.deck.store.state.livestreams
    del desk.fake.fail_path["liveBroadcasts.insert"]
    await eventually(lambda: not desk.youtube.runner.busy)
    await desk.go_live()
    await desk.phase("made")


async def test_quota_that_is_used_up_while_live_leaves_the_stream_alone(desk: Office) -> None:
    await desk.live()
    desk.fake.quota = 0
    await eventually(lambda: (desk.seen.get("trouble") or {}).get("code") == "quota")
    await desk.goes_on()
    assert desk.broadcast.phase == "live"


async def test_an_account_that_is_refused_while_live_leaves_the_stream_alone(desk: Office) -> None:
    await desk.live()
    desk.fake.refresh_good = False
    desk.fake.access.clear()
    await eventually(lambda: desk.account["state"] == "sign_in_again")
    await desk.goes_on()
    desk.fake.refresh_good = True
    await eventually(lambda: desk.account["state"] == "signed_in" and desk.seen["trouble"] is None)


async def test_no_other_account_comes_in_the_place_of_the_one_that_is_live(desk: Office) -> None:
    await desk.live()
    with pytest.raises(OperatorError) as caught:
        await desk.youtube.sign_in(for_run=True)
    assert caught.value.refusal.code == "broadcast_runs" and "End it first" in caught.value.refusal.text_en
    desk.fake.refresh_good = False
    desk.fake.access.clear()
    await eventually(lambda: desk.account["state"] == "sign_in_again")
    desk.fake.channel_id = "UClain"
    await browser(await desk.youtube.sign_in(for_run=True))
    await eventually(lambda: desk.fake.counted()["channels.list"] == 2 and desk.youtube._sign_in is None)
    await eventually(lambda: desk.account["state"] == "sign_in_again")
    desk.fake.channel_id = "UCbanjar"
    await browser(await desk.youtube.sign_in(for_run=True))
    await eventually(lambda: desk.account["state"] == "signed_in" and desk.seen.get("trouble") is None)
    await desk.goes_on()


async def test_an_expired_token_is_renewed_unseen(desk: Office) -> None:
    await desk.live()
    desk.fake.access.clear()
    asked_ms = desk.seen["asked_ms"]
    await eventually(lambda: desk.seen["asked_ms"] > asked_ms)
    assert desk.seen["trouble"] is None


@pytest.mark.parametrize("wrong", [{"title": ""}, {"privacy": "x"}, {"thumbnail": "/nowhere/a.png"}])
async def test_what_youtube_would_refuse_is_refused_at_once(desk: Office, wrong: dict[str, str]) -> None:
    assert await refused(desk, **wrong) in ("bad_text", "thumbnail_missing")
    assert desk.deck.store.state.broadcast is None


async def test_the_limit_of_requests_is_waited_for(desk: Office) -> None:
    desk.fake.fail = [RefusedError(403, "userRequestsExceedRateLimit") for _ in range(3)]
    await desk.live()


async def test_a_start_that_is_refused_is_said_and_tried_again(
    desk: Office, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be started")
    ending = asyncio.get_running_loop().create_future()
    desk.deck.livestreams._ending[YOUTUBE_ACCOUNT] = ending  # type: ignore[assignment]
    await desk.go_live()
    await eventually(lambda: (desk.seen.get("trouble") or {}).get("code") == "sends_before")
    assert desk.broadcast.phase == "made" and not desk.deck.livestreams.runs(YOUTUBE_ACCOUNT)
    del desk.deck.livestreams._ending[YOUTUBE_ACCOUNT]
    await desk.phase("live")
    assert desk.seen["trouble"] is None


async def test_a_start_that_the_full_disk_refuses_is_said_and_tried_again(
    desk: Office, expect_log: Callable[[str], None]
) -> None:
    for text in ("could not be started", "journal refused facts"):
        expect_log(text)
    await desk.live()
    await desk.deck.livestreams.stop("siti", YOUTUBE_ACCOUNT)
    await desk.youtube.runner.stop()
    desk.fill_disk()
    desk.youtube.runner.begin()
    await eventually(lambda: (desk.seen.get("trouble") or {}).get("code") == "not_sent")
    desk.free_disk()
    await desk.goes_on()


# ---- outages and lies


async def test_youtube_that_cannot_be_asked_never_stops_the_stream(desk: Office) -> None:
    await desk.live()
    await eventually(lambda: desk.seen.get("differs") == "")
    await desk.fake.stop()
    await eventually(lambda: (desk.seen.get("trouble") or {}).get("code") == "network")
    await desk.goes_on()
    assert desk.broadcast.dispute == ""
    await desk.fake.start()
    await eventually(lambda: desk.seen["trouble"] is None)


async def test_youtube_gets_nothing_while_we_say_live(desk: Office) -> None:
    await desk.live()
    desk.fake.stream_status, desk.fake.health = "inactive", "noData"
    await eventually(lambda: desk.broadcast.dispute == "not_arriving")
    disputed = [one for one in await desk.deck.facts() if isinstance(one, f.BroadcastDisputed)]
    assert [(one.ours, one.theirs) for one in disputed] == [("live", "inactive noData")]
    desk.fake.stream_status, desk.fake.health = "", "good"
    await eventually(lambda: desk.broadcast.dispute == "")
    assert (await desk.told())[-2:] == ["BroadcastDisputed", "BroadcastAgreed"]


async def test_bad_health_and_what_youtube_finds_wrong_are_shown(desk: Office) -> None:
    await desk.live()
    desk.fake.health = "bad"
    desk.fake.issues = [
        {"type": "videoIngestionStarved", "severity": "error", "reason": "x", "description": "y"}
    ]
    await eventually(lambda: desk.broadcast.dispute == "bad_health")
    assert desk.seen["issues"] == [{"type": "videoIngestionStarved", "severity": "error"}]


async def test_we_do_not_send_while_youtube_gets_a_stream(desk: Office) -> None:
    await desk.live()
    desk.fake.stream_status = "active"
    await desk.sink.stop()
    await eventually(lambda: desk.broadcast.dispute == "still_arriving")


async def test_an_outage_of_the_line_keeps_the_watch_address(desk: Office) -> None:
    await desk.live()
    broadcast_id = desk.broadcast.broadcast_id
    port = int(desk.fake.ingest_url.split(":")[2].split("/")[0])
    await desk.sink.stop()
    await eventually(lambda: not desk.deck.store.state.livestreams[YOUTUBE_ACCOUNT].on_air)
    desk.sink = RtmpFileSink(desk.sink.folder)
    await desk.sink.start(port)
    desk.fake.is_arriving = lambda: desk.sink.sessions > 0
    await eventually(lambda: desk.deck.store.state.livestreams[YOUTUBE_ACCOUNT].on_air, 20.0)
    await eventually(lambda: desk.seen["stream"] == "active")
    assert (desk.broadcast.phase, desk.broadcast.broadcast_id) == ("live", broadcast_id)
    assert life(desk) == ["live"]


async def test_the_public_does_not_see_what_arrives(desk: Office) -> None:
    desk.fake.tells_live_at_once = False
    await desk.go_live()
    await eventually(lambda: desk.broadcast.dispute == "not_public", 20.0)
    desk.fake.tells_live_at_once = True
    await desk.phase("live")
    await eventually(lambda: desk.broadcast.dispute == "")


async def test_quota_that_ends_before_the_broadcast_is_public_is_an_alarm(desk: Office) -> None:
    """We send and the line is live, but nobody ever brought the broadcast before its public."""
    desk.fake.fail_path["liveBroadcasts.transition"] = RefusedError(403, "quotaExceeded")
    await desk.go_live()
    await eventually(lambda: desk.broadcast.dispute == "not_public", 20.0)
    assert desk.seen["trouble"]["code"] == "quota"
    await desk.goes_on()


# ---- ends


async def test_ended_in_youtube_studio(desk: Office) -> None:
    await desk.live()
    desk.fake._transition(desk.fake.broadcasts[desk.broadcast.broadcast_id], "complete")
    await desk.phase("ended")
    assert desk.broadcast.code == "ended_there"
    await eventually(lambda: desk.deck.store.state.livestreams[YOUTUBE_ACCOUNT].phase == "stopped")


async def polled(desk: Office, *answers: RefusedError | str) -> None:
    """Have the next polls answered so, one after the other, and the one after them as it is."""
    desk.fake.fail = list(answers)
    await eventually(lambda: desk.fake.fail == [] and not desk.seen.get("trouble"), 20.0)


@pytest.mark.parametrize("page", ["no_such_page", RefusedError(404, "liveStreamNotFound")])
async def test_errors_of_the_line_and_one_that_it_is_gone_do_not_take_the_stream_off(
    desk: Office, page: RefusedError | str
) -> None:
    await desk.live()
    await polled(desk, "drop", "drop", page, "garbage", page, page)
    await desk.goes_on()
    assert desk.broadcast.phase == "live"


async def test_a_proxy_that_answers_for_youtube_never_ends_the_stream(desk: Office) -> None:
    await desk.live()
    await polled(desk, *["no_such_page"] * 6)
    await desk.goes_on()
    assert desk.broadcast.phase == "live"


async def test_three_times_gone_in_a_row_is_an_end(desk: Office) -> None:
    await desk.live()
    desk.fake.fail = [RefusedError(404, "liveStreamNotFound") for _ in range(3)]
    await desk.phase("ended")
    assert desk.broadcast.code == "ended_there"
    await eventually(lambda: desk.deck.store.state.livestreams[YOUTUBE_ACCOUNT].phase == "stopped")


@pytest.mark.parametrize("now", [False, True])
async def test_with_a_full_disk_the_stream_stops_all_the_same_and_the_facts_follow(
    desk: Office, expect_log: Callable[[str], None], now: bool
) -> None:
    for text in ("journal refused facts", "could not be journaled"):
        expect_log(text)
    await desk.live()
    desk.fill_disk()
    with pytest.raises(OperatorError) as caught:
        await desk.end(now=now)
    assert caught.value.refusal.code == "journal_unwritable"
    assert not desk.deck.livestreams.runs(YOUTUBE_ACCOUNT)
    await eventually(lambda: life(desk) == ["complete"])
    assert desk.broadcast.phase == "live", "the journal knows nothing of it yet"
    with pytest.raises(OperatorError):
        await desk.go_live()
    desk.free_disk()
    await desk.phase("ended")
    assert desk.broadcast.code == "" and (await desk.told())[-2:] == ["BroadcastEnding", "BroadcastEnded"]
    await eventually(lambda: desk.deck.store.state.livestreams[YOUTUBE_ACCOUNT].phase == "stopped")


async def test_ended_with_a_full_disk_it_does_not_go_live_again_after_a_kill(
    desk: Office, expect_log: Callable[[str], None]
) -> None:
    for text in ("journal refused facts", "could not be journaled"):
        expect_log(text)
    await desk.live()
    desk.fill_disk()
    with pytest.raises(OperatorError):
        await desk.end(now=True)
    streams = len(desk.sink.files)
    await desk.engine_dies()
    assert desk.broadcast.phase in ("ending", "ended")
    await desk.phase("ended")
    assert life(desk) == ["complete"] and len(desk.sink.files) == streams
    assert not desk.deck.livestreams.running


@pytest.mark.parametrize("picked", [False, True])
async def test_ended_before_it_was_live_a_new_one_is_deleted_and_a_planned_one_stays(
    desk: Office, picked: bool
) -> None:
    desk.fake.stream_status = "inactive"
    await desk.go_live(broadcast_id=planned(desk) if picked else "")
    await desk.phase("made")
    await desk.end()
    await desk.phase("ended")
    assert desk.broadcast.code == "never_live" and len(desk.fake.broadcasts) == int(picked)


async def test_the_end_is_told_when_youtube_is_back(desk: Office) -> None:
    await desk.live()
    await desk.fake.stop()
    await desk.end()
    assert desk.broadcast.phase == "ending"
    assert desk.deck.store.state.livestreams[YOUTUBE_ACCOUNT].phase == "stopped"
    assert await refused(desk) == "broadcast_ending"
    await desk.fake.start()
    await desk.phase("ended")
    assert life(desk) == ["complete"]


async def test_an_end_that_youtube_refuses_is_not_called_an_end(
    desk: Office, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be told to YouTube")
    await desk.live()
    desk.fake.fail_path["liveBroadcasts.transition"] = RefusedError(403, "insufficientPermissions")
    await desk.end()
    await desk.phase("ended")
    assert desk.broadcast.code == "not_ended" and life(desk) == ["live"]


async def test_a_session_that_is_closed_is_not_waited_for_and_mixes_nothing_up(desk: Office) -> None:
    await desk.live()
    await desk.fake.stop()
    await desk.end()
    await desk.youtube.ended()
    await desk.deck.store.record("siti", f.SessionClosed())
    again = f.SessionOpened(session_id="s2", title="Rapat kedua")
    await desk.deck.store.decide("siti", lambda _state: [again], session_id="s2")
    assert await refused(desk) == "broadcast_ending", "its stream still belongs to the first one"
    await desk.fake.start()
    await eventually(lambda: not desk.youtube.runner.busy)
    assert life(desk) == ["complete"] and desk.deck.store.state.broadcast is None
    await desk.live(title="Rapat kedua")


async def test_cancelled_while_it_is_made(desk: Office) -> None:
    desk.fake.fail_path["liveStreams.list"] = RefusedError(500, "backendError")
    await desk.go_live()
    await eventually(lambda: len(desk.fake.broadcasts) == 1)
    await desk.end()
    await desk.phase("ended")
    assert desk.broadcast.code == "never_live" and desk.fake.broadcasts == {}


# ---- planning


async def test_plan_find_and_remove(desk: Office) -> None:
    later_ms = 1000 * (1 << 31)
    for _ in range(2):
        await desk.youtube._schedule(ScheduleBroadcast(title="Musrenbang", scheduled_at_ms=later_ms))
    (one,) = desk.account["upcoming"]
    assert one["title"] == "Musrenbang" and one["scheduled_at_ms"] == later_ms and one["watch_url"]
    await desk.youtube.remove(one["id"])
    await eventually(lambda: desk.account["upcoming"] == [])
    assert desk.fake.broadcasts == {}


async def test_a_time_that_has_passed_is_refused(desk: Office) -> None:
    with pytest.raises(OperatorError) as caught:
        await desk.youtube.schedule(ScheduleBroadcast(title="Musrenbang", scheduled_at_ms=1))
    assert caught.value.refusal.args["cause"] == "bad_time"


# ---- faults of this program


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("_poll", "YouTube could not be asked by a fault of the program"),
        ("_judge", "the judge of the broadcast failed and looks again"),
        ("_watch", "the watch over the broadcast failed and looks again"),
    ],
)
async def test_a_fault_of_the_watch_does_not_end_it_and_nothing_old_is_shown(
    desk: Office, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None], part: str, line: str
) -> None:
    expect_log(line)
    await desk.live()
    await eventually(lambda: desk.seen.get("viewers") == 12)
    runner = desk.youtube.runner
    real = getattr(runner, part)
    tries: list[int] = []
    dropped: list[dict[str, object]] = []
    drop = desk.deck.observations.drop

    async def broken() -> object:
        tries.append(1)
        if len(tries) == 1:
            raise ZeroDivisionError
        return await real()

    def noted(key: str) -> None:
        drop(key)
        if key == "broadcast":
            dropped.append(desk.seen)

    monkeypatch.setattr(desk.deck.observations, "drop", noted)
    monkeypatch.setattr(runner, part, broken)
    if part == "_watch":
        await runner.stop()
        runner.begin()
    await eventually(lambda: dropped == [{}])
    await eventually(lambda: len(tries) > 1 and desk.seen.get("viewers") == 12)
    await desk.goes_on()
    await desk.end()
    await desk.phase("ended")
