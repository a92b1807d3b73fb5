"""The set-up script on machines that lack something: it says exactly what to type, and installs nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "cat", "sed", "tr", "cmp", "cp", "dirname", "env")


class Machine:
    """A checkout and a PATH of its own: what is not put there does not exist."""

    def __init__(self, top: Path) -> None:
        self.top, self.bin = top / "checkout", top / "bin"
        self.bin.mkdir()
        (self.top / "packaging").mkdir(parents=True)
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found
            (self.bin / tool).symlink_to(found)
        for name in ("run", "requirements.lock", "packaging/uv.txt"):
            shutil.copy(TOP / name, self.top / name)
        for name in ("apt-run", "apt-demo", "apt-test"):
            (self.top / "packaging" / f"{name}.txt").write_text(f"lib-{name}\n")
        self.put("id", "echo 1000")
        self.put("dpkg-query", "echo installed lib-apt-demo")

    def put(self, name: str, script: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.bin / name).chmod(0o755)

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.top / "run", *args],
            env={"PATH": str(self.bin), "HOME": str(self.top)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


INSTALL = "apt-get update && apt-get install -y --no-install-recommends"


def test_without_rights_it_says_what_to_type(machine: Machine) -> None:
    done = machine.run("test")
    assert done.returncode == 1
    assert f"  su -c '{INSTALL} lib-apt-run lib-apt-test'\n" in done.stderr
    machine.put("sudo", "exit 1")  # a password would be asked, and nobody is there to type it
    done = machine.run("test")
    assert done.returncode == 1
    assert f"  sudo sh -c '{INSTALL} lib-apt-run lib-apt-test'\n" in done.stderr
    assert not (machine.top / ".venv").exists()


def test_renamed_libraries_count_as_installed(machine: Machine) -> None:
    machine.put(
        "dpkg-query", "printf 'installed lib-apt-run\\ninstalled lib-apt-demo\\ninstalled lib-apt-testt64\\n'"
    )
    done = machine.run("test")
    assert "python3 python3-venv" in done.stderr  # the next thing missing: an interpreter
    assert "lib-apt" not in done.stderr


def test_sudo_installs_without_starting_a_service_and_failure_is_said(machine: Machine) -> None:
    machine.put("sudo", f'[ "$1" = -n ] && exit 0; echo "$@" >> {machine.top}/done; [ "$1" != env ]')
    machine.put("systemctl", "exit 0")
    done = machine.run("test")
    calls = (machine.top / "done").read_text().splitlines()
    assert "apt-get update -qq" in calls
    assert any(
        "apt-get install -y -qq --no-install-recommends lib-apt-run lib-apt-test" in call for call in calls
    )
    assert any("/usr/sbin/policy-rc.d" in call for call in calls) or os.path.exists("/usr/sbin/policy-rc.d")
    assert (done.returncode, f"Try it by hand: {INSTALL}" in done.stderr) == (1, True)


def test_interpreter_that_is_too_old_is_named(machine: Machine) -> None:
    (machine.bin / "dpkg-query").unlink()
    machine.put("python3", "exit 1")
    done = machine.run("check")
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr


def test_other_systems_are_told_which_libraries(machine: Machine) -> None:
    (machine.bin / "dpkg-query").unlink()
    done = machine.run("doctor")
    assert "PortAudio" in done.stderr
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr


def test_help_needs_no_set_up(machine: Machine) -> None:
    done = machine.run("--help")
    assert done.returncode == 0
    assert "./run test" in done.stdout
