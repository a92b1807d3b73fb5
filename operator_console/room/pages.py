"""The join page's files, from memory, and the page about the local certificate authority."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from operator_console.room.authority import fingerprint
from operator_console.room.guard import HttpError

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
}
_PACKED = (".html", ".css", ".js", ".svg")
_MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file of the join page."""

    content_type: str
    data: bytes
    packed: bytes
    """The same, gzipped; empty for what is packed already."""


def load_page(folder: Path) -> dict[str, PageFile]:
    """Read the files of a folder once; what is not there then is never served, whatever a URL says.

    Raises OSError where the folder cannot be read, KeyError where it has no index.html.
    """
    files: dict[str, PageFile] = {}
    for path in sorted(folder.iterdir()):
        kind = TYPES.get(path.suffix)
        if kind is None or path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX_FILE_BYTES:
            continue
        data = path.read_bytes()
        files[path.name] = PageFile(kind, data, gzip.compress(data, 9) if path.suffix in _PACKED else b"")
    files["index.html"]
    return files


class Pages:
    """Handlers of everything that is read and never changes."""

    def __init__(
        self, files: dict[str, PageFile], authority_pem: Callable[[], bytes], host: Callable[[], str]
    ) -> None:
        """`authority_pem`: the root certificate to install, b"" for none; `host`: the office that invites."""
        self._files = files
        self._authority_pem = authority_pem
        self._host = host

    def routes(self) -> list[web.RouteDef]:
        """What is served where."""
        return [
            web.get("/", self._index),
            web.get("/join", self._index),
            web.get("/ca", self._about),
            web.get("/ca/authority.crt", self._authority),
            web.get("/api/info", self._info),
            web.get("/static/{name}", self._static),
        ]

    def _file(self, request: web.Request, name: str) -> web.Response:
        file = self._files.get(name)
        if file is None:
            raise HttpError(404, "not_found")
        headers = {"Content-Type": file.content_type}
        data = file.data
        if file.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
            data = file.packed
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=data, headers=headers)

    async def _index(self, request: web.Request) -> web.Response:
        return self._file(request, "index.html")

    async def _about(self, request: web.Request) -> web.Response:
        return self._file(request, "ca.html")

    async def _static(self, request: web.Request) -> web.Response:
        return self._file(request, request.match_info["name"])

    async def _info(self, request: web.Request) -> web.Response:
        said = {"host": self._host(), "authority": fingerprint(self._authority_pem())}
        return web.json_response(said)

    async def _authority(self, request: web.Request) -> web.Response:
        pem = self._authority_pem()
        if not pem:
            raise HttpError(404, "not_found")
        headers = {
            "Content-Type": "application/x-x509-ca-cert",
            "Content-Disposition": 'attachment; filename="operator-console-ca.crt"',
        }
        return web.Response(body=pem, headers=headers)
