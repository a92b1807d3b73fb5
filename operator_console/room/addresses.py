"""By which names and addresses this machine is reached."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import socket
from typing import Any

import psutil

from operator_console.room.authority import Names
from operator_console.settings import Settings


def local_names(public_host: str) -> Names:
    """Return the names and addresses this machine is reached by, the public one first."""
    hosts: list[str] = []
    addresses: list[str] = []
    for name in (public_host, "localhost", _host_name(), _host_name(".local")):
        _put(name.lower(), hosts, addresses)
    for entries in psutil.net_if_addrs().values():
        for entry in entries:
            if entry.family == socket.AF_INET or _is_lasting(entry):
                _put(entry.address.split("%")[0], hosts, addresses)
    for loopback in ("127.0.0.1", "::1"):
        _put(loopback, hosts, addresses)
    return Names(tuple(dict.fromkeys(hosts)), tuple(dict.fromkeys(addresses)))


def _is_lasting(entry: Any) -> bool:
    """Whether an IPv6 address stays: global ones change by the day, and each would cost a new certificate."""
    if entry.family != socket.AF_INET6:
        return False
    return not ipaddress.ip_address(entry.address.split("%")[0]).is_global


def _host_name(suffix: str = "") -> str:
    name = socket.gethostname().split(".")[0]
    return name + suffix if name.isascii() and name.replace("-", "").isalnum() and len(name) < 64 else ""


def _put(name: str, hosts: list[str], addresses: list[str]) -> None:
    if not name:
        return
    try:
        addresses.append(str(ipaddress.ip_address(name)))
    except ValueError:
        hosts.append(name)


def named(host: str) -> Names:
    """One host, which may be a name or an address, as names; empty for ""."""
    hosts: list[str] = []
    addresses: list[str] = []
    _put(host.lower(), hosts, addresses)
    return Names(tuple(hosts), tuple(addresses))


_SALT = secrets.token_bytes(16)


def network_name(remote: str) -> str:
    """A name for where somebody comes from that only tells whether two come from the same place; "" unknown.

    One place is a public IPv4 address, a /24 of private ones (an office of the government's network), or
    the /64 of an IPv6 site.
    """
    try:
        address = ipaddress.ip_address(remote.split("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    bits = 64 if address.version == 6 else 24 if address.is_private else 32
    place = str(ipaddress.ip_network((address, bits), strict=False))
    return hashlib.blake2s(place.encode(), key=_SALT, digest_size=6).hexdigest()


def public_host(settings: Settings) -> str:
    """The host in invite links: the one set, else the address listened on, else this machine's own."""
    if settings.join_public_host:
        return settings.join_public_host
    try:
        listened = ipaddress.ip_address(settings.join_host)
    except ValueError:
        return settings.join_host
    return str(listened) if not listened.is_unspecified else own_address()


def own_address() -> str:
    """The address by which this machine is reached, by its routes; 127.0.0.1 without a net."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent; RFC 5737 address
            found: str = probe.getsockname()[0]
        except OSError:
            found = ""
    if found and not ipaddress.ip_address(found).is_loopback:
        return found
    outside = [ipaddress.ip_address(address) for address in local_names("").addresses]
    usable = [str(a) for a in outside if a.version == 4 and not a.is_loopback and not a.is_link_local]
    return usable[0] if usable else "127.0.0.1"


def bracketed(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host
