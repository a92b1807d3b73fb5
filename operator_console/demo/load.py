"""Load for benches: many simulated offices in processes of their own, started, asked and ended from here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Any, Self

from operator_console import paths

PER_PROCESS = 64
"""Offices per process: one with 122 would be a bottleneck of its own (sending is about 4 ms/s an office)."""
END_S = 15.0


class Load:
    """Offices that join a room with the given tokens, one each.

        with Load(url, tokens, overrides) as load:
            ...
            load.figures()           # one dict an office, see `demo.figures.ProgramWatch.report`
        load.ended                   # the same, from their end

    They share nine encoded loops of picture and speech, so that an office costs little more than its packets.
    """

    def __init__(
        self,
        url: str,
        tokens: Sequence[str],
        overrides: dict[str, str] | None = None,
        *,
        flash: bool = False,
        talks: bool = False,
        per_process: int = PER_PROCESS,
    ) -> None:
        self._orders = [
            {
                "url": url,
                "tokens": list(tokens[i : i + per_process]),
                "flash": flash,
                "talks": talks,
                "first": i,
            }
            for i in range(0, len(tokens), per_process)
        ]
        self._overrides = overrides or {}
        self._processes: list[subprocess.Popen[bytes]] = []
        self.ended: list[dict[str, Any]] = []

    @property
    def pids(self) -> list[int]:
        """Process ids, to take their CPU time off a measurement."""
        return [process.pid for process in self._processes]

    def start(self) -> None:
        """Start the processes; their offices join as fast as the room lets them."""
        sets = [f"--set={name}={value}" for name, value in self._overrides.items()]
        for order in self._orders:
            process = subprocess.Popen(
                paths.self_command("offices", *sets), stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            self._processes.append(process)
            assert process.stdin is not None
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()

    def figures(self) -> list[dict[str, Any]]:
        """What each office has received so far; waits for the answer. Raises OSError where a process died."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(b"figures\n")
            process.stdin.flush()
        return [office for process in self._processes for office in _read(process.stdout)]

    def stop(self) -> None:
        """Let all leave; `ended` has their last figures."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in self._processes:
            self.ended += _read(process.stdout)
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self._processes.clear()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _read(stream: IO[bytes] | None) -> list[dict[str, Any]]:
    line = stream.readline() if stream is not None else b""
    offices: list[dict[str, Any]] = json.loads(line)["offices"] if line else []
    return offices
