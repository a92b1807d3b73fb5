"""Tests of the languages: every text is translated, the compiled file fresh, switching at run time."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

from operator_console import protocol as p
from operator_console.settings import SETTINGS
from tests.ui.rig import Rig
from ui.dialogs.setting_texts import GROUPS, NOT_SHOWN
from ui.dialogs.settings_dialog import SettingsDialog

Session = Callable[..., Rig]
TOP = Path(__file__).resolve().parents[2]
TS = TOP / "resources" / "i18n" / "id.ts"
SAME_IN_BOTH = {"Program", "PROGRAM", "Audio"}


def tool(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def sources() -> list[str]:
    return sorted(str(path) for path in (TOP / "ui").rglob("*.py") if path.name != "__init__.py")


def messages(file: Path) -> dict[tuple[str, str], str]:
    """(context, source) -> translation; an unfinished one counts as empty."""
    found = {}
    for context in ET.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            text = "" if translation is None or translation.get("type") else translation.text or ""
            found[context.findtext("name") or "", message.findtext("source") or ""] = text
    return found


def test_every_text_is_translated(tmp_path: Path) -> None:
    fresh = tmp_path / "id.ts"
    shutil.copy(TS, fresh)
    subprocess.run(
        [tool("pyside6-lupdate"), *sources(), "-ts", str(fresh), "-locations", "none", "-no-obsolete"],
        check=True,
        capture_output=True,
        timeout=50,
    )
    found = messages(fresh)
    assert [key for key, text in found.items() if not text] == []
    assert {context for context, _ in found} - {""} == {context for context, _ in found}
    assert found == messages(TS), "run pyside6-lupdate: the file does not hold what the sources say"


def test_translations_keep_the_places_of_values() -> None:
    for (context, source), text in messages(TS).items():
        assert set(re.findall(r"\{\w*\}", source)) == set(re.findall(r"\{\w*\}", text)), (context, source)
        if len(source) > 12:
            assert source != text or source in SAME_IN_BOTH or "{" in source, f"{context}: {source!r}"


def test_the_compiled_file_is_fresh(tmp_path: Path) -> None:
    made = tmp_path / "id.qm"
    subprocess.run([tool("pyside6-lrelease"), str(TS), "-qm", str(made)], check=True, capture_output=True)
    assert made.read_bytes() == TS.with_suffix(".qm").read_bytes(), "run pyside6-lrelease"


def test_the_window_switches_when_the_engine_has_kept_the_language(session: Session) -> None:
    rig = session(9)
    rig.context.desk.set(selected="p4")
    rig.fake.silent = True
    rig.window.status.language_wanted.emit("id")
    rig.settle(0.2)
    assert rig.window.console.transitions.cut.text() == "CUT"
    rig.fake.silent = False
    rig.window.status.language_wanted.emit("id")
    rig.until(lambda: rig.window.console.transitions.cut.text() == "POTONG")
    assert rig.asked(p.SetSetting)[-1] == p.SetSetting(name="language", value="id")
    assert rig.context.desk.view.selected == "p4"
    assert rig.window.pages.currentWidget() is rig.window.console
    assert rig.window.console.inspector._head.text() == "Terpilih · no. 4"
    assert "Minggu" not in rig.window.console.strip._date.text() or rig.context.settings.language == "id"
    rig.window.status.language_wanted.emit("en")
    rig.until(lambda: rig.window.console.transitions.cut.text() == "CUT")


def test_every_setting_is_shown_or_left_out_on_purpose() -> None:
    shown = {name for names in GROUPS.values() for name in names}
    assert shown | NOT_SHOWN == {setting.name for setting in SETTINGS}
    assert not shown & NOT_SHOWN


def test_the_settings_dialog_sends_only_what_changed(session: Session) -> None:
    rig = session(2)
    rig.do(rig.window.show_settings)
    dialog = rig.dialog(SettingsDialog)
    field, _before = dialog.fields["office_name"]
    rig.do(lambda: field.setText("Ruang Kendali"))  # type: ignore[attr-defined]
    rig.click(dialog.yes)
    rig.until(lambda: rig.asked(p.SetSetting))
    assert rig.asked(p.SetSetting) == [p.SetSetting(name="office_name", value="Ruang Kendali")]
    rig.until(lambda: rig.context.settings.office_name == "Ruang Kendali")
