"""Names of strangers become one harmless line."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_console.room.names import MAX_NAME_CHARS, clean_name

HOSTILE = (
    ("  Hj.  Rahmawati,\tS.Sos. ", "Hj. Rahmawati, S.Sos."),
    ("Pak\nLurah\r\nSungai\u2028Alang\u2029", "Pak Lurah Sungai Alang"),
    ("\u202egnp.exe\u202c Ani", "gnp.exe Ani"),
    ("\u2066\u2067Ani\u2069\u200f\u200e", "Ani"),
    ("A\x00n\x1bi\x7f\x85", "Ani"),
    ("\ufeffAni\u00ad\u2060", "Ani"),
    ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ("Z" + "\u0301" * 500 + "algo", "Ź\u0301\u0301\u0301algo"),
    ("e\u0301", "é"),
    ("\u200c\u200d", ""),
    (" \u00a0\u3000\u2003", ""),
    ("\ue000\U000f0000", ""),
    ("عبد الله", "عبد الله"),
    ("ꦲꦤꦕꦫꦏ", "ꦲꦤꦕꦫꦏ"),
    ("Ni Made 👩\u200d🌾", "Ni Made 👩\u200d🌾"),
)


@pytest.mark.parametrize(("given_name", "shown"), HOSTILE)
def test_hostile_names(given_name: str, shown: str) -> None:
    assert clean_name(given_name) == shown


def test_long_name_is_cut() -> None:
    assert clean_name("A" * 100_000) == "A" * MAX_NAME_CHARS


@given(st.text(max_size=300))
def test_whatever_comes_is_one_short_line_without_controls(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= MAX_NAME_CHARS
    assert name == unicodedata.normalize("NFC", name)
    assert clean_name(name) == name
    assert name == " ".join(name.split())
    assert all(unicodedata.category(c)[0] != "C" or c in "\u200c\u200d" for c in name)
