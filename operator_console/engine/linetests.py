"""The line test: knocks at a destination before the session; measures the line where that is asked for."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from media.outputs import linetest
from media.outputs.livestream import Destination
from media.outputs.rtmp import RtmpError, StreamInfo
from media.reason import LivestreamCode, Reason, fields_of
from operator_console.engine.observations import Observations
from operator_console.engine.words import word
from operator_console.protocol import OperatorError, RunLineTest

_log = logging.getLogger(__name__)

KEY = "line_test"
SECONDS_MIN, SECONDS_MAX = 3, 30


def answer_value(answer: linetest.Answer) -> dict[str, Any]:
    """What one address answered, as the observation has it. Pure."""
    times = answer.times
    return {
        "url": answer.url,
        "ok": times is not None,
        "secure": answer.url.startswith("rtmps:"),
        "connect_ms": round(times.connect_s * 1000) if times else None,
        "rtt_ms": round(times.rtt_s * 1000) if times else None,
        "open_ms": round(times.open_s * 1000) if times else None,
        **fields_of(answer.reason),
    }


def speed_value(speed: linetest.Speed) -> dict[str, Any]:
    """What the line carried, as the observation has it. Pure."""
    return {
        "seconds": speed.seconds,
        "asked_kbps": speed.asked_bps // 1000,
        "program_kbps": speed.program_bps // 1000,
        "sustained_kbps": speed.sustained_bps // 1000,
        "acknowledged": speed.acknowledged,
        "worst_backlog_bytes": speed.worst_backlog_bytes,
        "verdict": speed.verdict,
    }


class LineTests:
    """At most one test at a time; its state and result are the observation `line_test`."""

    def __init__(self, observations: Observations, info: StreamInfo) -> None:
        self._observations, self._info = observations, info
        self._running: asyncio.Task[None] | None = None
        self._value: dict[str, Any] = {}

    @property
    def running(self) -> bool:
        """Whether a test runs."""
        return self._running is not None and not self._running.done()

    def start(self, command: RunLineTest, destination: Destination, language: str) -> None:
        """Begin; repeating the one that runs changes nothing. Raises OperatorError."""
        if self.running:
            if self._value.get("destination_id") == command.destination_id:
                return
            raise OperatorError(
                "line_test_runs",
                "Uji jalur lain masih berjalan. Tunggu sampai selesai, atau hentikan.",
                "Another line test is running. Wait for its end, or stop it.",
            )
        try:
            destination.targets()
        except ValueError as error:
            raise bad_address() from error
        self._value = {
            "destination_id": command.destination_id,
            "publish": command.publish,
            "state": "running",
            "step": "knock",
            "progress": 0.0,
            "addresses": [],
            "key_tested": False,
            "speed": None,
            "at_ms": time.time_ns() // 1_000_000,
            **fields_of(None),
        }
        self._running = asyncio.get_running_loop().create_task(self._run(command, destination, language))
        self._tell()

    async def stop(self) -> None:
        """End the test that runs."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def _tell(self, **changed: Any) -> None:
        self._value = {**self._value, **changed}
        self._observations.set(KEY, self._value)

    async def _run(self, command: RunLineTest, destination: Destination, language: str) -> None:
        try:
            await self._knock(destination)
            if command.publish and self._value["addresses"][0]["ok"]:
                seconds = max(SECONDS_MIN, min(SECONDS_MAX, command.seconds))
                await self._publish(destination, seconds, language)
            first = self._value["addresses"][0]
            self._tell(state="done" if first["ok"] else "failed", step="", progress=1.0, **_cause(first))
        except RtmpError as error:
            self._tell(state="failed", step="", **fields_of(error.reason))
        except asyncio.CancelledError:
            self._tell(state="stopped", step="")
            raise
        except Exception:  # noqa: BLE001 top of the task: the window must not wait for ever
            _log.exception("the line test failed by a fault of the program")
            why = Reason(LivestreamCode.INTERNAL, "The line test had an internal fault.")
            self._tell(state="failed", step="", **fields_of(why))

    async def _knock(self, destination: Destination) -> None:
        answers: list[dict[str, Any]] = []
        for target in destination.targets():
            answers.append(answer_value(await linetest.ask(target)))
            self._tell(addresses=list(answers))

    async def _publish(self, destination: Destination, seconds: int, language: str) -> None:
        self._tell(step="publish")
        rate_bps = round(self._info.video.bit_rate_bps * linetest.SURPLUS)
        signal = await asyncio.to_thread(
            linetest.TestSignal, self._info.video, rate_bps, word("line_test", language)
        )
        speed = await linetest.publish(
            destination.targets()[0],
            self._info,
            signal,
            seconds,
            on_progress=lambda share: self._tell(progress=round(share, 2)),
        )
        self._tell(key_tested=True, speed=speed_value(speed))


def _cause(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in ("reason", "code", "args")}


def bad_address() -> OperatorError:
    """The refusal of an address that is none."""
    return OperatorError(
        "bad_address",
        "Alamat siaran tidak benar. Contoh: rtmps://a.rtmps.youtube.com/live2",
        "The livestream address is not right. Example: rtmps://a.rtmps.youtube.com/live2",
    )
