"""Fixtures of every test: the guards, a private place for files, free ports, an empty keyring."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.guards import (
    expect_log,
    guard,
    guard_tasks,
    pytest_collection_modifyitems,
    pytest_runtest_makereport,
)
from tests.ports import free_port as find_free_port

if TYPE_CHECKING:
    from tests.fakes import MemoryKeyring

__all__ = ["expect_log", "guard", "guard_tasks", "pytest_collection_modifyitems", "pytest_runtest_makereport"]

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# No test plays on the sound system of whoever runs it, or has one started; tests/sound_server.py has its own.
os.environ["PULSE_SERVER"] = "unix:/nowhere"
# No test may touch the keyring of whoever runs it; `memory_keyring` gives one to those who need it.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"


@pytest.fixture
def tmp_runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give this test and its children folders of their own (runtime, data, configuration), on short paths."""
    top = Path(tempfile.mkdtemp(prefix="oc-"))
    for name in ("runtime", "data", "config"):
        monkeypatch.setenv(f"OPERATOR_CONSOLE_{name.upper()}", str(top / name))
    monkeypatch.setenv("OPERATOR_CONSOLE_SITE", str(top / "site.toml"))
    yield top
    shutil.rmtree(top)


@pytest.fixture
def free_port() -> int:
    """Return a free TCP port on 127.0.0.1; tests.ports.free_port() gives more, and UDP ones."""
    return find_free_port()


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    """Put an empty keyring in memory in place of the user's."""
    import keyring

    from tests.fakes import MemoryKeyring

    before, fake = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)
