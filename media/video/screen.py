"""Where a screen or a window is captured from on each platform; the capture itself is `AvSource`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from media.reason import SourceCode
from media.source import SourceError
from media.video.avsource import Input

WAYLAND = (
    "This desktop (Wayland) does not let programs capture the screen. "
    "Log in with an X11 session to share the screen, or use a capture card."
)


def screen_input(
    address: str = "",
    fps: int = 15,
    *,
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
) -> Input:
    """How to capture a screen or window. Raises SourceError where this desktop does not allow it.

    ``address``: empty for the whole screen; on X11 a display with offset (``:0.0+100,50``) or
    ``window:0x3a0000b``; on Windows ``window:TITLE``; on macOS the number of the screen device.
    """
    if platform == "win32":
        target = f"title={address.removeprefix('window:')}" if address.startswith("window:") else "desktop"
        return Input(target, "gdigrab", {"framerate": str(fps), "draw_mouse": "1"}, live=True)
    if platform == "darwin":
        screen = f"Capture screen {address or 0}:none"
        return Input(screen, "avfoundation", {"framerate": str(fps), "capture_cursor": "1"}, live=True)
    return _x11_input(address, fps, environment)


def _x11_input(address: str, fps: int, environment: Mapping[str, str]) -> Input:
    display = environment.get("DISPLAY", "")
    if not display and not address.startswith(":"):
        if environment.get("WAYLAND_DISPLAY"):
            raise SourceError(SourceCode.SCREEN_WAYLAND, WAYLAND)
        raise SourceError(SourceCode.SCREEN_MISSING, "There is no screen to capture here.")
    options = {"framerate": str(fps), "draw_mouse": "1"}
    if address.startswith("window:"):
        window = address.removeprefix("window:")
        try:
            options["window_id"] = hex(int(window, 0))
        except ValueError as error:
            raise SourceError(
                SourceCode.SCREEN_WINDOW, f"{window!r} is not the number of a window.", window=window[:40]
            ) from error
        address = ""
    return Input(address or display, "x11grab", options, live=True)
