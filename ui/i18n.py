"""The console's languages: English in the source, Indonesian from resources/i18n, switched at run time."""

from __future__ import annotations

import logging

from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from operator_console import paths


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Mark a text for translation where it only stands in a table (typed, PySide6's returns `object`)."""
    return text


_log = logging.getLogger(__name__)

SOURCE_LANGUAGE = "en"
_translators: list[QTranslator] = []


def install(app: QApplication, language: str) -> None:
    """Show everything in a language from now on; widgets are told by LanguageChange."""
    for old in _translators:
        app.removeTranslator(old)
    _translators.clear()
    QLocale.setDefault(QLocale(language))
    if language == SOURCE_LANGUAGE:
        return
    translator = QTranslator(app)
    file = paths.resources_dir() / "i18n" / f"{language}.qm"
    if not translator.load(str(file)):
        _log.warning("the translation %s cannot be loaded", file.name)
        return
    _translators.append(translator)
    app.installTranslator(translator)
