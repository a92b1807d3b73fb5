"""Quota units that were used: 10,000 a day of a Cloud project, counted anew at midnight in California."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable

LIST, WRITE = 1, 50
"""https://developers.google.com/youtube/v3/determine_quota_cost"""
OF_A_DAY = 10_000
"""What Google gives a project by default."""


def _zone() -> datetime.tzinfo:
    try:
        return zoneinfo.ZoneInfo("America/Los_Angeles")
    except (zoneinfo.ZoneInfoNotFoundError, OSError):  # bare Debian, Windows: an hour off in their summer
        return datetime.timezone(datetime.timedelta(hours=-8))


def utc_now() -> datetime.datetime:
    """The wall clock."""
    return datetime.datetime.now(datetime.UTC)


class Units:
    """Counts what this engine used today; what the project used elsewhere is not known."""

    def __init__(self, now: Callable[[], datetime.datetime] = utc_now) -> None:
        self._now, self._zone = now, _zone()
        self._day: datetime.date | None = None
        self._used = 0

    def add(self, units: int) -> None:
        """Count a call; a refused one costs too."""
        self._used = self.used + units

    @property
    def used(self) -> int:
        """Units of today."""
        today = self._now().astimezone(self._zone).date()
        if today != self._day:
            self._day, self._used = today, 0
        return self._used
