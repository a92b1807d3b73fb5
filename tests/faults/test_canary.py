"""Canary secrets of a session (stream keys, YouTube tokens) are found nowhere, whatever breaks meanwhile.

Sought on every disk place of the product, in command lines and environments of all processes, plainly and in
the encodings in which they could slip out: while live, after a refusal that repeats the key, after an error
with the key in its text, after a crash with every core dump and crash report that the system gives.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import resource
import secrets
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from media.outputs import amf, chunks
from media.outputs.chunks import Message, write_message
from operator_console import protocol as p
from operator_console.paths import KEYRING_SERVICE
from operator_console.session.model import YOUTUBE_ACCOUNT
from tests.end2end.product import Product, running_product
from tests.fake_youtube import CLIENT_SECRET, REFRESH_TOKEN, STREAM_KEY, FakeYoutube, browser, fake_youtube
from tests.faults.fault_kit import all_pids, has_ended, places_with
from tests.faults.file_keyring import PATH, FileKeyring
from tests.faults.ingest_kit import NginxPlace
from tests.faults.inside_kit import Inside
from tests.faults.window_kit import opened

pytestmark = pytest.mark.timeout(150)
KEY, OTHER_KEY = f"canary-{secrets.token_hex(8)}", f"canary-{secrets.token_hex(8)}"
CORES = Path.cwd()
"""Where the system puts core dumps of processes that were started here, with the usual pattern."""


class RepeatingServer:
    """Refuses every stream and repeats its key in the reason, as some servers do."""

    def __init__(self) -> None:
        self.refused = 0
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            hello = await reader.readexactly(1537)
            writer.write(b"\x03" + bytes(1536) + hello[1:])
            said: dict[str, amf.Value] = {
                "level": "error",
                "code": "NetStream.Publish.BadName",
                "description": f"{OTHER_KEY} unknown",
            }
            for name, answer in (
                ("connect", amf.encode("_result", 1.0)),
                ("createStream", amf.encode("_result", 4.0, 7.0)),
                ("publish", amf.encode("onStatus", 0.0, None, said)),
            ):
                await reader.readuntil(amf.encode(name))
                writer.write(write_message(3, Message(chunks.COMMAND, answer), 128))
            self.refused += 1
            await reader.read()
        writer.close()

    async def stop(self) -> None:
        """End."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()


@pytest.fixture
def unlimited_cores() -> Iterator[None]:
    """The system would write core dumps of everything that is started from here."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, before)


@pytest.fixture
def stored(tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> KeyringBackend:
    """A keyring with the keys of two destinations, shared with the product."""
    monkeypatch.setenv(PATH, str(tmp_runtime / "keyring.json"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.faults.file_keyring.FileKeyring")
    held = FileKeyring()  # type: ignore[no-untyped-call]
    held.set_password(KEYRING_SERVICE, "stream:dinas", KEY)
    held.set_password(KEYRING_SERVICE, "stream:ulang", OTHER_KEY)
    return held


def shapes(secret: str) -> list[str]:
    """A secret as it could stand somewhere: plain, in hexadecimal, in base64 at any offset."""
    data = secret.encode()
    coded = [base64.b64encode(bytes(shift) + data).decode()[4:-4] for shift in range(3)]
    return [secret, data.hex(), "\0".join(secret), *coded]


class Hunt:
    """Looks for all secrets everywhere but where they have to be."""

    def __init__(self, product: Product, fake: FakeYoutube) -> None:
        self._product, self._fake = product, fake
        self._cores = set(CORES.glob("core*"))

    async def found(self) -> list[str]:
        """Every place that shows one."""
        return await asyncio.to_thread(self._found)

    def _found(self) -> list[str]:
        exempt = {"keyring.json", "client.json", "nginx"}  # the keyring, the client file, the server
        ours = [path for path in self._product.top.iterdir() if path.name not in exempt]
        cores = [path for path in CORES.glob("core*") if path not in self._cores and path.is_file()]
        folders = [*ours, *cores, Path("/var/log"), Path("/dev/shm")]
        sought = [KEY, OTHER_KEY, STREAM_KEY, REFRESH_TOKEN, CLIENT_SECRET, *self._fake.access]
        return [
            f"{secret}: {place}"
            for secret in sought
            for shape in shapes(secret)
            for place in places_with(shape, folders, all_pids())
        ]

    def finds(self) -> None:
        """It would find one: put it there and look."""
        for shape in shapes(KEY):
            file = self._product.top / "data" / "planted"
            file.write_text(f"x{shape}y")
            assert places_with(shape, [self._product.top / "data"], []) == [str(file)]
            file.unlink()


@asynccontextmanager
async def servers(top: Path) -> AsyncIterator[tuple[NginxPlace, RepeatingServer, FakeYoutube]]:
    """A server that takes streams, one that repeats keys, and a YouTube that uses the first."""
    nginx, repeating = NginxPlace(top / "nginx"), RepeatingServer()
    await asyncio.to_thread(nginx.start)
    await repeating.start()
    try:
        async with fake_youtube() as fake:
            fake.ingest_url = nginx.url
            fake.is_arriving = lambda: any(STREAM_KEY in path.name for path in nginx.received())
            yield nginx, repeating, fake
    finally:
        await repeating.stop()
        await asyncio.to_thread(nginx.stop)


def log_has(product: Product, text: str) -> bool:
    """Whether our processes have logged this."""
    return text in product.log()


def on_air(product: Product, destination_id: str) -> bool:
    """Whether a destination takes its stream."""
    stream = product.console.state.livestreams.get(destination_id)
    return stream is not None and stream.on_air


async def crash(product: Product, number: signal.Signals) -> None:
    """Crash the engine by a signal that writes a core dump and a report; wait until all goes on."""
    console, pid, epoch = product.console, product.engine_pid, product.console.epoch
    os.kill(pid, number)
    await console.until("the engine is dead", lambda: has_ended(pid))
    await console.until("another engine", lambda: console.attached and console.epoch != epoch, 30)
    await console.until("its figures", lambda: product.engine_pid not in (0, pid), 30)
    await console.until("on air again", lambda: on_air(product, "dinas"), 30)


async def test_no_secret_is_seen_anywhere_whatever_breaks(
    tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch, unlimited_cores: None, stored: KeyringBackend
) -> None:
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")
    for name, value in Inside(tmp_runtime).environment.items():
        monkeypatch.setenv(name, value)
    async with servers(tmp_runtime) as (nginx, repeating, fake):
        places = f"dinas={nginx.url},ulang=rtmp://127.0.0.1:{repeating.port}/live"
        async with running_product(tmp_runtime, destinations=places, **fake.values(tmp_runtime)) as product:
            console, hunt = product.console, Hunt(product, fake)
            product.expected += [
                "in callback <function blurt",
                "^Traceback",
                r"the engine ended with -(11|6)",
                "was cut off",
            ]
            await product.open_session()
            hunt.finds()
            with product.logging_to_file() as log:
                async with opened(log):
                    await console.do(p.StartRecording())
                    await console.do(p.StartLivestream(destination_id="dinas"))
                    await console.do(p.StartLivestream(destination_id="ulang"))
                    await broadcast(product)
                    await console.until("dinas", lambda: on_air(product, "dinas"))
                    await console.until("refusals", lambda: repeating.refused >= 2)
                    assert "***" in console.observed["stream.ulang"]["reason"], (
                        "it was told why, without the key"
                    )
                    assert await hunt.found() == []
                    os.kill(product.engine_pid, signal.SIGUSR1)
                    await console.until("the error", lambda: log_has(product, "secrets were blurted out"))
                    for number in (signal.SIGSEGV, signal.SIGABRT):
                        await crash(product, number)
                        assert log_has(product, "Fatal Python error"), "the crash was reported"
                    assert await hunt.found() == []
                    await console.do(p.StopLivestream(destination_id=YOUTUBE_ACCOUNT))
                    await console.do(p.StopLivestream(destination_id="ulang"))
                    await console.do(p.StopRecording(), 30)
        assert await hunt.found() == []
        files = (nginx.folder / "received").glob("*.flv")  # also of connections too short to bring much
        assert {path.stem.rpartition("-")[0] for path in files} >= {KEY, STREAM_KEY}, "they were used"
    assert stored.get_password(KEYRING_SERVICE, "stream:dinas") == KEY


async def broadcast(product: Product) -> None:
    """Sign in at YouTube as an operator does, and go live there."""
    console = product.console
    reply = await console.do(p.SignInYoutube())
    assert await browser(reply["url"]) == 200
    await console.until("signed in", lambda: console.observed["youtube"]["state"] == "signed_in")
    await console.do(p.StartBroadcast(title="Rapat uji", privacy="private"), 30)
    await console.until("YouTube", lambda: on_air(product, YOUTUBE_ACCOUNT), 30)
