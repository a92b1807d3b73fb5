"""The demo empties only a folder that an earlier demo has made; its destination is there with its key."""

from __future__ import annotations

from pathlib import Path

import pytest
from keyring.errors import NoKeyringError

from operator_console.demo import keys
from operator_console.demo.run import destination_override, main, prepare_output
from operator_console.engine.livestreams import stored_key
from operator_console.settings import Destination, load_settings


def test_somebody_elses_files_are_never_deleted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    precious = tmp_path / "thesis.txt"
    precious.write_text("precious")
    assert main(["--offscreen", "--output", str(tmp_path)], {}) == 2
    assert precious.read_text() == "precious"
    assert "no demo made" in capsys.readouterr().err


def test_what_an_earlier_demo_left_is_taken_away(tmp_path: Path) -> None:
    output = tmp_path / "demo"
    prepare_output(output)
    (output / "old.mp4").write_text("x")
    (output / "stream").mkdir()
    prepare_output(output)
    assert [path.name for path in output.iterdir()] == [".operator-console-demo"]


def test_a_file_in_place_of_the_folder_is_a_plain_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("x")
    assert main(["--offscreen", "--output", str(taken)], {}) == 2
    assert "cannot use" in capsys.readouterr().err


def test_an_absurd_length_is_refused() -> None:
    for seconds in ("-5", "nan", "1e9"):
        with pytest.raises(SystemExit):
            main(["--seconds", seconds], {})


def test_the_demos_destination_can_go_live_again(tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(destination_override("rtmp://127.0.0.1:1935/live"))
    assert settings.destinations == (Destination(keys.DESTINATION, "rtmp://127.0.0.1:1935/live"),)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", keys.BACKEND)
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    assert stored_key(keys.DESTINATION) == keys.STREAM_KEY


def test_other_keys_are_asked_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keyring.backend.get_all_keyring", list)
    with pytest.raises(NoKeyringError):
        keys.DemoKeys().get_password("operator-console", "stream:YouTube")  # type: ignore[no-untyped-call]
