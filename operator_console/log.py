"""Logging of one process: a rotating file and stderr, no secret in either, every crash written down."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from operator_console import paths
from operator_console.secret_shapes import HIDDEN, SHAPES

_FILE_MAX_BYTES = 5_000_000
_FILES_KEPT = 4
_FORMAT = "%(asctime)s.%(msecs)03dZ {process} %(levelname)s %(name)s: %(message)s"
_SECRET_MIN_CHARS = 6

_log = logging.getLogger(__name__)
_secrets: frozenset[str] = frozenset()

# A hostile name must not forge a second log line.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {0x2028: " ", 0x2029: " "}


def hide(secret: str) -> None:
    """Never let this exact text reach a log of this process (for keys just read from the keyring)."""
    global _secrets
    if len(secret) >= _SECRET_MIN_CHARS:
        _secrets |= {secret}  # a new set: other threads are iterating over the old one


def redact(text: str) -> str:
    """Return the text with every stream key, token, password and hidden secret replaced."""
    for secret in _secrets:
        text = text.replace(secret, HIDDEN)
    for shape, instead in SHAPES:
        text = shape.sub(instead, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats in UTC, keeps each message on one line and redacts the whole text, traceback included."""

    converter = staticmethod(time.gmtime)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (named by logging)
        record.message = record.message.translate(_CONTROLS)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished, redacted text."""
        return redact(super().format(record))


def setup_logging(process_name: str, level: int = logging.INFO) -> Path | None:
    """Send this process's log to `<log_dir>/<process_name>.log` and to stderr; log what would crash silently.

    Returns the file, or None where it cannot be written: then stderr alone is used, and says so. asyncio
    already logs the errors of tasks and callbacks to the logger "asyncio", which ends up here.
    """
    form = RedactingFormatter(_FORMAT.format(process=process_name), datefmt="%Y-%m-%dT%H:%M:%S")
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    file, trouble = paths.log_dir() / f"{process_name}.log", None
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(file, "a", _FILE_MAX_BYTES, _FILES_KEPT, encoding="utf-8")
        )
    except OSError as error:
        trouble = error
    for handler in handlers:
        handler.setFormatter(form)
    logging.basicConfig(level=level, handlers=handlers, force=True)
    logging.getLogger("aioice").setLevel(logging.WARNING)  # it tells each step of each connection
    logging.captureWarnings(True)
    sys.excepthook = _on_exception
    threading.excepthook = _on_thread_exception
    sys.unraisablehook = _on_unraisable
    if trouble:
        _log.warning("No log file: %s cannot be written (%s).", file, trouble.strerror)
    return None if trouble else file


def _on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _log.critical("Uncaught error", exc_info=(kind, error, trace))


def _on_thread_exception(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is SystemExit or args.exc_value is None:
        return
    name = args.thread.name if args.thread else "?"
    _log.critical(
        "Uncaught error in thread %s", name, exc_info=(args.exc_type, args.exc_value, args.exc_traceback)
    )


def _on_unraisable(args: Any) -> None:
    value = args.exc_value or args.exc_type()
    _log.error("%s: %r", args.err_msg or "Error that could not be raised", args.object, exc_info=value)
