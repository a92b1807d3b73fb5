"""A real browser before a room worker, for benches: private folders, then what `outside` gives."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.end2end.outside import Outside, outside


@asynccontextmanager
async def browser_room(codec: str = "H264") -> AsyncIterator[Outside]:
    """Run worker, program and Chromium in folders that are gone afterwards."""
    top = tempfile.mkdtemp(prefix="oc-bench-")
    for name in ("runtime", "data", "config"):
        os.environ[f"OPERATOR_CONSOLE_{name.upper()}"] = f"{top}/{name}"
    os.environ["OPERATOR_CONSOLE_SITE"] = f"{top}/site.toml"
    try:
        async with outside(codec) as made:
            yield made
    finally:
        shutil.rmtree(top, ignore_errors=True)
