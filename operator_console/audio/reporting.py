"""What the hall's sound is reported to be: the observation `hall_sound`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from operator_console.audio.ends import Seen, duplex
from operator_console.audio.rig import Rig

_NOTHING_THERE = ("no_input", "no_output", "vanished")


def hall_report(rig: Rig, ran: bool) -> dict[str, Any]:
    """The observation without its time; `ran`: whether there was sound in this session before."""
    settled = rig.settled
    now = rig.seen()
    ends: dict[str, Any] = {name: seen.report() for name, seen in now.items()}
    state, code, args = judged(now, anything_listed=bool(rig.list.devices), ran=ran)
    connected = all(seen.part is not None for seen in now.values() if seen.stream is not None)
    if not settled or (state == "running" and not connected):
        state, code, args = "starting", "", {}
    streams = {id(seen.stream): seen.stream for seen in now.values() if seen.stream is not None}
    return {
        "state": state,
        "code": code,
        "args": args,
        **ends,
        "echo": _echo(rig),
        "duplex": duplex(now),
        "restarts": rig.restarts,
        "xruns": sum(stream.xruns for stream in streams.values()),
    }


def judged(ends: Mapping[Any, Seen], *, anything_listed: bool, ran: bool) -> tuple[str, str, dict[str, str]]:
    """(state, code, args) of the whole, from its ends. Pure.

    It is as good as its hall ends: a headphone that failed says so itself. Where nothing at all is listed the
    sound server is gone, or the machine never had sound.
    """
    hall = [ends[name] for name in ("input", "output") if not ends[name].off]
    if all(end.off for end in ends.values()):
        return "off", "", {}
    failed = [end for end in hall or ends.values() if end.failed]
    if failed:
        first = next((end for end in failed if end.code), failed[0])
        if not first.code:
            return "starting", "", {}
        if first.code in _NOTHING_THERE and not anything_listed:
            return "failed", "server_gone" if ran else "no_devices", {}
        return "failed", first.code, dict(first.details)
    for end in hall:
        if end.state in ("rerouted", "silent"):
            told = end.report_trouble()
            return "running", told[0], told[1]
    return "running", "", {}


def overall(hall: Mapping[str, Any]) -> tuple[str, str]:
    """What a new time begins for."""
    return str(hall["state"]), str(hall["code"])


def _echo(rig: Rig) -> dict[str, Any]:
    microphone = rig.microphone
    if microphone is None or microphone.treatment.canceller is None:
        return {}
    status = microphone.treatment.canceller.status()
    return {
        "mode": status.in_use,
        "fallen_back": status.fallen_back,
        "erle_db": round(status.erle_db, 1),
        "delay_ms": round(status.delay_ms),
        "drift_ppm": round(status.drift_ppm + microphone.drift_ppm, 1),
        "echo_present": status.echo == "present",
    }
