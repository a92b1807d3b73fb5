"""What pages are told to send and what rate they are allowed."""

from __future__ import annotations

from operator_console.protocol import Want
from operator_console.room import demand
from operator_console.room.messages import Send
from tests.fake_engine import SPOTLIGHT, TILE


def test_send_follows_the_want() -> None:
    assert demand.send_of(None, 320) == Send(mode="off")
    assert demand.send_of(Want(), 320) == Send(mode="off")
    assert demand.send_of(TILE, 320) == Send(
        mode="tile", width_px=320, height_px=180, fps=15, bitrate_bps=150_000
    )
    assert demand.send_of(SPOTLIGHT, 320).mode == "spotlight"


def test_decoding_only_where_somebody_looks() -> None:
    assert not demand.decodes(None)
    assert not demand.decodes(Want(width_px=320, height_px=180))
    assert demand.decodes(TILE)
    assert demand.decodes(Want(width_px=320, height_px=180, picture=True))


def test_rate_is_cut_with_loss_and_comes_back() -> None:
    rate = demand.next_remb(150_000, 0, 0.0)
    assert rate == 195_000
    cut = demand.next_remb(150_000, rate, 0.3)
    assert cut < 0.9 * rate
    assert demand.next_remb(150_000, cut, 0.05) == cut
    for _ in range(20):
        cut = demand.next_remb(150_000, cut, 0.0)
    assert cut == rate


def test_rate_has_a_floor_and_follows_a_smaller_want() -> None:
    rate = 100_000
    for _ in range(50):
        rate = demand.next_remb(150_000, rate, 1.0)
    assert rate == demand.REMB_MIN_BPS
    assert demand.next_remb(150_000, 1_900_000, 0.0) == 195_000


def test_late_is_beyond_a_frame_and_67_ms() -> None:
    assert not demand.is_late(133_000, 15)
    assert demand.is_late(134_000, 15)
    assert demand.is_late(101_000, 30)
