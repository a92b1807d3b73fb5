"""What a clumsy operator types cannot stop the engine, and never puts a password where others read it."""

from __future__ import annotations

import pytest

from operator_console.engine import rules
from operator_console.protocol import OperatorError
from operator_console.session.model import YOUTUBE_ACCOUNT
from operator_console.settings import SettingsError, load_settings, save_user_setting


@pytest.mark.parametrize("address", ["a\0b", "x" * 2000, "line\nbreak"])
def test_an_address_no_worker_can_be_started_with_is_refused(address: str) -> None:
    with pytest.raises(OperatorError) as refused:
        rules.check_source_address(address)
    assert refused.value.refusal.code == "bad_address"


def test_a_camera_password_is_refused_before_it_is_stored() -> None:
    with pytest.raises(OperatorError) as refused:
        rules.check_source_address("rtsp://admin:geheim@10.0.0.9/live")
    assert refused.value.refusal.code == "address_password"
    assert "geheim" not in refused.value.refusal.text_en


@pytest.mark.parametrize("end", ["/abcd-ef01-ghij-klmn-opqr", "/abcd-ef01-ghij-klmn/", "?token=rahasia123"])
def test_a_stream_key_in_an_address_is_refused_before_it_is_journaled(end: str) -> None:
    with pytest.raises(OperatorError) as refused:
        rules.check_stream_addresses("rtmp://a.example/live2", f"rtmp://a.example/live2{end}")
    assert refused.value.refusal.code == "key_in_address"
    assert end[1:] not in refused.value.refusal.text_en + str(refused.value.refusal.args)
    rules.check_stream_addresses("rtmps://a.example/live2", "rtmps://b.example/live2?backup=1", "")


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\0b", "line\nbreak", "\u202ea"])
def test_a_destination_that_no_list_could_show_is_refused(name: str) -> None:
    with pytest.raises(OperatorError) as refused:
        rules.check_own_destination(name)
    assert refused.value.refusal.code == "bad_destination"


def test_the_destination_of_the_account_is_no_ordinary_one() -> None:
    with pytest.raises(OperatorError) as refused:
        rules.check_own_destination(YOUTUBE_ACCOUNT)
    assert refused.value.refusal.code == "reserved_destination"
    rules.check_destination(YOUTUBE_ACCOUNT)
    rules.check_own_destination("YouTube Humas " + "x" * 50)


def test_ordinary_addresses_pass() -> None:
    for address in ("", "0", "/dev/video0", "rtsp://10.0.0.9/live", "C:\\Video\\rapat.mp4"):
        rules.check_source_address(address)


def test_texts_are_one_line_without_tricks() -> None:
    assert rules.plain("Rapat\n\x1b[31m  besar\u202e 2027 ", 20) == "Rapat [31m besar 2027"[:20]


@pytest.mark.usefixtures("tmp_runtime")
def test_a_setting_that_would_stop_the_next_engine_is_not_saved() -> None:
    with pytest.raises(SettingsError):
        save_user_setting("tls_key", "/x.pem")
    with pytest.raises(SettingsError):
        save_user_setting("office_name", "x" * 2_000_000)
    load_settings({})
