"""The thread that reads a source and writes it to the bus, and opens it again after a failure."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from media.reason import Reason, SourceCode
from media.source import MediaSource, SourceError
from operator_console.protocol import Want
from operator_console.sources.opening import Format
from operator_console.sources.writing import SourceWriter

_log = logging.getLogger(__name__)

RETRY_S = 2.0


@dataclass(frozen=True, slots=True)
class SourceState:
    """State of a source as it is reported: starting | running | failed, and why it failed."""

    state: str
    reason: Reason | None = None


class SourcePump:
    """Reads one source until stopped.

    ``make(format)`` gives the source, not opened. ``changed(state)`` is called on the pump's thread.
    ``returns``: whether a source that broke while it ran is opened again (a device) or not (a damaged
    file: it would break at the same place again); one that could not be opened at all is always tried
    again, every 2 s. ``scalable``: whether the source is cheaply made anew when another size is wanted.
    """

    def __init__(
        self,
        make: Callable[[Format], MediaSource],
        writer: SourceWriter,
        changed: Callable[[SourceState], None],
        *,
        limit: Format,
        returns: bool = True,
        scalable: bool = False,
        retry_s: float = RETRY_S,
    ) -> None:
        self._make, self._writer, self._changed = make, writer, changed
        self._limit, self._returns, self._scalable, self._retry_s = limit, returns, scalable, retry_s
        self._want: Want | None = None
        self._format = limit
        self._source: MediaSource | None = None
        self._stopping = threading.Event()
        self._rescale = threading.Event()
        self._thread = threading.Thread(target=self._run, name="source", daemon=True)
        self._state = SourceState("starting")
        self._worth_retrying = True
        self.item_s = time.monotonic()
        """When the last item came."""

    @property
    def state(self) -> SourceState:
        """The state now."""
        return self._state

    def figures(self) -> dict[str, Any]:
        """Size of the pictures, and how many pictures and blocks there were."""
        width, height = self._writer.size_px
        return {
            "width_px": width,
            "height_px": height,
            "pictures": self._writer.pictures,
            "blocks": self._writer.blocks,
        }

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def set_want(self, want: Want | None) -> None:
        """What is to be written of the pictures from now on; from any thread."""
        self._want = want
        if self._scalable and self._format_for(want) != self._format:
            self._rescale.set()

    def stop(self, deadline_s: float = 1.5) -> bool:
        """End it; waits. False where a driver does not come back: then the process has to end without it."""
        self._stopping.set()
        if self._thread.ident is None:
            return True
        # Some drivers hang in close too.
        threading.Thread(target=self._close_source, name="source-close", daemon=True).start()
        self._thread.join(deadline_s)
        return not self._thread.is_alive()

    def _close_source(self) -> None:
        source = self._source
        if source is not None:
            source.close()

    def _format_for(self, want: Want | None) -> Format:
        if not self._scalable:
            return self._limit
        if want is None:
            return Format(320, 180, 5)
        if not want.picture:
            return Format(320, 180, min(want.fps, 15))
        width, height = min(want.width_px, self._limit.width_px), min(want.height_px, self._limit.height_px)
        return Format(max(2, width // 2 * 2), max(2, height // 2 * 2), min(want.fps, self._limit.fps))

    def _say(self, state: str, reason: Reason | None = None) -> None:
        now = SourceState(state, reason)
        if now != self._state:
            self._state = now
            _log.info("%s %s", state, reason.text if reason else "")
            self._changed(now)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                if not self._run_once() and not self._stopping.is_set():
                    self._writer.clear()
                    self._stopping.wait(self._retry_s if self._worth_retrying else None)
        except Exception:  # noqa: BLE001 (top of this thread: say it and stand still, no crash loop)
            _log.exception("The source failed")
            text = "The source failed for a reason nobody foresaw; its log says more."
            self._say("failed", Reason(SourceCode.INTERNAL, text))

    def _run_once(self) -> bool:
        """Open and read to the end; True where it is to be opened again at once."""
        self._rescale.clear()
        self._format = self._format_for(self._want)
        opened = False
        try:
            self._source = source = self._make(self._format)
            source.open()
            opened = True
            return self._read(source)
        except SourceError as error:
            self._worth_retrying = self._returns or not opened
            self._say("failed", error.reason)
        except OSError as error:
            text = f"The picture cannot be passed on: {error.strerror}."
            self._say("failed", Reason(SourceCode.BUS, text))
        finally:
            source_now, self._source = self._source, None
            if source_now is not None:
                source_now.close()
        return False

    def _read(self, source: MediaSource) -> bool:
        while not self._stopping.is_set() and not self._rescale.is_set():
            item = source.read()
            if item is None:
                break
            self.item_s = time.monotonic()
            first = self._writer.place
            self._writer.write(item, self._want)
            if self._state.state != "running":
                self._say("running")
            elif self._writer.place != first:
                self._changed(self._state)
        if self._rescale.is_set() or self._stopping.is_set():
            return True
        self._worth_retrying = self._returns
        self._say("failed", Reason(SourceCode.ENDED, "The source has ended."))
        return False
