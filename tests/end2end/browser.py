"""Drives a real headless Chromium by its DevTools protocol: no other dependency than aiohttp.

async with chromium(trusted=leaf_spki(tls_folder)) as browser:
    page = await browser.page()
    await page.open(invite_url)
    await page.join("Ani", "Desa Aluh-Aluh")
    await page.until_phase("live")
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import itertools
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
PHONE = (390, 844)
LAPTOP = (1366, 768)

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream=fps=30",
    "--allow-loopback-in-peer-connection",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider",
    "--metrics-recording-only",
    "--mute-audio",
    "--remote-debugging-port=0",
)
ALLOWED = ("--use-fake-ui-for-media-stream",)
START_S = 20.0

_MIDDLE = """selector => {
  const element = document.querySelector(selector);
  element.scrollIntoView({ block: "center" });
  const box = element.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
}"""
_PICTURE_HASH = """() => {
  const canvas = document.createElement("canvas");
  canvas.width = 64;
  canvas.height = 36;
  const context = canvas.getContext("2d");
  context.drawImage(document.querySelector("#program"), 0, 0, 64, 36);
  let hash = 0;
  for (const value of context.getImageData(0, 0, 64, 36).data) hash = (hash * 31 + value) | 0;
  return hash;
}"""


def leaf_spki(tls_folder: Path) -> str:
    """What Chromium's --ignore-certificate-errors-spki-list wants, of the join server's certificate."""
    leaf = x509.load_pem_x509_certificate((tls_folder / "server.pem").read_bytes())
    key = leaf.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(key).digest()).decode()


class BrowserError(Exception):
    """Chromium, or the page's script, refused."""


class Browser:
    """One Chromium process with a profile of its own."""

    def __init__(self, process: subprocess.Popen[bytes], profile: Path) -> None:
        self._process = process
        self._profile = profile
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reading: asyncio.Task[None] | None = None
        self._numbers = itertools.count(1)
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    async def connect(self) -> None:
        """Find the DevTools port and connect to it."""
        port_file = self._profile / "DevToolsActivePort"
        deadline = time.monotonic() + START_S
        while not port_file.exists() or len(port_file.read_text().splitlines()) < 2:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BrowserError("Chromium did not start")
            await asyncio.sleep(0.05)
        port, path = port_file.read_text().splitlines()[:2]
        self._http = aiohttp.ClientSession()
        self._socket = await self._http.ws_connect(f"ws://127.0.0.1:{port}{path}", max_msg_size=0)
        self._reading = asyncio.create_task(self._read(), name="devtools")

    async def _read(self) -> None:
        assert self._socket is not None
        async for frame in self._socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                continue
            message = json.loads(frame.data)
            waiting = self._calls.pop(message.get("id", 0), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
            page = self._pages.get(message.get("sessionId", ""))
            if page is not None and "method" in message:
                page.heard(message["method"], message.get("params", {}))

    async def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """Call a DevTools method and return its result."""
        assert self._socket is not None
        number = next(self._numbers)
        self._calls[number] = asyncio.get_running_loop().create_future()
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        await self._socket.send_str(json.dumps(message))
        answer = await asyncio.wait_for(self._calls[number], 30)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error'].get('message')}")
        result: dict[str, Any] = answer["result"]
        return result

    async def page(self, size: tuple[int, int] = LAPTOP, *, phone: bool = False) -> Page:
        """A new empty tab."""
        target = (await self.call("Target.createTarget", url="about:blank"))["targetId"]
        session = (await self.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        page = self._pages[session] = Page(self, session, target)
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.call(f"{domain}.enable")
        await page.resize(size, phone=phone)
        return page

    async def forget(self, page: Page) -> None:
        """Close a tab."""
        self._pages.pop(page.session, None)
        await self.call("Target.closeTarget", targetId=page.target)

    async def close(self) -> None:
        """End Chromium and everything it started."""
        family = _family(self._process.pid)
        if self._socket is not None:
            with contextlib.suppress(BrowserError, TimeoutError, ConnectionError, aiohttp.ClientError):
                await asyncio.wait_for(self.call("Browser.close"), 5)
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        if self._http is not None:
            await self._http.close()
        await asyncio.to_thread(_end, self._process, family)
        await asyncio.to_thread(shutil.rmtree, self._profile, ignore_errors=True)


def _family(pid: int) -> list[psutil.Process]:
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return []


def _end(process: subprocess.Popen[bytes], family: list[psutil.Process]) -> None:
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
    for child in family:
        with contextlib.suppress(psutil.Error):
            child.kill()
            child.wait(2)


@contextlib.asynccontextmanager
async def chromium(
    trusted: str = "", flags: Sequence[str] = ALLOWED, fake_devices: bool = True
) -> AsyncIterator[Browser]:
    """Run a Chromium that trusts one server key; `flags` () asks for permissions as it does with people."""
    if not CHROMIUM:
        raise BrowserError("There is no Chromium; install the package chromium.")
    profile = Path(tempfile.mkdtemp(prefix="oc-chromium-"))
    options = [flag for flag in FLAGS if fake_devices or "fake-device" not in flag]
    if trusted:
        options.append(f"--ignore-certificate-errors-spki-list={trusted}")
    command = [CHROMIUM, *options, *flags, f"--user-data-dir={profile}", "about:blank"]
    process = await asyncio.to_thread(
        subprocess.Popen, command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    browser = Browser(process, profile)
    try:
        await browser.connect()
        yield browser
    finally:
        await browser.close()


class Page:
    """One tab, with what people do on the join page."""

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self.session = session
        self.target = target
        self.complaints: list[str] = []
        """Errors of the console, uncaught exceptions and failed loads."""
        self._browser = browser
        self._loaded = asyncio.Event()

    def heard(self, method: str, params: dict[str, Any]) -> None:
        """Take an event of this tab."""
        if method == "Page.loadEventFired":
            self._loaded.set()
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details.get("text", "")
            self.complaints.append(f"exception: {text}")
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"log: {params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.complaints.append(f"console: {params['args']}")

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a DevTools method of this tab."""
        return await self._browser.call(method, self.session, **params)

    async def resize(self, size: tuple[int, int], *, phone: bool = False) -> None:
        """Take the size of a phone or laptop."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )

    async def open(self, url: str) -> None:
        """Load an address, anew even where only its fragment differs."""
        await self.call("Page.navigate", url="about:blank")
        self._loaded.clear()
        answer = await self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise BrowserError(f"{url}: {answer['errorText']}")
        await asyncio.wait_for(self._loaded.wait(), 20)

    async def reload(self) -> None:
        """Load the page again, as its user would."""
        self._loaded.clear()
        await self.call("Page.reload")
        await asyncio.wait_for(self._loaded.wait(), 20)

    async def run(self, script: str, *, gesture: bool = True) -> Any:
        """Evaluate an expression (a promise is awaited) and return its value."""
        answer = await self.call(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=gesture,
        )
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"].get("exception", {}).get("description")))
        return answer["result"].get("value")

    async def until(self, script: str, timeout_s: float = 15.0) -> Any:
        """Wait until an expression is true and return its value."""
        deadline = time.monotonic() + timeout_s
        while True:
            with contextlib.suppress(BrowserError):
                value = await self.run(script, gesture=False)
                if value:
                    return value
            if time.monotonic() > deadline:
                seen = await self.text()
                raise TimeoutError(f"never true: {script}; complaints {self.complaints}; page says: {seen}")
            await asyncio.sleep(0.03)

    async def text(self) -> str:
        """What can be read on the page."""
        return str(await self.run("document.body.innerText", gesture=False))

    async def wait_text(self, words: str, timeout_s: float = 15.0) -> None:
        """Wait until words can be read on the page."""
        await self.until(f"document.body.innerText.includes({json.dumps(words)})", timeout_s)

    async def click(self, selector: str) -> None:
        """Click an element as a person does: with a real mouse event in its middle."""
        box = await self.run(f"({_MIDDLE})({json.dumps(selector)})")
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1
            )

    async def write(self, selector: str, text: str) -> None:
        """Put text into a field, in place of what is there."""
        await self.run(f"(e => {{ e.focus(); e.select(); }})(document.querySelector({json.dumps(selector)}))")
        await self.call("Input.insertText", text=text)

    async def key(self, key: str) -> None:
        """Press and release a letter key."""
        for kind in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, code=f"Key{key.upper()}", text=key)

    async def screenshot(self, path: Path) -> None:
        """Save what is seen as a PNG."""
        picture = await self.call("Page.captureScreenshot", format="png")
        await asyncio.to_thread(path.write_bytes, base64.b64decode(picture["data"]))

    # -- the join page

    async def known(self) -> dict[str, Any]:
        """What the page knows of itself (`window.joinPage`)."""
        return dict(await self.run("joinPage()", gesture=False))

    async def fill(self, name: str, office: str = "", *, consent: bool = True) -> None:
        """Fill the form in."""
        await self.until("window.joinPage && joinPage().phase === 'form'")
        # What is found (or not) moves the form a little; a click on its way there would miss.
        await self.until("joinPage().camera || joinPage().problem")
        await self.write("#name", name)
        await self.write("#office", office)
        await self.click("#recorded")
        if consent:
            await self.click("#consent")

    async def join(self, name: str, office: str = "", *, consent: bool = True) -> None:
        """Fill the form in and press the button."""
        await self.fill(name, office, consent=consent)
        await self.click("#go")

    async def until_phase(self, phase: str, timeout_s: float = 15.0) -> None:
        """Wait for a view: form, lobby, live, end, loading."""
        await self.until(f"joinPage().phase === {json.dumps(phase)}", timeout_s)

    async def until_connected(self, timeout_s: float = 15.0) -> None:
        """Wait until the peer connection stands."""
        await self.until("joinPage().connected", timeout_s)

    async def program_frames(self) -> int:
        """How many pictures of the program have been shown."""
        script = "document.querySelector('#program').getVideoPlaybackQuality().totalVideoFrames"
        return int(await self.run(script, gesture=False))

    async def program_hash(self) -> int:
        """A number that changes with the picture of the program."""
        return int(await self.run(f"({_PICTURE_HASH})()", gesture=False))

    async def until_program_moves(self, pictures: int = 5, timeout_s: float = 15.0) -> None:
        """Wait until so many more pictures of the program were shown and the picture has changed."""
        first, before = await self.program_frames(), await self.program_hash()
        deadline = time.monotonic() + timeout_s
        while await self.program_frames() < first + pictures or await self.program_hash() == before:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the program stands still: {await self.known()}")
            await asyncio.sleep(0.05)

    async def stats(self) -> dict[str, Any]:
        """The page's newest figures (frames decoded, packets lost, what it sends)."""
        return dict((await self.known())["figures"] or {})
