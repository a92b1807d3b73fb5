"""From the session's program to the scenes that the compositor shows. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from media.video.compositor import Scene, Transition
from media.video.scene import requested_size
from media.video.scenebuild import SceneSource, SceneText, build_scene
from operator_console.session.model import Layout, SessionState

FADE_MS = 500


def scene_sources(state: SessionState, layout: Layout, *, captioned: bool) -> list[SceneSource]:
    """The sources of a layout with their captions; the explicit lower third replaces the first one's."""
    found = []
    for index, source_id in enumerate(layout.sources):
        name, office = _caption(state, source_id)
        caption = state.program.lower_third
        if captioned and index == 0 and caption is not None:
            name, office = caption.title, caption.subtitle
        found.append(SceneSource(source_id, name, office))
    return found


def _caption(state: SessionState, source_id: str) -> tuple[str, str]:
    person = state.participants.get(source_id)
    if person is not None:
        return person.name, person.office
    source = state.sources.get(source_id)
    return (source.name, state.office) if source else ("", "")


def on_air_scene(state: SessionState, size_px: tuple[int, int], slate_text: str = "") -> Scene:
    """The program's scene: the slate where it is shown or nothing else is there, else the layout on air.

    ``slate_text`` stands on the slate where the operator gave none.
    """
    program = state.program
    if program.slate or not program.on_air.sources:
        subtitle = (program.slate_text or slate_text) if state.session_id else ""
        text = SceneText(title=state.title or state.office, subtitle=subtitle)
        return build_scene("slate", [], size_px, text=text)
    sources = scene_sources(state, program.on_air, captioned=True)
    return build_scene(str(program.on_air.kind), sources, size_px, captions=program.names)


def preview_scene(state: SessionState, size_px: tuple[int, int]) -> Scene:
    """The scene that a cut would bring."""
    preview = state.program.preview
    return build_scene(
        str(preview.kind),
        scene_sources(state, preview, captioned=False),
        size_px,
        captions=state.program.names,
    )


def transition_of(state: SessionState) -> Transition:
    """How the newest change of the program is made."""
    return Transition("fade", FADE_MS) if state.program.transition == "fade" else Transition()


def shown_sizes(on_air: Scene, preview: Scene) -> dict[str, tuple[int, int]]:
    """What size each source on program or in preview should send.

    The preview asks for no more than tiles send, so that looking at
    something does not raise a village's uplink before it goes on air; the switch takes some 140 ms
    (bench switch).
    """
    sizes: dict[str, tuple[int, int]] = {}
    for slot in on_air.slots:
        sizes[slot.source] = max(sizes.get(slot.source, (0, 0)), requested_size(slot.rect))
    for slot in preview.slots:
        sizes.setdefault(slot.source, (0, 0))
    return sizes


def places_of(observations: Mapping[str, object]) -> dict[str, tuple[str, int]]:
    """Where the own-size pictures of all sources stand on the bus, from the observed media places."""
    return _places(observations, "video")


def tiles_of(observations: Mapping[str, object]) -> dict[str, tuple[str, int]]:
    """Where the tiles of all sources stand on the bus."""
    return _places(observations, "tile")


def _places(observations: Mapping[str, object], kind: str) -> dict[str, tuple[str, int]]:
    places: dict[str, tuple[str, int]] = {}
    for key, media in observations.items():
        place = getattr(media, kind, None) if key.startswith("media.") else None
        if place is not None:
            places[key.removeprefix("media.")] = (place[0], place[1])
    return places
