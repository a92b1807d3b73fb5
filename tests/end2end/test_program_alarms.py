"""A program that really is silent, frozen or black is told, journaled, and over when it is right again."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from operator_console import protocol as p
from operator_console.session.model import Layout, LayoutKind, SourceKind
from tests.end2end.product import Product, running_product

SOON = {"alarm_silent_s": "2", "alarm_black_s": "1", "alarm_frozen_s": "2"}
WITHIN_S = 30

pytestmark = pytest.mark.timeout(150)


def black_film(file: Path) -> Path:
    """Two seconds of nothing to see and nothing to hear."""
    command = "ffmpeg -v error -f lavfi -i color=black:s=640x360:r=15:d=2 -pix_fmt yuv420p -c:v libx264"
    subprocess.run([*command.split(), str(file)], check=True, timeout=60)
    return file


async def on_program(product: Product, source_id: str) -> None:
    layout = Layout(kind=LayoutKind.SINGLE, sources=(source_id,))
    await product.console.do(p.CutTo(layout=layout))


async def raised(product: Product, kind: str) -> None:
    console = product.console
    await console.until(f"the alarm {kind}", lambda: kind in console.state.alarms, WITHIN_S)
    alarm = console.state.alarms[kind]
    assert console.observed["alarms"][kind]["since_ms"] == alarm.since_ms


async def cleared(product: Product) -> None:
    console = product.console
    await console.until("the end of the alarms", lambda: not console.state.alarms, WITHIN_S)


async def test_a_silent_a_frozen_and_a_black_program_are_told(tmp_runtime: Path, tmp_path: Path) -> None:
    film = black_film(tmp_path / "black.mp4")
    async with running_product(tmp_runtime, **SOON) as product:
        console = product.console
        await product.open_session()
        card = (await console.do(p.AddSource(kind=SourceKind.TESTCARD, name="Kartu", address="3")))[
            "source_id"
        ]
        black = (await console.do(p.AddSource(kind=SourceKind.FILE, name="Film", address=str(film))))[
            "source_id"
        ]
        both = {f"media.{card}", f"media.{black}"}
        await console.until("both sources", lambda: both <= console.observed.keys(), WITHIN_S)
        await on_program(product, card)
        await console.do(p.StartRecording())
        await console.until("a quiet program", lambda: console.observed.get("alarms") == {}, WITHIN_S)

        await console.do(p.SetSourceMuted(source_id=card, muted=True))
        await raised(product, "silent")
        assert "frozen" not in console.state.alarms and "black" not in console.state.alarms
        await console.do(p.AcknowledgeAlarm(alarm="silent"))
        assert console.state.alarms["silent"].acknowledged
        await console.do(p.SetSourceMuted(source_id=card, muted=False))
        await cleared(product)

        await on_program(product, black)
        await raised(product, "black")
        assert "frozen" not in console.state.alarms, "a film may stand"
        await console.do(p.SetSlate(shown=True))
        await console.until("the slate", lambda: "black" not in console.state.alarms, WITHIN_S)
        await on_program(product, card)
        await console.do(p.SetSlate(shown=False))
        await cleared(product)

        worker = product.worker_pid(card)
        os.kill(worker, signal.SIGSTOP)
        try:
            await raised(product, "frozen")
        finally:
            os.kill(worker, signal.SIGCONT)
        await cleared(product)
        await console.do(p.StopRecording(), 30)
