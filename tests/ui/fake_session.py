"""Sessions for the fake engine: offices of a regency, hands, a lobby, outputs that run, figures."""

from __future__ import annotations

import os
from typing import Any

from operator_console import protocol as p
from operator_console.session import facts as f
from operator_console.session.model import HallSound, Layout, LayoutKind, OutputPhase, Presence
from tests.ui.fake_engine import FakeEngine, now_ms
from tests.ui.fake_rules import decide


def seat(engine: FakeEngine, number: int, name: str, office: str, **report: bool) -> str:
    """Let somebody join up to the wall; returns his id."""
    who = f"p{number}"
    engine.tell(
        f.ParticipantKnocked(participant_id=who, name=name, office=office, consent=True),
        f.ParticipantAdmitted(participant_id=who),
        f.ParticipantConnected(participant_id=who),
        f.CameraReported(participant_id=who, on=report.get("camera", True)),
        f.MicrophoneReported(participant_id=who, on=report.get("mic", False)),
    )
    quality = "weak" if report.get("weak") else "good"
    link = p.Link(
        quality=quality,
        codec="H264",
        width_px=320,
        height_px=180,
        fps=15.0,
        video_kbps=148 + number % 7,
        audio_kbps=24,
        loss_percent=0.3 if quality == "good" else 4.2,
        rtt_ms=41.0 if quality == "good" else 210.0,
        jitter_ms=6.0,
        frames=5400,
        late_frames=3,
        agent="Chrome 149 · Android",
        wanted="tile",
    )
    engine.observe_all({f"link.{who}": link, f"media.{who}": place_of(number)})
    return who


def place_of(number: int) -> p.MediaPlace:
    """Place of a participant on the fake bus."""
    return p.MediaPlace(tile=("video-room0", 2 * number + 1), audio=("audio-room0", number))


OFFICES = (
    ("Kec. Astambul", "Hj. Rahmawati"),
    ("Kec. Martapura", "Drs. H. Syaifuddin"),
    ("Kec. Gambut", "M. Ilham"),
    ("Kec. Kertak Hanyar", "Ir. Hadi Pranoto"),
    ("Kec. Sungai Tabuk", "Norhayati"),
    ("Desa Sungai Alang", "Pak Suryadi"),
    ("Kec. Karang Intan", "Ahmad Fauzi"),
    ("Kec. Aranio", "Rusdiansyah"),
    ("Kec. Pengaron", "Siti Aminah"),
    ("Bappedalitbang", "Yusuf Kalla"),
    ("Dinas PUPR", "Dewi Lestari"),
    ("Dinas Kesehatan", "dr. Wahyuni"),
    ("Dinas Pendidikan", "H. Gusti Noor"),
    ("Desa Mandikapau", "Syahrani"),
    ("Kec. Mataraman", "Abdul Basit"),
    ("Kec. Simpang Empat", "Hj. Masniah"),
    ("Kec. Sambung Makmur", "Sri Mulyani"),
    ("Desa Awang Bangkal", "Jumiati"),
    ("BPBD Kab. Banjar", "Irwan Kumar"),
    ("Kec. Paramasan", "Yulianus"),
    ("Kec. Beruntung Baru", "H. Anang"),
    ("Kec. Aluh-Aluh", "H. Syamsul"),
    ("Kec. Tatah Makmur", "Fitriani"),
    ("Desa Tiwingan", "Salamah"),
    ("RSUD Ratu Zalecha", "dr. Topik"),
    ("Diskominfo", "Rizky"),
    ("Dinas Sosial", "Kartini"),
    ("Kec. Cintapuri", "Mahyuni"),
)


def fill(engine: FakeEngine, feeds: int, *, busy: bool = True) -> None:
    """A session with so many feeds, some hands up, some in the lobby, outputs running."""
    start = now_ms() - 4_364_000
    engine.tell(
        f.SessionOpened(
            session_id="s1",
            title="Musrenbang RKPD Kabupaten Banjar 2027",
            office="Ruang Pusat Kendali",
            timezone="Asia/Makassar",
        ),
        at_ms=start,
    )
    for number in range(1, feeds + 1):
        office, name = OFFICES[(number - 1) % len(OFFICES)]
        seat(
            engine,
            number,
            name,
            office,
            mic=number in (1, 4, 8, 15, 21, 28),
            camera=number not in (11, 17, 26),
            weak=number in (5, 11, 13),
        )
    if not busy:
        return
    for wait_s, number in ((271, 6), (178, 13), (80, 4), (15, 22)):
        if number <= feeds:
            engine.tell(f.HandRaised(participant_id=f"p{number}"), at_ms=now_ms() - wait_s * 1000)
    for number, who in enumerate(
        (
            "H. Khairul Anam|Kec. Telaga Bauntung",
            "Noorhasanah|Desa Tambak Baru",
            "Arif Rahman|PT Air Minum Intan Banjar",
        )
    ):
        name, office = who.split("|")
        engine.tell(f.ParticipantKnocked(participant_id=f"l{number}", name=name, office=office))
    engine.tell(*decide(engine.state, p.SetSpotlight(source_id="p1"))[0], at_ms=now_ms() - 134_000)
    engine.tell(*decide(engine.state, p.SetPreview(layout=_side_by_side()))[0])
    engine.tell(*decide(engine.state, p.StartRecording())[0], at_ms=start)
    live = p.StartLivestream(
        destination_id="YouTube", name="YouTube", url="rtmps://a.rtmps.youtube.com/live2"
    )
    engine.tell(*decide(engine.state, live)[0], at_ms=start + 140_000)
    for title in ("Pembukaan", "Sambutan Bupati", "Paparan Bappedalitbang"):
        engine.tell(f.ChapterMarked(title=title))
    observe_machine(engine)


def _side_by_side() -> Layout:
    return Layout(kind=LayoutKind.SIDE_BY_SIDE, sources=("p6", "p12"))


def observe_machine(engine: FakeEngine) -> None:
    """Figures of a healthy engine."""
    recording = engine.state.recording
    running = recording is not None and recording.phase is OutputPhase.STARTED
    connected = sum(x.presence is Presence.CONNECTED for x in engine.state.participants.values())
    seconds = (now_ms() - recording.started_at_ms) / 1000 if running and recording else 0.0
    engine.observe_all(
        {
            "room": {
                "state": "running",
                "url": "https://192.168.10.5:8443/",
                "port": 8443,
                "connected": connected,
            },
            "program": {
                "fps": 30.0,
                "late_frames": 4,
                "frames": 131_000,
                "encode_ms": 7.1,
                "air_kbps": 4012.0,
                "return_kbps": 498.0,
                "skew_ms": 6.0,
            },
            "mixer": {"late_ticks": 0, "ticks": now_ms() // 10, "open": 6},
            "recorder": {
                "phase": "started",
                "path": recording.path if recording else "",
                "seconds": seconds,
                "bytes": int(seconds * 512_000),
                "dropped": 0,
                "verified_ago_s": 2,
            }
            if running
            else None,
            "stream.YouTube": {
                "phase": "started",
                "on_air": True,
                "since_ms": now_ms() - 4_200_000,
                "kbps": 4512.0,
                "sent_bytes": 2_200_000_000,
                "dropped": 0,
            }
            if engine.state.livestreams
            else None,
            "machine": {
                "engine_pid": os.getpid(),
                "cpu_percent": 41.0,
                "disk_free_bytes": 412_000_000_000,
                "disk_hours": 171.0,
                "uplink_kbps": 4600.0,
                "workers": {},
            },
        }
    )


def sound_devices() -> list[p.SoundDevice]:
    """What a conference room has plugged in."""
    return [
        p.SoundDevice(name="Jabra Speak 750", inputs=1, outputs=2, rate_hz=16_000),
        p.SoundDevice(name="Mikrofon meja (USB)", inputs=2, default_input=True),
        p.SoundDevice(name="Pengeras suara aula", outputs=2, default_output=True),
        p.SoundDevice(name="Headset operator", inputs=1, outputs=2, rate_hz=44_100),
    ]


def hall_figures(**changes: Any) -> dict[str, Any]:
    """The observation `hall_sound` of a hall that works."""
    device = {"rate_hz": 48_000, "channels": 1, "level_db": -21.0, "state": "running"}
    figures = {
        "state": "running",
        "input": device | {"wanted": "", "name": "Mikrofon meja (USB)", "channels": 2},
        "output": device | {"wanted": "", "name": "Pengeras suara aula", "channels": 2},
        "monitor": device | {"wanted": "-", "name": "", "state": "off"},
        "operator": device | {"wanted": "-", "name": "", "state": "off"},
        "echo": {
            "mode": "full",
            "fallen_back": False,
            "erle_db": 31.4,
            "delay_ms": 84.0,
            "drift_ppm": -12.3,
            "echo_present": True,
        },
        "duplex": False,
        "restarts": 0,
        "xruns": 0,
        "since_ms": now_ms() - 600_000,
    }
    return figures | changes


def hall_on(engine: FakeEngine, **hall: Any) -> None:
    """Turn the hall's sound on, with devices and figures."""
    engine.tell(f.HallSoundSet(hall=HallSound(on=True, **hall)))
    engine.observe_all(
        {
            "hall_sound": hall_figures(),
            "devices": sound_devices(),
            "media.hall": p.MediaPlace(audio=(p.HALL_AUDIO, 0)),
            "media.operator": p.MediaPlace(audio=(p.HALL_AUDIO, 1)),
        }
    )
