"""The room: brings together roster, pages, seats, connections and fan-out; serves engine and pages."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable

import msgspec

from media.clock import now_us
from operator_console.protocol import (
    AnyFromWorker,
    AnyToWorker,
    AskPage,
    AudioPlan,
    IsoPlan,
    Link,
    LinkReport,
    MediaPlace,
    PeerDown,
    PeerReport,
    PeerUp,
    PicturePlan,
    RedeemAnswer,
    RoomFigures,
    RoomSetup,
    RosterChanged,
    RosterEntry,
    Want,
    Wants,
)
from operator_console.room import demand
from operator_console.room.connecting import Connector
from operator_console.room.fan import FanPump
from operator_console.room.guard import Guard
from operator_console.room.isos import Isos
from operator_console.room.joining import Joining
from operator_console.room.limits import FdWatermark, RateLimit
from operator_console.room.messages import (
    AnyFromPage,
    Ask,
    Asked,
    Hand,
    Leave,
    Offer,
    Refused,
    Report,
    State,
)
from operator_console.room.relay import Relay
from operator_console.room.roster import ENDED, SEATED, Roster
from operator_console.room.seats import Bus, Seat
from operator_console.room.sockets import CLOSE_ENDED, CLOSE_REPLACED, CLOSE_UNKNOWN, Page
from operator_console.settings import Settings

_log = logging.getLogger(__name__)


class Room:
    """One room worker's session with its participants. Every call belongs to the event loop's thread."""

    def __init__(
        self,
        settings: Settings,
        bus: Bus,
        fan: FanPump,
        send: Callable[[AnyFromWorker], bool],
        *,
        guard: Guard,
        watermark: FdWatermark,
        relay: Relay,
    ) -> None:
        self.roster = Roster()
        self.guard = guard
        self.joining = Joining(guard, self.roster, send)
        self.connector = Connector(settings, watermark, relay, self._peer_up, self._peer_down)
        self.isos = Isos(send)
        self._settings = settings
        self._bus = bus
        self._fan = fan
        self._send = send
        self._relay = relay
        self._pages: dict[str, Page] = {}
        self._unbound: set[Page] = set()
        """Pages whose session the roster does not know (yet)."""
        self._seats: dict[str, Seat] = {}
        self._wants: dict[str, Want] = {}
        self._asks: dict[str, Ask] = {}
        # A page tells asks apart by number: a restarted worker must not begin at the same ones.
        self._ask_numbers = itertools.count(now_us())
        self._unsent: dict[str, PeerReport] = {}
        self._left_unsent: set[str] = set()
        """Who said good-bye while there was no engine to hear it."""
        self._offers = RateLimit(per_minute=30, burst=8)
        self._away = True

    # -- the engine's side

    @property
    def host(self) -> str:
        """The office that invites."""
        setup = self.roster.setup
        return (setup.office if setup is not None else "") or self._settings.office_name

    def media(self) -> dict[str, MediaPlace]:
        """Where the media of those connected stand; said in each hello."""
        return {pid: seat.place for pid, seat in self._seats.items() if seat.connected}

    def receive(self, message: AnyToWorker) -> None:
        """Take a message of the engine."""
        if isinstance(message, RoomSetup):
            changed = self.roster.replace(message)
            self.joining.engine_came()
            self._flush_reports()
            self.isos.flush()
            self._roster_changed(changed)
        elif isinstance(message, RosterChanged):
            self._roster_changed(self.roster.change(message))
        elif isinstance(message, RedeemAnswer):
            self.joining.answered(message)
        elif isinstance(message, AskPage):
            self._ask(message)
        elif isinstance(message, Wants):
            self._take_wants(message.wants)
        elif isinstance(message, AudioPlan):
            self._fan.set_plan(message)
        elif isinstance(message, PicturePlan):
            for participant_id in self._fan.set_without_picture(frozenset(message.without)):
                if (page := self._pages.get(participant_id)) is not None:
                    page.refresh()
        elif isinstance(message, IsoPlan):
            self.isos.set_plan(message, self._seats)

    def _roster_changed(self, changed: set[str]) -> None:
        for stranger in list(self._unbound):
            self._bind(stranger)
        for participant_id in changed:
            entry = self.roster.entry(participant_id)
            self._apply(participant_id, entry)
            page = self._pages.get(participant_id)
            if page is not None:
                self._tell(page, entry)

    def _apply(self, participant_id: str, entry: RosterEntry | None) -> None:
        seat = self._seats.get(participant_id)
        if entry is None or entry.presence not in SEATED:
            self._asks.pop(participant_id, None)
            if seat is not None:
                self._drop_seat(seat)
            return
        if seat is not None:
            seat.set_muted(entry.muted)
        if entry.muted:
            self._asks.pop(participant_id, None)

    def _drop_seat(self, seat: Seat) -> None:
        del self._seats[seat.participant_id]
        self.isos.unseated(seat)
        self._fan.remove(seat.participant_id)
        self.connector.release(seat)
        self._bus.give_back(seat.index)

    def _tell(self, page: Page, entry: RosterEntry | None) -> None:
        """Have a page told the newest state, and close it where it has nothing more to expect."""
        if entry is None:
            page.close(CLOSE_UNKNOWN)
        elif entry.presence in ENDED or not self._open:
            page.close(CLOSE_ENDED)
        else:
            page.refresh()

    @property
    def _open(self) -> bool:
        return self.roster.setup is not None and self.roster.setup.open

    def _ask(self, message: AskPage) -> None:
        entry = self.roster.entry(message.participant_id)
        if entry is None or entry.presence not in SEATED:
            return
        # Kept where his page is away for a moment: it is told the whole state when it is back.
        self._asks[message.participant_id] = Ask(id=next(self._ask_numbers), action=message.action)
        page = self._pages.get(message.participant_id)
        if page is not None:
            page.refresh()

    def _take_wants(self, wants: dict[str, Want]) -> None:
        before, self._wants = self._wants, wants
        for participant_id in before.keys() | wants.keys():
            want = wants.get(participant_id)
            if before.get(participant_id) == want:
                continue
            if participant_id in self._seats:
                self._seats[participant_id].set_want(want)
            if participant_id in self._pages:
                self._pages[participant_id].refresh()

    def _report(self, report: PeerReport) -> None:
        """Tell the engine what a page says of itself; kept for the next engine where there is none."""
        if not self._send(report):
            before = self._unsent.get(report.participant_id)
            said = {k: v for k, v in msgspec.structs.asdict(report).items() if v is not None}
            self._unsent[report.participant_id] = (
                report if before is None else msgspec.structs.replace(before, **said)
            )

    def _flush_reports(self) -> None:
        unsent, self._unsent = self._unsent, {}
        for report in unsent.values():
            self._report(report)
        left, self._left_unsent = self._left_unsent, set()
        for participant_id in left:
            self._say_left(participant_id)

    def _say_left(self, participant_id: str) -> None:
        """Tell the engine, or the next one where there is none, that somebody has left for good."""
        if not self._send(PeerDown(participant_id=participant_id, reason="left", final=True)):
            self._left_unsent.add(participant_id)

    # -- the pages' side (sockets.Desk)

    def page_came(self, page: Page) -> None:
        """A page has proved its session secret."""
        self._unbound.add(page)
        self._bind(page)

    def _bind(self, page: Page) -> None:
        entry = self.roster.by_session(page.session_hash)
        if entry is None:
            expected = self.roster.setup is None or self.joining.expected(page.session_hash)
            if not expected and not page.close_code:
                # Not counted as a guess: a whole office comes back with the sessions of yesterday.
                self.guard.refused["unknown_session"] += 1
                page.close(CLOSE_UNKNOWN)
            return
        self._unbound.discard(page)
        page.participant_id = entry.participant_id
        before = self._pages.get(entry.participant_id)
        self._pages[entry.participant_id] = page
        if before is not None:
            before.close(CLOSE_REPLACED)
        self._tell(page, entry)

    def page_went(self, page: Page) -> None:
        """A page's socket is closed; its connection goes on for as long as media come."""
        self._unbound.discard(page)
        if self._pages.get(page.participant_id) is page:
            del self._pages[page.participant_id]

    def page_said(self, page: Page, message: AnyFromPage) -> None:
        """A page that we know said something."""
        entry = self.roster.entry(page.participant_id)
        if entry is None or self._pages.get(page.participant_id) is not page:
            return
        if isinstance(message, Leave):
            self._leave(page, entry)
        elif entry.presence not in SEATED:
            return
        elif isinstance(message, Offer):
            self._take_offer(page, entry, message)
        elif isinstance(message, Report):
            self._take_report(page, message)
        elif isinstance(message, Hand):
            self._report(PeerReport(participant_id=page.participant_id, hand=message.up))
        elif isinstance(message, Asked):
            ask = self._asks.get(page.participant_id)
            if ask is not None and ask.id == message.id:
                del self._asks[page.participant_id]
                self._report(PeerReport(participant_id=page.participant_id, answered=True))
                page.refresh()

    def _leave(self, page: Page, entry: RosterEntry) -> None:
        seat = self._seats.get(entry.participant_id)
        if seat is not None:
            self._fan.remove(seat.participant_id)
            self.connector.release(seat)
        self._say_left(entry.participant_id)
        page.close(CLOSE_ENDED)

    def _take_report(self, page: Page, report: Report) -> None:
        if report.mic_on and self._asks.pop(page.participant_id, None) is not None:
            page.refresh()
        seat = self._seats.get(page.participant_id)
        if report.camera_on is not None and seat is not None:
            seat.set_camera(report.camera_on)
        self._report(
            PeerReport(
                participant_id=page.participant_id,
                mic_on=report.mic_on,
                camera_on=report.camera_on,
                consent=report.consent,
            )
        )

    def _take_offer(self, page: Page, entry: RosterEntry, offer: Offer) -> None:
        if not self._offers.take(entry.participant_id):
            self.connector.refused["rate"] += 1
            page.push(Refused(id=offer.id, reason="busy", retry_ms=2000))
            return
        seat = self._seats.get(entry.participant_id)
        if seat is None:
            index = self._bus.take()
            if index is None:
                page.push(Refused(id=offer.id, reason="busy", retry_ms=5000))
                return
            seat = self._seats[entry.participant_id] = Seat(entry.participant_id, index, self._bus)
            seat.set_muted(entry.muted)
            seat.set_want(self._wants.get(entry.participant_id))
            self.isos.seated(seat)
        self.connector.offer(seat, page, offer)

    def state_of(self, page: Page) -> State:
        """The state to tell a page now."""
        setup, entry = self.roster.setup, self.roster.entry(page.participant_id)
        if setup is None:
            return State(phase="waiting")
        if entry is None:
            return State(phase="unknown" if page.close_code == CLOSE_UNKNOWN else "waiting")
        if page.close_code == CLOSE_REPLACED:
            return State(phase="replaced")
        seat = self._seats.get(entry.participant_id)
        want = self._wants.get(entry.participant_id)
        return State(
            phase=self._phase(page, entry),
            participant_id=entry.participant_id,
            title=setup.title,
            host=self.host,
            name=entry.name,
            office=entry.office,
            send=demand.send_of(want, self._settings.tile_width),
            muted=entry.muted,
            consent=entry.consent,
            hand=entry.hand,
            on_air=entry.on_air,
            on_preview=entry.on_preview,
            recording=setup.recording,
            streaming=setup.streaming,
            away=self._away,
            sound_only=entry.participant_id in self._fan.without_picture,
            peer=seat.peer_name if seat is not None else "",
            ask=self._asks.get(entry.participant_id),
            ice_servers=self._relay.for_page(entry.participant_id) if entry.presence in SEATED else (),
        )

    def _phase(self, page: Page, entry: RosterEntry) -> str:
        if not self._open:
            return "closed"
        if page.close_code == CLOSE_ENDED and entry.presence not in ENDED:
            return "left"
        if entry.presence in SEATED:
            return "seat"
        return "lobby" if entry.presence == "knocking" else entry.presence

    # -- connections

    def _peer_up(self, seat: Seat) -> None:
        if seat.peer is not None:
            self._fan.add(seat.participant_id, seat.peer)
        self._send(PeerUp(participant_id=seat.participant_id, place=seat.place))

    def _peer_down(self, seat: Seat, reason: str) -> None:
        self._fan.remove(seat.participant_id)
        self._send(PeerDown(participant_id=seat.participant_id, reason=reason))
        page = self._pages.get(seat.participant_id)
        if page is not None:
            page.refresh()

    # -- clockwork

    def second(self, loop_lag_ms: float) -> None:
        """Once a second: report all links and the room's own figures to the engine."""
        links: dict[str, Link] = {}
        for participant_id, seat in self._seats.items():
            wanted = demand.send_of(self._wants.get(participant_id), self._settings.tile_width).mode
            link = seat.second(wanted)
            if link is not None:
                links[participant_id] = link
        figures = RoomFigures(
            loop_lag_ms=loop_lag_ms,
            pages=len(self._pages),
            receivers=self._fan.receivers,
            out_kbps=sum(link.out_kbps for link in links.values()),
            refused=dict(self.guard.refused + self.connector.refused),
        )
        self.isos.second()
        self._send(LinkReport(links=links, figures=figures))

    def beat(self) -> None:
        """Twice a second: sign of life on the bus, and whether the program comes."""
        self._bus.beat()
        away = not self._fan.alive
        if away != self._away:
            self._away = away
            for page in self._pages.values():
                page.refresh()

    async def close(self) -> None:
        """Let go of all connections; the pages keep trying and find the next worker."""
        self.joining.close()
        for seat in list(self._seats.values()):
            self._drop_seat(seat)
        await self.isos.close()
        await self.connector.close()
