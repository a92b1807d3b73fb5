"""The sentences of YouTube: why it does not do something, what it finds wrong, how it sees the stream."""

from __future__ import annotations

from ui.i18n import QT_TRANSLATE_NOOP

YOUTUBE: dict[str, str] = {
    "no_client": QT_TRANSLATE_NOOP(
        "Causes",
        "YouTube with an account is not set up here ({file}). IT staff set it up: docs/install.md, "
        "youtube_client_file. Or use a stream key.",
    ),
    "no_keyring": QT_TRANSLATE_NOOP(
        "Causes",
        "This computer has no password store that works. The account can be used for this run only.",
    ),
    "denied": QT_TRANSLATE_NOOP(
        "Causes", "The sign-in was refused in the browser. Sign in again and allow the access."
    ),
    "sign_in_timeout": QT_TRANSLATE_NOOP("Causes", "Nobody signed in within five minutes. Sign in again."),
    "sign_in_forged": QT_TRANSLATE_NOOP(
        "Causes", "An answer came that was not for this sign-in and was not used. Sign in again."
    ),
    "sign_in_cancelled": QT_TRANSLATE_NOOP("Causes", "The sign-in was cancelled."),
    "sign_in_again": QT_TRANSLATE_NOOP(
        "Causes", "YouTube no longer accepts the account. Sign in again; what is being sent goes on."
    ),
    "other_account": QT_TRANSLATE_NOOP(
        "Causes",
        "Another account signed in than the one of the broadcast that runs; it was not taken. "
        "End the broadcast first.",
    ),
    "client_refused": QT_TRANSLATE_NOOP(
        "Causes",
        "Google refuses this office's Cloud project. Ask the administrator to check project and YouTube API.",
    ),
    "scope": QT_TRANSLATE_NOOP(
        "Causes", "The account did not allow to manage YouTube. Sign in again and tick that permission."
    ),
    "no_channel": QT_TRANSLATE_NOOP(
        "Causes", "This account has no YouTube channel. Make one, or sign in with another account."
    ),
    "quota": QT_TRANSLATE_NOOP(
        "Causes",
        "Today's YouTube quota of the office's Cloud project is used up. Go live with the stream key.",
    ),
    "not_enabled": QT_TRANSLATE_NOOP(
        "Causes",
        "This channel may not stream live yet. Enable it in YouTube Studio; that takes up to 24 hours.",
    ),
    "permission": QT_TRANSLATE_NOOP(
        "Causes",
        "YouTube does not let this account do that. Check in YouTube Studio whether it may stream live.",
    ),
    "rate": QT_TRANSLATE_NOOP("Causes", "YouTube asks to wait a little. It is tried again by itself."),
    "too_many": QT_TRANSLATE_NOOP(
        "Causes", "The channel has too many broadcasts. Delete some in YouTube Studio, or use the stream key."
    ),
    "network": QT_TRANSLATE_NOOP(
        "Causes", "YouTube cannot be asked at the moment. It is tried again by itself; check the network."
    ),
    "tls": QT_TRANSLATE_NOOP(
        "Causes", "There is no trusted line to YouTube. Check this machine's date, then ask IT."
    ),
    "server": QT_TRANSLATE_NOOP("Causes", "YouTube has a fault of its own. It is tried again by itself."),
    "answer": QT_TRANSLATE_NOOP(
        "Causes", "YouTube's answer cannot be understood. It is tried again; a login page of the network?"
    ),
    "transition": QT_TRANSLATE_NOOP(
        "Causes", "YouTube cannot switch the broadcast now. Look at it in YouTube Studio. It says: {said}"
    ),
    "gone": QT_TRANSLATE_NOOP(
        "Causes", "YouTube no longer has this broadcast or stream. Make a new broadcast."
    ),
    "refused": QT_TRANSLATE_NOOP(
        "Causes", "YouTube does not take this. Check title, description and picture. It says: {said}"
    ),
    "bad_text": QT_TRANSLATE_NOOP(
        "Causes", "Title up to 100 characters, description up to 5,000, both without the signs < and >."
    ),
    "bad_time": QT_TRANSLATE_NOOP("Causes", "The time must be in the future, within one year."),
    "thumbnail_missing": QT_TRANSLATE_NOOP("Causes", "The picture {file} cannot be read. Choose it again."),
    "thumbnail_size": QT_TRANSLATE_NOOP(
        "Causes", "The picture {file} is larger than 2 MB. Choose a smaller one."
    ),
    "thumbnail_type": QT_TRANSLATE_NOOP(
        "Causes", "The picture {file} is neither JPEG nor PNG. Choose another one."
    ),
    "sends_before": QT_TRANSLATE_NOOP(
        "Causes", "The stream before this one still sends what it held back. Then this broadcast begins."
    ),
    "not_sent": QT_TRANSLATE_NOOP(
        "Causes", "Sending to YouTube cannot be started; it is tried again. Check the disk of this computer."
    ),
    "never_live": QT_TRANSLATE_NOOP(
        "Causes", "The public never saw the broadcast. A planned one stays planned, a new one is deleted."
    ),
    "not_ended": QT_TRANSLATE_NOOP(
        "Causes", "YouTube could not be told of the end. End the broadcast in YouTube Studio."
    ),
    "ended_there": QT_TRANSLATE_NOOP(
        "Causes", "The broadcast was ended at YouTube. Make a new broadcast to go live again."
    ),
}

TRUTH: dict[str, str] = {
    "not_arriving": QT_TRANSLATE_NOOP(
        "Causes", "We send, but YouTube gets nothing: the public sees no picture. Check uplink and firewall."
    ),
    "bad_health": QT_TRANSLATE_NOOP(
        "Causes", "We send, but YouTube calls the stream bad: the public sees it stutter. Check the uplink."
    ),
    "not_public": QT_TRANSLATE_NOOP(
        "Causes", "YouTube gets the stream, but the public does not see it. Look at it in YouTube Studio."
    ),
    "still_arriving": QT_TRANSLATE_NOOP(
        "Causes",
        "We do not send, but YouTube gets a stream. Does another machine use the same stream key?",
    ),
}

HEALTH: dict[str, str] = {
    "good": QT_TRANSLATE_NOOP("Youtube", "YouTube: the stream is good"),
    "ok": QT_TRANSLATE_NOOP("Youtube", "YouTube: the stream works, with faults"),
    "bad": QT_TRANSLATE_NOOP("Youtube", "YouTube: the stream is bad"),
    "noData": QT_TRANSLATE_NOOP("Youtube", "YouTube: nothing arrives"),
    "revoked": QT_TRANSLATE_NOOP("Youtube", "YouTube: the stream was blocked"),
}
"""status.healthStatus.status of a stream, shown while it is active."""

ARRIVAL: dict[str, str] = {
    "created": QT_TRANSLATE_NOOP("Youtube", "YouTube: waits for the stream"),
    "ready": QT_TRANSLATE_NOOP("Youtube", "YouTube: waits for the stream"),
    "active": QT_TRANSLATE_NOOP("Youtube", "YouTube: the stream arrives"),
    "inactive": QT_TRANSLATE_NOOP("Youtube", "YouTube: nothing arrives"),
    "error": QT_TRANSLATE_NOOP("Youtube", "YouTube: the stream cannot be used"),
}
"""status.streamStatus."""

# https://developers.google.com/youtube/v3/live/docs/liveStreams/health_status_messages
ISSUES: dict[str, str] = {
    "audioBitrateHigh": QT_TRANSLATE_NOOP("Youtube", "The sound's bit rate is higher than YouTube advises."),
    "audioBitrateLow": QT_TRANSLATE_NOOP("Youtube", "The sound's bit rate is lower than YouTube advises."),
    "audioBitrateMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "Main and backup line carry sound of different bit rates."
    ),
    "audioCodec": QT_TRANSLATE_NOOP("Youtube", "The sound is coded in a way YouTube does not take; use AAC."),
    "audioCodecMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "Main and backup line carry sound that is coded differently."
    ),
    "audioSampleRate": QT_TRANSLATE_NOOP("Youtube", "The sound's sample rate should be 44.1 or 48 kHz."),
    "audioSampleRateMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "Main and backup line carry sound of different sample rates."
    ),
    "audioStereoMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "One of main and backup line is mono, the other stereo."
    ),
    "audioTooManyChannels": QT_TRANSLATE_NOOP(
        "Youtube", "The sound has more than two channels; use mono or stereo."
    ),
    "badContainer": QT_TRANSLATE_NOOP("Youtube", "The stream is packed in a way YouTube does not take."),
    "bitrateHigh": QT_TRANSLATE_NOOP("Youtube", "The stream's bit rate is higher than YouTube advises."),
    "bitrateLow": QT_TRANSLATE_NOOP(
        "Youtube", "The stream's bit rate is lower than YouTube advises: the picture may look poor."
    ),
    "frameRateHigh": QT_TRANSLATE_NOOP(
        "Youtube", "More pictures a second than YouTube takes; use at most 60."
    ),
    "framerateMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "Main and backup line carry different numbers of pictures a second."
    ),
    "gopMismatch": QT_TRANSLATE_NOOP("Youtube", "Main and backup line have different key picture intervals."),
    "gopSizeLong": QT_TRANSLATE_NOOP(
        "Youtube", "Key pictures are too far apart: viewers may wait. Use every 4 seconds or less."
    ),
    "gopSizeOver": QT_TRANSLATE_NOOP(
        "Youtube", "Key pictures come too seldom: the picture may stall. Use every 4 seconds or less."
    ),
    "gopSizeShort": QT_TRANSLATE_NOOP(
        "Youtube", "Key pictures come too often: the picture may look poor. Use every 2 seconds."
    ),
    "interlacedVideo": QT_TRANSLATE_NOOP("Youtube", "The picture is interlaced; send whole pictures."),
    "multipleAudioStreams": QT_TRANSLATE_NOOP("Youtube", "The stream has more than one sound; send one."),
    "multipleVideoStreams": QT_TRANSLATE_NOOP("Youtube", "The stream has more than one picture; send one."),
    "noAudioStream": QT_TRANSLATE_NOOP("Youtube", "No sound arrives at YouTube."),
    "noVideoStream": QT_TRANSLATE_NOOP("Youtube", "No picture arrives at YouTube."),
    "openGop": QT_TRANSLATE_NOOP("Youtube", "Pictures refer past key pictures (open GOP); use closed ones."),
    "resolutionMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "Main and backup line carry pictures of different sizes."
    ),
    "videoBitrateMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "Main and backup line carry pictures of different bit rates."
    ),
    "videoCodec": QT_TRANSLATE_NOOP(
        "Youtube", "The picture is coded in a way YouTube does not take; use H.264."
    ),
    "videoCodecMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "Main and backup line carry pictures that are coded differently."
    ),
    "videoIngestionFasterThanRealtime": QT_TRANSLATE_NOOP(
        "Youtube", "The stream arrives faster than time passes; after an outage this goes by itself."
    ),
    "videoIngestionStarved": QT_TRANSLATE_NOOP(
        "Youtube", "Too little arrives at YouTube: viewers see it stop and buffer. Check the uplink."
    ),
    "videoInterlaceMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "One of main and backup line is interlaced, the other is not."
    ),
    "videoProfileMismatch": QT_TRANSLATE_NOOP(
        "Youtube", "Main and backup line use different H.264 profiles."
    ),
    "videoResolutionSuboptimal": QT_TRANSLATE_NOOP(
        "Youtube", "The picture's size is not one that YouTube advises; 1280×720 is."
    ),
    "videoResolutionUnsupported": QT_TRANSLATE_NOOP(
        "Youtube", "The picture's size is not supported by YouTube; use 1280×720."
    ),
}
"""status.healthStatus.configurationIssues[].type: all that are documented (34)."""
