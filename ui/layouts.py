"""Which sources a layout gets when the operator asks for it: pure choices over the session's state."""

from __future__ import annotations

from operator_console.session.model import LAYOUT_CAPACITY, Layout, LayoutKind, Presence, SessionState

LAYOUT_KEYS: tuple[LayoutKind | None, ...] = (
    LayoutKind.SINGLE,
    LayoutKind.SIDE_BY_SIDE,
    LayoutKind.PICTURE_IN_PICTURE,
    LayoutKind.SPOTLIGHT_STRIP,
    LayoutKind.GRID_2,
    None,
)
"""Layouts on the keys 1 to 6; None is the smallest grid that holds everybody."""

GRIDS: tuple[LayoutKind, ...] = (
    LayoutKind.GRID_2,
    LayoutKind.GRID_3,
    LayoutKind.GRID_4,
    LayoutKind.GRID_5,
    LayoutKind.GRID_6,
    LayoutKind.GRID_7,
)


def candidates(state: SessionState) -> list[str]:
    """Sources that can be shown: the hall's own, connected participants (hands first), the rest."""
    hall = [source.id for source in state.sources.values() if source.hall]
    local = [source.id for source in state.sources.values() if not source.hall]
    people = [p for p in state.seated if p.presence is Presence.CONNECTED]
    people.sort(key=lambda p: (p.hand_at_ms == 0, p.hand_at_ms, p.number))
    return [*hall, *(p.id for p in people), *local]


def filled(kind: LayoutKind, leading: tuple[str, ...], state: SessionState) -> Layout:
    """A layout with the leading sources first and as many others as it holds."""
    known = {*state.sources, *(p.id for p in state.seated)}
    chosen = [source for source in dict.fromkeys(leading) if source in known]
    for source in candidates(state):
        if source not in chosen:
            chosen.append(source)
    return Layout(kind=kind, sources=tuple(chosen[: LAYOUT_CAPACITY[kind]]))


def layout_for_kind(kind: LayoutKind, state: SessionState, selected: str = "") -> Layout:
    """The preview for a layout key: led by the selected feed, else by what stands in the preview now."""
    leading = (selected,) if selected else state.program.preview.sources or state.program.on_air.sources
    return filled(kind, tuple(leading), state)


def layout_for_feed(source_id: str, state: SessionState) -> Layout:
    """The preview for a clicked tile: the same layout led by that feed; a grid becomes a single picture."""
    kind = state.program.preview.kind
    if kind in GRIDS or not state.program.preview.sources:
        kind = LayoutKind.SINGLE
    rest = tuple(s for s in state.program.preview.sources[1:] if s != source_id)
    return filled(kind, (source_id, *rest), state)


def grid_of(count: int) -> LayoutKind:
    """The smallest grid that holds so many sources."""
    return next((kind for kind in GRIDS if LAYOUT_CAPACITY[kind] >= count), LayoutKind.GRID_7)
