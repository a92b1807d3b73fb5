"""Wants: what each source must send, made from what the consoles show and what is on program."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from operator_console.engine.wants import WantSizes, merged_monitor, merged_tiles, plan_wants
from operator_console.protocol import SetWants

SIZES = WantSizes()
TILE = (320, 180)


def test_nobody_looks_nobody_sends() -> None:
    assert plan_wants([], {}, SIZES) == {}
    assert plan_wants([SetWants()], {}, SIZES) == {}


def test_a_tile_is_asked_for_small_and_slow() -> None:
    wants = plan_wants([SetWants(tiles={"p1": (251, 141)})], {}, SIZES)
    want = wants["p1"]
    assert (want.width_px, want.height_px, want.fps, want.bitrate_bps) == (*TILE, 15, 150_000)
    assert (want.tile_width_px, want.tile_height_px, want.picture) == (250, 140, False)


def test_who_is_on_program_sends_what_the_layout_shows_at_full_rate() -> None:
    wants = plan_wants([SetWants(tiles={"p1": TILE})], {"p1": (1280, 720), "p2": (640, 360)}, SIZES)
    assert (wants["p1"].width_px, wants["p1"].fps, wants["p1"].bitrate_bps) == (1280, 30, 1_500_000)
    assert (wants["p1"].tile_width_px, wants["p1"].picture) == (320, True)
    assert (wants["p2"].width_px, wants["p2"].fps, wants["p2"].bitrate_bps) == (640, 30, 600_000)
    assert wants["p2"].tile_width_px == 0


def test_who_is_only_in_the_preview_sends_a_tile_that_the_compositor_can_use() -> None:
    want = plan_wants([], {"p1": (0, 0)}, SIZES)["p1"]
    assert (want.width_px, want.fps, want.bitrate_bps, want.picture) == (320, 15, 150_000, True)


def test_of_several_consoles_the_largest_tile_counts() -> None:
    clients = [SetWants(tiles={"p1": (160, 90), "p2": TILE}), SetWants(tiles={"p1": (400, 224)})]
    assert merged_tiles(clients) == {"p1": (400, 224), "p2": TILE}


def test_a_tile_never_exceeds_its_slot_and_absurd_sizes_are_not_believed() -> None:
    clients = [SetWants(tiles={"p1": (100_000, 50_000), "p2": (3, 2), "p3": (-5, 90), "p4": (17, 5000)})]
    tiles = merged_tiles(clients)
    assert tiles["p1"] == (640, 320)
    assert set(tiles) == {"p1", "p4"}
    assert tiles["p4"][1] <= 360


@given(width=st.integers(-10, 10_000), height=st.integers(-10, 10_000))
def test_any_tile_is_even_and_fits_its_slot(width: int, height: int) -> None:
    for found in merged_tiles([SetWants(tiles={"p": (width, height)})]).values():
        assert found[0] % 2 == found[1] % 2 == 0
        assert 16 <= found[0] <= 640 and 16 <= found[1] <= 360


def test_monitors_take_the_largest_size_up_to_full_hd() -> None:
    clients = [SetWants(monitors={"program": (641, 361)}), SetWants(monitors={"program": (9000, 9000)})]
    assert merged_monitor(clients, "program") == (1920, 1080)
    assert merged_monitor(clients[:1], "program") == (640, 360)
    assert merged_monitor(clients, "preview") == (0, 0)
