"""Tests of the words for failures: every code of the program has its sentence in both languages."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

from media import reason as media_reasons
from media.outputs.recorder import disk_reason
from media.reason import LivestreamCode, ProgramCode, RecorderCode, SourceCode
from operator_console import protocol as p
from operator_console.session import codes
from operator_console.settings import SettingCode
from ui.cause_texts import FAULTS, SIDES
from ui.causes import SENTENCES, Family, refusal_text, sentence, worded
from ui.observations import CauseSeen

TOP = Path(__file__).resolve().parents[2]
CODES: dict[Family, tuple[type[StrEnum], ...]] = {
    Family.RECORDING: (RecorderCode, codes.RecordingCode),
    Family.REPAIR: (codes.RepairCode,),
    Family.LIVESTREAM: (LivestreamCode, codes.ResumeCode),
    Family.SOURCE: (SourceCode,),
    Family.ROOM: (codes.RoomCode,),
    Family.CERTIFICATE: (codes.CertificateCode,),
    Family.JOURNAL: (codes.JournalCode,),
    Family.PROGRAM: (ProgramCode,),
    Family.WORKER: (codes.WorkerCode,),
    Family.SETTING: (SettingCode,),
    Family.REQUEST: (codes.RequestCode,),
    Family.YOUTUBE: (codes.YoutubeCode,),
    Family.TRUTH: (codes.TruthCode,),
}
EVERY = [(family, code) for family, table in SENTENCES.items() for code in table]
FIGURES = {
    **dict.fromkeys(("file", "certificate", "key", "folder"), "/srv/a"),
    **dict.fromkeys(("said", "window", "card", "host", "command", "name", "destination", "choices"), "kata"),
    **dict.fromkeys(("port", "days", "fact", "status", "signal", "low", "high", "most", "address"), "7"),
}


def calls(kind: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of a function or class of this name in the program."""
    for folder in ("operator_console", "media", "ui"):
        for file in sorted((TOP / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "id", getattr(node.func, "attr", "")) == kind
                ):
                    yield file, node


@pytest.fixture
def indonesian(qapp: QApplication) -> Iterator[None]:
    translator = QTranslator()
    assert translator.load(str(TOP / "resources" / "i18n" / "id.qm"))
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


# ---- every code


def test_every_set_of_codes_is_worded() -> None:
    known = {kind for kinds in CODES.values() for kind in kinds}
    made = {
        value
        for module in (media_reasons, codes)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, StrEnum) and value is not StrEnum
    }
    assert made <= known, "a new set of codes needs a family in ui.causes"


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    for family, kinds in CODES.items():
        assert set(SENTENCES[family]) == {str(code) for kind in kinds for code in kind}, family
    assert set(CODES) | {Family.DAMAGE} == set(SENTENCES)


def test_every_damage_of_the_journal_has_a_sentence() -> None:
    found = {call.args[0].value for _, call in calls("Damage") if isinstance(call.args[0], ast.Constant)}
    assert found == set(SENTENCES[Family.DAMAGE])


def test_every_livestream_fault_lies_on_a_side() -> None:
    assert set(FAULTS) == set(SENTENCES[Family.LIVESTREAM])
    assert set(FAULTS.values()) == set(SIDES)


@pytest.mark.parametrize("kind", ["Reason", "SourceError", "RtmpError", "Fault"])
def test_no_failure_is_made_without_a_code(kind: str) -> None:
    """Types say that it is a code of a table; here that nobody wrote it as a text."""
    found = list(calls(kind))
    assert found
    for file, call in found:
        texts = [one for one in call.args if isinstance(one, ast.Constant | ast.JoinedStr)]
        assert len(texts) <= 1, f"{file.name}:{call.lineno}"


def test_every_sentence_says_something_in_english(qapp: QApplication) -> None:
    for family, code in EVERY:
        english = sentence(family, code, FIGURES)
        assert english.endswith((".", "?", "kata")) and "{" not in english and "…" not in english, code
        places = {name for _, name, _, _ in string.Formatter().parse(SENTENCES[family][code]) if name}
        assert places <= set(FIGURES), code


@pytest.mark.usefixtures("indonesian")
def test_every_sentence_is_indonesian_in_an_indonesian_window() -> None:
    for family, code in EVERY:
        said = sentence(family, code, FIGURES)
        assert said and said != SENTENCES[family][code].format_map(FIGURES), code


# ---- refusals of the engine


def sentences(call: ast.Call) -> list[ast.expr]:
    by_name = {one.arg: one.value for one in call.keywords if one.arg in ("text_id", "text_en")}
    return [by_name["text_id"], by_name["text_en"]] if by_name else list(call.args[1:3])


def places(text: ast.expr) -> set[str]:
    found = [one.value for one in ast.walk(text) if isinstance(one, ast.FormattedValue)]
    # `_comma` writes a number as Indonesians do: the figure is the same.
    return {re.sub(r"^_comma\((\w+)\)$", r"\1", ast.unparse(value)) for value in found}


@pytest.mark.parametrize("kind", ["OperatorError", "Refusal"])
def test_a_refusal_has_a_sentence_of_its_own_in_each_language(kind: str) -> None:
    found = [(file, call) for file, call in calls(kind) if len(call.args) >= 3 or len(call.keywords) >= 3]
    assert len(found) > 1 or kind == "Refusal"
    for file, call in found:
        if file.name == "protocol.py":
            continue
        indonesian, english = sentences(call)
        where = f"{file.name}:{call.lineno}"
        assert ast.unparse(indonesian) != ast.unparse(english), where
        if "setting" not in ast.unparse(call.args[0] if call.args else call.keywords[0].value):
            assert places(indonesian) == places(english), f"{where}: English words in an Indonesian sentence?"


def test_a_setting_that_is_refused_is_called_as_in_the_dialog(qapp: QApplication) -> None:
    args = {"name": "join_port", "cause": "range", "low": "1", "high": "65535"}
    refusal = p.Refusal(code="setting", text_id="Tidak.", text_en="No.", args=args)
    assert refusal_text(refusal, "en") == "Port of the join page: enter a number from 1 to 65535."


@pytest.mark.usefixtures("indonesian")
def test_a_recording_that_is_refused_says_why_in_the_windows_language() -> None:
    args = {"folder": "/mnt/usb", "cause": str(disk_reason(OSError(28, "No space left on device")).code)}
    refusal = p.Refusal(code="recording_folder", text_id="Tidak.", text_en="No.", args=args)
    said = refusal_text(refusal, "id")
    assert "/mnt/usb" in said and "Diska penuh" in said and "space" not in said


@pytest.mark.parametrize(("language", "said"), [("id", "Tidak."), ("en", "No.")])
def test_a_refusal_nobody_words_here_comes_in_the_engines_words(
    qapp: QApplication, language: str, said: str
) -> None:
    for code in ("new_in_the_next_version", "setting", "recording_folder"):
        refusal = p.Refusal(code=code, text_id="Tidak.", text_en="No.", args={"cause": "?"})
        assert refusal_text(refusal, language) == said


# ---- what is not known


def test_an_unknown_code_is_said_to_be_one_with_its_details(qapp: QApplication) -> None:
    wording = worded(Family.SOURCE, CauseSeen(code="flux", reason="The flux capacitor is empty."))
    assert wording.text == "Unknown fault, see the details."
    assert "flux" in wording.tip and "The flux capacitor is empty." in wording.tip


def test_a_cause_of_an_older_engine_has_only_its_details(qapp: QApplication) -> None:
    wording = worded(Family.RECORDING, CauseSeen(reason="The disk is full."))
    assert wording.text and wording.tip.endswith("Details: The disk is full.")


def test_a_figure_that_is_missing_takes_no_sentence_away(qapp: QApplication) -> None:
    assert sentence(Family.ROOM, "port_taken", {}).startswith("Another program uses port ….")


def test_braces_in_a_figure_are_only_text(qapp: QApplication) -> None:
    said = sentence(Family.SOURCE, "file_missing", {"file": "{0.__class__}{card}"})
    assert "{0.__class__}{card}" in said


def test_the_first_that_says_anything_is_worded(qapp: QApplication) -> None:
    full = CauseSeen(code="disk_full")
    assert worded(Family.RECORDING, None, CauseSeen(), full) == worded(Family.RECORDING, full)
    assert worded(Family.RECORDING, None, CauseSeen()).text == ""


def test_the_destinations_faults_are_told_from_ours(qapp: QApplication) -> None:
    theirs = worded(Family.LIVESTREAM, CauseSeen(code="closed_at_once", reason="x")).tip
    ours = worded(Family.LIVESTREAM, CauseSeen(code="internal", reason="x")).tip
    assert "lies with the destination" in theirs and "lies on this machine" in ours
