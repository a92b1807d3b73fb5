"""The one table of settings: name, type, default, help; where values come from; who may change them."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import json
import logging
import os
import re
import tomllib
import zoneinfo
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

from operator_console import paths
from operator_console.secret_shapes import looks_secret
from operator_console.whole_files import write_private

_log = logging.getLogger(__name__)

_ENV_PREFIX = "OPERATOR_CONSOLE_"
_USER_FILE = "config.toml"
_ENGINE_FILE = "engine-settings.toml"
_FILE_MAX_BYTES = 1 << 20
_VALUE_MAX_CHARS = 4000
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")

# Indonesia's zones have no daylight saving: they work without a time zone database (bare Debian, Windows).
_ZONES = {"Asia/Jakarta": (7, "WIB"), "Asia/Makassar": (8, "WITA"), "Asia/Jayapura": (9, "WIT")}


class SettingCode(StrEnum):
    """What is wrong with a setting, for whoever words it."""

    UNKNOWN = "unknown"
    KIND = "kind"
    ONE_OF = "one_of"
    RANGE = "range"
    EVEN = "even"
    ZONE = "zone"
    PORT_RANGE = "port_range"
    IP_ADDRESS = "ip_address"
    TURN_URL = "turn_url"
    WEB_URL = "web_url"
    MINUTES = "minutes"
    NAME_TWICE = "name_twice"
    NO_NAME = "no_name"
    STREAM_URL = "stream_url"
    KEY_IN_URL = "key_in_url"
    FOLDER = "folder"
    TOO_LONG = "too_long"
    LOCKED = "locked"
    NEEDS_CERTIFICATE = "needs_certificate"
    UNSAVED = "unsaved"
    FILE = "file"


class SettingsError(Exception):
    """A setting cannot be used or changed; the text is a plain English sentence, `args` are its figures."""

    def __init__(self, text: str, code: SettingCode = SettingCode.FILE, **args: str) -> None:
        super().__init__(text)
        self.code, self.details = code, args


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value: the end of a sentence, and its code and figures."""

    text: str
    code: SettingCode
    args: dict[str, str] = dataclasses.field(default_factory=dict)


Check = Callable[[Any], Fault | None]


@dataclasses.dataclass(frozen=True, slots=True)
class Destination:
    """A livestream destination; its stream key lies in the keyring under `name`, never here."""

    name: str
    url: str
    backup_url: str = ""
    """Second address of the same destination, tried by turns with the first; empty: there is none."""


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. `check` returns what is wrong with a value."""

    name: str
    type: type
    default: Any
    help: str
    check: Check | None
    live: bool
    """Whether a change counts at once, also inside an open session; all others are frozen for its time."""


def _one_of(*choices: str) -> Check:
    fault = Fault(f"must be one of {', '.join(choices)}", SettingCode.ONE_OF, {"choices": ", ".join(choices)})
    return lambda value: None if value in choices else fault


def _between(low: int, high: int, *, even: bool = False) -> Check:
    def check(value: int) -> Fault | None:
        if not low <= value <= high:
            text = f"must lie between {low} and {high}"
            return Fault(text, SettingCode.RANGE, {"low": str(low), "high": str(high)})
        return Fault("must be even", SettingCode.EVEN) if even and value % 2 else None

    return check


def _split_mb(value: int) -> Fault | None:
    return _between(1, 1_000_000)(value) if value else None


def _zone(value: str) -> Fault | None:
    try:
        time_zone(value)
    except SettingsError:
        text = "is not a known time zone; use Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)"
        return Fault(text, SettingCode.ZONE)
    return None


def _port_range(value: str) -> Fault | None:
    if not value:
        return None
    found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", value)
    if not found or not 1024 <= int(found[1]) <= int(found[2]) <= 65535:
        return Fault('must look like "40000-40999", within 1024 and 65535', SettingCode.PORT_RANGE)
    return None


def _ip_addresses(value: tuple[str, ...]) -> Fault | None:
    for address in value:
        try:
            ipaddress.ip_address(address)
        except ValueError:
            text = f'must be IP addresses with commas between, as "192.168.1.5"; {address} is none'
            return Fault(text, SettingCode.IP_ADDRESS, {"address": address[:64]})
    return None


def _turn_url(value: str) -> Fault | None:
    if value and not re.fullmatch(r"turns?:[\w.:\[\]-]+(\?transport=(udp|tcp))?", value):
        text = 'must look like "turn:host:3478" or "turns:host:5349?transport=tcp"'
        return Fault(text, SettingCode.TURN_URL)
    return None


def _minutes(value: tuple[str, ...]) -> Fault | None:
    good = len(value) == 3 and all(re.fullmatch(r"\d{1,5}", one) for one in value)
    if good and sorted(map(int, value), reverse=True) == [int(one) for one in value]:
        return None
    return Fault("must be three numbers of minutes, the largest first, as 240,60,15", SettingCode.MINUTES)


def _web_url(value: str) -> Fault | None:
    """Tokens go there: encrypted, or to this machine (a test server)."""
    if re.fullmatch(r"https://[\w.:\[\]-]+(/[\w./-]*)?|http://127\.0\.0\.1(:\d{1,5})?(/[\w./-]*)?", value):
        return None
    return Fault('must look like "https://host/path"', SettingCode.WEB_URL)


def key_in_address(url: str) -> bool:
    """Whether the end of a livestream address is a stream key: addresses stand in the journal, keys never.

    Pure.
    """
    return looks_secret(url.rstrip("/").rpartition("/")[2])


def _folder(value: str) -> Fault | None:
    """A whole path; `~` and `~name` only of users that are known."""
    try:
        if not value or ("\0" not in value and Path(value).expanduser().is_absolute()):
            return None
    except RuntimeError:  # no such user
        pass
    text = 'must be the whole path of a folder, as "/srv/recordings"'
    return Fault(text, SettingCode.FOLDER)


def _stream_urls(value: tuple[Destination, ...]) -> Fault | None:
    names = [destination.name for destination in value]
    if len(set(names)) < len(names):
        return Fault("must not use one name twice", SettingCode.NAME_TWICE)
    for destination in value:
        if not destination.name.strip():
            return Fault("must give every destination a name", SettingCode.NO_NAME)
        for field in ("url", "backup_url"):
            url = getattr(destination, field)
            args = {"destination": destination.name[:64], "field": field}
            if field == "backup_url" and not url:
                continue
            if not re.fullmatch(r"rtmps?://[\w.:\[\]-]+(/[^\s/@]+){1,3}/?", url):
                text = f'needs an address like "rtmps://host/app" for "{destination.name}", without the key'
                return Fault(text, SettingCode.STREAM_URL, args)
            if key_in_address(url):
                text = f'has a stream key in the address of "{destination.name}"; enter the key as the key'
                return Fault(text, SettingCode.KEY_IN_URL, args)
    return None


def _set(default: Any, text: str, check: Check | None = None, *, live: bool = False) -> Any:
    return dataclasses.field(default=default, metadata={"help": text, "check": check, "live": live})


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a run, validated. The fields are the table; SETTINGS is the same as rows."""

    language: str = _set("id", "Language of the console: id or en.", _one_of("id", "en"), live=True)
    timezone: str = _set("Asia/Jakarta", "Time zone of shown times and of the minutes.", _zone)
    office_name: str = _set("", "Name of this office, shown on the join page and in the minutes.")
    data_dir: str = _set(
        "", "Folder of the journal, library and certificates. Empty: the user's data folder.", _folder
    )
    confirm_end_session: bool = _set(True, "Ask before a session is ended.", live=True)
    confirm_go_live: bool = _set(True, "Ask before a livestream is started.", live=True)
    confirm_stop_output: bool = _set(True, "Ask before a recording or livestream is stopped.", live=True)
    confirm_remove: bool = _set(True, "Ask before a participant is removed.", live=True)

    join_host: str = _set("0.0.0.0", "Address the join page listens on.")  # noqa: S104 (offices join by network)
    join_port: int = _set(8443, "Port of the join page (HTTPS).", _between(1, 65535))
    join_public_host: str = _set("", "Host name or address in invite links. Empty: this machine's address.")
    tls_cert: str = _set("", "Certificate file (PEM) of the join page. Empty: the console's own authority.")
    tls_key: str = _set("", "Private key file (PEM) of tls_cert. Empty: in the same file.")
    lobby: bool = _set(True, "Participants wait in the lobby until the operator admits them.")
    max_participants: int = _set(150, "Most participants in one session.", _between(1, 1000))

    rtc_addresses: tuple[str, ...] = _set(
        (), "Addresses offered for media. Empty: all of this machine.", _ip_addresses
    )
    rtc_port_range: str = _set("", 'UDP ports of media, as "40000-40999". Empty: any.', _port_range)
    turn_url: str = _set("", 'TURN server, as "turn:host:3478". Empty: none.', _turn_url)
    turn_user: str = _set("", "User name at the TURN server; its password lies in the keyring.")
    prefer_codec: str = _set("h264", "Video codec asked of browsers first.", _one_of("h264", "vp8"))

    air_width: int = _set(1280, "Width of the program picture (px).", _between(320, 1920, even=True))
    air_height: int = _set(720, "Height of the program picture (px).", _between(180, 1080, even=True))
    air_fps: int = _set(30, "Pictures per second of the program.", _between(5, 60))
    air_bitrate_bps: int = _set(
        4_000_000, "Video rate of recording and livestream (bit/s).", _between(300_000, 20_000_000)
    )
    encoder_preset: str = _set(
        "superfast",
        "x264 preset of the program; faster ones cost picture quality.",
        _one_of("ultrafast", "superfast", "veryfast", "faster"),
    )
    return_width: int = _set(640, "Width of the picture sent back (px).", _between(160, 1920, even=True))
    return_height: int = _set(360, "Height of the picture sent back (px).", _between(90, 1080, even=True))
    return_fps: int = _set(15, "Pictures per second sent back to participants.", _between(5, 60))
    return_bitrate_bps: int = _set(
        500_000, "Video rate sent back to each participant (bit/s).", _between(100_000, 8_000_000)
    )
    tile_width: int = _set(320, "Width asked of a feed on the wall (px).", _between(80, 1280, even=True))
    tile_height: int = _set(180, "Height asked of a feed on the wall (px).", _between(44, 720, even=True))
    tile_fps: int = _set(15, "Pictures per second asked of a feed on the wall.", _between(1, 30))
    tile_bitrate_bps: int = _set(
        150_000, "Video rate asked of a feed on the wall (bit/s).", _between(30_000, 2_000_000)
    )
    spotlight_bitrate_bps: int = _set(
        1_500_000, "Video rate asked of the feed on air (bit/s).", _between(150_000, 8_000_000)
    )

    hall_sound: bool = _set(False, "Whether the hall's loudspeakers and microphones are used.", live=True)
    hall_input: str = _set(
        "", "The hall's microphone, by name. Empty: the system's default; -: none.", live=True
    )
    hall_output: str = _set(
        "", "The hall's loudspeakers, by name. Empty: the system's default; -: none.", live=True
    )
    monitor_output: str = _set(
        "-", "Headphones of the operator, by name. Empty: the default; -: none.", live=True
    )
    operator_input: str = _set("-", "Microphone of the operator for talkback, by name. -: none.", live=True)
    echo_mode: str = _set(
        "full",
        "Echo canceller: full (both sides may talk at once), strong, or off.",
        _one_of("full", "strong", "off"),
        live=True,
    )
    noise_suppression: bool = _set(False, "Take steady noise out of the hall's microphones.", live=True)
    gain_control: bool = _set(False, "Keep the hall's microphones at one level.", live=True)
    push_to_talk: bool = _set(False, "The hall is heard only while the talk key is held.", live=True)
    duck_inactive: bool = _set(
        False, "Turn open microphones down softly while nobody speaks into them.", live=True
    )

    alarm_silent_s: int = _set(
        10, "Alarm after so many seconds without sound on program (s). 0: never.", _between(0, 600), live=True
    )
    alarm_silent_db: int = _set(
        -60, "Peaks below this count as no sound (dBFS).", _between(-90, -20), live=True
    )
    alarm_black_s: int = _set(
        5, "Alarm after so many seconds of black program (s). 0: never.", _between(0, 600), live=True
    )
    alarm_frozen_s: int = _set(
        10,
        "Alarm after so many seconds in which nothing moves on program that should (s). 0: never.",
        _between(0, 600),
        live=True,
    )
    alarm_sound: bool = _set(
        False, "The console beeps until an alarm of the program is acknowledged.", live=True
    )

    recording_dir: str = _set(
        "", "Folder of the recordings. Empty: with the data, or the user's videos folder.", _folder, live=True
    )
    second_recording_dir: str = _set(
        "",
        "Second folder of the recordings, on another disk or in the network. Empty: none.",
        _folder,
        live=True,
    )
    second_recording: str = _set(
        "both",
        "What the second folder is for: both (the recording is written to both folders at once) or "
        "reserve (only when the first one fails).",
        _one_of("both", "reserve"),
        live=True,
    )
    recording_split_minutes: int = _set(
        240,
        "A recording goes on in a new file after so many minutes. 0: never.",
        _between(0, 24 * 60),
        live=True,
    )
    recording_split_mb: int = _set(
        0, "A recording goes on in a new file at this size (MB). 0: at no size.", _split_mb, live=True
    )
    iso_width: int = _set(
        640,
        "Width asked of a feed that is recorded by itself (px). 0: what is sent anyway, a tile at least.",
        _between(0, 1920, even=True),
    )
    iso_height: int = _set(
        360, "Height asked of a feed that is recorded by itself (px).", _between(0, 1080, even=True)
    )
    iso_fps: int = _set(
        15, "Pictures per second asked of a feed that is recorded by itself.", _between(1, 30)
    )
    iso_bitrate_bps: int = _set(
        600_000, "Video rate asked of a feed that is recorded by itself (bit/s).", _between(30_000, 8_000_000)
    )
    disk_warn_minutes: tuple[str, ...] = _set(
        ("240", "60", "15"),
        "Warn when so many minutes of recording are left on the disk; at the last, isolated recordings end.",
        _minutes,
        live=True,
    )
    disk_reserve_mb: int = _set(
        2000,
        "Room that recordings leave on their disk (MB): at this they are finished cleanly. 0: no limit.",
        _between(0, 1_000_000),
        live=True,
    )
    disk_iso_reserve_mb: int = _set(
        4000,
        "With so little room on the disk (MB) isolated recordings end too, long before the program's.",
        _between(0, 1_000_000),
        live=True,
    )
    destinations: tuple[Destination, ...] = _set(
        (),
        "Livestream destinations (name and address); the key lies in the keyring.",
        _stream_urls,
        live=True,
    )
    live_destinations: tuple[str, ...] = _set(
        (), "Destinations that were ticked when a livestream was started last.", live=True
    )
    youtube_client_file: str = _set(
        "",
        "File (JSON) of the OAuth client of the office's own Google Cloud project, for YouTube with an "
        "account. Empty: none.",
        live=True,
    )
    youtube_api_url: str = _set(
        "https://www.googleapis.com/youtube/v3", "Where the YouTube API is.", _web_url
    )
    youtube_upload_url: str = _set(
        "https://www.googleapis.com/upload/youtube/v3", "Where YouTube takes thumbnails.", _web_url
    )
    youtube_auth_url: str = _set(
        "https://accounts.google.com/o/oauth2/v2/auth", "Page where an account is signed in.", _web_url
    )
    youtube_token_url: str = _set(
        "https://oauth2.googleapis.com/token",
        "Where Google gives tokens; `revoke` beside it takes them back.",
        _web_url,
    )
    livestream_delay_s: int = _set(
        0,
        "The livestream goes out so many seconds late; counts for streams begun after it is set.",
        _between(0, 60),
        live=True,
    )
    air_min_bitrate_bps: int = _set(
        1_500_000,
        "Lowest video rate that a narrow line may press recording and livestream to (bit/s).",
        _between(200_000, 20_000_000),
        live=True,
    )
    uplink_bps: int = _set(
        0,
        "What this office's line can send (bit/s). 0: not known, then judged by what is lost.",
        _between(0, 1_000_000_000),
        live=True,
    )


def _table() -> tuple[Setting, ...]:
    kinds = get_type_hints(Settings)
    return tuple(
        Setting(f.name, kinds[f.name], f.default, **f.metadata) for f in dataclasses.fields(Settings)
    )


SETTINGS: tuple[Setting, ...] = _table()
_BY_NAME: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


def load_settings(overrides: Mapping[str, object] | None = None) -> Settings:
    """Return the settings: built-in < site file < user file < environment < `overrides` (command line).

    What the site file locks, the layers above it cannot change: an override is refused, the rest is ignored
    with a log line. Raises SettingsError with a sentence that names the place of the bad value.
    """
    site, locked = _site_layer()
    values: dict[str, object] = dict(site)
    layers = (
        (str(user_file()), _file_layer(user_file())),
        ("the environment", _environment_layer()),
        (
            "the command line",
            {name: _parse(name, v, "the command line") for name, v in (overrides or {}).items()},
        ),
    )
    for place, layer in layers:
        for name in sorted(locked & layer.keys()):
            if place == "the command line":
                raise SettingsError(f"{name} is fixed by the administrator in {paths.site_file()}.")
            _log.info("%s in %s is ignored: the administrator has fixed it", name, place)
        values |= {name: value for name, value in layer.items() if name not in locked}
    settings = Settings(**values)  # type: ignore[arg-type]
    _check_together(settings)
    return settings


def engine_file() -> Path:
    """Return where an engine keeps the settings it works with, from its start to its orderly end."""
    return paths.runtime_dir() / _ENGINE_FILE


def freeze(settings: Settings) -> None:
    """Keep the settings of this engine for its workers and for the engine after a crash.

    Raises SettingsError where the file cannot be written.
    """
    file = engine_file()
    try:
        lines = (f"{s.name} = {_toml(getattr(settings, s.name))}\n" for s in SETTINGS)
        write_private(file, "".join(lines).encode())
    except OSError as error:
        raise SettingsError(f"The settings cannot be kept in {file}: {error.strerror}.") from error


def frozen_settings() -> Settings | None:
    """Return the settings of the running (or cut off) engine, None where there are none that can be used."""
    try:
        values = _file_layer(engine_file())
        return Settings(**values) if values else None  # type: ignore[arg-type]
    except SettingsError as error:
        _log.error("%s It is not used.", error)
        return None


def with_live(frozen: Settings, overrides: Mapping[str, object] | None = None) -> Settings:
    """Return frozen settings, but for those that may change live or stand on this command line.

    Where the files cannot be read any more, all are as they were frozen.
    """
    given = {name: _parse(name, v, "the command line") for name, v in (overrides or {}).items()}
    try:
        now = load_settings(overrides)
    except SettingsError as error:
        _log.error("%s The settings of the open session stay in use.", error)
        return frozen
    live = {setting.name: getattr(now, setting.name) for setting in SETTINGS if setting.live}
    return dataclasses.replace(frozen, **(live | given))


def load_worker_settings(overrides: Mapping[str, object] | None = None) -> Settings:
    """Return the settings of the engine a worker works for; without an engine as `load_settings`."""
    return frozen_settings() or load_settings(overrides)


def overridden_settings(overrides: Mapping[str, object]) -> frozenset[str]:
    """Return the names whose saved value does not count: command line or environment give another."""
    return frozenset(overrides) | {name for name in _BY_NAME if _ENV_PREFIX + name.upper() in os.environ}


def locked_settings() -> frozenset[str]:
    """Return the names the administrator has fixed in the site file."""
    return _site_layer()[1]


def save_user_setting(name: str, value: object) -> None:
    """Write one setting to the user's file, atomically; SettingsError where it is wrong or locked."""
    parsed = _parse(name, value, "this change")
    if len(_toml(parsed)) > _VALUE_MAX_CHARS:
        text = f"{name} is too long; {_VALUE_MAX_CHARS} characters at most."
        raise SettingsError(text, SettingCode.TOO_LONG, most=str(_VALUE_MAX_CHARS))
    if name in locked_settings():
        text = f"{name} is fixed by the administrator in {paths.site_file()}."
        raise SettingsError(text, SettingCode.LOCKED)
    file = user_file()
    values = _file_layer(file) | {name: parsed}
    _check_together(Settings(**{key: value for key, value in values.items() if key in _BY_NAME}))  # type: ignore[arg-type]
    text = "".join(f"{key} = {_toml(values[key])}\n" for key in _BY_NAME if key in values)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(file, text.encode())
    except OSError as error:
        text = f"The setting cannot be saved in {file}: {error.strerror}."
        raise SettingsError(text, SettingCode.UNSAVED, file=str(file)) from error


def user_file() -> Path:
    """Return the user's settings file, whether it exists or not."""
    return paths.config_dir() / _USER_FILE


def time_zone(name: str) -> datetime.tzinfo:
    """Return the zone of that name; Indonesia's three work without a zone database. Raises SettingsError."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        if name in _ZONES:
            hours, short = _ZONES[name]
            return datetime.timezone(datetime.timedelta(hours=hours), short)
    raise SettingsError(f'"{name}" is not a known time zone.', SettingCode.ZONE)


def as_markdown() -> str:
    """Return docs/settings.md, generated from the table."""
    rows = "".join(
        f"| `{s.name}` | {_kind(s.type)} | `{_toml(s.default)}` | {'yes' if s.live else ''} | {s.help} |\n"
        for s in SETTINGS
    )
    return (
        "# Settings\n\n"
        "Generated from its table by `.venv/bin/python -m operator_console.settings`.\n\n"
        "Later wins: built-in < `/etc/operator-console/site.toml` < the user's `config.toml` <\n"
        f"environment `{_ENV_PREFIX}<NAME>` < command line `--set name=value`. What the site file names in\n"
        '`[policy] locked = ["name", ...]` nobody can change above it. No file holds a secret.\n'
        f"In the environment and on the command line a list is `a,b` and a destination `name=address`.\n\n"
        "A session keeps the settings it was opened with, also when an engine is started again after a\n"
        "crash. Those marked live count at once; the others from the next start of the engine.\n\n"
        "| name | type | default | live | what it does |\n|---|---|---|---|---|\n" + rows
    )


def _site_layer() -> tuple[dict[str, object], frozenset[str]]:
    file = paths.site_file()
    raw = _read(file)
    policy = raw.pop("policy", {})
    locked = policy.get("locked", []) if isinstance(policy, dict) else None
    if not isinstance(locked, list) or not all(isinstance(name, str) for name in locked):
        text = f'[policy] in {file} must look like: locked = ["name", "name"].'
        raise SettingsError(text, file=str(file))
    return _known(raw, file), frozenset(locked)


def _file_layer(file: Path) -> dict[str, object]:
    return _known(_read(file), file)


def _known(raw: dict[str, object], file: Path) -> dict[str, object]:
    """Return the parsed values; a name of another version is left out with a warning, not an error."""
    for name in sorted(raw.keys() - _BY_NAME.keys()):
        _log.warning("%s has no setting called %s; it is ignored", file, name)
    return {name: _parse(name, value, str(file)) for name, value in raw.items() if name in _BY_NAME}


def _read(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            content = opened.read(_FILE_MAX_BYTES + 1)
        if len(content) > _FILE_MAX_BYTES:
            raise SettingsError(f"{file} is larger than a settings file can be.", file=str(file))
        return tomllib.loads(content.decode())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.", file=str(file)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not a valid settings file: {error}.", file=str(file)) from error


def _environment_layer() -> dict[str, object]:
    layer = {}
    for name in _BY_NAME:
        variable = _ENV_PREFIX + name.upper()
        if variable in os.environ:
            layer[name] = _parse(name, os.environ[variable], variable)
    return layer


def _parse(name: str, value: object, place: str) -> object:
    """Return the value in its type, from text or from TOML; SettingsError names setting and place."""
    if name not in _BY_NAME:
        raise SettingsError(f"There is no setting called {name}.", SettingCode.UNKNOWN)
    setting = _BY_NAME[name]
    parsed = _convert(setting.type, value)
    if parsed is None:
        raise SettingsError(f"{name} in {place} must be {_kind(setting.type)}.", SettingCode.KIND)
    wrong = setting.check(parsed) if setting.check else None
    if wrong:
        raise SettingsError(f"{name} in {place} {wrong.text}.", wrong.code, **wrong.args)
    return parsed


def _convert(kind: type, value: object) -> object | None:
    if kind is str:
        return value if isinstance(value, str) and value.isprintable() else None
    if kind is bool:
        return _to_bool(value)
    if kind is int:
        return _to_int(value)
    if kind == tuple[str, ...]:
        return _to_texts(value)
    return _to_destinations(value)


def _to_bool(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    text = value.strip().lower() if isinstance(value, str) else ""
    return text in _YES if text in _YES + _NO else None


def _to_int(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d[\d_]{0,15}\s*", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _to_texts(value: object) -> tuple[str, ...] | None:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        return None
    return tuple(part.strip() for part in parts if part.strip())


def _to_destinations(value: object) -> tuple[Destination, ...] | None:
    if isinstance(value, str):
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        return tuple(Destination(name.strip(), url.strip()) for name, _, url in pairs)
    if not isinstance(value, (list, tuple)):
        return None
    found = [_to_destination(entry) for entry in value]
    return tuple(d for d in found if d) if all(found) else None


def _to_destination(entry: object) -> Destination | None:
    if isinstance(entry, Destination):
        return entry
    if not isinstance(entry, dict) or not {"name", "url"} <= entry.keys() <= {"name", "url", "backup_url"}:
        return None
    if not all(isinstance(value, str) for value in entry.values()):
        return None
    return Destination(entry["name"], entry["url"], entry.get("backup_url", ""))


def _check_together(settings: Settings) -> None:
    if settings.tls_key and not settings.tls_cert:
        text = "tls_key needs the certificate it belongs to: set tls_cert too."
        raise SettingsError(text, SettingCode.NEEDS_CERTIFICATE)


def _kind(kind: type) -> str:
    names = {
        str: "text",
        bool: "true or false",
        int: "a whole number",
        tuple[str, ...]: "a list of texts",
        tuple[Destination, ...]: "a list of destinations, each with name and url",
    }
    return names[kind]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):  # TOML's basic strings are JSON's, but for the DEL character
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Destination):
        backup = f", backup_url = {_toml(value.backup_url)}" if value.backup_url else ""
        return f"{{name = {_toml(value.name)}, url = {_toml(value.url)}{backup}}}"
    assert isinstance(value, tuple), value
    return "[" + ", ".join(_toml(item) for item in value) + "]"


if __name__ == "__main__":
    print(as_markdown(), end="")
