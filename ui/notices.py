"""Words for notices: refusals come with their sentence, our own troubles are worded here."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from operator_console import paths
from ui.causes import refusal_text
from ui.replica import Notice, Trouble


def notice_text(notice: Notice, language: str) -> str:
    """The sentence to show."""
    if notice.refusal:
        return refusal_text(notice.refusal, language)
    return {
        Trouble.NOT_CONNECTED: QCoreApplication.translate(
            "Notices", "The engine is not connected; nothing was done."
        ),
        Trouble.NO_ANSWER: QCoreApplication.translate(
            "Notices", "The engine did not answer. Look whether it was done before you try again."
        ),
        Trouble.INTERRUPTED: QCoreApplication.translate(
            "Notices", "The connection broke while a command was under way. Look whether it was done."
        ),
        Trouble.NOTHING_SELECTED: QCoreApplication.translate("Notices", "Select a tile first"),
        Trouble.NO_ECHO: QCoreApplication.translate("Notices", "No office returns sound"),
        Trouble.SLATE_STAYS: QCoreApplication.translate(
            "Notices", "Taken behind the slate. It still covers the program; press B to lift it."
        ),
        Trouble.KEYS_LOCKED: QCoreApplication.translate(
            "Notices", "Keys are locked, nothing was done. F9 unlocks them."
        ),
        Trouble.INTERNAL: QCoreApplication.translate(
            "Notices",
            "Something went wrong in this window. The details are in the folder {folder}; F1 opens it.",
        ).format(folder=paths.log_dir()),
        None: "",
    }[notice.trouble]
