"""The command line: one table of commands, each in a module that is imported only when it runs."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

from operator_console import __version__
from operator_console.paths import PathError
from operator_console.settings import SettingsError

_DEFAULT = "open"


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Its module has `main(argv: list[str], overrides: dict[str, str]) -> int`.

    Without a help text it is not listed.
    """

    module: str
    help: str = ""


COMMANDS: dict[str, Command] = {
    "open": Command("operator_console.launch", "open the console's window, and the engine where none runs"),
    "doctor": Command("operator_console.doctor", "say what works on this machine"),
    "verify": Command("operator_console.verify", "check recordings and record against seals and hashes"),
    "stop": Command("operator_console.stop", "stop the engine that runs in the background"),
    "demo": Command("operator_console.demo.run", "play a whole session with nine simulated offices"),
    "keeper": Command("operator_console.engine.keeper", "keep an engine running without a window"),
    "echo": Command("operator_console.echo", "run the hall's echo canceller on sound files"),
    "engine": Command("operator_console.engine.main"),
    "room": Command("operator_console.room.main"),
    "source": Command("operator_console.sources.main"),
    "audio": Command("operator_console.audio.main"),
    "file-work": Command("media.outputs.filework"),
    "sound-devices": Command("media.audio.devices"),
    "offices": Command("operator_console.demo.offices"),
    "probe-media": Command("media.probe"),
    "probe-qt": Command("ui.probe"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; 2 for what the caller typed or set wrongly."""
    try:
        rest, overrides = split_overrides(sys.argv[1:] if argv is None else argv)
        name, *args = rest or [_DEFAULT]
        if name in ("-h", "--help"):
            print(usage())
            return 0
        if name == "--version":
            print(__version__)
            return 0
        if name not in COMMANDS:
            print(f"There is no command {name}.\n\n{usage()}", file=sys.stderr)
            return 2
        code: int = importlib.import_module(COMMANDS[name].module).main(args, overrides)
        return code
    except (SettingsError, PathError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def split_overrides(argv: list[str]) -> tuple[list[str], dict[str, str]]:
    """Take every `--set name=value` out of the arguments; SettingsError where one is incomplete."""
    rest, overrides, left = [], {}, iter(argv)
    for arg in left:
        if arg != "--set" and not arg.startswith("--set="):
            rest.append(arg)
            continue
        name, equals, value = (next(left, "") if arg == "--set" else arg.removeprefix("--set=")).partition(
            "="
        )
        if not name or not equals:
            raise SettingsError("--set needs name=value, for example --set language=en.")
        overrides[name.replace("-", "_")] = value
    return rest, overrides


def usage() -> str:
    """Return the help text, made from the table."""
    rows = "\n".join(f"  {name:<12} {command.help}" for name, command in COMMANDS.items() if command.help)
    return (
        "usage: operator-console [COMMAND] [--set name=value ...] [options of the command]\n\n"
        f"{rows}\n\n"
        "Without a command operator-console opens the window, ./run plays the demo.\n"
        "Each command explains itself with --help; docs/settings.md lists what --set knows.\n"
        "Guides: docs/panduan.md (for operators, in Indonesian), docs/install.md (for administrators)."
    )
