"""Makes peer connections for admitted participants: few at a time, and within a deadline."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
from collections import Counter
from collections.abc import Callable

from media.rtc.peer import NoAddress, PeerCallbacks, RoomPeer, SdpRefused
from operator_console.room.addresses import local_names, network_name
from operator_console.room.limits import BusyError, FdWatermark, SetupGate
from operator_console.room.messages import Answer, Offer, Refused
from operator_console.room.relay import Relay
from operator_console.room.seats import Seat
from operator_console.room.sockets import Page
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

SETUP_DEADLINE_S = 15.0
GATE_HOLD_S = 2.0
"""A peer that has not connected by then makes room for the next; its own deadline runs on."""
BUSY_RETRY_MS = 1500


class Connector:
    """Answers offers. `up` and `down` are called when a seat's connection stands and when it is gone."""

    def __init__(
        self,
        settings: Settings,
        watermark: FdWatermark,
        relay: Relay,
        up: Callable[[Seat], None],
        down: Callable[[Seat, str], None],
    ) -> None:
        self.refused: Counter[str] = Counter()
        self.deadline_s = SETUP_DEADLINE_S
        self._settings = settings
        self._watermark = watermark
        self._relay = relay
        self._up = up
        self._down = down
        self._gate = SetupGate()
        self._tasks: set[asyncio.Task[None]] = set()
        self._setups: dict[str, asyncio.Task[None]] = {}
        self._ports = _port_range(settings.rtc_port_range)

    def offer(self, seat: Seat, page: Page, offer: Offer) -> None:
        """Answer an offer in the background; a newer one of the same participant takes its place."""
        before = self._setups.pop(seat.participant_id, None)
        if before is not None:
            before.cancel()
        task = asyncio.create_task(self._answer(seat, page, offer), name="peer-setup")
        self._setups[seat.participant_id] = task
        task.add_done_callback(lambda done: self._forget(seat.participant_id, done))
        self._keep(task)

    def _forget(self, participant_id: str, setup: asyncio.Task[None]) -> None:
        if self._setups.get(participant_id) is setup:
            del self._setups[participant_id]

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("The task %s failed", task.get_name(), exc_info=error)

    @property
    def busy(self) -> bool:
        """Whether connections are being made or closed at this moment."""
        return bool(self._tasks)

    def release(self, seat: Seat) -> None:
        """Close a seat's connection, finished or not."""
        setup = self._setups.pop(seat.participant_id, None)
        if setup is not None:
            setup.cancel()
        self._close_peer(seat)

    def _close_peer(self, seat: Seat) -> None:
        peer = seat.unseat_peer()
        if peer is not None:
            self._keep(asyncio.create_task(peer.close(), name="peer-close"))

    async def _answer(self, seat: Seat, page: Page, offer: Offer) -> None:
        try:
            async with self._gate.enter():
                if self._watermark.reached():
                    raise BusyError("open files are near their limit")
                done = await self._make(seat, page, offer)
                await asyncio.wait({done}, timeout=GATE_HOLD_S)
        except SdpRefused as error:
            self.refused["sdp"] += 1
            _log.info("An offer of %s was refused: %s", seat.participant_id, error)
            page.push(Refused(id=offer.id, reason="sdp", retry_ms=5 * BUSY_RETRY_MS))
        except NoAddress as error:
            self.refused["no_address"] += 1
            _log.error("%s", error)
            page.push(Refused(id=offer.id, reason="busy", retry_ms=BUSY_RETRY_MS))
        except BusyError as error:
            self.refused["busy"] += 1
            _log.warning("A participant has to wait: %s", error)
            page.push(Refused(id=offer.id, reason="busy", retry_ms=BUSY_RETRY_MS))
        except Exception:  # noqa: BLE001  the top of the task peer-setup
            self.refused["failed"] += 1
            _log.exception("An offer of %s could not be answered", seat.participant_id)
            page.push(Refused(id=offer.id, reason="busy", retry_ms=BUSY_RETRY_MS))

    async def _make(self, seat: Seat, page: Page, offer: Offer) -> asyncio.Future[None]:
        """Put a new connection on a seat and answer; the future is done when it stands or is gone."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        name = secrets.token_hex(4)

        def connected() -> None:
            _finish(done)
            if seat.peer_name == name:
                seat.connected = True
                self._up(seat)

        def gone(reason: str) -> None:
            _finish(done)
            if seat.peer_name == name:
                seat.unseat_peer()
                self._down(seat, reason)

        callbacks = PeerCallbacks(
            on_video=seat.take_picture,
            on_audio=seat.take_sound,
            on_filled=seat.take_filled,
            on_level=seat.take_level,
            on_connected=connected,
            on_gone=gone,
        )
        peer = RoomPeer(
            prefer_codec=self._settings.prefer_codec.upper(),
            addresses=offered_addresses(self._settings.rtc_addresses, page.remote),
            port_range=self._ports,
            ice_servers=[server.native() for server in self._relay.servers("room")],
            callbacks=callbacks,
            setup_deadline_s=self.deadline_s,
        )
        answer = await peer.answer(offer.sdp, page.remote)
        # Not before: an offer that is refused must not take away the connection that stands.
        self._close_peer(seat)
        seat.seat_peer(peer, name, page.agent, network_name(page.remote))
        page.push(Answer(id=offer.id, peer=name, sdp=answer))
        return done

    async def close(self) -> None:
        """Abandon what is being set up; the seats have been released before."""
        for task in list(self._tasks):
            if task.get_name() == "peer-setup":
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _finish(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)


def _port_range(text: str) -> tuple[int, int] | None:
    low, _, high = text.partition("-")
    return (int(low), int(high)) if low and high else None


def offered_addresses(setting: tuple[str, ...], remote: str) -> list[str] | None:
    """The local addresses to offer: those set, else all; loopback too for a page on this very machine."""
    if setting:
        return list(setting)
    try:
        local = ipaddress.ip_address(remote).is_loopback
    except ValueError:
        local = False
    if not local:
        return None
    usable = [ipaddress.ip_address(address) for address in local_names("").addresses]
    return [str(a) for a in usable if a.version == 4 and not a.is_link_local]
