"""The YouTube account and its broadcast in one dialog: who is signed in, how the broadcast does."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.dialogs.base import Dialog
from ui.widgets.labels import PlainLabel
from ui.youtube.account import AccountBox
from ui.youtube.status import BroadcastStatus


class YoutubeDialog(Dialog):
    """Account above, broadcast below."""

    def __init__(self, parent: QWidget, context: Context) -> None:
        super().__init__(parent, width_px=560)
        self.set_words(self.tr("YouTube account"), self.tr("Close"))
        self.account = AccountBox(context)
        self.status = BroadcastStatus(context)
        hint = PlainLabel("", "soft")
        hint.setWordWrap(True)
        hint.setText(
            self.tr("A broadcast is begun with “Go live”; the stream key works without an account too.")
        )
        for part in (self.account, self.status, hint):
            self.body.addWidget(part)
