"""Livestreams of the session: one publisher for each destination, their facts and their observations."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine
from typing import Any

import keyring
import keyring.errors

from media.clock import now_us
from media.outputs.aac import AacEncoder, AudioProfile
from media.outputs.livestream import Destination, Line, Livestream, LivestreamStatus
from media.outputs.rtmp import StreamInfo
from media.outputs.secret import Secret
from media.outputs.state import OutputState
from media.packet import EncodedPacket
from media.reason import fields_of
from media.video.encoder import VideoProfile
from operator_console import log as app_log
from operator_console.engine.airrate import AirRate
from operator_console.engine.linetests import LineTests, bad_address
from operator_console.engine.observations import Observations
from operator_console.engine.recording import PHASE
from operator_console.engine.store import JOURNAL_UNWRITABLE, Decide, SessionStore
from operator_console.engine.vault import Vault
from operator_console.engine.whole import wholly
from operator_console.passwords import Keyring, KeyringSilentError
from operator_console.paths import KEYRING_SERVICE
from operator_console.protocol import OperatorError, Refusal, RunLineTest, StartLivestream
from operator_console.session import facts as f
from operator_console.session import model
from operator_console.session.codes import ResumeCode
from operator_console.session.model import OutputPhase, SessionState
from operator_console.settings import Settings

_log = logging.getLogger(__name__)

ACTOR = "livestream"
CONNECTED = (Line.LIVE, Line.STALLED)
"""A line that stalls is given a few seconds before it counts as lost; on air it is only while live."""
FACT_RETRY_S = 2.0
MAX_DELAY_S = 60
STREAMS_MAX = 8
"""So many destinations at once; each is a thread, a line and what it holds back."""


def vault_name(destination_id: str) -> str:
    """Under which name the vault keeps the key of a destination that is live."""
    return f"stream:{destination_id}"


def stored_key(name: str) -> str:
    """The stream key of a destination from the keyring, or empty. Blocks; not for an event loop."""
    try:
        return keyring.get_password(KEYRING_SERVICE, f"stream:{name}") or ""
    except keyring.errors.KeyringError as error:
        _log.info("the keyring gives no stream key: %s", type(error).__name__)
        return ""


class Livestreams:
    """Runs the publishers and tells the journal when a destination takes the stream and when not."""

    def __init__(
        self,
        settings: Settings,
        store: SessionStore,
        observations: Observations,
        profiles: tuple[VideoProfile, AudioProfile],
        request_key: Callable[[], None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        vault: Vault,
    ) -> None:
        self._settings, self._store, self._observations = settings, store, observations
        self._request_key, self._spawn = request_key, spawn
        video, audio = profiles
        self._info = StreamInfo(video, AacEncoder(audio).config, audio.bit_rate_bps)
        self._vault, self._keyring = vault, Keyring()
        self.line_tests = LineTests(observations, self._info)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._streams: dict[str, Livestream] = {}
        self._ending: dict[str, asyncio.Task[None]] = {}
        self._untold: dict[str, tuple[str, f.LivestreamStopped]] = {}
        """Ends that no journal took yet, with the session of each."""
        rates = (video.bit_rate_bps, audio.bit_rate_bps)
        self.air_rate = AirRate(settings, store, observations, spawn, rates)

    @property
    def running(self) -> bool:
        """Whether any publisher is there, be it that it only sends what it held back."""
        return bool(self._streams)

    def runs(self, destination_id: str) -> bool:
        """Whether a publisher of that destination takes packets."""
        return destination_id in self._streams

    def push(self, packet: EncodedPacket) -> None:
        """Hand a packet to all publishers; called from the program's and the mixer's thread, never blocks."""
        for stream in tuple(self._streams.values()):
            (stream.push_video if packet.is_video else stream.push_audio)(packet)

    def take_settings(self, settings: Settings) -> None:
        """The destinations that can be started from now on; those on air go on."""
        self._settings = settings
        self.air_rate.take_settings(settings)

    def _address(self, command: StartLivestream | RunLineTest) -> tuple[str, str]:
        """The addresses of a command, or of its destination in the settings."""
        if command.url:
            return command.url, command.backup_url
        for one in self._settings.destinations:
            if one.name == command.destination_id:
                return one.url, one.backup_url
        raise OperatorError(
            "unknown_destination",
            "Tujuan siaran itu belum diatur. Tambahkan di Pengaturan.",
            "That livestream destination is not set up. Add it in the settings.",
        )

    async def start(self, actor: str, command: StartLivestream) -> None:
        """Go live; repeating it while the stream runs changes nothing."""
        async with self._locks[command.destination_id]:
            if command.destination_id in self._ending:
                raise OperatorError(
                    "livestream_ending",
                    "Siaran ini masih mengirim bagian yang tertunda. Tunggu selesai, atau potong dahulu.",
                    "This livestream still sends what it held back. Wait for its end, or cut it off first.",
                )
            if command.destination_id not in self._streams:
                self._check_count()
                await self._tell_end(actor, command.destination_id)  # of the one before
                await self._start(actor, command)

    def _check_count(self) -> None:
        if len(self._streams) >= STREAMS_MAX:
            raise OperatorError(
                "too_many_livestreams",
                f"Sudah ada {STREAMS_MAX} siaran langsung. Hentikan satu dulu, lalu mulai yang ini.",
                f"There are {STREAMS_MAX} livestreams already. Stop one first, then start this one.",
            )

    async def _start(self, actor: str, command: StartLivestream) -> None:
        name, (url, backup_url) = command.name or command.destination_id, self._address(command)
        key = await self._key(command, name)
        wanted_s = self._settings.livestream_delay_s if command.delay_s is None else command.delay_s
        delay_s = max(0, min(MAX_DELAY_S, wanted_s))
        stream = self._publisher(command.destination_id, Destination(url, Secret(key), backup_url), delay_s)
        started = f.LivestreamStarted(
            destination_id=command.destination_id,
            name=name,
            url=url,
            backup_url=backup_url,
            delay_s=delay_s,
        )
        await wholly(self._begin(actor, started, stream, key))

    async def _begin(self, actor: str, started: f.LivestreamStarted, stream: Livestream, key: str) -> None:
        """Key, fact and publisher: all of them or none, so that whoever stops it next finds it."""
        # In the keeper's hands before it is journaled: an engine killed in between can go on.
        await asyncio.to_thread(self._vault.put, vault_name(started.destination_id), key)
        try:
            await self._store.record(actor, started)
        except BaseException:
            await asyncio.to_thread(self._vault.drop, vault_name(started.destination_id))
            raise
        self._streams[started.destination_id] = stream
        stream.start()

    async def _key(self, command: StartLivestream | RunLineTest, name: str) -> str:
        key = command.key or await self._stored_key(command.destination_id)
        if not key:
            raise OperatorError(
                "no_stream_key",
                f"Kunci siaran untuk {name} belum ada. Isi kunci di Pengaturan atau saat memulai siaran.",
                f"There is no stream key for {name}. Enter it in the settings or when you go live.",
            )
        app_log.hide(key)
        return key

    async def _stored_key(self, destination_id: str) -> str:
        try:
            return await self._keyring.ask(lambda: stored_key(destination_id))
        except KeyringSilentError as error:
            raise OperatorError(
                "keyring_silent",
                "Penyimpan kata sandi komputer ini tidak menjawab. Buka kuncinya, atau isi kunci siaran saat "
                "memulai siaran.",
                "The password store of this computer does not answer. Unlock it, or enter the stream key "
                "when you go live.",
            ) from error

    def _publisher(self, destination_id: str, destination: Destination, delay_s: int) -> Livestream:
        try:
            return Livestream(
                destination,
                self._info,
                self._request_key,
                on_change=lambda: self._changed(destination_id),
                delay_s=delay_s,
            )
        except ValueError as error:
            raise bad_address() from error

    async def test_line(self, command: RunLineTest) -> None:
        """Begin a line test; what it finds is the observation `line_test`. Raises OperatorError."""
        if command.publish and self._streams:
            raise OperatorError(
                "line_test_live",
                "Selagi siaran berjalan, hanya uji tanpa gambar yang dapat dilakukan.",
                "While a livestream runs only the test without a picture can be done.",
            )
        url, backup_url = self._address(command)
        key = await self._key(command, command.destination_id) if command.publish else ""
        destination = Destination(url, Secret(key), backup_url)
        self.line_tests.start(command, destination, self._settings.language)

    def _changed(self, destination_id: str) -> None:
        stream = self._streams.get(destination_id)
        if stream is None:
            return
        status = stream.status()
        if status.state is OutputState.FAILED:
            self._streams.pop(destination_id)
            self._spawn(self._given_up(destination_id, failed(destination_id, **fields_of(status.reason))))
        else:
            self._spawn(self._record(lambda state: self._news(state, destination_id)))
        self._observe(destination_id, status)

    async def _given_up(self, destination_id: str, fact: f.LivestreamFailed) -> None:
        await asyncio.to_thread(self._vault.drop, vault_name(destination_id))

        def still_so(state: SessionState) -> list[f.AnyFact]:
            known = destination_id in state.livestreams and destination_id not in self._streams
            return [fact] if known else []

        await self._record(still_so)

    def _news(self, state: SessionState, destination_id: str) -> list[f.AnyFact]:
        """What the journal does not know yet; asked when it is written, for it may have had to wait."""
        stream = self._streams.get(destination_id)
        return line_facts(state, destination_id, stream.status()) if stream is not None else []

    async def _record(self, decide: Decide) -> None:
        while True:
            try:
                await self._store.decide(ACTOR, decide)
            except OperatorError as error:
                _log.error("a livestream's fact could not be journaled: %s", error.refusal.text_en)
                if error.refusal.code == JOURNAL_UNWRITABLE:
                    await asyncio.sleep(FACT_RETRY_S)
                    continue
            return

    async def stop(self, actor: str, destination_id: str, *, now: bool = False) -> None:
        """End a livestream. What its delay holds back still goes out while this returns, or, with `now`, is
        cut off.
        """
        async with self._locks[destination_id]:
            stream, ending = self._streams.get(destination_id), self._ending.get(destination_id)
            session_id = self._store.state.session_id
            if stream is None:
                await self._tell_end(actor, destination_id)
                return
            rest_s = math.ceil(stream.status().rest_us / 1e6)
            if ending is None and rest_s and not now:
                later = asyncio.get_running_loop().create_task(
                    self._finish_later(session_id, destination_id, stream)
                )
                self._ending[destination_id] = later
                fact = f.LivestreamStopping(destination_id=destination_id, rest_s=rest_s)
                await self._store.record_end(actor, fact)
            elif ending is None:
                stream.cut()
                await self._ended(actor, session_id, await self._finish(destination_id, stream))
            elif now:
                stream.cut()
                await ending

    async def _ended(self, actor: str, session_id: str, fact: f.LivestreamStopped) -> None:
        """Journal an end; where that is refused, whoever asked hears it and it is tried on."""
        self._untold[fact.destination_id] = session_id, fact
        try:
            await self._tell_end(actor, fact.destination_id)
        except OperatorError:
            self._spawn(self._tell_end_on(actor, fact.destination_id))
            raise

    async def _tell_end(self, actor: str, destination_id: str) -> None:
        """Journal the end that no journal took yet, if there is one. Raises OperatorError.

        Into its own session: while the rest of a stream went out another one may have been opened.
        """
        untold = self._untold.pop(destination_id, None)
        if untold is None:
            return
        try:
            await self._store.record_end(actor, untold[1], untold[0])
        except OperatorError:
            self._untold[destination_id] = untold
            raise

    async def _tell_end_on(self, actor: str, destination_id: str) -> None:
        while True:
            await asyncio.sleep(FACT_RETRY_S)
            async with self._locks[destination_id]:
                if destination_id not in self._untold:
                    return
                with contextlib.suppress(OperatorError):  # the store told it already
                    await self._tell_end(actor, destination_id)

    async def _finish(self, destination_id: str, stream: Livestream) -> f.LivestreamStopped:
        cut_us = await stream.finish()
        status = stream.status()
        self._observe(destination_id, status)
        self._streams.pop(destination_id, None)
        await asyncio.to_thread(self._vault.drop, vault_name(destination_id))
        return f.LivestreamStopped(
            destination_id=destination_id, duration_ms=status.live_us // 1000, cut_s=round(cut_us / 1e6)
        )

    async def _finish_later(self, session_id: str, destination_id: str, stream: Livestream) -> None:
        try:
            fact = await self._finish(destination_id, stream)
        finally:
            del self._ending[destination_id]
        with contextlib.suppress(OperatorError):  # it is tried on; nobody waits for it here
            await self._ended(ACTOR, session_id, fact)

    def when_ended(self, act: Callable[[], None]) -> None:
        """Call something as soon as no stream is sending what it held back any more, maybe now."""
        ending = list(self._ending.values())

        async def wait() -> None:
            await asyncio.gather(*ending, return_exceptions=True)
            act()

        if ending:
            self._spawn(wait())
        else:
            act()

    async def stop_all(self, actor: str, *, now: bool = False) -> None:
        """End all livestreams at once, and the line test; with `now` what they hold back is cut off."""
        await self.line_tests.stop()
        await asyncio.gather(*(self.stop(actor, one, now=now) for one in list(self._streams)))

    async def resume(self) -> None:
        """Take the streams of a killed engine up again; one whose key is not to be had says so.

        What a delay held back went with the engine: one that was ending has ended.
        """
        for stream in list(self._store.state.livestreams.values()):
            if stream.phase is OutputPhase.STOPPING:
                await asyncio.to_thread(self._vault.drop, vault_name(stream.destination_id))
                await self._record(cut_off(stream))
            if stream.phase not in (OutputPhase.STARTING, OutputPhase.STARTED):
                continue
            command = StartLivestream(
                destination_id=stream.destination_id,
                url=stream.url,
                backup_url=stream.backup_url,
                name=stream.name,
                key=self._vault.get(vault_name(stream.destination_id)),
                delay_s=stream.delay_s,
            )
            try:
                await self.start(ACTOR, command)
            except OperatorError as error:
                _log.error("livestream %s was not resumed: %s", stream.name, error.refusal.text_en)
                self._spawn(self._not_resumed(stream.destination_id, error.refusal))

    async def _not_resumed(self, destination_id: str, refusal: Refusal) -> None:
        code = refusal.code if refusal.code in set(ResumeCode) else ResumeCode.NOT_RESUMED
        fact = failed(destination_id, reason=refusal.text_en, code=str(code), args=refusal.args)
        await self._given_up(destination_id, fact)

    def observe(self) -> None:
        """Tell what is known of all livestreams now, and have the program's rate follow their lines."""
        seen = {destination_id: stream.status() for destination_id, stream in self._streams.items()}
        self.air_rate.step(seen)
        for destination_id, status in seen.items():
            self._observe(destination_id, status)

    def _observe(self, destination_id: str, status: LivestreamStatus) -> None:
        age_ms = (now_us() - status.line_since_us) // 1000
        line = self.air_rate.line(destination_id)
        value = {
            "phase": str(PHASE[status.state]),
            "on_air": status.line is Line.LIVE,
            "line": str(status.line),
            "since_ms": time.time_ns() // 1_000_000 - age_ms,
            "live_s": round(status.live_us / 1e6, 1),
            "kbps": status.sent_bps // 1000,
            "backlog_bytes": status.backlog_bytes,
            "dropped": status.dropped_video,
            "delay_s": status.delay_us // 1_000_000,
            "rest_s": math.ceil(status.rest_us / 1e6),
            "due_s": math.ceil(status.due_us / 1e6),
            "limit_kbps": (line.rate_bps if line else 0) // 1000,
            "too_slow": status.narrow or bool(line and line.too_slow),
            "connects": status.connects,
            "attempts": status.attempts,
            **fields_of(status.reason),
        }
        self._observations.set(f"stream.{destination_id}", value)


def failed(destination_id: str, *, reason: str, code: str, args: dict[str, str]) -> f.LivestreamFailed:
    """The fact of a livestream that is not tried again."""
    return f.LivestreamFailed(destination_id=destination_id, reason=reason, code=code, args=args)


def cut_off(stream: model.Livestream) -> Decide:
    """Ends a stream whose engine was killed while the rest of it went out."""
    fact = f.LivestreamStopped(destination_id=stream.destination_id, cut_s=stream.delay_s)
    return lambda _state: [fact]


def line_facts(state: SessionState, destination_id: str, status: LivestreamStatus) -> list[f.AnyFact]:
    """What a publisher's line has become since the journal was told last. Pure."""
    known = state.livestreams.get(destination_id)
    if known is None or status.state in (OutputState.STOPPING, OutputState.STOPPED):
        return []
    connected = status.line in CONNECTED
    if connected == known.on_air:
        return []
    if connected:
        return [f.LivestreamConfirmed(destination_id=destination_id)]
    return [f.LivestreamLost(destination_id=destination_id, **fields_of(status.reason))]
