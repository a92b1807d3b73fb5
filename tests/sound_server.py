"""A PulseAudio server of a test, in a folder of its own: loudspeakers and microphones without a card."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

START_S = 10.0
I16 = npt.NDArray[np.int16]

ROOM = (
    "module-null-sink sink_name=speaker rate=48000 channels=2",
    "module-null-sink sink_name=micfeed rate=48000 channels=1",
    "module-remap-source source_name=mic master=micfeed.monitor",
)
"""A loudspeaker, and a microphone that hears what is played into `micfeed`."""


def loop(loudspeaker: str, microphone: str) -> str:
    """The module by which a loudspeaker is heard by a microphone, 60 ms later, whatever the defaults are."""
    stay = "source_dont_move=true sink_dont_move=true"
    return (
        f"module-loopback source={loudspeaker}.monitor sink={microphone} latency_msec=60 adjust_time=0 {stay}"
    )


ECHO = loop("speaker", "micfeed")


class SoundServer:
    """The server; PortAudio sees what `names` lists, each a sink or a source of the server."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.environment = {
            "HOME": str(top),
            "XDG_RUNTIME_DIR": str(top),
            "PULSE_SERVER": f"unix:{top}/pulse/native",
        }
        self._modules: tuple[str, ...] = ()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id, 0 while it does not run."""
        return self._process.pid if self._process is not None else 0

    def start(self, *modules: str, names: tuple[str, ...] = ("speaker", "mic"), default: bool = True) -> None:
        """Start it with these modules; `default`: the names speaker and mic are the system's defaults."""
        (self.top / "pulse").mkdir(mode=0o700, exist_ok=True)
        self._modules = modules or self._modules
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=false"]
        command += ["--disable-shm=yes", f"--log-target=file:{self.top}/server.log"]
        socket = f"module-native-protocol-unix auth-anonymous=1 socket={self.top}/pulse/native"
        loads = [word for module in (socket, *self._modules) for word in ("-L", module)]
        self._process = subprocess.Popen([*command, *loads], env=self._clean(), stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_S
        while not self._answers():
            assert time.monotonic() < deadline, "the sound server did not start"
            time.sleep(0.05)
        self.describe(names)
        if default and self._modules[:3] == ROOM:
            self.ctl("set-default-sink", "speaker")
            self.ctl("set-default-source", "mic")

    def _clean(self) -> dict[str, str]:
        """The environment of the server's own programs: they are none of the product's processes."""
        ours = {key: value for key, value in os.environ.items() if not key.startswith("OPERATOR_CONSOLE_")}
        return {**ours, **self.environment, "LC_ALL": "C"}

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "the sound server ended"
        return self._run("info").returncode == 0

    def describe(self, names: tuple[str, ...], default: bool = True) -> None:
        """Tell ALSA, and by that PortAudio, which devices there are."""
        lines = [f"pcm.{name} {{type pulse device {name}}}" for name in names]
        if default:
            lines = ["pcm.!default {type pulse}", "ctl.!default {type pulse}", *lines]
        (self.top / ".asoundrc").write_text("\n".join(lines) + "\n")

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["pactl", *words]
        return subprocess.run(command, env=self._clean(), capture_output=True, text=True, timeout=5)

    def ctl(self, *words: str) -> str:
        """Have `pactl` do something; returns what it printed."""
        done = self._run(*words)
        assert done.returncode == 0, f"pactl {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def has(self, what: str, name: str) -> bool:
        """Whether there is a sink or a source of this name (`what`: sinks or sources)."""
        return any(line.split("\t")[1:2] == [name] for line in self.ctl("list", "short", what).splitlines())

    def load(self, module: str) -> str:
        """Load a module; returns its number."""
        return self.ctl("load-module", *module.split())

    def play(self, sink: str, samples: I16, rate_hz: int = 48_000) -> subprocess.Popen[bytes]:
        """Play mono samples into a sink, once."""
        path = self.top / f"{sink}-{time.monotonic_ns()}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            file.writeframes(samples.tobytes())
        return subprocess.Popen(["paplay", f"--device={sink}", str(path)], env=self._clean())

    def kill(self) -> None:
        """kill -9; returns when it is dead."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(5.0)
        self._process = None

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5.0)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None


@contextlib.contextmanager
def sound_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A server, not started yet; this process and its children find it from now on."""
    top = Path(tempfile.mkdtemp(prefix="oc-sound-"))
    server = SoundServer(top)
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(top, ignore_errors=True)
