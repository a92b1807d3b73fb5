"""`./run`: the demo session with its own folders, a local livestream destination and the console's window."""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from operator_console import paths
from operator_console.demo.ingest import IngestError, NginxIngest, free_port
from operator_console.demo.keys import BACKEND, DESTINATION
from operator_console.demo.script import DemoError, DemoPlan, DemoScript
from operator_console.demo.sink import SinkIngest
from operator_console.demo.summary import Summary
from operator_console.engine.endpoint import LOCK_FILE
from operator_console.engine.keeper import KEEPER_LOCK, start_detached
from operator_console.launch import display_reachable
from operator_console.locks import is_locked
from operator_console.log import setup_logging
from operator_console.processes import OWNER_VARIABLE, own_mark
from operator_console.settings import load_settings, locked_settings

OUTPUT = Path("demo-output")
MARKER = ".operator-console-demo"
SECONDS = 60.0
WINDOW_PX = (1920, 1080)
END_S = 12.0


def _offscreen_asked() -> bool:
    return os.environ.get("QT_QPA_PLATFORM") == "offscreen"


def demo_overrides(output: Path) -> dict[str, str]:
    """Settings of the demo: everything on loopback and in its own folder."""
    return {
        "join_host": "127.0.0.1",
        "join_port": str(free_port()),
        "rtc_addresses": "127.0.0.1",
        "recording_dir": str(output.resolve()),
        "timezone": "Asia/Makassar",
    }


def destination_override(url: str) -> dict[str, str]:
    """The demo's destination as a setting, so that going live can be tried; nothing where it is fixed."""
    return {} if "destinations" in locked_settings() else {"destinations": f"{DESTINATION}={url}"}


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Run the demo; exit code 0 when everything of it happened."""
    parser = argparse.ArgumentParser(prog="operator-console demo", description=__doc__)
    parser.add_argument("--seconds", type=seconds_of, default=SECONDS, help="length without a display")
    parser.add_argument("--offscreen", action="store_true", help="run as if there were no display")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder of what is left behind")
    options = parser.parse_args(argv)
    stays = not options.offscreen and display_reachable(os.environ) and not _offscreen_asked()
    output: Path = options.output
    try:
        prepare_output(output)
    except OSError as error:
        sys.stderr.write(f"The demo cannot use {output}: {error.strerror or error}.\n")
        return 2
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, _end_on_signal)
    signal.signal(signal.SIGTERM, _end_on_signal)
    with tempfile.TemporaryDirectory(prefix="oc-demo-") as private:
        _private_folders(Path(private), stays)
        return _run(output, stays, options.seconds, {**demo_overrides(output), **overrides})


def seconds_of(text: str) -> float:
    """A length of the demo; argparse refuses anything else in words."""
    seconds = float(text)
    if not 20.0 <= seconds <= 86_400.0:
        raise argparse.ArgumentTypeError("must lie between 20 and 86400 seconds")
    return seconds


def _end_on_signal(number: int, frame: FrameType | None) -> None:
    """A closed terminal or a polite kill ends the demo as its own end does: nothing is left running."""
    raise SystemExit(128 + number)


def prepare_output(output: Path) -> None:
    """Make the folder, emptied of what an earlier demo left; raises OSError where it holds anything else."""
    output.mkdir(parents=True, exist_ok=True)
    left = [path for path in output.iterdir() if path.name != MARKER]
    if left and not (output / MARKER).exists():
        raise OSError(errno.ENOTEMPTY, "it holds files that no demo made; name an empty folder")
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    (output / MARKER).write_text("Made by operator-console demo; emptied at its next start.\n", "utf-8")


def _private_folders(private: Path, stays: bool) -> None:
    """The demo must not touch the journal, certificates or settings of a real installation, nor outlive
    itself.
    """
    os.environ[OWNER_VARIABLE] = own_mark()
    os.environ["OPERATOR_CONSOLE_RUNTIME"] = str(private / "run")
    os.environ["OPERATOR_CONSOLE_DATA"] = str(private / "data")
    os.environ["OPERATOR_CONSOLE_CONFIG"] = str(private / "config")
    os.environ.setdefault("PYTHON_KEYRING_BACKEND", BACKEND)
    if not stays:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def _run(output: Path, stays: bool, seconds: float, overrides: dict[str, str]) -> int:
    setup_logging("ui")
    ingest, destination = _destination(output)
    overrides = {**destination_override(ingest.url), **overrides}
    start_detached(overrides)  # the engine gets ready while this process loads the window
    summary = Summary(destination, ui_pid=os.getpid())
    try:
        plan = DemoPlan(
            output=output,
            stays=stays,
            seconds=seconds,
            stream_url=ingest.url,
            started_s=started_s(),
            overrides=overrides,
        )
        code = _session(plan, summary)
    except DemoError as error:
        print(f"The demo stopped: {error}.", file=sys.stderr)
        code = 1
    except (KeyboardInterrupt, SystemExit):
        print(f"\nThe demo was ended. What it recorded so far lies in {output.resolve()}.", flush=True)
        raise
    finally:
        end_engine()
        ingest.stop()
    if summary.figures:
        recordings = sorted(output.glob("*.mp4"))
        received = list(ingest.received_files())
        print(summary.text(str(recordings[0]) if recordings else "no recording", received))
        summary.write(output / "summary.json")
    print(f"All of it lies in {output.resolve()}. The real console opens with: ./run open", flush=True)
    return code


def started_s() -> float:
    """`time.monotonic()` of the moment when this process was started."""
    return time.monotonic() - (time.time() - float(psutil.Process().create_time()))


def _destination(output: Path) -> tuple[NginxIngest | SinkIngest, str]:
    """The running livestream destination, and what it is in words."""
    folder = (output / "stream").resolve()
    ingest = NginxIngest(folder, tied=True)
    try:
        ingest.start()
    except IngestError as error:
        print(f"{error} The livestream goes to the program's own file sink instead.")
        sink = SinkIngest(folder)
        sink.start()
        return sink, "the program's own RTMP file sink (nginx-rtmp is not there)"
    return ingest, "nginx-rtmp on this machine"


class _Player:
    """Plays the script in the window; closes it at the end where nobody is there to look on."""

    def __init__(self, plan: DemoPlan, summary: Summary) -> None:
        self._plan, self._summary = plan, summary
        self.failure = ""

    async def run(self, window: Any, replica: Any) -> None:
        """Called by the window once it is shown."""
        plan = replace(
            self._plan,
            observed=lambda: replica.seen.values,
            grab=lambda path: window.grab().save(str(path)),
        )
        try:
            await DemoScript(replica, plan, self._summary).run()
        except DemoError as error:
            self.failure = str(error)
        finally:
            if not plan.stays or self.failure:
                window.close()


def _session(plan: DemoPlan, summary: Summary) -> int:
    from ui.main import run_ui

    player = _Player(plan, summary)
    overrides = plan.overrides
    code = run_ui(
        load_settings(overrides),
        automation=player,
        start_engine=lambda: start_detached(overrides),
        size=None if plan.stays else WINDOW_PX,
    )
    if player.failure:
        raise DemoError(player.failure)
    return code


def end_engine() -> None:
    """End keeper and engine of this runtime folder in an orderly way, and for good after a while."""
    runtime = paths.runtime_dir()
    for name in (KEEPER_LOCK, LOCK_FILE):
        _signal_holder(runtime / name, signal.SIGTERM)
    until = time.monotonic() + END_S
    while time.monotonic() < until and (is_locked(runtime / LOCK_FILE) or is_locked(runtime / KEEPER_LOCK)):
        time.sleep(0.05)
    for name in (KEEPER_LOCK, LOCK_FILE):
        _signal_holder(runtime / name, signal.SIGKILL)


def _signal_holder(lock: Path, number: int) -> None:
    """Send a signal to the processes that hold a lock file open."""
    if not is_locked(lock):
        return
    for process in psutil.process_iter(["pid"]):
        try:
            if any(Path(opened.path) == lock for opened in process.open_files()):
                process.send_signal(number)
        except (psutil.Error, OSError):
            continue
