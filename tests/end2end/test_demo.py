"""The demo as somebody runs it who has no display: it ends by itself and leaves what it promises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.end2end import judge
from tests.end2end.product import ended

OFFICES = 9
WINDOW_PX = (1920, 1080)
PICTURES = ("1-wall.png", "2-spotlight.png", "3-end.png")
SECONDS = 40
DEADLINE_S = 170.0
WITHOUT_NGINX = """
import sys
from operator_console import cli
from operator_console.demo import ingest
ingest.MODULE_PLACES = ()
sys.exit(cli.main(sys.argv[1:]))
"""
"""The command line on a machine that has no RTMP module for nginx."""

pytestmark = pytest.mark.timeout(DEADLINE_S + 10)


class DemoRun:
    """A demo that has ended, and what it left."""

    def __init__(self, top: Path, *, nginx: bool = True) -> None:
        self.output = top / "demo output"
        start = ["-m", "operator_console"] if nginx else ["-c", WITHOUT_NGINX]
        options = ["--offscreen", "--seconds", str(SECONDS), "--output", str(self.output)]
        temporary = top / "tmp"
        temporary.mkdir()
        environment = {**os.environ, "TMPDIR": str(temporary)}
        try:
            done = subprocess.run(
                [sys.executable, *start, "demo", *options],
                env=environment,
                capture_output=True,
                text=True,
                timeout=DEADLINE_S,
            )
        finally:
            left = ended(top)
        self.text = done.stdout
        assert done.returncode == 0, done.stdout + done.stderr
        assert not left
        assert not list(temporary.iterdir()), "its private folder was left behind"

    @property
    def summary(self) -> dict[str, Any]:
        """The figures that were measured."""
        figures: dict[str, Any] = json.loads((self.output / "summary.json").read_text(encoding="utf-8"))
        return figures

    def check_figures(self) -> None:
        """What was measured is there and can be: how good it is depends on the machine."""
        figures = self.summary
        assert figures["participants"] == OFFICES
        assert figures["frames_received"] > 10 * figures["measured_s"] * OFFICES / 2
        assert figures["program_fps"] > 1
        assert 10 < figures["recording_s"] < figures["measured_s"] + 20
        assert 10 < figures["streamed_s"] < figures["measured_s"] + 20
        spent = figures["cpu_ms_per_s"]
        assert all(spent[name] > 0 for name in ("engine", "room", "sources", "window", "offices"))
        assert f"{OFFICES} by real WebRTC" in self.text

    def check_pictures(self) -> None:
        """Three full windows, none of them blank, each another one."""
        found = []
        for name in PICTURES:
            picture = cv2.imread(str(self.output / name))
            assert picture is not None
            assert picture.shape == (WINDOW_PX[1], WINDOW_PX[0], 3)
            assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 2000, f"{name} is nearly blank"
            found.append(picture.astype(np.int16))
        for one, other in combinations(found, 2):
            assert np.abs(one - other).mean() > 1.0

    def check_files(self) -> None:
        """The recording and what the destination got show offices, and last as long as is said."""
        (recording,) = self.output.glob("*.mp4")
        (received,) = (self.output / "stream" / "received").glob("*.flv")
        figures = self.summary
        for path, seconds in ((recording, figures["recording_s"]), (received, figures["streamed_s"])):
            film = judge.decode(path)
            assert abs(film.times_s[-1] - film.times_s[0] - seconds) < 3.0
            # Whoever has the spotlight is alone in the picture for eight seconds.
            speakers = Counter(card for card in film.cards if card is not None)
            assert speakers.most_common(1)[0][1] > 10, speakers
            assert judge.level_db(film.sound) > -45


def test_the_demo_leaves_recording_stream_pictures_and_figures(tmp_path: Path) -> None:
    run = DemoRun(tmp_path)
    assert "nginx-rtmp on this machine" in run.text
    run.check_figures()
    run.check_pictures()
    run.check_files()


def test_without_nginx_the_stream_goes_to_the_file_sink_and_it_says_so(tmp_path: Path) -> None:
    run = DemoRun(tmp_path, nginx=False)
    assert "nginx with the RTMP module is not installed" in run.text
    assert "file sink (nginx-rtmp is not there)" in run.text
    run.check_figures()
    run.check_files()
