"""The few words that the engine itself puts into program and journal, in the console's language."""

from __future__ import annotations

_WORDS = {
    "id": {
        "before": "Mohon tunggu, rapat segera dimulai",
        "slate": "Mohon tunggu, rapat segera dilanjutkan",
        "chapter": "Bab",
        "line_test": "Uji jalur siaran",
    },
    "en": {
        "before": "Please wait, the session will begin shortly",
        "slate": "Please wait, the session will go on shortly",
        "chapter": "Chapter",
        "line_test": "Test of the line",
    },
}


def slate_word(taken_at_ms: int, language: str) -> str:
    """What the slate says where the operator gave no text: before the first picture was on air, or after."""
    return word("slate" if taken_at_ms else "before", language)


def word(name: str, language: str) -> str:
    """A word of the engine in a language; Indonesian for one that is not known."""
    return _WORDS.get(language, _WORDS["id"])[name]
