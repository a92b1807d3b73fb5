"""The few words that the engine itself puts into program and journal, in the console's language."""

from __future__ import annotations

_WORDS = {
    "id": {"slate": "Mohon tunggu, rapat segera dilanjutkan", "chapter": "Bab"},
    "en": {"slate": "Please wait, the session will go on shortly", "chapter": "Chapter"},
}


def word(name: str, language: str) -> str:
    """A word of the engine in a language; Indonesian for one that is not known."""
    return _WORDS.get(language, _WORDS["id"])[name]
