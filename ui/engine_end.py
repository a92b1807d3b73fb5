"""When the window goes and when the engine goes: what is said, what is asked, and who is left alone."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from operator_console.protocol import ShutDown
from operator_console.settings import SETTINGS
from ui.context import Context
from ui.dialogs.confirm import ConfirmDialog

LEAVE_WITHIN_S = 1.0
translate = QCoreApplication.translate

FAREWELL = (
    "Jendela ditutup; {what_id} tetap berjalan di latar belakang. Kembali dengan: operator-console open "
    "(./run open). Akhiri dengan menu Akhiri rapat, atau: operator-console stop --force\n"
    "The window is closed; {what_en} on in the background. Come back with: operator-console open "
    "(./run open). End it with the menu's End the session, or with: operator-console stop --force\n"
)


def ignored_words(names: Sequence[str]) -> str:
    """That an engine runs which does not use these settings, and what to do about it."""
    text = translate(
        "EngineEnd",
        "The running engine has other settings. Not used until it is restarted: {names}. "
        "End the session, choose “Stop the engine…” in the menu and open the console again.",
    )
    return text.format(names=", ".join(names))


def farewell(context: Context) -> str:
    """What a terminal is told when the window goes and a session is open; "" where nothing goes on."""
    if not context.replica.session_open:
        return ""
    parts_id, parts_en = ["rapat"], ["the session"]
    if context.actions.recording:
        parts_id.append("rekaman")
        parts_en.append("the recording")
    if context.actions.streaming:
        parts_id.append("siaran")
        parts_en.append("the livestream")
    what_en = " and ".join([", ".join(parts_en[:-1]), parts_en[-1]] if len(parts_en) > 1 else parts_en)
    what_id = " dan ".join([", ".join(parts_id[:-1]), parts_id[-1]] if len(parts_id) > 1 else parts_id)
    goes = "go" if len(parts_en) > 1 else "goes"
    return FAREWELL.format(what_id=what_id, what_en=f"{what_en} {goes}")


def say_farewell(context: Context) -> None:
    """Print it; a window that was started from a menu may have no terminal."""
    if sys.stderr is not None and (text := farewell(context)):
        sys.stderr.write(text)


def ask_before_closing(window: QWidget, context: Context, close: Callable[[], None]) -> ConfirmDialog:
    """A session is open: say what goes on without the window and how to come back."""
    if context.actions.recording and context.actions.streaming:
        text = translate(
            "EngineEnd", "The session, its recording and its livestream go on without the window."
        )
    elif context.actions.recording:
        text = translate("EngineEnd", "The session and its recording go on without the window.")
    elif context.actions.streaming:
        text = translate("EngineEnd", "The session and its livestream go on without the window.")
    else:
        text = translate("EngineEnd", "The session goes on without the window; participants stay connected.")
    text += " " + translate(
        "EngineEnd", "Open the console again to return. To finish, cancel and choose “End the session…”."
    )
    dialog = ConfirmDialog(
        window,
        translate("EngineEnd", "Close the window?"),
        text,
        translate("EngineEnd", "Close the window"),
        close,
        kind="primary",
    )
    dialog.open()
    return dialog


def ask_to_stop(window: QWidget, context: Context, close: Callable[[], None]) -> ConfirmDialog:
    """Stop the engine and close the window, after a question; refused while a session is open."""
    if context.replica.session_open:
        dialog = ConfirmDialog(
            window,
            translate("EngineEnd", "The engine cannot be stopped now"),
            translate(
                "EngineEnd",
                "A session is open. End the session first; its recording and livestream are finished then.",
            ),
            "",
            lambda: None,
        )
        dialog.yes.hide()
        dialog.no.set_text(translate("EngineEnd", "Close"))
    else:
        dialog = ConfirmDialog(
            window,
            translate("EngineEnd", "Stop the engine?"),
            translate(
                "EngineEnd",
                "The join page ends and this window closes. Opening the console starts the engine anew.",
            ),
            translate("EngineEnd", "Stop the engine"),
            lambda: _stop(context, close),
        )
    dialog.open()
    return dialog


def _stop(context: Context, close: Callable[[], None]) -> None:
    if not context.replica.connected:
        close()
        return
    context.replica.send(ShutDown(idle_only=True), lambda _result: close())


def restart_engine(context: Context) -> None:
    """End the engine and start it again at once, so that new settings count; refused in a session."""
    link = context.replica.link
    link.wanted_again = True
    context.replica.send(ShutDown(idle_only=True), lambda _result: link.want_engine())


def offer_restart(window: QWidget, context: Context, name: str) -> None:
    """A setting that counts from the next start was kept: offer that start where nothing is in its way."""
    live = any(setting.live for setting in SETTINGS if setting.name == name)
    asked = any(dialog.isVisible() for dialog in window.findChildren(RestartDialog))
    if live or asked or context.replica.session_open or not context.replica.connected:
        return
    RestartDialog(
        window,
        translate("EngineEnd", "Restart the engine?"),
        translate(
            "EngineEnd",
            "The new settings count from the next start of the engine. No session is open: it takes a few "
            "seconds.",
        ),
        translate("EngineEnd", "Restart the engine"),
        lambda: restart_engine(context),
        kind="primary",
    ).open()


class RestartDialog(ConfirmDialog):
    """The question whether the engine is to start again with new settings."""


async def leave_engine(context: Context) -> None:
    """An engine without a session is of no use when the last window goes: end it."""
    replica, answered = context.replica, asyncio.Event()
    if replica.connected and not replica.session_open:
        command = ShutDown(idle_only=True, alone_only=True)
        replica.send(command, lambda _result: answered.set(), lambda _notice: answered.set())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(answered.wait(), LEAVE_WITHIN_S)
