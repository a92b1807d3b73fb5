"""Names of the settings as the dialog shows them, in tabs; the others are for the configuration file."""

from __future__ import annotations

from ui.i18n import QT_TRANSLATE_NOOP

GENERAL = QT_TRANSLATE_NOOP("SettingNames", "General")
JOIN = QT_TRANSLATE_NOOP("SettingNames", "Joining")
PICTURE = QT_TRANSLATE_NOOP("SettingNames", "Picture")
OUTPUT = QT_TRANSLATE_NOOP("SettingNames", "Recording")
LINE = QT_TRANSLATE_NOOP("SettingNames", "Line out")
ALARMS = QT_TRANSLATE_NOOP("SettingNames", "Alarms")

GROUPS: dict[str, dict[str, str]] = {
    GENERAL: {
        "language": QT_TRANSLATE_NOOP("SettingNames", "Language"),
        "timezone": QT_TRANSLATE_NOOP("SettingNames", "Time zone"),
        "office_name": QT_TRANSLATE_NOOP("SettingNames", "Name of this office"),
        "confirm_end_session": QT_TRANSLATE_NOOP("SettingNames", "Ask before a session is ended"),
        "confirm_go_live": QT_TRANSLATE_NOOP("SettingNames", "Ask before going live"),
        "confirm_stop_output": QT_TRANSLATE_NOOP("SettingNames", "Hold for 2 seconds to stop an output"),
        "confirm_remove": QT_TRANSLATE_NOOP("SettingNames", "Ask before somebody is removed"),
    },
    JOIN: {
        "join_public_host": QT_TRANSLATE_NOOP("SettingNames", "Host name in invitation links"),
        "join_port": QT_TRANSLATE_NOOP("SettingNames", "Port of the join page"),
        "lobby": QT_TRANSLATE_NOOP("SettingNames", "Participants wait in the lobby"),
        "max_participants": QT_TRANSLATE_NOOP("SettingNames", "Most participants"),
        "rtc_port_range": QT_TRANSLATE_NOOP("SettingNames", "UDP ports of media"),
        "turn_url": QT_TRANSLATE_NOOP("SettingNames", "TURN server"),
        "turn_user": QT_TRANSLATE_NOOP("SettingNames", "User name at the TURN server"),
    },
    PICTURE: {
        "air_width": QT_TRANSLATE_NOOP("SettingNames", "Width of the program (px)"),
        "air_height": QT_TRANSLATE_NOOP("SettingNames", "Height of the program (px)"),
        "air_fps": QT_TRANSLATE_NOOP("SettingNames", "Pictures per second"),
        "air_bitrate_bps": QT_TRANSLATE_NOOP("SettingNames", "Video rate of the program"),
        "encoder_preset": QT_TRANSLATE_NOOP("SettingNames", "Encoder preset"),
        "prefer_codec": QT_TRANSLATE_NOOP("SettingNames", "Codec asked of browsers"),
    },
    OUTPUT: {
        "recording_dir": QT_TRANSLATE_NOOP("SettingNames", "Folder of the recordings"),
        "second_recording_dir": QT_TRANSLATE_NOOP("SettingNames", "Second folder of the recordings"),
        "second_recording": QT_TRANSLATE_NOOP("SettingNames", "The second folder is for"),
        "recording_split_minutes": QT_TRANSLATE_NOOP("SettingNames", "New file after (minutes)"),
        "recording_split_mb": QT_TRANSLATE_NOOP("SettingNames", "New file at a size of (MB)"),
    },
    LINE: {
        "livestream_delay_s": QT_TRANSLATE_NOOP("SettingNames", "Delay of the livestream (seconds)"),
        "air_min_bitrate_bps": QT_TRANSLATE_NOOP("SettingNames", "Lowest video rate on a narrow line"),
        "uplink_bps": QT_TRANSLATE_NOOP("SettingNames", "What this office's line can send (0: not known)"),
    },
    ALARMS: {
        "alarm_silent_s": QT_TRANSLATE_NOOP("SettingNames", "Program silent for so many seconds (0: never)"),
        "alarm_black_s": QT_TRANSLATE_NOOP("SettingNames", "Program black for so many seconds (0: never)"),
        "alarm_frozen_s": QT_TRANSLATE_NOOP("SettingNames", "Program frozen for so many seconds (0: never)"),
        "alarm_sound": QT_TRANSLATE_NOOP("SettingNames", "Beep until an alarm is acknowledged"),
    },
}
"""Tab -> setting -> name. Destinations have a tab of their own."""

NOT_SHOWN: frozenset[str] = frozenset(
    {
        "alarm_silent_db",
        "live_destinations",
        "data_dir",
        "destinations",
        "youtube_client_file",
        "youtube_api_url",
        "youtube_upload_url",
        "youtube_auth_url",
        "youtube_token_url",
        "join_host",
        "tls_cert",
        "tls_key",
        "rtc_addresses",
        "return_width",
        "return_height",
        "return_fps",
        "return_bitrate_bps",
        "tile_width",
        "tile_height",
        "tile_fps",
        "tile_bitrate_bps",
        "spotlight_bitrate_bps",
        "hall_sound",
        "hall_input",
        "hall_output",
        "monitor_output",
        "operator_input",
        "echo_mode",
        "noise_suppression",
        "gain_control",
        "push_to_talk",
        "duck_inactive",
        "iso_width",
        "iso_height",
        "iso_fps",
        "iso_bitrate_bps",
        "disk_warn_minutes",
        "disk_reserve_mb",
        "disk_iso_reserve_mb",
    }
)
"""Settings for the configuration file, where a wrong value costs a session, and those of the hall's sound: it
has a dialog of its own."""
