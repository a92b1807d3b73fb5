"""Why a setting could not be changed, as the one who changed it is told."""

from __future__ import annotations

from operator_console.protocol import OperatorError
from operator_console.settings import SettingsError


def setting_refusal(name: str, error: SettingsError) -> OperatorError:
    """The refusal of a change; `cause` is the `SettingCode`, the other arguments are its figures."""
    shown = "".join(c for c in name if c.isprintable())[:64]
    return OperatorError(
        "setting",
        f"Setelan {shown} tidak dapat disimpan. Periksa nilainya, lalu simpan lagi.",
        str(error),
        name=shown,
        cause=str(error.code),
        **error.details,
    )
