"""Steps that are not left half done: a cancellation waits for their end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def wholly(work: Coroutine[Any, Any, T]) -> T:
    """Carry out `work` to its end also where whoever asked is cancelled; he is then told so afterwards.

    For short steps that others must not see in part, such as an append to the journal and what follows it.
    """
    task = asyncio.get_running_loop().create_task(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        await asyncio.gather(task, return_exceptions=True)
        raise asyncio.CancelledError
    return task.result()
