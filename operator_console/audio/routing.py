"""Follows where the sound server leads the streams of the ends, and says when to lead them back."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from media.audio.routes import KINDS, Kind, Route, Routes, ask_server
from operator_console.audio.ends import End, EndName

_log = logging.getLogger(__name__)

LINK_S = 20.0
"""A stream that the server does not list so long after it was opened does not go through the server."""
BACK_S = 60.0
"""Streams are led back to their own device at most so often: each time the sound stops for a moment."""


class RouteWatch:
    """The routes of all ends; everything is the rig's thread's."""

    def __init__(self, ends: Mapping[EndName, End]) -> None:
        self._ends = ends
        self._led_back_s = float("-inf")

    def find(self, *opened: End) -> None:
        """Learn the routes of ends whose streams were opened just now."""
        routes = ask_server()
        if routes is None:
            return
        for end in opened:
            found = routes.newest(end.kind, self._taken(end.kind))
            if found is not None:
                end.follow(Route(end.kind, *found))

    def _taken(self, kind: Kind) -> frozenset[int]:
        known = [end.now.route for end in self._ends.values() if end.kind == kind]
        return frozenset(route.number for route in known if route is not None)

    def due(self, now_s: float) -> bool:
        """Whether there is something to ask the server for."""
        return any(end.now.route is not None for end in self._ends.values()) or bool(self._late(now_s))

    def _late(self, now_s: float) -> list[End]:
        """Ends whose streams the server had not linked yet when they were opened, the oldest first."""
        late = [
            end
            for end in self._ends.values()
            if end.now.stream is not None and end.now.route is None and now_s - end.now.opened_s < LINK_S
        ]
        return sorted(late, key=lambda end: end.now.opened_s)

    def follow(self, routes: Routes, now_s: float) -> bool:
        """Take over what the server says; whether an end stands elsewhere than before."""
        changed = False
        for end in self._ends.values():
            before = end.now.route
            if before is None:
                continue
            after = before.looked(routes)
            end.follow(after)
            if after.now != before.now and (before.now or after.rerouted):
                level = logging.WARNING if after.rerouted else logging.INFO
                _log.log(level, "%s of %s stands on %s", end.name, after.home, after.now)
                changed = True
        self._find_late(routes, now_s)
        return changed

    def _find_late(self, routes: Routes, now_s: float) -> None:
        late = self._late(now_s)
        for kind in KINDS:
            ends = [end for end in late if end.kind == kind]
            numbers = sorted(frozenset(routes.streams.get(kind, {})) - self._taken(kind))
            if len(ends) != len(numbers):
                continue  # which is whose cannot be told
            for end, number in zip(ends, numbers, strict=True):
                end.follow(Route(kind, number, routes.streams[kind][number]))

    def lead_back(self, routes: Routes, now_s: float) -> bool:
        """Whether all is to be opened anew because an end's own device has come back."""
        back = any(route.home_is_back(routes) for end in self._ends.values() if (route := end.now.route))
        if not back or now_s - self._led_back_s < BACK_S:
            return False
        self._led_back_s = now_s
        return True
