"""What stands on the wall: feeds made of the session's state; pure filters, orders, pages and grids."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from operator_console.session.model import (
    OutputPhase,
    Participant,
    Presence,
    SessionState,
    Source,
    SourceKind,
)
from ui.causes import Family, worded
from ui.observations import Observations

GAP_PX = 8
MIN_TILE_WIDTH_PX = 158
"""Narrower tiles cannot hold a name; then the wall gets pages."""
ASPECT = 16 / 9


@dataclass(frozen=True, slots=True)
class Feed:
    """One tile: a participant or a local source, everything its look depends on."""

    id: str
    number: int
    title: str
    detail: str = ""
    local: bool = False
    kind: str = ""
    presence: Presence = Presence.CONNECTED
    mic_on: bool = False
    muted: bool = False
    consent: bool = False
    camera_on: bool = True
    hand: int = 0
    """Place in the queue of raised hands, 0 = not raised."""
    on_air: bool = False
    on_preview: bool = False
    quality: str = ""
    trouble: str = ""
    """Why an own source gives nothing, in words; empty while it works."""
    trouble_tip: str = ""
    echo: bool = False
    """Whether his room returns what he is sent."""
    ducked: bool = False
    """Turned down for that."""
    twin: str = ""
    """Number and name of another participant for the same office."""
    twin_near: bool = False
    """Whether both seem to sit in one room."""
    talkback: bool = False
    """Whether the operator speaks to him."""
    iso: str = ""
    """His own recording: empty, waiting (for a picture), recording or failed."""
    mic_ask: str = ""
    """Whether he was asked to open his microphone: empty, asked or declined."""

    @property
    def tag(self) -> str:
        """What its badge says: a number for participants, a letter for own sources."""
        return chr(ord("A") + (self.number - 1) % 26) if self.local else str(self.number)

    @property
    def audible(self) -> bool:
        """Whether his sound is in the room."""
        return self.presence is Presence.CONNECTED and self.mic_on and not self.muted

    @property
    def live(self) -> bool:
        """Whether pictures may be expected of it."""
        return self.presence is Presence.CONNECTED and not self.trouble


class Filter(StrEnum):
    """Which feeds the wall shows."""

    ALL = "all"
    HANDS = "hands"
    AUDIBLE = "audible"
    LOCAL = "local"
    TROUBLE = "trouble"


class Sort(StrEnum):
    """In which order the wall shows them."""

    NUMBER = "number"
    HANDS_FIRST = "hands_first"
    NAME = "name"
    AUDIBLE_FIRST = "audible_first"
    TROUBLE_FIRST = "trouble_first"


def hand_queue(state: SessionState) -> list[Participant]:
    """Participants with a raised hand, the longest waiting first."""
    return sorted((p for p in state.seated if p.hand_at_ms), key=lambda p: (p.hand_at_ms, p.number))


def title_of(person: Participant) -> str:
    """What a tile is called: the office, as the session is between offices; else the name."""
    return person.office or person.name


def returns_sound(person: Participant, seen: Observations) -> bool:
    """Whether somebody's room returns what he is sent; who cannot be heard returns nothing."""
    echo = seen.echo(person.id)
    return person.audible and echo is not None and echo.returns


def _twin(person: Participant, state: SessionState, seen: Observations) -> tuple[str, bool]:
    """Number and name of who else is there for his office, and whether in the same room."""
    twin = seen.twin(person.id)
    other = state.participants.get(twin.other) if twin else None
    if twin is None or other is None or other.presence is not Presence.CONNECTED:
        return "", False
    return f"{other.number} {other.name}", twin.near


def duck_target(state: SessionState, seen: Observations, selected: str) -> tuple[str, bool] | None:
    """Whom one key turns down (True) or brings back (False): the selected first, then the loudest echo."""
    ducked = [one for one in state.mixing.ducked if one in state.participants]
    returning = sorted(
        (p for p in state.seated if p.id not in ducked and returns_sound(p, seen)),
        key=lambda p: (p.id != selected, -(echo.score if (echo := seen.echo(p.id)) else 0.0)),
    )
    if selected in ducked:
        return selected, False
    if returning:
        return returning[0].id, True
    return (ducked[-1], False) if ducked else None


def _participant(person: Participant, state: SessionState, seen: Observations, hand: int) -> Feed:
    link = seen.link(person.id)
    lost = person.presence is not Presence.CONNECTED
    twin, near = _twin(person, state, seen)
    return Feed(
        id=person.id,
        number=person.number,
        title=title_of(person),
        detail=person.name if person.office else "",
        presence=person.presence,
        mic_on=person.mic_on,
        muted=person.muted,
        consent=person.consent,
        camera_on=person.camera_on,
        hand=hand,
        on_air=person.id in state.program.on_air.sources and not state.program.slate,
        on_preview=person.id in state.program.preview.sources,
        quality="lost" if lost else link.quality if link else "",
        echo=returns_sound(person, seen),
        ducked=person.id in state.mixing.ducked,
        twin=twin,
        twin_near=near,
        talkback=state.mixing.talkback == person.id,
        mic_ask=seen.mic_ask(person.id),
        iso=_iso(person, state),
    )


def _iso(person: Participant, state: SessionState) -> str:
    iso = state.isos.get(person.id)
    if iso is None or not iso.wanted:
        return ""
    phases = {OutputPhase.STARTED: "recording", OutputPhase.FAILED: "failed"}
    return phases.get(iso.phase, "waiting")


def _source(source: Source, number: int, state: SessionState, seen: Observations) -> Feed:
    worker = seen.source(source.id)
    failed = worker is not None and worker.state == "failed"
    why = worded(Family.SOURCE, worker) if failed else worded(Family.WORKER, worker)
    return Feed(
        id=source.id,
        number=number,
        title=source.name,
        local=True,
        kind=source.kind.value,
        mic_on=True,
        muted=source.muted or (source.hall and state.hall_muted),
        camera_on=source.kind is not SourceKind.MICROPHONE,
        on_air=source.id in state.program.on_air.sources and not state.program.slate,
        on_preview=source.id in state.program.preview.sources,
        trouble=why.text or (QCoreApplication.translate("Tile", "No signal") if failed else ""),
        trouble_tip=why.tip,
    )


def feeds(state: SessionState, seen: Observations) -> tuple[Feed, ...]:
    """All feeds of a session: local sources first, then participants by number."""
    hands = {person.id: place for place, person in enumerate(hand_queue(state), 1)}
    local = [_source(source, i, state, seen) for i, source in enumerate(state.sources.values(), 1)]
    people = [_participant(person, state, seen, hands.get(person.id, 0)) for person in state.seated]
    return (*local, *people)


def mic_ask_text(feed: Feed) -> str:
    """What became of the question whether he opens his microphone."""
    return {
        "asked": QCoreApplication.translate("Tile", "Open mic: waiting for an answer"),
        "declined": QCoreApplication.translate("Tile", "Open mic: declined"),
    }.get(feed.mic_ask, "")


def has_trouble(feed: Feed) -> bool:
    """Whether an operator should look at this feed."""
    returned = feed.echo and not feed.ducked
    return bool(feed.trouble or feed.twin) or returned or feed.quality in ("weak", "lost")


def _passes(feed: Feed, which: Filter) -> bool:
    return {
        Filter.ALL: True,
        Filter.HANDS: feed.hand > 0,
        Filter.AUDIBLE: feed.audible,
        Filter.LOCAL: feed.local,
        Filter.TROUBLE: has_trouble(feed),
    }[which]


def _order(feed: Feed, sort: Sort) -> tuple[object, ...]:
    base = (not feed.local, feed.number)
    return {
        Sort.NUMBER: base,
        Sort.HANDS_FIRST: (feed.hand == 0, feed.hand, *base),
        Sort.NAME: (feed.title.casefold(), *base),
        Sort.AUDIBLE_FIRST: (not feed.audible, *base),
        Sort.TROUBLE_FIRST: (not has_trouble(feed), *base),
    }[sort]


def choose(
    found: tuple[Feed, ...], which: Filter = Filter.ALL, sort: Sort = Sort.NUMBER, search: str = ""
) -> tuple[Feed, ...]:
    """Feeds that pass a filter and hold every word of a search (name, office or number), in order."""
    words = search.casefold().split()
    kept = [
        feed
        for feed in found
        if _passes(feed, which)
        and all(word in f"{feed.tag} {feed.title} {feed.detail}".casefold() for word in words)
    ]
    return tuple(sorted(kept, key=lambda feed: _order(feed, sort)))


def count(found: tuple[Feed, ...], which: Filter) -> int:
    """How many feeds pass a filter."""
    return sum(_passes(feed, which) for feed in found)


@dataclass(frozen=True, slots=True)
class Grid:
    """How the wall is divided: columns, rows and the size of a tile in logical pixels."""

    columns: int
    rows: int
    tile_width_px: int
    tile_height_px: int

    @property
    def capacity(self) -> int:
        """Tiles on one page."""
        return self.columns * self.rows


def _tile(width_px: int, height_px: int, columns: int, rows: int, ratio: float) -> tuple[int, int]:
    """Largest 16:9 tile for a division whose sides are even device pixels."""
    most_w = (width_px - GAP_PX * columns) / columns
    most_h = (height_px - GAP_PX * rows) / rows
    width = min(most_w, most_h * ASPECT)
    step = 2 if ratio == int(ratio) else 4  # 4 logical pixels stay whole and even at 1.25, 1.5 and 1.75
    even_w = max(step, int(width) // step * step)
    even_h = max(step, int(width / ASPECT) // step * step)
    return even_w, even_h


def grid_for(feed_count: int, width_px: int, height_px: int, ratio: float = 1.0) -> Grid:
    """The division with the largest tiles for so many feeds; pages begin where tiles would get too narrow."""
    most_columns = max(1, width_px // (MIN_TILE_WIDTH_PX + GAP_PX))
    most_rows = max(1, int(height_px // (MIN_TILE_WIDTH_PX / ASPECT + GAP_PX)))
    best: Grid | None = None
    wanted = max(1, min(feed_count, most_columns * most_rows))
    for columns in range(1, most_columns + 1):
        rows = math.ceil(wanted / columns)
        if rows > most_rows:
            continue
        grid = Grid(columns, rows, *_tile(width_px, height_px, columns, rows, ratio))
        if best is None or grid.tile_width_px > best.tile_width_px:
            best = grid
    return best or Grid(1, 1, *_tile(width_px, height_px, 1, 1, ratio))


def page_count(feed_count: int, capacity: int) -> int:
    """Number of pages, at least one."""
    return max(1, math.ceil(feed_count / max(1, capacity)))


def device_size(width_px: int, height_px: int, ratio: float) -> tuple[int, int]:
    """Size in device pixels, rounded down to even numbers as the engine's pictures are."""
    return int(width_px * ratio) // 2 * 2, int(height_px * ratio) // 2 * 2
