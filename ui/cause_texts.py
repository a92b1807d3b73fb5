"""The sentences of all codes: what happened and what the operator can do."""

from __future__ import annotations

from ui.i18n import QT_TRANSLATE_NOOP

RECORDING: dict[str, str] = {
    "disk_full": QT_TRANSLATE_NOOP(
        "Causes", "The disk is full. Make room on it, or choose another folder in the settings."
    ),
    "quota": QT_TRANSLATE_NOOP(
        "Causes", "This user's share of the disk is used up. Make room, or ask the administrator for more."
    ),
    "file_too_large": QT_TRANSLATE_NOOP(
        "Causes", "The disk takes no file larger than this. Choose a folder on another disk in the settings."
    ),
    "not_writable": QT_TRANSLATE_NOOP(
        "Causes", "This user may not write in the folder. Choose another one in the settings."
    ),
    "read_only": QT_TRANSLATE_NOOP(
        "Causes", "The disk is write-protected. Take the protection off, or choose another folder."
    ),
    "folder_missing": QT_TRANSLATE_NOOP(
        "Causes", "The folder is not there. Plug its disk in again, or choose another folder in the settings."
    ),
    "file_exists": QT_TRANSLATE_NOOP(
        "Causes", "A file of this name is there already. Start the recording again."
    ),
    "disk_error": QT_TRANSLATE_NOOP(
        "Causes", "The disk refuses to write. Check it and its cable, or choose another folder."
    ),
    "disk_stuck": QT_TRANSLATE_NOOP(
        "Causes", "The disk does not answer. Check it and its cable, or choose another folder."
    ),
    "muxer": QT_TRANSLATE_NOOP(
        "Causes", "The file could not be written. Start the recording again, in another folder if it repeats."
    ),
    "internal": QT_TRANSLATE_NOOP(
        "Causes", "The recorder failed through a fault of this program. Start the recording again."
    ),
    "not_synced": QT_TRANSLATE_NOOP(
        "Causes",
        "The disk does not confirm what is written; it is tried again. Check it and its cable, "
        "or choose another folder.",
    ),
    "damaged": QT_TRANSLATE_NOOP(
        "Causes",
        "A part of this file may be missing on the disk. Go on in a new file, on another disk if it repeats.",
    ),
    "file_gone": QT_TRANSLATE_NOOP(
        "Causes",
        "Somebody deleted or moved the file, or its folder, while it was written. "
        "Leave the recordings alone while they run.",
    ),
    "engine_ended": QT_TRANSLATE_NOOP(
        "Causes", "The engine ended unexpectedly. The recording goes on in a new file."
    ),
    "unfinished": QT_TRANSLATE_NOOP(
        "Causes", "The file was not finished in time. What was written can be played; check the disk."
    ),
    "split": QT_TRANSLATE_NOOP("Causes", "No new file could be begun. The recording goes on in the old one."),
    "disk_low": QT_TRANSLATE_NOOP(
        "Causes", "The disk is nearly full; the file was finished in good order. Make room on it."
    ),
}

REPAIR: dict[str, str] = {
    "missing": QT_TRANSLATE_NOOP("Causes", "The file is not there any more."),
    "empty": QT_TRANSLATE_NOOP("Causes", "It was cut off before its first picture."),
    "no_room": QT_TRANSLATE_NOOP(
        "Causes", "Its disk has no room for a copy. It can be played; make room and start the engine again."
    ),
    "damaged": QT_TRANSLATE_NOOP("Causes", "It cannot be read. Keep the file, and tell the administrator."),
    "folder": QT_TRANSLATE_NOOP(
        "Causes", "Its folder cannot be reached or written. Plug its disk in and start the engine again."
    ),
    "changed": QT_TRANSLATE_NOOP(
        "Causes",
        "It is not the file that was closed: somebody changed it, so it is not sealed. "
        "Keep it, and tell the administrator.",
    ),
}

LIVESTREAM: dict[str, str] = {
    "tls_wrong_host": QT_TRANSLATE_NOOP(
        "Causes", "The destination's certificate is for another name. Check the destination's address."
    ),
    "tls_expired": QT_TRANSLATE_NOOP(
        "Causes",
        "The destination's certificate has expired. Check this machine's date, then tell who runs it.",
    ),
    "tls_untrusted": QT_TRANSLATE_NOOP(
        "Causes", "This machine does not trust the destination's certificate. Check the address, or ask IT."
    ),
    "tls": QT_TRANSLATE_NOOP(
        "Causes", "The destination does not encrypt (TLS) there. Check the address and port."
    ),
    "dns": QT_TRANSLATE_NOOP(
        "Causes", "The destination's name is not found. Check the address and this machine's network."
    ),
    "timeout": QT_TRANSLATE_NOOP("Causes", "The destination does not answer. Check network and firewall."),
    "refused": QT_TRANSLATE_NOOP(
        "Causes", "The destination refuses connections. Check address and port, and whether its server runs."
    ),
    "closed": QT_TRANSLATE_NOOP(
        "Causes", "The destination broke the connection off. If it repeats, look at the destination's page."
    ),
    "closed_at_once": QT_TRANSLATE_NOOP(
        "Causes", "The destination ends the stream at once. Check the stream key and the broadcast there."
    ),
    "network": QT_TRANSLATE_NOOP(
        "Causes", "No way leads from here to the destination. Check this machine's network."
    ),
    "protocol": QT_TRANSLATE_NOOP("Causes", "The destination does not speak RTMP there. Check the address."),
    "rejected": QT_TRANSLATE_NOOP(
        "Causes", "The destination rejects the stream. Check address and stream key. It says: {said}"
    ),
    "publish_refused": QT_TRANSLATE_NOOP(
        "Causes", "The destination does not take the stream. Is the key in use already? It says: {said}"
    ),
    "stalled": QT_TRANSLATE_NOOP(
        "Causes",
        "The stream does not get through. Check the uplink, or lower the video rate in the settings.",
    ),
    "starved": QT_TRANSLATE_NOOP(
        "Causes", "The program gives no pictures: viewers see a still one. See the line at the bottom."
    ),
    "narrow": QT_TRANSLATE_NOOP(
        "Causes",
        "The line is too narrow even for the smallest picture: viewers see a still one. "
        "Check the uplink, or lower the lowest video rate in the settings.",
    ),
    "stopped": QT_TRANSLATE_NOOP("Causes", "The livestream was stopped."),
    "internal": QT_TRANSLATE_NOOP(
        "Causes", "The livestream failed through a fault of this program. Go live again."
    ),
    "no_stream_key": QT_TRANSLATE_NOOP(
        "Causes", "The stream key was not kept over the restart. Go live again and enter the key."
    ),
    "bad_address": QT_TRANSLATE_NOOP(
        "Causes", "The destination's address is not right. Mend it in the settings, then go live again."
    ),
    "unknown_destination": QT_TRANSLATE_NOOP(
        "Causes", "The destination is no longer in the settings. Add it, then go live again."
    ),
    "not_resumed": QT_TRANSLATE_NOOP(
        "Causes", "The livestream could not be taken up after the restart. Go live again."
    ),
}

THERE, HERE, BETWEEN = "there", "here", "between"
SIDES: dict[str, str] = {
    THERE: QT_TRANSLATE_NOOP("Causes", "The fault lies with the destination."),
    HERE: QT_TRANSLATE_NOOP("Causes", "The fault lies on this machine."),
    BETWEEN: QT_TRANSLATE_NOOP("Causes", "The fault lies here, there or on the way."),
}
FAULTS: dict[str, str] = {
    "tls_wrong_host": THERE,
    "tls_expired": THERE,
    "tls_untrusted": THERE,
    "tls": THERE,
    "dns": BETWEEN,
    "timeout": BETWEEN,
    "refused": THERE,
    "closed": THERE,
    "closed_at_once": THERE,
    "network": HERE,
    "protocol": THERE,
    "rejected": THERE,
    "publish_refused": THERE,
    "stalled": BETWEEN,
    "starved": HERE,
    "narrow": BETWEEN,
    "stopped": HERE,
    "internal": HERE,
    "no_stream_key": HERE,
    "bad_address": HERE,
    "unknown_destination": HERE,
    "not_resumed": HERE,
}
"""On whose side each fault of a livestream is to be looked for."""

SOURCE: dict[str, str] = {
    "file_missing": QT_TRANSLATE_NOOP(
        "Causes", "The file {file} is not there. Put it back, or remove this source and choose another file."
    ),
    "file_name": QT_TRANSLATE_NOOP(
        "Causes", "The file's name cannot be used. Rename the file and add it again."
    ),
    "file_forbidden": QT_TRANSLATE_NOOP(
        "Causes", "This user may not read the file {file}. Copy it to a folder of this user."
    ),
    "file_unreadable": QT_TRANSLATE_NOOP(
        "Causes", "The file {file} is damaged, or no picture, video or sound. Play it elsewhere to check it."
    ),
    "file_empty": QT_TRANSLATE_NOOP(
        "Causes", "The file {file} has neither picture nor sound. Choose another file."
    ),
    "file_broken": QT_TRANSLATE_NOOP(
        "Causes", "The file {file} is damaged from here on. Copy it anew, then add it again."
    ),
    "camera_closed": QT_TRANSLATE_NOOP(
        "Causes", "The camera cannot be opened. Plug it in, and close other programs that use it."
    ),
    "camera_lost": QT_TRANSLATE_NOOP(
        "Causes", "The camera gives no picture any more. Check its cable; it comes back by itself."
    ),
    "microphone_missing": QT_TRANSLATE_NOOP(
        "Causes", "There is no such microphone. Plug it in, or add another one."
    ),
    "microphone_closed": QT_TRANSLATE_NOOP(
        "Causes", "The microphone cannot be opened. Close other programs that use it."
    ),
    "microphone_lost": QT_TRANSLATE_NOOP(
        "Causes", "The microphone gives no sound any more. Check its cable; it comes back by itself."
    ),
    "no_sound_library": QT_TRANSLATE_NOOP(
        "Causes", "Sound devices cannot be used: PortAudio is not installed. Ask the administrator."
    ),
    "network_address": QT_TRANSLATE_NOOP(
        "Causes",
        "The address of a network camera must look like rtsp://host/path. Remove it and add it anew.",
    ),
    "network_password": QT_TRANSLATE_NOOP(
        "Causes", "The network camera asks for a password. Set up a stream without one on the camera."
    ),
    "network_no_stream": QT_TRANSLATE_NOOP(
        "Causes", "The network camera has no stream of this name. Check the path in its address."
    ),
    "network_refused": QT_TRANSLATE_NOOP(
        "Causes", "The network camera refuses the connection. Check address and port, and that it is on."
    ),
    "network_closed": QT_TRANSLATE_NOOP(
        "Causes", "The network camera cannot be reached. Check its address, power and network cable."
    ),
    "network_empty": QT_TRANSLATE_NOOP(
        "Causes", "The network camera sends neither picture nor sound. Check its settings."
    ),
    "network_lost": QT_TRANSLATE_NOOP(
        "Causes",
        "The network camera sends nothing any more. Check power and network; it comes back by itself.",
    ),
    "screen_missing": QT_TRANSLATE_NOOP(
        "Causes", "There is no screen to capture here. Log in at the desktop of this machine."
    ),
    "screen_wayland": QT_TRANSLATE_NOOP(
        "Causes", "This desktop (Wayland) lets no program capture the screen. Log in with an X11 session."
    ),
    "screen_window": QT_TRANSLATE_NOOP(
        "Causes", "{window} is not the number of a window. Choose the window again."
    ),
    "screen_closed": QT_TRANSLATE_NOOP(
        "Causes", "The screen or window cannot be captured. Choose it again, and see that the window is open."
    ),
    "screen_lost": QT_TRANSLATE_NOOP(
        "Causes", "The screen or window gives no picture any more. See that the window is still open."
    ),
    "no_such_card": QT_TRANSLATE_NOOP("Causes", "There is no test card {card}. Use hall, flash or a number."),
    "ended": QT_TRANSLATE_NOOP(
        "Causes", "The source has ended. Remove it, and add it again if it is needed."
    ),
    "crashed": QT_TRANSLATE_NOOP(
        "Causes",
        "This source made its program crash three times and stays closed. Remove it and use another.",
    ),
    "bus": QT_TRANSLATE_NOOP(
        "Causes", "The picture cannot be passed on: the memory for pictures is full. Close other programs."
    ),
    "internal": QT_TRANSLATE_NOOP(
        "Causes", "The source failed through a fault of this program. Remove it and add it again."
    ),
}

ROOM: dict[str, str] = {
    "port_taken": QT_TRANSLATE_NOOP(
        "Causes",
        "Another program uses port {port}. Nobody can join. End that program (or the other console), or "
        "choose another “Port of the join page” in the settings and restart the engine. It is tried on.",
    ),
    "port_forbidden": QT_TRANSLATE_NOOP(
        "Causes", "This user may not open port {port}. Choose a port above 1023 in the settings."
    ),
    "address": QT_TRANSLATE_NOOP(
        "Causes", "Address {host}, port {port} cannot be opened. Check the network and the setting join_host."
    ),
    "worker_lost": QT_TRANSLATE_NOOP(
        "Causes", "The join page's program ended and is started again. Participants come back by themselves."
    ),
    "worker_unusable": QT_TRANSLATE_NOOP(
        "Causes", "The join page finds no folder or certificate to use. Check disk space and the data folder."
    ),
}

CERTIFICATE: dict[str, str] = {
    "unreadable": QT_TRANSLATE_NOOP(
        "Causes", "The certificate {certificate} cannot be read. Check tls_cert; a local certificate is used."
    ),
    "key": QT_TRANSLATE_NOOP(
        "Causes", "The key {key} does not fit its certificate. Check tls_key; a local certificate is used."
    ),
    "expired": QT_TRANSLATE_NOOP(
        "Causes", "The certificate {certificate} is not valid today. Renew it; a local certificate is used."
    ),
    "other_host": QT_TRANSLATE_NOOP(
        "Causes", "The certificate is not for {host}. Get one for this name; a local certificate is used."
    ),
    "expires_soon": QT_TRANSLATE_NOOP(
        "Causes", "The certificate {certificate} expires in {days} days. Ask for a new one now."
    ),
}

JOURNAL: dict[str, str] = {
    "unwritable": QT_TRANSLATE_NOOP(
        "Causes", "Nothing can be switched meanwhile. Check disk space and the rights of the data folder."
    ),
    "file_gone": QT_TRANSLATE_NOOP(
        "Causes",
        "All of it goes to {file} in the data folder. After the session keep that for the administrator.",
    ),
    "no_copy": QT_TRANSLATE_NOOP(
        "Causes",
        "No copy can be written. Do not end the console; check disk space and rights of the data folder.",
    ),
}

DAMAGE: dict[str, str] = {
    "journal_damaged": QT_TRANSLATE_NOOP(
        "Causes",
        "The journal was damaged. A new one was begun; keep the old one, {file}, for the administrator.",
    ),
    "session_unreadable": QT_TRANSLATE_NOOP(
        "Causes", "The last session cannot be read at fact {fact} and was not taken up. Open a new session."
    ),
    "chain_broken": QT_TRANSLATE_NOOP(
        "Causes", "The record of this session was changed at fact {fact}. Tell the administrator."
    ),
}

PROGRAM: dict[str, str] = {
    "memory": QT_TRANSLATE_NOOP(
        "Causes", "The memory for pictures is used up. Close other programs on this machine."
    ),
    "encoder": QT_TRANSLATE_NOOP(
        "Causes",
        "The encoder does not work. Check picture size and preset in the settings, then start again.",
    ),
    "internal": QT_TRANSLATE_NOOP(
        "Causes", "The picture failed through a fault of this program and is begun again by itself."
    ),
}

WORKER: dict[str, str] = {
    "exit": QT_TRANSLATE_NOOP("Causes", "The source's program ended (code {status}) and is started again."),
    "killed": QT_TRANSLATE_NOOP(
        "Causes", "The source's program was ended (signal {signal}) and is started again."
    ),
    "gone": QT_TRANSLATE_NOOP("Causes", "The source's program is gone and is started again."),
}

SETTING: dict[str, str] = {
    "unknown": QT_TRANSLATE_NOOP("Causes", "There is no setting {name}. Update this window."),
    "kind": QT_TRANSLATE_NOOP("Causes", "{name}: this value cannot be used. Enter another one."),
    "one_of": QT_TRANSLATE_NOOP("Causes", "{name}: choose one of {choices}."),
    "range": QT_TRANSLATE_NOOP("Causes", "{name}: enter a number from {low} to {high}."),
    "even": QT_TRANSLATE_NOOP("Causes", "{name}: enter an even number."),
    "zone": QT_TRANSLATE_NOOP(
        "Causes", "{name}: choose Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)."
    ),
    "port_range": QT_TRANSLATE_NOOP("Causes", "{name}: enter ports from 1024 to 65535, such as 40000-40999."),
    "ip_address": QT_TRANSLATE_NOOP(
        "Causes", "{name}: {address} is no IP address. Enter one such as 192.168.1.5."
    ),
    "turn_url": QT_TRANSLATE_NOOP("Causes", "{name}: enter an address such as turn:host:3478."),
    "minutes": QT_TRANSLATE_NOOP(
        "Causes", "{name}: enter three numbers of minutes, the largest first, such as 240,60,15."
    ),
    "web_url": QT_TRANSLATE_NOOP("Causes", "{name}: enter an address such as https://host/path."),
    "name_twice": QT_TRANSLATE_NOOP("Causes", "Two destinations have one name. Give each a name of its own."),
    "no_name": QT_TRANSLATE_NOOP("Causes", "A destination has no name. Give each destination a name."),
    "stream_url": QT_TRANSLATE_NOOP(
        "Causes", "{destination}: enter an address such as rtmps://host/app, without the key."
    ),
    "key_in_url": QT_TRANSLATE_NOOP(
        "Causes", "{destination}: the stream key is in the address. Take it out and enter it as the key."
    ),
    "folder": QT_TRANSLATE_NOOP("Causes", "{name}: enter the whole path of a folder."),
    "too_long": QT_TRANSLATE_NOOP("Causes", "{name}: too long, enter at most {most} characters."),
    "locked": QT_TRANSLATE_NOOP(
        "Causes", "{name} is fixed by the administrator. Ask the administrator to change it."
    ),
    "needs_certificate": QT_TRANSLATE_NOOP(
        "Causes", "A key file needs its certificate: set tls_cert as well."
    ),
    "unsaved": QT_TRANSLATE_NOOP(
        "Causes", "{file} cannot be written. Check disk space and the folder's rights."
    ),
    "file": QT_TRANSLATE_NOOP(
        "Causes", "The settings file {file} cannot be used. Ask the administrator to mend it."
    ),
}

REQUEST: dict[str, str] = {
    "unknown_command": QT_TRANSLATE_NOOP(
        "Causes", "The engine knows no command {command}. Close this window and start the console again."
    ),
    "bad_command": QT_TRANSLATE_NOOP(
        "Causes",
        "The engine cannot read the command {command}. Close this window and start the console again.",
    ),
}
