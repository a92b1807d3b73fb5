"""A bad network in the process: seeded loss, delay, jitter and exact drops of what a connection receives.

For tests, benches and the load generator; `tc netem` is missing on many kernels and needs root.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad the network is. `loss` is 0..1; each packet is delayed by `delay_ms` plus 0..`jitter_ms`.

    `drop(index, data)` sees each media packet (RTP or RTCP, still encrypted, counted from 0) and takes it
    away by returning True; it is asked before chance is.
    """

    loss: float = 0.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    drop: Callable[[int, bytes], bool] | None = None


class LossyReceiver:
    """Stands before `datagram_received` of all sockets of one ICE connection; STUN and DTLS pass freely."""

    def __init__(self, connection: Any, weather: Weather, seed: int) -> None:
        """`connection` is aioice's (`private.ice_connection`); its addresses must be gathered already."""
        self.weather = weather
        self.seen = 0
        self.dropped = 0
        self._random = random.Random(seed)
        self._loop = asyncio.get_running_loop()
        self._timers: set[asyncio.TimerHandle] = set()
        self._open = True
        for protocol in connection._protocols:
            self._wrap(protocol)

    def _wrap(self, protocol: Any) -> None:
        receive = protocol.datagram_received

        def datagram_received(data: bytes, addr: tuple[Any, ...]) -> None:
            if not self._open or not data or not 127 < data[0] < 192:
                receive(data, addr)
            elif self._lose(data):
                self.dropped += 1
            else:
                self._deliver(receive, data, addr)

        protocol.datagram_received = datagram_received

    def _lose(self, data: bytes) -> bool:
        index, self.seen = self.seen, self.seen + 1
        drop = self.weather.drop
        if drop is not None and drop(index, data):
            return True
        return self.weather.loss > 0 and self._random.random() < self.weather.loss

    def _deliver(self, receive: Callable[..., None], data: bytes, addr: tuple[Any, ...]) -> None:
        late_ms = self.weather.delay_ms
        if self.weather.jitter_ms:
            late_ms += self._random.uniform(0, self.weather.jitter_ms)
        if not late_ms:
            receive(data, addr)
            return

        def arrive() -> None:
            self._timers.discard(timer)
            receive(data, addr)

        timer = self._loop.call_later(late_ms / 1000, arrive)
        self._timers.add(timer)

    def close(self) -> None:
        """Let everything pass from now on; what is still delayed is lost."""
        self._open = False
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
