"""The one clock of the media bus, and its mapping to the NTP time stamps of RTCP."""

from __future__ import annotations

import time

NTP_EPOCH_OFFSET_S = 2_208_988_800
"""Seconds from 1900-01-01 (NTP, RFC 3550 section 4) to 1970-01-01 (Unix)."""

# Sampled once: the sender reports of a process must not jump when somebody sets the wall clock.
_UNIX_MINUS_BUS_US = time.time_ns() // 1000 - time.monotonic_ns() // 1000


def now_us() -> int:
    """Return the bus time in microseconds: monotonic, the same in all processes of this machine."""
    return time.monotonic_ns() // 1000


def bus_to_ntp(bus_us: int) -> int:
    """Return the 64-bit NTP time stamp (32.32 fixed point, RFC 3550 section 4) of a bus time."""
    unix_us = bus_us + _UNIX_MINUS_BUS_US
    return ((unix_us + NTP_EPOCH_OFFSET_S * 1_000_000) << 32) // 1_000_000


def ntp_to_bus(ntp: int) -> int:
    """Return the bus time of a 64-bit NTP time stamp made by `bus_to_ntp` on this machine."""
    return ntp_to_us(ntp) - NTP_EPOCH_OFFSET_S * 1_000_000 - _UNIX_MINUS_BUS_US


def ntp_to_us(ntp: int) -> int:
    """Return microseconds since 1900 of a 64-bit NTP time stamp; its clock is the sender's, not ours."""
    return (ntp * 1_000_000 + (1 << 31)) >> 32


def ntp_middle(ntp: int) -> int:
    """Return the middle 32 bits of an NTP time stamp, the form of LSR and DLSR (RFC 3550 section 6.4.1)."""
    return (ntp >> 16) & 0xFFFFFFFF
