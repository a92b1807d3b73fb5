"""The join server's certificate: a constrained local authority, or the office's own; always a good one."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import stat
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509

from operator_console.locks import open_locked
from operator_console.room import authority
from operator_console.room import certificates as module
from operator_console.room.addresses import local_names
from operator_console.room.authority import Names
from operator_console.room.certificates import (
    LEAF_FILE,
    LOCK_FILE,
    ROOT_FILE,
    CertificateError,
    Certificates,
)
from operator_console.settings import Settings, load_settings

NAMES = Names(("localhost", "ruang.local"), ("127.0.0.1", "192.168.1.5"))
NOW = datetime.datetime.now(datetime.UTC)
Expect = Callable[[str], None]


def days(count: float) -> datetime.datetime:
    return NOW + datetime.timedelta(days=count)


def settings(**more: str) -> Settings:
    return load_settings(more)


def leaf(tmp: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((tmp / "data" / "tls" / LEAF_FILE).read_bytes())


def own_files(tmp: Path, names: Names, made: datetime.datetime = NOW) -> dict[str, str]:
    """A certificate as an office would bring it, with its key."""
    root = authority.make_authority(names, made)
    certificate, key = authority.make_leaf(root, names, made)
    (tmp / "own.pem").write_bytes(authority.certificate_pem(certificate))
    (tmp / "own.key").write_bytes(authority.key_pem(key))
    return {"tls_cert": str(tmp / "own.pem"), "tls_key": str(tmp / "own.key")}


@asynccontextmanager
async def echo(context: ssl.SSLContext) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def greet(port: int, root_pem: bytes, name: str = "localhost") -> bytes:
    """Connect as a client that trusts one root and insists on a name; returns the certificate it saw."""
    client = ssl.create_default_context(cadata=root_pem.decode())
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
    writer.write(b"halo")
    assert await reader.readexactly(4) == b"halo"
    seen: bytes = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return seen


async def test_a_client_that_trusts_the_root_connects_by_name_and_address(tmp_runtime: Path) -> None:
    certificates = Certificates(settings(), NAMES)
    async with echo(certificates.context) as port:
        for name in ("localhost", "ruang.local", "127.0.0.1"):
            await greet(port, certificates.authority_pem, name)
        with pytest.raises(ssl.SSLCertVerificationError):
            await greet(port, certificates.authority_pem, "bank.example")


def test_keys_are_private(tmp_runtime: Path) -> None:
    Certificates(settings(), NAMES)
    folder = tmp_runtime / "data" / "tls"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert sorted(path.name for path in folder.iterdir()) == [ROOT_FILE, LEAF_FILE, LOCK_FILE]


async def test_the_root_cannot_vouch_for_the_internet(tmp_runtime: Path) -> None:
    certificates = Certificates(settings(), NAMES)
    root = authority.load_authority(tmp_runtime / "data" / "tls" / ROOT_FILE)
    assert root is not None
    outside = Names(("bank.example",), ("127.0.0.1",))
    assert not root.allows(outside)
    stolen, key = authority.make_leaf(root, outside, NOW)
    (tmp_runtime / "stolen.pem").write_bytes(authority.certificate_pem(stolen) + authority.key_pem(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_runtime / "stolen.pem")
    async with echo(context) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
            await greet(port, certificates.authority_pem, "bank.example")


def test_same_files_next_time(tmp_runtime: Path) -> None:
    first = Certificates(settings(), NAMES)
    serial = leaf(tmp_runtime).serial_number
    second = Certificates(settings(), NAMES)
    assert second.authority_pem == first.authority_pem
    assert leaf(tmp_runtime).serial_number == serial
    second.renew()
    assert not second.load()


async def test_renewed_before_it_ends_without_dropping_connections(tmp_runtime: Path) -> None:
    certificates = Certificates(settings(), NAMES)
    root_pem = certificates.authority_pem
    async with echo(certificates.context) as port:
        client = ssl.create_default_context(cadata=root_pem.decode())
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client, server_hostname="localhost"
        )
        before = await greet(port, root_pem)
        certificates.renew(days(authority.LEAF_DAYS - authority.RENEW_DAYS + 1))
        assert certificates.load()
        assert await greet(port, root_pem) != before
        writer.write(b"masih")
        assert await reader.readexactly(5) == b"masih"
        writer.close()
        await writer.wait_closed()
    assert certificates.authority_pem == root_pem


def test_a_new_address_gets_a_new_certificate_of_the_same_root(tmp_runtime: Path) -> None:
    first = Certificates(settings(), NAMES)
    second = Certificates(settings(), Names(NAMES.hosts, ("127.0.0.1", "10.9.8.7")))
    assert second.authority_pem == first.authority_pem
    assert authority.covers(leaf(tmp_runtime), Names((), ("10.9.8.7",)))


def test_a_name_the_root_may_not_sign_makes_a_new_root(tmp_runtime: Path) -> None:
    first = Certificates(settings(), NAMES)
    second = Certificates(settings(), Names(("rapat.example.go.id",), ("203.0.113.9",)))
    assert second.authority_pem != first.authority_pem
    assert authority.covers(leaf(tmp_runtime), Names(("rapat.example.go.id",), ("203.0.113.9",)))


@pytest.mark.parametrize("damage", [b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_damaged_files_are_made_anew(tmp_runtime: Path, damage: bytes) -> None:
    Certificates(settings(), NAMES)
    for name in (ROOT_FILE, LEAF_FILE):
        (tmp_runtime / "data" / "tls" / name).write_bytes(damage)
    again = Certificates(settings(), NAMES)
    assert again.state.days_left > 80


def test_clocks_a_year_behind_accept_it(tmp_runtime: Path) -> None:
    certificates = Certificates(settings(), NAMES)
    root = x509.load_pem_x509_certificate(certificates.authority_pem)
    for certificate in (root, leaf(tmp_runtime)):
        assert certificate.not_valid_before_utc < days(-365)
        assert certificate.not_valid_after_utc > days(89)
    lifetime = leaf(tmp_runtime).not_valid_after_utc - leaf(tmp_runtime).not_valid_before_utc
    assert lifetime < datetime.timedelta(days=825)


async def test_own_certificate_is_used(tmp_runtime: Path) -> None:
    files = own_files(tmp_runtime, NAMES)
    certificates = Certificates(settings(**files, join_public_host="ruang.local"))
    assert certificates.state.kind == "own"
    assert certificates.state.problem is None
    assert certificates.authority_pem == b""


async def test_own_certificate_that_was_replaced_is_loaded(tmp_runtime: Path) -> None:
    files = own_files(tmp_runtime, NAMES)
    certificates = Certificates(settings(**files))
    own_files(tmp_runtime, NAMES)
    certificates.renew()
    assert certificates.load()
    certificates.renew()
    assert not certificates.load()


def test_expired_own_certificate_falls_back_and_says_so(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("has expired")
    files = own_files(tmp_runtime, NAMES, days(-authority.LEAF_DAYS - 1))
    state = Certificates(settings(**files), NAMES).state
    assert state.kind == "local"
    assert state.problem is not None and state.problem.code == "expired"
    assert state.days_left > 80


def test_own_certificate_for_another_host(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("not made out for rapat.local")
    files = own_files(tmp_runtime, NAMES)
    state = Certificates(settings(**files, join_public_host="rapat.local"), NAMES).state
    assert state.kind == "local" and state.problem is not None
    assert (state.problem.code, state.problem.args["host"]) == ("other_host", "rapat.local")


def test_own_certificate_with_another_key(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("does not belong to the certificate")
    files = own_files(tmp_runtime, NAMES)
    other = authority.make_authority(NAMES, NOW)
    (tmp_runtime / "own.key").write_bytes(authority.key_pem(other.key))
    assert Certificates(settings(**files), NAMES).state.kind == "local"


def test_own_certificate_that_is_not_there(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("cannot be read")
    assert Certificates(settings(tls_cert=str(tmp_runtime / "none.pem")), NAMES).state.kind == "local"


@pytest.mark.parametrize(("left", "warned"), [(31, False), (29, True), (0.5, True)])
def test_own_certificate_near_its_end_is_warned_of(
    tmp_runtime: Path, expect_log: Expect, left: float, warned: bool
) -> None:
    if warned:
        expect_log("expires in")
    files = own_files(tmp_runtime, NAMES, days(left - authority.LEAF_DAYS))
    state = Certificates(settings(**files), NAMES).state
    assert (state.kind, bool(state.problem)) == ("own", warned)


def test_folder_that_cannot_be_used(tmp_runtime: Path) -> None:
    (tmp_runtime / "data").write_text("a file where the folder should be")
    with pytest.raises(CertificateError, match="cannot be kept"):
        Certificates(settings(), NAMES)


def test_an_address_in_passing_is_left_out_rather_than_asking_for_a_new_root(
    tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Certificates(settings(join_public_host="ruang.local"))
    names = Names(("ruang.local", "localhost"), ("127.0.0.1", "203.0.113.200"))
    monkeypatch.setattr("operator_console.room.certificates.local_names", lambda _: names)
    second = Certificates(settings(join_public_host="ruang.local"))
    assert second.authority_pem == first.authority_pem
    assert authority.covers(leaf(tmp_runtime), Names(("ruang.local",), ("127.0.0.1",)))
    assert not authority.covers(leaf(tmp_runtime), Names((), ("203.0.113.200",)))


def test_names_of_this_machine() -> None:
    names = local_names("Rapat.Example")
    assert names.hosts[0] == "rapat.example"
    assert "localhost" in names.hosts
    assert {"127.0.0.1", "::1"} <= set(names.addresses)
    assert local_names("192.168.3.4").addresses[0] == "192.168.3.4"


def test_workers_that_begin_at_once_share_one_authority(tmp_runtime: Path) -> None:
    together = threading.Barrier(4)

    def begin(_number: int) -> bytes:
        together.wait()
        return Certificates(settings(), NAMES).authority_pem

    with ThreadPoolExecutor(4) as pool:
        roots = set(pool.map(begin, range(4)))
    assert len(roots) == 1
    root = x509.load_pem_x509_certificate(roots.pop())
    leaf(tmp_runtime).verify_directly_issued_by(root)


def test_certificates_that_are_held_for_too_long_are_said(
    tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_WAIT_S", 0.1)
    Certificates(settings(), NAMES)
    held = open_locked(tmp_runtime / "data" / "tls" / LOCK_FILE, 0)
    assert held is not None
    with held, pytest.raises(CertificateError, match="for too long"):
        Certificates(settings(), NAMES)
