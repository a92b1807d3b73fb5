"""Settings or journal damaged before an engine starts anew in a session: no surprise, no loss."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from operator_console import paths
from operator_console import protocol as p
from operator_console.journal import Journal
from operator_console.session import facts as f
from operator_console.settings import SettingsError, load_settings, user_file
from tests.end2end.product import Product, running_product
from tests.faults.fault_kit import kill9

pytestmark = pytest.mark.timeout(120)


async def killed(product: Product) -> None:
    """Kill the engine and wait for the next one and its figures."""
    console = product.console
    await console.until("the engine's figures", lambda: product.engine_pid)
    pid, epoch = product.engine_pid, console.epoch
    await asyncio.to_thread(kill9, pid)
    await console.until("another engine", lambda: console.attached and console.epoch != epoch, 30)
    await console.until("its figures", lambda: product.engine_pid not in (0, pid), 30)


async def test_settings_saved_or_broken_in_a_session_do_not_change_it(tmp_runtime: Path) -> None:
    async with running_product(tmp_runtime) as product:
        product.expected += [
            "the engine ended with -9",
            "The settings of the open session stay in use",
            "worker room0 was lost",
        ]
        await product.open_session()
        await product.console.until("the room worker's number", lambda: product.worker_pid("room0"))
        url, room = product.console.observed["room"]["url"], product.worker_pid("room0")
        await product.console.do(p.SetSetting(name="max_participants", value=9))
        await product.console.do(p.SetSetting(name="air_width", value=640))
        user_file().write_text(user_file().read_text() + "air_height = \n")
        with pytest.raises(SettingsError):  # the fault: no engine could start from this
            load_settings()
        await killed(product)
        assert product.console.state.title == "Rapat uji" and not product.console.state.closed_at_ms
        await asyncio.to_thread(kill9, room)
        await product.console.until(
            "another room worker", lambda: product.worker_pid("room0") not in (0, room), 30
        )
        await product.console.until(
            "the same join page",
            lambda: (
                product.console.observed["room"].get("state") == "running"
                and product.console.observed["room"]["url"] == url
            ),
            30,
        )


async def test_a_journal_that_was_destroyed_is_kept_said_and_followed_by_another(tmp_runtime: Path) -> None:
    """The engine came up on a file that is no journal: a session can be held all the same."""
    data = paths.private_dir(paths.data_dir())
    (data / "journal.db").write_bytes(b"\xff" * 10_000)
    async with running_product(tmp_runtime) as product:
        product.expected += ["It is set aside as journal.damaged-"]
        told = await product.console.until(
            "the damage is told", lambda: product.console.observed.get("journal_damage"), 10
        )
        (aside,) = data.glob("journal.damaged-*.db")
        assert told == {"code": "journal_damaged", "args": {"file": aside.name, "session": ""}}
        assert aside.read_bytes() == b"\xff" * 10_000
        await product.console.do(p.OpenSession(title="Rapat uji"))
        # Told for as long as this engine runs, and the new journal is good.
        assert product.console.observed["journal_damage"] == told
        journal = Journal(data / "journal.db")
        assert journal.verify(product.console.state.session_id).ok
        opened = [record.body for record in journal.facts(product.console.state.session_id)]
        assert isinstance(opened[0], f.SessionOpened)
        journal.close()
