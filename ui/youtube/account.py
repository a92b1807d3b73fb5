"""The YouTube account: who is signed in, and how to sign in and out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from operator_console.protocol import CancelYoutubeSignIn, SignInYoutube, SignOutYoutube
from ui.causes import Family, worded
from ui.context import Context
from ui.notices import notice_text
from ui.observations import YoutubeSeen
from ui.replica import Changed, Kind, Notice
from ui.widgets.buttons import Button
from ui.widgets.labels import PlainLabel

OFF, SIGNED_OUT, SIGNING_IN, SIGNED_IN, AGAIN = (
    "off",
    "signed_out",
    "signing_in",
    "signed_in",
    "sign_in_again",
)
NO_KEYRING = "no_keyring"


def open_in_browser(url: str) -> bool:
    """Open a web page in the operator's browser; nothing else."""
    address = QUrl(url)
    return address.scheme() in ("https", "http") and QDesktopServices.openUrl(address)


class AccountBox(QFrame):
    """One line on the account, its keys, and what went wrong."""

    def __init__(self, context: Context, open_url: Callable[[str], bool] = open_in_browser) -> None:
        super().__init__()
        self._context, self._open = context, open_url
        self._url = ""
        self._ask_run = False
        self.who = PlainLabel("", "strong")
        self.who.setWordWrap(True)
        self.hint = PlainLabel("", "soft")
        self.hint.setWordWrap(True)
        self.enter = Button(self.tr("Sign in with the browser"), "link")
        self.for_run = Button(self.tr("Sign in for this run only"))
        self.copy = Button(self.tr("Copy the sign-in address"), "copy")
        self.cancel = Button(self.tr("Cancel the sign-in"))
        self.leave = Button(self.tr("Sign out"))
        keys = QHBoxLayout()
        for key, act in (
            (self.enter, self._on_enter),
            (self.for_run, self._on_for_run),
            (self.copy, self._on_copy),
            (self.cancel, lambda: context.replica.send(CancelYoutubeSignIn())),
            (self.leave, lambda: context.replica.send(SignOutYoutube())),
        ):
            key.clicked.connect(act)
            keys.addWidget(key)
        keys.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.who)
        layout.addWidget(self.hint)
        layout.addLayout(keys)
        context.replica.changed.connect(self._on_changed)
        self._show()

    # ---- keys

    def _on_enter(self) -> None:
        self._ask_run = False
        self._context.replica.send(SignInYoutube(), self._on_address, self._on_refused)

    def _on_for_run(self) -> None:
        self._ask_run = False
        self._context.replica.send(SignInYoutube(for_run=True), self._on_address, self._on_refused)

    def _on_address(self, result: dict[str, Any]) -> None:
        self._url = str(result.get("url", ""))
        if not self._open(self._url):
            self.hint.setText(self.tr("The browser cannot be opened. Copy the address and open it by hand."))
        self._show()

    def _on_refused(self, notice: Notice) -> None:
        refusal = notice.refusal
        self._ask_run = refusal is not None and refusal.args.get("cause") == NO_KEYRING
        self._show()
        self.hint.setText(notice_text(notice, self._context.settings.language))
        self.hint.show()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._url)

    # ---- show

    def _on_changed(self, changed: Changed) -> None:
        if changed.any_of(Kind.YOUTUBE, Kind.LINK):
            self._show()

    def _show(self) -> None:
        seen = self._context.replica.seen.youtube
        self.who.setText(self._who(seen))
        waits = seen.state == SIGNING_IN
        inside = seen.state in (SIGNED_IN, AGAIN)
        self.enter.setVisible(seen.state in (SIGNED_OUT, AGAIN) and not self._ask_run)
        self.for_run.setVisible(self._ask_run and not waits and seen.state != SIGNED_IN)
        self.copy.setVisible(waits and bool(self._url))
        self.cancel.setVisible(waits)
        self.leave.setVisible(inside)
        if not self._ask_run:
            self.hint.setText(self._hint(seen))
        self.hint.setVisible(bool(self.hint.text()))

    def _who(self, seen: YoutubeSeen) -> str:
        if seen.state == SIGNED_IN:
            name = seen.channel or "…"
            if seen.kept == "run":
                return self.tr("Signed in as {channel}, for this run only").format(channel=name)
            return self.tr("Signed in as {channel}").format(channel=name)
        return {
            SIGNING_IN: self.tr("Finish the sign-in in the browser…"),
            SIGNED_OUT: self.tr("No YouTube account is signed in"),
            AGAIN: self.tr("The YouTube account has to sign in again"),
        }.get(seen.state, self.tr("YouTube with an account is not set up"))

    def _hint(self, seen: YoutubeSeen) -> str:
        why = worded(Family.YOUTUBE, seen).text
        if why or seen.state != SIGNED_IN or not seen.units_of_day:
            return why
        formats = self._context.formats
        return self.tr("YouTube quota used today by this engine: {used} of {all}").format(
            used=formats.number(seen.units_used), all=formats.number(seen.units_of_day)
        )
