"""Settings: which layer wins, what is refused in which words, locking, saving."""

from __future__ import annotations

import dataclasses
import datetime
import zoneinfo
from collections.abc import Callable
from pathlib import Path

import pytest

from operator_console import settings as module
from operator_console.settings import (
    SETTINGS,
    Destination,
    Settings,
    SettingsError,
    load_settings,
    locked_settings,
    overridden_settings,
    save_user_setting,
    time_zone,
    user_file,
)

TOP = Path(__file__).resolve().parents[2]


def write_user_file(text: str) -> None:
    user_file().parent.mkdir(parents=True, exist_ok=True)
    user_file().write_text(text)


def test_defaults_are_valid(tmp_runtime: Path) -> None:
    assert load_settings() == Settings()
    for setting in SETTINGS:
        assert module._parse(setting.name, setting.default, "the table") == setting.default


def test_each_layer_wins_over_the_one_before(tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_runtime / "site.toml").write_text("join_port = 1001\nair_fps = 25\nlobby = false\nlanguage = 'en'\n")
    assert load_settings().join_port == 1001
    write_user_file("join_port = 1002\nair_fps = 24\nlobby = true\n")
    assert load_settings().join_port == 1002
    monkeypatch.setenv("OPERATOR_CONSOLE_JOIN_PORT", "1003")
    monkeypatch.setenv("OPERATOR_CONSOLE_AIR_FPS", "20")
    assert load_settings().join_port == 1003
    loaded = load_settings({"join_port": "1004"})
    assert (loaded.join_port, loaded.air_fps, loaded.lobby, loaded.language) == (1004, 20, True, "en")


def test_text_values_become_their_types() -> None:
    loaded = load_settings(
        {
            "lobby": "off",
            "rtc_addresses": "127.0.0.1, ::1",
            "destinations": "Utama=rtmps://a.example/live2, Cadangan=rtmp://b.example:1935/app",
            "air_bitrate_bps": "6_000_000",
        }
    )
    assert (loaded.lobby, loaded.rtc_addresses, loaded.air_bitrate_bps) == (
        False,
        ("127.0.0.1", "::1"),
        6_000_000,
    )
    assert loaded.destinations == (
        Destination("Utama", "rtmps://a.example/live2"),
        Destination("Cadangan", "rtmp://b.example:1935/app"),
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("join_port", "eighty", "join_port in the command line must be a whole number."),
        ("join_port", "70000", "join_port in the command line must lie between 1 and 65535."),
        ("air_width", "641", "air_width in the command line must be even."),
        ("lobby", "maybe", "lobby in the command line must be true or false."),
        ("language", "fr", "language in the command line must be one of id, en."),
        ("office_name", "Kantor\nBaru", "office_name in the command line must be text."),
        ("office_name", "Kantor \u202egnalam", "office_name in the command line must be text."),
        ("rtc_port_range", "5000-4000", "rtc_port_range in the command line must look like"),
        ("turn_url", "http://turn", "turn_url in the command line must look like"),
        ("destinations", "x=http://host/app", "needs an address like"),
        ("destinations", "x=rtmp://user:pw@host/app", "needs an address like"),
        ("destinations", "x=rtmp://h/app,x=rtmp://h/app", "must not use one name twice"),
        (
            "destinations",
            "x=rtmp://h/live2/abcd-ef01-ghij-klmn-opqr",
            'has a stream key in the address of "x"',
        ),
        ("destinations", "x=rtmp://h/live2/abcd-ef01-ghij-klmn/", "has a stream key in the address"),
        ("destinations", "x=rtmp://h/live2?stream_key=12345", "has a stream key in the address"),
        ("recording_dir", "~nobody-of-that-name/x", "must be the whole path of a folder"),
        ("second_recording_dir", "recordings", "must be the whole path of a folder"),
        ("second_recording_dir", "/srv/\0x", "must be text"),
        ("data_dir", "./data", "must be the whole path of a folder"),
        ("timezone", "Asia/Nowhere", "is not a known time zone"),
        ("timezone", "../../etc/passwd", "is not a known time zone"),
        ("colour", "red", "There is no setting called colour."),
        ("tls_key", "/k.pem", "tls_key needs the certificate it belongs to"),
    ],
)
def test_wrong_values_are_refused_in_plain_words(
    tmp_runtime: Path, name: str, value: str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings({name: value})
    assert sentence in str(refused.value)


def test_folders_and_addresses_that_are_right_pass(tmp_runtime: Path) -> None:
    loaded = load_settings(
        {
            "recording_dir": "~/rapat",
            "second_recording_dir": "/mnt/cadangan",
            "destinations": "a=rtmps://a.example/live2/ruang-rapat-besar,b=rtmp://b.example/live2?backup=1",
        }
    )
    assert loaded.recording_dir == "~/rapat" and len(loaded.destinations) == 2


def test_a_backup_address_has_no_key_either_and_the_refusal_does_not_repeat_it(tmp_runtime: Path) -> None:
    key = "abcd-ef01-ghij-klmn-opqr"
    with pytest.raises(SettingsError) as refused:
        save_user_setting("destinations", (Destination("x", "rtmp://h/a", f"rtmp://h/a/{key}"),))
    assert refused.value.code is module.SettingCode.KEY_IN_URL and key not in str(refused.value)
    assert refused.value.details["field"] == "backup_url", "the field that is wrong"


def test_broken_files_are_named(tmp_runtime: Path, expect_log: Callable[[str], None]) -> None:
    for text, sentence in (
        ("join_port = ", "is not a valid settings file"),
        ("join_port = true", "join_port in .* must be a whole number"),
        (
            "destinations = [{name = 'x', url = 'rtmp://h/a', key = 'secret'}]",
            "must be a list of destinations",
        ),
        ("rtc_addresses = [1]", "must be a list of texts"),
    ):
        write_user_file(text)
        with pytest.raises(SettingsError, match=sentence):
            load_settings()
    user_file().write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match=r"config\.toml is not a valid settings file"):
        load_settings()
    user_file().write_bytes(b"#" * 2_000_000)
    with pytest.raises(SettingsError, match="larger than"):
        load_settings()
    expect_log(r"config\.toml has no setting called future; it is ignored")
    write_user_file("future = 1\nlobby = false\n")
    assert not load_settings().lobby


def test_what_the_administrator_locks_stays(tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_runtime / "site.toml").write_text("join_port = 9443\n[policy]\nlocked = ['join_port', 'lobby']\n")
    write_user_file("join_port = 1\nlobby = false\nair_fps = 25\n")
    monkeypatch.setenv("OPERATOR_CONSOLE_LOBBY", "false")
    loaded = load_settings()
    assert (loaded.join_port, loaded.lobby, loaded.air_fps) == (9443, True, 25)
    assert locked_settings() == {"join_port", "lobby"}
    with pytest.raises(SettingsError, match="join_port is fixed by the administrator"):
        load_settings({"join_port": "8443"})
    with pytest.raises(SettingsError, match="lobby is fixed by the administrator"):
        save_user_setting("lobby", False)
    (tmp_runtime / "site.toml").write_text("[policy]\nlocked = 'join_port'\n")
    with pytest.raises(SettingsError, match=r"\[policy\] in .* must look like"):
        load_settings()


def test_saved_values_come_back_and_the_others_stay(tmp_runtime: Path) -> None:
    values = {
        "office_name": 'Kantor "Bupati" \\ Ngada',
        "rtc_addresses": ("10.0.0.1", "::1"),
        "destinations": (Destination("YouTube", "rtmps://a.example/live2"),),
        "lobby": False,
        "join_port": 9443,
    }
    for name, value in values.items():
        save_user_setting(name, value)
    loaded = dataclasses.asdict(load_settings())
    assert loaded == dataclasses.asdict(Settings(**values))  # type: ignore[arg-type]
    assert list(user_file().parent.iterdir()) == [user_file()]


def test_folder_that_cannot_be_written_is_said(tmp_runtime: Path) -> None:
    user_file().parent.parent.mkdir(exist_ok=True)
    user_file().parent.write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match=r"cannot be (saved|read)"):
        save_user_setting("lobby", False)


def test_indonesian_zones_work_without_zone_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(name: str) -> datetime.tzinfo:
        raise zoneinfo.ZoneInfoNotFoundError(name)

    monkeypatch.setattr(module.zoneinfo, "ZoneInfo", nothing)  # type: ignore[attr-defined]
    noon = datetime.datetime(2026, 8, 17, 5, tzinfo=datetime.UTC)
    shown = [f"{noon.astimezone(time_zone(name)):%H %Z}" for name in module._ZONES]
    assert shown == ["12 WIB", "13 WITA", "14 WIT"]
    with pytest.raises(SettingsError):
        time_zone("Europe/Paris")


def test_documentation_lists_the_table() -> None:
    text = (TOP / "docs" / "settings.md").read_text()
    assert text == module.as_markdown(), (
        "regenerate: .venv/bin/python -m operator_console.settings > docs/settings.md"
    )


def test_what_the_command_line_and_the_environment_give_counts_instead_of_what_is_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPERATOR_CONSOLE_OFFICE_NAME", "Banjar")
    found = overridden_settings({"language": "en"})
    assert {"office_name", "language"} <= found and "timezone" not in found
