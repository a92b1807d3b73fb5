"""What the join server answers to strangers: hosts, origins, bodies, paths, headers."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from operator_console.room import server as room_server
from operator_console.room.guard import address_key, host_name
from tests.room_kit import Kit, running_room

EVIL = "evil.example"
Expect = Callable[[str], None]


@pytest.fixture
async def kit(tmp_runtime: Path) -> AsyncIterator[Kit]:
    async with running_room() as running:
        yield running


def body(kit: Kit, **more: object) -> dict[str, object]:
    return {"token": kit.engine.invite(), "name": "Ani", **more}


async def raw(kit: Kit, request: str, wait_s: float = 5.0) -> bytes:
    """Say something over TLS and return the answer's start."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", kit.settings.join_port, ssl=kit.tls, server_hostname="127.0.0.1"
    )
    writer.write(request.encode("latin-1"))
    try:
        return await asyncio.wait_for(reader.read(2000), wait_s)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


# ---- hosts and origins: CSRF, cross-site WebSockets, DNS rebinding


@pytest.mark.parametrize("path", ["/", "/api/info", "/static/app.js", "/ca", "/api/session"])
async def test_foreign_host_is_refused_everywhere(kit: Kit, path: str) -> None:
    async with kit.http(Host=EVIL) as http, http.get(path) as answer:
        assert answer.status == 421
    foreign = kit.http(Host=EVIL, Origin=f"https://{EVIL}")
    async with foreign as http, http.post("/api/join", json=body(kit)) as answer:
        assert answer.status == 421
    assert kit.engine.heard_kinds("RedeemInvite") == 0


@pytest.mark.parametrize("origin", [f"https://{EVIL}", "null", "", "http://127.0.0.1", "https://127.0.0.1:1"])
async def test_foreign_origin_is_refused_on_post_and_socket(kit: Kit, origin: str) -> None:
    async with kit.http(Origin=origin) as http:
        async with http.post("/api/join", json=body(kit)) as answer:
            assert answer.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect("/api/session")
        assert refused.value.status == 403
    assert kit.worker.guard.refused["origin"] == 2


async def test_no_origin_at_all_is_refused(kit: Kit) -> None:
    port = kit.settings.join_port
    answer = await raw(
        kit,
        f"POST /api/join HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}",
    )
    assert b" 403 " in answer.splitlines()[0]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1"])
async def test_our_own_names_are_served(kit: Kit, host: str) -> None:
    named = f"{host}:{kit.settings.join_port}"
    async with kit.http(Host=named, Origin=f"https://{named}") as http, http.get("/") as answer:
        assert answer.status == 200
        assert f"wss://{named}" in answer.headers["Content-Security-Policy"]


def test_host_header_parsing() -> None:
    names = ["Rapat.Local:8443", "[::1]:8443", "[::1]", "a:b", "[::1]x", "10.0.0.1", "", "a@b", "[::1"]
    assert [host_name(n) for n in names] == ["rapat.local", "::1", "::1", "", "", "10.0.0.1", "", "a@b", ""]


def test_one_visitor_is_one_address_or_one_ipv6_site() -> None:
    assert address_key("10.0.0.1") == "10.0.0.1"
    assert address_key("::ffff:10.0.0.1") == "10.0.0.1"
    assert address_key("2001:db8:1:2::3") == address_key("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert address_key("fe80::1%eth0") == "fe80::/64"
    assert address_key(None) == ""


# ---- bodies


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", ""]
)
async def test_only_json_is_taken(kit: Kit, kind: str) -> None:
    async with kit.http() as http:
        data = json.dumps(body(kit)).encode()
        async with http.post("/api/join", data=data, headers={"Content-Type": kind}) as answer:
            assert answer.status == 415


async def test_large_bodies_are_refused_announced_or_not(kit: Kit) -> None:
    large = json.dumps(body(kit, name="A" * 70_000)).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(large), 8192):
            yield large[at : at + 8192]

    headers = {"Content-Type": "application/json"}
    async with kit.http() as http:
        async with http.post("/api/join", data=large, headers=headers) as answer:
            assert answer.status == 413
        async with http.post("/api/join", data=in_pieces(), headers=headers) as answer:
            assert answer.status == 413


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'{"name": "Ani"}', b'{"token": 5, "name": "A"}', b'{"token":"a","name":[]}',
     b'{"token": "' + b"a" * 200 + b'", "name": "Ani"}', b"\xff\xfe", b"[" * 30_000],
)  # fmt: skip
async def test_malformed_bodies(kit: Kit, data: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with kit.http() as http, http.post("/api/join", data=data, headers=headers) as answer:
        assert (answer.status, await answer.json()) == (400, {"error": "malformed"})
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_other_methods_and_paths(kit: Kit) -> None:
    async with kit.http() as http:
        for method, path, status in (
            ("GET", "/api/join", 405),
            ("DELETE", "/", 415),
            ("PUT", "/api/session", 415),
            ("GET", "/nothing", 404),
            ("GET", "/.git/config", 404),
        ):
            async with http.request(method, path) as answer:
                assert answer.status == status, (method, path)
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    ["../index.html", "..%2findex.html", "%2e%2e/%2e%2e/pyproject.toml", "..%5c..%5cpyproject.toml",
     "....//app.js", "/etc/passwd", "%2fetc%2fpasswd", "app.js%00.html", "APP.JS", ".", "", "app.js/", "~x",
     "C:%5cWindows%5cwin.ini", "%252e%252e%252fpyproject.toml"],
)  # fmt: skip
async def test_no_path_leads_out_of_the_page(kit: Kit, path: str) -> None:
    port = kit.settings.join_port
    answer = await raw(kit, f"GET /static/{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
    assert answer.splitlines()[0].split()[1] in (b"404", b"400"), answer
    assert b"root:" not in answer and b"[project]" not in answer


async def test_headers_of_everything_that_is_served(kit: Kit) -> None:
    async with kit.http() as http:
        for path in ("/", "/join", "/ca", "/static/style.css", "/static/app.js", "/api/info", "/nothing"):
            async with http.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "unsafe" not in policy and "*" not in policy
                assert policy.startswith("default-src 'self'; ")
                for rule in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
                    assert rule in policy
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert "Set-Cookie" not in answer.headers


async def test_the_page_has_nothing_inline(kit: Kit) -> None:
    async with kit.http() as http:
        for path in ("/", "/ca"):
            async with http.get(path) as answer:
                text = (await answer.text()).lower()
            assert not re.search(r"<[^>]*\s(style|on[a-z]+)=", text)
            assert all("src=" in tag for tag in text.split("<script")[1:])
            assert "http://" not in text and "https://" not in text


async def test_authority_can_be_downloaded(kit: Kit) -> None:
    async with kit.http() as http:
        async with http.get("/ca/authority.crt") as answer:
            assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
            data = await answer.read()
        assert data == kit.certificates.authority_pem
        assert b"PRIVATE KEY" not in data
        async with http.get("/api/info") as answer:
            said = await answer.json()
    assert said["host"] == "Kabupaten Banjar"
    groups = said["authority"].split(" ")
    assert len(groups) == 16 and all(len(group) == 4 for group in groups)
    # What the page shows is what the operator reads out.
    assert kit.certificates.fingerprint == said["authority"]


# ---- floods and slow clients


async def test_one_visitor_cannot_take_it_all_but_an_office_can_load_its_pages(kit: Kit) -> None:
    async with kit.http() as http:
        statuses = []
        for _ in range(1300):
            async with http.get("/nothing") as answer:
                statuses.append(answer.status)
        assert statuses[:1100].count(429) == 0
        assert statuses[-1] == 429
        async with http.get("/") as answer:
            assert int(answer.headers["Retry-After"]) >= 1


async def test_who_says_nothing_is_dropped(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_server, "SILENT_US", 300_000)
    port = kit.settings.join_port
    assert await raw(kit, "") == b""
    assert await raw(kit, f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Slow: ") == b""


async def test_slow_body_is_not_waited_for(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operator_console.room.guard.REQUEST_TIMEOUT_S", 0.3)
    port = kit.settings.join_port
    head = f"POST /api/join HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: https://127.0.0.1:{port}\r\n"
    answer = await raw(kit, head + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    assert b" 408 " in answer.splitlines()[0]


async def test_garbage_is_answered_or_dropped(kit: Kit) -> None:
    for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b"\x00" * 500):
        reader, writer = await asyncio.open_connection("127.0.0.1", kit.settings.join_port)
        writer.write(noise)
        await asyncio.wait_for(reader.read(), 5)
        writer.close()
    for request in ("\x16\x03\x01\x02", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\x00" * 50 + "\r\n\r\n"):
        answer = await raw(kit, request)
        assert not answer or b" 400 " in answer.splitlines()[0]
    async with kit.http() as http, http.get("/") as still:
        assert still.status == 200


# ---- the port


async def test_a_taken_port_is_told_and_tried_again(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("is taken by another program")
    async with running_room(wait=False) as kit:
        kit.worker.link.stop()
    blocker = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", kit.settings.join_port)
    async with running_room(wait=False, join_port=str(kit.settings.join_port)) as second:
        report = await second.engine.wait_for_report(lambda r: r.state == "failed")
        assert (report.code, report.args) == ("port_taken", {"port": str(kit.settings.join_port)})
        assert "taken by another program" in report.reason
        blocker.close()
        await blocker.wait_closed()
        report = await second.engine.wait_for_report(lambda r: r.state == "running")
        assert (report.code, report.reason) == ("", "")
        await second.listening()
        async with second.http() as http, http.get("/") as answer:
            assert answer.status == 200


async def test_an_address_that_is_not_ours(tmp_runtime: Path, expect_log: Expect) -> None:
    expect_log("cannot be opened")
    async with running_room(wait=False, join_host="192.0.2.77") as kit:
        report = await kit.engine.wait_for_report(lambda r: r.state == "failed")
        assert "192.0.2.77" in report.reason
