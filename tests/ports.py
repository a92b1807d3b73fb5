"""Free ports on 127.0.0.1 for tests and benches."""

from __future__ import annotations

import socket


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a port nobody listens on now (TCP, or UDP with SOCK_DGRAM); use it soon."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
