"""A process that records until it is killed or its file may not grow: path, seconds, optionally "fast"."""

from __future__ import annotations

import logging
import os
import resource
import signal
import sys
import time
from pathlib import Path

from media.outputs.recorder import Recorder
from media.outputs.state import OutputState
from tests.media.program_signal import SMALL, SOUND, ProgramSignal


def main() -> None:
    path, seconds, fast = Path(sys.argv[1]), float(sys.argv[2]), len(sys.argv) > 3
    logging.basicConfig(level=logging.CRITICAL)
    if limit := int(os.environ["FILE_LIMIT"]):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    program = ProgramSignal()
    recorder = Recorder(path, SMALL, SOUND, program.request_key)
    begun = time.monotonic()
    while program.tick < seconds * SMALL.fps and recorder.state is not OutputState.FAILED:
        for packet in program.packets(1 / SMALL.fps):
            recorder.push_video(packet)
        print(program.tick, flush=True)
        if not fast:
            time.sleep(max(0.0, begun + program.tick / SMALL.fps - time.monotonic()))
    recorder.stop()
    recorder.join(10)
    status = recorder.status()
    print(status.state, status.reason.code if status.reason else "", flush=True)


if __name__ == "__main__":
    main()
