"""Checks of the network: ports, certificate, TURN server."""

from __future__ import annotations

import dataclasses
import datetime
import errno
import re
import secrets
import socket
import ssl
import struct
import sys
import tempfile
import time

import psutil

from operator_console import paths
from operator_console.doctor.findings import Finding
from operator_console.engine.endpoint import LOCK_FILE
from operator_console.locks import is_locked
from operator_console.settings import Settings, frozen_settings

TURN_TIMEOUT_S = 3.0
CERTIFICATE_LOW_DAYS = 14
STUN_COOKIE = 0x2112A442


def check_join_port(settings: Settings) -> Finding:
    """See whether the join page can listen."""
    where = f"{settings.join_host}:{settings.join_port}"
    family = socket.AF_INET6 if ":" in settings.join_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe_socket:
        probe_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, sys.platform != "win32")
        try:
            probe_socket.bind((settings.join_host, settings.join_port))
        except OSError as error:
            return _port_refused(error, settings.join_port, where)
    return Finding("ok", f"The join page can listen on {where}.")


def _port_refused(error: OSError, port: int, where: str) -> Finding:
    if error.errno == errno.EADDRINUSE:
        owner = _listener(port)
        if "operator_console" in owner and _ours(port):
            return Finding("ok", f"Your running console holds {where}.")
        if "operator_console" in owner:
            hint = "End that console, or choose another port with the setting join_port."
            return Finding("fail", f"Another console (other folders or user) holds {where}.", hint)
        hint = "End that program, or choose another port with the setting join_port."
        return Finding("fail", f"Another program{owner and f' ({owner})'} holds {where}.", hint)
    if error.errno == errno.EACCES:
        return Finding("fail", f"This user may not listen on {where}.", "Choose a join_port above 1023.")
    return Finding("fail", f"The join page cannot listen on {where}: {error.strerror}.", "See join_host.")


def _ours(port: int) -> bool:
    """Whether the engine of this user's folders runs and has this port for its join page."""
    running = frozen_settings() if is_locked(paths.runtime_dir() / LOCK_FILE) else None
    return running is not None and running.join_port == port


def _listener(port: int) -> str:
    """Return the command of whoever listens on a TCP port, or "" where that cannot be seen."""
    try:
        held = [
            c
            for c in psutil.net_connections("tcp")
            if c.status == psutil.CONN_LISTEN and c.laddr.port == port
        ]
        return " ".join(psutil.Process(held[0].pid).cmdline()[:4]) if held and held[0].pid else ""
    except psutil.Error:
        return ""


def check_media_ports(settings: Settings) -> Finding:
    """See whether UDP sockets open on every address offered for media, at both ends of the port range."""
    first, _, last = settings.rtc_port_range.partition("-")
    for address in settings.rtc_addresses or ("0.0.0.0",):  # noqa: S104 (any of this machine)
        for port in (first or 0, last or 0):
            wrong = _udp_refused(address, int(port))
            if wrong:
                where = f"{address}:{port}" if port else address
                return Finding(
                    "fail", f"No media on {where}: {wrong}.", "See rtc_addresses and rtc_port_range."
                )
    return Finding("ok", "UDP sockets for media open.")


def _udp_refused(address: str, port: int) -> str:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as udp:
        try:
            udp.bind((address, port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def check_certificate(settings: Settings) -> Finding:
    """Look at the certificate of the join page without making one."""
    from operator_console.room import authority, certificates

    if settings.tls_cert:
        with tempfile.TemporaryDirectory() as elsewhere:  # a fallback certificate must not stay
            replaced = dataclasses.replace(settings, data_dir=elsewhere)
            state = certificates.Certificates(replaced).state
        problem = state.problem.text if state.problem else ""
        if state.kind != "own":
            return Finding("fail", problem, "See the settings tls_cert, tls_key and join_public_host.")
        if state.days_left < CERTIFICATE_LOW_DAYS:
            return Finding("warn", problem, "Ask for a new one now.")
        return Finding("ok", f"The office's certificate is good for {state.days_left:.0f} days.")
    leaf = authority.load_leaf(paths.data_dir(settings) / "tls" / certificates.LEAF_FILE)
    if leaf is None:
        return Finding("ok", "The console makes its own certificate at the first start.")
    days = authority.days_left(leaf, datetime.datetime.now(datetime.UTC))
    return Finding("ok", f"The console's own certificate is good for {days:.0f} days and renews itself.")


def check_turn(settings: Settings) -> Finding:
    """Ask the TURN server for a STUN answer, by the transport the setting names."""
    if not settings.turn_url:
        return Finding("ok", "No TURN server is set: participants must reach this machine directly.")
    try:
        took_ms = stun_round_trip_ms(settings.turn_url)
    except (OSError, ValueError) as error:
        hint = "See turn_url, and whether the firewall lets it through."
        return Finding("fail", f"{settings.turn_url} does not answer: {error}.", hint)
    return Finding("ok", f"{settings.turn_url} answers in {took_ms:.0f} ms.", facts={"took_ms": took_ms})


def stun_round_trip_ms(url: str) -> float:
    """Send a STUN binding request (RFC 8489, section 6) to a TURN address and return the time to the answer.

    Raises OSError where nothing comes, ValueError where something else than the answer comes.
    """
    found = re.fullmatch(r"(turns?):(\[[^]]+\]|[^:]+)(?::(\d+))?(?:\?transport=(udp|tcp))?", url)
    if not found:
        raise ValueError("the address is not understood")
    scheme, host, port, transport = found.groups()
    secure = scheme == "turns"
    where = (host.strip("[]"), int(port or (5349 if secure else 3478)))
    request = struct.pack("!HHI12s", 1, 0, STUN_COOKIE, secrets.token_bytes(12))
    begin = time.monotonic()
    stream = transport == "tcp" or (secure and transport is None)
    with _stun_socket(where, where[0] if secure else "", stream) as link:
        link.sendall(request)
        answer = link.recv(2048)
    if answer[:2] != b"\x01\x01" or answer[4:20] != request[4:20]:
        raise ValueError("the answer is no STUN answer")
    return (time.monotonic() - begin) * 1000


def _stun_socket(where: tuple[str, int], tls_name: str, stream: bool) -> socket.socket:
    if stream:
        link = socket.create_connection(where, TURN_TIMEOUT_S)
        return ssl.create_default_context().wrap_socket(link, server_hostname=tls_name) if tls_name else link
    family, kind, _, _, address = socket.getaddrinfo(*where, type=socket.SOCK_DGRAM)[0]
    link = socket.socket(family, kind)
    link.settimeout(TURN_TIMEOUT_S)
    link.connect(address)
    return link
