"""Limits on what strangers may ask for: rates by address, wrong guesses, peers in setup, file descriptors."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import ModuleType

from media.clock import now_us

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None

MAX_ADDRESSES = 4096
"""Addresses remembered by one limiter; the one not seen for longest is forgotten first."""


class RateLimit:
    """Token buckets by key: `burst` at once, then `per_minute`."""

    def __init__(self, per_minute: float, burst: int, clock_us: Callable[[], int] = now_us) -> None:
        self._rate_per_us = per_minute / 60e6
        self._burst = float(burst)
        self._clock_us = clock_us
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def _level(self, key: str) -> float:
        level, stamp_us = self._buckets.get(key, (self._burst, 0))
        return min(self._burst, level + (self._clock_us() - stamp_us) * self._rate_per_us)

    def exhausted(self, key: str) -> bool:
        """Whether a key has nothing left (asks without taking)."""
        return self._level(key) < 1.0

    def take(self, key: str) -> bool:
        """Take one; False where there was nothing left."""
        level = self._level(key)
        allowed = level >= 1.0
        self._buckets[key] = (level - 1.0 if allowed else level, self._clock_us())
        self._buckets.move_to_end(key)
        while len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        return allowed

    def wait_s(self, key: str) -> int:
        """Whole seconds until the key may take one again."""
        missing = max(0.0, 1.0 - self._level(key))
        return max(1, int(missing / self._rate_per_us / 1e6) + 1)


class SetupGate:
    """Lets `width` peers be set up at a time and `queue` more wait their turn; a full queue refuses."""

    def __init__(self, width: int = 4, queue: int = 256) -> None:
        self._slots = asyncio.Semaphore(width)
        self._queue = queue
        self.waiting = 0

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold one of the places; raises BusyError where even the queue is full."""
        if self.waiting >= self._queue:
            raise BusyError("too many participants connect at this moment")
        self.waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._slots.release()


class BusyError(Exception):
    """The room cannot take more at this moment; the page tries again by itself."""


def raise_fd_limit() -> int:
    """Lift this process's soft limit of open files to the hard one; return it (0 = no limit known)."""
    if resource is None:
        return 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):
        return int(soft)
    return int(hard)


def open_fds() -> int:
    """How many file descriptors this process holds; 0 where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return 0


class FdWatermark:
    """Refuses new peers when open files come near the limit, so that seated ones keep theirs."""

    def __init__(self, limit: int, share: float = 0.8, probe: Callable[[], int] = open_fds) -> None:
        self._high = int(limit * share) if limit > 0 else 0
        self._probe = probe

    def reached(self) -> bool:
        """Whether new peers are to be refused now."""
        return bool(self._high) and self._probe() >= self._high
