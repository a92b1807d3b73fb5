"""Tests of the window's pure choices: feeds, grids, layouts, formats, clean text, keys."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QKeySequence

from operator_console.session.model import Layout, LayoutKind, Participant, Presence, SessionState, Source
from operator_console.session.model import SourceKind as Sort_of_source
from tests.ui.hostile import NAMES
from ui.feeds import GAP_PX, MIN_TILE_WIDTH_PX, Filter, Sort, choose, feeds, grid_for, page_count
from ui.formats import Formats, duration, short_duration
from ui.keys import KEYS
from ui.layouts import filled, grid_of, layout_for_feed, layout_for_kind
from ui.observations import Observations
from ui.panels.monitor_row import monitor_width
from ui.wall.painter import initials, level_step
from ui.widgets.labels import LONGEST_TEXT, clean, no_mnemonic
from ui.widgets.meter import SEGMENTS, segment_of

MARCH_12 = 1_836_441_737_000  # 2028-03-12 02:42:17 UTC


def person(number: int, **fields: Any) -> Participant:
    values: dict[str, Any] = {"presence": Presence.CONNECTED, "camera_on": True} | fields
    return Participant(
        id=f"p{number}", number=number, name=f"Name {number}", office=f"Office {number}", **values
    )


def state_of(*people: Participant) -> SessionState:
    return SessionState(participants={p.id: p for p in people})


def test_hands_are_numbered_by_waiting_time() -> None:
    state = state_of(person(1, hand_at_ms=300), person(2), person(3, hand_at_ms=100))
    assert [feed.hand for feed in feeds(state, Observations())] == [2, 0, 1]


def test_the_slate_takes_everybody_off_air() -> None:
    state = state_of(person(1))
    on_air = Layout(kind=LayoutKind.SINGLE, sources=("p1",))
    shown = SessionState(participants=state.participants, program=state.program.__class__(on_air=on_air))
    covered = SessionState(
        participants=state.participants, program=state.program.__class__(on_air=on_air, slate=True)
    )
    assert feeds(shown, Observations())[0].on_air
    assert not feeds(covered, Observations())[0].on_air


def test_orders_and_filters() -> None:
    state = state_of(person(1), person(2, mic_on=True), person(3, presence=Presence.LOST))
    found = feeds(state, Observations())
    assert [f.number for f in choose(found, Filter.AUDIBLE)] == [2]
    assert [f.number for f in choose(found, Filter.TROUBLE)] == [3]
    assert [f.number for f in choose(found, sort=Sort.AUDIBLE_FIRST)] == [2, 1, 3]
    assert [f.number for f in choose(found, search="office 3")] == [3]


@pytest.mark.parametrize("count", [1, 2, 3, 9, 28, 49, 122])
@pytest.mark.parametrize("area", [(1510, 560), (1008, 305), (2400, 1200), (500, 300)])
def test_a_grid_fits_its_area(count: int, area: tuple[int, int]) -> None:
    grid = grid_for(count, *area)
    assert grid.columns * (grid.tile_width_px + GAP_PX) <= area[0]
    assert grid.rows * (grid.tile_height_px + GAP_PX) <= area[1]
    assert grid.tile_width_px % 2 == 0 == grid.tile_height_px % 2
    assert grid.capacity >= count or grid.tile_width_px < 2 * MIN_TILE_WIDTH_PX
    assert page_count(count, grid.capacity) * grid.capacity >= count


def test_fractional_scaling_keeps_device_sizes_even() -> None:
    for ratio in (1.25, 1.5, 1.75, 2.0):
        grid = grid_for(9, 1510, 560, ratio)
        assert (grid.tile_width_px * ratio) % 1 == 0


def test_layouts_take_the_selected_first_and_fill_up() -> None:
    state = state_of(*(person(n) for n in range(1, 6)))
    assert layout_for_kind(LayoutKind.SIDE_BY_SIDE, state, "p4").sources == ("p4", "p1")
    assert filled(LayoutKind.SINGLE, ("p9", "p2"), state).sources == ("p2",), "who is gone is left out"
    assert len(filled(LayoutKind.GRID_2, (), state).sources) == 4


def test_a_clicked_tile_replaces_the_main_picture_only() -> None:
    preview = Layout(kind=LayoutKind.SIDE_BY_SIDE, sources=("p1", "p2"))
    people = {f"p{n}": person(n) for n in (1, 2, 3)}
    state = SessionState(participants=people, program=SessionState().program.__class__(preview=preview))
    assert layout_for_feed("p3", state).sources == ("p3", "p2")
    grid = SessionState().program.__class__(preview=Layout(kind=LayoutKind.GRID_3, sources=("p1", "p2")))
    state = SessionState(participants=people, program=grid)
    assert layout_for_feed("p3", state) == Layout(kind=LayoutKind.SINGLE, sources=("p3",))


def test_grid_of_everybody() -> None:
    assert grid_of(1) is LayoutKind.GRID_2
    assert grid_of(9) is LayoutKind.GRID_3
    assert grid_of(28) is LayoutKind.GRID_6
    assert grid_of(122) is LayoutKind.GRID_7


def test_own_sources_stand_first_and_have_a_word_for_trouble() -> None:
    source = Source(id="cam", kind=Sort_of_source.CAMERA, name="Hall", hall=True)
    state = SessionState(participants={"p1": person(1)}, sources={"cam": source}, hall_muted=True)
    seen = Observations({"source.cam": {"state": "failed", "code": "camera_closed", "reason": "no camera"}})
    first = feeds(state, seen)[0]
    assert (first.id, first.local, first.audible) == ("cam", True, False)
    assert "camera cannot be opened" in first.trouble and "no camera" in first.trouble_tip
    again = Observations({"source.cam": {"state": "starting", "code": "killed", "args": {"signal": "9"}}})
    assert not feeds(state, again)[0].live, "its program is gone"
    assert feeds(state, Observations({"source.cam": {"state": "running"}}))[0].live


def test_indonesian_and_english_figures() -> None:
    indonesian, english = Formats("id", "Asia/Makassar"), Formats("en", "Asia/Jayapura")
    assert indonesian.number(1234567.5, 1) == "1.234.567,5"
    assert english.number(1234567.5, 1) == "1,234,567.5"
    assert indonesian.rate(4512) == "4,5 Mb/dtk"
    assert english.rate(182) == "182 kb/s"
    assert indonesian.size(1_900_000_000) == "1,9 GB"
    assert indonesian.clock(MARCH_12) == "10:42:17"
    assert indonesian.date(MARCH_12) == "Minggu, 12 Maret"
    assert (indonesian.zone(MARCH_12), english.zone(MARCH_12)) == ("WITA", "WIT")
    assert Formats("id", "Asia/Jakarta").zone(MARCH_12) == "WIB"
    assert Formats("id", "Not/AZone").clock(MARCH_12) == "02:42:17"
    for edge_ms in (-62_135_647_200_000, 253_402_351_199_000, 10**30):
        assert indonesian.date(edge_ms) and indonesian.clock(edge_ms) and indonesian.zone(edge_ms)


def test_durations() -> None:
    assert duration(4364.9) == "01:12:44"
    assert short_duration(134) == "02:14"
    assert short_duration(3700) == "01:01:40"
    assert duration(-5) == "00:00:00"


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_become_one_plain_line(name: str) -> None:
    text = clean(name)
    assert len(text) <= LONGEST_TEXT
    assert text.isprintable()
    assert not set(text) & set("\u202e\u202d\u2066\u2067\u2068\u2069\u200b\u200f\ufeff\n\r\t\x00\x1b")
    assert "&" not in no_mnemonic(name).replace("&&", "")


def test_initials_skip_what_all_offices_have() -> None:
    assert initials("Kec. Sambung Makmur") == "SM"
    assert initials("Dinas PUPR") == "P"
    assert initials("") == ""
    assert initials("Desa") == "D"


def test_levels() -> None:
    assert level_step(-120) == 0
    assert level_step(0) == 16
    assert segment_of(-60) == 0
    assert segment_of(0) == SEGMENTS
    assert segment_of(-18) == round(0.7 * SEGMENTS)


def test_monitors_share_a_row() -> None:
    width = monitor_width(1514, 130 + 240 + 30, 345)
    assert width % 4 == 0
    assert 2 * width + 400 <= 1514


def test_each_key_is_used_once_and_is_a_key() -> None:
    sequences = [seq for key in KEYS if not key.fixed for seq in key.sequences]
    assert len(set(sequences)) == len(sequences)
    assert all(QKeySequence(seq).toString() for seq in sequences)
