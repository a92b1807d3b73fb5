"""Scenes: from what was decided to what the compositor shows and what pages must send."""

from __future__ import annotations

from media.video.overlay import LowerThird as LowerThirdSpec
from media.video.overlay import SlateCard, TileLabel
from operator_console.engine import scenes
from operator_console.protocol import MediaPlace
from operator_console.session import facts as f
from operator_console.session.model import Layout, LayoutKind, LowerThird, SessionState
from tests.unit.session_kit import opened

HD = (1280, 720)
GRID = Layout(kind=LayoutKind.GRID_2, sources=("p1", "p2", "s1"))


def texts(state: SessionState) -> list[str]:
    found = []
    for overlay in scenes.on_air_scene(state, HD, "Sebentar").overlays:
        spec = overlay.spec
        if isinstance(spec, LowerThirdSpec):
            found.append(f"{spec.name}/{spec.office}")
        elif isinstance(spec, TileLabel):
            found.append(spec.text)
        elif isinstance(spec, SlateCard):
            found.append(f"slate {spec.title}/{spec.subtitle}")
    return found


def test_with_nothing_chosen_the_slate_is_on_air() -> None:
    scene = scenes.on_air_scene(opened().state, HD)
    assert scene.slots == ()
    assert texts(opened().state) == ["slate Rapat/Sebentar"]


def test_without_a_session_the_slate_is_empty() -> None:
    assert texts(SessionState()) == ["slate /"]


def test_a_grid_shows_its_sources_with_their_names() -> None:
    story = opened()
    state = story.tell(f.LayoutTaken(layout=GRID))
    scene = scenes.on_air_scene(state, HD)
    assert [slot.source for slot in scene.slots] == ["p1", "p2", "s1"]
    assert texts(state) == ["P1", "P2", "Aula"]
    assert texts(story.tell(f.NamesShown(shown=False))) == []


def test_the_slate_covers_what_is_on_air_and_says_what_the_operator_wrote() -> None:
    story = opened()
    story.tell(f.LayoutTaken(layout=GRID))
    state = story.tell(f.SlateShown(shown=True, text="Istirahat"))
    assert texts(state) == ["slate Rapat/Istirahat"]
    assert scenes.on_air_scene(state, HD).slots == ()


def test_the_lower_third_that_was_set_replaces_the_main_ones() -> None:
    story = opened()
    single = Layout(kind=LayoutKind.SINGLE, sources=("p1",))
    assert texts(story.tell(f.LayoutTaken(layout=single))) == ["P1/Kantor"]
    state = story.tell(f.LowerThirdShown(lower_third=LowerThird(title="Bupati", subtitle="Banjar")))
    assert texts(state) == ["Bupati/Banjar"]


def test_the_preview_is_the_scene_that_a_cut_would_bring() -> None:
    story = opened()
    state = story.tell(f.LayoutPreviewed(layout=GRID))
    preview = scenes.preview_scene(state, (640, 360))
    state = story.tell(f.LayoutTaken(layout=GRID))
    assert [s.source for s in preview.slots] == [s.source for s in scenes.on_air_scene(state, HD).slots]


def test_on_program_pages_send_what_their_slot_needs_and_in_preview_a_tile() -> None:
    story = opened()
    single = Layout(kind=LayoutKind.SINGLE, sources=("p1",))
    story.tell(f.LayoutTaken(layout=GRID), f.LayoutPreviewed(layout=single))
    state = story.state
    sizes = scenes.shown_sizes(scenes.on_air_scene(state, HD), scenes.preview_scene(state, (640, 360)))
    assert sizes == {"p1": (640, 360), "p2": (640, 360), "s1": (640, 360)}
    story.tell(f.LayoutTaken(layout=Layout(kind=LayoutKind.SINGLE, sources=("p3",))))
    sizes = scenes.shown_sizes(
        scenes.on_air_scene(story.state, HD), scenes.preview_scene(story.state, (640, 360))
    )
    assert sizes == {"p3": (1280, 720), "p1": (0, 0)}


def test_transitions() -> None:
    story = opened()
    assert scenes.transition_of(story.tell(f.LayoutTaken(layout=GRID))).kind == "cut"
    fade = scenes.transition_of(story.tell(f.LayoutTaken(layout=GRID, transition="fade")))
    assert (fade.kind, fade.duration_ms) == ("fade", scenes.FADE_MS)


def test_places_are_those_that_have_a_picture() -> None:
    observations = {
        "media.p1": MediaPlace(video=("video-room0", 4), tile=("video-room0", 5)),
        "media.p2": MediaPlace(audio=("audio-room0", 2)),
        "link.p1": {"fps": 15},
        "room": {},
    }
    assert scenes.places_of(observations) == {"p1": ("video-room0", 4)}
    assert scenes.tiles_of(observations) == {"p1": ("video-room0", 5)}
