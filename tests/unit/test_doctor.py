"""The doctor: each check against a real good and a real bad state of the machine."""

from __future__ import annotations

import dataclasses
import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from operator_console import doctor, paths
from operator_console.doctor import machine, network
from operator_console.doctor.findings import Finding, ProbeError, probe
from operator_console.engine.endpoint import LOCK_FILE, take_lock
from operator_console.settings import Settings, freeze
from tests.ports import free_port

LOCAL = Settings(join_host="127.0.0.1", rtc_addresses=("127.0.0.1",))


def test_command_prints_json_and_ends_with_0_where_nothing_essential_fails(tmp_runtime: Path) -> None:
    done = subprocess.run(
        paths.self_command(
            "doctor", "--json", "--set", "join_host=127.0.0.1", "--set", f"join_port={free_port()}"
        ),
        capture_output=True,
        text=True,
        timeout=50,
    )
    report = json.loads(done.stdout)
    status = {check["name"]: check["status"] for check in report["checks"]}
    assert (done.returncode, report["ok"]) == (0, True), done.stdout
    assert status.keys() == doctor.CHECKS.keys()
    assert {status[name] for name in ("libraries", "codecs", "database", "folders", "shared memory")} == {
        "ok"
    }


def test_broken_settings_are_a_finding_and_the_rest_still_runs(
    tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "CHECKS", {"database": machine.check_database})
    assert doctor.run_doctor(json=False, overrides={"join_port": "eighty"}) == 1
    out = capsys.readouterr().out
    assert "join_port in the command line must be a whole number." in out
    assert "with full-text search" in out
    assert "cannot be run here yet" in out


def test_an_error_in_one_check_is_its_finding(
    tmp_runtime: Path, monkeypatch: pytest.MonkeyPatch, expect_log: Callable[[str], None]
) -> None:
    def broken(settings: Settings) -> Finding:
        raise RuntimeError("no luck")

    expect_log("A check of the doctor broke")
    monkeypatch.setattr(doctor, "CHECKS", {"broken": broken, "database": machine.check_database})
    found = doctor.examine()
    assert (found["broken"].status, found["broken"].says) == ("fail", "RuntimeError: no luck")
    assert found["database"].status == "ok"


def test_qt_that_aborts_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setenv("DISPLAY", ":987")
    found = machine.check_window(LOCAL)
    assert found.status == "fail"
    assert "signal 6" in found.says or "cannot open shared object" in found.says


def test_window_without_a_display_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert machine.check_window(LOCAL).says == "There is no display: the console runs unseen."


def test_a_trial_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "self_command", lambda *args: ["sleep", "60"])
    with pytest.raises(ProbeError, match="gave no answer"):
        probe("sound-devices", timeout_s=0.2)


def test_port_held_by_another_program_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        found = network.check_join_port(dataclasses.replace(LOCAL, join_port=other.getsockname()[1]))
    assert found.status == "fail"
    assert "python" in found.says  # the name of whoever runs the tests, pytest or one of its workers
    assert "join_port" in found.hint


def test_free_port_and_address_of_another_machine() -> None:
    assert network.check_join_port(dataclasses.replace(LOCAL, join_port=free_port())).status == "ok"
    assert network.check_media_ports(LOCAL).status == "ok"
    elsewhere = dataclasses.replace(LOCAL, rtc_addresses=("192.0.2.1",), join_host="192.0.2.1")
    assert network.check_media_ports(elsewhere).status == "fail"
    assert network.check_join_port(elsewhere).status == "fail"


def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    found = machine.check_folders(dataclasses.replace(LOCAL, recording_dir=str(blocked / "recordings")))
    assert found.status == "fail"
    assert "recording_dir" in found.hint
    assert machine.unwritable(tmp_path / "new" / "folder") == ""
    assert os.listdir(tmp_path) == ["file"]


def test_full_disk_is_refused_and_a_low_one_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(LOCAL, data_dir=str(tmp_path))
    for free_bytes, status in ((1 << 20, "fail"), (5 << 30, "warn"), (1 << 40, "ok")):
        monkeypatch.setattr(machine, "free_bytes", lambda folder, free=free_bytes: free)
        assert machine.check_folders(settings).status == status


def test_processes_share_memory(tmp_runtime: Path) -> None:
    assert machine.check_bus(LOCAL).status == "ok"
    assert os.listdir(tmp_runtime / "runtime" / "bus") == []


@pytest.mark.parametrize(
    ("transport", "reply", "status"),
    [("udp", True, "ok"), ("tcp", True, "ok"), ("udp", False, "fail"), ("tcp", False, "fail")],
)
def test_turn_server(transport: str, reply: bool, status: str) -> None:
    with stun_server(transport, reply) as port:
        found = network.check_turn(
            dataclasses.replace(LOCAL, turn_url=f"turn:127.0.0.1:{port}?transport={transport}")
        )
    assert found.status == status


def test_silent_turn_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "TURN_TIMEOUT_S", 0.2)
    port = free_port(socket.SOCK_DGRAM)
    found = network.check_turn(dataclasses.replace(LOCAL, turn_url=f"turn:127.0.0.1:{port}"))
    assert found.status == "fail"
    assert network.check_turn(LOCAL).status == "ok"


def test_certificate_none_own_and_unreadable(
    tmp_path: Path, tmp_runtime: Path, expect_log: Callable[[str], None]
) -> None:
    from operator_console.room.authority import Names
    from operator_console.room.certificates import LEAF_FILE, Certificates

    assert "at the first start" in network.check_certificate(LOCAL).says
    Certificates(LOCAL, Names(("localhost",), ("127.0.0.1",)))
    assert "renews itself" in network.check_certificate(LOCAL).says

    pair = str(paths.data_dir() / "tls" / LEAF_FILE)
    own = network.check_certificate(dataclasses.replace(LOCAL, tls_cert=pair))
    assert (own.status, own.says) == ("ok", "The office's certificate is good for 90 days.")

    expect_log("cannot be read")
    missing = network.check_certificate(dataclasses.replace(LOCAL, tls_cert=str(tmp_path / "no.pem")))
    assert missing.status == "fail"


def test_keyring_present_and_absent(memory_keyring: object) -> None:
    import keyring
    import keyring.backends.fail

    assert machine.check_keyring(LOCAL).status == "ok"
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    assert machine.check_keyring(LOCAL).status == "warn"


@contextmanager
def stun_server(transport: str, reply: bool) -> Iterator[int]:
    """Answer one request: as STUN does, or with something else."""
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        if transport == "tcp":
            server.listen()

        def answer() -> None:
            link, address = server.accept() if transport == "tcp" else (server, None)
            request, sender = link.recvfrom(2048)
            data = b"\x01\x01\x00\x00" + request[4:20] if reply else b"who are you?"
            link.sendto(data, sender) if transport == "udp" else link.sendall(data)
            if address:
                link.close()

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def test_a_console_of_other_folders_is_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_runtime: Path) -> None:
    monkeypatch.setattr(network, "_listener", lambda _port: "python -m operator_console room")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = dataclasses.replace(LOCAL, join_port=other.getsockname()[1])
        assert "Another console" in network.check_join_port(settings).says
        freeze(settings)
        with take_lock(paths.runtime_dir() / LOCK_FILE):
            assert network.check_join_port(settings).says.startswith("Your running console")


def test_without_a_display_it_is_said_that_the_window_needs_one() -> None:
    unseen = Finding("warn", "There is no display.", facts={"shown_by": "offscreen"})
    assert "the window needs a display" in doctor.as_text({"window": unseen}, True)
    assert doctor.as_text({"window": Finding("ok", "It opens.")}, True).endswith("A session can be run here.")
