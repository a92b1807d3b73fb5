"""Dates, durations, sizes and rates as an Indonesian or English reader writes them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from PySide6.QtCore import QDate, QLocale

from operator_console.settings import SettingsError, time_zone

_ZONE_NAMES = {7: "WIB", 8: "WITA", 9: "WIT"}
_LAST_MS = 4_102_444_800_000
"""The year 2100: no calendar and no zone has its edge before it."""
_INDONESIAN = ("Asia/Jakarta", "Asia/Pontianak", "Asia/Makassar", "Asia/Jayapura")


def duration(seconds: float) -> str:
    """h:mm:ss with two digits each, as on a recorder: 01:12:44."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def short_duration(seconds: float) -> str:
    """mm:ss, or h:mm:ss from one hour on."""
    whole = max(0, int(seconds))
    return duration(whole) if whole >= 3600 else f"{whole // 60:02}:{whole % 60:02}"


@dataclass(frozen=True, slots=True)
class Formats:
    """How to write figures in one language and one time zone."""

    language: str
    timezone: str

    @property
    def locale(self) -> QLocale:
        """Qt's locale of the language."""
        if self.language == "en":
            return QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom)
        return QLocale(QLocale.Language.Indonesian, QLocale.Country.Indonesia)

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with the language's separators: 1.234,5."""
        return self.locale.toString(float(value), "f", decimals)

    def _local(self, at_ms: int) -> datetime.datetime:
        try:
            zone = time_zone(self.timezone)
        except SettingsError:
            zone = datetime.UTC
        return datetime.datetime.fromtimestamp(max(0, min(at_ms, _LAST_MS)) / 1000, zone)

    def clock(self, at_ms: int) -> str:
        """Time of day with seconds: 10:42:17."""
        return self._local(at_ms).strftime("%H:%M:%S")

    def date(self, at_ms: int) -> str:
        """Day of the week, day and month: Kamis, 12 Maret."""
        local = self._local(at_ms)
        return self.locale.toString(QDate(local.year, local.month, local.day), "dddd, d MMMM")

    def zone(self, at_ms: int) -> str:
        """Short name of the time zone: WIB, WITA, WIT, or the offset."""
        local = self._local(at_ms)
        offset = local.utcoffset() or datetime.timedelta()
        hours = offset.total_seconds() / 3600
        if self.timezone in _INDONESIAN and hours in _ZONE_NAMES:
            return _ZONE_NAMES[int(hours)]
        return local.tzname() or f"UTC{hours:+g}"

    def size(self, count: float) -> str:
        """Bytes in the unit that fits: 1,9 GB (powers of ten, as on a disk's box)."""
        for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
            if count >= size:
                return f"{self.number(count / size, 1 if count < 100 * size else 0)} {unit}"
        return f"{self.number(count / 1e3)} kB"

    def rate(self, kbps: float) -> str:
        """A bit rate: 4,5 Mb/dtk or 182 kb/dtk."""
        per = "s" if self.language == "en" else "dtk"
        if kbps >= 1000:
            return f"{self.number(kbps / 1000, 1)} Mb/{per}"
        return f"{self.number(kbps)} kb/{per}"
