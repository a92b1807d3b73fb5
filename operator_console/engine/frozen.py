"""The settings of an engine are those of its session, also after a crash; see docs/architecture.md."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from operator_console import paths
from operator_console.journal import may_have_open_session
from operator_console.settings import (
    Settings,
    SettingsError,
    engine_file,
    freeze,
    frozen_settings,
    load_settings,
    with_live,
)

_log = logging.getLogger(__name__)

JOURNAL_FILE = "journal.db"


def settings_to_use(overrides: Mapping[str, str]) -> Settings:
    """Those of the open session where an engine was cut off in one, else as they are set now.

    A session that lives through a crash must not change its ports, sizes or folders because somebody saved a
    setting meanwhile, nor end because somebody broke the file. Raises SettingsError.
    """
    frozen = frozen_settings()
    if frozen is not None and may_have_open_session(paths.data_dir(frozen) / JOURNAL_FILE):
        _log.info("an engine was cut off in a session; this one works with the settings it had")
        return with_live(frozen, overrides)
    return load_settings(overrides)


def keep_settings(settings: Settings) -> None:
    """Freeze the settings; where the disk refuses that, none of another engine are left to be used."""
    try:
        freeze(settings)
    except SettingsError as error:
        forget_settings()
        _log.error("%s", error)


def forget_settings() -> None:
    """The engine ends in an orderly way: the next one works with what is set then."""
    engine_file().unlink(missing_ok=True)
