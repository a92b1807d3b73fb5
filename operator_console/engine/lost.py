"""Why a worker went away, as its exit tells it. Pure."""

from __future__ import annotations

from media.reason import Reason
from operator_console.session.codes import EXIT_UNUSABLE, RoomCode, WorkerCode


def worker_reason(status: int | None) -> Reason:
    """From a worker's exit status: a number, below zero the signal that ended it, None if it is unknown."""
    if status is None:
        return Reason(WorkerCode.GONE, "gone")
    if status < 0:
        return Reason(WorkerCode.KILLED, f"exit code {status}", {"signal": str(-status)})
    return Reason(WorkerCode.EXIT, f"exit code {status}", {"status": str(status)})


def room_reason(status: int | None) -> Reason:
    """Why the join page is away while its worker is."""
    if status == EXIT_UNUSABLE:
        return Reason(RoomCode.WORKER_UNUSABLE, "The room worker cannot use its folder or certificate.")
    return Reason(RoomCode.WORKER_LOST, f"The room worker ended ({worker_reason(status).text}).")
