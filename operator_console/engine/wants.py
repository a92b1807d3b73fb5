"""What is needed of each source: the declarative set made from what clients show and what is on program.
Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from operator_console.protocol import SetWants, Want

FULL_TILE_PX = 640
"""Widest BGRA tile that a slot holds (640x360)."""


@dataclass(frozen=True, slots=True)
class WantSizes:
    """The sizes and rates that sources are asked for."""

    tile_px: tuple[int, int] = (320, 180)
    tile_fps: int = 15
    tile_bps: int = 150_000
    full_fps: int = 30
    full_bps: int = 1_500_000
    iso_px: tuple[int, int] = (640, 360)
    """Size of a feed that is recorded by itself; (0, 0): what is sent anyway, a tile at least."""
    iso_fps: int = 15
    iso_bps: int = 600_000


def merged_tiles(clients: Iterable[SetWants]) -> dict[str, tuple[int, int]]:
    """The largest tile that any client shows of each source, even-sized, at most 640x360."""
    tiles: dict[str, tuple[int, int]] = {}
    for client in clients:
        for source, (width, height) in client.tiles.items():
            size = _tile_size(width, height)
            if size is not None and size > tiles.get(source, (0, 0)):
                tiles[source] = size
    return tiles


def _tile_size(width: int, height: int) -> tuple[int, int] | None:
    if width < 16 or height < 16:
        return None
    scale = min(1.0, FULL_TILE_PX / width, FULL_TILE_PX * 9 / 16 / height)
    return max(16, int(width * scale) // 2 * 2), max(16, int(height * scale) // 2 * 2)


def merged_monitor(clients: Iterable[SetWants], name: str) -> tuple[int, int]:
    """The largest size that any client shows a monitor in; (0, 0) where nobody does."""
    best = (0, 0)
    for client in clients:
        width, height = client.monitors.get(name, (0, 0))
        if width >= 16 and height >= 16:
            best = max(best, (min(1920, width) // 2 * 2, min(1080, height) // 2 * 2))
    return best


def plan_wants(
    clients: Iterable[SetWants],
    shown: Mapping[str, tuple[int, int]],
    sizes: WantSizes,
    recorded: Collection[str] = (),
) -> dict[str, Want]:
    """The wants of all sources: `shown` maps those on program or in the preview to the size they should send.

    Who is only a tile sends the tile size; who is larger on program sends that, at the full rate where it
    is above the tile; who is neither sends nothing. Who is `recorded` by himself sends the size for that at
    least, also where nobody sees him.
    """
    tiles = merged_tiles(clients)
    wants: dict[str, Want] = {}
    for source in {*tiles, *shown, *recorded}:
        tile_w, tile_h = tiles.get(source, (0, 0))
        width, height = max(shown.get(source, (0, 0)), sizes.tile_px)
        large = (width, height) > sizes.tile_px
        wants[source] = Want(
            width_px=width,
            height_px=height,
            fps=sizes.full_fps if large else sizes.tile_fps,
            bitrate_bps=_bitrate(width, sizes) if large else sizes.tile_bps,
            tile_width_px=tile_w,
            tile_height_px=tile_h,
            picture=source in shown,
        )
        if source in recorded:
            wants[source] = _at_least(wants[source], sizes)
    return wants


def _at_least(want: Want, sizes: WantSizes) -> Want:
    width, height = sizes.iso_px
    if (width, height) <= (want.width_px, want.height_px):
        return want
    return replace(
        want,
        width_px=width,
        height_px=height,
        fps=max(want.fps, sizes.iso_fps),
        bitrate_bps=max(want.bitrate_bps, sizes.iso_bps),
    )


def _bitrate(width: int, sizes: WantSizes) -> int:
    return sizes.full_bps if width > 640 else max(sizes.tile_bps, sizes.full_bps * 2 // 5)
