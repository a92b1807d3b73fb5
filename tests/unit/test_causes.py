"""Tests of where causes come from: errors, exits of workers and lines of streams become codes."""

from __future__ import annotations

import errno

import av
import pytest

from media.outputs.livestream import Line, LivestreamStatus
from media.outputs.recorder import disk_reason
from media.outputs.state import OutputState
from media.reason import LivestreamCode, Reason, fields_of
from media.video.avsource import Input, open_error
from media.video.program import program_reason
from operator_console.engine.livestreams import line_facts
from operator_console.engine.lost import room_reason, worker_reason
from operator_console.session import facts as f
from operator_console.session.codes import EXIT_UNUSABLE
from operator_console.session.model import SessionState
from tests.unit.session_kit import opened

FILE = Input("file:/srv/video/pidato.mp4", loop=True)
CAMERA = Input("rtsp://10.0.0.5/live", "rtsp", live=True)
SCREEN = Input(":0", "x11grab", live=True)


@pytest.mark.parametrize(
    ("source", "error", "code"),
    [
        (FILE, FileNotFoundError(errno.ENOENT, "x"), "file_missing"),
        (FILE, PermissionError(errno.EACCES, "x"), "file_forbidden"),
        (FILE, av.error.InvalidDataError(1, "x"), "file_unreadable"),
        (CAMERA, av.error.HTTPUnauthorizedError(1, "x"), "network_password"),
        (CAMERA, av.error.HTTPNotFoundError(1, "x"), "network_no_stream"),
        (CAMERA, ConnectionRefusedError(errno.ECONNREFUSED, "x"), "network_refused"),
        (CAMERA, TimeoutError(errno.ETIMEDOUT, "x"), "network_closed"),
        (SCREEN, OSError(errno.EIO, "x"), "screen_closed"),
    ],
)
def test_a_source_that_cannot_be_opened(source: Input, error: OSError, code: str) -> None:
    reason = open_error(source, error).reason
    assert reason.code == code
    assert reason.args == ({"file": "pidato.mp4"} if source is FILE else {})


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "quota"),
        (errno.EFBIG, "file_too_large"),
        (errno.EROFS, "read_only"),
        (errno.EACCES, "not_writable"),
        (errno.ENOENT, "folder_missing"),
        (errno.EIO, "disk_error"),
    ],
)
def test_a_disk_that_refuses(number: int, code: str) -> None:
    assert disk_reason(OSError(number, "x")).code == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "x"), "memory"),
        (MemoryError(), "memory"),
        (av.error.ExternalError(1, "x"), "encoder"),
        (RuntimeError("x"), "internal"),
    ],
)
def test_a_program_that_fails(error: Exception, code: str) -> None:
    assert program_reason(error).code == code


@pytest.mark.parametrize(
    ("status", "worker", "room"),
    [
        (None, "gone", "worker_lost"),
        (-9, "killed", "worker_lost"),
        (1, "exit", "worker_lost"),
        (EXIT_UNUSABLE, "exit", "worker_unusable"),
    ],
)
def test_a_worker_that_is_lost(status: int | None, worker: str, room: str) -> None:
    assert (worker_reason(status).code, room_reason(status).code) == (worker, room)


# ---- what a livestream's line means


def stream(line: Line, reason: Reason | None = None) -> LivestreamStatus:
    times = dict.fromkeys(("since_us", "line_since_us", "live_us", "delay_us", "rest_us", "due_us"), 0)
    rates = dict.fromkeys(("sent_bps", "acked_bps", "backlog_bytes", "carried_bps"), 0)
    counts = dict.fromkeys(("connects", "attempts", "sent_video", "dropped_video", "dropped_audio"), 0)
    figures = times | rates | counts
    return LivestreamStatus(
        state=OutputState.STARTED, line=line, url="rtmp://a/b", reason=reason, narrow=False, **figures
    )


def live(on_air: bool) -> SessionState:
    story = opened()
    story.tell(f.LivestreamStarted(destination_id="d", name="D", url="rtmp://a/b"))
    return story.tell(f.LivestreamConfirmed(destination_id="d")) if on_air else story.state


LOST = Reason(LivestreamCode.REJECTED, "No.", {"said": "no"})


def test_a_stall_is_no_loss_yet() -> None:
    assert line_facts(live(True), "d", stream(Line.STALLED)) == []


def test_a_loss_and_a_return_are_told_once() -> None:
    lost = [f.LivestreamLost(destination_id="d", **fields_of(LOST))]
    assert line_facts(live(True), "d", stream(Line.WAITING, LOST)) == lost
    assert line_facts(live(True), "d", stream(Line.NARROW, LOST)) == lost
    assert line_facts(live(False), "d", stream(Line.WAITING, LOST)) == []
    assert line_facts(live(False), "d", stream(Line.LIVE)) == [f.LivestreamConfirmed(destination_id="d")]
    assert line_facts(live(True), "d", stream(Line.LIVE)) == []
    assert line_facts(SessionState(), "d", stream(Line.LIVE)) == []


def test_the_state_keeps_the_cause_until_it_is_over() -> None:
    story = opened()
    story.tell(f.LivestreamStarted(destination_id="d", name="D", url="rtmp://a/b"))
    state = story.tell(*line_facts(live(True), "d", stream(Line.WAITING, LOST)))
    found = state.livestreams["d"]
    assert (found.code, found.args, found.reason) == ("rejected", {"said": "no"}, "No.")
    cleared = story.tell(f.LivestreamConfirmed(destination_id="d")).livestreams["d"]
    assert (cleared.code, cleared.args, cleared.reason) == ("", {}, "")
