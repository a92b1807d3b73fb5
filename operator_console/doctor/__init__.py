"""`operator-console doctor`: says what works on this machine, as text or as JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json as json_module
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from operator_console import __version__
from operator_console.doctor import machine, network
from operator_console.doctor.findings import Finding, ProbeError
from operator_console.settings import Settings, SettingsError, load_settings

_log = logging.getLogger(__name__)

PARALLEL = 4
CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "program": machine.check_program,
    "libraries": machine.check_libraries,
    "window": machine.check_window,
    "codecs": machine.check_codecs,
    "encoders": machine.check_encoders,
    "sound": machine.check_sound,
    "cameras": machine.check_cameras,
    "folders": machine.check_folders,
    "shared memory": machine.check_bus,
    "database": machine.check_database,
    "keyring": machine.check_keyring,
    "time": machine.check_time,
    "join port": network.check_join_port,
    "media ports": network.check_media_ports,
    "certificate": network.check_certificate,
    "TURN": network.check_turn,
    "demo server": machine.check_demo_server,
}


def main(argv: list[str], overrides: dict[str, str]) -> int:
    """Run the command line `doctor [--json]`."""
    parser = argparse.ArgumentParser("operator-console doctor", description="Say what works on this machine.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    logging.disable(logging.CRITICAL)  # what goes wrong is said in the findings
    return run_doctor(parser.parse_args(argv).json, overrides)


def run_doctor(json: bool, overrides: Mapping[str, str] | None = None) -> int:
    """Run all checks, print what they found, and return 0 where nothing essential fails, else 1."""
    findings = examine(overrides)
    worst_is_fine = all(finding.status != "fail" for finding in findings.values())
    print(as_json(findings, worst_is_fine) if json else as_text(findings, worst_is_fine))
    return 0 if worst_is_fine else 1


def examine(overrides: Mapping[str, str] | None = None) -> dict[str, Finding]:
    """Return what each check found; broken settings are a finding too, built-in ones then stand in."""
    findings = {}
    try:
        settings = load_settings(overrides)
    except SettingsError as error:
        settings = Settings()
        findings["settings"] = Finding("fail", str(error), "docs/settings.md lists what can be set.")
    with ThreadPoolExecutor(PARALLEL) as pool:
        running = {name: pool.submit(_run, check, settings) for name, check in CHECKS.items()}
        return findings | {name: future.result() for name, future in running.items()}


def _run(check: Callable[[Settings], Finding], settings: Settings) -> Finding:
    """Run one check; this is the place where an error in it becomes a finding."""
    try:
        return check(settings)
    except ProbeError as error:
        return Finding("fail", f"The trial {error}.", "Run ./run again: it installs what is missing.")
    except Exception as error:  # noqa: BLE001 (top of a check; the others go on)
        _log.exception("A check of the doctor broke")
        return Finding("fail", f"{type(error).__name__}: {error}")


def as_text(findings: Mapping[str, Finding], worst_is_fine: bool) -> str:
    """Return the findings as a table with a hint under each that needs one."""
    lines = []
    for name, finding in findings.items():
        lines.append(f"  {finding.status:<5} {name:<14} {finding.says}")
        if finding.hint and finding.status != "ok":
            lines.append(f"{'':23}{finding.hint}")
    verdict = "A session can be run here." if worst_is_fine else "A session cannot be run here yet."
    window = findings.get("window")
    if worst_is_fine and window is not None and window.facts.get("shown_by") == "offscreen":
        verdict = (
            "The engine can run a session here, but the window needs a display: start it on a desktop, or "
            "run without a window: operator-console keeper (./run keeper)"
        )
    return "\n".join([*lines, verdict])


def as_json(findings: Mapping[str, Finding], worst_is_fine: bool) -> str:
    """Return the findings as one JSON object."""
    checks = [{"name": name} | dataclasses.asdict(finding) for name, finding in findings.items()]
    return json_module.dumps({"version": __version__, "ok": worst_is_fine, "checks": checks}, indent=1)
