"""Checks of this machine: libraries, window, codecs, devices, folders, keyring, database, time."""

from __future__ import annotations

import datetime
import mmap
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
import zoneinfo
from pathlib import Path
from typing import Any

import psutil

from media.probe import ANSWER, HELLO
from operator_console import __version__, paths
from operator_console.doctor.findings import Finding, ProbeError, probe
from operator_console.settings import Settings, SettingsError, time_zone

SOUND_TIMEOUT_S = 10.0  # PortAudio can hang for ever on a broken device
DISK_MIN_BYTES, DISK_LOW_BYTES = 1 << 30, 20 << 30
SOUND_BITRATE_BPS = 128_000
RTMP_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")


def check_program(settings: Settings) -> Finding:
    """Say which versions run on what."""
    del settings
    cores, memory_bytes = os.cpu_count() or 1, psutil.virtual_memory().total
    facts = {"version": __version__, "python": platform.python_version(), "system": platform.platform()}
    says = f"Operator Console {__version__}, Python {facts['python']}, {cores} cores"
    says += f", {memory_bytes / 1e9:.0f} GB memory"
    if cores < 2:
        return Finding("warn", f"{says}.", "One core is too little for a session of more than a few.", facts)
    return Finding("ok", f"{says}.", facts=facts)


def check_libraries(settings: Settings) -> Finding:
    """Import every media library."""
    del settings
    found: dict[str, str] = probe("probe-media", "libraries")
    broken = {name: wrong[1:] for name, wrong in found.items() if wrong.startswith("!")}
    if not broken:
        return Finding("ok", "All media libraries load.", facts=found)
    name, wrong = next(iter(broken.items()))
    hint = "Run ./run again: it installs what is missing."
    if set(broken) <= {"sounddevice"}:
        return Finding(
            "warn", f"There will be no sound devices: {wrong}.", "apt-get install libportaudio2", found
        )
    return Finding("fail", f"{', '.join(broken)} cannot be loaded ({name}: {wrong}).", hint, found)


def check_window(settings: Settings) -> Finding:
    """Start Qt on the platform a window would use."""
    del settings
    try:
        found: dict[str, Any] = probe("probe-qt")
    except ProbeError as error:
        hint = "Is the display of DISPLAY or WAYLAND_DISPLAY running? Without one unset them both."
        return Finding("fail", f"No window can be opened: Qt {error}.", hint)
    if found["missing"]:
        hint = "Run ./run again: it installs the libraries of packaging/apt-run.txt."
        return Finding("fail", f"No window can be opened: {found['missing']}.", hint, found)
    lacking = [name for name in ("svg", "tls") if not found[name]] + [found["playback"]] * bool(
        found["playback"]
    )
    if lacking:
        return Finding(
            "warn", f"Qt works without: {', '.join(lacking)}.", "Install libpulse0 and libxrandr2.", found
        )
    if found["shown_by"] == "offscreen":
        return Finding(
            "warn", "There is no display: the console runs unseen.", "Start it on a desktop.", found
        )
    return Finding("ok", f"A window opens (Qt {found['qt']}, {found['shown_by']}).", facts=found)


def check_codecs(settings: Settings) -> Finding:
    """Encode and decode with every codec the product uses."""
    del settings
    found: dict[str, str] = probe("probe-media", "codecs")
    broken = {name: wrong for name, wrong in found.items() if wrong}
    if broken:
        says = "; ".join(f"{name}: {wrong}" for name, wrong in broken.items())
        return Finding(
            "fail", f"Not every codec works: {says}.", "Reinstall the Python packages: ./run", found
        )
    return Finding("ok", f"{', '.join(found)} encode and decode.", facts=found)


def check_encoders(settings: Settings) -> Finding:
    """Try every hardware encoder in a process of its own."""
    del settings
    works: list[str] = probe("probe-media", "hardware", *paths.self_command("probe-media", "encoder"))
    if works:
        return Finding(
            "ok", f"Hardware encoders that really encode: {', '.join(works)}.", facts={"works": works}
        )
    return Finding("ok", "No hardware encoder works here; the processor encodes (x264).", facts={"works": []})


def check_sound(settings: Settings) -> Finding:
    """List the sound devices, in a process that can be killed."""
    del settings
    try:
        found: dict[str, Any] = probe("sound-devices", timeout_s=SOUND_TIMEOUT_S)
    except ProbeError as error:
        return Finding("warn", f"Sound devices cannot be used: the trial {error}.", "Unplug them one by one.")
    inputs = [device["name"] for device in found["devices"] if device["inputs"]]
    outputs = [device["name"] for device in found["devices"] if device["outputs"]]
    if not inputs or not outputs:
        missing = "microphone" if outputs else "loudspeaker" if inputs else "sound device"
        return Finding(
            "warn", f"There is no {missing}.", "The hall is silent; participants hear each other.", found
        )
    return Finding(
        "ok", f"Microphones: {', '.join(inputs)}. Loudspeakers: {', '.join(outputs)}.", facts=found
    )


def check_cameras(settings: Settings) -> Finding:
    """List the cameras and whether this user may open them."""
    del settings
    if sys.platform != "linux":
        return Finding("ok", "Cameras are found when one is chosen.")
    found = {str(node): os.access(node, os.R_OK | os.W_OK) for node in sorted(Path("/dev").glob("video*"))}
    if not found:
        return Finding("warn", "There is no camera.", "Participants, screens and files still work.")
    if not all(found.values()):
        closed = ", ".join(name for name, allowed in found.items() if not allowed)
        hint = 'Add this user to the group "video" and log in again.'
        return Finding("warn", f"This user may not open {closed}.", hint, found)
    return Finding("ok", f"{len(found)} camera devices.", facts=found)


def check_folders(settings: Settings) -> Finding:
    """See whether data, logs and recordings can be written, and how many hours of recording fit."""
    recordings = paths.recordings_dir(settings)
    folders = {"data_dir": paths.data_dir(settings), "log": paths.log_dir(), "recording_dir": recordings}
    for name, folder in folders.items():
        wrong = unwritable(folder)
        if wrong:
            hint = f"Choose another folder with the setting {name}." if "_" in name else ""
            return Finding("fail", f"The folder {folder} cannot be written: {wrong}.", hint)
    free = free_bytes(recordings)
    hours = free * 8 / (settings.air_bitrate_bps + SOUND_BITRATE_BPS) / 3600
    says = f"{free / 1e9:.0f} GB free in {recordings}: {hours:.0f} hours of recording."
    facts = {"free_bytes": free, "hours": round(hours, 1)}
    if free < DISK_MIN_BYTES:
        return Finding("fail", says, "Make room, or set recording_dir to another disk.", facts)
    if free < DISK_LOW_BYTES:
        return Finding("warn", says, "Make room before a long session.", facts)
    return Finding("ok", says, facts=facts)


def free_bytes(folder: Path) -> int:
    """Return the free room on the disk a folder lies, or would lie, on."""
    return shutil.disk_usage(_existing(folder)).free


def unwritable(folder: Path) -> str:
    """Try to write in a folder, or in its nearest parent that exists; return what was wrong or ""."""
    try:
        with tempfile.TemporaryFile(dir=_existing(folder)) as opened:
            opened.write(b"x")
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _existing(folder: Path) -> Path:
    return next((place for place in (folder, *folder.parents) if place.exists()), Path("/"))


def check_bus(settings: Settings) -> Finding:
    """Pass a few bytes to another process and back through a mapped file in the runtime folder."""
    del settings
    folder = paths.bus_dir()
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.truncate(mmap.PAGESIZE)
        with mmap.mmap(file.fileno(), 0) as mapped:
            mapped[: len(HELLO)] = HELLO
            probe("probe-media", "mapping", file.name)
            if mapped[: len(ANSWER)] != ANSWER:
                return Finding("fail", f"Processes do not see each other's memory in {folder}.")
    return Finding("ok", f"Processes share memory in {folder}.")


def check_keyring(settings: Settings) -> Finding:
    """See whether stream keys can be kept in a keyring."""
    del settings
    import keyring

    backend = keyring.get_keyring()
    name = f"{type(backend).__module__}.{type(backend).__name__}"
    if backend.priority <= 0 or ".null." in name or ".fail." in name:
        hint = "Start a secret service (gnome-keyring, KWallet), or give the stream keys anew at each start."
        return Finding("warn", "There is no keyring: stream keys cannot be kept.", hint, {"backend": name})
    return Finding("ok", f"Stream keys are kept by {name}.", facts={"backend": name})


def check_database(settings: Settings) -> Finding:
    """See whether SQLite can search texts."""
    del settings
    facts = {"sqlite": sqlite3.sqlite_version}
    database = sqlite3.connect(":memory:")
    try:
        database.execute("create virtual table t using fts5(x)")
    except sqlite3.OperationalError as error:
        return Finding("fail", f"SQLite {sqlite3.sqlite_version} cannot search texts: {error}.", "", facts)
    finally:
        database.close()
    return Finding("ok", f"SQLite {sqlite3.sqlite_version} with full-text search.", facts=facts)


def check_time(settings: Settings) -> Finding:
    """See whether the office's time zone is known."""
    try:
        zone = time_zone(settings.timezone)
    except SettingsError as error:
        return Finding("fail", str(error), "Set timezone to Asia/Jakarta, Asia/Makassar or Asia/Jayapura.")
    now = datetime.datetime.now(zone)
    says = f"It is {now:%Y-%m-%d %H:%M %Z} ({settings.timezone})."
    if settings.timezone not in zoneinfo.available_timezones():
        return Finding("warn", says, "There is no time zone data; only Indonesia's zones work.")
    return Finding("ok", says)


def check_demo_server(settings: Settings) -> Finding:
    """See whether nginx with its RTMP module is there for the demo."""
    del settings
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program and RTMP_MODULE.exists():
        return Finding("ok", "nginx can take the demo's livestream.", facts={"nginx": program})
    hint = "apt-get install nginx libnginx-mod-rtmp"
    return Finding("warn", "The demo streams into a file: nginx with its RTMP module is not here.", hint)
