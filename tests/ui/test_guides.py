"""The guides are true: their words of the window, keys, commands, settings, folders and examples exist."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from operator_console import cli, paths
from operator_console.settings import SETTINGS, Settings, load_settings, locked_settings, user_file
from tests.bench.run import names as bench_names
from ui.keys import KEYS

TOP = Path(__file__).resolve().parents[2]
PANDUAN = (TOP / "docs/panduan.md").read_text("utf-8")
INSTALL = (TOP / "docs/install.md").read_text("utf-8")
README = (TOP / "README.md").read_text("utf-8")
GUIDES = {"panduan.md": PANDUAN, "install.md": INSTALL, "README.md": README}
NAMES = {setting.name for setting in SETTINGS}
JOBS = {"test", "check", "fix", "bench", "soak"}
"""What ./run does itself; everything else is a command of the console."""


def window_words() -> dict[tuple[str, str], str]:
    """Context and English source to Indonesian text, of the window."""
    return {
        (context.findtext("name", ""), message.findtext("source", "")): message.findtext("translation", "")
        for context in ElementTree.parse(TOP / "resources/i18n/id.ts").getroot()
        for message in context.iter("message")
    }


def join_page_words() -> set[str]:
    words = (TOP / "resources/join/i18n.js").read_text("utf-8")
    return set(re.findall(r'^    \w+: "(.*)",$', words.partition("\n  en: {")[0], re.M))


def test_what_the_guide_prints_bold_stands_on_a_screen_in_these_words() -> None:
    known = set(window_words().values()) | join_page_words()
    bold = set(re.findall(r"\*\*(.+?)\*\*", PANDUAN)) - {"dicetak tebal"}
    assert len(bold) > 50
    assert sorted(bold - known) == []


def test_the_guide_names_the_keys_as_f1_does() -> None:
    words = window_words()
    faces = {"Space": "Spasi", "Return": "Enter"}
    true = {(faces.get(key.sequences[0], key.sequences[0]), words.get(("Keys", key.text))) for key in KEYS}
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", PANDUAN.partition("| Tombol | Guna |")[2], re.M)
    assert len(rows) > 10
    assert [row for row in rows if row not in true] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_commands_exist(guide: str) -> None:
    named = set(re.findall(r"\./run (?:--set \S+ )?([a-z]\w*)", GUIDES[guide]))
    assert {"open", "stop", "doctor"} <= named
    assert sorted(named - cli.COMMANDS.keys() - JOBS) == []


def test_help_of_run_names_what_exists() -> None:
    usage = (TOP / "run").read_text("utf-8").partition("cat <<'TEXT'\n")[2].partition("\nTEXT\n")[0]
    named = set(re.findall(r"^\./run ([a-z]+)", usage, re.M)) - JOBS
    assert named == {name for name, command in cli.COMMANDS.items() if command.help} - {"demo"}
    for guide in re.findall(r"docs/\S+\.md", usage + cli.usage()):
        assert (TOP / guide).exists(), guide


@pytest.mark.parametrize("guide", GUIDES)
def test_settings_and_variables_exist(guide: str) -> None:
    text = GUIDES[guide]
    settings = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text)) | set(re.findall(r"--set (\w+)=\w", text))
    assert sorted(settings - NAMES - set(bench_names()) - {"name"}) == []
    folders = set(re.findall(r"OPERATOR_CONSOLE_[A-Z]+", Path(paths.__file__).read_text("utf-8")))
    variables = set(re.findall(r"OPERATOR_CONSOLE_[A-Z_]*[A-Z]", text))
    assert sorted(variables - folders - {f"OPERATOR_CONSOLE_{name.upper()}" for name in NAMES}) == []


def test_folders_are_where_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DATA", "CONFIG", "SITE"):
        monkeypatch.delenv(f"OPERATOR_CONSOLE_{variable}", raising=False)
    for kind in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "VIDEOS_DIR"):
        monkeypatch.delenv(f"XDG_{kind}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = Settings()
    for place in (
        user_file(),
        paths.data_dir() / "journal.db",
        paths.data_dir() / "tls",
        paths.log_dir(),
        paths.recordings_dir(settings),
        paths.site_file(),
    ):
        assert "`" + str(place).replace(str(tmp_path), "~") in INSTALL.replace("(`", " `"), place


def test_examples_of_a_site_file_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = re.findall(r"```toml\n(.+?)```", INSTALL, re.S)
    assert len(examples) > 1
    file = tmp_path / "site.toml"
    monkeypatch.setenv("OPERATOR_CONSOLE_SITE", str(file))
    for example in examples:
        file.write_text(example, "utf-8")
        given = set(re.findall(r"^(\w+) =", example.partition("[policy]")[0], re.M))
        changed = {name for name in NAMES if getattr(load_settings(), name) != getattr(Settings(), name)}
        assert changed == given
        assert locked_settings() <= given


@pytest.mark.parametrize("guide", ["panduan.md", "install.md"])
def test_links_lead_somewhere(guide: str) -> None:
    for target, _, heading in re.findall(r"\]\(([\w./]+)(#(\w+))?\)", GUIDES[guide]):
        other = (TOP / "docs" / target).read_text("utf-8")
        assert not heading or f"## {heading.capitalize()}\n" in other, (target, heading)
