"""Every undocumented aiortc and aioice name we touch, with a check that it still is as we think.

The room's media path takes over what lies between the UDP socket and the codec; SDP, ICE and the DTLS
handshake stay with aiortc (1.16 pinned). All replacing is done on single objects, never on their classes.
`verify_private_api` is the guard: when a name is missing, `media.rtc.peer` runs on stock aiortc instead
(dearer, about 45 feeds a core, but working) and says so in the log. Each name has a test of its own.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import inspect
import random
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import CodeType
from typing import Any, cast

import pylibsrtp
from aioice import ice, stun
from aioice.candidate import Candidate, candidate_foundation, candidate_priority
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, rtp
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.rtcrtptransceiver import RTCRtpTransceiver

SOCKET_BUFFER_BYTES = 1 << 20
"""Asked for in each direction: one key frame of 1080p arrives as a burst of some 200 KiB."""

HANDSHAKE_QUEUE_MAX = 64
"""DTLS datagrams that may wait for aiortc; its own queue is unbounded and anybody may send to the port."""

SRTP_TRAILER_BYTES = 4 + 16 + 128
"""The most that libsrtp appends to a packet (SRTCP index, tag, MKI)."""

CIPHERS = ("protect", "unprotect", "protect_rtcp", "unprotect_rtcp")
GATHER_TIMEOUT_S = 5


def _mentions(function: Callable[..., Any], name: str) -> bool:
    # Before Python 3.12 a comprehension is a code object of its own among the constants.
    codes = [function.__code__, *(c for c in function.__code__.co_consts if isinstance(c, CodeType))]
    return any(name in code.co_names for code in codes)


def _takes(function: Callable[..., Any], *names: str) -> bool:
    return tuple(inspect.signature(function).parameters) == names


def _srtp_binding() -> Any:
    return importlib.import_module("pylibsrtp._binding")


def _connect_code() -> Callable[..., Any]:
    return cast(Callable[..., Any], getattr(RTCPeerConnection, "_RTCPeerConnection__connect", lambda: None))


CANARIES: dict[str, Callable[[], bool]] = {
    "Connection.get_component_candidates": lambda: _takes(
        ice.Connection.get_component_candidates, "self", "component", "addresses", "timeout"
    ),
    "Connection.gather_candidates calls get_component_candidates": lambda: _mentions(
        ice.Connection.gather_candidates, "get_component_candidates"
    ),
    "Connection._protocols": lambda: _mentions(ice.Connection.__init__, "_protocols"),
    "Connection._nominated": lambda: _mentions(ice.Connection.__init__, "_nominated"),
    "Connection._queue": lambda: _mentions(ice.Connection.__init__, "_queue"),
    "Connection.stun_server": lambda: _mentions(ice.Connection.__init__, "stun_server"),
    "StunProtocol.datagram_received": lambda: _takes(
        ice.StunProtocol.datagram_received, "self", "data", "addr"
    ),
    "StunProtocol.transport": lambda: _mentions(ice.StunProtocol.connection_made, "transport"),
    "StunProtocol.local_candidate": lambda: "local_candidate" in ice.StunProtocol.__annotations__,
    "CandidatePair.protocol": lambda: _mentions(ice.CandidatePair.__init__, "protocol"),
    "CandidatePair.remote_addr": lambda: isinstance(ice.CandidatePair.remote_addr, property),
    "ice.server_reflexive_candidate": lambda: _takes(
        ice.server_reflexive_candidate, "protocol", "stun_server"
    ),
    "stun.parse_message": lambda: next(iter(inspect.signature(stun.parse_message).parameters)) == "data",
    "candidate.candidate_foundation": lambda: _takes(
        candidate_foundation, "candidate_type", "candidate_transport", "base_address"
    ),
    "candidate.candidate_priority": lambda: _takes(
        candidate_priority, "candidate_component", "candidate_type", "local_pref"
    ),
    "RTCIceTransport._connection": lambda: _mentions(RTCIceTransport.__init__, "_connection"),
    "RTCDtlsTransport._rx_srtp": lambda: _mentions(RTCDtlsTransport._setup_srtp, "_rx_srtp"),
    "RTCDtlsTransport._tx_srtp": lambda: _mentions(RTCDtlsTransport._setup_srtp, "_tx_srtp"),
    "RTCRtpSender._ssrc": lambda: _mentions(RTCRtpSender.__init__, "_ssrc"),
    "RTCRtpSender._rtx_ssrc": lambda: _mentions(RTCRtpSender.__init__, "_rtx_ssrc"),
    "RTCRtpSender.send is called by connect": lambda: (
        _takes(RTCRtpSender.send, "self", "parameters") and _mentions(_connect_code(), "send")
    ),
    "RTCRtpReceiver.receive is called by connect": lambda: (
        _takes(RTCRtpReceiver.receive, "self", "parameters") and _mentions(_connect_code(), "receive")
    ),
    "RTCRtpTransceiver.stop calls both stops": lambda: _mentions(RTCRtpTransceiver.stop, "stop"),
    "pylibsrtp.Session._srtp": lambda: _mentions(pylibsrtp.Session.__init__, "_srtp"),
    "pylibsrtp.Session._cdata": lambda: _mentions(pylibsrtp.Session.__init__, "_cdata"),
    "pylibsrtp.Session._buffer": lambda: _mentions(pylibsrtp.Session.__init__, "_buffer"),
    "pylibsrtp._binding": lambda: all(hasattr(_srtp_binding().lib, f"srtp_{name}") for name in CIPHERS),
    "rtp.RtcpPacket.parse": lambda: _takes(rtp.RtcpPacket.parse, "data"),
    "rtp.RtcpSrPacket": lambda: _takes(rtp.RtcpSrPacket, "ssrc", "sender_info", "reports"),
    "rtp.RtcpRrPacket": lambda: _takes(rtp.RtcpRrPacket, "ssrc", "reports"),
    "rtp.RtcpPsfbPacket": lambda: _takes(rtp.RtcpPsfbPacket, "fmt", "ssrc", "media_ssrc", "fci"),
    "rtp.RtcpRtpfbPacket": lambda: _takes(rtp.RtcpRtpfbPacket, "fmt", "ssrc", "media_ssrc", "lost"),
    "rtp.pack_remb_fci": lambda: _takes(rtp.pack_remb_fci, "bitrate", "ssrcs"),
    "rtp.unpack_remb_fci": lambda: _takes(rtp.unpack_remb_fci, "data"),
}


@functools.cache
def verify_private_api() -> tuple[str, ...]:
    """Return the names that are not what we rely on; empty when the fast path may be used."""
    return tuple(name for name, holds in CANARIES.items() if not _safely(holds))


def _safely(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except (AttributeError, ImportError, TypeError, ValueError):
        return False


def ice_connection(dtls: RTCDtlsTransport) -> Any:
    """Return aioice's connection below a DTLS transport."""
    return dtls.transport._connection


@dataclass(frozen=True, slots=True)
class Ciphers:
    """SRTP of one connection (RFC 3711): each takes a packet and returns it locked or unlocked.

    They raise pylibsrtp.Error for what libsrtp refuses (forged, replayed), ValueError for one too long.
    """

    protect: Callable[[bytes], bytes]
    unprotect: Callable[[bytes], bytes]
    protect_rtcp: Callable[[bytes], bytes]
    unprotect_rtcp: Callable[[bytes], bytes]


def ciphers(dtls: RTCDtlsTransport) -> Ciphers:
    """Return the SRTP of a DTLS transport that is connected."""
    sessions = {"protect": dtls._tx_srtp, "unprotect": dtls._rx_srtp}
    return Ciphers(*(_cipher(sessions[name.split("_")[0]], name) for name in CIPHERS))


def _cipher(session: Any, name: str) -> Callable[[bytes], bytes]:
    # Half the cost of pylibsrtp's own method, which makes a new C integer and checks types for each packet:
    # 0.9 us a packet against 1.6.
    binding = _srtp_binding()
    call = getattr(binding.lib, f"srtp_{name}")
    cdata, buffer, handle = session._cdata, session._buffer, session._srtp[0]
    length = binding.ffi.new("int *")
    longest = len(cdata) - (SRTP_TRAILER_BYTES if name.startswith("protect") else 0)

    def process(packet: bytes, session: Any = session) -> bytes:
        size = len(packet)
        if size > longest:
            raise ValueError("packet is too long")
        buffer[0:size] = packet
        length[0] = size
        code = call(handle, cdata, length)
        if code:
            raise pylibsrtp.Error(f"libsrtp refused with {code}")
        made: bytes = buffer[0 : length[0]]
        return made

    return process


def sender_ssrcs(sender: RTCRtpSender) -> tuple[int, int]:
    """Return the (media, retransmission) SSRC which aiortc announced for this sender in the SDP."""
    return sender._ssrc, sender._rtx_ssrc


def replace_media(
    transceiver: RTCRtpTransceiver,
    on_send: Callable[[Any], None],
    on_receive: Callable[[Any], None],
    on_stop: Callable[[], None],
) -> None:
    """Have aiortc hand us the negotiated parameters of a transceiver instead of starting its own media tasks.

    `on_send` and `on_receive` get the parameters as soon as DTLS is connected; `on_stop` runs when the
    connection closes, before its sockets do.
    """
    sender: Any = transceiver.sender
    receiver: Any = transceiver.receiver

    async def send(parameters: Any) -> None:
        on_send(parameters)

    async def receive(parameters: Any) -> None:
        on_receive(parameters)

    async def stop() -> None:
        on_stop()
        if receiver.track is not None:
            receiver.track.stop()

    sender.send = send
    sender.stop = stop
    receiver.receive = receive
    receiver.stop = stop


def _is_stun(data: bytes) -> bool:
    try:
        stun.parse_message(data)
    except ValueError:
        return False
    return True


def forbid_start(transceivers: Iterable[RTCRtpTransceiver]) -> None:
    """Make starting the ICE transports of a connection that is being closed do nothing.

    aiortc's own connect task starts the transport once for each transceiver; closed in between, the second
    start raises in a task that nobody watches.
    """

    async def start(parameters: Any) -> None:
        return

    for transceiver in transceivers:
        transport: Any = transceiver.receiver.transport.transport
        transport.start = start


class DatagramGate:
    """Sorts what arrives at one ICE connection: media to our path, the rest to aioice, junk to nobody."""

    def __init__(self, connection: Any, failed: Callable[[Exception], None]) -> None:
        """`failed` gets every exception nobody expected, to log it."""
        self.connection = connection
        self.media: Callable[[bytes], None] | None = None
        self._failed = failed

    def attach(self, protocol: Any) -> None:
        """Put the gate before `protocol.datagram_received`."""
        stock = protocol.datagram_received
        queue = self.connection._queue

        def datagram_received(data: bytes, addr: tuple[Any, ...]) -> None:
            try:
                first = data[0] if data else 255
                if 127 < first < 192:
                    if self.media is not None:
                        self.media(data)
                elif first < 64 and (queue.qsize() < HANDSHAKE_QUEUE_MAX or _is_stun(data)):
                    stock(data, addr)
            except Exception as exc:  # noqa: BLE001  the top of all the network can trigger; logged there
                self._failed(exc)

        protocol.datagram_received = datagram_received


def open_ports(gate: DatagramGate, addresses: list[str] | None, port_range: tuple[int, int] | None) -> None:
    """Make the gate's ICE connection bind `addresses` (None: those aioice finds) at ports of `port_range`.

    Unlike aioice this also takes 127.0.0.1. Both ends of the range are inclusive.
    """
    connection = gate.connection
    wanted = addresses
    stock = connection.get_component_candidates

    async def gather(
        component: int, addresses: list[str], timeout: int = GATHER_TIMEOUT_S
    ) -> list[Candidate]:
        hosts = []
        for address in addresses if wanted is None else wanted:
            protocol = await _bind(connection, component, address, port_range)
            if protocol is not None:
                hosts.append(protocol)
        connection._protocols += hosts
        candidates = [protocol.local_candidate for protocol in hosts]
        if connection.stun_server:
            candidates += await _reflexive(connection.stun_server, hosts, timeout)
        candidates += await stock(component, [], timeout)
        for protocol in connection._protocols:
            gate.attach(protocol)
        return candidates

    connection.get_component_candidates = gather


async def _bind(connection: Any, component: int, address: str, port_range: tuple[int, int] | None) -> Any:
    loop = asyncio.get_running_loop()
    for port in _ports(port_range):
        try:
            transport, protocol = await loop.create_datagram_endpoint(
                lambda: ice.StunProtocol(connection), local_addr=(address, port)
            )
        except OSError:
            continue
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
        host, bound_port = transport.get_extra_info("sockname")[:2]
        protocol.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", host),
            component=component,
            transport="udp",
            priority=candidate_priority(component, "host"),
            host=host,
            port=bound_port,
            type="host",
        )
        return protocol
    return None


def _ports(port_range: tuple[int, int] | None) -> Iterable[int]:
    if port_range is None:
        return [0]
    ports = list(range(port_range[0], port_range[1] + 1))
    start = random.randrange(len(ports))
    return ports[start:] + ports[:start]


async def _reflexive(server: tuple[str, int], hosts: list[Any], timeout: int) -> list[Candidate]:
    tasks = [
        asyncio.create_task(ice.server_reflexive_candidate(protocol, server))
        for protocol in hosts
        if ":" not in protocol.local_candidate.host
    ]
    if not tasks:
        return []
    done, pending = await asyncio.wait(tasks, timeout=timeout)
    for task in pending:
        task.cancel()
    return [task.result()[0] for task in done if task.exception() is None]
