"""Settings that commands change: why one could not be saved, as the one who changed it is told."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from msgspec import to_builtins

from operator_console.engine.context import EngineContext
from operator_console.protocol import OperatorError
from operator_console.settings import SettingsError

_log = logging.getLogger(__name__)


async def remember(engine: EngineContext, values: Mapping[str, object]) -> dict[str, Any]:
    """Save what a command has already brought about, for the next session; the result of that command.

    What cannot be saved holds all the same until the session ends: `unsaved` in the result is the notice why.
    """
    notice: dict[str, Any] = {}
    for name, value in values.items():
        try:
            await engine.change_setting(name, value)
        except OperatorError as error:
            _log.warning("%s", error.refusal.text_en)
            notice = {"unsaved": to_builtins(error.refusal)}
    return notice


def overridden(engine: EngineContext, name: str) -> dict[str, Any]:
    """The result of a change that was saved; `overridden` is the notice that it does not count here."""
    if not engine.overrides_setting(name):
        return {}
    notice = OperatorError(
        "setting_overridden",
        f"Pengaturan {name} disimpan, tetapi belum berlaku: mesin ini dijalankan dengan nilai lain di baris "
        "perintah atau lingkungannya. Jalankan tanpa nilai itu agar yang disimpan berlaku.",
        f"The setting {name} is saved but does not count: this engine was started with another value on its "
        "command line or in its environment. Start it without that value for the saved one to count.",
        name=name,
    )
    return {"overridden": to_builtins(notice.refusal)}


def setting_refusal(name: str, error: SettingsError) -> OperatorError:
    """The refusal of a change; `cause` is the `SettingCode`, the other arguments are its figures."""
    shown = "".join(c for c in name if c.isprintable())[:64]
    return OperatorError(
        "setting",
        f"Pengaturan {shown} tidak dapat disimpan. Periksa nilainya, lalu simpan lagi.",
        str(error),
        name=shown,
        cause=str(error.code),
        **error.details,
    )
