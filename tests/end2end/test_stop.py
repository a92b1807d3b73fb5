"""`operator-console stop` on a running product: refused in a session, orderly without one or when forced."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

from operator_console import protocol as p
from tests.end2end.product import Product, running_product


async def _stop(product: Product, *args: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run, product.command("stop", *args), capture_output=True, text=True, timeout=60
    )


async def test_the_engine_is_stopped_by_a_command_and_only_forced_in_a_session(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        await product.open_session()
        await product.console.do(p.StartRecording())
        refused = await _stop(product)
        assert refused.returncode == 1 and "is open (it is being recorded)" in refused.stderr
        assert product.console.state.recording is not None
        forced = await _stop(product, "--force")
        assert (forced.returncode, forced.stderr) == (0, "")
        assert forced.stdout.endswith("The engine was stopped.\n")
        again = await _stop(product)
        assert (again.returncode, again.stdout) == (0, "No engine is running.\n")
        recordings = await asyncio.to_thread(lambda: list(tmp_runtime.rglob("*.mp4")))
        assert len(recordings) == 1, "it was finished, and not begun again"
