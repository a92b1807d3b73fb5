"""The TLS front of bench_rtmp as a process (port of nginx, certificate file); prints its own port."""

from __future__ import annotations

import asyncio
import ssl
import sys

from tests.media.tls_front import Front


async def main() -> None:
    """Serve until killed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    front = Front(int(sys.argv[1]), context)
    await front.start()
    print(front.port, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
