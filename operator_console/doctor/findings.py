"""What a check finds, and how it asks a child process that may abort or hang."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from typing import Any, Literal

from operator_console import paths

Status = Literal["ok", "warn", "fail"]

# Cold, without compiled bytecode and on a slow disk, the media libraries take seconds to import.
PROBE_TIMEOUT_S = 30.0


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. `fail`: a session cannot be run like this; `warn`: something will be missing."""

    status: Status
    says: str
    hint: str = ""
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


class ProbeError(Exception):
    """A child process of a check ended badly; the text is the end of a sentence."""


def probe(*args: str, timeout_s: float = PROBE_TIMEOUT_S) -> Any:
    """Run a trial in a child of this application and return its JSON; ProbeError where it dies or hangs."""
    # cv2 sets this to its own plugins, for another Qt.
    env = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM_PLUGIN_PATH"}
    try:
        done = subprocess.run(
            paths.self_command(*args), capture_output=True, text=True, timeout=timeout_s, env=env, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ProbeError(f"gave no answer within {timeout_s:.0f} s") from error
    lines = done.stderr.strip().splitlines() or ["no message"]
    if done.returncode < 0:
        raise ProbeError(f"was ended by signal {-done.returncode} ({lines[0]})")
    if done.returncode:
        raise ProbeError(f"failed ({lines[-1]})")
    return json.loads(done.stdout.strip().splitlines()[-1])
