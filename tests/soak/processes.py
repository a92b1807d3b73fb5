"""What the processes of a running product use: memory, file descriptors, threads, processor."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import psutil

from tests.end2end.product import Product

_STATUS = {"VmRSS": "rss_mb", "RssAnon": "own_mb", "Threads": "threads"}


def product_pids(product: Product, keeper_pid: int) -> dict[str, int]:
    """Process ids of the product by name; the engine that waits beside the running one is `standby`."""
    machine = product.console.observed.get("machine", {})
    names = {keeper_pid: "keeper", product.engine_pid: "engine"}
    names |= {int(one.get("pid", 0)): name for name, one in machine.get("workers", {}).items()}
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(keeper_pid).children(recursive=True):
            if child.pid not in names:
                names[child.pid] = _unknown(child)
    return {name: pid for pid, name in names.items() if pid > 0}


def _unknown(process: psutil.Process) -> str:
    """A name for a process that nobody reports."""
    with contextlib.suppress(psutil.Error):
        return "standby" if "engine" in process.cmdline() else f"other-{process.name()}"
    return "other"


def looked_at(pid: int, shares: bool) -> dict[str, Any] | None:
    """What a process uses now, None where it is gone.

    `rss_mb` counts the shared media bus, `own_mb` is anonymous memory alone, `pss_mb` (where `shares`, as
    the kernel walks all pages for it) has the shared pages in proportion; `cpu_ms` is since its start.
    """
    folder = Path("/proc") / str(pid)
    try:
        found = _status((folder / "status").read_text(encoding="ascii", errors="replace"))
        found["fds"] = len(os.listdir(folder / "fd"))
        times = psutil.Process(pid).cpu_times()
        if shares:
            found["pss_mb"] = _kilobytes((folder / "smaps_rollup").read_text(encoding="ascii"), "Pss")
    except (OSError, psutil.Error):
        return None
    if "own_mb" not in found:  # ended, and not waited for yet
        return None
    return {"pid": pid, **found, "cpu_ms": round((times.user + times.system) * 1000)}


def _status(text: str) -> dict[str, Any]:
    lines = (line.partition(":") for line in text.splitlines())
    values = {_STATUS[name]: value.split()[0] for name, _, value in lines if name in _STATUS}
    return {name: int(v) if name == "threads" else round(int(v) / 1024, 2) for name, v in values.items()}


def _kilobytes(text: str, name: str) -> float:
    """A line of smaps_rollup in MB."""
    line = next((line for line in text.splitlines() if line.startswith(f"{name}:")), "x 0")
    return round(int(line.split()[1]) / 1024, 2)
