"""Certificates of a test authority and a TLS front that passes bytes on, swallows them, or goes silent."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from contextlib import suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """A certificate authority that lives as long as a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self._sign(self._name, self._key.public_key(), [], True)

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        names: list[x509.GeneralName],
        ca: bool,
        days: int = 1,
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=10))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this authority and nobody else, with host name check."""
        pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        context = ssl.create_default_context(cadata=pem)
        assert context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED
        return context

    def server_context(self, host: str = "127.0.0.1", days: int = 1) -> ssl.SSLContext:
        """A context for a server of this address or name; ``days`` below 0 gives an expired certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
        except ValueError:
            alternative = x509.DNSName(host)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test server")])
        certificate = self._sign(name, key.public_key(), [alternative], False, days)
        path = self._folder / f"{host}-{days}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


class Front:
    """Accepts connections (with TLS where a context is given) and passes them on to 127.0.0.1.

    While ``hole`` is set it keeps accepting but reads and passes nothing: a black hole that answers no
    acknowledgement.
    """

    def __init__(self, target_port: int, context: ssl.SSLContext | None = None) -> None:
        self._target_port, self._context = target_port, context
        self._passing = asyncio.Event()
        self._passing.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.accepted = 0
        self.passed_bytes = 0
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(
            self._accept, "127.0.0.1", 0, ssl=self._context, limit=16_384
        )
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def hole(self) -> bool:
        return not self._passing.is_set()

    @hole.setter
    def hole(self, swallow: bool) -> None:
        if swallow:
            self._passing.clear()
        else:
            self._passing.set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._passing.wait()
            there, away = await asyncio.open_connection("127.0.0.1", self._target_port)
            with suppress(OSError):
                await asyncio.gather(self._pass(reader, away), self._pass(there, writer))
            away.close()
        except OSError:
            writer.transport.abort()
        finally:
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(16_384):
                await self._passing.wait()
                self.passed_bytes += len(data)
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()
