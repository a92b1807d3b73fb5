"""Command line: overrides anywhere, lazily imported commands, plain sentences and exit codes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import types
from pathlib import Path

import pytest

from operator_console import __version__, cli, paths
from operator_console.settings import SettingsError


def test_overrides_are_taken_from_anywhere() -> None:
    rest, overrides = cli.split_overrides(["--set", "a=1", "doctor", "--json", "--set=join-host=::1"])
    assert (rest, overrides) == (["doctor", "--json"], {"a": "1", "join_host": "::1"})
    for incomplete in (["--set"], ["--set", "a"], ["--set=", "doctor"]):
        with pytest.raises(SettingsError):
            cli.split_overrides(incomplete)


def test_a_command_gets_its_arguments_and_gives_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def run(argv: list[str], overrides: dict[str, str]) -> int:
        seen.extend((argv, overrides))
        return 7

    module = types.ModuleType("fake_command")
    module.main = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fake_command", module)
    monkeypatch.setitem(cli.COMMANDS, "fake", cli.Command("fake_command", "does it"))
    assert cli.main(["fake", "-x", "--set", "lobby=no"]) == 7
    assert seen == [["-x"], {"lobby": "no"}]
    assert "fake" in cli.usage()


def test_every_command_has_its_module() -> None:
    assert [
        name for name, command in cli.COMMANDS.items() if importlib.util.find_spec(command.module) is None
    ] == []


@pytest.mark.parametrize(
    ("args", "code", "out", "err"),
    [
        (["--version"], 0, __version__, ""),
        (["--help"], 0, "doctor", ""),
        (["nonsense"], 2, "", "There is no command nonsense."),
        (["doctor", "--set", "x"], 2, "", "--set needs name=value"),
        (["offices"], 2, "", "usage: operator-console offices"),
        (["probe-media"], 2, "", "usage: operator-console probe-media"),
        (["probe-media", "nonsense"], 2, "", "usage: operator-console probe-media"),
        (["room", "--nonsense"], 2, "", "usage: operator-console room"),
        (["source"], 2, "", "usage: operator-console source"),
    ],
)
def test_plain_sentences_and_exit_codes(
    tmp_runtime: Path, args: list[str], code: int, out: str, err: str
) -> None:
    done = subprocess.run(
        paths.self_command(*args), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20
    )
    assert done.returncode == code
    assert out in done.stdout
    assert err in done.stderr
    assert "Traceback" not in done.stderr


def test_start_loads_no_heavy_library() -> None:
    program = (
        "import sys; from operator_console import cli; cli.main(['--version']); heavy = "
        "{'numpy', 'av', 'cv2', 'aiohttp', 'PySide6', 'cryptography'}; print(heavy & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20)
    assert done.stdout.splitlines()[-1] == "set()"
