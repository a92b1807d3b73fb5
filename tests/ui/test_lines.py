"""What the window says of the lines out: delay, a narrow line, the uplink's budget; ending twice cuts off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import Livestream
from tests.ui.rig import Rig
from ui.dialogs.destinations_tab import DestinationFields
from ui.formats import Formats
from ui.line_words import line_notes, rate_sentence, uplink_text
from ui.observations import AirRateSeen, StreamSeen, UplinkSeen
from ui.panels.status_line import fitting

Session = Callable[..., Rig]
ENGLISH = Formats("en", "Asia/Jakarta")


@pytest.mark.parametrize(
    ("seen", "text", "warn"),
    [
        (None, "Uplink 48.0 Mb/s", False),
        (UplinkSeen(budget_kbps=50_000, pictures=122, receivers=122), "Uplink 48.0 Mb/s / 50.0 Mb/s", False),
        (
            UplinkSeen(level=4, budget_kbps=30_000, pictures=86, receivers=122, return_lowered=True),
            "Uplink 48.0 Mb/s / 30.0 Mb/s · 86 of 122 with picture",
            True,
        ),
        (
            UplinkSeen(level=2, pictures=9, receivers=9, tiles_lowered=True, return_lowered=True),
            "Uplink 48.0 Mb/s · picture to offices reduced",
            True,
        ),
    ],
)
def test_the_uplink_says_who_gets_the_picture(seen: UplinkSeen | None, text: str, warn: bool) -> None:
    assert uplink_text(48_000, seen, ENGLISH) == (text, warn)


def test_the_operator_is_told_whose_line_takes_the_recordings_quality() -> None:
    streams = {"yt": Livestream(destination_id="yt", name="YouTube", url="")}
    lowered = AirRateSeen(kbps=1500, top_kbps=4000, lowered=True, limited_by="yt")
    text = rate_sentence(lowered, streams, ENGLISH)
    assert text == "The line to YouTube is narrow: livestream and recording go on at 1.5 Mb/s of 4.0 Mb/s."
    full = AirRateSeen(kbps=1500, top_kbps=4000, lowered=True)
    assert rate_sentence(full, streams, ENGLISH).startswith("The uplink is full")
    assert rate_sentence(AirRateSeen(kbps=4000, top_kbps=4000), streams, ENGLISH) == ""


def test_notes_of_a_livestream() -> None:
    held = StreamSeen(line="holding", due_s=12, delay_s=30)
    assert line_notes(held, ENGLISH) == ["begins in 12 s", "delayed 30 s"]
    assert line_notes(StreamSeen(line="live", too_slow=True), ENGLISH) == ["line too slow, pictures left out"]
    assert line_notes(None, ENGLISH) == []


def test_a_delayed_stream_says_so_and_ends_in_its_own_time(session: Session) -> None:
    rig = session(4)
    chip = rig.window.console.strip.livestream
    live = {"phase": "started", "on_air": True, "line": "live", "kbps": 4100, "delay_s": 10, "rest_s": 10}
    rig.fake.observe(stream__YouTube=live)
    rig.until(lambda: "delayed 10 s" in chip._detail.text())
    rig.fake.tell(f.LivestreamStopping(destination_id="YouTube", rest_s=10))
    rig.until(lambda: chip._title.text() == "ENDING")
    assert chip.property("tone") == "warn" and "hold again" in chip._detail.text() + chip.toolTip()
    rig.do(rig.context.actions.stop_livestreams)
    rig.until(lambda: rig.asked(p.StopLivestream))
    assert rig.asked(p.StopLivestream)[-1] == p.StopLivestream(destination_id="YouTube", now=True)


def test_a_narrow_line_and_a_full_uplink_stand_at_the_bottom(session: Session) -> None:
    rig = session(4)
    status = rig.window.status
    rig.fake.observe(air_rate={"kbps": 2100, "top_kbps": 4000, "lowered": True, "limited_by": "YouTube"})
    rig.until(lambda: "The line to YouTube is narrow" in status._trouble.text())
    rig.fake.observe(uplink={"level": 4, "budget_kbps": 30_000, "pictures": 86, "receivers": 122})
    rig.until(lambda: "86 of 122 with picture" in status._uplink._text.text())
    rig.fake.observe(air_rate={"kbps": 4000, "top_kbps": 4000})
    rig.until(lambda: "narrow" not in status._trouble.text())


def test_a_backup_address_is_kept_with_its_destination(qapp: object) -> None:
    fields = DestinationFields("YouTube", "rtmps://a/live2")
    assert fields.value() == {"name": "YouTube", "url": "rtmps://a/live2"}
    fields.backup_url.setText("rtmps://b/live2?backup=1")
    assert fields.value()["backup_url"] == "rtmps://b/live2?backup=1"


@pytest.mark.parametrize(
    ("room_px", "shown"),
    [
        (500, [0, 0, 0]),
        (360, [1, 0, 0]),
        (299, [1, 1, 0]),
        (219, [1, 1, 1]),
        (120, [2, 1, 1]),
        (70, [2, 2, 1]),
        (0, [2, 2, 2]),
    ],
)
def test_figures_give_way_one_after_another_and_none_is_cut(room_px: int, shown: list[int]) -> None:
    assert fitting([[150, 90, 0], [150, 60, 0], [120, 50, 0]], room_px) == shown


def test_no_figure_is_shown_in_part_beside_alarms_and_none_before_it_is_known(session: Session) -> None:
    rig = session(4, width_px=1366, height_px=768)
    status = rig.window.status
    rig.fake.observe(program={"fps": 0.0}, machine={"disk_free_bytes": 0, "disk_hours": None})
    rig.until(status._disk.isHidden)
    machine = {"engine_pid": 1, "disk_free_bytes": 5_400_000_000, "disk_hours": 1.85, "uplink_kbps": 4100}
    rig.fake.observe(
        machine=machine,
        program={"fps": 3.0, "late_frames": 219, "frames": 900},
        alarms={"silent": {"since_ms": 1_760_000_000_000}, "black": {"since_ms": 1_760_000_000_000}},
        room={"state": "running", "certificate_problem": {"code": "expired", "args": {}}},
        mixer={"ticks": 1},
    )
    rig.until(lambda: status._certificate.isVisible() and status._late.isVisible())
    rig.settle(0.2)
    for figure in (*status._figures, *status._alarms):
        if figure.isVisible():
            assert figure.width() >= figure.sizeHint().width(), figure._text.text()
    assert "late" not in status._encoder._text.text() and "PID" not in status._engine._text.text()
