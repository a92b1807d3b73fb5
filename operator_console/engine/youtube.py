"""YouTube with an account: who is signed in, which broadcasts are planned, and the one that runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from operator_console.engine.broadcasts import ACTOR, BroadcastRunner, Outputs
from operator_console.engine.observations import Observations
from operator_console.engine.slowfiles import SlowFiles
from operator_console.engine.store import SessionStore
from operator_console.journal import JournalError
from operator_console.protocol import OperatorError, ScheduleBroadcast, StartBroadcast
from operator_console.session import facts as f
from operator_console.session.codes import YoutubeCode
from operator_console.session.model import BroadcastPhase, SessionState
from operator_console.settings import Settings
from operator_console.youtube import plan
from operator_console.youtube.account import Account, Memory
from operator_console.youtube.answers import BroadcastItem
from operator_console.youtube.client import YoutubeClient, checked_id
from operator_console.youtube.errors import YoutubeError
from operator_console.youtube.http import Http
from operator_console.youtube.oauth import SIGN_IN_S, SignIn, Tokens
from operator_console.youtube.project import Addresses, Client
from operator_console.youtube.unended import KINDS, Unended, unended
from operator_console.youtube.units import OF_A_DAY, Units

_log = logging.getLogger(__name__)

OBSERVATION = "youtube"
END_S = 3.0
"""How long the end of a session or engine waits until YouTube knows; then it goes on without."""
ENDED_PHASES = (BroadcastPhase.ENDED, BroadcastPhase.FAILED)
SHOWN_MAX = 50
UNENDED_MAX = 5
"""Of so many broadcasts whose end YouTube was not told it is asked how they are; one unit each."""
AHEAD_MAX_MS = 366 * 24 * 3600 * 1000


def refusal(error: YoutubeError) -> OperatorError:
    """The refusal of a command; `cause` is the `YoutubeCode`, the other arguments are its figures."""
    return OperatorError(
        "youtube",
        "Ini sekarang tidak dapat dilakukan lewat akun YouTube.",
        "This cannot be done with the YouTube account now.",
        cause=str(error.code),
        **error.details,
    )


class Youtube:
    """The account and its broadcasts. Without the file of a Cloud project nothing here opens a connection."""

    def __init__(
        self,
        settings: Settings,
        store: SessionStore,
        observations: Observations,
        outputs: Outputs,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        memory: Memory,
        pace: plan.Pace | None = None,
    ) -> None:
        self._settings, self._store, self._observations, self._spawn = settings, store, observations, spawn
        self._pace = pace or plan.Pace()
        self._http, self._files = Http(), SlowFiles()
        self._account = Account(self._http, memory)
        self._project: tuple[Addresses, Client] | None = None
        self.client = YoutubeClient(self._http, self._account, self._projected, Units())
        self.runner = BroadcastRunner(
            self.client, store, observations, outputs, self._hear, self._pace, self._on_ended, self._files
        )
        self._sign_in: tuple[SignIn, str, bool] | None = None
        self._seen: dict[str, Any] = {"state": "off", "units_of_day": OF_A_DAY}

    # ---- life

    async def start(self) -> None:
        """Find the account of an earlier run; tell who it is."""
        if not self._settings.youtube_client_file:
            self._note(state="off")
            return
        try:
            await self._read_project()
        except YoutubeError as error:
            self._note(state="off", **error.fields)
            return
        await self._load_account()
        if not self.runner.busy:
            await self._find_unended()

    async def _load_account(self) -> None:
        try:
            found = await self._account.load()
        except YoutubeError as error:
            self._note(state="signed_out", **error.fields)
            return
        if not found:
            self._note(state="signed_out")
            return
        self._note(state="signed_in", kept=self._account.kept)
        await self._ask_channel()

    def _on_ended(self) -> None:
        self._spawn(self._find_unended(ask=False))

    async def _find_unended(self, *, ask: bool = True) -> None:
        """Tell which broadcast of an earlier session may still run; `ask` YouTube whether it is over."""
        state, title = self._store.state, ""
        try:
            records = await self._store.of_kinds(KINDS)
            for one in unended(records, state.session_id if state.is_open else "")[:UNENDED_MAX]:
                if not ask or not await self._is_over(one):
                    title = title or one.title
        except (JournalError, OperatorError) as error:
            _log.error("it is not known which broadcasts were not ended: %s", error)
        self._note(not_ended=title)

    async def _is_over(self, one: Unended) -> bool:
        if not one.broadcast_id or not self._account.signed_in or one.channel != self._seen.get("channel"):
            return False
        try:
            over = (await self.client.broadcast(one.broadcast_id)).life in (*plan.OVER, *plan.PLANNED)
        except YoutubeError as error:
            over = error.code is YoutubeCode.GONE
        if over:
            await self._store.record_in(
                one.session_id, ACTOR, f.BroadcastEnded(broadcast_id=one.broadcast_id)
            )
        return over

    async def resume(self) -> None:
        """Go on with the broadcast of an engine that died; its stream has been taken up before."""
        broadcast = self._store.state.broadcast
        if broadcast is not None and broadcast.phase not in ENDED_PHASES:
            self.runner.begin()

    def take_settings(self, settings: Settings) -> None:
        """Another file of the Cloud project counts at once."""
        changed = settings.youtube_client_file != self._settings.youtube_client_file
        self._settings = settings
        if changed:
            self._project = None
            self._spawn(self.start())

    async def ending(self, actor: str) -> None:
        """The broadcast is to end; whoever calls stops the stream next, then calls `stream_stopped`."""
        await self.runner.ending(actor)

    def stream_stopped(self) -> None:
        """The stream was stopped: tell YouTube, however long that takes."""
        if self.runner.ends:
            self.runner.begin()

    async def ended(self) -> None:
        """The same, and wait a moment for it; what is not told then is tried on in the background."""
        self.stream_stopped()
        if self.runner.ends:
            await self.runner.wait_ended(self._pace.s(END_S))

    async def stop(self) -> None:
        """The engine ends: what has still to be told to YouTube gets a moment; the next engine goes on."""
        await self.ended()
        await self.runner.stop()
        await self._end_sign_in()
        await self._http.close()

    def _projected(self) -> tuple[Addresses, Client]:
        if self._project is None:
            raise YoutubeError(YoutubeCode.NO_CLIENT, "no Cloud project", file="youtube_client_file")
        return self._project

    async def _read_project(self) -> tuple[Addresses, Client]:
        client = await self._files.client(self._settings.youtube_client_file)
        self._project = Addresses.of(self._settings), client
        return self._project

    # ---- account

    async def sign_in(self, *, for_run: bool) -> str:
        """Begin to sign in; the address for the browser. Repeated it is the same attempt."""
        if self._sign_in is not None and self._sign_in[2] == for_run:
            return self._sign_in[1]
        if self.runner.busy and self._seen["state"] == "signed_in":
            raise OperatorError(
                "broadcast_runs",
                "Siaran YouTube masih berjalan dengan akun yang sudah masuk. Akhiri siaran dulu, "
                "lalu masuk dengan akun lain.",
                "A YouTube broadcast still runs with the account that is signed in. End it first, "
                "then sign in with another account.",
            )
        await self._end_sign_in()
        try:
            addresses, client = await self._read_project()
            if not for_run and not await self._account.can_be_kept():
                raise YoutubeError(YoutubeCode.NO_KEYRING, "no keyring")
        except YoutubeError as error:
            raise refusal(error) from error
        attempt = SignIn(self._http, addresses, client, self._pace.s(SIGN_IN_S))
        url = await attempt.begin()
        self._sign_in = attempt, url, for_run
        self._note(state="signing_in", code="", args={}, reason="")
        self._spawn(self._finish_sign_in(attempt, for_run))
        return url

    async def _finish_sign_in(self, attempt: SignIn, for_run: bool) -> None:
        error: YoutubeError | None = None
        try:
            tokens = await attempt.finish()
            await self._check_same(tokens)
            await self._account.keep(tokens, for_run=for_run)
        except YoutubeError as failed:
            error = failed
        except asyncio.CancelledError:
            error = YoutubeError(YoutubeCode.SIGN_IN_CANCELLED, "the sign-in was cancelled")
        if self._sign_in is not None and self._sign_in[0] is attempt:
            self._sign_in = None
        if error is not None:
            self._note(state="signed_in" if self._account.signed_in else "signed_out", **error.fields)
            return
        self._note(state="signed_in", kept=self._account.kept, channel="", channel_id="", code="", args={})
        self._note(reason="", upcoming=None)
        await self._ask_channel()

    async def _check_same(self, tokens: Tokens) -> None:
        """The broadcast that runs belongs to one account: no other one comes in its place."""
        if not self.runner.busy:
            return
        trial = Account(self._http, self._account.memory)
        trial.hold(tokens)
        channel = await YoutubeClient(self._http, trial, self._projected, self.client.units).channel()
        broadcast, known = self._store.state.broadcast, self._seen.get("channel_id", "")
        title = broadcast.channel if broadcast is not None else ""
        same = channel.id == known if known else title in ("", channel.snippet.title[:100])
        if not same:
            raise YoutubeError(YoutubeCode.OTHER_ACCOUNT, "another account than that of the broadcast")

    async def cancel_sign_in(self) -> None:
        """Wait for the browser no longer."""
        await self._end_sign_in()

    async def _end_sign_in(self) -> None:
        attempt, self._sign_in = self._sign_in, None
        if attempt is not None:
            await attempt[0].close()

    async def sign_out(self) -> None:
        """Forget the account, here and at Google. Raises OperatorError while a broadcast needs it."""
        if self.runner.busy:
            raise OperatorError(
                "broadcast_runs",
                "Siaran YouTube masih berjalan atau sedang diakhiri. Akhiri dulu, lalu keluar dari akun.",
                "A YouTube broadcast still runs or is being ended. End it first, then sign out.",
            )
        await self._end_sign_in()
        project = self._project
        await self._account.forget(project[0] if project else None)
        state = "signed_out" if project else "off"
        self._note(
            state=state, kept="", channel="", channel_id="", upcoming=None, code="", args={}, reason=""
        )

    async def _ask_channel(self) -> None:
        try:
            channel = await self.client.channel()
            self._note(channel=channel.snippet.title[:100], channel_id=channel.id[:64], state="signed_in")
        except YoutubeError as error:
            self._hear_error(error)

    def _hear(self, error: YoutubeError | None) -> None:
        """How a call of the broadcast went."""
        if error is not None:
            self._hear_error(error)
        elif self._seen["state"] in ("signed_in", "sign_in_again") and self._account.signed_in:
            self._note(state="signed_in", code="", args={}, reason="")

    def _hear_error(self, error: YoutubeError) -> None:
        state = "sign_in_again" if error.code is YoutubeCode.SIGN_IN_AGAIN else self._seen["state"]
        self._note(state=state, **error.fields)

    # ---- broadcasts

    async def look(self) -> None:
        """Ask for the planned broadcasts, in the background."""
        self._require_account()
        self._note(looking=True)
        self._spawn(self._look())

    async def _look(self) -> None:
        self._note(looking=True)
        try:
            if not self._seen.get("channel"):
                await self._ask_channel()
            planned = [_shown(one) for one in await self.client.upcoming() if one.life in plan.PLANNED]
            planned.sort(key=lambda one: one["scheduled_at_ms"])
            self._note(upcoming=planned[:SHOWN_MAX], code="", args={}, reason="")
            if not self.runner.busy:
                await self._find_unended()
        except YoutubeError as error:
            self._hear_error(error)
        finally:
            self._note(looking=False)

    async def schedule(self, command: ScheduleBroadcast) -> None:
        """Plan a broadcast, in the background; it then stands among the planned ones."""
        self._require_account()
        now_ms = time.time_ns() // 1_000_000
        try:
            plan.check_texts(command.title, command.description, command.privacy)
            if not now_ms < command.scheduled_at_ms < now_ms + AHEAD_MAX_MS:
                raise YoutubeError(YoutubeCode.BAD_TIME, "the time must be within the next year")
            if command.thumbnail:
                await self._files.thumbnail(command.thumbnail)
        except YoutubeError as error:
            raise refusal(error) from error
        self._note(looking=True)
        self._spawn(self._schedule(command))

    async def _schedule(self, command: ScheduleBroadcast) -> None:
        texts = (command.title.strip(), command.description, command.privacy)
        try:
            known = await self.client.upcoming()
            start = plan.iso_time(command.scheduled_at_ms)
            if not any(_same(one, texts[0], start) for one in known):
                made = await self.client.insert_broadcast(plan.new_broadcast(*texts, command.scheduled_at_ms))
                await self._set_picture(checked_id(made.id), command.thumbnail)
        except YoutubeError as error:
            self._hear_error(error)
            return
        finally:
            self._note(looking=False)
        await self._look()

    async def _set_picture(self, broadcast_id: str, file: str) -> None:
        if file:
            picture = await self._files.thumbnail(file)
            await self.client.set_thumbnail(broadcast_id, picture)

    async def remove(self, broadcast_id: str) -> None:
        """Delete a planned broadcast, in the background."""
        self._require_account()
        broadcast = self._store.state.broadcast
        used = (broadcast.broadcast_id, broadcast.picked_id) if broadcast and self.runner.busy else ()
        try:
            if checked_id(broadcast_id) in used:
                raise YoutubeError(YoutubeCode.TRANSITION, "it runs", said="-")
        except YoutubeError as error:
            raise refusal(error) from error
        self._note(looking=True)
        self._spawn(self._remove(broadcast_id))

    async def _remove(self, broadcast_id: str) -> None:
        try:
            await self.client.delete_broadcast(broadcast_id)
        except YoutubeError as error:
            if error.code is not YoutubeCode.GONE:
                self._hear_error(error)
                return
        finally:
            self._note(looking=False)
        await self._look()

    async def go_live(self, actor: str, command: StartBroadcast) -> None:
        """Begin a broadcast; repeated while it runs it changes nothing. Raises OperatorError."""
        self._require_account()
        title = command.title.strip()
        try:
            plan.check_texts(title, command.description, command.privacy)
            if command.broadcast_id:
                checked_id(command.broadcast_id)
            if command.thumbnail:
                await self._files.thumbnail(command.thumbnail)
        except YoutubeError as error:
            raise refusal(error) from error
        asked = f.BroadcastAsked(
            title=title,
            description=command.description,
            privacy=command.privacy,
            thumbnail=command.thumbnail,
            picked_id=command.broadcast_id,
            channel=str(self._seen.get("channel", "")),
        )
        busy, ends = self.runner.busy, self.runner.ends
        await self._store.decide(actor, lambda state: _asked(state, asked, busy=busy, ends=ends))
        self.runner.begin()

    def _require_account(self) -> None:
        if not self._account.signed_in or self._project is None:
            code = YoutubeCode.NO_CLIENT if self._project is None else YoutubeCode.SIGN_IN_AGAIN
            raise refusal(YoutubeError(code, "nobody is signed in", file="youtube_client_file"))

    def _note(self, **values: Any) -> None:
        self._seen = {**self._seen, **values, "units_used": self.client.units.used}
        self._observations.set(OBSERVATION, self._seen)


def _asked(state: SessionState, asked: f.BroadcastAsked, *, busy: bool, ends: bool) -> list[f.AnyFact]:
    """`busy`: a broadcast runs or is being ended, be it one of a session that was closed; `ends`: that of
    this session is being ended, also where the journal does not know it yet.
    """
    before = state.broadcast
    if before is not None and before.running and not ends:
        return []
    if busy or ends:
        raise OperatorError(
            "broadcast_ending",
            "Siaran YouTube sebelumnya masih diakhiri. Tunggu sebentar, lalu coba lagi.",
            "The YouTube broadcast before this one is still being ended. Wait a moment, then try again.",
        )
    return [asked]


def _same(item: BroadcastItem, title: str, start: str) -> bool:
    return item.snippet.title == title and plan.unix_ms(item.snippet.scheduled_start_time) == plan.unix_ms(
        start
    )


def _shown(item: BroadcastItem) -> dict[str, Any]:
    return {
        "id": item.id[:64],
        "title": item.snippet.title[:100],
        "description": item.snippet.description[:5000],
        "privacy": item.status.privacy_status[:16],
        "scheduled_at_ms": plan.unix_ms(item.snippet.scheduled_start_time),
        "watch_url": plan.watch_url(checked_id(item.id)),
    }
